//! The revocation feed, as a verifier that never asks about a token reads it.

use std::time::Duration;

use auth::{Auth, FeedDocument, FeedError, Want};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use wire::{Audience, ErrorCode, LogOutScope, Secret};

use crate::support::*;

/// One part of a compact JWS.
fn part(document: &str, at: usize) -> Value {
    let part = document.split('.').nth(at).expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn payload(document: &FeedDocument) -> Value {
    part(&document.jws, 1)
}

/// The payload of a document whose signature holds under a published key of the feed.
fn verified(auth: &Auth, document: &FeedDocument) -> Value {
    let header = part(&document.jws, 0);
    assert_eq!(header["typ"], "gatehouse-revocations");
    let set: Value = serde_json::from_slice(&auth.feed_jwks()).expect("JSON");
    let keys = set["keys"].as_array().expect("keys");
    let key = keys.iter().find(|key| key["kid"] == header["kid"]);
    let key = key.expect("a published key");
    let point: Vec<u8> = ["x", "y"]
        .iter()
        .flat_map(|name| {
            let text = key[*name].as_str().expect("a coordinate");
            URL_SAFE_NO_PAD.decode(text).expect("base64url")
        })
        .collect();
    let public = aws_lc_rs::signature::UnparsedPublicKey::new(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED,
        [&[4][..], &point].concat(),
    );
    let (message, signature) = document.jws.rsplit_once('.').expect("a signature");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    public
        .verify(message.as_bytes(), &signature)
        .expect("the signature holds");
    payload(document)
}

async fn whole(auth: &Auth) -> Value {
    verified(auth, &auth.revocations(None).await.expect("a document"))
}

/// The claims of an access token.
fn claims(token: &Secret) -> Value {
    part(token.reveal(), 1)
}

/// Kind and identifier as a verifier makes them.
fn identifier(kind: &str, id: &str) -> String {
    let text = format!("{kind}:{id}");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&digest.as_ref()[..16])
}

/// What a verifier that knows nothing but a document says to a token.
fn judge(document: &Value, token: &Secret) -> &'static str {
    let header = part(token.reveal(), 0);
    if !document["kids"]
        .as_array()
        .expect("kids")
        .contains(&header["kid"])
    {
        return "token_revoked";
    }
    let claims = claims(token);
    let mut verdict = "good";
    for entry in document["entries"].as_array().expect("entries") {
        let kind = entry["kind"].as_str().expect("a kind");
        let claim = match kind {
            "session" => "sid",
            "key" => "keyId",
            "subject" => "sub",
            "role" => "role",
            "tenant" => "tenantId",
            _ => "",
        };
        let ids = entry["ids"].as_str().expect("ids");
        let ids = URL_SAFE_NO_PAD.decode(ids).expect("base64url");
        let is_named = claim.is_empty()
            || claims[claim].as_str().is_some_and(|id| {
                ids.chunks(16)
                    .any(|known| URL_SAFE_NO_PAD.encode(known) == identifier(kind, id))
            });
        if is_named && entry["number"].as_i64() > claims["epoch"].as_i64() {
            match kind {
                "session" | "key" => return "token_revoked",
                _ => verdict = "token_stale",
            }
        }
    }
    verdict
}

async fn signed_in(house: &House) -> (Secret, Secret) {
    let client = house.somewhere();
    let signed_in = house
        .auth
        .log_in(credentials("ada@example.com", PASSWORD), TOKENS, &client)
        .await;
    tokens(signed_in.expect("signs in"))
}

