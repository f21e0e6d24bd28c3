//! What the core says of somebody, of their session, and to somebody who comes by a key; and what the model
//! says of the same.

use std::collections::BTreeSet;

use auth::ApiKeyRefused;
use wire::Question;

use super::cast::{Cast, permission};
use super::model::Model;
use super::world::{Given, NAMES, Set, is_portal_wide, permits};
use crate::support::at;

impl Cast {
    /// Everything the core says somebody holds, and why, in the model's words.
    pub(super) async fn told(&self, whom: usize) -> BTreeSet<String> {
        let rights = self.auth.rights_of(None, self.people[whom].id()).await;
        let rights = rights.expect("reads").expect("is there");
        let mut told = BTreeSet::new();
        for right in rights.effective {
            for source in right.sources {
                let tenant = source
                    .tenant_id
                    .and_then(|id| self.tenants.iter().position(|one| *one == id));
                told.insert(format!(
                    "{} {} {} {:?} {:?}",
                    right.permission, source.pattern, source.only_assigned, source.role, tenant
                ));
            }
        }
        told
    }

    /// What somebody's session shows.
    pub(super) async fn shown(&self, whom: usize) -> Option<Vec<String>> {
        let cookie = &self.people[whom].cookie;
        let session = self.auth.session_by_cookie(cookie, &at("10.0.0.7")).await;
        let session = session.expect("answers")?;
        Some(session.user.permissions.clone())
    }

    /// What somebody who comes by a key may do, if it lets them in: as the door is told, and as decisions
    /// are, which must not differ.
    pub(super) async fn worth(&self, key: usize) -> Option<Vec<String>> {
        let (id, secret) = &self.keys[key];
        let session = match self.auth.use_api_key(secret, &at("10.0.0.7")).await {
            Ok(used) => used.session,
            Err(
                ApiKeyRefused::Unknown
                | ApiKeyRefused::Revoked
                | ApiKeyRefused::Suspended
                | ApiKeyRefused::Stopped,
            ) => return None,
            Err(other) => panic!("{other}"),
        };
        assert_eq!(session.key_id(), Some(id.as_str()));
        let named = |tenant: Option<&String>, name: &str| Question {
            permission: permission(name),
            tenant_id: tenant.cloned(),
            resource: None,
        };
        let home = session.tenant_id.as_ref();
        let mut questions: Vec<_> = NAMES.iter().map(|name| named(home, name)).collect();
        let foreign = self
            .tenants
            .iter()
            .filter(|tenant| Some(*tenant) != home)
            .flat_map(|tenant| NAMES.iter().map(|name| named(Some(tenant), name)));
        questions.extend(foreign);
        let decided = self.auth.decide(&session, &questions).await;
        let held = &session.user.permissions;
        for (question, decision) in questions.iter().zip(decided.expect("decides")) {
            let is_home = question.tenant_id.as_ref() == home;
            let holds = held.iter().any(|name| name == question.permission.as_str());
            assert_eq!(decision.granted, is_home && holds, "{question:?}");
        }
        Some(held.clone())
    }
}

impl Model {
    /// All somebody holds, and why, a line each.
    pub(super) fn told(&self, whom: usize) -> BTreeSet<String> {
        let person = &self.people[whom];
        let mut told = BTreeSet::new();
        let mut tell = |given: &Given, role: Option<&String>, tenant: Option<usize>| {
            for name in &self.catalogue {
                let counts = tenant.is_none() || !is_portal_wide(name);
                for (pattern, bound) in given.iter().filter(|(one, _)| counts && permits(one, name))
                {
                    told.insert(format!("{name} {pattern} {bound} {role:?} {tenant:?}"));
                }
            }
        };
        tell(&self.roles[&person.role], Some(&person.role), None);
        tell(&person.grants, None, None);
        for (tenant, one) in &person.memberships {
            if !one.is_suspended {
                tell(&self.roles[&one.role], Some(&one.role), Some(*tenant));
                tell(&one.grants, None, Some(*tenant));
            }
        }
        told
    }

    /// What a session shows, where it acts; `None` where there is none.
    pub(super) fn shown(&self, whom: usize) -> Option<Vec<String>> {
        let person = &self.people[whom];
        let held = self.there(person, person.acting);
        person.may_act().then(|| self.names_of(held))
    }

    /// The names there are of what is held freely.
    pub(super) fn names_of(&self, held: Set) -> Vec<String> {
        let free = |name: &&String| held.holds(name);
        self.catalogue.iter().filter(free).cloned().collect()
    }
}
