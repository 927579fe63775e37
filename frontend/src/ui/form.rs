//! A form over any type: one slot for each field, the same checks as on the server while one types, problems at their
//! fields and as a list. Values that cannot be read yet stay in their input and stop the form from being saved.

use crate::ui::{FieldRow, Names, Status, dom, facts::groups};
use leptos::prelude::*;
use peerage_model::{
    Field, FieldProblem, Kind, ObjectType, Problem, Record, Tone, Value,
    check::{check, slugify},
    facts::Found,
    wire::Edit,
};
use std::sync::atomic::{AtomicU32, Ordering};

/// What the checks said of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    words: String,
    /// It may be meant all the same.
    warning: bool,
}

impl From<String> for Said {
    fn from(words: String) -> Self {
        Self { words, warning: false }
    }
}

/// One field of a form. Copied freely; its signals live as long as the form.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    pub field: &'static Field,
    pub value: RwSignal<Value>,
    /// What is wrong with it, shown under the control.
    pub problem: RwSignal<Option<Said>>,
    /// What is typed cannot be read: why.
    pub unread: RwSignal<Option<String>>,
    form: u32,
}

impl Slot {
    /// A entry of its own, for a control outside a form (bulk edit, cells edited in place).
    pub fn alone(field: &'static Field, value: Value) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        Self::new(field, value, NEXT.fetch_add(1, Ordering::Relaxed) | 1 << 31)
    }

    /// As new: the field's default, and nothing said of it.
    pub fn reset(&self) {
        self.unread.set(None);
        self.problem.set(None);
        self.value.set(self.field.default_value());
    }

    fn new(field: &'static Field, value: Value, form: u32) -> Self {
        Self { field, value: RwSignal::new(value), problem: RwSignal::new(None), unread: RwSignal::new(None), form }
    }

    /// Of its control.
    pub fn id(&self) -> String {
        format!("f{}-{}", self.form, self.field.name)
    }

    /// It cannot be saved as it is; tracked.
    pub fn is_invalid(&self) -> bool {
        self.wrong().is_some() && !self.is_warned()
    }

    /// What is wrong with it is only a warning; tracked.
    pub fn is_warned(&self) -> bool {
        self.unread.with(Option::is_none) && self.problem.with(|said| said.as_ref().is_some_and(|said| said.warning))
    }

    /// Adds to what is wrong with it; what must be mended is told before what may be.
    pub fn say(&self, words: &str, warning: bool) {
        self.problem.update(|said| match said {
            Some(said) if said.warning == warning => {
                said.words.push(' ');
                said.words.push_str(words);
            }
            Some(said) if !said.warning => {}
            _ => *said = Some(Said { words: words.to_owned(), warning }),
        });
    }

    /// What is wrong now: what cannot be read, else what the checks said.
    pub fn wrong(&self) -> Option<String> {
        self.unread.get().or_else(|| self.problem.with(|said| said.as_ref().map(|said| said.words.clone())))
    }
}

/// A form's state.
#[derive(Clone, Copy)]
pub struct Form {
    pub of: &'static ObjectType,
    before: StoredValue<Option<Record>>,
    start: StoredValue<Record>,
    slots: StoredValue<Vec<Slot>>,
    /// Problems of the whole object.
    general: RwSignal<Vec<String>>,
    /// Objects that the rules look at.
    names: StoredValue<Names>,
}

impl Form {
    /// For a new object that begins as `start` (defaults, or a copy).
    pub fn add(start: Record) -> Self {
        Self::new(start, None)
    }

    /// For an object that is there.
    pub fn edit(record: Record) -> Self {
        Self::new(record.clone(), Some(record))
    }

