//! One act on many accounts: looked over first, then done to each by itself.

use serde::{Deserialize, Serialize};

use crate::{DisableUser, Disabling, Error, FieldCode, FieldError, ManagedUser};

/// How many accounts one act may name.
pub const MOST_AT_ONCE: usize = 100;

/// What can be done to many accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BulkAct {
    /// Suspend, for a time or until somebody enables them.
    Suspend,
    /// Enable again.
    Enable,
    /// End every session.
    SignOut,
    /// Close, and delete after 14 days.
    Delete,
}

impl BulkAct {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Suspend, Self::Enable, Self::SignOut, Self::Delete];

    /// As it crosses the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Enable => "enable",
            Self::SignOut => "sign_out",
            Self::Delete => "delete",
        }
    }

    /// Reads an act; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == text)
    }
}

/// `POST /api/admin/users/bulk`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActOnUsers {
    /// What to do: `suspend`, `enable`, `sign_out`, `delete`.
    pub act: String,
    /// To which accounts: at most 100.
    pub ids: Vec<String>,
    /// Why, where they are suspended.
    pub reason: Option<String>,
    /// For how long, where they are suspended.
    pub seconds: Option<i64>,
    /// Only say what would happen.
    pub dry_run: Option<bool>,
}

/// An act that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulk {
    /// What to do.
    pub act: BulkAct,
    /// To whom, each once, as they were named. They may be nobody's.
    pub ids: Vec<String>,
    /// How, where accounts are suspended.
    pub disabling: Disabling,
}

impl ActOnUsers {
    /// Reads the act.
    ///
    /// # Errors
    /// `act` invalid; `ids` required where there are none, too long where there are more than 100;
    /// `reason` and `seconds` as for one account, and unknown where nobody is suspended.
    pub fn check(&self) -> Result<Bulk, Error> {
        let mut wrong = Vec::new();
        let act = BulkAct::parse(&self.act);
        if act.is_none() {
            let code = match self.act.is_empty() {
                true => FieldCode::Required,
                false => FieldCode::Invalid,
            };
            wrong.push(FieldError::new("act", code));
        }
        let mut ids: Vec<String> = Vec::new();
        for id in &self.ids {
            if !ids.contains(id) && ids.len() <= MOST_AT_ONCE {
                ids.push(id.clone());
            }
        }
        match ids.len() {
            0 => wrong.push(FieldError::new("ids", FieldCode::Required)),
            many if many > MOST_AT_ONCE => wrong.push(FieldError::new("ids", FieldCode::TooLong)),
            _ => {}
        }
        let of_suspending = [
            ("reason", self.reason.is_some()),
            ("seconds", self.seconds.is_some()),
        ];
        if act.is_some_and(|act| act != BulkAct::Suspend) {
            let needless = of_suspending.into_iter().filter(|(_, is_said)| *is_said);
            wrong.extend(needless.map(|(name, _)| FieldError::new(name, FieldCode::UnknownField)));
        }
        let request = DisableUser {
            reason: self.reason.clone(),
            seconds: self.seconds,
        };
        match (act, request.check()) {
            (Some(act), Ok(disabling)) if wrong.is_empty() => Ok(Bulk {
                act,
                ids,
                disabling,
            }),
            (_, Err(error)) => {
                wrong.extend(error.fields);
                Err(Error::fields(wrong))
            }
            (_, Ok(_)) => Err(Error::fields(wrong)),
        }
    }
}

/// Why an account is left out of an act on many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum LeftOut {
    /// There is no such account.
    Unknown,
    /// It is the account of whoever acts.
    Oneself,
    /// It has rights that whoever acts lacks.
    Outranked,
    /// Nobody could manage the portal any more.
    LastAdmin,
    /// It is about to be deleted, and is kept first.
    Leaving,
    /// It stands like that already.
    NothingToDo,
    /// Whoever acts was signed out on the way.
    SignedOut,
    /// Something went wrong with it; the log says what.
    Failed,
}

impl LeftOut {
    /// The sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Unknown => "There is no such account any more.",
            Self::Oneself => "This is your own account.",
            Self::Outranked => "It has rights that you lack.",
            Self::LastAdmin => "Nobody could manage the portal any more.",
            Self::Leaving => "It is about to be deleted: keep it first.",
            Self::SignedOut => "You were signed out before its turn came.",
            Self::NothingToDo => "There is nothing to do: it stands like that already.",
            Self::Failed => "Something went wrong. Try again.",
        }
    }
}

/// An account that an act on many leaves as it is, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeftOutUser {
    /// Which.
    pub id: String,
    /// Its address; `null` where there is no such account.
    pub email: Option<String>,
    /// Why.
    pub reason: LeftOut,
}

/// What came, or would come, of an act on many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BulkResult {
    /// Those it was done to.
    pub affected: Vec<ManagedUser>,
    /// Those it was not done to.
    pub left_out: Vec<LeftOutUser>,
}

impl BulkResult {
    /// Notes an account that is left as it is.
    pub fn leave_out(&mut self, id: &str, email: Option<String>, reason: LeftOut) {
        let id = id.to_owned();
        self.left_out.push(LeftOutUser { id, email, reason });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(request: &ActOnUsers) -> Result<usize, String> {
        request.check().map(|bulk| bulk.ids.len()).map_err(|error| {
            let fields = error.fields.iter();
            let told: Vec<_> = fields
                .map(|field| format!("{}:{}", field.field, field.code.as_str()))
                .collect();
            told.join(" ")
        })
    }

    fn of(act: &str, ids: &[&str]) -> ActOnUsers {
        ActOnUsers {
            act: act.to_owned(),
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            ..ActOnUsers::default()
        }
    }

    #[test]
    fn an_act_names_each_account_once_and_a_hundred_at_most() {
        assert_eq!(told(&of("enable", &["a", "b", "a"])), Ok(2));
        let many: Vec<_> = (0..101).map(|at| at.to_string()).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(told(&of("delete", &many[1..])), Ok(100));
        assert_eq!(told(&of("delete", &many)), Err("ids:too_long".to_owned()));
        assert_eq!(
            told(&of("", &[])),
            Err("act:required ids:required".to_owned())
        );
        assert_eq!(told(&of("promote", &["a"])), Err("act:invalid".to_owned()));
    }

    #[test]
    fn a_reason_belongs_to_a_suspension() {
        let with = |act: &str, reason: &str, seconds| ActOnUsers {
            reason: Some(reason.to_owned()),
            seconds,
            ..of(act, &["a"])
        };
        assert_eq!(told(&with("suspend", "left", Some(3600))), Ok(1));
        assert_eq!(
            told(&with("suspend", "a\nb", Some(1))),
            Err("reason:invalid seconds:invalid".to_owned())
        );
        assert_eq!(
            told(&with("delete", "left", None)),
            Err("reason:unknown_field".to_owned())
        );
    }
}
