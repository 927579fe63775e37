//! The list of any type: the page, and the same list under another object with a filter that stays. What is shown is in
//! the address bar: `?f=` filter, `sort`, `cols`, `page`, `per`. Only the fields of the shown columns are asked for.

use super::{
    Beginning, IMPORT_FILE, beginning_of, besides_list, delete::these, export, head::Head, parts, views::Views,
};
use crate::{
    data::{Listing, Session, Stored, place::Place, use_list},
    shell::lower,
    ui::{
        Button, Column, ColumnChooser, Empty, ErrorPanel, FilterBar, Icon, Keys, LinkButton, Look, Menu, Names, Pager,
        Scope, SelectionBar, SkeletonTable, Table, dom::href, pager::grouped, time,
    },
};
use leptos::prelude::*;
use peerage_app::preferences::{Choice, Preferences, chosen_for};
use peerage_model::{
    Filter, ObjectType, Origin, Record, Sort,
    filter::Path,
    permit::{self, Add, Change, Delete},
    query::{ListRequest, MOST_PER_PAGE, PER_PAGE},
    wire::Selection,
};
use std::collections::BTreeSet;

/// A type's page.
#[component]
pub fn ListPage(of: &'static ObjectType) -> impl IntoView {
    let session = Session::get();
    let total = RwSignal::new(None::<u64>);
    let place = Place::here();
    let filtered = Memo::new(move |_| !place.get("f").is_empty());
    let count = move || match (total.get(), session.count(of)) {
        (Some(shown), Some(all)) if filtered.get() => format!("{} of {}", grouped(shown), grouped(all)),
        (Some(shown), _) => grouped(shown),
        (None, Some(all)) if !filtered.get() => grouped(all),
        _ => String::new(),
    };
    let new = format!("{}/new", of.list_path());
    let label = format!("Add {}", lower(of.name));
    if of.origin.is_edited() {
        let new = new.clone();
        Keys::get().bind(Scope::List, "c", label.clone(), move |()| place.go(&new));
    }
    let actions = move || {
        let (new, label) = (new.clone(), label.clone());
        move || {
            let besides = besides_list(of).filter(|besides| besides.offered && (besides.may)(session)).map(|besides| {
                view! { <LinkButton label=besides.label icon=besides.icon href=href(&besides.path()) class="keep" /> }
            });
            let add = session.may::<Add>(of).then(|| {
                view! { <LinkButton label=label.clone() href=href(&new) icon="plus" look=Look::Primary keys="C" /> }
            });
            view! { {besides.collect::<Vec<_>>()} {add} }
        }
    };
    view! {
        <div class="page">
            <Head title=of.plural of=of count=Signal::derive(count) actions=actions />
            <Views of=of />
            <RecordList of=of total=total />
        </div>
    }
}

/// What a list draws at the moment.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Waiting,
    Failed,
    /// There are none at all.
    None,
    /// The filter hides all of them.
    NoMatch,
    Rows,
}

