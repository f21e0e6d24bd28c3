//! A key's life: made, used until its hour is over, renamed, rolled, exchanged, revoked.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Method;
use serde_json::{Value, json};

use super::{EXCHANGE, KEYS, Key, ME, ada, delete, exchanged, make, may, send, used};
use crate::support::{ADA, Actor, House, Site, both, claims};

/// Whether a token is signed by the published key it names: judged by what anybody can fetch.
async fn is_signed_as_published(house: &House, token: &str) -> bool {
    let set = house.anonymous().get("/.well-known/jwks.json").await.json();
    let kid = claims(token).0["kid"].clone();
    let keys = set["keys"].as_array().expect("a list");
    let key = keys.iter().find(|key| key["kid"] == kid);
    let key = key.expect("the key that signed is published");
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let mut point = vec![4];
    for coordinate in ["x", "y"] {
        point.extend(bytes(key[coordinate].as_str().expect("a text")));
    }
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
        .verify(signed.as_bytes(), &bytes(signature))
        .is_ok()
}

/// What is left of a key's hour: policy and rest, as the headers say it.
async fn left(program: &mut Actor<'_>) -> (String, String, String) {
    let answer = program.get(ME).await;
    let said = |name: &str| answer.header(name).to_owned();
    (answer.told(), said("ratelimit-policy"), said("ratelimit"))
}

fn told(status: &str, limit: i64, left: i64, reset: i64) -> (String, String, String) {
    let policy = format!("\"api-key\";q={limit};w=3600");
    (
        status.to_owned(),
        policy,
        format!("\"api-key\";r={left};t={reset}"),
    )
}

