//! FRR: the whole configuration by `frr-reload.py`, which makes the running daemons equal to a file and can say beforehand
//! what it would do. It is not atomic: a mistake of meaning shows in the middle, and then what came before has taken
//! effect, so the push goes back at once. The boot file is written by `write memory` when the push is confirmed.

use super::{Dialect, Places, status};
use crate::{
    Capabilities, DeviceError, Diff, Facts, Platform,
    device::{Support, Timer, Validation},
    transport::Output,
};

pub(super) struct Frr {
    pub places: Places,
}

impl Frr {
    fn sudo(&self) -> &'static str {
        if self.places.sudo { "sudo -n " } else { "" }
    }

    fn vtysh(&self, command: &str) -> String {
        format!("{}vtysh -c '{command}'", self.sudo())
    }

    fn reload(&self, mode: &str, file: &str) -> String {
        // Debian and the project's own packages put it into lib, others into libexec. It writes the boot file after every
        // reload, unless the file that it is given is the boot file: so it is given a folder of ours as /etc/frr.
        format!(
            r#"C="$P/{file}.d"
mkdir -p "$C" && cp "$P/{file}" "$C/frr.conf" || exit 1
cp /etc/frr/vtysh.conf "$C" 2>/dev/null
R=/usr/lib/frr/frr-reload.py
[ -e $R ] || R=/usr/libexec/frr/frr-reload.py
[ -e $R ] || {{ echo "frr-reload.py is missing on the device: install frr-pythontools" >&2; exit {}; }}
{}$R {mode} --confdir "$C" --stdout "$C/frr.conf""#,
            status::NO_TOOLS,
            self.sudo()
        )
    }
}

impl Dialect for Frr {
    fn platform(&self) -> Platform {
        Platform::Frr
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            merge: Support::None,
            replace: Support::Emulated,
            diff: Support::Native,
            validate: Validation::Syntax,
            lock: Support::Emulated,
            timer: Timer::DeadMan,
            roll_back: Support::Emulated,
            neighbours: Support::Native,
        }
    }

    fn running(&self) -> String {
        self.vtysh("show running-config")
    }

    /// Without the two lines of greeting.
    fn tidy(&self, running: String) -> String {
        tidy(&running)
    }

    fn keep(&self) -> String {
        format!(
            r#"{} >"$P/printed" || {{ cat "$P/printed"; exit 1; }}
sed -e '/^Building configuration\.\.\./d' -e '/^Current configuration:/d' "$P/printed" >"$P/before""#,
            self.running()
        )
    }

    fn validate(&self) -> String {
        format!("{}vtysh -C -f \"$P/new\"", self.sudo())
    }

    fn invalid(&self, output: &Output) -> DeviceError {
        invalid(output)
    }

    fn diff(&self) -> Option<String> {
        Some(self.reload("--test", "new"))
    }

    fn read_diff(&self, printed: &str, running: &str) -> Diff {
        read_diff(printed, running)
    }

    fn apply(&self) -> String {
        self.reload("--reload", "new")
    }

    fn revert(&self) -> String {
        format!(
            r#"{}
r=$?
if [ "$(cat "$P/verdict" 2>/dev/null)" = confirmed ]; then {} >/dev/null; fi
exit $r"#,
            self.reload("--reload", "before"),
            self.vtysh("write memory")
        )
    }

    fn persist(&self) -> String {
        format!(
            r#"o=$({} 2>&1) || {{ echo "$o"; exit 1; }}
echo "$o"
case $o in *'[OK]'*) exit 0;; *) exit 1;; esac"#,
            self.vtysh("write memory")
        )
    }

    fn facts(&self) -> String {
        self.vtysh("show version")
    }

    fn read_facts(&self, printed: &str) -> Facts {
        // `FRRouting 8.4.4 (r1) on Linux(6.18.44).`
        let first = printed.lines().find(|l| l.starts_with("FRR")).unwrap_or("");
        let (version, rest) = first.split_once(" (").unwrap_or((first, ""));
        let hostname = rest.split_once(')').map(|(name, _)| name.to_owned()).filter(|n| !n.is_empty());
        Facts { platform: Platform::Frr, version: version.trim_end_matches('.').to_owned(), hostname }
    }

    fn neighbours(&self) -> Vec<String> {
        vec![self.vtysh("show bgp vrf all summary json"), self.vtysh("show bgp vrf all neighbors json")]
    }
}

