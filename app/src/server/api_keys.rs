//! The forms of API keys: one's own and, where a form says `tenant`, that tenant's. Which key it is, and
//! whether the one who asks looks after it, is for the core to say; the tenant leads back to its page.

use leptos::prelude::*;
use wire::{
    CreateApiKey, Error, FieldCode, FieldError, MadeApiKey, NewApiKey, RevokeApiKey, RotateApiKey,
    Secret, UpdateApiKey,
};

use super::door::{Door, told};
use super::error::UiError;
use super::finish::Outcome;
use super::flash::{Flash, Notice};
use crate::pages::paths;
use crate::pages::user::Tab;

/// Makes a key, and shows it on the next page, once.
#[server(name = CreateKey, prefix = "/_sf", endpoint = "create_key")]
pub async fn create_key(
    #[server(default)] name: String,
    #[server(default)] permissions: Vec<String>,
    #[server(default)] expires_in_days: String,
    #[server(default)] days: String,
    #[server(default)] rate_limit: String,
) -> Result<Outcome, UiError> {
    let typed = Typed {
        name,
        permissions,
        expires_in_days,
        days,
        rate_limit,
    };
    typed.make(None).await
}

/// Makes a key of a tenant, and shows it on the page of its keys, once.
#[server(name = CreateTenantKey, prefix = "/_sf", endpoint = "create_tenant_key")]
pub async fn create_tenant_key(
    #[server(default)] tenant: String,
    #[server(default)] name: String,
    #[server(default)] permissions: Vec<String>,
    #[server(default)] expires_in_days: String,
    #[server(default)] days: String,
    #[server(default)] rate_limit: String,
) -> Result<Outcome, UiError> {
    let typed = Typed {
        name,
        permissions,
        expires_in_days,
        days,
        rate_limit,
    };
    typed.make(Some(&tenant)).await
}

/// What the form of a new key sends.
struct Typed {
    name: String,
    permissions: Vec<String>,
    expires_in_days: String,
    days: String,
    rate_limit: String,
}

impl Typed {
    async fn make(self, tenant: Option<&str>) -> Result<Outcome, UiError> {
        let door = Door::open()?;
        match create(&door, tenant, self.wanted()).await {
            Ok(made) => Ok(shown(&door, tenant.unwrap_or_default(), made)),
            Err(error) => {
                let typed = [
                    ("name", &*self.name),
                    ("expiresInDays", &*self.expires_in_days),
                    ("days", &*self.days),
                    ("rateLimit", &*self.rate_limit),
                ];
                let flash = Flash::refusal(error.clone(), &typed);
                let flash = flash.with_ticked("permissions", &self.permissions);
                let page = tenant.map(paths::new_tenant_key);
                door.refused_with(page.as_deref().unwrap_or(paths::NEW_KEY), error, flash)
            }
        }
    }

    fn wanted(&self) -> Result<NewApiKey, Error> {
        let expires_in_days = match self.expires_in_days.as_str() {
            "" => None,
            "never" => Some(None),
            "custom" => Some(Some(number(&self.days))),
            preset => Some(Some(number(preset))),
        };
        let rate_limit = match self.rate_limit.trim() {
            "" => None,
            typed => Some(number(typed)),
        };
        let request = CreateApiKey {
            name: self.name.clone(),
            permissions: self.permissions.clone(),
            expires_in_days,
            rate_limit,
        };
        request.check().map_err(|mut error| {
            let is_custom = self.expires_in_days == "custom";
            let is_life = |field: &&mut FieldError| is_custom && field.field == "expiresInDays";
            // What was wrong stands beside the field it was typed into.
            for field in error.fields.iter_mut().filter(is_life) {
                "days".clone_into(&mut field.field);
            }
            error
        })
    }
}

/// The page of a key, and the list it is in.
fn page_of(tenant: &str, id: &str) -> String {
    match tenant {
        "" => paths::key(id),
        tenant => paths::tenant_key(tenant, id),
    }
}

fn list_of(tenant: &str) -> String {
    match tenant {
        "" => paths::KEYS.to_owned(),
        tenant => paths::tenant_keys(tenant, None),
    }
}

/// What is no number is none that could be wanted: 0 is below every range here.
fn number(typed: &str) -> i64 {
    typed.trim().parse().unwrap_or(0)
}

async fn create(
    door: &Door,
    tenant: Option<&str>,
    wanted: Result<NewApiKey, Error>,
) -> Result<MadeApiKey, Error> {
    let (wanted, session, auth) = (wanted?, door.session()?, door.auth());
    let made = match tenant {
        None => auth.create_api_key(session, &wanted, &door.client).await,
        Some(tenant) => {
            auth.create_tenant_api_key(session, tenant, &wanted, &door.client)
                .await
        }
    };
    made.map_err(told)
}

/// The key waits in the browser, sealed, for the page it is shown on: it is in no database.
fn shown(door: &Door, tenant: &str, made: MadeApiKey) -> Outcome {
    // A cookie has little room, and the page names the key alone.
    let permissions = Vec::new();
    let flash = Flash {
        made_key: Some(MadeApiKey {
            permissions,
            ..made
        }),
        ..Flash::default()
    };
    door.done_sealed(&list_of(tenant), flash)
}

