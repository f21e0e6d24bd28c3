//! What the core refuses somebody is in the log: who wanted what, and why not. What is wrong in itself is
//! no refusal, and a loop of refusals is a number.

use std::sync::Arc;

use auth::{AuditQuery, Session};
use wire::{ApiKeyChange, AuditEvent, AuditOutcome, Permission, Resource, RoleDraft, RoleName};

use crate::api_key::{key_for, made};
use crate::invitation::{add_role, admin, give_role, session_of};
use crate::role::{change, gives, grant, make, set_role};
use crate::support::*;
use crate::tenant::tenant;

const ROOT: &str = "root@example.com";
const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

/// Every refusal so far.
async fn refusals(house: &House) -> Vec<AuditEvent> {
    let query = AuditQuery {
        outcome: Some(AuditOutcome::Refused),
        ..AuditQuery::default()
    };
    house.auth.list_audit(&query).await.expect("reads").events
}

/// What each says, in words. Which of one moment comes first is chance, so they are in order.
async fn sentences(house: &House) -> Vec<String> {
    let told = refusals(house).await;
    let mut told: Vec<_> = told.into_iter().map(|event| event.sentence).collect();
    told.sort_unstable();
    told
}

/// What the log keeps of the only refusal of an act.
async fn detail(house: &House, action: &str) -> serde_json::Value {
    let told = refusals(house).await;
    let mut of_act = told.into_iter().filter(|event| event.action == action);
    let detail = serde_json::to_value(of_act.next().expect("was refused").detail);
    assert!(of_act.next().is_none(), "once");
    detail.expect("is JSON")
}

fn sorted<const N: usize>(mut sentences: [&str; N]) -> [&str; N] {
    sentences.sort_unstable();
    sentences
}

/// Somebody who may change roles, look after people and all keys, and reads workflows beside that.
async fn manager(house: &House) -> Arc<Session> {
    let rights = [
        "system:config",
        "user:manage",
        "apikey:manage",
        "workflow:read",
    ];
    add_role(house, "manager", &rights).await;
    house.member(BOB).await;
    give_role(house, BOB, "manager").await;
    session_of(house, BOB).await
}

both!(refused_acts_on_roles_are_in_the_log, async |house| {
    let root = admin(house, ROOT).await;
    let bob = manager(house).await;
    make(house, &root, "wide", &["user:manage", "audit:read"])
        .await
        .expect("is made");
    let client = house.somewhere();

    make(house, &bob, "wider", &["audit:read"])
        .await
        .expect_err("gives what Bob does not hold");
    change(house, &bob, "wide", &["user:manage"])
        .await
        .expect_err("takes what Bob does not hold");
    change(house, &root, "admin", &[])
        .await
        .expect_err("came with the portal");
    house.advance(60);
    let how = (Some("viewer"), None);
    house
        .auth
        .delete_role(Some(&bob), "wide", how, &client)
        .await
        .expect_err("takes what Bob does not hold");
    house
        .auth
        .load_preset(Some(&bob), "clinic", &client)
        .await
        .expect_err("gives what Bob does not hold");
    let built_in = Permission::parse("audit:read").expect("one");
    house
        .auth
        .delete_permission(Some(&bob), &built_in, &client)
        .await
        .expect_err("came with the portal");

    assert_eq!(
        sentences(house).await,
        sorted([
            "bob@example.com was not allowed to make a role like that: it is about rights that they do not hold.",
            "bob@example.com was not allowed to change a role like that: it is about rights that they do not hold.",
            "root@example.com was not allowed to change a role like that: it came with the portal.",
            "bob@example.com was not allowed to delete a role: it is about rights that they do not hold.",
            "bob@example.com was not allowed to load a preset of roles: it is about rights that they do not hold.",
            "bob@example.com was not allowed to remove a permission: it came with the portal.",
        ])
    );
    assert_eq!(detail(house, "role.create").await["role"], "wider");
    assert_eq!(detail(house, "role.delete").await["role"], "wide");
    assert_eq!(detail(house, "preset.load").await["preset"], "clinic");
    let removed = detail(house, "permission.remove").await;
    assert_eq!(removed["permission"], "audit:read");
});

