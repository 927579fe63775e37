//! Who is signed in, whether the server can be reached, and that something was written. One for the whole page, made at
//! its start and reachable from event handlers, which have no context.

use super::cache;
use crate::ui::dom;
use leptos::{prelude::*, task::spawn_local};
use peerage_app::{
    Answer,
    accounts::{self, Me},
    preferences::{Choice, Preferences, choose_preferences},
};
use peerage_model::{Label, ObjectType, Problem, Record, permit::Verb};
use std::sync::OnceLock;

static SESSION: OnceLock<Session> = OnceLock::new();

/// Under which preferences are kept in this browser, so that the first page is drawn as it is liked.
const PREFERENCES: &str = "preferences";

/// What is known of the person in front of the page.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// None until the server has said who it is.
    pub me: RwSignal<Option<Me>>,
    /// How this person likes the pages to be.
    pub preferences: RwSignal<Preferences>,
    /// The server said that nobody is signed in.
    pub signed_out: RwSignal<bool>,
    /// The last question did not reach the server.
    pub offline: RwSignal<bool>,
    /// Steps with every write: what is shown asks anew.
    pub revision: RwSignal<u32>,
    /// Our own networks, that somebody may work as.
    pub affiliated: RwSignal<Vec<Record>>,
    /// Steps when the system noted something of its own work, which it does often: what shows such notes asks anew.
    pub noted: RwSignal<u32>,
    /// Steps when an object became known that something on the page already names.
    pub names: RwSignal<u32>,
}

impl Session {
    /// Made at the first call, which must be the root component's: the signals live as long as it does.
    pub fn get() -> Self {
        *SESSION.get_or_init(|| Self {
            me: RwSignal::new(None),
            preferences: RwSignal::new(
                dom::stored(PREFERENCES).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            ),
            signed_out: RwSignal::new(false),
            offline: RwSignal::new(false),
            revision: RwSignal::new(0),
            affiliated: RwSignal::new(Vec::new()),
            noted: RwSignal::new(0),
            names: RwSignal::new(0),
        })
    }

    /// Notes what an answer tells about the sign-in and the network.
    pub(super) fn heard(self, label: Option<Label>) {
        let offline = label == Some(Label::Offline);
        if self.offline.get_untracked() != offline {
            self.offline.set(offline);
        }
        if label == Some(Label::SignInNeeded) && !self.signed_out.get_untracked() {
            self.me.set(None);
            self.signed_out.set(true);
        }
    }

    /// Something was written: pages that are open ask anew, and the counts of the frame too.
    pub fn changed(self) {
        self.revision.update(|revision| *revision += 1);
        self.refresh();
    }

    /// Asks who is signed in.
    pub fn refresh(self) {
        spawn_local(async move {
            if let Ok(me) = super::api::ask(accounts::who_am_i()).await {
                self.signed_out.set(false);
                self.prefer(&me.preferences);
                self.me.set(Some(me));
            }
        });
    }

    /// # Errors
    /// As `accounts/sign-in`.
    pub async fn sign_in(self, name: String, password: String) -> Result<(), Problem> {
        self.enter(accounts::sign_in(name, password).await)
    }

    /// # Errors
    /// As `accounts/first-run`.
    pub async fn first_run(self, token: String, name: String, password: String) -> Result<(), Problem> {
        self.enter(accounts::first_run(token, name, password).await)
    }

    fn enter(self, answer: Answer<Me>) -> Result<(), Problem> {
        let answer = answer.map_err(|failure| failure.0);
        // a wrong password is no lost sign-in
        self.offline.set(matches!(&answer, Err(problem) if problem.label == Label::Offline));
        let me = answer?;
        cache::clear();
        self.prefer(&me.preferences);
        self.me.set(Some(me));
        self.signed_out.set(false);
        Ok(())
    }

    fn prefer(self, preferences: &Preferences) {
        if self.preferences.with_untracked(|known| known != preferences) {
            dom::store(PREFERENCES, &serde_json::to_string(preferences).unwrap_or_default());
            self.preferences.set(preferences.clone());
        }
    }

    /// Likes something otherwise from here on, on every machine.
    pub fn choose(self, choice: Choice) {
        let mut preferences = self.preferences.get_untracked();
        preferences.choose(choice.clone());
        if self.preferences.with_untracked(|known| *known == preferences) {
            return;
        }
        self.prefer(&preferences);
        spawn_local(async move {
            if super::api::ask(choose_preferences(choice)).await.is_err() {
                // what is kept is what counts
                self.refresh();
            }
        });
    }

    pub fn sign_out(self) {
        spawn_local(async move {
            if super::api::ask(accounts::sign_out()).await.is_ok() {
                cache::clear();
                self.me.set(None);
                self.signed_out.set(true);
            }
        });
    }

    /// How many objects of a type there are; tracked.
    pub fn count(self, of: &ObjectType) -> Option<u64> {
        let key = of.key();
        self.me.with(|me| me.as_ref()?.counts.iter().find(|(known, _)| *known == key).map(|(_, count)| *count))
    }

    /// The network that this person works as: the chosen one, or the only one that there is; tracked.
    pub fn works_as(self) -> Option<Record> {
        let chosen = self.me.with(|me| me.as_ref().and_then(|me| me.context_as));
        self.affiliated.with(|ours| match (chosen, ours.as_slice()) {
            (Some(id), ours) => ours.iter().find(|record| record.id == id).cloned(),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        })
    }

    /// Works as another network from here on, on every machine.
    ///
    /// # Errors
    /// As `accounts/work-as`.
    pub async fn work_as(self, id: i64) -> Result<(), Problem> {
        super::api::ask(accounts::work_as(Some(id))).await?;
        self.refresh();
        Ok(())
    }

    /// Whether this person may do so; tracked. Until the server has said who it is, it is taken for granted: the server
    /// decides anyway.
    pub fn allows<V: Verb>(self, of: &'static ObjectType) -> bool {
        self.me.with(|me| me.as_ref().is_none_or(|me| me.rights.allows::<V>(of)))
    }

    /// As [`Session::allows`], for what people write: rows of others and of the system are never written by them.
    pub fn may<V: Verb>(self, of: &'static ObjectType) -> bool {
        of.origin.is_edited() && self.allows::<V>(of)
    }

    pub fn superuser(self) -> bool {
        self.me.with(|me| me.as_ref().is_some_and(|me| me.rights.superuser))
    }
}
