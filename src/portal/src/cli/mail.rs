//! `gatehouse mail`.

use auth::{Client, Clock, Letter, LetterKind, SystemClock, SystemEntropy};
use clap::{Args, Subcommand};
use mail::{Mailbox, Mailer};
use wire::Email;

use super::{Failure, Outcome, print, settings};
use crate::compose;
use crate::config::{Flags, Purpose};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Send a letter at once, and say what the mail server answered
    #[command(
        after_help = "Examples:\n  gatehouse mail test --to you@example.com\n  gatehouse mail test --to you@example.com --dev\n\nThe letter does not go through the outbox, so it needs no database and no running server."
    )]
    Test(Test),
    /// Put one of every letter into the development mailbox, to be looked at
    #[command(
        after_help = "Example:\n  gatehouse mail samples\n\nThey show at /dev/mailbox of a portal in development mode that keeps its files in the same folder. Their links lead nowhere."
    )]
    Samples,
}

#[derive(Debug, Args)]
pub(super) struct Test {
    /// To whom
    #[arg(long, value_name = "ADDRESS")]
    to: String,
    /// With the settings of development mode
    #[arg(long)]
    dev: bool,
}

pub(super) async fn run(command: Command, flags: &Flags) -> Outcome {
    match command {
        Command::Test(test) => try_out(&test, flags).await,
        Command::Samples => samples(flags).await,
    }
}

async fn samples(flags: &Flags) -> Outcome {
    let config = settings(flags, Purpose::Command)?;
    let mailbox = Mailbox::open(config.data_dir.join("mailbox")).map_err(Failure::because)?;
    let mailer = Mailer::mailbox(mailbox);
    let draw_id = || auth::draw_id(&SystemEntropy, SystemClock.now_millis());
    let letters = mail::samples(config.public_url(), SystemClock.now(), draw_id);
    for letter in &letters {
        mailer.try_out(letter).await.map_err(Failure)?;
    }
    print(&format!(
        "{} letters lie in the development mailbox.",
        letters.len()
    ))
}

async fn try_out(test: &Test, flags: &Flags) -> Outcome {
    let to = Email::parse(&test.to)
        .map_err(|_| Failure("--to: Enter an address like ada@example.com.".to_owned()))?;
    let flags = Flags {
        dev: test.dev,
        ..flags.clone()
    };
    // As serve reads them: what it would refuse must not look well here.
    let config = settings(&flags, Purpose::Serve)?;
    let Some((mailer, _)) = compose::mail(&config).map_err(Failure::because)? else {
        return Err(Failure("No letters leave: set mail.transport.".to_owned()));
    };
    let operator = Client::operator();
    let letter = Letter {
        id: auth::draw_id(&SystemEntropy, SystemClock.now_millis()),
        attempt: 1,
        to,
        kind: LetterKind::MailTest,
        at: SystemClock.now(),
        from_address: operator.address.to_string(),
        from_device: "the command line".to_owned(),
        portal: config.public_url().to_owned(),
    };
    print(&mailer.try_out(&letter).await.map_err(Failure)?)
}
