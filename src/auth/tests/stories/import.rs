//! Bringing people over: what becomes of a row, the first time and the second (C1, D13).

use auth::{
    Auth, ForeignHash, HashRefused, ImportOutcome, ImportPlan, ImportRefused, ImportRow, Settings,
    Verification,
};
use wire::{PersonName, Username};

use crate::support::*;

/// `correct horse` in bcrypt.
pub(crate) const BCRYPT: &str = "$2b$04$5jMp4XP4NztzYClamhlKLufkErz/jaO4hOP233UZTAZquzRS7caXe";
/// The same once more, with another salt.
const BCRYPT_ANEW: &str = "$2a$04$aJesiysTNv9rC2kKEPld0.ltaMt5YEhfAwvu5tpcAgz7TI1AQnVD2";
pub(crate) const IMPORTED_PASSWORD: &str = "correct horse";

const MADE: ImportOutcome = ImportOutcome::Made {
    without_username: false,
    without_password: false,
};

/// Somebody whose address is proven, with a bcrypt hash.
pub(crate) fn row(id: &str, address: &str) -> ImportRow {
    ImportRow {
        external_id: Some(id.to_owned()),
        email: email(address),
        email_verified: true,
        username: None,
        first_name: None,
        last_name: None,
        role: None,
        created_at: None,
        disabled: false,
        password: Some(ForeignHash::read(BCRYPT).expect("reads")),
    }
}

pub(crate) fn plan() -> ImportPlan {
    ImportPlan {
        source: "clerk".to_owned(),
        ..ImportPlan::default()
    }
}

/// One run of one batch.
pub(crate) async fn import(
    auth: &Auth,
    plan: ImportPlan,
    rows: Vec<ImportRow>,
) -> Vec<ImportOutcome> {
    let mut run = auth.begin_import(plan);
    let operator = at("127.0.0.1");
    let outcomes = auth.import_accounts(&mut run, rows, &operator).await;
    auth.finish_import(&run, 0, &operator).await.expect("ends");
    outcomes.expect("is taken in")
}

fn refused(reason: ImportRefused) -> ImportOutcome {
    ImportOutcome::Refused(reason)
}

const COUNTS: &str = "select (select count(*) from users) || ' ' || (select count(*) from imported_accounts) || ' ' ||
                             (select count(*) from audit_log where action <> 'users.imported')";

both!(a_second_run_of_a_file_changes_nothing, async |house| {
    let rows = || vec![row("1", "ada@example.com"), row("2", "bob@example.com")];
    assert_eq!(import(&house.auth, plan(), rows()).await, [MADE; 2]);
    let before = house.console(COUNTS).await;
    assert_eq!(before, ["2 2 2"]);

    let again = import(&house.auth, plan(), rows()).await;

    assert_eq!(again, [ImportOutcome::Unchanged; 2]);
    assert_eq!(house.console(COUNTS).await, before);
});

both!(a_run_that_broke_off_goes_on_where_it_was, async |house| {
    let mut run = house.auth.begin_import(plan());
    let operator = at("127.0.0.1");
    house
        .auth
        .import_accounts(&mut run, vec![row("1", "ada@example.com")], &operator)
        .await
        .expect("is taken in");
    drop(run);

    let whole = vec![row("1", "ada@example.com"), row("2", "bob@example.com")];
    let outcomes = import(&house.auth, plan(), whole).await;

    assert_eq!(outcomes, [ImportOutcome::Unchanged, MADE]);
});

both!(a_dry_run_tells_the_same_and_keeps_nothing, async |house| {
    house.sign_up("taken@example.com", TOKENS).await;
    let before = house.console(COUNTS).await;
    let rows = || {
        vec![
            row("1", "ada@example.com"),
            row("2", "taken@example.com"),
            row("1", "bob@example.com"),
        ]
    };
    let dry = ImportPlan {
        dry_run: true,
        ..plan()
    };

    let told = import(&house.auth, dry, rows()).await;

    assert_eq!(house.console(COUNTS).await, before);
    assert_eq!(
        house
            .console("select action from audit_log where action like '%import%'")
            .await,
        [""; 0]
    );
    assert_eq!(told, import(&house.auth, plan(), rows()).await);
    assert_eq!(told[0], MADE);
});

