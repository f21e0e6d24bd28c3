//! What the administration's first page tells, and that it adds up.

use auth::{Deployment, Want};
use wire::{SignInDay, Stats};

use crate::invitation::admin;
use crate::support::*;

const ROOT: &str = "root@example.com";
const ADA: &str = "ada@example.com";

async fn stats(house: &House, days: u32) -> Stats {
    let told = house.auth.stats(days, &Deployment::default()).await;
    told.expect("answers")
}

fn today(stats: &Stats) -> (i64, i64) {
    let last = stats.sign_ins.last().expect("today is a day");
    (last.succeeded, last.failed)
}

both!(every_sign_in_is_counted_once_whoever_seals, async |house| {
    let other = house.node(settings()).await;
    admin(house, ROOT).await;
    house.sign_up(ADA, Want::Page).await;
    house.log_in(ADA, PASSWORD).await.expect("signs in");
    house
        .log_in(ADA, "not the password")
        .await
        .expect_err("is refused");
    assert_eq!(
        today(&stats(house, 7).await),
        (0, 0),
        "until the log is sealed"
    );

    for auth in [&house.auth, &other, &house.auth] {
        auth.tend().await.expect("tends");
        house.advance(10);
    }
    let started = "select id from audit_log where action = 'session.started'";
    let started = i64::try_from(house.console(started).await.len()).expect("few");
    assert_eq!(today(&stats(house, 7).await), (started, 1));

    house.advance(DAY);
    house.log_in(ADA, PASSWORD).await.expect("signs in");
    house.auth.tend().await.expect("tends");
    let week = stats(house, 7).await;
    assert_eq!(week.sign_ins.len(), 7);
    assert_eq!(today(&week), (1, 0));
    let days = |stats: &Stats| {
        stats
            .sign_ins
            .iter()
            .map(|day: &SignInDay| day.succeeded)
            .sum::<i64>()
    };
    assert_eq!(days(&week), started + 1);
    let quarter = stats(house, 90).await;
    assert_eq!((quarter.sign_ins.len(), days(&quarter)), (90, started + 1));
    other.close().await;
});

both!(accounts_are_counted_as_they_stand, async |house| {
    let root = admin(house, ROOT).await;
    for at in 0..3 {
        house.member(&format!("m{at}@example.com")).await;
    }
    house.advance(8 * DAY);
    let ada = house.member(ADA).await;
    let told = stats(house, 7).await.users;
    assert_eq!((told.total, told.new), (5, 1));
    assert_eq!(
        (told.active.day, told.active.week, told.active.month),
        (1, 1, 5)
    );
    assert_eq!((told.locked, told.disabled, told.leaving), (0, 0, 0));

    let client = house.somewhere();
    let root = crate::invitation::session_of(house, &root.user.email).await;
    let disabling = wire::Disabling::default();
    let disabled = house
        .auth
        .disable_user(&root, &ada.user.id, &disabling, &client);
    disabled.await.expect("disables");
    assert_eq!(stats(house, 30).await.users.disabled, 1);
});

both!(what_should_be_looked_at_is_named, async |house| {
    admin(house, ROOT).await;
    let codes = async |deployment: Deployment| {
        let told = house.auth.stats(7, &deployment).await.expect("answers");
        told.posture
            .into_iter()
            .map(|one| one.code)
            .collect::<Vec<_>>()
    };
    let found = codes(Deployment::default()).await;
    for code in ["plain_http", "one_admin", "no_breach_filter", "weak_hash"] {
        assert!(found.iter().any(|one| one == code), "{code} in {found:?}");
    }
    assert!(!found.iter().any(|one| one == "mailbox"));
    let with = codes(Deployment {
        has_mailbox: true,
        ..Deployment::default()
    });
    assert!(with.await.iter().any(|one| one == "mailbox"));
    admin(house, "second@example.com").await;
    let found = codes(Deployment::default()).await;
    assert!(!found.iter().any(|one| one == "one_admin"), "{found:?}");
    house
        .console("update users set email_verified_at = null where email = 'second@example.com' returning id")
        .await;
    let found = codes(Deployment::default()).await;
    for code in ["one_admin", "unproven_admin"] {
        assert!(found.iter().any(|one| one == code), "{code} in {found:?}");
    }
});
