//! Roles and what they give, as they arrive and as they are shown (req 84–97).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::request::Wrong;
use crate::{Error, FieldCode, Pattern, Permission};

/// The longest description, in characters.
const LONGEST_DESCRIPTION: usize = 200;
/// The most patterns one role, or one person, is given.
const MOST_PATTERNS: usize = 200;

/// A role's name: 2 to 40 of `a-z`, `0-9`, `_`, `-`, a letter first. `new` is none: it is the address of
/// the page that makes roles.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleName(String);

impl RoleName {
    /// Reads a name.
    ///
    /// # Errors
    /// `TooShort`, `TooLong`, or `Invalid` for what is no such name.
    pub fn parse(text: &str) -> Result<Self, FieldCode> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
        let begins = text.starts_with(|c: char| c.is_ascii_lowercase());
        match text.len() {
            0 => Err(FieldCode::Required),
            1 => Err(FieldCode::TooShort),
            2..=40 if begins && text.bytes().all(plain) && text != "new" => {
                Ok(Self(text.to_owned()))
            }
            2..=40 => Err(FieldCode::Invalid),
            _ => Err(FieldCode::TooLong),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is given: patterns, each without condition or for assigned resources alone. Sorted, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantSet {
    /// Without condition.
    pub patterns: Vec<Pattern>,
    /// Only for resources one is assigned to. None of them is among `patterns`, which say more.
    pub assigned: Vec<Pattern>,
}

impl GrantSet {
    /// Sorts, and leaves out what is said twice.
    pub fn of(mut patterns: Vec<Pattern>, mut assigned: Vec<Pattern>) -> Self {
        patterns.sort();
        patterns.dedup();
        assigned.sort();
        assigned.dedup();
        assigned.retain(|pattern| !patterns.contains(pattern));
        Self { patterns, assigned }
    }

    /// Reads patterns as they were written; what is wrong is noted under both names.
    ///
    /// # Errors
    /// `patterns` or `assigned` `Invalid` where one is no pattern, `TooLong` where there are more than 200.
    pub fn read(patterns: &[String], assigned: &[String]) -> Result<Self, Error> {
        let mut wrong = Wrong::default();
        let patterns = wrong.take("patterns", list(patterns));
        let assigned = wrong.take("assigned", list(assigned));
        wrong.or(Self::of(
            patterns.unwrap_or_default(),
            assigned.unwrap_or_default(),
        ))
    }

    /// All of it, with whether it is for assigned resources alone.
    pub fn all(&self) -> impl Iterator<Item = (&Pattern, bool)> {
        let free = self.patterns.iter().map(|pattern| (pattern, false));
        free.chain(self.assigned.iter().map(|pattern| (pattern, true)))
    }

    /// Whether nothing is given.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty() && self.assigned.is_empty()
    }
}

fn list(texts: &[String]) -> Result<Vec<Pattern>, FieldCode> {
    if texts.len() > MOST_PATTERNS {
        return Err(FieldCode::TooLong);
    }
    texts.iter().map(|text| Pattern::parse(text)).collect()
}

/// `POST /api/admin/roles`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddRole {
    /// 2 to 40 of `a-z`, `0-9`, `_`, `-`, a letter first; never changes.
    pub name: String,
    /// What it is for, up to 200 characters.
    pub description: Option<String>,
    /// `resource:action`, `resource:*` or `*:*`; `resource.action` is read the same.
    pub patterns: Option<Vec<String>>,
    /// The same, for resources one is assigned to alone.
    pub assigned: Option<Vec<String>>,
}

/// `PUT /api/admin/roles/{name}` and its preview, as they arrive: all of the role as it shall be.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EditRole {
    /// What it is for, up to 200 characters.
    pub description: String,
    /// `resource:action`, `resource:*` or `*:*`; `resource.action` is read the same.
    pub patterns: Vec<String>,
    /// The same, for resources one is assigned to alone.
    pub assigned: Option<Vec<String>>,
    /// The `version` that was read: another one by now is 409 `conflict` of `version`. Left out: whatever
    /// is there is replaced.
    pub version: Option<String>,
}

/// A role as it shall be, every field in order. Whether there are such permissions, and whether whoever
/// asks may give them, is the core's to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleDraft {
    /// What it is for.
    pub description: String,
    /// What it gives.
    pub grants: GrantSet,
    /// The version that was read, where one was.
    pub version: Option<String>,
}

