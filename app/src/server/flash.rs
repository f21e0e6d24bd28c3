//! What is shown once: how a form ended, for the page it leads back to.

use std::collections::BTreeMap;

use auth::Entropy;
use serde::{Deserialize, Serialize};
use wire::{BulkAct, BulkResult, LeftOut};

/// Longest value kept for a field: what is longer was no honest try.
const LONGEST: usize = 254;

/// How a form ended. Codes and what was typed into harmless fields: never a password, and never
/// a sentence, because sentences come from the catalogue.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Flash {
    /// Good news.
    pub notice: Option<Notice>,
    /// What was wrong.
    pub error: Option<wire::Error>,
    /// What was typed, by field.
    pub kept: BTreeMap<String, String>,
    /// The request to look for in the log, when it was our fault.
    pub reference: Option<String>,
    /// What came of many invitations.
    pub invited: Option<InvitedSummary>,
    /// What came of an act on many accounts.
    pub acted: Option<ActedSummary>,
    /// A key that was just made: sealed in a cookie alone, and shown once.
    pub made_key: Option<wire::MadeApiKey>,
    /// What was found in a token.
    pub inspected: Option<wire::Inspection>,
}

/// What came of many invitations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitedSummary {
    /// How many are on their way.
    pub sent: u32,
    /// Who was not invited, by reason.
    pub refused: Vec<RefusedAddresses>,
    /// How many more were not: a flash has little room.
    pub unnamed: u32,
}

/// Addresses that were not invited for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedAddresses {
    /// Why.
    pub error: wire::Error,
    /// Who.
    pub emails: Vec<String>,
}

impl InvitedSummary {
    /// Room for addresses, in bytes.
    const ROOM: usize = 1200;

    /// Adds an address that was not invited.
    pub fn refuse(&mut self, email: &str, error: wire::Error) {
        let named = self.refused.iter().flat_map(|refused| &refused.emails);
        let taken: usize = named.map(String::len).sum();
        if taken + email.len() > Self::ROOM {
            self.unnamed += 1;
            return;
        }
        let email = email.to_owned();
        let known = self.refused.iter_mut().find(|known| known.error == error);
        match known {
            Some(known) => known.emails.push(email),
            None => self.refused.push(RefusedAddresses {
                error,
                emails: vec![email],
            }),
        }
    }
}

/// What came of an act on many accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActedSummary {
    /// What was done.
    pub act: BulkAct,
    /// To how many.
    pub done: usize,
    /// To whom it was not, by reason.
    pub left_out: Vec<(LeftOut, Vec<String>)>,
    /// To how many more it was not: a flash has little room.
    pub unnamed: usize,
}

impl ActedSummary {
    /// Room for addresses, in bytes.
    const ROOM: usize = 1200;

    /// What there is room to tell.
    pub fn of(act: BulkAct, result: BulkResult) -> Self {
        let mut summary = Self {
            act,
            done: result.affected.len(),
            left_out: Vec::new(),
            unnamed: 0,
        };
        let mut taken = 0;
        for user in result.left_out {
            let who = user.email.unwrap_or(user.id);
            taken += who.len();
            let known = summary.left_out.iter_mut();
            let known = known.into_iter().find(|(reason, _)| *reason == user.reason);
            match known {
                _ if taken > Self::ROOM => summary.unnamed += 1,
                Some((_, whom)) => whom.push(who),
                None => summary.left_out.push((user.reason, vec![who])),
            }
        }
        summary
    }
}

