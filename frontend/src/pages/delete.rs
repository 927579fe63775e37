//! Deleting, one object or many: first what it would do, in numbers and names, then once more yes. What stands in the
//! way is shown instead of the button.

use crate::{
    data::{Stored, api},
    shell::lower,
    ui::{Button, Dialog, Look, SkeletonLines, Toasts, pager::grouped},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::records::{Affected, Consequences};
use peerage_model::{Label, ObjectType, Problem, label::label_of, registry};

/// Of how many objects the consequences are looked up before asking.
const LOOKED_UP: usize = 50;

/// Open while there are ids.
#[component]
pub fn DeleteDialog(
    of: &'static ObjectType,
    ids: RwSignal<Option<Vec<i64>>>,
    #[prop(into)] on_done: Callback<()>,
) -> impl IntoView {
    let toasts = Toasts::get();
    let open = RwSignal::new(false);
    let found = RwSignal::new(None::<Result<Consequences, Problem>>);
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        let Some(wanted) = ids.get() else {
            open.set(false);
            return;
        };
        found.set(None);
        open.set(true);
        spawn_local(async move {
            let answer = consequences(of, &wanted).await;
            if ids.try_get_untracked().flatten().as_ref() == Some(&wanted) {
                found.set(Some(answer));
            }
        });
    });
    // Esc and the cross close it too
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if was == Some(true) && !now && ids.with_untracked(Option::is_some) {
            ids.set(None);
        }
        now
    });
    let what = move || {
        ids.with(|ids| match ids.as_deref() {
            Some([id]) => label_of(of, *id, &Stored),
            Some(many) => format!("{} {}", grouped(many.len() as u64), lower(of.plural)),
            None => String::new(),
        })
    };
    let delete = move |()| {
        let Some(wanted) = ids.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        let name = untrack(what);
        busy.set(true);
        spawn_local(async move {
            let mut gone = 0usize;
            let mut refused = None;
            for id in &wanted {
                match api::delete_quietly(of, *id).await {
                    Ok(()) => gone += 1,
                    // along with one before, or by somebody else
                    Err(problem) if problem.label == Label::NotFound => gone += 1,
                    Err(problem) => {
                        refused = Some(problem);
                        break;
                    }
                }
            }
            api::written(&[of]);
            busy.try_set(false);
            ids.try_set(None);
            match refused {
                None => {
                    toasts.done(format!("Deleted {name}"));
                    on_done.try_run(());
                }
                Some(problem) if gone > 0 => {
                    toasts.failed(format!("Deleted {gone} of {}; then it stopped", wanted.len()), &problem);
                    on_done.try_run(());
                }
                Some(problem) => toasts.failed(format!("{name} was not deleted"), &problem),
            }
        });
    };
    let possible = move || found.with(|found| matches!(found, Some(Ok(found)) if found.blocked_by.is_empty()));
    let foot = move || {
        view! {
            <Button label="Cancel" on_press=move |()| ids.set(None) />
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
                {plain.then(|| view! { <p>"Nothing else refers to it."</p> })}
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

/// What deleting all of them would do, added up by type.
async fn consequences(of: &'static ObjectType, ids: &[i64]) -> Result<Consequences, Problem> {
    let mut sum = Consequences::default();
    for id in ids.iter().take(LOOKED_UP) {
        let one = api::consequences(of, *id).await?;
        for (into, from) in
            [(&mut sum.blocked_by, one.blocked_by), (&mut sum.removes, one.removes), (&mut sum.clears, one.clears)]
        {
            for affected in from {
                match into.iter_mut().find(|known| known.of == affected.of) {
                    Some(known) => {
                        known.count += affected.count;
                        known.first.extend(affected.first);
                        known.first.truncate(5);
                    }
                    None => into.push(affected),
                }
            }
        }
    }
    Ok(sum)
}
