//! How people like the pages to be: a row of each, their own business as saved views are.

use super::{
    request_id,
    views::{may_write, owner},
};
use async_trait::async_trait;
use peerage_app::preferences::{Choice, DENSITIES, Preferences, Preferring, THEMES};
use peerage_model::{
    Problem, Record, Sort, Value, Who,
    filter::Path,
    permit::{Add, Change, View},
    query::MOST_PER_PAGE,
    registry,
    types::PREFERENCES,
};
use peerage_store::Store;

/// Columns of one list at most.
const MOST_COLUMNS: usize = 100;

pub struct OwnPreferences {
    store: Store,
}

/// They are asked for by their owner, whoever that is.
fn system() -> Who {
    Who::system("preferences")
}

/// What a user chose.
///
/// # Errors
/// If the database fails.
pub async fn of(store: &Store, user: i64) -> Result<Preferences, Problem> {
    Ok(row(store, user).await?.as_ref().map(read).unwrap_or_default())
}

async fn row(store: &Store, user: i64) -> Result<Option<Record>, Problem> {
    let found = store.find(&system().permit::<View>(&PREFERENCES)?, &[("user", Value::Int(user))]).await?;
    Ok(found.into_iter().next())
}

/// What cannot be read any more was never chosen.
fn read(record: &Record) -> Preferences {
    let json = PREFERENCES.field("data").map(|field| field.kind.to_json(record.get("data"))).unwrap_or_default();
    serde_json::from_value(json).unwrap_or_default()
}

fn acceptable(choice: &Choice) -> Result<(), Problem> {
    for (name, chosen, known) in [("theme", &choice.theme, THEMES), ("density", &choice.density, DENSITIES)] {
        if let Some(code) = chosen
            && !code.is_empty()
            && !known.contains(&code.as_str())
        {
            return Err(Problem::malformed(format!("choice.{name}: one of {} is expected.", known.join(", "))));
        }
    }
    if choice.per_page.is_some_and(|rows| rows > MOST_PER_PAGE) {
        return Err(Problem::malformed(format!("choice.per_page: a page has at most {MOST_PER_PAGE} rows.")));
    }
    for (key, paths) in &choice.columns {
        let wrong = |message: String| Problem::malformed(format!("choice.columns.{key}: {message}"));
        let of = registry::get(key).map_err(wrong)?;
        if paths.len() > MOST_COLUMNS {
            return Err(wrong(format!("at most {MOST_COLUMNS} columns.")));
        }
        for path in paths {
            Path::parse(of, path).map_err(wrong)?;
        }
    }
    for (key, paths) in &choice.sorts {
        let wrong = |message: String| Problem::malformed(format!("choice.sorts.{key}: {message}"));
        let of = registry::get(key).map_err(wrong)?;
        if paths.len() > MOST_COLUMNS {
            return Err(wrong(format!("at most {MOST_COLUMNS} keys.")));
        }
        for path in paths {
            Sort::parse(of, path).map_err(wrong)?;
        }
    }
    Ok(())
}

impl OwnPreferences {
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[async_trait]
impl Preferring for OwnPreferences {
    async fn choose(&self, who: &Who, choice: Choice) -> Result<Preferences, Problem> {
        may_write(who)?;
        acceptable(&choice)?;
        let me = owner(who)?;
        let there = row(&self.store, me).await?;
        let system = system();
        let mut write = self.store.begin(&system, &request_id()).await?;
        // read again within the transaction: another page of theirs may choose something else at the moment
        let there = match there {
            Some(row) => write.get(&system.permit::<View>(&PREFERENCES)?, row.id).await?,
            None => None,
        };
        let mut preferences = there.as_ref().map(read).unwrap_or_default();
        preferences.choose(choice);
        let json = serde_json::to_value(&preferences).unwrap_or_default();
        let data = Value::Json(json.into());
        match there {
            Some(row) => {
                let version = row.version;
                write.update(&system.permit::<Change>(&PREFERENCES)?, version, row.with("data", data)).await?;
            }
            None => {
                let row = Record::new(&PREFERENCES).with("user", Value::Int(me)).with("data", data);
                write.insert(&system.permit::<Add>(&PREFERENCES)?, row).await?;
            }
        }
        write.commit().await?;
        Ok(preferences)
    }
}
