//! Pictograms. Always beside words, so never read aloud.

use leptos::prelude::*;

/// What is drawn.
#[derive(Clone, Copy)]
pub(crate) enum Sign {
    Alert,
    Chart,
    Badge,
    Clock,
    Code,
    Cross,
    Desktop,
    Done,
    House,
    Key,
    Letter,
    List,
    Lock,
    Open,
    People,
    Person,
    Phone,
    Program,
    Shield,
    Sliders,
    Tablet,
    Tray,
}

impl Sign {
    fn path(self) -> &'static str {
        match self {
            Self::Alert => {
                "M10 6.2v4.4M10 13.6v.1M10 2.2a7.8 7.8 0 1 0 0 15.6 7.8 7.8 0 0 0 0-15.6Z"
            }
            Self::Chart => "M3 17.200h14M5.400 17V11m4.600 6V4m4.600 13V7.600",
            Self::Badge => {
                "M4.800 5.200h10.400c.7 0 1.200.5 1.200 1.200v9.200c0 .7-.5 1.200-1.200 1.200H4.800c-.7 0-1.200-.5-1.200-1.200V6.400c0-.7.5-1.200 1.200-1.200ZM8 5.200V3h4v2.200M10 10.800a1.600 1.600 0 1 0 0-3.200 1.600 1.600 0 0 0 0 3.200Zm-3 3.600c.4-1.300 1.600-2 3-2s2.600.7 3 2"
            }
            Self::Clock => "M10 5.6V10l2.8 1.9M10 2.2a7.8 7.8 0 1 0 0 15.6 7.8 7.8 0 0 0 0-15.6Z",
            Self::Code => "m6.800 6-4 4 4 4m6.400-8 4 4-4 4M11.600 4.200 8.400 15.800",
            Self::Cross => {
                "m7.400 7.400 5.200 5.200m0-5.200-5.200 5.200M10 2.2a7.8 7.8 0 1 0 0 15.6 7.8 7.8 0 0 0 0-15.6Z"
            }
            Self::Open => "M6.800 10h6.400M10 2.2a7.8 7.8 0 1 0 0 15.6 7.8 7.8 0 0 0 0-15.6Z",
            Self::Desktop => {
                "M3.4 3.6h13.2c.7 0 1.2.5 1.2 1.2v7.4c0 .7-.5 1.2-1.2 1.2H3.4c-.7 0-1.2-.5-1.2-1.2V4.8c0-.7.5-1.2 1.2-1.2ZM7 16.8h6M10 13.4v3.4"
            }
            Self::Done => {
                "m6.6 10.2 2.3 2.3 4.5-4.8M10 2.2a7.8 7.8 0 1 0 0 15.6 7.8 7.8 0 0 0 0-15.6Z"
            }
            Self::House => {
                "M3.4 17.200V5.400l6.600-2.600 6.600 2.600v11.800M1.800 17.200h16.400M8 17.200v-3.600h4v3.600M7.200 8.200h.1M12.800 8.200h.1M7.200 11h.1M12.800 11h.1"
            }
            Self::Key => {
                "M6.600 17.200a3.800 3.800 0 1 0 0-7.600 3.800 3.800 0 0 0 0 7.600Zm2.700-6.500 7.500-7.500m-3.200 3.200 2.600 2.600"
            }
            Self::Letter => {
                "M3.6 4.4h12.8c.7 0 1.2.5 1.2 1.2v8.8c0 .7-.5 1.2-1.2 1.2H3.6c-.7 0-1.2-.5-1.2-1.2V5.6c0-.7.5-1.2 1.2-1.2Zm-.8.9L10 10.8l7.2-5.5"
            }
            Self::List => {
                "M7 5.200h9.600M7 10h9.600M7 14.800h9.600M3.400 5.200h.1M3.400 10h.1M3.400 14.800h.1"
            }
            Self::Lock => {
                "M5.6 8.8h8.8c.7 0 1.2.5 1.2 1.2v5.8c0 .7-.5 1.2-1.2 1.2H5.6c-.7 0-1.2-.5-1.2-1.2V10c0-.7.5-1.2 1.2-1.2Zm1.4 0V6.2a3 3 0 0 1 6 0v2.6"
            }
            Self::People => {
                "M7.4 9.4a2.9 2.9 0 1 0 0-5.8 2.9 2.9 0 0 0 0 5.8ZM2 16.4c.4-2.7 2.6-4.3 5.4-4.3s5 1.6 5.4 4.3M13.2 3.8a2.8 2.8 0 0 1 0 5.4M15.2 12.5c1.5.6 2.5 1.9 2.8 3.9"
            }
            Self::Person => {
                "M10 9.6a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6Zm-6.4 7.6c.5-3 3.1-4.9 6.4-4.9s5.9 1.9 6.4 4.9"
            }
            Self::Phone => {
                "M6.6 2.2h6.8c.7 0 1.2.5 1.2 1.2v13.2c0 .7-.5 1.2-1.2 1.2H6.6c-.7 0-1.2-.5-1.2-1.2V3.4c0-.7.5-1.2 1.2-1.2ZM9.2 15.2h1.6"
            }
            Self::Program => {
                "M3.4 3.6h13.2c.7 0 1.2.5 1.2 1.2v10.4c0 .7-.5 1.2-1.2 1.2H3.4c-.7 0-1.2-.5-1.2-1.2V4.8c0-.7.5-1.2 1.2-1.2ZM5.6 7.4l2.6 2.6-2.6 2.6M10.4 12.6h4"
            }
            Self::Shield => "M10 2.4 16.6 5v4.8c0 3.7-2.7 6.3-6.6 7.8-3.9-1.5-6.6-4.1-6.6-7.8V5Z",
            Self::Sliders => {
                "M3 6h6.200m4.600 0H17M3 14h2.200m4.600 0H17M11.500 8.200a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400Zm-4 8a2.200 2.200 0 1 0 0-4.400 2.200 2.200 0 0 0 0 4.400Z"
            }
            Self::Tablet => {
                "M4.6 2.2h10.8c.7 0 1.2.5 1.2 1.2v13.2c0 .7-.5 1.2-1.2 1.2H4.6c-.7 0-1.2-.5-1.2-1.2V3.4c0-.7.5-1.2 1.2-1.2ZM9.2 15.2h1.6"
            }
            Self::Tray => {
                "M2.8 11.2h4l1.2 2.2h4l1.2-2.2h4M2.8 11.2v4.2c0 .7.5 1.2 1.2 1.2h12c.7 0 1.2-.5 1.2-1.2v-4.2L14.8 4.4c-.2-.6-.7-1-1.3-1h-7c-.6 0-1.1.4-1.3 1Z"
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
