//! Inviting (`req 28`), looking after invitations, and what keeps an inviter within their rights (row 94).

use std::sync::Arc;

use auth::{InvitationQuery, InviteError, Letter, LetterKind, PostError, Session, Want};
use wire::{
    Acceptance, Email, ErrorCode, FieldCode, Invitation, InvitationProblem, InvitationStatus,
    Offer, Paging, Password, Secret, TenantName,
};

use crate::support::*;

const ROOT: &str = "root@example.com";
const ADA: &str = "ada@example.com";

/// Somebody signed in on a page.
pub(crate) async fn session_of(house: &House, address: &str) -> Arc<Session> {
    let signed_in = house.log_in(address, PASSWORD).await.expect("signs in");
    house.session(&cookie(&signed_in)).await.expect("lives")
}

/// An admin who is signed in.
pub(crate) async fn admin(house: &House, address: &str) -> Arc<Session> {
    let made = house.auth.create_admin(account(address)).await;
    made.expect("is made");
    session_of(house, address).await
}

pub(crate) fn offer(role: &str) -> Offer {
    Offer {
        role: role.to_owned(),
        tenant_id: None,
        first_name: None,
        last_name: None,
    }
}

/// The same to join a tenant, which is made for it.
pub(crate) async fn offer_in(house: &House, by: &Session, role: &str, tenant: &str) -> Offer {
    let name = TenantName::parse(tenant).expect("a name");
    let tenant = house
        .auth
        .add_tenant(Some(by), &name, &house.somewhere())
        .await;
    Offer {
        tenant_id: Some(tenant.expect("is made").id),
        ..offer(role)
    }
}

pub(crate) async fn invite(
    house: &House,
    by: &Session,
    address: &str,
    offer: &Offer,
) -> Result<Invitation, InviteError> {
    let client = house.somewhere();
    house.auth.invite(by, &email(address), offer, &client).await
}

/// The token in an invitation's link.
pub(crate) fn invitation_token(letter: &Letter) -> Secret {
    let LetterKind::Invitation { link, .. } = &letter.kind else {
        panic!("no invitation: {letter:?}");
    };
    let (page, token) = link.reveal().split_once("?token=").expect("a link");
    assert_eq!(page, "http://localhost:3000/accept-invitation");
    Secret::new(token)
}

/// Invites, and reads the letter.
pub(crate) async fn invited(house: &House, by: &Session, address: &str, offer: &Offer) -> Secret {
    invite(house, by, address, offer).await.expect("is invited");
    let letter = house.letter().await;
    assert_eq!(letter.to, email(address));
    invitation_token(&letter)
}

/// Accepting with the usual password.
pub(crate) fn accept(token: &Secret) -> Acceptance {
    Acceptance {
        token: token.clone(),
        password: Some(Password::claimed(PASSWORD)),
        username: None,
        names: None,
    }
}

/// Whether a link leads anywhere.
pub(crate) async fn works(house: &House, token: &Secret) -> bool {
    let link = house.auth.invitation_link(token).await;
    link.expect("answers").is_some()
}

async fn list(house: &House, status: Option<InvitationStatus>, part: &str) -> Vec<Invitation> {
    let query = InvitationQuery {
        status,
        part: part.to_owned(),
        paging: Paging::default(),
    };
    let page = house.auth.list_invitations(&query).await;
    page.expect("answers").items
}

/// Makes a role of these permissions, as no door does yet.
pub(crate) async fn add_role(house: &House, name: &str, permissions: &[&str]) {
    let role = format!(
        "insert into roles (name, description) values ('{name}', 'of a story') returning name"
    );
    house.console(&role).await;
    for permission in permissions {
        let row = format!(
            "insert into role_grants (role, pattern) values ('{name}', '{permission}') returning role"
        );
        assert_eq!(house.console(&row).await, [name]);
    }
}

pub(crate) async fn give_role(house: &House, address: &str, role: &str) {
    let update =
        format!("update users set role = '{role}' where email = '{address}' returning role");
    assert_eq!(house.console(&update).await, [role]);
}

