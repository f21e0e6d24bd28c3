//! The WebAssembly that wakes the islands. The page's script calls [`hydrate`], then each island
//! by the name it stands under in the page.

// Linked for its islands alone, which nobody here calls (leptos-rs/leptos#2083).
use app as _;
use wasm_bindgen::prelude::wasm_bindgen;

/// Gets the browser ready for islands.
#[wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}