fn tidy(running: &str) -> String {
    let lines = running
        .lines()
        .filter(|l| !l.starts_with("Building configuration...") && !l.starts_with("Current configuration:"));
    let mut text: String = lines.flat_map(|l| [l, "\n"]).collect();
    let start = text.len() - text.trim_start_matches('\n').len();
    text.drain(..start);
    text
}

/// `line 22: % Unknown command[25]: neighbour …` from `vtysh -C`; `Failure to communicate[13] to bgpd, line: …` and `% …`
/// from a reload.
fn invalid(output: &Output) -> DeviceError {
    let said = format!("{}\n{}", output.stdout, output.stderr);
    let numbered = said.lines().find_map(|l| {
        let rest = l.trim().strip_prefix("line ")?;
        let (number, words) = rest.split_once(':')?;
        Some((number.trim().parse::<u32>().ok()?, words.trim().to_owned()))
    });
    if let Some((line, words)) = numbered
        .clone()
        .filter(|(_, w)| w.contains("Unknown command") || w.contains("Ambiguous") || w.contains("incomplete"))
    {
        return DeviceError::Syntax { line: Some(line), words: DeviceError::words(&words) };
    }
    // a reload says each fault several times, and numbers the lines of a file of its own
    let mut faults: Vec<String> = Vec::new();
    for line in said.lines().map(str::trim) {
        let words = match line.split_once("Failure to communicate") {
            Some((_, rest)) => match rest.split_once("line:") {
                Some((_, refused)) => format!("refused: {}", refused.trim()),
                None => line.to_owned(),
            },
            None if line.starts_with('%')
                || line.starts_with("BGP is already running")
                || line.contains("is missing on the device")
                || line.starts_with("line ") =>
            {
                line.to_owned()
            }
            None => continue,
        };
        if !faults.contains(&words) && faults.len() < 6 {
            faults.push(words);
        }
    }
    let words = if faults.is_empty() { output.stderr.clone() } else { faults.join("\n") };
    DeviceError::Semantic { words: DeviceError::words(&words) }
}

/// What `frr-reload.py --test` prints: under `Lines To Delete` and `Lines To Add` entries of which all but the last line
/// are context. An entry that deletes a whole block counts the lines of the block, which are found in the running text. What goes
/// is told under `Lines To Add` as well: static routes are added as `no ip route …`.
fn read_diff(printed: &str, running: &str) -> Diff {
    let runs = |line: &str| running.lines().any(|one| one.trim() == line);
    let mut text = String::new();
    let mut added = 0;
    let mut removed_lines = Vec::new();
    for (title, deleting) in [("Lines To Delete", true), ("Lines To Add", false)] {
        let Some(start) = printed.lines().position(|l| l.trim() == title) else { continue };
        let section: Vec<&str> = printed
            .lines()
            .skip(start + 1)
            .skip_while(|l| l.starts_with('='))
            .take_while(|l| !l.starts_with("Lines To "))
            .collect();
        let mut context: Vec<&str> = Vec::new();
        for entry in entries(&section) {
            let Some((change, around)) = entry.split_last() else { continue };
            if around != context {
                around.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
                context = around.to_vec();
            }
            let body = change.trim_start();
            let takes_away =
                || body.strip_prefix("no ").is_some_and(|line| runs(line.trim_end()) && !runs(body.trim_end()));
            if !deleting && !takes_away() {
                text.push_str(&format!("+ {change}\n"));
                added += 1;
                continue;
            }
            let indent = &change[..change.len() - body.len()];
            let line = format!("{indent}{}", body.strip_prefix("no ").unwrap_or(body));
            let block = if around.is_empty() { block(running, &line) } else { Vec::new() };
            text.push_str(&format!("- {line}\n"));
            removed_lines.push(line);
            for line in block {
                text.push_str(&format!("- {line}\n"));
                removed_lines.push(line.to_owned());
            }
        }
    }
    Diff { text, by_device: true, added, removed: removed_lines.len(), removed_lines }
}