both!(
    an_invitation_names_who_and_what_and_nothing_else,
    async |house| {
        let root = admin(house, ROOT).await;
        let offer = offer_in(house, &root, "viewer", "Müller & Söhne").await;
        let invitation = invite(house, &root, ADA, &offer).await.expect("is invited");

        assert_eq!(invitation.status, InvitationStatus::Pending);
        assert_eq!(
            (invitation.email.as_str(), invitation.role.as_str()),
            (ADA, "viewer")
        );
        assert_eq!(invitation.tenant_name.as_deref(), Some("Müller & Söhne"));
        assert_eq!(invitation.inviter_email.as_deref(), Some(ROOT));
        assert_eq!(invitation.problem, None);
        assert_eq!(
            (
                invitation.created_at.as_str(),
                invitation.expires_at.as_str()
            ),
            ("2026-01-01T00:00:00Z", "2026-01-08T00:00:00Z")
        );
        let letter = house.letter().await;
        let LetterKind::Invitation {
            inviter, tenant, ..
        } = &letter.kind
        else {
            panic!("{letter:?}");
        };
        assert_eq!((letter.to.as_str(), inviter.as_str()), (ADA, ROOT));
        assert_eq!(tenant.as_deref(), Some("Müller & Söhne"));
        // Invitations are not users (D13), and no secret rests anywhere.
        assert_eq!(house.console("select email from users").await, [ROOT]);
        let token = invitation_token(&letter);
        for table in ["invitations", "outbox", "audit_log"] {
            let rows = house
                .console(&format!(
                    "select count(*) || '' from {table} where id is not null"
                ))
                .await;
            assert_ne!(rows, ["0"], "{table}");
        }
        let details = house.console("select detail from audit_log").await;
        assert!(
            details
                .iter()
                .all(|detail| !detail.contains(token.reveal()))
        );
    }
);

both!(nobody_gives_what_they_do_not_hold, async |house| {
    let root = admin(house, ROOT).await;
    house.sign_up("helper@example.com", Want::Page).await;
    add_role(house, "helper", &["user:manage", "workflow:read"]).await;
    add_role(house, "reader", &["workflow:read"]).await;
    give_role(house, "helper@example.com", "helper").await;
    let helper = session_of(house, "helper@example.com").await;

    for role in ["admin", "user", "viewer"] {
        let answer = invite(house, &helper, ADA, &offer(role)).await;
        assert_eq!(code(answer), ErrorCode::InsufficientPermissions, "{role}");
    }
    for role in ["api", "nobody", "Admin", "", "user' or 1=1"] {
        let answer = invite(house, &root, ADA, &offer(role)).await;
        let error = wire::Error::from(answer.expect_err("no role of anybody"));
        assert_eq!(
            error,
            wire::Error::field("role", FieldCode::Invalid),
            "{role}"
        );
    }
    for role in ["reader", "helper"] {
        let answer = invite(
            house,
            &helper,
            &format!("new-{role}@example.com"),
            &offer(role),
        )
        .await;
        answer.expect("is within their rights");
    }
    let give =
        |by: Arc<Session>| async move { house.auth.roles_to_give(&by).await.expect("answers") };
    assert_eq!(give(helper.clone()).await, ["helper", "reader"]);
    assert_eq!(
        give(root).await,
        ["admin", "helper", "reader", "user", "viewer"]
    );
    // Nor does anybody send again what another offered and they could not.
    let other = admin(house, "other@example.com").await;
    let beyond = invite(house, &other, ADA, &offer("admin"))
        .await
        .expect("is invited");
    let answer = house
        .auth
        .resend_invitation(&helper, &beyond.id, &house.somewhere())
        .await;
    assert_eq!(code(answer), ErrorCode::InsufficientPermissions);
});

both!(who_may_not_manage_people_invites_nobody, async |house| {
    let _root = admin(house, ROOT).await;
    house.sign_up("user@example.com", Want::Page).await;
    house.sign_up("viewer@example.com", Want::Page).await;
    give_role(house, "viewer@example.com", "viewer").await;
    for who in ["user@example.com", "viewer@example.com"] {
        let session = session_of(house, who).await;
        let answer = invite(house, &session, ADA, &offer("viewer")).await;
        assert_eq!(code(answer), ErrorCode::InsufficientPermissions, "{who}");
        assert!(
            house
                .auth
                .roles_to_give(&session)
                .await
                .expect("answers")
                .is_empty()
        );
    }
    assert!(house.letters().await.is_empty());
});