/// A list with its filter bar, table and foot. Fills the page that it stands in.
#[component]
pub fn RecordList(
    of: &'static ObjectType,
    /// A filter that cannot be taken off: `autonomous_system:12`.
    #[prop(optional, into)]
    fixed: String,
    /// What is put into the form of a new one: `autonomous_system=12`.
    #[prop(optional, into)]
    prefill: String,
    /// Its bar offers to add one: the page has no such button.
    #[prop(optional)]
    add: bool,
    /// Told how many match.
    #[prop(optional)]
    total: RwSignal<Option<u64>>,
) -> impl IntoView {
    let session = Session::get();
    let place = Place::here();
    let names = use_context::<Names>().unwrap_or_default();
    let part = move |name: &'static str| Memo::new(move |_| place.get(name));
    let (text, cols) = (part("f"), part("cols"));
    // without a word in the address: as it was chosen last, by what may still be seen
    let seen = move |key: &&String| {
        Sort::parse(of, key).is_ok_and(|sort| {
            sort.path.hops().iter().filter_map(|hop| hop.kind.target()).all(|to| session.allows::<permit::View>(to))
        })
    };
    let sort_text = Memo::new(move |_| match place.get("sort") {
        text if text.is_empty() => session
            .preferences
            .with(|kept| chosen_for(&kept.sorts, &of.key()).iter().filter(seen).cloned().collect::<Vec<_>>().join(",")),
        text => text,
    });
    let page = Memo::new(move |_| place.get("page").parse::<u32>().unwrap_or(1).max(1));
    let per = Memo::new(move |_| {
        let said = place.get("per").parse::<u32>().ok().filter(|per| (1..=MOST_PER_PAGE).contains(per));
        said.unwrap_or_else(|| match session.preferences.with(|kept| kept.per_page) {
            0 => PER_PAGE,
            rows => rows.min(MOST_PER_PAGE),
        })
    });

    let locked = Filter::parse(of, &fixed).0.terms;
    // what all rows have in common is no column
    let common: Vec<String> = locked.iter().filter(|term| !term.negate).map(|term| term.path.to_string()).collect();
    let common = StoredValue::new(common);
    let liked = move || {
        let keys =
            |kept: &Preferences| Column::from_keys(of, chosen_for(&kept.columns, &of.key()).iter().map(String::as_str));
        session.preferences.with(keys)
    };
    let is_common = move |key: &String| common.with_value(|common| common.contains(key));
    let columns = Memo::new(move |_| {
        let keys = cols.get();
        if keys.is_empty() {
            let mut columns = liked();
            columns.retain(|column| !is_common(&column.key));
            columns
        } else {
            Column::from_keys(of, keys.split(','))
        }
    });
    let sort = Memo::new(move |_| {
        let keys: Vec<Sort> =
            sort_text.with(|text| text.split(',').filter_map(|key| Sort::parse(of, key).ok()).collect());
        // of the type's own order only the first key is worth showing
        if keys.is_empty() { Sort::natural(of).into_iter().take(1).collect() } else { keys }
    });
    let request = Memo::new(move |_| {
        // what cannot be read is shown in the bar, and not sent
        let own = text.with(|text| Filter::parse(of, text).0.to_string());
        let sort = sort_text
            .with(|text| text.split(',').filter(|key| Sort::parse(of, key).is_ok()).collect::<Vec<_>>().join(","));
        Some(ListRequest {
            filter: [fixed.as_str(), own.as_str()].join(" ").trim().to_owned(),
            sort,
            page: page.get(),
            per_page: per.get(),
            fields: columns.with(|columns| fields_of(columns)),
            ..ListRequest::of(of)
        })
    });
    let fetched = use_list(request.into());
    let rows = Memo::new(move |_| {
        fetched.data.with(|listing| listing.as_ref().map(|listing: &Listing| listing.rows.clone())).unwrap_or_default()
    });
    let matching = Memo::new(move |_| fetched.data.with(|listing| listing.as_ref().map(|listing| listing.total)));
    Effect::new(move |_| total.set(matching.get()));
    let shown = Memo::new(move |_| match (matching.get(), fetched.problem.with(Option::is_some)) {
        (None, true) => Shown::Failed,
        (None, false) => Shown::Waiting,
        (Some(0), _) if text.with(String::is_empty) => Shown::None,
        (Some(0), _) => Shown::NoMatch,
        (Some(_), _) => Shown::Rows,
    });

    let ticks = RwSignal::new(BTreeSet::<i64>::new());
    let whole = RwSignal::new(false);
    // another list: nothing is ticked in it
    Effect::new(move |before: Option<(String, u32)>| {
        let now = (text.get(), page.get());
        if before.is_some_and(|before| before != now) {
            whole.set(false);
            ticks.update(BTreeSet::clear);
        }
        now
    });
    // all that match: those on the page look so, and whoever takes one out means the rest of the page
    Effect::new(move |_| {
        if whole.get() {
            ticks.set(rows.with(|rows| rows.iter().map(|row| row.id).collect()));
        }
    });
    Effect::new(move |_| {
        let all = ticks.with(|ticks| rows.with_untracked(|rows| rows.iter().all(|row| ticks.contains(&row.id))));
        if !all && whole.get_untracked() {
            whole.set(false);
        }
    });
    // what is ticked; all that match go as the filter
    let selection = move || {
        if whole.get_untracked() {
            Selection { of: of.key(), ids: Vec::new(), filter: request.get_untracked().map(|request| request.filter) }
        } else {
            these(of, ticks.get_untracked().into_iter().collect())
        }
    };
    let deleting = RwSignal::new(None::<Selection>);
    let editing = RwSignal::new(None::<Selection>);
    let delete = move |()| deleting.set(Some(selection()));
    let edit = move |()| editing.set(Some(selection()));
    if session_edits(of) {
        Keys::get().bind_if(Scope::List, "e", format!("Edit the ticked {}", lower(of.plural)), move |_| {
            let any = ticks.with_untracked(|ticks| !ticks.is_empty());
            if any {
                edit(());
            }
            any
        });
    }
    // of the list: the dialog may be closed while it writes
    let deleted = Callback::new(move |()| {
        whole.set(false);
        ticks.update(BTreeSet::clear);
    });

    let change_filter = move |text: String| place.set(&[("f", &text), ("page", "")]);
    let change_sort = move |keys: Vec<Sort>| {
        let keys: Vec<String> =
            keys.iter().map(|key| format!("{}{}", if key.descending { "-" } else { "" }, key.path)).collect();
        let text = keys.join(",");
        session.choose(Choice { sorts: vec![(of.key(), keys)], ..Choice::default() });
        place.set(&[("sort", &text), ("page", "")]);
    };
    let change_columns = move |keys: Vec<String>| {
        let mut kept = keys.clone();
        if !kept.is_empty() {
            // what this list leaves out is not gone from others
            let left_out = untrack(liked).into_iter().map(|column| column.key);
            kept.extend(left_out.filter(|key| is_common(key) && !keys.contains(key)));
        }
        session.choose(Choice { columns: vec![(of.key(), kept)], ..Choice::default() });
        place.set(&[("cols", &keys.join(","))]);
    };
    let change_page =
        move |page: u32| place.step(&[("page", &if page > 1 { page.to_string() } else { String::new() })]);
    let change_per = move |per: u32| {
        session.choose(Choice { per_page: Some(per), ..Choice::default() });
        place.set(&[("per", &if per == PER_PAGE { String::new() } else { per.to_string() }), ("page", "")]);
    };
    let keys =
        Signal::derive(move || columns.with(|columns| columns.iter().map(|column| column.key.clone()).collect()));
    let templates = export::use_templates(of);
    let entries = Signal::derive(move || {
        let (request, total) = (request.get(), matching.get().unwrap_or_default());
        let ticked = if whole.get() { BTreeSet::new() } else { ticks.get() };
        let mut entries = export::entries(of, request.clone(), columns.get(), rows.get(), total, names.clone());
        entries
            .extend(request.into_iter().flat_map(|request| export::through(templates.get(), request, total, &ticked)));
        entries
    });

    let new = format!("{}/new{}{prefill}", of.list_path(), if prefill.is_empty() { "" } else { "?" });
    let new = StoredValue::new(new);
    let body = move || {
        match shown.get() {
        Shown::Waiting => view! { <div class="scroll"><SkeletonTable columns=untrack(|| columns.with(Vec::len)) /></div> }.into_any(),
        Shown::Failed => fetched
            .problem
            .get()
            .map(|problem| view! { <ErrorPanel problem=problem retry=move |()| fetched.reload() /> })
            .into_any(),
        Shown::None => nothing(of, new.get_value(), session),
        Shown::NoMatch => view! {
            <Empty icon="filterx" title=format!("No {} match", lower(of.plural)) about="Take a term off the filter, or search for other words.">
                <Button label="Clear the filter" on_press=move |()| change_filter(String::new()) />
            </Empty>
        }
        .into_any(),
        Shown::Rows => view! {
            <Table
                of=of
                label=of.plural
                columns=columns
                rows=rows
                names=Signal::derive(|| Names::new(Stored))
                sort=sort
                on_sort=change_sort
                ticks=may_tick(of, ticks)
                offset=Signal::derive(move || u64::from(page.get() - 1) * u64::from(per.get()))
                total=Signal::derive(move || matching.get().unwrap_or_default())
            />
        }
        .into_any(),
    }
    };
    let age = move || fetched.at.get().map(|at| format!("as of {}", time::clock_time(at)));
    let selected = move || ticks.with(BTreeSet::len);
    let foot = move || {
        if selected() > 0 {
            view! {
                <SelectionBar
                    count=Signal::derive(selected)
                    total=Signal::derive(move || matching.get().unwrap_or_default())
                    whole=whole
                    on_clear=move |()| ticks.update(BTreeSet::clear)
                    note=Signal::derive(move || age().unwrap_or_default())
                >
                    {session.may::<Change>(of).then(|| view! { <Button label="Edit" icon="edit" keys="E" on_press=edit /> })}
                    {session.may::<Delete>(of).then(|| view! { <Button label="Delete" icon="trash" look=Look::Danger on_press=delete /> })}
                </SelectionBar>
            }
            .into_any()
        } else {
            view! {
                <div class="foot">
                    <span class="small t3">{age}</span>
                    <Pager
                        total=Signal::derive(move || matching.get().unwrap_or_default())
                        page=page
                        per_page=per
                        on_page=change_page
                        on_per_page=Callback::new(change_per)
                    />
                </div>
            }
            .into_any()
        }
    };
    let any = Memo::new(move |_| selected() > 0);
    view! {
        <FilterBar of=of text=text on_change=change_filter names=Signal::derive(|| Names::new(Stored)) locked=Signal::stored(locked)>
            <ColumnChooser of=of shown=keys on_change=change_columns />
            <Menu label="Export" icon="export" worded=true entries=entries />
            {move || (!add && session.may::<Add>(of)).then(|| import_link(of, Look::Ghost))}
            {move || {
                (add && session.may::<Add>(of)).then(|| {
                    view! { <LinkButton label=format!("Add {}", lower(of.name)) icon="plus" href=href(&new.get_value()) /> }
                })
            }}
        </FilterBar>
        <Stale problem=fetched.problem shown=shown on_retry=move |()| fetched.reload() />
        <Show when=move || fetched.busy.get() && shown.get() != Shown::Waiting>
            <div class="busy" aria-hidden="true"></div>
        </Show>
        {body}
        {move || { any.get(); untrack(foot) }}
        {move || deleting.with(Option::is_some).then(|| parts::delete(of, deleting, deleted))}
        {move || {
            let count = if whole.get_untracked() { matching.get_untracked() } else { None };
            let count = count.unwrap_or_else(|| ticks.with_untracked(BTreeSet::len) as u64);
            editing.with(Option::is_some).then(|| parts::bulk_edit(of, editing, count, deleted))
        }}
    }
}

