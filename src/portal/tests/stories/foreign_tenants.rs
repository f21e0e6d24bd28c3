//! The walk with foreign ids (row 91, req 108): every route that takes an id — JSON, page or form — asked
//! for something of another tenant's and for something that never was, by whoever looks after one tenant,
//! and by a plain member for their own. The two answers are one, byte for byte, and nothing has changed.

mod taking;

use std::collections::BTreeSet;

use http::Method;
use portal::access::{Door, TABLE};
use serde_json::{Value, json};

use crate::support::{ADA, Actor, Answer, House, PASSWORD, Setup, Site, both};
use taking::{BODIES, FORMS, Id, PATHS, Taking, WITHOUT, WORDS};

const ROOT: &str = "root@example.com";
const BOB: &str = "bob@example.com";
const EVE: &str = "eve@example.com";
const TENANTS: &str = "/api/admin/tenants";
/// Nobody's, and nothing's.
const NONE: &str = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";

/// Two tenants: Ada looks after Acme, where Bob is a member and somebody is invited; Eve after Beta.
struct World<'a> {
    root: Actor<'a>,
    ada: Actor<'a>,
    eve: Actor<'a>,
    bob: Actor<'a>,
    acme: String,
    beta: String,
    bobs: String,
    invitation: String,
    session: String,
    event: String,
    letter: String,
    assignment: String,
    key: String,
}

/// More is asked here in a minute than one network may ask.
fn without_limits() -> Setup {
    Setup {
        limits: 0.0,
        ..Setup::default()
    }
}

async fn browser<'a>(house: &'a House, email: &str) -> Actor<'a> {
    let mut browser = house.browser();
    browser.log_in_with_cookie(email).await;
    browser
}

/// Makes an account a member, and perhaps lets it look after the tenant.
async fn join(root: &mut Actor<'_>, tenant: &str, email: &str, manages: bool) {
    let members = format!("{TENANTS}/{tenant}/members");
    let body = json!({ "email": email, "role": "viewer" });
    let added = root.post(&members, &body).await;
    assert_eq!(added.told(), "201");
    if manages {
        let id = added.json()["member"]["userId"]
            .as_str()
            .expect("an id")
            .to_owned();
        let given = json!({ "patterns": ["tenant:manage"] });
        let changed = root
            .send(
                root.request(Method::PATCH, &format!("{members}/{id}"))
                    .json(&given),
            )
            .await;
        assert_eq!(changed.told(), "200");
    }
}

impl<'a> World<'a> {
    async fn of(house: &'a House) -> Self {
        let account = wire::NewAccount {
            email: wire::Email::parse(ROOT).expect("an address"),
            password: wire::Password::claimed(PASSWORD),
            username: None,
            first_name: None,
            last_name: None,
        };
        house.auth.create_admin(account).await.expect("is made");
        let mut root = browser(house, ROOT).await;
        for email in [ADA, BOB, EVE] {
            house.account(email).await;
        }
        let acme = root
            .post(TENANTS, &json!({ "name": "Acme" }))
            .await
            .member("id");
        let beta = root
            .post(TENANTS, &json!({ "name": "Beta" }))
            .await
            .member("id");
        join(&mut root, &acme, ADA, true).await;
        join(&mut root, &acme, BOB, false).await;
        join(&mut root, &beta, EVE, true).await;
        let invite = json!({ "emails": ["zoe@example.com"], "role": "viewer" });
        let invited = root
            .post(&format!("{TENANTS}/{acme}/invitations"), &invite)
            .await;
        let invitation = invited.json()["results"][0]["invitation"]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let mut bob = browser(house, BOB).await;
        let me = bob.get("/api/auth/me").await.json();
        let bobs = me["user"]["id"].as_str().expect("an id").to_owned();
        let entrust =
            json!({ "userId": bobs, "tenantId": acme, "resourceType": "case", "resourceId": "7" });
        let assigned = root.post("/api/admin/assignments", &entrust).await;
        assert_eq!(assigned.told(), "201");
        // She acts in her own: what she may do, she may do there.
        let mut eve = browser(house, EVE).await;
        let acts = eve
            .post("/api/account/tenant", &json!({ "tenantId": beta }))
            .await;
        assert_eq!(acts.told(), "200");
        let mut ada = browser(house, ADA).await;
        let wanted = json!({ "name": "Nightly", "permissions": ["workflow:read"] });
        let made = ada.post(&format!("{TENANTS}/{acme}/keys"), &wanted).await;
        assert_eq!(made.told(), "201");
        let first = |list: Value| list[0]["id"].as_str().expect("an id").to_owned();
        Self {
            session: first(bob.get("/api/account/sessions").await.json()["sessions"].clone()),
            event: first(bob.get("/api/account/events").await.json()["events"].clone()),
            letter: first(root.get("/api/admin/outbox").await.json()["letters"].clone()),
            assignment: assigned.member("id"),
            key: made.member("id"),
            ada,
            bobs,
            eve,
            root,
            bob,
            acme,
            beta,
            invitation,
        }
    }

