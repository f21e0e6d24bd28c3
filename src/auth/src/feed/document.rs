//! Signing what the feed says: a compact JWS that is no JWT (docs/revocation-feed.md, The document).

use std::sync::Arc;

use jsonwebtoken::Header;
use serde::Serialize;

use super::pack::Packed;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::jwt::{self, SigningKey};
use crate::secret::sha256;

/// How long a document is worth believing, in seconds.
pub(super) const LIFE: i64 = 30;
/// What it says it is, so that it is never taken for a token.
const TYPE: &str = "gatehouse-revocations";

/// A signed document, ready to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedDocument {
    /// The compact JWS.
    pub jws: Arc<str>,
    /// Its entity tag (RFC 9110 8.8.3), quotes included.
    pub etag: String,
    /// The name of the count of changes.
    pub stream: String,
    /// What came after this number is in it; 0 for everything.
    pub since: i64,
    /// The number of the newest change it knows.
    pub seq: i64,
    pub(super) issued_at: Timestamp,
}

/// The payload.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payload<'a> {
    pub(super) iss: &'a str,
    pub(super) stream: &'a str,
    pub(super) since: i64,
    pub(super) seq: i64,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Timestamp,
    pub(super) kids: &'a [String],
    pub(super) entries: Vec<Packed>,
}

/// Signs a payload.
pub(super) fn sign(key: &SigningKey, payload: &Payload<'_>) -> Result<FeedDocument, Fault> {
    let mut header = Header::new(jwt::algorithm(key.algorithm));
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.kid.clone());
    let jws: Arc<str> = jsonwebtoken::encode(&header, payload, &key.key)?.into();
    let digest = sha256(jws.as_bytes());
    let tag: String = digest[..16].iter().map(|b| format!("{b:02x}")).collect();
    Ok(FeedDocument {
        jws,
        etag: format!("\"{tag}\""),
        stream: payload.stream.to_owned(),
        since: payload.since,
        seq: payload.seq,
        issued_at: payload.issued_at,
    })
}
