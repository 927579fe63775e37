//! A disk that is full, and then is not: a small one in memory, which only root can make.

use crate::{
    consistency::{Known, holds},
    running::{Installation, eventually},
};
use serde_json::json;
use std::{fs, io::Write, path::PathBuf, process::Command, time::Duration};

/// A mounted folder; gone when it is dropped.
struct Disk(PathBuf);

impl Disk {
    fn of(size: &str) -> Option<Self> {
        let folder = std::env::temp_dir().join(format!("peerage_disk_{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let options = format!("size={size}");
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&folder).output();
        if done.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder));
        }
        fs::remove_dir(&folder).unwrap();
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
        let _ = fs::remove_dir(&self.0);
    }
}

#[test]
fn a_full_disk_is_told_and_writing_goes_on_when_there_is_room() {
    let Some(disk) = Disk::of("12m") else {
        eprintln!("SKIPPED: a small disk cannot be mounted; only root can");
        return;
    };
    // key and log lie on it as well
    let installation = Installation::sqlite_in(disk.0.join("peerage")).with_administrator();
    let server = installation.serve(&["--log", "debug"]);
    let mut known = Known::default();
    let mut save = |slug: String, letters: usize| {
        let fields = json!({"name": slug, "slug": slug, "description": "x".repeat(letters)});
        let answer = server.call("records/save", &json!({"edit": {"type": "extras.tag", "fields": fields}})).unwrap();
        if answer.status == 200 {
            known.told.insert(slug.clone(), Some(slug));
        } else {
            known.told.insert(slug, None);
        }
        answer
    };
    assert_eq!(save("before".to_owned(), 10).status, 200);

    let filler = disk.0.join("filler");
    let mut file = fs::File::create(&filler).unwrap();
    while file.write_all(&[0; 4096]).is_ok() {}
    drop(file);
    let refusals: Vec<_> =
        (0..60).map(|number| save(format!("full-{number}"), 200)).filter(|answer| answer.status != 200).collect();
    assert!(refusals.len() > 20, "the disk was not full: {refusals:?}");
    for refusal in &refusals {
        assert_eq!((refusal.status, &refusal.json()["label"]), (507, &json!("storage-full")), "{refusal:?}");
    }
    // reading goes on
    let list = json!({"request": {"type": "extras.tag"}});
    assert_eq!(server.call("records/list", &list).unwrap().status, 200);
    assert_eq!(server.get("/health").unwrap().status, 200);

    fs::remove_file(&filler).unwrap();
    eventually("writing goes on", Duration::from_secs(5), || save("after".to_owned(), 10).status == 200);
    for number in 0..20 {
        assert_eq!(save(format!("later-{number}"), 200).status, 200);
    }
    holds(&installation, &known);
    drop(server);
    holds(&installation, &known);
    // too little room is left on so small a disk for a good word, but the database is sound
    let output = installation.run(&["check"]);
    let report = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(report.contains("this version's schema") && report.matches("BAD").count() == 1, "{report}");
    assert!(report.contains("BAD   disk"), "{report}");
}
