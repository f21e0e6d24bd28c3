//! The operator's desk: what became of letters, by API and by page.

use auth::Postman;
use mail::{Mailer, Security, Sender, SmtpSettings};
use serde_json::{Value, json};
use wire::{Register, Secret};

use crate::support::{ADA, Account, Actor, House, PASSWORD, Site, both, registration};

const ADMIN: &str = "admin@example.com";
const OUTBOX: &str = "/api/admin/outbox";

/// An admin who has just signed in.
async fn admin(house: &House) -> Account {
    let form = Register {
        email: ADMIN.to_owned(),
        password: Secret::new(PASSWORD),
        ..Register::default()
    };
    let account = form
        .check(house.auth.settings().password)
        .expect("a good form");
    house.auth.create_admin(account).await.expect("is made");
    house.sign_in(ADMIN).await
}

/// A postman nobody hears of: there is no server.
fn nobody() -> impl Postman {
    Mailer::smtp(SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port: 1,
        security: Security::Plain,
        login: None,
        from: Sender::parse("no-reply@example.com").expect("a sender"),
        timeout: std::time::Duration::from_secs(5),
    })
    .expect("settings hold")
}

/// Lets the letters that are due fail until they are given up.
async fn give_up(house: &House) {
    house.auth.deliver_letters(&nobody()).await.expect("runs");
    house.wait(2 * 86_400);
    house.auth.deliver_letters(&nobody()).await.expect("runs");
}

async fn letters(actor: &mut Actor<'_>, query: &str) -> Vec<Value> {
    let answer = actor.get(&format!("{OUTBOX}{query}")).await;
    assert_eq!(answer.told(), "200");
    assert_eq!(answer.members(), ["letters", "nextCursor"]);
    answer.json()["letters"].as_array().expect("a list").clone()
}

