//! Tenants: who looks after which, what they may give, and where people act (req 93, 94, 107–110; rows
//! 91, 97; D25).

use std::sync::Arc;

use auth::{Accepted, InvitationQuery, MemberQuery, Session, SignIn, TenantError, Want};
use wire::{
    Audience, EditMember, ErrorCode, HeldRight, Impact, Member, MemberChange, MemberStatus,
    OneMember, Paging, Permission, RoleDraft, Secret, TenantName,
};

use crate::api_key::{key_for, made};
use crate::invitation::{accept, add_role, admin, invitation_token, offer, session_of, works};
use crate::role::{gives, patterns};
use crate::support::*;

const ROOT: &str = "root@example.com";
const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";
const EVE: &str = "eve@example.com";
/// No tenant's.
const NOBODYS: &str = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";

/// Adds a tenant.
pub(crate) async fn tenant(house: &House, by: &Session, name: &str) -> String {
    let name = TenantName::parse(name).expect("a name");
    let client = house.somewhere();
    let added = house.auth.add_tenant(Some(by), &name, &client).await;
    added.expect("is added").id
}

/// Makes an account a member.
async fn join(house: &House, by: &Session, tenant: &str, address: &str, role: &str) -> OneMember {
    let (client, email) = (house.somewhere(), email(address));
    let added = house
        .auth
        .add_member(Some(by), tenant, &email, role, &client);
    added.await.expect("is added")
}

/// What a change says: patterns parted by spaces.
fn giving(patterns: &str) -> MemberChange {
    EditMember {
        patterns: Some(patterns.split_whitespace().map(str::to_owned).collect()),
        ..EditMember::default()
    }
    .check()
    .expect("holds")
}

fn role(role: &str) -> MemberChange {
    MemberChange {
        role: Some(role.to_owned()),
        ..MemberChange::default()
    }
}

fn status(status: MemberStatus) -> MemberChange {
    MemberChange {
        status: Some(status),
        ..MemberChange::default()
    }
}

async fn change(
    house: &House,
    by: &Session,
    tenant: &str,
    user: &str,
    change: &MemberChange,
) -> Result<OneMember, TenantError> {
    let client = house.somewhere();
    house
        .auth
        .change_member(Some(by), tenant, user, change, &client)
        .await
}

async fn remove(house: &House, by: &Session, tenant: &str, user: &str) -> Result<(), TenantError> {
    let client = house.somewhere();
    house
        .auth
        .remove_member(Some(by), tenant, user, &client)
        .await
}

/// Makes somebody new, and lets them look after a tenant.
async fn manager(house: &House, root: &Session, tenant: &str, address: &str) -> SignIn {
    let signed_in = house.sign_up(address, Want::Page).await;
    join(house, root, tenant, address, "viewer").await;
    let given = giving("tenant:manage");
    let given = change(house, root, tenant, &signed_in.user.id, &given).await;
    assert_eq!(given.expect("is given").patterns, ["tenant:manage"]);
    signed_in
}

async fn members(house: &House, by: &Session, tenant: &str) -> Result<Vec<Member>, TenantError> {
    let query = MemberQuery::default();
    let page = house.auth.list_members(Some(by), tenant, &query).await;
    page.map(|page| page.items)
}

async fn act(house: &House, session: &Session, tenant: Option<&str>) -> Result<(), TenantError> {
    let client = house.somewhere();
    house.auth.act_in_tenant(session, tenant, &client).await
}

/// A token of somebody's session, as it is by now.
async fn token(house: &House, who: &SignIn) -> Secret {
    let session = house.session_of(who).await;
    let token = house
        .auth
        .access_token(&session, Audience::PortalAndServices);
    token.await.expect("is signed").access_token
}

/// Where a token acts, and what it permits there; or why it opens nothing.
async fn opens(house: &House, token: &Secret) -> Result<(Option<String>, Vec<String>), ErrorCode> {
    match house.auth.session_by_access_token(token).await {
        Ok(session) => Ok((session.tenant_id.clone(), session.user.permissions.clone())),
        Err(error) => Err(wire::Error::from(error).code),
    }
}

/// Invites into a tenant. The token of the letter.
async fn asked(house: &House, by: &Session, tenant: &str, address: &str, role: &str) -> Secret {
    let sent = invite(house, by, tenant, &[address], role).await;
    sent.expect("are judged").remove(0).expect("is invited");
    invitation_token(&house.letter().await)
}

async fn invite(
    house: &House,
    by: &Session,
    tenant: &str,
    addresses: &[&str],
    role: &str,
) -> Result<Vec<Result<String, ErrorCode>>, TenantError> {
    let addresses: Vec<_> = addresses.iter().map(|&one| one.to_owned()).collect();
    let (client, offer) = (house.somewhere(), offer(role));
    let sent = house
        .auth
        .invite_members(by, tenant, &addresses, &offer, &client)
        .await?;
    let outcomes = sent.into_iter().map(|one| one.outcome);
    let plain = |outcome: Result<wire::Invitation, wire::Error>| {
        outcome.map(|it| it.id).map_err(|error| error.code)
    };
    Ok(outcomes.map(plain).collect())
}

