//! Who gives rights, or takes them: an account by what it holds at this moment, or the operator.
//!
//! One rule for roles and grants; memberships have their own, `tenant/scope` (security.md row 94): nobody gives what they do not hold,
//! a wildcard only by a wildcard, and nobody changes what gives more than they hold themselves, not
//! even by taking from it.

use wire::{Error, ErrorCode, FieldCode};

use crate::Auth;
use crate::audit::Entry;
use crate::error::Fault;
use crate::manage_user::ManageUserError;
use crate::rights::{Acting, Rights};
use crate::session::Session;
use crate::store::Tx;

/// Why roles, permissions or somebody's rights were not changed.
#[derive(Debug, thiserror::Error)]
pub enum RightsError {
    /// There is no such role, permission or account.
    #[error("no such role, permission or account")]
    Unknown,
    /// It gives, or shall give, what the one who acts does not hold; or the account has such a right.
    #[error("this is about rights that the actor lacks")]
    Outranked,
    /// It came with the portal, which relies on it.
    #[error("this came with the portal")]
    BuiltIn,
    /// Another one has this name.
    #[error("the name is taken")]
    Taken,
    /// As many roles or permissions as there may be.
    #[error("there are as many {0} as there may be")]
    TooMany(&'static str),
    /// It was changed since it was read.
    #[error("it was changed meanwhile")]
    Changed,
    /// Somebody has the role, and it was not said what they shall have instead.
    #[error("somebody has the role")]
    InUse,
    /// A field names a permission there is none of.
    #[error("no such permission in {0}")]
    NoPermission(&'static str),
    /// A field names a role nobody can have.
    #[error("no such role in {0}")]
    NoRole(&'static str),
    /// Nobody changes their own rights.
    #[error("this is the actor's own account")]
    Oneself,
    /// Nobody could manage the portal any more.
    #[error("this is the last admin")]
    LastAdmin,
    /// The session that asked has ended.
    #[error("the session has ended")]
    SignedOut,
    /// An account whose address is not proven holds nothing, so it is no admin.
    #[error("the address of the account is not proven")]
    Unproven,
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<RightsError> for Error {
    fn from(error: RightsError) -> Self {
        match error {
            RightsError::Unknown => ErrorCode::NotFound.into(),
            RightsError::Outranked => ErrorCode::InsufficientPermissions.into(),
            RightsError::BuiltIn => Self::conflict("builtIn"),
            RightsError::Taken => Self::conflict("name"),
            RightsError::TooMany(what) => Self::conflict(what),
            RightsError::Changed => Self::conflict("version"),
            RightsError::InUse => Self::conflict("moveTo"),
            RightsError::NoPermission(field) | RightsError::NoRole(field) => {
                Self::field(field, FieldCode::Invalid)
            }
            RightsError::Oneself => Self::conflict("id"),
            RightsError::LastAdmin => Self::conflict("role"),
            RightsError::Unproven => Self::conflict("emailVerified"),
            RightsError::SignedOut => ErrorCode::AuthenticationRequired.into(),
            RightsError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ManageUserError> for RightsError {
    fn from(error: ManageUserError) -> Self {
        match error {
            ManageUserError::Unknown => Self::Unknown,
            ManageUserError::Outranked => Self::Outranked,
            ManageUserError::Oneself => Self::Oneself,
            ManageUserError::LastAdmin => Self::LastAdmin,
            ManageUserError::SignedOut => Self::SignedOut,
            ManageUserError::Fault(fault) => Self::Fault(fault),
            // What only other acts are refused for.
            ManageUserError::Confirmation(_)
            | ManageUserError::UsernameTaken
            | ManageUserError::Shut
            | ManageUserError::Leaving
            | ManageUserError::NotLeaving
            | ManageUserError::Limited(_) => Self::Fault(Fault::Inconsistent(
                "an account was refused for another act",
            )),
        }
    }
}

/// Who acts, and what they hold.
pub(crate) enum Giver {
    /// Whoever sits at the machine: may all.
    Operator,
    /// Somebody signed in.
    Account {
        /// Who.
        id: String,
        /// What they hold wherever they act: what a membership gives stays in its tenant.
        held: Rights,
    },
}

impl Giver {
    /// Reads who acts, inside the transaction of the act, and that they hold `needed`. Whoever has the
    /// session in hand may have lost it, or the right, a moment ago.
    pub(crate) async fn of(
        auth: &Auth,
        tx: &mut Tx,
        by: Option<&Session>,
        needed: &str,
    ) -> Result<Self, RightsError> {
        let Some(session) = by else {
            return Ok(Self::Operator);
        };
        if tx.session_by_id(&session.id, auth.now()).await?.is_none() {
            return Err(RightsError::SignedOut);
        }
        let user = tx.user_by_id(&session.user.id).await?;
        let user = user.ok_or(RightsError::SignedOut)?;
        let held = Rights::in_force(tx, &user, Acting::Alone).await?;
        if !held.hold(needed) {
            return Err(RightsError::Outranked);
        }
        Ok(Self::Account { id: user.id, held })
    }

    /// The account; `None` for the operator.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::Operator => None,
            Self::Account { id, .. } => Some(id),
        }
    }

    /// Whether they hold this without condition.
    pub(crate) fn holds(&self, permission: &str) -> bool {
        match self {
            Self::Operator => true,
            Self::Account { held, .. } => held.hold(permission),
        }
    }

    /// Whether they hold all of this, so that they may give it or take it.
    pub(crate) fn holds_all_of(&self, rights: &Rights) -> bool {
        match self {
            Self::Operator => true,
            Self::Account { held, .. } => rights.are_givable_by(held),
        }
    }

    /// Refuses unless they do.
    pub(crate) fn must_hold(&self, rights: &Rights) -> Result<(), RightsError> {
        match self.holds_all_of(rights) {
            true => Ok(()),
            false => Err(RightsError::Outranked),
        }
    }

    /// Puts their name under an entry of the log.
    pub(crate) fn sign<'a>(&self, entry: Entry<'a>) -> Entry<'a> {
        match self.id() {
            Some(id) => entry.actor(id),
            None => entry,
        }
    }
}
