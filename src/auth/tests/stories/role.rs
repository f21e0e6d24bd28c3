//! Roles as data (req 84–97): made, changed and deleted by those who hold what they give.

use std::sync::Arc;

use auth::{RightsChange, RightsError, Session};
use wire::{
    EditRole, ErrorCode, GrantSet, HeldRight, Impact, Pattern, Permission, Role, RoleDraft,
    RoleName,
};

use crate::invitation::{add_role, admin, give_role, session_of};
use crate::support::*;

const ROOT: &str = "root@example.com";
const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

pub(crate) fn patterns(texts: &[&str]) -> Vec<Pattern> {
    let read = |text: &&str| Pattern::parse(text).expect("a pattern");
    texts.iter().map(read).collect()
}

pub(crate) fn gives(patterns_of: &[&str], assigned: &[&str]) -> GrantSet {
    GrantSet::of(patterns(patterns_of), patterns(assigned))
}

fn draft(texts: &[&str]) -> RoleDraft {
    RoleDraft {
        description: "of a story".to_owned(),
        grants: gives(texts, &[]),
        version: None,
    }
}

pub(crate) async fn make(
    house: &House,
    by: &Session,
    name: &str,
    texts: &[&str],
) -> Result<Role, RightsError> {
    let name = RoleName::parse(name).expect("a name");
    let client = house.somewhere();
    house
        .auth
        .add_role(Some(by), &name, &draft(texts), &client)
        .await
}

pub(crate) async fn change(
    house: &House,
    by: &Session,
    name: &str,
    texts: &[&str],
) -> Result<Role, RightsError> {
    let client = house.somewhere();
    house
        .auth
        .change_role(Some(by), name, &draft(texts), &client)
        .await
}

pub(crate) async fn set_role(
    house: &House,
    by: &Session,
    id: &str,
    role: &str,
) -> Result<(), RightsError> {
    let client = house.somewhere();
    house.auth.set_role_of(Some(by), id, role, &client).await
}

pub(crate) async fn grant(
    house: &House,
    by: &Session,
    id: &str,
    texts: &[&str],
) -> Result<(), RightsError> {
    let grants = gives(texts, &[]);
    let change = RightsChange {
        grants: Some(&grants),
        ..RightsChange::default()
    };
    let client = house.somewhere();
    house
        .auth
        .set_rights_of(Some(by), id, &change, &client)
        .await
}

/// Somebody who may change roles and look after people, and beside that read workflows.
async fn manager(house: &House) -> Arc<Session> {
    add_role(
        house,
        "manager",
        &[
            "system:config",
            "user:manage",
            "workflow:read",
            "automation:*",
        ],
    )
    .await;
    house.member(BOB).await;
    give_role(house, BOB, "manager").await;
    session_of(house, BOB).await
}

async fn held(house: &House, session: &Session) -> Vec<String> {
    let read = house.auth.rights_of(None, &session.user.id).await;
    let rights = read.expect("reads").expect("is there");
    rights
        .effective
        .into_iter()
        .map(|right| right.permission)
        .collect()
}

fn free(permission: &str) -> HeldRight {
    HeldRight {
        permission: permission.to_owned(),
        only_assigned: false,
    }
}

