//! The people of a run as the core knows them, and what they do there.

use std::sync::Arc;

use auth::{Auth, RightsChange, Session, Want};
use wire::{
    ApiKeyChange, DeleteUser, Disabling, GrantSet, MadeApiKey, MemberChange, MemberStatus,
    NewApiKey, Permission, RoleDraft, RoleName, Secret,
};

use super::model::Model;
use super::step::{Act, Names, OnAccount, OnKey, OnMember, OnRights, Step};
use super::world::Given;
use crate::api_key::key_for;
use crate::role::{gives, patterns};
use crate::support::*;

pub(super) struct Cast {
    /// A node without limits, on which all happens.
    pub(super) auth: Auth,
    pub(super) people: Vec<Player>,
    pub(super) tenants: Vec<String>,
    pub(super) keys: Vec<(String, Secret)>,
    /// How many came so far: nobody gets the address of somebody who went.
    came: usize,
}

pub(super) struct Player {
    pub(super) email: String,
    session: Arc<Session>,
    pub(super) cookie: auth::CookieToken,
}

impl Player {
    pub(super) fn id(&self) -> &str {
        &self.session.user.id
    }
}

fn grants(given: &Given) -> GrantSet {
    let of = |wanted: bool| -> Vec<&str> {
        let these = given.iter().filter(|(_, bound)| **bound == wanted);
        these.map(|(name, _)| name.as_str()).collect()
    };
    gives(&of(false), &of(true))
}

fn draft(given: &Given) -> RoleDraft {
    RoleDraft {
        grants: grants(given),
        ..RoleDraft::default()
    }
}

pub(super) fn permission(name: &str) -> Permission {
    Permission::parse(name).expect("a permission")
}

fn wanted(names: &Names) -> NewApiKey {
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    NewApiKey {
        rate_limit: 1_000_000,
        ..key_for(&names)
    }
}

impl Cast {
    pub(super) fn new(auth: Auth, tenants: Vec<String>) -> Self {
        Self {
            auth,
            people: Vec::new(),
            tenants,
            keys: Vec::new(),
            came: 0,
        }
    }

    /// Somebody new, signed in.
    pub(super) async fn newcomer(&mut self, house: &House) -> Player {
        self.came += 1;
        let email = format!("p{}@example.com", self.came);
        house.letters().await;
        let signed_in = house.sign_up(&email, Want::Page).await;
        self.player(email, cookie(&signed_in)).await
    }

    async fn player(&self, email: String, cookie: auth::CookieToken) -> Player {
        let session = self.auth.session_by_cookie(&cookie, &at("10.0.0.7")).await;
        Player {
            email,
            session: session.expect("answers").expect("lives"),
            cookie,
        }
    }

    /// Lets those in who may come back, or are new.
    pub(super) async fn settle(
        &mut self,
        house: &House,
        step: &Step,
        (before, after): (&Model, &Model),
    ) {
        let Act::Account(whom, act) = step.act else {
            return;
        };
        if matches!(act, OnAccount::Erase) {
            self.people[whom] = self.newcomer(house).await;
        } else if !before.people[whom].may_act() && after.people[whom].may_act() {
            let (email, client) = (self.people[whom].email.clone(), at("10.0.0.7"));
            let credentials = credentials(&email, PASSWORD);
            let signed_in = self.auth.log_in(credentials, Want::Page, &client).await;
            let cookie = cookie(&signed_in.expect("signs in"));
            let player = self.player(email, cookie).await;
            // They act in no tenant until they say so.
            let put = self.auth.act_in_tenant(&player.session, None, &client);
            put.await.expect("acts");
            self.people[whom] = player;
        }
    }

    /// Whether the core took the step.
    pub(super) async fn act(&mut self, step: &Step) -> bool {
        match &step.act {
            Act::Rights(act) => self.on_rights(step.by, act).await,
            Act::Account(whom, act) => self.on_account(step.by, *whom, *act).await,
            Act::Member(whom, tenant, act) => self.on_member(step.by, *whom, *tenant, act).await,
            Act::Key(act) => self.on_key(step.by, act).await,
        }
    }

    async fn on_rights(&self, by: Option<usize>, act: &OnRights) -> bool {
        let (auth, client) = (&self.auth, at("10.0.0.7"));
        let by = by.map(|by| &*self.people[by].session);
        let id = |whom: usize| self.people[whom].id();
        match act {
            OnRights::SetRole(whom, role) => {
                let set = auth.set_role_of(by, id(*whom), role, &client);
                set.await.is_ok()
            }
            OnRights::SetGrants(whom, given) => {
                let grants = grants(given);
                let change = RightsChange {
                    grants: Some(&grants),
                    ..RightsChange::default()
                };
                let set = auth.set_rights_of(by, id(*whom), &change, &client);
                set.await.is_ok()
            }
            OnRights::AddRole(role, given) => {
                let role = RoleName::parse(role).expect("a name");
                auth.add_role(by, &role, &draft(given), &client)
                    .await
                    .is_ok()
            }
            OnRights::ChangeRole(role, given) => auth
                .change_role(by, role, &draft(given), &client)
                .await
                .is_ok(),
            OnRights::DeleteRole(role, other) => {
                let deleted = auth.delete_role(by, role, (other.as_deref(), None), &client);
                deleted.await.is_ok()
            }
            OnRights::AddPermission(one) => auth
                .add_permission(by, &permission(one), "of a story", &client)
                .await
                .is_ok(),
            OnRights::RemovePermission(one) => auth
                .delete_permission(by, &permission(one), &client)
                .await
                .is_ok(),
        }
    }

