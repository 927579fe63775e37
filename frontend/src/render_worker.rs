//! The page's side of the render worker (`frontend/worker`): starts it when first needed, feeds it, and stops it.
//!
//! One render runs at a time. What a page wants rendered is a signal ([`use_preview`]); a newer text takes the place of
//! an older one that still waits, and the result of one that was overtaken while it ran is dropped: the newest wins.
//! A render that needs rows is fed by the server function `rendering/fetch`; what was fetched stays in the worker, so
//! that typing needs no request, and here as text, because a template that takes longer than [`PATIENCE`] is stopped by
//! ending the worker, and the next one is given all of it again. When something was written anywhere, everything is
//! forgotten and fetched anew.

use crate::data::{Session, api};
use js_sys::{Function, Object, Promise, Reflect};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::rendering::fetch_needs;
use peerage_model::{
    Label, Need, Problem,
    preview::{Call, Fault, Render, Reply, Text},
    wire::RecordSet,
};
use std::{cell::RefCell, collections::VecDeque, rc::Rc, sync::Arc, time::Duration};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, Worker, WorkerOptions, WorkerType};

/// The longest that a template may run.
pub const PATIENCE: Duration = Duration::from_secs(2);
/// Loading the worker, and giving it what was fetched.
const LOADING: Duration = Duration::from_secs(60);
/// Fetches for one render; the renderer itself gives up earlier.
const MOST_FETCHES: u32 = 24;

#[wasm_bindgen]
extern "C" {
    /// The address of an asset of this build, from the page's JSON (`frontend/boot.js`).
    #[wasm_bindgen(js_namespace = peerage, js_name = url, catch)]
    fn asset(name: &str) -> Result<String, JsValue>;
}

/// What became of a render.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done(Arc<Text>),
    /// The template is at fault.
    Fault(Fault),
    /// Something else is: no network, no permission.
    Failed(Problem),
}

impl Outcome {
    pub fn text(&self) -> Option<&Arc<Text>> {
        if let Self::Done(text) = self { Some(text) } else { None }
    }
}

/// A wanted render, and what came of the newest that is through.
#[derive(Clone, Copy, Debug)]
pub struct Preview {
    /// Of the newest text that was rendered.
    pub outcome: RwSignal<Option<Outcome>>,
    /// What that was asked to be.
    pub of: RwSignal<Option<Render>>,
    /// The newest text is not rendered yet.
    pub busy: RwSignal<bool>,
    again: RwSignal<u32>,
}

impl Preview {
    /// Tries once more: the network may be back.
    pub fn retry(self) {
        self.again.try_update(|again| *again += 1);
    }
}

/// Keeps something rendered while the component lives. Nothing is rendered while it is none.
pub fn use_preview(wanted: Signal<Option<Render>>) -> Preview {
    let preview = Preview {
        outcome: RwSignal::new(None),
        of: RwSignal::new(None),
        busy: RwSignal::new(false),
        again: RwSignal::new(0),
    };
    let slot = ENGINE.with_borrow_mut(Engine::new_slot);
    Effect::new(move |_| {
        preview.again.track();
        let revision = Session::get().revision.get();
        ENGINE.with_borrow_mut(|engine| {
            if engine.revision != revision {
                engine.revision = revision;
                engine.outdated = true;
            }
        });
        match wanted.get() {
            None => {
                cancel(slot);
                preview.busy.set(false);
                preview.outcome.set(None);
            }
            Some(render) => {
                preview.busy.set(true);
                let of = render.clone();
                let done = move |outcome| {
                    preview.busy.try_set(false);
                    preview.of.try_set(Some(of));
                    preview.outcome.try_set(Some(outcome));
                };
                enqueue(Job { slot, render, done: Box::new(done) });
            }
        }
    });
    on_cleanup(move || cancel(slot));
    preview
}

/// Others may have changed things meanwhile: everything is fetched anew. For pages, when they open.
pub fn refresh() {
    ENGINE.with_borrow_mut(|engine| engine.outdated = true);
}

// ---- the queue ----

struct Job {
    slot: u32,
    render: Render,
    done: Box<dyn FnOnce(Outcome)>,
}

#[derive(Default)]
struct Engine {
    worker: Option<Rc<Port>>,
    /// What the worker was told, as payloads of `answer`.
    kept: Vec<Rc<str>>,
    /// What is known may not be true any more.
    outdated: bool,
    revision: u32,
    waiting: VecDeque<Job>,
    /// The slot whose render runs; none: it was cancelled.
    running: Option<u32>,
    pumping: bool,
    slots: u32,
}

