//! Guessing passwords: counted before it is checked, slowed down, and forgotten only by success.

use auth::{LogInError, Want};
use wire::ErrorCode;

use crate::support::*;

const ADA: &str = "ada@example.com";

/// One wrong guess from an address.
async fn guess(house: &House, whom: &str, from: &str) -> Result<auth::SignIn, LogInError> {
    house
        .auth
        .log_in(credentials(whom, OTHER_PASSWORD), Want::Page, &at(from))
        .await
}

/// The right password from an address.
async fn right(house: &House, from: &str) -> Result<auth::SignIn, LogInError> {
    house
        .auth
        .log_in(credentials(ADA, PASSWORD), Want::Page, &at(from))
        .await
}

/// How the lanes stand: `lane count`, sorted.
async fn lanes(house: &House) -> Vec<String> {
    house
        .console("select lane || ' ' || count from failures order by lane, count")
        .await
}

fn retry_after(answer: Result<auth::SignIn, LogInError>) -> u32 {
    let error = wire::Error::from(answer.expect_err("is too often"));
    assert_eq!(error.code, ErrorCode::RateLimited);
    error.retry_after.expect("always said")
}

both!(the_delay_grows_and_its_end_is_said, async |house| {
    house.sign_up(ADA, Want::Page).await;
    for _ in 0..5 {
        assert_eq!(
            code(guess(house, ADA, "192.0.2.1").await),
            ErrorCode::InvalidCredentials
        );
    }
    for delay in [60, 120, 240] {
        assert_eq!(
            retry_after(right(house, "192.0.2.1").await),
            delay,
            "the right one is not tried either"
        );
        house.advance(u64::from(delay) - 1);
        assert_eq!(
            retry_after(guess(house, ADA, "192.0.2.1").await),
            1,
            "asking does not prolong it"
        );
        house.advance(1);
        assert_eq!(
            code(guess(house, ADA, "192.0.2.1").await),
            ErrorCode::InvalidCredentials
        );
    }
    right(house, "192.0.2.2")
        .await
        .expect("another network is not slowed down by five");
});

both!(two_hundred_guesses_at_once_are_five, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let answers = at_once(200, |_| {
        let auth = house.auth.clone();
        async move {
            auth.log_in(
                credentials(ADA, OTHER_PASSWORD),
                Want::Page,
                &at("192.0.2.1"),
            )
            .await
        }
    })
    .await;

    let mut hashed = 0;
    for answer in answers {
        match answer {
            Err(LogInError::WrongPassword) => hashed += 1,
            Err(LogInError::Limited(_) | LogInError::Overloaded(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(hashed, 5);
    assert_eq!(retry_after(right(house, "192.0.2.1").await), 60);
    assert!(
        lanes(house).await.contains(&"account_network 5".to_owned()),
        "{:?}",
        lanes(house).await
    );
});

both!(guesses_from_everywhere_at_once_are_twenty, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let answers = at_once(100, |n| {
        let auth = house.auth.clone();
        async move {
            let from = at(&format!("198.51.{}.{}", 100 + n / 50, 1 + n % 50));
            auth.log_in(credentials(ADA, OTHER_PASSWORD), Want::Page, &from)
                .await
        }
    })
    .await;
    let hashed = answers
        .iter()
        .filter(|answer| matches!(answer, Err(LogInError::WrongPassword)))
        .count();

    assert_eq!(hashed, 20);
    assert_eq!(retry_after(right(house, "203.0.113.1").await), 60);
    house.advance(60);
    right(house, "203.0.113.1")
        .await
        .expect("the lock has ended");
});

both!(
    an_account_that_does_not_exist_is_slowed_down_alike,
    async |house| {
        for _ in 0..5 {
            assert_eq!(
                code(guess(house, "nobody@example.com", "192.0.2.1").await),
                ErrorCode::InvalidCredentials
            );
        }
        assert_eq!(
            retry_after(guess(house, "NOBODY@example.com", "192.0.2.1").await),
            60
        );
    }
);

both!(
    a_network_at_many_accounts_is_stopped_at_fifty,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        for n in 0..50 {
            let whom = format!("p{n}@example.com");
            assert_eq!(
                code(guess(house, &whom, "192.0.2.1").await),
                ErrorCode::InvalidCredentials,
                "{n}"
            );
        }
        assert_eq!(retry_after(right(house, "192.0.2.1").await), 60);
        right(house, "192.0.2.2").await.expect("another network");
    }
);

both!(
    success_clears_the_account_and_relieves_the_network_of_one,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        for n in 0..10 {
            guess(house, &format!("p{n}@example.com"), "192.0.2.1")
                .await
                .expect_err("is wrong");
        }
        for _ in 0..3 {
            guess(house, ADA, "192.0.2.1").await.expect_err("is wrong");
        }
        for _ in 0..4 {
            guess(house, ADA, "192.0.2.2").await.expect_err("is wrong");
        }
        right(house, "192.0.2.1").await.expect("signs in");

        let left = lanes(house).await;
        let of = |lane: &str| left.iter().filter(|line| line.starts_with(lane)).count();
        assert!(
            left.contains(&"network 13".to_owned()),
            "only this attempt was taken back: {left:?}"
        );
        assert!(left.contains(&"network 4".to_owned()), "{left:?}");
        assert!(
            left.contains(&"account_network 4".to_owned()),
            "the other network's run goes on: {left:?}"
        );
        assert_eq!(
            (of("account "), of("account_network ")),
            (10, 11),
            "those of ada are gone: {left:?}"
        );

        guess(house, ADA, "192.0.2.2").await.expect_err("the fifth");
        assert_eq!(retry_after(right(house, "192.0.2.2").await), 60);
    }
);

