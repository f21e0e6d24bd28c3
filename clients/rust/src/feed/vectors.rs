//! The test vectors of docs/revocation-feed.md, run in full.

use std::collections::HashMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::document::{Document, Kind, Name, read_compact};
use super::state::{Bearing, FeedState, Judgement, Outcome};
use crate::key_set::keys_in;
use crate::public_key::{Algorithm, PublicKey};

#[derive(Deserialize)]
struct Vectors {
    issuer: String,
    keys: Value,
    names: Vec<Named>,
    documents: HashMap<String, Signed>,
    sequences: Vec<Sequence>,
}

#[derive(Deserialize)]
struct Named {
    kind: String,
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Signed {
    jws: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sequence {
    name: String,
    max_stale: Option<u64>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    at: u64,
    document: Option<String>,
    token: Option<Token>,
    expect: String,
    why: String,
}

#[derive(Deserialize)]
struct Token {
    kid: String,
    claims: crate::json::Object,
}

fn vectors() -> Vectors {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/revocation-feed.json");
    let text = std::fs::read_to_string(path).expect("the vectors are there");
    serde_json::from_str(&text).expect("the vectors read")
}

/// A client that is handed everything.
struct Client<'a> {
    vectors: &'a Vectors,
    keys: HashMap<String, PublicKey>,
    state: FeedState,
}

impl Client<'_> {
    fn hand(&mut self, document: &str, now: u64) -> &'static str {
        let jws = &self.vectors.documents[document].jws;
        let read = read_compact(jws).and_then(|compact| {
            let key = self.keys.get(&compact.kid)?;
            Document::read(&compact, key, &self.vectors.issuer, now)
        });
        match read.map(|document| self.state.take(document, now)) {
            None => "refused",
            Some(Outcome::Taken) => "taken",
            Some(Outcome::Ignored) => "ignored",
            Some(Outcome::Reload) => "reload",
        }
    }

    fn judge(&self, token: &Token, now: u64) -> &'static str {
        let bearing = Bearing::of(&token.claims, &token.kid);
        match bearing.map(|bearing| self.state.judge(&bearing, now)) {
            None => "invalid",
            Some(Judgement::Stands) => "ok",
            Some(Judgement::Revoked) => "token_revoked",
            Some(Judgement::Stale) => "token_stale",
            Some(Judgement::Unavailable) => "unavailable",
        }
    }
}

#[test]
fn identifiers_are_named_as_the_feed_names_them() {
    let vectors = vectors();
    assert!(vectors.names.len() >= 6);
    for Named { kind, id, name } in vectors.names {
        let kind = match kind.as_str() {
            "session" => Kind::Session,
            "key" => Kind::Key,
            "subject" => Kind::Subject,
            "role" => Kind::Role,
            "tenant" => Kind::Tenant,
            other => panic!("{other} names nobody"),
        };
        assert_eq!(URL_SAFE_NO_PAD.encode(Name::new(kind, &id).id), name);
    }
}

#[test]
fn every_sequence_goes_as_the_specification_says() {
    let vectors = vectors();
    let keys = keys_in(vectors.keys.to_string().as_bytes(), &Algorithm::ALL).expect("a key set");
    assert_eq!(keys.len(), 3);
    let mut steps = 0;
    for sequence in &vectors.sequences {
        let mut client = Client {
            vectors: &vectors,
            keys: keys.clone(),
            state: FeedState::new(sequence.max_stale),
        };
        for step in &sequence.steps {
            let outcome = match (&step.document, &step.token) {
                (Some(document), None) => client.hand(document, step.at),
                (None, Some(token)) => client.judge(token, step.at),
                _ => panic!("{}: a step has a document or a token", sequence.name),
            };
            assert_eq!(outcome, step.expect, "{}: {}", sequence.name, step.why);
            steps += 1;
        }
    }
    assert!(steps >= 150, "only {steps} steps were run");
}