/// Changes a key.
#[server(name = UpdateKey, prefix = "/_sf", endpoint = "update_key")]
pub async fn update_key(
    #[server(default)] tenant: String,
    #[server(default)] id: String,
    #[server(default)] name: String,
    #[server(default)] permissions: Vec<String>,
    #[server(default)] rate_limit: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let page = page_of(&tenant, &id);
    let update = || async {
        let wanted = UpdateApiKey {
            name: Some(name.clone()),
            permissions: Some(permissions.clone()),
            rate_limit: Some(number(&rate_limit)),
        };
        let change = wanted.check()?;
        let session = door.session()?;
        let changed = door
            .auth()
            .update_api_key(session, &id, &change, &door.client);
        changed.await.map_err(told)
    };
    match update().await {
        Ok(_) => door.done(&page, Some(Notice::KeySaved)),
        Err(error) => {
            let typed = [("name", &*name), ("rateLimit", &*rate_limit)];
            let flash = Flash::refusal(error.clone(), &typed);
            let flash = flash.with_ticked("permissions", &permissions);
            door.refused_with(&page, error, flash)
        }
    }
}

/// Makes a key in place of another.
#[server(name = RollKey, prefix = "/_sf", endpoint = "roll_key")]
pub async fn roll_key(
    #[server(default)] tenant: String,
    #[server(default)] id: String,
    #[server(default)] overlap_seconds: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let roll = || async {
        // Here 0 is an overlap like another.
        let seconds = overlap_seconds.trim().parse();
        let seconds = seconds.map_err(|_| Error::field("overlapSeconds", FieldCode::Invalid))?;
        let overlap_seconds = Some(seconds);
        let overlap = RotateApiKey { overlap_seconds }.check()?;
        let session = door.session()?;
        let made = door
            .auth()
            .roll_api_key(session, &id, overlap, &door.client);
        made.await.map_err(told)
    };
    match roll().await {
        Ok(made) => Ok(shown(&door, &tenant, made)),
        Err(error) => {
            let typed = [("overlapSeconds", &*overlap_seconds)];
            door.refused(&page_of(&tenant, &id), error, &typed)
        }
    }
}

/// Says that a suspended key is one's own.
#[server(name = ConfirmKey, prefix = "/_sf", endpoint = "confirm_key")]
pub async fn confirm_key(
    #[server(default)] tenant: String,
    #[server(default)] id: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let page = page_of(&tenant, &id);
    let confirmed = door.auth().confirm_api_key(session, &id, &door.client);
    door.answered(&page, confirmed.await, Notice::KeyConfirmed)
}

/// Answers for a tenant's key whose member has gone.
#[server(name = TakeOverKey, prefix = "/_sf", endpoint = "take_over_key")]
pub async fn take_over_key(
    #[server(default)] tenant: String,
    #[server(default)] id: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let page = page_of(&tenant, &id);
    let taken = door.auth().take_over_api_key(session, &id, &door.client);
    door.answered(&page, taken.await, Notice::KeyTakenOver)
}

/// Ends a key of one's own, without any proof.
#[server(name = RevokeKey, prefix = "/_sf", endpoint = "revoke_key")]
pub async fn revoke_key(#[server(default)] id: String) -> Result<Outcome, UiError> {
    revoke("", &id).await
}

/// Ends a key of a tenant: others' programs use it, so it takes a recent proof.
#[server(name = RevokeTenantKey, prefix = "/_sf", endpoint = "revoke_tenant_key")]
pub async fn revoke_tenant_key(
    #[server(default)] tenant: String,
    #[server(default)] id: String,
) -> Result<Outcome, UiError> {
    revoke(&tenant, &id).await
}

async fn revoke(tenant: &str, id: &str) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let session = door.person()?;
    let revoked = door.auth().revoke_api_key(session, id, &door.client);
    door.answered(&list_of(tenant), revoked.await, Notice::ApiKeyRevoked)
}

/// Ends somebody's key: for those who look after all keys. `user` is the account whose page the form stands
/// on, `back` the list as it stood, where it stands on that.
#[server(name = RevokeKeyOf, prefix = "/_sf", endpoint = "revoke_key_of")]
pub async fn revoke_key_of(
    #[server(default)] id: String,
    #[server(default)] reason: String,
    #[server(default)] user: String,
    #[server(default)] back: String,
) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    let page = match user.as_str() {
        "" => paths::all_keys_at(&back),
        user => paths::user_tab(user, Tab::Keys),
    };
    let revoke = || async {
        let reason = Some(reason.clone());
        let said = RevokeApiKey { reason }.check()?;
        let (session, auth) = (door.session()?, door.auth());
        let revoked = auth.revoke_key_of(session, &id, said.as_deref(), &door.client);
        revoked.await.map_err(told)
    };
    match revoke().await {
        Ok(()) => door.done(&page, Some(Notice::ApiKeyRevoked)),
        Err(error) => door.refused(&page, error, &[("id", &*id), ("reason", &*reason)]),
    }
}

/// Ends a key that somebody found. What was typed goes nowhere but to the core: the page has it no more,
/// whatever came of it.
#[server(name = ReportLeakedKey, prefix = "/_sf", endpoint = "report_leaked_key")]
pub async fn report_leaked_key(#[server(default)] key: Secret) -> Result<Outcome, UiError> {
    let door = Door::open()?;
    // As it was copied, with whatever stood around it.
    let key = Secret::new(key.reveal().trim());
    let reported = door.auth().revoke_leaked_key(&key, &door.client);
    door.answered(paths::LEAKED_KEY, reported.await, Notice::LeakReported)
}
