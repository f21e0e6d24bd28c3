//! Consents, everything to take along, leaving and coming back, over HTTP.

use auth::ConsentDocument;
use http::Method;
use serde_json::{Value, json};
use wire::ConsentPurpose;

use crate::support::{ADA, Actor, Answer, House, Letter, PASSWORD, Setup, Site, both};

const CONSENTS: &str = "/api/account/consents";
const DAY: u64 = 24 * 3600;
const NOBODY: &str = "0199c0de-0000-7000-8000-000000000000";

/// Terms are required, talking to machines is not.
fn asking(version: &str) -> Setup {
    let document = |purpose: ConsentPurpose, required| {
        let document = ConsentDocument {
            version: version.to_owned(),
            url: format!("https://example.com/{}", purpose.as_str()),
            required,
        };
        (purpose, document)
    };
    Setup {
        consents: [
            document(ConsentPurpose::Terms, true),
            document(ConsentPurpose::AiInteraction, false),
        ]
        .into(),
        ..Setup::default()
    }
}

/// `terms given, data_processing never …`
fn told(consents: &Value) -> Vec<String> {
    let all = consents["consents"].as_array().expect("a list");
    let one = |consent: &Value| {
        let text = |member: &str| consent[member].as_str().expect("a text").to_owned();
        format!("{} {}", text("purpose"), text("status"))
    };
    all.iter().map(one).collect()
}

async fn agree(program: &mut Actor<'_>, purpose: &str, version: &str) -> String {
    let path = format!("{CONSENTS}/{purpose}");
    put(program, &path, &json!({ "version": version }))
        .await
        .told()
}

async fn put(who: &mut Actor<'_>, path: &str, body: &Value) -> Answer {
    let asking = who.request(Method::PUT, path).json(body);
    who.send(asking).await
}

async fn delete(who: &mut Actor<'_>, path: &str, body: Option<&Value>) -> Answer {
    let asking = who.request(Method::DELETE, path);
    let asking = match body {
        Some(body) => asking.json(body),
        None => asking,
    };
    who.send(asking).await
}

/// `303 /login`.
fn to(answer: &Answer) -> String {
    format!("{} {}", answer.status.as_u16(), answer.header("location"))
}

/// Opens the page a form led to.
async fn follow(browser: &mut Actor<'_>, answer: &Answer) -> Answer {
    assert_eq!(answer.told(), "303", "{answer:?}");
    browser.open(answer.header("location")).await
}

/// The token of a letter that offers to keep the account.
fn undo_token(letter: &Letter) -> String {
    let after = letter
        .0
        .text
        .split_once("/undo-deletion?token=")
        .expect("a link")
        .1;
    after.split_whitespace().next().expect("a token").to_owned()
}

/// A browser that is signed in.
async fn signed_in<'a>(house: &'a House, email: &str) -> Actor<'a> {
    let mut browser = house.browser();
    browser.log_in_with_cookie(email).await;
    browser
}

