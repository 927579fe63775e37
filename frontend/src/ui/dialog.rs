//! Dialogs: the native element, so that the focus stays inside, `Esc` closes and the focus goes back to the opener. What
//! is inside exists only while it is open. A question is asked only before something leaves the building or many things
//! are deleted; anything else is done at once and can be undone.

use crate::ui::{Button, Look, dom};
use leptos::{html, prelude::*};

/// A dialog with a title, closed by `open` becoming false.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// `wide`, `full`; or `sheet` for one that comes from the right edge.
    #[prop(default = "dialog")]
    class: &'static str,
    /// Buttons at the foot.
    #[prop(optional, into)]
    foot: Part,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let id = dom::fresh_id("dialog");
    let title_id = format!("{id}-title");
    Effect::new(move |_| {
        let wanted = open.get();
        if let Some(dialog) = node.get() {
            match (wanted, dialog.open()) {
                (true, false) => {
                    let _ = dialog.show_modal();
                    // the browser would take the button that closes; what is asked for comes first
                    request_animation_frame(move || {
                        let wanted = [
                            "[autofocus]",
                            ".dbody :is(input, select, textarea)",
                            ".dfoot .btn",
                            ".dbody a, .dbody button",
                        ];
                        let first = wanted.iter().find_map(|wanted| dom::all(&dialog, wanted).into_iter().next());
                        if let Some(first) = first {
                            let _ = first.focus();
                        }
                    });
                }
                (false, true) => dialog.close(),
                _ => {}
            }
        }
    });
    let children = StoredValue::new(children);
    let foot = StoredValue::new(foot);
    let labelled = title_id.clone();
    view! {
        <dialog class=class node_ref=node aria-labelledby=labelled closedby="any" on:close=move |_| open.set(false)>
            <Show when=move || open.get()>
                <header class="dhead">
                    <h2 id=title_id.clone()>{title}</h2>
                    <Button label="Close" icon="x" icon_only=true look=Look::Ghost small=true on_press=move |()| open.set(false) />
                </header>
                <div class="dbody">{children.with_value(|children| children())}</div>
                {foot.with_value(Part::draw).map(|foot| view! { <footer class="dfoot">{foot}</footer> })}
            </Show>
        </dialog>
    }
}

/// An optional part of a component, drawn anew whenever it is shown.
#[derive(Clone, Default)]
pub struct Part(Option<std::sync::Arc<dyn Fn() -> AnyView + Send + Sync>>);

impl Part {
    pub fn draw(&self) -> Option<AnyView> {
        self.0.as_ref().map(|draw| draw())
    }
}

impl<F, V> From<F> for Part
where
    F: Fn() -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    fn from(draw: F) -> Self {
        Self(Some(std::sync::Arc::new(move || draw().into_any())))
    }
}

/// Asks once more. `on_yes` is called after it has closed.
#[component]
pub fn Confirm(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// What will happen, with numbers.
    #[prop(into)]
    body: Signal<String>,
    /// The verb: 'Delete 14 sessions'.
    #[prop(into)]
    yes: Signal<String>,
    #[prop(optional)] danger: bool,
    #[prop(into)] on_yes: Callback<()>,
) -> impl IntoView {
    let press = move |()| {
        open.set(false);
        on_yes.run(());
    };
    let foot = move || {
        view! {
            <Button label="Cancel" on_press=move |()| open.set(false) />
            <Button label=yes look=if danger { Look::DangerPrimary } else { Look::Primary } on_press=press />
        }
    };
    view! {
        <Dialog open=open title=title foot=foot>
            <p>{body}</p>
        </Dialog>
    }
}
