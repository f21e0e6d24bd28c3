//! The list of devices: seen and ended by whose they are (`req 45`, row 57), and kept to a number.

use std::collections::BTreeSet;

use auth::{Auth, EndSessionError, Session, SessionLife, Settings, Want};
use wire::{Audience, ErrorCode, LogOutScope, OpenSession};

use crate::support::*;

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

impl House {
    /// Signs in to stay, on a page.
    pub(crate) async fn stay(&self, address: &str) -> auth::SignIn {
        let (client, credentials) = (self.somewhere(), credentials(address, PASSWORD));
        let signed_in = self
            .auth
            .log_in(credentials, Want::RememberedPage, &client)
            .await;
        signed_in.expect("signs in")
    }

    async fn devices(&self, session: &Session) -> Vec<OpenSession> {
        self.auth.list_sessions(session).await.expect("lists")
    }

    async fn end(&self, session: &Session, id: &str) -> Result<(), EndSessionError> {
        let client = self.somewhere();
        self.auth.end_session(session, id, &client).await
    }
}

both!(
    a_person_sees_where_they_are_signed_in_this_device_first,
    async |house| {
        house.member(BOB).await;
        let first = house.member(ADA).await;
        house.advance(HOUR);
        let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
        let phone = with_agent(&at("198.51.100.7"), agent);
        let program = with_agent(&at("203.0.113.9"), "workflow-cli/1.0");
        let signed_in = house
            .auth
            .log_in(credentials(ADA, PASSWORD), Want::RememberedPage, &phone)
            .await;
        let second = house.session_of(&signed_in.expect("signs in")).await;
        house.advance(MINUTE);
        let tokens = house
            .auth
            .log_in(credentials(ADA, PASSWORD), TOKENS, &program);
        tokens.await.expect("signs in");

        let listed = house.devices(&first).await;

        let told: Vec<_> = listed
            .iter()
            .map(|one| {
                let device = (one.device.words(), one.device.kind.as_str().to_owned());
                (one.current, device, one.remembered, one.methods.join(" "))
            })
            .collect();
        let device = |words: &str, kind: &str| (words.to_owned(), kind.to_owned());
        assert_eq!(
            told[1..],
            [
                (
                    false,
                    device("an unknown device", "program"),
                    false,
                    "pwd".to_owned()
                ),
                (
                    false,
                    device("Safari on iPhone", "phone"),
                    true,
                    "pwd".to_owned()
                ),
            ]
        );
        assert!(told[0].0 && told[0].3 == "pwd email", "{told:?}");
        assert_eq!(listed[2].ip, "198.51.100.7");
        assert_eq!(listed[2].created_at, auth::rfc3339(second.created_at));
        assert_eq!(
            listed[2].idle_expires_at,
            auth::rfc3339(second.created_at + 7 * 86_400)
        );
        assert_eq!(
            listed[0].idle_expires_at,
            auth::rfc3339(first.last_seen_at + 86_400),
            "nobody asked to stay"
        );
        let seen_from_there = house.devices(&second).await;
        assert_eq!(seen_from_there[0].id, second.id);
        assert_eq!(seen_from_there.len(), 3);
    }
);

both!(
    a_session_ended_from_another_device_is_over_with_its_tokens,
    async |house| {
        let mine = house.member(ADA).await;
        let program = house
            .auth
            .log_in(credentials(ADA, PASSWORD), TOKENS, &house.somewhere())
            .await;
        let program = program.expect("signs in");
        let sid = program.session_id.clone();
        let (access, refresh) = tokens(program);

        house.end(&mine, &sid).await.expect("ends");

        assert_eq!(
            code(house.auth.session_by_access_token(&access).await),
            ErrorCode::TokenRevoked
        );
        let again = house
            .auth
            .refresh(&refresh, Audience::PortalAndServices, &house.somewhere())
            .await;
        assert_eq!(code(again), ErrorCode::TokenRevoked);
        let published =
            format!("select kind from revocations where subject = '{sid}' and until > at");
        assert_eq!(house.console(&published).await, ["session"]);
        assert_eq!(house.devices(&mine).await.len(), 1);
        let told = house.events(&mine).await;
        let sentence = "You signed out another device.";
        assert!(
            told.iter().any(|event| event.sentence == sentence),
            "{told:?}"
        );
    }
);

