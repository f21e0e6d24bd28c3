//! Code to copy, with this portal's own values in it.
//!
//! Each is the text of a recipe that is run against a portal by a test (`end2end/interop`,
//! `clients/hono/test/readme.test.ts`, `clients/rust/tests/recipe.rs`), so that what people copy is what was tried. Values are put in by
//! replacing what stands in the recipe; a test here fails when a recipe has nothing to replace.

/// The README whose example a test runs.
const HONO: &str = include_str!("../../../../clients/hono/README.md");
/// The example a test runs, which the README holds too.
const AXUM: &str = include_str!("../../../../clients/rust/examples/protected.rs");
const PYTHON: &str = include_str!("../../../../end2end/interop/recipes/gatehouse_tokens.py");
const BY_HAND: &str = include_str!("../../../../end2end/interop/recipes/by-hand.sh");

/// What differs from portal to portal.
pub(super) struct Values<'v> {
    pub(super) issuer: &'v str,
    pub(super) audience: &'v str,
    pub(super) algorithm: &'v str,
}

/// A service with our package.
pub(super) fn hono(values: &Values<'_>) -> String {
    let example = block(HONO, "ts");
    // The package takes ES256 unless it is told otherwise.
    let more = match values.algorithm {
        "ES256" => String::new(),
        other => format!(", algorithms: [{}]", quoted(other, '\'')),
    };
    example
        .replace("'https://auth.example.com'", &quoted(values.issuer, '\''))
        .replace(
            "'workflow-api' }",
            &format!("{}{more} }}", quoted(values.audience, '\'')),
        )
}

/// A service with our crate.
pub(super) fn axum(values: &Values<'_>) -> String {
    let audience = quoted(values.audience, '"');
    let kind = match values.algorithm {
        "EdDSA" => Some("EdDsa"),
        "RS256" => Some("Rs256"),
        // What the crate takes unless it is told otherwise.
        _ => None,
    };
    let more = kind.map_or(String::new(), |kind| {
        format!(".algorithms([Algorithm::{kind}])")
    });
    let example = AXUM
        .replace("\"http://localhost:3000\"", &quoted(values.issuer, '"'))
        .replace("\"workflow-api\")", &format!("{audience}){more}"));
    match kind {
        Some(_) => example.replace("gatehouse_axum::{", "gatehouse_axum::{Algorithm, "),
        None => example,
    }
}

/// A verifier for every Python server.
pub(super) fn python(values: &Values<'_>) -> String {
    let audience = quoted(values.audience, '"');
    let algorithms = format!("algorithms=[{}]", quoted(values.algorithm, '"'));
    let verifier = PYTHON
        .replace("\"workflow-api\"", &audience)
        .replace("algorithms=[\"ES256\"]", &algorithms);
    let issuer = quoted(values.issuer, '"');
    format!("{verifier}\n\nverifier = Verifier({issuer})\n")
}

/// The same by hand: a token, and who takes it.
pub(super) fn by_hand(values: &Values<'_>) -> String {
    BY_HAND.replace("http://localhost:3000", values.issuer)
}

/// The first block of a language in a page of documentation.
fn block<'p>(page: &'p str, language: &str) -> &'p str {
    let start = format!("```{language}\n");
    let after = page
        .split_once(start.as_str())
        .map_or("", |(_, after)| after);
    after.split_once("```").map_or("", |(block, _)| block)
}

/// A text as JavaScript and Python write it.
fn quoted(text: &str, quote: char) -> String {
    let mut written = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            c if c == quote => written.extend(['\\', c]),
            c => written.push(c),
        }
    }
    written.push(quote);
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: Values<'_> = Values {
        issuer: "https://sign-in.acme.test",
        audience: "orders",
        algorithm: "EdDSA",
    };

    #[test]
    fn every_snippet_has_this_portals_values_and_none_of_the_recipes() {
        for (code, values) in [
            (
                hono(&VALUES),
                vec!["'https://sign-in.acme.test'", "'orders'", "['EdDSA']"],
            ),
            (
                axum(&VALUES),
                vec![
                    "\"https://sign-in.acme.test\"",
                    "\"orders\").algorithms([Algorithm::EdDsa]))?",
                    "::{Algorithm, ",
                ],
            ),
            (
                python(&VALUES),
                vec!["\"https://sign-in.acme.test\"", "\"orders\"", "[\"EdDSA\"]"],
            ),
            (by_hand(&VALUES), vec!["portal=https://sign-in.acme.test\n"]),
        ] {
            for value in values {
                assert!(code.contains(value), "{value} in {code}");
            }
            for left in [
                "example.com'",
                "localhost:3000",
                "workflow-api",
                "ES256",
                "```",
            ] {
                assert!(!code.contains(left), "{left} in {code}");
            }
        }
    }

    #[test]
    fn with_the_recipes_own_values_a_snippet_is_the_recipe() {
        let values = Values {
            issuer: "https://auth.example.com",
            audience: "workflow-api",
            algorithm: "ES256",
        };
        assert!(
            HONO.contains(&hono(&values)) && hono(&values).contains("export function createApp")
        );
        assert!(python(&values).starts_with(PYTHON));
        let values = Values {
            issuer: "http://localhost:3000",
            ..values
        };
        assert_eq!(by_hand(&values), BY_HAND);
        assert_eq!(axum(&values), AXUM);
    }

    #[test]
    fn an_audience_cannot_end_the_text_it_stands_in() {
        assert_eq!(quoted("it's", '\''), r"'it\'s'");
        assert_eq!(quoted("a\\\"b\n", '"'), r#""a\\\"b\n""#);
    }
}
