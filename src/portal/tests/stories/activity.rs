//! What happened, over HTTP, and "this wasn't me".

use serde_json::{Value, json};

use crate::support::{ADA, PASSWORD, Site, both};

const EVENTS: &str = "/api/account/events";

both! {
    async fn a_timeline_is_read_page_by_page(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        for _ in 0..4 {
            house.wait(60);
            house.sign_in(ADA).await;
        }
        let mut ada = house.program().with_bearer(&account.access);
        let all = ada.get(EVENTS).await;
        assert_eq!(all.told(), "200");
        assert_eq!(all.members(), ["events", "nextCursor"]);
        assert_eq!(all.json()["nextCursor"], Value::Null);
        let all = all.json()["events"].as_array().expect("a list").clone();
        assert_eq!(all.len(), 6);
        let newest = all[0].as_object().expect("an object");
        let mut members: Vec<_> = newest.keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["action", "at", "device", "disownable", "id", "ip", "outcome", "sentence"]);
        assert_eq!(newest["sentence"], "You signed in with your password.");
        assert_eq!(newest["at"], auth::rfc3339(house.now()));

        let (mut seen, mut path) = (Vec::new(), format!("{EVENTS}?limit=4"));
        loop {
            let page = ada.get(&path).await.json();
            seen.extend(page["events"].as_array().expect("a list").clone());
            let Some(next) = page["nextCursor"].as_str() else { break };
            path = format!("{EVENTS}?limit=4&cursor={next}");
        }
        assert_eq!(seen, all);
        for query in ["limit=0", "limit=x", "cursor=x", "limit=1&limit=2", "cursor=1.' or 1=1"] {
            let query = query.replace(' ', "%20");
            let told = ada.get(&format!("{EVENTS}?{query}")).await.told();
            assert!(told.starts_with("400 invalid_request"), "{query}: {told}");
        }
    }

    async fn nobody_reads_or_disowns_anothers_events(site: &Site) {
        let house = site.house().await;
        let bob = house.account("bob@example.com").await;
        let ada = house.account(ADA).await;
        let mut bob = house.program().with_bearer(&bob.access);
        let mut ada = house.program().with_bearer(&ada.access);
        let bobs = bob.get(EVENTS).await.json()["events"][0]["id"].as_str().expect("an id").to_owned();
        let adas = ada.get(EVENTS).await.text();
        assert!(!adas.contains(&bobs) && !adas.contains("bob@"));

        for id in [bobs.as_str(), "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000", "x", "%00", "%ff", "a'b"] {
            let answer = ada.poke(&format!("{EVENTS}/{id}/disown")).await;
            assert_eq!(answer.told(), "404 not_found", "{id}");
        }
        assert_eq!(bob.me().await, "bob@example.com");
    }

    async fn this_was_not_me_ends_everything_and_leads_to_a_new_password(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let thief = house.sign_in(ADA).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        let events = browser.get(EVENTS).await.json();
        let events = events["events"].as_array().expect("a list");
        let sign_in = events.iter().find(|event| event["action"] == "session.started");
        let id = sign_in.expect("is there")["id"].as_str().expect("an id");

        let list = browser.open("/account/activity").await.text();
        assert!(list.contains("You signed in with your password.") && list.contains("Today"), "{list}");
        assert!(list.contains(&format!("/account/activity/{id}")));
        let page = browser.open(&format!("/account/activity/{id}")).await.text();
        assert!(page.contains("Every session ends") && page.contains(ADA), "{page}");
        assert_eq!(house.program().with_bearer(&thief.access).me().await, ADA, "opening it did nothing");

        let done = browser.submit("disown", &[("event", id)]).await;

        assert!(browser.cookie("gatehouse").is_none());
        let page = browser.open(done.header("location")).await.text();
        assert!(page.contains("Choose a new password with the letter"), "{page}");
        for access in [&account.access, &thief.access] {
            assert_eq!(house.program().with_bearer(access).me().await, "401 token_revoked");
        }
        assert_eq!(house.program().refresh(&thief.refresh).await.told(), "401 token_revoked");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "401 invalid_credentials");
        let token = house.deliver().await.to(ADA).token();
        let reset = json!({ "token": token, "password": "another twelve violins" });
        assert_eq!(house.program().post("/api/auth/reset-password", &reset).await.told(), "200");
        assert_eq!(house.program().log_in(ADA, "another twelve violins").await.told(), "200");
    }

    async fn a_link_in_a_letter_leads_to_the_timeline_through_the_sign_in(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        let sent = browser.open("/account/activity").await;
        assert_eq!(sent.header("location"), "/login?next=/account/activity");
        let fields = [("email", ADA), ("password", PASSWORD), ("next", "/account/activity")];
        assert_eq!(browser.submit("log_in", &fields).await.header("location"), "/account/activity");
        for broken in ["x", "1.x", "%00", "9999999999999999999999.0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000"] {
            let page = browser.open(&format!("/account/activity?cursor={broken}")).await;
            assert_eq!(page.status, 200, "{broken}");
        }
        let before = "/account/activity?cursor=0.0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";
        assert!(browser.open(before).await.text().contains("Nothing more"));
        assert_eq!(browser.open("/account/activity/none").await.status, 404);
    }

    async fn a_refused_sign_in_is_told_kindly(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        house.wait(60);
        let mut stranger = house.program().at("198.51.100.9").using("<b>bold</b>");
        assert_eq!(stranger.log_in(ADA, "not the right herons").await.told(), "401 invalid_credentials");
        let mut ada = house.program().with_bearer(&account.access);

        let newest = ada.get(EVENTS).await.json()["events"][0].clone();

        assert_eq!(newest["sentence"], "Somebody tried to sign in with a wrong password.");
        assert_eq!((newest["ip"].as_str(), newest["outcome"].as_str()), (Some("198.51.100.9"), Some("refused")));
        assert_eq!(newest["device"]["kind"], "unknown");
    }
}
