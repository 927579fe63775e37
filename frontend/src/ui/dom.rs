//! The few things that must be asked of the browser itself: ids that are unique in the page, where a popover goes, and
//! what has the focus. Everything else goes through Leptos.

use leptos::prelude::{document, window};
use std::sync::atomic::{AtomicU32, Ordering};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition};

static NEXT: AtomicU32 = AtomicU32::new(1);

/// An id that nothing else in this page has.
pub fn fresh_id(stem: &str) -> String {
    format!("{stem}-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Where a popover begins, seen from what opened it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Left edges meet.
    Start,
    /// Right edges meet.
    End,
    /// Left edges meet, and it is as wide as its opener.
    Fill,
}

/// Shows a popover under its opener, or above where there is no room below.
pub fn show_at(popover: &HtmlElement, opener: &Element, align: Align) {
    if !is_open(popover) {
        // fails only when it was taken out of the document meanwhile
        let _ = popover.show_popover();
    }
    let style = popover.style();
    let set = |name: &str, value: String| {
        let _ = style.set_property(name, &value);
    };
    let from = opener.get_bounding_client_rect();
    if align == Align::Fill {
        set("min-width", format!("{}px", from.width()));
    }
    let size = popover.get_bounding_client_rect();
    let number = |value: Result<wasm_bindgen::JsValue, wasm_bindgen::JsValue>| {
        value.ok().and_then(|value| value.as_f64()).unwrap_or(800.0)
    };
    let (wide, high) = (number(window().inner_width()), number(window().inner_height()));
    let left = if align == Align::End { from.right() - size.width() } else { from.left() };
    let below = from.bottom() + 4.0;
    let above = from.top() - 4.0 - size.height();
    let top = if below + size.height() > high - 8.0 && above > 8.0 { above } else { below };
    set("left", format!("{}px", left.min(wide - size.width() - 8.0).max(8.0)));
    set("top", format!("{top}px"));
}

pub fn is_open(popover: &Element) -> bool {
    popover.matches(":popover-open").unwrap_or(false)
}

pub fn hide(popover: &HtmlElement) {
    if is_open(popover) {
        let _ = popover.hide_popover();
    }
}

pub fn by_id(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Puts the focus there, without scrolling.
pub fn focus(element: &HtmlElement) {
    let options = web_sys::FocusOptions::new();
    options.set_prevent_scroll(true);
    let _ = element.focus_with_options(&options);
}

/// As [`focus`], for an element that may not be able to have it: it is made able to.
pub fn focus_element(element: &Element) {
    if let Some(element) = element.dyn_ref::<HtmlElement>() {
        if element.tab_index() < 0 && !element.has_attribute("tabindex") {
            let _ = element.set_attribute("tabindex", "-1");
        }
        focus(element);
    }
}

/// Puts the focus on the element with this id once it has been drawn.
pub fn focus_soon(id: impl Into<String>) {
    let id = id.into();
    leptos::prelude::request_animation_frame(move || {
        if let Some(element) = by_id(&id) {
            let _ = element.focus();
        }
    });
}

/// Scrolls as little as needed.
pub fn reveal(element: &Element) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// The elements inside `root` that match.
pub fn all(root: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(list) = root.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|at| list.get(at)?.dyn_into().ok()).collect()
}

/// Whether what has the focus takes letters: then single keys are not commands.
pub fn is_typing(target: &Element) -> bool {
    let tag = target.tag_name();
    match tag.as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => !matches!(
            target.get_attribute("type").as_deref(),
            Some("checkbox" | "radio" | "button" | "submit" | "range" | "color")
        ),
        _ => target.closest("[contenteditable=true], .cm-editor").is_ok_and(|found| found.is_some()),
    }
}

/// The height of a table's row, in pixels. Asking for it makes the browser work out the style of all that was just put into the
/// page, so it is asked once for each density.
pub fn row_height() -> f64 {
    thread_local! {
        static KNOWN: std::cell::RefCell<Vec<(Option<String>, f64)>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    let Some(root) = document().document_element() else { return ROW };
    let density = root.get_attribute("data-density");
    let known = KNOWN.with_borrow(|all| all.iter().find(|(of, _)| *of == density).map(|(_, height)| *height));
    known.unwrap_or_else(|| {
        let Some(height) = pixels(&root, "--row") else { return ROW };
        KNOWN.with_borrow_mut(|all| all.push((density, height)));
        height
    })
}

/// Where the style does not say.
const ROW: f64 = 28.0;

/// A number of pixels from a custom property of an element.
fn pixels(of: &Element, property: &str) -> Option<f64> {
    let style = window().get_computed_style(of).ok()??;
    style.get_property_value(property).ok()?.trim().strip_suffix("px")?.parse().ok()
}

/// Whether there is room for a panel beside a table.
pub fn is_wide() -> bool {
    window().inner_width().ok().and_then(|width| width.as_f64()).is_none_or(|width| width > 1100.0)
}

/// What the bar above, a page's head and a table's head take away of the window at the least, in pixels.
const BARS: f64 = 148.0;

/// The height that a table can have at the most, in pixels. Known without asking how high it is, which would cost a layout.
pub fn room() -> f64 {
    let height = window().inner_height().ok().and_then(|height| height.as_f64());
    height.map_or(1000.0, |height| (height - BARS).max(200.0))
}

/// A path of ours as a link: the page may be served from below the root, which `<base>` says.
pub fn href(path: &str) -> String {
    thread_local! {
        static BASE: std::cell::OnceCell<String> = const { std::cell::OnceCell::new() };
    }
    BASE.with(|base| {
        let base = base.get_or_init(|| {
            let base = document().query_selector("base").ok().flatten().and_then(|base| base.get_attribute("href"));
            base.unwrap_or_default().trim_end_matches('/').to_owned()
        });
        format!("{base}{path}")
    })
}

/// What was kept in this browser under `peerage.<name>`.
pub fn stored(name: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(&format!("peerage.{name}")).ok()?
}

/// Keeps a preference in this browser. Private windows may refuse; then it lasts as long as the page.
pub fn store(name: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(&format!("peerage.{name}"), value);
    }
}