/// Good news, each with its sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The address is proven and the account made.
    AccountCreated,
    /// The first admin is made.
    SetUpDone,
    /// Another letter was asked for.
    LetterSent,
    /// A form was interrupted to confirm who it is: nothing was done yet.
    SendAgain,
    /// An invitation was sent again.
    InvitationSentAgain,
    /// An invitation works no more.
    InvitationTakenBack,
    /// An account that was there accepted an invitation.
    Joined,
    /// A reset letter was asked for once more.
    ResetLetterSent,
    /// The password was reset.
    PasswordReset,
    /// The password was changed; the others were signed out.
    PasswordChanged,
    /// The password was changed; the others stay signed in.
    PasswordChangedHere,
    /// Names were changed.
    ProfileSaved,
    /// Another address was asked for.
    EmailChangeAsked,
    /// The change that waited was stopped.
    EmailChangeStopped,
    /// The account has another address.
    EmailChanged,
    /// The account was taken back, and a letter leads to a new password.
    TakenBack,
    /// The account was taken back, and is closed until an operator helps.
    TakenBackAndClosed,
    /// A consent was given or taken back.
    ConsentSaved,
    /// The account is closed and will be deleted.
    AccountClosed,
    /// The account stays after all.
    AccountKept,
    /// Another code to sign in with was asked for.
    CodeSent,
    /// An API key was changed.
    KeySaved,
    /// A suspended API key works again.
    KeyConfirmed,
    /// An API key works no more.
    ApiKeyRevoked,
    /// Somebody answers for a tenant's key again.
    KeyTakenOver,
    /// A key that was found is of no use any more.
    LeakReported,
    /// This session has ended.
    SignedOut,
    /// All sessions have ended.
    SignedOutEverywhere,
    /// One session was ended.
    DeviceSignedOut,
    /// It had ended before.
    DeviceWasSignedOut,
    /// All sessions but this one have ended.
    OtherDevicesSignedOut,
    /// The session of this browser was ended somewhere else, or has ended by itself.
    SessionEnded,
    /// The same, found out when a form was sent.
    SessionEndedBeforeSending,
    /// All sessions of somebody were ended.
    UserSignedOut,
    /// An account was disabled.
    UserDisabled,
    /// An account was enabled again.
    UserEnabled,
    /// An account was suspended for a time.
    UserSuspended,
    /// Somebody may try their password again.
    UserUnlocked,
    /// A way to a new password was mailed to somebody.
    ResetMailed,
    /// Somebody's names were changed.
    NamesSaved,
    /// An account was deleted.
    UserDeleted,
    /// An account will be deleted.
    UserLeaving,
    /// An account that was to be deleted stays.
    UserKept,
    /// A role was made.
    RoleMade,
    /// A role was saved.
    RoleSaved,
    /// A role is gone.
    RoleDeleted,
    /// A permission was added.
    PermissionAdded,
    /// A permission is gone.
    PermissionRemoved,
    /// A preset was loaded.
    PresetLoaded,
    /// Somebody is given other rights.
    RightsSaved,
    /// Something was entrusted to somebody.
    Assigned,
    /// It is so no longer.
    Unassigned,
    /// A test letter is in the outbox.
    TestLetterOnItsWay,
    /// A letter that was given up is due again.
    LetterDueAgain,
    /// A letter that was to be due again is so already, or has left.
    LetterNotGivenUp,
    /// The next signing key signs.
    KeysRotated,
    /// It does not yet: it is too new.
    KeysRotatedTooSoon,
    /// A signing key is out of use.
    KeyRevoked,
    /// It was so already.
    KeyGone,
    /// There is another organisation.
    TenantAdded,
    /// It has another name.
    TenantRenamed,
    /// It is gone.
    TenantDeleted,
    /// An account belongs to it.
    MemberAdded,
    /// A member has other rights.
    MemberChanged,
    /// A membership gives nothing.
    MemberSuspended,
    /// It gives what it gave.
    MemberResumed,
    /// An account does not belong to it any more.
    MemberRemoved,
    /// One left by oneself.
    TenantLeft,
    /// This session acts somewhere else.
    TenantSwitched,
}

