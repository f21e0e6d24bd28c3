//! Sessions: alive until they idle out, end, or are ended; and then never again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auth::Want;
use wire::LogOutScope;

use crate::support::*;

/// Waits for what is written beside a request, of the newest session.
async fn last_seen(house: &House, wanted: i64) {
    let query = "select cast(last_seen_at - created_at as varchar(20)) from sessions order by id desc limit 1";
    let mut seen = Vec::new();
    for _ in 0..200 {
        seen = house.console(query).await;
        if seen == [wanted.to_string()] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("last seen at {seen:?}, not {wanted}");
}

both!(
    a_session_ends_when_it_was_not_used_for_a_week,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let used = cookie(&house.stay("ada@example.com").await);
        let forgotten = cookie(&house.stay("ada@example.com").await);
        house.advance(7 * DAY - 1);
        assert!(house.session(&used).await.is_some(), "its last second");

        house.advance(1);
        assert!(house.session(&forgotten).await.is_none());
        assert!(
            !house
                .auth
                .set_flash(&forgotten, 0, "late")
                .await
                .expect("answers")
        );
    }
);

both!(
    a_session_that_is_used_does_not_idle_out_however_short_that_is,
    async |house| {
        let mut short = settings();
        short.sessions.idle = 60;
        short.sessions.idle_unremembered = 60;
        let node = house.node(short.clone()).await;
        house.sign_up("ada@example.com", Want::Page).await;
        // The newest is found by its id, which begins with the time.
        house.advance(1);
        let (credentials, client) = (credentials("ada@example.com", PASSWORD), house.somewhere());
        let signed_in = node.log_in(credentials, Want::Page, &client).await;
        let cookie = cookie(&signed_in.expect("signs in"));
        for step in 1..=10 {
            house.advance(25);
            // Another node each time: what one remembers for two seconds, by a clock nobody moves, is not
            // what this is about.
            let node = house.node(short.clone()).await;
            let session = node.session_by_cookie(&cookie, &client).await;
            assert!(session.expect("answers").is_some(), "used {step} times");
            last_seen(house, step * 25).await;
        }
        house.advance(60);
        let session = node.session_by_cookie(&cookie, &client).await;
        assert!(session.expect("answers").is_none(), "not used");
    }
);

both!(
    a_session_in_use_ends_after_thirty_days_all_the_same,
    async |house| {
        let ada = "ada@example.com";
        house.sign_up(ada, Want::Page).await;
        let cookie = cookie(&house.stay(ada).await);
        for week in 1..=4 {
            house.advance(7 * DAY - HOUR);
            let restarted = house.node(settings()).await;
            let session = restarted
                .session_by_cookie(&cookie, &house.somewhere())
                .await
                .expect("answers");
            assert!(session.is_some(), "week {week}");
            last_seen(house, week * (7 * 86_400 - 3600)).await;
        }
        house.advance(2 * DAY + 4 * HOUR - 1);
        let live = house
            .node(settings())
            .await
            .session_by_cookie(&cookie, &house.somewhere())
            .await;
        assert!(live.expect("answers").is_some());
        house.advance(1);
        let ended = house
            .node(settings())
            .await
            .session_by_cookie(&cookie, &house.somewhere())
            .await;
        assert!(ended.expect("answers").is_none());
    }
);

both!(a_use_is_written_down_at_most_once_a_minute, async |house| {
    let cookie = cookie(&house.sign_up("ada@example.com", Want::Page).await);
    for (step, seen) in [(59, 0), (1, 60), (59, 60), (1, 120)] {
        house.advance(step);
        let restarted = house.node(settings()).await;
        let session = restarted
            .session_by_cookie(&cookie, &house.somewhere())
            .await
            .expect("answers");
        assert!(session.is_some());
        // Had the odd seconds been noted, the even ones would not be.
        last_seen(house, seen).await;
    }
});

