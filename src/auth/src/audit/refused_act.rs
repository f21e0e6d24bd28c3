//! Acts the core refuses: for whose they would have been done to, or for what they would have given.
//!
//! What is wrong in itself, as a name that is taken or a field that does not read, is no refusal and no
//! row. Noted once the act's transaction has ended, so that nothing of it waits for the log.

use super::Entry;
use crate::Auth;
use crate::error::Fault;
use crate::invite::InviteError;
use crate::manage_user::{Hand, ManageUserError};
use crate::tenant::TenantError;
use crate::{ApiKeyError, AssignError, RightsError};

/// An error that may say that somebody wanted what they may not.
pub(crate) trait MayBeRefused: From<Fault> {
    /// The word for the log, if it says so.
    fn reason(&self) -> Option<&'static str>;
}

impl MayBeRefused for RightsError {
    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Outranked => Some("not_held"),
            Self::BuiltIn => Some("built_in"),
            Self::Oneself => Some("oneself"),
            Self::LastAdmin => Some("last_admin"),
            Self::Unproven => Some("unproven"),
            _ => None,
        }
    }
}

impl MayBeRefused for AssignError {
    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Outranked => Some("not_held"),
            Self::Foreign => Some("foreign"),
            Self::Oneself => Some("oneself"),
            _ => None,
        }
    }
}

impl MayBeRefused for ApiKeyError {
    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Foreign => Some("foreign"),
            Self::NotHeld => Some("not_held"),
            Self::NotRecent => Some("step_up"),
            Self::Outranked => Some("outranked"),
            Self::Unproven => Some("unproven"),
            _ => None,
        }
    }
}

impl MayBeRefused for ManageUserError {
    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Outranked => Some("outranked"),
            Self::Oneself => Some("oneself"),
            Self::LastAdmin => Some("last_admin"),
            _ => None,
        }
    }
}

impl MayBeRefused for TenantError {
    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Foreign | Self::NotForTenantAdmins => Some("missing_permission"),
            Self::Invitation(error) => error.reason(),
            Self::Outranked => Some("outranked"),
            Self::Oneself => Some("oneself"),
            _ => None,
        }
    }
}

impl MayBeRefused for InviteError {
    fn reason(&self) -> Option<&'static str> {
        match self {
            Self::NoRight(_) => Some("missing_permission"),
            _ => None,
        }
    }
}

impl Auth {
    /// What came of an act, as it was. Where the one who acts was refused it, that is written down with
    /// their name; the operator is refused nothing for want of a right.
    pub(crate) async fn noting<'h, 'e, T, E: MayBeRefused>(
        &self,
        by: impl Into<Hand<'h>>,
        done: Result<T, E>,
        refused: impl FnOnce(&'static str) -> Entry<'e>,
    ) -> Result<T, E> {
        if let (Err(error), Hand::Person(session)) = (&done, by.into())
            && let Some(reason) = error.reason()
        {
            self.audit_refusal(refused(reason).by(session)).await?;
        }
        done
    }
}
