//! Consents: given for a version, asked for anew when it changes, taken back (req 156).

use auth::{ConsentDocument, ConsentError, Settings, Want};
use wire::{Consent, ConsentPurpose, ConsentStatus, ErrorCode};

use crate::support::*;

const ADA: &str = "ada@example.com";

/// A portal that asks for these, each as purpose, version and whether it is required.
fn asking(documents: &[(ConsentPurpose, &str, bool)]) -> Settings {
    let document = |(purpose, version, required): &(ConsentPurpose, &str, bool)| {
        let document = ConsentDocument {
            version: (*version).to_owned(),
            url: format!("https://example.com/{}", purpose.as_str()),
            required: *required,
        };
        (*purpose, document)
    };
    Settings {
        consents: documents.iter().map(document).collect(),
        ..settings()
    }
}

/// The status of each purpose, in order.
fn statuses(consents: &[Consent]) -> Vec<&'static str> {
    consents
        .iter()
        .map(|consent| consent.status.as_str())
        .collect()
}

both!(
    where_nothing_is_asked_for_nothing_is_missing,
    async |house| {
        let ada = house.sign_up(ADA, Want::Page).await.user.id;

        let consents = house.auth.consents(&ada).await.expect("answers");
        assert_eq!(statuses(&consents), ["never"; 4]);
        assert!(
            consents
                .iter()
                .all(|one| !one.required && one.current_version.is_none())
        );
        assert!(!house.auth.lacks_consent(&ada).await.expect("answers"));
        let client = house.somewhere();
        let given = house
            .auth
            .give_consent(&ada, ConsentPurpose::Terms, "1", &client)
            .await;
        assert_eq!(code(given), ErrorCode::NotFound);
    }
);

both!(
    a_consent_is_given_for_a_version_and_asked_for_anew_with_the_next,
    async |house| {
        let ada = house.sign_up(ADA, Want::Page).await.user.id;
        let (terms, ai) = (ConsentPurpose::Terms, ConsentPurpose::AiInteraction);
        let auth = house
            .node(asking(&[(terms, "1", true), (ai, "a", false)]))
            .await;
        let client = house.somewhere();
        assert!(auth.lacks_consent(&ada).await.expect("answers"));

        let early = auth.give_consent(&ada, terms, "0", &client).await;
        assert!(matches!(early, Err(ConsentError::Outdated)));
        let given = auth
            .give_consent(&ada, terms, "1", &client)
            .await
            .expect("is given");
        assert_eq!(given.status, ConsentStatus::Given);
        assert_eq!(given.version.as_deref(), Some("1"));
        assert!(
            !auth.lacks_consent(&ada).await.expect("answers"),
            "the other is optional"
        );
        assert!(auth.has_consent(&ada, terms).await.expect("answers"));
        assert!(!auth.has_consent(&ada, ai).await.expect("answers"));
        house.advance(60);
        auth.give_consent(&ada, ai, "a", &client)
            .await
            .expect("is given");

        house.advance(DAY);
        let later = house
            .node(asking(&[(terms, "2", true), (ai, "b", false)]))
            .await;
        assert!(later.lacks_consent(&ada).await.expect("answers"));
        assert!(!later.has_consent(&ada, terms).await.expect("answers"));
        assert!(!later.has_consent(&ada, ai).await.expect("answers"));
        let consents = later.consents(&ada).await.expect("answers");
        assert_eq!(
            statuses(&consents),
            ["outstanding", "never", "outstanding", "never"]
        );
        let old = later.give_consent(&ada, terms, "1", &client).await;
        assert_eq!(code(old), ErrorCode::Conflict);
        later
            .give_consent(&ada, terms, "2", &client)
            .await
            .expect("is given");
        assert!(!later.lacks_consent(&ada).await.expect("answers"));

        let history = house
            .console("select purpose || ' ' || version from consents order by given_at, id")
            .await;
        assert_eq!(
            history,
            ["terms 1", "ai_interaction a", "terms 2"],
            "history is kept"
        );
    }
);

