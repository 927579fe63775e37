//! Deleting, one object or many: first what it would do, in numbers and names, then once more yes. What stands in the
//! way is shown instead of the button.

use crate::{
    data::{Stored, api, undo},
    shell::lower,
    ui::{Button, Dialog, Look, SkeletonLines, Toasts, pager::grouped},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::records::{Affected, Consequences};
use peerage_model::{ObjectType, Problem, label::label_of, registry, wire::Selection};

/// Objects of a type by number.
pub fn these(of: &ObjectType, ids: Vec<i64>) -> Selection {
    Selection { of: of.key(), ids, filter: None }
}

/// Drawn while there is a selection; takes it away when it is closed.
#[component]
pub fn DeleteDialog(
    of: &'static ObjectType,
    which: RwSignal<Option<Selection>>,
    #[prop(into)] on_done: Callback<()>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let open = RwSignal::new(true);
    let found = RwSignal::new(None::<Result<Consequences, Problem>>);
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(wanted) = which.get() else { return };
        found.set(None);
        spawn_local(async move {
            let answer = api::consequences(wanted.clone()).await;
            if which.try_get_untracked().flatten().as_ref() == Some(&wanted) {
                found.set(Some(answer));
            }
        });
    });
    Effect::new(move |_| {
        if !open.get() {
            which.set(None);
        }
    });
    let what = move || {
        let total = found.with(|found| found.as_ref()?.as_ref().ok().map(|found| found.total));
        which.with(|which| match which.as_ref().map(|which| which.ids.as_slice()) {
            Some([id]) => label_of(of, *id, &Stored),
            Some([]) => match total {
                Some(total) => format!("{} {}", grouped(total), lower(of.plural)),
                None => format!("all {} that match", lower(of.plural)),
            },
            Some(many) => format!("{} {}", grouped(many.len() as u64), lower(of.plural)),
            None => String::new(),
        })
    };
    let delete = move |()| {
        let Some(wanted) = which.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        let name = untrack(what);
        busy.set(true);
        spawn_local(async move {
            let answer = api::delete(of, wanted).await;
            busy.try_set(false);
            open.try_set(false);
            match answer {
                Ok(request) => {
                    undo::done(toasts, format!("Deleted {name}"), Some(request));
                    on_done.try_run(());
                }
                Err(problem) => toasts.failed(format!("{name}: not deleted"), &problem),
            }
        });
    };
    let possible = move || found.with(|found| matches!(found, Some(Ok(found)) if found.blocked_by.is_empty()));
    let foot = move || {
        view! {
            <Button label="Cancel" on_press=move |()| open.set(false) />
            <Show when=possible>
                <Button label=Signal::derive(move || format!("Delete {}", what())) look=Look::DangerPrimary busy=busy on_press=delete />
            </Show>
        }
    };
    let body = move || match found.get() {
        None => view! { <SkeletonLines lines=3 /> }.into_any(),
        Some(Err(problem)) => view! { <p class="is-bad">{problem.message}</p> }.into_any(),
        Some(Ok(found)) => {
            let plain = found.blocked_by.is_empty() && found.removes.is_empty() && found.clears.is_empty();
            view! {
                {plain.then(|| view! { <p>{if found.total == 1 { "Nothing else refers to it." } else { "Nothing else refers to them." }}</p> })}
                {part("These stand in the way. Delete them or lead them elsewhere first.", found.blocked_by)}
                {part("These go as well.", found.removes)}
                {part("These stay and lose the reference.", found.clears)}
            }
            .into_any()
        }
    };
    view! {
        <Dialog open=open title=Signal::derive(move || format!("Delete {}?", what())) foot=foot>
            {body}
        </Dialog>
    }
}

fn part(title: &'static str, affected: Vec<Affected>) -> Option<AnyView> {
    let lines = affected.into_iter().map(|affected| {
        let of = registry::get(&affected.of).ok();
        let name =
            of.map_or_else(|| affected.of.clone(), |of| lower(if affected.count == 1 { of.name } else { of.plural }));
        let rest = affected.count.saturating_sub(affected.first.len() as u64);
        let mut first = affected.first.join(", ");
        if rest > 0 {
            first.push_str(&format!(" and {} more", grouped(rest)));
        }
        view! {
            <li>
                <b class="w5">{format!("{} {name}", grouped(affected.count))}</b>
                <p class="small t3">{first}</p>
            </li>
        }
    });
    let lines: Vec<_> = lines.collect();
    (!lines.is_empty())
        .then(|| view! { <section class="affected"><p>{title}</p><ul class="log">{lines}</ul></section> }.into_any())
}
