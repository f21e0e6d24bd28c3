//! The pages of API keys as a browser without script meets them: what was typed and ticked survives a proof
//! in between, whose keys stand where, and who ends which (req 78–83, 108; row 91).

use http::Method;
use serde_json::{Value, json};

use crate::managed_users::root;
use crate::support::{ADA, Actor, Answer, House, PASSWORD, Site, both};

const EVE: &str = "eve@example.com";
const TENANTS: &str = "/api/admin/tenants";

/// The page a form led to.
async fn landed(browser: &mut Actor<'_>, posted: &Answer) -> String {
    assert_eq!(posted.status, 303, "{posted:?}");
    browser.open(posted.header("location")).await.text()
}

async fn browser<'a>(house: &'a House, email: &str) -> Actor<'a> {
    let mut browser = house.browser();
    browser.log_in_with_cookie(email).await;
    browser
}

/// What a key is worth just now: a status, and its permissions.
async fn worth(house: &House, key: &str) -> (u16, Value) {
    let mut program = house.program();
    let asking = program.request(Method::GET, "/api/auth/me");
    let answer = program.send(asking.header("x-api-key", key)).await;
    let permissions = answer.json()["user"]["permissions"].clone();
    (answer.status.as_u16(), permissions)
}

/// A key on a page that shows it.
fn key_in(page: &str) -> String {
    let (_, rest) = page
        .split_once("X-API-Key: ")
        .expect("a command with a key");
    let key: String = rest
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    assert_eq!(key.len(), 81, "{key}");
    key
}

/// Whether the box of a permission is ticked.
fn is_ticked(page: &str, permission: &str) -> bool {
    let (_, rest) = page
        .split_once(&format!("value=\"{permission}\""))
        .expect("a box");
    let (tag, _) = rest.split_once('>').expect("ends");
    tag.contains("checked")
}

/// Makes an account a member that looks after a tenant.
async fn in_charge(root: &mut Actor<'_>, tenant: &str, email: &str) -> String {
    let members = format!("{TENANTS}/{tenant}/members");
    let added = root
        .post(&members, &json!({ "email": email, "role": "viewer" }))
        .await;
    assert_eq!(added.told(), "201");
    let id = added.json()["member"]["userId"]
        .as_str()
        .expect("an id")
        .to_owned();
    let given = json!({ "patterns": ["tenant:manage"] });
    let asking = root.request(Method::PATCH, &format!("{members}/{id}"));
    assert_eq!(root.send(asking.json(&given)).await.told(), "200");
    id
}