both!(an_invitation_is_worth_what_its_inviter_is, async |house| {
    admin(house, ROOT).await;
    let second = admin(house, "second@example.com").await;
    let token = invited(house, &second, ADA, &offer("admin")).await;
    let problem = async || list(house, None, "").await[0].problem;
    assert!(works(house, &token).await);
    let dead = async || {
        assert!(!works(house, &token).await);
        let answer = house
            .auth
            .accept_invitation(accept(&token), None, Want::Page, &house.somewhere())
            .await;
        assert_eq!(code(answer), ErrorCode::InvalidOrExpiredLink);
    };

    give_role(house, "second@example.com", "user").await;
    assert_eq!(problem().await, Some(InvitationProblem::InviterLostRight));
    dead().await;
    add_role(house, "helper", &["user:manage"]).await;
    give_role(house, "second@example.com", "helper").await;
    assert_eq!(
        problem().await,
        Some(InvitationProblem::InviterLostRight),
        "not to this role"
    );
    dead().await;
    give_role(house, "second@example.com", "admin").await;

    house
        .auth
        .disable(&email("second@example.com"), &at("127.0.0.1"))
        .await
        .expect("is disabled");
    assert_eq!(problem().await, Some(InvitationProblem::InviterDisabled));
    dead().await;
    house
        .auth
        .enable(&email("second@example.com"), &at("127.0.0.1"))
        .await
        .expect("is enabled");
    assert!(works(house, &token).await, "nothing was used up");

    house
        .console("delete from users where email = 'second@example.com' returning email")
        .await;
    assert_eq!(problem().await, Some(InvitationProblem::InviterGone));
    dead().await;

    // Somebody else sends it again, and vouches for it from then on.
    let root = session_of(house, ROOT).await;
    let id = list(house, None, "").await.remove(0).id;
    let again = house
        .auth
        .resend_invitation(&root, &id, &house.somewhere())
        .await;
    assert_eq!(again.expect("is sent").inviter_email.as_deref(), Some(ROOT));
    let token = invitation_token(&house.letter().await);
    house
        .auth
        .accept_invitation(accept(&token), None, Want::Page, &house.somewhere())
        .await
        .expect("works");
});

both!(a_letter_nobody_vouches_for_is_not_sent, async |house| {
    admin(house, ROOT).await;
    let second = admin(house, "second@example.com").await;
    invite(house, &second, ADA, &offer("user"))
        .await
        .expect("is invited");
    give_role(house, "second@example.com", "user").await;
    assert!(house.letters().await.is_empty());
    assert!(
        house
            .console("select purpose from one_time_tokens")
            .await
            .is_empty()
    );
});

both!(a_role_that_has_gone_is_given_to_nobody, async |house| {
    let root = admin(house, ROOT).await;
    add_role(house, "guest", &["workflow:read"]).await;
    let token = invited(house, &root, ADA, &offer("guest")).await;
    house
        .console("delete from roles where name = 'guest' returning name")
        .await;

    assert_eq!(
        list(house, None, "").await[0].problem,
        Some(InvitationProblem::RoleGone)
    );
    assert!(!works(house, &token).await);
});

both!(
    sending_again_ends_the_older_link_once_the_letter_has_left,
    async |house| {
        let root = admin(house, ROOT).await;
        let first = invited(house, &root, ADA, &offer("user")).await;
        let id = list(house, None, "").await.remove(0).id;
        house.advance(DAY);

        house.postman.fail(PostError::Later("down".to_owned()));
        let again = house
            .auth
            .resend_invitation(&root, &id, &house.somewhere())
            .await;
        assert_eq!(
            again.expect("is taken on").expires_at,
            "2026-01-09T00:00:00Z"
        );
        assert!(house.letters().await.is_empty());
        assert!(works(house, &first).await, "there is no other yet");

        house.advance(MINUTE);
        let second = invitation_token(&house.letter().await);
        assert!(!works(house, &first).await && works(house, &second).await);
        house.advance(7 * DAY - 1);
        assert!(
            works(house, &second).await,
            "seven days from its own letter"
        );
        house.advance(1);
        assert!(!works(house, &second).await);

        assert_eq!(
            list(house, None, "").await[0].status,
            InvitationStatus::Expired
        );
        let again = house
            .auth
            .resend_invitation(&root, &id, &house.somewhere())
            .await;
        assert_eq!(
            again.expect("late is not never").status,
            InvitationStatus::Pending
        );
        assert!(works(house, &invitation_token(&house.letter().await)).await);
    }
);