both!(a_document_says_who_and_when_and_is_signed, async |house| {
    house.sign_up("ada@example.com", Want::Page).await;
    let (token, _) = signed_in(house).await;

    let document = house.auth.revocations(None).await.expect("a document");

    let told = verified(&house.auth, &document);
    let mut members: Vec<_> = told.as_object().expect("an object").keys().collect();
    members.sort();
    assert_eq!(
        members,
        [
            "entries",
            "expiresAt",
            "iss",
            "issuedAt",
            "kids",
            "seq",
            "since",
            "stream"
        ]
    );
    assert_eq!(told["iss"], claims(&token)["iss"]);
    assert_eq!(told["issuedAt"], house.auth.now());
    assert_eq!(told["expiresAt"], house.auth.now() + 30);
    assert_eq!(
        (&told["since"], &told["seq"]),
        (&json!(0), &json!(document.seq))
    );
    let kids: Value = serde_json::from_slice(&house.auth.jwks()).expect("JSON");
    let kids: Vec<_> = kids["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .map(|key| key["kid"].clone())
        .collect();
    assert_eq!(told["kids"], json!(kids));
    assert_eq!(judge(&told, &token), "good");
    let header = part(&document.jws, 0);
    assert!(!kids.contains(&header["kid"]), "keys of its own");
});

both!(
    an_ended_session_is_told_and_another_of_the_same_person_is_not_touched,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let ((ended, refresh), (other, _)) = (signed_in(house).await, signed_in(house).await);
        let before = whole(&house.auth).await;

        house
            .auth
            .log_out_by_refresh(&refresh, &house.somewhere())
            .await
            .expect("signs out");

        let after = whole(&house.auth).await;
        assert_eq!(judge(&before, &ended), "good");
        assert_eq!(judge(&after, &ended), "token_revoked");
        assert_eq!(judge(&after, &other), "good");
        assert_eq!(
            after["entries"],
            json!([{
                "kind": "session", "number": after["seq"], "until": house.auth.now() + 960,
                "ids": identifier("session", claims(&ended)["sid"].as_str().expect("a sid")),
            }])
        );
        assert_eq!(before["stream"], after["stream"]);

        house.advance(960);
        let later = whole(&house.auth).await;
        assert_eq!(later["entries"], json!([]), "it concerns no living token");
        assert_eq!(later["seq"], after["seq"]);
    }
);

both!(
    disabling_a_person_makes_their_tokens_stale_and_so_does_enabling,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        house.sign_up("bob@example.com", Want::Page).await;
        let (token, _) = signed_in(house).await;
        let bob = house
            .auth
            .log_in(
                credentials("bob@example.com", PASSWORD),
                TOKENS,
                &house.somewhere(),
            )
            .await;
        let (bobs, _) = tokens(bob.expect("signs in"));
        let client = at("127.0.0.1");

        house
            .auth
            .disable(&email("ada@example.com"), &client)
            .await
            .expect("disables");
        let disabled = whole(&house.auth).await;
        house
            .auth
            .enable(&email("ada@example.com"), &client)
            .await
            .expect("enables");
        let enabled = whole(&house.auth).await;

        assert_eq!(
            judge(&disabled, &token),
            "token_revoked",
            "its session ended as well"
        );
        assert_eq!(judge(&disabled, &bobs), "good");
        let subjects = |document: &Value| {
            let entries = document["entries"].as_array().expect("entries").iter();
            entries.filter(|entry| entry["kind"] == "subject").count()
        };
        assert_eq!((subjects(&disabled), subjects(&enabled)), (1, 2));
        let (again, _) = signed_in(house).await;
        assert_eq!(judge(&enabled, &again), "good");
    }
);

both!(
    a_password_change_makes_the_tokens_of_the_session_that_stays_stale_and_its_next_one_is_good,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let (token, refresh) = signed_in(house).await;
        let session = house
            .auth
            .session_by_access_token(&token)
            .await
            .expect("lives");
        let change = auth::ChangePassword {
            current: wire::Password::claimed(PASSWORD),
            new: wire::Password::claimed(OTHER_PASSWORD),
            ends_others: true,
        };
        house
            .auth
            .change_password(&session, change, &house.somewhere())
            .await
            .expect("changes");

        let told = whole(&house.auth).await;
        assert_eq!(judge(&told, &token), "token_stale");
        assert_eq!(
            code(house.auth.session_by_access_token(&token).await),
            ErrorCode::TokenStale
        );
        let next = house
            .auth
            .refresh(&refresh, Audience::Services, &house.somewhere())
            .await;
        let next = next.expect("goes on").access_token;
        assert_eq!(judge(&whole(&house.auth).await, &next), "good");
    }
);