both!(
    who_looks_after_one_tenant_sees_no_other_and_changes_no_name,
    async |house| {
        let root = admin(house, ROOT).await;
        let (acme, beta) = (
            tenant(house, &root, "Acme").await,
            tenant(house, &root, "Beta").await,
        );
        let ada = manager(house, &root, &acme, ADA).await;
        let bob = manager(house, &root, &beta, BOB).await;
        let ada = house.session_of(&ada).await;

        let mine = house.auth.tenant(Some(&ada), &acme).await.expect("is hers");
        assert_eq!(
            (mine.members, mine.managers, mine.portal_wide),
            (1, 1, false)
        );
        assert_eq!(
            members(house, &ada, &acme).await.expect("reads")[0].email,
            ADA
        );
        let client = house.somewhere();
        let name = TenantName::parse("Mine").expect("a name");
        for id in [beta.as_str(), NOBODYS, "none", ""] {
            let told = [
                code(house.auth.tenant(Some(&ada), id).await),
                code(members(house, &ada, id).await),
                code(house.auth.member(Some(&ada), id, &bob.user.id).await),
                code(change(house, &ada, id, &bob.user.id, &role("viewer")).await),
                code(remove(house, &ada, id, &bob.user.id).await),
                code(invite(house, &ada, id, &[EVE], "viewer").await),
                code(
                    house
                        .auth
                        .rename_tenant(Some(&ada), id, &name, &client)
                        .await,
                ),
                code(
                    house
                        .auth
                        .delete_tenant(Some(&ada), id, "Beta", &client)
                        .await,
                ),
                code(act(house, &ada, Some(id)).await),
                code(house.auth.leave_tenant(&ada, id, &client).await),
            ];
            assert_eq!(told, [ErrorCode::NotFound; 10], "{id}");
        }
        // Nor does her tenant lead to somebody who is not of it.
        assert_eq!(
            code(house.auth.member(Some(&ada), &acme, &bob.user.id).await),
            ErrorCode::NotFound
        );
        assert_eq!(
            code(remove(house, &ada, &acme, &bob.user.id).await),
            ErrorCode::NotFound
        );
        // What is of her tenant as a whole is there for her, and not hers to change.
        for told in [
            code(
                house
                    .auth
                    .rename_tenant(Some(&ada), &acme, &name, &client)
                    .await,
            ),
            code(
                house
                    .auth
                    .delete_tenant(Some(&ada), &acme, "Acme", &client)
                    .await,
            ),
            code(
                house
                    .auth
                    .add_member(Some(&ada), &acme, &email(BOB), "viewer", &client)
                    .await,
            ),
        ] {
            assert_eq!(told, ErrorCode::InsufficientPermissions);
        }
        let bob = house.session_of(&bob).await;
        assert_eq!(members(house, &bob, &beta).await.expect("stays").len(), 1);
        let plain = house.member(EVE).await;
        join(house, &root, &acme, EVE, "viewer").await;
        assert_eq!(
            code(members(house, &plain, &acme).await),
            ErrorCode::NotFound
        );
    }
);

both!(
    nobody_gives_a_member_what_they_do_not_hold_there,
    async |house| {
        let root = admin(house, ROOT).await;
        add_role(house, "support", &["user:manage", "workflow:read"]).await;
        let acme = tenant(house, &root, "Acme").await;
        let ada = manager(house, &root, &acme, ADA).await;
        let ada = house.session_of(&ada).await;
        let bob = house.member(BOB).await.user.id.clone();
        join(house, &root, &acme, BOB, "viewer").await;

        for (wanted, told) in [
            (role("admin"), ErrorCode::InsufficientPermissions),
            (role("support"), ErrorCode::InsufficientPermissions),
            (role("api"), ErrorCode::InvalidRequest),
            (role("made-up"), ErrorCode::InvalidRequest),
            (giving("workflow:*"), ErrorCode::InsufficientPermissions),
            (giving("*:*"), ErrorCode::InsufficientPermissions),
            (giving("user:manage"), ErrorCode::InvalidRequest),
            (giving("audit:*"), ErrorCode::InvalidRequest),
            (giving("dragon:ride"), ErrorCode::InvalidRequest),
        ] {
            assert_eq!(
                code(change(house, &ada, &acme, &bob, &wanted).await),
                told,
                "{wanted:?}"
            );
        }
        // Not even by an admin of everything: a membership is of one tenant.
        for portal_wide in ["user:manage", "system:config", "apikey:*"] {
            let told = change(house, &root, &acme, &bob, &giving(portal_wide)).await;
            assert_eq!(code(told), ErrorCode::InvalidRequest, "{portal_wide}");
        }
        let given = change(
            house,
            &ada,
            &acme,
            &bob,
            &giving("tenant:manage workflow:read"),
        )
        .await;
        let given = given.expect("she holds both");
        assert_eq!(given.patterns, ["tenant:manage", "workflow:read"]);
        let kept = change(house, &ada, &acme, &bob, &role("user"))
            .await
            .expect("she is one");
        assert_eq!(
            (kept.member.role.as_str(), kept.patterns.len()),
            ("user", 2),
            "what is not said stays"
        );
        let written = "select detail from audit_log where action = 'member.changed'";
        let details = house.console(written).await;
        let is_told = |detail: &String| {
            let after = detail.split("\"before\"").next().unwrap_or_default();
            after.contains("\"role\":\"user\"")
                && detail.contains("viewer")
                && detail.contains(&acme)
        };
        assert!(details.iter().any(is_told), "{details:?}");
    }
);

async fn look(
    house: &House,
    by: &Session,
    tenant: &str,
    user: &str,
    change: &MemberChange,
) -> Result<Impact, TenantError> {
    house
        .auth
        .preview_member(Some(by), tenant, user, change)
        .await
}

fn words(rights: &[HeldRight]) -> Vec<String> {
    rights.iter().map(ToString::to_string).collect()
}

