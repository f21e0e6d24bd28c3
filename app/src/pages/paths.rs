//! Where pages are.

use wire::SafeReturnTo;

pub(crate) const ACCOUNT: &str = "/account";
pub(crate) const ACTIVITY: &str = "/account/activity";
pub(crate) const INVITATIONS: &str = "/admin/invitations";
pub(crate) const LOG_IN: &str = "/login";
pub(crate) const LOG_OUT: &str = "/logout";
pub(crate) const MAILBOX: &str = "/dev/mailbox";
pub(crate) const OUTBOX: &str = "/admin/outbox";
pub(crate) const PRIVACY: &str = "/account/privacy";
pub(crate) const FORGOT_PASSWORD: &str = "/forgot-password";
pub(crate) const REGISTER: &str = "/register";
pub(crate) const SECURITY: &str = "/account/security";
pub(crate) const SET_UP: &str = "/setup";
pub(crate) const STEP_UP: &str = "/step-up";
pub(crate) const SIGN_IN_CODE: &str = "/login/code";
pub(crate) const VERIFY_EMAIL: &str = "/verify-email";

/// The sign-in page, on the way to somewhere.
pub(crate) fn log_in(next: &SafeReturnTo) -> String {
    on_the_way(LOG_IN, next)
}

/// The same for registering.
pub(crate) fn register(next: &SafeReturnTo) -> String {
    on_the_way(REGISTER, next)
}

/// Confirming that it is them, on the way to somewhere.
pub(crate) fn step_up(next: &SafeReturnTo) -> String {
    on_the_way(STEP_UP, next)
}

/// The same for entering a mailed code.
pub(crate) fn sign_in_code(next: &SafeReturnTo) -> String {
    on_the_way(SIGN_IN_CODE, next)
}

fn on_the_way(page: &str, next: &SafeReturnTo) -> String {
    if next.is_home() {
        return page.to_owned();
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    let encode = |b: u8| {
        if plain(b) {
            char::from(b).to_string()
        } else {
            format!("%{b:02X}")
        }
    };
    let next: String = next.as_str().bytes().map(encode).collect();
    format!("{page}?next={next}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_home_needs_no_words() {
        assert_eq!(log_in(&SafeReturnTo::default()), "/login");
        assert_eq!(
            log_in(&SafeReturnTo::parse("/account?a=b&c=d")),
            "/login?next=/account%3Fa%3Db%26c%3Dd"
        );
    }
}
