//! What was picked, as sessions that can still be changed before they are made: one row for each, a row above that sets
//! a field for all of them, and one press that makes all or none. The columns are the session's fields from its
//! description, but for those that the pick decides. Checked here by the rules that the server runs as well; what only
//! the server can find comes back at its row.

use super::{
    available_peers::{
        crumb_of,
        layout::Found as Available,
        matrix::without_exchange,
        picks::{self, Pick, Picks},
        scope::Scope as Where,
    },
    head::Head,
};
use crate::{
    data::{
        Fetched, Stored, api,
        place::{Place, address},
        undo,
    },
    shell::Crumb,
    ui::{
        Button, Empty, ErrorPanel, Keys, LinkButton, Look, Pager, Scope, Shape, SkeletonTable, Status, Toasts,
        dom::{self, href},
        form::Slot,
        input::{Control, made_up},
        pager::grouped,
    },
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::peers::{NewSession, create_sessions};
use peerage_model::{
    Field, FieldProblem, Kind, Problem, Record, Tone, Value,
    check::check,
    facts::Found,
    types::{AUTONOMOUS_SYSTEM, INTERNET_EXCHANGE, IX_SESSION},
};
use serde_json::{Map, Value as Json};
use std::{
    collections::{BTreeMap, HashMap},
    net::IpAddr,
    sync::Arc,
};

/// Decided by the pick.
const PICKED: [&str; 3] = ["autonomous_system", "ixp_connection", "ip_address"];
/// Rows of one page of the table.
const PER_PAGE: u32 = 50;
const PEER_WIDTH: u32 = 290;
const REMOVE_WIDTH: u32 = 44;

/// The fields that can be set here: those that fit into a cell.
fn columns() -> impl Iterator<Item = &'static Field> {
    IX_SESSION.fields.iter().filter(|field| {
        let fits = !matches!(field.kind, Kind::Markdown | Kind::Template | Kind::Json { .. });
        fits && !field.is_internal() && !field.is_read_only() && !field.is_hidden() && !PICKED.contains(&field.name)
    })
}

fn width(field: &Field) -> u32 {
    match field.kind {
        Kind::Bool => 96,
        Kind::Int { .. } => 84,
        Kind::References { .. } => 220,
        _ => 164,
    }
}

/// What was set for each pick, by field, as it is sent.
type Settings = BTreeMap<String, Map<String, Json>>;

fn key(scope: Where) -> String {
    format!("peerage.proposed.{}", scope.key())
}

/// What was set here before, in this tab.
fn settings(scope: Where) -> Settings {
    let store = window().session_storage().ok().flatten();
    let text = store.and_then(|store| store.get_item(&key(scope)).ok()?);
    text.and_then(|text| serde_json::from_slice(text.as_bytes()).ok()).unwrap_or_default()
}

/// Keeps what was set, for coming back. Secrets are not kept.
fn keep(scope: Where, lines: &[Line]) {
    let set = |line: &Line| {
        let mut fields = line.to_session().fields;
        fields.retain(|name, _| IX_SESSION.field(name).is_some_and(|field| !matches!(field.kind, Kind::Secret { .. })));
        (!fields.is_empty()).then(|| (picks::print(&Picks::from([line.pick])), fields))
    };
    let all: Settings = lines.iter().filter_map(set).collect();
    if let Ok(Some(store)) = window().session_storage() {
        // a store that refuses costs only what a reload would lose
        let _ = match serde_json::to_string(&all) {
            Ok(text) if !all.is_empty() => store.set_item(&key(scope), &text),
            _ => store.remove_item(&key(scope)),
        };
    }
}

/// A session that is proposed.
#[derive(Clone)]
struct Line {
    pick: Pick,
    /// `AS64500 Example`
    peer: String,
    connection: String,
    address: IpAddr,
    slots: Arc<Vec<Slot>>,
    /// What is wrong and belongs to no column, with whether it may be meant all the same.
    general: RwSignal<Vec<(String, bool)>>,
}