both!(
    refused_changes_of_somebodys_rights_are_in_the_log,
    async |house| {
        let root = admin(house, ROOT).await;
        let bob = manager(house).await;
        let ada = house.member(ADA).await;

        grant(house, &bob, &ada.user.id, &["audit:read"])
            .await
            .expect_err("Bob does not hold it");
        set_role(house, &bob, &root.user.id, "user")
            .await
            .expect_err("Root holds more");
        set_role(house, &bob, &bob.user.id, "admin")
            .await
            .expect_err("nobody raises themselves");

        assert_eq!(
            sentences(house).await,
            sorted([
                "bob@example.com was not allowed to change what ada@example.com may do: it is about rights that they do not hold.",
                "bob@example.com was not allowed to change what root@example.com may do: it is about rights that they do not hold.",
                "bob@example.com was not allowed to change what their own account may do: it is their own account.",
            ])
        );
        let own = house.events(&ada).await;
        let tried = "Somebody who may not tried to change what an account may do.";
        assert!(own.iter().any(|one| one.sentence == tried), "{own:?}");
    }
);

both!(refused_acts_on_keys_are_in_the_log, async |house| {
    let root = admin(house, ROOT).await;
    let bob = manager(house).await;
    let ada = house.member(ADA).await;
    let key = made(house, &ada, &key_for(&["workflow:read"])).await;
    let roots = made(house, &root, &key_for(&["audit:read"])).await;
    let client = house.somewhere();

    let wider = key_for(&["user:manage"]);
    let refused = house.auth.create_api_key(&ada, &wider, &client).await;
    refused.expect_err("Ada does not hold it");
    let change = ApiKeyChange::default();
    let refused = house.auth.update_api_key(&bob, &key.id, &change, &client);
    refused.await.expect_err("is Ada's");
    let refused = house.auth.roll_api_key(&bob, &key.id, 0, &client).await;
    refused.expect_err("is Ada's");
    let refused = house.auth.revoke_api_key(&bob, &key.id, &client).await;
    refused.expect_err("is Ada's");
    let refused = house.auth.confirm_api_key(&bob, &key.id, &client).await;
    refused.expect_err("is Ada's");
    house.advance(60);
    let refused = house.auth.take_over_api_key(&bob, &key.id, &client).await;
    refused.expect_err("is Ada's");
    let refused = house.auth.revoke_key_of(&bob, &roots.id, None, &client);
    refused.await.expect_err("Root holds more");
    let refused = house.auth.revoke_key_of(&ada, &roots.id, None, &client);
    refused.await.expect_err("Ada looks after no keys");

    assert_eq!(
        sentences(house).await,
        sorted([
            "ada@example.com was not allowed to make an API key like that: it is about rights that they do not hold.",
            "bob@example.com was not allowed to change an API key: it is not theirs.",
            "bob@example.com was not allowed to roll an API key: it is not theirs.",
            "bob@example.com was not allowed to revoke an API key: it is not theirs.",
            "bob@example.com was not allowed to confirm an API key: it is not theirs.",
            "bob@example.com was not allowed to take over an API key: it is not theirs.",
            "bob@example.com was not allowed to revoke an API key: the account has rights that they lack.",
            "ada@example.com was not allowed to revoke an API key: it is about rights that they do not hold.",
        ])
    );
    let asked = detail(house, "api_key.create").await;
    assert_eq!(asked["permissions"][0], "user:manage");
    assert_eq!(detail(house, "api_key.change").await["key"], key.id);
});

