use crate::database::{Database, key};
use peerage_store::{
    Dialect, MigrationError, Store, StoreError,
    schema::{Table, expected_schema},
};

fn in_order(mut tables: Vec<Table>, dialect: Dialect) -> Vec<Table> {
    for table in &mut tables {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
        table.references.sort_by(|a, b| a.column.cmp(&b.column));
        table.uniques.sort_by(|a, b| a.name.cmp(&b.name));
        table.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        if dialect == Dialect::Sqlite {
            table.references.iter_mut().for_each(|reference| reference.name.clear());
        }
    }
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    tables
}

pub async fn migrated_schema_equals_the_descriptions(database: &Database) {
    is_as_described(&database.store).await;
}

pub async fn is_as_described(store: &Store) {
    let dialect = store.dialect();
    let actual = in_order(store.actual_schema().await.unwrap(), dialect);
    let expected = in_order(expected_schema(), dialect);
    for (actual, expected) in actual.iter().zip(&expected) {
        assert_eq!(actual, expected);
    }
    assert_eq!(actual.len(), expected.len());
}

pub async fn migrating_again_does_nothing(database: &Database) {
    assert_eq!(database.store.migrate().await.unwrap(), 0);
    let again = Store::open(&database.url, Some(key())).await.unwrap();
    assert_eq!(again.migrate().await.unwrap(), 0);
    again.close().await;
}

pub async fn a_newer_database_is_refused(database: &Database) {
    database.tamper("INSERT INTO schema_migrations VALUES (9999, 'future', 'x', 0)").await;
    let refusal = database.store.migrate().await.unwrap_err();
    assert!(matches!(refusal, StoreError::Migration(MigrationError::Newer { version: 9999, .. })), "{refusal}");
}

pub async fn a_migration_that_was_changed_is_refused(database: &Database) {
    database.tamper("UPDATE schema_migrations SET checksum = 'x' WHERE version = 1").await;
    let refusal = database.store.migrate().await.unwrap_err();
    assert!(matches!(refusal, StoreError::Migration(MigrationError::Different { version: 1, .. })), "{refusal}");
}
