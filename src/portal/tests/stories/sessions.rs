//! Devices over HTTP: the list, ending one and the others, cookies that stay or go with the browser, and
//! what somebody sees whose session was ended elsewhere (rows 46 to 57).

use futures::future::join_all;
use http::Method;
use serde_json::{Value, json};

use crate::support::{ADA, Actor, Answer, House, PASSWORD, Setup, Site, both, same_but_for};

const SESSIONS: &str = "/api/account/sessions";
const DAY: u64 = 24 * 3600;

async fn listed(actor: &mut Actor<'_>) -> Vec<Value> {
    let answer = actor.get(SESSIONS).await;
    assert_eq!(answer.told(), "200");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()["sessions"]
        .as_array()
        .expect("a list")
        .clone()
}

async fn delete(actor: &mut Actor<'_>, path: &str) -> Answer {
    actor.send(actor.request(Method::DELETE, path)).await
}

async fn browser_of(house: &House) -> Actor<'_> {
    let mut browser = house.browser();
    browser.log_in_with_cookie(ADA).await;
    browser
}

fn id(session: &Value) -> &str {
    session["id"].as_str().expect("an id")
}

/// The line that sets the session cookie.
fn set(answer: &Answer) -> String {
    let lines = answer.cookies();
    let mut ours = lines.iter().filter(|line| line.starts_with("gatehouse="));
    let line = ours
        .next()
        .unwrap_or_else(|| panic!("no cookie in {answer:?}"));
    assert!(ours.next().is_none(), "two: {lines:?}");
    (*line).to_owned()
}

