use super::*;
use crate::secret::SeededEntropy;
use crate::settings::HashCost;
use wire::Password;

const CHEAP: HashCost = HashCost {
    memory_kib: 64,
    iterations: 1,
    lanes: 1,
};

/// The example of github.com/firebase/scrypt.
const SIGNER_KEY: &str =
    "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
const FIREBASE_SALT: &str = "42xEC+ixf3L2lw==";
const FIREBASE_HASH: &str =
    "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==";

struct Bench {
    argon: Argon,
    ring: KeyRing,
    entropy: SeededEntropy,
}

impl Bench {
    fn new() -> Self {
        let entropy = SeededEntropy::new(5);
        Self {
            argon: Argon::new(CHEAP).expect("within range"),
            ring: KeyRing::generate(&entropy),
            entropy,
        }
    }

    fn rest(&self, hash: ForeignHash) -> String {
        hash.rest(&self.argon, &self.ring, &self.entropy)
            .expect("computes")
            .expect("may rest")
    }

    fn is_of(&self, stored: &str, password: &str) -> bool {
        let password = Password::claimed(password);
        matches(stored, &password, &self.argon, &self.ring).expect("compares")
    }
}

fn project() -> FirebaseProject {
    FirebaseProject::new(&Secret::new(SIGNER_KEY), "Bw==", 8, 14).expect("reads")
}

/// What Python's `hashlib`, `bcrypt` and `argon2-cffi` make of `correct horse`, written as each
/// system writes it.
const OF_CORRECT_HORSE: &[&str] = &[
    "$2b$04$5jMp4XP4NztzYClamhlKLufkErz/jaO4hOP233UZTAZquzRS7caXe",
    "$2y$04$5jMp4XP4NztzYClamhlKLufkErz/jaO4hOP233UZTAZquzRS7caXe",
    "$2a$04$aJesiysTNv9rC2kKEPld0.ltaMt5YEhfAwvu5tpcAgz7TI1AQnVD2",
    "bcrypt$$2a$04$aJesiysTNv9rC2kKEPld0.ltaMt5YEhfAwvu5tpcAgz7TI1AQnVD2",
    "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MjZP1+1U9JUbDWvDvtLyEsZiNXOKEUxfi6O2oe46uxA",
    "$argon2id$v=16$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$8qQEkLG14QwsOeP8vYfWOPvFwEgwFYUQZ8mRBY7QjtU",
    "$argon2i$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$upMolgTkMlwbVBjdk8MFwkTNVPmQTsViYFz5ZF/pVVg",
    "argon2$argon2i$v=16$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$uTk+XTWXzjOAQ02rWGuR0cfRk0jA7AWFk5S3LCFO7hs",
    "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=",
    "pbkdf2_sha256$1000$seasalt$9909ee7926a46fbe3ccea0400b5b6659566c65b8b6ccf1996ab1334c675f9aca",
    "pbkdf2_sha1$1000$seasalt$iQvkNOF1wEL4Khh8eogJ8rUhipM=",
    "pbkdf2_sha512$500$seasalt$aTuHEmKqdrn3KigL29xXo+XikBAS6Gu0mQijqPu30ImpiF4Us6JdpV8Hswe9hzvxatEVsWWoOkmNnV8wShrejw==",
    "$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
    "$pbkdf2-sha256$1000$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ",
    "$pbkdf2-sha1$i=1000,l=20$AAECAwQFBgcICQoLDA0ODw$ndhWw3a4srcTtr4HQFTLiKRlVuA",
    "$pbkdf2-sha512$i=500,l=64$AAECAwQFBgcICQoLDA0ODw$+9DxJClxuujork7fIEOPViLyjQ05Xa1K9FoPrFX4vWHH1rQRJ3/tc/SyKB1ttpo3oot2KV7ac5rLVrpUxV2eCA",
    "$scrypt$ln=10,r=8,p=1$AAECAwQFBgcICQoLDA0ODw$nfkj3u1fRTHCea+fVr03sWV770kp5wLOLoEakziKhqE",
];

/// Compares what may rest of a hash with its password and with others.
fn knows(bench: &Bench, hash: ForeignHash, password: &str, what: &str) {
    let stored = bench.rest(hash);
    let again = read::scheme(&stored).unwrap_or_else(|refused| panic!("{what}: {refused}"));
    assert_eq!(again.to_string(), stored, "what rests is read as itself");
    assert!(bench.is_of(&stored, password), "{what}");
    // Not `correct horse\0`: HMAC, and with it PBKDF2 and scrypt, pads its key with zeros.
    for wrong in ["", "Correct horse", "correct horse "] {
        assert!(!bench.is_of(&stored, wrong), "{what}: {wrong:?}");
    }
}

