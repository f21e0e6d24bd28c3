//! What the feed says ended or changed, and how it is named without naming anybody.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::clock::Timestamp;
use crate::secret::sha256;
use crate::store::RevocationRow;

/// Bytes of an identifier.
const LENGTH: usize = 16;

/// What an entry is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Session,
    Key,
    Subject,
    Role,
    Tenant,
    All,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Key => "key",
            Self::Subject => "subject",
            Self::Role => "role",
            Self::Tenant => "tenant",
            Self::All => "all",
        }
    }

    /// A kind this node does not know was written by a newer one: like every client, it takes it for
    /// `all`, which can only refuse more.
    fn parse(text: &str) -> Self {
        let known = [
            Self::Session,
            Self::Key,
            Self::Subject,
            Self::Role,
            Self::Tenant,
        ];
        let found = known.into_iter().find(|kind| kind.as_str() == text);
        found.unwrap_or(Self::All)
    }
}

/// One thing that ended or changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) kind: Kind,
    /// Nothing for `all`.
    pub(super) id: [u8; LENGTH],
    pub(super) number: i64,
    pub(super) until: Timestamp,
}

impl From<&RevocationRow> for Entry {
    fn from(row: &RevocationRow) -> Self {
        let kind = Kind::parse(&row.kind);
        Self {
            kind,
            id: identifier(kind, &row.subject),
            number: row.number,
            until: row.until,
        }
    }
}

/// The first 16 bytes of SHA-256 over `<kind>:<id>`.
fn identifier(kind: Kind, id: &str) -> [u8; LENGTH] {
    let mut short = [0; LENGTH];
    if kind != Kind::All {
        let long = sha256(format!("{}:{id}", kind.as_str()).as_bytes());
        short.copy_from_slice(&long[..LENGTH]);
    }
    short
}

/// Identifiers one after the other, unpadded base64url; nothing for `all`.
pub(super) fn packed(entries: &[Entry]) -> String {
    let named = entries.iter().filter(|entry| entry.kind != Kind::All);
    let bytes: Vec<u8> = named.flat_map(|entry| entry.id).collect();
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: &str, subject: &str) -> Entry {
        Entry::from(&RevocationRow {
            number: 1,
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            until: 2,
        })
    }

    #[test]
    fn an_identifier_is_half_a_digest_of_kind_and_id() {
        let known = sha256(b"session:01994f3a-6c1e-7b0e-9d0c-6f3b1f0a2b11");
        let made = entry("session", "01994f3a-6c1e-7b0e-9d0c-6f3b1f0a2b11");
        assert_eq!(made.id, known[..16]);
        assert_ne!(entry("subject", "x").id, entry("session", "x").id);
    }

    /// The vectors every client is tested with.
    const VECTORS: &str = include_str!("../../../../clients/vectors/revocation-feed.json");

    #[test]
    fn names_are_those_of_the_vectors() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).expect("JSON");
        let names = vectors["names"].as_array().expect("names");
        assert!(names.len() >= 5);
        for name in names {
            let text = |member: &str| name[member].as_str().expect("a text");
            let made = entry(text("kind"), text("id"));
            assert_eq!(packed(&[made]), text("name"), "{name}");
        }
    }

    #[test]
    fn several_names_are_packed_as_in_the_vectors() {
        let vectors: serde_json::Value = serde_json::from_str(VECTORS).expect("JSON");
        let known: Vec<_> = vectors["names"].as_array().expect("names").iter().collect();
        let documents = vectors["documents"].as_object().expect("documents");
        let mut several = 0;
        for document in documents.values() {
            let jws = document["jws"].as_str().expect("a document");
            let payload = jws.split('.').nth(1).unwrap_or_default();
            let payload = URL_SAFE_NO_PAD.decode(payload).unwrap_or_default();
            let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap_or_default();
            for told in payload["entries"].as_array().into_iter().flatten() {
                let (kind, ids) = (&told["kind"], told["ids"].as_str().unwrap_or_default());
                let bytes = URL_SAFE_NO_PAD.decode(ids).unwrap_or_default();
                let named: Option<Vec<_>> = bytes
                    .chunks(LENGTH)
                    .map(|id| {
                        let found = known.iter().find(|name| {
                            name["kind"] == *kind && name["name"] == URL_SAFE_NO_PAD.encode(id)
                        })?;
                        Some(entry(kind.as_str()?, found["id"].as_str()?))
                    })
                    .collect();
                if let Some(named) = named.filter(|named| !named.is_empty()) {
                    assert_eq!(packed(&named), ids);
                    several += 1;
                }
            }
        }
        assert!(
            several > 0,
            "no document of the vectors names anybody known"
        );
    }

    #[test]
    fn identifiers_are_packed_without_padding() {
        let (one, other) = (entry("session", "s1"), entry("session", "s2"));
        let text = packed(&[one, other]);
        assert_eq!(text.len(), 43);
        assert!(!text.contains('='));
        let bytes = URL_SAFE_NO_PAD.decode(text).expect("base64url");
        assert_eq!(bytes, [one.id, other.id].concat());
        assert_eq!(packed(&[entry("all", "")]), "");
    }

    #[test]
    fn a_kind_nobody_knows_concerns_everybody() {
        assert_eq!(entry("colour", "blue").kind, Kind::All);
        assert_eq!(packed(&[entry("colour", "blue")]), "");
    }
}
