//! Saving the studio's template: what somebody else saved meanwhile is not overwritten unasked, and a template that does not work
//! takes the place of one that routers use only when somebody insists. Afterwards the server's text is compared with ours.

use super::{
    address, draft,
    problems::sentence,
    result::{Scene, TEMPLATE_OF_ROUTER},
    routers_in_words,
    server_check::{self, Asked},
};
use crate::{
    data::{api, place::Place, undo},
    render_worker::Outcome,
    ui::{Button, Dialog, Look, Toasts},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_model::{
    Label, Problem, Record,
    preview::{Fault, Subject},
    wire::Edit,
};
use std::time::Duration;

/// A renderer that does not answer keeps nothing from being saved.
const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// Saving, and what stands in its way.
#[derive(Clone, Copy)]
pub struct Saving {
    scene: Scene,
    place: Place,
    toasts: Toasts,
    pub busy: RwSignal<bool>,
    conflict: RwSignal<bool>,
    /// It does not work, and routers use it: asked before this is sent.
    broken: RwSignal<Option<(String, Edit)>>,
    /// The number of the save that waits until the text is rendered; 0: none does.
    waiting: RwSignal<u32>,
    /// The newest save that waited.
    newest: StoredValue<u32>,
    /// Saved, and not compared with the server yet.
    due: RwSignal<bool>,
}

impl Saving {
    pub fn new(scene: Scene, place: Place) -> Self {
        Self {
            scene,
            place,
            toasts: Toasts::get(),
            busy: RwSignal::new(false),
            conflict: RwSignal::new(false),
            broken: RwSignal::new(None),
            waiting: RwSignal::new(0),
            newest: StoredValue::new(0),
            due: RwSignal::new(false),
        }
    }

    pub fn save(self) {
        let draft = self.scene.draft;
        if self.busy.get_untracked() || !draft.check() {
            return;
        }
        let edit = untrack(|| draft.edit());
        if edit.fields.is_empty() && edit.id != 0 {
            return;
        }
        if draft.id() == 0 || self.users() == 0 {
            return self.send(edit);
        }
        let Some(number) = self.newest.try_update_value(|newest| {
            *newest += 1;
            *newest
        }) else {
            return;
        };
        self.waiting.set(number);
        let go_on = move || {
            if self.waiting.try_get_untracked() == Some(number) {
                self.waiting.set(0);
                self.send(untrack(|| draft.edit()));
            }
        };
        set_timeout(go_on, LONGEST_WAIT);
    }

    /// A template that routers use is saved when it is known whether it works.
    pub fn go_on_when_rendered(self) {
        Effect::new(move |_| {
            let Scene { draft, now, .. } = self.scene;
            if self.waiting.get() == 0 || now.busy.get() {
                return;
            }
            // what was rendered is what is typed by now
            let through =
                now.of.with(|of| of.as_ref().is_some_and(|of| draft.source.with(|source| **source == *of.template)));
            if !through {
                return;
            }
            self.waiting.set(0);
            let edit = untrack(|| draft.edit());
            match self.scene.now.outcome.get_untracked() {
                // what is no template at all the server knows as well, and for whom
                Some(Outcome::Fault(fault)) if fault.kind != "syntax" => {
                    self.ask(untrack(|| self.in_words(&fault)), edit)
                }
                _ => self.send(edit),
            }
        });
    }

    fn users(self) -> usize {
        untrack(|| self.scene.users(self.scene.draft.id()))
    }

    /// What it means that a template fails for the router that is shown.
    fn in_words(self, fault: &Fault) -> String {
        let line = fault.line.map(|line| format!(" It is in line {line}.")).unwrap_or_default();
        let users = self.users();
        let use_it = if users == 1 { "uses this" } else { "use this" };
        let shown = self.scene.name().unwrap_or_default();
        let meaning =
            format!("It fails for {shown}. Those for which it fails have no working configuration until it is mended.");
        format!("{}{line} {} {use_it}. {meaning}", sentence(fault), routers_in_words(users))
    }

    fn ask(self, words: String, edit: Edit) {
        self.broken.set(Some((words, edit)));
    }

    /// Saves it although it does not work.
    fn insist(self) {
        if let Some((_, edit)) = self.broken.try_update(Option::take).flatten() {
            self.send(Edit { insist: true, ..edit });
        }
    }

    fn send(self, edit: Edit) {
        let draft = self.scene.draft;
        let sent = draft.source.get_untracked();
        self.busy.set(true);
        spawn_local(async move {
            let answer = api::save(draft.of, edit.clone()).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok((detailed, request)) => self.saved(edit.id == 0, &sent, detailed.record, request),
                Err(problem) if problem.label == Label::Conflict && edit.id != 0 => self.conflict.set(true),
                // the server's word on a template that does not work
                Err(problem) if !problem.fields.is_empty() && problem.fields.iter().all(|field| field.warning) => {
                    self.ask(problem.message, edit);
                }
                Err(problem) => {
                    draft.form.refuse(&problem);
                    let whole = problem.fields.iter().find(|problem| draft.form.entry(&problem.field).is_none());
                    draft.wrong.set(whole.map(|problem| problem.message.clone()));
                    self.toasts.failed("The template was not saved", &problem);
                }
            }
        });
    }

    fn saved(self, new: bool, sent: &str, record: Record, request: Option<String>) {
        let scene = self.scene;
        let id = record.id;
        undo::done(self.toasts, format!("Saved {}", record.text("name")), request);
        scene.draft.stored_as(sent, record);
        let router = scene.router.get_untracked();
        if new {
            let query: Vec<_> = router.map(|router| ("router".to_owned(), router.to_string())).into_iter().collect();
            return self.place.replace(&crate::data::place::address(&address(scene.draft.of, id), &query));
        }
        self.due.set(true);
    }

    /// After saving: whether the server makes the same of what is stored now. Asked once that text is through.
    pub fn compare_when_rendered(self, opened: i64) {
        let Scene { draft, routers, router, now, server, .. } = self.scene;
        Effect::new(move |_| {
            let (router, true, false) = (router.get(), self.due.get(), now.busy.get()) else { return };
            let stored = draft.saved.get();
            let Some(subject) = draft::subject_of(&stored, router) else { return };
            let through = now.of.with(|of| *of == Some(draft::render_of(&stored, subject.clone(), opened)));
            let text = now.outcome.with(|outcome| outcome.as_ref().and_then(Outcome::text).cloned());
            let (true, Some(text)) = (through, text) else { return };
            self.due.set(false);
            let asked = match subject {
                Subject::Router(router) => {
                    let uses = |known: &Record| known.id == router && known.int(TEMPLATE_OF_ROUTER) == Some(stored.id);
                    routers
                        .with_untracked(|routers| routers.iter().flatten().any(uses))
                        .then_some(Asked::Router(router))
                }
                Subject::Export(_) => Some(Asked::Export(stored.id)),
            };
            if let Some(asked) = asked {
                server_check::ask(asked, text.text.as_str().into(), server, |_| ());
            }
        });
    }

    /// Saves over what somebody else saved meanwhile, or takes theirs.
    fn settle(self, mine: bool) {
        let draft = self.scene.draft;
        self.conflict.set(false);
        spawn_local(async move {
            match api::detail(draft.of, draft.saved.with_untracked(|saved| saved.id)).await {
                Ok(detailed) if mine => {
                    self.send(Edit { version: detailed.record.version, ..untrack(|| draft.edit()) })
                }
                Ok(detailed) => draft.stored(detailed.record),
                Err(problem) => self.failed(&problem),
            }
        });
    }

    fn failed(self, problem: &Problem) {
        self.toasts.failed("The template could not be fetched", problem);
    }
}

