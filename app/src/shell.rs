//! The document around every page, and which page is where.

use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};
use wire::ErrorCode;

use crate::pages::accept_invitation::AcceptInvitationPage;
use crate::pages::account::AccountPage;
use crate::pages::activity::ActivityPage;
use crate::pages::all_keys::AllKeysPage;
use crate::pages::audit::{AuditEventPage, AuditLogPage};
use crate::pages::change_email::ChangeEmailPage;
use crate::pages::consent::ConsentPage;
use crate::pages::dashboard::DashboardPage;
use crate::pages::delete_account::DeleteAccountPage;
use crate::pages::error::Failed;
use crate::pages::event::EventPage;
use crate::pages::forgot_password::ForgotPasswordPage;
use crate::pages::inspect_token::InspectTokenPage;
use crate::pages::integrate::IntegratePage;
use crate::pages::invitations::InvitationsPage;
use crate::pages::keys::{KeyPage, KeysPage, NewKeyPage};
use crate::pages::leaked_key::LeakedKeyPage;
use crate::pages::log_in::LogInPage;
use crate::pages::log_out::LogOutPage;
use crate::pages::mailbox::{LetterPage, MailboxPage};
use crate::pages::outbox::OutboxPage;
use crate::pages::own_tenants::OwnTenantsPage;
use crate::pages::privacy::PrivacyPage;
use crate::pages::register::RegisterPage;
use crate::pages::reset_password::ResetPasswordPage;
use crate::pages::roles::{
    AddRolePage, DeleteRolePage, PermissionsPage, PresetsPage, PreviewRolePage,
    RemovePermissionPage, RolePage, RolesPage,
};
use crate::pages::security::SecurityPage;
use crate::pages::sessions::SessionsPage;
use crate::pages::set_up::SetUpPage;
use crate::pages::settings::SettingsPage;
use crate::pages::sign_in_code::SignInCodePage;
use crate::pages::signing_keys::{RevokeSigningKeyPage, RotateSigningKeysPage, SigningKeysPage};
use crate::pages::step_up::StepUpPage;
use crate::pages::tenant::{
    NewTenantKeyPage, PreviewMemberPage, TenantInvitationsPage, TenantKeyPage, TenantKeysPage,
    TenantMemberPage, TenantPage, TenantSettingsPage,
};
use crate::pages::tenants::TenantsPage;
use crate::pages::undo_deletion::UndoDeletionPage;
use crate::pages::undo_email::UndoEmailPage;
use crate::pages::user::UserPage;
use crate::pages::user_rights::PreviewRightsPage;
use crate::pages::users::UsersPage;
use crate::pages::users::act::ActOnUsersPage;
use crate::pages::verify_email::VerifyEmailPage;
use crate::server::Assets;
use crate::server::viewer;

