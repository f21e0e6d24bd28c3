//! How strong a password is, in words, while it is typed.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use leptos::ev;
use leptos::html::Div;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{HtmlInputElement, RequestInit, Response, UrlSearchParams};

/// How long nobody types before the portal is asked.
const PAUSE: Duration = Duration::from_millis(350);
/// Fields of the same form that hold the person's own words.
const OWN_WORDS: [&str; 4] = ["email", "username", "first_name", "last_name"];

/// What is said of what was typed.
#[derive(Clone, Default, PartialEq)]
struct Said {
    /// 0 to 4; none while there is nothing to measure.
    score: Option<u8>,
    sentence: String,
}

/// Says how strong the password of the field it stands in is. It counts what is missing to the shortest
/// length by itself and asks the portal, after a pause, about longer ones. It never keeps a form
/// from being sent: without an answer it says nothing.
#[island]
pub fn PasswordStrength(shortest: usize, longest: usize) -> impl IntoView {
    let place = NodeRef::<Div>::new();
    let (said, say) = signal(Said::default());
    let waiting = Rc::new(RefCell::new(None::<TimeoutHandle>));
    let turn = StoredValue::new(0_u32);
    Effect::new(move || {
        let waiting = Rc::clone(&waiting);
        window_event_listener(ev::input, move |event| {
            let Some(input) = field_input(place, &event) else {
                return;
            };
            // Whatever is still on its way is about a password nobody has any more.
            let now = turn.get_value().wrapping_add(1);
            turn.set_value(now);
            if let Some(handle) = waiting.borrow_mut().take() {
                handle.clear();
            }
            if let Some(at_once) = without_asking(&input.value(), shortest, longest) {
                say.set(at_once);
                return;
            }
            let ask_later = move || {
                spawn_local(async move {
                    let answer = ask(&input).await.unwrap_or_default();
                    if turn.get_value() == now {
                        say.set(answer);
                    }
                });
            };
            *waiting.borrow_mut() = set_timeout_with_handle(ask_later, PAUSE).ok();
        });
    });
    view! {
        <div class="strength" node_ref=place>
            <meter
                min="0"
                max="4"
                low="2"
                high="3"
                optimum="4"
                aria-label="Password strength"
                hidden=move || said.with(|said| said.score.is_none())
                value=move || said.with(|said| said.score.unwrap_or(0).to_string())
            ></meter>
            <p class="strength-words" aria-live="polite">{move || said.with(|said| said.sentence.clone())}</p>
        </div>
    }
}

/// The input an event came from, if it is the one of this field. Found by what surrounds it: password
/// managers rebuild inputs.
fn field_input(place: NodeRef<Div>, event: &web_sys::Event) -> Option<HtmlInputElement> {
    let input = event.target()?.dyn_into::<HtmlInputElement>().ok()?;
    let field = place.get_untracked()?.closest(".field").ok()??;
    field.contains(Some(&input)).then_some(input)
}

fn without_asking(typed: &str, shortest: usize, longest: usize) -> Option<Said> {
    let (score, sentence) = match typed.chars().count() {
        0 => return Some(Said::default()),
        length if length + 1 == shortest => (0, "One more character.".to_owned()),
        length if length < shortest => (0, format!("{} more characters.", shortest - length)),
        length if length > longest => (0, format!("Use at most {longest} characters.")),
        _ => return None,
    };
    Some(Said {
        score: Some(score),
        sentence,
    })
}

async fn ask(input: &HtmlInputElement) -> Result<Said, JsValue> {
    let fields = UrlSearchParams::new()?;
    fields.append("password", &input.value());
    for name in OWN_WORDS {
        if let Some(value) = input.form().and_then(|form| value_of(&form, name)) {
            fields.append(name, &value);
        }
    }
    let request = RequestInit::new();
    request.set_method("POST");
    request.set_body(&fields);
    let answer = window().fetch_with_str_and_init("/_sf/password_strength", &request);
    let answer: Response = JsFuture::from(answer).await?.dyn_into()?;
    if !answer.ok() {
        return Ok(Said::default());
    }
    let said = JsFuture::from(answer.json()?).await?;
    let member = |name: &str| js_sys::Reflect::get(&said, &name.into());
    let score = member("score")?.as_f64();
    Ok(Said {
        score: score.map(|score| score as u8),
        sentence: member("sentence")?.as_string().unwrap_or_default(),
    })
}

fn value_of(form: &web_sys::HtmlFormElement, name: &str) -> Option<String> {
    let found = form.query_selector(&format!("input[name={name}]")).ok()??;
    Some(found.dyn_into::<HtmlInputElement>().ok()?.value())
}