impl Line {
    fn new(pick: Pick, found: &Available) -> Option<Self> {
        let answer = &found.answer;
        let of_exchange = |exchange: &peerage_app::peers::OurExchange| {
            exchange.connections.iter().find(|connection| connection.id == pick.connection).cloned()
        };
        let (at, connection) = answer.exchanges.iter().zip(0..).find_map(|(ix, at)| Some((at, of_exchange(ix)?)))?;
        let port = answer.ports.iter().find(|port| port.id == pick.port && port.exchange == at)?;
        let peer = &answer.networks[port.network as usize];
        let address = if pick.family == 4 { port.ipv4 } else { port.ipv6 }?;
        Some(Self {
            pick,
            peer: format!("AS{} {}", peer.asn, peer.name),
            connection: connection.label.clone(),
            address,
            slots: Arc::new(columns().map(|field| Slot::alone(field, field.default_value())).collect()),
            general: RwSignal::default(),
        })
    }

    /// Takes what was set for it before; true: there was something.
    fn restore(&self, settings: &Settings) -> bool {
        let Some(fields) = settings.get(&picks::print(&Picks::from([self.pick]))) else { return false };
        for slot in self.slots.iter() {
            if let Some(value) = fields.get(slot.field.name).and_then(|json| slot.field.kind.from_json(json).ok()) {
                slot.value.set(value);
            }
        }
        true
    }

    fn record(&self) -> Record {
        let begun = Record::new(&IX_SESSION)
            .with("ixp_connection", Value::Int(self.pick.connection))
            .with("ip_address", Value::Ip(self.address));
        self.slots.iter().fold(begun, |record, slot| record.with(slot.field.name, slot.value.get_untracked()))
    }

    /// Shows what is wrong by itself; true: nothing.
    fn check(&self) -> bool {
        let found = check(&self.record(), &Found(&Stored)).despite_warnings(true).into_vec();
        self.clear();
        for problem in found.into_iter().filter(|problem| problem.field != PICKED[0]) {
            self.refuse(&problem.field, &problem);
        }
        !self.is_wrong()
    }

    fn clear(&self) {
        self.slots.iter().for_each(|slot| slot.problem.set(None));
        self.general.set(Vec::new());
    }

    fn refuse(&self, field: &str, problem: &FieldProblem) {
        match self.slots.iter().find(|slot| slot.field.name == field) {
            Some(slot) => slot.say(&problem.message, problem.warning),
            None => self.general.update(|general| general.push((problem.message.clone(), problem.warning))),
        }
    }

    /// Something must be mended; untracked.
    fn is_wrong(&self) -> bool {
        untrack(|| self.problems().iter().any(|(_, warning)| !warning))
    }

    /// Something speaks against it; untracked.
    fn is_doubtful(&self) -> bool {
        untrack(|| !self.problems().is_empty())
    }

    /// All problems in words, and whether each is only a warning; tracked.
    fn problems(&self) -> Vec<(String, bool)> {
        let at_slots = self.slots.iter().filter_map(|slot| {
            slot.wrong().map(|words| (format!("{}: {words}", slot.field.label()), slot.is_warned()))
        });
        self.general.get().into_iter().chain(at_slots).collect()
    }

    /// What to send: only what differs from a session's defaults.
    fn to_session(&self) -> NewSession {
        let changed = self.slots.iter().filter_map(|slot| {
            let value = slot.value.get_untracked();
            (value != slot.field.default_value()).then(|| (slot.field.name.to_owned(), slot.field.kind.to_json(&value)))
        });
        NewSession {
            port: self.pick.port,
            connection: self.pick.connection,
            family: self.pick.family,
            fields: changed.collect(),
        }
    }
}

#[component]
pub fn Propose(scope: Where) -> impl IntoView {
    let peers = scope.fetch();
    let (name, via, _) = crumb_of(scope);
    let via = Signal::derive(move || {
        let mut via = via.get();
        via.push(Crumb::new("Available peers", scope.path()));
        via
    });
    let ready = Memo::new(move |_| peers.data.with(Option::is_some));
    move || {
        if ready.get() {
            return view! { <Proposal scope=scope peers=peers name=name via=via /> }.into_any();
        }
        view! {
            <div class="page">
                <Head title="Add sessions" of=&INTERNET_EXCHANGE via=via ruled=true />
                {move || match peers.problem.get() {
                    Some(problem) => view! { <ErrorPanel problem=problem retry=Callback::new(move |()| peers.reload()) /> }.into_any(),
                    None => view! { <SkeletonTable columns=8 /> }.into_any(),
                }}
            </div>
        }
        .into_any()
    }
}