both!(nobodys_account_is_joined_by_address, async |house| {
    house.sign_up("ada@example.com", TOKENS).await;

    let outcomes = import(&house.auth, plan(), vec![row("1", " ADA@Example.com")]).await;

    assert_eq!(outcomes, [refused(ImportRefused::AddressTaken)]);
    assert!(house.log_in("ada@example.com", PASSWORD).await.is_ok());
    assert!(
        house
            .log_in("ada@example.com", IMPORTED_PASSWORD)
            .await
            .is_err()
    );
    assert_eq!(
        house.console("select source from imported_accounts").await,
        [""; 0]
    );
});

both!(each_id_and_address_is_one_rows_in_a_file, async |house| {
    let mut run = house.auth.begin_import(plan());
    let operator = at("127.0.0.1");
    let mut outcomes = Vec::new();
    // The second batch knows of the first.
    for rows in [
        vec![row("1", "ada@example.com"), row("1", "bob@example.com")],
        vec![
            row("2", "Ada@EXAMPLE.com"),
            row("3", "\u{430}da@example.com"),
        ],
    ] {
        let batch = house.auth.import_accounts(&mut run, rows, &operator).await;
        outcomes.extend(batch.expect("is taken in"));
    }

    assert_eq!(
        outcomes,
        [
            MADE,
            refused(ImportRefused::RepeatedId),
            refused(ImportRefused::RepeatedAddress),
            MADE, // A look-alike is another address.
        ]
    );
    assert_eq!((run.counts().made, run.counts().refused), (2, 2));
});

both!(
    an_address_nobody_proved_needs_the_operators_word,
    async |house| {
        let unproven = || {
            let unproven = ImportRow {
                email_verified: false,
                ..row("1", "ada@example.com")
            };
            vec![unproven]
        };
        let outcomes = import(&house.auth, plan(), unproven()).await;
        assert_eq!(outcomes, [refused(ImportRefused::AddressUnproven)]);
        assert_eq!(house.console("select id from users").await, [""; 0]);

        let trusting = ImportPlan {
            trust_addresses: true,
            ..plan()
        };
        assert_eq!(import(&house.auth, trusting, unproven()).await, [MADE]);
        let signed_in = house.log_in("ada@example.com", IMPORTED_PASSWORD).await;
        assert!(signed_in.expect("signs in").user.email_verified);
    }
);

both!(
    where_proving_is_off_an_unproven_address_stays_unproven,
    async |house| {
        let off = Settings {
            verification: Verification::Off,
            ..settings()
        };
        let auth = house.node(off).await;
        let unproven = ImportRow {
            email_verified: false,
            ..row("1", "ada@example.com")
        };

        assert_eq!(import(&auth, plan(), vec![unproven]).await, [MADE]);

        let signed_in = house.log_in("ada@example.com", IMPORTED_PASSWORD).await;
        assert!(!signed_in.expect("signs in").user.email_verified);
    }
);

both!(
    a_row_gets_no_role_the_operator_did_not_allow,
    async |house| {
        house
            .console("insert into roles (name, description) values ('auditor', 'Reads the log')")
            .await;
        house
            .console("insert into role_grants (role, pattern) values ('auditor', 'audit:read')")
            .await;
        let with_role = |role: &str| {
            let row = ImportRow {
                role: Some(role.to_owned()),
                ..row(role, &format!("{role}@example.com"))
            };
            vec![row]
        };
        for (role, outcome) in [
            ("viewer", MADE),
            ("api", refused(ImportRefused::ReservedRole)),
            ("editor", refused(ImportRefused::UnknownRole)),
            ("admin", refused(ImportRefused::Admin)),
            ("auditor", refused(ImportRefused::Admin)),
        ] {
            assert_eq!(
                import(&house.auth, plan(), with_role(role)).await,
                [outcome],
                "{role}"
            );
        }
        let allowing = ImportPlan {
            allow_admins: true,
            ..plan()
        };
        assert_eq!(
            import(&house.auth, allowing.clone(), with_role("admin")).await,
            [MADE]
        );
        let api = import(&house.auth, allowing, with_role("api")).await;
        assert_eq!(api, [refused(ImportRefused::ReservedRole)]);
    }
);

