//! The portal as its users meet it: stories over HTTP, each told on SQLite and on PostgreSQL.

mod bad_bodies;
mod browser_door;
mod credentials;
mod discovery;
mod hostile_input;
mod log_in;
mod log_out;
mod password_policy;
mod pre_hijacking;
mod protection;
mod refresh;
mod register;
mod step_up;
mod support;
mod verify_email;
