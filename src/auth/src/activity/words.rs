//! Every act the audit log knows, in a sentence. A test finds the acts in the sources: one that has no
//! sentence fails it.

use serde_json::Value;

use crate::store::AuditRow;

/// What a row means to the person whose account it is about.
pub(super) struct Words {
    pub(super) sentence: String,
    /// Whether they are asked if this was them.
    pub(super) disownable: bool,
}

/// Whether "this wasn't me" is offered: for what somebody else could have done in a person's name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ask {
    Yes,
    No,
}

/// One act: by its owner, by somebody else on this account, and refused.
type Act = (&'static str, Ask, &'static str, &'static str, &'static str);

/// What is said where no more fitting sentence exists.
const NOT_BY_OTHERS: &str = "Something about your account was changed.";
const NOT_REFUSED: &str = "Something was tried with your account and refused.";

#[rustfmt::skip]
const ACTS: &[Act] = &[
    ("session.started",               Ask::Yes, "You signed in.",                                            NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("session.start",                 Ask::No,  "You signed in.",                                            NOT_BY_OTHERS,                                      "Somebody tried to sign in."),
    ("session.ended",                 Ask::No,  "You signed out.",                                           "A session of yours was ended by an admin.", NOT_REFUSED),
    ("refresh_token.reused",          Ask::No,  "An app’s key was used twice.",                              NOT_BY_OTHERS,                                      "An app’s old key came back, so we ended its session."),
    ("registration.requested",        Ask::No,  "You asked for an account.",                                 NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("registration.resend_requested", Ask::No,  "You asked for another letter.",                             NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("email.verify",                  Ask::No,  "You confirmed your address.",                               NOT_BY_OTHERS,                                      "Somebody entered a wrong code."),
    ("user.registered",               Ask::No,  "You created your account.",                                 "Your account was created.",                        NOT_REFUSED),
    ("user.created",                  Ask::No,  "Your account was created.",                                 "An admin created your account.",           NOT_REFUSED),
    ("user.disabled",                 Ask::No,  "The account was disabled.",                                 "An admin disabled your account.",          NOT_REFUSED),
    ("user.enabled",                  Ask::No,  "The account was enabled again.",                            "An admin enabled your account again.",     NOT_REFUSED),
    ("user.suspension_ended",         Ask::No,  "The suspension of your account is over.",                   NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("user.unlocked",                 Ask::No,  "The account was unlocked.",                                 "An admin unlocked your account.",          NOT_REFUSED),
    ("user.session_ended",            Ask::No,  "You ended a session of somebody else.",                     "An admin ended a session of yours.",       NOT_REFUSED),
    ("user.signed_out",               Ask::No,  "You signed somebody out on every device.",                  "An admin signed you out on every device.", NOT_REFUSED),
    ("signing_key.rotated",           Ask::No,  "You replaced the portal’s signing key.",                    NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("signing_key.revoked",           Ask::No,  "You took a signing key of the portal out of use.",          NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("revocations.restarted",         Ask::No,  "You began the revocation feed anew.",                       NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("profile.updated",               Ask::Yes, "You changed your profile.",                                 "An admin changed your profile.",           NOT_REFUSED),
    ("email_change.requested",        Ask::Yes, "You asked to change your e-mail address.",                  "An admin asked to change your e-mail address.", NOT_REFUSED),
    ("email_change.cancelled",        Ask::Yes, "You stopped a change of your e-mail address.",              NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("email_change.confirm",          Ask::No,  "You confirmed a new e-mail address.",                       NOT_BY_OTHERS,                                      "A wrong code was entered for a new e-mail address."),
    ("email_change.confirmed",        Ask::Yes, "You changed your e-mail address.",                          NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("email_change.undone",           Ask::No,  "The link in a letter to your former address was used to take your account back.", NOT_BY_OTHERS,                NOT_REFUSED),
    ("password.changed",              Ask::Yes, "You changed your password.",                                NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("password.change",               Ask::No,  "You changed your password.",                                NOT_BY_OTHERS,                                      "A wrong password was given to change yours."),
    ("password.reset",                Ask::Yes, "You chose a new password by a letter to your address.",     NOT_BY_OTHERS,                                      "A wrong code was entered to reset your password."),
    ("password.reset_requested",      Ask::No,  "Somebody asked for a letter to reset your password.",       NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("password.reset_mailed",         Ask::No,  "An operator sent you a letter to reset your password.",     "An admin sent you a letter to reset your password.", NOT_REFUSED),
    ("session.stepped_up",             Ask::No,  "You confirmed that it was you.",                            NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("session.step_up",                Ask::No,  "You confirmed that it was you.",                            NOT_BY_OTHERS,                                      "A wrong password was given to confirm that it was you."),
    ("email.verified",                 Ask::No,  "You confirmed your address.",                               NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("sign_in_code.requested",         Ask::No,  "Somebody asked for a code to sign in.",                     NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("account.exported",               Ask::Yes, "You took a copy of your data.",                             NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("consent.given",                  Ask::Yes, "You gave a consent.",                                       NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("consent.withdrawn",              Ask::Yes, "You withdrew a consent.",                                   NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("user.deletion_scheduled",        Ask::Yes, "You asked for your account to be deleted.",                 "An admin scheduled the deletion of your account.",NOT_REFUSED),
    ("user.deletion_undone",           Ask::No,  "The deletion of your account was called off.",              "An admin called off the deletion of your account.",NOT_REFUSED),
    ("user.deleted",                   Ask::No,  "The account was deleted.",                                  NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("invitation.created",             Ask::Yes, "You invited somebody.",                                     "You were invited.",                                NOT_REFUSED),
    ("invitation.resent",              Ask::No,  "You sent an invitation once more.",                         NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("invitation.revoked",             Ask::No,  "You took an invitation back.",                              NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("invitation.accepted",            Ask::No,  "You accepted an invitation.",                               "Somebody accepted your invitation.",               NOT_REFUSED),
    ("tenant.created",                 Ask::Yes, "You made an organisation.",                                 NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("tenant.renamed",                 Ask::Yes, "You gave an organisation another name.",                    NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("tenant.deleted",                 Ask::Yes, "You deleted an organisation.",                              NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("tenant.rename",                  Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to give an organisation another name."),
    ("tenant.delete",                  Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to delete an organisation."),
    ("member.add",                     Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to add a member to an organisation."),
    ("member.invite",                  Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to invite to that."),
    ("member.change",                  Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("member.remove",                  Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("invitation.create",              Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to invite to that."),
    ("invitation.resend",              Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to send an invitation once more."),
    ("invitation.revoke",              Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to take an invitation back."),
    ("member.added",                   Ask::No,  "You made somebody a member of an organisation.",            "An admin made you a member of an organisation.", NOT_REFUSED),
    ("member.changed",                 Ask::No,  "You changed what a member of an organisation may do.",      "What you may do in an organisation was changed.",  NOT_REFUSED),
    ("member.suspended",               Ask::No,  "You suspended a member of an organisation.",                "Your membership of an organisation was suspended.", NOT_REFUSED),
    ("member.resumed",                 Ask::No,  "You resumed a member of an organisation.",                  "Your membership of an organisation was resumed.",  NOT_REFUSED),
    ("member.removed",                 Ask::No,  "You removed a member from an organisation.",                "You were removed from an organisation.",           NOT_REFUSED),
    ("member.left",                    Ask::Yes, "You left an organisation.",                                 NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("session.tenant_changed",         Ask::No,  "You switched to another organisation.",                     NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("user.role_changed",              Ask::No,  "The role of an account was changed.",                       "An admin changed your role.",              NOT_REFUSED),
    ("user.grants_changed",            Ask::No,  "You changed what somebody is given beside their role.",     "An admin changed what you are given beside your role.", NOT_REFUSED),
    ("role.created",                   Ask::Yes, "You made a role.",                                          NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("role.changed",                   Ask::Yes, "You changed what a role gives.",                            NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("role.deleted",                   Ask::Yes, "You deleted a role.",                                       NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("assignment.added",               Ask::No,  "You entrusted something to somebody.",                      "Something was entrusted to you.",                  NOT_REFUSED),
    ("assignment.removed",             Ask::No,  "You took something back that was entrusted to somebody.",   "Something is entrusted to you no longer.",         NOT_REFUSED),
    ("preset.loaded",                  Ask::Yes, "You loaded a preset of roles.",                             NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("permission.added",               Ask::Yes, "You added a permission.",                                   NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("permission.described",           Ask::No,  "You said in other words what a permission is for.",         NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("permission.removed",             Ask::Yes, "You removed a permission.",                                 NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("user.imported",                  Ask::No,  "Your account was brought over from another system.",        "An admin brought your account over from another system.",NOT_REFUSED),
    ("user.import_updated",            Ask::No,  "Your account was brought up to date from another system.",  "An admin brought your account up to date from another system.",NOT_REFUSED),
    ("users.imported",                 Ask::No,  "You brought accounts over from another system.",            NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("users.exported",                 Ask::Yes, "You took a copy of all accounts.",                          NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("letter.retried",                 Ask::No,  "You had a letter sent once more.",                          NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("letter.test_requested",          Ask::No,  "You had a test letter sent.",                               NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("access.refused",                 Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You asked for something and were not let in."),
    ("limit.reached",                  Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Something was tried too often."),
    ("sign_in.locked",                 Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Too many sign-ins failed, so the next has to wait."),
    ("audit.exported",                 Ask::Yes, "You exported the audit log.",                               NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("audit.forgotten",                Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("audit.tail_broken",              Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("user.unlock",                    Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Somebody who may not tried to unlock an account."),
    ("user.keep",                      Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Somebody who may not tried to keep an account."),
    ("profile.update",                 Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Somebody who may not tried to change a profile."),
    ("password.mail",                  Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Somebody who may not tried to send a letter for a new password."),
    ("user.disable",                   Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Somebody who may not tried to disable an account."),
    ("user.enable",                    Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Somebody who may not tried to enable an account."),
    ("user.sign_out",                  Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Somebody who may not tried to sign an account out."),
    ("session.end",                    Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Somebody who may not tried to end a session."),
    ("user.delete",                    Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Deleting the account was refused: nobody else could look after the portal."),
    ("api_key.created",               Ask::Yes, "You made an API key.",                                      NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("api_key.changed",               Ask::Yes, "You changed an API key.",                                   "An admin of an organisation changed an API key you answer for.", NOT_REFUSED),
    ("api_key.rolled",                Ask::Yes, "You replaced an API key by a new one.",                     "An admin of an organisation replaced an API key you answered for.", NOT_REFUSED),
    ("api_key.revoked",               Ask::Yes, "You revoked an API key.",                                   "An admin revoked an API key of yours.",            NOT_REFUSED),
    ("api_key.exchanged",             Ask::No,  "An API key of yours was exchanged for a token.",             NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("api_key.leaked",                Ask::No,  "Somebody who had found an API key of yours revoked it.",    NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("api_key.suspended",             Ask::No,  "Your API keys were suspended until you say that they are yours.", NOT_BY_OTHERS,                                  NOT_REFUSED),
    ("api_key.use",                   Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "An API key of yours was used that opens nothing any more."),
    ("api_key.confirmed",             Ask::Yes, "You said that an API key is yours, so it works again.",     NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("api_key.taken_over",            Ask::Yes, "You took over an API key of an organisation.",              NOT_BY_OTHERS,                                      NOT_REFUSED),
    ("api_key.change",                Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to change that API key."),
    ("api_key.confirm",               Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to confirm that API key."),
    ("api_key.create",                Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to make an API key like that."),
    ("api_key.revoke",                Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to revoke that API key."),
    ("api_key.roll",                  Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to replace that API key."),
    ("api_key.take_over",             Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to take over that API key."),
    ("assignment.add",                Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Somebody who may not tried to entrust something."),
    ("assignment.remove",             Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to take back what is entrusted to somebody."),
    ("permission.add",                Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to add a permission."),
    ("permission.describe",           Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to describe a permission."),
    ("permission.remove",             Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to remove a permission."),
    ("preset.load",                   Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to load a preset of roles."),
    ("role.change",                   Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to change a role like that."),
    ("role.create",                   Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to make a role like that."),
    ("role.delete",                   Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to delete a role."),
    ("session.switch",                Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "You were not allowed to switch to an organisation."),
    ("user.set_rights",               Ask::No,  NOT_BY_OTHERS,                                               NOT_BY_OTHERS,                                      "Somebody who may not tried to change what an account may do."),
    ("account.disowned",              Ask::No,  "You said that something was not you, so everything was signed out.", NOT_BY_OTHERS,                             NOT_REFUSED),
];

/// What a row means. An act nobody wrote a sentence for still reads as one.
pub(super) fn of(row: &AuditRow, is_by_other: bool) -> Words {
    let act = ACTS.iter().find(|(action, ..)| *action == row.action);
    let (_, ask, own, other, refused) =
        act.copied()
            .unwrap_or(("", Ask::No, NOT_BY_OTHERS, NOT_BY_OTHERS, NOT_REFUSED));
    let detail: Value = serde_json::from_str(&row.detail).unwrap_or_default();
    let is_done = row.outcome == "success";
    let sentence = match (is_done, is_by_other) {
        (false, _) => tried(&row.action, &detail).unwrap_or(refused).to_owned(),
        (true, true) => other.to_owned(),
        (true, false) if is_on_other(row) => on_other(&row.action).unwrap_or(own).to_owned(),
        (true, false) => more(&row.action, &detail).unwrap_or_else(|| own.to_owned()),
    };
    Words {
        sentence: naming_key(sentence, &detail),
        disownable: ask == Ask::Yes && is_done && !is_by_other,
    }
}

/// The same with the API key it was done with, as the list of keys shows it.
fn naming_key(sentence: String, detail: &Value) -> String {
    let part = |name: &str| {
        let text = detail["apiKey"][name].as_str()?;
        let is_ours = |c: char| c.is_ascii_alphanumeric() || c == '_';
        text.chars().all(is_ours).then_some(text)
    };
    match (part("prefix"), part("last4")) {
        (Some(prefix), Some(last4)) => {
            let sentence = sentence.trim_end_matches('.');
            format!("{sentence} (API key {prefix}…{last4}).")
        }
        _ => sentence,
    }
}

/// Whether an account was acted on by somebody else's hand.
fn is_on_other(row: &AuditRow) -> bool {
    row.actor_id.is_some() && row.subject_id.is_some() && row.actor_id != row.subject_id
}

/// What the one who acted reads, where the sentence for the account's owner would mislead them.
fn on_other(action: &str) -> Option<&'static str> {
    match action {
        "user.disabled" => Some("You disabled an account."),
        "user.enabled" => Some("You enabled an account again."),
        "user.role_changed" => Some("You changed somebody’s role."),
        "api_key.revoked" => Some("You revoked an API key of somebody else."),
        _ => None,
    }
}

/// Why a sign-in was refused.
fn tried(action: &str, detail: &Value) -> Option<&'static str> {
    if action != "session.start" {
        return None;
    }
    match detail["reason"].as_str()? {
        "wrong_password" => Some("Somebody tried to sign in with a wrong password."),
        "no_password" => {
            Some("Somebody tried to sign in with a password. Your account has none just now.")
        }
        "disabled" => Some("Somebody tried to sign in while your account was disabled."),
        _ => None,
    }
}

/// How somebody signed in, and how much ended.
fn more(action: &str, detail: &Value) -> Option<String> {
    match action {
        "session.started" => {
            let methods = detail["methods"].as_str()?.split(' ');
            let ways: Vec<_> = methods.filter_map(way).collect();
            (!ways.is_empty()).then(|| format!("You signed in with {}.", ways.join(" and ")))
        }
        "session.ended" => ended(
            detail["reason"].as_str().unwrap_or_default(),
            detail["sessions"].as_array()?.len(),
        ),
        _ => None,
    }
}

/// Whose wish it was, and how many.
fn ended(reason: &str, many: usize) -> Option<String> {
    let sentence = match (reason, many) {
        ("ended_by_owner" | "log_out_others", 1) => "You signed out another device.".to_owned(),
        ("log_out_others", many) => format!("You signed out {many} other devices."),
        ("too_many", 1) => {
            "A session ended because you signed in once more than you can at a time.".to_owned()
        }
        ("too_many", many) => {
            format!("{many} sessions ended because there were more than you can have at a time.")
        }
        (_, 0 | 1) => return None,
        (_, many) => format!("You signed out of {many} sessions."),
    };
    Some(sentence)
}

/// RFC 8176 names, in words.
fn way(method: &str) -> Option<&'static str> {
    match method {
        "pwd" => Some("your password"),
        "email" => Some("a letter to your address"),
        "otp" => Some("a one-time code or link"),
        "hwk" | "swk" => Some("a passkey"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// The acts of a source: what stands in `Entry::done("…")` and `Entry::refused("…")`.
    fn acts(source: &str) -> Vec<String> {
        let calls = source
            .split("Entry::done(")
            .skip(1)
            .chain(source.split("Entry::refused(").skip(1));
        let act = |rest: &str| {
            let literal = rest.trim_start().strip_prefix('"');
            let literal = literal.expect("an act is named where it is written down");
            literal.split('"').next().unwrap_or_default().to_owned()
        };
        calls.map(act).collect()
    }

    fn sources(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") && !path.ends_with("words.rs")
            {
                found.extend(acts(&std::fs::read_to_string(path).expect("readable")));
            }
        }
    }

    fn row(action: &str, outcome: &str, detail: &str) -> AuditRow {
        AuditRow {
            id: String::new(),
            at: 0,
            request_id: String::new(),
            actor_id: None,
            action: action.to_owned(),
            outcome: outcome.to_owned(),
            subject_id: None,
            address: String::new(),
            agent: String::new(),
            detail: detail.to_owned(),
            ..AuditRow::default()
        }
    }

    #[test]
    fn every_act_of_the_product_has_a_sentence() {
        let mut found = BTreeSet::new();
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut found,
        );
        assert!(found.len() > 12, "only {found:?}");

        let written: BTreeSet<_> = ACTS.iter().map(|act| act.0.to_owned()).collect();
        let missing: Vec<_> = found.difference(&written).collect();
        assert!(missing.is_empty(), "write a sentence for {missing:?}");
        assert_eq!(written.len(), ACTS.len(), "one sentence an act");

        let told: BTreeSet<_> = crate::audit::acts().map(str::to_owned).collect();
        let missing: Vec<_> = written.difference(&told).collect();
        assert!(
            missing.is_empty(),
            "tell {missing:?} about others in audit/told.rs"
        );
    }

    #[test]
    fn every_sentence_is_whole_and_calm() {
        for (action, _, own, other, refused) in ACTS {
            for sentence in [own, other, refused] {
                assert!(
                    sentence.ends_with('.')
                        && !sentence.contains('!')
                        && sentence.starts_with(char::is_uppercase),
                    "{action}: {sentence}"
                );
            }
        }
    }

    #[test]
    fn what_came_by_a_key_names_it() {
        let detail =
            r#"{"reason":"credential","apiKey":{"id":"k","prefix":"wks_live_","last4":"ab12"}}"#;
        assert_eq!(
            of(&row("access.refused", "refused", detail), false).sentence,
            "You asked for something and were not let in (API key wks_live_…ab12)."
        );
        let forged = r#"{"apiKey":{"prefix":"<b>","last4":"ab12"}}"#;
        assert_eq!(
            of(&row("access.refused", "refused", forged), false).sentence,
            "You asked for something and were not let in."
        );
    }

    #[test]
    fn a_sign_in_says_how_and_a_refused_one_why() {
        let started = |methods: &str| {
            let detail = serde_json::json!({ "methods": methods }).to_string();
            of(&row("session.started", "success", &detail), false).sentence
        };
        assert_eq!(started("pwd"), "You signed in with your password.");
        assert_eq!(
            started("pwd email"),
            "You signed in with your password and a letter to your address."
        );
        assert_eq!(started("telepathy"), "You signed in.");

        let refused = |reason: &str| {
            let detail = serde_json::json!({ "reason": reason }).to_string();
            of(&row("session.start", "refused", &detail), false).sentence
        };
        assert_eq!(
            refused("wrong_password"),
            "Somebody tried to sign in with a wrong password."
        );
        assert_eq!(refused("<b>new</b>"), "Somebody tried to sign in.");
    }

    #[test]
    fn an_act_nobody_knows_still_reads_as_a_sentence() {
        let words = of(&row("teapot.boiled", "success", "no json"), false);
        assert_eq!(words.sentence, NOT_BY_OTHERS);
        assert!(!words.disownable);
    }
}
