//! Accepting an invitation, as a new account and as one that exists (`req 29`, `30`; rows 21, 82, 97).

use auth::{AcceptError, Accepted, Session, SignIn, Want};
use wire::{Acceptance, Audience, ErrorCode, FieldCode, Offer, PersonName, Secret, Username};

use crate::invitation::{
    accept, admin, invitation_token, invite, invited, offer, offer_in, session_of, works,
};
use crate::support::*;

const ROOT: &str = "root@example.com";
const ADA: &str = "ada@example.com";
const PAGE_COOKIE: Want = Want::Page;

async fn try_it(
    house: &House,
    accept: Acceptance,
    session: Option<&Session>,
) -> Result<Accepted, AcceptError> {
    house
        .auth
        .accept_invitation(accept, session, PAGE_COOKIE, &house.somewhere())
        .await
}

/// A new account.
async fn come(house: &House, accept: Acceptance) -> SignIn {
    match try_it(house, accept, None).await.expect("is accepted") {
        Accepted::SignedIn(signed_in) => *signed_in,
        Accepted::Joined(_) => panic!("there was no account"),
    }
}

/// With the link alone.
fn bare(token: &Secret) -> Acceptance {
    Acceptance {
        password: None,
        ..accept(token)
    }
}

fn name(text: &str) -> PersonName {
    PersonName::parse(text).expect("a name")
}

both!(
    an_invited_person_gets_an_account_as_offered,
    async |house| {
        let root = admin(house, ROOT).await;
        let offer = Offer {
            first_name: Some(name("Ada")),
            last_name: Some(name("Lovelace")),
            ..offer_in(house, &root, "viewer", "Acme").await
        };
        let token = invited(house, &root, ADA, &offer).await;
        let link = house
            .auth
            .invitation_link(&token)
            .await
            .expect("answers")
            .expect("works");
        assert_eq!((link.email.as_str(), link.inviter.as_str()), (ADA, ROOT));
        assert_eq!(
            (link.role.as_str(), link.tenant.as_deref()),
            ("viewer", Some("Acme"))
        );
        assert_eq!(link.first_name.as_deref(), Some("Ada"));
        assert!(!link.has_account);

        let signed_in = come(
            house,
            Acceptance {
                username: Some(Username::parse("Ada.L").expect("a username")),
                ..accept(&token)
            },
        )
        .await;

        let user = &signed_in.user;
        assert_eq!((user.email.as_str(), user.email_verified), (ADA, true));
        assert_eq!(user.username.as_deref(), Some("Ada.L"));
        assert_eq!(
            (user.first_name.as_deref(), user.last_name.as_deref()),
            (Some("Ada"), Some("Lovelace"))
        );
        assert_eq!(
            (user.role.as_str(), user.tenant_id.clone()),
            ("viewer", offer.tenant_id.clone())
        );
        let session = house.session(&cookie(&signed_in)).await.expect("lives");
        assert_eq!(
            (session.methods.as_slice(), session.tenant_id.clone()),
            (
                ["pwd".to_owned(), "email".to_owned()].as_slice(),
                offer.tenant_id
            )
        );
        assert_eq!(
            house.console("select role from memberships").await,
            ["viewer"]
        );
        house
            .log_in(ADA, PASSWORD)
            .await
            .expect("with the password just chosen");

        assert!(!works(house, &token).await);
        let again = try_it(house, accept(&token), None).await;
        assert_eq!(code(again), ErrorCode::InvalidOrExpiredLink);
    }
);

both!(
    names_said_at_the_door_replace_those_of_the_invitation,
    async |house| {
        let root = admin(house, ROOT).await;
        let offer = Offer {
            first_name: Some(name("Ada")),
            last_name: Some(name("Byron")),
            ..offer("user")
        };
        let token = invited(house, &root, ADA, &offer).await;
        let user = come(
            house,
            Acceptance {
                names: Some((Some(name("Augusta")), None)),
                ..accept(&token)
            },
        )
        .await
        .user;
        assert_eq!(
            (user.first_name.as_deref(), user.last_name),
            (Some("Augusta"), None)
        );
    }
);

