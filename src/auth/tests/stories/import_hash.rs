//! The first sign-in of an imported account: its old hash is verified, and replaced in the same request
//! (C1, req 135).

use auth::{FirebaseProject, ForeignHash, ImportRow, LogInError, Want};
use wire::{ErrorCode, Secret};

use crate::import::{BCRYPT, IMPORTED_PASSWORD, import, plan, row};
use crate::support::*;

/// The example of github.com/firebase/scrypt.
const SIGNER_KEY: &str =
    "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";

fn firebase() -> ForeignHash {
    let project = FirebaseProject::new(&Secret::new(SIGNER_KEY), "Bw==", 8, 14).expect("reads");
    let hash =
        "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";
    ForeignHash::firebase(&project, "42xEC+ixf3L2lw==", hash).expect("reads")
}

fn better_auth() -> ForeignHash {
    ForeignHash::better_auth("000102030405060708090a0b0c0d0e0f:9372e2d20f7c9ba55e54d10569dfe24824c5765383f46b040e9ac7b33041339c514173900cb63a37c935c0e2f40cfe2cb39bee5fe58f54715c1fd913c4638373").expect("reads")
}

fn sonicjs() -> ForeignHash {
    let digest = "04c3ca75880ef5fd0558962871a59dac5ddf58b25a5d95740332bd7d72942e78";
    ForeignHash::sonicjs(digest, &Secret::new("static salt")).expect("reads")
}

/// One hash of each kind, and its password.
fn one_of_each() -> Vec<(ForeignHash, &'static str)> {
    let texts = [
        BCRYPT,
        "$argon2i$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$upMolgTkMlwbVBjdk8MFwkTNVPmQTsViYFz5ZF/pVVg",
        "$argon2id$v=16$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$8qQEkLG14QwsOeP8vYfWOPvFwEgwFYUQZ8mRBY7QjtU",
        "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=",
        "$pbkdf2-sha512$i=500,l=64$AAECAwQFBgcICQoLDA0ODw$+9DxJClxuujork7fIEOPViLyjQ05Xa1K9FoPrFX4vWHH1rQRJ3/tc/SyKB1ttpo3oot2KV7ac5rLVrpUxV2eCA",
        "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$nfkj3u1fRTHCea+fVr03sWV770kp5wLOLoEakziKhqE",
    ];
    let mut hashes: Vec<_> = texts
        .iter()
        .map(|text| (ForeignHash::read(text).expect("reads"), IMPORTED_PASSWORD))
        .collect();
    hashes.push((firebase(), "user1password"));
    hashes.push((better_auth(), IMPORTED_PASSWORD));
    hashes.push((sonicjs(), IMPORTED_PASSWORD));
    hashes
}

fn with(id: &str, password: ForeignHash) -> ImportRow {
    ImportRow {
        password: Some(password),
        ..row(id, &format!("user{id}@example.com"))
    }
}

both!(
    every_kind_signs_in_once_and_is_ours_from_then_on,
    async |house| {
        let hashes = one_of_each();
        let rows = hashes.iter().enumerate();
        let rows = rows.map(|(at, (hash, _))| with(&at.to_string(), hash.clone()));
        import(&house.auth, plan(), rows.collect()).await;

        for (at, (_, password)) in hashes.iter().enumerate() {
            let address = format!("user{at}@example.com");
            let hash = format!("select password_hash from users where email = '{address}'");
            let imported = house.console(&hash).await;

            let wrong = house.log_in(&address, "correct horse battery").await;
            assert!(
                matches!(wrong, Err(LogInError::WrongPassword)),
                "{imported:?}"
            );
            assert_eq!(
                house.console(&hash).await,
                imported,
                "a failure changes nothing"
            );

            house.log_in(&address, password).await.expect("signs in");
            let ours = house.console(&hash).await;
            assert!(
                ours[0].starts_with("$argon2id$v=19$m=64,t=1,p=1$"),
                "{ours:?}"
            );
            assert_ne!(ours, imported);

            house
                .log_in(&address, password)
                .await
                .expect("signs in again");
            assert_eq!(house.console(&hash).await, ours, "made once");
            assert!(
                house
                    .log_in(&address, "correct horse battery")
                    .await
                    .is_err()
            );
        }
    }
);

