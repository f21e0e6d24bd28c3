//! What was refused: an act, for whose it was or what it would have done, and a request, for want of a
//! right.
//!
//! Whoever can be refused once can be refused ten thousand times a second. So of one caller five
//! refusals a minute are written as they happen, no two alike, and the rest is counted: when the minute
//! is over one row says how many there were. At most so many callers are remembered at once, strangers by their networks
//! and apart from people; what is beyond them is counted together. All that is in this process alone: several nodes write their own.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use serde_json::Value;

use super::Entry;
use crate::Auth;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::session::Session;

/// How long refusals of one caller are counted together, in seconds.
const WINDOW: i64 = 60;
/// Rows of one caller in that time, without the one that says how many more there were.
const MOST: usize = 5;
/// People remembered at once.
const CALLERS: usize = 2_000;
/// Networks of strangers remembered at once: few, and apart, so that strangers crowd nobody out.
const NETWORKS: usize = 200;

/// A request that was refused to somebody who is known.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// Its method.
    pub method: &'static str,
    /// The route, with its placeholders: never what a caller put in their place.
    pub route: &'static str,
    /// The permission it takes, if any.
    pub permission: Option<&'static str>,
    /// Why: `missing_permission`, `credential`, `step_up`.
    pub reason: &'static str,
}

/// What was refused in the last minute.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<Callers>);

#[derive(Debug, Default)]
struct Callers {
    people: HashMap<String, Window>,
    networks: HashMap<String, Window>,
}

#[derive(Debug)]
struct Window {
    began: Timestamp,
    written: HashSet<String>,
    held_back: u64,
    client: Client,
    actor: Option<String>,
    /// The API key the actor came by.
    key: Option<Value>,
}

impl Refusals {
    /// Whether a refusal is written down now; else it is counted.
    fn admits(&self, caller: &str, what: &str, entry: &Entry<'_>, now: Timestamp) -> bool {
        let Ok(mut callers) = self.0.lock() else {
            return true;
        };
        let (windows, callers, most) = match entry.acted_by().is_some() {
            true => (&mut callers.people, CALLERS, MOST),
            false => (&mut callers.networks, NETWORKS, 1),
        };
        let is_known = windows.contains_key(caller) || windows.len() < callers;
        let (caller, actor, key) = match is_known {
            true => (
                caller,
                entry.acted_by().map(str::to_owned),
                entry.key().cloned(),
            ),
            false => ("", None, None),
        };
        let window = windows.entry(caller.to_owned()).or_insert_with(|| Window {
            began: now,
            written: HashSet::new(),
            held_back: 0,
            client: entry.client.clone(),
            actor,
            key,
        });
        if now - window.began >= WINDOW {
            // Another minute; what the last one held back is told with this one's.
            window.began = now;
            window.written.clear();
        }
        let is_new =
            is_known && window.written.len() < most && window.written.insert(what.to_owned());
        window.held_back += u64::from(!is_new);
        is_new
    }

    /// The callers whose minute is over and of whom something was held back.
    fn over(&self, now: Timestamp) -> Vec<Window> {
        let Ok(mut callers) = self.0.lock() else {
            return Vec::new();
        };
        let Callers { people, networks } = &mut *callers;
        let is_over = |_: &String, window: &mut Window| now - window.began >= WINDOW;
        let over = people
            .extract_if(is_over)
            .chain(networks.extract_if(is_over));
        over.map(|(_, window)| window)
            .filter(|window| window.held_back > 0)
            .collect()
    }
}

impl Auth {
    /// Notes that an act was refused. Bounded, so that a loop cannot fill the log: for every refusal of
    /// somebody who is known, be it an act's or a request's.
    pub(crate) async fn audit_refusal(&self, entry: Entry<'_>) -> Result<(), Fault> {
        // A key is counted apart: whoever holds one that leaked crowds its owner out of nothing.
        let caller = match (entry.acted_by(), entry.key()) {
            (Some(actor), Some(key)) => format!("{actor} {}", key["id"]),
            (Some(actor), None) => actor.to_owned(),
            (None, _) => entry.client.network(),
        };
        let what = format!(
            "{} {} {}",
            entry.action,
            entry.subject.as_deref().unwrap_or_default(),
            serde_json::Value::Object(entry.detail.clone())
        );
        match self.refusals().admits(&caller, &what, &entry, self.now()) {
            true => self.audit_alone(entry).await,
            false => Ok(()),
        }
    }

