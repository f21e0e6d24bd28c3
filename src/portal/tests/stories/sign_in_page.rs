//! Signing in by a mailed code or link, as pages and forms, without any script.

use http::Method;

use crate::support::{ADA, Answer, PASSWORD, Site, both};

const MINUTE: u64 = 60;

/// That a form was answered by sending the browser on; where to.
fn sent_to(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.header("location")
}

/// A page without what differs between any two of them.
fn plain(page: &Answer, email: &str) -> String {
    let text = page.text();
    let nonce = text
        .split_once("nonce=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map_or("", |(nonce, _)| nonce);
    let text = text.replace(email, "<address>");
    if nonce.is_empty() {
        text
    } else {
        text.replace(nonce, "<nonce>")
    }
}

both! {
    async fn a_code_is_asked_for_and_entered_and_leads_where_they_were_going(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        let login = browser.open("/login?next=/account%3Ftab%3Dprofile").await;
        assert!(login.text().contains("formaction=\"/_sf/request_sign_in_code\""));

        let fields = [("email", ADA), ("password", "half a passw"), ("next", "/account?tab=profile")];
        let asked = browser.submit("request_sign_in_code", &fields).await;
        let there = sent_to(&asked).to_owned();
        let page = browser.open(&there).await;
        let code = house.deliver().await.to(ADA).code();
        let wrong = browser.submit("log_in_by_code", &[("code", "000 000"), ("next", "/account?tab=profile")]).await;
        let told = browser.open(sent_to(&wrong)).await;
        let signed_in = browser.submit("log_in_by_code", &[("code", &code), ("next", "/account?tab=profile")]).await;

        assert_eq!(there, "/login/code?next=/account%3Ftab%3Dprofile");
        assert!(page.text().contains(ADA) && page.text().contains("name=\"code\""));
        assert!(page.text().contains("value=\"/account?tab=profile\""));
        assert!(told.text().contains("That code is wrong or has expired."));
        assert_eq!(sent_to(&signed_in), "/account?tab=profile");
        assert_eq!(browser.me().await, ADA);
        assert!(browser.cookie("gatehouse-sign-in").is_none());
        assert!(browser.cookie("gatehouse-sign-in-next").is_none());
    }

    async fn the_page_is_the_same_for_an_unknown_address(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let (mut of_known, mut of_unknown) = (house.browser(), house.browser());
        let other = "bob@example.com";

        let known = of_known.submit("request_sign_in_code", &[("email", ADA)]).await;
        let unknown = of_unknown.submit("request_sign_in_code", &[("email", other)]).await;
        crate::support::same_but_for(&[], &known, &unknown);
        house.deliver().await;
        for wait in [0, MINUTE, 10 * MINUTE, 5 * MINUTE] {
            house.wait(wait);
            let (known, unknown) = (of_known.open("/login/code").await, of_unknown.open("/login/code").await);
            assert_eq!(known.status, unknown.status);
            assert_eq!(plain(&known, ADA), plain(&unknown, other), "{wait}");
        }
    }

    async fn a_link_in_the_browser_that_asked_takes_one_press(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.submit("request_sign_in_code", &[("email", ADA), ("next", "/account?tab=1")]).await;
        let token = house.deliver().await.to(ADA).token();

        let opened = browser.open(&format!("/login/code?token={token}")).await;
        let page = browser.open(sent_to(&opened)).await;
        let still_out = browser.me().await;
        let signed_in = browser.submit("log_in_by_code", &[("next", "/account?tab=1")]).await;

        assert_eq!(sent_to(&opened), "/login/code");
        assert!(page.text().contains(&format!("Sign in as {ADA}")) && !page.text().contains(&token));
        assert!(page.text().contains("value=\"/account?tab=1\""), "the browser knows where it was going");
        assert!(!page.text().contains("name=\"code\""));
        assert_eq!(still_out, "401 authentication_required");
        assert_eq!(sent_to(&signed_in), "/account?tab=1");
        assert_eq!(browser.me().await, ADA);
    }

    async fn scanners_that_open_and_press_sign_nobody_in_and_use_nothing_up(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.submit("request_sign_in_code", &[("email", ADA)]).await;
        let post = house.deliver().await;
        let (token, code) = (post.to(ADA).token(), post.to(ADA).code());
        let link = format!("/login/code?token={token}");
        let sessions = site.count("sessions").await;

        for method in [Method::GET, Method::HEAD, Method::GET] {
            let mut scanner = house.browser();
            let opened = scanner.send(scanner.request(method, &link)).await;
            assert!(!opened.text().contains(&token) && !opened.header("location").contains(&token), "{opened:?}");
            let pressed = scanner.submit("log_in_by_code", &[]).await;
            assert!(sent_to(&pressed).starts_with("/login"));
            let pressed = scanner.submit("log_in_by_code", &[("code", "")]).await;
            assert!(sent_to(&pressed).starts_with("/login"));
            assert_eq!(scanner.me().await, "401 authentication_required");
        }
        assert_eq!(site.count("sessions").await, sessions);

        let mut elsewhere = house.browser();
        elsewhere.open(&link).await;
        let page = elsewhere.open("/login/code").await;
        assert!(page.text().contains("asked for in another browser") && page.text().contains("Firefox on Linux"));
        assert!(page.text().contains("name=\"code\""));
        let signed_in = elsewhere.submit("log_in_by_code", &[("code", &code)]).await;
        assert_eq!(sent_to(&signed_in), "/account");
        assert_eq!(elsewhere.me().await, ADA);
        let late = browser.submit("log_in_by_code", &[("code", &code)]).await;
        assert!(sent_to(&late).starts_with("/login?flash="), "used elsewhere");
    }

    async fn a_dead_link_does_not_stand_in_the_way_of_a_code(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.submit("request_sign_in_code", &[("email", ADA)]).await;
        let code = house.deliver().await.to(ADA).code();
        let mut stranger = house.browser();

        for who in [&mut browser, &mut stranger] {
            who.open("/login/code?token=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
        }
        let told = stranger.open("/login/code").await;
        assert!(told.text().contains("This link does not work"), "{}", told.text());
        let page = browser.open("/login/code").await;
        assert!(page.text().contains("name=\"code\""));
        let signed_in = browser.submit("log_in_by_code", &[("code", &code)]).await;
        assert_eq!(sent_to(&signed_in), "/account");
    }

    async fn another_letter_waits_and_the_refusal_says_how_long(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.submit("request_sign_in_code", &[("email", ADA)]).await;
        house.deliver().await;
        house.wait(10);

        let early = browser.submit("resend_sign_in_code", &[]).await;
        let told = browser.open(sent_to(&early)).await;
        house.wait(20);
        let resent = browser.submit("resend_sign_in_code", &[]).await;
        let page = browser.open(sent_to(&resent)).await;
        let code = house.deliver().await.to(ADA).code();
        let signed_in = browser.submit("log_in_by_code", &[("code", &code)]).await;

        assert!(told.text().contains("Try again in 20 seconds."), "{}", told.text());
        assert!(page.text().contains("a new code is on its way"));
        assert_eq!(sent_to(&signed_in), "/account");
    }

    async fn whoever_goes_back_and_asks_again_goes_on_with_the_flow_they_have(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.submit("request_sign_in_code", &[("email", ADA)]).await;
        let code = house.deliver().await.to(ADA).code();

        let again = browser.submit("request_sign_in_code", &[("email", "ADA@example.com")]).await;
        assert_eq!(sent_to(&again), "/login/code");
        assert!(house.deliver().await.subjects().is_empty(), "the first letter has just left");
        house.wait(MINUTE);
        browser.submit("request_sign_in_code", &[("email", ADA)]).await;
        assert_eq!(house.deliver().await.subjects().len(), 1);
        let signed_in = browser.submit("log_in_by_code", &[("code", &code)]).await;
        assert_eq!(sent_to(&signed_in), "/account", "both codes are good");
        assert_eq!(site.count("sign_in_flows").await, 0);
    }

    async fn spent_tries_are_said_and_another_letter_begins_anew(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.submit("request_sign_in_code", &[("email", ADA)]).await;
        let code = house.deliver().await.to(ADA).code();
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..5 {
            browser.submit("log_in_by_code", &[("code", wrong)]).await;
        }

        let page = browser.open("/login/code").await;
        assert!(page.text().contains("No more codes can be entered here."), "{}", page.text());
        assert!(!page.text().contains("name=\"code\""));
        browser.submit("resend_sign_in_code", &[]).await;
        let code = house.deliver().await.to(ADA).code();
        let signed_in = browser.submit("log_in_by_code", &[("code", &code)]).await;
        assert_eq!(sent_to(&signed_in), "/account");
    }

    async fn in_a_flood_of_wrong_codes_the_page_leads_to_the_link(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.submit("request_sign_in_code", &[("email", ADA)]).await;
        let token = house.deliver().await.to(ADA).token();
        for number in 0..10 {
            let mut guesser = house.browser();
            guesser.submit("request_sign_in_code", &[("email", &format!("p{number}@example.com"))]).await;
            for _ in 0..5 {
                guesser.submit("log_in_by_code", &[("code", "000000")]).await;
            }
        }

        let page = browser.open("/login/code").await;
        assert!(page.text().contains("Open the link in the letter instead"), "{}", page.text());
        browser.open(&format!("/login/code?token={token}")).await;
        assert_eq!(sent_to(&browser.submit("log_in_by_code", &[]).await), "/account");
    }

    async fn whoever_has_asked_for_nothing_is_sent_to_sign_in(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();

        let nothing = browser.open("/login/code?next=/account%3Ftab%3D1").await;
        assert_eq!(sent_to(&nothing), "/login?next=/account%3Ftab%3D1");
        for (function, fields) in [("log_in_by_code", [("code", "123456")]), ("resend_sign_in_code", [("next", "")])] {
            let answer = browser.submit(function, &fields).await;
            let told = browser.open(sent_to(&answer)).await;
            assert!(told.text().contains("That code is wrong or has expired."), "{function}");
        }
        let malformed = browser.submit("request_sign_in_code", &[("email", "ada")]).await;
        assert!(sent_to(&malformed).starts_with("/login?flash="));
        browser.submit("log_in", &[("email", ADA), ("password", PASSWORD)]).await;
        assert_eq!(sent_to(&browser.open("/login/code").await), "/account");
    }

    async fn a_return_path_of_somebody_else_is_not_followed(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        for next in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
            let mut browser = house.browser();
            browser.submit("request_sign_in_code", &[("email", ADA), ("next", next)]).await;
            let code = house.deliver().await.to(ADA).code();
            let signed_in = browser.submit("log_in_by_code", &[("code", &code), ("next", next)]).await;
            assert_eq!(sent_to(&signed_in), "/account", "{next}");
            house.wait(20 * MINUTE);
        }
    }
}