impl AddRole {
    /// Reads every field.
    ///
    /// # Errors
    /// One entry for each field that is wrong.
    pub fn check(&self) -> Result<(RoleName, RoleDraft), Error> {
        let mut wrong = Wrong::default();
        let name = wrong.take("name", RoleName::parse(&self.name));
        let draft = draft(
            &mut wrong,
            self.description.as_deref(),
            self.patterns.as_deref(),
            self.assigned.as_deref(),
        );
        match name {
            Some(name) => Ok((name, wrong.or(draft)?)),
            None => Err(wrong.into_error()),
        }
    }
}

impl EditRole {
    /// Reads every field.
    ///
    /// # Errors
    /// One entry for each field that is wrong.
    pub fn check(&self) -> Result<RoleDraft, Error> {
        let mut wrong = Wrong::default();
        let draft = draft(
            &mut wrong,
            Some(&self.description),
            Some(&self.patterns),
            self.assigned.as_deref(),
        );
        let version = self.version.clone();
        wrong.or(RoleDraft { version, ..draft })
    }
}

fn draft(
    wrong: &mut Wrong,
    description: Option<&str>,
    patterns: Option<&[String]>,
    assigned: Option<&[String]>,
) -> RoleDraft {
    let description = wrong.take("description", described(description));
    let patterns = wrong.take("patterns", list(patterns.unwrap_or_default()));
    let assigned = wrong.take("assigned", list(assigned.unwrap_or_default()));
    RoleDraft {
        description: description.unwrap_or_default(),
        grants: GrantSet::of(patterns.unwrap_or_default(), assigned.unwrap_or_default()),
        version: None,
    }
}

/// One line.
fn needed(text: &str) -> Result<String, FieldCode> {
    match described(Some(text))? {
        text if text.is_empty() => Err(FieldCode::Required),
        text => Ok(text),
    }
}

/// One line, or nothing.
fn described(text: Option<&str>) -> Result<String, FieldCode> {
    let text = text.unwrap_or_default().trim();
    if text.chars().count() > LONGEST_DESCRIPTION {
        return Err(FieldCode::TooLong);
    }
    match text.chars().any(char::is_control) {
        true => Err(FieldCode::Invalid),
        false => Ok(text.to_owned()),
    }
}

/// `DELETE /api/admin/roles/{name}`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeleteRole {
    /// The role of whoever has this one, from then on. Left out: a role that somebody has stays.
    pub move_to: Option<String>,
    /// The `version` that was read: another one by now is 409 `conflict` of `version`.
    pub version: Option<String>,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Role {
    /// Its name in tokens; never changes.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Whether it came with the portal, and cannot be deleted.
    pub built_in: bool,
    /// Whether it can be changed at all: `admin` and `api` cannot.
    pub changeable: bool,
    /// What it gives, as written: `resource:action`, `resource:*`, `*:*`.
    pub patterns: Vec<String>,
    /// What it gives for assigned resources alone, as written.
    pub assigned: Vec<String>,
    /// What it gives, expanded.
    pub permissions: Vec<String>,
    /// What it gives for assigned resources alone, expanded.
    pub assigned_permissions: Vec<String>,
    /// How many accounts have it.
    pub users: i64,
    /// How many memberships of tenants have it.
    pub members: i64,
    /// Names this state of the role: another one, another version.
    pub version: String,
}

/// All roles.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Roles {
    /// By name.
    pub roles: Vec<Role>,
    /// Always `null`: there are few.
    pub next_cursor: Option<String>,
}

/// `{ "role": … }`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OneRole {
    /// The role.
    pub role: Role,
}

/// A right somebody has.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeldRight {
    /// `resource:action`.
    pub permission: String,
    /// Only for resources they are assigned to.
    pub only_assigned: bool,
}

impl fmt::Display for HeldRight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.permission)?;
        match self.only_assigned {
            true => f.write_str(" (assigned only)"),
            false => Ok(()),
        }
    }
}

