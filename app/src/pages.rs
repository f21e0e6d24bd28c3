//! The pages, one file each, and the two frames they stand in.

pub(crate) mod account;
pub(crate) mod error;
pub(crate) mod frame;
pub(crate) mod icon;
pub(crate) mod log_in;
pub(crate) mod log_out;
pub(crate) mod mailbox;
pub(crate) mod paths;
pub(crate) mod place;
pub(crate) mod register;
pub(crate) mod set_up;
pub(crate) mod sign_in_code;
pub(crate) mod step_up;
pub(crate) mod verify_email;
pub(crate) mod when;
