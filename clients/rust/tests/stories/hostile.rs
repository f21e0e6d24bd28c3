//! Hostile tokens. None opens, none makes anything panic, and each is told by its reason.

use gatehouse_axum::Reason;
use serde_json::{Value, json};

use crate::portal::{FEED, FEED_KEYS, JWKS, Portal};
use crate::service::{me, service};
use crate::sign::{SigningKey, base64url, hs256, merged};

/// A name for what is wrong, and a token in which that alone is.
fn shapes(portal: &Portal) -> Vec<(&'static str, String)> {
    let good = portal.token(&json!({}));
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("a token has three parts");
    };
    let part = |value: Value| base64url(value.to_string());
    let other = SigningKey::es256("key-1");
    let claims = portal.claims(&json!({}));
    let jwks = json!({ "keys": [portal.inner.signing.jwk()] }).to_string();
    let hs = json!({ "alg": "HS256", "typ": "JWT", "kid": "key-1" });
    let point = portal.inner.signing.jwk();
    let header_with = |more: Value| portal.token_with(&json!({}), &more);
    let none = |alg: &str| {
        format!(
            "{}.{payload}.",
            part(json!({ "alg": alg, "typ": "JWT", "kid": "key-1" }))
        )
    };
    let twice = format!(r#"{{"sub":"admin",{}"#, &claims.to_string()[1..]);
    let deep = format!("{}{}", "[".repeat(3000), "]".repeat(3000));
    let good_header = r#"{"alg":"ES256","typ":"JWT","kid":"key-1"}"#;
    vec![
        ("no algorithm", none("none")),
        ("no algorithm, shouted", none("NONE")),
        ("no algorithm, mixed", none("nOnE")),
        ("no signature", format!("{header}.{payload}.")),
        ("no third part", format!("{header}.{payload}")),
        ("a fourth part", format!("{good}.{signature}")),
        ("a fifth part", format!("{good}...")),
        (
            "HMAC with the key set",
            hs256(jwks.as_bytes(), &hs, &claims),
        ),
        (
            "HMAC with the key",
            hs256(point.to_string().as_bytes(), &hs, &claims),
        ),
        (
            "HMAC with the coordinate",
            hs256(point["x"].as_str().expect("x").as_bytes(), &hs, &claims),
        ),
        ("HMAC with nothing", hs256(b"", &hs, &claims)),
        (
            "another key of that name",
            other.jws("JWT", &json!({}), &claims),
        ),
        (
            "its own key in the header",
            other.jws("JWT", &json!({ "jwk": other.jwk() }), &claims),
        ),
        (
            "a key set elsewhere",
            other.jws("JWT", &json!({ "jku": "http://127.0.0.1:9/jwks" }), &claims),
        ),
        (
            "a certificate elsewhere",
            other.jws("JWT", &json!({ "x5u": "http://127.0.0.1:9/x" }), &claims),
        ),
        (
            "a certificate along",
            other.jws("JWT", &json!({ "x5c": ["AAAA"] }), &claims),
        ),
        ("an unknown key", header_with(json!({ "kid": "nobody" }))),
        (
            "a path for a key",
            header_with(json!({ "kid": "../../dev/null" })),
        ),
        (
            "SQL for a key",
            header_with(json!({ "kid": "' or '1'='1" })),
        ),
        ("no key named", header_with(json!({ "kid": null }))),
        ("an empty key name", header_with(json!({ "kid": "" }))),
        (
            "a list for a key name",
            header_with(json!({ "kid": ["key-1"] })),
        ),
        (
            "a demand",
            header_with(json!({ "crit": ["exp"], "exp": 1 })),
        ),
        ("an empty demand", header_with(json!({ "crit": [] }))),
        (
            "an unencoded payload",
            header_with(json!({ "b64": false, "crit": ["b64"] })),
        ),
        ("no typ", header_with(json!({ "typ": null }))),
        ("typ at+jwt", header_with(json!({ "typ": "at+jwt" }))),
        (
            "typ of the feed",
            header_with(json!({ "typ": "gatehouse-revocations" })),
        ),
        ("typ in small letters", header_with(json!({ "typ": "jwt" }))),
        (
            "another algorithm claimed",
            header_with(json!({ "alg": "ES384" })),
        ),
        ("EdDSA claimed", header_with(json!({ "alg": "EdDSA" }))),
        (
            "a tampered payload",
            format!(
                "{header}.{}.{signature}",
                part(merged(&claims, &json!({ "sub": "admin" })))
            ),
        ),
        (
            "a tampered header",
            format!(
                "{}.{payload}.{signature}",
                part(json!({ "alg": "ES256", "typ": "JWT", "kid": "key-1", "x": 1 }))
            ),
        ),
        (
            "a signature of zeros",
            format!("{header}.{payload}.{}", base64url([0; 64])),
        ),
        (
            "a shortened signature",
            format!("{header}.{payload}.{}", &signature[..40]),
        ),
        (
            "a lengthened signature",
            format!("{header}.{payload}.{signature}AA"),
        ),
        (
            "a DER signature",
            format!(
                "{header}.{payload}.{}",
                base64url([0x30, 6, 2, 1, 1, 2, 1, 1])
            ),
        ),
        ("padding", format!("{good}=")),
        (
            "padding in the middle",
            format!("{header}=.{payload}.{signature}"),
        ),
        (
            "standard base64",
            format!("{header}.{payload}.+/{}", &signature[2..]),
        ),
        ("a space inside", format!("{header}. {payload}.{signature}")),
        (
            "a line break inside",
            format!("{header}.\n{payload}.{signature}"),
        ),
        (
            "a member twice",
            portal.inner.signing.sign(good_header, &twice),
        ),
        (
            "an algorithm twice",
            portal.inner.signing.sign(
                r#"{"alg":"none","alg":"ES256","typ":"JWT","kid":"key-1"}"#,
                &claims.to_string(),
            ),
        ),
        (
            "a list for a payload",
            portal.inner.signing.sign(good_header, "[]"),
        ),
        (
            "a text for a payload",
            portal.inner.signing.sign(good_header, "\"x\""),
        ),
        (
            "nothing for a payload",
            portal.inner.signing.sign(good_header, ""),
        ),
        (
            "no JSON for a payload",
            portal.inner.signing.sign(good_header, "{"),
        ),
        (
            "a payload with a tail",
            portal
                .inner
                .signing
                .sign(good_header, &format!("{claims}x")),
        ),
        (
            "a payload too deep",
            portal.inner.signing.sign(good_header, &deep),
        ),
        (
            "JSON instead of compact",
            json!({ "payload": payload, "protected": header, "signature": signature }).to_string(),
        ),
        (
            "five parts, as encrypted",
            format!("{header}..{payload}.{signature}.AAAA"),
        ),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        (
            "too long",
            portal.token(&json!({ "x": "x".repeat(20_000) })),
        ),
    ]
}

