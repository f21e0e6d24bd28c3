//! Tickets that open a WebSocket.

use super::*;
use crate::store::WsTicketRow;

both!(a_ticket_opens_one_service_once_and_in_time, async |store| {
    let mut tx = store.write().await.expect("a transaction");
    add_user(&mut tx, "u1", "ada@example.com").await;
    tx.add_session(&session_of("u1", "s1", None))
        .await
        .expect("adds");
    let opens = WsTicketRow {
        session_id: "s1".to_owned(),
        ends_at: NOW + 900,
    };
    for of in [1, 2] {
        tx.add_ws_ticket(&digest(of), &opens, "workflow-api", NOW + 30)
            .await
            .expect("adds");
    }

    for (of, audience, now) in [
        (1, "other", NOW),
        (3, "workflow-api", NOW),
        (1, "workflow-api", NOW + 30),
    ] {
        let refused = tx.consume_ws_ticket(&digest(of), audience, now).await;
        assert_eq!(refused.expect("runs"), None, "{of} {audience}");
    }
    for wanted in [Some(opens), None] {
        let opened = tx
            .consume_ws_ticket(&digest(1), "workflow-api", NOW + 29)
            .await;
        assert_eq!(opened.expect("runs"), wanted);
    }

    assert_eq!(
        tx.delete_ws_tickets_before(NOW + 29).await.expect("runs"),
        0
    );
    assert_eq!(
        tx.delete_ws_tickets_before(NOW + 30).await.expect("runs"),
        2
    );
});
