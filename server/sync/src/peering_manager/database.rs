//! Peering Manager's own database (Django on PostgreSQL), read to move over from it: what its REST API lists, in the form in which
//! it lists it, and what it does not show besides (descriptions of sessions and routers, hashes of passwords, permissions,
//! tokens, files of data sources).
//!
//! What must stay true: nothing is written there; everything is read in one transaction, so that references lead to what was
//! read; which columns are read follows from our descriptions, by the names that Django gives them.
//!
//! This is the one place outside of the store that writes SQL: it is another's database, and reading it is all that it does.

use peerage_model::{
    Field, Kind, ObjectType,
    permit::check_permission,
    types::{DATA_FILE, GROUP, TAG, TOKEN, USER},
};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row as _, postgres::PgConnectOptions};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    str::FromStr,
    time::Duration,
};

/// A connection that is not there by then will not come.
const CONNECT: Duration = Duration::from_secs(15);
/// What a statement may take, and how long it waits for a lock: somebody may be upgrading it.
const BOUNDS: &str = "SET LOCAL statement_timeout = '300s'; SET LOCAL lock_timeout = '10s'; SET LOCAL TimeZone = 'UTC'; \
                      SET LOCAL DateStyle = 'ISO'; SET LOCAL search_path = public";
/// A table that every Peering Manager has, and Django's own two.
const KNOWN_BY: [&str; 3] = ["django_content_type", "django_migrations", "peering_autonomoussystem"];

/// Its database, within a transaction that sees one moment of it.
pub struct Database {
    connection: PgConnection,
    /// Columns by table.
    columns: HashMap<String, BTreeSet<String>>,
    /// `peering.autonomoussystem` by number.
    content_types: HashMap<i64, String>,
    /// Permissions of people and groups that mean nothing here, by application.
    unknown_permissions: BTreeMap<String, BTreeSet<String>>,
    /// Tables that were read.
    read: HashSet<String>,
}

/// Why it could not be read. Without the password.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error(
        "That is not the address of a PostgreSQL database. Give it like postgres://user:password@host/peering-manager."
    )]
    Address,
    #[error("The database cannot be reached: {0}")]
    Unreachable(String),
    #[error("This is not the database of a Peering Manager: it has no table {0}.")]
    Foreign(&'static str),
    #[error(
        "This is the database of another version of Peering Manager than 1.10: {0} is missing. Upgrade it first, or import \
         from its API."
    )]
    Version(String),
    #[error("The user of the database may not read {0}. Grant it: GRANT SELECT ON ALL TABLES IN SCHEMA public TO …")]
    Permission(String),
    #[error("{0} cannot be read: {1}")]
    Failed(String, String),
}

/// A row as a list of its API would have it.
pub type Listed = Map<String, Json>;

/// The table of a type there.
fn table_of(of: &'static ObjectType) -> String {
    match of {
        of if of.is(&USER) => "auth_user".to_owned(),
        of if of.is(&GROUP) => "auth_group".to_owned(),
        of => of.table(),
    }
}

/// What Django calls the model in the columns of tables between two.
fn model_of(table: &str) -> &str {
    table.split_once('_').map_or(table, |(_, model)| model)
}

fn failed(table: &str) -> impl Fn(sqlx::Error) -> DatabaseError + '_ {
    /// PostgreSQL's `insufficient_privilege`.
    const NOT_ALLOWED: &str = "42501";
    move |error| match error.as_database_error() {
        Some(refusal) if refusal.code().as_deref() == Some(NOT_ALLOWED) => DatabaseError::Permission(table.to_owned()),
        _ => DatabaseError::Failed(table.to_owned(), error.to_string()),
    }
}

impl Database {
    /// Connects, begins to read, and looks whose database it is.
    ///
    /// # Errors
    /// It is not reached, is no Peering Manager's, or may not be read.
    pub async fn open(address: &str) -> Result<Self, DatabaseError> {
        let options = PgConnectOptions::from_str(address.trim()).map_err(|_| DatabaseError::Address)?;
        if !address.trim().starts_with("postgres") {
            return Err(DatabaseError::Address);
        }
        let unreachable = |error: sqlx::Error| DatabaseError::Unreachable(error.to_string());
        let options = options.application_name("peerage").disable_statement_logging();
        let mut connection = tokio::time::timeout(CONNECT, options.connect())
            .await
            .map_err(|_| DatabaseError::Unreachable(format!("no answer within {} seconds", CONNECT.as_secs())))?
            .map_err(unreachable)?;
        for statement in std::iter::once("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").chain(BOUNDS.split("; ")) {
            sqlx::query(statement).execute(&mut connection).await.map_err(unreachable)?;
        }
        let mut database = Self {
            connection,
            columns: HashMap::new(),
            content_types: HashMap::new(),
            unknown_permissions: BTreeMap::new(),
            read: HashSet::new(),
        };
        database.look_around().await?;
        Ok(database)
    }

