//! Whom a key stands on: it is worth what they are worth, and nobody else reaches it (rows 91, 98).

use http::Method;
use serde_json::{Value, json};

use super::{KEYS, Key, NONE, ada, delete, exchanged, make, may, send, used};
use crate::managed_users::root;
use crate::support::{ADA, Actor, House, PASSWORD, Site, both, same_but_for};

const BOB: &str = "bob@example.com";
const USERS: &str = "/api/admin/users";
const TENANTS: &str = "/api/admin/tenants";

async fn my_id(by: &mut Actor<'_>) -> String {
    let me = by.get("/api/auth/me").await.json();
    me["user"]["id"].as_str().expect("an id").to_owned()
}

/// Makes somebody a member who may look after the tenant, or not.
async fn join(root: &mut Actor<'_>, tenant: &str, email: &str, patterns: Value) -> String {
    let members = format!("{TENANTS}/{tenant}/members");
    let body = json!({ "email": email, "role": "viewer" });
    let added = root.post(&members, &body).await.json();
    let id = added["member"]["userId"].as_str().expect("an id");
    let path = format!("{members}/{id}");
    let given = send(root, Method::PATCH, &path, &json!({ "patterns": patterns })).await;
    assert_eq!(given.told(), "200");
    path
}

/// Somebody's browser, acting in a tenant.
async fn browser<'a>(house: &'a House, email: &str, tenant: Option<&str>) -> Actor<'a> {
    let mut browser = house.browser();
    browser.log_in_with_cookie(email).await;
    if let Some(tenant) = tenant {
        let acts = browser
            .post("/api/account/tenant", &json!({ "tenantId": tenant }))
            .await;
        assert_eq!(acts.told(), "200");
    }
    browser
}

