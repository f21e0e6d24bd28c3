//! Letters leave once, whatever happens to the worker, the postman or the other worker.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use auth::{Letter, PostError, Postman, Want};

use crate::support::*;

both!(a_letter_is_delivered_once, async |house| {
    house.register(account("ada@example.com")).await;
    assert_eq!(house.letters().await.len(), 1);
    house.advance(HOUR);
    assert!(house.letters().await.is_empty());
});

both!(a_flow_wakes_the_worker, async |house| {
    let waiting = tokio::spawn({
        let auth = house.auth.clone();
        async move { auth.letters_waiting().await }
    });
    house.register(account("ada@example.com")).await;
    tokio::time::timeout(Duration::from_secs(5), waiting)
        .await
        .expect("wakes")
        .expect("no panic");
});

both!(
    a_letter_that_did_not_leave_is_tried_again_later_and_later,
    async |house| {
        let flow = house.register(account("ada@example.com")).await;
        for wait in [5, 10, 20, 40] {
            house.postman.fail(PostError::Later("busy".into()));
            assert!(house.letters().await.is_empty());
            house.advance(wait - 1);
            assert!(house.letters().await.is_empty(), "not before {wait} s");
            // Half as much longer at most.
            house.advance(wait / 2 + 1);
        }
        let letter = house.letter().await;
        let errors = "select last_error from outbox where last_error is not null";
        assert!(
            house.console(errors).await.is_empty(),
            "forgotten when it left"
        );
        house
            .finish(by_code(&code_of(&letter), Some(&flow)))
            .await
            .expect("is proven");
    }
);

both!(a_refused_letter_is_given_up, async |house| {
    house.register(account("ada@example.com")).await;
    house
        .postman
        .fail(PostError::Refused("no such mailbox".into()));
    assert!(house.letters().await.is_empty());
    house.advance(HOUR);
    assert!(house.letters().await.is_empty());
    let dead = "select last_error from outbox where dead_at is not null";
    assert_eq!(house.console(dead).await, ["refused: no such mailbox"]);
});

both!(a_letter_is_given_up_after_a_day, async |house| {
    // A warning to an account: unlike a link it does not end by itself.
    let (_, first) = tokens(house.sign_up("ada@example.com", TOKENS).await);
    let audience = wire::Audience::PortalAndServices;
    let client = house.somewhere();
    house
        .auth
        .refresh(&first, audience, &client)
        .await
        .expect("is exchanged");
    house
        .auth
        .refresh(&first, audience, &at("203.0.113.66"))
        .await
        .expect_err("is a theft");
    for step in [0, 23 * HOUR, HOUR, 2 * HOUR] {
        house.advance(step);
        house.postman.fail(PostError::Later("busy".into()));
        assert!(house.letters().await.is_empty());
    }
    let dead = "select cast(attempts as varchar(9)) from outbox where dead_at is not null";
    assert_eq!(
        house.console(dead).await,
        ["3"],
        "the third attempt was the last"
    );
});

both!(
    what_one_postman_refuses_does_not_hold_up_the_others,
    async |house| {
        for address in ["ada@example.com", "bob@example.com", "cyd@example.com"] {
            house.register(account(address)).await;
            house.advance(1);
        }
        house.postman.fail(PostError::Later("busy".into()));
        house
            .postman
            .fail(PostError::Refused("no such mailbox".into()));
        let left = house.letters().await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].to.as_str(), "cyd@example.com");
    }
);

/// Takes a letter, says so, and never comes back.
#[derive(Default)]
struct Lost(tokio::sync::Notify);

#[async_trait]
impl Postman for Lost {
    async fn deliver(&self, _: &Letter) -> Result<(), PostError> {
        self.0.notify_one();
        std::future::pending().await
    }
}

/// A worker that dies between taking a letter and having delivered it.
async fn die_on_the_way(house: &House) {
    let lost = Lost::default();
    tokio::select! {
        _ = house.auth.deliver_letters(&lost) => panic!("it does not come back"),
        () = lost.0.notified() => {}
    }
}

both!(
    a_letter_of_a_dead_worker_is_taken_when_its_lease_has_ended,
    async |house| {
        let flow = house.register(account("ada@example.com")).await;
        die_on_the_way(house).await;
        let taken = "select id from outbox where attempts = 1 and sent_at is null";
        assert_eq!(house.console(taken).await.len(), 1, "the story begins");

        house.advance(59);
        assert!(house.letters().await.is_empty(), "it might still be at it");
        house.advance(1);
        let letter = house.letter().await;
        assert_eq!(
            house.console("select id from outbox").await,
            std::slice::from_ref(&letter.id),
            "the same letter"
        );
        house
            .finish(by_code(&code_of(&letter), Some(&flow)))
            .await
            .expect("its code works");
    }
);

both!(
    on_an_embedded_database_a_new_worker_takes_up_what_the_dead_one_left_at_once,
    async |house| {
        house.register(account("ada@example.com")).await;
        die_on_the_way(house).await;
        house.auth.resume_letters().await.expect("resumes");
        assert_eq!(
            house.letters().await.len(),
            usize::from(!house.is_shared()),
            "elsewhere another may be at it"
        );
    }
);

/// Delivers, and says it did not.
struct Liar(TestPostman);

#[async_trait]
impl Postman for Liar {
    async fn deliver(&self, letter: &Letter) -> Result<(), PostError> {
        self.0.deliver(letter).await?;
        Err(PostError::Unanswered("the line broke".into()))
    }
}

