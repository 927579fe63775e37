//! Saved views. They are the system's own rows and a person's own business: everybody keeps theirs, shows them to everybody or
//! not, and sees those of the lists that they may see.

use super::request_id;
use async_trait::async_trait;
use peerage_app::views::{self, NewView, SavedView};
use peerage_model::{
    Filter, Label, ObjectType, Problem, Record, Value, Who, check,
    permit::{Add, Change, Delete, READ_ONLY, View},
    registry,
    types::{SAVED_VIEW, USER},
};
use peerage_store::Store;

pub struct Views {
    store: Store,
}

/// They are asked for by everybody, whoever they belong to.
fn system() -> Who {
    Who::system("saved views")
}

/// Whose list it is, `peering.autonomoussystem`, or beside whose list the page stands: `net.connection/page`.
fn type_of(key: &str) -> Result<&'static ObjectType, Problem> {
    let (of, page) = key.split_once('/').unwrap_or((key, ""));
    let is_name = |page: &str| page.len() <= 40 && page.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if !is_name(page) {
        return Err(Problem::malformed("type: after the / a page's name is expected, of small letters and hyphens."));
    }
    registry::get(of).map_err(|message| Problem::malformed(format!("type: {message}")))
}

pub(super) fn owner(who: &Who) -> Result<i64, Problem> {
    who.user.ok_or_else(|| Problem::new(Label::Forbidden, "Sign in first: only people keep views and preferences."))
}

/// Everybody may keep views and preferences; a read-only token may nothing.
pub(super) fn may_write(who: &Who) -> Result<(), Problem> {
    let refusal = || Problem::new(Label::Forbidden, READ_ONLY);
    who.rights.may_write.then_some(()).ok_or_else(refusal)
}

impl Views {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// How many objects a view's filter shows to somebody; none for pages that are no lists.
    async fn count(&self, who: &Who, of: &'static ObjectType, view: &Record) -> Result<Option<u64>, Problem> {
        if view.text("object_type") != of.key() {
            return Ok(None);
        }
        let query = view.text("query");
        let text = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "f").map(|(_, text)| text);
        let (filter, problems) = Filter::parse(of, &text.unwrap_or_default());
        if !problems.is_empty() {
            return Ok(None);
        }
        match self.store.count(&who.permit::<View>(of)?, &filter).await {
            Ok(count) => Ok(Some(count)),
            // it asks about a type that they may not see
            Err(error) => match Problem::from(error) {
                refused if refused.label == Label::Forbidden => Ok(None),
                problem => Err(problem),
            },
        }
    }

    async fn of_page(&self, key: &str) -> Result<Vec<Record>, Problem> {
        let permit = system().permit::<View>(&SAVED_VIEW)?;
        Ok(self.store.find(&permit, &[("object_type", Value::text(key))]).await?)
    }
}

fn told(record: &Record, owner: String, count: Option<u64>) -> SavedView {
    SavedView {
        id: record.id,
        name: record.text("name").to_owned(),
        query: record.text("query").to_owned(),
        shared: record.flag("shared"),
        owner,
        count,
    }
}

#[async_trait]
impl views::Views for Views {
    async fn list(&self, who: &Who, of: String) -> Result<Vec<SavedView>, Problem> {
        let key = of;
        let of = type_of(&key)?;
        who.permit::<View>(of)?;
        let me = who.user;
        let is_own = |record: &Record| me.is_some() && record.int("user") == me;
        let mut found = self.of_page(&key).await?;
        found.retain(|record| is_own(record) || record.flag("shared"));
        found.sort_by_key(|record| (!is_own(record), record.text("name").to_lowercase()));
        let ids: Vec<i64> =
            found.iter().filter(|record| !is_own(record)).filter_map(|record| record.int("user")).collect();
        let owners = self.store.get_many(&system().permit::<View>(&USER)?, &ids).await?;
        let name = |record: &Record| {
            let owner = owners.iter().find(|user| record.int("user") == Some(user.id));
            owner.map(|user| user.text("username").to_owned()).unwrap_or_default()
        };
        let mut views = Vec::with_capacity(found.len());
        for record in &found {
            let count = self.count(who, of, record).await?;
            views.push(told(record, name(record), count));
        }
        Ok(views)
    }

    async fn save(&self, who: &Who, view: NewView) -> Result<SavedView, Problem> {
        may_write(who)?;
        let of = type_of(&view.of)?;
        who.permit::<View>(of)?;
        let me = owner(who)?;
        let name = view.name.trim();
        let there = self.of_page(&view.of).await?.into_iter();
        let there = there.into_iter().find(|record| record.int("user") == Some(me) && record.text("name") == name);
        let now = peerage_store::now();
        let record = there
            .clone()
            .unwrap_or_else(|| Record::new(&SAVED_VIEW).with("created", Value::Time(now)))
            .with("user", Value::Int(me))
            .with("object_type", Value::text(view.of.as_str()))
            .with("name", Value::text(name))
            .with("query", Value::text(view.query.trim_start_matches('?')))
            .with("shared", Value::Bool(view.shared));
        check::check(&record, &()).into_result()?;
        let system = system();
        let mut write = self.store.begin(&system, &request_id()).await?;
        let stored = if there.is_some() {
            write.update(&system.permit::<Change>(&SAVED_VIEW)?, 0, record).await?
        } else {
            write.insert(&system.permit::<Add>(&SAVED_VIEW)?, record).await?
        };
        write.commit().await?;
        let count = self.count(who, of, &stored).await?;
        Ok(told(&stored, String::new(), count))
    }

    async fn delete(&self, who: &Who, id: i64) -> Result<(), Problem> {
        may_write(who)?;
        let system = system();
        let found = self.store.get(&system.permit::<View>(&SAVED_VIEW)?, id).await?;
        let me = owner(who)?;
        if found.is_none_or(|record| record.int("user") != Some(me) && !who.rights.superuser) {
            return Err(Problem::not_found("view of yours"));
        }
        let mut write = self.store.begin(&system, &request_id()).await?;
        write.delete(&system.permit::<Delete>(&SAVED_VIEW)?, id).await?;
        Ok(write.commit().await?)
    }
}
