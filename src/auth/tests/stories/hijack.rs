//! Pre-hijacking (D13): somebody registers an address that is not theirs, and waits.

use auth::Want;
use wire::{ErrorCode, NewAccount, Password, PersonName};

use crate::support::*;

fn of_the_attacker() -> NewAccount {
    NewAccount {
        password: Password::claimed(OTHER_PASSWORD),
        first_name: Some(PersonName::parse("Eve").expect("a name")),
        ..account_named("victim@example.com", "eve")
    }
}

both!(
    a_victim_who_follows_the_attackers_link_chooses_the_password_and_no_name_is_planted,
    async |house| {
        house.register(of_the_attacker()).await;
        let token = token_of(&house.letter().await);

        let without = house.finish(by_link(&token, None, None)).await;
        assert_eq!(code(without), ErrorCode::InvalidRequest);
        let finish = by_link(&token, None, Some(PASSWORD));
        let victim = house.finish(finish).await.expect("is proven");

        assert_eq!((victim.user.username, victim.user.first_name), (None, None));
        let planted = house.log_in("victim@example.com", OTHER_PASSWORD);
        assert_eq!(code(planted.await), ErrorCode::InvalidCredentials);
        let own = house.log_in("victim@example.com", PASSWORD);
        own.await.expect("the victim's password is the account's");
    }
);

both!(
    a_victim_with_a_flow_of_their_own_does_not_lend_it_to_the_attackers_link,
    async |house| {
        house.register(of_the_attacker()).await;
        let attackers = house.letter().await;
        let victims = house.register(account("victim@example.com")).await;
        house.letter().await;

        let finish = by_link(&token_of(&attackers), Some(&victims), None);
        let answer = house.finish(finish).await;
        assert_eq!(
            code(answer),
            ErrorCode::InvalidRequest,
            "a password is to be chosen"
        );
        let finish = by_code(&code_of(&attackers), Some(&victims));
        let answer = house.finish(finish).await;
        assert_eq!(code(answer), ErrorCode::InvalidCode, "another flow's code");
    }
);

both!(
    the_attackers_flow_is_worth_nothing_once_the_victim_has_finished,
    async |house| {
        let attackers = house.register(of_the_attacker()).await;
        let attackers_letter = house.letter().await;
        let victims = house.register(account("victim@example.com")).await;
        let victims_letter = house.letter().await;

        let finish = by_code(&code_of(&victims_letter), Some(&victims));
        let victim = house.finish(finish).await.expect("is proven");

        assert_eq!(victim.user.username, None);
        assert!(
            house
                .console("select id from registrations")
                .await
                .is_empty(),
            "all others are gone"
        );
        assert!(
            house
                .console("select subject from one_time_tokens")
                .await
                .is_empty(),
            "and their secrets"
        );
        for finish in [
            by_code(&code_of(&attackers_letter), Some(&attackers)),
            by_link(&token_of(&attackers_letter), Some(&attackers), None),
            by_link(&token_of(&attackers_letter), None, Some(OTHER_PASSWORD)),
        ] {
            assert!(house.finish(finish).await.is_err());
        }
        assert_eq!(
            house.auth.pending_address(&attackers).await.expect("reads"),
            None
        );
    }
);

both!(
    an_attacker_who_registers_again_and_again_overwrites_nothing,
    async |house| {
        let victims = house
            .register(account_named("victim@example.com", "victim"))
            .await;
        let victims_letter = house.letter().await;
        for _ in 0..2 {
            house.register(of_the_attacker()).await;
            house.letter().await;
        }

        let finish = by_link(&token_of(&victims_letter), Some(&victims), None);
        let victim = house.finish(finish).await.expect("is proven");
        assert_eq!(victim.user.username.as_deref(), Some("victim"));
        let own = house.log_in("victim@example.com", PASSWORD);
        own.await.expect("the victim's password is the account's");
    }
);

both!(
    an_attacker_who_registered_before_learns_nothing_of_the_codes_of_others,
    async |house| {
        let attackers = house.register(of_the_attacker()).await;
        house.letter().await;
        house.register(account("victim@example.com")).await;
        let victims_letter = house.letter().await;

        let finish = by_code(&code_of(&victims_letter), Some(&attackers));
        let answer = house.finish(finish).await;
        assert_eq!(code(answer), ErrorCode::InvalidCode);
    }
);

both!(
    registering_an_address_that_has_an_account_changes_nothing_about_it,
    async |house| {
        let owner = house.sign_up("victim@example.com", Want::Page).await;
        let attackers = house.register(of_the_attacker()).await;
        house.letter().await;

        for guess in ["000000", "123456"] {
            let finish = by_code(&wire::Secret::new(guess), Some(&attackers));
            assert!(house.finish(finish).await.is_err());
        }
        assert!(
            house.session(&cookie(&owner)).await.is_some(),
            "the owner stays signed in"
        );
        let planted = house.log_in("victim@example.com", OTHER_PASSWORD);
        assert_eq!(code(planted.await), ErrorCode::InvalidCredentials);
    }
);
