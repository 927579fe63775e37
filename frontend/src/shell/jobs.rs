//! How many jobs run, in the bar above: a job that somebody started is not lost from sight when they go on to another page.

use crate::{
    data::{Session, api},
    ui::{Icon, dom::href},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::jobs::{Active, active_jobs};
use peerage_model::{
    permit::View,
    types::{JOB, JobStatus},
};
use std::time::Duration;

/// A job that runs is news several times a second: its number is asked for no more often than this.
const PAUSE: Duration = Duration::from_secs(2);

/// A link to the jobs, with the number of those that run.
#[component]
pub(super) fn ActiveJobs() -> impl IntoView {
    let session = Session::get();
    let active = RwSignal::new(Active::default());
    let asker = Asker { active, resting: StoredValue::new(false), missed: StoredValue::new(false) };
    let signed_in = Memo::new(move |_| session.me.with(Option::is_some));
    Effect::new(move |_| {
        session.noted.track();
        if signed_in.get() && !session.offline.get() {
            asker.look();
        }
    });
    let words = move || match active.get() {
        Active { running: 0, pending: 0 } => "Jobs".to_owned(),
        Active { running, pending: 0 } => format!("Jobs: {running} running"),
        Active { running, pending } => format!("Jobs: {running} running, {pending} waiting"),
    };
    let path = move || {
        let any = active.with(|active| active.running > 0);
        let filter = if any { format!("?f=status:={}", JobStatus::Running.code()) } else { String::new() };
        href(&format!("{}{filter}", JOB.list_path()))
    };
    let count = move || active.with(|active| (active.running > 0).then(|| active.running.to_string()));
    let shown = move || signed_in.get() && session.allows::<View>(&JOB);
    view! {
        <Show when=shown>
            <a class="btn ghost active-jobs" class:icon=move || count().is_none() href=path aria-label=words title=words>
                <Icon name="jobs" />
                {count}
            </a>
        </Show>
    }
}

#[derive(Clone, Copy)]
struct Asker {
    active: RwSignal<Active>,
    /// It was asked a moment ago.
    resting: StoredValue<bool>,
    /// Something was noted since.
    missed: StoredValue<bool>,
}

impl Asker {
    fn look(self) {
        if self.resting.get_value() {
            self.missed.set_value(true);
        } else {
            self.ask();
        }
    }

    fn ask(self) {
        self.resting.set_value(true);
        self.missed.set_value(false);
        // without a network nobody answers; it is asked when there is one again
        if untrack(|| Session::get().allows::<View>(&JOB) && !Session::get().offline.get()) {
            spawn_local(async move {
                if let Ok(now) = api::ask(active_jobs()).await
                    && self.active.try_with_untracked(|known| *known != now) == Some(true)
                {
                    self.active.set(now);
                }
            });
        }
        set_timeout(
            move || match self.missed.try_get_value() {
                Some(true) => self.ask(),
                Some(false) => self.resting.set_value(false),
                None => {}
            },
            PAUSE,
        );
    }
}
