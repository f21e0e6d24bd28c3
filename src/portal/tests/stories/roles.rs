//! Roles, grants, decisions and assignments over HTTP, and the pages that change them (req 84–102).

use http::Method;
use serde_json::{Value, json};

use crate::managed_users::root;
use crate::support::{ADA, Actor, Answer, Site, both, same_but_for};

const ROLES: &str = "/api/admin/roles";
const CHECK: &str = "/api/authz/check";

async fn put(actor: &mut Actor<'_>, path: &str, body: &Value) -> Answer {
    actor
        .send(actor.request(Method::PUT, path).json(body))
        .await
}

async fn delete(actor: &mut Actor<'_>, path: &str, body: Option<&Value>) -> Answer {
    let asking = actor.request(Method::DELETE, path);
    let asking = match body {
        Some(body) => asking.json(body),
        None => asking,
    };
    actor.send(asking).await
}

/// The page a form led to.
async fn landed(browser: &mut Actor<'_>, posted: &Answer) -> String {
    assert_eq!(posted.status, 303, "{posted:?}");
    browser.open(posted.header("location")).await.text()
}

both! {
    async fn a_role_is_made_previewed_changed_and_deleted(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut root = root(&house).await;

        let made = root.post(ROLES, &json!({ "name": "reader", "patterns": ["workflow.read", "automation:*"] })).await;
        assert_eq!(made.told(), "201");
        assert_eq!(made.json()["patterns"], json!(["automation:*", "workflow:read"]));
        assert_eq!(made.json()["permissions"].as_array().map(Vec::len), Some(5));
        for (body, told) in [
            (json!({ "name": "reader" }), "409 conflict name:taken"),
            (json!({ "name": "X" }), "400 invalid_request name:too_short"),
            (json!({ "name": "more", "patterns": ["*:read"] }), "400 invalid_request patterns:invalid"),
            (json!({ "name": "more", "patterns": ["workflow:fly"] }), "400 invalid_request patterns:invalid"),
            (json!({ "name": "more", "builtIn": true }), "400 invalid_request builtIn:unknown_field"),
        ] {
            assert_eq!(root.post(ROLES, &body).await.told(), told, "{body}");
        }
        let role = format!("/api/admin/users/{}/role", ada.id);
        assert_eq!(put(&mut root, &role, &json!({ "role": "reader" })).await.told(), "200");
        assert_eq!(house.program().with_bearer(&ada.access).me().await, "401 token_stale");

        let path = format!("{ROLES}/reader");
        let version = root.get(&path).await.json()["role"]["version"].clone();
        let edit = json!({ "description": "Reads", "patterns": ["workflow:read"], "version": version });
        let told = root.post(&format!("{path}/preview"), &edit).await.json();
        assert_eq!(told["loses"].as_array().map(Vec::len), Some(4));
        assert_eq!(told["people"][0]["email"], ADA);
        assert_eq!(root.get(&path).await.json()["role"]["version"], version, "looking changes nothing");
        assert_eq!(put(&mut root, &path, &edit).await.json()["permissions"], json!(["workflow:read"]));
        assert_eq!(put(&mut root, &path, &edit).await.told(), "409 conflict version:taken");

        assert_eq!(delete(&mut root, &path, None).await.told(), "409 conflict moveTo:taken");
        assert_eq!(delete(&mut root, &path, Some(&json!({ "moveTo": "api" }))).await.told(), "400 invalid_request moveTo:invalid");
        assert_eq!(delete(&mut root, &path, Some(&json!({ "moveTo": "user" }))).await.told(), "204");
        let gone = delete(&mut root, &path, None).await;
        assert_eq!(gone.told(), "404 not_found");
        same_but_for(&[], &gone, &delete(&mut root, &format!("{ROLES}/%ff"), None).await);
        for fixed in ["admin", "api"] {
            let refused = put(&mut root, &format!("{ROLES}/{fixed}"), &json!({ "description": "", "patterns": [] })).await;
            assert_eq!(refused.told(), "409 conflict builtIn:taken");
        }
    }

    async fn the_catalogue_grows_and_shrinks_but_for_what_is_built_in(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let catalogue = "/api/admin/permissions";
        let added = root.post(catalogue, &json!({ "name": "invoice.read", "description": "See invoices" })).await;
        assert_eq!((added.told().as_str(), &added.json()["name"]), ("201", &json!("invoice:read")));
        for (body, told) in [
            (json!({ "name": "invoice:read", "description": "x" }), "409 conflict name:taken"),
            (json!({ "name": "invoice:*", "description": "" }), "400 invalid_request name:invalid description:required"),
        ] {
            assert_eq!(root.post(catalogue, &body).await.told(), told);
        }
        let path = format!("{catalogue}/invoice:read");
        let said = put(&mut root, &path, &json!({ "description": "Read invoices" })).await;
        assert_eq!(said.json()["description"], "Read invoices");
        assert_eq!(delete(&mut root, &path, None).await.told(), "204");
        assert_eq!(delete(&mut root, &path, None).await.told(), "404 not_found");
        assert_eq!(delete(&mut root, &format!("{catalogue}/user:manage"), None).await.told(), "409 conflict builtIn:taken");
    }

    async fn a_service_asks_what_its_caller_may_do(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut root = root(&house).await;
        assert_eq!(root.poke("/api/admin/presets/clinic/load").await.told(), "200");
        let grants = format!("/api/admin/users/{}/grants", ada.id);
        let given = put(&mut root, &grants, &json!({ "patterns": [], "assigned": ["patient_data:read"] })).await;
        assert_eq!(given.json()["assigned"], json!(["patient_data:read"]));
        let entrust = json!({ "userId": ada.id, "resourceType": "patient", "resourceId": "42" });
        let entrusted = root.post("/api/admin/assignments", &entrust).await;
        assert_eq!(entrusted.told(), "201");
        assert_eq!(root.post("/api/admin/assignments", &entrust).await.told(), "409 conflict resourceId:taken");

        let ada = house.sign_in(ADA).await;
        let mut program = house.program().with_bearer(&ada.access);
        let on = |id: &str| json!({ "permission": "patient_data.read", "resource": { "type": "patient", "id": id } });
        let asked = json!({ "checks": [{ "permission": "workflow:read" }, on("42"), on("43"), { "permission": "user:manage" }] });
        let answer = program.post(CHECK, &asked).await;
        assert_eq!(answer.json()["results"], json!([
            { "granted": true, "reason": "granted_by_role", "conditions": [] },
            { "granted": true, "reason": "granted_by_assignment", "conditions": ["assigned"] },
            { "granted": false, "reason": "not_assigned", "conditions": ["assigned"] },
            { "granted": false, "reason": "not_held", "conditions": [] },
        ]));
        for (body, told) in [
            (json!({ "checks": [] }), "400 invalid_request checks:required"),
            (json!({ "checks": [{ "permission": "nonsense" }] }), "400 invalid_request checks[0].permission:invalid"),
            (json!({ "checks": [{ "permission": "a:b", "userId": "x" }] }), "400 invalid_request checks[0].userId:unknown_field"),
            (json!({ "checks": [{ "permission": "a:b", "resource": { "type": "patient" } }] }), "400 invalid_request checks[0].resource.id:required"),
            (json!({ "checks": ["a:b"] }), "400 invalid_request checks:invalid checks:required"),
        ] {
            assert_eq!(program.post(CHECK, &body).await.status, 400, "{body} {told}");
        }
        let doubled = program.request(Method::POST, CHECK).body("application/json", r#"{"checks":[{"permission":"a:b","permission":"c:d"}]}"#.to_owned());
        assert_eq!(program.send(doubled).await.told(), "400 invalid_json");

        let id = entrusted.member("id");
        let mine = program.get("/api/account/export").await.json();
        assert_eq!(mine["assignments"][0]["resourceId"], "42");
        assert_eq!(delete(&mut root, &format!("/api/admin/assignments/{id}"), None).await.told(), "204");
        assert_eq!(program.post(CHECK, &json!({ "checks": [on("42")] })).await.json()["results"][0]["granted"], false);
    }

    async fn nobody_gives_what_they_do_not_hold_nor_to_themselves(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let bob = house.account("bob@example.com").await;
        let mut root = root(&house).await;
        let grants = format!("/api/admin/users/{}/grants", ada.id);
        let given = put(&mut root, &grants, &json!({ "patterns": ["user:manage", "system:config"] })).await;
        assert_eq!(given.told(), "200");
        let ada = house.sign_in(ADA).await;
        let mut helper = house.program().with_bearer(&ada.access);

        for body in [json!({ "patterns": ["audit:read"] }), json!({ "patterns": ["workflow:*"] }), json!({ "patterns": ["*:*"] })] {
            let refused = put(&mut helper, &format!("/api/admin/users/{}/grants", bob.id), &body).await;
            assert_eq!(refused.told(), "403 insufficient_permissions", "{body}");
        }
        let role = format!("/api/admin/users/{}/role", bob.id);
        assert_eq!(put(&mut helper, &role, &json!({ "role": "admin" })).await.told(), "403 insufficient_permissions");
        assert_eq!(put(&mut helper, &role, &json!({ "role": "nobody" })).await.told(), "400 invalid_request role:invalid");
        assert_eq!(put(&mut helper, &grants, &json!({ "patterns": [] })).await.told(), "409 conflict id:taken");
        assert_eq!(helper.post(ROLES, &json!({ "name": "more", "patterns": ["audit:read"] })).await.told(), "403 insufficient_permissions");
        let mine = root.get("/api/auth/me").await.json()["user"]["id"].as_str().expect("an id").to_owned();
        let last = put(&mut helper, &format!("/api/admin/users/{mine}/role"), &json!({ "role": "user" })).await;
        assert_eq!(last.told(), "403 insufficient_permissions");

        house.wait(601);
        let late = put(&mut root, &grants, &json!({ "patterns": [] })).await;
        assert_eq!(late.told(), "401 step_up_required");
    }

    async fn the_pages_make_preview_and_save_a_role_without_script(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut root = root(&house).await;

        let sent = root.submit("add_role", &[("name", "reader"), ("description", "<b>Reads</b>"), ("like", "viewer")]).await;
        let page = landed(&mut root, &sent).await;
        assert!(page.contains("The role is made") && page.contains("&lt;b&gt;Reads") && page.contains("See what would change"), "{page}");
        let again = root.submit("add_role", &[("name", "reader")]).await;
        assert!(landed(&mut root, &again).await.contains("Something else has this name"));

        let version = root.get(&format!("{ROLES}/reader")).await.member_of("role", "version");
        let preview = format!("/admin/roles/reader/preview?v={version}&description=Reads&p=workflow.read&p=workflow.update");
        let page = root.open(&preview).await.text();
        for words in ["Nothing has been changed yet", "workflow:update", "automation:read", "Save this role"] {
            assert!(page.contains(words), "{words} in {page}");
        }
        let fields = [("name", "reader"), ("description", "Reads"), ("patterns", "workflow:read workflow:update"), ("version", &version)];
        let sent = root.submit("save_role", &fields).await;
        assert!(landed(&mut root, &sent).await.contains("The role is saved"));

        // Somebody was faster: what was ticked is shown again, over the role as it is now.
        let sent = root.submit("save_role", &fields).await;
        let page = landed(&mut root, &sent).await;
        assert!(page.contains("Somebody changed this role while you did") && page.contains("workflow.update"), "{page}");
        let hostile = root.open("/admin/roles/reader/preview?p=%22%3E%3Cscript%3E&description=%22%3E%3Cscript%3E").await.text();
        assert!(!hostile.contains("\"><script>"), "{hostile}");
        let page = root.open("/admin/roles/reader/delete").await.text();
        assert!(page.contains("Nobody has it.") && page.contains("Delete this role"), "{page}");
        let unseen = root.submit("delete_role", &[("name", "reader")]).await;
        assert!(landed(&mut root, &unseen).await.contains("There is a newer version"));
        let version = root.get(&format!("{ROLES}/reader")).await.member_of("role", "version");
        let sent = root.submit("delete_role", &[("name", "reader"), ("version", &version)]).await;
        assert!(landed(&mut root, &sent).await.contains("The role is gone"));
        for none in ["/admin/roles/reader", "/admin/roles/reader/preview", "/admin/permissions/user:manage/remove"] {
            assert_eq!(root.open(none).await.status, 404, "{none}");
        }
        for page in ["/admin/roles", "/admin/roles/new", "/admin/roles/admin", "/admin/roles/api", "/admin/permissions", "/admin/presets"] {
            assert_eq!(root.open(page).await.status, 200, "{page}");
        }
        let sent = root.submit("load_preset", &[("name", "content")]).await;
        assert!(landed(&mut root, &sent).await.contains("The preset is loaded"));
    }

    async fn a_step_up_in_the_middle_of_an_edit_loses_nothing_that_was_ticked(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        assert_eq!(root.post(ROLES, &json!({ "name": "wide" })).await.told(), "201");
        house.wait(601);

        // The page asks before anything is ticked.
        let page = root.open("/admin/roles/wide").await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, "/step-up?next=/admin/roles/wide"));
        let confirmed = root.submit("step_up", &[("next", "/admin/roles/wide"), ("password", crate::support::PASSWORD)]).await;
        assert_eq!(confirmed.header("location"), "/admin/roles/wide");
        assert_eq!(root.open("/admin/roles/wide").await.status, 200);

        // Whoever takes their time all the same finds every box where it was.
        house.wait(601);
        let boxes: String = (0..200).map(|at| format!("&p=resource{at}.action{at}")).collect();
        let preview = format!("/admin/roles/wide/preview?v=0&description={boxes}");
        assert!((4000..6000).contains(&preview.len()), "{}", preview.len());
        let referer = format!("{}{preview}", house.public_url());
        let form = root.form("save_role", &[("name", "wide"), ("version", "0")]).header("referer", &referer);
        let stopped = root.send(form).await;
        let location = stopped.header("location").to_owned();
        assert!(location.starts_with("/step-up?next=/admin/roles/wide/preview%3F"), "{location}");
        assert!(location.contains("resource0.action0%26") && location.contains("resource199.action199"), "{location}");
        assert!(location.len() < 8000, "as long as a proxy reads: {}", location.len());
        assert!(root.open(&location).await.text().contains("resource199.action199"), "the form leads back to all of it");
    }

    async fn the_tab_of_an_account_says_why_and_changes_it_after_a_look(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut root = root(&house).await;
        let tab = format!("/admin/users/{}?tab=roles", ada.id);
        let page = root.open(&tab).await.text();
        for words in ["What they can do", "role user", "See what would change", "Assigned resources"] {
            assert!(page.contains(words), "{words} in {page}");
        }
        let preview = format!("/admin/users/{}/roles/preview?role=viewer&g=1&p=workflow.%2A", ada.id);
        let page = root.open(&preview).await.text();
        assert!(page.contains("automation:create") && page.contains("1 session has other rights"), "{page}");
        let version = root.get(&format!("/api/admin/users/{}/grants", ada.id)).await.member_of("grants", "version");
        let fields = [("user", ada.id.as_str()), ("role", "viewer"), ("grants", "1"), ("patterns", "workflow:*"), ("version", &version)];
        let sent = root.submit("set_user_rights", &fields).await;
        let page = landed(&mut root, &sent).await;
        assert!(page.contains("Saved.") && page.contains("given directly by workflow:*"), "{page}");

        let fields = [("user", ada.id.as_str()), ("resource_type", "patient"), ("resource_id", "42")];
        let sent = root.submit("assign_resource", &fields).await;
        assert!(landed(&mut root, &sent).await.contains("It is entrusted to them"));
        let sent = root.submit("assign_resource", &[("user", ada.id.as_str()), ("resource_type", "Patient"), ("resource_id", "")]).await;
        assert!(landed(&mut root, &sent).await.contains("This is not in the right form"));

        let mine = root.get("/api/auth/me").await.json()["user"]["id"].as_str().expect("an id").to_owned();
        let own = root.open(&format!("/admin/users/{mine}?tab=roles")).await.text();
        assert!(own.contains("only another admin can change what it is given") && !own.contains("See what would change"), "{own}");
    }
}

trait MemberOf {
    /// A text within an object of the body.
    fn member_of(&self, object: &str, name: &str) -> String;
}

impl MemberOf for Answer {
    fn member_of(&self, object: &str, name: &str) -> String {
        self.json()[object][name]
            .as_str()
            .expect("a text")
            .to_owned()
    }
}