both!(a_role_is_made_changed_and_deleted, async |house| {
    let root = admin(house, ROOT).await;
    let made = make(house, &root, "reader", &["workflow.read", "automation:*"])
        .await
        .expect("is made");
    assert_eq!(made.patterns, ["automation:*", "workflow:read"]);
    assert_eq!(
        made.permissions,
        [
            "automation:create",
            "automation:delete",
            "automation:read",
            "automation:update",
            "workflow:read"
        ],
        "a wildcard is shown expanded"
    );
    assert!(made.changeable && !made.built_in && (made.users, made.members) == (0, 0));
    assert!(matches!(
        make(house, &root, "reader", &[]).await,
        Err(RightsError::Taken)
    ));

    let ada = house.member(ADA).await;
    set_role(house, &root, &ada.user.id, "reader")
        .await
        .expect("is given");
    let changed = change(house, &root, "reader", &["workflow:read"])
        .await
        .expect("is changed");
    assert_eq!((changed.patterns.len(), changed.users), (1, 1));
    assert_ne!(changed.version, made.version);
    let kept = "select detail from audit_log where action = 'role.changed'";
    let kept = house.console(kept).await.concat();
    assert!(
        kept.contains(r#""before":{"patterns":["automation:*","workflow:read"]}"#),
        "{kept}"
    );
    assert!(
        kept.contains(r#""after":{"patterns":["workflow:read"]}"#),
        "{kept}"
    );

    let client = house.somewhere();
    let delete = async |name: &str, move_to: Option<&str>| {
        house
            .auth
            .delete_role(Some(&root), name, (move_to, None), &client)
            .await
    };
    assert!(matches!(
        delete("reader", None).await,
        Err(RightsError::InUse)
    ));
    for nowhere in ["reader", "api", "nobody", "\0"] {
        let refused = delete("reader", Some(nowhere)).await;
        assert!(
            matches!(refused, Err(RightsError::NoRole("moveTo"))),
            "{nowhere}"
        );
    }
    assert_eq!(
        delete("reader", Some("viewer")).await.expect("is deleted"),
        1
    );
    assert_eq!(house.auth.role("reader").await.expect("reads"), None);
    assert_eq!(
        held(house, &ada).await,
        ["automation:read", "workflow:read"]
    );
    for (name, refusal) in [
        ("reader", ErrorCode::NotFound),
        ("user", ErrorCode::Conflict),
        ("admin", ErrorCode::Conflict),
    ] {
        assert_eq!(code(delete(name, None).await), refusal, "{name}");
    }
});

both!(what_the_portal_relies_on_stays_as_it_is, async |house| {
    let root = admin(house, ROOT).await;
    for fixed in ["admin", "api"] {
        assert!(matches!(
            change(house, &root, fixed, &[]).await,
            Err(RightsError::BuiltIn)
        ));
    }
    change(house, &root, "viewer", &["workflow:read"])
        .await
        .expect("may be changed");
    let ada = house.member(ADA).await;
    for nobodys in ["api", "nobody", "", "admin' --", "\0"] {
        let refused = set_role(house, &root, &ada.user.id, nobodys).await;
        assert!(
            matches!(refused, Err(RightsError::NoRole("role"))),
            "{nobodys:?}"
        );
    }
    for unknown in ["workflow:fly", "workflaw:*"] {
        let refused = change(house, &root, "viewer", &[unknown]).await;
        assert!(
            matches!(refused, Err(RightsError::NoPermission("patterns"))),
            "{unknown}"
        );
    }
});

both!(
    nobody_gives_what_they_do_not_hold_by_any_way,
    async |house| {
        let root = admin(house, ROOT).await;
        let bob = manager(house).await;
        let ada = house.member(ADA).await;
        give_role(house, ADA, "viewer").await;
        make(house, &root, "deleter", &["workflow:delete"])
            .await
            .expect("is made");
        make(house, &root, "reader", &["workflow:read"])
            .await
            .expect("is made");

        // A wildcard only by a wildcard, also where all it permits today is held.
        for more in ["workflow:delete", "workflow:*", "*:*", "audit:read"] {
            assert!(
                matches!(
                    make(house, &bob, "more", &[more]).await,
                    Err(RightsError::Outranked)
                ),
                "{more}"
            );
            assert!(matches!(
                change(house, &bob, "reader", &["workflow:read", more]).await,
                Err(RightsError::Outranked)
            ));
            assert!(
                matches!(
                    change(house, &bob, "manager", &[more]).await,
                    Err(RightsError::Outranked)
                ),
                "their own role"
            );
            assert!(matches!(
                grant(house, &bob, &ada.user.id, &[more]).await,
                Err(RightsError::Outranked)
            ));
        }
        for role in ["deleter", "admin", "user"] {
            assert!(
                matches!(
                    set_role(house, &bob, &ada.user.id, role).await,
                    Err(RightsError::Outranked)
                ),
                "{role}"
            );
        }
        // Nor does anybody take from what is above them.
        assert!(matches!(
            change(house, &bob, "deleter", &[]).await,
            Err(RightsError::Outranked)
        ));
        let client = house.somewhere();
        let deleted = house
            .auth
            .delete_role(Some(&bob), "deleter", (None, None), &client)
            .await;
        assert!(matches!(deleted, Err(RightsError::Outranked)));
        let removed = Permission::parse("workflow:delete").expect("one");
        let removed = house
            .auth
            .delete_permission(Some(&bob), &removed, &client)
            .await;
        assert!(matches!(removed, Err(RightsError::Outranked)));
        for act in [
            set_role(house, &bob, &root.user.id, "viewer").await,
            grant(house, &bob, &root.user.id, &[]).await,
        ] {
            assert!(matches!(act, Err(RightsError::Outranked)));
        }

        make(house, &bob, "helper", &["workflow:read", "automation:*"])
            .await
            .expect("is theirs to give");
        grant(house, &bob, &ada.user.id, &["automation:create"])
            .await
            .expect("is theirs to give");
        set_role(house, &bob, &ada.user.id, "helper")
            .await
            .expect("is theirs to give");
        assert!(
            held(house, &ada)
                .await
                .contains(&"automation:delete".to_owned())
        );

        // A right lost a moment ago, whatever the session in hand says, is no right.
        give_role(house, BOB, "user").await;
        assert!(matches!(
            make(house, &bob, "late", &[]).await,
            Err(RightsError::Outranked)
        ));
    }
);

both!(nobody_changes_their_own_rights, async |house| {
    let root = admin(house, ROOT).await;
    admin(house, "second@example.com").await;
    let mine = &root.user.id;
    assert!(matches!(
        set_role(house, &root, mine, "viewer").await,
        Err(RightsError::Oneself)
    ));
    assert!(matches!(
        grant(house, &root, mine, &["workflow:read"]).await,
        Err(RightsError::Oneself)
    ));
    let seen = house
        .auth
        .rights_of(Some(&root), mine)
        .await
        .expect("reads");
    assert!(!seen.expect("is there").manageable);
});

both!(the_last_admin_is_never_demoted, async |house| {
    let root = admin(house, ROOT).await;
    let client = house.somewhere();
    let operator = house
        .auth
        .set_role_of(None, &root.user.id, "user", &client)
        .await;
    assert!(matches!(operator, Err(RightsError::LastAdmin)));

    for round in 0..5 {
        let names = [
            format!("a{round}@example.com"),
            format!("b{round}@example.com"),
        ];
        let (one, other) = (admin(house, &names[0]).await, admin(house, &names[1]).await);
        let others = format!(
            "update users set role = 'user' where role = 'admin' and email not in ('{}', '{}') returning id",
            names[0], names[1]
        );
        house.console(&others).await;
        let pairs = [(one.clone(), other.clone()), (other, one)];
        let done = at_once(2, |at| {
            let (auth, (by, of), client) =
                (house.auth.clone(), pairs[at].clone(), house.somewhere());
            async move {
                auth.set_role_of(Some(&by), &of.user.id, "viewer", &client)
                    .await
            }
        })
        .await;
        assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 1, "{done:?}");
        let left = "select id from users where role = 'admin'";
        assert_eq!(
            house.console(left).await.len(),
            1,
            "one is left to look after the portal"
        );
    }
});

both!(
    a_preview_says_who_gains_and_loses_what_and_changes_nothing,
    async |house| {
        let root = admin(house, ROOT).await;
        make(
            house,
            &root,
            "reader",
            &["workflow:read", "workflow:update"],
        )
        .await
        .expect("is made");
        let ada = house.member(ADA).await;
        let eve = house.member("eve@example.com").await;
        for one in [&ada, &eve] {
            set_role(house, &root, &one.user.id, "reader")
                .await
                .expect("is given");
        }
        grant(house, &root, &eve.user.id, &["workflow:update"])
            .await
            .expect("is given");
        let before = house
            .auth
            .role("reader")
            .await
            .expect("reads")
            .expect("is there");

        let wanted = draft(&["workflow:read", "automation:read"]);
        let impact = house
            .auth
            .preview_role(Some(&root), "reader", &wanted)
            .await
            .expect("is told");
        assert_eq!(
            (impact.gains, impact.loses),
            (vec![free("automation:read")], vec![free("workflow:update")])
        );
        assert_eq!(
            (impact.sessions, impact.others, impact.people.len()),
            (2, 0, 2)
        );
        let of = |email: &str| {
            impact
                .people
                .iter()
                .find(|one| one.email == email)
                .expect("is named")
                .clone()
        };
        assert_eq!(of(ADA).loses, [free("workflow:update")]);
        assert_eq!(of("eve@example.com").loses, [], "she was given it herself");
        assert_eq!(of("eve@example.com").gains, [free("automation:read")]);
        let after = house
            .auth
            .role("reader")
            .await
            .expect("reads")
            .expect("is there");
        assert_eq!(after, before);

        // Somebody was faster: what was read is no more.
        change(house, &root, "reader", &["workflow:read"])
            .await
            .expect("is changed");
        let late = RoleDraft {
            version: Some(before.version),
            ..wanted
        };
        let client = house.somewhere();
        for refused in [
            house
                .auth
                .preview_role(Some(&root), "reader", &late)
                .await
                .map(|_| ()),
            house
                .auth
                .change_role(Some(&root), "reader", &late, &client)
                .await
                .map(|_| ()),
        ] {
            assert!(matches!(refused, Err(RightsError::Changed)));
        }

        let to_viewer = RightsChange {
            role: Some("viewer"),
            ..RightsChange::default()
        };
        let told = house
            .auth
            .preview_rights_of(Some(&root), &eve.user.id, &to_viewer)
            .await;
        let Impact {
            gains,
            loses,
            sessions,
            ..
        } = told.expect("is told");
        assert_eq!(
            (gains, loses, sessions),
            (vec![free("automation:read")], vec![], 1)
        );
        assert_eq!(
            held(house, &eve).await,
            ["workflow:read", "workflow:update"]
        );
    }
);

both!(
    a_change_reaches_sessions_at_once_and_tokens_by_the_feed,
    async |house| {
        let root = admin(house, ROOT).await;
        make(house, &root, "reader", &["workflow:read"])
            .await
            .expect("is made");
        let signed_in = house.sign_up(ADA, TOKENS).await;
        let ada = session_of(house, ADA).await;
        let id = ada.user.id.clone();
        let (access, _) = tokens(signed_in);
        house
            .auth
            .session_by_access_token(&access)
            .await
            .expect("is good");

        set_role(house, &root, &id, "reader")
            .await
            .expect("is given");
        assert_eq!(
            code(house.auth.session_by_access_token(&access).await),
            ErrorCode::TokenStale
        );
        let program = house
            .auth
            .log_in(credentials(ADA, PASSWORD), TOKENS, &house.somewhere())
            .await;
        let (access, _) = tokens(program.expect("signs in"));
        let session = house
            .auth
            .session_by_access_token(&access)
            .await
            .expect("is good");
        assert_eq!(session.user.permissions, ["workflow:read"]);

        let number = house
            .console("select cast(value as text) from change_number")
            .await;
        change(house, &root, "reader", &["automation:read"])
            .await
            .expect("is changed");
        assert_eq!(
            code(house.auth.session_by_access_token(&access).await),
            ErrorCode::TokenStale
        );
        let kinds = format!(
            "select kind from revocations where number > {} order by number",
            number[0]
        );
        assert_eq!(
            house.console(&kinds).await,
            ["role", "role"],
            "the role, and tokens of keys"
        );
        let fresh = session_of(house, ADA).await;
        assert_eq!(fresh.user.permissions, ["automation:read"]);

        // The same again is no change, and ends no token.
        let number = house
            .console("select cast(value as text) from change_number")
            .await;
        change(house, &root, "reader", &["automation:read"])
            .await
            .expect("is the same");
        set_role(house, &root, &id, "reader")
            .await
            .expect("is the same");
        assert_eq!(
            house
                .console("select cast(value as text) from change_number")
                .await,
            number
        );
    }
);

both!(every_right_says_where_it_comes_from, async |house| {
    let root = admin(house, ROOT).await;
    let ada = house.member(ADA).await;
    set_role(house, &root, &ada.user.id, "viewer")
        .await
        .expect("is given");
    let grants = gives(&["workflow:*"], &["audit:read"]);
    let wanted = RightsChange {
        grants: Some(&grants),
        ..RightsChange::default()
    };
    let client = house.somewhere();
    house
        .auth
        .set_rights_of(Some(&root), &ada.user.id, &wanted, &client)
        .await
        .expect("is given");

    let rights = house
        .auth
        .rights_of(Some(&root), &ada.user.id)
        .await
        .expect("reads")
        .expect("is there");
    assert!(rights.manageable && rights.in_force);
    let why = |name: &str| -> Vec<String> {
        let right = rights
            .effective
            .iter()
            .find(|right| right.permission == name);
        let sources = right
            .map(|right| right.sources.as_slice())
            .unwrap_or_default();
        sources
            .iter()
            .map(|one| format!("{} {} {}", one.source, one.pattern, one.only_assigned))
            .collect()
    };
    assert_eq!(
        why("workflow:read"),
        ["grant workflow:* false", "role workflow:read false"]
    );
    assert_eq!(why("workflow:delete"), ["grant workflow:* false"]);
    assert_eq!(why("audit:read"), ["grant audit:read true"]);
    assert_eq!(why("user:manage"), Vec::<String>::new());
    let session = session_of(house, ADA).await;
    assert!(
        !session.user.permissions.contains(&"audit:read".to_owned()),
        "bound to resources, so in no token"
    );
    for id in ["", "none", &house.auth.draw_id()] {
        assert_eq!(
            house.auth.rights_of(Some(&root), id).await.expect("reads"),
            None
        );
    }
});

both!(
    a_permission_that_goes_is_taken_from_all_it_was_given_to,
    async |house| {
        let root = admin(house, ROOT).await;
        let client = house.somewhere();
        let publish = Permission::parse("content.publish").expect("one");
        let add = async || {
            house
                .auth
                .add_permission(Some(&root), &publish, "Publish", &client)
                .await
        };
        add().await.expect("is added");
        assert!(matches!(add().await, Err(RightsError::Taken)));
        make(house, &root, "editor", &["content:publish"])
            .await
            .expect("is made");
        make(house, &root, "owner", &["content:*"])
            .await
            .expect("is made");
        let ada = house.member(ADA).await;
        grant(house, &root, &ada.user.id, &["content:publish"])
            .await
            .expect("is given");

        let listed = house.auth.list_permissions().await.expect("lists");
        let entry = listed
            .iter()
            .find(|one| one.name == "content:publish")
            .expect("is listed");
        assert_eq!(
            (entry.roles.as_slice(), entry.grants, entry.built_in),
            (&["editor".to_owned()][..], 1, false)
        );

        house
            .auth
            .delete_permission(Some(&root), &publish, &client)
            .await
            .expect("is removed");
        assert!(matches!(
            house
                .auth
                .delete_permission(Some(&root), &publish, &client)
                .await,
            Err(RightsError::Unknown)
        ));
        let manage = Permission::parse("user:manage").expect("one");
        assert!(matches!(
            house
                .auth
                .delete_permission(Some(&root), &manage, &client)
                .await,
            Err(RightsError::BuiltIn)
        ));

        // Another of its name is nobody's who was given the first by name.
        add().await.expect("is added");
        assert!(
            !held(house, &ada)
                .await
                .contains(&"content:publish".to_owned())
        );
        let of = async |name: &str| {
            house
                .auth
                .role(name)
                .await
                .expect("reads")
                .expect("is there")
                .permissions
        };
        assert_eq!(
            (of("editor").await, of("owner").await),
            (vec![], vec!["content:publish".to_owned()])
        );
    }
);

#[test]
fn a_role_as_it_arrives_is_read_strictly() {
    let edit = EditRole {
        description: "x".repeat(201),
        patterns: vec!["content.*".to_owned(), "*:read".to_owned()],
        ..EditRole::default()
    };
    let told = edit.check().expect_err("is refused").to_string();
    assert_eq!(
        told,
        "invalid_request description=too_long patterns=invalid"
    );
}

both!(
    an_account_that_proved_no_address_is_no_admin_and_counts_as_none,
    async |house| {
        let root = admin(house, ROOT).await;
        let ada = house.member(ADA).await;
        let unprove =
            format!("update users set email_verified_at = null where email = '{ADA}' returning id");
        house.console(&unprove).await;
        let refused = set_role(house, &root, &ada.user.id, "admin").await;
        assert!(matches!(refused, Err(RightsError::Unproven)));

        give_role(house, ADA, "admin").await;
        let client = house.somewhere();
        let last = house
            .auth
            .set_role_of(None, &root.user.id, "user", &client)
            .await;
        assert!(
            matches!(last, Err(RightsError::LastAdmin)),
            "the other one holds nothing"
        );
    }
);

both!(
    a_role_that_goes_takes_its_invitations_along_and_spares_whoever_holds_more,
    async |house| {
        let root = admin(house, ROOT).await;
        make(house, &root, "reader", &["workflow:read"])
            .await
            .expect("is made");
        let bob = manager(house).await;
        let eve = house.member("eve@example.com").await;
        set_role(house, &root, &eve.user.id, "reader")
            .await
            .expect("is given");
        grant(house, &root, &eve.user.id, &["audit:read"])
            .await
            .expect("is given");
        let client = house.somewhere();
        let how = (Some("helper"), None);
        make(house, &root, "helper", &["workflow:read"])
            .await
            .expect("is made");
        let refused = house
            .auth
            .delete_role(Some(&bob), "reader", how, &client)
            .await;
        assert!(
            matches!(refused, Err(RightsError::Outranked)),
            "eve holds more than bob"
        );

        crate::invitation::invite(house, &root, ADA, &crate::invitation::offer("reader"))
            .await
            .expect("is invited");
        let looked = house
            .auth
            .preview_deletion(Some(&root), "reader", how.0)
            .await
            .expect("is told");
        assert_eq!((looked.invitations, looked.people.len()), (1, 1));
        let stale = (Some("helper"), Some("0123456789abcdef"));
        assert!(matches!(
            house
                .auth
                .delete_role(Some(&root), "reader", stale, &client)
                .await,
            Err(RightsError::Changed)
        ));
        let how = (Some("helper"), Some(looked.version.as_str()));
        house
            .auth
            .delete_role(Some(&root), "reader", how, &client)
            .await
            .expect("goes");
        let open = "select email from invitations where revoked_at is null and accepted_at is null";
        assert!(house.console(open).await.is_empty());
    }
);

both!(what_was_looked_at_is_what_is_done, async |house| {
    let root = admin(house, ROOT).await;
    make(house, &root, "reader", &["workflow:read"])
        .await
        .expect("is made");
    let ada = house.member(ADA).await;
    let change = RightsChange {
        role: Some("reader"),
        ..RightsChange::default()
    };
    let looked = house
        .auth
        .preview_rights_of(Some(&root), &ada.user.id, &change)
        .await;
    let version = looked.expect("is told").version;
    self::change(house, &root, "reader", &["workflow:*"])
        .await
        .expect("is changed");
    let late = RightsChange {
        version: Some(&version),
        ..change
    };
    let client = house.somewhere();
    let refused = house
        .auth
        .set_rights_of(Some(&root), &ada.user.id, &late, &client)
        .await;
    assert!(
        matches!(refused, Err(RightsError::Changed)),
        "the role gives more by now"
    );
});

both!(
    who_may_not_look_after_people_learns_no_names_from_a_preview,
    async |house| {
        let root = admin(house, ROOT).await;
        make(house, &root, "reader", &["workflow:read"])
            .await
            .expect("is made");
        let ada = house.member(ADA).await;
        set_role(house, &root, &ada.user.id, "reader")
            .await
            .expect("is given");
        let bob = house.member(BOB).await;
        grant(house, &root, &bob.user.id, &["system:config"])
            .await
            .expect("is given");
        let bob = session_of(house, BOB).await;
        let told = house
            .auth
            .preview_role(Some(&bob), "reader", &draft(&[]))
            .await
            .expect("is told");
        assert_eq!((told.people.len(), told.others), (0, 1));
    }
);