both!(
    nothing_of_the_old_systems_secrets_rests_in_clear,
    async |house| {
        import(
            &house.auth,
            plan(),
            vec![with("1", firebase()), with("2", sonicjs())],
        )
        .await;

        let everything = house
            .console("select password_hash || ' ' || coalesce(email, '') from users")
            .await
            .join(" ");

        for secret in ["jxspr8Ki0RYyc", "static salt", "04c3ca75880ef5fd"] {
            assert!(!everything.contains(secret), "{secret}");
        }
    }
);

both!(an_imported_account_locks_like_any_other, async |house| {
    import(&house.auth, plan(), vec![row("1", "ada@example.com")]).await;
    let client = house.somewhere();
    let mut answers = Vec::new();
    for _ in 0..6 {
        let credentials = credentials("ada@example.com", "wrong horse");
        answers.push(code(
            house.auth.log_in(credentials, Want::Page, &client).await,
        ));
    }

    assert_eq!(answers[..5], [ErrorCode::InvalidCredentials; 5]);
    assert_eq!(answers[5], ErrorCode::RateLimited);
    let right = credentials("ada@example.com", IMPORTED_PASSWORD);
    let answer = house.auth.log_in(right, Want::Page, &client).await;
    assert_eq!(code(answer), ErrorCode::RateLimited);
});

both!(
    an_imported_account_costs_a_hash_of_ours_as_nobody_does,
    async |house| {
        import(&house.auth, plan(), vec![row("1", "ada@example.com")]).await;
        let mut work = Vec::new();
        for address in ["nobody@example.com", "ada@example.com"] {
            let before = house.auth.work();
            assert!(house.log_in(address, "wrong horse").await.is_err());
            work.push(house.auth.work() - before);
        }

        assert_eq!(work[0], work[1]);
    }
);

both!(
    two_hundred_first_sign_ins_at_once_let_everybody_in,
    async |house| {
        import(&house.auth, plan(), vec![row("1", "ada@example.com")]).await;
        let auth = house.node(without_limits()).await;
        let clients: Vec<_> = (0..200).map(|_| house.somewhere()).collect();

        let answers = at_once(200, |at| {
            let (auth, client) = (auth.clone(), clients[at].clone());
            let credentials = credentials("ada@example.com", IMPORTED_PASSWORD);
            async move { auth.log_in(credentials, Want::Page, &client).await }
        })
        .await;

        let mut signed_in = 0;
        for answer in answers {
            match answer {
                Ok(_) => signed_in += 1,
                // The queue is bounded; whoever found no place may try again.
                Err(LogInError::Overloaded(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert!(signed_in > 100, "{signed_in}");
        let hash = house.console("select password_hash from users").await;
        assert!(hash[0].starts_with("$argon2id$"));
        house
            .log_in("ada@example.com", IMPORTED_PASSWORD)
            .await
            .expect("signs in");
    }
);

both!(a_sign_in_that_breaks_off_locks_nobody_out, async |house| {
    import(&house.auth, plan(), vec![row("1", "ada@example.com")]).await;
    for _ in 0..20 {
        let auth = house.node(without_limits()).await;
        let client = house.somewhere();
        let credentials = credentials("ada@example.com", IMPORTED_PASSWORD);
        let task = tokio::spawn(async move { auth.log_in(credentials, Want::Page, &client).await });
        tokio::task::yield_now().await;
        task.abort();
        let _cut_off = task.await;
    }

    house
        .node(without_limits())
        .await
        .log_in(
            credentials("ada@example.com", IMPORTED_PASSWORD),
            Want::Page,
            &house.somewhere(),
        )
        .await
        .expect("signs in");
});
