//! `gatehouse user list|show|suspend|enable|unlock|sign-out|delete|keep`: looking after people without a
//! browser. Whoever runs it holds the database, so nobody's rights are asked for; the last admin stays all
//! the same, and every act leaves its trace.

use auth::{Auth, Client, Hand, UserQuery};
use clap::Args;
use wire::{
    DeleteUser, DisableUser, Disabling, Email, Error, ManagedUser, UserCursor, UserSort,
    UserStatus, searched,
};

use crate::cli::{Failure, Outcome, print, print_json};
use crate::compose;
use crate::config::Config;

pub(super) const LIST: &str = "\
Examples:
  gatehouse user list
  gatehouse user list --status locked
  gatehouse user list --search lovelace --sort -lastLoginAt
  gatehouse user list --role admin --json | jq -r '.users[].email'
  gatehouse user list --limit 200 --cursor \"$NEXT\" --json";
pub(super) const SHOW: &str = "\
Examples:
  gatehouse user show ada@example.com
  gatehouse user show 0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000 --json";
pub(super) const SUSPEND: &str = "\
Examples:
  gatehouse user suspend ada@example.com --for 7d --reason 'lost laptop'
  gatehouse user suspend ada@example.com                until somebody enables it

Everything they have open ends at once. A suspension with an end ends by itself.";
pub(super) const DELETE: &str = "\
Examples:
  gatehouse user delete ada@example.com --confirm ada@example.com
  gatehouse user delete ada@example.com --confirm ada@example.com --now
  gatehouse user keep ada@example.com

Without --now nothing of the account works from now on, and it is deleted for good after 14 days.";

#[derive(Debug, Args)]
pub(in crate::cli) struct List {
    /// Only those whose address, username or name holds this
    #[arg(long, value_name = "PART")]
    search: Option<String>,
    /// Only those that stand like this: active, locked, suspended, disabled, leaving
    #[arg(long, value_parser = status)]
    status: Option<UserStatus>,
    /// Only those with this role
    #[arg(long)]
    role: Option<String>,
    /// Only members of this tenant
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// In which order: -createdAt, createdAt, email, -lastLoginAt
    #[arg(long, value_parser = sort, default_value = "-createdAt", allow_hyphen_values = true)]
    sort: UserSort,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: u32,
    /// `nextCursor` of the page before
    #[arg(long)]
    cursor: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Who {
    /// The account's address, or its id
    #[arg(value_name = "ADDRESS|ID")]
    who: String,
    /// Print the account, as it is then, as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Suspend {
    #[command(flatten)]
    who: Who,
    /// For how long: 90m, 1h, 7d; without it until somebody enables the account
    #[arg(long = "for", value_name = "TIME", value_parser = seconds)]
    time: Option<i64>,
    /// Why, for whoever looks at the account next
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Delete {
    /// The account's address, or its id
    #[arg(value_name = "ADDRESS|ID")]
    who: String,
    /// The account's address once more, to be sure
    #[arg(long, value_name = "ADDRESS")]
    confirm: String,
    /// For good, and not after 14 days
    #[arg(long)]
    now: bool,
}

fn status(text: &str) -> Result<UserStatus, String> {
    UserStatus::parse(text).ok_or_else(|| {
        let known = UserStatus::ALL.map(UserStatus::as_str).join(", ");
        format!("is one of {known}")
    })
}

fn sort(text: &str) -> Result<UserSort, String> {
    UserSort::parse(text).ok_or_else(|| {
        let known = UserSort::ALL.map(UserSort::as_str).join(", ");
        format!("is one of {known}")
    })
}

/// `90m`, `1h`, `7d`.
fn seconds(text: &str) -> Result<i64, String> {
    let wrong = || "is a number with m, h or d behind it, like 7d".to_owned();
    let unit = match text.chars().last() {
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 86_400,
        _ => return Err(wrong()),
    };
    let number: i64 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
    number
        .checked_mul(unit)
        .filter(|time| *time > 0)
        .ok_or_else(wrong)
}

pub(super) async fn list(wanted: List, config: &Config) -> Outcome {
    let sort = wanted.sort;
    let part =
        searched(&wanted.search.unwrap_or_default()).map_err(|error| in_words(&error, config))?;
    let after = match wanted.cursor {
        None => None,
        Some(cursor) => Some(
            UserCursor::parse(sort, &cursor)
                .ok_or_else(|| Failure("--cursor: This is no cursor of this order.".to_owned()))?,
        ),
    };
    let query = UserQuery {
        status: wanted.status,
        part,
        role: wanted.role,
        tenant_id: wanted.tenant,
        sort,
        limit: wanted.limit,
        after,
    };
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let page = auth.list_users(&query).await;
    auth.close().await;
    let page = page.map_err(Failure::because)?;
    if wanted.json {
        return print_json(&page);
    }
    for user in &page.users {
        print(&line(user))?;
    }
    match page.next_cursor {
        Some(cursor) => print(&format!("More: --cursor '{cursor}'")),
        None => Ok(()),
    }
}

/// Id, state, role, last sign-in, address: fixed widths first, for eyes and for `cut`.
fn line(user: &ManagedUser) -> String {
    let seen = user.last_login_at.as_deref().unwrap_or("never");
    format!(
        "{}\t{:<9}\t{}\t{seen}\t{}",
        user.id, user.status, user.role, user.email
    )
}

pub(super) async fn show(wanted: Who, config: &Config) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let found = found(&auth, &wanted.who).await;
    auth.close().await;
    told(&found?, wanted.json)
}

fn told(user: &ManagedUser, json: bool) -> Outcome {
    if json {
        return print_json(user);
    }
    let facts = [
        ("id", Some(user.id.as_str())),
        ("email", Some(&user.email)),
        ("username", user.username.as_deref()),
        ("first name", user.first_name.as_deref()),
        ("last name", user.last_name.as_deref()),
        ("role", Some(&user.role)),
        ("tenant", user.tenant_id.as_deref()),
        ("status", Some(user.status.as_str())),
        ("created", Some(&user.created_at)),
        ("last signed in", user.last_login_at.as_deref()),
        ("disabled since", user.disabled_at.as_deref()),
        ("suspended until", user.disabled_until.as_deref()),
        ("locked until", user.locked_until.as_deref()),
        ("deleted on", user.deletes_at.as_deref()),
    ];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            print(&format!("{name:<16} {fact}"))?;
        }
    }
    Ok(())
}

