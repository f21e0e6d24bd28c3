//! The audit log for those who read it, take it along, and let go of it. What tampering with the table
//! looks like is told in the contract; here it is a file that is tampered with.

use std::io::Cursor;

use auth::{
    AuditExportError, AuditQuery, AuditReport, Auth, Breach, Client, KeptCheckpoint, Refused,
    Settings, Want, verify_audit_export,
};
use wire::{AuditFilters, AuditOutcome, Cursor as Place, Paging, TenantName};

use crate::invitation::admin;
use crate::support::*;

/// Acts that are of the story alone.
async fn acts(house: &House, many: i64) {
    for n in 0..many {
        let query = format!(
            "insert into audit_log (id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail)
             values ('0199aaaa-bbbb-7ccc-8ddd-{n:012x}', {}, 'q{n}', 'somebody', 'test.act', 'success', null, '192.0.2.{}', '', '{{\"n\":{n}}}')",
            1_767_225_600 + n,
            n % 3
        );
        house.console(&query).await;
    }
}

/// The whole log as a file.
async fn file(auth: &Auth) -> String {
    file_of(auth, &AuditQuery::default(), None).await
}

async fn file_of(auth: &Auth, query: &AuditQuery, after: Option<i64>) -> String {
    let client = Client::operator();
    let mut export = auth
        .begin_audit_export(query, "ndjson", after, None, &client)
        .await
        .expect("begins");
    let mut text = String::new();
    while let Some(page) = export.next().await.expect("reads") {
        for line in &page.lines {
            text.push_str(&line.to_ndjson());
        }
    }
    text
}

fn check(house: &House, text: &str) -> AuditReport {
    verify_audit_export(Cursor::new(text), Some(&house.ring), None).expect("is an export")
}

fn said(report: &AuditReport) -> Vec<(Breach, i64, i64)> {
    let breaches = report.breaches.iter();
    breaches.map(|one| (one.what, one.from, one.to)).collect()
}

/// The same file, its lines otherwise.
fn changed(text: &str, change: impl FnOnce(&mut Vec<String>)) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    lines.join("\n") + "\n"
}

/// Where the line of a row stands.
fn line_of(lines: &[String], seq: i64) -> usize {
    let sign = format!("{{\"type\":\"event\",\"seq\":{seq},");
    lines
        .iter()
        .position(|line| line.starts_with(&sign))
        .expect("the row is there")
}

/// A log of twelve rows that are sealed, and its file.
async fn exported(house: &House) -> String {
    acts(house, 12).await;
    house.auth.tend().await.expect("tends");
    file(&house.auth).await
}

both!(
    a_whole_export_can_be_checked_without_the_portal,
    async |house| {
        let text = exported(house).await;
        let report = check(house, &text);
        assert!(report.holds() && report.with_keys, "{report:?}");
        assert_eq!(
            (report.sealed, report.unsealed, report.vouched_to),
            (12, 0, 12)
        );
        assert_eq!(report.checkpoints, 1);

        let bare = verify_audit_export(Cursor::new(&text), None, None).expect("is an export");
        assert!(bare.holds() && !bare.with_keys);
        let other = auth::KeyRing::generate(&auth::SeededEntropy::new(99));
        let error =
            verify_audit_export(Cursor::new(&text), Some(&other), None).expect_err("other keys");
        assert!(matches!(error, AuditExportError::OtherKeys(_)), "{error}");
        for not in ["", "{}\n", "seq,at\n", "{\"type\":\"header\"}\n"] {
            let error = verify_audit_export(Cursor::new(not), None, None).expect_err(not);
            assert!(matches!(error, AuditExportError::NotOurs), "{error}");
        }
    }
);

