//! The audit log over HTTP and on its pages: who may read it, what they find, and what they take along
//! (rows 78, 114, 115).

use http::Method;
use serde_json::{Value, json};
use wire::{Email, NewAccount, Password, PersonName};

use crate::support::{ADA, Actor, House, PASSWORD, Site, both, same_but_for};

const ROOT: &str = "root@example.com";
const AUDIT: &str = "/api/admin/audit";

/// An admin's browser, just signed in.
async fn root(house: &House) -> Actor<'_> {
    let account = NewAccount {
        email: Email::parse(ROOT).expect("an address"),
        password: Password::claimed(PASSWORD),
        username: None,
        first_name: PersonName::parse("Grace").ok(),
        last_name: None,
    };
    house.auth.create_admin(account).await.expect("is made");
    let mut browser = house.browser();
    browser.log_in_with_cookie(ROOT).await;
    browser
}

async fn events(actor: &mut Actor<'_>, query: &str) -> Vec<Value> {
    let answer = actor.get(&format!("{AUDIT}{query}")).await;
    assert_eq!(answer.told(), "200", "{query}");
    answer.json()["events"].as_array().expect("a list").clone()
}

fn column(csv: &str, name: &str) -> Vec<String> {
    let mut lines = csv.split("\r\n").filter(|line| !line.is_empty());
    let cells = |line: &str| -> Vec<String> {
        let inner = line
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let inner = inner.expect("every cell is in quotes");
        inner
            .split("\",\"")
            .map(|cell| cell.replace("\"\"", "\""))
            .collect()
    };
    let at = cells(lines.next().expect("names"))
        .iter()
        .position(|one| one == name)
        .expect("a column");
    lines.map(|line| cells(line)[at].clone()).collect()
}

