//! `gatehouse tenants`: organisations and their members, by the operator at the machine itself.

use auth::{Auth, Client, MemberQuery, TenantError};
use clap::{Args, Subcommand};
use wire::{AddMember, AddTenant, Cursor, Email, Member, Page, Paging, Tenant, TenantName};

use super::{Failure, Outcome, print, print_json};
use crate::compose;
use crate::config::Config;

/// How many are read at a time.
const ROWS: u32 = 200;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List tenants, the newest first
    #[command(
        after_help = "Examples:\n  gatehouse tenants list\n  gatehouse tenants list --search acme --json"
    )]
    List(List),
    /// Add a tenant; nobody belongs to it yet
    #[command(after_help = "Example:\n  gatehouse tenants create --name 'Acme Ltd'")]
    Create(Create),
    /// Give a tenant another name
    #[command(
        after_help = "Example:\n  gatehouse tenants rename --tenant 0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000 --name 'Acme International'"
    )]
    Rename(Rename),
    /// Delete a tenant, with its memberships, invitations and API keys; accounts stay
    #[command(
        after_help = "Example:\n  gatehouse tenants delete --tenant 0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000 --name 'Acme Ltd'"
    )]
    Delete(Rename),
    /// List the members of a tenant, the newest first
    #[command(
        after_help = "Example:\n  gatehouse tenants members --tenant 0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000 --json"
    )]
    Members(Members),
    /// Make an account that exists a member; its role holds in that tenant alone
    #[command(
        after_help = "Example:\n  gatehouse tenants add-member --tenant 0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000 --email ada@example.com --role viewer"
    )]
    AddMember(Add),
    /// End a membership; the account stays
    #[command(
        after_help = "Example:\n  gatehouse tenants remove-member --tenant 0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000 --email ada@example.com"
    )]
    RemoveMember(Remove),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those whose name holds this
    #[arg(long, default_value = "", hide_default_value = true)]
    search: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// Its name, up to 100 characters
    #[arg(long)]
    name: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Rename {
    /// The tenant's id
    #[arg(long, value_name = "ID")]
    tenant: String,
    /// The name: the new one, or to delete it, the one it has
    #[arg(long)]
    name: String,
}