impl Notice {
    /// The sentence for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::AccountCreated => "Your address is confirmed and you are signed in.",
            Self::SetUpDone => "The portal is ready, and you are its first admin.",
            Self::LetterSent => {
                "If that address is waiting to be confirmed, a new letter is on its way."
            }
            Self::SendAgain => {
                "Nothing has been changed yet. Look over what you entered, and send it once more."
            }
            Self::InvitationSentAgain => {
                "A new letter is on its way. The older link works until it has left."
            }
            Self::InvitationTakenBack => "The invitation is taken back: its link works no more.",
            Self::Joined => "You have joined.",
            Self::ResetLetterSent => {
                "If there is such an account, a new letter is on its way. Only the newest works."
            }
            Self::PasswordReset => {
                "You have a new password, and every device is signed out. Sign in with it."
            }
            Self::PasswordChanged => "You have a new password. Your other devices are signed out.",
            Self::PasswordChangedHere => "You have a new password.",
            Self::ProfileSaved => "Your profile is saved.",
            Self::KeySaved => "The key is saved.",
            Self::KeyConfirmed => "The key works again.",
            Self::ApiKeyRevoked => "The key is revoked: it opens nothing any more.",
            Self::KeyTakenOver => "You answer for the key from now on, and it works again.",
            Self::LeakReported => {
                "Thank you. If that was a key of this portal, it opens nothing any more, and its owner is told."
            }
            Self::EmailChangeAsked => {
                "We sent a letter to your new address. Your address stays as it is until you confirm it."
            }
            Self::EmailChangeStopped => "Your address stays as it is.",
            Self::EmailChanged => {
                "Your e-mail address is changed. Every other device is signed out, and your former address was told."
            }
            Self::TakenBack => {
                "Your account is yours alone again: everything is signed out. Choose a new password with the letter we just sent you."
            }
            Self::TakenBackAndClosed => {
                "Everything is signed out and the account is closed. Ask whoever runs this portal to open it for you."
            }
            Self::ConsentSaved => "Saved.",
            Self::AccountClosed => {
                "Your account is closed and will be deleted in 14 days. A letter with a link that keeps it is on its way."
            }
            Self::AccountKept => "Your account stays. Sign in as before.",
            Self::CodeSent => "If that address has an account, a new code is on its way.",
            Self::SignedOut => "You are signed out.",
            Self::SignedOutEverywhere => "You are signed out on every device.",
            Self::DeviceSignedOut => "That device is signed out.",
            Self::DeviceWasSignedOut => "That device was signed out already.",
            Self::OtherDevicesSignedOut => "Every other device is signed out. This one stays.",
            Self::SessionEnded => {
                "You are not signed in here any more. Sign in, and go on where you were."
            }
            Self::SessionEndedBeforeSending => {
                "You are not signed in here any more, so what you just sent was not done. Sign in, and try again."
            }
            Self::UserSignedOut => "They are signed out on every device, and can sign in again.",
            Self::UserDisabled => "The account is disabled, and everything it had open has ended.",
            Self::UserEnabled => "The account is enabled: they can sign in again.",
            Self::UserSuspended => {
                "The account is suspended, and everything it had open has ended. The suspension ends by itself."
            }
            Self::UserUnlocked => "They can try their password again at once.",
            Self::ResetMailed => {
                "A letter with a way to a new password is on its way to them. Until they use it, the old one works."
            }
            Self::NamesSaved => "The names are saved.",
            Self::UserDeleted => "The account is deleted, with everything that belonged to it.",
            Self::UserLeaving => {
                "Nothing of the account works any more. It will be deleted in 14 days; until then you can keep it here."
            }
            Self::UserKept => {
                "The account stays. If it is disabled, enable it when they may sign in again."
            }
            Self::RoleMade => "The role is made, and nobody has it yet. Tick what it shall give.",
            Self::RoleSaved => {
                "The role is saved. Whoever has it holds what it gives now at their next request."
            }
            Self::RoleDeleted => "The role is gone.",
            Self::PermissionAdded => {
                "The permission is added. Nobody holds it by name until it is given."
            }
            Self::PermissionRemoved => "The permission is gone, and nobody holds it.",
            Self::PresetLoaded => "The preset is loaded: its permissions and roles are there.",
            Self::RightsSaved => "Saved. They hold what stands here now at their next request.",
            Self::Assigned => "It is entrusted to them.",
            Self::Unassigned => "It is entrusted to them no longer.",
            Self::TestLetterOnItsWay => {
                "A test letter to you is in the outbox. The list below says what becomes of it."
            }
            Self::LetterDueAgain => {
                "The letter is due again: it is tried now, and for another day if need be."
            }
            Self::KeysRotated => {
                "The next key signs from now on, and another next one is published. Tokens signed before stay valid until they end."
            }
            Self::KeysRotatedTooSoon => {
                "Nothing was changed: the next key is too new. From when on it may sign stands here."
            }
            Self::KeyRevoked => {
                "The key is out of use. What it signed is refused here at once, and within seconds by services that follow the revocation feed."
            }
            Self::TenantAdded => "The organisation is there. Nobody belongs to it yet.",
            Self::TenantRenamed => "The organisation has its new name.",
            Self::TenantDeleted => {
                "The organisation is deleted. The accounts of its members stay, and act in it no more."
            }
            Self::MemberAdded => "They are a member from now on.",
            Self::MemberChanged => "What they may do here is changed. It holds from now on.",
            Self::MemberSuspended => {
                "They are suspended: they hold nothing here until somebody resumes them."
            }
            Self::MemberResumed => "They are a member again, with what they had.",
            Self::MemberRemoved => "They do not belong to this organisation any more.",
            Self::TenantLeft => "You have left.",
            Self::TenantSwitched => "You act there from now on, on this device.",
            Self::KeyGone => "That key is out of use already.",
            Self::LetterNotGivenUp => "That letter was not given up, or is due again already.",
        }
    }
}

