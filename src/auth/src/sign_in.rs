//! A completed sign-in: whatever proved who somebody is ends here, and nowhere else.
//!
//! A session row is made in the transaction of the act that earned it; tokens are signed after it
//! is committed, because signing is slow and a transaction is not.

use wire::{AccessToken, Audience, Secret, User};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::error::Fault;
use crate::secret::{CookieToken, TokenDigest, draw_cookie, draw_token};
use crate::session::{Session, user_view};
use crate::store::{NewSession, Tx};

/// How long an unused refresh token lives at most, in seconds: 7 days (C4), or the session's idle
/// time where that is shorter.
pub(crate) const REFRESH_IDLE: i64 = 7 * 86_400;

/// What a sign-in shall be carried by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// A page: the session cookie alone.
    Page,
    /// The JSON API with `useCookie`: the session cookie and an access token.
    Cookie(Audience),
    /// The JSON API: an access token and a refresh token.
    Tokens(Audience),
}

/// How somebody proved who they are (`amr`, RFC 8176).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proven {
    /// With the account's password.
    Password,
    /// With the mailbox and the password just chosen.
    EmailAndPassword,
    /// With a mailed code or link alone. RFC 8176 has no name for it.
    EmailCode,
    /// With the printed set-up link and the password just chosen.
    SetUpLink,
}

impl Proven {
    fn methods(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::EmailAndPassword => "pwd email",
            Self::EmailCode => "email",
            Self::SetUpLink => "pwd otp",
        }
    }
}

/// Somebody is signed in.
#[derive(Debug)]
pub struct SignIn {
    /// Who.
    pub user: User,
    /// The session's id (`sid`).
    pub session_id: String,
    /// For the browser.
    pub cookie: Option<CookieToken>,
    /// For a program.
    pub tokens: Option<Tokens>,
}

/// Tokens of a completed sign-in.
#[derive(Debug)]
pub struct Tokens {
    /// Good for minutes.
    pub access: AccessToken,
    /// Good for days, once. `None` where the cookie carries the session.
    pub refresh: Option<Secret>,
}

/// A session that was written and waits to be committed.
pub(crate) struct Started {
    session: Session,
    cookie: Option<CookieToken>,
    refresh: Option<Secret>,
    /// A letter about it is due.
    is_news: bool,
}

impl Auth {
    /// Writes a new session of an account, its sign-in and the audit row. Commit, then [`Self::carry`].
    pub(crate) async fn start_session(
        &self,
        tx: &mut Tx,
        user_id: &str,
        proven: Proven,
        want: Want,
        client: &Client,
    ) -> Result<Started, Fault> {
        let now = self.now();
        let life = self.settings().sessions;
        let cookie = (!matches!(want, Want::Tokens(_))).then(|| draw_cookie(self.entropy()));
        let refresh = matches!(want, Want::Tokens(_)).then(|| draw_token(self.entropy()));
        let id = self.draw_id();
        // The change number first: rights that are read after it can only be newer (D21).
        let epoch = tx.change_number().await?;
        // Before it is read: who closes the account right now has either done so, or waits for us.
        tx.set_last_login(user_id, now).await?;
        let user = tx
            .user_by_id(user_id)
            .await?
            .ok_or(Fault::Inconsistent("a session of no account"))?;
        if !user.may_sign_in() {
            return Err(Fault::Inconsistent(
                "a session of an account that may not sign in",
            ));
        }
        tx.add_session(&NewSession {
            id: &id,
            user_id,
            cookie_digest: cookie
                .map(|cookie| cookie.digest())
                .as_ref()
                .map(TokenDigest::as_bytes),
            tenant_id: user.tenant_id.as_deref(),
            methods: proven.methods(),
            now,
            idle_seconds: life.idle,
            expires_at: now + life.absolute,
            address: &client.address.to_string(),
            agent: &client.agent,
        })
        .await?;
        if let Some(refresh) = &refresh {
            let expires_at = now + REFRESH_IDLE.min(life.idle).min(life.absolute);
            tx.add_refresh_token(TokenDigest::of(refresh).as_bytes(), &id, now, expires_at)
                .await?;
        }
        let is_news = self.note_device(tx, user_id, client).await?;
        let detail = serde_json::json!({ "session": id, "methods": proven.methods() });
        self.audit(
            tx,
            Entry::done("session.started", client)
                .actor(user_id)
                .subject(user_id)
                .detail(detail),
        )
        .await?;
        let permissions = tx.list_permissions_by_role(&user.role).await?;
        let session = Session {
            id,
            tenant_id: user.tenant_id.clone(),
            user: user_view(&user, permissions),
            auth_time: now,
            step_up_at: None,
            methods: proven.methods().split(' ').map(str::to_owned).collect(),
            created_at: now,
            last_seen_at: now,
            idle_seconds: life.idle,
            cookie_digest: cookie.map(|cookie| cookie.digest().as_bytes().to_vec()),
            expires_at: now + life.absolute,
            epoch,
            stale_before: 0,
            audience: None,
        };
        Ok(Started {
            session,
            cookie,
            refresh,
            is_news,
        })
    }

    /// Puts a committed session into what was asked for.
    pub(crate) fn carry(&self, started: Started, want: Want) -> Result<SignIn, Fault> {
        let Started {
            session,
            cookie,
            refresh,
            is_news,
        } = started;
        if is_news {
            self.letters().notify_one();
        }
        let tokens = match want {
            Want::Page => None,
            Want::Cookie(audience) | Want::Tokens(audience) => Some(Tokens {
                access: self.sign_access_token(&session, audience)?,
                refresh,
            }),
        };
        Ok(SignIn {
            session_id: session.id,
            user: session.user,
            cookie,
            tokens,
        })
    }
}
