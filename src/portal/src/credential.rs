//! The credential of a request: one kind, read strictly, never a second try with another (D22).

use std::sync::Arc;

use auth::{ApiKeyRefused, Auth, Client, CookieToken, Quota, Session};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, header};
use wire::{Audience, Error, ErrorCode, Secret};

use crate::access::Kinds;

const API_KEY: &str = "x-api-key";

/// Who sent a request, and how they showed it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Their session.
    pub session: Arc<Session>,
    /// The kind of credential.
    pub kind: Kinds,
    /// What is left of an API key's hour, where one is behind it.
    pub quota: Option<Quota>,
}

/// Why a credential is not taken.
#[derive(Debug)]
pub struct Refused {
    /// What the world learns.
    pub error: Error,
    /// What is left of an API key's hour, where that is why.
    pub quota: Option<Quota>,
}

impl<E: Into<Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        let (error, quota) = (error.into(), None);
        Self { error, quota }
    }
}

/// What a request shows. A thing of the right kind that does not read is still that kind, so that
/// it is refused and not overlooked.
#[derive(Debug, PartialEq, Eq)]
pub enum Presented {
    /// Nothing.
    Nothing,
    /// `Authorization: Bearer …`; `None` when it does not read as that.
    Bearer(Option<Secret>),
    /// `X-API-Key`; `None` when it is there twice or is no text.
    ApiKey(Option<Secret>),
    /// The session cookie; `None` when it does not read as one of ours.
    Cookie(Option<CookieToken>),
}

/// Reads what a request shows.
///
/// # Errors
/// `multiple_credentials` for two kinds, and for the session cookie twice: a second one was put
/// there by a neighbouring host (security.md 3.1, cookie tossing).
pub fn presented(headers: &HeaderMap, cookie_name: &str) -> Result<Presented, ErrorCode> {
    let cookies = cookies(headers, cookie_name);
    let bearer = headers.contains_key(header::AUTHORIZATION);
    let api_key = headers.contains_key(API_KEY);
    match (bearer, api_key, cookies.as_slice()) {
        (false, false, []) => Ok(Presented::Nothing),
        (true, false, []) => Ok(Presented::Bearer(bearer_token(headers))),
        (false, true, []) => Ok(Presented::ApiKey(key_in(headers))),
        (false, false, [one]) => Ok(Presented::Cookie(cookie_token(one))),
        _ => Err(ErrorCode::MultipleCredentials),
    }
}

/// The session cookie alone, as pages read it: whatever is doubtful is nobody.
pub fn page_cookie(headers: &HeaderMap, cookie_name: &str) -> Option<CookieToken> {
    match cookies(headers, cookie_name).as_slice() {
        [one] => cookie_token(one),
        _ => None,
    }
}

/// The values of a cookie, in the order they came.
pub fn cookies<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(|(known, _)| *known == name)
        .map(|(_, value)| value)
        .collect()
}

/// 22 characters of base64url: the 16 bytes of tower-sessions' id.
fn cookie_token(value: &str) -> Option<CookieToken> {
    let bytes = (value.len() == 22)
        .then(|| URL_SAFE_NO_PAD.decode(value).ok())
        .flatten()?;
    bytes.try_into().ok().map(CookieToken)
}

/// RFC 6750 2.1: one header, `Bearer`, one space, a token.
fn bearer_token(headers: &HeaderMap) -> Option<Secret> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    let (scheme, token) = line.to_str().ok()?.split_once(' ')?;
    let is_token = !token.is_empty()
        && token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b));
    (scheme.eq_ignore_ascii_case("bearer") && is_token && token.len() <= 8192)
        .then(|| Secret::new(token))
}

/// One header. Whether what it says is a key, the core judges.
fn key_in(headers: &HeaderMap) -> Option<Secret> {
    let mut lines = headers.get_all(API_KEY).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return None;
    };
    line.to_str().ok().map(Secret::new)
}

/// The caller behind what was shown; `None` behind nothing.
///
/// # Errors
/// 401 with the kind's own code for a credential that is wrong, 503 when nobody can tell.
pub async fn resolve(
    auth: &Auth,
    presented: Presented,
    client: &Client,
) -> Result<Option<Caller>, Refused> {
    match presented {
        Presented::Nothing => Ok(None),
        Presented::ApiKey(None) => Err(ErrorCode::InvalidApiKey.into()),
        Presented::ApiKey(Some(key)) => {
            let used = auth.use_api_key(&key, client).await.map_err(refused)?;
            Ok(Some(Caller {
                session: used.session,
                kind: Kinds::API_KEY,
                quota: Some(used.quota),
            }))
        }
        Presented::Bearer(None) => Err(ErrorCode::InvalidToken.into()),
        Presented::Bearer(Some(token)) => {
            let session = auth.session_by_access_token(&token).await?;
            let quota = auth
                .count_key_token(&session, client)
                .await
                .map_err(refused)?;
            let kind = match (quota, session.audience) {
                (Some(_), _) => Kinds::KEY_TOKEN,
                (None, Some(Audience::Services)) => Kinds::SERVICES,
                (None, _) => Kinds::BEARER,
            };
            Ok(Some(Caller {
                session,
                kind,
                quota,
            }))
        }
        Presented::Cookie(None) => Err(ErrorCode::AuthenticationRequired.into()),
        Presented::Cookie(Some(cookie)) => {
            let session = auth.session_by_cookie(&cookie, client).await?;
            let session = session.ok_or(ErrorCode::AuthenticationRequired)?;
            Ok(Some(Caller {
                session,
                kind: Kinds::COOKIE,
                quota: None,
            }))
        }
    }
}

