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
        assert_eq!(device("workflow-cli/1.0").kind, "program");
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
