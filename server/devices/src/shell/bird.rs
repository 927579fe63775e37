//! BIRD: one file of ours beside the rest, checked and applied by `birdc`. BIRD has a timer of its own (`configure
//! timeout`), which takes the daemon back but not the file; and it reads the file where it lies. So the new file is in
//! place only while BIRD reads it: for the check, and for the timed configure. It stays there once it is confirmed. The
//! process on the device watches over both.

use super::{Dialect, Places, script, status};
use crate::{
    Capabilities, DeviceError, Facts, Platform,
    device::{Support, Timer, Validation},
    transport::Output,
};

pub(super) struct Bird {
    pub places: Places,
}

impl Bird {
    fn birdc(&self, command: &str) -> String {
        // sbin is not in the path of every login, `sudo` looks for itself
        format!("{}birdc '{command}'", if self.places.sudo { "sudo -n " } else { "" })
    }

    fn files(&self) -> String {
        script::files(&self.places.file, self.places.sudo)
    }

    /// Run a `birdc configure …` with the new file in place, then put the former one back whatever happened.
    fn swapped(&self, command: &str) -> String {
        format!(
            r#"{}
trap 'unswap; exit 1' HUP INT TERM
swap || {{ unswap; exit 1; }}
o=$({command} 2>&1)
unswap || exit 1
trap - HUP INT TERM
echo "$o""#,
            self.files()
        )
    }
}

/// What `$o` must say for a configuration that was taken.
const TAKEN: &str = r#"echo "$o"
case $o in *Reconfigured*|*'econfiguration in progress'*) exit 0;; *) exit 1;; esac"#;

impl Dialect for Bird {
    fn platform(&self) -> Platform {
        Platform::Bird
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            merge: Support::None,
            replace: Support::Emulated,
            diff: Support::Emulated,
            validate: Validation::Semantic,
            lock: Support::Emulated,
            timer: Timer::Native { shortest: 1, longest: 86_400, step: 1 },
            roll_back: Support::Emulated,
            neighbours: Support::Native,
        }
    }

    fn running(&self) -> String {
        script::print_file(&self.places.file, self.places.sudo)
    }

    fn keep(&self) -> String {
        // A timed configure that someone began by hand would be ended by ours. (Old releases do not know the question.)
        format!(
            r#"o=$({} 2>/dev/null)
case $o in *unconfirmed*)
  echo "by-hand $(echo "$o" | sed -n 's/.*undo in \([0-9]*\).*/\1/p')"
  rm -rf "$P"
  exit {};;
esac
{}"#,
            self.birdc("configure status"),
            status::OTHER_PENDING,
            script::keep_file(&self.places.file, self.places.sudo)
        )
    }

    fn validate(&self) -> String {
        format!(
            "{}\ncase $o in *'Configuration OK'*) exit 0;; *) exit 1;; esac",
            self.swapped(&self.birdc("configure check"))
        )
    }

    fn invalid(&self, output: &Output) -> DeviceError {
        invalid(output, &self.places.file)
    }

    fn diff(&self) -> Option<String> {
        None
    }

    fn apply(&self) -> String {
        // our connection may end meanwhile: what is begun here is ended here
        format!(
            r#"{}
swap || {{ unswap; exit 1; }}
o=$({}birdc "configure timeout $(cat "$P/left")" 2>&1)
unswap || exit 1
{TAKEN}"#,
            self.files(),
            if self.places.sudo { "sudo -n " } else { "" }
        )
    }

    fn revert(&self) -> String {
        // when BIRD was faster, this configures what runs already
        format!("{}\nunswap || exit 1\no=$({} 2>&1)\n{TAKEN}", self.files(), self.birdc("configure"))
    }

    fn persist(&self) -> String {
        format!(
            r#"o=$({} 2>&1)
echo "$o"
case $o in *'econfiguration confirmed'*) ;; *) exit {};; esac
{}
swap"#,
            self.birdc("configure confirm"),
            status::UNDONE,
            self.files()
        )
    }

    fn facts(&self) -> String {
        self.birdc("show status")
    }

    fn read_facts(&self, printed: &str) -> Facts {
        let version = printed.lines().find(|l| l.starts_with("BIRD ")).unwrap_or("").trim_end_matches(" ready.");
        let hostname = printed.lines().find_map(|l| l.strip_prefix("Hostname is ")).map(|n| n.trim().to_owned());
        Facts { platform: Platform::Bird, version: version.to_owned(), hostname }
    }

    fn neighbours(&self) -> Vec<String> {
        // one command, so that both are of the same moment
        vec![format!("{} && {}", self.birdc("show status"), self.birdc("show protocols all"))]
    }
}

/// `/etc/bird/peers.d/ixp.conf:12:5 syntax error, unexpected …`. BIRD tells every fault with its place.
fn invalid(output: &Output, file: &str) -> DeviceError {
    let said = format!("{}\n{}", output.stdout, output.stderr);
    let found = said.lines().find_map(|l| {
        let at = l.find(".conf:").or_else(|| l.find(file).map(|i| i + file.len().saturating_sub(".conf".len())))?;
        let rest = &l[at..];
        let mut parts = rest.splitn(4, ':').skip(1);
        let line = parts.next()?.trim().parse::<u32>().ok()?;
        let more = parts.next().unwrap_or("");
        let words = more.split_once(' ').map_or(more, |(_, words)| words).to_owned()
            + parts.next().map(|p| format!(":{p}")).unwrap_or_default().as_str();
        Some((line, words))
    });
    match found {
        Some((line, words)) if words.contains("syntax error") => {
            // the error says already what kind it is
            DeviceError::Syntax {
                line: Some(line),
                words: DeviceError::words(words.trim_start_matches("syntax error").trim_start_matches(',')),
            }
        }
        Some((line, words)) => DeviceError::Semantic { words: DeviceError::words(&format!("line {line}: {words}")) },
        None => {
            let noise = |l: &&str| !l.starts_with("BIRD ") && !l.starts_with("Reading configuration from");
            DeviceError::Semantic {
                words: DeviceError::words(&said.lines().filter(noise).collect::<Vec<_>>().join("\n")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_have_their_place() {
        let said = |text: &str| Output { status: 1, stdout: text.into(), stderr: String::new() };
        let syntax = invalid(
            &said(
                "BIRD 2.0.12 ready.\nReading configuration from /etc/bird/bird.conf\n/etc/bird/peers.d/ixp.conf:12:5 syntax error, unexpected '}'\n",
            ),
            "/etc/bird/peers.d/ixp.conf",
        );
        assert!(
            matches!(&syntax, DeviceError::Syntax { line: Some(12), words } if words == "unexpected '}'"),
            "{syntax:?}"
        );
        let meaning =
            invalid(&said("/etc/bird/peers.d/ixp.conf:3:1 No such filter: x\n"), "/etc/bird/peers.d/ixp.conf");
        assert!(
            matches!(&meaning, DeviceError::Semantic { words } if words == "line 3: No such filter: x"),
            "{meaning:?}"
        );
    }
}
