//! Requests in few words, and what is read out of answers and letters.

use auth::{Client, CookieToken, Letter, LetterKind, LogInByCode, SignIn, Tokens, VerifyEmail};
use wire::{
    Credentials, Email, ErrorCode, Identifier, NewAccount, Password, Proof, Secret, Username,
};

use super::PASSWORD;

/// A caller at an address.
pub(crate) fn at(address: &str) -> Client {
    Client::new(address.parse().expect("an address"), "Firefox", "request")
}

/// The same caller with another program.
pub(crate) fn with_agent(client: &Client, agent: &str) -> Client {
    Client::new(client.address, agent, "request")
}

pub(crate) fn email(text: &str) -> Email {
    Email::parse(text).expect("an address")
}

/// An account somebody wants, with the usual password.
pub(crate) fn account(address: &str) -> NewAccount {
    NewAccount {
        email: email(address),
        password: Password::claimed(PASSWORD),
        username: None,
        first_name: None,
        last_name: None,
    }
}

/// The same with a username.
pub(crate) fn account_named(address: &str, username: &str) -> NewAccount {
    NewAccount {
        username: Some(Username::parse(username).expect("a username")),
        ..account(address)
    }
}

pub(crate) fn credentials(address: &str, password: &str) -> Credentials {
    Credentials {
        identifier: Identifier::Email(email(address)),
        password: Password::claimed(password),
    }
}

/// The code in a letter.
pub(crate) fn code_of(letter: &Letter) -> Secret {
    match &letter.kind {
        LetterKind::VerifyEmail { code, .. } | LetterKind::SignInCode { code, .. } => code.clone(),
        other => panic!("no code in {other:?}"),
    }
}

/// The token in a letter's link.
pub(crate) fn token_of(letter: &Letter) -> Secret {
    let (link, path) = match &letter.kind {
        LetterKind::VerifyEmail { link, .. } => (link, "/verify-email"),
        LetterKind::SignInCode { link, .. } => (link, "/login/code"),
        other => panic!("no link in {other:?}"),
    };
    let (page, token) = link.reveal().split_once("?token=").expect("a link");
    assert_eq!(page, format!("http://localhost:3000{path}"));
    Secret::new(token)
}

/// A code that is not the one.
pub(crate) fn wrong(code: &Secret) -> Secret {
    Secret::new(if code.reveal() == "000000" {
        "000001"
    } else {
        "000000"
    })
}

pub(crate) fn by_code(code: &Secret, flow: Option<&Secret>) -> VerifyEmail {
    VerifyEmail {
        proof: Proof::Code(code.clone()),
        flow: flow.cloned(),
        password: None,
    }
}

pub(crate) fn by_link(
    token: &Secret,
    flow: Option<&Secret>,
    password: Option<&str>,
) -> VerifyEmail {
    VerifyEmail {
        proof: Proof::Token(token.clone()),
        flow: flow.cloned(),
        password: password.map(Secret::new),
    }
}

/// A sign-in by code, in a flow.
pub(crate) fn sign_in_by(code: &Secret, flow: Option<&Secret>) -> LogInByCode {
    LogInByCode {
        code: Some(code.clone()),
        flow: flow.cloned(),
        ..LogInByCode::default()
    }
}

/// A sign-in by link, with or without its flow and its code.
pub(crate) fn sign_in_at(
    token: &Secret,
    flow: Option<&Secret>,
    code: Option<&Secret>,
) -> LogInByCode {
    LogInByCode {
        token: Some(token.clone()),
        code: code.cloned(),
        flow: flow.cloned(),
        ..LogInByCode::default()
    }
}

/// The code the world learns.
pub(crate) fn code<T, E: Into<wire::Error>>(answer: Result<T, E>) -> ErrorCode {
    match answer {
        Ok(_) => panic!("was to be refused"),
        Err(error) => error.into().code,
    }
}

/// The tokens of a sign-in that asked for them: access and refresh.
pub(crate) fn tokens(signed_in: SignIn) -> (Secret, Secret) {
    let Tokens { access, refresh } = signed_in.tokens.expect("tokens were asked for");
    (access.access_token, refresh.expect("a refresh token"))
}

/// The cookie of a sign-in that asked for one.
pub(crate) fn cookie(signed_in: &SignIn) -> CookieToken {
    signed_in.cookie.expect("a cookie was asked for")
}
