//! API keys over HTTP (req 78–83, D22): what their owners do with them, and what programs may do by them.
//!
//! `flow` is a key's life, `company` what may stand beside it in a request, `bodies` what is said of one,
//! `owners` whom it stands on, `leak` who found one, `log` what is written down, `races` what happens at once.

mod bodies;
mod company;
mod flow;
mod leak;
mod log;
mod owners;
mod races;

use http::Method;
use serde_json::{Value, json};

use crate::support::{ADA, Actor, Answer, House};

pub(crate) const KEYS: &str = "/api/keys";
const ME: &str = "/api/auth/me";
const EXCHANGE: &str = "/api/keys/exchange";
/// Nobody's, and nothing's.
const NONE: &str = "0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000";

/// A key as it was shown, once.
struct Key {
    id: String,
    text: String,
}

impl Key {
    fn of(made: &Answer) -> Self {
        assert_eq!(made.told(), "201", "{made:?}");
        Self {
            id: made.member("id"),
            text: made.member("key"),
        }
    }

    fn path(&self) -> String {
        format!("{KEYS}/{}", self.id)
    }
}

/// Makes a key that may do this.
async fn make(owner: &mut Actor<'_>, permissions: &[&str]) -> Key {
    let wanted = json!({ "name": "Nightly build", "permissions": permissions });
    Key::of(&owner.post(KEYS, &wanted).await)
}

/// A program of Ada's, who has just signed in.
async fn ada(house: &House) -> Actor<'_> {
    let account = house.account(ADA).await;
    house.program().with_bearer(&account.access)
}

async fn send(by: &mut Actor<'_>, method: Method, path: &str, body: &Value) -> Answer {
    by.send(by.request(method, path).json(body)).await
}

async fn delete(by: &mut Actor<'_>, path: &str) -> Answer {
    by.send(by.request(Method::DELETE, path)).await
}

/// What a key is told where it is used, from anywhere.
async fn used(house: &House, key: &str) -> String {
    house.program().with_key(key).get(ME).await.told()
}

/// What may be done by a key now.
async fn may(house: &House, key: &str) -> Value {
    let answer = house.program().with_key(key).get(ME).await;
    assert_eq!(answer.told(), "200");
    answer.json()["user"]["permissions"].clone()
}

/// A token made from a key.
async fn exchanged(house: &House, key: &str) -> String {
    let answer = house.program().with_key(key).poke(EXCHANGE).await;
    assert_eq!(answer.told(), "200");
    answer.member("accessToken")
}