both! {
    async fn a_key_loses_what_its_owner_loses_and_has_it_again_with_them(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:create", "workflow:read"]).await;
        let token = exchanged(&house, &key.text).await;
        let id = my_id(&mut owner).await;
        let mut root = root(&house).await;
        let role = format!("{USERS}/{id}/role");

        let less = send(&mut root, Method::PUT, &role, &json!({ "role": "viewer" })).await;
        assert_eq!(less.told(), "200");
        assert_eq!(may(&house, &key.text).await, json!(["workflow:read"]));
        assert_eq!(house.program().with_bearer(&token).me().await, "401 token_stale");
        let check = json!({ "checks": [{ "permission": "workflow:create" }] });
        let decided = house.program().with_key(&key.text).post("/api/authz/check", &check).await;
        assert_eq!(decided.json()["results"][0]["granted"], false);

        // What they get beside that, a key that was not given it has not.
        let grants = format!("{USERS}/{id}/grants");
        let given = send(&mut root, Method::PUT, &grants, &json!({ "patterns": ["audit:read", "workflow:*"] })).await;
        assert_eq!(given.told(), "200");
        assert_eq!(may(&house, &key.text).await, json!(["workflow:create", "workflow:read"]));
        assert_eq!(house.program().with_key(&key.text).get("/api/admin/audit").await.told(), "403 insufficient_permissions");

        // What is granted for assigned resources alone is no key's to have.
        let bound = json!({ "patterns": [], "assigned": ["workflow:create"] });
        assert_eq!(send(&mut root, Method::PUT, &grants, &bound).await.told(), "200");
        assert_eq!(may(&house, &key.text).await, json!(["workflow:read"]));
    }

    async fn an_admins_key_reads_what_it_was_given_and_writes_nothing(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut root = root(&house).await;
        let key = make(&mut root, &["audit:read", "user:manage"]).await;
        let mut program = house.program().with_key(&key.text);
        for (path, told) in [
            ("/api/admin/audit", "200"),
            (USERS, "200"),
            ("/api/admin/settings", "403 insufficient_permissions"),
            ("/api/admin/keys", "403 insufficient_permissions"),
            ("/api/admin/audit/export?format=csv", "403 insufficient_permissions"),
        ] {
            assert_eq!(program.get(path).await.told(), told, "{path}");
        }
        let invite = json!({ "email": "zoe@example.com", "role": "user" });
        assert_eq!(program.post(&format!("{USERS}/invite"), &invite).await.told(), "403 insufficient_permissions");
        assert_eq!(site.count("invitations").await, 0);
    }

    async fn a_disabled_owners_key_waits_until_they_say_it_is_theirs(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:read"]).await;
        let token = exchanged(&house, &key.text).await;
        let id = my_id(&mut owner).await;
        let mut root = root(&house).await;
        for body in [json!({}), json!({ "seconds": 3600, "reason": "leave" })] {
            assert_eq!(root.post(&format!("{USERS}/{id}/disable"), &body).await.told(), "200");
            assert_eq!(used(&house, &key.text).await, "401 invalid_api_key", "{body}");
            assert_eq!(house.program().with_bearer(&token).me().await, "401 token_revoked", "{body}");

            assert_eq!(root.poke(&format!("{USERS}/{id}/enable")).await.told(), "200");
            assert_eq!(used(&house, &key.text).await, "401 invalid_api_key", "enabled alone it does not come back");
            let ada = house.sign_in(ADA).await;
            let mut owner = house.program().with_bearer(&ada.access);
            assert_eq!(owner.get(&key.path()).await.json()["key"]["status"], "suspended");
            assert_eq!(owner.poke(&format!("{}/confirm", key.path())).await.told(), "200");
            assert_eq!(used(&house, &key.text).await, "200");
            house.wait(1);
        }
        let gone = json!({ "confirmation": ADA, "immediately": true });
        assert_eq!(send(&mut root, Method::DELETE, &format!("{USERS}/{id}"), &gone).await.told(), "204");
        assert_eq!(used(&house, &key.text).await, "401 invalid_api_key");
        assert_eq!(site.count("api_keys").await, 0, "nothing of it stays");
    }

    async fn a_suspension_that_ends_by_itself_brings_no_key_back(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &["workflow:read"]).await;
        let id = my_id(&mut owner).await;
        let mut root = root(&house).await;
        let body = json!({ "seconds": 3600, "reason": "leave" });
        assert_eq!(root.post(&format!("{USERS}/{id}/disable"), &body).await.told(), "200");
        house.wait(3600);
        house.auth.tend().await.expect("tends");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200");
        assert_eq!(used(&house, &key.text).await, "401 invalid_api_key");
    }

    async fn a_key_of_others_is_like_one_that_never_was(site: &Site) {
        let house = site.house().await;
        let mut owner = ada(&house).await;
        let key = make(&mut owner, &[]).await;
        let bob = house.account(BOB).await;
        let mut root = root(&house).await;
        let bob = house.program().with_bearer(&bob.access);
        // Who looks after all keys ends them there; even they have no other's key here.
        for other in [&mut bob.clone(), &mut root] {
            let mut answers = Vec::new();
            for id in [key.id.as_str(), NONE, "x", "%00", &key.id.to_uppercase()] {
                let path = format!("{KEYS}/{id}");
                answers.push([
                    other.get(&path).await,
                    send(other, Method::PATCH, &path, &json!({ "name": "Mine" })).await,
                    send(other, Method::PATCH, &path, &json!({ "permissions": [] })).await,
                    delete(other, &path).await,
                    other.poke(&format!("{path}/rotate")).await,
                    other.post(&format!("{path}/rotate"), &json!({ "overlapSeconds": 60 })).await,
                    other.poke(&format!("{path}/confirm")).await,
                    other.poke(&format!("{path}/take-over")).await,
                ]);
            }
            for missing in &answers[1..] {
                for (foreign, missing) in answers[0].iter().zip(missing) {
                    assert_eq!(foreign.told(), "404 not_found");
                    same_but_for(&[], foreign, missing);
                }
            }
            assert_eq!(other.get(KEYS).await.json()["keys"], json!([]));
        }
        let one = owner.get(&key.path()).await.json();
        assert_eq!((&one["key"]["name"], &one["key"]["status"]), (&json!("Nightly build"), &json!("active")));
    }

    async fn a_tenants_key_is_its_admins_alone_and_stands_on_the_member_who_made_it(site: &Site) {
        let house = site.house().await;
        for email in [ADA, "eve@example.com"] {
            house.account(email).await;
        }
        let bob = house.account(BOB).await;
        let mut root = root(&house).await;
        let role = format!("{USERS}/{}/role", bob.id);
        assert_eq!(send(&mut root, Method::PUT, &role, &json!({ "role": "viewer" })).await.told(), "200");
        let acme = root.post(TENANTS, &json!({ "name": "Acme" })).await.member("id");
        let beta = root.post(TENANTS, &json!({ "name": "Beta" })).await.member("id");
        let adas = join(&mut root, &acme, ADA, json!(["tenant:manage", "workflow:delete"])).await;
        join(&mut root, &acme, BOB, json!(["tenant:manage"])).await;
        join(&mut root, &beta, "eve@example.com", json!(["tenant:manage"])).await;
        let mut ada = browser(&house, ADA, Some(&acme)).await;
        let mut eve = browser(&house, "eve@example.com", Some(&beta)).await;
        let keys = format!("{TENANTS}/{acme}/keys");

        let wanted = json!({ "name": "Tenant's", "permissions": ["workflow:delete", "workflow:read"] });
        let key = Key::of(&ada.post(&keys, &wanted).await);
        let mine = make(&mut ada, &["workflow:read"]).await;
        let me = house.program().with_key(&key.text).get("/api/auth/me").await.json();
        assert_eq!(me["user"]["tenantId"], json!(acme));
        let portal_wide = json!({ "name": "More", "permissions": ["user:manage"] });
        assert_eq!(ada.post(&keys, &portal_wide).await.told(), "403 insufficient_permissions");

        // Another tenant's admin finds neither, by any of its ids.
        for (foreign, missing) in [
            (eve.post(&keys, &wanted).await, eve.post(&format!("{TENANTS}/{NONE}/keys"), &wanted).await),
            (eve.get(&keys).await, eve.get(&format!("{TENANTS}/{NONE}/keys")).await),
            (eve.get(&key.path()).await, eve.get(&format!("{KEYS}/{NONE}")).await),
            (delete(&mut eve, &key.path()).await, delete(&mut eve, &format!("{KEYS}/{NONE}")).await),
            (eve.poke(&format!("{}/take-over", key.path())).await, eve.poke(&format!("{KEYS}/{NONE}/take-over")).await),
        ] {
            assert_eq!(foreign.told(), "404 not_found");
            same_but_for(&[], &foreign, &missing);
        }
        // Another admin of the tenant sees the tenant's, and takes it over when nobody answers for it.
        let mut bob = browser(&house, BOB, Some(&acme)).await;
        assert_eq!(bob.get(&mine.path()).await.told(), "404 not_found", "a member's own is theirs");
        assert_eq!(bob.poke(&format!("{}/take-over", key.path())).await.told(), "409 conflict status:taken");
        assert_eq!(delete(&mut root, &adas).await.told(), "204");
        for stopped in [&key, &mine] {
            assert_eq!(used(&house, &stopped.text).await, "401 invalid_api_key");
        }
        assert_eq!(ada.get(&key.path()).await.told(), "404 not_found", "it was never hers");
        assert_eq!(bob.poke(&format!("{}/take-over", key.path())).await.told(), "200");
        house.wait(601);
        assert_eq!(delete(&mut bob, &key.path()).await.told(), "401 step_up_required", "what is the tenant's, an admin ends");
        assert_eq!(bob.post("/api/auth/step-up", &json!({ "password": PASSWORD })).await.told(), "200");
        assert_eq!(may(&house, &key.text).await, json!(["workflow:read"]), "of what it may, what he holds");
        assert_eq!(used(&house, &mine.text).await, "401 invalid_api_key");
        assert_eq!(delete(&mut bob, &key.path()).await.told(), "204");
    }
}
