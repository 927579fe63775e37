//! The editor pane's control. A plain text area is there at once; CodeMirror takes its place when it has been loaded, and
//! never does where it cannot be loaded or the person prefers plain text (`?editor=plain`). Both write the same signal,
//! so that nothing else knows which of them is there.

use crate::{
    data::place::Place,
    ui::{Theme, dom},
};
use js_sys::{Function, JSON, Object, Promise, Reflect};
use leptos::{html, prelude::*, task::spawn_local};
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = peerage, catch)]
    fn load(name: &str) -> Result<Promise, JsValue>;

    /// See `frontend/editor.js`.
    #[derive(Clone)]
    type Handle;
    #[wasm_bindgen(method, js_name = setDoc)]
    fn set_doc(this: &Handle, text: &str);
    #[wasm_bindgen(method, js_name = setProblems)]
    fn set_problems(this: &Handle, problems: &JsValue);
    #[wasm_bindgen(method, js_name = setCompletions)]
    fn set_completions(this: &Handle, source: &JsValue);
    #[wasm_bindgen(method, js_name = setDark)]
    fn set_dark(this: &Handle, dark: bool);
    #[wasm_bindgen(method, js_name = goTo)]
    fn go_to(this: &Handle, line: u32);
    #[wasm_bindgen(method)]
    fn focus(this: &Handle);
    #[wasm_bindgen(method)]
    fn destroy(this: &Handle);
}

/// A problem beside a line, from 1.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Mark {
    pub line: usize,
    pub message: String,
    /// `error`, `warning` or `info`.
    pub severity: &'static str,
}

/// What to write next, as CodeMirror takes it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Completion {
    pub label: String,
    pub detail: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub info: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub apply: String,
    /// It takes the place of so many letters (UTF-16) before the cursor; none: of the word there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back: Option<usize>,
}

/// Reaches into the editor from outside.
#[derive(Clone, Copy)]
pub struct Editor {
    handle: StoredValue<Option<Handle>, LocalStorage>,
    plain: NodeRef<html::Textarea>,
    /// Line and column of the cursor, from 1.
    pub cursor: RwSignal<(u32, u32)>,
}

impl Default for Editor {
    fn default() -> Self {
        Self { handle: StoredValue::new_local(None), plain: NodeRef::new(), cursor: RwSignal::new((1, 1)) }
    }
}

impl Editor {
    /// Puts the cursor at a line.
    pub fn go_to(self, line: usize) {
        if let Some(handle) = self.handle.get_value() {
            handle.go_to(u32::try_from(line).unwrap_or(u32::MAX));
        } else if let Some(area) = self.plain.get_untracked() {
            let text = area.value();
            let start: usize =
                text.split_inclusive('\n').take(line.saturating_sub(1)).map(|line| line.encode_utf16().count()).sum();
            let start = u32::try_from(start).unwrap_or(u32::MAX);
            let _ = area.focus();
            let _ = area.set_selection_range(start, start);
        }
    }
}