#[test]
fn a_hash_of_another_system_knows_its_password_and_no_other() {
    let bench = Bench::new();
    for text in OF_CORRECT_HORSE {
        let hash = ForeignHash::read(text).unwrap_or_else(|refused| panic!("{text}: {refused}"));
        knows(&bench, hash, "correct horse", text);
    }
}

#[test]
fn bcrypt_looks_at_seventy_two_bytes_as_it_always_did() {
    let bench = Bench::new();
    let of_72 = "$2b$04$g9gbzDO2C0bM3wE.MLC/LOcRlPaIMW0NJ9fcLoruIE6N58iXSHFqq";

    assert!(bench.is_of(of_72, &"a".repeat(72)));
    assert!(bench.is_of(of_72, &"a".repeat(80)));
    assert!(!bench.is_of(of_72, &"a".repeat(71)));
}

#[test]
fn firebase_agrees_with_its_own_example() {
    let bench = Bench::new();
    let hash = ForeignHash::firebase(&project(), FIREBASE_SALT, FIREBASE_HASH).expect("reads");
    let stored = bench.rest(hash);

    assert!(bench.is_of(&stored, "user1password"));
    assert!(!bench.is_of(&stored, "user2password"));
    assert!(!stored.contains(&SIGNER_KEY[..20]), "the key is sealed");
    let web_safe = FIREBASE_HASH.replace('+', "-").replace('/', "_");
    assert!(ForeignHash::firebase(&project(), FIREBASE_SALT, &web_safe).is_ok());
}

#[test]
fn better_auth_salts_with_the_hex_itself_and_normalises_to_nfkc() {
    let bench = Bench::new();
    for (text, password) in [
        (
            "000102030405060708090a0b0c0d0e0f:9372e2d20f7c9ba55e54d10569dfe24824c5765383f46b040e9ac7b33041339c514173900cb63a37c935c0e2f40cfe2cb39bee5fe58f54715c1fd913c4638373",
            "correct horse",
        ),
        (
            "000102030405060708090a0b0c0d0e0f:6b229b0a03f4a934fc32853de1ddcb248097c816e057a6a50cfcf72702b15218b441b88143bf5e5482963eca40216cde7aae11624c857865057013e4bc975ca5",
            "\u{ff23}afe\u{301} \u{2460}",
        ),
    ] {
        let hash = ForeignHash::better_auth(text).expect("reads");
        knows(&bench, hash, password, text);
    }
}

#[test]
fn a_sha256_never_rests_and_is_still_known() {
    let bench = Bench::new();
    let digest = "04c3ca75880ef5fd0558962871a59dac5ddf58b25a5d95740332bd7d72942e78";
    let salt = Secret::new("static salt");
    let hash = ForeignHash::sonicjs(&digest.to_uppercase(), &salt).expect("reads");
    assert!(hash.is_to_be_wrapped());
    let stored = bench.rest(hash.clone());

    assert!(!stored.contains(digest) && !stored.contains("static"));
    assert_ne!(
        bench.rest(hash.clone()),
        stored,
        "each has a salt of its own"
    );
    knows(&bench, hash, "correct horse", "wrapped");
    let newer = "pbkdf2:1000:000102030405060708090a0b0c0d0e0f:c914cc4f06cc6e8f46d157e3a1b5aa7abceebb17bb0444cd4c4ac16ca2ae9864";
    let newer = ForeignHash::sonicjs(newer, &salt).expect("reads");
    assert!(!newer.is_to_be_wrapped());
    knows(&bench, newer, "correct horse", "newer");
}

#[test]
fn what_is_sealed_opens_under_its_own_ring_alone() {
    let (bench, entropy) = (Bench::new(), SeededEntropy::new(77));
    let elsewhere = KeyRing::generate(&entropy);
    let firebase = ForeignHash::firebase(&project(), FIREBASE_SALT, FIREBASE_HASH);
    let digest = "0".repeat(64);
    let wrapped = ForeignHash::sonicjs(&digest, &Secret::new("salt"));
    for hash in [firebase, wrapped] {
        let exported = bench.rest(hash.expect("reads"));
        let read = || ForeignHash::read(&exported).expect("reads");
        assert_eq!(bench.rest(read()), exported, "moves with its ring");
        let moved = read().rest(&bench.argon, &elsewhere, &entropy);
        assert_eq!(moved.expect("computes"), Err(HashRefused::SealedElsewhere));
    }
}

