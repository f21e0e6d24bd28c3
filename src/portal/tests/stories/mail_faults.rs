//! Mail servers have bad days. The page answers the same, and each letter arrives, later: once, as
//! far as a mailbox that knows Message-IDs can see, and with a secret that works.
//!
//! The server is a real process; only the clock is moved by hand.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use auth::Postman;
use mail::Security;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use wire::Paging;

use crate::support::{
    ADA, Copy, House, MailApi, MailServer, Setup, Site, both, registration, same_but_for,
};

/// Longer than the first two waits after a failure, jitter included.
const SOON: u64 = 30;
/// Longer than the next waits, and shorter than a code lives.
const LATER: u64 = 300;

/// Registers, which answers the same whatever the mail server does. The flow's secret.
async fn register(house: &House, email: &str) -> String {
    let answer = house
        .program()
        .post("/api/auth/register", &registration(email))
        .await;
    assert_eq!(answer.told(), "202");
    answer.member("registrationToken")
}

/// One round of the worker.
async fn round(house: &House, postman: &dyn Postman) -> (usize, usize, usize) {
    let delivered = house.auth.deliver_letters(postman).await.expect("runs");
    (delivered.sent, delivered.delayed, delivered.dead)
}

/// What stands in a letter proves the address it went to.
async fn works(house: &House, letter: &Copy, flow: &str) {
    let finish = json!({ "code": letter.code(), "registrationToken": flow });
    let answer = house
        .program()
        .post("/api/auth/verify-email", &finish)
        .await;
    assert_eq!(answer.told(), "200");
    assert_eq!(answer.json()["user"]["email"], letter.to);
}

fn ids(letters: &[Copy]) -> BTreeSet<&str> {
    letters.iter().map(|letter| letter.id.as_str()).collect()
}

/// The whole story of a server that has a bad day in which nothing arrives.
async fn arrives_after(site: &Site, bad_day: &str) {
    let Some(mut server) = MailServer::start().await else {
        return;
    };
    let house = site.house().await;
    server.be(bad_day).await;

    let flow = register(&house, ADA).await;
    assert_eq!(
        round(&house, &server.mailer()).await,
        (0, 1, 0),
        "{bad_day}"
    );
    assert_eq!(
        round(&house, &server.mailer()).await,
        (0, 0, 0),
        "not at once again"
    );
    assert!(server.arrived().await.is_empty());

    house.wait(SOON);
    assert_eq!(round(&house, &server.mailer()).await, (1, 0, 0));
    house.wait(LATER);
    assert_eq!(
        round(&house, &server.mailer()).await,
        (0, 0, 0),
        "and never again"
    );
    let arrived = server.arrived().await;
    assert_eq!(arrived.len(), 1);
    works(&house, &arrived[0], &flow).await;
}

/// The whole story of a server that keeps the letter without our hearing of it.
async fn arrives_once_though_repeated(site: &Site, bad_day: &str) {
    let Some(mut server) = MailServer::start().await else {
        return;
    };
    let house = site.house().await;
    server.be(bad_day).await;

    let flow = register(&house, ADA).await;
    assert_eq!(
        round(&house, &server.mailer()).await,
        (0, 1, 0),
        "{bad_day}"
    );
    assert_eq!(server.arrived().await.len(), 1, "it did arrive");
    house.wait(SOON);
    assert_eq!(round(&house, &server.mailer()).await, (1, 0, 0));
    house.wait(LATER);
    assert_eq!(round(&house, &server.mailer()).await, (0, 0, 0));

    let arrived = server.arrived().await;
    assert_eq!(
        (arrived.len(), ids(&arrived).len()),
        (2, 1),
        "one Message-ID"
    );
    // Which of the two a mailbox keeps is its own affair: the first works though a second was made.
    works(&house, &arrived[0], &flow).await;
}