    async fn look_around(&mut self) -> Result<(), DatabaseError> {
        // information_schema shows only what one may read
        let columns = "SELECT c.relname::text, a.attname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                       JOIN pg_attribute a ON a.attrelid = c.oid \
                       WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v') AND a.attnum > 0 AND NOT a.attisdropped";
        for row in sqlx::query(columns).fetch_all(&mut self.connection).await.map_err(failed("pg_class"))? {
            self.columns.entry(row.get(0)).or_default().insert(row.get(1));
        }
        if let Some(missing) = KNOWN_BY.into_iter().find(|table| !self.columns.contains_key(*table)) {
            return Err(DatabaseError::Foreign(missing));
        }
        let types = "SELECT id::bigint, app_label || '.' || model FROM django_content_type";
        let rows = sqlx::query(types).fetch_all(&mut self.connection).await.map_err(failed("django_content_type"))?;
        self.content_types = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        Ok(())
    }

    fn has(&self, table: &str, column: &str) -> bool {
        self.columns.get(table).is_some_and(|columns| columns.contains(column))
    }

    /// All objects of a type. `shown`: the fields that its API shows of them.
    ///
    /// # Errors
    /// A table or a column is missing or may not be read.
    pub async fn list(&mut self, of: &'static ObjectType, shown: &[&str]) -> Result<Vec<Listed>, DatabaseError> {
        let table = table_of(of);
        if !self.columns.contains_key(&table) {
            return Err(DatabaseError::Version(format!("the table {table}")));
        }
        let mut columns = vec!["id".to_owned()];
        let mut content_types = Vec::new();
        for field in of.fields {
            let (plain, led) = (field.name, format!("{}_id", field.name));
            match field.kind {
                Kind::References { .. } => {}
                Kind::Reference { .. } if self.has(&table, &led) => columns.push(format!("{led} AS {plain}")),
                Kind::Choice(_) if !self.has(&table, plain) && self.has(&table, &led) => {
                    content_types.push(plain);
                    columns.push(format!("{led} AS {plain}"));
                }
                kind if !kind.is_reference() && self.has(&table, plain) => columns.push(plain.to_owned()),
                // those who have many of its types in a table between
                Kind::Choices(_) if self.columns.contains_key(&format!("{table}_{plain}")) => {}
                _ if shown.contains(&plain) => {
                    return Err(DatabaseError::Version(format!("the column {plain} of {table}")));
                }
                _ => {}
            }
        }
        // names of ours, which are words
        let columns: Vec<String> = columns.into_iter().map(|column| quoted(&column)).collect();
        let sql =
            format!("SELECT row_to_json(t)::text FROM (SELECT {} FROM \"{table}\" ORDER BY id) t", columns.join(", "));
        let mut rows = self.rows(&table, sql).await?;
        for row in &mut rows {
            for name in &content_types {
                let key = row.get(*name).and_then(Json::as_i64).and_then(|id| self.content_types.get(&id));
                let key = key.cloned();
                row.insert((*name).to_owned(), key.map_or(Json::Null, Json::from));
            }
            for field in of.fields {
                if let Some(json) = row.get_mut(field.name) {
                    split(field, json);
                }
            }
            if let Some(data) = row.get_mut("data").filter(|_| of.is(&DATA_FILE)) {
                *data = text_of(data);
            }
        }
        self.add_many(of, &table, &mut rows).await?;
        if of.is(&USER) {
            self.add_permissions("auth_user_user_permissions", "user_id", &mut rows).await?;
            self.add_preferences(&mut rows).await?;
        } else if of.is(&GROUP) {
            self.add_permissions("auth_group_permissions", "group_id", &mut rows).await?;
        }
        Ok(rows)
    }