pub(super) async fn suspend(wanted: Suspend, config: &Config) -> Outcome {
    let request = DisableUser {
        reason: wanted.reason,
        seconds: wanted.time,
    };
    let disabling = request.check().map_err(|error| in_words(&error, config))?;
    act(wanted.who, config, async |auth, id, client| {
        disable(auth, id, &disabling, client).await
    })
    .await
}

async fn disable(auth: &Auth, id: &str, disabling: &Disabling, client: &Client) -> Outcome {
    let done = auth.disable_user(Hand::Operator, id, disabling, client);
    done.await.map_err(Failure::because)
}

pub(super) async fn enable(wanted: Who, config: &Config) -> Outcome {
    act(wanted, config, async |auth, id, client| {
        let done = auth.enable_user(Hand::Operator, id, client);
        done.await.map_err(Failure::because)
    })
    .await
}

pub(super) async fn unlock(wanted: Who, config: &Config) -> Outcome {
    act(wanted, config, async |auth, id, client| {
        let done = auth.unlock_user(Hand::Operator, id, client);
        done.await.map_err(Failure::because)
    })
    .await
}

pub(super) async fn sign_out(wanted: Who, config: &Config) -> Outcome {
    act(wanted, config, async |auth, id, client| {
        let ended = auth.sign_out_user(Hand::Operator, id, client);
        ended.await.map(drop).map_err(Failure::because)
    })
    .await
}

pub(super) async fn keep(wanted: Who, config: &Config) -> Outcome {
    act(wanted, config, async |auth, id, client| {
        let done = auth.keep_user(Hand::Operator, id, client);
        done.await.map_err(Failure::because)
    })
    .await
}

pub(super) async fn delete(wanted: Delete, config: &Config) -> Outcome {
    let request = DeleteUser {
        confirmation: Some(wanted.confirm),
        immediately: Some(wanted.now),
    };
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let done = async {
        let user = found(&auth, &wanted.who).await?;
        let client = Client::operator();
        let at = auth
            .delete_user(Hand::Operator, &user.id, &request, &client)
            .await
            .map_err(Failure::because)?;
        Ok((user.email, at))
    }
    .await;
    auth.close().await;
    let (email, at) = done?;
    print(&match wanted.now {
        true => format!("{email} is deleted."),
        false => format!(
            "{email} is closed, and will be deleted at {}.",
            auth::rfc3339(at)
        ),
    })
}

/// Does something to an account, and says how it stands then.
async fn act(
    wanted: Who,
    config: &Config,
    act: impl AsyncFnOnce(&Auth, &str, &Client) -> Outcome,
) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let done = async {
        let id = found(&auth, &wanted.who).await?.id;
        act(&auth, &id, &Client::operator()).await?;
        found(&auth, &id).await
    }
    .await;
    auth.close().await;
    let user = done?;
    match wanted.json {
        true => print_json(&user),
        false => print(&format!("{} is {} now.", user.email, user.status)),
    }
}

/// By address or id.
async fn found(auth: &Auth, who: &str) -> Result<ManagedUser, Failure> {
    let id = match Email::parse(who) {
        Ok(email) => auth.user_id_by_email(&email).await,
        Err(_) => Ok(Some(who.to_owned())),
    };
    let found = match id.map_err(Failure::because)? {
        Some(id) => auth.managed_user(Hand::Operator, &id).await,
        None => Ok(None),
    };
    let one = found.map_err(Failure::because)?;
    one.map(|one| one.user)
        .ok_or_else(|| Failure(format!("No account has the address or the id {who}.")))
}

/// `--reason: This is too long.`
fn in_words(error: &Error, config: &Config) -> Failure {
    let names = |field: &str| match field {
        "q" => "--search".to_owned(),
        "seconds" => "--for".to_owned(),
        other => format!("--{other}"),
    };
    let sentences = error.fields.iter().map(|field| {
        let message = field.message(config.core.password);
        format!("{}: {message}", names(&field.field))
    });
    Failure(sentences.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_and_a_unit() {
        for (text, time) in [("90m", 5400), ("1h", 3600), ("7d", 604_800)] {
            assert_eq!(seconds(text), Ok(time));
        }
        for text in [
            "",
            "7",
            "d",
            "-1d",
            "0h",
            "1w",
            "1.5h",
            "9223372036854775807d",
            "７d",
        ] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}