both!(
    an_optional_consent_is_taken_back_and_a_required_one_is_not,
    async |house| {
        let ada = house.sign_up(ADA, Want::Page).await.user.id;
        let (terms, ai) = (ConsentPurpose::Terms, ConsentPurpose::AiInteraction);
        let auth = house
            .node(asking(&[(terms, "1", true), (ai, "a", false)]))
            .await;
        let client = house.somewhere();
        for (purpose, version) in [(terms, "1"), (ai, "a")] {
            house.advance(60);
            for _ in 0..2 {
                auth.give_consent(&ada, purpose, version, &client)
                    .await
                    .expect("is given, once");
            }
        }

        let refused = auth.withdraw_consent(&ada, terms, &client).await;
        assert_eq!(code(refused), ErrorCode::Conflict);
        assert!(auth.has_consent(&ada, terms).await.expect("answers"));
        house.advance(60);
        for _ in 0..2 {
            auth.withdraw_consent(&ada, ai, &client)
                .await
                .expect("is taken back");
        }
        assert!(!auth.has_consent(&ada, ai).await.expect("answers"));
        house.advance(60);
        let consents = auth.consents(&ada).await.expect("answers");
        assert_eq!(
            statuses(&consents),
            ["given", "never", "withdrawn", "never"]
        );
        assert!(consents[2].withdrawn_at > consents[2].given_at);
        auth.give_consent(&ada, ai, "a", &client)
            .await
            .expect("is given again");
        assert!(auth.has_consent(&ada, ai).await.expect("answers"));

        let log = house
            .console("select action || ' ' || detail from audit_log where action like 'consent%' order by id")
            .await;
        assert_eq!(
            log,
            [
                r#"consent.given {"purpose":"terms","version":"1"}"#,
                r#"consent.given {"purpose":"ai_interaction","version":"a"}"#,
                r#"consent.withdrawn {"purpose":"ai_interaction"}"#,
                r#"consent.given {"purpose":"ai_interaction","version":"a"}"#,
            ]
        );
        // What is no longer asked for stands as it was given, and may still be taken back.
        let silent = house.node(settings()).await;
        assert!(silent.has_consent(&ada, terms).await.expect("answers"));
        silent
            .withdraw_consent(&ada, terms, &client)
            .await
            .expect("is taken back");
        assert!(!silent.has_consent(&ada, terms).await.expect("answers"));
    }
);

both!(two_hundred_tabs_give_one_consent, async |house| {
    let ada = house.sign_up(ADA, Want::Page).await.user.id;
    let terms = ConsentPurpose::Terms;
    let auth = house.node(asking(&[(terms, "1", true)])).await;

    let answers = at_once(200, |_| {
        let (auth, ada) = (auth.clone(), ada.clone());
        async move { auth.give_consent(&ada, terms, "1", &at("192.0.2.1")).await }
    })
    .await;

    assert!(answers.iter().all(Result::is_ok));
    let rows = house.console("select version from consents").await;
    let entries = house
        .console("select action from audit_log where action = 'consent.given'")
        .await;
    assert_eq!((rows.len(), entries.len()), (1, 1));
});

both!(whose_consents_are_asked_for_must_exist, async |house| {
    let ada = house.sign_up(ADA, Want::Page).await.user.id;
    let bob = house.sign_up("bob@example.com", Want::Page).await.user.id;
    let ai = ConsentPurpose::AiInteraction;
    let auth = house.node(asking(&[(ai, "a", false)])).await;
    auth.give_consent(&ada, ai, "a", &house.somewhere())
        .await
        .expect("is given");

    let of = async |id: &str| auth.consents_of(id).await.expect("answers");
    assert_eq!(
        of(&ada).await.expect("is there")[2].status,
        ConsentStatus::Given
    );
    assert_eq!(
        of(&bob).await.expect("is there")[2].status,
        ConsentStatus::Never
    );
    for id in [
        "",
        "nobody",
        "0199c0de-0000-7000-8000-000000000000",
        &ada.to_uppercase(),
        &format!("{ada} "),
        "%",
    ] {
        assert!(of(id).await.is_none(), "{id:?}");
    }
});
