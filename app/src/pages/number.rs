//! Numbers as people read them.

/// `1 account`, `12 345 accounts`.
pub(crate) fn counted(many: i64, one: &str) -> String {
    match many {
        1 => format!("1 {one}"),
        many => format!("{} {one}s", grouped(many)),
    }
}

/// Digits in threes, with a space that does not break.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::from(if number < 0 { "−" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_threes() {
        let told = [0, 999, 1000, 1_234_567, -1000].map(grouped);
        assert_eq!(
            told,
            [
                "0",
                "999",
                "1\u{202f}000",
                "1\u{202f}234\u{202f}567",
                "−1\u{202f}000"
            ]
        );
        assert_eq!(counted(1, "account"), "1 account");
        assert_eq!(counted(1000, "account"), "1\u{202f}000 accounts");
    }
}