/// Split into entries: each begins at the margin, its other lines are indented deeper and deeper.
fn entries<'a>(lines: &[&'a str]) -> Vec<Vec<&'a str>> {
    let mut out: Vec<Vec<&str>> = Vec::new();
    for line in lines.iter().filter(|l| !l.trim().is_empty() && l.trim() != "!" && l.trim() != "exit") {
        // log lines have a date in front
        if line.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        match out.last_mut() {
            Some(entry) if line.starts_with(' ') => entry.push(line),
            _ => out.push(vec![line]),
        }
    }
    out
}

/// The lines of a block of the running configuration, without its first and its end.
fn block<'a>(running: &'a str, first: &str) -> Vec<&'a str> {
    let mut lines = running.lines().skip_while(|l| l.trim_end() != first);
    if lines.next().is_none() {
        return Vec::new();
    }
    lines
        .take_while(|l| l.starts_with(' '))
        .filter(|l| !matches!(l.trim(), "!" | "exit" | "exit-address-family" | "exit-vrf"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dry_run_becomes_a_diff() {
        let printed = "\nLines To Delete\n===============\nrouter bgp 64500\n no neighbor 192.0.2.1 remote-as 64501\nno route-map OLD permit 10\n\nLines To Add\n============\nrouter bgp 64500\n neighbor 192.0.2.2 remote-as 64502\nrouter bgp 64500\n address-family ipv4 unicast\n  neighbor 192.0.2.2 activate\n";
        let running =
            "frr version 8.4\n!\nroute-map OLD permit 10\n match ip address prefix-list X\n set metric 3\nexit\n!\n";
        let diff = read_diff(printed, running);
        assert_eq!((diff.added, diff.removed), (2, 4));
        assert_eq!(
            diff.text,
            "  router bgp 64500\n-  neighbor 192.0.2.1 remote-as 64501\n- route-map OLD permit 10\n-  match ip address prefix-list X\n-  set metric 3\n  router bgp 64500\n+  neighbor 192.0.2.2 remote-as 64502\n  router bgp 64500\n   address-family ipv4 unicast\n+   neighbor 192.0.2.2 activate\n"
        );
        assert!(read_diff("", running).is_empty());
    }

    #[test]
    fn a_static_route_that_goes_is_no_line_that_comes() {
        let printed = "Lines To Add\n============\nno ip route 192.0.2.0/24 blackhole\nrouter bgp 64500\n no bgp network import-check\n";
        let running = "ip route 192.0.2.0/24 blackhole\nrouter bgp 64500\n no bgp default ipv4-unicast\n";
        let diff = read_diff(printed, running);
        assert_eq!((diff.added, diff.removed, diff.foreign_removed(None)), (1, 1, 1));
        assert!(diff.text.starts_with("- ip route 192.0.2.0/24 blackhole\n"), "{}", diff.text);
        assert!(diff.text.contains("+  no bgp network import-check\n"), "{}", diff.text);
    }

    #[test]
    fn a_syntax_error_has_its_line() {
        let output = Output {
            status: 2,
            stdout: "line 22: % Unknown command[25]:  neighbour 192.0.2.1 password hunter2\n".into(),
            stderr: String::new(),
        };
        match invalid(&output) {
            DeviceError::Syntax { line: Some(22), words } => assert!(!words.contains("hunter2"), "{words}"),
            other => panic!("{other:?}"),
        }
    }
}