both!(
    a_look_at_a_membership_says_who_gains_and_loses_what_and_changes_nothing,
    async |house| {
        let root = admin(house, ROOT).await;
        add_role(house, "operator", &["workflow:read", "tenant:manage"]).await;
        let patients = Permission::parse("patient:read").expect("one");
        let client = house.somewhere();
        let added = house
            .auth
            .add_permission(Some(&root), &patients, "See patients", &client);
        added.await.expect("is added");
        let acme = tenant(house, &root, "Acme").await;
        let bob = house.member(BOB).await;
        let id = bob.user.id.clone();
        join(house, &root, &acme, BOB, "operator").await;
        act(house, &bob, Some(&acme)).await.expect("switches");
        let bob = session_of(house, BOB).await;
        act(house, &bob, Some(&acme)).await.expect("switches");
        made(house, &bob, &key_for(&["tenant:manage"])).await;

        let wanted = MemberChange {
            assigned: Some(patterns(&["patient:read"])),
            ..role("viewer")
        };
        let told = look(house, &root, &acme, &id, &wanted).await;
        let told = told.expect("says it");
        assert_eq!(words(&told.loses), ["tenant:manage"]);
        assert_eq!(words(&told.gains), ["patient:read (assigned only)"]);
        assert_eq!(
            (told.sessions, told.api_keys, told.people[0].email.as_str()),
            (2, 1, BOB)
        );
        let none = look(house, &root, &acme, &id, &MemberChange::default()).await;
        let none = none.expect("says it");
        assert!(none.gains.is_empty() && none.loses.is_empty(), "{none:?}");
        let gone = look(house, &root, &acme, &id, &status(MemberStatus::Suspended)).await;
        assert_eq!(words(&gone.expect("says it").loses), ["tenant:manage"]);

        let one = house.auth.member(Some(&root), &acme, &id).await;
        let one = one.expect("reads");
        assert_eq!(
            (one.member.role.as_str(), one.assigned.len()),
            ("operator", 0)
        );
        assert_eq!(one.version, none.version, "looking changes nothing");
        let written = "select action from audit_log where action like 'member.%'";
        assert_eq!(house.console(written).await, ["member.added"]);
    }
);

both!(
    a_look_tells_a_tenants_admin_of_the_membership_alone_and_a_stranger_nothing,
    async |house| {
        let root = admin(house, ROOT).await;
        let acme = tenant(house, &root, "Acme").await;
        let ada = manager(house, &root, &acme, ADA).await;
        let ada = house.session_of(&ada).await;
        let eve = house.member(EVE).await;
        let bob = house.member(BOB).await.user.id.clone();
        join(house, &root, &acme, BOB, "viewer").await;

        // Bob's account may read workflows as well; whether it does is no business of Ada's.
        let told = look(house, &ada, &acme, &bob, &giving("tenant:manage")).await;
        assert_eq!(words(&told.expect("says it").gains), ["tenant:manage"]);
        for (who, whom, wanted, code_of) in [
            (
                &ada,
                &bob,
                giving("workflow:*"),
                ErrorCode::InsufficientPermissions,
            ),
            (&ada, &bob, role("api"), ErrorCode::InvalidRequest),
            (&ada, &bob, giving("dragon:ride"), ErrorCode::InvalidRequest),
            (&ada, &ada.user.id, giving(""), ErrorCode::Conflict),
            (&ada, &eve.user.id, giving(""), ErrorCode::NotFound),
            (&ada, &NOBODYS.to_owned(), giving(""), ErrorCode::NotFound),
            (&eve, &bob, giving(""), ErrorCode::NotFound),
            (&eve, &"\0".to_owned(), giving(""), ErrorCode::NotFound),
        ] {
            let told = look(house, who, &acme, whom, &wanted).await;
            assert_eq!(code(told), code_of, "{whom} {wanted:?}");
        }
    }
);

both!(
    a_membership_that_changed_meanwhile_is_not_changed_unseen,
    async |house| {
        let root = admin(house, ROOT).await;
        add_role(house, "operator", &["workflow:read"]).await;
        let acme = tenant(house, &root, "Acme").await;
        let bob = house.member(BOB).await.user.id.clone();
        join(house, &root, &acme, BOB, "viewer").await;
        let seen = async |change: &MemberChange| {
            let told = look(house, &root, &acme, &bob, change).await;
            Some(told.expect("says it").version)
        };
        let wanted = role("operator");
        let wanted = MemberChange {
            version: seen(&wanted).await,
            ..wanted
        };
        // The role in view gives more by now than what was looked at.
        let wider = RoleDraft {
            description: "of a story".to_owned(),
            grants: gives(&["workflow:*"], &[]),
            version: None,
        };
        let client = house.somewhere();
        let changed = house
            .auth
            .change_role(Some(&root), "operator", &wider, &client);
        changed.await.expect("is changed");
        let told = change(house, &root, &acme, &bob, &wanted).await;
        assert!(matches!(told, Err(TenantError::Changed)), "{told:?}");

        let wanted = MemberChange {
            version: seen(&wanted_again(&wanted)).await,
            ..wanted
        };
        // Somebody else suspends Bob while Root reads.
        let told = change(house, &root, &acme, &bob, &status(MemberStatus::Suspended)).await;
        told.expect("says nothing of what was read");
        let told = change(house, &root, &acme, &bob, &wanted).await;
        assert_eq!(code(told), ErrorCode::Conflict);
        let wanted = MemberChange {
            version: seen(&wanted_again(&wanted)).await,
            ..wanted
        };
        let told = change(house, &root, &acme, &bob, &wanted).await;
        assert_eq!(told.expect("as it was looked at").member.role, "operator");
        let told = change(house, &root, &acme, &bob, &wanted).await;
        assert_eq!(code(told), ErrorCode::Conflict, "once");
    }
);

/// The same change of what there is now.
fn wanted_again(change: &MemberChange) -> MemberChange {
    MemberChange {
        version: None,
        ..change.clone()
    }
}

