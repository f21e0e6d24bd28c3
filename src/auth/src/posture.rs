//! What about this portal should be looked at: data, and one rule each. Only what the portal can really
//! know is judged; what it cannot is left to the operator's handbook.

use wire::{PostureFinding as Finding, Weight};

use crate::Auth;
use crate::clock::Timestamp;
use crate::error::Fault;

const DAY: i64 = 86_400;

/// What the core cannot know of the process around it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// Development mode (D16).
    pub is_development: bool,
    /// Letters stay in a mailbox here.
    pub has_mailbox: bool,
    /// Everybody on the machine may read the key ring's file.
    pub ring_is_open: bool,
    /// Everybody on the machine may read the database's file.
    pub data_is_open: bool,
    /// Nobody reads metrics: they have no listener.
    pub lacks_metrics: bool,
}

/// Everything the rules are asked with.
#[derive(Clone, Debug, Default)]
struct Facts {
    deployment: Deployment,
    is_https: bool,
    has_breach_filter: bool,
    has_limits: bool,
    proves_addresses: bool,
    hash_memory_kib: u32,
    admins: i64,
    unproven_admins: i64,
    /// How many days the current signing key has been signing for, and after how many it is replaced.
    key_days: i64,
    rotate_days: i64,
    dead_letters: i64,
    oldest_due_seconds: i64,
    is_sealer_late: bool,
}

/// One rule: what it is called, how grave a case is, whether this is one, what is said, what helps, where.
struct Rule {
    code: &'static str,
    weight: Weight,
    is_case: fn(&Facts) -> bool,
    sentence: &'static str,
    advice: &'static str,
    page: Option<&'static str>,
}

const SETTINGS: Option<&str> = Some("/admin/settings");

