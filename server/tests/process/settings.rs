use crate::running::{Installation, KEY};
use std::fs;

#[test]
fn settings_come_from_the_file_that_check_names() {
    let installation = Installation::sqlite().with_administrator();
    let file = installation.folder.join("peerage.toml");
    fs::write(&file, "# ours\nlisten = \"127.0.0.1:0\"\nmetrics-public = true\n").unwrap();
    let config = file.to_str().unwrap();
    let report = installation.expect(&["check", "--config", config]);
    assert!(report.contains(&format!("{config} is read")), "{report}");
    assert!(report.contains("127.0.0.1:0"), "{report}");
    let server = installation.serve(&["--config", config]);
    let answer = server.send("GET /metrics HTTP/1.1", "").unwrap();
    assert!(answer.status == 200 && answer.head.contains("text/plain; version=0.0.4"), "{answer:?}");
    let text = answer.body;
    assert!(text.contains("process_resident_memory_bytes ") && !text.contains(KEY), "{text}");
    drop(server);

    fs::write(&file, "\nlissen = \"127.0.0.1:0\"\n").unwrap();
    let output = installation.run(&["migrate", "--config", config]);
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        words.starts_with(&format!("peerage: {config}, line 2: there is no setting lissen. The nearest is listen.")),
        "{words}"
    );
    installation.finish();
}
