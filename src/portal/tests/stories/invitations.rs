//! Invitations over HTTP (`req 28` to `30`; rows 25, 79, 84): what the contract says of each route, and
//! what nobody gets by asking otherwise.

use http::Method;
use serde_json::{Value, json};
use wire::{Email, NewAccount, Password};

use crate::support::{ADA, Actor, Answer, House, PASSWORD, Setup, Site, both};

const ROOT: &str = "root@example.com";
const INVITE: &str = "/api/admin/users/invite";
const MANY: &str = "/api/admin/users/invite-many";
const LIST: &str = "/api/admin/invitations";
const TENANTS: &str = "/api/admin/tenants";
const ACCEPT: &str = "/api/auth/accept-invitation";
const DAY: u64 = 24 * 3600;

/// Makes an admin.
async fn make_admin(house: &House) {
    let account = NewAccount {
        email: Email::parse(ROOT).expect("an address"),
        password: Password::claimed(PASSWORD),
        username: None,
        first_name: None,
        last_name: None,
    };
    house.auth.create_admin(account).await.expect("is made");
}

/// An admin's program, just signed in.
async fn root(house: &House) -> Actor<'_> {
    make_admin(house).await;
    program(house, ROOT).await
}

async fn program<'a>(house: &'a House, email: &str) -> Actor<'a> {
    let signed_in = house.sign_in(email).await;
    house.program().with_bearer(&signed_in.access)
}

/// What stands in an invitation's link.
async fn token(house: &House, email: &str) -> String {
    let post = house.deliver().await;
    let text = &post.to(email).0.text;
    let (_, after) = text
        .split_once("/accept-invitation?token=")
        .expect("a link");
    after.split_whitespace().next().expect("a token").to_owned()
}

async fn invited(house: &House, by: &mut Actor<'_>, body: &Value) -> String {
    assert_eq!(by.post(INVITE, body).await.told(), "201");
    token(house, body["email"].as_str().expect("an address")).await
}

async fn accept(house: &House, body: &Value) -> Answer {
    house.program().post(ACCEPT, body).await
}

async fn delete(by: &mut Actor<'_>, path: &str) -> Answer {
    let asking = by.request(Method::DELETE, path);
    by.send(asking).await
}

