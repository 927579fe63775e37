//! OpenBGPD, the portable one: one file of ours, included by the main one. `bgpd -n` checks, `bgpctl reload` applies, and
//! both read the file where it lies, so the new file is in place only while they read it, and for good once it is
//! confirmed. `bgpctl reload` of a faulty file keeps the old configuration and still ends with status 0: its words are read.

use super::{Dialect, Places, script};
use crate::{
    Capabilities, DeviceError, Facts, Platform,
    device::{Support, Timer, Validation},
    transport::{Output, quote},
};

pub(super) struct OpenBgpd {
    pub places: Places,
}

impl OpenBgpd {
    fn sudo(&self) -> &'static str {
        if self.places.sudo { "sudo -n " } else { "" }
    }

    fn files(&self) -> String {
        script::files(&self.places.file, self.places.sudo)
    }

    /// Reload, and say whether it was taken.
    fn reload(&self) -> String {
        format!("o=$({}bgpctl reload 2>&1)", self.sudo())
    }
}

/// What `$o` must say.
const TAKEN: &str = r#"echo "$o"
case $o in
*failed*|*error*) exit 1;;
*'request processed'*) exit 0;;
*) exit 1;;
esac"#;

impl Dialect for OpenBgpd {
    fn platform(&self) -> Platform {
        Platform::OpenBgpd
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            merge: Support::None,
            replace: Support::Emulated,
            diff: Support::Emulated,
            validate: Validation::Semantic,
            lock: Support::Emulated,
            timer: Timer::DeadMan,
            roll_back: Support::Emulated,
            neighbours: Support::Native,
        }
    }

    fn running(&self) -> String {
        script::print_file(&self.places.file, self.places.sudo)
    }

    fn keep(&self) -> String {
        script::keep_file(&self.places.file, self.places.sudo)
    }

    fn validate(&self) -> String {
        format!(
            r#"{}
trap 'unswap; exit 1' HUP INT TERM
swap || {{ unswap; exit 1; }}
{}bgpd -n -f {}
r=$?
unswap || exit 1
exit $r"#,
            self.files(),
            self.sudo(),
            quote(&self.places.main_file)
        )
    }

    fn invalid(&self, output: &Output) -> DeviceError {
        invalid(output)
    }

    fn diff(&self) -> Option<String> {
        None
    }

    fn apply(&self) -> String {
        format!("{}\nswap || {{ unswap; exit 1; }}\n{}\nunswap || exit 1\n{TAKEN}", self.files(), self.reload())
    }

    fn revert(&self) -> String {
        format!("{}\nunswap || exit 1\n{}\n{TAKEN}", self.files(), self.reload())
    }

    fn persist(&self) -> String {
        format!("{}\nswap", self.files())
    }

    fn facts(&self) -> String {
        // -V prints to stderr in some releases
        format!("bgpd -V 2>&1; hostname 2>/dev/null; {}bgpctl show summary >/dev/null", self.sudo())
    }

    fn read_facts(&self, printed: &str) -> Facts {
        let mut lines = printed.lines();
        let version = lines.next().unwrap_or("").trim().to_owned();
        Facts { platform: Platform::OpenBgpd, version, hostname: lines.next().map(|n| n.trim().to_owned()) }
    }

    fn neighbours(&self) -> Vec<String> {
        vec![format!("{}bgpctl -j show neighbor", self.sudo())]
    }
}

/// `/etc/openbgpd/peers.conf:3: syntax error`, on stderr.
fn invalid(output: &Output) -> DeviceError {
    let said = format!("{}\n{}", output.stderr, output.stdout);
    let found = said.lines().find_map(|l| {
        let mut parts = l.splitn(3, ':');
        let file = parts.next()?;
        let line = parts.next()?.trim().parse::<u32>().ok()?;
        file.contains('/').then(|| (line, parts.next().unwrap_or("").trim().to_owned()))
    });
    match found {
        Some((line, words)) if words.contains("syntax error") => DeviceError::Syntax {
            line: Some(line),
            words: DeviceError::words(words.trim_start_matches("syntax error").trim_start_matches(',')),
        },
        Some((line, words)) => DeviceError::Semantic { words: DeviceError::words(&format!("line {line}: {words}")) },
        None => DeviceError::Semantic { words: DeviceError::words(&said) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_their_place() {
        let said = |text: &str| Output { status: 1, stdout: String::new(), stderr: text.into() };
        assert!(matches!(
            invalid(&said("/etc/openbgpd/peers.conf:3: syntax error\n")),
            DeviceError::Syntax { line: Some(3), .. }
        ));
        assert!(matches!(invalid(&said("/etc/bgpd.conf:9: group must be set\n")), DeviceError::Semantic { .. }));
    }
}
