//! A template as it is being written: the form of its fields, its source, and what is stored. Whatever is not saved yet
//! lies in this tab's session store under the template's number, so that neither a wrong click nor a reload loses it.

use crate::{data::Session, ui::Form};
use leptos::prelude::*;
use peerage_model::{
    ObjectType, Record, Value,
    check::check_value,
    context::Merging,
    preview::{Render, Subject},
    types::{CONFIGURATION, EXPORT_TEMPLATE, LSTRIP_BLOCKS, TRIM_BLOCKS},
    wire::Edit,
};
use std::sync::Arc;

/// The field that is edited beside the form.
const SOURCE: &str = "template";

/// By which an export template says what it exports.
const CONTENT_TYPE: &str = "content_type";

/// The state of the studio's template.
#[derive(Clone, Copy)]
pub struct Draft {
    /// Configuration or export templates.
    pub of: &'static ObjectType,
    pub form: Form,
    /// The source as it is typed.
    pub source: RwSignal<Arc<str>>,
    /// As stored; number 0: not yet.
    pub saved: RwSignal<Record>,
    /// What is wrong with the source itself, by the rules for its field.
    pub wrong: RwSignal<Option<String>>,
    /// Begins from what was typed earlier and never saved.
    pub restored: bool,
}

impl Draft {
    /// Of a stored template, or of a new one.
    pub fn new(saved: Record) -> Self {
        let of = saved.of;
        let kept = kept(of, saved.id).filter(|edit| edit.version == saved.version);
        let base = if saved.id == 0 { None } else { Some(&saved) };
        let typed = kept.and_then(|edit| edit.apply(base).ok());
        let form = if saved.id == 0 { Form::add(saved.clone()) } else { Form::edit(saved.clone()) };
        let draft = Self {
            of,
            form,
            source: RwSignal::new(saved.text(SOURCE).into()),
            saved: RwSignal::new(saved),
            wrong: RwSignal::new(None),
            restored: typed.is_some(),
        };
        if let Some(typed) = typed {
            draft.fill(&typed);
        }
        draft
    }

    pub fn id(self) -> i64 {
        self.saved.with(|saved| saved.id)
    }

    /// Puts a record's values into the form and the editor, without taking them for stored.
    pub fn fill(self, record: &Record) {
        for entry in self.form.slots() {
            entry.value.set(record.get(entry.field.name).clone());
            entry.problem.set(None);
            entry.unread.set(None);
        }
        self.source.set(record.text(SOURCE).into());
        self.wrong.set(None);
    }

    /// The template as it is typed; tracked.
    pub fn record(self) -> Record {
        self.form.record().with(SOURCE, Value::Text(self.source.get()))
    }

    /// What saving would send; tracked.
    pub fn edit(self) -> Edit {
        let record = self.record();
        self.saved.with(|saved| match saved.id {
            0 => Edit::between(None, &record),
            _ => Edit::between(Some(saved), &record),
        })
    }

    /// Whether anything would be lost; tracked.
    pub fn is_changed(self) -> bool {
        let record = self.record();
        self.saved.with(|saved| saved.iter().zip(record.iter()).any(|((_, a), (_, b))| a != b))
    }

    /// Back to what is stored.
    pub fn discard(self) {
        let saved = self.saved.get_untracked();
        self.fill(&saved);
        forget(self.of, saved.id);
    }

    /// It was stored so; or somebody else's newer version takes its place.
    pub fn stored(self, record: Record) {
        forget(self.of, self.saved.with_untracked(|saved| saved.id));
        forget(self.of, record.id);
        if self.source.with_untracked(|source| **source != *record.text(SOURCE)) {
            self.source.set(record.text(SOURCE).into());
        }
        self.wrong.set(None);
        self.form.saved(record.clone());
        self.saved.set(record);
    }

    /// What was sent is stored; what was typed since stays.
    pub fn stored_as(self, sent: &str, record: Record) {
        let typed = self.source.get_untracked();
        self.stored(record);
        if *typed != *sent {
            self.source.set(typed);
        }
    }