both! {
    async fn an_invited_person_comes_in_by_the_link(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let acme = root.post(TENANTS, &json!({ "name": "Acme" })).await;
        assert_eq!((acme.told(), acme.members()), ("201".to_owned(), ["createdAt", "id", "name"].map(str::to_owned).to_vec()));
        let body = json!({ "email": " Ada@Example.com ", "role": "viewer", "firstName": "Ada", "tenantId": acme.member("id") });

        let answer = root.post(INVITE, &body).await;
        assert_eq!(answer.told(), "201");
        let invitation = &answer.json()["invitation"];
        assert_eq!(
            *invitation,
            json!({
                "id": invitation["id"], "email": ADA, "role": "viewer", "status": "pending", "problem": null,
                "firstName": "Ada", "lastName": null, "tenantId": acme.member("id"), "tenantName": "Acme",
                "inviterId": invitation["inviterId"], "inviterEmail": ROOT,
                "createdAt": auth::rfc3339(house.now()), "expiresAt": auth::rfc3339(house.now() + 7 * 86_400),
                "acceptedAt": null, "revokedAt": null,
            })
        );
        let token = token(&house, ADA).await;
        let body = json!({ "token": token, "password": PASSWORD, "confirmPassword": PASSWORD, "username": "ada" });
        let accepted = accept(&house, &body).await;

        assert_eq!(accepted.told(), "200");
        assert_eq!(accepted.members(), ["accessToken", "expiresIn", "refreshToken", "tokenType", "user"]);
        let user = &accepted.json()["user"];
        assert_eq!((user["role"].as_str(), user["emailVerified"].as_bool()), (Some("viewer"), Some(true)));
        assert_eq!((user["username"].as_str(), user["firstName"].as_str()), (Some("ada"), Some("Ada")));
        assert_eq!(user["tenantId"], acme.member("id"));
        let (_, claims) = crate::support::claims(&accepted.member("accessToken"));
        assert_eq!(claims["tenantId"], acme.member("id"));
        let listed = root.get(&format!("{LIST}?status=accepted")).await.json();
        assert_eq!(listed["invitations"][0]["id"], invitation["id"]);
        assert_eq!(listed["nextCursor"], Value::Null);
        assert_eq!(accept(&house, &body).await.told(), "400 invalid_or_expired_link");
        // The older address of the route is the same route.
        assert_eq!(house.program().post("/auth/accept-invitation", &body).await.told(), "400 invalid_or_expired_link");
    }

    async fn a_browser_gets_its_cookie_and_no_refresh_token(site: &Site) {
        let house = site.house().await;
        let token = invited(&house, &mut root(&house).await, &json!({ "email": ADA, "role": "user" })).await;
        let mut browser = house.browser();
        let answer = browser.post(ACCEPT, &json!({ "token": token, "password": PASSWORD, "useCookie": true })).await;
        assert_eq!(answer.told(), "200");
        assert_eq!(answer.members(), ["accessToken", "expiresIn", "tokenType", "user"]);
        assert_eq!(browser.me().await, ADA);
    }

    async fn nobody_makes_more_of_an_invitation_than_it_says(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let token = invited(&house, &mut root, &json!({ "email": ADA, "role": "viewer" })).await;
        for (name, value) in [
            ("role", json!("admin")), ("tenantId", json!("t")), ("id", json!("x")), ("email", json!("eve@example.com")),
            ("emailVerified", json!(true)), ("permissions", json!(["user:manage"])), ("userId", json!("x")),
        ] {
            let mut body = json!({ "token": token, "password": PASSWORD });
            body[name] = value;
            assert_eq!(accept(&house, &body).await.told(), format!("400 invalid_request {name}:unknown_field"));
        }
        for (body, told) in [
            (json!({ "token": token, "password": PASSWORD, "confirmPassword": "another quiet heron" }), "400 invalid_request confirmPassword:mismatch"),
            (json!({ "token": token }), "400 invalid_request password:required"),
            (json!({ "token": token, "password": "short" }), "400 invalid_request password:too_short"),
            (json!({ "token": token, "password": PASSWORD, "username": "ab" }), "400 invalid_request username:too_short"),
            (json!({ "token": token, "password": PASSWORD, "username": "a@b" }), "400 invalid_request username:invalid"),
            (json!({ "token": token, "password": PASSWORD, "firstName": "A\r\nBcc: eve@example.com" }), "400 invalid_request firstName:invalid"),
            (json!({ "password": PASSWORD }), "400 invalid_request token:required"),
            (json!({ "token": 7, "password": PASSWORD }), "400 invalid_request token:invalid"),
            (json!({ "token": &token[..42], "password": PASSWORD }), "400 invalid_or_expired_link"),
            (json!({ "token": format!("{token}{token}"), "password": PASSWORD }), "400 invalid_or_expired_link"),
        ] {
            assert_eq!(accept(&house, &body).await.told(), told, "{body}");
        }
        for (name, value) in [("status", json!("accepted")), ("inviterId", json!("x")), ("expiresAt", json!("2099-01-01T00:00:00Z")), ("id", json!("x"))] {
            let mut body = json!({ "email": "bob@example.com", "role": "viewer" });
            body[name] = value;
            assert_eq!(root.post(INVITE, &body).await.told(), format!("400 invalid_request {name}:unknown_field"));
        }
        assert_eq!(accept(&house, &json!({ "token": token, "password": PASSWORD })).await.told(), "200", "nothing was used up");
    }

    async fn text_of_an_inviter_reaches_nobody_as_anything_else(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let names = ["<script>alert(1)</script>", "=HYPERLINK(\"https://evil.example\")", "{{7*7}}"];
        for (at, name) in names.iter().enumerate() {
            let tenant = root.post(TENANTS, &json!({ "name": name })).await;
            assert_eq!(tenant.told(), "201");
            let email = format!("p{at}@example.com");
            let body = json!({ "email": email, "role": "user", "firstName": name, "tenantId": tenant.member("id") });
            assert_eq!(root.post(INVITE, &body).await.told(), "201");
            let post = house.deliver().await;
            let letter = &post.to(&email).0;
            assert_eq!(letter.subject, "You are invited");
            for text in [&letter.text, &letter.html] {
                assert!(!text.contains("<script") && !text.contains("evil.example") && !text.contains(" 49 at "), "{text}");
                assert!(text.contains(ROOT));
            }
            let (_, after) = letter.text.split_once("/accept-invitation?token=").expect("a link");
            let token = after.split_whitespace().next().expect("a token");
            let mut browser = house.browser();
            browser.open(&format!("/accept-invitation?token={token}")).await;
            let page = browser.open("/accept-invitation").await;
            // Between the quotes of a value it is text; anywhere else it would run.
            let page = (page.status, page.text().replace("value=\"<script>alert(1)</script>\"", ""));
            assert!(page.0 == 200 && !page.1.contains("<script>alert"), "{}", page.1);
        }
        for name in ["A\r\nSubject: x", "\u{202E}x", "", &"x".repeat(101)] {
            assert_eq!(root.post(TENANTS, &json!({ "name": name })).await.status, 400, "{name:?}");
        }
    }

    async fn an_address_with_an_account_joins_with_its_own_session(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        house.account(ADA).await;
        house.account("eve@example.com").await;
        let plain = json!({ "email": ADA, "role": "viewer" });
        assert_eq!(root.post(INVITE, &plain).await.told(), "409 conflict email:taken");
        let tenant = root.post(TENANTS, &json!({ "name": "Acme" })).await.member("id");
        let token = invited(&house, &mut root, &json!({ "email": ADA, "role": "viewer", "tenantId": tenant })).await;
        let (bare, full) = (json!({ "token": token }), json!({ "token": token, "password": "ninety loud geese" }));
        let conflict = "409 conflict email:taken";

        for body in [&bare, &full] {
            assert_eq!(accept(&house, body).await.told(), conflict);
            assert_eq!(program(&house, "eve@example.com").await.post(ACCEPT, body).await.told(), conflict);
        }
        let mut ada = program(&house, ADA).await;
        assert_eq!(ada.post(ACCEPT, &full).await.told(), conflict);
        assert_eq!(house.program().with_bearer("none").post(ACCEPT, &bare).await.told(), "401 invalid_token");
        assert_eq!(house.program().with_bearer("x").with_cookie("gatehouse", "x").post(ACCEPT, &bare).await.told(), "400 multiple_credentials");
        let joined = ada.post(ACCEPT, &bare).await;

        assert_eq!(joined.told(), "200");
        assert_eq!(joined.members(), ["accessToken", "expiresIn", "tokenType", "user"]);
        assert_eq!(joined.json()["user"]["tenantId"], tenant);
        assert_eq!(joined.json()["user"]["role"], "user");
        assert_eq!(ada.me().await, "401 token_stale", "the older token says less than there is");
        assert_eq!(house.program().with_bearer(&joined.member("accessToken")).me().await, ADA);
        assert_eq!(house.program().log_in(ADA, PASSWORD).await.told(), "200", "the password is what it was");
    }

    async fn a_cookie_of_another_site_joins_nothing(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        house.account(ADA).await;
        let tenant = root.post(TENANTS, &json!({ "name": "Acme" })).await.member("id");
        let token = invited(&house, &mut root, &json!({ "email": ADA, "role": "viewer", "tenantId": tenant })).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ADA).await;
        let asking = browser.request(Method::POST, ACCEPT).json(&json!({ "token": token }));
        let foreign = asking.header("sec-fetch-site", "cross-site").header("origin", "https://evil.example");
        assert_eq!(browser.send(foreign).await.told(), "403 cross_site_request");
        let before = browser.clone();
        assert_eq!(browser.post(ACCEPT, &json!({ "token": token })).await.told(), "200");
        // Other rights, another cookie (row 49): the one from before leads nowhere.
        assert_ne!(browser.cookie("gatehouse"), before.cookie("gatehouse"));
        assert_eq!(browser.me().await, ADA);
        assert_eq!(before.clone().me().await, "401 authentication_required");
    }

    async fn only_who_manages_people_invites_and_only_just_after_proving_it(site: &Site) {
        let house = site.house().await;
        make_admin(&house).await;
        house.account(ADA).await;
        let body = json!({ "email": "bob@example.com", "role": "viewer" });
        let id = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";
        for (mut who, told) in [(house.program(), "401 authentication_required"), (program(&house, ADA).await, "403 insufficient_permissions")] {
            assert_eq!(who.post(INVITE, &body).await.told(), told);
            assert_eq!(who.post(MANY, &json!({ "emails": ["bob@example.com"], "role": "viewer" })).await.told(), told);
            assert_eq!(who.get(LIST).await.told(), told);
            assert_eq!(who.get(TENANTS).await.told(), told);
            assert_eq!(who.post(TENANTS, &json!({ "name": "Acme" })).await.told(), told);
            assert_eq!(who.poke(&format!("{LIST}/{id}/resend")).await.told(), told);
            assert_eq!(delete(&mut who, &format!("{LIST}/{id}")).await.told(), told);
        }
        let mut root = program(&house, ROOT).await;
        for id in [id, "none", "%2e%2e", "1' or 1=1"] {
            let path = format!("{LIST}/{}", id.replace(' ', "%20"));
            assert_eq!(root.poke(&format!("{path}/resend")).await.told(), "404 not_found");
            assert_eq!(delete(&mut root, &path).await.told(), "404 not_found");
        }
        house.wait(11 * 60);
        assert_eq!(root.post(INVITE, &body).await.told(), "401 step_up_required");
        assert_eq!(root.post(TENANTS, &json!({ "name": "Acme" })).await.told(), "401 step_up_required");
        assert_eq!(root.get(LIST).await.told(), "200", "reading needs no fresh factor");
    }

    async fn a_list_is_read_page_by_page(site: &Site) {
        let house = site.house_with(Setup { limits: 0.0, ..Setup::default() }).await;
        let mut root = root(&house).await;
        let emails: Vec<String> = (0..7).map(|at| format!("p{at}@example.com")).collect();
        let answer = root.post(MANY, &json!({ "emails": emails, "role": "user" })).await;
        assert_eq!(answer.told(), "200");

        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = root.get(&format!("{LIST}?limit=3{cursor}")).await.json();
            let list = page["invitations"].as_array().expect("a list").clone();
            assert!(list.len() <= 3);
            seen.extend(list.iter().map(|one| one["email"].as_str().expect("an address").to_owned()));
            match page["nextCursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        seen.sort();
        assert_eq!(seen, emails);
        let found = root.get(&format!("{LIST}?q=P3%40&status=pending&sort=-createdAt")).await.json();
        assert_eq!(found["invitations"][0]["email"], "p3@example.com");
        assert_eq!(found["invitations"].as_array().map(Vec::len), Some(1));
        for (query, field) in [("status=odd", "status"), ("limit=0", "limit"), ("cursor=x", "cursor"), ("sort=email", "sort"), ("limit=1&limit=2", "limit")] {
            let answer = root.get(&format!("{LIST}?{query}")).await;
            assert!(answer.told().starts_with("400 invalid_request") && answer.told().contains(&format!(" {field}:")), "{}", answer.told());
        }
    }

    async fn each_of_many_has_an_outcome(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let emails = json!(["ada@example.com", "ADA@example.com", "nope", ROOT, "bob@example.com"]);
        let answer = root.post(MANY, &json!({ "emails": emails, "role": "user" })).await.json();
        let told: Vec<_> = answer["results"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| (one["email"].as_str().unwrap_or_default().to_owned(), one["invitation"]["status"].as_str().map(str::to_owned), one["error"]["code"].as_str().map(str::to_owned)))
            .collect();
        let (pending, wrong, taken) = (Some("pending".to_owned()), Some("invalid_request".to_owned()), Some("conflict".to_owned()));
        assert_eq!(told, [
            (ADA.to_owned(), pending.clone(), None), ("nope".to_owned(), None, wrong),
            (ROOT.to_owned(), None, taken), ("bob@example.com".to_owned(), pending, None),
        ]);
        assert_eq!(house.deliver().await.subjects(), ["ada@example.com: You are invited", "bob@example.com: You are invited"]);
        for (body, told) in [
            (json!({ "emails": [], "role": "user" }), "400 invalid_request emails:required"),
            (json!({ "emails": (0..101).map(|at| format!("p{at}@example.com")).collect::<Vec<_>>(), "role": "user" }), "400 invalid_request emails:too_long"),
            (json!({ "emails": "ada@example.com", "role": "user" }), "400 invalid_request emails:invalid"),
            (json!({ "emails": [7], "role": "user" }), "400 invalid_request emails:invalid"),
            (json!({ "emails": ["x@example.com"], "role": "api" }), "400 invalid_request role:invalid"),
            (json!({ "emails": ["x@example.com"], "role": "user", "tenantId": "none" }), "400 invalid_request tenantId:invalid"),
            (json!({ "role": "user" }), "400 invalid_request emails:required"),
        ] {
            assert_eq!(root.post(MANY, &body).await.told(), told);
        }
        let huge: Vec<_> = (0..10_000).map(|at| format!("p{at}@example.com")).collect();
        assert_eq!(root.post(MANY, &json!({ "emails": huge, "role": "user" })).await.told(), "413 body_too_large");
    }

    async fn taking_back_and_sending_again(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let first = invited(&house, &mut root, &json!({ "email": ADA, "role": "user" })).await;
        let id = root.get(LIST).await.json()["invitations"][0]["id"].as_str().expect("an id").to_owned();

        assert_eq!(root.poke(&format!("{LIST}/{id}/resend")).await.told(), "200");
        let second = token(&house, ADA).await;
        assert_eq!(accept(&house, &json!({ "token": first, "password": PASSWORD })).await.told(), "400 invalid_or_expired_link");
        for _ in 0..2 {
            let answer = delete(&mut root, &format!("{LIST}/{id}")).await;
            assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
        }
        assert_eq!(accept(&house, &json!({ "token": second, "password": PASSWORD })).await.told(), "400 invalid_or_expired_link");
        assert_eq!(root.poke(&format!("{LIST}/{id}/resend")).await.told(), "409 conflict status:taken");
        assert_eq!(root.get(LIST).await.json()["invitations"][0]["status"], "revoked");
    }

    async fn the_page_takes_the_token_out_of_the_address_and_opening_changes_nothing(site: &Site) {
        let house = site.house().await;
        let mut root = root(&house).await;
        let token = invited(&house, &mut root, &json!({ "email": ADA, "role": "user", "firstName": "Ada" })).await;
        let mut browser = house.browser();
        for _ in 0..3 {
            let moved = browser.open(&format!("/auth/accept-invitation?token={token}")).await;
            assert_eq!((moved.status.as_u16(), moved.header("location")), (303, &*format!("/accept-invitation?token={token}")));
            let opened = browser.open(&format!("/accept-invitation?token={token}")).await;
            assert_eq!((opened.status.as_u16(), opened.header("location")), (303, "/accept-invitation"));
        }
        let page = browser.open("/accept-invitation").await.text();
        assert!(page.contains(ROOT) && page.contains("value=\"Ada\"") && !page.contains(&token), "{page}");

        let answer = browser.submit("accept_invitation", &[("password", "short"), ("username", "ada")]).await;
        let back = answer.header("location").to_owned();
        assert!(back.starts_with("/accept-invitation?flash="), "{back}");
        let page = browser.open(&back).await.text();
        assert!(page.contains("Use at least 12 characters.") && page.contains("value=\"ada\"") && !page.contains("\"short\""));

        let answer = browser.submit("accept_invitation", &[("password", PASSWORD), ("username", "ada"), ("first_name", ""), ("last_name", "Byron")]).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (303, "/account"));
        assert_eq!(browser.me().await, ADA);
        let me = browser.get("/api/auth/me").await.json();
        assert_eq!((&me["user"]["firstName"], &me["user"]["lastName"]), (&Value::Null, &json!("Byron")));
        let late = house.browser();
        let mut late = late;
        late.open(&format!("/accept-invitation?token={token}")).await;
        assert!(late.open("/accept-invitation").await.text().contains("This invitation does not work"));
    }

    async fn an_admin_invites_on_the_page_without_any_script(site: &Site) {
        let house = site.house().await;
        make_admin(&house).await;
        let mut browser = house.browser();
        browser.log_in_with_cookie(ROOT).await;
        let page = browser.open("/admin/invitations").await;
        assert!(page.status == 200 && page.text().contains("Nobody is invited yet"), "{page:?}");

        let pasted = "ada@example.com, bob@example.com\nnope root@example.com;ada@example.com";
        let answer = browser.submit("invite", &[("emails", pasted), ("role", "user")]).await;
        let page = browser.open(answer.header("location")).await.text();
        assert!(page.contains("2 invitations are on their way."), "{page}");
        assert!(page.contains("nope") && page.contains("This address has an account already."), "{page}");
        assert_eq!(house.deliver().await.subjects().len(), 2);

        let many: String = (0..1100).map(|at| format!("p{at}@example.com\n")).collect();
        let answer = browser.submit("invite", &[("emails", &many), ("role", "user")]).await;
        let page = browser.open(answer.header("location")).await.text();
        assert!(page.contains("Name at most 100 addresses at a time."), "{page}");
        let filtered = browser.open("/admin/invitations?status=pending&q=bob").await.text();
        assert!(filtered.contains("bob@example.com") && !filtered.contains("ada@example.com</"), "{filtered}");

        let id = browser.get(&format!("{LIST}?q=bob")).await.json()["invitations"][0]["id"].as_str().expect("an id").to_owned();
        let back = "/admin/invitations?status=pending";
        for (function, said) in [("resend_invitation", "A new letter is on its way."), ("revoke_invitation", "The invitation is taken back")] {
            let answer = browser.submit(function, &[("id", &id), ("back", back)]).await;
            let to = answer.header("location").to_owned();
            assert!(to.starts_with(back), "{to}");
            assert!(browser.open(&to).await.text().contains(said));
        }
        let answer = browser.submit("revoke_invitation", &[("id", "none"), ("back", "https://evil.example")]).await;
        assert!(answer.header("location").starts_with("/admin/invitations?flash="));
    }

    async fn invitations_end_after_seven_days(site: &Site) {
        let house = site.house().await;
        let token = invited(&house, &mut root(&house).await, &json!({ "email": ADA, "role": "user" })).await;
        house.wait(7 * DAY);
        assert_eq!(accept(&house, &json!({ "token": token, "password": PASSWORD })).await.told(), "400 invalid_or_expired_link");
    }
}