thread_local! {
    static ENGINE: RefCell<Engine> = RefCell::default();
}

impl Engine {
    fn new_slot(&mut self) -> u32 {
        self.slots += 1;
        self.slots
    }
}

fn enqueue(job: Job) {
    ENGINE.with_borrow_mut(|engine| match engine.waiting.iter_mut().find(|waiting| waiting.slot == job.slot) {
        Some(older) => *older = job,
        None => engine.waiting.push_back(job),
    });
    pump();
}

fn cancel(slot: u32) {
    ENGINE.with_borrow_mut(|engine| {
        engine.waiting.retain(|job| job.slot != slot);
        engine.running = engine.running.filter(|running| *running != slot);
    });
}

/// Whether a newer text waits, or nobody does.
fn overtaken(slot: u32) -> bool {
    ENGINE.with_borrow(|engine| engine.running != Some(slot) || engine.waiting.iter().any(|job| job.slot == slot))
}

fn pump() {
    let idle = ENGINE.with_borrow_mut(|engine| {
        let idle = !engine.pumping && !engine.waiting.is_empty();
        engine.pumping |= idle;
        idle
    });
    if !idle {
        return;
    }
    spawn_local(async {
        while let Some(job) = ENGINE.with_borrow_mut(|engine| engine.waiting.pop_front()) {
            ENGINE.with_borrow_mut(|engine| engine.running = Some(job.slot));
            forget_if_outdated().await;
            let outcome = drive(&job).await;
            if let Some(outcome) = outcome.filter(|_| !overtaken(job.slot)) {
                (job.done)(outcome);
            }
            ENGINE.with_borrow_mut(|engine| engine.running = None);
        }
        ENGINE.with_borrow_mut(|engine| engine.pumping = false);
    });
}

async fn forget_if_outdated() {
    let told = ENGINE.with_borrow_mut(|engine| {
        let told = engine.outdated && engine.worker.is_some();
        if engine.outdated {
            engine.kept.clear();
            engine.outdated = false;
        }
        told
    });
    if told {
        // a worker that does not answer is replaced at the next call
        let _ = call(&Call::Forget, LOADING).await;
    }
}

/// One render with everything that it needs; none: it was overtaken.
async fn drive(job: &Job) -> Option<Outcome> {
    let mut reply = call(&Call::Render(job.render.clone()), PATIENCE).await;
    let mut fetches = 0;
    loop {
        let needs = match reply {
            Ok(Reply::Done(text)) => return Some(Outcome::Done(Arc::new(text))),
            Ok(Reply::Fault(fault)) => return Some(Outcome::Fault(fault)),
            Ok(Reply::Needs(needs)) => needs,
            Ok(Reply::Refused(message)) => return Some(failed(&message)),
            Ok(Reply::Ok) => return Some(failed("it gave no result")),
            Err(Ended::Slow) => return Some(stopped("it ran for more than two seconds")),
            Err(Ended::Died) => return Some(stopped("it used up the renderer's memory")),
            Err(Ended::Absent(why)) => return Some(failed(&why)),
        };
        fetches += 1;
        if fetches > MOST_FETCHES {
            return Some(stopped("it still lacks data after many attempts"));
        }
        if overtaken(job.slot) {
            return None;
        }
        match api::ask(fetch_needs(job.render.subject.clone(), needs.clone())).await {
            Ok(sets) => add(&needs, &sets).await,
            Err(problem) => return Some(Outcome::Failed(problem)),
        }
        if overtaken(job.slot) {
            return None;
        }
        reply = call(&Call::Resume, PATIENCE).await;
    }
}

async fn add(needs: &[Need], sets: &[RecordSet]) {
    let answer = Call::Answer { needs: needs.to_vec(), sets: sets.to_vec() };
    let payload: Rc<str> = text(&answer).into();
    let worker = ENGINE.with_borrow_mut(|engine| {
        engine.kept.push(Rc::clone(&payload));
        engine.worker.clone()
    });
    // without a worker the next call starts one and gives it all that was kept
    if let Some(worker) = worker
        && worker.send(&payload, LOADING).await.is_err()
    {
        drop_worker(&worker);
    }
}

fn failed(why: &str) -> Outcome {
    Outcome::Failed(Problem::new(Label::Internal, format!("The preview cannot be rendered: {why}.")))
}

fn stopped(why: &str) -> Outcome {
    Outcome::Fault(Fault { kind: "limit".to_owned(), line: None, message: why.to_owned(), template: String::new() })
}