both!(what_is_taken_back_stays_so, async |house| {
    let root = admin(house, ROOT).await;
    let token = invited(house, &root, ADA, &offer("user")).await;
    let id = list(house, None, "").await.remove(0).id;
    let client = house.somewhere();
    // A letter on its way when it is taken back does not leave.
    house
        .auth
        .resend_invitation(&root, &id, &client)
        .await
        .expect("is taken on");
    for _ in 0..2 {
        house
            .auth
            .revoke_invitation(&root, &id, &client)
            .await
            .expect("is taken back");
    }

    assert!(!works(house, &token).await);
    assert!(house.letters().await.is_empty());
    let answer = house.auth.resend_invitation(&root, &id, &client).await;
    assert_eq!(code(answer), ErrorCode::Conflict);
    let actions = house
        .console("select action from audit_log where action like 'invitation.%' order by action")
        .await;
    assert_eq!(
        actions,
        [
            "invitation.created",
            "invitation.resent",
            "invitation.revoked"
        ]
    );
});

both!(an_id_that_is_none_is_not_found, async |house| {
    let root = admin(house, ROOT).await;
    let client = house.somewhere();
    for id in [
        "",
        "x",
        "../..",
        "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000",
        &"9".repeat(9000),
    ] {
        let answer = house.auth.resend_invitation(&root, id, &client).await;
        assert_eq!(code(answer), ErrorCode::NotFound, "{id}");
        let answer = house.auth.revoke_invitation(&root, id, &client).await;
        assert_eq!(code(answer), ErrorCode::NotFound, "{id}");
        let unknown = Offer {
            tenant_id: Some(id.to_owned()),
            ..offer("user")
        };
        let answer = invite(house, &root, ADA, &unknown).await;
        let error = wire::Error::from(answer.expect_err("no tenant"));
        assert_eq!(
            error,
            wire::Error::field("tenantId", FieldCode::Invalid),
            "{id}"
        );
    }
});

both!(the_list_says_how_each_stands, async |house| {
    let root = admin(house, ROOT).await;
    let mut tokens = Vec::new();
    for name in ["old", "came", "gone", "waits"] {
        tokens.push(invited(house, &root, &format!("{name}@example.com"), &offer("user")).await);
        // Ids of one moment have no order.
        house.advance(if name == "old" { 7 * DAY } else { 1 });
    }
    house
        .auth
        .accept_invitation(accept(&tokens[1]), None, Want::Page, &house.somewhere())
        .await
        .expect("comes");
    let gone = list(house, None, "GONE@").await.remove(0).id;
    house
        .auth
        .revoke_invitation(&root, &gone, &house.somewhere())
        .await
        .expect("is taken back");

    for (status, wanted) in [
        (
            None,
            vec![
                "waits@example.com",
                "gone@example.com",
                "came@example.com",
                "old@example.com",
            ],
        ),
        (Some(InvitationStatus::Pending), vec!["waits@example.com"]),
        (Some(InvitationStatus::Accepted), vec!["came@example.com"]),
        (Some(InvitationStatus::Revoked), vec!["gone@example.com"]),
        (Some(InvitationStatus::Expired), vec!["old@example.com"]),
    ] {
        let found = list(house, status, "").await;
        let found: Vec<_> = found.iter().map(|one| one.email.as_str()).collect();
        assert_eq!(found, wanted, "{status:?}");
    }
    let came = list(house, Some(InvitationStatus::Accepted), "")
        .await
        .remove(0);
    let answer = house
        .auth
        .revoke_invitation(&root, &came.id, &house.somewhere())
        .await;
    assert_eq!(
        code(answer),
        ErrorCode::Conflict,
        "who came is not sent away by this"
    );
});

