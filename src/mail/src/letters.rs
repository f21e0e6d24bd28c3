//! Every letter there is: its name, what it is told, its three templates.

use askama::Template;

use crate::render::{Frame, Rendered};
use crate::words;

/// One letter: a function that puts it into words. Its templates see `letter` (when, from where, by
/// which device) and the fields named here; the subject sees those named after `titled`.
macro_rules! letter {
    ($name:ident($($field:ident),*) $(titled $title:ident)?, $subject:tt, $text:tt, $html:tt) => {
        pub(crate) fn $name(
            letter: &Frame<'_>,
            $($field: &str,)*
        ) -> Result<Rendered, askama::Error> {
            #[derive(Template)]
            #[template(path = $subject)]
            struct Subject<'a> {
                $($title: &'a str,)?
                _of: std::marker::PhantomData<&'a ()>,
            }

            #[derive(Template)]
            #[template(path = $text)]
            struct Text<'a> {
                letter: &'a Frame<'a>,
                $($field: &'a str,)*
            }

            #[derive(Template)]
            #[template(path = $html)]
            struct Html<'a> {
                letter: &'a Frame<'a>,
                $($field: &'a str,)*
            }

            Ok(Rendered {
                subject: Subject { $($title,)? _of: std::marker::PhantomData }.render()?.trim().to_owned(),
                text: words::filled(&Text { letter, $($field,)* }.render()?),
                html: Html { letter, $($field,)* }.render()?,
            })
        }
    };
}

#[rustfmt::skip]
mod all {
    use super::*;

    letter!(verify_email(link, code),    "verify_email/subject.txt",       "verify_email/body.txt",       "verify_email/body.html");
    letter!(already_registered(sign_in), "already_registered/subject.txt", "already_registered/body.txt", "already_registered/body.html");
    letter!(reset_password(link, code),  "reset_password/subject.txt",     "reset_password/body.txt",     "reset_password/body.html");
    letter!(password_changed(reset),     "password_changed/subject.txt",   "password_changed/body.txt",   "password_changed/body.html");
    letter!(invitation(link, inviter, to),"invitation/subject.txt",         "invitation/body.txt",         "invitation/body.html");
    letter!(confirm_new_email(link, code), "confirm_new_email/subject.txt", "confirm_new_email/body.txt",  "confirm_new_email/body.html");
    letter!(email_in_use(sign_in),       "email_in_use/subject.txt",       "email_in_use/body.txt",       "email_in_use/body.html");
    letter!(email_change_asked(link),    "email_change_asked/subject.txt", "email_change_asked/body.txt", "email_change_asked/body.html");
    letter!(email_changed(link),         "email_changed/subject.txt",      "email_changed/body.txt",      "email_changed/body.html");
    letter!(deletion_scheduled(link, deletes_at), "deletion_scheduled/subject.txt", "deletion_scheduled/body.txt", "deletion_scheduled/body.html");
    letter!(reuse_detected(account),     "reuse_detected/subject.txt",     "reuse_detected/body.txt",     "reuse_detected/body.html");
    letter!(security_change(title, what, then, account) titled title, "security_change/subject.txt", "security_change/body.txt", "security_change/body.html");
    letter!(api_key_ending(name, hint, ends_at, keys), "api_key_ending/subject.txt", "api_key_ending/body.txt", "api_key_ending/body.html");
    letter!(mail_test(),                 "mail_test/subject.txt",          "mail_test/body.txt",          "mail_test/body.html");
    letter!(sign_in_code(link, code),    "sign_in_code/subject.txt",       "sign_in_code/body.txt",       "sign_in_code/body.html");
    letter!(new_device(activity, reset), "new_device/subject.txt",         "new_device/body.txt",         "new_device/body.html");
}

pub(crate) use all::*;