/// Claims that are wrong, under a good signature.
fn wrong_claims(portal: &Portal) -> Vec<Value> {
    let now = portal.now();
    let texts = ["sub", "role", "iss"];
    let mut all: Vec<Value> = texts
        .iter()
        .flat_map(|name| {
            [
                json!(null),
                json!(""),
                json!(7),
                json!("null"),
                json!(["x"]),
                json!({ "x": 1 }),
            ]
            .map(|value| json!({ *name: value }))
        })
        .collect();
    for name in ["iat", "exp", "nbf", "auth_time", "epoch"] {
        all.extend(
            [
                json!("1800000000"),
                json!(-1),
                json!(1.5),
                json!(1e300),
                json!("null"),
                json!([now]),
            ]
            .map(|value| json!({ name: value })),
        );
    }
    for name in ["sid", "keyId", "tenantId", "userId"] {
        all.extend([json!(""), json!(7), json!([])].map(|value| json!({ name: value })));
    }
    all.extend([
        json!({ "iss": format!("{}/", portal.issuer) }),
        json!({ "iss": portal.issuer.to_uppercase() }),
        json!({ "iss": [portal.issuer] }),
        json!({ "aud": null }),
        json!({ "aud": "workflow-api2" }),
        json!({ "aud": "WORKFLOW-API" }),
        json!({ "aud": [] }),
        json!({ "aud": ["other"] }),
        json!({ "aud": [["workflow-api"]] }),
        json!({ "aud": ["workflow-api", 7] }),
        json!({ "aud": { "workflow-api": true } }),
        json!({ "iat": null }),
        json!({ "exp": null }),
        json!({ "exp": now - 5 }),
        json!({ "iat": now, "exp": now + 24 * 60 * 60 + 1 }),
        json!({ "exp": 9_007_199_254_740_991_u64 }),
        json!({ "exp": u64::MAX }),
        json!({ "iat": u64::MAX, "exp": u64::MAX }),
        json!({ "userId": "somebody-else" }),
        json!({ "email": 7 }),
        json!({ "email": null }),
        json!({ "permissions": null }),
        json!({ "permissions": "workflow:read" }),
        json!({ "permissions": [7] }),
        json!({ "permissions": { "workflow:read": true } }),
        json!({ "amr": "pwd" }),
        json!({ "epoch": null }),
    ]);
    all
}