#[component]
fn Proposal(
    scope: Where,
    peers: Fetched<Arc<Available>>,
    name: Signal<String>,
    via: Signal<Vec<Crumb>>,
) -> impl IntoView {
    let place = Place::here();
    let toasts = Toasts::get();
    let found = peers.data.get_untracked().unwrap_or_default();
    let asked = untrack(|| place.get("picks"));
    let wanted = if asked.is_empty() { picks::kept(scope) } else { picks::parse(&asked) };
    let possible = picks::possible(&wanted, &found);
    let gone = wanted.len() - possible.len();
    let lines = RwSignal::new(possible.iter().filter_map(|pick| Line::new(*pick, &found)).collect::<Vec<_>>());
    let before = settings(scope);
    let restored = lines.with_untracked(|lines| lines.iter().filter(|line| line.restore(&before)).count()) > 0;
    // a reload, and going elsewhere and coming back, lose nothing of it
    let keep_lines = move || {
        lines.try_with_untracked(|lines| keep(scope, lines));
    };
    let leaving = window_event_listener(leptos::ev::pagehide, move |_| keep_lines());
    on_cleanup(move || {
        keep_lines();
        leaving.remove();
    });
    let kept = move || lines.with_untracked(|lines| lines.iter().map(|line| line.pick).collect::<Picks>());
    let refused = RwSignal::new(None::<Problem>);
    let remove = Callback::new(move |pick: Pick| {
        lines.update(|lines| lines.retain(|line| line.pick != pick));
        if !lines.with_untracked(|lines| lines.iter().any(Line::is_doubtful)) {
            refused.set(None);
        }
        picks::keep(scope, &kept());
        place.set(&[("picks", &picks::in_address(&kept()))]);
    });
    let busy = RwSignal::new(false);
    let page = RwSignal::new(1u32);
    let show_first_problem = move || {
        let first = lines.with_untracked(|lines| {
            lines.iter().position(Line::is_wrong).or_else(|| lines.iter().position(Line::is_doubtful))
        });
        if let Some(at) = first {
            page.set(u32::try_from(at).unwrap_or_default() / PER_PAGE + 1);
            let slot = lines.with_untracked(|lines| {
                lines[at].slots.iter().find(|slot| untrack(|| slot.wrong()).is_some()).map(Slot::id)
            });
            if let Some(id) = slot {
                dom::focus_soon(id);
            }
        }
    };
    let create = move |insist: bool| {
        let wrong = lines.with_untracked(|lines| lines.iter().filter(|line| !line.check()).count());
        if wrong > 0 {
            return show_first_problem();
        }
        if busy.get_untracked() || lines.with_untracked(Vec::is_empty) {
            return;
        }
        busy.set(true);
        refused.set(None);
        let sent = lines.get_untracked();
        spawn_local(async move {
            let answer = api::ask(create_sessions(sent.iter().map(Line::to_session).collect(), insist)).await;
            busy.try_set(false);
            match answer {
                Ok(created) => {
                    picks::keep(scope, &Picks::new());
                    lines.try_set(Vec::new());
                    api::written(&[&AUTONOMOUS_SYSTEM, &IX_SESSION]);
                    let words = made(created.sessions.len(), created.autonomous_systems.len());
                    undo::done(toasts, words, Some(created.request));
                    place.go(&made_at(scope));
                }
                Err(problem) => {
                    for told in &problem.fields {
                        if let Some((at, field)) = place_of(&told.field)
                            && let Some(line) = sent.get(at)
                        {
                            line.refuse(field, told);
                        }
                    }
                    refused.try_set(Some(problem));
                    show_first_problem();
                }
            }
        });
    };
    Keys::get().bind(Scope::Editor, "Ctrl S", "Create the sessions", move |()| create(false));
    let count = Signal::derive(move || lines.with(Vec::len));
    let label = Signal::derive(move || match count.get() {
        1 => "Create 1 session".to_owned(),
        many => format!("Create {} sessions", grouped(many as u64)),
    });
    let back = href(&scope.path());
    let back_again = back.clone();
    let notice = (gone > 0).then(|| {
        let words = if gone == 1 {
            "1 session is not free any more and was left out.".to_owned()
        } else {
            format!("{gone} sessions are not free any more and were left out.")
        };
        view! { <p class="notice" role="status"><Shape tone=Tone::Info />{words}</p> }
    });
    let only_warned = Memo::new(move |_| {
        refused.with(|refused| {
            let fields = refused.as_ref().map_or(&[][..], |problem| &problem.fields);
            !fields.is_empty() && fields.iter().all(|told| told.warning)
        })
    });
    let problem = move || {
        refused.get().map(|problem| {
            let (tone, about) = match (only_warned.get(), problem.fields.len()) {
                (false, _) => (Tone::Bad, problem.message),
                (true, 1) => (
                    Tone::Warn,
                    "Something speaks against one of them. Take it out, or create all the same.".to_owned(),
                ),
                (true, many) => (
                    Tone::Warn,
                    format!("{many} things speak against some of them. Take those out, or create all the same."),
                ),
            };
            view! { <p class="notice" role="alert"><Status tone=tone word="Nothing was created yet" />{about}</p> }
        })
    };
    let head_count = Signal::derive(move || match scope {
        Where::Exchange(_) => format!("at {}", name.get()),
        Where::Network(asn) => format!("with AS{asn}"),
        Where::Everywhere => "at your exchanges".to_owned(),
    });
    view! {
        <div class="page">
            <Head title="Add sessions" of=&INTERNET_EXCHANGE via=via count=head_count ruled=true />
            {notice}
            {restored.then(|| view! { <p class="notice" role="status"><Shape tone=Tone::Info />"What you set here before is in the table again; passwords are not kept."</p> })}
            {problem}
            <Show
                when=move || { count.get() > 0 }
                fallback=move || {
                    let back = back_again.clone();
                    view! {
                        <Empty icon="avail" title="Nothing is picked" about="Pick free cells among the available peers; each becomes a session here, to be looked through before it is made.">
                            <LinkButton label="Available peers" look=Look::Primary href=back.clone() />
                        </Empty>
                    }
                }
            >
                <LinesTable lines=lines exchange=name page=page remove=remove />
            </Show>
            <div class="foot form">
                <Button label=label look=Look::Primary keys="Ctrl S" busy=busy disabled=Signal::derive(move || count.get() == 0) on_press=move |()| create(false) />
                <Show when=move || only_warned.get()>
                    <Button label="Create all the same" busy=busy on_press=move |()| create(true) />
                </Show>
                <LinkButton label="Back to the peers" look=Look::Ghost href=back />
                <span class="end">
                    <Pager total=Signal::derive(move || count.get() as u64) page=page per_page=PER_PAGE on_page=move |to| page.set(to) />
                </span>
            </div>
        </div>
    }
}