    fn new(start: Record, before: Option<Record>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let of = start.of;
        let slots: Vec<Slot> = of
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| !field.is_internal() && !field.is_read_only() && !field.is_hidden())
            .map(|(index, field)| Slot::new(field, start.at(index).clone(), number))
            .collect();
        let form = Self {
            of,
            before: StoredValue::new(before),
            start: StoredValue::new(start),
            slots: StoredValue::new(slots),
            general: RwSignal::default(),
            names: StoredValue::new(use_context().unwrap_or_default()),
        };
        form.write_slugs();
        form
    }

    pub fn is_new(self) -> bool {
        self.before.with_value(Option::is_none)
    }

    pub fn slots(self) -> Vec<Slot> {
        self.slots.get_value()
    }

    pub fn entry(self, name: &str) -> Option<Slot> {
        self.slots.with_value(|slots| slots.iter().find(|entry| entry.field.name == name).copied())
    }

    /// The object as it was when it was opened, or as the new one began.
    pub fn base(self) -> Record {
        self.start.get_value()
    }

    /// A new object begins with this, if nobody has said anything about it yet.
    pub fn begin_with(self, name: &str, value: Value) {
        let Some(entry) = self.entry(name).filter(|_| self.is_new()) else { return };
        let untouched = entry.value.with_untracked(Value::is_null) && self.base().get(name).is_null();
        if untouched {
            self.start.update_value(|start| start.set(name, value.clone()));
            entry.value.set(value);
        }
    }

    /// Somebody else changed the object: from here on it is the one that this form changes. Fields that were not touched
    /// take the new values, the others keep what is typed.
    pub fn rebase(self, now: Record) {
        let start = self.base();
        for entry in self.slots() {
            let name = entry.field.name;
            if entry.value.with_untracked(|value| value == start.get(name)) && start.get(name) != now.get(name) {
                entry.value.set(now.get(name).clone());
            }
        }
        self.start.set_value(now.clone());
        self.before.set_value(Some(now));
    }

    /// The record as it is typed; tracked.
    pub fn record(self) -> Record {
        let mut record = self.start.get_value();
        for entry in self.slots() {
            record.set(entry.field.name, entry.value.get());
        }
        record
    }

    /// What to send: only what differs from the object as it was.
    pub fn to_edit(self) -> Edit {
        let record = untrack(|| self.record());
        self.before.with_value(|before| Edit::between(before.as_ref(), &record))
    }

    /// Nothing is wrong but what a person may insist on; tracked.
    pub fn is_only_warned(self) -> bool {
        let wrong: Vec<Slot> = self.slots().into_iter().filter(|slot| slot.wrong().is_some()).collect();
        !wrong.is_empty() && wrong.iter().all(Slot::is_warned) && self.general.with(Vec::is_empty)
    }

    /// Whether anything was changed since it was opened; tracked.
    pub fn is_changed(self) -> bool {
        let unread = self.slots().iter().any(|entry| entry.unread.get().is_some());
        unread || self.record() != self.start.get_value()
    }

    /// Checks everything and shows the problems. True: it can be sent. Else the first problem has the focus.
    pub fn check(self) -> bool {
        self.check_as(&untrack(|| self.record()), "")
    }

    /// As [`Form::check`], with a field that the page draws and checks itself.
    pub fn check_as(self, record: &Record, without: &str) -> bool {
        let found = self.names.with_value(|names| check(record, &Found(names.lookup()))).into_vec();
        self.show(found.into_iter().filter(|problem| problem.field != without).collect());
        let first = self.slots().into_iter().find(|entry| untrack(|| entry.wrong().is_some() && !entry.is_warned()));
        if let Some(entry) = first {
            dom::focus_soon(entry.id());
            return false;
        }
        self.general.with_untracked(Vec::is_empty)
    }

    /// Shows what the server refused.
    pub fn refuse(self, problem: &Problem) {
        if problem.fields.is_empty() {
            self.show(Vec::new());
            self.general.set(vec![problem.message.clone()]);
        } else {
            self.show(problem.fields.clone());
        }
    }

    /// Starts anew from a stored object: after saving.
    pub fn saved(self, record: Record) {
        for entry in self.slots() {
            entry.value.set(record.get(entry.field.name).clone());
            entry.problem.set(None);
            entry.unread.set(None);
        }
        self.general.set(Vec::new());
        self.start.set_value(record.clone());
        self.before.set_value(Some(record));
    }

    fn show(self, found: Vec<FieldProblem>) {
        let mut general = Vec::new();
        for entry in self.slots() {
            entry.problem.set(None);
        }
        for problem in found {
            match self.entry(&problem.field) {
                Some(entry) => entry.say(&problem.message, problem.warning),
                None => general.push(problem.message),
            }
        }
        self.general.set(general);
    }

    /// All problems with the slots that they are at; tracked.
    pub fn problems(self) -> Vec<(Option<Slot>, String)> {
        let general = self.general.get().into_iter().map(|message| (None, message));
        let at_slots = self.slots().into_iter().filter_map(|entry| Some((Some(entry), entry.wrong()?)));
        general.chain(at_slots).collect()
    }

    /// "1 problem", "2 warnings"; nothing when there are none. Tracked.
    pub fn count(self) -> Option<String> {
        let kind = if self.is_only_warned() { "warning" } else { "problem" };
        match self.problems().len() {
            0 => None,
            1 => Some(format!("1 {kind}")),
            many => Some(format!("{many} {kind}s")),
        }
    }

    /// A new object's slug follows the name that it is made from, until somebody writes it.
    fn write_slugs(self) {
        if !self.is_new() {
            return;
        }
        for entry in self.slots() {
            let Kind::Slug { from } = entry.field.kind else { continue };
            let Some(source) = self.entry(from) else { continue };
            Effect::new(move |last: Option<String>| {
                let made = source.value.with(|value| slugify(value.as_text().unwrap_or_default()));
                let untouched = entry.value.with_untracked(|value| {
                    let now = value.as_text().unwrap_or_default();
                    now.is_empty() || last.as_deref() == Some(now)
                });
                if untouched && last.as_ref() != Some(&made) {
                    entry.value.set(Value::text(made.as_str()));
                }
                made
            });
        }
    }
}