both!(
    each_row_of_an_export_that_was_tampered_with_is_found,
    async |house| {
        let text = exported(house).await;
        // At the head, in the middle, and at the tail.
        for seq in [1, 6, 12] {
            let altered = changed(&text, |lines| {
                let at = line_of(lines, seq);
                lines[at] = lines[at].replace("test.act", "test.other");
            });
            assert_eq!(
                said(&check(house, &altered)),
                [(Breach::Altered, seq, seq)],
                "{seq}"
            );
            let removed = changed(&text, |lines| {
                let at = line_of(lines, seq);
                lines.remove(at);
            });
            let report = check(house, &removed);
            assert_eq!(said(&report), [(Breach::Removed, seq, seq)], "{seq}");
            assert_eq!(report.lines_missing, 1);
            let inserted = changed(&text, |lines| {
                let at = line_of(lines, seq);
                lines.insert(at + 1, lines[at].clone());
            });
            assert_eq!(
                said(&check(house, &inserted)),
                [(Breach::Inserted, seq, seq)],
                "{seq}"
            );
            let bare =
                verify_audit_export(Cursor::new(&altered), None, None).expect("is an export");
            assert_eq!(
                said(&bare),
                [(Breach::Altered, seq, seq)],
                "nobody needs a key for that"
            );
        }
        for (from, to) in [(2, 9), (9, 2), (1, 12), (12, 1)] {
            let moved = changed(&text, |lines| {
                let line = line_of(lines, from);
                let line = lines.remove(line);
                let at = line_of(lines, to);
                lines.insert(at + usize::from(to > from), line);
            });
            let report = check(house, &moved);
            assert!(!report.holds(), "{from} to {to}");
            let (what, at, _) = said(&report)[0];
            assert_eq!((what, at), (Breach::Moved, from), "{report:?}");
            assert_eq!(report.breaches.len(), 1, "{report:?}");
        }
    }
);

both!(
    an_export_that_was_cut_off_or_computed_anew_is_found,
    async |house| {
        let text = exported(house).await;
        let cut = changed(&text, |lines| {
            lines.pop();
        });
        let report = check(house, &cut);
        assert!(report.is_cut_off && !report.holds());
        assert_eq!(
            said(&report),
            [(Breach::Mark, 12, 12)],
            "nobody vouches for its end"
        );
        let half = changed(&text, |lines| {
            let from = line_of(lines, 8);
            let end = lines.pop().expect("an end");
            lines.truncate(from);
            lines.push(end);
        });
        assert_eq!(said(&check(house, &half)), [(Breach::Removed, 8, 12)]);
        let forged = changed(&text, |lines| {
            let end = lines.pop().expect("an end");
            lines.push(end.replace("\"mac\":\"", "\"mac\":\"00"));
        });
        let error = verify_audit_export(Cursor::new(&forged), Some(&house.ring), None);
        assert!(
            !error.expect("is an export").holds(),
            "a tail with another MAC is none of ours"
        );
        let nonsense = changed(&text, |lines| {
            lines.insert(3, "{\"type\":\"event\"}".to_owned())
        });
        let error = verify_audit_export(Cursor::new(&nonsense), None, None).expect_err("no row");
        assert!(matches!(error, AuditExportError::Line(4)), "{error}");
    }
);

both!(what_a_file_says_twice_must_be_the_same, async |house| {
    let text = exported(house).await;
    // Beside another detail stands the one that was stored: who reads the first reads a lie.
    let forged = changed(&text, |lines| {
        let at = line_of(lines, 6);
        let stored = "{\\\"n\\\":5}";
        lines[at] = lines[at].replace(
            "\"detail\":{\"n\":5}",
            &format!("\"detail\":{{\"n\":99}},\"detailText\":\"{stored}\""),
        );
        assert!(lines[at].contains("detailText"), "{}", lines[at]);
    });
    let error = verify_audit_export(Cursor::new(&forged), Some(&house.ring), None);
    assert!(
        matches!(error, Err(AuditExportError::Line(7 | 8))),
        "{error:?}"
    );

    let unplaced = changed(&text, |lines| {
        let at = line_of(lines, 6);
        let row = lines[at].replacen("\"seq\":6", "\"seq\":null", 1);
        lines.insert(at, row);
    });
    let report = check(house, &unplaced);
    assert_eq!(
        said(&report),
        [(Breach::Inserted, 6, 6)],
        "a row without a place is one too many"
    );

    let bare = changed(&text, |lines| {
        let end = lines.pop().expect("an end");
        let mut end: serde_json::Value = serde_json::from_str(&end).expect("JSON");
        end["tail"] = serde_json::Value::Null;
        lines.push(end.to_string());
    });
    assert!(
        !check(house, &bare).holds(),
        "somebody must vouch for the end"
    );
});

