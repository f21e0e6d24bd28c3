//! Several nodes on one database, and one node after a restart.

use std::time::{Duration, Instant};

use auth::{Auth, KeyRing, OpenError, Parts, SeededEntropy, Want};
use wire::{ErrorCode, LogOutScope};

use crate::support::*;

both!(
    a_session_ended_on_one_node_is_refused_on_the_other_within_a_second,
    async |house| {
        if !house.is_shared() {
            house
                .auth
                .follow_other_nodes()
                .await
                .expect("returns at once: there are none");
            return;
        }
        let other = house.node(settings()).await;
        let following = tokio::spawn({
            let other = other.clone();
            async move { other.follow_other_nodes().await }
        });
        let listening = "select query from pg_stat_activity where query like 'LISTEN%'";
        while house.console(listening).await.is_empty() {
            assert!(!following.is_finished(), "it gave up");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        house.sign_up("ada@example.com", Want::Page).await;
        for scope in [LogOutScope::Local, LogOutScope::Global] {
            let cookie = cookie(
                &house
                    .log_in("ada@example.com", PASSWORD)
                    .await
                    .expect("signs in"),
            );
            let client = house.somewhere();
            let session = other
                .session_by_cookie(&cookie, &client)
                .await
                .expect("answers");

            house
                .auth
                .log_out(&session.expect("lives there too"), scope, &client)
                .await
                .expect("ends");

            let ended = Instant::now();
            while other
                .session_by_cookie(&cookie, &client)
                .await
                .expect("answers")
                .is_some()
            {
                // What is remembered is believed for two seconds: less than one proves the notice.
                assert!(
                    ended.elapsed() < Duration::from_secs(1),
                    "still alive on the other node"
                );
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        following.abort();
        other.close().await;
    }
);

both!(
    a_session_begun_on_one_node_lives_on_the_other,
    async |house| {
        let other = house.node(settings()).await;
        let signed_in = house.sign_up("ada@example.com", TOKENS).await;
        let (access, refresh) = tokens(signed_in);
        other.session_by_access_token(&access).await.expect("lives");
        let pair = other
            .refresh(
                &refresh,
                wire::Audience::PortalAndServices,
                &house.somewhere(),
            )
            .await;
        house
            .auth
            .session_by_access_token(&pair.expect("is exchanged").access_token)
            .await
            .expect("lives");
    }
);

both!(
    nodes_that_open_at_once_make_one_set_of_keys,
    async |house| {
        house.console("delete from signing_keys").await;
        house.console("delete from leases").await;
        let mut parts = Vec::new();
        for _ in 0..5 {
            parts.push(house.parts(settings()).await);
        }
        let nodes = futures::future::join_all(parts.into_iter().map(Auth::open)).await;

        let nodes: Vec<_> = nodes.into_iter().map(|node| node.expect("opens")).collect();
        for purpose in ["token", "feed"] {
            let kids = format!("select kid from signing_keys where purpose = '{purpose}'");
            assert_eq!(house.console(&kids).await.len(), 2, "{purpose}");
        }
        for node in &nodes {
            assert_eq!(node.jwks(), nodes[0].jwks());
            assert_eq!(node.feed_jwks(), nodes[0].feed_jwks());
        }
    }
);

both!(
    a_ring_that_is_not_this_databases_opens_nothing,
    async |house| {
        let parts = house.parts(settings()).await;
        let strange = Parts {
            ring: KeyRing::generate(&SeededEntropy::new(999)),
            ..parts
        };
        let refused = Auth::open(strange).await;
        let Err(OpenError::WrongRing(missing)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(missing, house.ring.id());

        let grown = KeyRing::generate(&SeededEntropy::new(998)).to_text() + &house.ring.to_text();
        let parts = Parts {
            ring: KeyRing::parse(&grown).expect("two keys"),
            ..house.parts(settings()).await
        };
        let opened = Auth::open(parts)
            .await
            .expect("a ring that has grown still holds it");
        assert_eq!(opened.jwks(), house.auth.jwks());
    }
);

both!(a_node_is_ready_while_its_database_answers, async |house| {
    if !house.is_shared() {
        house.auth.ready().await.expect("is ready");
    } else {
        // The story's clock stands in another year than the database's.
        let refusal = house.auth.ready().await.expect_err("is off");
        assert!(matches!(refusal, auth::NotReady::Clock(_)), "{refusal}");
    }
    let other = house.node(settings()).await;
    other.close().await;
    assert!(matches!(
        other.ready().await,
        Err(auth::NotReady::Database(_))
    ));
});

both!(
    a_database_that_is_gone_is_said_by_every_flow_and_nothing_else_is,
    async |house| {
        let signed_in = house.sign_up("ada@example.com", TOKENS).await;
        let (access, refresh) = tokens(signed_in);
        let auth = house.node(settings()).await;
        auth.close().await;

        let client = house.somewhere();
        let proof = by_link(&refresh, None, Some(PASSWORD));
        let audience = wire::Audience::PortalAndServices;
        for (flow, told) in [
            (
                "log_in",
                code(
                    auth.log_in(
                        credentials("ada@example.com", PASSWORD),
                        Want::Page,
                        &client,
                    )
                    .await,
                ),
            ),
            (
                "register",
                code(
                    auth.register(account("bob@example.com"), Want::Page, &client)
                        .await,
                ),
            ),
            (
                "verify_email",
                code(auth.verify_email(proof, Want::Page, &client).await),
            ),
            (
                "refresh",
                code(auth.refresh(&refresh, audience, &client).await),
            ),
            (
                "log_out",
                code(auth.log_out_by_refresh(&refresh, &client).await),
            ),
            ("token", code(auth.session_by_access_token(&access).await)),
            (
                "cookie",
                code(
                    auth.session_by_cookie(&auth::CookieToken([1; 16]), &client)
                        .await,
                ),
            ),
            ("tend", code(auth.tend().await)),
            ("outbox", code(auth.deliver_letters(&house.postman).await)),
        ] {
            assert_eq!(told, ErrorCode::DatabaseUnavailable, "{flow}");
        }
    }
);