/// The gravest first.
const RULES: &[Rule] = &[
    Rule {
        code: "development",
        weight: Weight::Danger,
        is_case: |facts| facts.deployment.is_development,
        sentence: "The portal runs in development mode.",
        advice: "Start it without --dev, with a mail transport that is not the mailbox.",
        page: SETTINGS,
    },
    Rule {
        code: "plain_http",
        weight: Weight::Danger,
        is_case: |facts| !facts.is_https,
        sentence: "The public address is plain http: passwords and cookies cross the network unprotected.",
        advice: "Put TLS in front of the portal and set server.public_url to its https address.",
        page: SETTINGS,
    },
    Rule {
        code: "no_limits",
        weight: Weight::Danger,
        is_case: |facts| !facts.has_limits,
        sentence: "Every limit is switched off: passwords can be guessed as fast as the machine allows.",
        advice: "Set limits.multiplier to 1.",
        page: SETTINGS,
    },
    Rule {
        code: "ring_is_open",
        weight: Weight::Danger,
        is_case: |facts| facts.deployment.ring_is_open,
        sentence: "Everybody on this machine may read the key ring’s file.",
        advice: "Give the file the mode 0600, and take out of use what may have been copied.",
        page: SETTINGS,
    },
    Rule {
        code: "data_is_open",
        weight: Weight::Danger,
        is_case: |facts| facts.deployment.data_is_open,
        sentence: "Everybody on this machine may read the database’s file.",
        advice: "Give the file the mode 0600 and its folder 0700.",
        page: SETTINGS,
    },
    Rule {
        code: "unproven_admin",
        weight: Weight::Danger,
        is_case: |facts| facts.unproven_admins > 0,
        sentence: "An admin’s address is not confirmed: whoever typed it chose it freely.",
        advice: "Have them confirm it, or give them another role.",
        page: Some("/admin/users?role=admin"),
    },
    Rule {
        code: "audit_unsealed",
        weight: Weight::Danger,
        is_case: |facts| facts.is_sealer_late,
        sentence: "Rows of the audit log have waited for their seal for more than a minute: until then they can be altered unseen.",
        advice: "Look in the log why the worker does not seal them.",
        page: Some("/admin/audit"),
    },
    Rule {
        code: "weak_hash",
        weight: Weight::Warning,
        is_case: |facts| facts.hash_memory_kib < 19_456,
        sentence: "Password hashes cost less memory than recommended: a stolen database is guessed faster.",
        advice: "Raise hash.memory_kib; gatehouse hash tune says what this machine bears.",
        page: SETTINGS,
    },
    Rule {
        code: "unproven_addresses",
        weight: Weight::Warning,
        is_case: |facts| !facts.proves_addresses,
        sentence: "Addresses are not confirmed: anybody may register with somebody else’s.",
        advice: "Set registration.verification to required.",
        page: SETTINGS,
    },
    Rule {
        code: "letters_given_up",
        weight: Weight::Warning,
        is_case: |facts| facts.dead_letters > 0,
        sentence: "Letters were given up: people wait for codes and links that never came.",
        advice: "Look at what the mail server answered, and have them tried again.",
        page: Some("/admin/outbox?status=dead"),
    },
    Rule {
        code: "letters_wait",
        weight: Weight::Warning,
        is_case: |facts| facts.oldest_due_seconds > 15 * 60,
        sentence: "A letter has been waiting for more than a quarter of an hour.",
        advice: "Look at what the mail server answers.",
        page: Some("/admin/outbox"),
    },
    Rule {
        code: "old_signing_key",
        weight: Weight::Warning,
        is_case: |facts| facts.key_days > facts.rotate_days + 1,
        sentence: "The signing key has been signing for longer than tokens.rotate_days.",
        advice: "Replace it; and look in the log why the worker did not.",
        page: Some("/admin/signing-keys"),
    },
    Rule {
        code: "one_admin",
        weight: Weight::Warning,
        is_case: |facts| facts.admins == 1,
        sentence: "There is one admin. Who loses that account loses the portal.",
        advice: "Make somebody else an admin, too.",
        page: Some("/admin/invitations"),
    },
    Rule {
        code: "mailbox",
        weight: Weight::Advice,
        is_case: |facts| facts.deployment.has_mailbox,
        sentence: "Letters stay in the mailbox of this machine and reach nobody.",
        advice: "Set mail.transport to smtp or resend.",
        page: SETTINGS,
    },
    Rule {
        code: "no_breach_filter",
        weight: Weight::Advice,
        is_case: |facts| !facts.has_breach_filter,
        sentence: "New passwords are not looked up among leaked ones.",
        advice: "Build a filter with gatehouse breach-filter and set password.breach_filter.",
        page: SETTINGS,
    },
    Rule {
        code: "no_metrics",
        weight: Weight::Advice,
        is_case: |facts| facts.deployment.lacks_metrics,
        sentence: "Metrics are not offered: nobody is told when sign-ins fail or letters wait.",
        advice: "Set metrics.bind to an address your monitoring reaches.",
        page: SETTINGS,
    },
];

impl Auth {
    /// What should be looked at, the gravest first.
    pub(crate) async fn posture(&self, deployment: &Deployment) -> Result<Vec<Finding>, Fault> {
        let settings = self.settings();
        let mut tx = self.store().read().await?;
        let admins = tx.count_admins("").await?;
        let unsealed_since = tx.oldest_unsealed_audit_at().await?;
        drop(tx);
        let letters = self.count_letters().await?;
        let keys = self.signing_keys().await?;
        let current = keys.iter().find(|key| key.state == "current");
        let since: Option<Timestamp> = current.and_then(|key| key.active_at);
        Ok(judged(&Facts {
            deployment: *deployment,
            is_https: settings.public_url.starts_with("https://"),
            has_breach_filter: self.breach_filter().is_some(),
            has_limits: settings.limits > 0.0,
            proves_addresses: settings.verification == crate::Verification::Required,
            hash_memory_kib: settings.hash.memory_kib,
            // Of the others no right is in force.
            admins: admins.may_act,
            unproven_admins: admins.may_sign_in - admins.may_act,
            key_days: since.map_or(0, |since| (self.now() - since) / DAY),
            rotate_days: settings.rotate_days,
            dead_letters: letters.dead,
            oldest_due_seconds: letters.oldest_due_seconds,
            is_sealer_late: self.is_sealer_late(unsealed_since),
        }))
    }
}

