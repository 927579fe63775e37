//! Moving over from the original's own database (`original.sql`, compared with the tables that its migrations make): what its API
//! lists comes over as from the API, and what it does not show besides.

use super::*;
use crate::{
    http::tests::database,
    keys,
    peering_manager::{database::read, import::LEFT_OUT, shapes},
};
use peerage_model::{
    Kind, registry,
    types::{DATA_FILE, GROUP, ROUTER, TOKEN},
};
use peerage_sync::peering_manager::database::DatabaseError;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// A database of the original, gone at the end.
struct Original {
    admin: String,
    name: String,
    url: String,
    connection: PgConnection,
}

impl Original {
    /// Empty, with its tables; none where there is no PostgreSQL.
    async fn new() -> Option<Self> {
        let admin = std::env::var("PEERAGE_TEST_POSTGRES").ok();
        let Some(admin) = admin else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "PEERAGE_TEST_POSTGRES is not set");
            eprintln!("SKIPPED: PEERAGE_TEST_POSTGRES is not set");
            return None;
        };
        let name = format!("original_{}", keys::random_hex(6));
        let mut connection = PgConnection::connect(&admin).await.unwrap();
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
        let url = format!("{}/{name}", admin.rsplit_once('/').unwrap().0);
        let mut connection = PgConnection::connect(&url).await.unwrap();
        connection.execute(include_str!("original.sql")).await.unwrap();
        let mut original = Self { admin, name, url, connection };
        for of in registry::TYPES {
            let (app, model) =
                if of.app == "users" && of.model != "token" { ("auth", of.model) } else { (of.app, of.model) };
            original
                .run(&format!("INSERT INTO django_content_type (app_label, model) VALUES ('{app}', '{model}')"))
                .await;
        }
        Some(original)
    }

    async fn run(&mut self, sql: &str) {
        self.connection.execute(AssertSqlSafe(sql.to_owned())).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn finish(self) {
        self.connection.close().await.unwrap();
        let mut connection = PgConnection::connect(&self.admin).await.unwrap();
        connection.execute(AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name))).await.unwrap();
    }

    async fn content_type(&mut self, key: &str) -> i32 {
        let sql = "SELECT id FROM django_content_type WHERE app_label || '.' || model = $1";
        sqlx::query_scalar(sql).bind(key).fetch_one(&mut self.connection).await.unwrap()
    }

    /// Puts lists of its API into its tables: what the API does not show is empty.
    async fn fill(&mut self, lists: &Lists) {
        for (of, shape) in shapes::listed() {
            if LEFT_OUT.iter().any(|(key, _)| registry::is_named(of, key)) {
                continue;
            }
            let table = match of {
                of if of.is(&USER) => "auth_user".to_owned(),
                of if of.is(&GROUP) => "auth_group".to_owned(),
                of => of.table(),
            };
            let columns: Vec<(String, String, bool)> = sqlx::query_as(
                "SELECT column_name::text, data_type::text, is_nullable = 'YES' FROM information_schema.columns WHERE table_name = $1",
            )
            .bind(&table)
            .fetch_all(&mut self.connection)
            .await
            .unwrap();
            for (number, row) in lists.get(shape.endpoint).into_iter().flatten().enumerate() {
                let mut row = row.clone();
                // its API lists some things without their numbers
                row.entry("id").or_insert(json!(number + 1));
                let mut record = Map::new();
                for (column, kind, nullable) in &columns {
                    let name = column.strip_suffix("_id").filter(|name| row.contains_key(*name)).unwrap_or(column);
                    let json = match row.get(name) {
                        Some(Json::String(key)) if name != column => json!(self.content_type(key).await),
                        Some(Json::Object(object)) if name != column => object["id"].clone(),
                        Some(Json::Object(object)) if object.contains_key("value") && kind != "jsonb" => {
                            object["value"].clone()
                        }
                        Some(Json::Array(items)) if kind.starts_with("character") => {
                            json!(items.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(","))
                        }
                        Some(Json::Null) | None if *nullable => Json::Null,
                        Some(Json::Null) | None => match kind.as_str() {
                            "boolean" => json!(false),
                            "bigint" | "integer" | "smallint" => json!(0),
                            "ARRAY" => json!([]),
                            kind if kind.starts_with("timestamp") => json!("1970-01-01T00:00:00Z"),
                            _ => json!(""),
                        },
                        Some(json) => json.clone(),
                    };
                    record.insert(column.clone(), json);
                }
                let sql =
                    format!("INSERT INTO {table} SELECT * FROM jsonb_populate_record(NULL::{table}, $1::text::jsonb)");
                let text = Json::Object(record).to_string();
                sqlx::query(AssertSqlSafe(sql))
                    .bind(&text)
                    .execute(&mut self.connection)
                    .await
                    .unwrap_or_else(|error| panic!("{table} {text}: {error}"));
            }
        }
        for (of, shape) in shapes::listed() {
            for row in lists.get(shape.endpoint).into_iter().flatten() {
                self.fill_many(of, row).await;
            }
        }
    }

    async fn fill_many(&mut self, of: &'static ObjectType, row: &Map<String, Json>) {
        let table = if of.is(&USER) { "auth_user".to_owned() } else { of.table() };
        let Some(own) = row.get("id") else { return };
        for field in of.fields {
            let Some(Json::Array(items)) = row.get(field.name) else { continue };
            let id = |item: &Json| item.as_i64().or_else(|| item["id"].as_i64()).unwrap();
            match field.kind {
                Kind::References { to } if to.is(&TAG) => {
                    let kind = self.content_type(&of.key()).await;
                    for item in items {
                        let sql = format!(
                            "INSERT INTO extras_taggeditem (object_id, content_type_id, tag_id) VALUES ({own}, {kind}, {})",
                            id(item)
                        );
                        self.run(&sql).await;
                    }
                }
                Kind::References { to } => {
                    for item in items {
                        let sql = format!(
                            "INSERT INTO {table}_{} ({}_id, {}_id) VALUES ({own}, {})",
                            field.name,
                            of.model,
                            to.model,
                            id(item)
                        );
                        self.run(&sql).await;
                    }
                }
                Kind::Choices(_) if field.name == "content_types" => {
                    for item in items {
                        let kind = self.content_type(item.as_str().unwrap()).await;
                        self.run(&format!(
                            "INSERT INTO {table}_content_types (webhook_id, contenttype_id) VALUES ({own}, {kind})"
                        ))
                        .await;
                    }
                }
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_its_api_lists_comes_over_from_its_database_as_well() {
    let (Some(mut lists), Some(mut original)) = (data("S"), Original::new().await) else { return };
    // the data set does not say it, and the database always does
    for user in lists.get_mut("users/users").into_iter().flatten() {
        user.insert("date_joined".to_owned(), json!("2024-01-02T03:04:05Z"));
    }
    original.fill(&lists).await;
    let source = read(&original.url, |_, _| ()).await.unwrap();
    let (by_file, by_database) = (database::sqlite().await, database::sqlite().await);
    import(&by_file.store, &lists, false).await.unwrap();
    let report = take_over(&by_database.store, &source, false).await.unwrap();
    assert_eq!(report.of(Fate::Refused).count(), 0, "{report}");
    let expected = export(&by_file.store, &owner(), BASE).await.unwrap();
    let found = export(&by_database.store, &owner(), BASE).await.unwrap();
    let expected: Lists = serde_json::from_value(expected["endpoints"].clone()).unwrap();
    let differences = differences(&expected, &found);
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    // again: nothing is new, nothing differs
    let again = take_over(&by_database.store, &source, false).await.unwrap();
    assert_eq!(again.count(|tally| tally.taken + tally.updated + tally.conflicts + tally.refused), 0, "{again}");
    by_file.finish().await;
    by_database.finish().await;
    original.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_its_api_does_not_show_comes_over_from_its_database() {
    let Some(mut original) = Original::new().await else { return };
    let key = "0123456789abcdef0123456789abcdef01234567";
    let hash = keys::tests::DJANGO_HASH;
    let tagged = original.content_type("devices.router").await;
    let system = original.content_type("peering.autonomoussystem").await;
    original
        .run(&format!(
            "INSERT INTO peering_autonomoussystem VALUES (7, now(), now(), NULL, '', '', 64500, 'Ours', true, NULL, true, 0, true, 0, true, NULL, true, '{{64500,64501}}', true, '', '', '', true);
             INSERT INTO devices_router (id, created, updated, description, comments, name, hostname, status, encrypt_passwords, poll_bgp_sessions_state, netbox_device_id, napalm_timeout, local_autonomous_system_id, napalm_password)
             VALUES (3, now(), now(), 'In the cellar', '', 'edge1', 'edge1.example.net', 'enabled', false, false, 0, 0, 7, 'secret');
             INSERT INTO core_datasource (id, description, comments, name, type, source_url, status, enabled, ignore_rules)
             VALUES (6, '', '', 'Files', 'local', 'file:///srv', 'completed', true, '');
             INSERT INTO core_datafile (id, created, updated, path, size, hash, data, source_id) VALUES
             (2, now(), now(), 'edge.j2', 8, repeat('0', 64), convert_to('größer', 'UTF8'), 6), (3, now(), now(), 'logo.png', 2, repeat('1', 64), '\\x89ff', 6);
             INSERT INTO peeringdb_organization VALUES (1, now(), now(), '', '', '', '', '', '', '', '', NULL, NULL, 'Org', '', '', '', NULL, '');
             INSERT INTO peeringdb_carrier VALUES (1, now(), now(), 'Carrier', '', '', '', NULL, '', 1);
             INSERT INTO core_job (name, status, created, job_id) VALUES ('poll', 'completed', now(), gen_random_uuid());
             INSERT INTO extras_tag VALUES (5, now(), now(), 'Core', 'core', '9e9e9e', '');
             INSERT INTO extras_taggeditem (object_id, content_type_id, tag_id) VALUES (3, {tagged}, 5);
             INSERT INTO auth_permission (id, name, content_type_id, codename) VALUES
             (1, '', {tagged}, 'view_router'), (2, '', {system}, 'change_autonomoussystem'), (3, '', {system}, 'send_carrier_pigeon'), (4, '', {system}, 'send_email');
             INSERT INTO auth_group VALUES (2, 'Operators');
             INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (2, 1), (2, 3), (2, 4);
             INSERT INTO auth_user VALUES
             (4, '{hash}', now(), true, 'ada', 'Ada', '', 'ada@example.net', true, true, '2024-01-02T03:04:05Z'),
             (5, 'md5$x$y', NULL, false, 'bob', '', '', '', false, true, now()), (6, '!x', NULL, false, 'eve', '', '', '', false, true, now());
             INSERT INTO auth_user_groups (user_id, group_id) VALUES (5, 2);
             INSERT INTO auth_user_user_permissions (user_id, permission_id) VALUES (5, 2);
             INSERT INTO users_userpreferences (user_id, data) VALUES (4, '{{\"context\": {{\"as\": 7}}}}'), (5, '{{\"context\": {{\"as\": \"x\"}}}}');
             INSERT INTO users_token VALUES (9, now(), NULL, NULL, '{key}', true, 'script', '{{192.0.2.0/24}}', 4)"
        ))
        .await;
    let source = read(&original.url, |_, _| ()).await.unwrap();
    let database = database::sqlite().await;
    let store = &database.store;
    // what a new installation begins with stays
    let report = take_over(store, &source, false).await.unwrap();
    assert_eq!(report.of(Fate::Refused).chain(report.of(Fate::Conflict)).count(), 0, "{report}");
    let one = async |of: &'static ObjectType, id: i64| {
        let permit = owner().permit::<View>(of).unwrap();
        let record = store.get_many(&permit, &[id]).await.unwrap();
        store.reveal(&permit, record).await.unwrap().pop().unwrap()
    };
    let router = one(&ROUTER, 3).await;
    assert_eq!((router.text("description"), router.text("napalm_password")), ("In the cellar", "secret"));
    assert_eq!(router.get("tags").as_ids(), [5]);
    assert_eq!(one(&AUTONOMOUS_SYSTEM, 7).await.get("as_list").as_ids(), [64_500, 64_501]);
    let granted = ["devices.view_router".into(), "peering.send_email".into()];
    assert_eq!(one(&GROUP, 2).await.get("permissions").as_texts(), granted);
    let bob = one(&USER, 5).await;
    assert_eq!(bob.get("permissions").as_texts(), ["peering.change_autonomoussystem".into()]);
    assert_eq!((bob.get("groups").as_ids(), bob.text("password")), (&[2][..], ""));
    let ada = one(&USER, 4).await;
    assert!(ada.flag("is_superuser") && ada.text("password") == hash && ada.int("context_as") == Some(7));
    assert_eq!(ada.get("date_joined"), &Kind::Time.parse("2024-01-02T03:04:05Z").unwrap());
    let token = one(&TOKEN, 9).await;
    assert_eq!((token.text("digest"), token.text("hint")), (&*keys::digest(key), "234567"));
    let remarks = report.remarks.join("\n");
    assert!(remarks.contains("of peering that mean nothing here were left out: send_carrier_pigeon."), "{remarks}");
    assert!(remarks.contains("table peeringdb_carrier: 1 rows left out: not known here."), "{remarks}");
    assert!(remarks.contains("table core_job: 1 rows left out: jobs are a record"), "{remarks}");
    assert!(remarks.contains("core/data-files: left out, being no text: logo.png."), "{remarks}");
    let file = one(&DATA_FILE, 2).await;
    assert_eq!((file.text("path"), file.text("data"), file.int("source")), ("edge.j2", "größer", Some(6)));
    assert!(remarks.contains("passwords of bob are hashed in a way that is not known"), "{remarks}");

    // the key works as before, and so does the password: once, and then it is kept as ours are
    let accounts = crate::services::Accounts::new(store.clone());
    assert!(accounts.by_token(key, None).await.is_err(), "from anywhere");
    assert_eq!(&*accounts.by_token(key, Some("192.0.2.7".parse().unwrap())).await.unwrap().name, "ada");
    use peerage_app::accounts::Accounts as _;
    assert!(accounts.sign_in("ada".to_owned(), "wrong".to_owned()).await.is_err());
    assert!(accounts.sign_in("eve".to_owned(), String::new()).await.is_err());
    accounts.sign_in("ada".to_owned(), "correct horse".to_owned()).await.unwrap();
    let hash = one(&USER, 4).await.text("password").to_owned();
    assert!(keys::is_ours(&hash));
    accounts.sign_in("ada".to_owned(), "correct horse".to_owned()).await.unwrap();
    // and stays so when the import is done again
    let again = take_over(store, &source, false).await.unwrap();
    assert_eq!(again.count(|tally| tally.taken + tally.updated + tally.conflicts + tally.refused), 0, "{again}");
    assert_eq!(one(&USER, 4).await.text("password"), hash);
    database.finish().await;
    original.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_such_database_is_told_in_words() {
    let Some(mut original) = Original::new().await else { return };
    let refused = async |url: &str| read(url, |_, _| ()).await.unwrap_err();
    assert!(matches!(refused("mysql://x").await, DatabaseError::Address));
    let nowhere = refused("postgres://nobody:hidden@127.0.0.1:1/x").await;
    assert!(matches!(nowhere, DatabaseError::Unreachable(_)) && !nowhere.to_string().contains("hidden"), "{nowhere}");
    let ours = database::postgres().await.unwrap();
    assert!(matches!(refused(&ours.url).await, DatabaseError::Foreign("django_content_type")));
    ours.finish().await;

    let role = format!("reader_{}", keys::random_hex(4));
    original.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT USAGE ON SCHEMA public TO {role}; GRANT SELECT ON django_content_type TO {role}")).await;
    let (scheme, rest) = original.url.split_once("://").unwrap();
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place).to_owned();
    let as_reader = format!("{scheme}://{role}:x@{place}");
    let lacking = refused(&as_reader).await;
    assert!(matches!(&lacking, DatabaseError::Permission(_)), "{lacking}");
    original.run(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await;

    original.run("ALTER TABLE net_connection DROP COLUMN interface").await;
    let other = refused(&original.url).await.to_string();
    assert!(other.contains("the column interface of net_connection is missing"), "{other}");
    original.run("DROP TABLE net_connection CASCADE").await;
    let other = refused(&original.url).await.to_string();
    assert!(other.contains("another version") && other.contains("the table net_connection"), "{other}");
    original.finish().await;
}
