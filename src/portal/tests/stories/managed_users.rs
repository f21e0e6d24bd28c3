//! Looking after people over HTTP: the contract's routes, and whom they refuse (rows 79, 84, 94).

use http::Method;
use serde_json::{Value, json};
use wire::{Email, NewAccount, Password};

use crate::support::{ADA, Actor, Answer, House, PASSWORD, Site, both, same_but_for};

const ROOT: &str = "root@example.com";
const USERS: &str = "/api/admin/users";

/// An admin's browser, just signed in.
pub(crate) async fn root(house: &House) -> Actor<'_> {
    let account = NewAccount {
        email: Email::parse(ROOT).expect("an address"),
        password: Password::claimed(PASSWORD),
        username: None,
        first_name: None,
        last_name: None,
    };
    house.auth.create_admin(account).await.expect("is made");
    let mut browser = house.browser();
    browser.log_in_with_cookie(ROOT).await;
    browser
}

async fn delete(actor: &mut Actor<'_>, path: &str) -> Answer {
    actor.send(actor.request(Method::DELETE, path)).await
}

async fn sessions(actor: &mut Actor<'_>, user: &str) -> Vec<Value> {
    let answer = actor.get(&format!("{USERS}/{user}/sessions")).await;
    assert_eq!(answer.told(), "200");
    answer.json()["sessions"]
        .as_array()
        .expect("a list")
        .clone()
}