both!(
    what_came_after_a_place_is_checked_from_there,
    async |house| {
        acts(house, 12).await;
        house.auth.tend().await.expect("tends");
        let rest = file_of(&house.auth, &AuditQuery::default(), Some(5)).await;
        let report = check(house, &rest);
        assert!(report.holds(), "{report:?}");
        assert_eq!((report.after, report.sealed), (5, 7));
        let selected = AuditQuery {
            action: "test.*".to_owned(),
            ..AuditQuery::default()
        };
        let selected = file_of(&house.auth, &selected, None).await;
        assert_eq!(
            selected.lines().count(),
            14,
            "a header, twelve rows, an end"
        );
        assert!(
            selected
                .lines()
                .nth(1)
                .is_some_and(|line| line.contains("\"seq\":12,")),
            "newest first"
        );
        let error = verify_audit_export(Cursor::new(&selected), None, None).expect_err("is a part");
        assert!(matches!(error, AuditExportError::Selection), "{error}");
    }
);

both!(
    a_checkpoint_that_was_kept_elsewhere_tells_a_cut_log,
    async |house| {
        let text = exported(house).await;
        let line = text
            .lines()
            .find(|line| line.contains("\"type\":\"checkpoint\""))
            .expect("one");
        let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let (seq, mac) = (
            line["seq"].as_i64().expect("a place"),
            line["mac"].as_str().expect("a MAC"),
        );
        let mac: Vec<u8> = (0..64)
            .step_by(2)
            .map(|at| u8::from_str_radix(&mac[at..at + 2], 16).expect("hex"))
            .collect();
        let against = async |seq, mac| {
            let report = house
                .auth
                .verify_audit_against(Some((seq, mac)))
                .await
                .expect("verifies");
            (report.kept_checkpoint, report.holds())
        };
        assert_eq!(
            against(seq, mac.clone()).await,
            (Some(KeptCheckpoint::Holds), true)
        );
        assert_eq!(
            against(seq - 1, mac.clone()).await,
            (Some(KeptCheckpoint::Differs), false)
        );
        assert_eq!(
            against(seq + 100, mac.clone()).await,
            (Some(KeptCheckpoint::Missing), false)
        );
        let kept = Some((seq, mac));
        let offline = verify_audit_export(Cursor::new(&text), Some(&house.ring), kept.clone())
            .expect("is an export");
        assert_eq!(offline.kept_checkpoint, Some(KeptCheckpoint::Holds));
        let bare = verify_audit_export(Cursor::new(&text), None, kept).expect("is an export");
        assert_eq!(
            bare.kept_checkpoint,
            Some(KeptCheckpoint::Unproven),
            "that takes the ring"
        );
    }
);

fn keeping(days: i64) -> Settings {
    Settings {
        audit_retention_days: days,
        ..settings()
    }
}