/// The whole document. Every page is rendered before the first byte leaves (D15), so that it can
/// still set a status, a cookie or a redirect.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let assets = viewer::site().and_then(|site| site.assets);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="theme-color" content="#f8f9fa" media="(prefers-color-scheme: light)"/>
                <meta name="theme-color" content="#0d0f14" media="(prefers-color-scheme: dark)"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {assets.map(|assets| view! { <Files assets=(*assets).clone()/> })}
                <MetaTags/>
            </head>
            <body>
                <a class="skip" href="#main">"Skip to content"</a>
                <Router>
                    <FlatRoutes fallback=|| view! { <Failed code=ErrorCode::NotFound/> }>
                        <Route path=path!("/setup") view=SetUpPage ssr=SsrMode::Async/>
                        <Route path=path!("/login") view=LogInPage ssr=SsrMode::Async/>
                        <Route path=path!("/login/code") view=SignInCodePage ssr=SsrMode::Async/>
                        <Route path=path!("/logout") view=LogOutPage ssr=SsrMode::Async/>
                        <Route path=path!("/register") view=RegisterPage ssr=SsrMode::Async/>
                        <Route path=path!("/step-up") view=StepUpPage ssr=SsrMode::Async/>
                        <Route path=path!("/verify-email") view=VerifyEmailPage ssr=SsrMode::Async/>
                        <Route path=path!("/accept-invitation") view=AcceptInvitationPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/invitations") view=InvitationsPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/audit") view=AuditLogPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/audit/:id") view=AuditEventPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/users") view=UsersPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin") view=DashboardPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/settings") view=SettingsPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/users/act") view=ActOnUsersPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/users/:id") view=UserPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/tenants") view=TenantsPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/tenants/:id") view=TenantPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/tenants/:id/invitations") view=TenantInvitationsPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/tenants/:id/settings") view=TenantSettingsPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/tenants/:id/keys") view=TenantKeysPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/tenants/:id/keys/new") view=NewTenantKeyPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/tenants/:id/keys/:key") view=TenantKeyPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/tenants/:id/members/:user") view=TenantMemberPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/tenants/:id/members/:user/preview") view=PreviewMemberPage ssr=SsrMode::Async/>
                        <Route path=path!("/account/tenants") view=OwnTenantsPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/roles") view=RolesPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/roles/new") view=AddRolePage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/roles/:name") view=RolePage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/roles/:name/delete") view=DeleteRolePage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/roles/:name/preview") view=PreviewRolePage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/users/:id/roles/preview") view=PreviewRightsPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/presets") view=PresetsPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/permissions") view=PermissionsPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/permissions/:name/remove") view=RemovePermissionPage ssr=SsrMode::Async/>
                        <Route path=path!("/account/keys") view=KeysPage ssr=SsrMode::Async/>
                        <Route path=path!("/account/keys/new") view=NewKeyPage ssr=SsrMode::Async/>
                        <Route path=path!("/account/keys/:id") view=KeyPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/keys") view=AllKeysPage ssr=SsrMode::Async/>
                        <Route path=path!("/account/sessions") view=SessionsPage ssr=SsrMode::Async/>
                        <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/outbox") view=OutboxPage ssr=SsrMode::Async/>
                        <Route path=path!("/forgot-password") view=ForgotPasswordPage ssr=SsrMode::Async/>
                        <Route path=path!("/reset-password") view=ResetPasswordPage ssr=SsrMode::Async/>
                        <Route path=path!("/account/security") view=SecurityPage ssr=SsrMode::Async/>
                        <Route path=path!("/account/activity") view=ActivityPage ssr=SsrMode::Async/>
                        <Route path=path!("/account/activity/:id") view=EventPage ssr=SsrMode::Async/>
                        <Route path=path!("/change-email") view=ChangeEmailPage ssr=SsrMode::Async/>
                        <Route path=path!("/undo-email") view=UndoEmailPage ssr=SsrMode::Async/>
                        <Route path=path!("/account/privacy") view=PrivacyPage ssr=SsrMode::Async/>
                        <Route path=path!("/account/delete") view=DeleteAccountPage ssr=SsrMode::Async/>
                        <Route path=path!("/consent") view=ConsentPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/signing-keys") view=SigningKeysPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/signing-keys/rotate") view=RotateSigningKeysPage ssr=SsrMode::Async/>
                        <Route path=path!("/admin/signing-keys/:kid/revoke") view=RevokeSigningKeyPage ssr=SsrMode::Async/>
                        <Route path=path!("/integrate") view=IntegratePage ssr=SsrMode::Async/>
                        <Route path=path!("/integrate/token") view=InspectTokenPage ssr=SsrMode::Async/>
                        <Route path=path!("/leaked-key") view=LeakedKeyPage ssr=SsrMode::Async/>
                        <Route path=path!("/undo-deletion") view=UndoDeletionPage ssr=SsrMode::Async/>
                        <Route path=path!("/dev/mailbox") view=MailboxPage ssr=SsrMode::Async/>
                        <Route path=path!("/dev/mailbox/:id") view=LetterPage ssr=SsrMode::Async/>
                    </FlatRoutes>
                </Router>
            </body>
        </html>
    }
}

/// Style sheet and script. Not leptos' own tags: those write the nonce where a style sheet could
/// read it (`stack.md` 2.6).
#[component]
fn Files(assets: Assets) -> impl IntoView {
    let script = script(&assets);
    view! {
        <link rel="stylesheet" href=assets.css/>
        <link rel="modulepreload" href=assets.js/>
        <link rel="preload" href=assets.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <script type="module" nonce=use_nonce()>{script}</script>
    }
}

/// Wakes the islands one by one, then says so on the body. An island that fails stays plain HTML.
fn script(Assets { js, wasm, .. }: &Assets) -> String {
    format!(
        "import start, * as islands from {js:?};\n\
         await start({{ module_or_path: {wasm:?} }});\n\
         islands.hydrate();\n\
         for (const place of document.querySelectorAll('leptos-island')) islands[place.dataset.component]?.(place);\n\
         document.body.dataset.hydrated = '';"
    )
}
