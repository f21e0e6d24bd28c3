use super::*;

const OWN: [&str; 4] = ["ada@example.com", "ada", "lovelace", "Lovelace"];

fn judged(password: &str) -> Result<(), FieldCode> {
    judge(&Password::claimed(password), &OWN.map(str::to_owned), None)
}

#[test]
fn a_few_unrelated_words_are_welcome() {
    for password in [
        "correct horse battery staple",
        "grüne tassen fliegen leise",
        "😀 three wet otters 😀",
        "vjm2 qpz8 wtx5 lkd",
        "only lowercase letters here",
        "ONLYCAPITALSANDNOTHINGELSE",
        "839201746552",
        "жёлтые выдры поют тихо",
    ] {
        assert_eq!(judged(password), Ok(()), "{password}");
    }
}

/// Row 3: no rule asks for a class of characters, so no change of class alone makes a good one bad.
#[test]
fn no_class_of_characters_is_asked_for() {
    let good = "three wet otters sing";
    for password in [
        good.to_uppercase(),
        good.replace(' ', ""),
        good.replace(' ', "  "),
        good.replace(' ', "😀"),
        good.replace(' ', "7"),
        good.replace(' ', "\t"),
    ] {
        assert_eq!(judged(&password), Ok(()), "{password}");
    }
}

/// Row 2.
#[test]
fn sixty_four_and_256_characters_are_welcome() {
    let long = "three wet otters sing of 17 grey lamps. ".repeat(7);
    for length in [64, 256] {
        let password: String = long.chars().take(length).collect();
        assert_eq!(judged(&password), Ok(()), "{length}");
    }
}

/// Row 7: the verdict is of the text, not of how it was composed.
#[test]
fn composed_and_decomposed_are_judged_alike() {
    for (composed, decomposed) in [
        (
            "caf\u{e9} \u{e9}tage bleu nuit",
            "cafe\u{301} e\u{301}tage bleu nuit",
        ),
        (
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
            &"e\u{301}".repeat(12),
        ),
    ] {
        assert_eq!(judged(composed), judged(decomposed), "{composed}");
    }
}

#[test]
fn what_everybody_tries_first_is_refused_as_common() {
    for password in [
        "password1234",
        "PASSWORDpassword",
        "123456789012",
        "abcdefghijkl",
        "qwertyuiop12",
        "aaaaaaaaaaaaaa",
        "international",
    ] {
        assert_eq!(judged(password), Err(FieldCode::TooCommon), "{password}");
    }
}

#[test]
fn what_is_guessed_quickly_is_refused_as_weak() {
    for password in ["dragonmonkey", "sunshineprincess", "footballmichael"] {
        assert_eq!(judged(password), Err(FieldCode::TooWeak), "{password}");
    }
}

/// Row 6.
#[test]
fn the_persons_own_words_are_no_password() {
    for password in [
        "ada@example.com",
        "lovelacelovelace",
        "LovelaceLovelace",
        "Ada Lovelace 1815",
        "gatehousegatehouse",
    ] {
        let words = OWN.iter().chain(&PRODUCT).map(|word| (*word).to_owned());
        let words: Vec<_> = words.collect();
        let judged = judge(&Password::claimed(password), &words, None);
        assert_eq!(judged, Err(FieldCode::TooCommon), "{password}");
    }
}

#[test]
fn the_words_of_an_account_and_of_the_portal_are_all_there() {
    assert_eq!(
        words_of(
            "ada.lovelace@example.com",
            [Some("ada_l"), None, Some("King Lovelace")]
        ),
        [
            "ada.lovelace@example.com",
            "ada.lovelace",
            "example.com",
            "lovelace",
            "example",
            "ada_l",
            "King Lovelace",
            "King",
            "Lovelace"
        ]
    );
    assert_eq!(
        host_words("https://login.example.com:8443/x"),
        ["login.example.com", "login", "example"]
    );
    assert_eq!(host_words(""), [""]);
}

#[test]
fn the_longest_password_is_judged_too() {
    assert_eq!(judged(&"a".repeat(256)), Err(FieldCode::TooCommon));
    assert_eq!(judged(&"\u{308}".repeat(256)), Err(FieldCode::TooCommon));
}