both!(
    what_is_old_goes_and_the_rest_can_still_be_checked,
    async |house| {
        let auth = house.node(keeping(30)).await;
        acts(house, 12).await;
        auth.tend().await.expect("tends");
        house.advance(20 * DAY);
        house
            .log_in("nobody@example.com", PASSWORD)
            .await
            .expect_err("is unknown");
        auth.tend().await.expect("tends");
        assert_eq!(
            auth.verify_audit().await.expect("verifies").sealed,
            13,
            "nothing is old enough"
        );

        house.advance(11 * DAY);
        auth.tend().await.expect("tends");
        house.advance(61);
        auth.tend().await.expect("tends");
        let report = auth.verify_audit().await.expect("verifies");
        assert!(report.holds(), "{report:?}");
        assert_eq!(
            (report.after, report.sealed),
            (12, 2),
            "one row is left, and one says so"
        );
        let told = house
            .console("select detail from audit_log where action = 'audit.forgotten'")
            .await;
        assert_eq!(told, [r#"{"days":30,"rows":12}"#]);
        let text = file(&auth).await;
        let offline = check(house, &text);
        assert!(offline.holds() && offline.after == 12, "{offline:?}");

        // Nobody hides behind it: neither what goes after the anchor, nor an anchor of one's own.
        let gone = changed(&text, |lines| {
            let at = line_of(lines, 13);
            lines.remove(at);
        });
        assert_eq!(said(&check(house, &gone)), [(Breach::Removed, 13, 13)]);
        let own = text.replacen("\"seq\":12,", "\"seq\":13,", 1);
        assert!(!check(house, &own).holds());
    }
);

both!(nothing_goes_where_somebody_tampered, async |house| {
    let auth = house.node(keeping(30)).await;
    acts(house, 6).await;
    auth.tend().await.expect("tends");
    let on = if house.is_shared() {
        " on audit_log"
    } else {
        ""
    };
    house
        .console(&format!("drop trigger audit_log_is_append_only{on}"))
        .await;
    house
        .console("update audit_log set outcome = 'refused' where seq = 4")
        .await;
    house.advance(40 * DAY);
    auth.tend().await.expect("tends");
    let report = auth.verify_audit().await.expect("verifies");
    assert_eq!(
        report.after, 3,
        "what held has gone; the evidence stays: {report:?}"
    );
    assert_eq!(said(&report), [(Breach::Altered, 4, 4)]);
});

both!(
    two_hundred_acts_at_once_on_two_nodes_are_one_chain,
    async |house| {
        let other = house.node(without_limits()).await;
        let one = house.node(without_limits()).await;
        let nodes = [one, other];
        let done = at_once(200, |n| {
            let auth = nodes[n % 2].clone();
            async move {
                let client = at(&format!("10.9.{}.{}", n / 100, n % 100));
                let wrong = auth.log_in(
                    credentials("nobody@example.com", OTHER_PASSWORD),
                    Want::Page,
                    &client,
                );
                wrong.await.expect_err("is unknown");
                auth.tend().await.expect("tends");
            }
        })
        .await;
        assert_eq!(done.len(), 200);
        house.advance(10);
        nodes[0].tend().await.expect("tends");
        let report = nodes[1].verify_audit().await.expect("verifies");
        assert!(report.holds() && report.unsealed == 0, "{report:?}");
        assert_eq!(report.sealed, 200);
    }
);

fn filtered(name: &str, text: &str) -> AuditQuery {
    let filters = AuditFilters::read(|one| (one == name).then(|| text.to_owned()));
    AuditQuery::read(&filters, Paging::default()).expect("reads")
}

both!(
    the_log_is_found_by_each_filter_and_told_in_sentences,
    async |house| {
        let ada = house.member("ada@example.com").await;
        let bob = house.member("bob@example.com").await;
        house
            .log_in("ada@example.com", OTHER_PASSWORD)
            .await
            .expect_err("is wrong");
        let found = async |query: AuditQuery| {
            let page = house.auth.list_audit(&query).await.expect("reads");
            assert!(page.next.is_none() && page.searched_to.is_none());
            page.events
        };
        // Two of one moment stand in no particular order.
        let actions = |events: &[wire::AuditEvent]| {
            let mut actions: Vec<_> = events.iter().map(|event| event.action.clone()).collect();
            actions.sort();
            actions
        };
        let sentence = |events: &[wire::AuditEvent], action: &str| {
            let event = events.iter().find(|event| event.action == action);
            event.expect("is there").sentence.clone()
        };
        for who in [ada.user.id.as_str(), "ADA@example.com"] {
            let acted = found(filtered("actor", who)).await;
            assert_eq!(
                actions(&acted),
                ["session.started", "user.registered"],
                "{who}"
            );
            let concerned = found(filtered("subject", who)).await;
            assert_eq!(
                actions(&concerned),
                ["session.start", "session.started", "user.registered"]
            );
            assert_eq!(
                sentence(&concerned, "session.start"),
                "Somebody could not sign in as ada@example.com: the password was wrong."
            );
            assert_eq!(
                sentence(&concerned, "session.started"),
                "ada@example.com signed in with a password and a letter."
            );
        }
        let refused = found(filtered("outcome", "refused")).await;
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].outcome, AuditOutcome::Refused);
        assert_eq!(found(filtered("ip", &refused[0].ip)).await.len(), 1);
        assert_eq!(
            found(filtered("requestId", &refused[0].request_id))
                .await
                .len(),
            found(AuditQuery::default()).await.len()
        );
        assert_eq!(found(filtered("action", "session.*")).await.len(), 3);
        assert_eq!(found(filtered("action", "session.started")).await.len(), 2);
        assert!(found(filtered("action", "sess")).await.is_empty());
        assert!(found(filtered("from", "2031-01-01")).await.is_empty());
        assert!(found(filtered("to", "2001-01-01")).await.is_empty());
        assert!(
            found(filtered("actor", "nobody@example.com"))
                .await
                .is_empty()
        );
        for hostile in [
            "' or 1=1 --",
            "a\0b",
            "%",
            &"x".repeat(10_000),
            "@",
            "a@b@c",
        ] {
            for name in ["actor", "subject", "action", "requestId"] {
                assert!(
                    found(filtered(name, hostile)).await.is_empty(),
                    "{name}: {hostile:.20}"
                );
            }
        }

        let one = house.auth.audit_event(&refused[0].id).await.expect("reads");
        assert_eq!(one.as_ref(), Some(&refused[0]));
        for nobody in ["", "none", &house.auth.draw_id(), &bob.user.id] {
            assert_eq!(house.auth.audit_event(nobody).await.expect("reads"), None);
        }
    }
);

