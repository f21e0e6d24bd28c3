//! What happened, in plain sentences.

use wire::Paging;

use crate::support::*;

const ADA: &str = "ada@example.com";

both!(
    a_person_reads_what_they_did_and_what_was_tried,
    async |house| {
        let session = house.member(ADA).await;
        house.advance(MINUTE);
        let hostile = with_agent(&at("198.51.100.9"), "<script>alert(1)</script>\r\nX: y");
        let guess = credentials(ADA, "not the password at all");
        let answer = house.auth.log_in(guess, auth::Want::Page, &hostile).await;
        assert!(answer.is_err());

        let events = house.events(&session).await;

        let mut said: Vec<_> = events.iter().map(|event| event.sentence.as_str()).collect();
        // The first two acts are of one moment: which of them is said first is chance.
        said[1..].sort_unstable();
        assert_eq!(
            said,
            [
                "Somebody tried to sign in with a wrong password.",
                "You created your account.",
                "You signed in with your password and a letter to your address.",
            ]
        );
        let tried = &events[0];
        assert_eq!(tried.ip.as_deref(), Some("198.51.100.9"));
        assert_eq!(
            tried
                .device
                .as_ref()
                .map(|device| device.words())
                .as_deref(),
            Some("an unknown device")
        );
        assert_eq!(
            (tried.outcome.as_str(), tried.disownable),
            ("refused", false)
        );
    }
);

both!(
    what_another_did_is_said_without_their_device,
    async |house| {
        let session = house.member(ADA).await;
        let id = house.auth.draw_id();
        let insert = format!(
        "insert into audit_log (id, at, request_id, actor_id, action, outcome, subject_id, address, agent, detail)
         values ('{id}', 9999999999, 'r', 'somebody', 'user.enabled', 'success', '{}', '203.0.113.5', 'Firefox', '{{}}')
         returning id",
        session.user.id
    );
        house.console(&insert).await;

        let event = house.events(&session).await.remove(0);

        assert_eq!(event.sentence, "An admin enabled your account again.");
        assert_eq!(
            (event.ip, event.device, event.disownable),
            (None, None, false)
        );
    }
);

both!(activity_is_paged_without_gaps_or_repeats, async |house| {
    let session = house.member(ADA).await;
    for _ in 0..7 {
        house.log_in(ADA, PASSWORD).await.expect("signs in");
    }
    let all = house.events(&session).await;
    assert_eq!(all.len(), 9);

    let (mut paged, mut paging) = (
        Vec::new(),
        Paging {
            limit: 2,
            after: None,
        },
    );
    loop {
        let page = house
            .auth
            .list_events(&session, &paging)
            .await
            .expect("reads");
        paged.extend(page.items);
        // What happens meanwhile moves nothing.
        house.advance(MINUTE);
        house.log_in(ADA, PASSWORD).await.expect("signs in");
        match page.next {
            Some(next) => paging.after = Some(next),
            None => break,
        }
    }
    assert_eq!(paged, all);
});
