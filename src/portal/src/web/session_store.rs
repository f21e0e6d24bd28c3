//! tower-sessions' view of the core's sessions (D2).
//!
//! A record is the flash of one live session and nothing else. A session is begun by the core:
//! `create` adopts the cookie that was issued and makes nothing up. `save` writes where the version
//! is the one that was read, so it can neither overwrite what another tab kept nor bring back what
//! has ended; `load` finds live sessions alone; `delete` ends the session.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use app::server::ISSUED;
use async_trait::async_trait;
use auth::{Auth, Client, CookieToken, Fault};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result, SessionStore};

/// Where a record remembers what it was read from.
const LOADED: &str = "loaded";
/// How often a write that came second tries again.
const TRIES: usize = 4;
/// How many flashes wait at once; the oldest go first.
const WAITING: usize = 16;

/// Sessions of the core.
#[derive(Clone)]
pub struct Sessions(Auth);

/// One flash as it waits: sealed, and with an end.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) until: i64,
    pub(super) sealed: String,
}

type Entries = BTreeMap<String, Waiting>;

/// What was there when the record was read.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Loaded {
    version: i64,
    keys: Vec<String>,
}

impl Sessions {
    pub(super) fn new(auth: Auth) -> Self {
        Self(auth)
    }

    /// Writes the difference between what was loaded and what is wanted, over and over until it
    /// lands on what is there. A session that is gone stays gone: then there is nothing to show.
    async fn write(&self, cookie: &CookieToken, loaded: &Loaded, wanted: Entries) -> Result<()> {
        let (mut version, mut entries) = (loaded.version, wanted.clone());
        for _ in 0..TRIES {
            let text = serde_json::to_string(&self.fresh(entries)).map_err(encode)?;
            if self
                .0
                .set_flash(cookie, version, &text)
                .await
                .map_err(backend)?
            {
                return Ok(());
            }
            let Some(flash) = self.0.flash(cookie).await.map_err(backend)? else {
                return Ok(());
            };
            version = flash.version;
            entries = merge(read(flash.text.as_deref()), loaded, &wanted);
        }
        tracing::debug!("a flash was not kept: its session is written to by many at once");
        Ok(())
    }

    /// What has not ended, the newest of it.
    fn fresh(&self, entries: Entries) -> Entries {
        let now = self.0.now();
        let mut entries: Vec<_> = entries
            .into_iter()
            .filter(|(_, waiting)| waiting.until > now)
            .collect();
        entries.sort_by_key(|(_, waiting)| std::cmp::Reverse(waiting.until));
        entries.truncate(WAITING);
        entries.into_iter().collect()
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let issued = record
            .data
            .remove(ISSUED)
            .map(serde_json::from_value::<[u8; 16]>);
        let Some(Ok(issued)) = issued else {
            return Err(Error::Backend(
                "a session begins with a sign-in, not by itself".to_owned(),
            ));
        };
        record.id = Id(i128::from_le_bytes(issued));
        let wanted = entries(&record.data);
        if wanted.is_empty() {
            return Ok(());
        }
        self.write(&CookieToken(issued), &Loaded::default(), wanted)
            .await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let loaded = record
            .data
            .get(LOADED)
            .cloned()
            .and_then(|value| serde_json::from_value(value).ok());
        self.write(
            &cookie(&record.id),
            &loaded.unwrap_or_default(),
            entries(&record.data),
        )
        .await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(flash) = self.0.flash(&cookie(id)).await.map_err(backend)? else {
            return Ok(None);
        };
        let entries = read(flash.text.as_deref());
        let loaded = Loaded {
            version: flash.version,
            keys: entries.keys().cloned().collect(),
        };
        let mut data = HashMap::new();
        data.insert(
            LOADED.to_owned(),
            serde_json::to_value(loaded).map_err(encode)?,
        );
        for (key, waiting) in entries {
            data.insert(key, serde_json::to_value(waiting).map_err(encode)?);
        }
        let ends = self.0.now() + self.0.settings().sessions.absolute;
        let expiry_date = OffsetDateTime::from_unix_timestamp(ends).map_err(encode)?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        // The layer does not say for whom; doors that know end the session themselves before.
        let client = Client::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), "session layer", "");
        self.0
            .end_session_by_cookie(&cookie(id), &client)
            .await
            .map_err(backend)
    }
}

fn cookie(id: &Id) -> CookieToken {
    CookieToken(id.0.to_le_bytes())
}

fn read(text: Option<&str>) -> Entries {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

fn entries(data: &HashMap<String, Value>) -> Entries {
    let flashes = data
        .iter()
        .filter(|(key, _)| *key != LOADED && *key != ISSUED);
    flashes
        .filter_map(|(key, value)| Some((key.clone(), serde_json::from_value(value.clone()).ok()?)))
        .collect()
}

/// What is there, less what was taken out here, plus what was put in here.
fn merge(mut there: Entries, loaded: &Loaded, wanted: &Entries) -> Entries {
    there.retain(|key, _| wanted.contains_key(key) || !loaded.keys.contains(key));
    let added = wanted.iter().filter(|(key, _)| !loaded.keys.contains(key));
    there.extend(added.map(|(key, waiting)| (key.clone(), waiting.clone())));
    there
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn backend(fault: Fault) -> Error {
    Error::Backend(fault.to_string())
}

fn encode(error: impl fmt::Display) -> Error {
    Error::Encode(error.to_string())
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

#[cfg(test)]
mod tests;