both!(
    a_revoked_key_leaves_the_list_and_the_number_rises,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let (token, _) = signed_in(house).await;
        let before = whole(&house.auth).await;
        let kid = part(token.reveal(), 0)["kid"]
            .as_str()
            .expect("a kid")
            .to_owned();

        house
            .auth
            .revoke_signing_key(&kid, None, &at("127.0.0.1"))
            .await
            .expect("is out");

        let after = whole(&house.auth).await;
        assert!(after["seq"].as_i64() > before["seq"].as_i64());
        assert_eq!(judge(&before, &token), "good");
        assert_eq!(judge(&after, &token), "token_revoked");
        assert_eq!(after["entries"], json!([]));
    }
);

both!(
    what_came_after_a_number_is_told_alone_and_no_number_is_made_up,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let ((_, one), (_, other)) = (signed_in(house).await, signed_in(house).await);
        let client = house.somewhere();
        house
            .auth
            .log_out_by_refresh(&one, &client)
            .await
            .expect("signs out");
        let first = house.auth.revocations(None).await.expect("a document");
        house
            .auth
            .log_out_by_refresh(&other, &client)
            .await
            .expect("signs out");

        let rest = house
            .auth
            .revocations(Some(first.seq))
            .await
            .expect("a document");
        let told = verified(&house.auth, &rest);
        assert_eq!((rest.since, rest.seq), (first.seq, first.seq + 1));
        assert_eq!(told["entries"].as_array().expect("entries").len(), 1);
        assert_eq!(told["entries"][0]["number"], rest.seq);
        let nothing = house
            .auth
            .revocations(Some(rest.seq))
            .await
            .expect("a document");
        assert_eq!(payload(&nothing)["entries"], json!([]));
        assert_eq!(payload(&nothing)["kids"], told["kids"]);
        let ahead = house.auth.revocations(Some(rest.seq + 1)).await;
        assert!(matches!(ahead, Err(FeedError::Ahead)));
    }
);

both!(
    a_document_is_signed_once_for_everybody_and_anew_after_five_seconds,
    async |house| {
        let first = house.auth.revocations(None).await.expect("a document");
        let work = house.auth.work().statements;
        for _ in 0..200 {
            let again = house.auth.revocations(None).await.expect("a document");
            assert_eq!(again, first);
        }
        assert_eq!(
            house.auth.work().statements,
            work,
            "nothing is read for a request"
        );
        house.advance(4);
        assert_eq!(
            house.auth.revocations(None).await.expect("a document"),
            first
        );
        house.advance(1);
        let next = house.auth.revocations(None).await.expect("a document");
        assert_ne!(next.etag, first.etag);
        assert_eq!(payload(&next)["issuedAt"], house.auth.now());
    }
);

both!(
    made_up_starting_points_become_no_signatures,
    async |house| {
        house.console("update change_number set value = 1000").await;
        house.advance(1);
        let mut documents = std::collections::BTreeSet::new();
        for since in 0..1000 {
            let document = house
                .auth
                .revocations(Some(since))
                .await
                .expect("a document");
            assert!(document.since <= since);
            documents.insert(document.etag);
        }
        assert!(documents.len() <= 65, "{}", documents.len());
    }
);