    async fn rows(&mut self, table: &str, sql: String) -> Result<Vec<Listed>, DatabaseError> {
        self.read.insert(table.to_owned());
        let texts: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut self.connection).await.map_err(failed(table))?;
        let read = |text: &String| {
            serde_json::from_str(text).map_err(|error| DatabaseError::Failed(table.to_owned(), error.to_string()))
        };
        texts.iter().map(read).collect()
    }

    /// What a row has many of: ids, from the tables between; types by their keys.
    async fn add_many(
        &mut self,
        of: &'static ObjectType,
        table: &str,
        rows: &mut [Listed],
    ) -> Result<(), DatabaseError> {
        for field in of.fields {
            let between = format!("{table}_{}", field.name);
            let own = format!("{}_id", model_of(table));
            match field.kind {
                Kind::References { to } if to.is(&TAG) => {
                    let Some(id) = self.content_types.iter().find(|(_, key)| **key == of.key()).map(|(id, _)| *id)
                    else {
                        continue;
                    };
                    let sql = format!(
                        "SELECT object_id::bigint, tag_id::bigint FROM extras_taggeditem WHERE content_type_id = {id}"
                    );
                    let pairs = self.pairs("extras_taggeditem", sql).await?;
                    put(rows, field.name, &pairs, |id| json!(id));
                }
                Kind::References { to } if self.columns.contains_key(&between) => {
                    let target = format!("{}_id", model_of(&table_of(to)));
                    let pairs = self.between(&between, &own, &target).await?;
                    put(rows, field.name, &pairs, |id| json!(id));
                }
                Kind::Choices(_) if self.columns.contains_key(&between) => {
                    let pairs = self.between(&between, &own, "contenttype_id").await?;
                    let types = &self.content_types;
                    put(rows, field.name, &pairs, |id| types.get(&id).cloned().map_or(Json::Null, Json::from));
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn between(&mut self, table: &str, own: &str, target: &str) -> Result<Vec<(i64, i64)>, DatabaseError> {
        if let Some(column) = [own, target].into_iter().find(|column| !self.has(table, column)) {
            return Err(DatabaseError::Version(format!("the column {column} of {table}")));
        }
        self.pairs(table, format!("SELECT \"{own}\"::bigint, \"{target}\"::bigint FROM \"{table}\"")).await
    }

    async fn pairs(&mut self, table: &str, sql: String) -> Result<Vec<(i64, i64)>, DatabaseError> {
        self.read.insert(table.to_owned());
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut self.connection).await.map_err(failed(table))?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
    }

    /// Permissions by the names that they have here; what means nothing here is noted.
    async fn add_permissions(&mut self, table: &str, own: &str, rows: &mut [Listed]) -> Result<(), DatabaseError> {
        let sql = format!(
            "SELECT g.\"{own}\"::bigint, c.app_label || '.' || p.codename FROM \"{table}\" g \
             JOIN auth_permission p ON p.id = g.permission_id JOIN django_content_type c ON c.id = p.content_type_id ORDER BY 2"
        );
        self.read.insert(table.to_owned());
        let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut self.connection).await.map_err(failed(table))?;
        let mut granted: HashMap<i64, Vec<String>> = HashMap::new();
        for row in found {
            let (id, name): (i64, String) = (row.get(0), row.get(1));
            // Django's own types of users and groups are ours
            let name = name.strip_prefix("auth.").map_or(name.clone(), |rest| format!("users.{rest}"));
            if check_permission(&name).is_ok() {
                granted.entry(id).or_default().push(name);
            } else {
                let (app, name) = name.split_once('.').unwrap_or_default();
                self.unknown_permissions.entry(app.to_owned()).or_default().insert(name.to_owned());
            }
        }
        for row in rows {
            let names = row.get("id").and_then(Json::as_i64).and_then(|id| granted.remove(&id)).unwrap_or_default();
            row.insert("permissions".to_owned(), json!(names));
        }
        Ok(())
    }

    /// Which AS somebody works as.
    async fn add_preferences(&mut self, rows: &mut [Listed]) -> Result<(), DatabaseError> {
        const TABLE: &str = "users_userpreferences";
        if !self.has(TABLE, "data") {
            return Err(DatabaseError::Version(format!("the column data of {TABLE}")));
        }
        let sql = format!(
            "SELECT user_id::bigint, (data #>> '{{context,as}}')::bigint FROM {TABLE} WHERE data #>> '{{context,as}}' ~ '^[0-9]{{1,18}}$'"
        );
        let chosen: HashMap<i64, i64> = self.pairs(TABLE, sql).await?.into_iter().collect();
        for row in rows {
            if let Some(system) = row.get("id").and_then(Json::as_i64).and_then(|id| chosen.get(&id)) {
                row.insert("context_as".to_owned(), json!(system));
            }
        }
        Ok(())
    }

    /// The keys of API tokens, which stand there in clear, as their digests: scripts go on working.
    ///
    /// # Errors
    /// As for [`Database::list`].
    pub async fn tokens(&mut self) -> Result<Vec<Listed>, DatabaseError> {
        let shown = ["user", "write_enabled", "description", "allowed_ips", "expires", "created", "last_used"];
        let mut rows = self.list(&TOKEN, &shown).await?;
        let sql = "SELECT json_build_object('id', id, 'key', key)::text FROM users_token".to_owned();
        let keys = self.rows("users_token", sql).await?;
        let keys: HashMap<i64, String> = keys
            .iter()
            .filter_map(|row| Some((row.get("id")?.as_i64()?, row.get("key")?.as_str()?.to_owned())))
            .collect();
        for row in &mut rows {
            let Some(key) = row.get("id").and_then(Json::as_i64).and_then(|id| keys.get(&id)) else { continue };
            let digest: String = Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect();
            row.insert("digest".to_owned(), json!(digest));
            row.insert("hint".to_owned(), json!(key.get(key.len().saturating_sub(6)..).unwrap_or_default()));
        }
        Ok(rows)
    }

    /// Permissions that are granted there and mean nothing here, by application.
    pub fn unknown_permissions(&self) -> impl Iterator<Item = (&str, Vec<&str>)> {
        self.unknown_permissions.iter().map(|(app, names)| (app.as_str(), names.iter().map(String::as_str).collect()))
    }

    /// Tables that were not read and are not empty, with how many rows they have.
    ///
    /// # Errors
    /// A table may not be read.
    pub async fn left(&mut self) -> Result<Vec<(String, i64)>, DatabaseError> {
        let tables = self.columns.keys().filter(|table| !self.read.contains(*table) && !is_inner(table));
        let tables: BTreeSet<String> = tables.cloned().collect();
        let mut left = Vec::new();
        for table in tables {
            let sql = format!("SELECT count(*) FROM \"{table}\"");
            let count: i64 =
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut self.connection).await.map_err(failed(&table))?;
            if count > 0 {
                left.push((table, count));
            }
        }
        Ok(left)
    }

    /// Ends reading.
    ///
    /// # Errors
    /// The connection broke: what was read is whole all the same.
    pub async fn close(self) -> Result<(), DatabaseError> {
        self.connection.close().await.map_err(|error| DatabaseError::Unreachable(error.to_string()))
    }
}