both!(what_is_refused_uses_nothing_up, async |house| {
    let root = admin(house, ROOT).await;
    let offer = offer_in(house, &root, "user", "Blue Heron Logistics").await;
    house
        .register(account_named("bob@example.com", "bob"))
        .await;
    let flow = house.letter().await;
    house
        .finish(by_link(&token_of(&flow), None, Some(PASSWORD)))
        .await
        .expect("is proven");
    let taken = house
        .auth
        .create_admin(account_named("eve@example.com", "eve"))
        .await;
    taken.expect("is made");
    let token = invited(house, &root, ADA, &offer).await;

    for (password, wanted) in [
        (None, FieldCode::Required),
        (Some("ada@example.com"), FieldCode::TooCommon),
        (Some("Blue Heron Logistics"), FieldCode::TooCommon),
        (Some("aaaaaaaaaaaaaa"), FieldCode::TooCommon),
    ] {
        let password = password.map(wire::Password::claimed);
        let answer = try_it(
            house,
            Acceptance {
                password,
                ..accept(&token)
            },
            None,
        )
        .await;
        let error = wire::Error::from(answer.expect_err("will not do"));
        assert_eq!(error, wire::Error::field("password", wanted));
    }
    let username = Some(Username::parse("EVE").expect("a username"));
    let answer = try_it(
        house,
        Acceptance {
            username,
            ..accept(&token)
        },
        None,
    )
    .await;
    assert_eq!(
        wire::Error::from(answer.expect_err("is taken")),
        wire::Error::conflict("username")
    );

    assert!(works(house, &token).await);
    come(house, accept(&token)).await;
});

both!(
    a_link_accepted_by_two_hundred_at_once_makes_one_account,
    async |house| {
        let root = admin(house, ROOT).await;
        let offer = offer_in(house, &root, "user", "Acme").await;
        let token = invited(house, &root, ADA, &offer).await;
        let answers = at_once(200, |at| {
            let (auth, client) = (house.auth.clone(), house.somewhere());
            let username = Username::parse(&format!("ada{at}")).ok();
            let accept = Acceptance {
                username,
                ..accept(&token)
            };
            async move {
                auth.accept_invitation(accept, None, Want::Page, &client)
                    .await
            }
        })
        .await;

        let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), 1);
        for answer in bad {
            // Who comes late finds a used link, or an account; who comes in the crowd a full queue.
            assert!(
                matches!(
                    answer,
                    Err(AcceptError::Link | AcceptError::HasAccount | AcceptError::Overloaded(_))
                ),
                "{answer:?}"
            );
        }
        assert_eq!(
            house
                .console("select email from users where email <> 'root@example.com'")
                .await,
            [ADA]
        );
        assert_eq!(
            house.console("select role from memberships").await,
            ["user"]
        );
    }
);

both!(
    two_invitations_of_an_address_make_one_account,
    async |house| {
        let root = admin(house, ROOT).await;
        let (one, other) = (
            offer_in(house, &root, "viewer", "Acme").await,
            offer_in(house, &root, "user", "Beta").await,
        );
        let tokens = [
            invited(house, &root, ADA, &one).await,
            invited(house, &root, ADA, &other).await,
        ];
        let answers = at_once(2, |at| {
            let (auth, client, accept) =
                (house.auth.clone(), house.somewhere(), accept(&tokens[at]));
            async move {
                auth.accept_invitation(accept, None, Want::Page, &client)
                    .await
            }
        })
        .await;
        let late = answers
            .iter()
            .position(Result::is_err)
            .expect("one of them is late");
        assert!(answers[1 - late].is_ok());
        assert!(
            matches!(answers[late], Err(AcceptError::HasAccount)),
            "{answers:?}"
        );

        // Nothing of the other was used up: its owner joins.
        let ada = session_of(house, ADA).await;
        let answer = try_it(house, bare(&tokens[late]), Some(&ada)).await;
        assert!(matches!(answer, Ok(Accepted::Joined(_))), "{answer:?}");
        assert_eq!(
            house
                .console("select role from memberships order by role")
                .await,
            ["user", "viewer"]
        );
        let active = session_of(house, ADA).await.tenant_id.clone();
        assert_eq!(
            active,
            [one.tenant_id, other.tenant_id][1 - late],
            "acts where it acted"
        );
    }
);