both!(
    twenty_thousand_ended_at_once_fit_into_two_hundred_kilobytes,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let (token, _) = signed_in(house).await;
        let now = house.auth.now();
        // As many statements as the database takes in one.
        for (at, kind) in ["session", "subject", "key", "tenant"].iter().enumerate() {
            let rows: Vec<_> = (0..5000)
                .map(|row| {
                    let number = 1000 + row * 4 + at;
                    format!(
                        "({number}, '{kind}', 'id-{number}', {now}, {})",
                        now + 60 + (number as i64 * 37) % 900
                    )
                })
                .collect();
            let rows = rows.join(",");
            house
                .console(&format!(
                    "insert into revocations (number, kind, subject, at, until) values {rows}"
                ))
                .await;
        }
        house
            .console("update change_number set value = 21000")
            .await;
        house.advance(1);

        let document = house.auth.revocations(None).await.expect("a document");
        let told = verified(&house.auth, &document);
        assert!(document.jws.len() < 200_000, "{}", document.jws.len());
        assert_eq!(told["seq"], 21_000);
        assert_eq!(
            judge(&told, &token),
            "token_stale",
            "older than what is told together"
        );
        let few = house
            .auth
            .revocations(Some(20_990))
            .await
            .expect("a document");
        assert_eq!(
            payload(&few)["entries"].as_array().expect("entries").len(),
            9
        );
        let (fresh, _) = signed_in(house).await;
        assert_eq!(judge(&told, &fresh), "good");
        for number in (1000..21_000).step_by(501) {
            let kind = ["session", "subject", "key", "tenant"][number % 4];
            let id = identifier(kind, &format!("id-{number}"));
            let is_told = told["entries"]
                .as_array()
                .expect("entries")
                .iter()
                .any(|entry| {
                    let ids = URL_SAFE_NO_PAD
                        .decode(entry["ids"].as_str().expect("ids"))
                        .expect("base64url");
                    let is_named = entry["kind"] == "all"
                        || entry["kind"] == kind
                            && ids.chunks(16).any(|one| URL_SAFE_NO_PAD.encode(one) == id);
                    is_named && entry["number"].as_u64() >= Some(number as u64)
                });
            assert!(is_told, "{kind} {number}");
        }
    }
);

both!(
    rights_in_a_token_are_never_older_than_its_number,
    async |house| {
        let user = house.sign_up("ada@example.com", Want::Page).await.user.id;
        let (one, other) = (house.node(settings()).await, house.node(settings()).await);
        // More at once than an account may have.
        let mut many = settings();
        many.sessions.per_account = 1000;
        let many = house.node(many).await;
        let mut ways = Vec::new();
        for n in 0..200 {
            let carried = [TOKENS, Want::Page][n % 2];
            let client = house.somewhere();
            let credentials = credentials("ada@example.com", PASSWORD);
            let signed_in = many.log_in(credentials, carried, &client).await;
            ways.push(signed_in.expect("signs in"));
        }
        let url = house.database.url().to_owned();
        let ways = std::sync::Arc::new(ways);
        // Some change the role, as a flow would; the others get tokens in every way there is.
        let tokens = at_once(200, |n| {
            let auth = [&one, &other][(n / 2) % 2].clone();
            let (user, url, ways) = (user.clone(), url.clone(), ways.clone());
            async move {
                let client = at("127.0.0.1");
                if n % 8 == 0 {
                    change_role(&url, &user, ["viewer", "user"][(n / 8) % 2]).await;
                    return None;
                }
                let way = &ways[n];
                if let Some(cookie) = way.cookie {
                    let session = auth.session_by_cookie(&cookie, &client).await;
                    let session = session.expect("answers").expect("lives");
                    let token = auth.access_token(&session, Audience::Services).await;
                    return Some(token.expect("is signed").access_token);
                }
                let refresh = way
                    .tokens
                    .as_ref()
                    .and_then(|tokens| tokens.refresh.as_ref());
                let pair = auth
                    .refresh(
                        refresh.expect("a refresh token"),
                        Audience::Services,
                        &client,
                    )
                    .await;
                Some(pair.expect("is exchanged").access_token)
            }
        })
        .await;
        let changes = house
            .console("select subject || ' ' || cast(number as text) from revocations where kind like 'role-of:%' order by number")
            .await;
        let kinds = house
            .console("select kind from revocations where kind like 'role-of:%' order by number")
            .await;
        assert_eq!(changes.len(), 25);
        let history: Vec<(i64, String)> = changes
            .iter()
            .zip(kinds)
            .map(|(row, kind)| {
                let number = row
                    .rsplit(' ')
                    .next()
                    .expect("a number")
                    .parse()
                    .expect("a number");
                (number, kind.trim_start_matches("role-of:").to_owned())
            })
            .collect();
        for token in tokens.into_iter().flatten() {
            let claims = claims(&token);
            let epoch = claims["epoch"].as_i64().expect("a number");
            // Whatever the role was changed to up to that number, the token has that role or a later one.
            let known: Vec<_> = history
                .iter()
                .filter(|(number, _)| *number <= epoch)
                .collect();
            let later: Vec<_> = history
                .iter()
                .filter(|(number, _)| *number > epoch)
                .collect();
            let at_epoch = known.last().map_or("user", |(_, role)| role.as_str());
            let role = claims["role"].as_str().expect("a role");
            let may_write = claims["permissions"]
                .to_string()
                .contains("workflow:create");
            assert_eq!(may_write, role == "user", "{claims}");
            assert!(
                role == at_epoch || later.iter().any(|(_, then)| then == role),
                "{role} at {epoch}, was {at_epoch}"
            );
        }
    }
);