    /// Checks everything; true: it can be sent.
    pub fn check(self) -> bool {
        let record = untrack(|| self.record());
        let fields = self.form.check_as(&record, SOURCE);
        let wrong = self.of.field(SOURCE).and_then(|field| check_value(field, record.get(SOURCE)).err());
        self.wrong.set(wrong.clone());
        fields && wrong.is_none()
    }

    /// Keeps what is typed while it is not saved.
    pub fn keep(self) {
        let id = self.saved.with(|saved| saved.id);
        if self.is_changed() {
            let edit = self.edit();
            if let (Some(store), Ok(json)) = (store(), serde_json::to_string(&edit)) {
                // a full store keeps what it had: the page itself still has everything
                let _ = store.set_item(&key(self.of, id), &json);
            }
        } else {
            forget(self.of, id);
        }
    }

    /// What is exported as the form stands; none: nothing, or nothing yet. Tracked.
    pub fn exported(self) -> Option<String> {
        let chosen = self.form.entry(CONTENT_TYPE)?.value.with(|value| value.as_text().unwrap_or_default().to_owned());
        Some(chosen).filter(|chosen| !chosen.is_empty())
    }

    /// How the template as it is typed is rendered; tracked.
    pub fn render(self, subject: Subject, now: i64) -> Render {
        let flag = |name: &str| {
            self.form.entry(name).is_some_and(|entry| entry.value.with(|value| value.as_bool().unwrap_or_default()))
        };
        Render {
            template: self.source.get().to_string(),
            trim: flag(TRIM_BLOCKS.name),
            lstrip: flag(LSTRIP_BLOCKS.name),
            subject,
            now,
            merging: merging(),
        }
    }
}

/// What a stored template is rendered for: it exports a type, or writes the configuration of the router that is looked at.
pub fn subject_of(record: &Record, router: Option<i64>) -> Option<Subject> {
    if record.of.is(&EXPORT_TEMPLATE) {
        Some(Subject::Export(record.text(CONTENT_TYPE).to_owned()))
    } else {
        router.map(Subject::Router)
    }
}

/// How a stored template is rendered.
pub fn render_of(record: &Record, subject: Subject, now: i64) -> Render {
    Render {
        template: record.text(SOURCE).to_owned(),
        trim: record.flag(TRIM_BLOCKS.name),
        lstrip: record.flag(LSTRIP_BLOCKS.name),
        subject,
        now,
        merging: merging(),
    }
}

/// As the server merges config contexts, so that the text is the same.
fn merging() -> Merging {
    Session::get().me.with_untracked(|me| me.as_ref().map(|me| me.merging)).unwrap_or_default()
}

/// A new template that begins as one that comes with Peerage.
pub fn from_starter(starter: &peerage_app::rendering::Starter) -> Record {
    Record::new(&CONFIGURATION)
        .with("name", Value::text(starter.name.as_str()))
        .with("description", Value::text(starter.description.as_str()))
        .with(SOURCE, Value::text(starter.template.as_str()))
        .with(TRIM_BLOCKS.name, Value::Bool(starter.trim))
        .with(LSTRIP_BLOCKS.name, Value::Bool(starter.lstrip))
}

// ---- what is not saved ----

fn store() -> Option<web_sys::Storage> {
    window().session_storage().ok()?
}

fn key(of: &ObjectType, id: i64) -> String {
    format!("peerage.draft.{}.{id}", of.key())
}

fn kept(of: &ObjectType, id: i64) -> Option<Edit> {
    serde_json::from_slice(store()?.get_item(&key(of, id)).ok()??.as_bytes()).ok()
}

fn forget(of: &ObjectType, id: i64) {
    if let Some(store) = store() {
        let _ = store.remove_item(&key(of, id));
    }
}

/// Whether something was typed for a template and not saved.
pub fn is_kept(of: &ObjectType, id: i64) -> bool {
    store().is_some_and(|store| store.get_item(&key(of, id)).is_ok_and(|item| item.is_some()))
}