both!(an_account_is_joined_by_its_own_owner_only, async |house| {
    let root = admin(house, ROOT).await;
    house.sign_up(ADA, Want::Page).await;
    house.sign_up("eve@example.com", Want::Page).await;
    let answer = invite(house, &root, ADA, &offer("viewer")).await;
    assert_eq!(
        wire::Error::from(answer.expect_err("nothing to join")),
        wire::Error::conflict("email")
    );
    let offer = offer_in(house, &root, "viewer", "Acme").await;
    let token = invited(house, &root, ADA, &offer).await;
    let (ada, eve) = (
        session_of(house, ADA).await,
        session_of(house, "eve@example.com").await,
    );
    assert!(
        house
            .auth
            .invitation_link(&token)
            .await
            .expect("answers")
            .expect("works")
            .has_account
    );

    for (accept, session) in [
        (accept(&token), None),
        (bare(&token), None),
        (bare(&token), Some(&*eve)),
        (accept(&token), Some(&*eve)),
        (accept(&token), Some(&*ada)),
        (bare(&token), Some(&*root)),
    ] {
        let answer = try_it(house, accept, session).await;
        assert_eq!(
            wire::Error::from(answer.expect_err("not like this")),
            wire::Error::conflict("email")
        );
    }
    assert!(
        house
            .console("select role from memberships")
            .await
            .is_empty()
    );

    let elsewhere = house
        .auth
        .log_in(credentials(ADA, PASSWORD), TOKENS, &house.somewhere())
        .await;
    let (access, refresh) = tokens(elsewhere.expect("signs in"));
    let want = Want::Tokens(Audience::PortalAndServices);
    let joined = house
        .auth
        .accept_invitation(bare(&token), Some(&ada), want, &house.somewhere())
        .await;
    let Ok(Accepted::Joined(joined)) = joined else {
        panic!("{joined:?}")
    };

    assert_eq!(joined.user.id, ada.user.id);
    assert_eq!(
        (joined.user.role.as_str(), joined.user.tenant_id.clone()),
        ("user", offer.tenant_id.clone()),
        "its own role stays"
    );
    // Other rights, another cookie (row 49): the session is the same.
    assert!(joined.cookie.is_some() && joined.session_id == ada.id);
    let given = joined.tokens.expect("were asked for");
    assert!(given.refresh.is_none());
    let seen = house
        .auth
        .session_by_access_token(&given.access.access_token)
        .await;
    assert_eq!(seen.expect("is good").tenant_id, offer.tenant_id);
    // Its other sessions act there too; their older tokens are stale, their refresh tokens good.
    assert_eq!(
        code(house.auth.session_by_access_token(&access).await),
        ErrorCode::TokenStale
    );
    let fresh = house
        .auth
        .refresh(&refresh, Audience::PortalAndServices, &house.somewhere())
        .await;
    fresh.expect("goes on");
    assert_eq!(
        house.console("select role from memberships").await,
        ["viewer"]
    );
    assert_eq!(
        code(try_it(house, bare(&token), Some(&ada)).await),
        ErrorCode::InvalidOrExpiredLink
    );
    house
        .log_in(ADA, PASSWORD)
        .await
        .expect("the password is what it was");
    // A member needs no second invitation.
    let answer = invite(house, &root, ADA, &offer).await;
    assert_eq!(code(answer), ErrorCode::Conflict);
});

both!(
    an_account_joined_by_two_hundred_at_once_joins_once,
    async |house| {
        let root = admin(house, ROOT).await;
        house.sign_up(ADA, Want::Page).await;
        let offer = offer_in(house, &root, "viewer", "Acme").await;
        let token = invited(house, &root, ADA, &offer).await;
        let ada = session_of(house, ADA).await;
        let answers = at_once(200, |_| {
            let (auth, client, bare, ada) = (
                house.auth.clone(),
                house.somewhere(),
                bare(&token),
                ada.clone(),
            );
            async move {
                auth.accept_invitation(bare, Some(&ada), Want::Page, &client)
                    .await
            }
        })
        .await;
        let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(good.len(), 1);
        assert!(
            bad.iter()
                .all(|answer| matches!(answer, Err(AcceptError::Link))),
            "{bad:?}"
        );
    }
);

