//! "Why is it refused?": what the inspector says, and to whom.

use std::sync::Arc;

use auth::{Client, Session, Want};
use wire::{Audience, ErrorCode, Finding, Inspection, LogOutScope, Secret};

use crate::support::*;

/// A token of a session, for services and portal.
async fn token_of(house: &House, session: &Session) -> Secret {
    let audience = Audience::PortalAndServices;
    let token = house.auth.access_token(session, audience).await;
    token.expect("is signed").access_token
}

async fn inspected(house: &House, token: &Secret, asker: &Session) -> Inspection {
    let inspected = house.auth.inspect_token(token, asker).await;
    inspected.expect("the database answers")
}

/// Whether it was found, and no other finding of the same check.
fn found(inspection: &Inspection, finding: &Finding) -> bool {
    let of_check = |one: &&Finding| one.check() == finding.check();
    inspection.findings.contains(finding)
        && (finding.check() == "aud" || inspection.findings.iter().filter(of_check).count() == 1)
}

/// Somebody who runs the portal.
async fn admin(house: &House) -> Arc<Session> {
    let account = account("admin@example.com");
    house.auth.create_admin(account).await.expect("is made");
    let signed_in = house.log_in("admin@example.com", PASSWORD).await;
    house.session_of(&signed_in.expect("signs in")).await
}

both!(ones_own_good_token_passes_every_check, async |house| {
    let ada = house.member("ada@example.com").await;
    let token = token_of(house, &ada).await;

    let said = inspected(house, &token, &ada).await;

    assert_eq!(
        (said.services(), said.portal(), said.is_complete()),
        (None, None, true)
    );
    for finding in [
        Finding::KeyPublished,
        Finding::Signature,
        Finding::Claims,
        Finding::Issued(5),
        Finding::Lifetime(900),
        Finding::Expires(895),
        Finding::Session,
        Finding::Rights,
    ] {
        assert!(found(&said, &finding), "{finding:?} in {:?}", said.findings);
    }
    let sub = said
        .claims
        .iter()
        .find(|claim| claim.name == "sub")
        .expect("is there");
    assert_eq!(sub.value, ada.user.id);
    let signature = token.reveal().rsplit('.').next().expect("a part");
    let told = serde_json::to_string(&said).expect("JSON");
    assert!(!told.contains(signature), "the signature is told to nobody");
});

both!(
    an_ended_session_and_changed_rights_are_told_to_their_owner,
    async |house| {
        let ada = house.member("ada@example.com").await;
        let other = house.other_device("ada@example.com").await;
        let token = token_of(house, &other).await;
        house
            .auth
            .log_out(&other, LogOutScope::Local, &house.somewhere())
            .await
            .expect("ends");

        let said = inspected(house, &token, &ada).await;
        assert!(found(&said, &Finding::SessionEnded), "{:?}", said.findings);
        assert_eq!(
            (said.services(), said.portal()),
            (Some(ErrorCode::TokenRevoked), Some(ErrorCode::TokenRevoked))
        );
        assert_eq!(said.verdict(), Ok(()), "of itself it is good");

        house.advance(900);
        let said = inspected(house, &token, &ada).await;
        assert!(found(&said, &Finding::Expired(5)), "{:?}", said.findings);
        assert_eq!(
            said.services(),
            Some(ErrorCode::TokenExpired),
            "the graver reason"
        );
    }
);

both!(
    a_stranger_learns_what_public_keys_tell_and_no_more,
    async |house| {
        let ada = house.member("ada@example.com").await;
        let bob = house.member("bob@example.com").await;
        let token = token_of(house, &ada).await;
        let before = inspected(house, &token, &bob).await;
        house
            .auth
            .log_out(&ada, LogOutScope::Local, &house.somewhere())
            .await
            .expect("ends");

        let after = inspected(house, &token, &bob).await;

        assert!(found(&after, &Finding::StateUntold) && found(&after, &Finding::KeyPublished));
        assert_eq!(before, after, "nothing tells that the session has ended");
        assert_eq!((after.services(), after.is_complete()), (None, false));

        let admin = admin(house).await;
        let said = inspected(house, &token, &admin).await;
        assert!(found(&said, &Finding::SessionEnded) && found(&said, &Finding::KeyCurrent));
    }
);

both!(
    who_looks_after_keys_learns_which_one_it_was,
    async |house| {
        let admin = admin(house).await;
        let token = token_of(house, &admin).await;
        let client = Client::operator();
        house
            .auth
            .rotate_signing_keys(None, &client)
            .await
            .expect("rotates");

        let previous = inspected(house, &token, &admin).await;
        assert!(
            found(&previous, &Finding::KeyPrevious(965)),
            "{:?}",
            previous.findings
        );
        assert_eq!(previous.services(), None, "what it signed stays good");

        house.advance(966);
        house.auth.tend().await.expect("tends");
        house.advance(34);
        let removed = inspected(house, &token, &admin).await;
        assert!(
            found(&removed, &Finding::KeyRemoved(34)),
            "{:?}",
            removed.findings
        );
        assert!(
            found(&removed, &Finding::SignatureUnchecked)
                && found(&removed, &Finding::StateUnchecked)
        );
        assert_eq!(removed.services(), Some(ErrorCode::InvalidToken));
        let bob = house.member("bob@example.com").await;
        let said = inspected(house, &token, &bob).await;
        assert!(
            found(&said, &Finding::KeyUnknown),
            "whose it was is not everybody's"
        );
    }
);

both!(
    a_forged_token_says_nothing_about_anybodys_session,
    async |house| {
        let ada = house.member("ada@example.com").await;
        let token = token_of(house, &ada).await;
        let text = token.reveal();
        let (signed, _) = text.rsplit_once('.').expect("parts");
        let forged = Secret::new(format!("{signed}.{}", "A".repeat(86)));

        let admin = admin(house).await;
        let said = inspected(house, &forged, &admin).await;

        assert!(found(&said, &Finding::SignatureWrong) && found(&said, &Finding::StateUnchecked));
        assert_eq!(said.services(), Some(ErrorCode::InvalidToken));
    }
);

both!(
    looking_at_a_token_does_not_keep_its_session_alive,
    async |house| {
        const HOUR: u64 = 3600;
        let admin = admin(house).await;
        let ada = house.sign_up("ada@example.com", Want::Page).await;
        let token = token_of(house, &*house.session_of(&ada).await).await;

        house.advance(20 * HOUR);
        let said = inspected(house, &token, &admin).await;
        assert!(found(&said, &Finding::Session), "{:?}", said.findings);
        // Whatever would be noted beside the answer has been by now.
        house.member("bob@example.com").await;
        house.advance(8 * HOUR);

        assert!(
            house.session(&cookie(&ada)).await.is_none(),
            "idle for more than a day"
        );
    }
);

both!(
    a_token_for_the_services_alone_is_none_for_the_portal,
    async |house| {
        let ada = house.member("ada@example.com").await;
        let token = house
            .auth
            .access_token(&ada, Audience::Services)
            .await
            .expect("is signed");

        let said = inspected(house, &token.access_token, &ada).await;

        assert_eq!(
            (said.services(), said.portal()),
            (None, Some(ErrorCode::InvalidToken))
        );
    }
);