#[component]
pub fn ConflictDialog(saving: Saving) -> impl IntoView {
    let foot = move || {
        view! {
            <Button label="Go on typing" look=Look::Ghost on_press=move |()| saving.conflict.set(false) />
            <Button label="Take theirs" on_press=move |()| saving.settle(false) />
            <Button label="Save mine over it" look=Look::Primary on_press=move |()| saving.settle(true) />
        }
    };
    view! {
        <Dialog open=saving.conflict title="Somebody else saved it meanwhile" foot=foot>
            <p>"The template was changed since you opened it. Your text is kept here. Saving yours overwrites only the fields that you changed; theirs stays in the change log."</p>
        </Dialog>
    }
}

/// Asks before a template that does not work takes the place of one that routers use.
#[component]
pub fn BrokenDialog(saving: Saving) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(saving.broken.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && saving.broken.with_untracked(Option::is_some) {
            saving.broken.set(None);
        }
    });
    let foot = move || {
        view! {
            <Button label="Go on writing" look=Look::Primary on_press=move |()| open.set(false) />
            <Button label="Save all the same" on_press=move |()| saving.insist() />
        }
    };
    let words = move || saving.broken.with(|broken| broken.as_ref().map(|(words, _)| words.clone()));
    view! {
        <Dialog open=open title="The template does not work" foot=foot>
            <p>{words}</p>
        </Dialog>
    }
}
