//! Whoever finds a key ends it, and learns nothing by it.

use serde_json::json;
use wire::{KeyMode, api_key_of};

use super::{ada, delete, exchanged, make, used};
use crate::support::{ADA, Site, both, same_but_for};

const LEAKED: &str = "/api/keys/revoke-leaked";

both! {
    async fn whoever_holds_a_key_ends_it_and_its_owner_reads_of_it(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:read"]).await;
        let token = exchanged(&house, &key.text).await;
        house.deliver().await;

        let answer = house.anonymous().post(LEAKED, &json!({ "key": key.text })).await;

        assert_eq!((answer.told().as_str(), answer.json()), ("200", json!({ "success": true })));
        assert_eq!(used(&house, &key.text).await, "401 invalid_api_key");
        assert_eq!(house.program().with_bearer(&token).me().await, "401 token_revoked");
        let letters = house.deliver().await;
        assert_eq!(letters.0.len(), 1);
        let letter = letters.to(ADA);
        assert!(letter.0.text.contains("key") && !letter.0.text.contains(&key.text), "{}", letter.0.text);
        let one = owner.get(&key.path()).await.json();
        assert_eq!((&one["key"]["status"], &one["key"]["revokedReason"]), (&json!("revoked"), &json!("leaked")));
        assert_eq!(owner.me().await, ADA, "its owner stays signed in");
    }

    async fn a_report_says_not_whether_there_was_such_a_key(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let (known, over) = (make(&mut owner, &[]).await, make(&mut owner, &[]).await);
        assert_eq!(delete(&mut owner, &over.path()).await.told(), "204");
        let unknown = api_key_of(KeyMode::Live, &[3; 32]);
        let test = api_key_of(KeyMode::Test, &[3; 32]);

        let found = house.anonymous().post(LEAKED, &json!({ "key": known.text })).await;

        for other in [known.text.as_str(), over.text.as_str(), unknown.reveal(), test.reveal()] {
            let answer = house.anonymous().post(LEAKED, &json!({ "key": other })).await;
            same_but_for(&[], &found, &answer);
        }
        // Whoever reports half a key is told that nothing has ended; anybody can see that it is half.
        let (half, longer) = (&known.text[..80], format!("{}0", known.text));
        let (shouted, quote) = (known.text.to_uppercase(), "wks_live_' or 1=1 --".to_owned());
        let malformed = house.anonymous().post(LEAKED, &json!({ "key": half })).await;
        assert_eq!(malformed.told(), "400 invalid_request key:invalid");
        for other in [longer, shouted, quote, "x".repeat(60_000), "\u{0}".to_owned()] {
            let answer = house.anonymous().post(LEAKED, &json!({ "key": other })).await;
            same_but_for(&[], &malformed, &answer);
        }
        for (body, told) in [
            (json!({}), "400 invalid_request key:required"),
            (json!({ "key": null }), "400 invalid_request key:required"),
            (json!({ "key": known.text, "id": known.id }), "400 invalid_request id:unknown_field"),
            (json!({ "id": known.id }), "400 invalid_request key:required id:unknown_field"),
        ] {
            assert_eq!(house.anonymous().post(LEAKED, &body).await.told(), told, "{body}");
        }
    }

    async fn one_network_reports_so_many_an_hour_and_a_credential_is_not_asked_for(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &[]).await;
        let mut scanner = house.program();
        for at in 0..60 {
            let text = api_key_of(KeyMode::Live, &[at; 32]);
            house.wait(5);
            assert_eq!(scanner.post(LEAKED, &json!({ "key": text.reveal() })).await.told(), "200", "{at}");
        }
        let late = scanner.post(LEAKED, &json!({ "key": key.text })).await;
        assert_eq!(late.told(), "429 rate_limited");
        assert_eq!(used(&house, &key.text).await, "200", "what was refused ended nothing");
        // A key shown beside it is ignored, as on every route that asks for none.
        let mut finder = house.program().with_key("nonsense");
        assert_eq!(finder.post(LEAKED, &json!({ "key": key.text })).await.told(), "200");
        assert_eq!(used(&house, &key.text).await, "401 invalid_api_key");
    }
}