both!(
    an_account_that_came_by_another_way_meanwhile_keeps_its_password,
    async |house| {
        let root = admin(house, ROOT).await;
        let token = invited(house, &root, ADA, &offer("admin")).await;
        let lesser = invited(house, &root, ADA, &offer("viewer")).await;
        house.advance(HOUR);
        house.sign_up(ADA, Want::Page).await;
        let with_other_password = Acceptance {
            password: Some(wire::Password::claimed(OTHER_PASSWORD)),
            ..accept(&token)
        };
        assert_eq!(
            code(try_it(house, with_other_password, None).await),
            ErrorCode::Conflict
        );
        house
            .log_in(ADA, PASSWORD)
            .await
            .expect("the password is what it was");

        let ada = session_of(house, ADA).await;
        for (token, role) in [(&lesser, "user"), (&token, "admin")] {
            let answer = try_it(house, bare(token), Some(&ada)).await;
            let Ok(Accepted::Joined(joined)) = answer else {
                panic!("{answer:?}")
            };
            assert_eq!(
                joined.user.role, role,
                "what is offered is added, never taken"
            );
        }
        let changes = house
            .console("select detail from audit_log where action = 'user.role_changed'")
            .await;
        assert_eq!(
            changes,
            [r#"{"after":{"role":"admin"},"before":{"role":"user"}}"#]
        );
    }
);

both!(
    accepting_removes_what_others_registered_for_the_address,
    async |house| {
        let root = admin(house, ROOT).await;
        let flow = house.register(account(ADA)).await;
        let squatted = house.letter().await;
        let token = invited(house, &root, ADA, &offer("user")).await;
        come(house, accept(&token)).await;

        assert!(
            house
                .console("select id from registrations")
                .await
                .is_empty()
        );
        for finish in [
            by_link(&token_of(&squatted), Some(&flow), None),
            by_code(&code_of(&squatted), Some(&flow)),
        ] {
            assert!(house.finish(finish).await.is_err());
        }
    }
);

both!(
    only_the_whole_token_of_an_invitation_is_one,
    async |house| {
        let root = admin(house, ROOT).await;
        house.register(account("bob@example.com")).await;
        let other = token_of(&house.letter().await);
        let token = invited(house, &root, ADA, &offer("user")).await;
        let text = token.reveal();
        for nothing in [
            Secret::default(),
            Secret::new(&text[..42]),
            Secret::new(format!("{text}{text}")),
            Secret::new(text.to_uppercase()),
            Secret::new("A".repeat(43)),
            Secret::new("x".repeat(100_000)),
            other.clone(),
        ] {
            assert!(!works(house, &nothing).await);
            assert_eq!(
                code(try_it(house, accept(&nothing), None).await),
                ErrorCode::InvalidOrExpiredLink
            );
        }
        // Nor is it anything else.
        let answer = house.finish(by_link(&token, None, Some(PASSWORD))).await;
        assert_eq!(code(answer), ErrorCode::InvalidOrExpiredLink);
        assert!(!house.auth.set_up_is_open(&token).await.expect("answers"));
        come(house, accept(&token)).await;
    }
);

both!(who_was_disabled_meanwhile_does_not_join, async |house| {
    let root = admin(house, ROOT).await;
    house.sign_up(ADA, Want::Page).await;
    let offer = offer_in(house, &root, "viewer", "Acme").await;
    let token = invited(house, &root, ADA, &offer).await;
    let ada = session_of(house, ADA).await;
    house
        .auth
        .disable(&email(ADA), &at("127.0.0.1"))
        .await
        .expect("is disabled");

    // The door was shown the session a moment before.
    let answer = try_it(house, bare(&token), Some(&ada)).await;
    assert_eq!(code(answer), ErrorCode::Conflict);
    assert!(
        house
            .console("select role from memberships")
            .await
            .is_empty()
    );
    assert!(works(house, &token).await);
});

both!(
    a_letter_sent_again_after_a_crash_leaves_one_working_link,
    async |house| {
        let root = admin(house, ROOT).await;
        invite(house, &root, ADA, &offer("user"))
            .await
            .expect("is invited");
        for _ in 0..3 {
            house
                .postman
                .fail(auth::PostError::Later("slow".to_owned()));
            assert!(house.letters().await.is_empty());
            house.advance(MINUTE);
        }
        let token = invitation_token(&house.letter().await);
        assert_eq!(
            house
                .console("select subject from one_time_tokens where purpose = 'invitation'")
                .await
                .len(),
            1
        );
        come(house, accept(&token)).await;
    }
);
