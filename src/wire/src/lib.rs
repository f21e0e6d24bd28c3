//! What crosses the wire: requests as people and programs send them, views as they get them back,
//! error codes, and the small types both are made of.
//!
//! Compiles for the browser. Knows no IO, no clock, no randomness and no database. Whatever an
//! outsider can attack with a string — an address, a password, a return path — is a plain function
//! here, so that it can be tested, fuzzed and reused without a server (`design.md` principle 8).

mod account;
mod api_key;
mod audit;
mod bulk;
mod consent;
mod decision;
mod email;
mod error;
mod inspection;
mod invitation;
mod leaving;
mod managed_user;
mod name;
mod outbox;
mod paging;
mod password;
mod permission;
mod request;
mod return_path;
mod role;
mod secret;
mod session;
mod setting;
mod signing_key;
mod stats;
mod tenant;
mod user_list;
mod view;

pub use account::{
    Account, Change, ChangeEmail, ConfirmEmailChange, Device, Event, Events, ProfileChange,
    UndoEmailChange, UpdateProfile,
};
pub use api_key::{
    ApiKey, ApiKeyChange, ApiKeyStatus, ApiKeys, CreateApiKey, KeyMode, MadeApiKey, NewApiKey,
    OneApiKey, ReportLeak, RevokeApiKey, RotateApiKey, UpdateApiKey, api_key_checksum,
    api_key_mode, api_key_of,
};
pub use audit::{AuditEvent, AuditEvents, AuditFilters, AuditOutcome, AuditParty, OneAuditEvent};
pub use bulk::{ActOnUsers, Bulk, BulkAct, BulkResult, LeftOut, LeftOutUser, MOST_AT_ONCE};
pub use consent::{Consent, ConsentPurpose, ConsentStatus, Consents, GiveConsent};
pub use decision::{
    AddAssignment, Assignment, Assignments, AuthzCheck, AuthzChecks, Decision, DecisionReason,
    Decisions, MOST_CHECKS, Question, Resource,
};
pub use email::Email;
pub use error::{Error, ErrorCode, FieldCode, FieldError};
pub use inspection::{
    CheckOutcome, Finding, InspectToken, Inspection, TokenCheck, TokenMember, TokenReport,
};
pub use invitation::{
    AcceptInvitation, Acceptance, AddTenant, Invitation, InvitationAnswer, InvitationProblem,
    InvitationStatus, Invitations, Invite, InviteMany, InviteRefusal, InviteResult, InviteResults,
    MOST_INVITED, Offer, Tenant, Tenants,
};
pub use leaving::{
    AccountExport, DeleteAccount, ExportedAccount, ExportedApiKey, ExportedAssignment,
    ExportedConsent, ExportedEmailChange, ExportedEvent, ExportedGrant, ExportedImport,
    ExportedLetter, ExportedMembership, ExportedSession, UndoDeletion,
};
pub use managed_user::{
    DeleteUser, DisableUser, Disabling, ManagedUser, ManagedUsers, OneManagedUser, UserStatus,
};
pub use name::{KeyName, PersonName, TenantName, Username};
pub use outbox::{LetterStatus, Outbox, OutboxLetter};
pub use paging::{Cursor, Page, Paging};
pub use password::{Password, PasswordRule};
pub use permission::{Pattern, Permission};
pub use request::{
    AskWsTicket, Audience, ChangePassword, Credentials, Identifier, LogIn, LogOut, LogOutScope,
    NewAccount, Proof, RedeemWsTicket, Refresh, Register, RequestPasswordReset, ResendVerification,
    ResetPassword, SetUp, StepUp, Verify, VerifyEmail, Way,
};
pub use return_path::{SafeReturnTo, percent_encoded};
pub use role::{
    AddPermission, AddRole, Catalogue, CatalogueEntry, DeleteRole, DescribePermission, EditRole,
    EffectiveRight, GrantSet, HeldRight, Impact, MemberRights, OneRole, OneUserRights,
    PersonImpact, Preset, PresetRole, Presets, RightSource, Role, RoleDraft, RoleName, Roles,
    SetGrants, SetRole, UserRights,
};
pub use secret::Secret;
pub use session::{OpenSession, OpenSessions};
pub use setting::{Setting, SettingSource, Settings};
pub use signing_key::{SigningKey, SigningKeys};
pub use stats::{
    ActiveUsers, ApiKeyTotals, Finding as PostureFinding, OutboxState, SignInDay, Stats,
    UserTotals, Weight,
};
pub use tenant::{
    AddMember, DeleteTenant, EditMember, InviteMembers, Member, MemberChange, MemberStatus,
    Members, OneMember, OneTenant, OwnTenant, OwnTenants, RenameTenant, SwitchTenant,
};
pub use user_list::{UserCursor, UserSort, searched};
pub use view::{
    AccessToken, AuthResult, CodeSent, Me, RegistrationStarted, ResetRequested, SteppedUp, Success,
    TokenPair, User, WsTicket,
};
