//! The core's flows as stories, told through its public methods alone, on both databases: time moves
//! when it is told to, chance is seeded, letters are kept. One file per flow; each name is a claim.

#[path = "support/both.rs"]
#[macro_use]
mod both;
#[path = "stories/console.rs"]
mod console;
#[path = "support/database.rs"]
mod database;
#[path = "stories/support.rs"]
mod support;

#[path = "stories/accept_invitation.rs"]
mod accept_invitation;
#[path = "stories/account_acts.rs"]
mod account_acts;
#[path = "stories/activity.rs"]
mod activity;
#[path = "stories/api_key.rs"]
mod api_key;
#[path = "stories/api_key_use.rs"]
mod api_key_use;
#[path = "stories/audit.rs"]
mod audit;
#[path = "stories/audit_log.rs"]
mod audit_log;
#[path = "stories/bulk.rs"]
mod bulk;
#[path = "stories/change_email.rs"]
mod change_email;
#[path = "stories/change_password.rs"]
mod change_password;
#[path = "stories/code.rs"]
mod code;
#[path = "stories/consent.rs"]
mod consent;
#[path = "stories/decide.rs"]
mod decide;
#[path = "stories/delete_account.rs"]
mod delete_account;
#[path = "stories/device.rs"]
mod device;
#[path = "stories/disable.rs"]
mod disable;
#[path = "stories/feed.rs"]
mod feed;
#[path = "stories/hijack.rs"]
mod hijack;
#[path = "stories/import.rs"]
mod import;
#[path = "stories/import_hash.rs"]
mod import_hash;
#[path = "stories/inspect_token.rs"]
mod inspect_token;
#[path = "stories/invitation.rs"]
mod invitation;
#[path = "stories/limit.rs"]
mod limit;
#[path = "stories/log_in.rs"]
mod log_in;
#[path = "stories/log_out.rs"]
mod log_out;
#[path = "stories/manage_user.rs"]
mod manage_user;
#[path = "stories/node.rs"]
mod node;
#[path = "stories/ordered_deletion.rs"]
mod ordered_deletion;
#[path = "stories/outbox.rs"]
mod outbox;
#[path = "stories/outbox_desk.rs"]
mod outbox_desk;
#[path = "stories/own_data.rs"]
mod own_data;
#[path = "stories/refresh.rs"]
mod refresh;
#[path = "stories/refused.rs"]
mod refused;
#[path = "stories/register.rs"]
mod register;
#[path = "stories/reset.rs"]
mod reset;
#[path = "stories/reset_attack.rs"]
mod reset_attack;
#[path = "stories/reset_code.rs"]
mod reset_code;
#[path = "stories/reset_letter.rs"]
mod reset_letter;
#[path = "stories/reuse.rs"]
mod reuse;
#[path = "stories/rights_property.rs"]
mod rights_property;
#[path = "stories/role.rs"]
mod role;
#[path = "stories/session.rs"]
mod session;
#[path = "stories/sessions.rs"]
mod sessions;
#[path = "stories/set_up.rs"]
mod set_up;
#[path = "stories/sign_in_code.rs"]
mod sign_in_code;
#[path = "stories/sign_in_limit.rs"]
mod sign_in_limit;
#[path = "stories/sign_in_link.rs"]
mod sign_in_link;
#[path = "stories/signing_key.rs"]
mod signing_key;
#[path = "stories/stats.rs"]
mod stats;
#[path = "stories/step_up.rs"]
mod step_up;
#[path = "stories/tenant.rs"]
mod tenant;
#[path = "stories/token.rs"]
mod token;
#[path = "stories/undo_email.rs"]
mod undo_email;
#[path = "stories/update_profile.rs"]
mod update_profile;
#[path = "stories/verify_email.rs"]
mod verify_email;
#[path = "stories/ws_ticket.rs"]
mod ws_ticket;