both!(
    a_tenant_admin_reaches_nobody_who_holds_more_and_not_themself,
    async |house| {
        let root = admin(house, ROOT).await;
        let acme = tenant(house, &root, "Acme").await;
        // Everything there is in the tenant: still nothing at the portal.
        let ada = house.sign_up(ADA, Want::Page).await;
        join(house, &root, &acme, ADA, "admin").await;
        let ada = house.session_of(&ada).await;
        join(house, &root, &acme, ROOT, "viewer").await;
        let bob = house.member(BOB).await.user.id.clone();
        join(house, &root, &acme, BOB, "admin").await;

        let other_root = root.user.id.clone();
        for wanted in [role("user"), giving(""), status(MemberStatus::Suspended)] {
            let told = code(change(house, &ada, &acme, &other_root, &wanted).await);
            assert_eq!(told, ErrorCode::InsufficientPermissions, "{wanted:?}");
            let told = code(change(house, &ada, &acme, &ada.user.id, &wanted).await);
            assert_eq!(told, ErrorCode::Conflict, "{wanted:?}");
        }
        assert_eq!(
            code(remove(house, &ada, &acme, &other_root).await),
            ErrorCode::InsufficientPermissions
        );
        assert_eq!(
            code(remove(house, &ada, &acme, &ada.user.id).await),
            ErrorCode::Conflict
        );
        let seen = house
            .auth
            .member(Some(&ada), &acme, &other_root)
            .await
            .expect("is seen");
        assert!(!seen.manageable);
        // Her equal there she may demote; then they no longer reach her.
        let bob_now = session_of(house, BOB).await;
        change(house, &ada, &acme, &bob, &role("viewer"))
            .await
            .expect("an equal");
        assert_eq!(
            code(remove(house, &bob_now, &acme, &ada.user.id).await),
            ErrorCode::NotFound
        );
        assert!(
            !house
                .session_of(&house.log_in(ROOT, PASSWORD).await.expect("signs in"))
                .await
                .user
                .permissions
                .is_empty()
        );
    }
);

both!(
    a_suspended_member_keeps_the_account_and_holds_nothing_there,
    async |house| {
        let root = admin(house, ROOT).await;
        let acme = tenant(house, &root, "Acme").await;
        let ada = manager(house, &root, &acme, ADA).await;
        let ada_id = ada.user.id.clone();
        act(house, &*house.session_of(&ada).await, Some(&acme))
            .await
            .expect("is a member");
        let before = token(house, &ada).await;
        let (acting, held) = opens(house, &before).await.expect("is good");
        assert_eq!(acting.as_deref(), Some(acme.as_str()));
        assert!(held.contains(&"tenant:manage".to_owned()));

        let suspended = status(MemberStatus::Suspended);
        let told = change(house, &root, &acme, &ada_id, &suspended)
            .await
            .expect("is suspended");
        assert_eq!(
            (
                told.member.status,
                told.permissions.contains(&"tenant:manage".to_owned())
            ),
            (MemberStatus::Suspended, false)
        );
        assert_eq!(opens(house, &before).await, Err(ErrorCode::TokenStale));
        let (acting, held) = opens(house, &token(house, &ada).await)
            .await
            .expect("goes on");
        assert_eq!(acting, None, "acts in none");
        assert!(!held.contains(&"tenant:manage".to_owned()) && !held.is_empty());
        let now = house.session_of(&ada).await;
        assert_eq!(
            code(act(house, &now, Some(&acme)).await),
            ErrorCode::NotFound
        );
        assert_eq!(code(members(house, &now, &acme).await), ErrorCode::NotFound);
        let again = house.log_in(ADA, PASSWORD).await.expect("signs in");
        assert_eq!(again.user.tenant_id, None);
        let own = house.auth.own_tenants(&now).await.expect("reads");
        assert_eq!(
            (own[0].status, own[0].manageable, own[0].active),
            (MemberStatus::Suspended, false, false)
        );

        let resumed = status(MemberStatus::Active);
        let told = change(house, &root, &acme, &ada_id, &resumed)
            .await
            .expect("is resumed");
        assert!(told.permissions.contains(&"tenant:manage".to_owned()));
        let twice = change(house, &root, &acme, &ada_id, &resumed).await;
        assert!(twice.is_ok(), "twice is no error");
        act(house, &now, Some(&acme))
            .await
            .expect("is a member again");
        assert!(
            members(house, &*house.session_of(&ada).await, &acme)
                .await
                .is_ok()
        );
    }
);

both!(
    a_session_acts_where_its_owner_says_and_a_token_nowhere_else,
    async |house| {
        let root = admin(house, ROOT).await;
        let (acme, beta) = (
            tenant(house, &root, "Acme").await,
            tenant(house, &root, "Beta").await,
        );
        let ada = manager(house, &root, &acme, ADA).await;
        join(house, &root, &beta, ADA, "viewer").await;
        let session = house.session_of(&ada).await;
        let elsewhere = house.other_device(ADA).await;
        assert_eq!(session.tenant_id, None, "an admin moves nobody's session");

        act(house, &session, Some(&acme))
            .await
            .expect("belongs there");
        let of_acme = token(house, &ada).await;
        assert!(
            opens(house, &of_acme)
                .await
                .expect("is good")
                .1
                .contains(&"tenant:manage".to_owned())
        );
        act(house, &session, Some(&beta))
            .await
            .expect("belongs there");
        assert_eq!(
            opens(house, &of_acme).await,
            Err(ErrorCode::TokenStale),
            "of another tenant"
        );
        let looked = house
            .auth
            .inspect_token(&of_acme, &session)
            .await
            .expect("looks");
        assert_eq!(
            (looked.services(), looked.portal()),
            (None, Some(ErrorCode::TokenStale))
        );
        let (acting, held) = opens(house, &token(house, &ada).await)
            .await
            .expect("is good");
        assert_eq!(acting.as_deref(), Some(beta.as_str()));
        assert!(
            !held.contains(&"tenant:manage".to_owned()),
            "what is of Acme stays there"
        );
        let now = house.session_of(&ada).await;
        assert_eq!(
            (now.tenant_id.as_deref(), now.user.tenant_id.as_deref()),
            (Some(&*beta), Some(&*beta))
        );
        let own = house.auth.own_tenants(&now).await.expect("reads");
        let own: Vec<_> = own
            .iter()
            .map(|one| (one.name.as_str(), one.active, one.manageable))
            .collect();
        assert_eq!(own, [("Acme", false, true), ("Beta", true, false)]);

        let other = house.auth.own_tenants(&elsewhere).await.expect("reads");
        assert!(
            other.iter().all(|one| !one.active),
            "each device is its own"
        );
        let next = house.log_in(ADA, PASSWORD).await.expect("signs in");
        assert_eq!(
            next.user.tenant_id.as_deref(),
            Some(beta.as_str()),
            "the last choice"
        );
        act(house, &now, None).await.expect("always");
        assert_eq!(house.session_of(&ada).await.tenant_id, None);
        let next = house.log_in(ADA, PASSWORD).await.expect("signs in");
        assert_eq!(next.user.tenant_id, None);
    }
);

