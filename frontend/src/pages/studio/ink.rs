//! Colours of a configuration text: comments, quoted texts, numbers and addresses. The text stays one piece of text; what
//! is near the screen is named to the browser as ranges (CSS Custom Highlight API, level 1), which costs no element. A browser
//! without that shows one colour.

use js_sys::{Object, Reflect};
use leptos::{html, prelude::*};
use std::{cell::Cell, ops::Range, rc::Rc, sync::Arc};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type Highlight;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<Highlight, JsValue>;
    #[wasm_bindgen(method)]
    fn add(this: &Highlight, range: &StaticRange);

    type StaticRange;
    #[wasm_bindgen(constructor, catch)]
    fn new(ends: &Object) -> Result<StaticRange, JsValue>;

    #[wasm_bindgen(js_namespace = ["CSS", "highlights"], js_name = set, catch)]
    fn show(name: &str, highlight: &Highlight) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = ["CSS", "highlights"], js_name = delete, catch)]
    fn hide(name: &str) -> Result<bool, JsValue>;
}

/// What a part of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ink {
    Comment,
    Text,
    Number,
}

/// By their names in the style sheet.
const INKS: [(Ink, &str); 3] = [(Ink::Comment, "cfg-comment"), (Ink::Text, "cfg-string"), (Ink::Number, "cfg-number")];

/// What is coloured in a line, in bytes. The same for every platform, and no parser: a comment is a line that begins like
/// one anywhere, a number is what begins with a digit or is an IPv6 address.
fn inked(line: &str) -> Vec<(Ink, Range<usize>)> {
    let begin = line.len() - line.trim_start().len();
    if ["#", "!", "/*", "//", "{#"].iter().any(|sign| line[begin..].starts_with(sign)) {
        return vec![(Ink::Comment, begin..line.len())];
    }
    let bytes = line.as_bytes();
    let (mut out, mut at) = (Vec::new(), begin);
    while at < bytes.len() {
        let from = at;
        match bytes[at] {
            b'"' => {
                let end = line[at + 1..].find('"').map_or(line.len(), |end| at + end + 2);
                out.push((Ink::Text, from..end));
                at = end;
            }
            byte if is_word(byte) => {
                at += bytes[at..].iter().take_while(|byte| is_word(**byte)).count();
                let word = line[from..at].trim_end_matches([':', '.', ',', '-']);
                let six =
                    word.matches(':').count() > 1 && word.bytes().all(|b| b.is_ascii_hexdigit() || b":/.".contains(&b));
                let four = word.starts_with(|c: char| c.is_ascii_digit())
                    && word.bytes().all(|b| b.is_ascii_digit() || b".:/".contains(&b));
                if six || four {
                    out.push((Ink::Number, from..from + word.len()));
                }
            }
            _ => at += 1,
        }
    }
    out
}

/// Part of a name, a number or an address.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.:/".contains(&byte) || byte >= 0x80
}

/// Where the lines of a text begin: in bytes, and in UTF-16 as the browser counts.
fn beginnings(text: &str) -> Vec<(usize, u32)> {
    let (mut bytes, mut units) = (0, 0);
    text.split_inclusive('\n')
        .map(|line| {
            let begin = (bytes, units);
            bytes += line.len();
            units += length(line);
            begin
        })
        .collect()
}

fn length(text: &str) -> u32 {
    let units = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
    u32::try_from(units).unwrap_or(u32::MAX)
}

