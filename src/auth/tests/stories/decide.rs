//! Decisions and assignments (req 87, 94, 95, 102): what a token cannot say, and why.

use std::sync::Arc;

use auth::{AssignError, AssignmentQuery, RightsChange, Session, TenantError};
use wire::{
    Decision, DecisionReason, ErrorCode, MemberChange, Permission, Question, Resource, TenantName,
};

use crate::invitation::{admin, session_of};
use crate::role::{gives, patterns};
use crate::support::*;

const ROOT: &str = "root@example.com";
const ADA: &str = "ada@example.com";
const EVE: &str = "eve@example.com";

fn patient(id: &str) -> Resource {
    Resource {
        kind: "patient".to_owned(),
        id: id.to_owned(),
    }
}

fn question(permission: &str, tenant: Option<&str>, resource: Option<Resource>) -> Question {
    Question {
        permission: Permission::parse(permission).expect("a permission"),
        tenant_id: tenant.map(str::to_owned),
        resource,
    }
}

async fn asked(house: &House, session: &Session, question: Question) -> Decision {
    let answers = house
        .auth
        .decide(session, &[question])
        .await
        .expect("answers");
    answers.into_iter().next().expect("one")
}

async fn reason(house: &House, address: &str, question: Question) -> DecisionReason {
    let session = session_of(house, address).await;
    asked(house, &session, question).await.reason
}

/// A clinic with a professional in it, and the preset that says what that is.
async fn clinic(house: &House) -> (Arc<Session>, Arc<Session>, String) {
    let root = admin(house, ROOT).await;
    let client = house.somewhere();
    house
        .auth
        .load_preset(Some(&root), "clinic", &client)
        .await
        .expect("loads");
    let ada = house.member(ADA).await;
    let name = TenantName::parse("North Clinic").expect("a name");
    let tenant = house
        .auth
        .add_tenant(Some(&root), &name, &client)
        .await
        .expect("is made")
        .id;
    let added = house
        .auth
        .add_member(Some(&root), &tenant, &email(ADA), "professional", &client)
        .await;
    added.expect("joins");
    (root, ada, tenant)
}

both!(each_answer_says_why, async |house| {
    let (root, ada, tenant) = clinic(house).await;
    let grants = gives(&["audit:read"], &[]);
    let change = RightsChange {
        grants: Some(&grants),
        ..RightsChange::default()
    };
    let client = house.somewhere();
    house
        .auth
        .set_rights_of(Some(&root), &ada.user.id, &change, &client)
        .await
        .expect("is given");
    house
        .auth
        .assign(&root, &ada.user.id, Some(&tenant), &patient("42"), &client)
        .await
        .expect("is entrusted");

    let there = Some(tenant.as_str());
    let nowhere = house.auth.draw_id();
    let ada = session_of(house, ADA).await;
    for (question, reason) in [
        (
            question("workflow.read", None, None),
            DecisionReason::GrantedByRole,
        ),
        (
            question("audit:read", None, None),
            DecisionReason::GrantedByGrant,
        ),
        (
            question("patient_data:read", there, Some(patient("42"))),
            DecisionReason::GrantedByAssignment,
        ),
        (
            question("patient_data:read", there, Some(patient("43"))),
            DecisionReason::NotAssigned,
        ),
        (
            question("patient_data:read", there, None),
            DecisionReason::NotAssigned,
        ),
        (
            question("patient_data:delete", there, Some(patient("42"))),
            DecisionReason::NotHeld,
        ),
        (
            question("financial_data:read", there, None),
            DecisionReason::NotHeld,
        ),
        (
            question("workflow:fly", there, None),
            DecisionReason::UnknownPermission,
        ),
        (
            question("workflow:read", Some(&nowhere), None),
            DecisionReason::NotAMember,
        ),
        (
            question("workflow:read", Some("none"), None),
            DecisionReason::NotAMember,
        ),
        (
            question("workflow:read", Some("\0"), None),
            DecisionReason::NotAMember,
        ),
    ] {
        let words = format!("{question:?}");
        let decision = asked(house, &ada, question).await;
        assert_eq!(
            (decision.reason, decision.granted),
            (reason, reason.is_granted()),
            "{words}"
        );
        let is_bound = matches!(
            reason,
            DecisionReason::GrantedByAssignment | DecisionReason::NotAssigned
        );
        assert_eq!(!decision.conditions.is_empty(), is_bound, "{words}");
    }
    // Who looks after all tenants is at home in each that there is.
    let of_root = question("patient_data:read", there, None);
    assert_eq!(
        reason(house, ROOT, of_root).await,
        DecisionReason::GrantedByRole
    );
    let made_up = question("patient_data:read", Some(&nowhere), None);
    assert_eq!(
        reason(house, ROOT, made_up).await,
        DecisionReason::NotAMember
    );
});