/// `name` or `name AS other`, quoted: some of them are words of SQL.
fn quoted(column: &str) -> String {
    match column.split_once(" AS ") {
        Some((column, name)) => format!("\"{column}\" AS \"{name}\""),
        None => format!("\"{column}\""),
    }
}

/// What Django keeps for itself, and what follows from what is read.
fn is_inner(table: &str) -> bool {
    table.starts_with("django_") || ["auth_permission", "core_autosynchronisationrecord"].contains(&table)
}

/// The bytes of a file, which PostgreSQL writes as \x and hexadecimal digits, as text; null if they are none.
fn text_of(bytes: &Json) -> Json {
    let digits = bytes.as_str().and_then(|text| text.strip_prefix("\\x"));
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.and_then(|digits| digits.as_bytes().chunks(2).map(byte).collect());
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|text| !text.contains('\0'));
    text.map_or(Json::Null, Json::from)
}

/// What it keeps in one text with commas between is a list here.
fn split(field: &Field, json: &mut Json) {
    let list = matches!(field.kind, Kind::Choices(_) | Kind::TextList);
    match json {
        Json::String(text) if list => {
            *json = text.split(',').filter(|part| !part.is_empty()).collect();
        }
        Json::Null if list => *json = json!([]),
        _ => {}
    }
}

/// Puts what pairs say under a name of their rows, in the order of the numbers.
fn put(rows: &mut [Listed], name: &str, pairs: &[(i64, i64)], value: impl Fn(i64) -> Json) {
    let mut by_row: HashMap<i64, Vec<i64>> = HashMap::new();
    for (own, target) in pairs {
        by_row.entry(*own).or_default().push(*target);
    }
    for row in rows {
        let mut ids = row.get("id").and_then(Json::as_i64).and_then(|id| by_row.remove(&id)).unwrap_or_default();
        ids.sort_unstable();
        row.insert(name.to_owned(), ids.into_iter().map(&value).collect());
    }
}