both!(
    a_changed_row_brings_names_up_to_date_and_no_role,
    async |house| {
        import(&house.auth, plan(), vec![row("1", "ada@example.com")]).await;
        house.sign_up("bob@example.com", TOKENS).await;
        house
        .console("update users set username = 'bob', username_key = 'bob' where email = 'bob@example.com'")
        .await;
        let changed = ImportRow {
            first_name: Some(PersonName::parse("Ada").expect("a name")),
            username: Some(Username::parse("Bob").expect("a username")),
            role: Some("admin".to_owned()),
            disabled: true,
            ..row("1", "ada@example.com")
        };

        let outcomes = import(&house.auth, plan(), vec![changed]).await;

        assert_eq!(outcomes, [ImportOutcome::Changed]);
        let ada = house.log_in("ada@example.com", IMPORTED_PASSWORD).await;
        let ada = ada.expect("still signs in").user;
        assert_eq!(
            (ada.first_name.as_deref(), ada.username),
            (Some("Ada"), None)
        );
        assert_eq!(ada.role, "user");
    }
);

both!(a_taken_username_leaves_nobody_behind, async |house| {
    let named = |id, address| ImportRow {
        username: Some(Username::parse("ada").expect("a username")),
        ..row(id, address)
    };
    let rows = vec![named("1", "ada@example.com"), named("2", "bob@example.com")];

    let outcomes = import(&house.auth, plan(), rows).await;

    let without = ImportOutcome::Made {
        without_username: true,
        without_password: false,
    };
    assert_eq!(outcomes, [MADE, without]);
});

both!(
    a_password_changed_there_follows_only_until_it_is_used_here,
    async |house| {
        let with = |hash: &str| {
            let row = ImportRow {
                password: Some(ForeignHash::read(hash).expect("reads")),
                ..row("1", "ada@example.com")
            };
            vec![row]
        };
        let hash = "select password_hash from users";
        import(&house.auth, plan(), with(BCRYPT)).await;
        assert_eq!(house.console(hash).await, [BCRYPT]);
        let outcomes = import(&house.auth, plan(), with(BCRYPT_ANEW)).await;
        assert_eq!(outcomes, [ImportOutcome::Changed]);
        assert_eq!(house.console(hash).await, [BCRYPT_ANEW]);

        house
            .log_in("ada@example.com", IMPORTED_PASSWORD)
            .await
            .expect("signs in");
        let ours = house.console(hash).await;
        assert!(ours[0].starts_with("$argon2id$"));
        let outcomes = import(&house.auth, plan(), with(BCRYPT)).await;

        assert_eq!(outcomes, [ImportOutcome::Changed], "it is seen");
        assert_eq!(house.console(hash).await, ours, "and changes nothing");
    }
);

both!(an_address_that_differs_is_nobodys_to_guess, async |house| {
    import(&house.auth, plan(), vec![row("1", "ada@example.com")]).await;

    let moved = import(&house.auth, plan(), vec![row("1", "ada@elsewhere.example")]).await;

    assert_eq!(moved, [refused(ImportRefused::AddressDiffers)]);
    assert!(
        house
            .log_in("ada@example.com", IMPORTED_PASSWORD)
            .await
            .is_ok()
    );
});

both!(whoever_was_deleted_here_stays_away, async |house| {
    import(&house.auth, plan(), vec![row("1", "ada@example.com")]).await;
    house.console("delete from users").await;

    let again = import(&house.auth, plan(), vec![row("1", "ada@example.com")]).await;

    assert_eq!(again, [refused(ImportRefused::Deleted)]);
});

