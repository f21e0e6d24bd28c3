//! `/api/admin/audit`: reading the audit log, and taking it along.

use auth::{AuditExport, AuditQuery, Client, ExportLine, ExportPage, ExportedEvent};
use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Extension, Json};
use futures::stream::try_unfold;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use wire::{
    AuditEvents, AuditFilters, AuditOutcome, AuditParty, ErrorCode, FieldCode, OneAuditEvent,
};

use super::body::{FromMembers, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;
use crate::credential::Caller;
use crate::csv;

/// Which rows.
pub(crate) struct List(AuditQuery);

impl FromMembers for List {
    fn from_members(read: &mut Reader<'_>) -> Self {
        if read.optional_text("sort").is_some_and(|sort| sort != "-at") {
            read.wrong("sort", FieldCode::Invalid);
        }
        Self(filtered(read))
    }
}

/// Which rows, in which form.
pub(crate) struct Export {
    query: AuditQuery,
    format: Format,
}

impl FromMembers for Export {
    fn from_members(read: &mut Reader<'_>) -> Self {
        let written = read.text("format");
        let format = Format::parse(&written);
        if format.is_none() && !written.is_empty() {
            read.wrong("format", FieldCode::Invalid);
        }
        Self {
            query: filtered(read),
            format: format.unwrap_or(Format::Csv),
        }
    }
}

fn filtered(read: &mut Reader<'_>) -> AuditQuery {
    let filters = AuditFilters::read(|name| read.optional_text(name));
    let paging = read.paging();
    AuditQuery::read(&filters, paging).unwrap_or_else(|error| {
        for field in error.fields {
            read.wrong(&field.field, field.code);
        }
        AuditQuery::default()
    })
}

/// What a file of the log is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For a spreadsheet.
    Csv,
    /// For machines, and to be checked.
    Ndjson,
}

impl Format {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::Csv, Self::Ndjson]
            .into_iter()
            .find(|format| format.as_str() == text)
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// A page of an export in this form.
    pub(crate) fn write(self, page: &ExportPage) -> String {
        match self {
            Self::Ndjson => page.lines.iter().map(ExportLine::to_ndjson).collect(),
            Self::Csv => page.lines.iter().filter_map(csv_line).collect(),
        }
    }
}

const COLUMNS: [&str; 16] = [
    "seq",
    "at",
    "action",
    "outcome",
    "sentence",
    "actor",
    "actorId",
    "subject",
    "subjectId",
    "ip",
    "device",
    "agent",
    "requestId",
    "detail",
    "id",
    "hash",
];

/// The names of the columns in place of what is about the file; no line for what vouches for rows,
/// which a spreadsheet cannot check.
fn csv_line(line: &ExportLine) -> Option<String> {
    match line {
        ExportLine::Event(event) => Some(csv_row(event)),
        ExportLine::Other(record) => match record.as_ref() {
            auth::AuditExportRecord::Header { .. } => Some(csv::line(COLUMNS)),
            _ => None,
        },
    }
}

fn csv_row(ExportedEvent { event, .. }: &ExportedEvent) -> String {
    let id = |party: &Option<AuditParty>| party.as_ref().map_or("", |party| &party.id).to_owned();
    let email = |party: &Option<AuditParty>| {
        let email = party.as_ref().and_then(|party| party.email.clone());
        email.unwrap_or_default()
    };
    csv::line([
        event
            .seq
            .map(|seq| seq.to_string())
            .unwrap_or_default()
            .as_str(),
        &event.at,
        &event.action,
        event.outcome.as_str(),
        &event.sentence,
        &email(&event.actor),
        &id(&event.actor),
        &email(&event.subject),
        &id(&event.subject),
        &event.ip,
        &event.device.words(),
        &event.agent,
        &event.request_id,
        &event.detail.to_string(),
        &event.id,
        event.hash.as_deref().unwrap_or_default(),
    ])
}