/// The list of the sessions there, newest first where it is of all exchanges.
fn made_at(scope: Where) -> String {
    let (part, text) = match scope {
        Where::Exchange(exchange) => ("f", format!("ixp_connection.internet_exchange_point:{exchange}")),
        Where::Network(asn) => ("f", format!("autonomous_system.asn:{asn}")),
        Where::Everywhere => ("sort", "-created".to_owned()),
    };
    address(&IX_SESSION.list_path(), &[(part.to_owned(), text)])
}

/// '12 sessions created, 3 autonomous systems added'
fn made(sessions: usize, systems: usize) -> String {
    let mut words = if sessions == 1 {
        "1 session created".to_owned()
    } else {
        format!("{} sessions created", grouped(sessions as u64))
    };
    match systems {
        0 => {}
        1 => words.push_str(", 1 autonomous system added"),
        many => words.push_str(&format!(", {many} autonomous systems added")),
    }
    words
}

/// `rows.3.status` as row and field.
fn place_of(field: &str) -> Option<(usize, &str)> {
    let rest = field.strip_prefix("rows.")?;
    let (at, field) = rest.split_once('.').unwrap_or((rest, ""));
    Some((at.parse().ok()?, field))
}

#[component]
fn LinesTable(
    lines: RwSignal<Vec<Line>>,
    exchange: Signal<String>,
    page: RwSignal<u32>,
    remove: Callback<Pick>,
) -> impl IntoView {
    let shown = move || {
        let per = PER_PAGE as usize;
        let first = (page.get().max(1) as usize - 1) * per;
        lines.with(|lines| lines.iter().skip(first).take(per).cloned().collect::<Vec<_>>())
    };
    // removing the last row of the last page shows the page before
    Effect::new(move |_| {
        let pages = u32::try_from(lines.with(Vec::len).div_ceil(PER_PAGE as usize)).unwrap_or(u32::MAX).max(1);
        if page.get() > pages {
            page.set(pages);
        }
    });
    let least: u32 = PEER_WIDTH + REMOVE_WIDTH + columns().map(width).sum::<u32>();
    let col = |width: u32| view! { <col style=("width", format!("{width}px")) /> };
    let span = 2 + columns().count();
    let row = move |line: Line| view! { <LineRow line=line exchange=exchange remove=remove span=span /> };
    view! {
        <div class="scroll">
            <table class="tbl edit propose" aria-label="Proposed sessions" style=("min-width", format!("{least}px"))>
                <colgroup>
                    {col(PEER_WIDTH)}
                    {columns().map(|field| col(width(field))).collect::<Vec<_>>()}
                    {col(REMOVE_WIDTH)}
                </colgroup>
                <thead>
                    <tr>
                        <th scope="col" class="pin">"Peer"</th>
                        {columns().map(|field| view! { <th scope="col" title=field.help>{field.label()}</th> }).collect::<Vec<_>>()}
                        <th scope="col"><span class="sr">"Remove"</span></th>
                    </tr>
                </thead>
                <tbody>
                    <tr class="all">
                        <th scope="row" class="pin w5">"Set for all"</th>
                        {columns().map(|field| view! { <td><SetForAll field=field lines=lines /></td> }).collect::<Vec<_>>()}
                        <td></td>
                    </tr>
                    <For each=shown key=|line| line.pick children=row />
                </tbody>
            </table>
        </div>
    }
}

