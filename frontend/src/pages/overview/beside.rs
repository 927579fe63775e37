//! Beside the overview: what changed at PeeringDB that concerns us, and the newest jobs.

use crate::{
    data::{Session, place::address, use_list},
    pages::{
        list::{a_few, rows_of},
        upstream,
    },
    ui::{
        Section,
        dom::href,
        status::status_of,
        time::{Moment, MomentStyle},
    },
};
use leptos::prelude::*;
use peerage_model::{
    Record,
    peeringdb::UPSTREAM_CHANGE,
    permit::View,
    types::{JOB, JobStatus},
};

/// Changes upstream that are told of.
const CHANGES: u32 = 6;
const JOBS: u32 = 4;
/// Networks, exchanges and ports of ours, and of those that we peer with.
const CONCERNED: &str = "concern:act,direct,known";

#[component]
pub fn Beside() -> impl IntoView {
    let session = Session::get();
    let upstream = untrack(|| session.allows::<View>(&UPSTREAM_CHANGE));
    let jobs = untrack(|| session.allows::<View>(&JOB));
    view! {
        {upstream.then(|| view! { <Upstream /> })}
        {jobs.then(|| view! { <Jobs /> })}
    }
}

#[component]
fn Upstream() -> impl IntoView {
    let fetched = use_list(Signal::stored(Some(a_few(&UPSTREAM_CHANGE, CONCERNED, "-run,concern,id", CHANGES))));
    let none = move || fetched.data.with(|listing| listing.as_ref().is_none_or(|listing| listing.rows.is_empty()));
    let all = address(&UPSTREAM_CHANGE.list_path(), &[("f".to_owned(), CONCERNED.to_owned())]);
    let end = move || {
        let all = href(&all);
        view! { <a class="link" href=all>"All"</a> }
    };
    view! {
        <Show when=move || !none()>
            <Section title="Changed at PeeringDB" end=end.clone()>
                <ul class="log upstream">{move || rows_of(fetched).iter().map(upstream::line).collect::<Vec<_>>()}</ul>
            </Section>
        </Show>
    }
}

#[component]
fn Jobs() -> impl IntoView {
    let fetched = use_list(Signal::stored(Some(a_few(&JOB, "", "-created,-id", JOBS))));
    let none = move || fetched.data.with(|listing| listing.as_ref().is_none_or(|listing| listing.rows.is_empty()));
    let end = || view! { <a class="link" href=href(&JOB.list_path())>"All jobs"</a> };
    view! {
        <Show when=move || !none()>
            <Section title="Jobs" end=end>
                <ul class="log">{move || rows_of(fetched).iter().map(job).collect::<Vec<_>>()}</ul>
            </Section>
        </Show>
    }
}

fn job(job: &Record) -> impl IntoView + use<> {
    let state = JOB.field("status").and_then(|field| status_of(field, job.get("status"), false));
    let choice = JOB.field("name").and_then(|field| field.kind.choice(job.text("name")));
    let name = choice.map_or_else(|| job.text("name").to_owned(), |choice| choice.label.to_owned());
    let running = JobStatus::of(job) == Some(JobStatus::Running);
    let words = if running { job.text("phase").to_owned() } else { job.text("outcome").to_owned() };
    let created = job.get("created").as_time();
    let when = created.map(|at| view! { <Moment micros=at style=MomentStyle::Short /> });
    view! {
        <li>
            <span><a class="name" href=href(&JOB.object_path(job.id))>{name}</a> " " {when}</span>
            {state}
            <p>{words}</p>
        </li>
    }
}
