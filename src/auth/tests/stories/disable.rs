//! Disabling an account ends everything it had; the last admin stays.

use auth::{ManageUserError, Want};
use wire::{Audience, ErrorCode};

use crate::support::*;

const ADA: &str = "ada@example.com";

both!(
    a_disabled_account_has_nothing_open_and_gets_nothing_back,
    async |house| {
        let page = cookie(&house.sign_up(ADA, Want::Page).await);
        let program = house
            .auth
            .log_in(credentials(ADA, PASSWORD), TOKENS, &house.somewhere())
            .await;
        let (access, refresh) = tokens(program.expect("signs in"));
        let bystander = cookie(&house.sign_up("bob@example.com", Want::Page).await);
        assert!(house.session(&page).await.is_some() && house.session(&bystander).await.is_some());

        house
            .auth
            .disable(&email(ADA), &at("127.0.0.1"))
            .await
            .expect("is disabled");

        for _ in 0..2 {
            assert!(house.session(&page).await.is_none());
            assert_eq!(
                code(house.auth.session_by_access_token(&access).await),
                ErrorCode::TokenRevoked
            );
            let answer = house
                .auth
                .refresh(&refresh, Audience::PortalAndServices, &house.somewhere())
                .await;
            assert_eq!(code(answer), ErrorCode::TokenRevoked);
            assert_eq!(
                code(house.log_in(ADA, PASSWORD).await),
                ErrorCode::InvalidCredentials
            );
            assert!(house.session(&bystander).await.is_some());
            // Enabled and disabled once more: what ended stays ended.
            house
                .auth
                .enable(&email(ADA), &at("127.0.0.1"))
                .await
                .expect("is enabled");
            assert!(house.session(&page).await.is_none());
            assert_eq!(
                code(house.auth.session_by_access_token(&access).await),
                ErrorCode::TokenRevoked
            );
            house
                .log_in(ADA, PASSWORD)
                .await
                .expect("may sign in again");
            house
                .auth
                .disable(&email(ADA), &at("127.0.0.1"))
                .await
                .expect("is disabled");
        }
    }
);

both!(the_last_admin_cannot_be_disabled, async |house| {
    for admin in [ADA, "bob@example.com"] {
        house
            .auth
            .create_admin(account(admin))
            .await
            .expect("is made");
    }
    let session = cookie(&house.log_in(ADA, PASSWORD).await.expect("signs in"));
    house
        .auth
        .disable(&email("bob@example.com"), &at("127.0.0.1"))
        .await
        .expect("one is left");
    let refused = house.auth.disable(&email(ADA), &at("127.0.0.1")).await;

    assert!(matches!(refused, Err(ManageUserError::LastAdmin)));
    assert!(
        house.session(&session).await.is_some(),
        "nothing has changed"
    );
    house
        .auth
        .enable(&email("bob@example.com"), &at("127.0.0.1"))
        .await
        .expect("is enabled");
    house
        .auth
        .disable(&email(ADA), &at("127.0.0.1"))
        .await
        .expect("now there is another");
});

both!(
    two_admins_cannot_disable_each_other_at_once,
    async |house| {
        let other = house.node(settings()).await;
        let admins = [ADA, "bob@example.com", "cyd@example.com"];
        for admin in admins {
            house
                .auth
                .create_admin(account(admin))
                .await
                .expect("is made");
        }
        for _ in 0..10 {
            let answers = at_once(3, |n| {
                let auth = if n == 0 {
                    house.auth.clone()
                } else {
                    other.clone()
                };
                async move { auth.disable(&email(admins[n]), &at("127.0.0.1")).await }
            })
            .await;
            let refused = answers
                .iter()
                .filter(|answer| matches!(answer, Err(ManageUserError::LastAdmin)));
            assert_eq!(refused.count(), 1, "{answers:?}");
            let left = house
                .console("select email from users where disabled_at is null")
                .await;
            assert_eq!(left.len(), 1);
            for admin in admins {
                house
                    .auth
                    .enable(&email(admin), &at("127.0.0.1"))
                    .await
                    .expect("is enabled");
            }
        }
    }
);
