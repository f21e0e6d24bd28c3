//! A completed sign-in: whatever proved who somebody is ends here, and nowhere else.
//!
//! A session row is made in the transaction of the act that earned it; tokens are signed after it
//! is committed, because signing is slow and a transaction is not.

use wire::{AccessToken, Audience, Secret, User};

use crate::Auth;
use crate::audit::Entry;
use crate::client::Client;
use crate::decide::Decided;
use crate::error::Fault;
use crate::rights::{Acting, Rights};
use crate::secret::{CookieToken, TokenDigest, draw_cookie, draw_token};
use crate::session::{Session, user_view};
use crate::store::{NewSession, Tx, UserRow};

/// How long an unused refresh token lives at most, in seconds: 7 days (C4), or the session's idle
/// time where that is shorter.
pub(crate) const REFRESH_IDLE: i64 = 7 * 86_400;

/// What a sign-in shall be carried by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// A page: the session cookie alone. It ends with the browser.
    Page,
    /// The same for somebody who wants to stay signed in: it outlives the browser.
    RememberedPage,
    /// The JSON API with `useCookie`: the session cookie and an access token.
    Cookie(Audience),
    /// The same with `rememberMe`.
    RememberedCookie(Audience),
    /// The JSON API: an access token and a refresh token.
    Tokens(Audience),
}

impl Want {
    /// For a page, whose visitor ticked the box or did not.
    pub fn page(remember: bool) -> Self {
        match remember {
            true => Self::RememberedPage,
            false => Self::Page,
        }
    }

    /// For whom access tokens are wanted; `None`: none are.
    pub(crate) fn audience(self) -> Option<Audience> {
        match self {
            Self::Page | Self::RememberedPage => None,
            Self::Cookie(audience) | Self::RememberedCookie(audience) | Self::Tokens(audience) => {
                Some(audience)
            }
        }
    }

    fn is_remembered(self) -> bool {
        matches!(self, Self::RememberedPage | Self::RememberedCookie(_))
    }

    fn is_tokens(self) -> bool {
        matches!(self, Self::Tokens(_))
    }
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
    /// For how many seconds the browser shall keep it; `None`: until it is closed.
    pub cookie_seconds: Option<i64>,
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
    /// Sessions that ended because there were too many.
    ended: Vec<String>,
    /// A letter about it is due.
    is_news: bool,
}

impl Auth {
    /// Writes a new session of an account, its sign-in and the audit row. [`Self::finish_sign_in`]
    /// commits it.
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
        let idle = match want.is_remembered() || want.is_tokens() {
            true => life.idle,
            false => life.idle_unremembered.min(life.idle),
        };
        let cookie = (!want.is_tokens()).then(|| draw_cookie(self.entropy()));
        let refresh = want.is_tokens().then(|| draw_token(self.entropy()));
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
        let tenant_id = usual_tenant(tx, &user).await?;
        tx.add_session(&NewSession {
            id: &id,
            user_id,
            cookie_digest: cookie
                .map(|cookie| cookie.digest())
                .as_ref()
                .map(TokenDigest::as_bytes),
            tenant_id: tenant_id.as_deref(),
            methods: proven.methods(),
            now,
            idle_seconds: idle,
            expires_at: now + life.absolute,
            remembered: want.is_remembered(),
            address: &client.address.to_string(),
            agent: &client.agent,
        })
        .await?;
        if let Some(refresh) = &refresh {
            let expires_at = now + REFRESH_IDLE.min(life.idle).min(life.absolute);
            tx.add_refresh_token(TokenDigest::of(refresh).as_bytes(), &id, now, expires_at)
                .await?;
        }
        let ended = self.end_excess(tx, user_id, &id, client).await?;
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
        let acting = Acting::of(tenant_id.as_deref());
        let permissions = Rights::in_force(tx, &user, acting).await?.permissions();
        let session = Session {
            id,
            user: user_view(&user, tenant_id.as_deref(), permissions),
            tenant_id,
            auth_time: now,
            step_up_at: None,
            methods: proven.methods().split(' ').map(str::to_owned).collect(),
            created_at: now,
            last_seen_at: now,
            idle_seconds: idle,
            remembered: want.is_remembered(),
            cookie_digest: cookie.map(|cookie| cookie.digest().as_bytes().to_vec()),
            expires_at: now + life.absolute,
            epoch,
            stale_before: 0,
            audience: None,
            decided: Decided::default(),
            key: None,
        };
        Ok(Started {
            session,
            cookie,
            refresh,
            ended,
            is_news,
        })
    }

    /// Ends what is too much of an account's sessions: its row is held by now.
    async fn end_excess(
        &self,
        tx: &mut Tx,
        user_id: &str,
        new: &str,
        client: &Client,
    ) -> Result<Vec<String>, Fault> {
        let (now, reason) = (self.now(), "too_many");
        let kept = self.settings().sessions.per_account - 1;
        let ended = tx
            .set_excess_sessions_revoked(user_id, new, kept, now, reason)
            .await?;
        if !ended.is_empty() {
            let detail = serde_json::json!({ "sessions": ended, "reason": reason });
            let entry = Entry::done("session.ended", client).subject(user_id);
            self.audit(tx, entry.detail(detail)).await?;
        }
        Ok(ended)
    }

    /// Commits a sign-in, publishes what ended with it (`ended`, and what was too much), and puts the
    /// session into what was asked for.
    pub(crate) async fn finish_sign_in(
        &self,
        tx: Tx,
        started: Started,
        mut ended: Vec<String>,
        want: Want,
    ) -> Result<SignIn, Fault> {
        ended.extend_from_slice(&started.ended);
        self.publish_ended(tx, &ended).await?;
        self.carry(started, want)
    }

    /// Puts a committed session into what was asked for.
    fn carry(&self, started: Started, want: Want) -> Result<SignIn, Fault> {
        let Started {
            session,
            cookie,
            refresh,
            is_news,
            ..
        } = started;
        if is_news {
            self.letters().notify_one();
        }
        let tokens = match want.audience() {
            None => None,
            Some(audience) => Some(Tokens {
                access: self.sign_access_token(&session, audience)?,
                refresh,
            }),
        };
        Ok(SignIn {
            cookie_seconds: session.cookie_seconds(session.created_at),
            session_id: session.id,
            user: session.user,
            cookie,
            tokens,
        })
    }
}

/// Where somebody acts when they sign in: in the tenant they chose last, while their membership is in force.
async fn usual_tenant(tx: &mut Tx, user: &UserRow) -> Result<Option<String>, Fault> {
    let Some(tenant) = &user.tenant_id else {
        return Ok(None);
    };
    let membership = tx.membership_by_tenant(&user.id, tenant).await?;
    let in_force = membership.filter(|membership| membership.suspended_at.is_none());
    Ok(in_force.map(|membership| membership.tenant_id))
}