#[tokio::test]
async fn none_gets_in() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    let app = service(&gatehouse);
    let signed = wrong_claims(&portal)
        .into_iter()
        .map(|more| (more.to_string(), portal.token(&more)));
    let shapes = shapes(&portal)
        .into_iter()
        .map(|(name, token)| (name.to_owned(), token));
    let all: Vec<(String, String)> = shapes.chain(signed).collect();
    assert!(all.len() >= 60, "only {}", all.len());

    for (name, token) in &all {
        let rejected = gatehouse.verify(token).await.expect_err(name);
        assert_eq!(rejected.reason, Reason::Invalid, "{name}");
        if !token.contains(['\n']) {
            assert_eq!(me(&app, token).await.status, 401, "{name}");
        }
    }

    assert_eq!(
        me(&app, &portal.token(&json!({}))).await.status,
        200,
        "the good one still does"
    );
    assert_eq!(
        [JWKS, FEED, FEED_KEYS].map(|path| portal.count(path)),
        [1, 1, 1]
    );
}

#[tokio::test]
async fn times_have_their_own_reasons() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    let now = portal.now();
    for (more, reason) in [
        (
            json!({ "iat": now - 900, "exp": now - 5 }),
            Some(Reason::Expired),
        ),
        (json!({ "iat": now - 900, "exp": now - 4 }), None),
        (json!({ "iat": now + 5 }), None),
        (json!({ "iat": now + 6 }), Some(Reason::NotBefore)),
        (json!({ "nbf": now + 5 }), None),
        (json!({ "nbf": now + 6 }), Some(Reason::NotBefore)),
        (json!({ "iat": now, "exp": now + 24 * 60 * 60 }), None),
    ] {
        let outcome = gatehouse.verify(&portal.token(&more)).await;
        assert_eq!(
            outcome.err().map(|rejected| rejected.reason),
            reason,
            "{more}"
        );
    }
}

/// A small generator whose sequence is always the same (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).expect("small")
    }
}

#[tokio::test]
async fn nothing_random_panics_or_gets_in() {
    let portal = Portal::open().await;
    let gatehouse = portal.gatehouse();
    let good = portal.token(&json!({}));
    let letters: Vec<char> = "abcXYZ019-_=.+/ \"{}[]:,\\\u{0}é\u{1F600}\u{202E}"
        .chars()
        .collect();
    let mut chance = Chance(0x5EED);

    for _ in 0..3000 {
        let made_up: String = (0..chance.below(80))
            .map(|_| letters[chance.below(letters.len())])
            .collect();
        assert!(gatehouse.verify(&made_up).await.is_err(), "{made_up:?}");
        assert!(gatehouse.verify_api_key(&made_up[..0]).await.is_err());

        let mut changed: Vec<char> = good.chars().collect();
        let at = chance.below(changed.len());
        match chance.below(3) {
            0 => changed[at] = letters[chance.below(letters.len())],
            1 => drop(changed.remove(at)),
            _ => changed.insert(at, letters[chance.below(letters.len())]),
        }
        let changed: String = changed.into_iter().collect();
        assert!(
            changed == good || gatehouse.verify(&changed).await.is_err(),
            "{changed}"
        );
    }
}
