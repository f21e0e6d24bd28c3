//! A session as a device: what it is, where it was begun, when it was used.

use leptos::prelude::*;
use wire::{Device, OpenSession};

use super::icon::{Icon, Sign};
use super::when::{When, read};
use crate::server::Timestamp;

/// One device of a list, and what can be done about it.
#[component]
pub(crate) fn DeviceRow(session: OpenSession, now: Timestamp, children: Children) -> impl IntoView {
    let moment = |text: &str| read(text).unwrap_or(now);
    let (seen, begun) = (moment(&session.last_seen_at), moment(&session.created_at));
    let seen = match session.current {
        true => view! { "In use now" }.into_any(),
        false => view! { "Last used "<When at=seen now=now in_sentence=true/> }.into_any(),
    };
    let stays = session.remembered.then_some(" Stays signed in.");
    view! {
        <li class="row-item device">
            <div class="device-what">
                <Icon sign=sign(&session.device)/>
                <div class="row-words">
                    <h3>
                        {name(&session.device)}
                        {session.current.then(|| view! { <span class="badge badge-good">"This device"</span> })}
                    </h3>
                    <p class="small quiet">{seen}", from "{session.ip}</p>
                    <p class="small quiet">"Signed in "<When at=begun now=now in_sentence=true/>" with "{ways(&session.methods)}"."{stays}</p>
                </div>
            </div>
            <div class="row-act">{children()}</div>
        </li>
    }
    .into_any()
}

/// What a device is called: `Firefox on Linux`, `A program`.
pub(crate) fn name(device: &Device) -> String {
    match (&device.browser, &device.os, device.kind.as_str()) {
        (None, None, "program") => "A program".to_owned(),
        (None, None, _) => "An unknown device".to_owned(),
        _ => device.words(),
    }
}

fn sign(device: &Device) -> Sign {
    match device.kind.as_str() {
        "phone" => Sign::Phone,
        "tablet" => Sign::Tablet,
        "program" => Sign::Program,
        _ => Sign::Desktop,
    }
}

/// How somebody proved who they are, in words: `password and e-mail code`.
fn ways(methods: &[String]) -> String {
    let way = |method: &String| match method.as_str() {
        "pwd" => "password",
        "email" => "e-mail code",
        "otp" => "one-time code",
        "hwk" | "swk" => "passkey",
        _ => "another factor",
    };
    let ways: Vec<_> = methods.iter().map(way).collect();
    match ways.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => "nothing we know".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(browser: Option<&str>, os: Option<&str>, kind: &str) -> Device {
        Device {
            browser: browser.map(str::to_owned),
            os: os.map(str::to_owned),
            kind: kind.to_owned(),
        }
    }

    #[test]
    fn a_device_is_called_by_what_is_known_of_it() {
        assert_eq!(
            name(&device(Some("Firefox"), Some("Linux"), "desktop")),
            "Firefox on Linux"
        );
        assert_eq!(name(&device(None, None, "program")), "A program");
        assert_eq!(name(&device(None, None, "unknown")), "An unknown device");
    }

    #[test]
    fn ways_of_signing_in_are_words() {
        let methods = |methods: &str| methods.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(ways(&methods("pwd")), "password");
        assert_eq!(ways(&methods("pwd email")), "password and e-mail code");
        assert_eq!(
            ways(&methods("pwd otp email")),
            "password, one-time code and e-mail code"
        );
        assert_eq!(ways(&methods("telepathy")), "another factor");
    }
}
