//! How long something takes, in words.

/// Longer than this nobody waits: it ends by somebody's act. In seconds.
const YEAR: u32 = 366 * 86_400;

/// The same as [`duration`], where there is an end to wait for.
pub(crate) fn waiting(seconds: u32) -> Option<String> {
    (seconds <= YEAR).then(|| duration(seconds))
}

/// `a moment`, `14 minutes`, `2 hours`, `9 days`: rounded up, so that nobody comes back too early.
pub(crate) fn duration(seconds: u32) -> String {
    let (count, unit) = match seconds {
        0..=9 => return "a moment".to_owned(),
        10..=59 => (seconds, "second"),
        60..=5400 => (seconds.div_ceil(60), "minute"),
        5401..=172_800 => (seconds.div_ceil(3600), "hour"),
        _ => (seconds.div_ceil(86_400), "day"),
    };
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_told_to_come_back_too_early() {
        let said = [1, 30, 60, 61, 900, 5401, 7200, 172_800, 172_801, 604_800].map(duration);

        assert_eq!(
            said,
            [
                "a moment",
                "30 seconds",
                "1 minute",
                "2 minutes",
                "15 minutes",
                "2 hours",
                "2 hours",
                "48 hours",
                "3 days",
                "7 days"
            ]
        );
        assert_eq!(waiting(60).as_deref(), Some("1 minute"));
        assert_eq!(waiting(100 * 365 * 86_400), None, "somebody has to help");
    }
}