both! {
    async fn a_key_is_shown_once_and_then_by_its_beginning_and_end(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;

        let wanted = json!({ "name": " Nightly build ", "permissions": ["workflow.read", "workflow:create", "workflow:read"] });
        let made = owner.post(KEYS, &wanted).await;

        let key = Key::of(&made);
        assert_eq!(made.members(), ["createdAt", "expiresAt", "id", "key", "last4", "name", "permissions", "prefix", "rateLimit", "tenantId"]);
        assert_eq!(made.header("cache-control"), "no-store");
        let body = made.json();
        assert_eq!(body["name"], "Nightly build");
        assert_eq!(body["permissions"], json!(["workflow:create", "workflow:read"]));
        assert_eq!((&body["rateLimit"], &body["tenantId"]), (&json!(1000), &Value::Null));
        assert_eq!(body["expiresAt"], auth::rfc3339(house.now() + 90 * 86_400));
        assert!(key.text.starts_with("wks_live_") && key.text.len() == 81, "{}", key.text.len());
        let endless = owner.post(KEYS, &json!({ "name": "Endless", "permissions": [], "expiresInDays": null })).await;
        assert_eq!(endless.json()["expiresAt"], Value::Null);

        assert_eq!(used(&house, &key.text).await, "200");
        for path in [KEYS.to_owned(), key.path(), "/api/account/export".to_owned()] {
            let answer = owner.get(&path).await;
            assert_eq!(answer.told(), "200", "{path}");
            assert!(!answer.text().contains(&key.text[9..77]), "{path} shows the key: {}", answer.text());
        }
        let listed = owner.get(KEYS).await.json();
        let listed = listed["keys"].as_array().expect("a list").clone();
        assert_eq!(listed.len(), 2);
        let listed = listed.iter().find(|one| one["id"] == key.id).expect("is listed");
        assert_eq!((&listed["prefix"], &listed["last4"]), (&json!("wks_live_"), &json!(key.text[77..])));
        assert_eq!(listed["status"], "active");
        let me = house.program().with_key(&key.text).get(ME).await.json();
        assert_eq!((&me["user"]["email"], &me["user"]["role"]), (&json!(ADA), &json!("api")));
    }

    async fn the_headers_count_an_hour_down_and_then_say_when_to_come_back(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let made = owner.post(KEYS, &json!({ "name": "Slow", "permissions": [], "rateLimit": 4 })).await;
        let key = Key::of(&made);
        let mut program = house.program().with_key(&key.text);

        assert_eq!(left(&mut program).await, told("200", 4, 3, 3600));
        // A token made from it counts as well: it is not a way round.
        let token = exchanged(&house, &key.text).await;
        let mut by_token = house.program().with_bearer(&token);
        house.wait(60);
        assert_eq!(left(&mut by_token).await, told("200", 4, 1, 3540));
        // What it may not reach counts, too.
        let refused = program.get(KEYS).await;
        assert_eq!(refused.told(), "403 insufficient_permissions");
        assert_eq!(refused.header("ratelimit"), "\"api-key\";r=0;t=3540");
        for spent in [&mut program, &mut by_token] {
            assert_eq!(left(spent).await, told("429 rate_limited", 4, 0, 3540));
            assert_eq!(spent.get(ME).await.header("retry-after"), "3540");
        }
        assert_eq!(house.program().with_key(&key.text).poke(EXCHANGE).await.told(), "429 rate_limited");
        assert!(owner.get(KEYS).await.header("ratelimit").is_empty(), "its owner is not counted");
        house.wait(3539);
        assert_eq!(left(&mut program).await, told("429 rate_limited", 4, 0, 1));
        house.wait(1);
        assert_eq!(left(&mut program).await, told("200", 4, 3, 3600));

        // Raised while it is spent, the rest of the hour is there at once.
        let ada = house.sign_in(ADA).await;
        let mut owner = house.program().with_bearer(&ada.access);
        for _ in 0..4 {
            program.get(ME).await;
        }
        let more = send(&mut owner, Method::PATCH, &key.path(), &json!({ "rateLimit": 10 })).await;
        assert_eq!(more.told(), "200");
        assert_eq!(left(&mut program).await.0, "200");
    }

    async fn a_key_is_renamed_and_given_less_and_nothing_else_of_it_changes(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:create", "workflow:read"]).await;
        let token = exchanged(&house, &key.text).await;

        let renamed = send(&mut owner, Method::PATCH, &key.path(), &json!({ "name": "Staging" })).await;
        assert_eq!((renamed.told().as_str(), &renamed.json()["name"]), ("200", &json!("Staging")));
        assert_eq!(house.program().with_bearer(&token).me().await, ADA, "a name ends no token");
        assert_eq!(may(&house, &key.text).await, json!(["workflow:create", "workflow:read"]));

        let less = send(&mut owner, Method::PATCH, &key.path(), &json!({ "permissions": ["workflow:read"] })).await;
        assert_eq!(less.json()["permissions"], json!(["workflow:read"]));
        assert_eq!(may(&house, &key.text).await, json!(["workflow:read"]));
        assert_eq!(house.program().with_bearer(&token).me().await, "401 token_stale");

        house.wait(601);
        let late = send(&mut owner, Method::PATCH, &key.path(), &json!({ "name": "Late" })).await;
        assert_eq!(late.told(), "401 step_up_required");
        assert_eq!(owner.post(KEYS, &json!({ "name": "Late", "permissions": [] })).await.told(), "401 step_up_required");
        assert_eq!(owner.poke(&format!("{}/rotate", key.path())).await.told(), "401 step_up_required");
        assert_eq!(delete(&mut owner, &key.path()).await.told(), "204", "a key is ended without any proof");
    }

    async fn a_rolled_key_works_as_long_as_was_said(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        for overlap in [0, 3600, 86_400, 604_800] {
            let ada = house.sign_in(ADA).await;
            let mut owner = house.program().with_bearer(&ada.access);
            let old = make(&mut owner, &["workflow:read"]).await;
            let rolled = owner.post(&format!("{}/rotate", old.path()), &json!({ "overlapSeconds": overlap })).await;

            let new = Key::of(&rolled);
            assert_ne!(new.text, old.text);
            assert_eq!(rolled.json()["permissions"], json!(["workflow:read"]));
            assert_eq!(rolled.json()["name"], "Nightly build");
            let one = owner.get(&old.path()).await.json();
            assert_eq!(one["key"]["successorId"], json!(new.id), "{overlap}");
            let again = owner.post(&format!("{}/rotate", old.path()), &json!({ "overlapSeconds": 60 })).await;
            assert_eq!(again.told(), "409 conflict status:taken");
            if overlap > 0 {
                assert_eq!(one["key"]["endsAt"], auth::rfc3339(house.now() + overlap));
                let token = exchanged(&house, &old.text).await;
                let exp = claims(&token).1["exp"].as_i64().expect("a time");
                assert_eq!(exp, house.now() + overlap.min(895));
                house.wait(overlap.unsigned_abs() - 1);
                assert_eq!(used(&house, &old.text).await, "200", "{overlap}");
                house.wait(1);
            }
            assert_eq!(used(&house, &old.text).await, "401 invalid_api_key", "{overlap}");
            assert_eq!(used(&house, &new.text).await, "200", "{overlap}");
        }
    }

    async fn a_key_is_exchanged_for_a_token_anybody_can_verify(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:read"]).await;

        let answer = house.program().with_key(&key.text).poke(EXCHANGE).await;

        assert_eq!(answer.told(), "200");
        assert_eq!(answer.members(), ["accessToken", "expiresIn", "tokenType"]);
        assert_eq!((answer.header("cache-control"), &answer.json()["expiresIn"]), ("no-store", &json!(895)));
        let token = answer.member("accessToken");
        assert!(is_signed_as_published(&house, &token).await);
        let another = exchanged(&house, &key.text).await;
        let (signed, _) = token.rsplit_once('.').expect("three parts");
        let (_, signature) = another.rsplit_once('.').expect("three parts");
        assert!(!is_signed_as_published(&house, &format!("{signed}.{signature}")).await);
        let (_, body) = claims(&token);
        let time = |name: &str| body[name].as_i64().expect("a time");
        assert_eq!((time("exp") - time("iat"), time("exp") - house.now()), (900, 895), "fifteen minutes, begun a moment ago");
        assert_eq!((&body["keyId"], &body["role"]), (&json!(key.id), &json!("api")));
        assert_eq!((&body["aud"], &body["permissions"]), (&json!(["workflow-api"]), &json!(["workflow:read"])));
        assert_eq!(body.get("sid"), None);
        assert_eq!(house.program().with_bearer(&token).me().await, ADA);
        let check = json!({ "checks": [{ "permission": "workflow:read" }, { "permission": "workflow:create" }] });
        let decided = house.program().with_bearer(&token).post("/api/authz/check", &check).await.json();
        assert_eq!((&decided["results"][0]["granted"], &decided["results"][1]["granted"]), (&json!(true), &json!(false)));
        assert_eq!(house.program().with_bearer(&token).poke(EXCHANGE).await.told(), "403 insufficient_permissions", "a token renews nothing");
        assert_eq!(house.anonymous().poke(EXCHANGE).await.told(), "401 authentication_required");
        house.wait(895);
        assert_eq!(house.program().with_bearer(&token).me().await, "401 token_expired");
    }

    async fn a_revoked_key_and_its_tokens_open_nothing_more(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:read"]).await;
        let token = exchanged(&house, &key.text).await;

        assert_eq!(delete(&mut owner, &key.path()).await.told(), "204");

        assert_eq!(used(&house, &key.text).await, "401 invalid_api_key");
        assert_eq!(house.program().with_key(&key.text).poke(EXCHANGE).await.told(), "401 invalid_api_key");
        assert_eq!(house.program().with_bearer(&token).me().await, "401 token_revoked");
        assert_eq!(delete(&mut owner, &key.path()).await.told(), "204", "twice is no error");
        let over = send(&mut owner, Method::PATCH, &key.path(), &json!({ "name": "Again" })).await;
        assert_eq!(over.told(), "409 conflict status:taken");
        assert_eq!(owner.poke(&format!("{}/rotate", key.path())).await.told(), "409 conflict status:taken");
        assert_eq!(owner.poke(&format!("{}/confirm", key.path())).await.told(), "409 conflict status:taken");
        let listed = owner.get(&key.path()).await.json();
        assert_eq!((&listed["key"]["status"], &listed["key"]["revokedReason"]), (&json!("revoked"), &json!("owner")));
        let document = house.anonymous().get("/.well-known/revocations").await;
        assert_eq!(document.told(), "200");
    }
}
