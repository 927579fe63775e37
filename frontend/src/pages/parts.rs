//! Pages whose code is fetched when it is wanted. The bundler cuts the interface where a function here is marked: what only
//! such functions reach goes into a file of their own (`frontend/bundle/src/split.rs`), functions of one name share one. The
//! first visit waits for the frame, lists and objects only; the rest follows when the browser is idle ([`fetch_all`]), so
//! that later everything is there at once, also without a network.
//!
//! A cut function is called by an address that the bundler fills in, which the compiler calls unsafe: this is the one
//! place where it is allowed, and nothing else belongs here.
#![allow(unsafe_code)]

use super::{
    account,
    available_peers::{self, scope::Scope},
    bulk_edit, config_context, delete, export, first_run, form, getting_started, import_exchanges, import_file,
    in_step, job,
    neighbours::{at_exchange, in_common, private, story},
    new_password, overview, peeringdb, propose, push, router_configuration, router_state, session_state, studio,
    template, upstream, webhook,
};
use crate::{
    data::place::Place,
    ui::{ErrorPanel, SkeletonLines},
};
use leptos::{prelude::*, reactive::computed::ScopedFuture, task::spawn_local};
use peerage_model::{Label, ObjectType, Problem, Record, types::INTERNET_EXCHANGE, wire::Selection};
use std::pin::Pin;
use wasm_split_helpers::{SplitLoaderError, wasm_split};

const NOT_LOADED: &str =
    "The code of this page could not be loaded. When the server was brought up to date meanwhile, load the page again.";

/// The file did not come: no network, or the server has another version by now.
#[derive(Debug)]
pub struct NotLoaded;

impl From<SplitLoaderError> for NotLoaded {
    fn from(_: SplitLoaderError) -> Self {
        Self
    }
}

type Drawn = Result<AnyView, NotLoaded>;
type Promised<T> = Pin<Box<dyn Future<Output = Result<T, SplitLoaderError>>>>;

/// A file of the interface's code.
pub struct Part(fn() -> Promised<()>);

pub static FORM: Part = Part(|| Box::pin(load_form()));
pub static PEERS: Part = Part(|| Box::pin(load_peers()));
pub static STUDIO: Part = Part(|| Box::pin(load_studio()));
pub static OTHER: Part = Part(|| Box::pin(load_other()));

/// In the order in which they are likely to be wanted.
static ALL: [&Part; 4] = [&FORM, &PEERS, &OTHER, &STUDIO];

#[wasm_split(form, fallible, preload(load_form))]
fn draw_form(of: &'static ObjectType, id: i64) -> Drawn {
    Ok(view! { <form::FormPage of=of id=id /> }.into_any())
}

#[wasm_split(form, fallible)]
fn draw_bulk_edit(
    of: &'static ObjectType,
    selection: RwSignal<Option<Selection>>,
    count: u64,
    on_done: Callback<()>,
) -> Drawn {
    Ok(view! { <bulk_edit::BulkEdit of=of selection=selection count=count on_done=on_done /> }.into_any())
}

#[wasm_split(form, fallible)]
fn draw_delete(of: &'static ObjectType, which: RwSignal<Option<Selection>>, on_done: Callback<()>) -> Drawn {
    Ok(view! { <delete::DeleteDialog of=of which=which on_done=on_done /> }.into_any())
}

#[wasm_split(form, fallible)]
fn save_file(wanted: export::Wanted) -> Result<(), NotLoaded> {
    wanted.save();
    Ok(())
}

#[wasm_split(form, fallible)]
fn draw_import_file(of: &'static ObjectType) -> Drawn {
    Ok(view! { <import_file::ImportFile of=of /> }.into_any())
}

#[wasm_split(peers, fallible, preload(load_peers))]
fn draw_available_peers(id: i64) -> Drawn {
    Ok(view! { <available_peers::AvailablePeers scope=Scope::Exchange(id) /> }.into_any())
}

#[wasm_split(peers, fallible)]
fn draw_all_available_peers() -> Drawn {
    let scope = untrack(|| Scope::of_address(Place::here()));
    Ok(view! { <available_peers::AvailablePeers scope=scope /> }.into_any())
}

#[wasm_split(peers, fallible)]
fn draw_available_sessions(id: i64) -> Drawn {
    Ok(view! { <available_peers::with_network::AvailableSessions id=id /> }.into_any())
}

#[wasm_split(peers, fallible)]
fn draw_propose(id: i64) -> Drawn {
    Ok(view! { <propose::Propose scope=Scope::Exchange(id) /> }.into_any())
}

