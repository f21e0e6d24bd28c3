//! The administration over HTTP: lists with everything in the address, acts on one and on many, the first
//! page and the settings. Every page is a story without script: forms alone.

use http::Method;
use serde_json::{Value, json};

use crate::managed_users::root;
use crate::support::{ADA, Actor, Answer, House, PASSWORD, Site, both, same_but_for};

const USERS: &str = "/api/admin/users";
const BULK: &str = "/api/admin/users/bulk";

async fn send(actor: &mut Actor<'_>, method: Method, path: &str, body: &Value) -> Answer {
    let asking = actor.request(method, path).json(body);
    actor.send(asking).await
}

async fn landed(actor: &mut Actor<'_>, sent: &Answer) -> String {
    assert_eq!(sent.status, 303, "{sent:?}");
    actor.open(sent.header("location")).await.text()
}

async fn status(root: &mut Actor<'_>, id: &str) -> Value {
    root.get(&format!("{USERS}/{id}")).await.json()["user"]["status"].clone()
}

async fn my_id(actor: &mut Actor<'_>) -> String {
    let me = actor.get("/api/auth/me").await.json();
    me["user"]["id"].as_str().expect("an id").to_owned()
}

/// Every address of a list, page by page.
async fn walked(root: &mut Actor<'_>, query: &str) -> Vec<String> {
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..10 {
        let page = root.get(&format!("{USERS}?limit=2&{query}{cursor}")).await;
        assert_eq!(page.told(), "200", "{query}");
        let page = page.json();
        let users = page["users"].as_array().expect("a list");
        seen.extend(
            users
                .iter()
                .map(|user| user["email"].as_str().expect("an address").to_owned()),
        );
        match page["nextCursor"].as_str() {
            Some(next) => cursor = format!("&cursor={}", next.replace('@', "%40")),
            None => return seen,
        }
    }
    panic!("the list has no end: {seen:?}");
}

