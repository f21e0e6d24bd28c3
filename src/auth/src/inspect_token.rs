//! "Why is it refused?": everything that can be said of a token to whoever asks.
//!
//! Form, signature and claims are anybody's to compute from the public keys. Whether a session lives and
//! whether rights have changed is told to the token's own account and to those who look after
//! people or the portal; which of our keys a name was is told to the latter. Looking
//! changes nothing: a session is not used by being looked at, and nothing of the token is kept.

use wire::{Finding, Inspection, Secret};

use crate::Auth;
use crate::api_key::ApiKeyRefused;
use crate::error::Fault;
use crate::jwt::{self, Claims, Expected, is_kid};
use crate::session::Session;
use crate::signing_key::KeyUse;
use crate::store::Tx;

/// Who may know the state of everybody's sessions.
const OVERSEERS: [&str; 2] = ["system:config", "user:manage"];
/// Who may know which key is which.
const KEEPER: &str = "system:config";

impl Auth {
    /// Looks at a token and says what a verifier would, check by check. Never its signature.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn inspect_token(
        &self,
        token: &Secret,
        asker: &Session,
    ) -> Result<Inspection, Fault> {
        if self.names_a_new_key(token) {
            self.read_keys().await?;
        }
        let mut looked = self.look(token)?;
        if holds(asker, KEEPER)
            && let Some(kid) = &looked.kid
        {
            self.name_the_key(kid, &mut looked.inspection.findings)
                .await?;
        }
        let findings = &mut looked.inspection.findings;
        match &looked.genuine {
            Some(claims) => self.look_at_state(claims, asker, findings).await?,
            None => findings.push(Finding::StateUnchecked),
        }
        Ok(looked.inspection)
    }

    fn look(&self, token: &Secret) -> Result<jwt::Looked, Fault> {
        let keys = self.keys(KeyUse::Tokens).get();
        let keys = keys.ok_or(Fault::Inconsistent("there is no signing key"))?;
        let settings = self.settings();
        let expected = Expected {
            issuer: &settings.public_url,
            audience: &settings.audience,
            now: self.now(),
        };
        Ok(jwt::inspect(token.reveal(), &expected, |kid| {
            keys.find(kid)
        }))
    }

    /// Says which of our keys it is, for those who look after them.
    async fn name_the_key(&self, kid: &str, findings: &mut [Finding]) -> Result<(), Fault> {
        let now = self.now();
        let keys = self.signing_keys().await?;
        let published = keys.into_iter().find(|key| key.kid == kid);
        let mut tx = self.store().read().await?;
        let removed_at = match is_kid(kid) {
            true => tx.signing_key_removal_by_kid(kid).await?,
            false => None,
        };
        drop(tx);
        for finding in findings {
            match (&*finding, &published, removed_at) {
                (Finding::KeyPublished, Some(key), _) => {
                    *finding = match key.state {
                        "next" => Finding::KeyNext,
                        "current" => Finding::KeyCurrent,
                        _ => Finding::KeyPrevious(key.leaves_at.unwrap_or(now) - now),
                    };
                }
                (Finding::KeyUnknown, _, Some(at)) => *finding = Finding::KeyRemoved(now - at),
                _ => {}
            }
        }
        Ok(())
    }

    async fn look_at_state(
        &self,
        claims: &Claims,
        asker: &Session,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Fault> {
        let is_own = claims.iss == self.settings().public_url && claims.sub == asker.user.id;
        if !is_own && !OVERSEERS.iter().any(|right| holds(asker, right)) {
            findings.push(Finding::StateUntold);
            return Ok(());
        }
        // Not by the cache, and not noted as a use: whoever looks does not prolong it.
        let mut tx = self.store().read().await?;
        let session = match (&claims.sid, &claims.key_id) {
            (Some(sid), _) => self.read_session(&mut tx, sid).await?,
            (None, key) => {
                let key = key.as_deref().unwrap_or_default();
                return self.look_at_key(&mut tx, key, claims, findings).await;
            }
        };
        match session {
            None => findings.push(Finding::SessionEnded),
            Some(session) if session.user.id != claims.sub => findings.push(Finding::SessionOther),
            Some(session) if claims.epoch < session.stale_before => {
                findings.extend([Finding::Session, Finding::RightsChanged]);
            }
            Some(session) => {
                findings.extend([Finding::Session, Finding::Rights]);
                findings.extend(
                    (claims.tenant_id != session.tenant_id).then_some(Finding::OtherTenant),
                );
            }
        }
        Ok(())
    }

    async fn look_at_key(
        &self,
        tx: &mut Tx,
        id: &str,
        claims: &Claims,
        findings: &mut Vec<Finding>,
    ) -> Result<(), Fault> {
        match self.read_key(tx, id, 0).await {
            Ok(live) if live.session.user.id != claims.sub => findings.push(Finding::SessionOther),
            Ok(live) if claims.epoch < live.session.stale_before => {
                findings.extend([Finding::OfKey, Finding::RightsChanged]);
            }
            Ok(_) => findings.extend([Finding::OfKey, Finding::Rights]),
            Err(ApiKeyRefused::Fault(fault)) => return Err(fault),
            Err(_) => findings.push(Finding::OfKeyEnded),
        }
        Ok(())
    }
}

fn holds(asker: &Session, right: &str) -> bool {
    asker.user.permissions.iter().any(|held| held == right)
}