both!(
    a_pending_registration_gives_way_to_the_account,
    async |house| {
        house.register(account("ada@example.com")).await;

        assert_eq!(
            import(&house.auth, plan(), vec![row("1", "ada@example.com")]).await,
            [MADE]
        );

        assert_eq!(house.console("select id from registrations").await, [""; 0]);
    }
);

both!(a_disabled_account_comes_disabled, async |house| {
    let disabled = ImportRow {
        disabled: true,
        created_at: Some(1_000_000_000),
        ..row("1", "ada@example.com")
    };
    import(&house.auth, plan(), vec![disabled]).await;

    assert!(
        house
            .log_in("ada@example.com", IMPORTED_PASSWORD)
            .await
            .is_err()
    );
    let times = "select cast(created_at as text) from users where disabled_at is not null";
    assert_eq!(house.console(times).await, ["1000000000"]);
});

both!(
    a_row_without_an_id_is_known_by_its_address_and_leaves_none,
    async |house| {
        let bare = || {
            let row = ImportRow {
                external_id: None,
                ..row("", "ada@example.com")
            };
            vec![row]
        };
        assert_eq!(import(&house.auth, plan(), bare()).await, [MADE]);
        assert_eq!(
            import(&house.auth, plan(), bare()).await,
            [ImportOutcome::Unchanged]
        );
        let id = house
            .console("select external_id from imported_accounts")
            .await;
        assert!(
            id[0].starts_with("address:") && !id[0].contains('@'),
            "{id:?}"
        );
    }
);

both!(ids_move_along_when_they_are_ours, async |house| {
    let ours = "01930000-0000-7000-8000-000000000001";
    let keeping = ImportPlan {
        keep_ids: true,
        ..plan()
    };
    let rows = vec![
        row(ours, "ada@example.com"),
        row("user_2", "bob@example.com"),
    ];
    assert_eq!(import(&house.auth, keeping.clone(), rows).await, [MADE; 2]);
    let ids = house.console("select id from users order by email").await;
    assert_eq!(ids[0], ours);
    assert_ne!(ids[1], "user_2");

    let other = ImportPlan {
        source: "other".to_owned(),
        ..keeping
    };
    let outcomes = import(&house.auth, other, vec![row(ours, "eve@example.com")]).await;
    assert_eq!(outcomes, [refused(ImportRefused::IdTaken)]);
});

both!(a_run_and_each_account_are_written_down, async |house| {
    import(
        &house.auth,
        plan(),
        vec![row("1", "ada@example.com"), row("1", "x@example.com")],
    )
    .await;

    let log = house
        .console("select action || ' ' || (subject_id is not null) from audit_log order by action")
        .await;
    let is = |text: &str| text.ends_with('1') || text.ends_with("true");
    assert_eq!(log.len(), 2, "{log:?}");
    assert!(log[0].starts_with("user.imported ") && is(&log[0]));
    assert!(log[1].starts_with("users.imported ") && !is(&log[1]));
    let detail = house
        .console("select detail from audit_log where action = 'users.imported'")
        .await;
    assert!(detail[0].contains(r#""made":1"#) && detail[0].contains(r#""refused":1"#));
});

both!(a_hash_sealed_elsewhere_is_refused, async |house| {
    let foreign = "$sha256$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MjZP1+1U9JUbDWvDvtLyEsZiNXOKEUxfi6O2oe46uxA";
    let sealed = ImportRow {
        password: Some(ForeignHash::read(foreign).expect("reads")),
        ..row("1", "ada@example.com")
    };

    let outcomes = import(
        &house.auth,
        plan(),
        vec![sealed, row("2", "bob@example.com")],
    )
    .await;

    let elsewhere = refused(ImportRefused::Hash(HashRefused::SealedElsewhere));
    assert_eq!(outcomes, [elsewhere, MADE], "the rest goes on");
});