/// To the page that imports a file.
fn import_link(of: &'static ObjectType, look: Look) -> impl IntoView {
    let to = format!("{}/{IMPORT_FILE}", of.list_path());
    view! { <LinkButton label="Import" icon="import" look=look href=href(&to) /> }
}

/// Whether ticked rows can be edited together.
fn session_edits(of: &'static ObjectType) -> bool {
    untrack(|| Session::get().may::<Change>(of))
}

/// Rows that nobody may change or delete have no ticks.
fn may_tick(of: &'static ObjectType, ticks: RwSignal<BTreeSet<i64>>) -> Option<RwSignal<BTreeSet<i64>>> {
    untrack(|| session_edits(of) || Session::get().may::<Delete>(of)).then_some(ticks)
}

/// The fields that columns need: the first step of each path.
fn fields_of(columns: &[Column]) -> Vec<String> {
    let first = |path: &Path| path.hops().first().map_or(path.field().name, |field| field.name).to_owned();
    let mut fields: Vec<String> = columns.iter().filter_map(|column| column.path.as_ref().map(first)).collect();
    fields.sort_unstable();
    fields.dedup();
    fields.retain(|name| name != "id");
    fields
}

/// An empty list says what would stand in it and what to do next.
fn nothing(of: &'static ObjectType, new: String, session: Session) -> AnyView {
    let next = move || match of.origin {
        Origin::Note => beginning_of(of).map(|Beginning { label, icon, path, .. }| {
            view! { <LinkButton label=*label icon=*icon href=href(path) look=Look::Primary /> }
        }),
        Origin::PeeringDb => Some(
            view! { <LinkButton label="Synchronise PeeringDB" icon="db" href=href("/peeringdb") look=Look::Primary /> },
        ),
        _ if session.may::<Add>(of) => Some(view! {
            <LinkButton label=format!("Add {}", lower(of.name)) icon="plus" href=href(&new) look=Look::Primary />
        }),
        _ => None,
    };
    let besides = move || {
        let besides = besides_list(of).filter(|besides| besides.offered && (besides.may)(session));
        besides
            .map(|besides| view! { <LinkButton label=besides.label icon=besides.icon href=href(&besides.path()) /> })
            .collect::<Vec<_>>()
    };
    view! {
        <Empty icon=of.icon title=format!("No {} yet", lower(of.plural)) about=of.about>
            {next}
            {besides}
            {move || session.may::<Add>(of).then(|| import_link(of, Look::Ghost))}
        </Empty>
    }
    .into_any()
}