both!(
    a_foreign_an_ended_and_an_unknown_session_are_one_answer,
    async |house| {
        let (ada, bob) = (house.member(ADA).await, house.member(BOB).await);
        let other = house.other_device(ADA).await;
        house.end(&ada, &other.id).await.expect("ends");
        let unknown = house.auth.draw_id();

        for id in [bob.id.as_str(), &other.id, &unknown, "", "x' or 1=1"] {
            let refused = house.end(&ada, id).await.expect_err("is refused");
            let told: wire::Error = refused.into();
            assert_eq!(told, ErrorCode::NotFound.into(), "{id}");
        }

        assert_eq!(house.devices(&bob).await.len(), 1);
    }
);

both!(ending_ones_own_session_is_signing_out, async |house| {
    let signed_in = house.sign_up(ADA, Want::Page).await;
    let mine = house.session_of(&signed_in).await;
    house.end(&mine, &mine.id).await.expect("ends");

    assert!(house.session(&cookie(&signed_in)).await.is_none());
    let refused = house.end(&mine, &mine.id).await;
    assert_eq!(code(refused), ErrorCode::AuthenticationRequired);
});

both!(two_who_end_the_same_session_end_it_once, async |house| {
    let mine = house.member(ADA).await;
    let other = house.other_device(ADA).await;
    let done = at_once(8, |_| {
        let (auth, mine, other, client) = (
            house.auth.clone(),
            mine.clone(),
            other.id.clone(),
            house.somewhere(),
        );
        async move { auth.end_session(&mine, &other, &client).await }
    })
    .await;

    assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 1);
    let noted = format!(
        "select action from audit_log where action = 'session.ended' and subject_id = '{}'",
        mine.user.id
    );
    assert_eq!(house.console(&noted).await.len(), 1);
});

both!(a_session_that_has_ended_ends_no_other, async |house| {
    let stolen = house.member(ADA).await;
    let owner = house.other_device(ADA).await;
    let client = house.somewhere();
    let others = house.auth.log_out(&owner, LogOutScope::Others, &client);
    others.await.expect("ends");

    let refused = house.end(&stolen, &owner.id).await;

    assert_eq!(code(refused), ErrorCode::AuthenticationRequired);
    assert_eq!(house.devices(&owner).await.len(), 1);
});

both!(
    who_did_not_ask_to_stay_is_signed_out_after_a_day_without_use,
    async |house| {
        let visiting = cookie(&house.sign_up(ADA, Want::Page).await);
        let staying = cookie(&house.stay(ADA).await);
        house.advance(DAY - 1);
        let nodes = [house.node(settings()).await, house.node(settings()).await];
        // Read past any cache, and not noted as a use: a minute has not passed since nothing.
        assert!(lives(&nodes[0], &staying).await);
        house.advance(1);
        assert!(!lives(&nodes[1], &visiting).await);
        assert!(lives(&nodes[1], &staying).await);
    }
);

async fn lives(auth: &Auth, cookie: &auth::CookieToken) -> bool {
    let session = auth.session_by_cookie(cookie, &at("192.0.2.1")).await;
    session.expect("answers").is_some()
}

/// Settings with other lives of sessions.
fn living(change: impl FnOnce(&mut SessionLife)) -> Settings {
    let mut settings = without_limits();
    change(&mut settings.sessions);
    settings
}

both!(
    idle_and_absolute_limits_are_what_the_operator_says,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        let strict = house
            .node(living(|life| {
                life.idle = 600;
                life.idle_unremembered = 86_400;
                life.absolute = 1000;
            }))
            .await;
        let mut cookies = Vec::new();
        for want in [Want::Page, Want::RememberedPage] {
            let client = house.somewhere();
            let signed_in = strict.log_in(credentials(ADA, PASSWORD), want, &client);
            cookies.push(cookie(&signed_in.await.expect("signs in")));
        }
        house.advance(599);
        for cookie in &cookies {
            assert!(lives(&strict, cookie).await, "and is noted as used");
        }
        let seen = "select cast(count(*) as varchar(9)) from sessions where last_seen_at = created_at + 599";
        while house.console(seen).await != ["2"] {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        house.advance(400);
        assert!(lives(&strict, &cookies[0]).await && lives(&strict, &cookies[1]).await);
        house.advance(1);
        for cookie in &cookies {
            assert!(!lives(&strict, cookie).await, "over, though in use");
        }
    }
);

