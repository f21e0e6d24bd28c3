//! When there is no page: what happened, what to do, and the request to ask about.

use crate::server::Fault;
use crate::server::ResponseOptions;
use http::StatusCode;
use leptos::prelude::*;
use wire::ErrorCode;

use super::frame::{Gate, PageTitle};
use super::icon::Brand;
use super::paths;
use crate::server::viewer;

/// In place of a page whose data could not be read.
#[component]
pub(crate) fn Unavailable(fault: Fault) -> impl IntoView {
    tracing::error!(reason = %fault, "a page could not be shown");
    let code = wire::Error::from(&fault).code;
    view! { <Failed code=code/> }
}

/// In place of a page that is not there.
#[component]
pub(crate) fn Failed(code: ErrorCode) -> impl IntoView {
    if let (Some(answer), Ok(status)) = (
        use_context::<ResponseOptions>(),
        StatusCode::from_u16(code.status()),
    ) {
        answer.set_status(status);
    }
    view! {
        <PageTitle text=title(code)/>
        <Gate title=title(code) lead=view! { <p>{advice(code)}</p> }.into_any()>
            <Rest request_id=viewer::request_id()/>
        </Gate>
    }
}

/// A whole page about an error, for answers no page of ours made. `css` is the style sheet's path.
pub fn document(code: ErrorCode, request_id: &str, css: Option<&str>) -> String {
    let css = css.map(|css| view! { <link rel="stylesheet" href=css.to_owned()/> });
    let page = view! {
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{format!("{} · Gatehouse", title(code))}</title>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {css}
            </head>
            <body>
                <a class="skip" href="#main">"Skip to content"</a>
                <div class="gate">
                    <header class="gate-top"><Brand/></header>
                    <main class="gate-main" id="main" tabindex="-1">
                        <div class="gate-head">
                            <h1>{title(code)}</h1>
                            <p>{advice(code)}</p>
                        </div>
                        <Rest request_id=request_id.to_owned()/>
                    </main>
                    <footer class="gate-foot">{format!("Error {}", code.status())}</footer>
                </div>
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", page.to_html())
}

#[component]
fn Rest(request_id: String) -> impl IntoView {
    view! {
        <div class="actions">
            <a class="button" href=paths::ACCOUNT>"Go to your account"</a>
        </div>
        {(!request_id.is_empty()).then(|| view! {
            <p class="reference">"If you ask for help, quote this number: " <code>{request_id}</code></p>
        })}
    }
}

fn title(code: ErrorCode) -> &'static str {
    match code.status() {
        400 | 405 | 409 | 413 | 415 => "That did not work",
        401 => "Sign in first",
        403 if code == ErrorCode::CrossSiteRequest => "This came from somewhere else",
        403 => "This is not open to you",
        404 => "There is nothing here",
        429 => "Too many requests",
        503 => "We will be right back",
        _ => "Something went wrong",
    }
}

fn advice(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::NotFound => "The address may be mistyped, or the page has moved.",
        ErrorCode::CrossSiteRequest => {
            "Another site sent this request, so we did not act on it. If you meant it, do it here."
        }
        ErrorCode::InsufficientPermissions => {
            "Your account does not have the right to see this. Whoever runs the portal can give it."
        }
        ErrorCode::RateLimited => "Wait a moment, then try again.",
        ErrorCode::Internal => {
            "It is our fault, not yours, and it is in our log. Try again in a moment."
        }
        ErrorCode::InvalidRequest
        | ErrorCode::MethodNotAllowed
        | ErrorCode::UnsupportedMediaType => {
            "The request was not one we understand. Go back, load the page again and try once more."
        }
        code => code.sentence(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_page_names_the_request_and_writes_no_style_into_itself() {
        for code in ErrorCode::ALL {
            let html = document(*code, "0199c0de-<script>", Some("/pkg/a.css"));

            assert!(
                html.starts_with("<!DOCTYPE html><html lang=\"en\">"),
                "{html}"
            );
            assert!(html.contains("0199c0de-&lt;script"), "{html}");
            assert!(
                !html.contains("style=") && !html.contains("<script"),
                "{html}"
            );
            assert_eq!(html.matches("<h1>").count(), 1);
        }
    }
}
