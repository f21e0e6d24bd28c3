//! Tenants over HTTP and on the pages: the contract's routes, mass assignment, the switcher, and what a
//! token says (req 93, 107 to 110; rows 72, 79, 97).

use http::Method;
use serde_json::{Value, json};
use wire::{Email, NewAccount, Password};

use crate::support::{ADA, Actor, Answer, House, PASSWORD, Site, both, claims};

const ROOT: &str = "root@example.com";
const TENANTS: &str = "/api/admin/tenants";
const NONE: &str = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";

/// An admin's browser, just signed in.
async fn root(house: &House) -> Actor<'_> {
    let account = NewAccount {
        email: Email::parse(ROOT).expect("an address"),
        password: Password::claimed(PASSWORD),
        username: None,
        first_name: None,
        last_name: None,
    };
    house.auth.create_admin(account).await.expect("is made");
    browser(house, ROOT).await
}

async fn browser<'a>(house: &'a House, email: &str) -> Actor<'a> {
    let mut browser = house.browser();
    browser.log_in_with_cookie(email).await;
    browser
}

async fn send(by: &mut Actor<'_>, method: Method, path: &str, body: &Value) -> Answer {
    let asking = by.request(method, path).json(body);
    by.send(asking).await
}

async fn delete(by: &mut Actor<'_>, path: &str) -> Answer {
    let asking = by.request(Method::DELETE, path);
    by.send(asking).await
}

/// A tenant with Ada in it, who looks after it. Its path in the API, and its id.
async fn acme(house: &House, root: &mut Actor<'_>) -> (String, String) {
    let ada = house.account(ADA).await;
    let added = root.post(TENANTS, &json!({ "name": "Acme" })).await;
    assert_eq!(added.told(), "201");
    let id = added.member("id");
    let path = format!("{TENANTS}/{id}");
    let body = json!({ "email": ADA, "role": "viewer" });
    let member = root.post(&format!("{path}/members"), &body).await;
    assert_eq!(member.told(), "201");
    let given = json!({ "patterns": ["tenant.manage"] });
    let member = format!("{path}/members/{}", ada.id);
    assert_eq!(
        send(root, Method::PATCH, &member, &given).await.told(),
        "200"
    );
    (path, id)
}

