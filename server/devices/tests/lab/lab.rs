//! The lab as tests have it: real daemons in network namespaces, in `shared/lab` beside the checkout. Those of the server look at
//! it as well.

use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

pub struct Lab {
    script: PathBuf,
    /// Tells labs apart that are up at the same time.
    id: &'static str,
    info: Value,
}

impl Lab {
    /// The lab, started; `None`, with a line that says why, where there cannot be one. It goes down with the last who has it.
    pub fn up(id: &'static str) -> Option<Arc<Lab>> {
        let beside = |folder: &Path| folder.join("shared/lab/lab.sh");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(beside).find(|script| script.exists());
        let Some(script) = script else {
            println!("SKIPPED: the lab is not here (shared/lab beside the checkout)");
            return None;
        };
        if !Command::new("unshare").args(["--net", "--mount", "true"]).output().is_ok_and(|o| o.status.success()) {
            println!("SKIPPED: no network namespaces for this user, so no lab");
            return None;
        }
        let run = |verb: &str| Command::new(&script).arg(verb).env("LAB_ID", id).output().unwrap();
        run("down");
        let up = run("up");
        assert!(up.status.success(), "the lab does not come up: {}", String::from_utf8_lossy(&up.stderr));
        let info = serde_json::from_slice(&up.stdout).unwrap();
        Some(Arc::new(Lab { script, id, info }))
    }

    pub fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new(&self.script).args(arguments).env("LAB_ID", self.id).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Run a shell command inside a node.
    pub fn inside(&self, node: &str, script: &str) -> String {
        self.run(&["exec", node, "sh", "-c", script])
    }

    pub fn example(&self, file: &str) -> String {
        std::fs::read_to_string(self.script.with_file_name("examples").join(file)).unwrap()
    }

    pub fn text(&self, name: &str) -> String {
        self.info[name].as_str().unwrap().to_owned()
    }

    pub fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.text(name)).unwrap()
    }

    pub fn host(&self, node: &str) -> String {
        self.info["nodes"][node]["ssh"].as_str().unwrap().trim_end_matches(":22").to_owned()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.run(&["down"]);
    }
}
