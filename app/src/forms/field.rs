//! One field: label, hint, input, error.

use leptos::either::Either;
use leptos::prelude::*;

use crate::islands::{CodeBox, PasswordStrength, ShowPassword};
use crate::pages::icon::{Icon, Sign};
use crate::server::{Flash, viewer};

/// What a field asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Plain text, with the browser's name for it.
    Text(&'static str),
    /// The address of an account that exists.
    OwnEmail,
    /// An address to be registered.
    NewEmail,
    /// The password of an account that exists.
    OwnPassword,
    /// A password to be chosen.
    NewPassword,
    /// The same once more.
    SamePassword,
    /// Six digits from a letter.
    Code,
}

impl Kind {
    fn input_type(self) -> &'static str {
        match self {
            Self::Text(_) | Self::Code => "text",
            Self::OwnEmail | Self::NewEmail => "email",
            Self::OwnPassword | Self::NewPassword | Self::SamePassword => "password",
        }
    }

    fn autocomplete(self) -> &'static str {
        match self {
            Self::Text(purpose) => purpose,
            Self::OwnEmail => "username",
            Self::NewEmail => "email",
            Self::OwnPassword => "current-password",
            Self::NewPassword | Self::SamePassword => "new-password",
            Self::Code => "one-time-code",
        }
    }

    fn inputmode(self) -> Option<&'static str> {
        match self {
            Self::OwnEmail | Self::NewEmail => Some("email"),
            Self::Code => Some("numeric"),
            _ => None,
        }
    }

    fn is_password(self) -> bool {
        matches!(
            self,
            Self::OwnPassword | Self::NewPassword | Self::SamePassword
        )
    }

    fn class(self) -> &'static str {
        match self {
            Self::Code => "input input-code",
            kind if kind.is_password() => "input input-secret",
            _ => "input",
        }
    }

    /// Names are written as people write them; what machines compare is left as it was typed.
    fn autocapitalize(self) -> Option<&'static str> {
        match self {
            Self::Text("given-name" | "family-name") => None,
            _ => Some("none"),
        }
    }
}

/// A field of a form. `name` is what the form sends, `wire` what errors call it where that differs.
#[component]
pub(crate) fn Field(
    kind: Kind,
    name: &'static str,
    label: &'static str,
    /// How the form ended the last time.
    flash: Flash,
    #[prop(optional)] wire: Option<&'static str>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional)] is_optional: bool,
) -> impl IntoView {
    let known_as = wire.unwrap_or(name);
    let error = flash
        .error
        .iter()
        .flat_map(|error| &error.fields)
        .find(|field| field.field == known_as);
    let rule = viewer::password_rule();
    let message = error.map(|error| error.message(rule));
    let value = (!kind.is_password() && kind != Kind::Code)
        .then(|| flash.kept.get(known_as).cloned())
        .flatten();
    let (hint_id, error_id) = (format!("{name}-hint"), format!("{name}-error"));
    let described_by = match (message.is_some(), hint.is_some()) {
        (true, true) => Some(format!("{error_id} {hint_id}")),
        (true, false) => Some(error_id.clone()),
        (false, true) => Some(hint_id.clone()),
        (false, false) => None,
    };
    view! {
        <div class="field">
            <div class="label">
                <label for=name>{label}</label>
                {is_optional.then(|| view! { <span class="optional">"Optional"</span> })}
            </div>
            {hint.map(|hint| view! { <p class="hint" id=hint_id>{hint}</p> })}
            <div class="box">
                <input
                    class=kind.class()
                    id=name
                    name=name
                    type=kind.input_type()
                    value=value
                    autocomplete=kind.autocomplete()
                    inputmode=kind.inputmode()
                    autocapitalize=kind.autocapitalize()
                    spellcheck="false"
                    required=!is_optional
                    aria-invalid=message.as_ref().map(|_| "true")
                    aria-describedby=described_by
                />
                {kind.is_password().then(|| view! { <ShowPassword/> })}
                {(kind == Kind::Code).then(|| view! { <CodeBox/> })}
            </div>
            {(kind == Kind::NewPassword).then(|| view! { <PasswordStrength shortest=rule.shortest longest=rule.longest/> })}
            {match message {
                Some(message) => Either::Left(view! {
                    <p class="field-error" id=error_id><Icon sign=Sign::Alert small=true/>{message}</p>
                }),
                None => Either::Right(()),
            }}
        </div>
    }
    // A page with several fields would be a type too deep to be laid out.
    .into_any()
}