/// A control whose value goes to every row.
#[component]
fn SetForAll(field: &'static Field, lines: RwSignal<Vec<Line>>) -> impl IntoView {
    let slot = Slot::alone(field, field.default_value());
    Effect::new(move |before: Option<()>| {
        let value = slot.value.get();
        if before.is_none() {
            return;
        }
        lines.with_untracked(|lines| {
            for line in lines {
                if let Some(theirs) = line.slots.iter().find(|theirs| theirs.field.name == field.name) {
                    theirs.unread.set(None);
                    theirs.problem.set(None);
                    theirs.value.set(value.clone());
                }
            }
        });
    });
    // both sides agree on one for each peer, whatever number of sessions there are with it
    let make_up = move |()| {
        let mut made = HashMap::new();
        lines.with_untracked(|lines| {
            for line in lines {
                if let Some(theirs) = line.slots.iter().find(|theirs| theirs.field.name == field.name) {
                    let password = made.entry(line.peer.clone()).or_insert_with(made_up);
                    theirs.problem.set(None);
                    theirs.value.set(Value::text(password.as_str()));
                }
            }
        });
    };
    if field.is_agreed() {
        return view! { <Button label="One for each peer" icon="key" small=true on_press=make_up /> }.into_any();
    }
    view! { <Control entry=slot label=format!("{} for all", field.label()) /> }.into_any()
}

#[component]
fn LineRow(line: Line, exchange: Signal<String>, remove: Callback<Pick>, span: usize) -> impl IntoView {
    let pick = line.pick;
    let why = format!("why-{}-{}-{}", pick.port, pick.connection, pick.family);
    let title = format!("{}, {}", line.peer, line.address);
    let controls: Vec<_> = line
        .slots
        .iter()
        .map(|slot| {
            let label = format!("{} of {title}", slot.field.label());
            view! { <td><Control entry=*slot label=label described_by=why.clone() /></td> }
        })
        .collect();
    let label = line.connection.clone();
    let connection = move || without_exchange(&label, &exchange.get());
    let wrong = StoredValue::new(line.clone());
    let problems = move || wrong.with_value(Line::problems);
    view! {
        <tr>
            <th scope="row" class="pin" title=line.peer.clone()>
                <span class="name clip">{line.peer.clone()}</span>
                <span class="small t3 clip" title=line.connection.clone()><span class="mono">{line.address.to_string()}</span> " over " {connection}</span>
            </th>
            {controls}
            <td>
                <Button label=format!("Remove {title}") icon="x" icon_only=true small=true look=Look::Ghost on_press=move |()| remove.run(pick) />
            </td>
        </tr>
        <tr class="wrong" hidden=move || problems().is_empty()>
            <td colspan=span id=why class="why">
                {move || problems().into_iter().map(|(words, warning)| view! { <span class="row tight"><Shape tone=if warning { Tone::Warn } else { Tone::Bad } />{words}</span> }).collect::<Vec<_>>()}
            </td>
        </tr>
    }
}
