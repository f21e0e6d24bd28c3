//! New devices: whose account is signed in to from a place it was never used from hears of it, once
//! (ASVS 6.3.5).
//!
//! A device is a kind of program in a neighbourhood of the network (D9's /24 or /48): another
//! browser, or the same one in another town. That is told from what every client sends, so it
//! holds for programs too, and it asks for no cookie that would follow people for years. The first
//! device of an account is no news. Whoever signs in from a victim's own network with the browser
//! the victim uses is not told apart; the list of sessions shows them.

use crate::Auth;
use crate::client::Client;
use crate::device::device;
use crate::error::Fault;
use crate::ring::Purpose;
use crate::secret::hmac_sha256;
use crate::store::Tx;

impl Auth {
    /// Notes from where an account was signed in to, in the transaction of the sign-in; a letter is
    /// due when that is news. Returns whether one is.
    pub(crate) async fn note_device(
        &self,
        tx: &mut Tx,
        user_id: &str,
        client: &Client,
    ) -> Result<bool, Fault> {
        let key = hmac_sha256(
            &self.ring().mac_key(Purpose::Device),
            &[
                user_id.as_bytes(),
                family(&client.agent).as_bytes(),
                client.neighbourhood().as_bytes(),
            ],
        );
        let is_news = tx.set_device_seen(&key, user_id, self.now()).await?;
        if is_news {
            self.add_letter(tx, "new_device", user_id, client).await?;
        }
        Ok(is_news)
    }
}

/// The kind of program, whatever its version: `Firefox on Linux`, `workflow-cli`.
fn family(agent: &str) -> String {
    let device = device(agent);
    if device.browser.is_some() || device.os.is_some() {
        return device.words();
    }
    let name = agent.split(['/', ' ']).next().unwrap_or_default();
    name.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_makes_no_new_device() {
        let firefox = |version| {
            format!(
                "Mozilla/5.0 (X11; Linux x86_64; rv:{version}) Gecko/20100101 Firefox/{version}"
            )
        };
        assert_eq!(family(&firefox("140.0")), family(&firefox("141.0")));
        assert_eq!(
            family("workflow-cli/1.0"),
            family("Workflow-CLI/2.0 (beta)")
        );
        assert_ne!(family("workflow-cli/1.0"), family("curl-like/1.0"));
        assert_eq!(family(""), "");
    }
}