both!(a_hundred_failures_in_a_row_need_help, async |house| {
    house.sign_up(ADA, Want::Page).await;
    for n in 0..100 {
        let from = format!("198.51.100.{}", n + 1);
        assert_eq!(
            code(guess(house, ADA, &from).await),
            ErrorCode::InvalidCredentials,
            "{n}"
        );
        house.advance(HOUR);
    }
    assert_eq!(
        retry_after(right(house, "203.0.113.1").await),
        3600,
        "said as an hour"
    );
    house.advance(400 * DAY);
    assert_eq!(
        retry_after(right(house, "203.0.113.1").await),
        3600,
        "and never over by itself"
    );

    house
        .auth
        .unlock(&email(ADA), &at("127.0.0.1"))
        .await
        .expect("is unlocked");
    right(house, "203.0.113.1").await.expect("signs in");
});

both!(success_ends_the_run_of_an_account, async |house| {
    house.sign_up(ADA, Want::Page).await;
    for round in 0..3 {
        for n in 0..15 {
            let from = format!("198.51.{}.{}", 100 + round, n + 1);
            assert_eq!(
                code(guess(house, ADA, &from).await),
                ErrorCode::InvalidCredentials
            );
        }
        right(house, "203.0.113.1").await.expect("fifteen are free");
    }
});

both!(
    an_ipv6_network_is_one_whatever_its_last_half,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        for n in 0..5 {
            guess(house, ADA, &format!("2001:db8:0:1::{n}"))
                .await
                .expect_err("is wrong");
        }
        assert_eq!(retry_after(right(house, "2001:db8:0:1:ffff::9").await), 60);
        right(house, "2001:db8:0:2::1")
            .await
            .expect("another network");
    }
);

both!(without_limits_nothing_is_counted, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let before = lanes(house).await;
    let auth = house.node(without_limits()).await;
    for _ in 0..30 {
        let answer = auth
            .log_in(
                credentials(ADA, OTHER_PASSWORD),
                Want::Page,
                &at("192.0.2.1"),
            )
            .await;
        assert_eq!(code(answer), ErrorCode::InvalidCredentials);
    }
    auth.log_in(credentials(ADA, PASSWORD), Want::Page, &at("192.0.2.1"))
        .await
        .expect("signs in");
    assert_eq!(lanes(house).await, before);
});

both!(the_counters_name_nobody, async |house| {
    for _ in 0..3 {
        guess(house, "nobody@example.com", "192.0.2.1")
            .await
            .expect_err("is wrong");
    }
    let text = match house.is_shared() {
        true => "encode(key, 'escape')",
        false => "hex(key)",
    };
    let keys = house.console(&format!("select {text} from failures")).await;
    assert_eq!(keys.len(), 3);
    assert!(
        keys.iter()
            .all(|key| !key.contains("nobody") && !key.contains("192.0")),
        "{keys:?}"
    );
});