both!(
    an_ended_session_is_refused_at_once_though_it_was_remembered,
    async |house| {
        let signed_in = house.sign_up("ada@example.com", Want::Page).await;
        let cookie = cookie(&signed_in);
        let mut session = None;
        for _ in 0..3 {
            session = house.session(&cookie).await;
        }
        house
            .auth
            .log_out(
                &session.expect("lives"),
                LogOutScope::Local,
                &house.somewhere(),
            )
            .await
            .expect("ends");
        assert!(house.session(&cookie).await.is_none());
        assert!(house.auth.flash(&cookie).await.expect("answers").is_none());
    }
);

both!(a_made_up_cookie_is_nobody, async |house| {
    house.sign_up("ada@example.com", Want::Page).await;
    for bytes in [[0; 16], [255; 16]] {
        assert!(house.session(&auth::CookieToken(bytes)).await.is_none());
    }
});

both!(
    a_flash_is_written_over_what_was_read_and_never_revives_a_session,
    async |house| {
        let signed_in = house.sign_up("ada@example.com", Want::Page).await;
        let cookie = cookie(&signed_in);
        let flash = house
            .auth
            .flash(&cookie)
            .await
            .expect("answers")
            .expect("lives");
        assert_eq!((flash.version, flash.text), (0, None));

        let won = at_once(20, |n| {
            let auth = house.auth.clone();
            async move {
                auth.set_flash(&cookie, 0, &format!("\"{n}\""))
                    .await
                    .expect("answers")
            }
        })
        .await;
        assert_eq!(
            won.into_iter().filter(|won| *won).count(),
            1,
            "one wins, the others read again"
        );
        assert!(
            !house
                .auth
                .set_flash(&cookie, 0, "late")
                .await
                .expect("answers")
        );
        assert!(
            house
                .auth
                .set_flash(&cookie, 1, "newer")
                .await
                .expect("answers")
        );
        let flash = house
            .auth
            .flash(&cookie)
            .await
            .expect("answers")
            .expect("lives");
        assert_eq!((flash.version, flash.text.as_deref()), (2, Some("newer")));

        house
            .auth
            .end_session_by_cookie(&cookie, &house.somewhere())
            .await
            .expect("ends");
        assert!(
            !house
                .auth
                .set_flash(&cookie, 2, "back")
                .await
                .expect("answers")
        );
        assert!(house.session(&cookie).await.is_none());
        let kept = "select coalesce(flash, 'none') from sessions where revoked_at is not null";
        assert_eq!(house.console(kept).await, ["none"]);
    }
);

both!(fifty_readers_cannot_keep_a_session_alive, async |house| {
    house.sign_up("ada@example.com", Want::Page).await;
    let auth = house.node(without_limits()).await;
    for _ in 0..3 {
        let client = house.somewhere();
        let signed_in = auth
            .log_in(
                credentials("ada@example.com", PASSWORD),
                Want::Page,
                &client,
            )
            .await;
        let cookie = cookie(&signed_in.expect("signs in"));
        let ended = Arc::new(AtomicBool::new(false));
        let readers: Vec<_> = (0..50)
            .map(|_| {
                let (auth, client, ended) = (auth.clone(), client.clone(), Arc::clone(&ended));
                tokio::spawn(async move {
                    for _ in 0..20 {
                        // Looked at before the question: only an answer to a later one is wrong.
                        let was_ended = ended.load(Ordering::SeqCst);
                        let session = auth
                            .session_by_cookie(&cookie, &client)
                            .await
                            .expect("answers");
                        assert!(!(was_ended && session.is_some()), "it had ended");
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        tokio::task::yield_now().await;
        auth.end_session_by_cookie(&cookie, &client)
            .await
            .expect("ends");
        ended.store(true, Ordering::SeqCst);
        for reader in readers {
            reader.await.expect("no panic");
        }
        assert!(
            auth.session_by_cookie(&cookie, &client)
                .await
                .expect("answers")
                .is_none()
        );
    }
});