both! {
    async fn the_outbox_says_what_became_of_letters_and_never_what_they_say(site: &Site) {
        let house = site.house().await;
        let admin = house.program().with_bearer(&admin(&house).await.access);
        house.program().post("/api/auth/register", &registration(ADA)).await;

        let waiting = letters(&mut admin.clone(), "").await;
        assert_eq!(waiting.len(), 1);
        assert_eq!(waiting[0]["letter"], "registration");
        assert_eq!((&waiting[0]["status"], &waiting[0]["to"]), (&json!("due"), &Value::Null));
        let members: Vec<_> = waiting[0].as_object().expect("an object").keys().cloned().collect();
        assert_eq!(
            members,
            ["attempts", "createdAt", "deadAt", "id", "lastError", "letter", "nextAttemptAt", "sentAt", "status", "to"]
        );

        house.auth.deliver_letters(&nobody()).await.expect("runs");
        let delayed = letters(&mut admin.clone(), "?status=due").await.remove(0);
        assert_eq!((&delayed["to"], &delayed["attempts"]), (&json!(ADA), &json!(1)));
        assert!(delayed["lastError"].as_str().is_some_and(|why| !why.is_empty()));
        house.wait(30);
        let post = house.deliver().await;
        let answer = admin.clone().get(OUTBOX).await;
        let sent = &answer.json()["letters"][0];
        assert_eq!((&sent["status"], &sent["lastError"], &sent["nextAttemptAt"]), (&json!("sent"), &Value::Null, &Value::Null));
        let letter = post.to(ADA);
        assert!(!answer.text().contains(&letter.token()) && !answer.text().contains(&letter.code()));
    }

    async fn only_those_who_run_the_portal_see_the_outbox(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut ada = house.program().with_bearer(&ada.access);

        for path in [OUTBOX, "/api/admin/outbox?status=dead"] {
            assert_eq!(house.anonymous().get(path).await.told(), "401 authentication_required");
            assert_eq!(ada.get(path).await.told(), "403 insufficient_permissions");
        }
        for path in ["/api/admin/outbox/test", "/api/admin/outbox/0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000/retry"] {
            assert_eq!(house.anonymous().poke(path).await.told(), "401 authentication_required");
            assert_eq!(ada.poke(path).await.told(), "403 insufficient_permissions");
        }
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        assert_eq!(browser.open("/admin/outbox").await.status.as_u16(), 403);
        assert_eq!(browser.submit("send_test_letter", &[]).await.status.as_u16(), 403);
        assert!(house.deliver().await.0.is_empty());
    }

    async fn the_outbox_is_read_page_by_page(site: &Site) {
        let house = site.house().await;
        let mut admin = house.program().with_bearer(&admin(&house).await.access);
        for name in ["ada", "bob", "cyd"] {
            house.program().post("/api/auth/register", &registration(&format!("{name}@example.com"))).await;
            house.wait(1);
        }
        house.deliver().await;

        let (mut seen, mut query) = (Vec::new(), "?limit=2".to_owned());
        loop {
            let answer = admin.get(&format!("{OUTBOX}{query}")).await.json();
            let page = answer["letters"].as_array().expect("a list").clone();
            assert!((1..=2).contains(&page.len()));
            seen.extend(page.iter().map(|letter| letter["to"].as_str().expect("an address").to_owned()));
            match answer["nextCursor"].as_str() {
                Some(cursor) => query = format!("?limit=2&cursor={cursor}"),
                None => break,
            }
        }
        assert_eq!(seen, ["cyd@example.com", "bob@example.com", "ada@example.com"]);
        assert!(letters(&mut admin, "?status=dead").await.is_empty());
        assert_eq!(letters(&mut admin, "?limit=100000").await.len(), 3);
    }

    async fn what_is_no_query_is_refused_by_name(site: &Site) {
        let house = site.house().await;
        let mut admin = house.program().with_bearer(&admin(&house).await.access);
        for (query, told) in [
            ("?status=lost", "400 invalid_request status:invalid"),
            ("?limit=0&cursor=x", "400 invalid_request limit:invalid"),
            ("?limit=-1", "400 invalid_request limit:invalid"),
            ("?cursor=' or 1=1", "400 invalid_request cursor:invalid"),
            ("?status=due&status=dead", "400 invalid_request status:duplicate_field"),
            ("?sort=to", "400 invalid_request sort:unknown_field"),
            ("?status=%FF", "400 invalid_request status:invalid"),
        ] {
            assert_eq!(admin.get(&format!("{OUTBOX}{}", query.replace(' ', "%20"))).await.told(), told, "{query}");
        }
    }

    async fn a_letter_that_was_given_up_is_tried_again_when_an_admin_asks(site: &Site) {
        let house = site.house().await;
        let mut admin = house.program().with_bearer(&admin(&house).await.access);
        assert_eq!(admin.poke("/api/admin/outbox/test").await.told(), "202");
        give_up(&house).await;

        let mut admin = house.program().with_bearer(&house.sign_in(ADMIN).await.access);
        let dead = letters(&mut admin, "?status=dead").await;
        assert_eq!(dead.len(), 1);
        assert_eq!((&dead[0]["letter"], &dead[0]["to"]), (&json!("mail_test"), &json!(ADMIN)));
        let retry = format!("{OUTBOX}/{}/retry", dead[0]["id"].as_str().expect("an id"));
        assert_eq!(admin.poke(&retry).await.told(), "200");
        assert_eq!(admin.poke(&retry).await.told(), "409 conflict status:invalid");
        let post = house.deliver().await;
        assert_eq!(post.subjects(), [format!("{ADMIN}: Letters from your portal arrive")]);
        assert_eq!(admin.poke(&retry).await.told(), "409 conflict status:invalid", "it has left");
        for unknown in ["0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", "x", "..%2F..", "%00"] {
            let answer = admin.poke(&format!("{OUTBOX}/{unknown}/retry")).await;
            assert_eq!(answer.told(), "404 not_found", "{unknown}");
        }
    }

    async fn a_letter_to_oneself_shows_whether_letters_arrive(site: &Site) {
        let house = site.house().await;
        let mut admin = house.program().with_bearer(&admin(&house).await.access);

        let answer = admin.poke("/api/admin/outbox/test").await;

        assert_eq!((answer.told().as_str(), answer.json()), ("202", json!({ "success": true })));
        assert_eq!(house.deliver().await.subjects(), [format!("{ADMIN}: Letters from your portal arrive")]);
        house.wait(601);
        assert_eq!(admin.poke("/api/admin/outbox/test").await.told(), "401 step_up_required");
        assert_eq!(letters(&mut admin, "").await.len(), 1, "looking needs no new factor");
    }

    async fn the_desk_works_without_any_script(site: &Site) {
        let house = site.house().await;
        admin(&house).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADMIN).await;

        let empty = browser.open("/admin/outbox?status=dead").await;
        assert_eq!(empty.status.as_u16(), 200);
        assert!(empty.text().contains("No letter was given up"), "{}", empty.text());
        let sent = browser.submit("send_test_letter", &[]).await;
        assert_eq!(sent.status.as_u16(), 303);
        let told = browser.open(sent.header("location")).await;
        assert!(told.text().contains("A test letter to you is in the outbox."));
        assert!(told.text().contains("Test letter") && told.text().contains("Waiting"));

        give_up(&house).await;
        browser.log_in_with_cookie(ADMIN).await;
        let dead = browser.open("/admin/outbox?status=dead").await.text();
        assert!(dead.contains("Given up") && dead.contains("Try again") && dead.contains(ADMIN), "{dead}");
        let id = dead.split("name=\"id\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("an id").to_owned();
        let retried = browser.submit("retry_letter", &[("id", &id), ("status", "dead")]).await;
        assert!(retried.header("location").starts_with("/admin/outbox?status=dead&flash="), "{retried:?}");
        assert!(browser.open(retried.header("location")).await.text().contains("The letter is due again"));
        let again = browser.submit("retry_letter", &[("id", &id), ("status", "//evil.example")]).await;
        assert!(again.header("location").starts_with("/admin/outbox?flash="), "{again:?}");
        assert!(browser.open(again.header("location")).await.text().contains("was not given up"));
        assert_eq!(house.deliver_all().await.0.len(), 1);
        let unknown = browser.submit("retry_letter", &[("id", "x")]).await;
        assert_eq!(unknown.status.as_u16(), 303);
    }

    async fn what_is_no_filter_counts_as_none(site: &Site) {
        let house = site.house().await;
        admin(&house).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADMIN).await;
        for query in ["?status=lost&cursor=x", "?status=%3Cscript%3E", "?cursor=%FF", "?status", "?status=dead&status=due"] {
            let page = browser.open(&format!("/admin/outbox{query}")).await;
            assert_eq!(page.status.as_u16(), 200, "{query}");
            assert!(!page.text().contains("<script>alert") && !page.text().contains("lost"), "{query}");
        }
    }

    async fn what_admins_do_here_is_written_down(site: &Site) {
        let house = site.house().await;
        let mut admin = house.program().with_bearer(&admin(&house).await.access);
        admin.poke("/api/admin/outbox/test").await;
        house.auth.deliver_letters(&nobody()).await.expect("runs");
        assert_eq!(site.count("audit_log where action = 'letter.test_requested' and actor_id is not null").await, 1);
    }
}