both! {
    async fn an_admin_adds_names_and_deletes_a_tenant(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let (path, id) = acme(&house, &mut root).await;
        root.post(TENANTS, &json!({ "name": "Beta" })).await;

        let found = root.get(&format!("{TENANTS}?q=ACM&limit=1")).await.json();
        assert_eq!((found["tenants"][0]["name"].as_str(), &found["nextCursor"]), (Some("Acme"), &Value::Null));
        let one = root.get(&path).await.json();
        assert_eq!(one, json!({
            "tenant": { "id": id, "name": "Acme", "createdAt": auth::rfc3339(house.now()) },
            "members": 1, "managers": 1, "invitations": 0, "sessions": 0, "keys": 0, "portalWide": true,
        }));
        for (body, told) in [
            (json!({ "name": "" }), "400 invalid_request name:required"),
            (json!({ "name": "x".repeat(101) }), "400 invalid_request name:too_long"),
            (json!({ "name": "a\u{202e}b" }), "400 invalid_request name:invalid"),
            (json!({ "name": "Mine", "id": NONE }), "400 invalid_request id:unknown_field"),
            (json!({}), "400 invalid_request name:required"),
            (json!({ "name": "BETA" }), "409 conflict name:taken"),
            (json!({ "name": "=HYPERLINK(\"x\")" }), "200"),
            (json!({ "name": "Robert'); drop table tenants;--" }), "200"),
        ] {
            assert_eq!(send(&mut root, Method::PATCH, &path, &body).await.told(), told, "{body}");
        }
        let typed = json!({ "name": "Acme" });
        assert_eq!(send(&mut root, Method::DELETE, &path, &typed).await.told(), "400 invalid_request name:mismatch");
        let typed = json!({ "name": "Robert'); drop table tenants;--" });
        assert_eq!(send(&mut root, Method::DELETE, &path, &typed).await.told(), "204");
        assert_eq!(root.get(&path).await.told(), "404 not_found");
        assert_eq!(root.get(&format!("{TENANTS}/none")).await.told(), "404 not_found");
    }

    async fn members_are_added_changed_and_removed_by_what_a_body_may_say(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let (path, _) = acme(&house, &mut root).await;
        let bob = house.account("bob@example.com").await;
        let members = format!("{path}/members");
        for (body, told) in [
            (json!({ "email": "bob@example.com" }), "400 invalid_request role:required"),
            (json!({ "email": "bob", "role": " " }), "400 invalid_request email:invalid role:required"),
            (json!({ "email": "nobody@example.com", "role": "viewer" }), "400 invalid_request email:unknown"),
            (json!({ "email": "bob@example.com", "role": "api" }), "400 invalid_request role:invalid"),
            (json!({ "email": "bob@example.com", "role": "viewer", "userId": bob.id }), "400 invalid_request userId:unknown_field"),
            (json!({ "email": "bob@example.com", "role": "viewer" }), "201"),
            (json!({ "email": "bob@example.com", "role": "user" }), "409 conflict email:taken"),
        ] {
            assert_eq!(root.post(&members, &body).await.told(), told, "{body}");
        }
        let one = format!("{members}/{}", bob.id);
        for (body, told) in [
            (json!({ "role": 1 }), "400 invalid_request role:invalid"),
            (json!({ "patterns": "workflow:read" }), "400 invalid_request patterns:invalid"),
            (json!({ "patterns": ["*:read"], "status": "invited" }), "400 invalid_request patterns:invalid status:invalid"),
            (json!({ "patterns": ["user:manage"] }), "400 invalid_request patterns:invalid"),
            (json!({ "permissions": ["workflow:read"], "tenantId": NONE }), "400 invalid_request permissions:unknown_field tenantId:unknown_field"),
            (json!({ "patterns": ["workflow:delete"], "assigned": ["workflow:update"] }), "200"),
            (json!({}), "200"),
        ] {
            assert_eq!(send(&mut root, Method::PATCH, &one, &body).await.told(), told, "{body}");
        }
        let seen = root.get(&one).await.json();
        assert_eq!((&seen["patterns"], &seen["assigned"]), (&json!(["workflow:delete"]), &json!(["workflow:update"])));
        assert!(seen["permissions"].as_array().expect("a list").contains(&json!("workflow:delete")));
        assert!(!seen.to_string().contains("password"));

        let suspended = send(&mut root, Method::PATCH, &one, &json!({ "status": "suspended" })).await.json();
        assert_eq!(suspended["member"]["status"], "suspended");
        let listed = root.get(&format!("{members}?status=suspended&q=BOB@")).await.json();
        assert_eq!(listed["members"].as_array().map(Vec::len), Some(1));
        for wrong in ["status=gone", "sort=email", "limit=0", "cursor=x", "x=1", &format!("q={}", "x".repeat(10_000))] {
            let told = root.get(&format!("{members}?{wrong}")).await.told();
            assert!(told.starts_with("400 invalid_request"), "{wrong}: {told}");
        }
        for list in [TENANTS.to_owned(), members.clone(), format!("{path}/invitations")] {
            for (q, code) in [("a%00b", "invalid"), (&*"_".repeat(25_001), "too_long")] {
                let told = root.get(&format!("{list}?q={q}")).await.told();
                assert_eq!(told, format!("400 invalid_request q:{code}"), "{list}");
            }
            let page = list.trim_start_matches("/api").trim_end_matches("/members").to_owned();
            let page = root.open(&format!("{page}?q=a%00b")).await;
            assert_eq!((page.status.as_u16(), page.text().contains("That cannot be searched for")), (200, true), "{page:?}");
        }
        let nul = root.get(&format!("{TENANTS}/a%00b")).await;
        assert_eq!(nul.told(), "404 not_found");
        assert_eq!(delete(&mut root, &one).await.told(), "204");
        assert_eq!(delete(&mut root, &one).await.told(), "404 not_found");
        house.wait(601);
        assert_eq!(delete(&mut root, &one).await.told(), "401 step_up_required");
    }

    async fn a_session_switches_and_its_token_says_where(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let (path, id) = acme(&house, &mut root).await;
        let mut ada = browser(&house, ADA).await;
        let own = ada.get("/api/account/tenants").await.json();
        assert_eq!(own["tenants"].as_array().map(Vec::len), Some(1));
        let tenant = &own["tenants"][0];
        assert_eq!((&tenant["id"], &tenant["active"], &tenant["manageable"], &tenant["status"]), (&json!(id), &json!(false), &json!(true), &json!("active")));

        for (body, told) in [
            (json!({}), "400 invalid_request tenantId:required"),
            (json!({ "tenantId": 1 }), "400 invalid_request tenantId:invalid"),
            (json!({ "tenantId": id, "role": "admin" }), "400 invalid_request role:unknown_field"),
            (json!({ "tenantId": "none" }), "404 not_found"),
            (json!({ "tenantId": NONE }), "404 not_found"),
            (json!({ "tenantId": id }), "200"),
        ] {
            assert_eq!(ada.post("/api/account/tenant", &body).await.told(), told, "{body}");
        }
        let token = ada.poke("/api/auth/token").await.member("accessToken");
        let (_, said) = claims(&token);
        assert_eq!(said["tenantId"], json!(id));
        assert!(said["permissions"].as_array().expect("a list").contains(&json!("tenant:manage")));
        assert_eq!(ada.get("/api/auth/me").await.json()["user"]["tenantId"], json!(id));
        let program = house.sign_in(ADA).await;
        assert_eq!(claims(&program.access).1["tenantId"], json!(id), "the next sign-in begins there");
        let mut program = house.program().with_bearer(&program.access);
        assert_eq!(program.post("/api/account/tenant", &json!({ "tenantId": null })).await.told(), "200");
        assert_eq!(program.me().await, "401 token_stale", "a token acts where it says, or nowhere");
        assert_eq!(ada.me().await, ADA, "another device");

        assert_eq!(delete(&mut ada, &format!("/api/account/tenants/{id}")).await.told(), "204");
        assert_eq!(delete(&mut ada, &format!("/api/account/tenants/{id}")).await.told(), "404 not_found");
        assert_eq!(ada.get(&path).await.told(), "404 not_found");
        assert_eq!(ada.get("/api/auth/me").await.json()["user"]["tenantId"], Value::Null);
    }

    async fn the_pages_let_a_tenants_admin_do_all_of_it_without_a_script(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let (_, id) = acme(&house, &mut root).await;
        house.account("bob@example.com").await;
        let page = format!("/admin/tenants/{id}");
        let mut ada = browser(&house, ADA).await;
        assert_eq!(ada.open("/admin/tenants").await.status, 403);
        let account = ada.open("/account").await.text();
        assert!(account.contains("Acting in") && account.contains("No organisation") && account.contains(">Acme<"), "{account}");
        let switched = ada.submit("act_in_tenant", &[("tenant", &id), ("back", "/account")]).await;
        let told = ada.open(switched.header("location")).await.text();
        assert!(told.contains("You act there from now on") && told.contains("Manage Acme"), "{told}");

        let members = ada.open(&page).await.text();
        for words in ["1 member, 1 of whom looks after it.", ADA, "Search addresses and names"] {
            assert!(members.contains(words), "{words}: {members}");
        }
        assert!(!members.contains("Add an account") && !members.contains("All organisations"));
        let invitations = format!("{page}/invitations");
        let sent = ada.submit("invite_members", &[("tenant", &id), ("emails", "bob@example.com, x"), ("role", "viewer")]).await;
        let told = ada.open(sent.header("location")).await.text();
        assert!(told.contains("One invitation is on its way.") && told.contains("Not invited"), "{told}");
        let told = ada.submit("invite_members", &[("tenant", &id), ("emails", "bob@example.com"), ("role", "admin")]).await;
        assert!(ada.open(told.header("location")).await.text().contains("does not have the right"));
        assert!(ada.open(&format!("{invitations}?status=pending&q=bob")).await.text().contains("Take back"));
        let settings = ada.open(&format!("{page}/settings")).await.text();
        assert!(settings.contains("Those who run the portal name organisations") && !settings.contains("Delete organisation"));

        let body = json!({ "email": "bob@example.com", "role": "viewer" });
        let bob = root.post(&format!("/api{page}/members"), &body).await.json()["member"]["userId"].as_str().expect("an id").to_owned();
        let one = format!("{page}/members/{bob}");
        let fields = [("tenant", id.as_str()), ("user", bob.as_str())];
        let preview = format!("{one}/preview?role=viewer&patterns=workflow.read%0D%0Atenant%3Amanage");
        let text = ada.open(&preview).await.text();
        assert!(text.contains("Nothing has been changed yet.") && text.contains("<code>tenant:manage</code>"), "{text}");
        let version = text.split(r#"name="version" value=""#).nth(1).and_then(|rest| rest.split('"').next()).expect("a version").to_owned();
        let rights = [fields.as_slice(), &[("role", "viewer"), ("patterns", "workflow:read\ntenant:manage")]].concat();
        let unseen = ada.submit("change_member", &rights).await;
        let text = ada.open(unseen.header("location")).await.text();
        assert!(text.contains("There is a newer version") && text.contains("workflow:read\ntenant:manage"), "{text}");
        let change = [rights.as_slice(), &[("version", &version)]].concat();
        let told = ada.submit("change_member", &change).await;
        let text = ada.open(told.header("location")).await.text();
        assert!(text.contains("What they may do here is changed") && text.contains("tenant:manage"), "{text}");
        let again = ada.submit("change_member", &change).await;
        let text = ada.open(again.header("location")).await.text();
        assert!(text.contains("Somebody changed it while you did") && text.contains("See what would change") && !text.contains("Save rights"), "{text}");
        for (typed, words) in [("*:*", "does not have the right"), ("nonsense", "See what would change"), ("dragon:ride", "See what would change")] {
            let text = ada.open(&format!("{one}/preview?role=viewer&patterns={typed}")).await.text();
            assert!(text.contains(words) && text.contains(typed) && !text.contains("Save rights"), "{typed}: {text}");
        }
        let hostile = ada.open(&format!("{one}/preview?role=%3Cscript%3E&patterns=%3C%2Ftextarea%3E%00&v=%22%3E")).await;
        assert!(hostile.status == 200 && !hostile.text().contains("<script>\""), "{hostile:?}");
        for (form, words) in [("suspend_member", "They are suspended"), ("resume_member", "They are a member again")] {
            let told = ada.submit(form, &fields).await;
            assert!(ada.open(told.header("location")).await.text().contains(words), "{form}");
        }
        assert!(ada.open(&one).await.text().contains("Remove from this organisation"));
        let told = ada.submit("remove_member", &fields).await;
        assert!(ada.open(told.header("location")).await.text().contains("do not belong to this organisation any more"));
        assert_eq!(ada.open(&one).await.status, 404);

        let own = ada.open("/account/tenants").await.text();
        assert!(own.contains("You act here") && own.contains("You look after it."), "{own}");
        let told = ada.submit("leave_tenant", &[("tenant", &id)]).await;
        let text = ada.open(told.header("location")).await.text();
        assert!(text.contains("You have left.") && text.contains("You belong to no organisation") && !text.contains("Acting in"), "{text}");
        assert_eq!(ada.open(&page).await.status, 404);
    }

    async fn the_pages_of_all_tenants_say_what_deleting_one_touches(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let (_, id) = acme(&house, &mut root).await;
        let settings = format!("/admin/tenants/{id}/settings");
        let list = root.open("/admin/tenants").await.text();
        assert!(list.contains(">Acme<") && list.contains("Add organisation"), "{list}");
        assert!(root.open("/admin/tenants?q=zzz").await.text().contains("No such organisation"));
        let added = root.submit("add_tenant", &[("name", "<b>Beta</b>")]).await;
        let page = root.open(added.header("location")).await.text();
        assert!(page.contains("Nobody belongs to it yet") && page.contains("&lt;b&gt;Beta") && !page.contains("<b>Beta"), "{page}");
        let again = root.submit("add_tenant", &[("name", "ACME")]).await;
        let page = root.open(again.header("location")).await.text();
        assert!(page.contains("Something else has this name already.") && page.contains("value=\"ACME\""), "{page}");

        let said = root.open(&settings).await.text();
        for words in ["1 membership ends", "0 invitations work", "0 sessions act", "Type Acme to confirm."] {
            assert!(said.contains(words), "{words}: {said}");
        }
        let wrong = root.submit("delete_tenant", &[("tenant", &id), ("name", "Akme")]).await;
        assert!(root.open(wrong.header("location")).await.text().contains("That is not the name of this organisation."));
        let renamed = root.submit("rename_tenant", &[("tenant", &id), ("new_name", "Acme & Sons")]).await;
        let page = root.open(renamed.header("location")).await.text();
        assert!(page.contains("has its new name") && page.contains("Acme &amp; Sons"), "{page}");
        let gone = root.submit("delete_tenant", &[("tenant", &id), ("name", "Acme & Sons")]).await;
        assert!(root.open(gone.header("location")).await.text().contains("The organisation is deleted."));
        assert_eq!(root.open(&settings).await.status, 404);
        house.wait(601);
        let asked = root.submit("add_tenant", &[("name", "Late")]).await;
        assert!(asked.header("location").starts_with("/step-up?next="), "{asked:?}");
    }
}
