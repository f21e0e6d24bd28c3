//! The first admin (D12): by a printed link, once, or by the command line.

use auth::{CreateAdminError, SetUpError};
use wire::{ErrorCode, FieldCode, NewAccount, Password, Secret};

use crate::support::*;

both!(
    a_printed_link_makes_the_first_admin_and_signs_them_in,
    async |house| {
        let token = house
            .auth
            .set_up_token()
            .await
            .expect("reads")
            .expect("there is no admin");
        assert!(house.auth.set_up_is_open(&token).await.expect("reads"));

        let admin = house
            .auth
            .set_up(
                &token,
                account_named("ada@example.com", "ada"),
                &at("192.0.2.1"),
            )
            .await
            .expect("is made");

        assert_eq!(
            (admin.user.role.as_str(), admin.user.permissions.len()),
            ("admin", 14)
        );
        assert!(admin.user.email_verified && admin.tokens.is_none());
        let session = house.session(&cookie(&admin)).await.expect("lives");
        assert_eq!(session.id, admin.session_id);
        assert!(!house.auth.set_up_is_open(&token).await.expect("reads"));
        assert!(
            house.auth.set_up_token().await.expect("reads").is_none(),
            "never again"
        );
        let again = house
            .auth
            .set_up(&token, account("eve@example.com"), &at("192.0.2.1"))
            .await;
        assert_eq!(code(again), ErrorCode::InvalidOrExpiredLink);
        house
            .log_in("ada@example.com", PASSWORD)
            .await
            .expect("signs in");
    }
);

both!(registering_first_makes_nobody_admin, async |house| {
    let first = house.sign_up("eve@example.com", auth::Want::Page).await;
    assert_eq!(first.user.role, "user");
    assert!(
        house.auth.set_up_token().await.expect("reads").is_some(),
        "set-up stays open"
    );
});

both!(a_link_that_is_none_opens_nothing, async |house| {
    let flow = house.register(account("eve@example.com")).await;
    let mailed = token_of(&house.letter().await);
    for strange in [Secret::new(""), Secret::new("made up"), flow, mailed] {
        assert!(!house.auth.set_up_is_open(&strange).await.expect("reads"));
        let answer = house
            .auth
            .set_up(&strange, account("eve@example.com"), &at("192.0.2.1"))
            .await;
        assert_eq!(code(answer), ErrorCode::InvalidOrExpiredLink);
    }
    let set_up = house
        .auth
        .set_up_token()
        .await
        .expect("reads")
        .expect("there is no admin");
    let as_mail = house
        .finish(by_link(&set_up, None, Some(OTHER_PASSWORD)))
        .await;
    assert_eq!(
        code(as_mail),
        ErrorCode::InvalidOrExpiredLink,
        "a link is good for one thing"
    );
});

both!(a_mistake_uses_nothing_up, async |house| {
    house.sign_up("bob@example.com", auth::Want::Page).await;
    let token = house
        .auth
        .set_up_token()
        .await
        .expect("reads")
        .expect("there is no admin");
    let weak = NewAccount {
        password: Password::claimed("password1234"),
        ..account("ada@example.com")
    };
    let answer = house.auth.set_up(&token, weak, &at("192.0.2.1")).await;
    assert!(matches!(
        answer,
        Err(SetUpError::Password(
            FieldCode::TooCommon | FieldCode::TooWeak
        ))
    ));
    let answer = house
        .auth
        .set_up(&token, account("bob@example.com"), &at("192.0.2.1"))
        .await;
    assert_eq!(
        wire::Error::from(answer.expect_err("is taken")),
        wire::Error::conflict("email")
    );

    house
        .auth
        .set_up(&token, account("ada@example.com"), &at("192.0.2.1"))
        .await
        .expect("still works");
});

both!(a_link_works_for_a_week, async |house| {
    let token = house
        .auth
        .set_up_token()
        .await
        .expect("reads")
        .expect("there is no admin");
    house.advance(7 * DAY - 1);
    assert!(house.auth.set_up_is_open(&token).await.expect("reads"));
    house.advance(1);
    assert!(!house.auth.set_up_is_open(&token).await.expect("reads"));
    let answer = house
        .auth
        .set_up(&token, account("ada@example.com"), &at("192.0.2.1"))
        .await;
    assert_eq!(code(answer), ErrorCode::InvalidOrExpiredLink);
});

both!(
    two_hundred_presses_of_two_links_on_two_nodes_make_one_admin,
    async |house| {
        let nodes = [
            house.node(without_limits()).await,
            house.node(without_limits()).await,
        ];
        let mut links = Vec::new();
        for node in &nodes {
            links.push(
                node.set_up_token()
                    .await
                    .expect("reads")
                    .expect("there is no admin"),
            );
        }
        let answers = at_once(200, |n| {
            let (auth, link) = (nodes[n % 2].clone(), links[n / 2 % 2].clone());
            async move {
                let account = account(&format!("p{n}@example.com"));
                auth.set_up(&link, account, &at("192.0.2.1")).await
            }
        })
        .await;

        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
        for answer in answers {
            let fair = matches!(
                answer,
                Ok(_) | Err(SetUpError::Link | SetUpError::Overloaded(_))
            );
            assert!(fair, "{answer:?}");
        }
        assert_eq!(
            house
                .console("select email from users where role = 'admin'")
                .await
                .len(),
            1
        );
    }
);

both!(
    the_command_line_makes_admins_and_closes_the_link,
    async |house| {
        let token = house
            .auth
            .set_up_token()
            .await
            .expect("reads")
            .expect("there is no admin");
        let flow = house.register(account("ada@example.com")).await;
        let mailed = code_of(&house.letter().await);

        let admin = house
            .auth
            .create_admin(account("ada@example.com"))
            .await
            .expect("is made");

        assert_eq!(admin.role, "admin");
        assert!(!house.auth.set_up_is_open(&token).await.expect("reads"));
        let answer = house
            .auth
            .set_up(&token, account("eve@example.com"), &at("192.0.2.1"))
            .await;
        assert_eq!(code(answer), ErrorCode::InvalidOrExpiredLink);
        assert!(
            house.finish(by_code(&mailed, Some(&flow))).await.is_err(),
            "pending ones are gone"
        );
        let again = house.auth.create_admin(account("ada@example.com")).await;
        assert!(matches!(again, Err(CreateAdminError::Taken("email"))));
        house
            .auth
            .create_admin(account("bob@example.com"))
            .await
            .expect("a second one is welcome");
    }
);