#[wasm_split(peers, fallible)]
fn draw_propose_anywhere() -> Drawn {
    let scope = untrack(|| Scope::of_address(Place::here()));
    Ok(view! { <propose::Propose scope=scope /> }.into_any())
}

#[wasm_split(peers, fallible)]
fn draw_import_exchanges() -> Drawn {
    Ok(view! { <import_exchanges::ImportExchanges /> }.into_any())
}

#[wasm_split(peers, fallible)]
fn draw_in_common(id: i64) -> Drawn {
    Ok(view! { <in_common::InCommon id=id /> }.into_any())
}

#[wasm_split(peers, fallible)]
fn draw_peer_story(record: Record) -> Drawn {
    Ok(view! { <story::Story record=record /> }.into_any())
}

#[wasm_split(peers, fallible)]
fn draw_exchange_story(id: i64) -> Drawn {
    Ok(view! { <at_exchange::AtExchange id=id /> }.into_any())
}

#[wasm_split(peers, fallible)]
fn draw_exchange_sessions(id: i64) -> Drawn {
    Ok(view! { <at_exchange::Sessions id=id /> }.into_any())
}

#[wasm_split(peers, fallible)]
fn draw_private_interconnection() -> Drawn {
    Ok(view! { <private::PrivateInterconnection /> }.into_any())
}

#[wasm_split(studio, fallible, preload(load_studio))]
fn draw_studio(of: &'static ObjectType, id: i64) -> Drawn {
    Ok(view! { <studio::Studio of=of id=id /> }.into_any())
}

#[wasm_split(studio, fallible)]
fn draw_router_configuration(router: i64) -> Drawn {
    Ok(view! { <router_configuration::RouterConfiguration router=router /> }.into_any())
}

#[wasm_split(studio, fallible)]
fn draw_template_text(record: Record) -> Drawn {
    Ok(view! { <template::TemplateText record=record /> }.into_any())
}

#[wasm_split(studio, fallible)]
fn draw_exported(id: i64) -> Drawn {
    Ok(view! { <template::Exported id=id /> }.into_any())
}

#[wasm_split(studio, fallible)]
fn draw_used_by(template: i64) -> Drawn {
    Ok(view! { <template::UsedBy template=template /> }.into_any())
}