/// The log learns why a key opens nothing, the world that it does.
fn refused(reason: ApiKeyRefused) -> Refused {
    let quota = reason.quota();
    match &reason {
        ApiKeyRefused::Fault(fault) => tracing::error!(%fault, "an API key was not judged"),
        reason => tracing::info!(%reason, "an API key is refused"),
    }
    let error = reason.into();
    Refused { error, quota }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "gatehouse";
    const COOKIE: &str = "gatehouse=AAAAAAAAAAAAAAAAAAAAAA";

    fn shown(headers: &[(&'static str, &str)]) -> Result<Presented, ErrorCode> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().expect("a value"));
        }
        presented(&map, NAME)
    }

    #[test]
    fn each_kind_is_known() {
        assert_eq!(shown(&[]), Ok(Presented::Nothing));
        assert_eq!(
            shown(&[("authorization", "Bearer a.b.c")]),
            Ok(Presented::Bearer(Some(Secret::new("a.b.c"))))
        );
        assert_eq!(
            shown(&[("x-api-key", "wks_live_x")]),
            Ok(Presented::ApiKey(Some(Secret::new("wks_live_x"))))
        );
        assert_eq!(
            shown(&[("x-api-key", "a"), ("x-api-key", "a")]),
            Ok(Presented::ApiKey(None)),
            "twice is not once"
        );
        assert_eq!(
            shown(&[("cookie", COOKIE)]),
            Ok(Presented::Cookie(Some(CookieToken([0; 16]))))
        );
    }

    #[test]
    fn two_kinds_are_refused_valid_or_not() {
        let kinds = [
            ("authorization", "nonsense"),
            ("x-api-key", ""),
            ("cookie", "gatehouse=x"),
        ];
        for (at, one) in kinds.iter().enumerate() {
            for other in &kinds[at + 1..] {
                assert_eq!(
                    shown(&[*one, *other]),
                    Err(ErrorCode::MultipleCredentials),
                    "{one:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn a_cookie_of_ours_twice_is_refused_wherever_it_stands() {
        assert_eq!(
            shown(&[("cookie", "gatehouse=a; x=1; gatehouse=b")]),
            Err(ErrorCode::MultipleCredentials)
        );
        assert_eq!(
            shown(&[("cookie", COOKIE), ("cookie", COOKIE)]),
            Err(ErrorCode::MultipleCredentials)
        );
    }

    #[test]
    fn a_cookie_of_another_name_is_not_ours() {
        for cookie in [
            "Gatehouse=x",
            "gatehouse-flow=x",
            "__Host-gatehouse=x",
            "xgatehouse=x",
            "gatehouse",
        ] {
            assert_eq!(
                shown(&[("cookie", cookie)]),
                Ok(Presented::Nothing),
                "{cookie}"
            );
        }
    }

    #[test]
    fn what_is_no_cookie_of_ours_is_nobodys() {
        for value in [
            "",
            "x",
            "AAAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAB",
            "AAAAAAAAAAAAAAAAAAAA==",
            "AAAAAAAAAAAAAAAAAAAA+A",
        ] {
            assert_eq!(
                shown(&[("cookie", &format!("gatehouse={value}"))]),
                Ok(Presented::Cookie(None)),
                "{value}"
            );
        }
    }

    #[test]
    fn bearer_is_read_strictly() {
        let long = format!("Bearer {}", "a".repeat(9000));
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer  a",
            "Bearer a b",
            "Basic a",
            "Bearera",
            "a",
            "Bearer a,b",
            &long,
        ] {
            assert_eq!(
                shown(&[("authorization", value)]),
                Ok(Presented::Bearer(None)),
                "{value:?}"
            );
        }
        assert_eq!(
            shown(&[("authorization", "Bearer a"), ("authorization", "Bearer b")]),
            Ok(Presented::Bearer(None))
        );
        assert_eq!(
            shown(&[("authorization", "bearer a")]),
            Ok(Presented::Bearer(Some(Secret::new("a"))))
        );
    }
}