both!(pages_of_the_log_follow_one_another, async |house| {
    acts(house, 12).await;
    let mut query = filtered("action", "test.act");
    query.paging.limit = 5;
    let mut seen = Vec::new();
    loop {
        let page = house.auth.list_audit(&query).await.expect("reads");
        seen.extend(
            page.events
                .into_iter()
                .map(|event| event.detail["n"].as_i64()),
        );
        let Some(next) = page.next else { break };
        let Place { at, id } = next;
        query.paging.after = Some(Place { at, id });
    }
    assert_eq!(seen, (0..12).rev().map(Some).collect::<Vec<_>>());
});

both!(
    a_refused_request_is_written_once_and_a_loop_is_a_number,
    async |house| {
        let ada = house.member("ada@example.com").await;
        let refused = Refused {
            method: "GET",
            route: "/api/admin/users",
            permission: Some("user:manage"),
            reason: "missing_permission",
        };
        let client = house.somewhere();
        for _ in 0..100 {
            house.auth.note_refused(&ada, refused, &client).await;
        }
        let query = filtered("action", "access.refused");
        let written = house.auth.list_audit(&query).await.expect("reads").events;
        assert_eq!(written.len(), 1);
        assert_eq!(written[0].detail["route"], "/api/admin/users");
        assert_eq!(written[0].detail["permission"], "user:manage");
        assert_eq!(
            written[0].sentence,
            "ada@example.com was not let in: a permission was missing."
        );
        house.advance(61);
        house.auth.tend().await.expect("tends");
        let written = house.auth.list_audit(&query).await.expect("reads").events;
        assert_eq!(written.len(), 2);
        assert_eq!(written[0].detail["times"], 99);
    }
);

