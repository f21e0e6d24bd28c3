//! How long something takes, in words.

/// `a moment`, `14 minutes`, `2 hours`: rounded up, so that nobody comes back too early.
pub(crate) fn duration(seconds: u32) -> String {
    let (count, unit) = match seconds {
        0..=9 => return "a moment".to_owned(),
        10..=59 => (seconds, "second"),
        60..=5400 => (seconds.div_ceil(60), "minute"),
        _ => (seconds.div_ceil(3600), "hour"),
    };
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_to_come_back_too_early() {
        let said = [1, 30, 60, 61, 900, 5401, 7200].map(duration);

        assert_eq!(
            said,
            [
                "a moment",
                "30 seconds",
                "1 minute",
                "2 minutes",
                "15 minutes",
                "2 hours",
                "2 hours"
            ]
        );
    }
}