// ---- the worker ----

/// Why a call has no reply.
enum Ended {
    Slow,
    Died,
    Absent(String),
}

/// A running worker. One call at a time.
struct Port {
    worker: Worker,
    pending: Rc<RefCell<Option<Function>>>,
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _failed: Closure<dyn FnMut(JsValue)>,
}

impl Port {
    fn start() -> Result<Self, JsValue> {
        let wasm = String::from(js_sys::encode_uri_component(&asset("worker_wasm")?));
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&format!("{}?wasm={wasm}", asset("worker")?), &options)?;
        let pending: Rc<RefCell<Option<Function>>> = Rc::default();
        let resolve = |pending: &Rc<RefCell<Option<Function>>>, value: &JsValue| {
            if let Some(resolve) = pending.borrow_mut().take() {
                let _ = resolve.call1(&JsValue::NULL, value);
            }
        };
        let waits = Rc::clone(&pending);
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| resolve(&waits, &event.data()));
        worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let waits = Rc::clone(&pending);
        let failed = Closure::<dyn FnMut(JsValue)>::new(move |_| resolve(&waits, &JsValue::NULL));
        worker.set_onerror(Some(failed.as_ref().unchecked_ref()));
        Ok(Self { worker, pending, _heard: heard, _failed: failed })
    }

    async fn send(&self, payload: &str, patience: Duration) -> Result<Reply, Ended> {
        let pending = Rc::clone(&self.pending);
        let promise = Promise::new(&mut |resolve, _| *pending.borrow_mut() = Some(resolve));
        let message = Object::new();
        for (name, value) in [("id", JsValue::from(1)), ("payload", payload.into())] {
            // a plain object takes any property
            let _ = Reflect::set(&message, &name.into(), &value);
        }
        if self.worker.post_message(&message).is_err() {
            return Err(Ended::Died);
        }
        let pending = Rc::clone(&self.pending);
        let bell = set_timeout_with_handle(
            move || {
                if let Some(resolve) = pending.borrow_mut().take() {
                    let _ = resolve.call1(&JsValue::NULL, &JsValue::UNDEFINED);
                }
            },
            patience,
        );
        let answer = JsFuture::from(promise).await.unwrap_or(JsValue::NULL);
        if let Ok(bell) = bell {
            bell.clear();
        }
        if answer.is_undefined() {
            return Err(Ended::Slow);
        }
        if answer.is_null() {
            return Err(Ended::Absent("the worker could not be loaded".to_owned()));
        }
        let part = |name: &str| Reflect::get(&answer, &name.into()).ok().and_then(|value| value.as_string());
        match (part("result"), part("error").as_deref()) {
            (Some(result), _) => {
                serde_json::from_slice(result.as_bytes()).map_err(|error| Ended::Absent(error.to_string()))
            }
            (None, Some("trap")) => Err(Ended::Died),
            (None, error) => Err(Ended::Absent(error.unwrap_or("the worker did not answer").to_owned())),
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// Ends a worker that is of no use any more; the next call starts another.
fn drop_worker(port: &Rc<Port>) {
    port.worker.terminate();
    ENGINE.with_borrow_mut(|engine| {
        if engine.worker.as_ref().is_some_and(|worker| Rc::ptr_eq(worker, port)) {
            engine.worker = None;
        }
    });
}

/// The worker, started and told everything that is kept.
async fn worker() -> Result<Rc<Port>, Ended> {
    if let Some(port) = ENGINE.with_borrow(|engine| engine.worker.clone()) {
        return Ok(port);
    }
    let absent = |error: JsValue| Ended::Absent(error.as_string().unwrap_or_else(|| format!("{error:?}")));
    let port = Rc::new(Port::start().map_err(absent)?);
    port.send(&text(&Call::Ready), LOADING).await?;
    for payload in ENGINE.with_borrow(|engine| engine.kept.clone()) {
        port.send(&payload, LOADING).await?;
    }
    ENGINE.with_borrow_mut(|engine| engine.worker = Some(Rc::clone(&port)));
    Ok(port)
}

fn text(call: &Call) -> String {
    // plain data with text keys always has a JSON form
    serde_json::to_string(call).unwrap_or_default()
}

async fn call(call: &Call, patience: Duration) -> Result<Reply, Ended> {
    let payload = text(call);
    let port = worker().await?;
    let reply = port.send(&payload, patience).await;
    if reply.is_err() {
        drop_worker(&port);
    }
    reply
}