both!(a_lock_and_a_limit_are_written_down, async |house| {
    house.member("ada@example.com").await;
    let client = at("198.51.100.9");
    for _ in 0..8 {
        let wrong = credentials("ada@example.com", OTHER_PASSWORD);
        house
            .auth
            .log_in(wrong, Want::Page, &client)
            .await
            .expect_err("is wrong or locked");
    }
    let locked = house
        .auth
        .list_audit(&filtered("action", "sign_in.locked"))
        .await
        .expect("reads")
        .events;
    assert_eq!(locked.len(), 1, "once a lock, not once a try");
    assert_eq!(locked[0].ip, "198.51.100.9");
    assert_eq!(
        locked[0]
            .subject
            .as_ref()
            .and_then(|subject| subject.email.as_deref()),
        Some("ada@example.com")
    );

    let many = at("198.51.100.10");
    for n in 0..6 {
        let account = account(&format!("p{n}@example.com"));
        let _ = house.auth.register(account, Want::Page, &many).await;
    }
    let limited = house
        .auth
        .list_audit(&filtered("action", "limit.reached"))
        .await
        .expect("reads")
        .events;
    assert_eq!(limited.len(), 1, "and then counted");
    assert_eq!(limited[0].detail["limit"], "register");
});

both!(an_export_is_in_the_log_and_not_without_end, async |house| {
    let ada = house.member("ada@example.com").await;
    let query = AuditQuery::default();
    let client = house.somewhere();
    for _ in 0..30 {
        let begun = house
            .auth
            .begin_audit_export(&query, "csv", None, Some(&ada), &client)
            .await;
        begun.expect("begins");
    }
    let refused = house
        .auth
        .begin_audit_export(&query, "csv", None, Some(&ada), &client)
        .await;
    assert!(matches!(refused, Err(auth::AuditExportRefused::Limited(_))));
    let exported = house
        .auth
        .list_audit(&filtered("action", "audit.exported"))
        .await
        .expect("reads")
        .events;
    assert_eq!(exported.len(), 30);
    assert_eq!(
        exported[0].sentence,
        "ada@example.com exported the audit log."
    );
});

both!(each_limit_stands_in_the_log_by_its_name, async |house| {
    let root = admin(house, "root@example.com").await;
    let ada = house.member("ada@example.com").await;
    let client = house.somewhere();
    for n in 0..=100 {
        let name = TenantName::parse(&format!("Tenant {n}")).expect("a name");
        let added = house.auth.add_tenant(Some(&root), &name, &client).await;
        assert_eq!(added.is_ok(), n < 100, "{n}");
    }
    let finder = at("198.51.100.20");
    for n in 0..=60 {
        let made_up = wire::api_key_of(wire::KeyMode::Live, &[n; 32]);
        let reported = house.auth.revoke_leaked_key(&made_up, &finder).await;
        assert_eq!(reported.is_ok(), n < 60, "{n}");
    }
    let maker = at("198.51.100.21");
    for n in 0..=100 {
        let made_up = wire::api_key_of(wire::KeyMode::Live, &[n; 32]);
        let used = house.auth.use_api_key(&made_up, &maker).await;
        used.expect_err("nobody issued it");
    }
    // Whoever left and signs in is reminded, three times in a quarter of an hour.
    let typed = wire::DeleteAccount {
        confirmation: ada.user.email.clone(),
    };
    let closed = house.auth.delete_account(&ada, &typed, &client).await;
    closed.expect("is closed");
    let returning = at("198.51.100.22");
    for _ in 0..4 {
        let right = credentials("ada@example.com", PASSWORD);
        let answer = house.auth.log_in(right, Want::Page, &returning).await;
        answer.expect_err("has left");
    }

    let query = filtered("action", "limit.reached");
    let told = house.auth.list_audit(&query).await.expect("reads").events;
    let mut limits: Vec<_> = told
        .iter()
        .map(|event| (event.detail["limit"].as_str(), event.sentence.as_str()))
        .collect();
    limits.sort_unstable();
    assert_eq!(
        limits,
        [
            (Some("leak_report"), "Somebody was too often here."),
            (Some("letter"), "Somebody was too often here."),
            (Some("made_up_key"), "Somebody was too often here."),
            (Some("tenant"), "root@example.com was too often here."),
        ]
    );
});