/// What changes for one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonImpact {
    /// The account.
    pub id: String,
    /// Its address.
    pub email: String,
    /// The tenant it is about, by name; `null`: wherever they act.
    pub tenant: Option<String>,
    /// What they can do from then on. Empty where they could before.
    pub gains: Vec<HeldRight>,
    /// What they can do no longer. Empty where they still can for another reason.
    pub loses: Vec<HeldRight>,
}

/// What a change would do, said before it is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Impact {
    /// What is given from then on, expanded.
    pub gains: Vec<HeldRight>,
    /// What is given no longer, expanded.
    pub loses: Vec<HeldRight>,
    /// The first twenty of those it concerns. None for whoever may not look after people.
    pub people: Vec<PersonImpact>,
    /// How many more it concerns.
    pub others: i64,
    /// How many live sessions get other rights at their next request.
    pub sessions: i64,
    /// How many API keys do.
    pub api_keys: i64,
    /// How many open invitations offer the role.
    pub invitations: i64,
    /// The state it was looked at in: to be sent along with the change, so that nothing else is done than
    /// what was shown.
    pub version: String,
}

/// Why somebody holds something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RightSource {
    /// `role`, `grant`, `membership_role` or `membership_grant`.
    pub source: String,
    /// What was given: a wildcard permits more than this.
    pub pattern: String,
    /// Only for resources they are assigned to.
    pub only_assigned: bool,
    /// The role it comes from.
    pub role: Option<String>,
    /// The tenant it holds in; `null`: wherever they act.
    pub tenant_id: Option<String>,
    /// The tenant's name.
    pub tenant: Option<String>,
}

/// One permission somebody holds, and all that gives it to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EffectiveRight {
    /// `resource:action`.
    pub permission: String,
    /// What it lets somebody do.
    pub description: String,
    /// What gives it.
    pub sources: Vec<RightSource>,
}

/// What somebody was given in one tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberRights {
    /// The tenant.
    pub tenant_id: String,
    /// Its name.
    pub tenant: String,
    /// Their role there.
    pub role: String,
    /// What they were given beside it, as written.
    pub patterns: Vec<String>,
    /// The same for assigned resources alone.
    pub assigned: Vec<String>,
}

/// All an account was given, and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserRights {
    /// The account.
    pub id: String,
    /// Its role.
    pub role: String,
    /// What it was given beside the role, as written.
    pub patterns: Vec<String>,
    /// The same for assigned resources alone.
    pub assigned: Vec<String>,
    /// Its tenants.
    pub memberships: Vec<MemberRights>,
    /// All it holds, in whichever tenant, and why.
    pub effective: Vec<EffectiveRight>,
    /// Whether any of it is in force: not while the address is unproven or the account may not sign in.
    pub in_force: bool,
    /// Whether the caller may change it.
    pub manageable: bool,
    /// Names this state: another role or other grants, another version.
    pub version: String,
}

/// `{ "grants": … }`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OneUserRights {
    /// All the account was given, and what comes of it.
    pub grants: UserRights,
}

/// `PUT /api/admin/users/{id}/grants` and its preview, as they arrive.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetGrants {
    /// All they shall be given beside their role: `resource:action`, `resource:*` or `*:*`.
    pub patterns: Vec<String>,
    /// The same, for resources they are assigned to alone.
    pub assigned: Option<Vec<String>>,
    /// The `version` that was read: another one by now is 409 `conflict` of `version`.
    pub version: Option<String>,
}

impl SetGrants {
    /// Reads every field.
    ///
    /// # Errors
    /// One entry for each field that is wrong.
    pub fn check(&self) -> Result<GrantSet, Error> {
        GrantSet::read(&self.patterns, self.assigned.as_deref().unwrap_or_default())
    }
}

/// `PUT /api/admin/users/{id}/role`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetRole {
    /// The role's name.
    pub role: String,
    /// The `version` that was read: another one by now is 409 `conflict` of `version`.
    pub version: Option<String>,
}

/// A permission, as the catalogue has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CatalogueEntry {
    /// `resource:action`.
    pub name: String,
    /// What it lets somebody do.
    pub description: String,
    /// Whether the portal itself asks for it, so that it cannot be removed.
    pub built_in: bool,
    /// The roles that give it.
    pub roles: Vec<String>,
    /// How many people were given it by name beside their roles.
    pub grants: i64,
}

