//! Runs from files.

use super::{
    database::{ids, rows, run, state},
    upstream::Tables,
    world::{ROWS, net, world},
};
use flate2::{Compression, write::GzEncoder};
use peerage_model::peeringdb::{NAMESPACES, NETWORK, NETWORK_IXLAN, REJECTED};
use peerage_store::Store;
use peerage_sync::peeringdb::Source;
use serde_json::json;
use std::{fs, io::Write, path::Path};

fn packed(path: &Path, text: &str) {
    let mut file = GzEncoder::new(fs::File::create(path).unwrap(), Compression::fast());
    file.write_all(text.as_bytes()).unwrap();
    file.finish().unwrap();
}

fn write_all(directory: &Path, tables: &Tables) {
    for (namespace, rows) in tables {
        let text = json!({"data": rows.values().collect::<Vec<_>>(), "meta": {}}).to_string();
        fs::write(directory.join(format!("{namespace}.json")), text).unwrap();
    }
}

pub async fn every_form_of_file_is_read(store: Store) {
    let directory = tempfile::tempdir().unwrap();
    let place = directory.path();
    write_all(place, &world());
    // a plain list, packed
    fs::remove_file(place.join("net.json")).unwrap();
    let rows: Vec<_> = world()["net"].values().cloned().collect();
    packed(&place.join("net.json.gz"), &json!(rows).to_string());
    // pages, in both forms
    fs::remove_file(place.join("netixlan.json")).unwrap();
    fs::create_dir(place.join("netixlan")).unwrap();
    let rows = &world()["netixlan"];
    packed(&place.join("netixlan/page-1.json.gz"), &json!({"data": [rows[&1]]}).to_string());
    fs::write(place.join("netixlan/page-2.json"), json!([rows[&2]]).to_string()).unwrap();
    fs::rename(place.join("poc.json"), place.join("poc-0.json")).unwrap();

    let source = Source::directory(place).unwrap();
    let report = run(&store, &source).await;
    assert_eq!((report.created(), report.failure().as_str()), (ROWS, ""));
    assert_eq!(ids(&store, &NETWORK_IXLAN).await, [1, 2]);
    assert!(!run(&store, &source).await.changed());
    assert!(Source::directory(place.join("nowhere")).is_err());

    fs::rename(place.join("netixlan/page-2.json"), place.join("netixlan/page-3.json")).unwrap();
    assert!(run(&store, &source).await.failure().contains("page 2 is missing"));
    fs::remove_file(place.join("poc-0.json")).unwrap();
    fs::write(place.join("net.json"), "{\"data\": [").unwrap();
    let failure = run(&store, &source).await.failure();
    assert!(failure.contains("net: The answer cannot be read") && failure.contains("poc: "), "{failure}");
}

pub async fn a_missing_row_of_a_whole_file_is_deleted_but_not_half_of_them(store: Store) {
    let directory = tempfile::tempdir().unwrap();
    let source = Source::directory(directory.path()).unwrap();
    let mut tables = world();
    for id in 3..=9 {
        tables.get_mut("net").unwrap().insert(id, net(id, 50, 1_000_000 + id));
    }
    write_all(directory.path(), &tables);
    run(&store, &source).await;
    tables.get_mut("net").unwrap().remove(&9);
    write_all(directory.path(), &tables);
    let report = run(&store, &source).await;
    assert_eq!((report.deleted(), ids(&store, &NETWORK).await.len()), (1, 8));
    // what changed since some day, or a cut-off file, is not a reason to delete the rest
    tables.get_mut("net").unwrap().retain(|id, _| *id < 3);
    write_all(directory.path(), &tables);
    let report = run(&store, &source).await;
    assert_eq!((report.deleted(), ids(&store, &NETWORK).await.len()), (0, 8));
    let remark = report.types.iter().find_map(|of| of.remark.clone()).unwrap();
    assert!(remark.contains("6 of 8 cached rows are not in the answer"), "{remark}");
    // an answer that is larger than what is left of the cache is whole, whatever it misses of that
    tables.get_mut("net").unwrap().remove(&2);
    for id in 30..=50 {
        tables.get_mut("net").unwrap().insert(id, net(id, 60, 1_000_000 + id));
    }
    write_all(directory.path(), &tables);
    run(&store, &source).await;
    assert_eq!(ids(&store, &NETWORK).await.len(), 22);
}

pub async fn real_rows_are_taken(store: Store) {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/peeringdb/2026-04-beta-first500");
    if !place.is_dir() {
        eprintln!("skipped: {} is not here", place.display());
        return;
    }
    let source = Source::directory(&place).unwrap();
    let report = run(&store, &source).await;
    assert_eq!(report.failure(), "");
    for (of, (namespace, _)) in report.types.iter().zip(NAMESPACES) {
        let status = state(&store, namespace).await;
        assert_eq!(status.rows + status.rejected, of.received as u64, "{namespace}");
        println!("{namespace}: {status:?}");
    }
    let orphans_only =
        rows(&store, &REJECTED).await.iter().all(|row| row.text("reason").ends_with("not in the cache."));
    assert!(orphans_only);
    // the lists are cut: a network stands without its organisation, a presence not without its network
    let (networks, presences) = (state(&store, "net").await, state(&store, "netfac").await);
    assert_eq!((networks.rows, networks.rejected, networks.partly > 0), (500, 0, true));
    assert!(presences.rejected > 0);
    assert!(!run(&store, &source).await.changed());
}