    /// Something of Acme's.
    fn foreign(&self, id: Id) -> &str {
        match id {
            Id::Tenant => &self.acme,
            Id::Member => &self.bobs,
            Id::Invitation => &self.invitation,
            Id::Session => &self.session,
            Id::Event => &self.event,
            Id::Assignment => &self.assignment,
            Id::Key => &self.key,
            Id::Portal => &self.letter,
        }
    }

    /// What a route is asked for: all of Acme's, and the same with Eve's own tenant where one is named
    /// beside something else; each with its like that never was.
    fn pairs(&self, ids: &[(&'static str, Id)]) -> Vec<[Vec<(&'static str, String)>; 2]> {
        let foreign = |(name, id): &(&'static str, Id)| (*name, self.foreign(*id).to_owned());
        let none = |(name, _): &(&'static str, Id)| (*name, NONE.to_owned());
        let mut pairs = vec![[
            ids.iter().map(foreign).collect(),
            ids.iter().map(none).collect(),
        ]];
        if let [(name, Id::Tenant), rest @ ..] = ids
            && !rest.is_empty()
        {
            let own = || std::iter::once((*name, self.beta.clone()));
            pairs.push([
                own().chain(rest.iter().map(foreign)).collect(),
                own().chain(rest.iter().map(none)).collect(),
            ]);
        }
        pairs
    }

    /// All there is to see of Acme.
    async fn acme(&mut self) -> Vec<Value> {
        let mut seen = Vec::new();
        for path in ["", "/members", "/invitations"] {
            let answer = self
                .root
                .get(&format!("{TENANTS}/{}{path}", self.acme))
                .await;
            assert_eq!(answer.told(), "200");
            seen.push(answer.json());
        }
        let member = format!("{TENANTS}/{}/members/{}", self.acme, self.bobs);
        seen.push(self.root.get(&member).await.json());
        let keys = format!("{TENANTS}/{}/keys", self.acme);
        seen.push(self.ada.get(&keys).await.json());
        let entrusted = format!("/api/admin/assignments?tenantId={}", self.acme);
        seen.push(self.root.get(&entrusted).await.json());
        // When they were used last may change; which there are must not.
        let open = self.bob.get("/api/account/sessions").await.json();
        let open = open["sessions"].as_array().expect("a list").clone();
        seen.extend(open.into_iter().map(|session| session["id"].clone()));
        seen
    }
}

/// An answer without what differs between any two, and without what was asked for.
fn bare(answer: &Answer, asked: &[(&'static str, String)]) -> (u16, Vec<String>, String) {
    let id = answer.header("x-request-id").to_owned();
    let policy = answer.header("content-security-policy");
    let nonce = policy
        .split_once("'nonce-")
        .and_then(|(_, rest)| rest.split_once('\''));
    let nonce = nonce.map(|(nonce, _)| nonce.to_owned());
    let clean = |text: &str| {
        let mut text = text.replace(&id, "<request>");
        if let Some(nonce) = &nonce {
            text = text.replace(nonce.as_str(), "<nonce>");
        }
        asked.iter().fold(text, |text, (name, value)| {
            text.replace(value, &format!("<{name}>"))
        })
    };
    let mut headers: Vec<_> = answer
        .headers
        .iter()
        .map(|(name, value)| {
            let value = value.to_str().expect("a header is text");
            match name.as_str() {
                "set-cookie" => format!("{name}: {}", value.split('=').next().unwrap_or_default()),
                // What was asked for may be of another length.
                "content-length" => String::new(),
                _ => format!("{name}: {}", clean(value)),
            }
        })
        .collect();
    headers.sort();
    (answer.status.as_u16(), headers, clean(&answer.text()))
}

/// `404 not_found`, `404`, `refused not_found`, `done`.
fn said(answer: &Answer) -> String {
    let kind = answer.header("content-type").to_owned();
    if kind == "application/problem+json" {
        let code = answer.json()["code"].as_str().expect("a code").to_owned();
        return format!("{} {code}", answer.status.as_u16());
    }
    if kind.starts_with("application/json") && answer.status == 200 {
        let outcome = answer.json();
        if let Some(code) = outcome["refused"]["code"].as_str() {
            return format!("refused {code}");
        }
        if outcome.get("done").is_some() {
            return "done".to_owned();
        }
    }
    answer.status.as_u16().to_string()
}

/// Asks a route with a path for something.
async fn ask(by: &mut Actor<'_>, taking: &Taking, ids: &[(&'static str, String)]) -> Answer {
    let (method, path) = taking.route.split_once(' ').expect("a method and a path");
    let fill = |path: String, (name, id): &(&str, String)| path.replace(&format!("{{{name}}}"), id);
    let path = ids.iter().fold(path.to_owned(), fill);
    let asking = by.request(method.parse().expect("a method"), &path);
    let asking = match (taking.rest, path.starts_with("/api/")) {
        ("", true) => asking,
        ("", false) => asking.header("accept", "text/html"),
        (body, _) => asking.body("application/json", body),
    };
    by.send(asking).await
}

/// Sends a form, as a script would: the answer is the outcome itself.
async fn send(by: &mut Actor<'_>, taking: &Taking, ids: &[(&'static str, String)]) -> Answer {
    let mut fields: Vec<_> = ids
        .iter()
        .map(|(name, id)| format!("{name}={id}"))
        .collect();
    fields.extend((!taking.rest.is_empty()).then(|| taking.rest.to_owned()));
    let path = format!("/_sf/{}", taking.route);
    let asking = by
        .request(Method::POST, &path)
        .header("accept", "application/json")
        .body("application/x-www-form-urlencoded", fields.join("&"));
    by.send(asking).await
}

fn listed(lists: [BTreeSet<String>; 2]) -> BTreeSet<String> {
    let [one, other] = lists;
    assert!(one.is_disjoint(&other), "{one:?} {other:?}");
    one.into_iter().chain(other).collect()
}

#[test]
fn every_route_that_takes_an_id_is_walked() {
    let rows = TABLE
        .iter()
        .filter(|row| row.door != Door::ServerFunction && row.path.contains('{'));
    let rows: BTreeSet<_> = rows
        .map(|row| format!("{} {}", row.method, row.path))
        .collect();
    let walked = listed([
        PATHS.iter().map(|taking| taking.route.to_owned()).collect(),
        WORDS.iter().map(|route| (*route).to_owned()).collect(),
    ]);
    let forgotten: Vec<_> = rows.symmetric_difference(&walked).collect();
    assert!(
        forgotten.is_empty(),
        "add to, or take from, foreign_tenants/taking.rs: {forgotten:?}"
    );
    for taking in PATHS {
        let taken: BTreeSet<_> = taking
            .ids
            .iter()
            .map(|(name, _)| format!("{{{name}}}"))
            .collect();
        let parts = taking.route.split('/').filter(|part| part.starts_with('{'));
        assert_eq!(
            parts.map(str::to_owned).collect::<BTreeSet<_>>(),
            taken,
            "{}",
            taking.route
        );
    }
}

#[test]
fn every_form_is_walked_or_names_nothing() {
    let functions = leptos::server_fn::axum::server_fn_paths();
    let functions: BTreeSet<_> = functions
        .map(|(path, _)| path.trim_start_matches("/_sf/").to_owned())
        .collect();
    let walked = listed([
        FORMS.iter().map(|taking| taking.route.to_owned()).collect(),
        WITHOUT.iter().map(|form| (*form).to_owned()).collect(),
    ]);
    let forgotten: Vec<_> = functions.symmetric_difference(&walked).collect();
    assert!(
        forgotten.is_empty(),
        "add to, or take from, foreign_tenants/taking.rs: {forgotten:?}"
    );
}

both! {
    async fn what_is_of_another_tenant_is_told_like_what_never_was(site: &Site) {
        let house = site.house_with(without_limits()).await;
        let mut world = World::of(&house).await;
        let before = world.acme().await;
        let mut eve = world.eve.clone();
        let mut wrong = Vec::new();
        for (taking, is_form) in PATHS.iter().map(|it| (it, false)).chain(FORMS.iter().map(|it| (it, true))) {
            for [foreign, none] in world.pairs(taking.ids) {
                let (one, other) = match is_form {
                    true => (send(&mut eve, taking, &foreign).await, send(&mut eve, taking, &none).await),
                    false => (ask(&mut eve, taking, &foreign).await, ask(&mut eve, taking, &none).await),
                };
                if said(&one) != taking.told || bare(&one, &foreign) != bare(&other, &none) {
                    wrong.push(format!("{} {foreign:?}: {one:?}\nnone: {other:?}\nexpected {}", taking.route, taking.told));
                }
            }
        }
        for (route, body, told) in BODIES {
            let (method, path) = route.split_once(' ').expect("a method and a path");
            let mut answers = Vec::new();
            for (tenant, member) in [(world.acme.clone(), world.bobs.clone()), (NONE.to_owned(), NONE.to_owned())] {
                let body = body.replace("<own>", &world.beta).replace("<tenant>", &tenant).replace("<member>", &member);
                let asking = eve.request(method.parse().expect("a method"), path);
                let answer = eve.send(asking.body("application/json", body)).await;
                answers.push((said(&answer), bare(&answer, &[("tenant", tenant), ("member", member)])));
            }
            if answers[0] != answers[1] || answers[0].0 != *told {
                wrong.push(format!("{route} {body}: {answers:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
        assert_eq!(world.acme().await, before, "nothing was done");
        assert_eq!(eve.me().await, EVE, "nor to her");
    }

    async fn to_a_plain_member_their_tenant_is_not_there_to_look_after(site: &Site) {
        let house = site.house_with(without_limits()).await;
        let mut world = World::of(&house).await;
        let before = world.acme().await;
        let mut bob = world.bob.clone();
        let of_tenants = |taking: &&Taking| matches!(taking.ids, [(_, Id::Tenant), ..]);
        // Leaving, and acting there, is theirs.
        let own = ["DELETE /api/account/tenants/{id}", "act_in_tenant", "leave_tenant"];
        let theirs = |taking: &&Taking| of_tenants(taking) && !own.contains(&taking.route);
        for taking in PATHS.iter().filter(theirs) {
            for [foreign, none] in world.pairs(taking.ids).into_iter().take(1) {
                let (one, other) = (ask(&mut bob, taking, &foreign).await, ask(&mut bob, taking, &none).await);
                assert_eq!(said(&one), taking.told, "{}", taking.route);
                assert_eq!(bare(&one, &foreign), bare(&other, &none), "{}", taking.route);
            }
        }
        for taking in FORMS.iter().filter(theirs) {
            for [foreign, none] in world.pairs(taking.ids).into_iter().take(1) {
                let (one, other) = (send(&mut bob, taking, &foreign).await, send(&mut bob, taking, &none).await);
                assert_eq!(said(&one), taking.told, "{}", taking.route);
                assert_eq!(bare(&one, &foreign), bare(&other, &none), "{}", taking.route);
            }
        }
        assert_eq!(world.acme().await, before, "nothing was done");
    }
}