/// Changes a role as every flow does that changes rights: the row, then the number, in one transaction.
async fn change_role(url: &str, user: &str, role: &str) {
    use sqlx::{AssertSqlSafe, Connection, Executor};
    let statements = [
        format!("update users set role = '{role}' where id = '{user}'"),
        "update change_number set value = value + 1".to_owned(),
        format!(
            "insert into revocations (number, kind, subject, at, until)
             select value, 'role-of:{role}', '{user}', 0, 0 from change_number"
        ),
    ];
    let script = format!(
        "begin{}; {}; commit",
        if url.starts_with("sqlite") {
            " immediate"
        } else {
            ""
        },
        statements.join("; ")
    );
    if url.starts_with("sqlite") {
        let mut console = sqlx::SqliteConnection::connect(url)
            .await
            .expect("connects");
        console
            .execute("pragma busy_timeout = 30000")
            .await
            .expect("waits");
        console.execute(AssertSqlSafe(script)).await.expect("runs");
    } else {
        let mut console = sqlx::PgConnection::connect(url).await.expect("connects");
        console.execute(AssertSqlSafe(script)).await.expect("runs");
    }
}

both!(
    an_ended_session_is_told_by_the_other_node_within_a_second,
    async |house| {
        let other = house.node(settings()).await;
        house.sign_up("ada@example.com", Want::Page).await;
        let (token, _) = signed_in(house).await;
        assert_eq!(judge(&whole(&other).await, &token), "good");
        let session = house
            .auth
            .session_by_access_token(&token)
            .await
            .expect("lives");
        house
            .auth
            .log_out(&session, LogOutScope::Local, &house.somewhere())
            .await
            .expect("signs out");
        house.advance(1);
        assert_eq!(judge(&whole(&other).await, &token), "token_revoked");
    }
);