impl Flash {
    /// How much of a token's own words finds room beside what is said of them.
    pub(super) const ROOM: usize = 1400;

    /// A key nobody can guess: 18 hexadecimal digits that lead to one flash.
    pub fn draw_key(entropy: &dyn Entropy) -> String {
        let mut bytes = [0; 9];
        entropy.fill(&mut bytes);
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The address of a page of ours that shows the flash of a key.
    pub fn address(page: &str, key: &str) -> String {
        let joint = if page.contains('?') { '&' } else { '?' };
        format!("{page}{joint}flash={key}")
    }

    /// The same, with the boxes that were ticked in a field: their names are ours, so that there may be
    /// more of them than of what was typed.
    pub fn with_ticked(mut self, field: &str, ticked: &[String]) -> Self {
        let ticked = ticked.join(" ");
        if ticked.len() <= Self::ROOM {
            self.kept.insert(field.to_owned(), ticked);
        }
        self
    }

    /// Good news alone.
    pub fn news(notice: Notice) -> Self {
        Self {
            notice: Some(notice),
            ..Self::default()
        }
    }

    /// The same, with what is known already in the fields nobody has typed into.
    pub fn with_known(mut self, known: &[(&str, Option<&str>)]) -> Self {
        for (field, value) in known {
            let kept = self.kept.entry(field.to_string());
            kept.or_insert_with(|| value.unwrap_or_default().to_owned());
        }
        self
    }

    /// What was wrong, and what was typed.
    pub fn refusal(error: wire::Error, typed: &[(&str, &str)]) -> Self {
        let keep = |(field, value): &(&str, &str)| {
            (field.to_string(), value.chars().take(LONGEST).collect())
        };
        Self {
            error: Some(error),
            kept: typed.iter().map(keep).collect(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_refused_addresses_find_room() {
        let mut summary = InvitedSummary::default();
        for at in 0..100 {
            let error = wire::Error::conflict("email");
            summary.refuse(&format!("somebody-{at}@example.com"), error);
        }
        assert_eq!(summary.refused.len(), 1, "one reason");
        assert_eq!(
            summary.refused[0].emails.len() + summary.unnamed as usize,
            100
        );
        let text = serde_json::to_string(&summary).expect("JSON");
        assert!(text.len() < 1800, "{}", text.len());
    }

    #[test]
    fn a_hundred_accounts_left_out_find_room() {
        let mut result = BulkResult::default();
        for at in 0..100 {
            let email = format!("somebody-{at}@example.com");
            let reason = match at % 2 {
                0 => LeftOut::Outranked,
                _ => LeftOut::NothingToDo,
            };
            result.leave_out("", Some(email), reason);
        }
        let summary = ActedSummary::of(BulkAct::Suspend, result);
        let named: usize = summary.left_out.iter().map(|(_, whom)| whom.len()).sum();
        assert_eq!((summary.left_out.len(), named + summary.unnamed), (2, 100));
        let text = serde_json::to_string(&summary).expect("JSON");
        assert!(text.len() < 1800, "{}", text.len());
    }

    #[test]
    fn an_endless_value_is_not_carried_around() {
        let flash = Flash::refusal(
            wire::ErrorCode::InvalidRequest.into(),
            &[("email", &"é".repeat(10_000))],
        );

        assert_eq!(flash.kept["email"].chars().count(), LONGEST);
    }
}
