//! The audit log as an operator sees it; what tampering looks like is told in the contract.

use auth::Want;
use wire::LogOutScope;

use crate::support::*;

both!(
    everything_that_happened_is_chained_and_checked,
    async |house| {
        let empty = house.auth.verify_audit().await.expect("verifies");
        assert!(empty.holds() && empty.sealed == 0 && empty.unsealed == 0);

        let signed_in = house.sign_up("ada@example.com", Want::Page).await;
        house
            .log_in("ada@example.com", OTHER_PASSWORD)
            .await
            .expect_err("is wrong");
        let before = house.auth.verify_audit().await.expect("verifies");
        assert_eq!(
            (before.sealed, before.unsealed),
            (0, 4),
            "registered, proven, signed in, refused"
        );
        house.auth.tend().await.expect("tends");
        let sealed = house.auth.verify_audit().await.expect("verifies");
        assert_eq!(
            (sealed.sealed, sealed.unsealed, sealed.checkpoints),
            (4, 0, 1)
        );

        let session = house.session(&cookie(&signed_in)).await.expect("lives");
        house
            .auth
            .log_out(&session, LogOutScope::Local, &house.somewhere())
            .await
            .expect("ends");
        let after = house.auth.verify_audit().await.expect("verifies");
        assert!(after.holds());
        assert_eq!(
            (after.sealed, after.unsealed),
            (4, 1),
            "reported, not hidden"
        );
    }
);

both!(the_tail_is_sworn_to_once_a_minute, async |house| {
    for (step, checkpoints) in [(0, 1), (59, 1), (1, 2), (60, 3)] {
        house.advance(step);
        house
            .log_in("nobody@example.com", PASSWORD)
            .await
            .expect_err("is unknown");
        house.auth.tend().await.expect("tends");
        let report = house.auth.verify_audit().await.expect("verifies");
        assert!(report.holds() && report.unsealed == 0, "{report:?}");
        assert_eq!(report.checkpoints, checkpoints);
    }
});

both!(
    a_long_log_is_sealed_in_order_in_many_batches,
    async |house| {
        let auth = house.node(without_limits()).await;
        for n in 0..20 {
            let answer = auth
                .register(
                    account(&format!("p{n}@example.com")),
                    Want::Page,
                    &house.somewhere(),
                )
                .await;
            answer.expect("is taken on");
        }
        // A thousand rows at once, as after a night without a sealer.
        let digits = "(select 0 as d union all select 1 union all select 2 union all select 3 union all select 4
                   union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)";
        house
            .console(&format!(
            "insert into audit_log (id, at, request_id, action, outcome, address, agent, detail)
             select 'row ' || a.d || b.d || c.d, 0, '', 'test', 'success', '', '', '{{}}'
             from {digits} a, {digits} b, {digits} c"
        ))
            .await;
        auth.tend().await.expect("tends");
        let report = auth.verify_audit().await.expect("verifies");
        assert!(report.holds());
        assert_eq!((report.sealed, report.unsealed), (1020, 0));
    }
);

both!(
    the_log_holds_no_secret_and_no_address_of_a_person,
    async |house| {
        let flow = house
            .register(account_named("ada@example.com", "adalovelace"))
            .await;
        let letter = house.letter().await;
        let finish = by_code(&wrong(&code_of(&letter)), Some(&flow));
        house.finish(finish).await.expect_err("is wrong");
        let finish = by_code(&code_of(&letter), Some(&flow));
        let client = house.somewhere();
        let signed_in = house
            .auth
            .verify_email(finish, TOKENS, &client)
            .await
            .expect("is proven");
        let (access, refresh) = tokens(signed_in);
        house
            .auth
            .refresh(&refresh, wire::Audience::Services, &client)
            .await
            .expect("is exchanged");
        house
            .auth
            .refresh(&refresh, wire::Audience::Services, &at("203.0.113.66"))
            .await
            .expect_err("is a theft");
        house
            .log_in("ada@example.com", OTHER_PASSWORD)
            .await
            .expect_err("is wrong");

        let log = house
        .console("select id || coalesce(actor_id, '') || action || coalesce(subject_id, '') || agent || detail from audit_log")
        .await
        .join("\n");
        assert!(
            log.contains("refresh_token.reused") && log.contains("email.verify"),
            "{log}"
        );
        let (mailed, link) = (code_of(&letter), token_of(&letter));
        for secret in [
            flow.reveal(),
            mailed.reveal(),
            link.reveal(),
            access.reveal(),
            refresh.reveal(),
            PASSWORD,
            OTHER_PASSWORD,
            "ada@example.com",
            "adalovelace",
            "$argon2",
        ] {
            // Six digits may stand in an id by chance; everything else may not stand anywhere.
            assert!(secret.len() == 6 || !log.contains(secret), "{secret}");
        }
    }
);