fn judged(facts: &Facts) -> Vec<Finding> {
    let cases = RULES.iter().filter(|rule| (rule.is_case)(facts));
    let finding = |rule: &Rule| Finding {
        code: rule.code.to_owned(),
        weight: rule.weight,
        sentence: rule.sentence.to_owned(),
        advice: rule.advice.to_owned(),
        page: rule.page.map(str::to_owned),
    };
    cases.map(finding).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A portal with nothing to look at.
    fn sound() -> Facts {
        Facts {
            is_https: true,
            has_breach_filter: true,
            has_limits: true,
            proves_addresses: true,
            hash_memory_kib: 65_536,
            admins: 2,
            key_days: 10,
            rotate_days: 30,
            ..Facts::default()
        }
    }

    fn codes(facts: &Facts) -> Vec<String> {
        judged(facts).into_iter().map(|one| one.code).collect()
    }

    fn deployed(change: impl Fn(&mut Deployment)) -> Facts {
        let mut facts = sound();
        change(&mut facts.deployment);
        facts
    }

    #[test]
    fn a_sound_portal_is_left_alone() {
        assert_eq!(codes(&sound()), [""; 0]);
        let (admins, key_days) = (0, 31);
        let set_up = Facts {
            admins,
            key_days,
            ..sound()
        };
        assert_eq!(
            codes(&set_up),
            [""; 0],
            "before the first admin; on the day of a rotation"
        );
    }

    #[test]
    fn each_rule_finds_its_case_and_no_other() {
        let cases = [
            ("development", deployed(|at| at.is_development = true)),
            (
                "plain_http",
                Facts {
                    is_https: false,
                    ..sound()
                },
            ),
            (
                "no_limits",
                Facts {
                    has_limits: false,
                    ..sound()
                },
            ),
            ("ring_is_open", deployed(|at| at.ring_is_open = true)),
            ("data_is_open", deployed(|at| at.data_is_open = true)),
            (
                "unproven_admin",
                Facts {
                    unproven_admins: 1,
                    ..sound()
                },
            ),
            (
                "weak_hash",
                Facts {
                    hash_memory_kib: 19_455,
                    ..sound()
                },
            ),
            (
                "unproven_addresses",
                Facts {
                    proves_addresses: false,
                    ..sound()
                },
            ),
            (
                "letters_given_up",
                Facts {
                    dead_letters: 1,
                    ..sound()
                },
            ),
            (
                "letters_wait",
                Facts {
                    oldest_due_seconds: 901,
                    ..sound()
                },
            ),
            (
                "audit_unsealed",
                Facts {
                    is_sealer_late: true,
                    ..sound()
                },
            ),
            (
                "old_signing_key",
                Facts {
                    key_days: 32,
                    ..sound()
                },
            ),
            (
                "one_admin",
                Facts {
                    admins: 1,
                    ..sound()
                },
            ),
            ("mailbox", deployed(|at| at.has_mailbox = true)),
            (
                "no_breach_filter",
                Facts {
                    has_breach_filter: false,
                    ..sound()
                },
            ),
            ("no_metrics", deployed(|at| at.lacks_metrics = true)),
        ];
        for (code, facts) in &cases {
            assert_eq!(codes(facts), [*code]);
        }
        assert_eq!(cases.len(), RULES.len(), "a case for each rule");
    }

    #[test]
    fn rules_stand_by_weight_and_speak_in_sentences() {
        assert!(RULES.is_sorted_by_key(|rule| rule.weight));
        let named: BTreeSet<_> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(named.len(), RULES.len());
        for rule in RULES {
            for text in [rule.sentence, rule.advice] {
                assert!(
                    text.ends_with('.') && text.starts_with(char::is_uppercase),
                    "{text}"
                );
            }
        }
    }
}
