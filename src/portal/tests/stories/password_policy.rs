//! What a new password must not be, at every way of choosing one, through both doors; and what is said
//! of it while it is typed. The rules themselves are told beside them, in `auth`.

use auth::{BreachFilter, BreachFilterPlan, LeakLines};
use serde_json::{Value, json};
use wire::PasswordRule;

use crate::support::{ADA, Actor, Answer, House, PASSWORD, Setup, Site, both, registration};

const REGISTER: &str = "/api/auth/register";
const VERIFY: &str = "/api/auth/verify-email";
const LEAKED: &str = "copper lantern harbour";

/// One of each kind, and the code it is refused with (req 133–139, rows 1–6).
const REFUSED: [(&str, &str); 9] = [
    ("elevenchars", "too_short"),
    ("passwordpassword", "too_common"),
    ("PasswordPassword2026!", "too_common"),
    ("abcdefghijkl", "too_common"),
    ("qwertyuiop12", "too_common"),
    (ADA, "too_common"),
    ("localhostgatehouse", "too_common"),
    ("dragonmonkey", "too_weak"),
    (LEAKED, "breached"),
];

/// A portal that knows of one leak.
async fn house_with_leak(site: &Site) -> House {
    let (list, filter) = (site.folder().join("leaks"), site.folder().join("filter"));
    std::fs::write(&list, LEAKED).expect("writes");
    let plan = BreachFilterPlan {
        lines: LeakLines::Plain,
        bits: 16,
        memory: 1 << 20,
    };
    BreachFilter::build(&list, &filter, plan, &mut |_, _| {}).expect("builds");
    let setup = Setup {
        limits: 0.0,
        breach_filter: Some(filter),
        ..Setup::default()
    };
    site.house_with(setup).await
}

/// Asks as the island does: a fetch from the page, with the fields of its form.
async fn strength(who: &mut Actor<'_>, fields: &[(&str, &str)]) -> Answer {
    let asking = who
        .form("password_strength", fields)
        .header("accept", "*/*");
    who.send(asking).await
}

async fn said(who: &mut Actor<'_>, fields: &[(&str, &str)]) -> (Value, String) {
    let answer = strength(who, fields).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.members(), ["score", "sentence"]);
    (answer.json()["score"].clone(), answer.member("sentence"))
}