    /// Notes that a request was refused to somebody who is known. Whether or not it can be noted, the
    /// request stays refused; so this answers nothing.
    pub async fn note_refused(&self, session: &Session, refused: Refused, client: &Client) {
        let detail = serde_json::json!({
            "method": refused.method,
            "route": refused.route,
            "permission": refused.permission,
        });
        let mut entry = Entry::refused("access.refused", client, refused.reason)
            .by(session)
            .detail(detail);
        if session.key.is_none() {
            entry = entry.detail(serde_json::json!({ "session": session.id }));
        }
        if let Err(fault) = self.audit_refusal(entry).await {
            tracing::error!(error = %fault, "a refusal was not written down");
        }
    }

    /// Writes down how much was held back of those whose minute is over.
    pub(crate) async fn tell_held_back(&self) -> Result<(), Fault> {
        for window in self.refusals().over(self.now()) {
            let detail = serde_json::json!({ "times": window.held_back });
            let mut entry = Entry::refused("access.refused", &window.client, "repeated");
            if let Some(actor) = &window.actor {
                entry = entry.actor(actor);
            }
            if let Some(key) = &window.key {
                entry = entry.detail(serde_json::json!({ "apiKey": key }));
            }
            self.audit_alone(entry.detail(detail)).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::ActingKey;

    #[test]
    fn a_loop_leaves_five_rows_a_minute_and_a_number() {
        let (refusals, client) = (Refusals::default(), Client::operator());
        let entry = Entry::refused("access.refused", &client, "step_up").actor("a");
        let written = (0..1000)
            .filter(|n| refusals.admits("a", &format!("what {}", n % 20), &entry, 0))
            .count();
        assert_eq!(written, MOST);
        assert!(
            refusals.admits("b", "what 0", &entry, 0),
            "others are others"
        );
        assert!(refusals.over(59).is_empty());
        let held_back: Vec<_> = refusals.over(60).iter().map(|one| one.held_back).collect();
        assert_eq!(held_back, [995]);
        assert!(refusals.admits("a", "what 0", &entry, 60), "a new minute");
    }

    #[test]
    fn what_is_held_back_of_a_key_is_told_with_the_key() {
        let (refusals, client) = (Refusals::default(), Client::operator());
        let key = ActingKey {
            id: "k".to_owned(),
            prefix: "wks_live_".to_owned(),
            last4: "ab12".to_owned(),
        };
        let entry = Entry::refused("access.refused", &client, "credential").actor("a");
        let entry = entry.with_key(&key);
        for n in 0..10 {
            refusals.admits("a k", &format!("what {n}"), &entry, 0);
        }
        let own = Entry::refused("access.refused", &client, "step_up").actor("a");
        assert!(
            refusals.admits("a", "what 0", &own, 0),
            "its owner is not the key"
        );
        let over = refusals.over(60);
        assert_eq!((over.len(), over[0].held_back), (1, 5));
        let told = over[0].key.as_ref().expect("the key");
        assert_eq!(
            (told["id"].as_str(), told["last4"].as_str()),
            (Some("k"), Some("ab12"))
        );
    }

    #[test]
    fn the_same_twice_is_written_once() {
        let (refusals, client) = (Refusals::default(), Client::operator());
        let entry = Entry::refused("access.refused", &client, "step_up").actor("a");
        assert!(refusals.admits("a", "what", &entry, 0));
        assert!(!refusals.admits("a", "what", &entry, 1));
        assert!(refusals.admits("a", "what", &entry, 60), "another minute");
        let over = refusals.over(120);
        assert_eq!(over[0].held_back, 1, "and none is lost");
    }

    #[test]
    fn strangers_crowd_nobody_out_who_is_known() {
        let (refusals, client) = (Refusals::default(), Client::operator());
        let stranger = Entry::refused("limit.reached", &client, "limited");
        let written = (0..CALLERS * 2)
            .filter(|n| refusals.admits(&n.to_string(), "what", &stranger, 0))
            .count();
        assert_eq!(written, NETWORKS);
        assert!(
            !refusals.admits("1", "something else", &stranger, 0),
            "one row each"
        );
        let known = Entry::refused("access.refused", &client, "step_up").actor("a");
        assert!(refusals.admits("a", "what", &known, 0));
    }

    #[test]
    fn callers_beyond_number_cost_no_memory() {
        let (refusals, client) = (Refusals::default(), Client::operator());
        let entry = Entry::refused("access.refused", &client, "step_up").actor("a");
        let written = (0..CALLERS * 2)
            .filter(|n| refusals.admits(&n.to_string(), "what", &entry, 0))
            .count();
        assert_eq!(written, CALLERS);
        let over = refusals.over(60);
        assert_eq!(over.len(), 1);
        assert_eq!((over[0].held_back, &over[0].actor), (CALLERS as u64, &None));
    }
}
