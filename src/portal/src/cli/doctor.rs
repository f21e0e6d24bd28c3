//! `gatehouse doctor`: what `serve` would meet, without serving.

use auth::Auth;
use clap::Args;
use serde::Serialize;

use super::{Failure, Outcome, print, print_json};
use crate::compose;
use crate::config::{self, Config, Environment, Flags, Purpose};

#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Check for development mode
    #[arg(long)]
    dev: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
#[derive(Serialize)]
struct Finding {
    what: &'static str,
    ok: bool,
    said: String,
}

pub(super) async fn run(doctor: &Doctor, flags: &Flags) -> Outcome {
    let flags = Flags {
        dev: doctor.dev,
        ..flags.clone()
    };
    let findings = examine(&flags).await;
    if doctor.json {
        print_json(&findings)?;
    } else {
        let lines = findings.iter().map(|one| {
            format!(
                "{:<5}  {:<10}  {}",
                if one.ok { "ok" } else { "wrong" },
                one.what,
                one.said
            )
        });
        print(&lines.collect::<Vec<_>>().join("\n"))?;
    }
    match findings.iter().filter(|one| !one.ok).count() {
        0 => Ok(()),
        wrong => Err(Failure(format!(
            "{wrong} of {} checks failed.",
            findings.len()
        ))),
    }
}

/// Each check needs the one before it.
async fn examine(flags: &Flags) -> Vec<Finding> {
    let mut findings = Vec::new();
    let config = match config::load(&Environment::of_process(), flags, Purpose::Serve) {
        Ok(loaded) => loaded.config,
        Err(refusal) => {
            findings.extend(refusal.0.into_iter().map(|said| Finding {
                what: "settings",
                ok: false,
                said,
            }));
            return findings;
        }
    };
    findings.push(fine("settings", format!("for {}", config.public_url())));
    findings.push(mail(&config));
    let auth = match compose::core(&config).await {
        Ok(auth) => auth,
        Err(error) => {
            findings.push(Finding {
                what: "core",
                ok: false,
                said: error.to_string(),
            });
            return findings;
        }
    };
    findings.push(fine(
        "core",
        "database, migrations and key ring belong together".to_owned(),
    ));
    findings.push(fine("passwords", passwords(&auth)));
    findings.push(match auth.ready().await {
        Ok(()) => fine("ready", "signing key and clock are good".to_owned()),
        Err(error) => Finding {
            what: "ready",
            ok: false,
            said: error.to_string(),
        },
    });
    auth.close().await;
    findings
}

fn passwords(auth: &Auth) -> String {
    match auth.breach_filter() {
        Some(about) => format!(
            "new ones are looked up among {} leaked; about one in {:.0} others is taken for one of them",
            about.count,
            1.0 / about.false_positives
        ),
        None => "new ones are judged without password.breach_filter".to_owned(),
    }
}

fn mail(config: &Config) -> Finding {
    match compose::mail(config) {
        Ok(Some((mailer, _))) => fine(
            "mail",
            format!("{mailer:?} is set up; a letter shows whether it arrives"),
        ),
        Ok(None) => Finding {
            what: "mail",
            ok: false,
            said: "no letters leave".to_owned(),
        },
        Err(error) => Finding {
            what: "mail",
            ok: false,
            said: error.to_string(),
        },
    }
}

fn fine(what: &'static str, said: String) -> Finding {
    Finding {
        what,
        ok: true,
        said,
    }
}