both! {
    async fn registering_and_finishing_elsewhere_refuse_alike_and_say_why(site: &Site) {
        let house = house_with_leak(site).await;
        house.program().post(REGISTER, &registration(ADA)).await;
        let token = house.deliver().await.to(ADA).token();

        for (password, code) in REFUSED {
            let wanted = format!("400 invalid_request password:{code}");
            let register = json!({ "email": ADA, "password": password });
            assert_eq!(house.anonymous().post(REGISTER, &register).await.told(), wanted, "{password}");
            let finish = json!({ "token": token, "password": password });
            assert_eq!(house.anonymous().post(VERIFY, &finish).await.told(), wanted, "{password}");
        }

        let finish = json!({ "token": token, "password": PASSWORD });
        assert_eq!(house.program().post(VERIFY, &finish).await.told(), "200", "nothing was used up");
    }

    async fn set_up_refuses_alike_and_says_why(site: &Site) {
        let house = house_with_leak(site).await;
        let token = house.auth.set_up_token().await.expect("answers").expect("there is no admin yet");
        let mut admin = house.browser();
        admin.open(&format!("/setup?token={}", token.reveal())).await;

        let sentences = [
            "Use at least 12 characters.",
            "This is one of the first passwords anyone would try. Choose another.",
            "This is easy to guess. A few unrelated words make a good password.",
            "This password is known from a leak. Choose another.",
        ];
        for (password, code) in REFUSED {
            let refused = admin.submit("set_up", &[("email", ADA), ("password", password)]).await;
            let page = admin.open(refused.header("location")).await.text();
            let sentence = match code {
                "too_short" => sentences[0],
                "too_common" => sentences[1],
                "too_weak" => sentences[2],
                _ => sentences[3],
            };
            assert!(page.contains(sentence), "{password}: {sentence}");
            assert!(!page.contains(password) || password == ADA, "{password}");
        }
    }

    async fn the_rule_that_is_said_is_the_one_in_force(site: &Site) {
        let nist = PasswordRule { shortest: 15, ..PasswordRule::default() };
        let house = site.house_with(Setup { password: nist, ..Setup::default() }).await;
        let fourteen = "three wet lynx";
        let mut browser = house.browser();

        let by_json = house.anonymous().post(REGISTER, &json!({ "email": ADA, "password": fourteen })).await;
        let before = browser.open("/register").await.text();
        let refused = browser.submit("register", &[("email", ADA), ("password", fourteen)]).await;
        let after = browser.open(refused.header("location")).await.text();

        assert_eq!(by_json.told(), "400 invalid_request password:too_short");
        assert_eq!(by_json.problem()["errors"][0]["message"], "Use at least 15 characters.");
        assert!(before.contains("At least 15 characters."), "before the first key is pressed");
        assert!(after.contains("Use at least 15 characters."), "beside the field and above the form");
        let (_, sentence) = said(&mut browser, &[("password", fourteen)]).await;
        assert_eq!(sentence, "Use at least 15 characters.");
    }

    async fn a_password_may_be_long_plain_and_of_any_alphabet(site: &Site) {
        let house = house_with_leak(site).await;
        let long: String = "three wet otters sing of 17 grey lamps. ".repeat(7).chars().take(256).collect();
        let welcome = [
            "only lowercase letters here",
            "жёлтые выдры поют тихо",
            "😀 three wet otters 😀",
            &long[..64],
            &long,
        ];
        for (number, password) in welcome.into_iter().enumerate() {
            let body = json!({ "email": format!("p{number}@example.com"), "password": password });
            assert_eq!(house.anonymous().post(REGISTER, &body).await.told(), "202", "{password}");
        }
        let longer = json!({ "email": ADA, "password": format!("{long}x") });
        assert_eq!(house.anonymous().post(REGISTER, &longer).await.told(), "400 invalid_request password:too_long");
    }

    async fn composed_and_decomposed_sign_in_alike(site: &Site) {
        let house = site.house().await;
        let (composed, decomposed) = ("caf\u{e9} \u{e9}tage bleu nuit", "cafe\u{301} e\u{301}tage bleu nuit");
        for (email, chosen, typed) in [
            (ADA, composed, decomposed),
            ("bob@example.com", decomposed, composed),
        ] {
            house.account_from(&json!({ "email": email, "password": chosen })).await;
            let body = json!({ "email": email, "password": typed });
            assert_eq!(house.anonymous().post("/api/auth/login", &body).await.told(), "200", "{email}");
        }
    }

    async fn a_leak_that_becomes_known_locks_nobody_out(site: &Site) {
        let body = json!({ "email": ADA, "password": LEAKED });
        site.house().await.account_from(&body).await;
        let house = house_with_leak(site).await;

        assert_eq!(house.anonymous().post("/api/auth/login", &body).await.told(), "200");
    }

    async fn strength_is_told_in_words_and_never_repeats_what_was_typed(site: &Site) {
        let house = house_with_leak(site).await;
        let mut visitor = house.browser();

        for (fields, score, sentence) in [
            (vec![("password", "three wet otters sing")], 4, "Strong."),
            (vec![("password", "dragonmonkey")], 2, "Easy to guess. Many people use it, or one much like it."),
            (vec![("password", LEAKED)], 1, "Easy to guess. It is known from a leak."),
            (vec![("password", "Lovelace.Ada.1815"), ("first_name", "Ada"), ("last_name", "Lovelace")], 1,
             "Easy to guess. It is made of your name or address, or of ours."),
            (vec![("password", ADA), ("email", ADA)], 1,
             "Easy to guess. It is made of your name or address, or of ours."),
            (vec![], 0, "Enter a password."),
        ] {
            let (told, words) = said(&mut visitor, &fields).await;
            assert!(told.as_u64().is_some_and(|told| told <= score), "{fields:?}: {told}");
            assert_eq!(words, sentence, "{fields:?}");
        }
        assert_eq!(site.count("audit_log").await, 0, "nothing is written down");
        assert!(visitor.cookie("gatehouse").is_none());
    }

    async fn whoever_is_signed_in_brings_their_own_words(site: &Site) {
        let house = site.house().await;
        let mut browser = house.browser();
        let body = json!({ "email": ADA, "password": PASSWORD, "lastName": "Lovelacington" });
        house.account_from(&body).await;
        browser.submit("log_in", &[("email", ADA), ("password", PASSWORD)]).await;

        let (_, own) = said(&mut browser, &[("password", "lovelacington 12")]).await;
        let (_, others) = said(&mut house.browser(), &[("password", "lovelacington 12")]).await;

        assert!(own.contains("made of your name"), "{own}");
        assert!(!others.contains("made of your name"), "{others}");
    }

    async fn typing_never_uses_up_the_tries_a_form_has(site: &Site) {
        let house = site.house().await;
        let mut eager = house.browser();
        let mut asked = 0;
        while strength(&mut eager, &[("password", "short")]).await.status == 200 {
            asked += 1;
            assert!(asked < 500, "it ends");
        }

        assert!(asked >= 120, "{asked}");
        assert_eq!(eager.post(REGISTER, &registration(ADA)).await.told(), "202");
        assert_eq!(strength(&mut house.browser(), &[("password", "short")]).await.status, 200, "others go on");
    }

    async fn strength_is_asked_from_our_own_pages_alone_and_by_form_alone(site: &Site) {
        let house = site.house().await;
        let browser = house.browser();
        let fields = [("password", PASSWORD)];
        let foreign = browser
            .form("password_strength", &fields)
            .header("sec-fetch-site", "cross-site")
            .header("origin", "https://evil.example");
        assert_eq!(browser.clone().send(foreign).await.status, 403);
        let huge = "x".repeat(70_000);
        let asking = browser.form("password_strength", &[("password", &huge)]);
        assert_eq!(browser.clone().send(asking).await.status, 413);
        let json = browser.request(http::Method::POST, "/_sf/password_strength").json(&json!({ "password": "x" }));
        assert_eq!(browser.clone().send(json).await.status, 415);
    }
}