both! {
    async fn a_program_reads_gives_and_takes_back(site: &Site) {
        let house = site.house_with(asking("1")).await;
        let ada = house.account(ADA).await;
        let mut program = house.program().with_bearer(&ada.access);

        let before = program.get(CONSENTS).await;
        assert_eq!(before.header("cache-control"), "no-store");
        assert_eq!(told(&before.json()), ["terms outstanding", "data_processing never", "ai_interaction never", "data_retention never"]);
        assert_eq!(
            before.json()["consents"][0],
            json!({
                "purpose": "terms", "version": null, "currentVersion": "1", "url": "https://example.com/terms",
                "required": true, "status": "outstanding", "givenAt": null, "withdrawnAt": null,
            })
        );
        for (purpose, body, said) in [
            ("terms", json!({}), "400 invalid_request version:required"),
            ("terms", json!({ "version": 1 }), "400 invalid_request version:invalid"),
            ("terms", json!({ "version": "1", "userId": NOBODY }), "400 invalid_request userId:unknown_field"),
            ("terms", json!({ "version": "0" }), "409 conflict version:taken"),
            ("terms", json!({ "version": "1'--" }), "409 conflict version:taken"),
            ("data_retention", json!({ "version": "1" }), "404 not_found"),
            ("marketing", json!({ "version": "1" }), "404 not_found"),
            ("%00", json!({ "version": "1" }), "404 not_found"),
            ("%ff", json!({ "version": "1" }), "404 not_found"),
        ] {
            let answer = put(&mut program, &format!("{CONSENTS}/{purpose}"), &body).await;
            assert_eq!(answer.told(), said, "{purpose} {body}");
        }

        assert_eq!(agree(&mut program, "terms", "1").await, "200");
        assert_eq!(agree(&mut program, "ai_interaction", "1").await, "200");
        assert_eq!(delete(&mut program, &format!("{CONSENTS}/terms"), None).await.told(), "409 conflict purpose:taken");
        for _ in 0..2 {
            assert_eq!(delete(&mut program, &format!("{CONSENTS}/ai_interaction"), None).await.told(), "204");
        }
        let after = program.get(CONSENTS).await.json();
        assert_eq!(told(&after), ["terms given", "data_processing never", "ai_interaction withdrawn", "data_retention never"]);
        assert_eq!(after["consents"][0]["givenAt"], auth::rfc3339(house.now()));
    }

    async fn an_admin_reads_anybodys_and_nobody_else_does(site: &Site) {
        let house = site.house_with(asking("1")).await;
        let ada = house.account(ADA).await;
        let bob = house.account("bob@example.com").await;
        let mut program = house.program().with_bearer(&ada.access);
        assert_eq!(agree(&mut program, "terms", "1").await, "200");
        let of = |id: &str| format!("/api/admin/users/{id}/consents");

        assert_eq!(program.get(&of(&bob.id)).await.told(), "403 insufficient_permissions");
        assert_eq!(program.get(&of(&ada.id)).await.told(), "403 insufficient_permissions");
        assert_eq!(house.program().get(&of(&ada.id)).await.told(), "401 authentication_required");
        site.operate("update users set role = 'admin' where email = 'bob@example.com'").await;
        let admin = house.sign_in("bob@example.com").await;
        let mut admin = house.program().with_bearer(&admin.access);
        assert_eq!(told(&admin.get(&of(&ada.id)).await.json())[0], "terms given");
        assert_eq!(told(&admin.get(&of(&bob.id)).await.json())[0], "terms outstanding");
        let missing = admin.get(&of(NOBODY)).await;
        assert_eq!(missing.told(), "404 not_found");
        for id in ["none", "%00", "%ff", "..%2f..", &ada.id.to_uppercase()] {
            let malformed = admin.get(&of(id)).await;
            assert_eq!(malformed.told(), "404 not_found", "{id}");
            assert_eq!(malformed.json()["title"], missing.json()["title"], "{id}");
        }
    }

    async fn a_page_asks_first_and_asks_again_when_the_version_changes(site: &Site) {
        let house = site.house_with(asking("1")).await;
        house.account(ADA).await;
        let mut browser = signed_in(&house, ADA).await;

        assert_eq!(to(&browser.open("/account?x=1").await), "303 /consent?next=/account%3Fx%3D1");
        for open in ["/account/privacy", "/account/delete", "/logout"] {
            assert_eq!(browser.open(open).await.told(), "200", "{open}");
        }
        assert_eq!(browser.get("/api/auth/me").await.told(), "200", "programs go on");
        let page = browser.open("/consent?next=/account%3Fx%3D1").await;
        assert!(page.text().contains("https://example.com/terms") && !page.text().contains("https://example.com/ai"));
        let untouched = browser.submit("agree", &[("next", "/account?x=1")]).await;
        let page = follow(&mut browser, &untouched).await;
        assert!(page.text().contains("This is needed."), "{page:?}");
        let old = browser.submit("agree", &[("terms", "0"), ("next", "/account?x=1")]).await;
        assert!(follow(&mut browser, &old).await.text().contains("newer version"));
        let agreed = browser.submit("agree", &[("terms", "1"), ("next", "/account?x=1")]).await;
        assert_eq!(to(&agreed), "303 /account?x=1");
        assert_eq!(browser.open("/account").await.told(), "200");
        assert_eq!(to(&browser.open("/consent").await), "303 /account");
        let away = browser.submit("agree", &[("terms", "1"), ("next", "https://evil.example/")]).await;
        assert_eq!(to(&away), "303 /account");

        let later = site.house_with(asking("2")).await;
        let mut browser = signed_in(&later, ADA).await;
        assert_eq!(to(&browser.open("/account").await), "303 /consent?next=/account");
        assert!(browser.open("/consent").await.text().contains("Something changed"));
    }

    async fn the_privacy_page_gives_and_takes_back(site: &Site) {
        let house = site.house_with(asking("1")).await;
        house.account(ADA).await;
        let mut browser = signed_in(&house, ADA).await;

        let here = ("next", "/account/privacy");
        let agreed = browser.submit("agree", &[("ai_interaction", "1"), here]).await;
        let page = follow(&mut browser, &agreed).await;
        assert!(page.text().contains("Saved.") && page.text().contains("Take back: Artificial intelligence"));
        let back = browser.submit("withdraw_consent", &[("purpose", "ai_interaction")]).await;
        let page = follow(&mut browser, &back).await;
        assert!(page.text().contains("Taken back") && page.text().contains("Agree: Artificial intelligence"));
        for hostile in ["terms", "marketing", "", "ai_interaction\0"] {
            let refused = browser.submit("withdraw_consent", &[("purpose", hostile)]).await;
            assert!(to(&refused).starts_with("303 /account/privacy"), "{hostile:?} {refused:?}");
        }
        let silent = site.house().await;
        let page = signed_in(&silent, ADA).await.open("/account/privacy").await;
        assert!(page.text().contains("Artificial intelligence"), "what was given is shown");
    }

    async fn everything_about_oneself_is_a_file(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        house.account("bob@example.com").await;
        let mut browser = signed_in(&house, ADA).await;
        let mut program = house.program().with_bearer(&ada.access);

        let by_api = program.get("/api/account/export").await;
        let by_page = browser.open("/account/export").await;
        for file in [&by_api, &by_page] {
            assert_eq!(file.told(), "200");
            assert_eq!(file.header("content-type"), "application/json");
            assert_eq!(file.header("content-disposition"), "attachment; filename=\"my-account.json\"");
            assert_eq!(file.header("cache-control"), "no-store");
            house.assert_protected(file);
            let json = file.json();
            assert_eq!(json["account"]["email"], ADA);
            assert!(json["sessions"].as_array().is_some_and(|all| all.len() >= 2));
            let text = json.to_string();
            for secret in ["argon2", "bob@example.com", ada.refresh.as_str(), ada.access.as_str()] {
                assert!(!text.contains(secret), "{secret}");
            }
        }
        house.wait(601);
        assert_eq!(program.get("/api/account/export").await.told(), "401 step_up_required");
    }

    async fn leaving_is_confirmed_announced_undone_and_final(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut program = house.program().with_bearer(&ada.access);
        for (body, said) in [
            (json!({}), "400 invalid_request confirmation:required"),
            (json!({ "confirmation": true }), "400 invalid_request confirmation:invalid"),
            (json!({ "confirmation": "bob@example.com" }), "400 invalid_request confirmation:mismatch"),
            (json!({ "confirmation": ADA, "id": NOBODY }), "400 invalid_request id:unknown_field"),
            (json!({ "confirmation": "x".repeat(60_000) }), "400 invalid_request confirmation:mismatch"),
        ] {
            assert_eq!(delete(&mut program, "/api/account", Some(&body)).await.told(), said);
        }

        let confirmed = json!({ "confirmation": " Ada@Example.com" });
        assert_eq!(delete(&mut program, "/api/account", Some(&confirmed)).await.told(), "204");
        assert_eq!(program.me().await, "401 token_revoked");
        assert_eq!(house.program().refresh(&ada.refresh).await.told(), "401 token_revoked");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "401 invalid_credentials");
        let post = house.deliver().await;
        assert_eq!(post.0.len(), 2, "one for leaving, one for knowing the password");
        let token = undo_token(&post.0[0]);
        let undo = |token: &str| json!({ "token": token });
        for hostile in ["", "x", &token[1..], &"a".repeat(5000)] {
            let refused = house.program().post("/api/auth/undo-deletion", &undo(hostile)).await;
            assert_eq!(refused.told(), "400 invalid_or_expired_link", "{hostile:?}");
        }
        assert_eq!(house.program().post("/auth/undo-deletion", &undo(&token)).await.told(), "200");
        assert_eq!(house.program().post("/api/auth/undo-deletion", &undo(&token)).await.told(), "400 invalid_or_expired_link");

        let again = house.sign_in(ADA).await;
        let mut program = house.program().with_bearer(&again.access);
        assert_eq!(delete(&mut program, "/api/account", Some(&confirmed)).await.told(), "204");
        house.wait(14 * DAY);
        house.auth.tend().await.expect("tends");
        let newcomer = house.account(ADA).await;
        assert_ne!(newcomer.id, ada.id);
    }

    async fn a_browser_leaves_and_comes_back_without_a_script(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = signed_in(&house, ADA).await;
        assert!(browser.open("/account/delete").await.text().contains("What is kept"));
        let wrong = browser.submit("delete_account", &[("confirmation", "yes")]).await;
        assert!(follow(&mut browser, &wrong).await.text().contains("not the address of this account"));

        let closed = browser.submit("delete_account", &[("confirmation", ADA)]).await;
        assert!(to(&closed).starts_with("303 /login"), "{closed:?}");
        assert!(closed.header("clear-site-data").contains("storage"));
        assert!(follow(&mut browser, &closed).await.text().contains("will be deleted in 14 days"));
        assert_eq!(to(&browser.open("/account").await), "303 /login");
        let token = undo_token(house.deliver().await.to(ADA));

        let mut elsewhere = house.browser();
        let moved = elsewhere.open(&format!("/undo-deletion?token={token}")).await;
        assert_eq!(to(&moved), "303 /undo-deletion", "the token leaves the address bar");
        for _ in 0..2 {
            let page = elsewhere.open("/undo-deletion").await;
            assert!(page.text().contains("Keep my account") && page.text().contains(ADA), "opening uses nothing up");
            assert!(!page.text().contains(&token));
        }
        let kept = elsewhere.submit("undo_deletion", &[]).await;
        assert!(follow(&mut elsewhere, &kept).await.text().contains("Your account stays."));
        assert!(elsewhere.open("/undo-deletion").await.text().contains("This link does not work"));
        assert_eq!(to(&elsewhere.open("/account").await), "303 /login", "nobody is signed in by it");
        signed_in(&house, ADA).await;
    }

    async fn the_last_admin_is_told_why_not(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        site.operate("update users set role = 'admin' where email = 'ada@example.com'").await;
        let mut browser = signed_in(&house, ADA).await;

        assert!(browser.open("/account/delete").await.text().contains("You are the last admin"));
        let forced = browser.submit("delete_account", &[("confirmation", ADA)]).await;
        assert!(follow(&mut browser, &forced).await.text().contains("You are the last admin"));
        let access = house.sign_in(ADA).await.access;
        let mut program = house.program().with_bearer(&access);
        let refused = delete(&mut program, "/api/account", Some(&json!({ "confirmation": ADA }))).await;
        assert_eq!(refused.told(), "409 conflict role:taken");
        assert_eq!(browser.open("/account").await.told(), "200");
    }
}