/// Read the audit log.
///
/// Newest first. A page may be short though there is a next one: a search looks at a bounded number of
/// rows at a time, says in `searchedTo` how far back that was, and goes on from `nextCursor`.
#[utoipa::path(
    get, path = "/audit", tag = "admin",
    params(
        ("actor" = Option<String>, Query, description = "Who acted: an id, or the address of an account"),
        ("subject" = Option<String>, Query, description = "Whom or what it was done to: an id, or the address of an account"),
        ("action" = Option<String>, Query, description = "`user.disabled`, or all of a kind: `user.*`"),
        ("outcome" = Option<AuditOutcome>, Query, description = "How it ended"),
        ("ip" = Option<String>, Query, description = "From which address"),
        ("requestId" = Option<String>, Query, description = "In which request"),
        ("from" = Option<String>, Query, description = "Not before: a date, or a moment in RFC 3339"),
        ("to" = Option<String>, Query, description = "Not after: a date, which counts whole, or a moment"),
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = AuditEvents),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `audit:read`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    ReadQuery(List(query)): ReadQuery<List>,
) -> Result<Json<AuditEvents>, Problem> {
    let page = portal.auth.list_audit(&query).await?;
    Ok(Json(AuditEvents {
        next_cursor: page.next.as_ref().map(ToString::to_string),
        searched_to: page.searched_to,
        events: page.events,
    }))
}

/// One row of the audit log.
#[utoipa::path(
    get, path = "/audit/{id}", tag = "admin",
    params(("id" = String, Path, description = "The row")),
    responses(
        (status = 200, description = "The row", body = OneAuditEvent),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `audit:read`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn one(
    State(portal): State<Portal>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<OneAuditEvent>, Problem> {
    let event = portal.auth.audit_event(&known(id)?).await?;
    event
        .map(|event| Json(OneAuditEvent { event }))
        .ok_or_else(|| Problem(ErrorCode::NotFound.into()))
}

/// Take the audit log along.
///
/// As CSV for a spreadsheet, or as NDJSON, one object a line. NDJSON without filters is the whole chain
/// with what vouches for it: `gatehouse audit verify --export` checks it anywhere. That it was taken is
/// written into the log.
#[utoipa::path(
    get, path = "/audit/export", tag = "admin",
    params(
        ("format" = String, Query, description = "`csv` or `ndjson`"),
        ("actor" = Option<String>, Query, description = "As in the list"),
        ("subject" = Option<String>, Query, description = "As in the list"),
        ("action" = Option<String>, Query, description = "As in the list"),
        ("outcome" = Option<AuditOutcome>, Query, description = "As in the list"),
        ("ip" = Option<String>, Query, description = "As in the list"),
        ("requestId" = Option<String>, Query, description = "As in the list"),
        ("from" = Option<String>, Query, description = "As in the list"),
        ("to" = Option<String>, Query, description = "As in the list"),
    ),
    responses(
        (status = 200, description = "A file", body = String, content_type = "application/x-ndjson"),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `audit:read`, or with an API key", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 429, description = "`rate_limited`: thirty an hour", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn export(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    ReadQuery(wanted): ReadQuery<Export>,
) -> Result<Response, Problem> {
    file(&portal, &wanted, &caller.session, &client).await
}

/// A file of the log, for whoever may have it: that is the door's to know.
pub(crate) async fn file(
    portal: &Portal,
    wanted: &Export,
    session: &auth::Session,
    client: &Client,
) -> Result<Response, Problem> {
    let Export { query, format } = wanted;
    let export = portal
        .auth
        .begin_audit_export(query, format.as_str(), None, Some(session), client)
        .await
        .map_err(|refused| Problem(refused.into()))?;
    let day = auth::rfc3339(portal.auth.now());
    let day = day.split('T').next().unwrap_or_default();
    let name = format!("attachment; filename=\"audit-{day}.{}\"", format.as_str());
    Response::builder()
        .header(CONTENT_TYPE, format.media_type())
        .header(CONTENT_DISPOSITION, name)
        .header(CACHE_CONTROL, "no-store")
        .body(streamed(export, *format))
        .map_err(|_| Problem(ErrorCode::Internal.into()))
}

/// A page at a time, when its reader is ready for it. A fault ends the answer in the middle, so that
/// nobody takes half a log for the whole.
fn streamed(export: AuditExport, format: Format) -> Body {
    Body::from_stream(try_unfold(export, move |mut export| async move {
        let page = export.next().await.inspect_err(
            |fault| tracing::error!(error = %fault, "an export of the audit log broke off"),
        )?;
        Ok::<_, auth::Fault>(page.map(|page| (format.write(&page), export)))
    }))
}