    async fn on_account(&self, by: Option<usize>, whom: usize, act: OnAccount) -> bool {
        let (auth, client) = (&self.auth, at("10.0.0.7"));
        let hand = match by {
            Some(by) => auth::Hand::Person(&self.people[by].session),
            None => auth::Hand::Operator,
        };
        let Player { email, .. } = &self.people[whom];
        let id = self.people[whom].id();
        match act {
            OnAccount::Disable => {
                let disabling = Disabling::default();
                let disabled = auth.disable_user(hand, id, &disabling, &client);
                disabled.await.is_ok()
            }
            OnAccount::Enable => auth.enable_user(hand, id, &client).await.is_ok(),
            OnAccount::Keep => auth.keep_user(hand, id, &client).await.is_ok(),
            OnAccount::Delete | OnAccount::Erase => {
                let request = DeleteUser {
                    confirmation: Some(email.clone()),
                    immediately: Some(matches!(act, OnAccount::Erase)),
                };
                let deleted = auth.delete_user(hand, id, &request, &client);
                deleted.await.is_ok()
            }
        }
    }

    async fn on_member(
        &self,
        by: Option<usize>,
        whom: usize,
        tenant: usize,
        act: &OnMember,
    ) -> bool {
        let (auth, client) = (&self.auth, at("10.0.0.7"));
        let by = by.map(|by| &*self.people[by].session);
        let (tenant, id) = (&self.tenants[tenant], self.people[whom].id());
        let mut change = MemberChange::default();
        match act {
            OnMember::Add(role) => {
                let address = email(&self.people[whom].email);
                let added = auth.add_member(by, tenant, &address, role, &client);
                return added.await.is_ok();
            }
            OnMember::Remove => {
                let removed = auth.remove_member(by, tenant, id, &client);
                return removed.await.is_ok();
            }
            OnMember::Change(role, given) => {
                let of = |wanted: bool| -> Vec<&str> {
                    let these = given.iter().filter(|(_, bound)| **bound == wanted);
                    these.map(|(name, _)| name.as_str()).collect()
                };
                change.role = Some(role.clone());
                change.patterns = Some(patterns(&of(false)));
                change.assigned = Some(patterns(&of(true)));
            }
            OnMember::Suspend => change.status = Some(MemberStatus::Suspended),
            OnMember::Resume => change.status = Some(MemberStatus::Active),
        }
        let changed = auth.change_member(by, tenant, id, &change, &client);
        changed.await.is_ok()
    }

    async fn on_key(&mut self, by: Option<usize>, act: &OnKey) -> bool {
        let (auth, client) = (&self.auth, at("10.0.0.7"));
        let id = |key: &usize| self.keys[*key].0.as_str();
        let Some(by) = by else {
            let OnKey::Revoke(key) = act else {
                panic!("the operator does not {act:?}");
            };
            let revoked = auth.revoke_key_by_operator(id(key), &client).await;
            return revoked.expect("answers");
        };
        let by = &*self.people[by].session;
        let made = match act {
            OnKey::ActIn(tenant) => {
                let tenant = tenant.map(|tenant| self.tenants[tenant].as_str());
                return auth.act_in_tenant(by, tenant, &client).await.is_ok();
            }
            OnKey::Make(names) => auth.create_api_key(by, &wanted(names), &client).await,
            OnKey::MakeOfTenant(tenant, names) => {
                let tenant = &self.tenants[*tenant];
                auth.create_tenant_api_key(by, tenant, &wanted(names), &client)
                    .await
            }
            OnKey::Roll(key, with_overlap) => {
                let overlap = if *with_overlap { 3600 } else { 0 };
                auth.roll_api_key(by, id(key), overlap, &client).await
            }
            OnKey::Change(key, names) => {
                let change = ApiKeyChange {
                    permissions: Some(wanted(names).permissions),
                    ..ApiKeyChange::default()
                };
                let changed = auth.update_api_key(by, id(key), &change, &client);
                return changed.await.is_ok();
            }
            OnKey::Confirm(key) => {
                return auth.confirm_api_key(by, id(key), &client).await.is_ok();
            }
            OnKey::TakeOver(key) => {
                return auth.take_over_api_key(by, id(key), &client).await.is_ok();
            }
            OnKey::Revoke(key) => {
                return auth.revoke_api_key(by, id(key), &client).await.is_ok();
            }
            OnKey::RevokeOfAll(key) => {
                let revoked = auth.revoke_key_of(by, id(key), None, &client);
                return revoked.await.is_ok();
            }
        };
        let is_made = made.is_ok();
        if let Ok(MadeApiKey { id, key, .. }) = made {
            self.keys.push((id, key));
        }
        is_made
    }
}