both!(
    refused_acts_in_foreign_tenants_are_in_the_log,
    async |house| {
        let root = admin(house, ROOT).await;
        let ada = house.member(ADA).await;
        let north = tenant(house, &root, "North").await;
        let client = house.somewhere();
        let patient = Resource {
            kind: "patient".to_owned(),
            id: "42".to_owned(),
        };

        let refused = house.auth.act_in_tenant(&ada, Some(&north), &client).await;
        refused.expect_err("is not Ada's");
        let wanted = key_for(&["workflow:read"]);
        let refused = house
            .auth
            .create_tenant_api_key(&ada, &north, &wanted, &client);
        refused.await.expect_err("is not Ada's");
        let refused = house
            .auth
            .assign(&ada, &root.user.id, None, &patient, &client);
        refused.await.expect_err("Ada looks after nobody");
        let refused = house
            .auth
            .assign(&root, &root.user.id, None, &patient, &client);
        refused.await.expect_err("nobody entrusts to themselves");
        let entrusted = house
            .auth
            .assign(&root, &ada.user.id, None, &patient, &client);
        let entrusted = entrusted.await.expect("is entrusted");
        let refused = house.auth.unassign(&ada, &entrusted.id, &client).await;
        refused.expect_err("Ada looks after nobody");

        assert_eq!(
            sentences(house).await,
            sorted([
                "ada@example.com was not allowed to switch to an organisation: a permission was missing.",
                "ada@example.com was not allowed to make an API key like that: it is not theirs.",
                "ada@example.com was not allowed to assign a resource to root@example.com: it is about rights that they do not hold.",
                "root@example.com was not allowed to assign a resource to their own account: it is their own account.",
                "ada@example.com was not allowed to take an assignment back: it is about rights that they do not hold.",
            ])
        );
        assert_eq!(detail(house, "session.switch").await["tenant"], north);
        let kept = detail(house, "assignment.remove").await;
        assert_eq!(kept["assignment"], entrusted.id);
    }
);

both!(what_is_wrong_in_itself_is_no_refusal, async |house| {
    let root = admin(house, ROOT).await;
    let client = house.somewhere();
    make(house, &root, "reader", &[]).await.expect("is made");
    make(house, &root, "reader", &[])
        .await
        .expect_err("is taken");
    change(house, &root, "nobody", &[])
        .await
        .expect_err("is none");
    make(house, &root, "flyer", &["pigs:fly"])
        .await
        .expect_err("nobody knows the permission");
    let nobody = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";
    for id in [nobody, "x", "\0", ""] {
        let refused = house.auth.revoke_api_key(&root, id, &client).await;
        refused.expect_err("is none");
        let refused = house.auth.unassign(&root, id, &client).await;
        refused.expect_err("is none");
        let refused = house.auth.act_in_tenant(&root, Some(id), &client).await;
        refused.expect_err("is none");
        set_role(house, &root, id, "user")
            .await
            .expect_err("is none");
    }
    assert_eq!(sentences(house).await, [""; 0]);
});

both!(
    a_loop_of_refused_acts_is_a_number_and_no_text_of_the_caller,
    async |house| {
        let root = admin(house, ROOT).await;
        add_role(house, "hollow", &["system:config"]).await;
        house.member(BOB).await;
        give_role(house, BOB, "hollow").await;
        let bob = session_of(house, BOB).await;
        // Bob has lost the right since; his session does not know it yet.
        set_role(house, &root, &bob.user.id, "user")
            .await
            .expect("is given");
        let client = house.somewhere();
        let draft = RoleDraft {
            description: String::new(),
            grants: gives(&[], &[]),
            version: None,
        };
        for n in 0..200 {
            let hostile = format!("=cmd|' /C calc'!A{n}\0<script>");
            let refused = house
                .auth
                .change_role(Some(&bob), &hostile, &draft, &client);
            refused.await.expect_err("may not");
        }
        for n in 0..200 {
            let name = RoleName::parse(&format!("role{n}")).expect("a name");
            let refused = house.auth.add_role(Some(&bob), &name, &draft, &client);
            refused.await.expect_err("may not");
        }
        let told = refusals(house).await;
        assert_eq!(told.len(), 5, "{told:?}");
        let nameless = told
            .iter()
            .filter(|event| event.detail.get("role").is_none());
        assert_eq!(nameless.count(), 1, "no role is called that");
        house.advance(61);
        house.auth.tend().await.expect("tends");
        assert_eq!(detail(house, "access.refused").await["times"], 395);
    }
);