both! {
    async fn the_answer_is_the_same_whatever_the_mail_server_does(site: &Site) {
        let Some(mut server) = MailServer::start().await else { return };
        let house = site.house().await;
        let well = house.anonymous().post("/api/auth/register", &registration("bob@example.com")).await;
        round(&house, &server.mailer()).await;

        for (number, bad_day) in ["down", "deaf", "busy", "unknown"].into_iter().enumerate() {
            server.be(bad_day).await;
            let email = format!("ada{number}@example.com");
            let ill = house.anonymous().post("/api/auth/register", &registration(&email)).await;
            assert_eq!(ill.told(), "202", "{bad_day}");
            same_but_for(&["registrationToken"], &well, &ill);
            round(&house, &server.mailer()).await;
        }
    }

    async fn a_server_that_is_down_gets_the_letter_when_it_is_back(site: &Site) {
        arrives_after(site, "down").await;
    }

    async fn a_server_that_never_greets_gets_the_letter_when_it_does(site: &Site) {
        arrives_after(site, "deaf").await;
    }

    async fn a_server_that_stalls_in_the_letter_gets_it_again(site: &Site) {
        arrives_after(site, "stalls_in_data").await;
    }

    async fn a_server_that_says_come_back_gets_the_letter_later(site: &Site) {
        arrives_after(site, "busy").await;
    }

    async fn a_server_without_room_gets_the_letter_later(site: &Site) {
        arrives_after(site, "full").await;
    }

    async fn an_answer_after_the_deadline_makes_no_second_letter(site: &Site) {
        arrives_once_though_repeated(site, "answers_late").await;
    }

    async fn a_connection_cut_before_the_answer_makes_no_second_letter(site: &Site) {
        arrives_once_though_repeated(site, "hangs_up").await;
    }

    async fn a_refused_letter_is_given_up_until_somebody_asks_again(site: &Site) {
        let Some(mut server) = MailServer::start().await else { return };
        let house = site.house().await;
        for bad_day in ["unknown", "unwanted"] {
            server.be(bad_day).await;
            register(&house, &format!("{bad_day}@example.com")).await;
            assert_eq!(round(&house, &server.mailer()).await, (0, 0, 1), "{bad_day}");
        }
        assert!(server.arrived().await.is_empty());
        house.wait(SOON);
        assert_eq!(round(&house, &server.mailer()).await, (0, 0, 0), "no is no");

        // As an operator with a console; the desk's own button is told of in `outbox`.
        site.operate("update outbox set dead_at = null, next_attempt_at = 0").await;
        assert_eq!(round(&house, &server.mailer()).await, (2, 0, 0));
        let arrived = server.arrived().await;
        assert_eq!((arrived.len(), ids(&arrived).len()), (2, 2));
    }

    async fn a_server_nobody_vouches_for_gets_no_letter(site: &Site) {
        let Some(mut server) = MailServer::start().await else { return };
        let house = site.house().await;
        server.be("starttls").await;
        register(&house, ADA).await;

        let mailer = server.mailer_with(Security::StartTls);
        assert_eq!(round(&house, &mailer).await, (0, 1, 0));

        assert!(server.arrived().await.is_empty());
        let waiting = house.auth.list_letters(None, &Paging::default()).await.expect("lists");
        let why = waiting.items[0].last_error.clone().expect("a reason");
        assert!(why.contains("certificate"), "{why}");
    }

    async fn one_server_that_hangs_holds_no_other_letter_back(site: &Site) {
        let Some(mut server) = MailServer::start().await else { return };
        let house = site.house().await;
        server.be_to("stalls_in_data", "slow@").await;
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let postman: Arc<dyn Postman> = Arc::new(server.mailer());
        portal::worker::start(&tasks, &house.auth, Some(postman), &stop);

        register(&house, "slow@example.com").await;
        server.stalls().await;
        register(&house, ADA).await;

        assert_eq!(server.arrival().await.to, ADA, "while the other one hangs");
        stop.cancel();
        tasks.close();
        tasks.wait().await;
    }

    async fn a_worker_that_stops_finishes_the_letter_in_hand(site: &Site) {
        let Some(mut server) = MailServer::start().await else { return };
        let house = site.house_with(Setup { deliveries: 1, ..Setup::default() }).await;
        server.be("answers_slowly").await;
        for number in 0..2 {
            register(&house, &format!("ada{number}@example.com")).await;
        }
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let postman: Arc<dyn Postman> = Arc::new(server.mailer());
        portal::worker::start(&tasks, &house.auth, Some(postman), &stop);
        server.arrival().await;

        // It has the letter, and has not said so yet.
        stop.cancel();
        tasks.close();
        tokio::time::timeout(Duration::from_secs(10), tasks.wait()).await.expect("stops");

        assert_eq!(site.count("outbox where sent_at is not null").await, 1);
        assert_eq!(server.arrived().await.len(), 1, "and takes no other");
        assert_eq!(round(&house, &server.mailer()).await, (1, 0, 0), "which the next one takes at once");
        let arrived = server.arrived().await;
        assert_eq!((arrived.len(), ids(&arrived).len()), (2, 2));
    }

    async fn a_worker_that_dies_with_a_letter_in_hand_makes_no_second_letter(site: &Site) {
        let Some(mut server) = MailServer::start().await else { return };
        let house = site.house().await;
        server.be("answers_slowly").await;
        let flow = register(&house, ADA).await;
        let mailer = server.mailer();
        tokio::select! {
            _ = house.auth.deliver_letters(&mailer) => panic!("it is slow"),
            _ = server.arrival() => {}
        }

        assert_eq!(round(&house, &mailer).await, (0, 0, 0), "it might still be at it");
        house.wait(60);
        assert_eq!(round(&house, &mailer).await, (1, 0, 0));

        let arrived = server.arrived().await;
        assert_eq!((arrived.len(), ids(&arrived).len()), (2, 1), "one Message-ID");
        works(&house, &arrived[0], &flow).await;
    }

    async fn a_mail_api_whose_answer_was_lost_sent_a_letter_that_works(site: &Site) {
        let house = site.house().await;
        let api = MailApi::start().await;
        let mailer = api.mailer();
        let flow = register(&house, ADA).await;

        assert_eq!(round(&house, &mailer).await, (0, 1, 0), "the answer was lost");
        house.wait(SOON);
        assert_eq!(round(&house, &mailer).await, (1, 0, 0), "the API knows the letter");
        house.wait(LATER);
        assert_eq!(round(&house, &mailer).await, (0, 0, 0));

        let arrived = api.sent().await;
        assert_eq!(arrived.len(), 1, "one letter was sent");
        works(&house, &arrived[0], &flow).await;
    }
}