both!(each_of_many_addresses_has_its_own_outcome, async |house| {
    let root = admin(house, ROOT).await;
    house.sign_up("known@example.com", Want::Page).await;
    let emails = [
        "new@example.com",
        "known@example.com",
        "not an address",
        ROOT,
        "also@example.com",
    ]
    .map(str::to_owned);
    let results = house
        .auth
        .invite_many(&root, &emails, &offer("user"), &house.somewhere())
        .await
        .expect("is done");

    let told: Vec<_> = results
        .iter()
        .map(|one| {
            (
                one.email.as_str(),
                one.outcome
                    .as_ref()
                    .map(|made| made.role.as_str())
                    .map_err(|error| error.code),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("new@example.com", Ok("user")),
            ("known@example.com", Err(ErrorCode::Conflict)),
            ("not an address", Err(ErrorCode::InvalidRequest)),
            (ROOT, Err(ErrorCode::Conflict)),
            ("also@example.com", Ok("user")),
        ]
    );
    let mut letters: Vec<Email> = house
        .letters()
        .await
        .into_iter()
        .map(|letter| letter.to)
        .collect();
    letters.sort();
    assert_eq!(
        letters,
        [email("also@example.com"), email("new@example.com")]
    );
    // What would be everybody's is said once, and nobody is invited.
    let answer = house
        .auth
        .invite_many(&root, &emails, &offer("api"), &house.somewhere())
        .await;
    assert_eq!(code(answer), ErrorCode::InvalidRequest);
});

both!(
    an_inviter_has_a_days_share_however_many_ask_at_once,
    async |house| {
        let root = admin(house, ROOT).await;
        // A tenth of every limit: thirty a day.
        let node = house
            .node(auth::Settings {
                limits: 0.1,
                ..settings()
            })
            .await;
        let invite_at = |at: usize| {
            let (auth, by, client) = (node.clone(), Arc::clone(&root), house.somewhere());
            async move {
                let address = email(&format!("p{at}@example.com"));
                auth.invite(&by, &address, &offer("user"), &client)
                    .await
                    .map(|_| ())
            }
        };
        let answers = at_once(45, invite_at).await;
        let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!((good.len(), bad.len()), (30, 15));
        assert!(
            bad.iter()
                .all(|answer| matches!(answer, Err(InviteError::Limited(_))))
        );
        assert_eq!(
            house
                .console("select count(*) || '' from invitations")
                .await,
            ["30"]
        );

        // Tidying up does not give it back before the day is over.
        house.advance(20 * HOUR);
        node.tend().await.expect("tends");
        assert!(invite_at(100).await.is_err());
        house.advance(4 * HOUR);
        invite_at(100).await.expect("another day");
    }
);

both!(one_address_is_not_flooded_with_invitations, async |house| {
    let root = admin(house, ROOT).await;
    let other = admin(house, "other@example.com").await;
    for by in [&root, &other, &root] {
        invite(house, by, ADA, &offer("user"))
            .await
            .expect("is invited");
    }
    assert_eq!(
        code(invite(house, &other, ADA, &offer("user")).await),
        ErrorCode::RateLimited
    );
    invite(house, &other, "bob@example.com", &offer("user"))
        .await
        .expect("another may be");
});

both!(
    invitations_that_are_long_over_are_forgotten,
    async |house| {
        let root = admin(house, ROOT).await;
        invited(house, &root, ADA, &offer("user")).await;
        house.advance(7 * DAY + 90 * DAY - 1);
        house.auth.tend().await.expect("tends");
        assert_eq!(list(house, None, "").await.len(), 1);
        house.advance(MINUTE);
        house.auth.tend().await.expect("tends");
        assert!(list(house, None, "").await.is_empty());
    }
);

both!(a_tenant_has_its_name_to_itself, async |house| {
    let root = admin(house, ROOT).await;
    let add = async |name: &str| {
        let name = TenantName::parse(name).expect("a name");
        house
            .auth
            .add_tenant(Some(&root), &name, &house.somewhere())
            .await
    };
    let acme = add("Acme").await.expect("is made");
    let answer = add(" ACME ").await;
    assert_eq!(
        wire::Error::from(answer.expect_err("is taken")),
        wire::Error::conflict("name")
    );
    let page = house
        .auth
        .list_tenants("", &Paging::default())
        .await
        .expect("answers");
    assert_eq!((page.items, page.next), (vec![acme], None));
    for hostile in [
        "",
        " \t",
        "A\r\nBcc: eve@example.com",
        "\u{202E}emcA",
        &"x".repeat(101),
    ] {
        assert!(TenantName::parse(hostile).is_err(), "{hostile:?}");
    }
});