both! {
    async fn an_admin_finds_somebody_and_ends_what_they_have_open(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut root = root(&house).await;

        let found = root.get(&format!("{USERS}?q=ada@&limit=1")).await;
        let one = root.get(&format!("{USERS}/{}", ada.id)).await;
        assert_eq!(found.json()["users"][0]["email"], ADA);
        assert_eq!(found.json()["nextCursor"], Value::Null);
        assert_eq!((&one.json()["user"]["status"], &one.json()["manageable"]), (&json!("active"), &json!(true)));
        assert_eq!(one.json()["disabledReason"], Value::Null);
        let text = one.text();
        assert!(!text.contains("password") && !text.contains("argon2"), "{text}");

        let open = sessions(&mut root, &ada.id).await;
        let sid = open[0]["id"].as_str().expect("an id");
        let path = format!("{USERS}/{}/sessions/{sid}", ada.id);
        assert_eq!(delete(&mut root, &path).await.told(), "204");
        assert_eq!(delete(&mut root, &path).await.told(), "404 not_found");
        assert_eq!(house.program().with_bearer(&ada.access).me().await, "401 token_revoked");

        let again = house.sign_in(ADA).await;
        let out = root.poke(&format!("{USERS}/{}/sign-out", ada.id)).await;
        assert_eq!((out.told().as_str(), out.json()), ("200", json!({ "success": true })));
        assert_eq!(house.program().with_bearer(&again.access).me().await, "401 token_revoked");
        assert_eq!(sessions(&mut root, &ada.id).await.len(), 0);
    }

    async fn a_disabled_account_is_shut_at_once_and_opened_again(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut root = root(&house).await;
        let (disable, enable) = (format!("{USERS}/{}/disable", ada.id), format!("{USERS}/{}/enable", ada.id));

        for (body, told) in [
            (json!({ "reason": "x".repeat(201) }), "400 invalid_request reason:too_long"),
            (json!({ "reason": "a\nb" }), "400 invalid_request reason:invalid"),
            (json!({ "reason": 1 }), "400 invalid_request reason:invalid"),
            (json!({ "until": "never" }), "400 invalid_request until:unknown_field"),
            (json!({ "reason": "left" }), "200"),
        ] {
            assert_eq!(root.post(&disable, &body).await.told(), told, "{body}");
        }
        assert_eq!(house.program().with_bearer(&ada.access).me().await, "401 token_revoked");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "401 invalid_credentials");
        let one = root.get(&format!("{USERS}/{}", ada.id)).await.json();
        assert_eq!((&one["user"]["status"], &one["disabledReason"]), (&json!("disabled"), &json!("left")));
        let listed = root.get(&format!("{USERS}?status=disabled")).await.json();
        assert_eq!(listed["users"].as_array().map(Vec::len), Some(1));
        assert_eq!(root.get(&format!("{USERS}?status=asleep")).await.told(), "400 invalid_request status:invalid");
        assert_eq!(root.get(&format!("{USERS}?sort=password")).await.told(), "400 invalid_request sort:invalid");

        assert_eq!(root.poke(&enable).await.told(), "200");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200");
        assert_eq!(house.program().with_bearer(&ada.access).me().await, "401 token_revoked");
    }

    async fn nobody_without_the_right_learns_or_does_anything(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let ada = house.account(ADA).await;
        let stranger = house.account("eve@example.com").await;
        let mut eve = house.program().with_bearer(&stranger.access);
        let sid = sessions(&mut root, &ada.id).await[0]["id"].as_str().expect("an id").to_owned();

        let nobody = house.auth.draw_id();
        for id in [ada.id.as_str(), &nobody] {
            for answer in [
                eve.get(USERS).await,
                eve.get(&format!("{USERS}/{id}")).await,
                eve.get(&format!("{USERS}/{id}/sessions")).await,
                delete(&mut eve, &format!("{USERS}/{id}/sessions/{sid}")).await,
                eve.poke(&format!("{USERS}/{id}/sign-out")).await,
                eve.poke(&format!("{USERS}/{id}/disable")).await,
                eve.poke(&format!("{USERS}/{id}/enable")).await,
            ] {
                assert_eq!(answer.told(), "403 insufficient_permissions");
            }
        }
        assert_eq!(sessions(&mut root, &ada.id).await.len(), 1);

        let mine = root.get("/api/auth/me").await.json()["user"]["id"].as_str().expect("an id").to_owned();
        let own = root.poke(&format!("{USERS}/{mine}/disable")).await;
        assert_eq!(own.told(), "409 conflict id:taken");
        let none = root.poke(&format!("{USERS}/{nobody}/disable")).await;
        let nonsense = root.poke(&format!("{USERS}/%ff/disable")).await;
        assert_eq!(none.told(), "404 not_found");
        same_but_for(&[], &none, &nonsense);
    }

    async fn a_helper_cannot_touch_an_admin_and_is_told_so_on_the_page(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let mine = root.get("/api/auth/me").await.json()["user"]["id"].as_str().expect("an id").to_owned();
        let ada = house.account(ADA).await;
        site.operate("insert into roles (name, description) values ('helper', 'of a story')").await;
        site.operate("insert into role_grants (role, pattern) values ('helper', 'user:manage')").await;
        site.operate(&format!("update users set role = 'helper' where id = '{}'", ada.id)).await;
        let mut helper = house.browser();
        helper.log_in_with_cookie(ADA).await;

        let sid = sessions(&mut helper, &mine).await[0]["id"].as_str().expect("an id").to_owned();
        for answer in [
            delete(&mut helper, &format!("{USERS}/{mine}/sessions/{sid}")).await,
            helper.poke(&format!("{USERS}/{mine}/sign-out")).await,
            helper.poke(&format!("{USERS}/{mine}/disable")).await,
            helper.poke(&format!("{USERS}/{mine}/enable")).await,
        ] {
            assert_eq!(answer.told(), "403 insufficient_permissions");
        }
        for tab in ["overview", "sessions", "danger"] {
            let page = helper.open(&format!("/admin/users/{mine}?tab={tab}")).await.text();
            assert!(page.contains("rights that you lack"), "{page}");
            assert!(!page.contains("disable_user") && !page.contains("end_session_of"), "{page}");
        }
        let forced = helper.submit("sign_out_user", &[("user", &mine)]).await;
        let told = helper.open(forced.header("location")).await.text();
        assert!(told.contains("does not have the right"), "{told}");
        assert_eq!(root.me().await, ROOT);
    }

    async fn the_pages_find_look_and_act_and_ask_again_after_a_while(site: &Site) {
        let house = site.house().await;
        let ada = house.account(ADA).await;
        let mut root = root(&house).await;
        let mut victim = house.browser();
        victim.log_in_with_cookie(ADA).await;

        let list = root.open("/admin/users?q=ada").await.text();
        assert!(list.contains(&format!("/admin/users/{}", ada.id)) && !list.contains(&format!("href=\"/admin/users/{}\">{ROOT}", ada.id)));
        assert!(root.open("/admin/users?q=nobody-like-that").await.text().contains("Nobody like that"));
        let hostile = root.open("/admin/users?q=%22%3E%3Cscript%3E&status=x&cursor=y").await.text();
        assert!(!hostile.contains("\"><script>"), "{hostile}");
        for (tab, words) in [
            ("", ADA),
            ("?tab=sessions", "Firefox on Linux"),
            ("?tab=sessions", "Sign out everywhere"),
            ("?tab=danger", "Disable account"),
            ("?tab=danger", "Nothing is deleted."),
            ("?tab=kitchen", ADA),
        ] {
            let page = root.open(&format!("/admin/users/{}{tab}", ada.id)).await.text();
            assert!(page.contains(words), "{words}");
        }
        assert_eq!(root.open("/admin/users/none").await.status, 404);

        let open = sessions(&mut root, &ada.id).await;
        let of_browser = open.iter().find(|one| one["device"]["kind"] == "desktop").expect("is listed");
        let fields = [("user", ada.id.as_str()), ("id", of_browser["id"].as_str().expect("an id"))];
        let sent = root.submit("end_session_of", &fields).await;
        assert!(root.open(sent.header("location")).await.text().contains("That device is signed out."));
        assert_eq!(victim.me().await, "401 authentication_required");
        let sent = root.submit("disable_user", &[("user", &ada.id), ("reason", "<b>left</b>")]).await;
        let page = root.open(sent.header("location")).await.text();
        assert!(page.contains("The account is disabled") && page.contains("&lt;b&gt;left") && page.contains("Enable account"), "{page}");
        let sent = root.submit("enable_user", &[("user", &ada.id)]).await;
        assert!(root.open(sent.header("location")).await.text().contains("they can sign in again"));

        house.wait(601);
        let sent = root.submit("disable_user", &[("user", &ada.id), ("reason", "left")]).await;
        assert!(sent.header("location").starts_with("/step-up?next="), "{sent:?}");
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200", "nothing was done");
    }
}