/// All fields of a form, in the description's groups.
#[component]
pub fn FormFields(
    form: Form,
    /// Fields that the page draws itself.
    #[prop(optional)]
    without: &'static [&'static str],
) -> impl IntoView {
    groups(form.of)
        .into_iter()
        .filter_map(|(title, fields)| {
            let slots = fields
                .into_iter()
                .filter(|field| !without.contains(&field.name))
                .filter_map(|field| form.entry(field.name));
            let rows: Vec<_> = slots.map(|entry| view! { <FieldRow entry=entry /> }).collect();
            (!rows.is_empty()).then(|| {
                view! {
                    <fieldset class="sec">
                        <legend><h2>{title}</h2></legend>
                        {rows}
                    </fieldset>
                }
            })
        })
        .collect::<Vec<_>>()
}

/// The problems of a form as links to their fields; nothing when there are none.
#[component]
pub fn ProblemList(form: Form) -> impl IntoView {
    move || {
        let Some(count) = form.count() else { return ().into_any() };
        let tone = if form.is_only_warned() { Tone::Warn } else { Tone::Bad };
        let lines = form.problems().into_iter().map(|(entry, message)| match entry {
            Some(entry) => view! {
                <li class="small">
                    <button type="button" class="link" on:click=move |_| dom::focus_soon(entry.id())>{entry.field.label()}</button>
                    ": "
                    <span class="t2">{message}</span>
                </li>
            }
            .into_any(),
            None => view! { <li class="small t2">{message}</li> }.into_any(),
        });
        view! {
            <section class="sec" role="status">
                <h2>
                    <Status tone=tone word=count soft=true />
                </h2>
                <ul>{lines.collect::<Vec<_>>()}</ul>
            </section>
        }
        .into_any()
    }
}
