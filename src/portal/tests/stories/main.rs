//! The portal as its users meet it: stories over HTTP, each told on SQLite and on PostgreSQL.

mod account;
mod activity;
mod bad_bodies;
mod browser_door;
mod change_email;
mod credentials;
mod discovery;
mod hostile_input;
mod log_in;
mod log_out;
mod pre_hijacking;
mod protection;
mod recover;
mod refresh;
mod register;
mod step_up;
mod support;
mod verify_email;
