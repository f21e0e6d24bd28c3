//! `/api/admin/tenants`.

use auth::Client;
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use wire::{AddTenant, FieldCode, Paging, Tenant, Tenants};

use super::body::{FromMembers, Read, Reader};
use super::problem::{Problem, ProblemDetails};
use super::query::ReadQuery;
use crate::Portal;
use crate::credential::Caller;

impl FromMembers for AddTenant {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            name: read.text("name"),
        }
    }
}

/// Which page.
pub(super) struct List(Paging);

impl FromMembers for List {
    fn from_members(read: &mut Reader<'_>) -> Self {
        if read
            .optional_text("sort")
            .is_some_and(|sort| sort != "-createdAt")
        {
            read.wrong("sort", FieldCode::Invalid);
        }
        Self(read.paging())
    }
}

/// List tenants.
///
/// Newest first.
#[utoipa::path(
    get, path = "/tenants", tag = "admin", security(("session" = []), ("bearer" = [])),
    params(
        ("limit" = Option<u32>, Query, description = "At most so many: 50, and never more than 200"),
        ("cursor" = Option<String>, Query, description = "`nextCursor` of the page before"),
    ),
    responses(
        (status = 200, description = "A page", body = Tenants),
        (status = 400, description = "`invalid_request`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(
    State(portal): State<Portal>,
    ReadQuery(List(paging)): ReadQuery<List>,
) -> Result<Json<Tenants>, Problem> {
    let page = portal.auth.list_tenants(&paging).await?;
    Ok(Json(Tenants {
        next_cursor: page.next_cursor(),
        tenants: page.items,
    }))
}

/// Add a tenant.
///
/// Nobody belongs to it yet: invite people into it.
#[utoipa::path(
    post, path = "/tenants", tag = "admin", request_body = AddTenant, security(("session" = []), ("bearer" = [])),
    responses(
        (status = 201, description = "Added", body = Tenant),
        (status = 400, description = "`invalid_request`, `invalid_json`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 401, description = "`authentication_required`, `step_up_required`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 403, description = "`insufficient_permissions`", body = ProblemDetails, content_type = "application/problem+json"),
        (status = 409, description = "`conflict` of `name`", body = ProblemDetails, content_type = "application/problem+json"),
    )
)]
pub(super) async fn add(
    State(portal): State<Portal>,
    Extension(client): Extension<Client>,
    Extension(caller): Extension<Caller>,
    Read(request): Read<AddTenant>,
) -> Result<(StatusCode, Json<Tenant>), Problem> {
    let name = request.check()?;
    let tenant = portal
        .auth
        .add_tenant(&caller.session, &name, &client)
        .await?;
    Ok((StatusCode::CREATED, Json(tenant)))
}
