//! Signing keys by the JSON API.

use serde_json::Value;

use crate::support::{ADA, House, Site, both, claims};

const KEYS: &str = "/api/admin/signing-keys";

fn key_that_is(keys: &Value, state: &str) -> String {
    let keys = keys["signingKeys"].as_array().expect("keys").iter();
    let mut found = keys.filter(|key| key["state"] == state && key["purpose"] == "token");
    found.next().expect("there is one")["kid"]
        .as_str()
        .expect("a kid")
        .to_owned()
}

async fn admin(house: &House, site: &Site) -> String {
    house.account(ADA).await;
    site.operate("update users set role = 'admin'").await;
    house.sign_in(ADA).await.access
}

both! {
    async fn an_admin_lists_rotates_and_revokes(site: &Site) {
        let house = site.house().await;
        let token = admin(&house, site).await;
        let mut program = house.program().with_bearer(&token);

        let listed = program.get(KEYS).await;
        assert_eq!(listed.told(), "200");
        let (current, next) = (key_that_is(&listed.json(), "current"), key_that_is(&listed.json(), "next"));
        assert!(!listed.text().contains("\"d\""));
        assert_eq!(claims(&token).0["kid"], current);
        assert_eq!(program.poke(&format!("{KEYS}/rotate")).await.told(), "200");
        let rotated = program.get(KEYS).await.json();
        assert_eq!((key_that_is(&rotated, "current"), key_that_is(&rotated, "previous")), (next.clone(), current.clone()));
        assert!(program.poke(&format!("{KEYS}/rotate")).await.told().starts_with("409 conflict"));

        assert_eq!(program.poke(&format!("{KEYS}/nobody/revoke")).await.told(), "404 not_found");
        assert_eq!(program.poke(&format!("{KEYS}/{current}/revoke")).await.told(), "200");
        assert_eq!(program.get(KEYS).await.told(), "401 invalid_token", "its own token was signed by it");
        let fresh = house.sign_in(ADA).await.access;
        assert_eq!(claims(&fresh).0["kid"], next);
        let left = house.program().with_bearer(&fresh).get(KEYS).await;
        assert!(!left.text().contains(&current));
    }
}