/// Keeps what is near the screen coloured. `line`: the height of one.
pub fn use_ink(pre: NodeRef<html::Pre>, text: Signal<Arc<str>>, line: f64) {
    let lines = StoredValue::new(Vec::new());
    let waiting = Rc::new(Cell::new(false));
    let soon = move || {
        if waiting.replace(true) {
            return;
        }
        let waiting = Rc::clone(&waiting);
        request_animation_frame(move || {
            waiting.set(false);
            if let Some(Some(pre)) = pre.try_get_untracked() {
                let _ = lines.try_with_value(|lines| paint(&pre, &text.get_untracked(), lines, line));
            }
        });
    };
    let scrolled = Closure::<dyn Fn()>::new({
        let soon = soon.clone();
        move || soon()
    });
    let listener: js_sys::Function = scrolled.into_js_value().unchecked_into();
    // whichever element scrolls: the event does not bubble, so it is caught on its way down
    for event in ["scroll", "resize"] {
        let _ = window().add_event_listener_with_callback_and_bool(event, &listener, true);
    }
    let listener = send_wrapper::SendWrapper::new(listener);
    on_cleanup(move || {
        for event in ["scroll", "resize"] {
            let _ = window().remove_event_listener_with_callback_and_bool(event, &listener, true);
        }
        for (_, name) in INKS {
            let _ = hide(name);
        }
    });
    Effect::new(move |_| {
        let _ = pre.get();
        lines.set_value(text.with(|text| beginnings(text)));
        soon();
    });
}

/// Colours the lines on the screen, and as many above and below.
fn paint(pre: &web_sys::HtmlPreElement, text: &str, lines: &[(usize, u32)], height: f64) -> Option<()> {
    let node = pre.first_child()?;
    let screen = window().inner_height().ok()?.as_f64()?;
    let top = pre.get_bounding_client_rect().top();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "lines of a text in memory; below 0 is 0"
    )]
    let at = |y: f64| ((y / height).max(0.0) as usize).min(lines.len());
    let seen = at(-top - screen)..at(2.0 * screen - top);
    let mut highlights = Vec::new();
    for (ink, name) in INKS {
        highlights.push((ink, name, Highlight::new().ok()?));
    }
    for index in seen {
        let (from, units) = lines[index];
        let to = lines.get(index + 1).map_or(text.len(), |(to, _)| *to);
        let line = text.get(from..to)?.trim_end_matches('\n');
        for (ink, range) in inked(line) {
            let begin = units + length(&line[..range.start]);
            let end = begin + length(&line[range]);
            let ends = Object::new();
            for (name, value) in [
                ("startContainer", JsValue::from(&node)),
                ("endContainer", JsValue::from(&node)),
                ("startOffset", begin.into()),
                ("endOffset", end.into()),
            ] {
                Reflect::set(&ends, &name.into(), &value).ok()?;
            }
            let range = StaticRange::new(&ends).ok()?;
            highlights.iter().filter(|(of, ..)| *of == ink).for_each(|(.., highlight)| highlight.add(&range));
        }
    }
    for (_, name, highlight) in &highlights {
        show(name, highlight).ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(line: &str) -> Vec<(Ink, &str)> {
        inked(line).into_iter().map(|(ink, range)| (ink, &line[range])).collect()
    }

    #[test]
    fn addresses_numbers_texts_and_comments_are_told_apart() {
        use Ink::{Comment, Number, Text};
        assert_eq!(parts(" neighbor 192.0.2.1 remote-as 64500"), [(Number, "192.0.2.1"), (Number, "64500")]);
        assert_eq!(parts("  local 2001:db8::1 as 65000;"), [(Number, "2001:db8::1"), (Number, "65000")]);
        assert_eq!(parts("  description \"AS1 \u{e9} 7\";"), [(Text, "\"AS1 \u{e9} 7\"")]);
        assert_eq!(parts(" ! maximum 7"), [(Comment, "! maximum 7")]);
        assert_eq!(parts("group ixp-4 { # x"), []);
        assert_eq!(parts("import [ peer-in ];"), []);
        assert_eq!(parts("prefix 10.0.0.0/8, le 24."), [(Number, "10.0.0.0/8"), (Number, "24")]);
        assert_eq!(parts("description \"open"), [(Text, "\"open")]);
    }

    #[test]
    fn lines_begin_where_the_browser_counts() {
        assert_eq!(beginnings("a\n\u{1f600}b\nc"), [(0, 0), (2, 2), (8, 6)]);
    }
}