both! {
    async fn a_list_is_narrowed_ordered_and_walked_by_its_address(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        house.wait(1);
        for email in ["cleo@example.com", ADA, "bob@example.com"] {
            house.account(email).await;
            house.wait(1);
        }
        let of = |names: [&str; 4]| names.map(|name| format!("{name}@example.com")).to_vec();

        assert_eq!(walked(&mut root, "").await, of(["bob", "ada", "cleo", "root"]));
        assert_eq!(walked(&mut root, "sort=createdAt").await, of(["root", "cleo", "ada", "bob"]));
        assert_eq!(walked(&mut root, "sort=email").await, of(["ada", "bob", "cleo", "root"]));
        assert_eq!(walked(&mut root, "sort=-lastLoginAt").await, of(["bob", "ada", "cleo", "root"]));
        assert_eq!(walked(&mut root, "role=admin").await, ["root@example.com"]);
        assert_eq!(walked(&mut root, "status=locked").await, [""; 0]);
        assert_eq!(walked(&mut root, "tenantId=none").await, [""; 0]);
        let whole = root.get(USERS).await.json();
        assert_eq!(whole["total"], 4);
        assert_eq!(root.get(&format!("{USERS}?q=a")).await.json()["total"], Value::Null);

        let endless = "x".repeat(10_000);
        let moment = format!("7.{}", house.auth.draw_id());
        for (query, told) in [
            (format!("q={endless}"), "400 invalid_request q:too_long"),
            ("sort=password_hash".to_owned(), "400 invalid_request sort:invalid"),
            ("sort=email;drop".to_owned(), "400 invalid_request sort:invalid"),
            ("status=asleep&limit=0".to_owned(), "400 invalid_request status:invalid limit:invalid"),
            ("cursor=x".to_owned(), "400 invalid_request cursor:invalid"),
            (format!("sort=email&cursor={moment}"), "400 invalid_request cursor:invalid"),
            ("sort=email&sort=email".to_owned(), "400 invalid_request sort:duplicate_field"),
            ("isAdmin=true".to_owned(), "400 invalid_request isAdmin:unknown_field"),
            ("q=a%00b".to_owned(), "400 invalid_request q:invalid"),
        ] {
            assert_eq!(root.get(&format!("{USERS}?{query}")).await.told(), told, "{query:.60}");
        }
        for hostile in ["q=%27%20or%201%3D1%20--", "q=%25", "role=%27%20or%20%271%27%3D%271", "q=%3D1%2B1"] {
            let found = root.get(&format!("{USERS}?{hostile}")).await;
            assert_eq!((found.told().as_str(), &found.json()["users"]), ("200", &json!([])), "{hostile}");
        }
    }

    async fn the_pages_of_lists_take_whatever_is_in_their_address(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut root = root(&house).await;

        let page = root.open("/admin/users?sort=email&role=user&q=ada").await.text();
        assert!(page.contains(ADA) && page.contains("value=\"email\" selected"), "{page}");
        let page = root.open("/admin/users?sort=password_hash&status=x&role=nobody&tenantId=none&cursor=%00").await;
        assert!(page.status == 200 && page.text().contains("2 accounts"), "what is none of ours counts as none");
        let endless = format!("/admin/users?q={}", "x".repeat(5000));
        let page = root.open(&endless).await;
        assert!(page.status == 200 && page.text().contains("That cannot be searched for"), "{page:?}");
        for hostile in ["q=%22%3E%3Cscript%3E1%3C/script%3E", "role=%3Cscript%3E", "sort=%3Cscript%3E"] {
            let page = root.open(&format!("/admin/users?{hostile}")).await.text();
            assert!(!page.contains("<script>"), "{page}");
        }
    }

    async fn names_are_changed_and_nothing_else_can_be_smuggled_in(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut root = root(&house).await;
        let (path, mine) = (format!("{USERS}/{}", ada.id), my_id(&mut root).await);

        for (member, value) in [
            ("role", json!("admin")),
            ("tenantId", json!("t1")),
            ("id", json!(mine)),
            ("userId", json!(mine)),
            ("permissions", json!(["*:*"])),
            ("emailVerified", json!(true)),
            ("email", json!("eve@example.com")),
            ("actor", json!(mine)),
            ("status", json!("active")),
        ] {
            let answer = send(&mut root, Method::PATCH, &path, &json!({ "firstName": "Eve", member: value })).await;
            assert_eq!(answer.told(), format!("400 invalid_request {member}:unknown_field"));
        }
        let body = json!({ "firstName": "=1+1", "lastName": "O'Brien; --", "username": "countess" });
        let one = send(&mut root, Method::PATCH, &path, &body).await;
        assert_eq!(one.told(), "200");
        let user = &one.json()["user"];
        assert_eq!((&user["firstName"], &user["lastName"]), (&json!("=1+1"), &json!("O'Brien; --")));
        assert_eq!((&user["role"], &user["email"], &user["username"]), (&json!("user"), &json!(ADA), &json!("countess")));
        let taken = json!({ "username": "Countess" });
        let own = send(&mut root, Method::PATCH, &format!("{USERS}/{mine}"), &taken).await;
        assert_eq!(own.told(), "409 conflict username:taken");
        let none = send(&mut root, Method::PATCH, &format!("{USERS}/{}", house.auth.draw_id()), &taken).await;
        let nonsense = send(&mut root, Method::PATCH, &format!("{USERS}/%ff"), &taken).await;
        assert_eq!(none.told(), "404 not_found");
        same_but_for(&[], &none, &nonsense);
    }

    async fn a_suspension_a_lock_and_a_deletion_are_done_and_undone(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut root = root(&house).await;
        let path = |act: &str| format!("{USERS}/{}/{act}", ada.id);

        for seconds in [json!(59), json!(-1), json!("3600"), json!(1.5), json!(31_622_401)] {
            let answer = root.post(&path("disable"), &json!({ "seconds": seconds })).await;
            assert_eq!(answer.told(), "400 invalid_request seconds:invalid", "{seconds}");
        }
        assert_eq!(root.post(&path("disable"), &json!({ "seconds": 3600, "reason": "leave" })).await.told(), "200");
        assert_eq!(status(&mut root, &ada.id).await, "suspended");
        assert_eq!(root.poke(&path("send-password-reset")).await.told(), "409 conflict status:mismatch");
        house.wait(500);
        assert_eq!(root.poke(&path("enable")).await.told(), "200");
        assert_eq!(root.poke(&path("unlock")).await.told(), "200", "what is not locked is unlocked");
        house.deliver().await;
        assert_eq!(root.poke(&path("send-password-reset")).await.told(), "200");
        assert_eq!(house.deliver().await.0.len(), 1);

        let delete = async |root: &mut Actor<'_>, body: Value| {
            send(root, Method::DELETE, &format!("{USERS}/{}", ada.id), &body).await.told()
        };
        let bare = root.request(Method::DELETE, &format!("{USERS}/{}", ada.id));
        assert_eq!(delete(&mut root, json!({ "immediately": true })).await, "400 invalid_request confirmation:required");
        assert_eq!(delete(&mut root, json!({ "confirmation": "yes" })).await, "400 invalid_request confirmation:mismatch");
        assert_eq!(root.send(bare).await.told(), "204", "a bare request is the deletion that can be called off");
        assert_eq!(status(&mut root, &ada.id).await, "leaving");
        assert_eq!(root.poke(&path("enable")).await.told(), "409 conflict deletesAt:taken");
        assert_eq!(root.post(&path("disable"), &json!({ "seconds": 3600 })).await.told(), "409 conflict deletesAt:taken");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "401 invalid_credentials");
        assert_eq!(root.poke(&path("keep")).await.told(), "200");
        assert_eq!(root.poke(&path("keep")).await.told(), "409 conflict status:mismatch");
        assert_eq!(status(&mut root, &ada.id).await, "disabled");
        assert_eq!(delete(&mut root, json!({ "confirmation": ADA, "immediately": true })).await, "204");
        assert_eq!(delete(&mut root, json!({ "confirmation": ADA, "immediately": true })).await, "404 not_found");

        let mine = my_id(&mut root).await;
        let own = json!({ "confirmation": "root@example.com" });
        let own = send(&mut root, Method::DELETE, &format!("{USERS}/{mine}"), &own).await;
        assert_eq!(own.told(), "409 conflict id:taken");
    }

    async fn one_act_on_many_is_looked_over_done_and_told(site: &Site) {
        let house = site.house().await;
        let (ada, bob) = (house.account(ADA).await, house.account("bob@example.com").await);
        let mut root = root(&house).await;
        let mine = my_id(&mut root).await;
        let nobody = house.auth.draw_id();
        let ids = json!([ada.id, mine, bob.id, ada.id, nobody]);

        let dry = root.post(BULK, &json!({ "act": "suspend", "ids": ids, "dryRun": true })).await.json();
        assert_eq!(status(&mut root, &ada.id).await, "active", "only said");
        let done = root.post(BULK, &json!({ "act": "suspend", "ids": ids, "seconds": 3600, "reason": "x" })).await;
        assert_eq!(done.told(), "200");
        let done = done.json();
        for result in [&dry, &done] {
            assert_eq!(result["affected"].as_array().map(Vec::len), Some(2));
            let why: Vec<_> = result["leftOut"].as_array().expect("a list").iter().map(|one| &one["reason"]).collect();
            assert_eq!(why, ["oneself", "unknown"]);
        }
        assert_eq!(done["affected"][0]["status"], "suspended");
        for (body, told) in [
            (json!({}), "400 invalid_request act:required ids:required"),
            (json!({ "act": "promote", "ids": [ada.id] }), "400 invalid_request act:invalid"),
            (json!({ "act": "enable", "ids": [] }), "400 invalid_request ids:required"),
            (json!({ "act": "enable", "ids": [ada.id], "reason": "x" }), "400 invalid_request reason:unknown_field"),
            (json!({ "act": "enable", "ids": [ada.id], "actor": mine }), "400 invalid_request actor:unknown_field"),
            (json!({ "act": "enable", "ids": vec!["x"; 1] }), "200"),
            (json!({ "act": "delete", "ids": (0..101).map(|at| at.to_string()).collect::<Vec<_>>() }), "400 invalid_request ids:too_long"),
        ] {
            assert_eq!(root.post(BULK, &body).await.told(), told, "{body:.80}");
        }

        let list = root.open("/admin/users").await.text();
        assert!(list.contains(&format!("name=\"id\" value=\"{}\"", ada.id)), "{list}");
        let look = format!("/admin/users/act?act=enable&id={}&id={mine}&id={}", ada.id, bob.id);
        for (back, leads) in [("/admin/users%3Fq=ada%26sort=email", "/admin/users?q=ada&amp;sort=email"), ("//evil.example", "/admin/users"), ("/account", "/admin/users")] {
            let page = root.open(&format!("{look}&back={back}")).await.text();
            assert!(page.contains(&format!("href=\"{leads}\"")) && !page.contains("\"//evil"), "{back}: {page}");
        }
        let page = root.open(&look).await.text();
        for words in ["Enable 2 accounts", ADA, "Who is left out", "it stands like that already", "What will happen"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let sent = root.submit("act_on_users", &[("act", "enable"), ("ids", &format!("{},{mine}", ada.id))]).await;
        let told = landed(&mut root, &sent).await;
        assert!(told.contains("Enable: done to 1 account.") && told.contains("root@example.com: There is nothing to do"), "{told}");
        assert_eq!(status(&mut root, &ada.id).await, "active");

        for nothing in ["/admin/users/act", "/admin/users/act?act=enable", "/admin/users/act?act=x&id=y"] {
            assert!(root.open(nothing).await.text().contains("Nobody is selected"), "{nothing}");
        }
        let sent = root.submit("act_on_users", &[("act", "suspend"), ("ids", &ada.id), ("seconds", "soon")]).await;
        let told = landed(&mut root, &sent).await;
        assert!(told.contains("Suspend 1 account") && told.contains("role=\"alert\""), "{told}");
        let sent = root.submit("act_on_users", &[("act", "enable"), ("ids", &ada.id), ("back", "/admin/users?q=ada")]).await;
        assert!(sent.header("location").starts_with("/admin/users?q=ada&flash="), "{sent:?}");
        let sent = root.submit("act_on_users", &[("act", "enable"), ("ids", &ada.id), ("back", "https://evil.example")]).await;
        assert!(sent.header("location").starts_with("/admin/users?flash="), "{sent:?}");
        house.wait(601);
        let asked = root.submit("act_on_users", &[("act", "delete"), ("ids", &ada.id)]).await;
        assert!(asked.header("location").starts_with("/step-up"), "{asked:?}");
        assert_eq!(status(&mut root, &ada.id).await, "active");
    }

    async fn an_account_is_looked_after_on_its_page(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut root = root(&house).await;
        let page = |tab: &str| format!("/admin/users/{}{tab}", ada.id);
        let user = ("user", ada.id.as_str());

        let sent = root.submit("update_user", &[user, ("first_name", "<b>Ada</b>"), ("last_name", ""), ("username", "ada")]).await;
        let told = landed(&mut root, &sent).await;
        assert!(told.contains("The names are saved.") && told.contains("&lt;b&gt;Ada&lt;/b&gt;"), "{told}");
        let sent = root.submit("update_user", &[user, ("username", "x")]).await;
        assert!(landed(&mut root, &sent).await.contains("Use at least 3 characters."));
        let sent = root.submit("mail_reset_to_user", &[user]).await;
        assert!(landed(&mut root, &sent).await.contains("on its way to them"));

        let audit = root.open(&page("?tab=audit")).await.text();
        let (changed, signed_in) = (format!("root@example.com changed the profile of {ADA}"), format!("{ADA} signed in"));
        for words in [changed.as_str(), signed_in.as_str(), "profile.updated"] {
            assert!(audit.contains(words), "{words}: {audit}");
        }
        let danger = root.open(&page("?tab=danger")).await.text();
        for words in ["For how long", "7 days", "Delete account", "nothing brings it back", "Nothing is deleted."] {
            assert!(danger.contains(words), "{words}");
        }
        let sent = root.submit("disable_user", &[user, ("seconds", "86400"), ("reason", "lost laptop")]).await;
        let told = landed(&mut root, &sent).await;
        assert!(told.contains("The account is suspended") && told.contains("Suspended until"), "{told}");
        assert!(told.contains("Change how long"), "{told}");
        let sent = root.submit("disable_user", &[user, ("seconds", "604800"), ("reason", "lost laptop")]).await;
        assert!(landed(&mut root, &sent).await.contains("The account is suspended"));
        assert!(root.open("/admin/users?status=suspended").await.text().contains("for 7 days"));
        let overview = root.open(&page("")).await.text();
        assert!(overview.contains("lost laptop") && overview.contains("would help nobody"), "{overview}");
        let sent = root.submit("enable_user", &[user]).await;
        assert!(landed(&mut root, &sent).await.contains("they can sign in again"));

        let sent = root.submit("delete_user", &[user, ("confirmation", "yes"), ("when", "later")]).await;
        assert!(landed(&mut root, &sent).await.contains("That is not the address of this account."));
        let sent = root.submit("delete_user", &[user, ("confirmation", ADA), ("when", "later")]).await;
        assert!(landed(&mut root, &sent).await.contains("until then you can keep it here"));
        let leaving = root.open(&page("?tab=danger")).await.text();
        assert!(!leaving.contains("Enable account") && !leaving.contains("Change how long"), "{leaving}");
        let sent = root.submit("enable_user", &[user]).await;
        let told = landed(&mut root, &sent).await;
        assert!(told.contains("about to be deleted. Keep it first.") && !told.contains("href=\"#status\""), "{told}");
        let sent = root.submit("keep_user", &[user]).await;
        assert!(landed(&mut root, &sent).await.contains("The account stays."));
        let sent = root.submit("delete_user", &[user, ("confirmation", ADA), ("when", "now")]).await;
        assert!(landed(&mut root, &sent).await.contains("The account is deleted, with everything"));
        assert_eq!(root.open(&page("")).await.status, 404);
    }

    async fn the_first_page_tells_how_the_portal_does(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut root = root(&house).await;
        house.program().log_in(ADA, "not the password at all").await;
        house.auth.tend().await.expect("tends");

        let stats = root.get("/api/admin/stats?days=7").await;
        assert_eq!(stats.told(), "200");
        let stats = stats.json();
        assert_eq!((&stats["days"], &stats["users"]["total"]), (&json!(7), &json!(2)));
        let days = stats["signIns"].as_array().expect("a list");
        assert_eq!((days.len(), &days[6]["failed"]), (7, &json!(1)));
        let codes: Vec<_> = stats["posture"].as_array().expect("a list").iter().map(|one| &one["code"]).collect();
        for code in ["plain_http", "development", "one_admin", "mailbox"] {
            assert!(codes.contains(&&json!(code)), "{code} in {codes:?}");
        }
        assert_eq!(root.get("/api/admin/stats").await.json()["days"], 30);
        for days in ["0", "8", "-7", "seven", "7.0", ""] {
            let answer = root.get(&format!("/api/admin/stats?days={days}")).await;
            assert_eq!(answer.told(), "400 invalid_request days:invalid", "{days}");
        }

        let page = root.open("/admin?days=7").await.text();
        for words in ["Worth a look", "There is one admin.", "<svg", "The numbers as a table", "7 days"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(page.contains("href=\"/admin?days=7\" aria-current=\"true\""), "{page}");
        assert!(root.open("/admin?days=1000000").await.text().contains("href=\"/admin?days=30\" aria-current=\"true\""));
        let mut ada = house.browser();
        ada.log_in_with_cookie(ADA).await;
        for path in ["/admin", "/admin/settings"] {
            assert_eq!(ada.open(path).await.status, 403, "{path}");
        }
        for path in ["/api/admin/stats", "/api/admin/settings"] {
            assert_eq!(ada.get(path).await.told(), "403 insufficient_permissions");
        }
    }

    async fn settings_say_what_holds_and_show_no_secret(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;

        let settings = root.get("/api/admin/settings").await;
        assert_eq!(settings.told(), "200");
        let text = settings.text();
        let settings = settings.json();
        let of = |name: &str| settings["settings"].as_array().expect("a list").iter().find(|one| one["name"] == name).expect("is there").clone();
        let url = of("database.url");
        assert_eq!((&url["value"], &url["isSecret"], &url["origin"]), (&json!("set"), &json!(true), &json!("DATABASE_URL")));
        assert!(!text.contains(&site.url()), "{text}");
        let public = of("server.public_url");
        assert_eq!((&public["source"], &public["origin"]), (&json!("environment"), &json!("GATEHOUSE_SERVER__PUBLIC_URL")));

        let page = root.open("/admin/settings").await.text();
        for words in ["server.public_url", "Set, not shown", "GATEHOUSE_SERVER__PUBLIC_URL", "Command line"] {
            assert!(page.contains(words), "{words}");
        }
        assert!(!page.contains(&site.url()));
        let found = root.open("/admin/settings?q=letters+leave").await.text();
        assert!(found.contains("mail.transport") && !found.contains("hash.lanes"), "{found}");
        assert!(root.open("/admin/settings?q=nothing-like-that").await.text().contains("No setting like that"));
        let set = root.open("/admin/settings?set=yes").await.text();
        assert!(set.contains("server.public_url") && !set.contains("hash.lanes"), "{set}");
        let hostile = root.open("/admin/settings?q=%22%3E%3Cscript%3E").await.text();
        assert!(!hostile.contains("\"><script>"), "{hostile}");
    }
}

/// Ids that cannot be read are nobody's, on every route that takes one.
#[tokio::test]
async fn an_id_that_cannot_be_read_is_nobodys() {
    let site = Site::sqlite();
    let house: House = site.house().await;
    let mut root = root(&house).await;
    for path in [
        "/api/admin/invitations/%ff/resend",
        "/api/admin/outbox/%ff/retry",
        "/api/admin/signing-keys/%ff/revoke",
        "/api/admin/users/%ff/unlock",
        "/api/admin/users/%ff/keep",
        "/api/admin/users/%ff/send-password-reset",
    ] {
        assert_eq!(root.poke(path).await.told(), "404 not_found", "{path}");
    }
    site.clear_away().await;
}