both! {
    async fn an_admin_reads_what_happened_and_one_row_of_it(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let ada = house.account(ADA).await;
        root.post(&format!("/api/admin/users/{}/disable", ada.id), &json!({ "reason": "left" })).await;

        let found = events(&mut root, "?action=user.disabled").await;
        assert_eq!(found.len(), 1);
        let row = &found[0];
        assert_eq!(row["sentence"], format!("{ROOT} disabled {ADA}."));
        assert_eq!((&row["outcome"], &row["actor"]["email"], &row["subject"]["email"]), (&json!("success"), &json!(ROOT), &json!(ADA)));
        assert_eq!((&row["detail"]["reason"], &row["detail"]["after"]["status"]), (&json!("left"), &json!("disabled")));
        assert_ne!(row["detail"]["before"], row["detail"]["after"]);
        let id = row["id"].as_str().expect("an id");
        let one = root.get(&format!("{AUDIT}/{id}")).await;
        assert_eq!((one.told().as_str(), &one.json()["event"]), ("200", row));

        for (query, least) in [
            (format!("?actor={ROOT}"), 2),
            (format!("?subject={}", ada.id), 2),
            (format!("?subject={ADA}&action=user.*&outcome=success"), 2),
            (format!("?requestId={}", row["requestId"].as_str().expect("an id")), 1),
            (format!("?ip={}", row["ip"].as_str().expect("an address")), 1),
            ("?from=2000-01-01&to=2100-01-01".to_owned(), 5),
        ] {
            let found = events(&mut root, &query).await;
            assert!(found.len() >= least, "{query}: {}", found.len());
        }
        let first = root.get(&format!("{AUDIT}?limit=1")).await.json();
        let cursor = first["nextCursor"].as_str().expect("there is more");
        let second = events(&mut root, &format!("?limit=1&cursor={cursor}")).await;
        assert_ne!(first["events"][0], second[0]);
    }

    async fn the_log_refuses_what_does_not_read_and_who_may_not(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        for (query, told) in [
            ("?outcome=maybe", "400 invalid_request outcome:invalid"),
            ("?ip=nowhere", "400 invalid_request ip:invalid"),
            ("?from=yesterday&to=never", "400 invalid_request from:invalid to:invalid"),
            ("?sort=actor", "400 invalid_request sort:invalid"),
            ("?user=1", "400 invalid_request user:unknown_field"),
            ("?actor=a&actor=b", "400 invalid_request actor:duplicate_field"),
            ("?cursor=x", "400 invalid_request cursor:invalid"),
            ("/export", "400 invalid_request format:required"),
            ("/export?format=xlsx", "400 invalid_request format:invalid"),
        ] {
            assert_eq!(root.get(&format!("{AUDIT}{query}")).await.told(), told, "{query}");
        }
        let long = "x".repeat(10_000);
        assert!(events(&mut root, &format!("?actor={long}")).await.is_empty());
        let none = root.get(&format!("{AUDIT}/{}", house.auth.draw_id())).await;
        let nonsense = root.get(&format!("{AUDIT}/%ff")).await;
        assert_eq!(none.told(), "404 not_found");
        same_but_for(&[], &none, &nonsense);

        let eve = house.account("eve@example.com").await;
        let mut program = house.program().with_bearer(&eve.access);
        for path in ["", "/export?format=csv", &format!("/{}", house.auth.draw_id())] {
            assert_eq!(program.get(&format!("{AUDIT}{path}")).await.told(), "403 insufficient_permissions", "{path}");
        }
        let refused = events(&mut root, "?action=access.refused&actor=eve@example.com").await;
        assert_eq!(refused.len(), 3, "each route once");
        let of_one = refused.iter().find(|row| row["detail"]["route"] == "/api/admin/audit/{id}");
        assert_eq!(of_one.map(|row| &row["detail"]["permission"]), Some(&json!("audit:read")));
        assert!(!refused.iter().any(|row| row.to_string().contains("format=csv")), "a route, never what stood in it");
        assert_eq!(house.anonymous().get(AUDIT).await.told(), "401 authentication_required");
        assert_eq!(events(&mut root, "?action=access.refused").await.len(), 3, "nobody's refusals are numbers alone");
    }

    async fn what_the_core_refuses_somebody_who_was_let_in_is_read_with_its_reason(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let ada = house.account(ADA).await;
        let given = format!("/api/admin/users/{}/grants", ada.id);
        let given = root.send(root.request(Method::PUT, &given).json(&json!({ "patterns": ["system:config"] }))).await;
        assert_eq!(given.told(), "200");
        let ada = house.sign_in(ADA).await;
        let mut helper = house.program().with_bearer(&ada.access);
        let wider = helper.post("/api/admin/roles", &json!({ "name": "wider", "patterns": ["audit:read"] })).await;
        assert_eq!(wider.told(), "403 insufficient_permissions");
        let wider = helper.post("/api/keys", &json!({ "name": "CI", "permissions": ["audit:read"] })).await;
        assert_eq!(wider.told(), "403 insufficient_permissions");

        let refused = events(&mut root, &format!("?outcome=refused&actor={ADA}")).await;
        let mut told: Vec<_> = refused.iter().map(|row| row["sentence"].as_str().unwrap_or_default()).collect();
        told.sort_unstable();
        assert_eq!(told, [
            "ada@example.com was not allowed to make a role like that: it is about rights that they do not hold.",
            "ada@example.com was not allowed to make an API key like that: it is about rights that they do not hold.",
        ]);
        let page = root.open("/admin/audit?outcome=refused&action=role.create").await.text();
        assert!(page.contains("was not allowed to make a role like that"), "{page}");
    }

    async fn a_file_is_safe_for_a_spreadsheet_and_whole_for_a_machine(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let ada = house.account(ADA).await;
        for (n, hostile) in ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "a\",\"=1", "x;=1"].iter().enumerate() {
            let agent = hostile.replace('\'', "''");
            site.operate(&format!(
                "insert into audit_log (id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail)
                 values ('0199aaaa-bbbb-7ccc-8ddd-00000000000{n}', {n}, '{agent}', '{}', 'test.hostile', 'success', null, '', '{agent}', '{{}}')",
                ada.id
            )).await;
        }

        let csv = root.get(&format!("{AUDIT}/export?format=csv&action=test.hostile")).await;
        assert_eq!(csv.told(), "200");
        assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(csv.header("cache-control"), "no-store");
        let name = csv.header("content-disposition");
        assert!(name.starts_with("attachment; filename=\"audit-") && name.ends_with(".csv\""), "{name}");
        let text = csv.text();
        for name in ["agent", "requestId"] {
            let cells = column(&text, name);
            assert_eq!(cells.len(), 6);
            for cell in cells {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            }
        }
        assert!(text.contains("\"'=cmd|' /C calc'!A0\"") && text.contains("\"a\"\",\"\"=1\""), "{text}");
        assert_eq!(column(&text, "actor"), vec![ADA; 6]);

        house.auth.tend().await.expect("tends");
        let whole = root.get(&format!("{AUDIT}/export?format=ndjson")).await;
        assert_eq!(whole.header("content-type"), "application/x-ndjson");
        let text = whole.text();
        let report = auth::verify_audit_export(text.as_bytes(), None, None).expect("is an export");
        assert!(report.holds() && report.sealed > 8, "{report:?}");
        assert!(!text.contains(ADA), "to be kept, so by ids alone");

        let exported = events(&mut root, "?action=audit.exported").await;
        assert_eq!(exported.len(), 2);
        // Both of one moment: in which order they are listed is chance.
        let whole = json!({ "format": "ndjson", "complete": true });
        assert!(exported.iter().any(|row| row["detail"] == whole), "{exported:?}");
        house.wait(601);
        let stale = root.get(&format!("{AUDIT}/export?format=csv")).await;
        assert_eq!(stale.told(), "401 step_up_required");
        assert_eq!(root.get(AUDIT).await.told(), "200", "reading may wait");
    }

    async fn the_pages_show_find_and_lead_on(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let ada = house.account(ADA).await;
        root.submit("disable_user", &[("user", &ada.id), ("reason", "<b>left</b>")]).await;

        let list = root.open("/admin/audit").await.text();
        for words in [&format!("{ROOT} disabled {ADA}."), "Search the log", "Export CSV", "Export NDJSON", "Every row and what vouches for it", "Audit log"] {
            assert!(list.contains(words), "{words}");
        }
        let found = root.open(&format!("/admin/audit?actor={ROOT}&action=user.%2A")).await.text();
        assert!(found.contains("Remove the filter Act: user.*") && found.contains("/admin/audit/export?format=csv&amp;actor=root%40example.com"), "{found}");
        assert!(!found.contains("signed in with"), "only what was asked for");
        let none = root.open("/admin/audit?actor=nobody@example.com").await.text();
        assert!(none.contains("Nothing like that"), "{none}");
        let wrong = root.open("/admin/audit?from=yesterday&ip=x").await.text();
        assert!(wrong.contains("write a day like") && wrong.contains("write it like 192.0.2.1") && !wrong.contains("Export CSV"), "{wrong}");
        let hostile = root.open("/admin/audit?actor=%22%3E%3Cscript%3E&requestId=%3C/title%3E&cursor=x").await.text();
        assert!(!hostile.contains("\"><script>") && hostile.matches("</title>").count() == 1, "{hostile}");

        let row = events(&mut root, "?action=user.disabled").await.remove(0);
        let id = row["id"].as_str().expect("an id").to_owned();
        let page = root.open(&format!("/admin/audit/{id}")).await.text();
        for words in ["What changed", "As JSON", "&lt;b&gt;left", &format!("/admin/users/{}", ada.id), "In the chain"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(root.open("/admin/audit/none").await.status, 404);

        let file = root.open("/admin/audit/export?format=csv&action=user.disabled").await;
        assert_eq!((file.status.as_u16(), file.text().lines().count()), (200, 2));
        house.wait(601);
        let asks = root.open("/admin/audit/export?format=csv").await;
        assert!(asks.header("location").starts_with("/step-up?next="), "{asks:?}");

        let mut browser = house.browser();
        house.account("eve@example.com").await;
        browser.log_in_with_cookie("eve@example.com").await;
        assert_eq!(browser.open("/admin/audit").await.status, 403);
        assert!(!browser.open("/account").await.text().contains("/admin/audit"), "nobody is shown the way who may not go");
    }

    async fn what_an_admin_was_not_allowed_is_in_the_log(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let mine = root.get("/api/auth/me").await.json()["user"]["id"].as_str().expect("an id").to_owned();
        let own = root.poke(&format!("/api/admin/users/{mine}/disable")).await;
        assert_eq!(own.told(), "409 conflict id:taken");
        let refused = events(&mut root, "?action=user.disable&outcome=refused").await;
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0]["sentence"], format!("{ROOT} was not allowed to disable their own account: it is their own account."));
        for _ in 0..50 {
            root.poke(&format!("/api/admin/users/{mine}/disable")).await;
        }
        assert_eq!(events(&mut root, "?action=user.disable").await.len(), 1, "a loop does not fill the log");
    }
}