both!(
    several_answers_keep_the_order_of_their_questions,
    async |house| {
        let (_, ada, tenant) = clinic(house).await;
        let asked = ["workflow:read", "patient_data:read", "user:manage"];
        let questions: Vec<_> = asked
            .iter()
            .map(|name| question(name, Some(&tenant), None))
            .collect();
        let answers = house.auth.decide(&ada, &questions).await.expect("answers");
        let granted: Vec<_> = answers.iter().map(|one| one.granted).collect();
        assert_eq!(granted, [true, false, false]);
    }
);

both!(
    a_decision_that_was_kept_drops_with_what_it_was_made_of,
    async |house| {
        let (root, _, tenant) = clinic(house).await;
        let signed_in = house.log_in(ADA, PASSWORD).await.expect("signs in");
        let cookie = cookie(&signed_in);
        let client = house.somewhere();
        let about = || question("patient_data:read", Some(&tenant), Some(patient("42")));
        let now = async || {
            let session = house.session(&cookie).await.expect("lives");
            asked(house, &session, about()).await.reason
        };
        let id = house.session(&cookie).await.expect("lives").user.id.clone();
        assert_eq!(now().await, DecisionReason::NotAssigned);
        let given = house
            .auth
            .assign(&root, &id, Some(&tenant), &patient("42"), &client)
            .await
            .expect("is entrusted");
        assert_eq!(now().await, DecisionReason::GrantedByAssignment);
        house
            .auth
            .unassign(&root, &given.id, &client)
            .await
            .expect("is taken back");
        assert_eq!(now().await, DecisionReason::NotAssigned);

        let draft = wire::RoleDraft {
            grants: gives(&["patient_data:*"], &[]),
            ..wire::RoleDraft::default()
        };
        house
            .auth
            .change_role(Some(&root), "professional", &draft, &client)
            .await
            .expect("is changed");
        assert_eq!(now().await, DecisionReason::GrantedByMembership);
        house
            .auth
            .remove_member(Some(&root), &tenant, &id, &client)
            .await
            .expect("leaves");
        assert_eq!(now().await, DecisionReason::NotAMember);
    }
);