#[wasm_split(other, fallible, preload(load_other))]
fn draw_account() -> Drawn {
    Ok(view! { <account::AccountPage /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_peeringdb() -> Drawn {
    Ok(view! { <peeringdb::PeeringDb /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_job(job: Signal<Option<Record>>) -> Drawn {
    Ok(view! { <job::Job job=job /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_push(push: Signal<Option<Record>>) -> Drawn {
    Ok(view! { <push::PushPage push=push /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_router_state(router: i64) -> Drawn {
    Ok(view! { <router_state::RouterState router=router /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_session_state(record: Record) -> Drawn {
    Ok(if record.of.is(&INTERNET_EXCHANGE) {
        view! { <session_state::ExchangeState exchange=record.id /> }.into_any()
    } else {
        view! { <session_state::SessionState record=record /> }.into_any()
    })
}

#[wasm_split(other, fallible)]
fn draw_first_run() -> Drawn {
    Ok(view! { <first_run::FirstRun /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_new_password(user: i64) -> Drawn {
    Ok(view! { <new_password::NewPassword user=user /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_getting_started() -> Drawn {
    Ok(view! { <getting_started::GettingStarted /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_overview_exchanges() -> Drawn {
    Ok(view! { <overview::Exchanges /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_beside_overview() -> Drawn {
    Ok(view! { <overview::Beside /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_peeringdb_actions(record: Record) -> Drawn {
    Ok(view! { <in_step::Actions record=record /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_in_peeringdb(id: i64) -> Drawn {
    Ok(view! { <in_step::InPeeringDb id=id /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_config_context(of: &'static ObjectType, id: i64) -> Drawn {
    Ok(view! { <config_context::ConfigContext of=of id=id /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_run(run: Signal<Option<Record>>) -> Drawn {
    Ok((move || run.get().map(|run| view! { <upstream::Run record=run /> })).into_any())
}

#[wasm_split(other, fallible)]
fn draw_upstream_change(change: Signal<Option<Record>>) -> Drawn {
    let draw = move || change.get().map(|change| view! { <upstream::UpstreamChange record=change /> });
    Ok(view! { <div class="scroll">{draw}</div> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_token_actions(record: Record) -> Drawn {
    Ok(view! { <account::TokenActions record=record /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_webhook_actions(record: Record) -> Drawn {
    Ok(view! { <webhook::Actions record=record /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_newest_deliveries(record: Record) -> Drawn {
    Ok(view! { <webhook::Newest record=record /> }.into_any())
}

#[wasm_split(other, fallible)]
fn draw_webhook_delivery(delivery: Signal<Option<Record>>) -> Drawn {
    Ok(view! { <webhook::Delivery delivery=delivery /> }.into_any())
}

/// The form of a type; `id` 0 for a new object.
pub fn form(of: &'static ObjectType, id: i64) -> AnyView {
    later(&FORM, move || draw_form(of, id))
}

/// The dialog that changes many objects; there while there is a selection.
pub fn bulk_edit(
    of: &'static ObjectType,
    selection: RwSignal<Option<Selection>>,
    count: u64,
    on_done: Callback<()>,
) -> AnyView {
    later(&FORM, move || draw_bulk_edit(of, selection, count, on_done))
}

/// The dialog that deletes; there while there is a selection.
pub fn delete(of: &'static ObjectType, which: RwSignal<Option<Selection>>, on_done: Callback<()>) -> AnyView {
    later(&FORM, move || draw_delete(of, which, on_done))
}

/// Rows, or a text made of them, as a file.
///
/// # Errors
/// The code that writes it did not come.
pub async fn save(wanted: export::Wanted) -> Result<(), Problem> {
    save_file(wanted).await.map_err(|NotLoaded| Problem::new(Label::Offline, NOT_LOADED))
}

/// Objects of a type from a file.
pub fn import_file(of: &'static ObjectType) -> AnyView {
    later(&FORM, move || draw_import_file(of))
}

pub fn available_peers(id: i64) -> AnyView {
    later(&PEERS, move || draw_available_peers(id))
}

pub fn all_available_peers() -> AnyView {
    later(&PEERS, draw_all_available_peers)
}

/// The tab of an autonomous system.
pub fn available_sessions(id: i64) -> AnyView {
    later(&PEERS, move || draw_available_sessions(id))
}

pub fn propose_anywhere() -> AnyView {
    later(&PEERS, draw_propose_anywhere)
}

pub fn propose(id: i64) -> AnyView {
    later(&PEERS, move || draw_propose(id))
}

pub fn import_exchanges() -> AnyView {
    later(&PEERS, draw_import_exchanges)
}

/// The tab of an autonomous system.
pub fn in_common(id: i64) -> AnyView {
    later(&PEERS, move || draw_in_common(id))
}

/// What an autonomous system's page begins with; nothing until its code is here.
pub fn peer_story(record: Record) -> AnyView {
    quietly_later(&PEERS, move || draw_peer_story(record.clone()))
}

/// What runs at an exchange, above its fields.
pub fn exchange_story(record: Record) -> AnyView {
    let id = record.id;
    quietly_later(&PEERS, move || draw_exchange_story(id))
}

pub fn exchange_sessions(id: i64) -> AnyView {
    later(&PEERS, move || draw_exchange_sessions(id))
}

pub fn private_interconnection() -> AnyView {
    later(&PEERS, draw_private_interconnection)
}

/// Of configuration and of export templates; number 0 for a new one.
pub fn studio(of: &'static ObjectType, id: i64) -> AnyView {
    later(&STUDIO, move || draw_studio(of, id))
}

/// The tab of an export template with its text.
pub fn exported(id: i64) -> AnyView {
    later(&STUDIO, move || draw_exported(id))
}

pub fn router_configuration(router: i64) -> AnyView {
    later(&STUDIO, move || draw_router_configuration(router))
}

/// The text of a template, below its fields.
pub fn template_text(record: Record) -> AnyView {
    quietly_later(&STUDIO, move || draw_template_text(record.clone()))
}

/// Which routers use a template.
pub fn used_by(record: Record) -> AnyView {
    let id = record.id;
    quietly_later(&STUDIO, move || draw_used_by(id))
}

pub fn account() -> AnyView {
    later(&OTHER, draw_account)
}

pub fn peeringdb() -> AnyView {
    later(&OTHER, draw_peeringdb)
}

pub fn job(job: Signal<Option<Record>>) -> AnyView {
    later(&OTHER, move || draw_job(job))
}

/// Parts of the overview; nothing until their code is here.
pub fn overview_exchanges() -> AnyView {
    quietly_later(&OTHER, draw_overview_exchanges)
}

pub fn beside_overview() -> AnyView {
    quietly_later(&OTHER, draw_beside_overview)
}

/// A push, or a check.
pub fn push(push: Signal<Option<Record>>) -> AnyView {
    later(&OTHER, move || draw_push(push))
}

/// The tab of a router that says how it is.
pub fn router_state(router: i64) -> AnyView {
    later(&OTHER, move || draw_router_state(router))
}

/// How a session is, or all of an exchange; nothing until its code is here.
pub fn session_state(record: Record) -> AnyView {
    quietly_later(&OTHER, move || draw_session_state(record.clone()))
}

/// What an object's page offers about PeeringDB; nothing until its code is here.
pub fn peeringdb_actions(record: Record) -> AnyView {
    quietly_later(&OTHER, move || draw_peeringdb_actions(record.clone()))
}

/// The tab of an autonomous system.
pub fn in_peeringdb(id: i64) -> AnyView {
    later(&OTHER, move || draw_in_peeringdb(id))
}

/// The tab of whatever has a config context.
pub fn config_context(of: &'static ObjectType, id: i64) -> AnyView {
    later(&OTHER, move || draw_config_context(of, id))
}

/// A run of the PeeringDB synchronisation.
pub fn run(run: Signal<Option<Record>>) -> AnyView {
    later(&OTHER, move || draw_run(run))
}

pub fn upstream_change(change: Signal<Option<Record>>) -> AnyView {
    later(&OTHER, move || draw_upstream_change(change))
}

/// What can be done with a token; nothing until its code is here.
pub fn token_actions(record: Record) -> AnyView {
    quietly_later(&OTHER, move || draw_token_actions(record.clone()))
}

/// What can be done with a webhook; nothing until its code is here.
pub fn webhook_actions(record: Record) -> AnyView {
    quietly_later(&OTHER, move || draw_webhook_actions(record.clone()))
}

/// What a webhook was told last; nothing until its code is here.
pub fn newest_deliveries(record: Record) -> AnyView {
    quietly_later(&OTHER, move || draw_newest_deliveries(record.clone()))
}

pub fn webhook_delivery(delivery: Signal<Option<Record>>) -> AnyView {
    later(&OTHER, move || draw_webhook_delivery(delivery))
}

pub fn new_password(user: i64) -> AnyView {
    later(&OTHER, move || draw_new_password(user))
}

pub fn getting_started() -> AnyView {
    later(&OTHER, draw_getting_started)
}

pub fn first_run() -> AnyView {
    later(&OTHER, draw_first_run)
}

/// Fetches all that is not there yet, one after the other. What does not come is asked for again when it is wanted.
pub fn fetch_all() {
    spawn_local(async {
        for part in ALL {
            // nobody waits for it
            let _ = (part.0)().await;
        }
    });
}

enum Standing {
    Coming,
    Here,
    Missing,
}

/// Draws a page whose code may have to come first: in the same frame when it is there.
fn later<F: Future<Output = Drawn> + 'static>(part: &'static Part, draw: impl Fn() -> F + 'static) -> AnyView {
    wait_and_draw(part, Box::new(move || Box::pin(draw())), false)
}

/// As [`later`], for what may as well be missing: nothing stands in its place meanwhile.
fn quietly_later<F: Future<Output = Drawn> + 'static>(part: &'static Part, draw: impl Fn() -> F + 'static) -> AnyView {
    wait_and_draw(part, Box::new(move || Box::pin(draw())), true)
}

type Draw = Box<dyn Fn() -> Pin<Box<dyn Future<Output = Drawn>>>>;

fn wait_and_draw(part: &'static Part, draw: Draw, quiet: bool) -> AnyView {
    let standing = RwSignal::new_local(Standing::Coming);
    let drawn = StoredValue::new_local(None::<AnyView>);
    let draw = StoredValue::new_local(draw);
    let owner = Owner::current();
    let ask = Callback::new(move |()| {
        let task = async move {
            let came = (part.0)().await.is_ok();
            // the page may have been left meanwhile
            let Some(page) = draw.try_with_value(|draw| draw()) else { return };
            let page = if came { page.await.ok() } else { None };
            let now = if page.is_some() { Standing::Here } else { Standing::Missing };
            drawn.set_value(page);
            standing.set(now);
        };
        if let Some(owner) = &owner {
            owner.with(|| spawn_local(ScopedFuture::new_untracked(task)));
        }
    });
    ask.run(());
    (move || {
        standing.with(|standing| match standing {
            Standing::Coming | Standing::Missing if quiet => ().into_any(),
            Standing::Coming => view! { <SkeletonLines /> }.into_any(),
            Standing::Here => drawn.try_update_value(Option::take).flatten().into_any(),
            Standing::Missing => {
                view! { <ErrorPanel problem=Problem::new(Label::Offline, NOT_LOADED) retry=ask /> }.into_any()
            }
        })
    })
    .into_any()
}