both!(
    who_leaves_or_is_removed_acts_there_no_more_on_any_node,
    async |house| {
        let root = admin(house, ROOT).await;
        let acme = tenant(house, &root, "Acme").await;
        let ada = manager(house, &root, &acme, ADA).await;
        let bob = house.sign_up(BOB, Want::Page).await;
        join(house, &root, &acme, BOB, "viewer").await;
        for who in [&ada, &bob] {
            act(house, &*house.session_of(who).await, Some(&acme))
                .await
                .expect("belongs there");
        }
        let (of_ada, of_bob) = (token(house, &ada).await, token(house, &bob).await);

        let client = house.somewhere();
        house
            .auth
            .leave_tenant(&*house.session_of(&bob).await, &acme, &client)
            .await
            .expect("leaves");
        remove(house, &root, &acme, &ada.user.id)
            .await
            .expect("is removed");
        for (who, former) in [(&ada, &of_ada), (&bob, &of_bob)] {
            let restarted = house.node(settings()).await;
            let told = restarted.session_by_access_token(former).await;
            assert_eq!(code(told), ErrorCode::TokenStale);
            let now = house.session_of(who).await;
            assert_eq!(now.tenant_id, None);
            assert!(!now.user.permissions.contains(&"tenant:manage".to_owned()));
            assert_eq!(
                code(act(house, &now, Some(&acme)).await),
                ErrorCode::NotFound
            );
            let published = format!(
                "select kind from revocations where subject = '{}' order by number desc limit 1",
                now.user.id
            );
            assert_eq!(house.console(&published).await, ["subject"]);
        }
        let one = house.auth.tenant(Some(&root), &acme).await.expect("stays");
        assert_eq!(
            (one.members, one.managers, one.sessions),
            (0, 0, 0),
            "nobody can be held"
        );
        assert!(
            house
                .events(&*house.session_of(&ada).await)
                .await
                .iter()
                .any(|event| event.sentence == "You were removed from an organisation.")
        );
    }
);

both!(
    an_invitation_by_a_tenants_admin_makes_a_member_and_no_more,
    async |house| {
        let root = admin(house, ROOT).await;
        add_role(house, "builder", &["workflow:*"]).await;
        let acme = tenant(house, &root, "Acme").await;
        let ada = house.sign_up(ADA, Want::Page).await;
        join(house, &root, &acme, ADA, "admin").await;
        let ada = house.session_of(&ada).await;

        let token = asked(house, &ada, &acme, EVE, "admin").await;
        let client = house.somewhere();
        let came = house
            .auth
            .accept_invitation(accept(&token), None, Want::Page, &client)
            .await;
        let Ok(Accepted::SignedIn(eve)) = came else {
            panic!("{came:?}")
        };
        assert_eq!(eve.user.role, "user", "what she is at the portal");
        assert_eq!(eve.user.tenant_id.as_deref(), Some(acme.as_str()));
        for portal_wide in [
            "user:manage",
            "system:config",
            "audit:read",
            "apikey:manage",
        ] {
            assert!(
                !eve.user.permissions.iter().any(|held| held == portal_wide),
                "{portal_wide}"
            );
        }
        assert!(eve.user.permissions.contains(&"tenant:manage".to_owned()));

        // An account that is there joins, and stays what it is.
        let bob = house.member(BOB).await;
        let token = asked(house, &ada, &acme, BOB, "builder").await;
        let joining = wire::Acceptance {
            password: None,
            ..accept(&token)
        };
        let joined = house
            .auth
            .accept_invitation(joining, Some(&bob), Want::Page, &client)
            .await;
        let Ok(Accepted::Joined(bob)) = joined else {
            panic!("{joined:?}")
        };
        assert_eq!(
            (bob.user.role.as_str(), bob.user.tenant_id.as_deref()),
            ("user", Some(acme.as_str()))
        );
        assert_eq!(members(house, &ada, &acme).await.expect("reads").len(), 3);
    }
);

both!(
    an_invitation_into_a_tenant_is_worth_what_its_inviter_is_worth_there,
    async |house| {
        let root = admin(house, ROOT).await;
        let acme = tenant(house, &root, "Acme").await;
        let ada = manager(house, &root, &acme, ADA).await;
        let session = house.session_of(&ada).await;
        assert_eq!(
            code(invite(house, &session, &acme, &[EVE], "admin").await),
            ErrorCode::InsufficientPermissions
        );
        let token = asked(house, &session, &acme, EVE, "viewer").await;
        assert!(works(house, &token).await);

        let no_more = change(house, &root, &acme, &ada.user.id, &giving("")).await;
        no_more.expect("is demoted");
        assert!(!works(house, &token).await, "demoted");
        let again = change(house, &root, &acme, &ada.user.id, &giving("tenant:manage")).await;
        again.expect("is promoted");
        assert!(works(house, &token).await);
        let suspended = status(MemberStatus::Suspended);
        change(house, &root, &acme, &ada.user.id, &suspended)
            .await
            .expect("is suspended");
        assert!(!works(house, &token).await, "suspended");
        remove(house, &root, &acme, &ada.user.id)
            .await
            .expect("is removed");
        assert!(!works(house, &token).await, "removed");
        let client = house.somewhere();
        let came = house
            .auth
            .accept_invitation(accept(&token), None, Want::Page, &client)
            .await;
        assert_eq!(code(came), ErrorCode::InvalidOrExpiredLink);
    }
);