both! {
    async fn the_list_has_what_the_contract_says_and_nothing_more(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut browser = browser_of(&house).await;

        let sessions = listed(&mut browser).await;
        let by_bearer = listed(&mut house.program().with_bearer(&ada.access)).await;

        assert_eq!(sessions.len(), 2);
        let mut names: Vec<_> = sessions[0].as_object().expect("an object").keys().collect();
        names.sort();
        assert_eq!(names, ["createdAt", "current", "device", "expiresAt", "id", "idleExpiresAt", "ip", "lastSeenAt", "methods", "remembered"]);
        assert_eq!(sessions[0]["device"], json!({ "browser": "Firefox", "os": "Linux", "kind": "desktop" }));
        assert_eq!((&sessions[0]["current"], &sessions[1]["current"]), (&json!(true), &json!(false)));
        assert_eq!(sessions[0]["methods"], json!(["pwd"]));
        assert_eq!(id(&by_bearer[0]), id(&sessions[1]), "the one it is asked with comes first");
    }

    async fn one_is_ended_and_then_the_others_without_any_proof(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let (mut here, mut phone, mut tablet) = (browser_of(&house).await, browser_of(&house).await, browser_of(&house).await);
        house.wait(700);
        let there = id(&listed(&mut phone).await[0]).to_owned();

        let ended = delete(&mut here, &format!("{SESSIONS}/{there}")).await;
        assert_eq!((ended.told().as_str(), ended.body.len()), ("204", 0));
        assert_eq!(phone.me().await, "401 authentication_required");
        assert_eq!(tablet.me().await, ADA);

        assert_eq!(delete(&mut here, SESSIONS).await.told(), "204");
        assert_eq!(tablet.me().await, "401 authentication_required");
        assert_eq!(house.program().with_bearer(&ada.access).me().await, "401 token_revoked");
        assert_eq!(house.program().refresh(&ada.refresh).await.told(), "401 token_revoked");
        assert_eq!(here.me().await, ADA);
        assert_eq!(listed(&mut here).await.len(), 1);
    }

    async fn a_foreign_id_is_no_id(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let bob = house.account("bob@example.com").await;
        let mut bobs = house.program().with_bearer(&bob.access);
        let foreign = id(&listed(&mut bobs).await[0]).to_owned();
        let mut here = browser_of(&house).await;

        let theirs = delete(&mut here, &format!("{SESSIONS}/{foreign}")).await;
        let nobodys = delete(&mut here, &format!("{SESSIONS}/{}", house.auth.draw_id())).await;
        let nonsense = delete(&mut here, &format!("{SESSIONS}/%ff%00")).await;

        assert_eq!(theirs.told(), "404 not_found");
        same_but_for(&[], &theirs, &nobodys);
        same_but_for(&[], &theirs, &nonsense);
        assert_eq!(bobs.me().await, "bob@example.com");
    }

    async fn ending_ones_own_session_takes_the_cookie_back(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut here = browser_of(&house).await;
        let mine = id(&listed(&mut here).await[0]).to_owned();

        let ended = delete(&mut here, &format!("{SESSIONS}/{mine}")).await;

        assert_eq!(ended.told(), "204");
        assert_eq!(ended.header("clear-site-data"), "\"cache\", \"storage\"");
        assert!(here.cookie("gatehouse").is_none());
    }

    async fn the_cookie_goes_with_the_browser_unless_somebody_asked_to_stay(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let login = json!({ "email": ADA, "password": PASSWORD, "useCookie": true });
        let mut staying = login.clone();
        staying["rememberMe"] = json!(true);

        let (mut visitor, mut stayer) = (house.browser(), house.browser());
        let visiting = set(&visitor.post("/api/auth/login", &login).await);
        let stays = set(&stayer.post("/api/auth/login", &staying).await);

        for line in [&visiting, &stays] {
            assert!(line.contains("HttpOnly") && line.contains("SameSite=Lax") && line.contains("Path=/"), "{line}");
        }
        assert!(!visiting.contains("Max-Age") && !visiting.contains("Expires"), "{visiting}");
        assert!(stays.contains(&format!("Max-Age={}", 30 * DAY)), "{stays}");

        // A new cookie lasts as the old one did: no longer, and no less.
        house.wait(DAY - 10);
        for (browser, age) in [(&mut visitor, None), (&mut stayer, Some(29 * DAY + 10))] {
            let confirmed = set(&browser.post("/api/auth/step-up", &json!({ "password": PASSWORD })).await);
            match age {
                Some(age) => assert!(confirmed.contains(&format!("Max-Age={age}")), "{confirmed}"),
                None => assert!(!confirmed.contains("Max-Age"), "{confirmed}"),
            }
        }
        house.wait(DAY);
        assert_eq!(visitor.me().await, "401 authentication_required");
        assert_eq!(stayer.me().await, ADA);
    }

    async fn a_box_on_the_pages_does_the_same(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let password = [("email", ADA), ("password", PASSWORD)];
        let ticked = [("email", ADA), ("password", PASSWORD), ("remember", "yes")];
        assert!(house.browser().open("/login").await.text().contains("name=\"remember\""));
        assert!(!set(&house.browser().submit("log_in", &password).await).contains("Max-Age"));
        let mut browser = house.browser();
        assert!(set(&browser.submit("log_in", &ticked).await).contains(&format!("Max-Age={}", 30 * DAY)));

        // What a page shows once is kept in the session: that sets the cookie anew.
        let saved = browser.submit("update_profile", &[("first_name", "x".repeat(200).as_str())]).await;
        assert!(set(&saved).contains("Max-Age=2592000"), "{saved:?}");
        let shown = browser.open(saved.header("location")).await;
        assert!(set(&shown).contains("Max-Age=2592000"), "{shown:?}");

        // By mailed code: ticked where the code is asked for, and still where it is entered.
        let mut browser = house.browser();
        browser.submit("request_sign_in_code", &[("email", ADA), ("remember", "yes")]).await;
        let page = browser.open("/login/code").await.text();
        let (_, box_) = page.split_once("name=\"remember\"").expect("a box");
        assert!(box_.split_once('>').expect("it ends").0.contains("checked"), "{page}");
        let code = house.deliver().await.to(ADA).code();
        let signed_in = browser.submit("log_in_by_code", &[("code", &code), ("remember", "yes")]).await;
        assert!(set(&signed_in).contains("Max-Age=2592000"), "{signed_in:?}");

        // What was wrong keeps the tick.
        let mut browser = house.browser();
        let wrong = browser.submit("log_in", &[("email", ADA), ("password", "no"), ("remember", "yes")]).await;
        let again = browser.open(wrong.header("location")).await.text();
        let (_, box_) = again.split_once("name=\"remember\"").expect("a box");
        assert!(box_.split_once('>').expect("it ends").0.contains("checked"));
    }

    async fn who_signs_in_over_a_cookie_gets_another_and_the_old_one_is_dead(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = browser_of(&house).await;
        let old = browser.clone();
        browser.log_in_with_cookie(ADA).await;
        assert_ne!(browser.cookie("gatehouse"), old.cookie("gatehouse"));
        assert_eq!(old.clone().me().await, "401 authentication_required");

        let old = browser.clone();
        browser.submit("log_in", &[("email", ADA), ("password", PASSWORD)]).await;
        assert_ne!(browser.cookie("gatehouse"), old.cookie("gatehouse"));
        assert_eq!(old.clone().me().await, "401 authentication_required");
        assert_eq!(listed(&mut browser).await.iter().filter(|one| one["device"]["kind"] == "desktop").count(), 1);

        // A cookie somebody else put there is not taken up (row 49).
        let fixed = "AAAAAAAAAAAAAAAAAAAAAA";
        let mut victim = house.browser().with_cookie("gatehouse", fixed);
        victim.submit("log_in", &[("email", ADA), ("password", PASSWORD)]).await;
        assert_ne!(victim.cookie("gatehouse"), Some(fixed));
        assert_eq!(victim.me().await, ADA);
    }

    async fn who_was_signed_out_elsewhere_is_told_once_and_kindly(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let (mut here, mut there) = (browser_of(&house).await, browser_of(&house).await);
        delete(&mut here, SESSIONS).await;

        let sent = there.open("/account/sessions").await;
        let location = sent.header("location").to_owned();
        assert!(location.starts_with("/login?next=/account/sessions&flash="), "{location}");
        let page = there.open(&location).await.text();
        assert!(page.contains("You are not signed in here any more."), "{page}");
        assert!(page.contains("value=\"/account/sessions\""));
        assert!(!there.open(&location).await.text().contains("any more"), "once");
        there.submit("log_in", &[("email", ADA), ("password", PASSWORD)]).await;
        assert_eq!(there.me().await, ADA, "the old cookie is in nobody's way");

        let (mut here, mut there) = (browser_of(&house).await, browser_of(&house).await);
        delete(&mut here, SESSIONS).await;
        let sent = there.submit("update_profile", &[("first_name", "Ada")]).await;
        let page = there.open(sent.header("location")).await.text();
        assert!(page.contains("what you just sent was not done"), "{page}");
    }

    async fn a_late_request_with_the_former_cookie_signs_nobody_out(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = browser_of(&house).await;
        // Two clicks: the second left before the answer to the first had brought the new cookie.
        let mut late = browser.clone();
        let confirmed = browser.submit("step_up", &[("password", PASSWORD)]).await;
        assert_ne!(browser.cookie("gatehouse"), late.cookie("gatehouse"), "{confirmed:?}");
        for answer in [
            late.clone().submit("step_up", &[("password", PASSWORD)]).await,
            late.clone().open("/account/security").await,
            late.submit("update_profile", &[("first_name", "Ada")]).await,
        ] {
            assert!(answer.header("location").starts_with("/login?"), "{answer:?}");
            let lines = answer.headers.get_all("set-cookie").iter();
            let lines: Vec<_> = lines.filter_map(|line| line.to_str().ok()).collect();
            assert!(lines.iter().all(|line| !line.starts_with("gatehouse=")), "{lines:?}");
        }
        assert_eq!(browser.me().await, ADA);
    }

    async fn the_page_lists_ends_and_says_what_happened(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut here = browser_of(&house).await;
        let mut other = house.browser().using("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1");
        other.log_in_with_cookie(ADA).await;
        let there = id(&listed(&mut other).await[0]).to_owned();

        let page = here.open("/account/sessions").await.text();
        for words in ["This device", "Firefox on Linux", "Safari on iPhone", "A program", "Sign out all other devices", "password and e-mail code"] {
            assert!(page.contains(words), "{words}");
        }
        for (notice, _) in [("That device is signed out.", 1), ("That device was signed out already.", 2)] {
            let sent = here.submit("end_session", &[("id", &there)]).await;
            let page = here.open(sent.header("location")).await.text();
            assert!(page.contains(notice), "{notice}: {page}");
        }
        let sent = here.submit("end_other_sessions", &[]).await;
        let page = here.open(sent.header("location")).await.text();
        assert!(page.contains("Every other device is signed out.") && page.contains("No other devices"), "{page}");
        let mine = id(&listed(&mut here).await[0]).to_owned();
        let sent = here.submit("end_session", &[("id", &mine)]).await;
        assert!(sent.header("location").starts_with("/login?flash="), "{sent:?}");
        assert!(here.open(sent.header("location")).await.text().contains("You are signed out."));
        assert!(here.cookie("gatehouse").is_none());
    }

    async fn a_session_ended_while_fifty_slow_requests_run_stays_ended(site: &Site) {
        let house = site.house_with(Setup { limits: 0.0, ..Setup::default() }).await;
        house.account(ADA).await;
        for _ in 0..3 {
            let (mut here, there) = (browser_of(&house).await, browser_of(&house).await);
            let theirs = id(&listed(&mut there.clone()).await[0]).to_owned();
            // Each of these writes into the session: a new cookie, or what the next page shows.
            let slow = join_all((0..50).map(|at| {
                let mut there = there.clone();
                async move {
                    match at % 2 {
                        0 => there.post("/api/auth/step-up", &json!({ "password": PASSWORD })).await,
                        _ => there.submit("update_profile", &[("first_name", "x".repeat(200).as_str())]).await,
                    };
                    there
                }
            }));
            let end = async {
                tokio::task::yield_now().await;
                delete(&mut here, &format!("{SESSIONS}/{theirs}")).await
            };
            let (after, ended) = tokio::join!(slow, end);
            assert_eq!(ended.told(), "204");
            for mut there in after {
                assert!(there.me().await.starts_with("401"), "it had ended");
                assert_eq!(there.open("/account").await.status, 303);
            }
            assert_eq!(there.clone().me().await, "401 authentication_required");
            delete(&mut here, SESSIONS).await;
        }
    }
}
