//! Our objects beside what PeeringDB says of them: the actions that bring them into step or link them, the tab that shows
//! where an autonomous system differs, and from a network of PeeringDB's the way to ours.

use super::list::{a_few, rows_of};
use crate::{
    data::{Fetched, Session, Stored, api, fetched, undo, use_detail, use_list},
    shell::lower,
    ui::{Button, Copy, Empty, ErrorPanel, LinkButton, Look, Names, SkeletonLines, Toasts, cell::words, dom::href},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::in_step::{
    Comparison, Difference, Known, Synchronised, compare_with_peeringdb, link_to_peeringdb,
    synchronise_autonomous_system,
};
use peerage_model::{
    Asn, Field, ObjectType, Record, Value,
    peeringdb::NETWORK,
    permit::{Add, Change, View},
    types::{AUTONOMOUS_SYSTEM, CONNECTION, INTERNET_EXCHANGE, is_private},
};

/// What can be done with an object about PeeringDB.
#[component]
pub fn Actions(record: Record) -> impl IntoView {
    let session = Session::get();
    let of = record.of;
    if of.is(&NETWORK) {
        return view! { <Ours network=record /> }.into_any();
    }
    if !untrack(|| session.may::<Change>(of)) {
        return ().into_any();
    }
    let is_empty = |field: &str| record.get(field).is_null();
    let id = record.id;
    if of.is(&AUTONOMOUS_SYSTEM) {
        return (!is_private(&record)).then(|| view! { <Synchronise id=id /> }).into_any();
    }
    let unlinked = of.is(&INTERNET_EXCHANGE) && is_empty("peeringdb_ixlan")
        || of.is(&CONNECTION) && is_empty("peeringdb_netixlan");
    unlinked.then(|| view! { <Link of=of id=id /> }).into_any()
}

/// Brings an autonomous system into step, and says what came of it.
#[component]
fn Synchronise(id: i64) -> impl IntoView {
    let toasts = Toasts::get();
    let busy = RwSignal::new(false);
    let press = move |()| {
        busy.set(true);
        spawn_local(async move {
            let answer = api::ask(synchronise_autonomous_system(id)).await;
            busy.try_set(false);
            match answer {
                Ok(done) => {
                    if done.request.is_some() {
                        api::written(&[&AUTONOMOUS_SYSTEM]);
                    }
                    say(toasts, done);
                }
                Err(problem) => toasts.failed("It was not synchronised", &problem),
            }
        });
    };
    view! { <Button label="Synchronise" icon="poll" busy=busy on_press=press class="keep" /> }
}

fn say(toasts: Toasts, done: Synchronised) {
    let label = |name: &str| AUTONOMOUS_SYSTEM.field(name).map(Field::label).unwrap_or_default();
    let taken: Vec<String> = done.changes.iter().map(|change| label(&change.field)).collect();
    let left: Vec<String> = done.left.iter().map(|left| label(&left.field)).collect();
    let left = match left.as_slice() {
        [] => String::new(),
        left => format!(". Left as it is: {}", left.join(", ")),
    };
    match (done.known, done.request) {
        (_, Some(request)) => {
            undo::done(toasts, format!("Taken from PeeringDB: {}{left}", taken.join(", ")), Some(request))
        }
        (Known::Known, None) if left.is_empty() => toasts.say("It is as PeeringDB says already."),
        (Known::Known, None) => toasts.say(format!("Nothing was changed{left}")),
        (Known::Private, _) => toasts.say("Its number is private: PeeringDB has nothing to say of it."),
        (Known::Unknown, _) => toasts.say("PeeringDB has no network of this number. Nothing was changed."),
        (Known::NoCache, _) => toasts.say("The PeeringDB cache is empty. Synchronise PeeringDB first."),
    }
}

/// Finds an exchange's or a connection's place in the cache.
#[component]
fn Link(of: &'static ObjectType, id: i64) -> impl IntoView {
    let toasts = Toasts::get();
    let busy = RwSignal::new(false);
    let press = move |()| {
        busy.set(true);
        spawn_local(async move {
            let answer = api::ask(link_to_peeringdb(api::object(of, id))).await;
            busy.try_set(false);
            match answer {
                Ok(done) => {
                    api::written(&[&INTERNET_EXCHANGE, &CONNECTION]);
                    let more = match done.count {
                        0 | 1 => String::new(),
                        count => format!(", {count} links in all"),
                    };
                    undo::done(toasts, format!("Linked to {}{more}", done.to), Some(done.request));
                }
                Err(problem) => toasts.failed(format!("This {} was not linked", lower(of.name)), &problem),
            }
        });
    };
    view! { <Button label="Link to PeeringDB" icon="db" busy=busy on_press=press class="keep" /> }
}

/// From a network of PeeringDB's to ours, or to a form for it.
#[component]
fn Ours(network: Record) -> impl IntoView {
    let session = Session::get();
    let asn = network.int("asn").unwrap_or_default();
    let may_see = untrack(|| session.allows::<View>(&AUTONOMOUS_SYSTEM));
    let request = may_see.then(|| a_few(&AUTONOMOUS_SYSTEM, format!("asn:={asn}"), "", 1));
    let ours = use_list(Signal::stored(request));
    move || {
        let known = ours.data.with(Option::is_some);
        match rows_of(ours).first() {
            Some(system) => {
                let to = href(&AUTONOMOUS_SYSTEM.object_path(system.id));
                Some(
                    view! { <LinkButton label="Open your AS" icon="globe" look=Look::Primary href=to class="keep" /> }
                        .into_any(),
                )
            }
            None if known && session.may::<Add>(&AUTONOMOUS_SYSTEM) => {
                let to = href(&format!("{}/new?asn={asn}", AUTONOMOUS_SYSTEM.list_path()));
                Some(
                    view! { <LinkButton label="Add as peer" icon="plus" look=Look::Primary href=to class="keep" /> }
                        .into_any(),
                )
            }
            None => None,
        }
    }
}

/// The tab of an autonomous system.
#[component]
pub fn InPeeringDb(id: i64) -> impl IntoView {
    let ours = use_detail(&AUTONOMOUS_SYSTEM, id);
    let compared: Fetched<Comparison> =
        fetched(Signal::stored(Some(id)), |_| None, |id: i64| api::ask(compare_with_peeringdb(id)));
    let affiliated =
        Memo::new(move |_| ours.data.with(|data| data.as_ref().is_some_and(|data| data.record.flag("affiliated"))));
    let number = Memo::new(move |_| {
        ours.data
            .with(|data| data.as_ref().and_then(|data| data.record.int("asn")))
            .and_then(|asn| u32::try_from(asn).ok())
            .map(Asn)
    });
    let named = move || number.get().map_or_else(|| "this AS".to_owned(), |asn| asn.to_string());
    let body = move || match (compared.data.get(), compared.problem.get()) {
        (Some(comparison), _) => drawn(&comparison, affiliated.get(), named()),
        (None, Some(problem)) => view! { <ErrorPanel problem=problem retry=move |()| compared.reload() /> }.into_any(),
        (None, None) => view! { <SkeletonLines /> }.into_any(),
    };
    view! { <div class="scroll">{body}</div> }
}

fn drawn(comparison: &Comparison, affiliated: bool, named: String) -> AnyView {
    let (icon, title, about) = match comparison.known {
        Known::Known => return known(comparison, affiliated, named),
        Known::Unknown => (
            "globe",
            "PeeringDB does not know it",
            format!(
                "There is no network with the number {named} in the cache. Synchronise PeeringDB, if it was entered lately."
            ),
        ),
        Known::Private => (
            "lock",
            "A private number",
            format!("{named} is reserved or for private use; PeeringDB has none of those."),
        ),
        Known::NoCache => (
            "db",
            "The PeeringDB cache is empty",
            "Synchronise PeeringDB once; then this tab shows where your record differs.".to_owned(),
        ),
    };
    let private = comparison.known == Known::Private;
    view! {
        <Empty icon=icon title=title about=about>
            {(!private).then(|| view! { <LinkButton label="PeeringDB" icon="db" href=href("/peeringdb") /> })}
        </Empty>
    }
    .into_any()
}

fn known(comparison: &Comparison, affiliated: bool, named: String) -> AnyView {
    let names = Names::new(Stored);
    let title = if affiliated { "What PeeringDB should be told" } else { "Where it differs from PeeringDB" };
    let network = comparison.network.map(|network| {
        let to = href(&NETWORK.object_path(network));
        view! { <a class="link" href=to>{format!("{named} in PeeringDB")}</a> }
    });
    let rows: Vec<_> =
        comparison.differences.iter().filter_map(|one| difference_row(one, affiliated, &names)).collect();
    let any = !rows.is_empty();
    let about = match (any, affiliated) {
        (false, _) => "Name, AS-SET and prefix limits are the same here and there.",
        (true, true) => {
            "Where you are right, correct the entry at PeeringDB: your peers configure their routers from it. Where PeeringDB is right, synchronise."
        }
        (true, false) => "A synchronisation takes what its switches allow, with every run or now.",
    };
    let table = any.then(|| {
        view! {
            <table class="tbl stack plainhead compared">
                <caption class="sr">{title}</caption>
                <colgroup><col style=("width", "170px") /><col /><col /><col /></colgroup>
                <thead>
                    <tr>
                        <th scope="col">"Field"</th>
                        <th scope="col">"Here"</th>
                        <th scope="col">"In PeeringDB"</th>
                        <th scope="col">"Synchronising"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        }
    });
    view! {
        <section class="sec">
            <h2>{title}<span class="end small">{network}</span></h2>
            <p class="t2">{about}</p>
            {table}
        </section>
    }
    .into_any()
}

fn difference_row(one: &Difference, affiliated: bool, names: &Names) -> Option<AnyView> {
    let field = AUTONOMOUS_SYSTEM.field(&one.field)?;
    let text = |json| {
        let value = field.kind.from_json(json).unwrap_or(Value::Null);
        match words(field, &value, names) {
            text if text.is_empty() => "nothing".to_owned(),
            text => text,
        }
    };
    let (ours, theirs) = (text(&one.ours), text(&one.theirs));
    let copy = (affiliated && !one.ours.is_null()).then(|| {
        view! { " " <Copy text=field.kind.print(&field.kind.from_json(&one.ours).unwrap_or(Value::Null)) what=field.label() always=true /> }
    });
    let becomes = one.left.clone().map_or_else(
        || "takes PeeringDB's value".to_owned(),
        |why| format!("leaves it: {}", why.trim_end_matches('.')),
    );
    Some(
        view! {
            <tr>
                <th scope="row" class="m2 lead">{field.label()}</th>
                <td class="wrapped m3">{ours}{copy}</td>
                <td class="wrapped m4">{theirs}</td>
                <td class="wrapped t2 m5">{becomes}</td>
            </tr>
        }
        .into_any(),
    )
}