both!(
    invitations_of_a_tenant_are_seen_and_changed_from_there_alone,
    async |house| {
        let root = admin(house, ROOT).await;
        let (acme, beta) = (
            tenant(house, &root, "Acme").await,
            tenant(house, &root, "Beta").await,
        );
        let ada = manager(house, &root, &acme, ADA).await;
        let bob = manager(house, &root, &beta, BOB).await;
        let (ada, bob) = (house.session_of(&ada).await, house.session_of(&bob).await);
        let sent = invite(
            house,
            &ada,
            &acme,
            &[EVE, "not-one", ADA, "zoe@example.com"],
            "viewer",
        )
        .await;
        let sent = sent.expect("are judged");
        let told: Vec<_> = sent.iter().map(|one| one.as_ref().err().copied()).collect();
        assert_eq!(
            told,
            [
                None,
                Some(ErrorCode::InvalidRequest),
                Some(ErrorCode::Conflict),
                None
            ]
        );
        let id = sent[0].as_ref().expect("is invited");

        let client = house.somewhere();
        let query = InvitationQuery::default();
        let list = async |by: &Session, tenant: &str| {
            let page = house
                .auth
                .list_tenant_invitations(Some(by), tenant, &query)
                .await;
            page.map(|page| page.items.len())
        };
        assert_eq!(list(&ada, &acme).await.expect("hers"), 2);
        assert_eq!(list(&bob, &beta).await.expect("his"), 0);
        assert_eq!(list(&root, &acme).await.expect("all"), 2);
        assert_eq!(code(list(&bob, &acme).await), ErrorCode::NotFound);
        for (by, tenant) in [(&bob, &acme), (&bob, &beta), (&ada, &beta)] {
            let again = house
                .auth
                .resend_tenant_invitation(by, tenant, id, &client)
                .await;
            assert_eq!(code(again), ErrorCode::NotFound);
            let back = house
                .auth
                .revoke_tenant_invitation(by, tenant, id, &client)
                .await;
            assert_eq!(code(back), ErrorCode::NotFound);
        }
        house
            .auth
            .resend_tenant_invitation(&ada, &acme, id, &client)
            .await
            .expect("goes out again");
        house
            .auth
            .revoke_tenant_invitation(&ada, &acme, id, &client)
            .await
            .expect("is taken back");
        let query = InvitationQuery {
            status: Some(wire::InvitationStatus::Pending),
            ..InvitationQuery::default()
        };
        let waiting = house
            .auth
            .list_tenant_invitations(Some(&ada), &acme, &query)
            .await;
        assert_eq!(waiting.expect("reads").items.len(), 1);
    }
);

both!(
    no_more_than_three_hundred_are_invited_into_a_tenant_in_a_day,
    async |house| {
        let root = admin(house, ROOT).await;
        let acme = tenant(house, &root, "Acme").await;
        let (mut admins, mut sent) = (Vec::new(), 0);
        for at in 0..4 {
            let ada = manager(house, &root, &acme, &format!("admin{at}@example.com")).await;
            admins.push(house.session_of(&ada).await);
        }
        for (at, by) in admins.iter().enumerate() {
            let addresses: Vec<_> = (0..90)
                .map(|one| format!("p{at}-{one}@example.com"))
                .collect();
            let addresses: Vec<_> = addresses.iter().map(String::as_str).collect();
            let outcomes = invite(house, by, &acme, &addresses, "viewer")
                .await
                .expect("are judged");
            sent += outcomes.iter().filter(|one| one.is_ok()).count();
            assert!(
                outcomes
                    .iter()
                    .flat_map(|one| one.as_ref().err())
                    .all(|code| *code == ErrorCode::RateLimited)
            );
        }
        assert_eq!(sent, 300, "whoever of them invites");
    }
);

both!(
    a_deleted_tenant_is_gone_with_its_tokens_and_invitations_and_nobody_else,
    async |house| {
        let root = admin(house, ROOT).await;
        let acme = tenant(house, &root, "Acme").await;
        let ada = manager(house, &root, &acme, ADA).await;
        act(house, &*house.session_of(&ada).await, Some(&acme))
            .await
            .expect("belongs there");
        let invited = asked(house, &*house.session_of(&ada).await, &acme, EVE, "viewer").await;
        let former = token(house, &ada).await;
        let one = house
            .auth
            .tenant(Some(&root), &acme)
            .await
            .expect("is there");
        assert_eq!(
            (one.members, one.invitations, one.sessions),
            (1, 1, 1),
            "said beforehand"
        );

        let client = house.somewhere();
        for typed in ["", "acme", "Beta"] {
            let told = house
                .auth
                .delete_tenant(Some(&root), &acme, typed, &client)
                .await;
            assert_eq!(code(told), ErrorCode::InvalidRequest, "{typed}");
        }
        house
            .auth
            .delete_tenant(Some(&root), &acme, " Acme ", &client)
            .await
            .expect("is deleted");
        assert_eq!(
            code(house.auth.tenant(Some(&root), &acme).await),
            ErrorCode::NotFound
        );
        assert_eq!(opens(house, &former).await, Err(ErrorCode::TokenStale));
        let published = format!("select kind from revocations where subject = '{acme}'");
        assert_eq!(
            house.console(&published).await,
            ["tenant"],
            "for services, too"
        );
        let now = house.session_of(&ada).await;
        assert_eq!(
            (now.tenant_id.as_deref(), now.user.role.as_str()),
            (None, "user"),
            "she stays"
        );
        assert!(!works(house, &invited).await);
        let again = tenant(house, &root, "ACME").await;
        assert_ne!(again, acme, "its name is free");
    }
);

