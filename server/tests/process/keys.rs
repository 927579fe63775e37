use crate::running::{Installation, Server, eventually};
use serde_json::json;
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

const SECRET: &str = "correct horse battery";

fn beside(installation: &Installation) -> PathBuf {
    installation.folder.join("key.new")
}

fn old_keys(installation: &Installation) -> Vec<PathBuf> {
    let files = fs::read_dir(&installation.folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.display().to_string().contains("key.old-")).collect()
}

/// As the product leaves a key.
fn put(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, PermissionsExt::from_mode(0o600)).unwrap();
}

/// Whether a secret could be written.
fn save_router(server: &Server, name: &str) -> u16 {
    let fields = json!({"name": name, "hostname": format!("{name}.example"), "napalm_password": SECRET,
        "local_autonomous_system": 1});
    let answer = server.call("records/save", &json!({"edit": {"type": "devices.router", "fields": fields}})).unwrap();
    assert!(answer.status == 200 || answer.status == 503, "{answer:?}");
    answer.status
}

fn with_secrets(installation: Installation) -> Installation {
    let installation = installation.with_administrator();
    let server = installation.serve(&[]);
    let fields = json!({"asn": 64500, "name": "Ours", "affiliated": true});
    let answer =
        server.call("records/save", &json!({"edit": {"type": "peering.autonomoussystem", "fields": fields}})).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(save_router(&server, "edge-1"), 200);
    installation
}

fn opens(installation: &Installation) {
    let report = installation.expect(&["check"]);
    assert!(report.contains("the key opens them"), "{report}");
}

pub fn a_lost_key_is_not_replaced_while_there_are_secrets(installation: Installation) {
    let installation = with_secrets(installation);
    let file = installation.key_file();
    let key = fs::read_to_string(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let refusal = installation.run(&["migrate"]);
    let words = String::from_utf8_lossy(&refusal.stderr);
    assert!(!refusal.status.success() && words.contains("Put it back"), "{words}");
    assert!(!file.exists(), "nothing was put in its place");
    put(&file, &key);
    opens(&installation);
}

pub fn a_change_of_key_that_was_killed_is_ended_by_whoever_opens_next(installation: Installation) {
    let installation = with_secrets(installation);
    let file = installation.key_file();
    let old = fs::read_to_string(&file).unwrap();

    // killed before the commit: there is a key that nothing is sealed with
    let prepared = "ab".repeat(32);
    put(&beside(&installation), &prepared);
    opens(&installation);
    assert_eq!(fs::read_to_string(&file).unwrap(), old);
    let printed = installation.expect(&["key", "rotate"]);
    assert!(printed.starts_with("1 secrets are sealed"), "{printed}");
    assert_eq!(fs::read_to_string(&file).unwrap(), prepared);
    assert_eq!(fs::read_to_string(&old_keys(&installation)[0]).unwrap(), old);
    assert!(!beside(&installation).exists());
    opens(&installation);

    // killed after the commit: before the old key is kept, and after
    for kept in [false, true] {
        let before = fs::read_to_string(&file).unwrap();
        old_keys(&installation).iter().for_each(|path| fs::remove_file(path).unwrap());
        installation.expect(&["key", "rotate"]);
        let after = fs::read_to_string(&file).unwrap();
        assert_ne!(before, after);
        put(&file, &before);
        put(&beside(&installation), &after);
        if !kept {
            old_keys(&installation).iter().for_each(|path| fs::remove_file(path).unwrap());
        }
        let report = installation.expect(&["check"]);
        assert!(report.contains("a change of key was interrupted"), "{report}");
        assert_eq!(fs::read_to_string(&file).unwrap(), before, "check changes nothing");
        installation.expect(&["migrate"]);
        assert_eq!(fs::read_to_string(&file).unwrap(), after);
        assert!(old_keys(&installation).iter().any(|path| fs::read_to_string(path).unwrap() == before));
        opens(&installation);
    }

    // the wrong key file is told, by name
    put(&file, &old);
    let output = installation.run(&["check"]);
    assert!(!output.status.success() && String::from_utf8_lossy(&output.stdout).contains("put that file at"));
    installation.finish();
}

pub fn a_running_server_goes_on_with_the_new_key(installation: Installation) {
    let installation = with_secrets(installation);
    let server = installation.serve(&[]);
    assert_eq!(save_router(&server, "edge-2"), 200);
    let printed = installation.expect(&["key", "rotate"]);
    assert!(printed.starts_with("2 secrets are sealed"), "{printed}");
    let mut number = 2;
    eventually("it takes the new key", Duration::from_secs(15), || {
        number += 1;
        save_router(&server, &format!("edge-{number}")) == 200
    });
    drop(server);
    opens(&installation);
    let sealed = installation.texts("SELECT napalm_password FROM devices_router WHERE napalm_password IS NOT NULL");
    let prefixes: std::collections::HashSet<&str> = sealed.iter().map(|text| &text[..12]).collect();
    assert_eq!((sealed.len() >= 3, prefixes.len()), (true, 1), "{prefixes:?}");
    assert!(!installation.log().contains(SECRET));
    installation.finish();
}