/// What is shown could not be brought up to date.
#[component]
fn Stale(
    problem: RwSignal<Option<peerage_model::Problem>>,
    shown: Memo<Shown>,
    #[prop(into)] on_retry: Callback<()>,
) -> impl IntoView {
    let message = move || {
        problem.with(|problem| {
            problem.as_ref().filter(|_| shown.get() != Shown::Failed).map(|problem| problem.message.clone())
        })
    };
    move || {
        message().map(|message| {
            view! {
                <div class="notice warn" role="status">
                    <Icon name="alert" />
                    {message}
                    <span class="end">
                        <Button label="Try again" small=true look=Look::Ghost on_press=move |()| on_retry.run(()) />
                    </span>
                </div>
            }
        })
    }
}

/// For pages that draw a few rows of a list by themselves.
pub fn a_few(of: &'static ObjectType, filter: impl Into<String>, sort: &str, count: u32) -> ListRequest {
    ListRequest { filter: filter.into(), sort: sort.to_owned(), per_page: count, ..ListRequest::of(of) }
}

/// The rows of a listing; tracked.
pub fn rows_of(fetched: crate::data::Fetched<Listing>) -> Vec<Record> {
    fetched.data.with(|listing| listing.as_ref().map(|listing| listing.rows.clone())).unwrap_or_default()
}