both!(
    of_two_who_remove_each_other_at_once_one_is_left,
    async |house| {
        let root = admin(house, ROOT).await;
        let other_node = house.node(without_limits()).await;
        let acme = tenant(house, &root, "Acme").await;
        let ada = manager(house, &root, &acme, ADA).await;
        let bob = manager(house, &root, &acme, BOB).await;
        let (ada, bob) = (house.session_of(&ada).await, house.session_of(&bob).await);
        let shared = house.is_shared();
        let acts = at_once(200, |at| {
            let (by, whom) = match at % 2 {
                0 => (Arc::clone(&ada), bob.user.id.clone()),
                _ => (Arc::clone(&bob), ada.user.id.clone()),
            };
            let auth = if shared && at % 2 == 1 {
                other_node.clone()
            } else {
                house.auth.clone()
            };
            let (acme, client) = (acme.clone(), house.somewhere());
            async move {
                match at % 4 {
                    0 | 1 => auth.remove_member(Some(&by), &acme, &whom, &client).await,
                    _ => {
                        let none = EditMember {
                            patterns: Some(Vec::new()),
                            role: Some("viewer".to_owned()),
                            ..EditMember::default()
                        };
                        let change = none.check().expect("holds");
                        auth.change_member(Some(&by), &acme, &whom, &change, &client)
                            .await
                            .map(|_| ())
                    }
                }
            }
        });
        let outcomes = acts.await;
        let managers = house
            .auth
            .tenant(Some(&root), &acme)
            .await
            .expect("stays")
            .managers;
        assert_eq!(managers, 1, "whoever was first");
        let told: Vec<_> = outcomes
            .into_iter()
            .filter_map(Result::err)
            .map(|error| wire::Error::from(error).code)
            .collect();
        assert!(
            told.len() >= 100 && told.iter().all(|code| *code == ErrorCode::NotFound),
            "{told:?}"
        );
    }
);

both!(
    ten_thousand_members_are_read_a_page_at_a_time,
    async |house| {
        let root = admin(house, ROOT).await;
        let acme = tenant(house, &root, "Acme").await;
        let numbers = match house.is_shared() {
            true => "select n from generate_series(0, 9999) as s(n)",
            false => {
                "with recursive s(n) as (select 0 union all select n + 1 from s where n < 9999) select n from s"
            }
        };
        let id = match house.is_shared() {
            true => "'00000000-0000-7000-8000-' || lpad(cast(n as varchar(12)), 12, '0')",
            false => "printf('00000000-0000-7000-8000-%012d', n)",
        };
        for insert in [
            format!(
                "insert into users (id, email, role, created_at, updated_at) select {id}, 'p' || n || '@example.com', 'user', n, n from ({numbers}) as numbers returning id"
            ),
            format!(
                "insert into memberships (user_id, tenant_id, role, joined_at) select {id}, '{acme}', 'viewer', n / 7 from ({numbers}) as numbers returning user_id"
            ),
        ] {
            assert_eq!(house.console(&insert).await.len(), 10_000);
        }

        let (mut seen, mut pages, mut paging) = (
            Vec::new(),
            0,
            Paging {
                limit: 200,
                after: None,
            },
        );
        loop {
            let query = MemberQuery {
                paging: paging.clone(),
                ..MemberQuery::default()
            };
            let page = house
                .auth
                .list_members(Some(&root), &acme, &query)
                .await
                .expect("reads");
            pages += 1;
            seen.extend(page.items.into_iter().map(|member| member.user_id));
            let Some(next) = page.next else { break };
            paging.after = Some(next);
        }
        assert_eq!((seen.len(), pages), (10_000, 50));
        assert!(
            seen.is_sorted_by(|one, next| one > next),
            "newest first, each once"
        );
        let query = MemberQuery {
            part: "P9999@".to_owned(),
            ..MemberQuery::default()
        };
        let found = house
            .auth
            .list_members(Some(&root), &acme, &query)
            .await
            .expect("reads");
        assert_eq!(found.items.len(), 1);
        assert_eq!(
            house
                .auth
                .tenant(Some(&root), &acme)
                .await
                .expect("counts")
                .members,
            10_000
        );
    }
);

both!(
    no_second_invitation_leads_back_who_was_removed_or_suspended,
    async |house| {
        let root = admin(house, ROOT).await;
        let acme = tenant(house, &root, "Acme").await;
        let client = house.somewhere();
        let joining = |token: &Secret| wire::Acceptance {
            password: None,
            ..accept(token)
        };
        for (address, is_removed) in [(ADA, true), (BOB, false)] {
            let person = house.member(address).await;
            let mut links = Vec::new();
            for _ in 0..3 {
                // Three letters in a quarter of an hour, and one told of the account.
                house.advance(15 * MINUTE);
                links.push(asked(house, &root, &acme, address, "viewer").await);
            }
            let joined = house.auth.accept_invitation(
                joining(&links[0]),
                Some(&person),
                Want::Page,
                &client,
            );
            joined.await.expect("joins");
            assert!(!works(house, &links[1]).await, "one is enough");
            let late = house.console(&format!("update invitations set revoked_at = null where email = '{address}' and accepted_at is null returning id")).await;
            assert_eq!(late.len(), 2, "as if two had been sent a moment later");

            let user = person.user.id.clone();
            if is_removed {
                remove(house, &root, &acme, &user)
                    .await
                    .expect("is removed");
            } else {
                change(house, &root, &acme, &user, &status(MemberStatus::Suspended))
                    .await
                    .expect("is suspended");
            }
            let waiting = format!(
                "select id from invitations where email = '{address}' and accepted_at is null and revoked_at is null"
            );
            assert_eq!(
                house.console(&waiting).await,
                Vec::<String>::new(),
                "taken back with the membership"
            );
            for link in &links {
                let again = session_of(house, address).await;
                let back = house
                    .auth
                    .accept_invitation(joining(link), Some(&again), Want::Page, &client)
                    .await;
                assert_eq!(code(back), ErrorCode::InvalidOrExpiredLink);
            }
            let now = session_of(house, address).await;
            assert_eq!(
                code(act(house, &now, Some(&acme)).await),
                ErrorCode::NotFound
            );
        }
    }
);

