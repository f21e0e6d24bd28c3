//! Every act the log knows, as told to somebody who reads the log: about others, by their addresses.
//!
//! A sentence is text for people. It holds an address where an account is still there, and never
//! anything a caller typed: what else a row says stands beside it.

use std::collections::HashMap;

use serde_json::Value;

use super::reason::why;
use super::view::kind;
use crate::store::AuditRow;

/// One act: as it was done, and as it was refused. `{who}` acted, `{whom}` is the account acted on.
type Act = (&'static str, &'static str, &'static str);

/// What cannot be refused, or is refused elsewhere.
const NEVER: &str = "";

#[rustfmt::skip]
const ACTS: &[Act] = &[
    ("access.refused",                 NEVER,                                                             "{who} was not let in"),
    ("account.disowned",               "{who} said that something was not them, so everything was signed out", NEVER),
    ("account.exported",               "{who} took a copy of their data",                                 NEVER),
    ("api_key.change",                 NEVER,                                                             "{who} was not allowed to change an API key"),
    ("api_key.changed",                "{who} changed an API key",                                        NEVER),
    ("api_key.confirm",                NEVER,                                                             "{who} was not allowed to confirm an API key"),
    ("api_key.confirmed",              "{who} confirmed an API key after a reset",                        NEVER),
    ("api_key.create",                 NEVER,                                                             "{who} was not allowed to make an API key like that"),
    ("api_key.created",                "{who} made an API key",                                           NEVER),
    ("api_key.exchanged",              "An API key of {whom} was exchanged for a token",                  NEVER),
    ("api_key.leaked",                 "An API key was revoked by somebody who held it",                  NEVER),
    ("api_key.revoke",                 NEVER,                                                             "{who} was not allowed to revoke an API key"),
    ("api_key.revoked",                "{who} revoked an API key",                                        NEVER),
    ("api_key.roll",                   NEVER,                                                             "{who} was not allowed to roll an API key"),
    ("api_key.rolled",                 "{who} rolled an API key",                                         NEVER),
    ("api_key.suspended",              "API keys of {whom} were suspended until they are confirmed",      NEVER),
    ("api_key.take_over",              NEVER,                                                             "{who} was not allowed to take over an API key"),
    ("api_key.taken_over",             "{who} vouches for an API key from now on",                        NEVER),
    ("api_key.use",                    NEVER,                                                             "An API key was used that opens nothing any more"),
    ("assignment.add",                 NEVER,                                                             "{who} was not allowed to assign a resource to {whom}"),
    ("assignment.added",               "{who} assigned a resource to {whom}",                             NEVER),
    ("assignment.remove",              NEVER,                                                             "{who} was not allowed to take an assignment back"),
    ("assignment.removed",             "{who} took an assignment from {whom}",                            NEVER),
    ("audit.exported",                 "{who} exported the audit log",                                    NEVER),
    ("audit.forgotten",                "Rows of the audit log that were old enough were removed",         NEVER),
    ("audit.tail_broken",              NEVER,                                                             "The end of the audit log is not what the portal sealed"),
    ("consent.given",                  "{who} gave a consent",                                            NEVER),
    ("consent.withdrawn",              "{who} withdrew a consent",                                        NEVER),
    ("email.verified",                 "{whom} proved the address",                                       NEVER),
    ("email.verify",                   NEVER,                                                             "A wrong code was entered to prove an address"),
    ("email_change.cancelled",         "{who} stopped a change of address",                               NEVER),
    ("email_change.confirm",           NEVER,                                                             "{who} entered a wrong code for a new address"),
    ("email_change.confirmed",         "{who} changed their address",                                     NEVER),
    ("email_change.requested",         "{who} asked to change the address of {whom}",                     NEVER),
    ("email_change.undone",            "{whom} took the account back by a letter to a former address",    NEVER),
    ("invitation.accepted",            "{who} accepted an invitation",                                    NEVER),
    ("invitation.create",              NEVER,                                                             "{who} was not allowed to invite to that"),
    ("invitation.created",             "{who} invited somebody",                                          NEVER),
    ("invitation.resend",              NEVER,                                                             "{who} was not allowed to send an invitation once more"),
    ("invitation.resent",              "{who} sent an invitation once more",                              NEVER),
    ("invitation.revoke",              NEVER,                                                             "{who} was not allowed to take an invitation back"),
    ("invitation.revoked",             "{who} took an invitation back",                                   NEVER),
    ("letter.retried",                 "{who} had a letter sent once more",                               NEVER),
    ("letter.test_requested",          "{who} had a test letter sent",                                    NEVER),
    ("limit.reached",                  NEVER,                                                             "{who} was too often here"),
    ("member.add",                     NEVER,                                                             "{who} was not allowed to add a member to an organisation"),
    ("member.added",                   "{who} made {whom} a member of an organisation",                          NEVER),
    ("member.change",                  NEVER,                                                             "{who} was not allowed to change what {whom} may do in an organisation"),
    ("member.changed",                 "{who} changed what {whom} may do in an organisation",                    NEVER),
    ("member.invite",                  NEVER,                                                             "{who} was not allowed to invite into an organisation"),
    ("member.left",                    "{who} left an organisation",                                             NEVER),
    ("member.remove",                  NEVER,                                                             "{who} was not allowed to remove {whom} from an organisation"),
    ("member.removed",                 "{who} removed {whom} from an organisation",                              NEVER),
    ("member.resumed",                 "{who} resumed the membership of {whom}",                          NEVER),
    ("member.suspended",               "{who} suspended the membership of {whom}",                        NEVER),
    ("password.change",                NEVER,                                                             "{who} gave a wrong password to change it"),
    ("password.changed",               "{who} changed their password",                                    NEVER),
    ("password.mail",                  NEVER,                                                             "{who} was not allowed to send {whom} a letter for a new password"),
    ("password.reset",                 "{who} chose a new password by letter",                            "A wrong code was entered to reset the password of {whom}"),
    ("password.reset_mailed",          "{who} sent {whom} a letter to reset the password",                NEVER),
    ("password.reset_requested",       "Somebody asked for a letter to reset a password",                 NEVER),
    ("permission.add",                 NEVER,                                                             "{who} was not allowed to add a permission"),
    ("permission.added",               "{who} added a permission",                                        NEVER),
    ("permission.describe",            NEVER,                                                             "{who} was not allowed to describe a permission"),
    ("permission.described",           "{who} described a permission",                                    NEVER),
    ("permission.remove",              NEVER,                                                             "{who} was not allowed to remove a permission"),
    ("permission.removed",             "{who} removed a permission",                                      NEVER),
    ("preset.load",                    NEVER,                                                             "{who} was not allowed to load a preset of roles"),
    ("preset.loaded",                  "{who} loaded a preset of roles",                                  NEVER),
    ("profile.update",                 NEVER,                                                             "{who} was not allowed to change the profile of {whom}"),
    ("profile.updated",                "{who} changed the profile of {whom}",                             NEVER),
    ("refresh_token.reused",           NEVER,                                                             "A refresh token of {whom} came back after its use, so its session was ended"),
    ("registration.requested",         "Somebody asked for an account",                                   NEVER),
    ("registration.resend_requested",  "Somebody asked for another letter to prove an address",           NEVER),
    ("revocations.restarted",          "{who} began the revocation feed anew",                            NEVER),
    ("role.change",                    NEVER,                                                             "{who} was not allowed to change a role like that"),
    ("role.changed",                   "{who} changed a role",                                            NEVER),
    ("role.create",                    NEVER,                                                             "{who} was not allowed to make a role like that"),
    ("role.created",                   "{who} made a role",                                               NEVER),
    ("role.delete",                    NEVER,                                                             "{who} was not allowed to delete a role"),
    ("role.deleted",                   "{who} deleted a role",                                            NEVER),
    ("session.end",                    NEVER,                                                             "{who} was not allowed to end a session of {whom}"),
    ("session.ended",                  "A session of {whom} ended",                                       NEVER),
    ("session.start",                  NEVER,                                                             "Somebody could not sign in as {whom}"),
    ("session.started",                "{who} signed in",                                                 NEVER),
    ("session.step_up",                NEVER,                                                             "{who} could not confirm that it was them"),
    ("session.stepped_up",             "{who} confirmed that it was them",                                NEVER),
    ("session.switch",                 NEVER,                                                             "{who} was not allowed to switch to an organisation"),
    ("session.tenant_changed",         "{who} switched to another organisation",                                NEVER),
    ("sign_in.locked",                 NEVER,                                                             "Too many sign-ins failed, so the next must wait"),
    ("sign_in_code.requested",         "Somebody asked for a code to sign in",                            NEVER),
    ("signing_key.revoked",            "{who} took a signing key out of use",                             NEVER),
    ("signing_key.rotated",            "{who} replaced the signing key",                                  NEVER),
    ("tenant.created",                 "{who} made an organisation",                                             NEVER),
    ("tenant.delete",                  NEVER,                                                             "{who} was not allowed to delete an organisation"),
    ("tenant.deleted",                 "{who} deleted an organisation",                                          NEVER),
    ("tenant.rename",                  NEVER,                                                             "{who} was not allowed to give an organisation another name"),
    ("tenant.renamed",                 "{who} gave an organisation another name",                                NEVER),
    ("user.created",                   "{who} created the account of {whom}",                             NEVER),
    ("user.delete",                    NEVER,                                                             "{who} was not allowed to delete {whom}"),
    ("user.deleted",                   "An account was deleted for good",                                 NEVER),
    ("user.deletion_scheduled",        "{who} scheduled the deletion of {whom}",                          NEVER),
    ("user.deletion_undone",           "The deletion of {whom} was called off",                           NEVER),
    ("user.disable",                   NEVER,                                                             "{who} was not allowed to disable {whom}"),
    ("user.disabled",                  "{who} disabled {whom}",                                           NEVER),
    ("user.enable",                    NEVER,                                                             "{who} was not allowed to enable {whom}"),
    ("user.enabled",                   "{who} enabled {whom} again",                                      NEVER),
    ("user.grants_changed",            "{who} changed the grants of {whom}",                              NEVER),
    ("user.import_updated",            "{who} brought {whom} up to date from another system",             NEVER),
    ("user.imported",                  "{who} brought {whom} over from another system",                   NEVER),
    ("user.keep",                      NEVER,                                                             "{who} was not allowed to keep {whom}"),
    ("user.registered",                "{whom} created an account",                                       NEVER),
    ("user.role_changed",              "{who} changed the role of {whom}",                                NEVER),
    ("user.session_ended",             "{who} ended a session of {whom}",                                 NEVER),
    ("user.set_rights",                NEVER,                                                             "{who} was not allowed to change what {whom} may do"),
    ("user.sign_out",                  NEVER,                                                             "{who} was not allowed to sign {whom} out"),
    ("user.signed_out",                "{who} signed {whom} out on every device",                         NEVER),
    ("user.suspension_ended",          "The suspension of {whom} has ended",                              NEVER),
    ("user.unlock",                    NEVER,                                                             "{who} was not allowed to unlock {whom}"),
    ("user.unlocked",                  "{who} let {whom} try to sign in again",                           NEVER),
    ("users.exported",                 "{who} took a copy of all accounts",                               NEVER),
    ("users.imported",                 "{who} brought accounts over from another system",                 NEVER),
];

/// The addresses of accounts, by id.
pub(super) type Emails = HashMap<String, String>;

/// A row in a sentence. An act nobody wrote one for still reads as one.
pub(super) fn sentence(row: &AuditRow, emails: &Emails) -> String {
    let detail: Value = serde_json::from_str(&row.detail).unwrap_or_default();
    let is_done = row.outcome == "success";
    let act = ACTS.iter().find(|(action, ..)| *action == row.action);
    let pattern = match act {
        Some((_, done, _)) if is_done && !done.is_empty() => (*done).to_owned(),
        Some((_, _, refused)) if !is_done && !refused.is_empty() => (*refused).to_owned(),
        _ if is_done => format!("{{who}} did {}", plain(&row.action)),
        _ => format!("{{who}} was refused {}", plain(&row.action)),
    };
    let told = pattern
        .replace("{who}", &who(row, emails))
        .replace("{whom}", &whom(row, emails, pattern.contains("{who}")));
    let end = match is_done {
        true => how(&row.action, &detail),
        false => why(detail["reason"].as_str().unwrap_or_default()).to_owned(),
    };
    format!("{told}{}{end}.", with_key(&row.action, &detail))
}

/// Which API key it was done with, as lists of keys show it. An act on that very key names it alone.
fn with_key(action: &str, detail: &Value) -> String {
    let part = |name: &str| detail["apiKey"][name].as_str().map(plain);
    match (part("prefix"), part("last4")) {
        (Some(prefix), Some(last4)) if action.starts_with("api_key.") => {
            format!(" ({prefix}…{last4})")
        }
        (Some(prefix), Some(last4)) => format!(" with the key {prefix}…{last4}"),
        _ => String::new(),
    }
}

/// Who acted. Somebody who is signed in nowhere is somebody; the portal's own worker and command line
/// say so in place of a request.
fn who(row: &AuditRow, emails: &Emails) -> String {
    match row.actor_id.as_deref() {
        Some(id) => emails
            .get(id)
            .cloned()
            .unwrap_or_else(|| "Somebody who has left".to_owned()),
        None if row.request_id == "command-line" => "The operator".to_owned(),
        None => "Somebody".to_owned(),
    }
}

/// Whom it was done to, in a sentence that also says who acted or not.
fn whom(row: &AuditRow, emails: &Emails, says_who: bool) -> String {
    let known = row.subject_id.as_deref().and_then(|id| emails.get(id));
    match known {
        Some(_) if says_who && row.subject_id == row.actor_id => "their own account".to_owned(),
        Some(email) => email.clone(),
        None if row.subject_id.is_some() && kind(row) == "user" => {
            "an account that is gone".to_owned()
        }
        None => "an account".to_owned(),
    }
}

/// An act is ours to name; what somebody put into the table in its place is cut to what names hold.
fn plain(action: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || "._".contains(*c);
    action.chars().filter(is_plain).take(64).collect()
}

/// How somebody signed in, and how much ended.
fn how(action: &str, detail: &Value) -> String {
    match action {
        "session.started" => {
            let methods = detail["methods"].as_str().unwrap_or_default().split(' ');
            let ways: Vec<_> = methods.filter_map(way).collect();
            match ways.is_empty() {
                true => String::new(),
                false => format!(" with {}", ways.join(" and ")),
            }
        }
        "user.role_changed" => match (
            detail["before"]["role"].as_str(),
            detail["after"]["role"].as_str(),
        ) {
            (Some(from), Some(to)) => format!(" from {} to {}", plain(from), plain(to)),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

/// RFC 8176 names, in words.
fn way(method: &str) -> Option<&'static str> {
    match method {
        "pwd" => Some("a password"),
        "email" => Some("a letter"),
        "otp" => Some("a one-time code or link"),
        "hwk" | "swk" => Some("a passkey"),
        _ => None,
    }
}

#[cfg(test)]
pub(crate) fn acts() -> impl Iterator<Item = &'static str> {
    ACTS.iter().map(|(action, ..)| *action)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(action: &str, outcome: &str, detail: &str) -> AuditRow {
        AuditRow {
            action: action.to_owned(),
            outcome: outcome.to_owned(),
            detail: detail.to_owned(),
            actor_id: Some("a".to_owned()),
            subject_id: Some("b".to_owned()),
            ..AuditRow::default()
        }
    }

    fn people() -> Emails {
        [("a", "ada@example.org"), ("b", "bob@example.org")]
            .map(|(id, email)| (id.to_owned(), email.to_owned()))
            .into()
    }

    fn told(row: &AuditRow) -> String {
        sentence(row, &people())
    }

    #[test]
    fn acts_are_told_about_others() {
        let started = row("session.started", "success", r#"{"methods":"pwd email"}"#);
        assert_eq!(
            told(&started),
            "ada@example.org signed in with a password and a letter."
        );
        assert_eq!(
            told(&row("user.disabled", "success", r#"{"reason":"left"}"#)),
            "ada@example.org disabled bob@example.org."
        );
        let own = AuditRow {
            subject_id: Some("a".to_owned()),
            ..row("profile.updated", "success", "{}")
        };
        assert_eq!(
            told(&own),
            "ada@example.org changed the profile of their own account."
        );
        let change = r#"{"before":{"role":"user"},"after":{"role":"admin"}}"#;
        assert_eq!(
            told(&row("user.role_changed", "success", change)),
            "ada@example.org changed the role of bob@example.org from user to admin."
        );
    }

    #[test]
    fn a_refusal_says_why_in_our_words_alone() {
        let refused = |reason: &str| {
            let detail = serde_json::json!({ "reason": reason }).to_string();
            told(&row("user.disable", "refused", &detail))
        };
        assert_eq!(
            refused("last_admin"),
            "ada@example.org was not allowed to disable bob@example.org: nobody else could look after the portal."
        );
        assert_eq!(
            refused("<script>"),
            "ada@example.org was not allowed to disable bob@example.org."
        );
    }

    #[test]
    fn what_is_done_with_a_key_names_the_key() {
        let refused =
            r#"{"reason":"credential","apiKey":{"id":"k","prefix":"wks_live_","last4":"ab12"}}"#;
        assert_eq!(
            told(&row("access.refused", "refused", refused)),
            "ada@example.org was not let in with the key wks_live_…ab12: not with this kind of credential."
        );
        assert_eq!(
            told(&row("api_key.exchanged", "success", refused)),
            "An API key of bob@example.org was exchanged for a token (wks_live_…ab12)."
        );
        let forged = r#"{"apiKey":{"prefix":"<script>","last4":7}}"#;
        assert_eq!(
            told(&row("user.disabled", "success", forged)),
            "ada@example.org disabled bob@example.org."
        );
    }

    #[test]
    fn who_has_left_or_was_never_known_is_still_somebody() {
        let mut row = row("user.disabled", "success", "{}");
        row.actor_id = Some("gone".to_owned());
        row.subject_id = Some("gone too".to_owned());
        assert_eq!(
            told(&row),
            "Somebody who has left disabled an account that is gone."
        );
        row.actor_id = None;
        assert_eq!(told(&row), "Somebody disabled an account that is gone.");
        row.request_id = "command-line".to_owned();
        assert_eq!(told(&row), "The operator disabled an account that is gone.");
    }

    #[test]
    fn an_act_nobody_knows_still_reads_as_a_sentence() {
        assert_eq!(
            told(&row("teapot.boiled<b>", "success", "no json")),
            "ada@example.org did teapot.boiledb."
        );
        assert_eq!(
            told(&row("teapot.boiled", "refused", "{}")),
            "ada@example.org was refused teapot.boiled."
        );
    }

    #[test]
    fn every_sentence_begins_like_one() {
        for (action, done, refused) in ACTS {
            for sentence in [done, refused] {
                let begins = sentence.starts_with(|c: char| c == '{' || c.is_uppercase());
                assert!(
                    sentence.is_empty() || (begins && !sentence.ends_with('.')),
                    "{action}: {sentence}"
                );
            }
            assert!(!done.is_empty() || !refused.is_empty(), "{action}");
        }
        let mut sorted = acts().collect::<Vec<_>>();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted, acts().collect::<Vec<_>>(), "in order, one each");
    }
}
