//! Saved views of a list, as tabs above it: a view is filter, order and columns under a name. Opening one is going to its
//! address, so that a changed view is still a link; what was changed since can be saved.

use crate::{
    data::{
        Session, api, fetched,
        place::{Place, address},
    },
    ui::{Button, Dialog, Look, Tab, Tabs, Toasts, dom, dom::href},
};
use leptos::{html, prelude::*, task::spawn_local};
use peerage_app::views::{NewView, SavedView, delete_view, save_view, saved_views};
use peerage_model::ObjectType;

/// Parts of the address that say where one is in the list, not what it shows.
const POSITION: [&str; 2] = ["page", VIEW];
/// The part of the address that says which view was opened.
const VIEW: &str = "v";

/// What a list shows, from its address: the parts that a view keeps, in a fixed order.
fn kept(parts: Vec<(String, String)>) -> String {
    let mut parts: Vec<_> = parts.into_iter().filter(|(name, _)| !POSITION.contains(&name.as_str())).collect();
    parts.sort();
    address("", &parts).trim_start_matches('?').to_owned()
}

/// The tabs above a type's list.
#[component]
pub fn Views(
    of: &'static ObjectType,
    /// Of a page that the type has besides its list: the last part of its path.
    #[prop(optional)]
    page: &'static str,
) -> impl IntoView {
    let session = Session::get();
    let place = Place::here();
    let key = if page.is_empty() { of.key() } else { format!("{}/{page}", of.key()) };
    let path = if page.is_empty() { of.list_path() } else { format!("{}/{page}", of.list_path()) };
    let views = fetched(Signal::stored(Some(key.clone())), |_| None, |key| api::ask(saved_views(key)));
    let all = move || views.data.get().unwrap_or_default();
    let now = Memo::new(move |_| kept(place.all()));
    let opened = Memo::new(move |_| {
        let id = place.get(VIEW).parse::<i64>().unwrap_or_default();
        all().into_iter().find(|view: &SavedView| view.id == id)
    });
    let tabs = Signal::derive(move || {
        let current = opened.with(|opened| opened.as_ref().map(|view| view.id));
        let count = session.count(of).filter(|_| page.is_empty());
        let mut tabs = vec![Tab::new("All", href(&path), current.is_none()).count(count)];
        for view in all() {
            let query = if view.query.is_empty() { String::new() } else { format!("{}&", view.query) };
            let to = href(&format!("{path}?{query}{VIEW}={}", view.id));
            let label = if view.owner.is_empty() { view.name } else { format!("{} · {}", view.name, view.owner) };
            tabs.push(Tab::new(label, to, current == Some(view.id)).count(view.count));
        }
        tabs
    });
    let changed = Memo::new(move |_| match opened.get() {
        Some(view) => view.query != now.get(),
        None => !now.get().is_empty(),
    });
    let saving = RwSignal::new(false);
    view! {
        <Tabs label="Views of this list" tabs=tabs>
            {move || {
                let own = opened.with(|opened| opened.as_ref().is_some_and(|view| view.owner.is_empty()));
                (changed.get() || own)
                    .then(|| {
                        view! {
                            {(changed.get() && opened.with(Option::is_some))
                                .then(|| view! { <span class="small t3">"View changed"</span> })}
                            <Button
                                label=if changed.get() { "Save view" } else { "Edit view" }
                                small=true
                                look=Look::Ghost
                                on_press=move |()| saving.set(true)
                            />
                        }
                    })
            }}
        </Tabs>
        <SaveView key=key open=saving opened=opened now=now on_saved=move |()| views.reload() />
    }
}

/// Under which name, and for whom.
#[component]
fn SaveView(
    key: String,
    open: RwSignal<bool>,
    opened: Memo<Option<SavedView>>,
    now: Memo<String>,
    #[prop(into)] on_saved: Callback<()>,
) -> impl IntoView {
    let place = Place::here();
    let toasts = Toasts::get();
    let name = NodeRef::<html::Input>::new();
    let shared = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let key = StoredValue::new(key);
    let (name_id, problem_id) = (dom::fresh_id("view-name"), dom::fresh_id("view-problem"));
    let save = move || {
        let typed = name.get_untracked().map(|input| input.value()).unwrap_or_default();
        let view = NewView {
            of: key.get_value(),
            name: typed,
            query: now.get_untracked(),
            shared: shared.get_untracked().is_some_and(|input| input.checked()),
        };
        busy.set(true);
        spawn_local(async move {
            let answer = api::ask(save_view(view)).await;
            busy.try_set(false);
            match answer {
                Ok(view) => {
                    open.set(false);
                    place.set(&[(VIEW, &view.id.to_string())]);
                    on_saved.run(());
                    toasts.done(format!("Saved the view {}", view.name));
                }
                Err(refused) => {
                    let why = refused.fields.first().map_or(refused.message, |first| first.message.clone());
                    drop(problem.try_set(Some(why)));
                }
            }
        });
    };
    let delete = move |id: i64| {
        spawn_local(async move {
            match api::ask(delete_view(id)).await {
                Ok(()) => {
                    open.set(false);
                    place.set(&[(VIEW, "")]);
                    on_saved.run(());
                }
                Err(refused) => toasts.failed("The view was not deleted", &refused),
            }
        });
    };
    let own = move || opened.with_untracked(|opened| opened.clone().filter(|view| view.owner.is_empty()));
    let foot = move || {
        view! {
            {own().map(|view| {
                view! { <Button label="Delete view" look=Look::Danger icon="trash" on_press=move |()| delete(view.id) /> }
            })}
            <span class="end"></span>
            <Button label="Cancel" look=Look::Ghost on_press=move |()| open.set(false) />
            <Button label="Save" look=Look::Primary busy=busy on_press=move |()| save() />
        }
    };
    view! {
        <Dialog open=open title="Save this view" foot=foot>
            <form on:submit=move |event| {
                event.prevent_default();
                save();
            }>
                <div class="frow stacked">
                    <label for=name_id.clone()>"Name"</label>
                    <div class="ctl">
                        <input
                            type="text"
                            class="in"
                            id=name_id.clone()
                            node_ref=name
                            autocomplete="off"
                            maxlength="100"
                            aria-describedby=problem_id.clone()
                            aria-invalid=move || problem.get().map(|_| "true")
                            value=opened.get_untracked().map(|view| view.name)
                        />
                    </div>
                    <p class="help">"A view of yours with this name is replaced."</p>
                    <p class="prob" id=problem_id.clone() hidden=move || problem.get().is_none()>
                        <crate::ui::Shape tone=peerage_model::Tone::Bad />
                        <span>{problem}</span>
                    </p>
                </div>
                <label class="choice">
                    <input
                        type="checkbox"
                        node_ref=shared
                        prop:checked=own().is_some_and(|view| view.shared)
                    />
                    <span>"Everybody sees it"</span>
                </label>
            </form>
        </Dialog>
    }
}
