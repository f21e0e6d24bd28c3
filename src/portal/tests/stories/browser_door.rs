//! The browser's door as plain HTTP shows it, without any script: forms end in a 303, and what was
//! wrong is told by the page it leads to. How pages look and feel is told in `end2end`.

use http::Method;
use serde_json::json;

use crate::support::{ADA, Answer, PASSWORD, Setup, Site, both, registration};

/// That a form was answered by sending the browser on; where to.
fn sent_to(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.header("location")
}

/// That a form was sent back to its page, with something to say there.
fn sent_back(answer: &Answer, page: &str) -> String {
    let location = sent_to(answer);
    assert!(
        location.starts_with(page) && location.contains("flash="),
        "{location}"
    );
    location.to_owned()
}

both! {
    async fn a_page_for_members_sends_others_to_sign_in(site: &Site) {
        let house = site.house().await;

        assert_eq!(sent_to(&house.browser().open("/account").await), "/login");
        assert_eq!(sent_to(&house.browser().open("/").await), "/account");
    }

    async fn a_form_signs_in_and_out(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();

        let signed_in = browser.submit("log_in", &[("email", ADA), ("password", PASSWORD)]).await;
        let account = browser.open("/account").await;
        let kept = browser.clone();
        let looked = browser.open("/logout").await;
        let still_there = browser.me().await;
        let signed_out = browser.submit("log_out", &[]).await;

        assert_eq!(sent_to(&signed_in), "/account");
        assert_eq!(account.status, 200);
        assert!(account.text().contains(ADA) && account.header("cache-control").contains("no-store"));
        assert_eq!((looked.status.as_u16(), still_there.as_str()), (200, ADA), "opening the page signs nobody out");
        assert!(sent_back(&signed_out, "/login").len() < 64);
        assert!(signed_out.header("clear-site-data").contains("\"cache\""));
        assert!(browser.cookie("gatehouse").is_none());
        assert_eq!(kept.clone().me().await, "401 authentication_required");
    }

    async fn a_refused_form_keeps_what_was_typed_and_tells_once_and_only_here(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();

        let refused = browser.submit("log_in", &[("email", "Ada@Example.com"), ("password", "not the right herons")]).await;
        let back = sent_back(&refused, "/login?");
        let stranger = house.browser().open(&back).await;
        let page = browser.open(&back).await;
        let again = browser.open(&back).await;

        assert!(!back.contains("Ada") && !back.contains("herons") && !back.contains("E-mail"), "{back}");
        assert!(page.text().contains("E-mail or password is wrong.") && page.text().contains("Ada@Example.com"));
        assert!(!page.text().contains("herons"), "a password never comes back");
        for silent in [&stranger, &again] {
            assert_eq!(silent.status, 200);
            assert!(!silent.text().contains("is wrong.") && !silent.text().contains("Ada@Example.com"));
        }
    }

    async fn nothing_a_link_says_is_shown_on_our_pages(site: &Site) {
        let house = site.house().await;
        for query in [
            "__path=%2F_sf%2Flog_in&__err=IkNhbGwgNTU1IHRvIHVubG9jayI",
            "error=Call+555+to+unlock", "flash=Call+555+to+unlock", "notice=Call+555", "flash=0123456789abcdef01",
        ] {
            let page = house.browser().open(&format!("/login?{query}")).await;
            assert_eq!(page.status, 200, "{query}");
            assert!(!page.text().contains("555"), "{query}");
        }
    }

    async fn people_land_where_they_wanted_to_go_if_that_is_here(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        for (next, landed) in [
            ("/account?tab=1", "/account?tab=1"),
            ("https://evil.example", "/account"), ("//evil.example", "/account"), ("/\\evil.example", "/account"),
            ("/%2f/evil.example", "/account"), ("javascript:alert(1)", "/account"), ("/account\r\nSet-Cookie: a=b", "/account"),
            ("", "/account"), ("/login", "/account"),
        ] {
            let fields = [("email", ADA), ("password", PASSWORD), ("next", next)];
            let answer = house.browser().submit("log_in", &fields).await;
            assert_eq!(sent_to(&answer), landed, "{next:?}");
            assert!(answer.cookies().iter().all(|cookie| cookie.starts_with("gatehouse")), "{next:?}");
        }
    }

    async fn a_form_registers_and_a_code_proves(site: &Site) {
        let house = site.house().await;
        let mut browser = house.browser();

        let registered = browser.submit("register", &[("email", ADA), ("password", PASSWORD), ("first_name", "Ada")]).await;
        let waiting = browser.open("/verify-email").await;
        let code = house.deliver().await.to(ADA).code();
        let wrong = browser.submit("verify_email", &[("code", "000 000")]).await;
        let back = sent_back(&wrong, "/verify-email?");
        let told = browser.open(&back).await;
        let proven = browser.submit("verify_email", &[("code", &code)]).await;

        assert_eq!(sent_to(&registered), "/verify-email");
        assert!(waiting.text().contains(ADA) && waiting.text().contains("name=\"code\""));
        assert!(told.text().contains("That code is wrong or has expired."));
        assert_eq!(sent_to(&proven), "/account");
        assert_eq!(browser.me().await, ADA);
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200");
    }

    async fn the_page_after_registering_is_the_same_for_a_known_address(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let (mut of_known, mut of_unknown) = (house.browser(), house.browser());

        let known = of_known.submit("register", &[("email", ADA), ("password", PASSWORD)]).await;
        let unknown = of_unknown.submit("register", &[("email", "bob@example.com"), ("password", PASSWORD)]).await;

        crate::support::same_but_for(&[], &known, &unknown);
        let plain = |page: Answer, email: &str| {
            let nonce = nonce(&page);
            page.text().replace(email, "<address>").replace(&nonce, "<nonce>")
        };
        let (known, unknown) = (of_known.open("/verify-email").await, of_unknown.open("/verify-email").await);
        assert_eq!(plain(known, ADA), plain(unknown, "bob@example.com"));
    }

    async fn opening_a_link_uses_nothing_up_and_leaves_the_token_out_of_the_address(site: &Site) {
        let house = site.house().await;
        house.program().post("/api/auth/register", &registration(ADA)).await;
        let token = house.deliver().await.to(ADA).token();
        let link = format!("/verify-email?token={token}");

        for method in [Method::GET, Method::HEAD, Method::GET] {
            let mut scanner = house.anonymous();
            let opened = scanner.send(scanner.request(method, &link)).await;
            assert!(!opened.text().contains(&token) && !opened.header("location").contains(&token), "{opened:?}");
        }
        assert_eq!(site.count("users").await, 0);
        let mut browser = house.browser();
        assert_eq!(sent_to(&browser.open(&link).await), "/verify-email");
        let page = browser.open("/verify-email").await;
        assert!(page.text().contains("name=\"password\"") && page.text().contains(ADA), "whoever reads the mail chooses");
        assert!(!page.text().contains(&token));

        let without = browser.submit("verify_email", &[]).await;
        assert!(browser.open(&sent_back(&without, "/verify-email?")).await.text().contains("Enter a password."));
        let proven = browser.submit("verify_email", &[("password", "another twelve violins")]).await;

        assert_eq!(sent_to(&proven), "/account");
        assert_eq!(browser.me().await, ADA);
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "401 invalid_credentials");
    }

    async fn a_used_link_says_so_and_offers_another_letter(site: &Site) {
        let house = site.house().await;
        let mut browser = house.browser();
        browser.submit("register", &[("email", ADA), ("password", PASSWORD)]).await;
        let token = house.deliver().await.to(ADA).token();
        browser.open(&format!("/verify-email?token={token}")).await;
        assert_eq!(sent_to(&browser.submit("verify_email", &[]).await), "/account");

        let mut later = house.browser();
        later.open(&format!("/verify-email?token={token}")).await;
        let page = later.open("/verify-email").await;

        assert_eq!(page.status, 200);
        assert!(page.text().contains("used or has expired"), "{}", page.text());
    }

    async fn the_first_admin_is_made_by_the_printed_link_once(site: &Site) {
        let house = site.house().await;
        let token = house.auth.set_up_token().await.expect("answers").expect("there is no admin yet");
        let fields = [("email", ADA), ("password", PASSWORD), ("first_name", "Ada"), ("last_name", "Lovelace")];
        let mut stranger = house.browser();
        sent_back(&stranger.submit("set_up", &fields).await, "/setup?");
        assert_eq!(site.count("users").await, 0, "registering first makes no admin");
        let mut admin = house.browser();
        assert_eq!(sent_to(&admin.open(&format!("/setup?token={}", token.reveal())).await), "/setup");
        let copy = admin.clone();

        let made = admin.submit("set_up", &fields).await;

        assert_eq!(sent_to(&made), "/account");
        let me = admin.get("/api/auth/me").await.json();
        assert_eq!((&me["user"]["email"], &me["user"]["role"]), (&json!(ADA), &json!("admin")));
        let second = [("email", "eve@example.com"), ("password", PASSWORD)];
        sent_back(&copy.clone().submit("set_up", &second).await, "/setup?");
        assert_eq!(site.count("users").await, 1);
        assert!(house.auth.set_up_token().await.expect("answers").is_none(), "the way is closed");
    }

    async fn another_site_posts_no_form(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.submit("log_in", &[("email", ADA), ("password", PASSWORD)]).await;
        for function in ["log_in", "register", "verify_email", "resend_verification", "log_out", "set_up"] {
            for actor in [&browser, &house.browser()] {
                let forged = actor.form(function, &[("email", "eve@example.com"), ("password", PASSWORD)]);
                let forged = forged.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
                assert_eq!(actor.clone().send(forged).await.status, 403, "{function}");
            }
            let nameless = browser.form(function, &[("email", ADA)]).without("origin").without("sec-fetch-site");
            assert_eq!(browser.clone().send(nameless).await.status, 403, "{function}");
            let followed = browser.open(&format!("/_sf/{function}?email=eve@example.com&scope=global")).await;
            assert!([404, 405].contains(&followed.status.as_u16()), "{function}: {}", followed.status);
        }
        assert_eq!(browser.me().await, ADA);
    }

    async fn a_hostile_name_is_text_on_every_page(site: &Site) {
        let house = site.house().await;
        let hostile = "<script>alert(1)</script>";
        let names = json!({ "email": ADA, "password": PASSWORD, "firstName": hostile, "lastName": "\"><img src=x onerror=alert(1)>" });
        house.account_from(&names).await;
        let mut browser = house.browser();
        browser.submit("log_in", &[("email", ADA), ("password", PASSWORD)]).await;

        let page = browser.open("/account").await;
        let refused = house.browser().submit("register", &[("email", hostile), ("password", "x")]).await;

        assert_eq!(page.status, 200);
        assert!(!page.text().contains("<script>alert") && !page.text().contains("<img"), "{}", page.text());
        assert!(page.text().contains("&lt;script"));
        assert!(!sent_back(&refused, "/register?").contains("script"));
    }

    async fn pages_carry_a_policy_their_own_scripts_obey(site: &Site) {
        let house = site.house_with(Setup { public_url: "https://id.example.com", ..Setup::default() }).await;
        let mut nonces = Vec::new();
        for path in ["/login", "/register", "/verify-email", "/setup", "/nowhere"] {
            let page = house.browser().open(path).await;
            let nonce = nonce(&page);
            let text = page.text();
            for script in text.split("<script").skip(1) {
                let tag = script.split('>').next().unwrap_or_default();
                assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{path}: <script{tag}>");
            }
            for forbidden in [" style=\"", "<style", " onclick=", "javascript:", "crossorigin=\"n"] {
                assert!(!text.contains(forbidden), "{path}: {forbidden}");
            }
            assert!(text.contains("<html lang=\"en\"") && text.contains("<title>"), "{path}");
            assert!(page.header("cache-control").contains("no-store"), "{path}");
            nonces.push(nonce);
        }
        nonces.sort();
        nonces.dedup();
        assert_eq!(nonces.len(), 5, "each page has a nonce of its own");
    }

    async fn a_signed_in_visitor_needs_no_sign_in_page(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut browser = house.browser();
        browser.submit("log_in", &[("email", ADA), ("password", PASSWORD)]).await;

        let page = browser.open("/login?next=/account%3Ftab%3D1").await;

        assert!(page.status.is_redirection(), "{page:?}");
        assert_eq!(page.header("location"), "/account?tab=1");
    }

    async fn the_development_mailbox_is_for_this_machine_alone(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut here = house.browser().at("127.0.0.1");

        let json = here.get("/dev/mailbox.json").await;

        assert_eq!(json.told(), "200");
        let letters = json.json();
        assert_eq!(letters.as_array().map(Vec::len), Some(1));
        let mut members: Vec<_> = letters[0].as_object().expect("an object").keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["createdAt", "html", "id", "subject", "text", "to"]);
        let id = letters[0]["id"].as_str().expect("an id").to_owned();
        assert_eq!(here.open("/dev/mailbox/0199c0de-0000-7000-8000-000000000000").await.status, 404);
        assert_eq!(here.open("/dev/mailbox/..%2f..%2fgatehouse").await.status, 404);
        for path in ["/dev/mailbox".to_owned(), "/dev/mailbox.json".to_owned(), format!("/dev/mailbox/{id}")] {
            assert_eq!(here.open(&path).await.status, 200, "{path}");
            assert_eq!(house.browser().open(&path).await.status, 404, "{path}");
            for (name, value) in [
                ("host", "evil.example"),
                ("host", "localhost.evil.example:3000"),
                ("x-forwarded-for", "127.0.0.1"),
                ("forwarded", "for=127.0.0.1"),
                ("origin", "https://evil.example"),
            ] {
                let asking = here.request(Method::GET, &path).header(name, value);
                assert_eq!(here.send(asking).await.status, 404, "{path} {name}: {value}");
            }
        }
    }
}

/// The nonce a page's policy names.
fn nonce(page: &Answer) -> String {
    let policy = page.header("content-security-policy");
    let after = policy
        .split_once("'nonce-")
        .expect("a page's policy has a nonce")
        .1;
    after.split_once('\'').expect("it ends").0.to_owned()
}
