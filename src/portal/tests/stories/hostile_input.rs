//! What people type, and what attackers do: look-alikes, control characters, hostile hosts.

use http::Method;
use serde_json::json;

use crate::support::{ADA, PASSWORD, Setup, Site, both, claims, registration};

const REGISTER: &str = "/api/auth/register";

both! {
    async fn a_look_alike_address_is_another_person(site: &Site) {
        let house = site.house().await;
        house.account("mike@example.com").await;
        for (email, canonical) in [
            ("m\u{131}ke@example.com", "m\u{131}ke@example.com"),
            ("mi\u{212a}e@example.com", "mi\u{212a}e@example.com"),
            ("m\u{456}ke@example.com", "m\u{456}ke@example.com"),
            ("mike@ex\u{430}mple.com", "mike@xn--exmple-4nf.com"),
            ("mi.ke@example.com", "mi.ke@example.com"),
            ("mike+x@example.com", "mike+x@example.com"),
        ] {
            house.wait(60);
            assert_eq!(house.anonymous().post(REGISTER, &registration(email)).await.told(), "202", "{email}");
            let letters = house.deliver().await;
            assert_eq!(letters.subjects(), [format!("{canonical}: Confirm your e-mail address")], "no letter to mike");
            assert_eq!(house.anonymous().log_in(email, PASSWORD).await.told(), "401 invalid_credentials", "{email}");
        }
        for email in ["MIKE@example.com", " mike@EXAMPLE.com ", "mike@\u{ff45}xample.com"] {
            assert_eq!(house.program().log_in(email, PASSWORD).await.told(), "200", "{email}");
        }
    }

    async fn what_is_no_address_makes_nothing(site: &Site) {
        let house = site.house().await;
        for email in [
            "ada\u{0}@example.com", "ada@example.com\r\nBcc: eve@example.com", "ada@example.com,eve@example.com",
            "ad\u{202e}a@example.com", "ad\u{200b}a@example.com", "\u{1f600}@example.com", "\"ada\"@example.com",
            "ada@[127.0.0.1]", "ada@127.0.0.1", "ada", "@example.com", "ada@", "<ada@example.com>", "ada@exa_mple.com",
        ] {
            let answer = house.anonymous().post(REGISTER, &registration(email)).await;
            assert_eq!(answer.told(), "400 invalid_request email:invalid", "{email:?}");
            let said = answer.text().replace("an address like ada@example.com", "");
            assert!(!said.contains(email), "what was typed is not repeated: {said}");
        }
        let long = format!("{}@example.com", "a".repeat(300));
        assert_eq!(house.anonymous().post(REGISTER, &registration(&long)).await.told(), "400 invalid_request email:too_long");
        assert_eq!(site.count("registrations").await, 0);
        assert_eq!(site.count("outbox").await, 0);
    }

    async fn names_of_every_script_are_welcome_and_deceiving_ones_are_not(site: &Site) {
        let house = site.house().await;
        for name in ["A\u{0}da", "Ada\r\nBcc: x", "Ada\u{202e}", "\u{2066}Ada", "A\u{1b}[31mda", "A\u{7f}da", "\u{feff}Ada"] {
            let body = json!({ "email": ADA, "password": PASSWORD, "firstName": name });
            assert_eq!(house.anonymous().post(REGISTER, &body).await.told(), "400 invalid_request firstName:invalid", "{name:?}");
        }
        let names = json!({ "email": ADA, "password": PASSWORD, "firstName": "\u{5d0}\u{5d3}\u{5d4} \u{1f469}\u{200d}\u{1f52c}", "lastName": "<b>O'Neil & \"Sons\"</b>" });
        let account = house.account_from(&names).await;

        let me = house.program().with_bearer(&account.access).get("/api/auth/me").await;
        assert_eq!(me.json()["user"]["firstName"], names["firstName"]);
        assert_eq!(me.json()["user"]["lastName"], names["lastName"]);
    }

    async fn a_username_cannot_look_like_an_address_or_another(site: &Site) {
        let house = site.house().await;
        for (username, code) in [
            ("ada@example.com", "invalid"), ("\u{430}da", "invalid"), ("a da", "invalid"), ("-ada", "invalid"),
            ("ada\u{0}", "invalid"), ("ad", "too_short"), ("a".repeat(33).as_str(), "too_long"), ("\u{1f600}\u{1f600}\u{1f600}", "invalid"),
        ] {
            let body = json!({ "email": ADA, "password": PASSWORD, "username": username });
            let told = format!("400 invalid_request username:{code}");
            assert_eq!(house.anonymous().post(REGISTER, &body).await.told(), told, "{username:?}");
        }
    }

    async fn any_character_is_welcome_in_a_password(site: &Site) {
        let house = site.house().await;
        for (number, password) in [
            "\u{0}\u{0} nul and zwölf Boxkämpfer \u{0}", "\u{202e}seventeen\u{202d} herons", "\u{1f426}\u{1f6f6}\u{1f3d4} correct staple \u{1f300}",
            "   seventeen quiet herons   ", "'; drop table users; -- herons", "{{7*7}} ${jndi:x} %00 herons",
        ]
        .into_iter()
        .enumerate()
        {
            house.wait(60);
            let email = format!("p{number}@example.com");
            house.account_from(&json!({ "email": email, "password": password })).await;
            assert_eq!(house.program().log_in(&email, password).await.told(), "200", "{password:?}");
            let trimmed = password.trim_matches([' ', '\u{0}']);
            if trimmed != password {
                assert_eq!(house.program().log_in(&email, trimmed).await.told(), "401 invalid_credentials");
            }
        }
    }

    async fn a_hostile_host_reaches_no_letter_and_no_answer(site: &Site) {
        let house = site.house_with(Setup { public_url: "https://id.example.com", ..Setup::default() }).await;
        let mut anyone = house.anonymous();
        let mut asking = anyone.request(Method::POST, REGISTER).json(&registration(ADA)).header("host", "evil.example");
        for name in ["x-forwarded-host", "x-forwarded-server", "x-original-host", "x-host", "x-original-url", "x-rewrite-url"] {
            asking = asking.header(name, "evil.example");
        }
        asking = asking
            .header("forwarded", "for=evil.example;host=evil.example;proto=http")
            .header("x-forwarded-proto", "http")
            .header("x-forwarded-for", "6.6.6.6")
            .header("referer", "https://evil.example/");

        let answer = anyone.send(asking).await;

        assert_eq!(answer.told(), "202");
        assert!(!format!("{answer:?}").contains("evil.example"), "{answer:?}");
        let letters = house.deliver().await;
        let letter = letters.to(ADA);
        for part in [&letter.0.subject, &letter.0.text, &letter.0.html] {
            assert!(!part.contains("evil.example") && !part.contains("6.6.6.6"), "{part}");
        }
        assert!(letter.0.text.contains("\nhttps://id.example.com/verify-email?token="), "{}", letter.0.text);
        let body = json!({ "token": letter.token(), "password": PASSWORD });
        let finish = anyone.request(Method::POST, "/api/auth/verify-email").json(&body).header("host", "evil.example");
        let finished = anyone.send(finish).await;
        assert_eq!(claims(&finished.member("accessToken")).1["iss"], "https://id.example.com");
    }

    async fn every_page_and_document_says_our_own_address(site: &Site) {
        let house = site.house_with(Setup { public_url: "https://id.example.com", ..Setup::default() }).await;
        for path in [
            "/.well-known/openid-configuration", "/.well-known/security.txt", "/.well-known/jwks.json", "/api/openapi.json",
            "/auth/login?next=/account", "/.well-known/change-password", "/account", "/login", "/nowhere", "/api/nowhere",
        ] {
            let mut anyone = house.anonymous();
            let asking = anyone.request(Method::GET, path).header("host", "evil.example").header("x-forwarded-host", "evil.example");
            let answer = anyone.send(asking).await;
            assert!(!format!("{answer:?}").contains("evil.example"), "{path}: {answer:?}");
        }
    }

    async fn a_forwarding_header_counts_from_a_trusted_proxy_alone(site: &Site) {
        let house = site.house_with(Setup { trusted_proxies: &["172.16.0.0/12"], ..Setup::default() }).await;
        house.account(ADA).await;
        let from = |socket: &str, forwarded: &str| {
            let mut anyone = house.anonymous().at(socket);
            let asking = anyone
                .request(Method::POST, "/api/auth/login")
                .json(&json!({ "email": ADA, "password": "not the right herons" }))
                .header("x-forwarded-for", forwarded);
            async move { anyone.send(asking).await.told() }
        };
        for spoofed in ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4", "5.5.5.5"] {
            assert_eq!(from("203.0.113.5", spoofed).await, "401 invalid_credentials");
        }
        assert_eq!(from("203.0.113.5", "6.6.6.6").await, "429 rate_limited", "inventing addresses is no way out");

        assert_eq!(from("172.16.0.1", "198.51.100.1").await, "401 invalid_credentials", "behind the proxy others go on");
        assert_eq!(from("172.16.0.1", "9.9.9.9, 203.0.113.5").await, "429 rate_limited", "and the locked one does not");
    }

    async fn what_a_browser_says_of_itself_is_put_into_words(site: &Site) {
        let house = site.house().await;
        let mut hostile = house.anonymous().using("Your account is locked, see https://evil.example now");

        hostile.post(REGISTER, &registration(ADA)).await;

        let letters = house.deliver().await;
        let letter = &letters.to(ADA).0;
        for part in [&letter.text, &letter.html] {
            assert!(part.contains("From: an unknown device, 10."), "{part}");
            assert!(!part.contains("evil.example") && !part.contains("locked"), "{part}");
        }
    }

    async fn odd_paths_and_queries_are_answered_calmly(site: &Site) {
        let house = site.house().await;
        for path in [
            "/api/auth/login/", "/api//auth/login", "/api/auth/../auth/me", "/api/auth/%2e%2e/me", "/API/AUTH/ME", "/api/auth/me%00",
            "/api/auth/me;x=1", "/%", "/%ff%fe", "/api/auth/\u{e9}", "/.git/config", "/.env", "/api/auth", "/api",
        ] {
            let Ok(uri) = path.parse::<http::Uri>() else { continue };
            let mut anyone = house.anonymous();
            let answer = anyone.send(anyone.request(Method::GET, &uri.to_string())).await;
            assert!(answer.status.is_client_error(), "{path}: {answer:?}");
        }
        for query in ["next=//evil.example", "next=%0d%0aSet-Cookie:%20a=b", "x=\u{e9}", "%", "a=1&a=2", &"x".repeat(5000)] {
            let path = format!("/auth/login?{query}");
            let Ok(uri) = path.parse::<http::Uri>() else { continue };
            let mut anyone = house.anonymous();
            let answer = anyone.send(anyone.request(Method::GET, &uri.to_string())).await;
            assert!(!answer.status.is_server_error(), "{path}: {answer:?}");
            assert!(answer.header("location").starts_with("/login") || answer.status.is_client_error(), "{path}: {answer:?}");
            assert!(answer.cookies().is_empty(), "{answer:?}");
        }
    }
}