/// The control.
#[component]
pub fn EditorField(
    editor: Editor,
    source: RwSignal<Arc<str>>,
    #[prop(into)] marks: Signal<Vec<Mark>>,
    /// Gets the text before the cursor.
    #[prop(into)]
    complete: Callback<String, Vec<Completion>>,
) -> impl IntoView {
    let host = NodeRef::<html::Div>::new();
    let loaded = RwSignal::new(false);
    let theme = Theme::get();
    if wants_plain() {
        // the text area stays
    } else {
        Effect::new(move |_| {
            let Some(host) = host.get() else { return };
            spawn_local(async move {
                let Some(handle) =
                    create(&host, editor, source, complete, is_dark(theme.colours.get_untracked())).await
                else {
                    return;
                };
                let had_focus =
                    editor.plain.get_untracked().is_some_and(|area| area.matches(":focus").unwrap_or(false));
                if editor.handle.try_update_value(|slot| *slot = Some(handle.clone())).is_none() {
                    // the page is gone
                    handle.destroy();
                    return;
                }
                loaded.set(true);
                if had_focus {
                    handle.focus();
                }
            });
        });
        on_cleanup(move || {
            if let Some(Some(handle)) = editor.handle.try_get_value() {
                handle.destroy();
            }
        });
    }
    let with_handle = move |run: &dyn Fn(&Handle)| {
        if loaded.get() {
            editor.handle.with_value(|handle| handle.iter().for_each(run));
        }
    };
    Effect::new(move |_| {
        let text = source.get();
        with_handle(&|handle| handle.set_doc(&text));
    });
    Effect::new(move |_| {
        let json = marks.with(serde_json::to_string).unwrap_or_default();
        if let Ok(list) = JSON::parse(&json) {
            with_handle(&|handle| handle.set_problems(&list));
        }
    });
    Effect::new(move |_| {
        let dark = is_dark(theme.colours.get());
        with_handle(&|handle| handle.set_dark(dark));
    });
    let moved = move |_: web_sys::Event| {
        if let Some(area) = editor.plain.get_untracked() {
            let at = area.selection_start().ok().flatten().unwrap_or_default() as usize;
            let before = String::from_utf16_lossy(&area.value().encode_utf16().take(at).collect::<Vec<_>>());
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            editor.cursor.set((u32::try_from(line).unwrap_or(1), u32::try_from(column).unwrap_or(1)));
        }
    };
    view! {
        <div class="editor">
            <div class="cm-editor" node_ref=host hidden=move || !loaded.get() data-testid="template-editor"></div>
            <Show when=move || !loaded.get()>
                <textarea
                    node_ref=editor.plain
                    aria-label="Template"
                    data-testid="template-source"
                    spellcheck="false"
                    autocapitalize="off"
                    wrap="off"
                    prop:value=move || source.get().to_string()
                    on:input=move |event| source.set(event_target_value(&event).into())
                    on:keyup=move |event| moved(event.into())
                    on:click=move |event| moved(event.into())
                ></textarea>
            </Show>
        </div>
    }
}

fn wants_plain() -> bool {
    let asked = untrack(|| Place::here().get("editor"));
    if !asked.is_empty() {
        dom::store("editor", &asked);
    }
    dom::stored("editor").as_deref() == Some("plain")
}

fn is_dark(colours: &str) -> bool {
    match colours {
        "dark" => true,
        "light" => false,
        _ => window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|query| query.matches()),
    }
}

/// CodeMirror in `host`; none where it cannot be had.
async fn create(
    host: &web_sys::HtmlDivElement,
    editor: Editor,
    source: RwSignal<Arc<str>>,
    complete: Callback<String, Vec<Completion>>,
    dark: bool,
) -> Option<Handle> {
    let module = JsFuture::from(load("editor").ok()?).await.ok()?;
    let create: Function = Reflect::get(&module, &"create".into()).ok()?.dyn_into().ok()?;
    let options = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&options, &name.into(), value).ok();
    set("doc", &JsValue::from_str(&source.get_untracked()))?;
    set("label", &"Template".into())?;
    set("dark", &dark.into())?;
    let changed = Closure::<dyn FnMut(String)>::new(move |text: String| {
        if source.with_untracked(|source| **source != *text) {
            source.try_set(text.into());
        }
    });
    set("onChange", changed.as_ref())?;
    let moved = Closure::<dyn FnMut(JsValue)>::new(move |at: JsValue| {
        let number =
            |name: &str| Reflect::get(&at, &name.into()).ok().and_then(|value| value.as_f64()).unwrap_or(1.0) as u32;
        editor.cursor.try_set((number("line"), number("column")));
    });
    set("onCursor", moved.as_ref())?;
    let handle: Handle = create.call2(&JsValue::NULL, host, &options).ok()?.unchecked_into();
    let completes = Closure::<dyn FnMut(JsValue) -> JsValue>::new(move |asked: JsValue| {
        let text = Reflect::get(&asked, &"text".into()).ok().and_then(|text| text.as_string()).unwrap_or_default();
        let found = complete.try_run(text).unwrap_or_default();
        let json = serde_json::to_string(&found).unwrap_or_default();
        JSON::parse(&json).unwrap_or(JsValue::NULL)
    });
    handle.set_completions(completes.as_ref());
    // they live as long as the editor, which may outlive this component by a frame
    changed.forget();
    moved.forget();
    completes.forget();
    Some(handle)
}
