//! A password to be chosen.

use leptos::prelude::*;

use super::field::{Field, Kind};
use crate::server::{Flash, viewer};

/// A field for a new password, for every form that has one: its rule visible before the first key is
/// pressed, the eye, and its strength in words while it is typed. The form's fields `email`, `username`,
/// `first_name` and `last_name` count as the person's own words, as do those of whoever is signed in.
#[component]
pub(crate) fn NewPassword(
    /// How the form ended the last time.
    flash: Flash,
    /// What the form sends it as.
    #[prop(default = "password")]
    name: &'static str,
    #[prop(default = "Password")] label: &'static str,
    /// What errors call it: `newPassword` for the name `new_password`.
    #[prop(default = "password")]
    wire: &'static str,
) -> impl IntoView {
    let shortest = viewer::password_rule().shortest;
    let hint = format!("At least {shortest} characters. A few unrelated words work well.");
    view! { <Field kind=Kind::NewPassword name=name label=label wire=wire hint=hint flash=flash/> }
}