both! {
    async fn a_proof_in_between_loses_neither_words_nor_ticks(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut ada = browser(&house, ADA).await;
        assert_eq!(ada.open("/account/keys/new").await.status, 200);
        house.wait(601);
        let away = ada.open("/account/keys/new").await;
        assert_eq!(away.header("location"), "/step-up?next=/account/keys/new");

        let fields = [
            ("name", "Nightly"), ("expires_in_days", "custom"), ("days", "12"), ("rate_limit", "77"),
            ("permissions%5B%5D", "workflow:read"), ("permissions%5B%5D", "automation:read"),
        ];
        let referer = format!("{}/account/keys/new", house.public_url());
        let posted = ada.send(ada.form("create_key", &fields).header("referer", &referer)).await;
        let way = posted.header("location").to_owned();
        assert!(way.starts_with("/step-up?next=/account/keys/new%3Fflash%3D"), "{way}");
        let next = way.trim_start_matches("/step-up?next=").replace("%3F", "?").replace("%3D", "=");
        let proven = ada.submit("step_up", &[("next", &next), ("password", PASSWORD)]).await;
        let page = landed(&mut ada, &proven).await;
        for kept in ["Nothing has been changed yet", "value=\"Nightly\"", "value=\"12\"", "value=\"77\""] {
            assert!(page.contains(kept), "{kept} in {page}");
        }
        assert!(is_ticked(&page, "workflow:read") && is_ticked(&page, "automation:read"), "{page}");
        assert!(!is_ticked(&page, "workflow:delete"));

        let posted = ada.submit("create_key", &fields).await;
        let page = landed(&mut ada, &posted).await;
        let key = key_in(&page);
        assert_eq!(worth(&house, &key).await, (200, json!(["automation:read", "workflow:read"])));
        let again = ada.open(posted.header("location")).await.text();
        assert!(!again.contains(&key[9..60]), "shown once");
    }

    async fn the_tab_of_an_account_has_its_keys_for_those_who_may_end_them(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        house.account(EVE).await;
        let mut root = root(&house).await;
        let tab = format!("/admin/users/{}?tab=keys", account.id);
        assert!(root.open(&tab).await.text().contains("No program has a key of theirs."));
        let mut ada = browser(&house, ADA).await;
        let posted = ada.submit("create_key", &[("name", "<b>Nightly</b>"), ("permissions[0]", "workflow:read")]).await;
        let key = key_in(&landed(&mut ada, &posted).await);
        let listed = root.get("/api/admin/keys").await.json();
        let id = listed["keys"][0]["id"].as_str().expect("an id").to_owned();
        let page = root.open(&tab).await.text();
        for words in ["&lt;b&gt;Nightly", "its owner gets a letter", "Revoke it now", "workflow:read"] {
            assert!(page.contains(words), "{words} in {page}");
        }

        // Looking after accounts is not looking after keys.
        let eve = root.get(&format!("/api/admin/users?q={EVE}")).await.json();
        let eve = eve["users"][0]["id"].as_str().expect("an id").to_owned();
        let grants = root.request(Method::PUT, &format!("/api/admin/users/{eve}/grants"));
        let given = root.send(grants.json(&json!({ "patterns": ["user:manage"] }))).await;
        assert_eq!(given.told(), "200");
        let mut helper = browser(&house, EVE).await;
        let seen = helper.open(&tab).await.text();
        assert!(seen.contains("apikey:manage") && !seen.contains("Nightly"), "{seen}");
        let refused = helper.submit("revoke_key_of", &[("id", &id), ("user", &account.id)]).await;
        assert_eq!(refused.status, 403);

        let long = "x".repeat(201);
        let posted = root.submit("revoke_key_of", &[("id", &id), ("user", &account.id), ("reason", &long)]).await;
        let page = landed(&mut root, &posted).await;
        assert!(page.contains("This is too long.") && page.contains(&long), "{page}");
        assert_eq!(worth(&house, &key).await.0, 200);
        house.wait(601);
        let late = root.submit("revoke_key_of", &[("id", &id), ("user", &account.id)]).await;
        assert!(late.header("location").starts_with("/step-up?next="), "{late:?}");
        let mut root = browser(&house, "root@example.com").await;
        let fields = [("id", id.as_str()), ("user", &account.id), ("reason", "in a chat")];
        let posted = root.submit("revoke_key_of", &fields).await;
        assert!(posted.header("location").starts_with(&format!("{tab}&flash=")), "{posted:?}");
        let page = landed(&mut root, &posted).await;
        assert!(page.contains("The key is revoked") && page.contains("Revoked") && !page.contains("Revoke it now"), "{page}");
        assert_eq!(worth(&house, &key).await.0, 401);
        let rows = root.get("/api/admin/audit?action=api_key.revoked").await.json();
        assert_eq!(rows["events"].as_array().map(Vec::len), Some(1), "{rows}");
        assert!(rows.to_string().contains("in a chat"), "{rows}");
    }

    async fn a_tenants_keys_are_made_taken_over_and_counted_on_its_pages(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        house.account(EVE).await;
        let mut root = root(&house).await;
        let tenant = root.post(TENANTS, &json!({ "name": "Acme" })).await.member("id");
        let keys = format!("/admin/tenants/{tenant}/keys");
        let page = root.open(&keys).await.text();
        assert!(page.contains("you are none here") && !page.contains("New key"), "{page}");
        let outside = root.submit("create_tenant_key", &[("tenant", &tenant), ("name", "x")]).await;
        assert!(landed(&mut root, &outside).await.contains("does not have the right to do this"));
        let ada_id = in_charge(&mut root, &tenant, ADA).await;
        in_charge(&mut root, &tenant, EVE).await;

        let mut ada = browser(&house, ADA).await;
        assert!(ada.open(&keys).await.text().contains("No keys yet"));
        assert!(ada.open(&format!("{keys}/new")).await.text().contains("You answer for it"));
        let fields = [("tenant", tenant.as_str()), ("name", "Deploy"), ("permissions[]", "workflow:read"), ("expires_in_days", "7")];
        let posted = ada.submit("create_tenant_key", &fields).await;
        assert!(posted.header("location").starts_with(&format!("{keys}?flash=")), "{posted:?}");
        let key = key_in(&landed(&mut ada, &posted).await);
        assert_eq!(worth(&house, &key).await, (200, json!(["workflow:read"])));
        let listed = ada.get(&format!("{TENANTS}/{tenant}/keys")).await.json();
        let id = listed["keys"][0]["id"].as_str().expect("an id").to_owned();
        let own = ada.open(&format!("/account/keys/{id}")).await;
        assert_eq!(own.header("location"), format!("{keys}/{id}"), "it has its page there");
        let page = ada.open(&format!("{keys}/{id}")).await.text();
        assert!(page.contains("Roll it") && !page.contains("Take it over"), "{page}");
        // An account's key, and one of elsewhere, are no keys of this tenant.
        let beta = root.post(TENANTS, &json!({ "name": "Beta" })).await.member("id");
        assert_eq!(root.open(&format!("/admin/tenants/{beta}/keys/{id}")).await.status, 404);

        let one = root.get(&format!("{TENANTS}/{tenant}")).await.json();
        assert_eq!(one["keys"], 1, "{one}");
        let settings = root.open(&format!("/admin/tenants/{tenant}/settings")).await.text();
        assert!(settings.contains("1 API key ends"), "{settings}");
        let member = root.open(&format!("/admin/tenants/{tenant}/members/{ada_id}")).await.text();
        assert!(member.contains("1 API key stops with it"), "{member}");
        let stats = root.get("/api/admin/stats").await.json();
        assert_eq!(stats["apiKeys"]["ending"], 1, "it lives a week: {stats}");
        let dashboard = root.open("/admin").await.text();
        assert!(dashboard.contains("/admin/keys?status=expiring"), "{dashboard}");
        let asking = root.request(Method::DELETE, &format!("{TENANTS}/{tenant}/members/{ada_id}"));
        assert_eq!(root.send(asking).await.told(), "204");
        assert_eq!(worth(&house, &key).await.0, 401);
        assert_eq!(ada.open(&format!("{keys}/{id}")).await.status, 404);

        let mut eve = browser(&house, EVE).await;
        let page = eve.open(&format!("{keys}/{id}")).await.text();
        assert!(page.contains("Take it over") && page.contains("by your rights from then on: workflow:read"), "{page}");
        let posted = eve.submit("take_over_key", &[("tenant", &tenant), ("id", &id)]).await;
        let page = landed(&mut eve, &posted).await;
        assert!(page.contains("You answer for the key from now on") && page.contains(EVE), "{page}");
        assert_eq!(worth(&house, &key).await, (200, json!(["workflow:read"])));
        let again = eve.submit("take_over_key", &[("tenant", &tenant), ("id", &id)]).await;
        assert!(landed(&mut eve, &again).await.contains("This cannot be done as it stands by now"));
        house.wait(601);
        let late = eve.submit("revoke_tenant_key", &[("tenant", &tenant), ("id", &id)]).await;
        assert!(late.header("location").starts_with("/step-up?next="), "others use it: {late:?}");
        let unproven = eve.submit("revoke_key", &[("id", &id)]).await;
        assert!(!landed(&mut eve, &unproven).await.contains("is revoked"));
        assert_eq!(worth(&house, &key).await.0, 200, "it lives on");
        for admin in [&mut eve, &mut root] {
            admin.submit("step_up", &[("password", PASSWORD), ("next", "/account")]).await;
        }
        let fields = [("tenant", tenant.as_str()), ("id", &id), ("overlap_seconds", "0")];
        let posted = eve.submit("roll_key", &fields).await;
        let next = key_in(&landed(&mut eve, &posted).await);
        assert_eq!((worth(&house, &key).await.0, worth(&house, &next).await.0), (401, 200));

        let asking = root.request(Method::DELETE, &format!("{TENANTS}/{tenant}"));
        assert_eq!(root.send(asking.json(&json!({ "name": "Acme" }))).await.told(), "204");
        assert_eq!(worth(&house, &next).await.0, 401);
    }

    async fn whoever_found_a_key_ends_it_without_learning_whose_it_is(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut ada = browser(&house, ADA).await;
        let posted = ada.submit("create_key", &[("name", "Pushed")]).await;
        let key = key_in(&landed(&mut ada, &posted).await);
        let made_up = wire::api_key_of(wire::KeyMode::Live, &[9; 32]).reveal().to_owned();

        let mut finder = house.browser();
        assert!(finder.open("/leaked-key").await.text().contains("Found an API key?"));
        let wrong = finder.submit("report_leaked_key", &[("key", "wks_live_<b>")]).await;
        let page = landed(&mut finder, &wrong).await;
        assert!(page.contains("This is not written as a key is") && !page.contains("&lt;b&gt;"), "{page}");
        let mut told = Vec::new();
        for reported in [key.clone(), key.clone(), made_up, format!(" {key}\r\n")] {
            let posted = finder.submit("report_leaked_key", &[("key", &reported)]).await;
            let secret = &reported.trim()[9..60];
            assert!(!format!("{posted:?}").contains(secret), "in no header and no body");
            let page = landed(&mut finder, &posted).await;
            assert!(!page.contains(secret), "{page}");
            let main = page.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>"));
            let (main, _) = main.expect("a page");
            told.push(main.to_owned());
        }
        assert!(told[0].contains("it opens nothing any more") && told.iter().all(|one| *one == told[0]), "{told:?}");
        assert_eq!(worth(&house, &key).await.0, 401);
        let events = ada.get("/api/account/events").await.json();
        assert!(events.to_string().contains("api_key.leaked"), "{events}");

        // As often as the API lets one network: the page is no way around it.
        let mut answers = Vec::new();
        for _ in 0..60 {
            let posted = finder.submit("report_leaked_key", &[("key", &key)]).await;
            answers.push(landed(&mut finder, &posted).await.contains("Too many tries"));
        }
        assert!(answers.iter().any(|limited| *limited));
        let body = json!({ "key": key });
        assert_eq!(finder.post("/api/keys/revoke-leaked", &body).await.told(), "429 rate_limited");
    }
}