both!(
    a_notice_of_the_database_makes_the_other_node_look_at_once,
    async |house| {
        if !house.is_shared() {
            return;
        }
        let other = house.node(settings()).await;
        let following = tokio::spawn({
            let other = other.clone();
            async move { other.follow_other_nodes().await }
        });
        let listening = "select query from pg_stat_activity where query like 'LISTEN%'";
        while house.console(listening).await.is_empty() {
            assert!(!following.is_finished(), "it gave up");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        house.sign_up("ada@example.com", Want::Page).await;
        let (token, refresh) = signed_in(house).await;
        assert_eq!(judge(&whole(&other).await, &token), "good");
        house
            .auth
            .log_out_by_refresh(&refresh, &house.somewhere())
            .await
            .expect("signs out");

        // The clock stands still: without the notice it would never look.
        let heard = async {
            while judge(&whole(&other).await, &token) == "good" {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(1), heard)
            .await
            .expect("within a second");
        following.abort();
        other.close().await;
    }
);

both!(
    a_new_stream_makes_every_token_stale_and_signs_nobody_out_unless_told,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let (token, refresh) = signed_in(house).await;
        let before = whole(&house.auth).await;

        let restarted = house
            .auth
            .restart_revocations(false, &at("127.0.0.1"))
            .await;

        let restarted = restarted.expect("begins anew");
        let after = whole(&house.auth).await;
        assert_ne!(before["stream"], after["stream"]);
        assert_eq!(after["stream"], restarted.stream);
        assert!(after["seq"].as_i64() > before["seq"].as_i64().map(|seq| seq + 999_999_999));
        assert_eq!(judge(&after, &token), "token_stale");
        assert_eq!(
            code(house.auth.session_by_access_token(&token).await),
            ErrorCode::TokenStale
        );
        let next = house
            .auth
            .refresh(&refresh, Audience::PortalAndServices, &house.somewhere())
            .await;
        let next = next.expect("goes on");
        assert_eq!(judge(&after, &next.access_token), "good");
        let acts = "select detail from audit_log where action = 'revocations.restarted'";
        assert_eq!(house.console(acts).await.len(), 1);

        let ended = house.auth.restart_revocations(true, &at("127.0.0.1")).await;
        assert_eq!(ended.expect("begins anew").sessions_ended, 2);
        let refused = house
            .auth
            .refresh(&next.refresh_token, Audience::Services, &house.somewhere())
            .await;
        assert_eq!(code(refused), ErrorCode::TokenRevoked);
    }
);

both!(
    while_the_database_does_not_answer_nothing_is_said,
    async |house| {
        let auth = house.node(settings()).await;
        auth.revocations(None).await.expect("a document");
        auth.close().await;
        house.advance(1);
        assert_eq!(
            code(auth.revocations(None).await),
            ErrorCode::DatabaseUnavailable
        );
    }
);

both!(
    tokens_of_a_longer_life_are_told_for_as_long_as_they_live,
    async |house| {
        let long = auth::Settings {
            access_seconds: 3600,
            ..settings()
        };
        let before = house.node(long).await;
        house.sign_up("ada@example.com", Want::Page).await;
        let credentials = credentials("ada@example.com", PASSWORD);
        let signed_in = before.log_in(credentials, TOKENS, &house.somewhere()).await;
        let (token, refresh) = tokens(signed_in.expect("signs in"));
        let now = house.node(settings()).await;

        let client = house.somewhere();
        now.log_out_by_refresh(&refresh, &client)
            .await
            .expect("signs out");

        let ends = claims(&token)["exp"].as_i64().expect("a time");
        let told = whole(&now).await;
        assert!(told["entries"][0]["until"].as_i64() >= Some(ends + 60));
        let left = u64::try_from(ends - house.auth.now()).expect("it lives");
        house.advance(left - 1);
        assert_eq!(judge(&whole(&now).await, &token), "token_revoked");
    }
);

both!(
    a_change_of_a_tenant_makes_the_tokens_of_those_who_act_in_it_stale,
    async |house| {
        house.sign_up("ada@example.com", Want::Page).await;
        let (elsewhere, _) = signed_in(house).await;
        let (token, refresh) = signed_in(house).await;
        for row in [
            "insert into tenants (id, name, name_key, created_at) values ('t1', 'Acme', 'acme', 0) returning id",
            "insert into memberships (user_id, tenant_id, role, joined_at) select id, 't1', 'viewer', 0 from users returning role",
            "update sessions set tenant_id = 't1' returning id",
        ] {
            assert!(!house.console(row).await.is_empty(), "{row}");
        }
        let sid = claims(&elsewhere)["sid"]
            .as_str()
            .expect("a sid")
            .to_owned();
        house
            .console(&format!(
                "update sessions set tenant_id = null where id = '{sid}'"
            ))
            .await;
        let node = house.node(settings()).await;
        let client = house.somewhere();
        let pair = node
            .refresh(&refresh, Audience::PortalAndServices, &client)
            .await;
        let inside = pair.expect("is exchanged").access_token;
        drop(token);

        house
            .console("update change_number set value = value + 1")
            .await;
        let row = format!(
            "insert into revocations (number, kind, subject, at, until)
             select value, 'tenant', 't1', 0, {} from change_number",
            house.auth.now() + 960
        );
        house.console(&row).await;

        let fresh = house.node(settings()).await;
        assert_eq!(judge(&whole(&fresh).await, &inside), "token_stale");
        assert_eq!(judge(&whole(&fresh).await, &elsewhere), "good");
        assert_eq!(
            code(fresh.session_by_access_token(&inside).await),
            ErrorCode::TokenStale
        );
        fresh
            .session_by_access_token(&elsewhere)
            .await
            .expect("is good");
    }
);