both!(every_secret_that_reached_a_mailbox_works, async |house| {
    let flow = house.register(account("ada@example.com")).await;
    let liar = Liar(TestPostman::default());
    let round = house.auth.deliver_letters(&liar).await.expect("delivers");
    assert_eq!((round.sent, round.delayed), (0, 1));
    house.advance(8);
    let second = house.letter().await;
    let first = liar.0.take().remove(0);
    assert_eq!(first.id, second.id, "recognised as one by its id");
    assert_ne!(code_of(&first).reveal(), code_of(&second).reveal());

    house
        .finish(by_code(&code_of(&first), Some(&flow)))
        .await
        .expect("is proven");
});

both!(
    many_workers_on_two_nodes_deliver_each_letter_once,
    async |house| {
        let other = house.node(without_limits()).await;
        for n in 0..30 {
            let answer = other
                .register(
                    account(&format!("p{n}@example.com")),
                    Want::Page,
                    &house.somewhere(),
                )
                .await;
            answer.expect("is taken on");
        }
        let postman = std::sync::Arc::new(TestPostman::default());
        let mut left = 0;
        // One round each is enough: who loses a race for a letter takes the next one.
        let rounds = at_once(6, |n| {
            let node = if n % 2 == 0 { &house.auth } else { &other };
            let (auth, postman) = (node.clone(), postman.clone());
            async move { auth.deliver_letters(postman.as_ref()).await }
        })
        .await;
        for round in rounds {
            left += round.expect("delivers").sent;
        }
        let letters = postman.take();
        let to: BTreeSet<_> = letters
            .iter()
            .map(|letter| letter.to.as_str().to_owned())
            .collect();
        assert_eq!((left, letters.len(), to.len()), (30, 30, 30));
    }
);

both!(
    a_letter_nobody_needs_any_more_does_not_leave,
    async |house| {
        let flow = house.register(account("ada@example.com")).await;
        let first = house.letter().await;
        house.resend("ada@example.com").await.expect("is taken on");
        house
            .finish(by_code(&code_of(&first), Some(&flow)))
            .await
            .expect("is proven");
        assert!(house.letters().await.is_empty());

        house.register(account("bob@example.com")).await;
        house.advance(DAY);
        assert!(
            house.letters().await.is_empty(),
            "its registration has ended"
        );
        let due = "select id from outbox where sent_at is null and dead_at is null";
        assert!(
            house.console(due).await.is_empty(),
            "and it is not looked at again"
        );
    }
);

/// Holds one letter until it is told how that ended.
#[derive(Default)]
struct Slow {
    has_it: tokio::sync::Notify,
    go_on: tokio::sync::Notify,
}

#[async_trait]
impl Postman for Slow {
    async fn deliver(&self, _: &Letter) -> Result<(), PostError> {
        self.has_it.notify_one();
        self.go_on.notified().await;
        Err(PostError::Later("busy".into()))
    }
}

/// A worker whose machine stood still for longer than its lease, with a letter in hand.
async fn overslept(house: &House, meanwhile: impl AsyncFnOnce()) {
    let slow = Slow::default();
    let worker = async { house.auth.deliver_letters(&slow).await };
    let others = async {
        slow.has_it.notified().await;
        house.advance(MINUTE);
        meanwhile().await;
        slow.go_on.notify_one();
    };
    let (round, ()) = tokio::join!(worker, others);
    let round = round.expect("delivers");
    assert_eq!((round.sent, round.delayed, round.dead), (0, 0, 0));
}

both!(
    a_worker_that_overslept_does_not_call_back_what_its_successor_sent,
    async |house| {
        house.register(account("ada@example.com")).await;
        overslept(house, async || assert_eq!(house.letters().await.len(), 1)).await;
        house.advance(HOUR);
        assert!(house.letters().await.is_empty(), "it has left");
    }
);

both!(
    a_worker_that_overslept_does_not_revive_what_its_successor_gave_up,
    async |house| {
        house.register(account("ada@example.com")).await;
        overslept(house, async || {
            house
                .postman
                .fail(PostError::Refused("no such mailbox".into()));
            assert!(house.letters().await.is_empty());
        })
        .await;
        house.advance(HOUR);
        assert!(house.letters().await.is_empty());
        let dead = "select last_error from outbox where dead_at is not null";
        assert_eq!(house.console(dead).await, ["refused: no such mailbox"]);
    }
);

both!(
    a_postman_who_closes_takes_no_further_letter,
    async |house| {
        struct Closed;

        #[async_trait]
        impl Postman for Closed {
            async fn deliver(&self, _: &Letter) -> Result<(), PostError> {
                panic!("it is closed")
            }

            fn is_closed(&self) -> bool {
                true
            }
        }

        house.register(account("ada@example.com")).await;
        house
            .auth
            .deliver_letters(&Closed)
            .await
            .expect("does nothing");
        assert_eq!(house.letters().await.len(), 1, "untouched, and due");
    }
);

both!(
    a_repeat_has_the_name_of_the_attempt_that_may_have_left_until_somebody_refuses,
    async |house| {
        house.register(account("ada@example.com")).await;
        let liar = Liar(TestPostman::default());
        for _ in 0..2 {
            house.auth.deliver_letters(&liar).await.expect("delivers");
            house.advance(MINUTE);
        }
        house.postman.fail(PostError::Later("busy".into()));
        house.letters().await;
        house.advance(MINUTE);
        let last = house.letter().await;

        let unsure: Vec<_> = liar.0.take().iter().map(|letter| letter.attempt).collect();
        assert_eq!((unsure, last.attempt), (vec![1, 1], 4));
    }
);

both!(an_idle_worker_does_not_trouble_the_writer, async |house| {
    let before = house.auth.work();
    assert!(house.letters().await.is_empty());
    assert_eq!((house.auth.work() - before).statements, 1);
});
