//! Pictograms. Always beside words, so never read aloud.

use leptos::prelude::*;

/// What is drawn.
#[derive(Clone, Copy)]
pub(crate) enum Sign {
    Alert,
    Clock,
    Done,
    Letter,
    Lock,
    Person,
    Shield,
    Tray,
}

impl Sign {
    fn path(self) -> &'static str {
        match self {
            Self::Alert => {
                "M10 6.2v4.4M10 13.6v.1M10 2.2a7.8 7.8 0 1 0 0 15.6 7.8 7.8 0 0 0 0-15.6Z"
            }
            Self::Clock => "M10 5.6V10l2.8 1.9M10 2.2a7.8 7.8 0 1 0 0 15.6 7.8 7.8 0 0 0 0-15.6Z",
            Self::Done => {
                "m6.6 10.2 2.3 2.3 4.5-4.8M10 2.2a7.8 7.8 0 1 0 0 15.6 7.8 7.8 0 0 0 0-15.6Z"
            }
            Self::Letter => {
                "M3.6 4.4h12.8c.7 0 1.2.5 1.2 1.2v8.8c0 .7-.5 1.2-1.2 1.2H3.6c-.7 0-1.2-.5-1.2-1.2V5.6c0-.7.5-1.2 1.2-1.2Zm-.8.9L10 10.8l7.2-5.5"
            }
            Self::Lock => {
                "M5.6 8.8h8.8c.7 0 1.2.5 1.2 1.2v5.8c0 .7-.5 1.2-1.2 1.2H5.6c-.7 0-1.2-.5-1.2-1.2V10c0-.7.5-1.2 1.2-1.2Zm1.4 0V6.2a3 3 0 0 1 6 0v2.6"
            }
            Self::Person => {
                "M10 9.6a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6Zm-6.4 7.6c.5-3 3.1-4.9 6.4-4.9s5.900 1.9 6.4 4.9"
            }
            Self::Shield => {
                "M10 2.4 16.6 5v4.8c0 3.7-2.700 6.300-6.600 7.800-3.900-1.500-6.600-4.100-6.600-7.800V5Z"
            }
            Self::Tray => {
                "M2.800 11.200h4l1.200 2.200h4l1.200-2.200h4M2.800 11.200v4.200c0 .7.5 1.200 1.200 1.200h12c.7 0 1.200-.5 1.200-1.200v-4.200L14.800 4.400c-.2-.6-.7-1-1.300-1h-7c-.6 0-1.100.4-1.300 1Z"
            }
        }
    }
}

/// A pictogram of 20 px, or of 16.
#[component]
pub(crate) fn Icon(sign: Sign, #[prop(optional)] small: bool) -> impl IntoView {
    let size = if small { "16" } else { "20" };
    view! {
        <svg viewBox="0 0 20 20" width=size height=size fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
            <path d=sign.path()></path>
        </svg>
    }
}

/// The product's name and mark: a gatehouse.
#[component]
pub(crate) fn Brand(#[prop(optional)] href: Option<&'static str>) -> impl IntoView {
    let mark = || {
        view! {
            <svg viewBox="5 6 22 21" width="24" height="24" fill="currentColor" aria-hidden="true">
                <path d="M7 25V8h4v3h3V8h4v3h3V8h4v17h-6v-5a3 3 0 0 0-6 0v5z"></path>
            </svg>
            "Gatehouse"
        }
    };
    match href {
        Some(href) => {
            leptos::either::Either::Left(view! { <a class="brand" href=href>{mark()}</a> })
        }
        None => leptos::either::Either::Right(view! { <div class="brand">{mark()}</div> }),
    }
}