both!(
    a_decision_kept_on_one_node_drops_when_another_one_changes_it,
    async |house| {
        if !house.is_shared() {
            return;
        }
        let (root, _, tenant) = clinic(house).await;
        let other = house.node(settings()).await;
        let following = tokio::spawn({
            let other = other.clone();
            async move { other.follow_other_nodes().await }
        });
        let listening = "select query from pg_stat_activity where query like 'LISTEN%'";
        while house.console(listening).await.is_empty() {
            assert!(!following.is_finished(), "it gave up");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let signed_in = house.log_in(ADA, PASSWORD).await.expect("signs in");
        let (cookie, client) = (cookie(&signed_in), house.somewhere());
        let there = async || {
            let session = other
                .session_by_cookie(&cookie, &client)
                .await
                .expect("answers");
            let session = session.expect("lives there too");
            let question = question("patient_data:read", Some(&tenant), None);
            let answers = other.decide(&session, &[question]).await.expect("answers");
            (answers[0].reason, session.user.permissions.clone())
        };
        assert_eq!(there().await.0, DecisionReason::NotAssigned);

        let draft = wire::RoleDraft {
            grants: gives(&["patient_data:*"], &[]),
            ..wire::RoleDraft::default()
        };
        house
            .auth
            .change_role(Some(&root), "professional", &draft, &client)
            .await
            .expect("is changed");
        let id = house.session(&cookie).await.expect("lives").user.id.clone();
        house
            .auth
            .set_role_of(Some(&root), &id, "viewer", &client)
            .await
            .expect("is given");
        let changed = std::time::Instant::now();
        loop {
            let (reason, permissions) = there().await;
            if reason == DecisionReason::GrantedByMembership
                && !permissions.contains(&"workflow:delete".to_owned())
            {
                break;
            }
            // What is kept is believed for two seconds: less than one proves the notice.
            assert!(
                changed.elapsed() < std::time::Duration::from_secs(1),
                "still as it was on the other node"
            );
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        following.abort();
        other.close().await;
    }
);

both!(
    only_who_holds_what_it_opens_entrusts_anything,
    async |house| {
        let (root, ada, tenant) = clinic(house).await;
        let eve = house.member(EVE).await;
        let client = house.somewhere();
        let assign = async |by: &Session, user: &str, tenant: Option<&str>| {
            house
                .auth
                .assign(by, user, tenant, &patient("42"), &client)
                .await
        };
        let there = Some(tenant.as_str());
        assert!(matches!(
            assign(&eve, &ada.user.id, there).await,
            Err(AssignError::Outranked)
        ));
        assert!(
            matches!(
                assign(&root, &eve.user.id, there).await,
                Err(AssignError::NoSuch("userId"))
            ),
            "no member"
        );
        for nobody in ["", "none", &house.auth.draw_id()] {
            assert!(
                matches!(
                    assign(&root, nobody, None).await,
                    Err(AssignError::NoSuch("userId"))
                ),
                "{nobody}"
            );
        }

        for (by, own, place) in [(&root, &root.user.id, None), (&ada, &ada.user.id, there)] {
            assert!(
                assign(by, own, place).await.is_err(),
                "nobody entrusts anything to themselves"
            );
        }
        assert!(matches!(
            assign(&root, &ada.user.id, Some("\0")).await,
            Err(AssignError::NoSuch("userId"))
        ));

        // The admin of the clinic does, in the clinic; the one of no clinic learns nothing of it.
        house
            .auth
            .add_member(Some(&root), &tenant, &email(EVE), "clinic_admin", &client)
            .await
            .expect("joins");
        let eve = session_of(house, EVE).await;
        let given = assign(&eve, &ada.user.id, there)
            .await
            .expect("is entrusted");
        assert!(matches!(
            assign(&eve, &ada.user.id, there).await,
            Err(AssignError::Already)
        ));
        assert!(
            matches!(
                assign(&eve, &ada.user.id, None).await,
                Err(AssignError::Outranked)
            ),
            "that is the portal's"
        );
        house
            .auth
            .act_in_tenant(&eve, Some(&tenant), &client)
            .await
            .expect("acts there");
        let eve = session_of(house, EVE).await;
        let listed = house
            .auth
            .list_assignments(&eve, &AssignmentQuery::default())
            .await
            .expect("lists");
        assert_eq!(listed.items, std::slice::from_ref(&given));
        let query = AssignmentQuery {
            resource_id: "43".to_owned(),
            ..AssignmentQuery::default()
        };
        assert!(
            house
                .auth
                .list_assignments(&root, &query)
                .await
                .expect("lists")
                .items
                .is_empty()
        );
        let ada = session_of(house, ADA).await;
        assert!(matches!(
            house
                .auth
                .list_assignments(&ada, &AssignmentQuery::default())
                .await,
            Err(AssignError::Outranked)
        ));

        assert_eq!(
            code(house.auth.unassign(&ada, &given.id, &client).await),
            ErrorCode::InsufficientPermissions
        );
        house
            .auth
            .unassign(&eve, &given.id, &client)
            .await
            .expect("is taken back");
        assert_eq!(
            code(house.auth.unassign(&eve, &given.id, &client).await),
            ErrorCode::NotFound
        );
        assert_eq!(
            house
                .console(
                    "select action from audit_log
                     where action like 'assignment.%' and outcome = 'success' order by action"
                )
                .await,
            ["assignment.added", "assignment.removed"]
        );
    }
);

both!(
    what_is_bound_to_oneself_opens_for_others_only_where_one_is_let_in,
    async |house| {
        let (root, ada, tenant) = clinic(house).await;
        let client = house.somewhere();
        let grants = gives(
            &["user:manage", "workflow:*", "automation:*"],
            &[
                "patient_data:*",
                "agent_sessions:*",
                "agent_messages:*",
                "agent_context:*",
            ],
        );
        let change = RightsChange {
            grants: Some(&grants),
            ..RightsChange::default()
        };
        let eve = house.member(EVE).await;
        house
            .auth
            .set_rights_of(Some(&root), &eve.user.id, &change, &client)
            .await
            .expect("is given");
        let eve = session_of(house, EVE).await;
        let assign = async |id: &str| {
            house
                .auth
                .assign(&eve, &ada.user.id, Some(&tenant), &patient(id), &client)
                .await
        };
        assert!(
            matches!(assign("42").await, Err(AssignError::Outranked)),
            "it is shut to her"
        );

        house
            .auth
            .add_member(Some(&root), &tenant, &email(EVE), "viewer", &client)
            .await
            .expect("joins");
        house
            .auth
            .assign(&root, &eve.user.id, Some(&tenant), &patient("42"), &client)
            .await
            .expect("is entrusted");
        assign("42").await.expect("is open to her");
        assert!(matches!(assign("43").await, Err(AssignError::Outranked)));
    }
);

both!(
    what_is_bound_is_not_given_on_to_somebody_entrusted_before,
    async |house| {
        let (root, ada, tenant) = clinic(house).await;
        let client = house.somewhere();
        let set = async |by, of: &str, change: MemberChange| {
            house
                .auth
                .change_member(Some(by), &tenant, of, &change, &client)
                .await
        };
        let role = |role: &str| MemberChange {
            role: Some(role.to_owned()),
            ..MemberChange::default()
        };
        let looks_after = MemberChange {
            patterns: Some(patterns(&["tenant:manage"])),
            ..MemberChange::default()
        };
        set(&root, &ada.user.id, looks_after.clone())
            .await
            .expect("is given");
        house.member(EVE).await;
        let eve = house
            .auth
            .add_member(Some(&root), &tenant, &email(EVE), "viewer", &client)
            .await
            .expect("joins");
        let eve = eve.member.user_id;
        let there = Some(tenant.as_str());
        let ada = session_of(house, ADA).await;

        // Somebody who holds nothing bound is let in nowhere by this, so it may be done ...
        house
            .auth
            .assign(&ada, &eve, there, &patient("43"), &client)
            .await
            .expect("opens nothing");
        // ... and what it would open is not hers to give, who holds it for what is entrusted to her.
        assert!(matches!(
            set(&ada, &eve, role("professional")).await,
            Err(TenantError::Outranked)
        ));
        let bound = MemberChange {
            assigned: Some(patterns(&["patient_data:read"])),
            ..MemberChange::default()
        };
        assert!(matches!(
            set(&ada, &eve, bound).await,
            Err(TenantError::Outranked)
        ));

        // Nor does it come back from the other one, whom it is as shut to.
        set(&ada, &eve, looks_after).await.expect("is given");
        let eve = session_of(house, EVE).await;
        assert!(matches!(
            house
                .auth
                .assign(&eve, &ada.user.id, there, &patient("43"), &client)
                .await,
            Err(AssignError::Outranked)
        ));
    }
);

both!(
    a_preset_adds_what_is_missing_and_takes_nothing,
    async |house| {
        let root = admin(house, ROOT).await;
        let client = house.somewhere();
        let presets = async || house.auth.list_presets(Some(&root)).await.expect("lists");
        let of = |presets: &[wire::Preset], name: &str| {
            presets
                .iter()
                .find(|one| one.name == name)
                .expect("is there")
                .clone()
        };
        let before = presets().await;
        assert!(
            of(&before, "workflow").is_loaded(),
            "what the portal begins with"
        );
        let content = of(&before, "content");
        let viewer = content
            .roles
            .iter()
            .find(|role| role.name == "viewer")
            .expect("is there");
        assert!(
            !viewer.is_new
                && viewer.keeps == ["automation:read", "workflow:read"]
                && viewer.adds.len() == 4
        );
        assert_eq!(
            house.auth.role("editor").await.expect("reads"),
            None,
            "a look adds nothing"
        );

        let loaded = house
            .auth
            .load_preset(Some(&root), "content", &client)
            .await
            .expect("loads");
        assert_eq!(loaded, content);
        let number = house
            .console("select cast(value as text) from change_number")
            .await;
        let again = house
            .auth
            .load_preset(Some(&root), "content", &client)
            .await
            .expect("loads");
        assert!(again.is_loaded());
        assert_eq!(
            house
                .console("select cast(value as text) from change_number")
                .await,
            number,
            "twice is once"
        );
        let role = house
            .auth
            .role("viewer")
            .await
            .expect("reads")
            .expect("is there");
        assert!(
            role.patterns.contains(&"workflow:read".to_owned())
                && role.patterns.contains(&"content:read".to_owned())
        );
        assert!(
            house
                .auth
                .load_preset(Some(&root), "../../x", &client)
                .await
                .is_err()
        );

        // What an admin lacks, no preset gives either.
        let ada = house.member(ADA).await;
        let grants = gives(&["system:config"], &[]);
        let change = RightsChange {
            grants: Some(&grants),
            ..RightsChange::default()
        };
        house
            .auth
            .set_rights_of(Some(&root), &ada.user.id, &change, &client)
            .await
            .expect("is given");
        let ada = session_of(house, ADA).await;
        assert!(
            of(
                &house.auth.list_presets(Some(&ada)).await.expect("lists"),
                "clinic"
            )
            .blocked
        );
        assert_eq!(
            code(house.auth.load_preset(Some(&ada), "clinic", &client).await),
            ErrorCode::InsufficientPermissions
        );
        assert_eq!(house.auth.role("staff").await.expect("reads"), None);
    }
);
