//! Refresh tokens (D9): used once; a lost race is forgiven, a thief is not.

use auth::{Client, RefreshError, SignIn, Want};
use wire::{Audience, ErrorCode, Secret, TokenPair};

use crate::support::*;

pub(crate) const ADA: &str = "ada@example.com";
const ALL: Audience = Audience::PortalAndServices;

pub(crate) async fn refresh(
    house: &House,
    token: &Secret,
    client: &Client,
) -> Result<TokenPair, RefreshError> {
    house.auth.refresh(token, ALL, client).await
}

/// Ada, signed in by a program at 192.0.2.1.
pub(crate) async fn signed_in(house: &House) -> (SignIn, Client) {
    house.sign_up(ADA, Want::Page).await;
    let client = at("192.0.2.1");
    let signed_in = house
        .auth
        .log_in(credentials(ADA, PASSWORD), TOKENS, &client)
        .await;
    (signed_in.expect("signs in"), client)
}

both!(each_refresh_gives_the_next_pair, async |house| {
    let (signed_in, client) = signed_in(house).await;
    let session = signed_in.session_id.clone();
    let (_, mut token) = tokens(signed_in);
    for _ in 0..5 {
        house.advance(5 * DAY);
        let pair = refresh(house, &token, &client).await.expect("is exchanged");
        assert_ne!(pair.refresh_token.reveal(), token.reveal());
        assert_eq!((pair.token_type.as_str(), pair.expires_in), ("Bearer", 895));
        let live = house
            .auth
            .session_by_access_token(&pair.access_token)
            .await
            .expect("lives");
        assert_eq!(live.id, session, "the same session all along");
        token = pair.refresh_token;
    }
    house.advance(5 * DAY);
    refresh(house, &token, &client)
        .await
        .expect_err("thirty days are over");
});

both!(
    two_hundred_refreshes_at_once_on_two_nodes_leave_one_live_successor_and_nobody_signed_out,
    async |house| {
        let (signed_in, client) = signed_in(house).await;
        let (_, first) = tokens(signed_in);
        let nodes = [house.auth.clone(), house.node(settings()).await];
        let answers = at_once(200, |at| {
            let (auth, first, client) = (nodes[at % 2].clone(), first.clone(), client.clone());
            async move {
                auth.refresh(&first, ALL, &client)
                    .await
                    .expect("nobody is signed out")
            }
        })
        .await;

        let successor = answers[0].refresh_token.clone();
        for pair in &answers {
            assert_eq!(pair.refresh_token.reveal(), successor.reveal());
        }
        let live = house
            .console("select session_id from refresh_tokens where rotated_at is null")
            .await;
        assert_eq!(live.len(), 1);
        let next = refresh(house, &successor, &client)
            .await
            .expect("the successor works");
        assert!(
            house
                .auth
                .session_by_access_token(&next.access_token)
                .await
                .is_ok()
        );
        assert!(house.letters().await.is_empty(), "nobody was warned");
    }
);

both!(a_restart_forgets_nothing, async |house| {
    let (signed_in, client) = signed_in(house).await;
    let (_, first) = tokens(signed_in);
    let pair = refresh(house, &first, &client).await.expect("is exchanged");
    let restarted = house.node(settings()).await;
    let repeat = restarted
        .refresh(&first, ALL, &client)
        .await
        .expect("is a lost race");
    assert_eq!(repeat.refresh_token.reveal(), pair.refresh_token.reveal());

    restarted
        .refresh(&pair.refresh_token, ALL, &client)
        .await
        .expect("is exchanged");
    let again = house.node(settings()).await;
    assert_eq!(
        code(again.refresh(&first, ALL, &client).await),
        ErrorCode::TokenRevoked
    );
});

both!(
    a_token_that_was_not_used_in_time_has_expired,
    async |house| {
        let (signed_in, client) = signed_in(house).await;
        let (_, token) = tokens(signed_in);
        house.advance(7 * DAY);
        assert_eq!(
            code(refresh(house, &token, &client).await),
            ErrorCode::TokenExpired
        );
        assert!(
            house.letters().await.is_empty(),
            "an expired token is no theft"
        );
    }
);

both!(
    a_token_of_an_ended_session_is_revoked_and_an_unknown_one_is_invalid,
    async |house| {
        let (signed_in, client) = signed_in(house).await;
        let (access, token) = tokens(signed_in);
        for made_up in [
            "",
            "made up",
            access.reveal(),
            &format!("{} ", token.reveal()),
        ] {
            assert_eq!(
                code(refresh(house, &Secret::new(made_up), &client).await),
                ErrorCode::InvalidToken
            );
        }
        house
            .auth
            .log_out_by_refresh(&token, &client)
            .await
            .expect("ends");
        assert_eq!(
            code(refresh(house, &token, &client).await),
            ErrorCode::TokenRevoked
        );
    }
);

both!(
    the_successor_is_readable_for_thirty_seconds_and_no_longer,
    async |house| {
        let (signed_in, client) = signed_in(house).await;
        let (_, first) = tokens(signed_in);
        let pair = refresh(house, &first, &client).await.expect("is exchanged");
        let sealed = "select session_id from refresh_tokens where successor_sealed is not null";
        assert_eq!(house.console(sealed).await.len(), 1);

        house.advance(31);
        house.auth.tend().await.expect("tends");
        assert!(house.console(sealed).await.is_empty(), "erased in time");

        refresh(house, &pair.refresh_token, &client)
            .await
            .expect("is exchanged");
        assert_eq!(house.console(sealed).await.len(), 1);
    }
);

both!(a_refresh_can_ask_for_the_services_alone, async |house| {
    let (signed_in, client) = signed_in(house).await;
    let (_, first) = tokens(signed_in);
    let pair = house
        .auth
        .refresh(&first, Audience::Services, &client)
        .await
        .expect("is exchanged");
    let session = house
        .auth
        .session_by_access_token(&pair.access_token)
        .await
        .expect("lives");
    assert_eq!(session.audience, Some(Audience::Services));
});
