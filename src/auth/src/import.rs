//! Bringing people over from another system (C1).
//!
//! An account is found again by its source and the id it had there, never by its address: nobody's
//! account is joined to somebody's row of a file. A second run of the same file changes nothing; a row
//! that changed brings names up to date, and the password only while nobody has replaced it here.
//! Roles of existing accounts stay as they are, and no row makes an admin unless the operator said so.
//!
//! A batch is one transaction: a run that breaks off is simply run again. Whatever is slow (wrapping a
//! weak hash) is done before it begins.

mod apply;
mod prepare;
mod run;

use wire::{Email, PersonName, Username};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::clock::Timestamp;
use crate::error::Fault;
use crate::hash::{ForeignHash, HashRefused, Overloaded};

pub use run::{ImportCounts, ImportRun};

use self::prepare::Prepared;

/// What the operator decided about a run.
#[derive(Clone, Debug, Default)]
pub struct ImportPlan {
    /// The name of the old system; ids are unique within it.
    pub source: String,
    /// Do everything and keep nothing.
    pub dry_run: bool,
    /// Take the file's word for addresses the old system had not proven.
    pub trust_addresses: bool,
    /// Let rows have roles that govern the portal.
    pub allow_admins: bool,
    /// Give accounts the ids they had, where those are ours: to move from one database to another.
    pub keep_ids: bool,
}

/// One account of another system, read and checked.
#[derive(Clone, Debug)]
pub struct ImportRow {
    /// Its id there. `None`: it is known by its address alone.
    pub external_id: Option<String>,
    /// Its address.
    pub email: Email,
    /// Whether it was proven there.
    pub email_verified: bool,
    /// Its username.
    pub username: Option<Username>,
    /// First name.
    pub first_name: Option<PersonName>,
    /// Last name.
    pub last_name: Option<PersonName>,
    /// The role it is to have here; `None`: that of people who register.
    pub role: Option<String>,
    /// When it came to be there.
    pub created_at: Option<Timestamp>,
    /// Whether it may not sign in.
    pub disabled: bool,
    /// Its password, as the old system kept it.
    pub password: Option<ForeignHash>,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// An account was made.
    Made {
        /// Its username is somebody else's: it has none.
        without_username: bool,
        /// It has no password: its owner asks for a code or a reset.
        without_password: bool,
    },
    /// The account that came with it before was brought up to date.
    Changed,
    /// Nothing has changed since it was last seen.
    Unchanged,
    /// Nothing was done.
    Refused(ImportRefused),
}

/// Why a row was refused. Each is a sentence for the operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportRefused {
    /// A row before it has the same id.
    #[error("an earlier row has the same id")]
    RepeatedId,
    /// A row before it has the same address.
    #[error("an earlier row has the same address")]
    RepeatedAddress,
    /// The address is another account's; accounts are never joined by address.
    #[error("another account here has this address")]
    AddressTaken,
    /// The old system had not proven the address (D13).
    #[error("the address was never proven; --trust-addresses takes the file's word")]
    AddressUnproven,
    /// The address changed on one side since.
    #[error("its account here has another address; change it there")]
    AddressDiffers,
    /// No such role.
    #[error("there is no such role; --role-map gives it another")]
    UnknownRole,
    /// `api` is assigned to nobody (D21).
    #[error("this role is assigned to nobody")]
    ReservedRole,
    /// The role governs the portal.
    #[error("this role governs the portal; --allow-admins lets it in")]
    Admin,
    /// The account that came with it before was deleted here.
    #[error("its account was deleted here, and no import brings it back")]
    Deleted,
    /// With `keep_ids`: somebody has the id.
    #[error("another account here has this id")]
    IdTaken,
    /// The hash cannot be kept.
    #[error(transparent)]
    Hash(#[from] HashRefused),
}

impl ImportRefused {
    /// The word for reports.
    pub fn code(self) -> &'static str {
        match self {
            Self::RepeatedId => "repeated_id",
            Self::RepeatedAddress => "repeated_address",
            Self::AddressTaken => "address_taken",
            Self::AddressUnproven => "address_unproven",
            Self::AddressDiffers => "address_differs",
            Self::UnknownRole => "unknown_role",
            Self::ReservedRole => "reserved_role",
            Self::Admin => "admin",
            Self::Deleted => "deleted",
            Self::IdTaken => "id_taken",
            Self::Hash(refused) => refused.code(),
        }
    }
}

/// Why a batch was not taken in; nothing of it was then.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The hash workers are busy.
    #[error(transparent)]
    Overloaded(#[from] Overloaded),
    /// Below the rules.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Auth {
    /// Begins a run. Nothing is written yet.
    pub fn begin_import(&self, plan: ImportPlan) -> ImportRun {
        ImportRun::new(self.draw_id(), plan)
    }

    /// Takes a batch of rows in, in one transaction. What became of each, in their order.
    ///
    /// # Errors
    /// [`ImportError`]; nothing of the batch was taken in then.
    pub async fn import_accounts(
        &self,
        run: &mut ImportRun,
        rows: Vec<ImportRow>,
        client: &Client,
    ) -> Result<Vec<ImportOutcome>, ImportError> {
        let mut prepared = self.look_up(run, rows).await?;
        self.prepare_hashes(run, &mut prepared, client).await?;
        let outcomes = if prepared.iter().all(Prepared::is_settled) {
            prepared.into_iter().filter_map(|row| row.settled).collect()
        } else {
            self.apply_all(run, &prepared, client).await?
        };
        run.count(&outcomes);
        Ok(outcomes)
    }

    /// Ends a run: writes down what it did, `unread` rows that did not read among the refused.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn finish_import(
        &self,
        run: &ImportRun,
        unread: u64,
        client: &Client,
    ) -> Result<(), Fault> {
        if run.plan.dry_run {
            return Ok(());
        }
        let counts = run.counts();
        let detail = serde_json::json!({
            "run": run.id,
            "source": run.plan.source,
            "made": counts.made,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
            "refused": counts.refused + unread,
        });
        self.audit_alone(Entry::done("users.imported", client).detail(detail))
            .await
    }
}