both!(an_invitation_of_before_resumes_nobody, async |house| {
    let root = admin(house, ROOT).await;
    let acme = tenant(house, &root, "Acme").await;
    let ada = house.member(ADA).await;
    let link = asked(house, &root, &acme, ADA, "user").await;
    join(house, &root, &acme, ADA, "viewer").await;
    let suspended = "update memberships set suspended_at = 1 returning role";
    assert_eq!(house.console(suspended).await, ["viewer"]);
    let (client, joining) = (
        house.somewhere(),
        wire::Acceptance {
            password: None,
            ..accept(&link)
        },
    );
    let back = house
        .auth
        .accept_invitation(joining, Some(&ada), Want::Page, &client)
        .await;
    assert_eq!(code(back), ErrorCode::InvalidOrExpiredLink);
    assert!(works(house, &link).await, "nothing was used up");
});

both!(
    what_holds_in_a_tenant_makes_no_account_beyond_it,
    async |house| {
        let root = admin(house, ROOT).await;
        let acme = tenant(house, &root, "Acme").await;
        let ada = house.sign_up(ADA, Want::Page).await;
        join(house, &root, &acme, ADA, "admin").await;
        let by = house.session_of(&ada).await;
        let token = asked(house, &by, &acme, EVE, "viewer").await;
        // At the portal she is a viewer from now on; in the tenant she holds all there is.
        crate::invitation::give_role(house, ADA, "viewer").await;
        assert!(
            !works(house, &token).await,
            "no account of `user` is hers to make any more"
        );
        let by = session_of(house, ADA).await;
        let token = asked(house, &by, &acme, "zoe@example.com", "admin").await;
        let client = house.somewhere();
        let came = house
            .auth
            .accept_invitation(accept(&token), None, Want::Page, &client)
            .await;
        let Ok(Accepted::SignedIn(zoe)) = came else {
            panic!("{came:?}")
        };
        assert_eq!(zoe.user.role, "viewer");
        crate::invitation::give_role(house, ADA, "api").await;
        let by = session_of(house, ADA).await;
        let none = invite(house, &by, &acme, &["new@example.com"], "viewer").await;
        assert_eq!(code(none), ErrorCode::InsufficientPermissions);
    }
);

both!(
    what_was_refused_in_a_tenant_is_written_down_and_told_as_before,
    async |house| {
        let root = admin(house, ROOT).await;
        let acme = tenant(house, &root, "Acme").await;
        let beta = tenant(house, &root, "Beta").await;
        let ada = manager(house, &root, &acme, ADA).await;
        let ada = house.session_of(&ada).await;
        let bob = house.member(BOB).await.user.id.clone();
        join(house, &root, &acme, BOB, "viewer").await;
        let client = house.somewhere();
        let name = TenantName::parse("Mine").expect("a name");
        for (refused, action, reason) in [
            (
                code(change(house, &ada, &acme, &bob, &role("admin")).await),
                "member.change",
                "outranked",
            ),
            (
                code(remove(house, &ada, &acme, &ada.user.id).await),
                "member.remove",
                "oneself",
            ),
            (
                code(
                    house
                        .auth
                        .rename_tenant(Some(&ada), &beta, &name, &client)
                        .await,
                ),
                "tenant.rename",
                "missing_permission",
            ),
            (
                code(
                    house
                        .auth
                        .delete_tenant(Some(&ada), &acme, "Acme", &client)
                        .await,
                ),
                "tenant.delete",
                "missing_permission",
            ),
            (
                code(invite(house, &ada, &acme, &[EVE], "admin").await),
                "member.invite",
                "outranked",
            ),
        ] {
            let query = format!(
                "select detail from audit_log where action = '{action}' and outcome = 'refused' and actor_id = '{}'",
                ada.user.id
            );
            let rows = house.console(&query).await;
            assert_eq!(rows.len(), 1, "{action} {refused:?}");
            assert!(rows[0].contains(reason), "{rows:?}");
        }
        // What never was is nobody's, and what stands where an id belongs is not kept.
        for id in [NOBODYS, "a\0b", "x"] {
            assert_eq!(code(remove(house, &ada, id, id).await), ErrorCode::NotFound);
            assert_eq!(
                code(remove(house, &ada, &beta, id).await),
                ErrorCode::NotFound
            );
            assert_eq!(
                code(remove(house, &ada, &acme, id).await),
                ErrorCode::NotFound
            );
            assert_eq!(code(act(house, &ada, Some(id)).await), ErrorCode::NotFound);
        }
    }
);

both!(nobody_switches_without_end, async |house| {
    let root = admin(house, ROOT).await;
    let acme = tenant(house, &root, "Acme").await;
    let ada = house.member(ADA).await;
    join(house, &root, &acme, ADA, "viewer").await;
    for at in 0..60 {
        let to = (at % 2 == 0).then_some(acme.as_str());
        act(house, &ada, to).await.expect("is not too often");
    }
    assert_eq!(
        code(act(house, &ada, Some(&acme)).await),
        ErrorCode::RateLimited
    );
    house.advance(HOUR);
    act(house, &ada, Some(&acme)).await.expect("an hour later");
});
