//! `/api/admin/assignments`: what is entrusted to whom (req 87).

use auth::{AssignmentQuery, Client};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use wire::{AddAssignment, Assignment, Assignments, FieldCode};

use super::body::{FromMembers, Read, Reader};
use super::known::known;
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;
use crate::credential::Caller;

/// Which of them.
pub(super) struct List(AssignmentQuery);

impl FromMembers for List {
    fn from_members(read: &mut Reader<'_>) -> Self {
        if read
            .optional_text("sort")
            .is_some_and(|sort| sort != "-assignedAt")
        {
            read.wrong("sort", FieldCode::Invalid);
        }
        let mut filter = |name| read.optional_text(name).unwrap_or_default();
        Self(AssignmentQuery {
            user_id: filter("userId"),
            tenant_id: filter("tenantId"),
            resource_type: filter("resourceType"),
            resource_id: filter("resourceId"),
            paging: read.paging(),
        })
    }
}

impl FromMembers for AddAssignment {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            user_id: read.text("userId"),
            tenant_id: read.optional_text("tenantId"),
            resource_type: read.text("resourceType"),
            resource_id: read.text("resourceId"),
        }
    }
}

/// List what is entrusted to whom, newest first.
///
/// All of it with `user:manage`; with `tenant:manage`, that of the tenant the caller acts in.
#[utoipa::path(
    get, path = "/assignments", tag = "admin",
    params(
        ("userId" = Option<String>, Query, description = "Of this account"),
        ("tenantId" = Option<String>, Query, description = "In this tenant"),
        ("resourceType" = Option<String>, Query, description = "Of this kind of thing"),
        ("resourceId" = Option<String>, Query, description = "Of this one"),
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Assignments),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: without `user:manage` and `tenant:manage`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    ReadQuery(List(query)): ReadQuery<List>,
) -> Result<Json<Assignments>, Problem> {
    let page = portal
        .auth
        .list_assignments(&caller.session, &query)
        .await?;
    Ok(Json(Assignments {
        next_cursor: page.next_cursor(),
        assignments: page.items,
    }))
}

/// Entrust a thing to somebody.
///
/// It gives no right; it opens those that hold for assigned resources alone. The caller lacks no right
/// the account has there.
#[utoipa::path(
    post, path = "/assignments", tag = "admin", request_body = AddAssignment,
    responses(
        (status = 201, description = "Entrusted", body = Assignment),
        (status = 400, description = "`invalid_request`: no such account, or no member of that tenant", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`: neither `user:manage` nor `tenant:manage` in that tenant, or the account has a right the caller lacks", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `resourceId`: it is so already; of `assignments`: so much is entrusted to them already", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn add(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    Read(request): Read<AddAssignment>,
) -> Result<(StatusCode, Json<Assignment>), Problem> {
    let resource = request.check()?;
    let tenant = request.tenant_id.as_deref();
    let (auth, session) = (&portal.auth, &caller.session);
    let added = auth.assign(session, &request.user_id, tenant, &resource, &client);
    Ok((StatusCode::CREATED, Json(added.await?)))
}

/// Take back what was entrusted to somebody.
#[utoipa::path(
    delete, path = "/assignments/{id}", tag = "admin",
    params(("id" = String, Path, description = "The assignment")),
    responses(
        (status = 204, description = "Taken back"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`, as for entrusting it", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn remove(
    State(portal): State<Portal>,
    Extension(caller): Extension<Caller>,
    Extension(client): Extension<Client>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let (auth, session) = (&portal.auth, &caller.session);
    auth.unassign(session, &known(id)?, &client).await?;
    Ok(StatusCode::NO_CONTENT)
}
