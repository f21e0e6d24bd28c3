//! Variables people expect to work, and variables of older set-ups (`req 171–173`).
//!
//! The first kind is read silently. Each of the second kind found earns one sentence: it is read
//! as the setting that took its place, it is ignored and says why that is safe, or it stops the
//! start, because its owner believes it protects something and here it would not.

/// What becomes of a variable that is not named after a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// Read as this setting, without a word.
    Means(&'static str),
    /// Read as this setting after `Reading`; the sentence names what to write instead.
    BecameSetting(&'static str, Reading),
    /// Not read; the sentence says why nothing is lost.
    Ignored(&'static str),
    /// Stops the start; the sentence says what to do.
    Refused(&'static str),
}

/// How an old value becomes a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Addresses of browser apps, to exact origins.
    Origins,
    /// `15m`, `900`, `30d`, to seconds.
    Seconds,
}

use Fate::{BecameSetting, Ignored, Means, Refused};

const SECRET_OF_TOKENS: &str = "tokens are signed with keys Gatehouse makes itself and are verified through /.well-known/jwks.json; remove it";
const NO_SUPABASE: &str =
    "Gatehouse keeps accounts in its own database, set by database.url; remove it";
const NO_OTHER_SIGN_IN: &str = "signing in through another provider is not offered";
const OWN_LIMITS: &str = "limits are built in; limits.multiplier scales all of them";

/// Every such variable.
pub(super) const VARIABLES: &[(&str, Fate)] = &[
    ("DATABASE_URL", Means("database.url")),
    ("SMTP_HOST", Means("mail.smtp.host")),
    ("SMTP_PORT", Means("mail.smtp.port")),
    ("SMTP_USER", Means("mail.smtp.user")),
    ("SMTP_PASS", Means("mail.smtp.pass")),
    ("RESEND_API_KEY", Means("mail.resend.api_key")),
    (
        "CLIENT_URL",
        BecameSetting("server.allowed_origins", Reading::Origins),
    ),
    (
        "JWT_EXPIRES_IN",
        BecameSetting("tokens.access_seconds", Reading::Seconds),
    ),
    ("JWT_SECRET", Refused(SECRET_OF_TOKENS)),
    ("JWT_REFRESH_SECRET", Refused(SECRET_OF_TOKENS)),
    (
        "PASSWORD_SALT",
        Refused("every password has a salt of its own; remove it"),
    ),
    ("SUPABASE_URL", Refused(NO_SUPABASE)),
    ("SUPABASE_SERVICE_ROLE_KEY", Refused(NO_SUPABASE)),
    (
        "JWT_REFRESH_GRACE_SECONDS",
        Ignored("an expired token is never refreshed; a repeated refresh is answered for 30 s"),
    ),
    (
        "BCRYPT_ROUNDS",
        Ignored(
            "passwords are hashed with Argon2id; hash.memory_kib, hash.iterations and hash.lanes set its cost",
        ),
    ),
    (
        "REDIS_URL",
        Ignored("everything that must survive is in the database; no Redis is used"),
    ),
    ("RATE_LIMIT_WINDOW", Ignored(OWN_LIMITS)),
    ("RATE_LIMIT_MAX_REQUESTS", Ignored(OWN_LIMITS)),
    ("GOOGLE_CLIENT_ID", Ignored(NO_OTHER_SIGN_IN)),
    ("GOOGLE_CLIENT_SECRET", Ignored(NO_OTHER_SIGN_IN)),
    ("GITHUB_CLIENT_ID", Ignored(NO_OTHER_SIGN_IN)),
    ("GITHUB_CLIENT_SECRET", Ignored(NO_OTHER_SIGN_IN)),
    (
        "VITE_API_URL",
        Ignored("it is a browser app's; the portal's own address is server.public_url"),
    ),
    (
        "NODE_ENV",
        Ignored("development mode is never inferred; start it with --dev"),
    ),
    (
        "enforceHttpsInProduction",
        Ignored("outside development mode a public address without https is refused anyway"),
    ),
    (
        "regenerateSessionOnAuth",
        Ignored("every sign-in makes a new session anyway"),
    ),
];

impl Reading {
    /// The new value; `None` when the old one cannot be read so.
    pub(super) fn apply(self, old: &str) -> Option<String> {
        match self {
            Self::Origins => {
                let origins: Option<Vec<&str>> =
                    old.split(',').map(|url| origin_of(url.trim())).collect();
                origins.map(|origins| origins.join(","))
            }
            Self::Seconds => seconds(old.trim()).map(|seconds| seconds.to_string()),
        }
    }
}

/// `https://app.example/path` comes from the origin `https://app.example`.
fn origin_of(url: &str) -> Option<&str> {
    let host = url.find("://")? + 3;
    let end = url[host..]
        .find('/')
        .map_or(url.len(), |slash| host + slash);
    (end > host).then(|| &url[..end])
}

fn seconds(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    digits.trim().parse::<i64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_apps_address_becomes_its_origin() {
        assert_eq!(
            Reading::Origins
                .apply("http://localhost:5173/, https://app.example/a/b")
                .as_deref(),
            Some("http://localhost:5173,https://app.example")
        );
        assert_eq!(Reading::Origins.apply("app.example"), None);
        assert_eq!(Reading::Origins.apply("https:///"), None);
    }

    #[test]
    fn a_life_in_words_becomes_seconds() {
        for (old, new) in [
            ("900", "900"),
            ("15m", "900"),
            ("24h", "86400"),
            ("30d", "2592000"),
        ] {
            assert_eq!(Reading::Seconds.apply(old).as_deref(), Some(new));
        }
        for old in ["", "m", "15 minutes", "-", "99999999999999999999d"] {
            assert_eq!(Reading::Seconds.apply(old), None, "{old}");
        }
    }
}
