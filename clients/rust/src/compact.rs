//! A JWS in compact form (RFC 7515, section 7.1), read but not believed: the signature is for a [`PublicKey`] to check.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::json::{self, Object};
use crate::public_key::PublicKey;

/// Longer than any token that fits into a request's headers.
pub(crate) const LONGEST_TOKEN: usize = 16 * 1024;

/// Its parts, decoded.
pub(crate) struct Compact<'a> {
    pub(crate) alg: String,
    pub(crate) kid: String,
    pub(crate) typ: String,
    /// Nothing in here is true before [`Compact::is_signed_by`] says so.
    pub(crate) payload: Object,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// `None` for whatever is not three canonical parts, with a header that names `alg`, `kid` and `typ` as text and demands
    /// nothing (`crit`, `b64`), and a payload that is a JSON object. Key material in the header (`jwk`, `jku`, `x5u`, `x5c`)
    /// is never looked at.
    pub(crate) fn read(text: &'a str, longest: usize) -> Option<Self> {
        if text.len() > longest {
            return None;
        }
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header = object_in(header)?;
        if header.contains_key("crit") || header.contains_key("b64") {
            return None;
        }
        let member = |name| json::text(header.get(name)).map(str::to_owned);
        Some(Self {
            alg: member("alg")?,
            kid: member("kid")?,
            typ: member("typ")?,
            payload: object_in(payload)?,
            signed,
            signature: bytes_of(signature)?,
        })
    }

    /// Whether the signature holds under this key, by the key's own algorithm: the header has to agree and is never asked.
    pub(crate) fn is_signed_by(&self, key: &PublicKey) -> bool {
        self.alg == key.algorithm().name() && key.verifies(self.signed.as_bytes(), &self.signature)
    }
}

fn object_in(part: &str) -> Option<Object> {
    json::object_of(&bytes_of(part)?)
}

/// base64url (RFC 4648, section 5) without padding, in its one canonical spelling: a second spelling of a token would be a
/// second token to a cache. A dot is no letter of it, so that a fourth part is no part of the third.
pub(crate) fn bytes_of(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(header: &str, payload: &str) -> String {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.AAAA", part(header), part(payload))
    }

    fn reads(text: &str) -> bool {
        Compact::read(text, LONGEST_TOKEN).is_some()
    }

    const HEADER: &str = r#"{"alg":"ES256","kid":"k","typ":"JWT"}"#;

    #[test]
    fn three_canonical_parts_are_read() {
        let good = text(HEADER, "{}");

        assert!(reads(&good));
        assert!(!reads(&format!("{good}=")));
        assert!(!reads(&format!("{good}.")));
        assert!(!reads(&format!("{good}.AAAA")));
        assert!(!reads(&format!(" {good}")));
        assert!(!reads(&good.replace("AAAA", "AB")));
        assert!(!reads(&good.replace("AAAA", "A+/A")));
        assert!(!reads(&good.replace(".AAAA", "")));
        assert!(!reads(&format!("{good}{}", "A".repeat(LONGEST_TOKEN))));
    }

    #[test]
    fn a_header_that_demands_or_lacks_something_is_refused() {
        for header in [
            r#"{"alg":"ES256","kid":"k","typ":"JWT","crit":["exp"]}"#,
            r#"{"alg":"ES256","kid":"k","typ":"JWT","b64":false}"#,
            r#"{"alg":"ES256","kid":"k"}"#,
            r#"{"alg":"ES256","typ":"JWT"}"#,
            r#"{"alg":"ES256","kid":["k"],"typ":"JWT"}"#,
            r#"{"alg":"ES256","kid":"","typ":"JWT"}"#,
            r#"{"alg":"none","alg":"ES256","kid":"k","typ":"JWT"}"#,
        ] {
            assert!(!reads(&text(header, "{}")), "{header}");
        }
        assert!(!reads(&text(HEADER, "[]")));
    }
}
