//! Access tokens: what is in them, and who is let in by them.

use auth::{Settings, SigningAlgorithm, Want};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use wire::{Audience, ErrorCode, Secret};

use crate::support::*;

fn part(token: &Secret, at: usize) -> Value {
    let part = token.reveal().split('.').nth(at).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("JSON")
}

both!(a_token_says_what_the_contract_says, async |house| {
    let signed_in = house.sign_up("ada@example.com", TOKENS).await;
    let user = signed_in.user.clone();
    let session = signed_in.session_id.clone();
    let access = signed_in.tokens.expect("tokens").access;
    let claims = part(&access.access_token, 1);

    assert_eq!(
        (access.token_type.as_str(), access.expires_in),
        ("Bearer", 895)
    );
    let now = house.auth.now();
    let expected = serde_json::json!({
        "iss": "http://localhost:3000",
        "aud": ["workflow-api", "http://localhost:3000"],
        "sub": user.id, "userId": user.id, "sid": session, "jti": claims["jti"],
        "iat": now - 5, "exp": now + 895, "auth_time": now, "amr": ["pwd", "email"],
        "email": "ada@example.com", "email_verified": true,
        "role": "user", "permissions": user.permissions, "tenantId": null, "epoch": 0,
    });
    assert_eq!(claims, expected);
    assert!(auth::is_id(claims["jti"].as_str().expect("a text")));
    let header = part(&access.access_token, 0);
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&"JWT".into(), &"ES256".into())
    );
    assert_eq!(
        header.as_object().expect("an object").len(),
        3,
        "typ, alg, kid and nothing else"
    );
});

both!(a_token_for_the_services_alone_says_so, async |house| {
    let signed_in = house
        .sign_up("ada@example.com", Want::Tokens(Audience::Services))
        .await;
    let (access, _) = tokens(signed_in);
    assert_eq!(part(&access, 1)["aud"], serde_json::json!(["workflow-api"]));
    let session = house
        .auth
        .session_by_access_token(&access)
        .await
        .expect("lives");
    assert_eq!(session.audience, Some(Audience::Services));

    let both = house
        .auth
        .access_token(&session, Audience::PortalAndServices)
        .await
        .expect("is signed");
    let session = house
        .auth
        .session_by_access_token(&both.access_token)
        .await
        .expect("lives");
    assert_eq!(session.audience, Some(Audience::PortalAndServices));
});

both!(
    a_session_of_a_page_gets_tokens_and_is_known_by_them,
    async |house| {
        let signed_in = house.sign_up("ada@example.com", Want::Page).await;
        let session = house.session(&cookie(&signed_in)).await.expect("lives");
        assert_eq!(session.audience, None, "a cookie is for no audience");
        let token = house
            .auth
            .access_token(&session, Audience::Services)
            .await
            .expect("is signed");
        let by_token = house
            .auth
            .session_by_access_token(&token.access_token)
            .await
            .expect("lives");
        assert_eq!((&by_token.id, &by_token.user), (&session.id, &session.user));
    }
);

both!(a_token_ends_in_time_and_with_its_session, async |house| {
    let (access, _) = tokens(house.sign_up("ada@example.com", TOKENS).await);
    house.advance(894);
    assert!(house.auth.session_by_access_token(&access).await.is_ok());
    house.advance(1);
    assert_eq!(
        code(house.auth.session_by_access_token(&access).await),
        ErrorCode::TokenExpired
    );

    let short = Settings {
        sessions: auth::SessionLife {
            idle: 100,
            absolute: 300,
            ..settings().sessions
        },
        ..settings()
    };
    let auth = house.node(short).await;
    let signed_in = auth
        .log_in(
            credentials("ada@example.com", PASSWORD),
            TOKENS,
            &house.somewhere(),
        )
        .await;
    let access = signed_in.expect("signs in").tokens.expect("tokens").access;
    assert_eq!(access.expires_in, 300, "never longer than its session");
    house.advance(100);
    assert_eq!(
        code(auth.session_by_access_token(&access.access_token).await),
        ErrorCode::TokenRevoked,
        "idle"
    );
});

both!(
    a_token_of_somebody_else_or_altered_is_invalid,
    async |house| {
        let (access, refresh) = tokens(house.sign_up("ada@example.com", TOKENS).await);
        let (head, rest) = access.reveal().split_once('.').expect("three parts");
        let (body, signature) = rest.split_once('.').expect("three parts");
        let mut claims = part(&access, 1);
        claims["role"] = "admin".into();
        let admin = URL_SAFE_NO_PAD.encode(claims.to_string());
        let none = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"none"}"#);
        for forged in [
            String::new(),
            "x".repeat(100_000),
            refresh.reveal().to_owned(),
            format!("{head}.{admin}.{signature}"),
            format!("{head}.{body}."),
            format!("{none}.{admin}."),
            format!("{none}.{body}.{signature}"),
        ] {
            let answer = house
                .auth
                .session_by_access_token(&Secret::new(&forged[..]))
                .await;
            assert_eq!(code(answer), ErrorCode::InvalidToken, "{forged:.60}");
        }
        let elsewhere = Settings {
            public_url: "https://portal.example".to_owned(),
            ..settings()
        };
        let elsewhere = house.node(elsewhere).await;
        let answer = elsewhere.session_by_access_token(&access).await;
        assert_eq!(code(answer), ErrorCode::InvalidToken, "another issuer's");
    }
);

both!(made_up_key_names_do_not_become_reads, async |house| {
    let (access, _) = tokens(house.sign_up("ada@example.com", TOKENS).await);
    house.advance(10);
    let (_, rest) = access.reveal().split_once('.').expect("three parts");
    for n in 0..50 {
        let header = URL_SAFE_NO_PAD.encode(format!(
            r#"{{"typ":"JWT","alg":"ES256","kid":"made-up-{n}"}}"#
        ));
        let answer = house
            .auth
            .session_by_access_token(&Secret::new(format!("{header}.{rest}")))
            .await;
        assert_eq!(code(answer), ErrorCode::InvalidToken);
    }
    assert!(house.auth.session_by_access_token(&access).await.is_ok());
});

both!(another_algorithm_comes_with_the_next_keys, async |house| {
    house.sign_up("ada@example.com", Want::Page).await;
    let client = house.somewhere();
    let before = house
        .auth
        .log_in(credentials("ada@example.com", PASSWORD), TOKENS, &client)
        .await;
    let (before, _) = tokens(before.expect("signs in"));
    let ed = Settings {
        algorithm: SigningAlgorithm::EdDsa,
        ..settings()
    };
    let auth = house.node(ed).await;
    auth.rotate_signing_keys(None, &at("127.0.0.1"))
        .await
        .expect("rotates");
    house.advance(14 * MINUTE);
    assert!(
        auth.session_by_access_token(&before).await.is_ok(),
        "each key keeps its algorithm"
    );
    house.advance(MINUTE);
    let rotated = auth
        .rotate_signing_keys(None, &at("127.0.0.1"))
        .await
        .expect("rotates");

    assert_eq!(rotated.algorithm, "EdDSA");
    let signed_in = auth
        .log_in(
            credentials("ada@example.com", PASSWORD),
            TOKENS,
            &house.somewhere(),
        )
        .await;
    let (access, _) = tokens(signed_in.expect("signs in"));
    assert!(auth.session_by_access_token(&access).await.is_ok());
});
