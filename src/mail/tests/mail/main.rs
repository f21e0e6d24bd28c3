//! The mailer from outside: letters as they read, and each transport against a server that
//! answers what the test wants.

mod email_change;
mod letters;
mod mailbox;
mod passwords;
mod resend;
mod smtp;
mod support;
mod tls;
