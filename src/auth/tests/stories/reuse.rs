//! A refresh token that comes back (D9): a lost race, or a thief.

use auth::{Client, LetterKind, RefreshError, Want};
use wire::{ErrorCode, Secret};

use crate::refresh::{ADA, refresh, signed_in};
use crate::support::*;

/// Nothing of the family works any more, and its owner was told.
async fn is_ended(house: &House, access: &Secret, family: &[&Secret], client: &Client) {
    assert_eq!(
        code(house.auth.session_by_access_token(access).await),
        ErrorCode::TokenRevoked
    );
    for token in family {
        assert_eq!(
            code(refresh(house, token, client).await),
            ErrorCode::TokenRevoked
        );
    }
    let letter = house.letter().await;
    assert_eq!(letter.to.as_str(), ADA);
    assert!(
        matches!(letter.kind, LetterKind::ReuseDetected { .. }),
        "{letter:?}"
    );
}

both!(
    a_repeat_within_thirty_seconds_gets_the_same_successor,
    async |house| {
        let (signed_in, client) = signed_in(house).await;
        let (_, first) = tokens(signed_in);
        let pair = refresh(house, &first, &client).await.expect("is exchanged");
        for step in [0, 10, 20] {
            house.advance(step);
            let repeat = refresh(house, &first, &client)
                .await
                .expect("is a lost race");
            assert_eq!(repeat.refresh_token.reveal(), pair.refresh_token.reveal());
            assert_ne!(
                repeat.access_token.reveal(),
                pair.access_token.reveal(),
                "a fresh one"
            );
            assert!(
                house
                    .auth
                    .session_by_access_token(&repeat.access_token)
                    .await
                    .is_ok()
            );
        }
        refresh(house, &pair.refresh_token, &client)
            .await
            .expect("the successor works");
    }
);

both!(
    a_repeat_after_thirty_seconds_ends_the_family,
    async |house| {
        let (signed_in, client) = signed_in(house).await;
        let (_, first) = tokens(signed_in);
        let pair = refresh(house, &first, &client).await.expect("is exchanged");
        house.advance(31);

        let answer = refresh(house, &first, &client).await;
        assert!(matches!(answer, Err(RefreshError::Reused)));
        is_ended(
            house,
            &pair.access_token,
            &[&first, &pair.refresh_token],
            &client,
        )
        .await;
    }
);

both!(
    a_repeat_after_the_successor_was_used_ends_the_family,
    async |house| {
        let (signed_in, client) = signed_in(house).await;
        let (_, first) = tokens(signed_in);
        let second = refresh(house, &first, &client).await.expect("is exchanged");
        let third = refresh(house, &second.refresh_token, &client)
            .await
            .expect("is exchanged");

        assert_eq!(
            code(refresh(house, &first, &client).await),
            ErrorCode::TokenRevoked
        );
        let family = [&first, &second.refresh_token, &third.refresh_token];
        is_ended(house, &third.access_token, &family, &client).await;
    }
);

both!(a_repeat_from_elsewhere_ends_the_family, async |house| {
    house.sign_up(ADA, Want::Page).await;
    for (home, thief) in [
        (at("192.0.2.1"), at("192.0.3.1")),
        (at("192.0.2.1"), with_agent(&at("192.0.2.1"), "curl")),
        (at("2001:db8:1:2::3"), at("2001:db8:2:2::3")),
    ] {
        let signed_in = house
            .auth
            .log_in(credentials(ADA, PASSWORD), TOKENS, &home)
            .await;
        let (_, first) = tokens(signed_in.expect("signs in"));
        let pair = refresh(house, &first, &home).await.expect("is exchanged");

        assert_eq!(
            code(refresh(house, &first, &thief).await),
            ErrorCode::TokenRevoked,
            "{thief:?}"
        );
        is_ended(house, &pair.access_token, &[&pair.refresh_token], &home).await;
    }
});

both!(a_repeat_from_the_neighbourhood_is_forgiven, async |house| {
    house.sign_up(ADA, Want::Page).await;
    for (home, near) in [
        (at("192.0.2.1"), at("192.0.2.250")),
        (at("2001:db8:1:2::3"), at("2001:db8:1:ffff::3")),
    ] {
        let signed_in = house
            .auth
            .log_in(credentials(ADA, PASSWORD), TOKENS, &home)
            .await;
        let (_, first) = tokens(signed_in.expect("signs in"));
        let pair = refresh(house, &first, &home).await.expect("is exchanged");
        let repeat = refresh(house, &first, &near).await.expect("is a lost race");
        assert_eq!(repeat.refresh_token.reveal(), pair.refresh_token.reveal());
    }
});

both!(
    a_thief_who_was_first_is_found_out_by_the_owner,
    async |house| {
        let (signed_in, client) = signed_in(house).await;
        let (_, stolen) = tokens(signed_in);
        let loot = refresh(house, &stolen, &at("203.0.113.66"))
            .await
            .expect("nobody knows yet");

        let answer = refresh(house, &stolen, &client).await;
        assert!(matches!(answer, Err(RefreshError::Reused)));
        is_ended(house, &loot.access_token, &[&loot.refresh_token], &client).await;
    }
);