both!(
    one_session_too_many_ends_the_one_not_used_for_longest,
    async |house| {
        let first = house.member(ADA).await;
        let three = house.node(living(|life| life.per_account = 3)).await;
        let mut ids = vec![first.id.clone()];
        for _ in 0..3 {
            house.advance(1);
            let (client, who) = (house.somewhere(), credentials(ADA, PASSWORD));
            let want = Want::Tokens(Audience::PortalAndServices);
            let signed_in = three.log_in(who, want, &client).await;
            ids.push(signed_in.expect("signs in").session_id);
        }

        let newest = "select id from sessions where revoked_at is null order by id";
        assert_eq!(house.console(newest).await, ids[1..]);
        assert_eq!(
            house
                .console("select revoked_reason from sessions where revoked_at is not null")
                .await,
            ["too_many"]
        );
        let published = format!(
            "select kind from revocations where subject = '{}'",
            first.id
        );
        assert_eq!(house.console(&published).await, ["session"]);
        let again = house.other_device(ADA).await;
        let told = house.events(&again).await;
        let sentence = "A session ended because you signed in once more than you can at a time.";
        assert!(
            told.iter().any(|event| event.sentence == sentence),
            "{told:?}"
        );
    }
);

both!(
    two_hundred_sign_ins_at_once_leave_as_many_sessions_as_may_be,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        // That one is the one unused for longest.
        house.advance(1);
        let ten = living(|life| life.per_account = 10);
        let nodes = [house.node(ten.clone()).await, house.node(ten).await];
        let done = at_once(200, |at| {
            let (auth, client) = (nodes[at % 2].clone(), house.somewhere());
            async move {
                let who = credentials(ADA, PASSWORD);
                // A queue that is full says so; whoever meets it comes again.
                loop {
                    match auth.log_in(who.clone(), Want::Page, &client).await {
                        Ok(signed_in) => return signed_in.session_id,
                        Err(auth::LogInError::Overloaded(_)) => tokio::task::yield_now().await,
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        })
        .await;

        let begun: BTreeSet<_> = done.into_iter().collect();
        assert_eq!(begun.len(), 200);
        let living = house
            .console("select id from sessions where revoked_at is null")
            .await;
        assert_eq!(living.len(), 10);
        assert!(living.iter().all(|id| begun.contains(id)));
        let published = house
            .console("select subject from revocations where kind = 'session'")
            .await;
        assert_eq!(published.len(), 191, "each that ended, once");
    }
);

both!(
    a_use_seen_by_many_nodes_at_once_is_written_down_once,
    async |house| {
        let cookie = cookie(&house.sign_up(ADA, Want::Page).await);
        house.advance(61);
        let mut nodes = Vec::new();
        for _ in 0..4 {
            nodes.push(house.node(settings()).await);
        }
        let on_update = "create trigger note_seen after update of last_seen_at on sessions";
        let count = if house.is_shared() {
            vec![
                "create table seen (at bigint)".to_owned(),
                "create function note_seen() returns trigger language plpgsql as \
                 $$ begin insert into seen values (new.last_seen_at); return new; end $$"
                    .to_owned(),
                format!("{on_update} for each row execute function note_seen()"),
            ]
        } else {
            vec![
                "create table seen (at integer)".to_owned(),
                format!("{on_update} begin insert into seen values (new.last_seen_at); end"),
            ]
        };
        for statement in &count {
            house.console(statement).await;
        }
        let lived = at_once(40, |at| {
            let auth = nodes[at % 4].clone();
            async move { lives(&auth, &cookie).await }
        })
        .await;
        assert!(lived.into_iter().all(|lives| lives));
        let seen = "select cast(count(*) as varchar(9)) from seen";
        while house.console(seen).await == ["0"] {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        // What was under way at the first has been written by now, or found that it need not be.
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        assert_eq!(house.console(seen).await, ["1"]);
    }
);
