//! What happened, above the form: errors take focus, good news is read when there is time.

use leptos::either::Either;
use leptos::prelude::*;
use wire::{Error, ErrorCode};

use super::words::duration;
use crate::pages::icon::{Icon, Sign};
use crate::server::{Flash, viewer};

/// How the form ended the last time; nothing the first time.
#[component]
pub(crate) fn Summary(flash: Flash) -> impl IntoView {
    let news = flash.notice.map(|notice| {
        view! {
            <div class="note note-good" role="status"><Icon sign=Sign::Done/><p>{notice.sentence()}</p></div>
        }
    });
    let refusal = flash
        .error
        .map(|error| view! { <Refusal error=error reference=flash.reference/> });
    (news, refusal)
}

/// An error, focused so that whoever cannot see it hears it first.
#[component]
fn Refusal(error: Error, reference: Option<String>) -> impl IntoView {
    let title = title(&error);
    let rule = viewer::password_rule();
    let lines = error.fields.iter().map(|field| {
        let message = field.message(rule);
        match stands_in_the_way(&error) {
            true => view! { <li>{message}</li> }.into_any(),
            false => {
                let href = format!("#{}", input_of(&field.field));
                view! { <li><a href=href>{message}</a></li> }.into_any()
            }
        }
    });
    let lines: Vec<_> = lines.collect();
    view! {
        <div class="note note-bad" role="alert" tabindex="-1" autofocus=true>
            <Icon sign=Sign::Alert/>
            <div>
                <p class="note-title">{title}</p>
                {advice(&error).map(|advice| view! { <p>{advice}</p> })}
                {if lines.is_empty() { Either::Left(()) } else { Either::Right(view! { <ul>{lines}</ul> }) }}
                {reference.map(|id| view! { <p>"Reference: " <code>{id}</code></p> })}
            </div>
        </div>
    }
}

/// Whether it is no field of the form that was refused, but how an account stands, or whose it is.
fn stands_in_the_way(error: &Error) -> bool {
    let mut fields = error.fields.iter();
    let is_none = |field: &str| {
        matches!(
            field,
            "id" | "role" | "status" | "deletesAt" | "emailVerified" | "builtIn" | "keys"
        )
    };
    error.code == ErrorCode::Conflict && fields.any(|error| is_none(&error.field))
}

fn title(error: &Error) -> &'static str {
    match error.code {
        ErrorCode::Conflict if stands_in_the_way(error) => "Nothing was changed.",
        ErrorCode::RateLimited => "Too many tries",
        // Which one, the list says.
        ErrorCode::InvalidRequest | ErrorCode::Conflict if error.fields.len() == 1 => {
            "One field needs your attention."
        }
        ErrorCode::Conflict => ErrorCode::InvalidRequest.sentence(),
        code => code.sentence(),
    }
}

fn advice(error: &Error) -> Option<String> {
    match (error.code, error.retry_after) {
        (ErrorCode::RateLimited, Some(seconds)) => {
            Some(format!("Try again in {}.", duration(seconds)))
        }
        (ErrorCode::RateLimited, None) => Some("Wait a moment, then try again.".to_owned()),
        _ => None,
    }
}

/// The input a field's error leads to: inputs are named as forms write them.
fn input_of(field: &str) -> String {
    let mut name = String::with_capacity(field.len() + 1);
    for c in field.chars() {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use wire::FieldCode;

    use super::*;

    #[test]
    fn a_fields_error_leads_to_its_input() {
        assert_eq!(input_of("firstName"), "first_name");
        assert_eq!(input_of("email"), "email");
    }

    #[test]
    fn what_is_no_field_is_no_field_that_needs_attention() {
        for field in ["id", "role", "status", "deletesAt", "keys"] {
            assert_eq!(title(&Error::conflict(field)), "Nothing was changed.");
        }
        let taken = Error::conflict("username");
        assert_eq!(title(&taken), "One field needs your attention.");
        assert!(!stands_in_the_way(&Error::field(
            "role",
            FieldCode::Invalid
        )));
    }

    #[test]
    fn whoever_is_locked_out_learns_for_how_long() {
        assert_eq!(
            advice(&Error::rate_limited(840)).as_deref(),
            Some("Try again in 14 minutes.")
        );
    }
}
