//! What a `User-Agent` says, as far as it can be believed: names from a closed list, never its text.

use wire::Device;

/// Reads a `User-Agent`.
pub(crate) fn device(agent: &str) -> Device {
    let Some(found) = woothee::parser::Parser::new().parse(agent) else {
        let kind = if is_program(agent) {
            "program"
        } else {
            "unknown"
        };
        return Device {
            browser: None,
            os: None,
            kind: kind.to_owned(),
        };
    };
    let known = |name: &str| (name != "UNKNOWN").then(|| name.to_owned());
    let kind = match found.category {
        "smartphone" if is_tablet(found.os, agent) => "tablet",
        "pc" => "desktop",
        "smartphone" | "mobilephone" | "appliance" => "phone",
        "crawler" | "misc" => "program",
        _ => "unknown",
    };
    Device {
        browser: known(found.name),
        os: known(found.os),
        kind: kind.to_owned(),
    }
}

/// What is called a phone by woothee. Android's browsers say `Mobile` on phones alone.
fn is_tablet(os: &str, agent: &str) -> bool {
    os == "iPad" || (os == "Android" && !agent.contains("Mobile"))
}

/// `curl/8.14.1`, `workflow-cli/1.0`: what has no browser's name begins with a name and a version.
fn is_program(agent: &str) -> bool {
    let first = agent.split(' ').next().unwrap_or_default();
    first.split_once('/').is_some_and(|(name, version)| {
        !name.is_empty() && version.starts_with(|c: char| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_told_by_names_we_know() {
        let firefox =
            device("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
        assert_eq!(
            (firefox.words().as_str(), firefox.kind.as_str()),
            ("Firefox on Linux", "desktop")
        );
        let kinds = [
            ("workflow-cli/1.0", "program"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "phone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1",
                "tablet",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "phone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                "tablet",
            ),
        ];
        for (agent, kind) in kinds {
            assert_eq!(device(agent).kind, kind, "{agent}");
        }
        for agent in ["", "Your account is locked, call 555", "<script>"] {
            let unknown = device(agent);
            assert_eq!(
                (unknown.words().as_str(), unknown.kind.as_str()),
                ("an unknown device", "unknown"),
                "{agent}"
            );
        }
    }
}
