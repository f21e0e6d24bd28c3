//! A document of the revocation feed: its members, checked (docs/revocation-feed.md, "The document").

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;

use crate::compact::{Compact, bytes_of};
use crate::json::{self, Object};
use crate::public_key::PublicKey;

/// The `typ` of a document.
const TYPE: &str = "gatehouse-revocations";

/// Seconds that clocks may be apart: rules 2 and 7.
pub(crate) const TOLERANCE: u64 = 60;

/// Bytes of the longest document: 200 KB are promised, base64url needs a third more.
pub(crate) const LONGEST_DOCUMENT: usize = 300 * 1024;

/// What something that ended or changed is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Session,
    Key,
    Subject,
    Role,
    Tenant,
    All,
}

impl Kind {
    /// Those that name somebody, with the claim each is compared with.
    pub(crate) const NAMED: [(Self, &'static str); 5] = [
        (Self::Session, "sid"),
        (Self::Key, "keyId"),
        (Self::Subject, "sub"),
        (Self::Role, "role"),
        (Self::Tenant, "tenantId"),
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Key => "key",
            Self::Subject => "subject",
            Self::Role => "role",
            Self::Tenant => "tenant",
            Self::All => "all",
        }
    }

    /// A kind from the future means everybody: nobody knows whom it means.
    fn of(word: &str) -> Self {
        let named = Self::NAMED.into_iter().map(|(kind, _)| kind);
        named
            .into_iter()
            .find(|kind| kind.word() == word)
            .unwrap_or(Self::All)
    }
}

/// How the feed names an identifier: the first 16 bytes of SHA-256 over `<kind>:<id>`; zeros with [`Kind::All`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Name {
    pub(crate) kind: Kind,
    pub(crate) id: [u8; 16],
}

impl Name {
    /// Everybody.
    pub(crate) const ALL: Self = Self {
        kind: Kind::All,
        id: [0; 16],
    };

    pub(crate) fn new(kind: Kind, id: &str) -> Self {
        let digest = digest(&SHA256, format!("{}:{id}", kind.word()).as_bytes());
        let mut name = Self { kind, id: [0; 16] };
        name.id.copy_from_slice(&digest.as_ref()[..16]);
        name
    }
}

/// What ended or changed, one identifier each.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) name: Name,
    pub(crate) number: u64,
    pub(crate) until: u64,
}

/// Its members.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    pub(crate) stream: String,
    pub(crate) since: u64,
    pub(crate) seq: u64,
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
    pub(crate) kids: Vec<String>,
    pub(crate) entries: Vec<Entry>,
}

/// The signed text, before its key is known; `None` for whatever is no document.
pub(crate) fn read_compact(text: &str) -> Option<Compact<'_>> {
    Compact::read(text, LONGEST_DOCUMENT).filter(|compact| compact.typ == TYPE)
}

impl Document {
    /// `None` unless the signature holds, it is about this issuer's tokens and of this time, and every member is what it
    /// must be (rule 2).
    pub(crate) fn read(compact: &Compact, key: &PublicKey, issuer: &str, now: u64) -> Option<Self> {
        if !compact.is_signed_by(key) {
            return None;
        }
        let payload = &compact.payload;
        let count = |name| json::count(payload.get(name));
        let document = Self {
            stream: json::text(payload.get("stream"))?.to_owned(),
            since: count("since")?,
            seq: count("seq")?,
            issued_at: count("issuedAt")?,
            expires_at: count("expiresAt")?,
            kids: json::texts(payload.get("kids"))?,
            entries: entries_of(payload)?,
        };
        let ours = payload.get("iss").is_some_and(|iss| iss == issuer);
        let in_time =
            document.issued_at <= now + TOLERANCE && document.expires_at + TOLERANCE >= now;
        (ours && in_time).then_some(document)
    }
}

fn entries_of(payload: &Object) -> Option<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in payload.get("entries")?.as_array()? {
        read_entry(entry, &mut entries)?;
    }
    Some(entries)
}

fn read_entry(entry: &Value, into: &mut Vec<Entry>) -> Option<()> {
    let entry = entry.as_object()?;
    let kind = Kind::of(json::text(entry.get("kind"))?);
    let number = json::count(entry.get("number"))?;
    let until = json::count(entry.get("until"))?;
    let mut add = |name| {
        into.push(Entry {
            name,
            number,
            until,
        });
    };
    if kind == Kind::All {
        add(Name::ALL);
        return Some(());
    }
    let bytes = bytes_of(entry.get("ids")?.as_str()?)?;
    let (ids, rest) = bytes.as_chunks::<16>();
    ids.iter().for_each(|&id| add(Name { kind, id }));
    rest.is_empty().then_some(())
}
