//! The JSON API: one file a flow, each a thin door to one act of the core.

mod accept_invitation;
mod account;
mod admin_keys;
mod api_keys;
mod assignments;
pub(crate) mod audit;
mod authz;
pub mod body;
mod change_email;
mod consents;
mod events;
mod flow_cookie;
mod inspect_token;
mod invitations;
mod invite;
mod known;
pub mod leaving;
mod log_in;
mod log_out;
mod managed_users;
mod me;
pub mod openapi;
mod operations;
mod outbox;
mod own_tenants;
mod password;
pub mod problem;
pub(crate) mod query;
mod refresh;
mod register;
mod request_reset;
mod resend_verification;
mod reset_password;
mod revocations;
mod roles;
mod sessions;
mod sign_in;
pub(crate) mod signing_keys;
mod stats;
mod step_up;
mod tenant_invitations;
mod tenant_keys;
mod tenant_members;
mod tenants;
mod token;
mod user_rights;
mod verify;
mod verify_email;
mod well_known;
mod ws_ticket;

use axum::Router;
use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Portal;

/// What answers at `/api/auth` and, the same, at `/auth`.
fn auth() -> OpenApiRouter<Portal> {
    OpenApiRouter::new()
        .routes(routes!(register::register))
        .routes(routes!(verify_email::verify_email))
        .routes(routes!(resend_verification::resend_verification))
        .routes(routes!(log_in::log_in))
        .routes(routes!(request_reset::request_password_reset))
        .routes(routes!(reset_password::reset_password))
        .routes(routes!(verify::verify))
        .routes(routes!(refresh::refresh))
        .routes(routes!(token::token))
        .routes(routes!(inspect_token::inspect_token))
        .routes(routes!(step_up::step_up))
        .routes(routes!(log_out::log_out))
        .routes(routes!(me::me))
        .routes(routes!(accept_invitation::accept_invitation))
        .routes(routes!(leaving::undo))
        .routes(routes!(ws_ticket::ask))
        .routes(routes!(ws_ticket::redeem))
}

/// What answers at `/api/admin`.
fn admin() -> OpenApiRouter<Portal> {
    OpenApiRouter::new()
        .routes(routes!(invite::invite))
        .routes(routes!(invite::invite_many))
        .routes(routes!(invitations::list))
        .routes(routes!(invitations::resend))
        .routes(routes!(invitations::revoke))
        .routes(routes!(tenants::list, tenants::add))
        .routes(routes!(tenants::one, tenants::rename, tenants::delete))
        .routes(routes!(tenant_members::list, tenant_members::add))
        .routes(routes!(
            tenant_members::one,
            tenant_members::change,
            tenant_members::remove
        ))
        .routes(routes!(tenant_members::preview))
        .routes(routes!(
            tenant_invitations::list,
            tenant_invitations::invite
        ))
        .routes(routes!(tenant_invitations::resend))
        .routes(routes!(tenant_invitations::revoke))
        .routes(routes!(signing_keys::list))
        .routes(routes!(signing_keys::rotate))
        .routes(routes!(signing_keys::revoke))
        .routes(routes!(admin_keys::list))
        .routes(routes!(admin_keys::revoke))
        .routes(routes!(managed_users::list))
        .routes(routes!(
            managed_users::one,
            managed_users::update,
            managed_users::delete
        ))
        .routes(routes!(managed_users::act_on_many))
        .routes(routes!(managed_users::sessions))
        .routes(routes!(managed_users::end_session))
        .routes(routes!(managed_users::sign_out))
        .routes(routes!(managed_users::disable))
        .routes(routes!(managed_users::enable))
        .routes(routes!(managed_users::unlock))
        .routes(routes!(managed_users::send_password_reset))
        .routes(routes!(managed_users::keep))
        .routes(routes!(stats::stats))
        .routes(routes!(stats::settings))
        .routes(routes!(audit::list))
        .routes(routes!(audit::export))
        .routes(routes!(audit::one))
        .routes(routes!(user_rights::grants, user_rights::set_grants))
        .routes(routes!(user_rights::preview))
        .routes(routes!(user_rights::set_role))
        .routes(routes!(assignments::list, assignments::add))
        .routes(routes!(assignments::remove))
        .routes(routes!(roles::list, roles::add))
        .routes(routes!(roles::one, roles::change, roles::delete))
        .routes(routes!(roles::preview))
        .routes(routes!(roles::preview_deletion))
        .routes(routes!(roles::presets))
        .routes(routes!(roles::load_preset))
        .routes(routes!(roles::permissions, roles::add_permission))
        .routes(routes!(
            roles::describe_permission,
            roles::delete_permission
        ))
}

/// What answers at `/api/keys`.
fn keys() -> OpenApiRouter<Portal> {
    OpenApiRouter::new()
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::exchange))
        .routes(routes!(api_keys::revoke_leaked))
        .routes(routes!(api_keys::one, api_keys::update, api_keys::revoke))
        .routes(routes!(api_keys::rotate))
        .routes(routes!(api_keys::confirm))
        .routes(routes!(api_keys::take_over))
}

/// What is documented.
fn documented() -> OpenApiRouter<Portal> {
    OpenApiRouter::with_openapi(openapi::base())
        .nest("/api/auth", auth())
        .routes(routes!(outbox::list))
        .routes(routes!(outbox::retry))
        .routes(routes!(outbox::test))
        .nest("/api/admin", admin())
        .routes(routes!(authz::check))
        .nest("/api/keys", keys())
        .routes(routes!(tenant_keys::list, tenant_keys::create))
        .routes(routes!(password::change_password))
        .routes(routes!(account::account, account::update_profile))
        .routes(routes!(
            change_email::change_email,
            change_email::cancel_email_change
        ))
        .routes(routes!(change_email::confirm_email_change))
        .routes(routes!(change_email::undo_email_change))
        .routes(routes!(events::events))
        .routes(routes!(events::disown))
        .routes(routes!(sessions::list, sessions::end_others))
        .routes(routes!(sessions::end))
        .routes(routes!(own_tenants::list))
        .routes(routes!(own_tenants::switch))
        .routes(routes!(own_tenants::leave))
        .routes(routes!(consents::list))
        .routes(routes!(consents::give, consents::withdraw))
        .routes(routes!(consents::of_user))
        .routes(routes!(leaving::export))
        .routes(routes!(leaving::delete_account))
        .routes(routes!(operations::status))
        .routes(routes!(operations::healthz))
        .routes(routes!(operations::readyz))
        .routes(routes!(well_known::jwks))
        .routes(routes!(revocations::revocations))
        .routes(routes!(revocations::stream))
        .routes(routes!(revocations::keys))
        .routes(routes!(well_known::openid_configuration))
}

/// All routes of the API, and the redirects and files that belong to it.
pub fn router(portal: &Portal) -> Router {
    let (documented, _) = documented().split_for_parts();
    let (older, _) = auth().split_for_parts();
    documented
        .nest("/auth", older)
        .route("/auth/login", get(well_known::to_login))
        .route("/auth/register", get(well_known::to_register))
        .route(
            "/auth/accept-invitation",
            get(well_known::to_accept_invitation),
        )
        .route("/auth/reset-password", get(well_known::to_reset_password))
        .route("/auth/logout", get(well_known::to_logout))
        .route(
            "/.well-known/change-password",
            get(well_known::change_password),
        )
        .route("/.well-known/security.txt", get(well_known::security_txt))
        .with_state(portal.clone())
        .merge(openapi::router(portal))
}
