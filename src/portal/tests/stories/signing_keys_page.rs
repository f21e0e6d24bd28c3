//! The signing keys, as those who run the portal see and change them on pages.

use wire::{Register, Secret};

use crate::support::{ADA, Account, Actor, Answer, House, PASSWORD, Site, both};

const ADMIN: &str = "admin@example.com";
const KEYS: &str = "/admin/signing-keys";
const ROTATE: &str = "/admin/signing-keys/rotate";

/// An admin who has just signed in, with tokens.
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

/// The same in a browser.
async fn desk(house: &House) -> Actor<'_> {
    let mut browser = house.browser();
    browser.log_in_with_cookie(ADMIN).await;
    browser
}

async fn kid(house: &House, state: &str) -> String {
    let keys = house.auth.signing_keys().await.expect("reads");
    let key = keys.into_iter().find(|key| key.state == state);
    key.unwrap_or_else(|| panic!("no {state} key")).kid
}

/// The page a form led to, as it is then.
async fn landed(browser: &mut Actor<'_>, posted: &Answer, page: &str) -> String {
    assert_eq!(posted.status, 303, "{posted:?}");
    let location = posted.header("location").to_owned();
    assert!(location.starts_with(page), "{location}");
    let answer = browser.open(&location).await;
    assert_eq!(answer.status, 200);
    answer.text()
}

both! {
    async fn the_next_key_signs_from_the_press_on_and_older_tokens_stay_good(site: &Site) {
        let house = site.house().await;
        let older = admin(&house).await;
        let mut browser = desk(&house).await;
        let next = kid(&house, "next").await;

        let page = browser.open(KEYS).await.text();
        for state in ["Next", "Current"] {
            assert!(page.contains(state), "{state} in {page}");
        }
        assert!(page.contains(&next) && !page.contains("Previous"));
        assert!(browser.open(ROTATE).await.text().contains("Rotate now"));
        assert_eq!(kid(&house, "next").await, next, "looking changes nothing");

        let posted = browser.submit("rotate_signing_keys", &[]).await;
        let page = landed(&mut browser, &posted, &format!("{KEYS}?flash=")).await;

        assert!(page.contains("The next key signs from now on") && page.contains("Previous"), "{page}");
        assert_eq!(kid(&house, "current").await, next);
        assert_eq!(house.program().with_bearer(&older.access).get("/api/auth/me").await.told(), "200");
    }

    async fn a_key_too_new_to_sign_says_from_when_on_it_may(site: &Site) {
        let house = site.house().await;
        admin(&house).await;
        let mut browser = desk(&house).await;
        browser.submit("rotate_signing_keys", &[]).await;
        let current = kid(&house, "current").await;

        let page = browser.open(ROTATE).await.text();
        assert!(page.contains("It is too soon") && page.contains("15 minutes<") && !page.contains("Rotate now"), "{page}");
        let posted = browser.submit("rotate_signing_keys", &[]).await;
        let page = landed(&mut browser, &posted, &format!("{ROTATE}?flash=")).await;
        assert!(page.contains("Nothing was changed"), "{page}");
        assert_eq!(kid(&house, "current").await, current);

        house.wait(900);
        assert!(desk(&house).await.open(ROTATE).await.text().contains("Rotate now"));
    }

    async fn a_revoked_key_is_out_at_once_and_nobody_is_signed_out(site: &Site) {
        let house = site.house().await;
        let older = admin(&house).await;
        let mut browser = desk(&house).await;
        let (current, next) = (kid(&house, "current").await, kid(&house, "next").await);
        let question = format!("{KEYS}/{current}/revoke");

        let page = browser.open(&question).await.text();
        assert!(page.contains("refuses every token it signed") && page.contains("Revoke this key"), "{page}");
        let posted = browser.submit("revoke_signing_key", &[("kid", &current)]).await;
        let page = landed(&mut browser, &posted, &format!("{KEYS}?flash=")).await;

        assert!(page.contains("The key is out of use.") && !page.contains(&current), "{page}");
        assert_eq!(kid(&house, "current").await, next);
        let refused = house.program().with_bearer(&older.access).get("/api/auth/me").await;
        assert_eq!(refused.status, 401);
        assert_eq!(browser.me().await, ADMIN, "the session goes on");

        assert_eq!(browser.open(&question).await.status, 404);
        let again = browser.submit("revoke_signing_key", &[("kid", &current)]).await;
        let page = landed(&mut browser, &again, &format!("{KEYS}?flash=")).await;
        assert!(page.contains("out of use already"), "{page}");
    }

    async fn a_key_of_the_feed_has_a_question_of_its_own(site: &Site) {
        let house = site.house().await;
        admin(&house).await;
        let mut browser = desk(&house).await;
        let keys = house.auth.feed_keys().await.expect("reads");

        let page = browser.open(&format!("{KEYS}/{}/revoke", keys[0].kid)).await.text();

        assert!(page.contains("No token is refused for it."), "{page}");
        for nobody in ["none", "..", "%3Cscript%3E"] {
            assert_eq!(browser.open(&format!("{KEYS}/{nobody}/revoke")).await.status, 404, "{nobody}");
        }
    }

    async fn keys_are_changed_by_who_may_and_has_just_shown_it_is_them(site: &Site) {
        let house = site.house().await;
        admin(&house).await;
        house.account(ADA).await;
        let (current, next) = (kid(&house, "current").await, kid(&house, "next").await);
        let mut ada = house.browser();
        ada.log_in_with_cookie(ADA).await;
        let mut desk = desk(&house).await;

        for page in [KEYS, ROTATE, &format!("{KEYS}/{current}/revoke")] {
            assert_eq!(ada.open(page).await.status, 403, "{page}");
        }
        assert_eq!(ada.submit("rotate_signing_keys", &[]).await.status, 403);
        assert_eq!(ada.submit("revoke_signing_key", &[("kid", &current)]).await.status, 403);
        house.wait(601);
        for form in ["rotate_signing_keys", "revoke_signing_key"] {
            let asked = desk.submit(form, &[("kid", &current)]).await;
            assert!(asked.header("location").starts_with("/step-up"), "{asked:?}");
        }

        assert_eq!((kid(&house, "current").await, kid(&house, "next").await), (current, next));
    }
}