/// All permissions there are.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Catalogue {
    /// By name.
    pub permissions: Vec<CatalogueEntry>,
    /// Always `null`: there are few.
    pub next_cursor: Option<String>,
}

/// Permissions and roles for a kind of product, and what loading them does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preset {
    /// `workflow`, `content` or `clinic`.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Permissions that are added.
    pub permissions: Vec<String>,
    /// Its roles.
    pub roles: Vec<PresetRole>,
    /// Whether the caller cannot load it: it gives what they do not hold.
    pub blocked: bool,
}

impl Preset {
    /// Whether there is nothing to add.
    pub fn is_loaded(&self) -> bool {
        let is_there = |role: &PresetRole| !role.is_new && role.adds.is_empty();
        !self.blocked && self.permissions.is_empty() && self.roles.iter().all(is_there)
    }
}

/// A role of a preset, and what loading does to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresetRole {
    /// Its name.
    pub name: String,
    /// Whether it is made.
    pub is_new: bool,
    /// What it is given.
    pub adds: Vec<String>,
    /// What it gives beyond the preset, and goes on giving.
    pub keeps: Vec<String>,
}

/// All presets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Presets {
    /// With what loading each would do.
    pub presets: Vec<Preset>,
}

/// `POST /api/admin/permissions`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddPermission {
    /// `resource:action`, each a word of `a-z`, `0-9`, `_`, `-`.
    pub name: String,
    /// What it lets somebody do, up to 200 characters.
    pub description: String,
}

/// `PUT /api/admin/permissions/{name}`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DescribePermission {
    /// What it lets somebody do, up to 200 characters.
    pub description: String,
}

impl DescribePermission {
    /// Reads it.
    ///
    /// # Errors
    /// What is wrong with `description`.
    pub fn check(&self) -> Result<String, Error> {
        let described = needed(&self.description);
        described.map_err(|code| Error::field("description", code))
    }
}

impl AddPermission {
    /// Reads both fields.
    ///
    /// # Errors
    /// One entry for each field that is wrong.
    pub fn check(&self) -> Result<(Permission, String), Error> {
        let mut wrong = Wrong::default();
        let name = wrong.take("name", Permission::parse(self.name.trim()));
        let description = wrong.take("description", needed(&self.description));
        match (name, description) {
            (Some(name), Some(description)) => Ok((name, description)),
            _ => Err(wrong.into_error()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_a_plain_name() {
        for good in ["user", "clinic_admin", "team-2", "ab"] {
            assert_eq!(
                RoleName::parse(good).map(|name| name.to_string()),
                Ok(good.to_owned())
            );
        }
        for (bad, code) in [
            ("", FieldCode::Required),
            ("a", FieldCode::TooShort),
            ("Admin", FieldCode::Invalid),
            ("2fast", FieldCode::Invalid),
            ("a b", FieldCode::Invalid),
            ("../x", FieldCode::Invalid),
            ("аdmin", FieldCode::Invalid),
            ("new", FieldCode::Invalid),
        ] {
            assert_eq!(RoleName::parse(bad), Err(code), "{bad:?}");
        }
        assert_eq!(RoleName::parse(&"a".repeat(41)), Err(FieldCode::TooLong));
    }

    #[test]
    fn what_is_given_without_condition_is_not_given_again_with_one() {
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let set = GrantSet::read(
            &texts(&["b:y", "a.x", "a:x"]),
            &texts(&["a:x", "c:*", "c.*"]),
        )
        .expect("reads");
        let told: Vec<_> = set
            .all()
            .map(|(pattern, bound)| format!("{pattern} {bound}"))
            .collect();
        assert_eq!(told, ["a:x false", "b:y false", "c:* true"]);
    }

    #[test]
    fn each_field_that_is_wrong_is_named() {
        let add = AddRole {
            name: "X".to_owned(),
            description: Some("a\nb".to_owned()),
            patterns: Some(vec!["*:read".to_owned()]),
            assigned: Some(vec!["a:b".to_owned(); 201]),
        };
        let error = add.check().expect_err("is wrong");
        let told: Vec<_> = error
            .fields
            .iter()
            .map(|one| format!("{}={}", one.field, one.code))
            .collect();
        assert_eq!(
            told,
            [
                "name=too_short",
                "description=invalid",
                "patterns=invalid",
                "assigned=too_long"
            ]
        );
    }
}
