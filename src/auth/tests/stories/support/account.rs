//! A person and their own account, in few words.

use std::sync::Arc;

use auth::{
    Auth, ChangeEmailError, Client, ConfirmEmailError, Hand, Letter, LetterKind, ManageUserError,
    Session, SignIn, TakenBack, UndoEmailError, Want,
};
use wire::{Disabling, Email, Event, Paging, Proof, Secret, User};

use super::words::{cookie, email};
use super::{House, PASSWORD};

/// The token of a link to this page.
fn token_in(link: &Secret, page: &str) -> Secret {
    let (before, token) = link.reveal().split_once("?token=").expect("a link");
    assert_eq!(before, format!("http://localhost:3000{page}"));
    Secret::new(token)
}

/// What the letter to a new address proves it with: token and code.
pub(crate) fn proof_of(letter: &Letter) -> (Secret, Secret) {
    match &letter.kind {
        LetterKind::ConfirmNewEmail { link, code } => {
            (token_in(link, "/change-email"), code.clone())
        }
        other => panic!("no proof in {other:?}"),
    }
}

/// The token that takes an account back, in either letter to its former address.
pub(crate) fn undo_of(letter: &Letter) -> Secret {
    match &letter.kind {
        LetterKind::EmailChangeAsked { link } | LetterKind::EmailChanged { link } => {
            token_in(link, "/undo-email")
        }
        other => panic!("no undo in {other:?}"),
    }
}

/// The letters of a change that was asked for: to the new address, and to the present one.
pub(crate) struct Asked {
    pub(crate) to_new: Letter,
    pub(crate) to_old: Letter,
}

impl House {
    /// Somebody new, signed in on a page.
    pub(crate) async fn member(&self, address: &str) -> Arc<Session> {
        let signed_in = self.sign_up(address, Want::Page).await;
        self.session_of(&signed_in).await
    }

    /// The living session of a sign-in on a page.
    pub(crate) async fn session_of(&self, signed_in: &SignIn) -> Arc<Session> {
        self.session(&cookie(signed_in)).await.expect("lives")
    }

    /// Signs in once more, on another device.
    pub(crate) async fn other_device(&self, address: &str) -> Arc<Session> {
        let signed_in = self.log_in(address, PASSWORD).await.expect("signs in");
        self.session_of(&signed_in).await
    }

    pub(crate) async fn ask_change(
        &self,
        session: &Session,
        new: &str,
    ) -> Result<(), ChangeEmailError> {
        let client = self.somewhere();
        self.auth.change_email(session, &email(new), &client).await
    }

    /// Asks for a change and reads both letters.
    pub(crate) async fn asked(&self, session: &Session, new: &str) -> Asked {
        self.ask_change(session, new).await.expect("is taken on");
        let mut letters = self.letters().await;
        assert_eq!(letters.len(), 2, "{letters:?}");
        let at = letters
            .iter()
            .position(|letter| letter.to == email(new))
            .expect("a letter to the new address");
        let to_new = letters.remove(at);
        let to_old = letters.remove(0);
        Asked { to_new, to_old }
    }

    pub(crate) async fn confirm_by_link(
        &self,
        session: &Session,
        token: &Secret,
    ) -> Result<User, ConfirmEmailError> {
        let (proof, client) = (Proof::Token(token.clone()), self.somewhere());
        self.auth
            .confirm_email_change(session, &proof, &client)
            .await
    }

    pub(crate) async fn confirm_by_code(
        &self,
        session: &Session,
        code: &Secret,
    ) -> Result<User, ConfirmEmailError> {
        let (proof, client) = (Proof::Code(code.clone()), self.somewhere());
        self.auth
            .confirm_email_change(session, &proof, &client)
            .await
    }

    /// Changes the address for good. The letter to the former one.
    pub(crate) async fn moved(&self, session: &Session, new: &str) -> Letter {
        let (token, _) = proof_of(&self.asked(session, new).await.to_new);
        let user = self.confirm_by_link(session, &token).await;
        assert_eq!(user.expect("is proven").email, new);
        self.letter().await
    }

    pub(crate) async fn undo(&self, token: &Secret) -> Result<TakenBack, UndoEmailError> {
        let client = self.somewhere();
        self.auth.undo_email_change(token, &client).await
    }

    /// What happened, newest first.
    pub(crate) async fn events(&self, session: &Session) -> Vec<Event> {
        let paging = Paging::default();
        let page = self.auth.list_events(session, &paging).await;
        page.expect("reads").items
    }

    /// The address of an account, as the database has it.
    pub(crate) async fn address_of(&self, id: &str) -> String {
        let query = format!("select email from users where id = '{id}'");
        self.console(&query).await.remove(0)
    }
}

/// What the operator does at the machine, to whom has an address.
pub(crate) trait Operator {
    async fn disable(&self, email: &Email, client: &Client) -> Result<(), ManageUserError>;
    async fn enable(&self, email: &Email, client: &Client) -> Result<(), ManageUserError>;
    async fn unlock(&self, email: &Email, client: &Client) -> Result<(), ManageUserError>;
    async fn mail_reset(&self, email: &Email, client: &Client) -> Result<(), ManageUserError>;
}

async fn id_of(auth: &Auth, email: &Email) -> String {
    let id = auth.user_id_by_email(email).await.expect("answers");
    id.expect("has an account")
}

impl Operator for Auth {
    async fn disable(&self, email: &Email, client: &Client) -> Result<(), ManageUserError> {
        let (id, how) = (id_of(self, email).await, Disabling::default());
        self.disable_user(Hand::Operator, &id, &how, client).await
    }

    async fn enable(&self, email: &Email, client: &Client) -> Result<(), ManageUserError> {
        let id = id_of(self, email).await;
        self.enable_user(Hand::Operator, &id, client).await
    }

    async fn unlock(&self, email: &Email, client: &Client) -> Result<(), ManageUserError> {
        let id = id_of(self, email).await;
        self.unlock_user(Hand::Operator, &id, client).await
    }

    async fn mail_reset(&self, email: &Email, client: &Client) -> Result<(), ManageUserError> {
        let id = id_of(self, email).await;
        self.mail_reset_to_user(Hand::Operator, &id, client).await
    }
}
