//! Getting back in, in few words.

use auth::{
    ChangePassword, ChangePasswordError, CookieToken, Letter, LetterKind, RequestResetError,
    ResetPassword, ResetPasswordError, Session, WithCode,
};
use wire::{Password, Proof, Secret};

use super::House;
use super::words::email;

/// The token in a reset letter's link.
pub(crate) fn reset_token(letter: &Letter) -> Secret {
    let LetterKind::ResetPassword { link, .. } = &letter.kind else {
        panic!("no reset letter: {letter:?}");
    };
    let (page, token) = link.reveal().split_once("?token=").expect("a link");
    assert_eq!(page, "http://localhost:3000/reset-password");
    Secret::new(token)
}

/// The code in a reset letter.
pub(crate) fn reset_code(letter: &Letter) -> Secret {
    match &letter.kind {
        LetterKind::ResetPassword {
            code: Some(code), ..
        } => code.clone(),
        other => panic!("no code in {other:?}"),
    }
}

pub(crate) fn with_token(token: &Secret, password: &str) -> ResetPassword {
    ResetPassword {
        proof: Proof::Token(token.clone()),
        flow: None,
        password: Password::claimed(password),
    }
}

pub(crate) fn with_code(code: &Secret, flow: &Secret, password: &str) -> ResetPassword {
    ResetPassword {
        proof: Proof::Code(code.clone()),
        flow: Some(flow.clone()),
        password: Password::claimed(password),
    }
}

impl House {
    /// Asks for a reset on a page. The flow's secret.
    pub(crate) async fn forget(&self, address: &str) -> Result<Secret, RequestResetError> {
        let client = self.somewhere();
        let flow = self
            .auth
            .request_password_reset(email(address), WithCode::Yes, &client)
            .await?;
        Ok(flow.expect("one was wanted"))
    }

    /// Asks for a reset and reads the letter.
    pub(crate) async fn reset_letter(&self, address: &str) -> (Secret, Letter) {
        let flow = self.forget(address).await.expect("is taken on");
        (flow, self.letter().await)
    }

    /// Ends a reset, from a network of its own.
    pub(crate) async fn reset(&self, request: ResetPassword) -> Result<(), ResetPasswordError> {
        let client = self.somewhere();
        self.auth.reset_password(request, &client).await
    }

    /// Changes the password, from a network of its own.
    pub(crate) async fn change(
        &self,
        session: &Session,
        current: &str,
        new: &str,
    ) -> Result<Option<CookieToken>, ChangePasswordError> {
        let change = ChangePassword {
            current: Password::claimed(current),
            new: Password::claimed(new),
            ends_others: true,
        };
        let client = self.somewhere();
        self.auth.change_password(session, change, &client).await
    }

    /// Whether a link still leads anywhere.
    pub(crate) async fn leads_on(&self, token: &Secret) -> bool {
        self.auth.reset_link(token).await.expect("reads").is_some()
    }
}
