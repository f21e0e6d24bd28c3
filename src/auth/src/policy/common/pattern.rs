//! Runs, sequences and walks over the keyboard.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What lies side by side on keyboards, and what is counted off: each is read in both directions.
const LINES: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyzabc",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "αβγδεζηθικλμνξοπρστυφχψω",
    // Counting goes on after nine, and some begin at nought.
    "012345678901234567890",
    // QWERTY, QWERTZ, AZERTY, ЙЦУКЕН
    "`1234567890-=",
    "!@#$%^&*()_+",
    "qwertyuiop[]\\",
    "asdfghjkl;'#",
    "zxcvbnm,./",
    "qwertzuiopü+",
    "asdfghjklöä",
    "yxcvbnm,.-",
    "azertyuiop^$",
    "qsdfghjklmù",
    "wxcvbn,;:!",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю.",
    // Columns and zigzags
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "!qaz@wsx#edc$rfv%tgb^yhn&ujm",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qawsedrftgyhujikolp",
    "741852963",
    "147258369",
    "159753",
];

/// A piece shorter than this is chance.
const SHORTEST: usize = 3;
/// Pieces are this long on average, or too many of them make a password after all.
const AVERAGE: usize = 4;
/// What may be left over, to fill up to the length a rule asks for.
const LEFT_OVER: usize = 2;

/// Whether a few runs, sequences and walks are all there is. `folded`: without case.
pub(super) fn is_pattern(folded: &[char]) -> bool {
    let (mut at, mut pieces, mut left_over) = (0, 0, 0);
    while at < folded.len() {
        match piece(&folded[at..]) {
            length if length >= SHORTEST => {
                at += length;
                pieces += 1;
            }
            _ => {
                at += 1;
                left_over += 1;
            }
        }
    }
    pieces > 0 && left_over <= LEFT_OVER && pieces * AVERAGE <= folded.len()
}

/// The length of the longest piece a text begins with.
fn piece(text: &[char]) -> usize {
    let run = text.iter().take_while(|c| **c == text[0]).count();
    let places = KEYS.places.get(&text[0]).map_or(&[][..], Vec::as_slice);
    let walks = places.iter().map(|(line, at)| {
        let steps = KEYS.lines[*line][*at..].iter().zip(text);
        steps.take_while(|(key, c)| key == c).count()
    });
    walks.fold(run, usize::max)
}

/// Every line in both directions, and where in them a character stands.
struct Keys {
    lines: Vec<Vec<char>>,
    places: HashMap<char, Vec<(usize, usize)>>,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let there = LINES.iter().map(|line| line.chars().collect());
    let back = LINES.iter().map(|line| line.chars().rev().collect());
    let lines: Vec<Vec<char>> = there.chain(back).collect();
    let mut places = HashMap::<char, Vec<_>>::new();
    for (line, keys) in lines.iter().enumerate() {
        for (at, key) in keys.iter().enumerate() {
            places.entry(*key).or_default().push((line, at));
        }
    }
    Keys { lines, places }
});