#[test]
fn what_would_cost_too_much_or_is_damaged_is_refused() {
    use HashRefused::{Damaged, TooCostly, Unknown};
    let b64 = "AAECAwQFBgcICQoLDA0ODw";
    let phc = |head: &str| format!("{head}${b64}${b64}");
    for (text, refused) in [
        (
            "$2b$15$5jMp4XP4NztzYClamhlKLufkErz/jaO4hOP233UZTAZquzRS7caXe".to_owned(),
            TooCostly,
        ),
        (
            "$2b$31$5jMp4XP4NztzYClamhlKLufkErz/jaO4hOP233UZTAZquzRS7caXe".to_owned(),
            TooCostly,
        ),
        ("$2b$10$short".to_owned(), Damaged),
        (
            "$2b$10$5jMp4XP4NztzYClamhlKLufkErz/jaO4hOP233UZTAZquzRS7ca\u{e9}".to_owned(),
            Damaged,
        ),
        (
            "$2x$10$5jMp4XP4NztzYClamhlKLufkErz/jaO4hOP233UZTAZquzRS7caXe".to_owned(),
            Unknown,
        ),
        (phc("$pbkdf2-sha256$i=4000001"), TooCostly),
        (phc("$pbkdf2-sha256$i=99999999999999999999"), TooCostly),
        (phc("$pbkdf2-sha256$i=0"), Damaged),
        (phc("$pbkdf2-sha256$i=-1"), Damaged),
        (phc("$pbkdf2-md5$i=1000"), Unknown),
        (phc("$scrypt$ln=18,r=8,p=1"), TooCostly),
        (phc("$scrypt$ln=63,r=4294967295,p=4294967295"), TooCostly),
        (phc("$scrypt$ln=255,r=8,p=1"), TooCostly),
        (phc("$scrypt$ln=17,r=8,p=4"), TooCostly),
        (phc("$scrypt$ln=0,r=8,p=1"), Damaged),
        (phc("$scrypt$ln=10,r=0,p=1"), Damaged),
        (phc("$argon2id$v=19$m=262145,t=1,p=1"), TooCostly),
        (phc("$argon2id$v=19$m=65536,t=17,p=1"), TooCostly),
        (phc("$argon2id$v=19$m=4194304,t=4294967295,p=1"), TooCostly),
        (
            "$argon2id$v=19$m=64,t=1,p=1$c2VhLXNhbHQ".to_owned(),
            Damaged,
        ),
        (phc("$argon2d$v=19$m=64,t=1,p=1"), Unknown),
        (
            format!(
                "$pbkdf2-sha256$i=1${}$AAECAwQFBgcICQoLDA0ODw",
                "A".repeat(400)
            ),
            Damaged,
        ),
        (format!("$2b$10${}", "x".repeat(5000)), Damaged),
        ("$sha256$AAAA$argon2id$nonsense".to_owned(), Damaged),
        ("5f4dcc3b5aa765d61d8327deb882cf99".to_owned(), Unknown),
        ("plain text".to_owned(), Unknown),
        (String::new(), Unknown),
    ] {
        assert_eq!(ForeignHash::read(&text).map(drop), Err(refused), "{text}");
    }
    for (rounds, memory, refused) in [(8, 18, TooCostly), (8, 64, TooCostly), (0, 14, Damaged)] {
        let made = FirebaseProject::new(&Secret::new(SIGNER_KEY), "Bw==", rounds, memory);
        assert_eq!(made.map(drop), Err(refused), "{rounds} {memory}");
    }
    for text in ["", ":", "00:11", "salt:key", &"0".repeat(161)] {
        assert!(ForeignHash::better_auth(text).is_err(), "{text}");
        assert!(
            ForeignHash::sonicjs(text, &Secret::new("salt")).is_err(),
            "{text}"
        );
    }
}

#[test]
fn a_hash_is_never_printed() {
    let hash = ForeignHash::read(OF_CORRECT_HORSE[0]).expect("reads");
    assert_eq!(
        format!("{hash:?} {:?}", project()).matches("$2b$").count(),
        0
    );
    assert!(!format!("{:?}", project()).contains("jxsp"));
}