#[derive(Debug, Args)]
pub(super) struct Members {
    /// The tenant's id
    #[arg(long, value_name = "ID")]
    tenant: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// The tenant's id
    #[arg(long, value_name = "ID")]
    tenant: String,
    /// The account's address
    #[arg(long)]
    email: String,
    /// What they shall be in the tenant
    #[arg(long)]
    role: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Remove {
    /// The tenant's id
    #[arg(long, value_name = "ID")]
    tenant: String,
    /// The account's address
    #[arg(long)]
    email: String,
}

pub(super) async fn run(command: Command, config: &Config) -> Outcome {
    let auth = compose::core(config).await.map_err(Failure::because)?;
    let done = match command {
        Command::List(wanted) => list(&auth, &wanted).await,
        Command::Create(wanted) => create(&auth, wanted).await,
        Command::Rename(wanted) => rename(&auth, wanted).await,
        Command::Delete(wanted) => delete(&auth, &wanted).await,
        Command::Members(wanted) => members(&auth, &wanted).await,
        Command::AddMember(wanted) => add_member(&auth, wanted).await,
        Command::RemoveMember(wanted) => remove_member(&auth, &wanted).await,
    };
    auth.close().await;
    done
}

async fn list(auth: &Auth, wanted: &List) -> Outcome {
    let (mut tenants, mut after) = (Vec::new(), None);
    loop {
        let page = auth.list_tenants(&wanted.search, &page(after)).await;
        let Page { items, next } = page.map_err(Failure::because)?;
        tenants.extend(items);
        match next {
            None => break,
            next => after = next,
        }
    }
    if wanted.json {
        return print_json(&serde_json::json!({ "tenants": tenants }));
    }
    let lines: Vec<_> = tenants.iter().map(line).collect();
    match lines.is_empty() {
        true => Ok(()),
        false => print(&lines.join("\n")),
    }
}

async fn create(auth: &Auth, wanted: Create) -> Outcome {
    let name = name(wanted.name)?;
    let added = auth.add_tenant(None, &name, &Client::operator()).await;
    let tenant = added.map_err(|error| in_words(&error))?;
    match wanted.json {
        true => print_json(&tenant),
        false => print(&line(&tenant)),
    }
}

async fn rename(auth: &Auth, wanted: Rename) -> Outcome {
    let (name, operator) = (name(wanted.name)?, Client::operator());
    let renamed = auth.rename_tenant(None, &wanted.tenant, &name, &operator);
    let one = renamed.await.map_err(|error| in_words(&error))?;
    print(&line(&one.tenant))
}

async fn delete(auth: &Auth, wanted: &Rename) -> Outcome {
    let operator = Client::operator();
    let deleted = auth.delete_tenant(None, &wanted.tenant, &wanted.name, &operator);
    deleted.await.map_err(|error| in_words(&error))?;
    print(&format!("{} is deleted. Accounts stay.", wanted.name))
}

fn name(text: String) -> Result<TenantName, Failure> {
    let request = AddTenant { name: text };
    request
        .check()
        .map_err(|_| Failure("A name has 1 to 100 characters, and none that deceive.".to_owned()))
}

async fn members(auth: &Auth, wanted: &Members) -> Outcome {
    let members = all_members(auth, &wanted.tenant, "").await?;
    if wanted.json {
        return print_json(&serde_json::json!({ "members": members }));
    }
    let line = |member: &Member| {
        let Member {
            user_id,
            email,
            role,
            status,
            ..
        } = member;
        format!("{user_id}  {status:<9}  {role:<12}  {email}")
    };
    match members.is_empty() {
        true => Ok(()),
        false => print(&members.iter().map(line).collect::<Vec<_>>().join("\n")),
    }
}

async fn add_member(auth: &Auth, wanted: Add) -> Outcome {
    let request = AddMember {
        email: wanted.email,
        role: wanted.role,
    };
    let (email, role) = request
        .check()
        .map_err(|_| Failure("Give an address like ada@example.com, and a role.".to_owned()))?;
    let operator = Client::operator();
    let added = auth
        .add_member(None, &wanted.tenant, &email, &role, &operator)
        .await;
    let one = added.map_err(|error| in_words(&error))?;
    match wanted.json {
        true => print_json(&one),
        false => print(&format!("{email} is a member, as {role}.")),
    }
}

async fn remove_member(auth: &Auth, wanted: &Remove) -> Outcome {
    let email = Email::parse(&wanted.email)
        .map_err(|_| Failure("Give an address like ada@example.com.".to_owned()))?;
    let found = all_members(auth, &wanted.tenant, email.as_str()).await?;
    let member = found.iter().find(|member| member.email == email.as_str());
    let member = member.ok_or_else(|| Failure(format!("{email} is no member of this tenant.")))?;
    let operator = Client::operator();
    auth.remove_member(None, &wanted.tenant, &member.user_id, &operator)
        .await
        .map_err(|error| in_words(&error))?;
    print(&format!("{email} is a member no more."))
}

/// Every member whose address or name holds `part`.
async fn all_members(auth: &Auth, tenant: &str, part: &str) -> Result<Vec<Member>, Failure> {
    let (mut members, mut after) = (Vec::new(), None);
    loop {
        let query = MemberQuery {
            status: None,
            part: part.to_owned(),
            paging: page(after),
        };
        let page = auth.list_members(None, tenant, &query).await;
        let Page { items, next } = page.map_err(|error| in_words(&error))?;
        members.extend(items);
        match next {
            None => return Ok(members),
            next => after = next,
        }
    }
}

fn page(after: Option<Cursor>) -> Paging {
    Paging { limit: ROWS, after }
}

fn line(tenant: &Tenant) -> String {
    format!("{}  {}", tenant.id, tenant.name)
}

/// What an operator can do about it.
fn in_words(error: &TenantError) -> Failure {
    Failure(match error {
        TenantError::Unknown => {
            "There is no such tenant: `gatehouse tenants list` shows them.".to_owned()
        }
        TenantError::Mismatch => "This is not its name: nothing is deleted.".to_owned(),
        TenantError::Taken => "Another tenant has this name.".to_owned(),
        TenantError::NoAccount => "No account that can sign in has this address.".to_owned(),
        TenantError::IsMember => "They are a member already.".to_owned(),
        TenantError::NoRole => "There is no such role.".to_owned(),
        other => other.to_string(),
    })
}
