//! The promises of D2, told with records as the session layer makes them.

use serde_json::json;
use tower_sessions::Session;
use wire::{Audience, LogOutScope};

use super::*;
use crate::testing::World;

struct Signed {
    world: World,
    store: Sessions,
    id: Id,
}

impl Signed {
    /// Somebody signed in, and the store their browser is served by.
    async fn in_() -> Self {
        let world = World::new(&[]).await;
        let signed_in = world.somebody("ada", Audience::default()).await;
        let cookie = signed_in.cookie.expect("a cookie");
        let store = Sessions::new(world.portal.auth.clone());
        Self {
            world,
            store,
            id: Id(i128::from_le_bytes(cookie.0)),
        }
    }

    fn waiting(&self) -> Value {
        json!({ "until": self.world.portal.auth.now() + 300, "sealed": "sealed" })
    }

    async fn loaded(&self) -> Record {
        self.store
            .load(&self.id)
            .await
            .expect("an answer")
            .expect("a live session")
    }

    async fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = entries(&self.loaded().await.data).into_keys().collect();
        keys.sort_unstable();
        keys
    }

    async fn end(&self) {
        let (auth, client) = (&self.world.portal.auth, Client::operator());
        let session = auth
            .session_by_cookie(&cookie(&self.id), &client)
            .await
            .expect("an answer");
        let session = session.expect("a live session");
        auth.log_out(&session, LogOutScope::Local, &client)
            .await
            .expect("signed out");
    }
}

#[tokio::test]
async fn a_session_never_begins_by_itself() {
    let signed = Signed::in_().await;
    let mut record = signed.loaded().await;
    record.data.clear();

    assert!(signed.store.create(&mut record).await.is_err());
}

#[tokio::test]
async fn a_new_session_takes_the_cookie_that_was_issued() {
    let signed = Signed::in_().await;
    let mut record = signed.loaded().await;
    let issued = record.id;
    record.id = Id(0);
    record.data = HashMap::from([
        (ISSUED.to_owned(), json!(issued.0.to_le_bytes())),
        ("/account".to_owned(), signed.waiting()),
    ]);

    signed.store.create(&mut record).await.expect("adopted");

    assert_eq!(record.id, issued);
    assert_eq!(signed.keys().await, ["/account"]);
}

#[tokio::test]
async fn two_tabs_that_write_at_once_lose_nothing() {
    let signed = Signed::in_().await;
    let mut first = signed.loaded().await;
    first.data.insert("shown".to_owned(), signed.waiting());
    signed.store.save(&first).await.expect("saved");
    let (mut one, mut other) = (signed.loaded().await, signed.loaded().await);

    one.data.insert("one".to_owned(), signed.waiting());
    signed.store.save(&one).await.expect("saved");
    other.data.insert("other".to_owned(), signed.waiting());
    other.data.remove("shown");
    signed.store.save(&other).await.expect("saved");

    assert_eq!(signed.keys().await, ["one", "other"]);
}

#[tokio::test]
async fn what_has_ended_is_not_loaded_and_not_brought_back() {
    let signed = Signed::in_().await;
    let mut late = signed.loaded().await;
    late.data.insert("late".to_owned(), signed.waiting());

    signed.end().await;
    signed.store.save(&late).await.expect("nothing to do");

    assert!(
        signed
            .store
            .load(&signed.id)
            .await
            .expect("an answer")
            .is_none()
    );
}

#[tokio::test]
async fn what_nobody_came_for_goes() {
    let signed = Signed::in_().await;
    let mut record = signed.loaded().await;
    record
        .data
        .insert("old".to_owned(), json!({ "until": 1, "sealed": "sealed" }));
    for at in 0..2 * WAITING {
        record.data.insert(format!("{at:02}"), signed.waiting());
    }

    signed.store.save(&record).await.expect("saved");

    let keys = signed.keys().await;
    assert_eq!(keys.len(), WAITING);
    assert!(!keys.contains(&"old".to_owned()));
}

#[tokio::test]
async fn signing_in_over_a_session_ends_it_and_takes_nothing_over() {
    let signed = Signed::in_().await;
    let mut record = signed.loaded().await;
    record.data.insert("hers".to_owned(), signed.waiting());
    signed.store.save(&record).await.expect("saved");
    let other = signed.world.somebody("eve", Audience::default()).await;
    let browser = Session::new(
        Some(signed.id),
        std::sync::Arc::new(signed.store.clone()),
        None,
    );

    crate::web::carry(&browser, &other).await.expect("carried");
    browser.save().await.expect("saved");

    assert!(
        signed
            .store
            .load(&signed.id)
            .await
            .expect("an answer")
            .is_none()
    );
    let eves = browser.id().expect("an id");
    assert_eq!(
        Some(eves.0.to_le_bytes()),
        other.cookie.map(|cookie| cookie.0)
    );
    let eves = signed
        .store
        .load(&eves)
        .await
        .expect("an answer")
        .expect("a live session");
    assert!(entries(&eves.data).is_empty());
}
