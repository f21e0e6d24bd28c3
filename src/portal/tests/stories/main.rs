//! The portal as its users meet it: stories over HTTP, each told on SQLite and on PostgreSQL.

mod account;
mod activity;
mod bad_bodies;
mod browser_door;
mod change_email;
mod credentials;
mod discovery;
mod hostile_input;
mod invitations;
mod log_in;
mod log_out;
mod mail_faults;
mod outbox;
mod password_policy;
mod pre_hijacking;
mod privacy;
mod protection;
mod recover;
mod refresh;
mod register;
mod sign_in_code;
mod sign_in_page;
mod step_up;
mod support;
mod verify_email;
