//! The scripts that make a push safe on a device with nothing but a POSIX shell, util-linux and coreutils. They use no
//! bashisms; what they print is read by [`super`].

use super::status;
use crate::{PushId, transport::quote};
use std::time::Duration;

/// Messages in English, sbin in the path (a login over SSH often lacks it), and nobody else reads our files.
const PRELUDE: &str = "umask 077\nLC_ALL=C; export LC_ALL\nPATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export PATH\n";

/// A script that belongs to no push.
pub(super) fn plain(body: &str) -> String {
    format!("{PRELUDE}exec </dev/null\n{body}\n")
}

/// A script with the folder of a push in `$P`. The folder above is trusted only when it is ours: /var/tmp is everyone's.
pub(super) fn of_push(push: &PushId, body: &str) -> String {
    format!(
        r#"{PRELUDE}S=/var/tmp/peerage-$(id -u); I={}; P=$S/push-$I
mkdir -m 700 "$S" 2>/dev/null
{{ [ -d "$S" ] && [ ! -L "$S" ] && [ -O "$S" ]; }} || exit {}
{body}
"#,
        quote(push.as_str()),
        status::NO_FOLDER
    )
}

/// For a push that must have been loaded.
pub(super) fn with_push(body: &str) -> String {
    format!("exec </dev/null\n[ -d \"$P\" ] || exit {}\n{body}", status::UNKNOWN)
}

/// Hold the lock as long as our connection lives. Refused while another holds it, and while an unconfirmed push waits. The
/// one line on stdout means success; refusals are told on stderr.
pub(super) fn lock(push: &PushId) -> String {
    format!(
        r#"for t in flock sha256sum sleep ln; do command -v $t >/dev/null || {{ echo "$t is missing on the device" >&2; exit {no_tools}; }}; done
exec 9>>"$S/lock" || exit {no_folder}
flock -n 9 || {{ {{ cat "$S/owner" 2>/dev/null || echo another push; }} >&2; exit {locked}; }}
exec 8>>"$S/timer"
c=$(cat "$S/current" 2>/dev/null)
# a timer that was just decided needs a second to notice
flock -n 8 || {{ [ -e "$S/push-$c/verdict" ] && flock -w 10 8; }} || {{ echo "${{c:-unknown}} $(cat "$S/push-$c/left" 2>/dev/null)" >&2; exit {pending}; }}
exec 8>&-
echo "push {push} since $(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$S/owner"
echo locked
cat >/dev/null
rm -f "$S/owner""#,
        no_tools = status::NO_TOOLS,
        no_folder = status::NO_FOLDER,
        locked = status::LOCKED,
        pending = status::OTHER_PENDING,
    )
}

/// Take the text from stdin, compare its hash, keep what is there now. Texts of former pushes go, they hold secrets; what
/// became of those pushes stays for a month, for whoever asks late.
pub(super) fn load(hash: &str, keep: &str) -> String {
    format!(
        r#"find "$S" -maxdepth 1 -name 'push-*' -mtime +30 -exec rm -rf {{}} + 2>/dev/null
for d in "$S"/push-*; do rm -rf "$d/new" "$d/before" "$d/printed" "$d"/*.d "$d"/*.sh "$d"/*.log; done
rm -rf "$P"
mkdir "$P" || exit {no_folder}
cat >"$P/new"
exec </dev/null
[ "$(sha256sum <"$P/new" | cut -c1-64)" = {hash} ] || exit {short}
{keep}
echo "$I" >"$S/current"
echo loaded >"$P/phase""#,
        no_folder = status::NO_FOLDER,
        short = status::SHORT,
    )
}

/// Take the script that goes back from stdin, and start the process that will run it. It is on its own: no terminal, no
/// pipe of ours, a session of its own, so it outlives the connection. Where logind is set to end processes with their login
/// it would not, and then nothing is begun (root is exempt by default; logind.conf(5), `KillUserProcesses`).
pub(super) fn arm(push: &PushId, timer: Duration) -> String {
    let dead_man = of_push(push, DEAD_MAN);
    format!(
        r#"[ -d "$P" ] || exit {unknown}
cat >"$P/revert.sh"
exec </dev/null
if [ "$(id -u)" != 0 ] && command -v busctl >/dev/null && command -v timeout >/dev/null; then
  ask() {{
    o=org.freedesktop.login1
    timeout 5 busctl get-property $o /org/freedesktop/login1 $o.Manager $1 2>/dev/null
  }}
  if [ "$(ask KillUserProcesses)" = "b true" ]; then
    case $(ask KillExcludeUsers) in *"\"$(id -un)\""*) ;; *)
      echo "logind ends the processes of a login with it: add $(id -un) to KillExcludeUsers in logind.conf" >&2
      exit {no_tools};;
    esac
  fi
fi
printf %s {dead_man} >"$P/deadman.sh"
cat /proc/sys/kernel/random/boot_id >"$P/boot" 2>/dev/null
echo {seconds} >"$P/left"
if command -v setsid >/dev/null; then setsid sh "$P/deadman.sh" </dev/null >"$P/deadman.log" 2>&1 &
else nohup sh "$P/deadman.sh" </dev/null >"$P/deadman.log" 2>&1 &
fi
i=0
while [ $i -lt 50 ]; do [ -e "$P/ticking" ] && {{ echo armed >"$P/phase"; exit 0; }}; sleep 0.1; i=$((i + 1)); done
exit {no_timer}"#,
        unknown = status::UNKNOWN,
        no_timer = status::NO_TIMER,
        no_tools = status::NO_TOOLS,
        dead_man = quote(&dead_man),
        seconds = timer.as_secs().max(1),
    )
}

/// Counts down; then, unless someone has decided, goes back. Counting seconds instead of looking at a clock makes it a
/// little late, never early, whatever is done to the clock.
const DEAD_MAN: &str = r#"exec 8>>"$S/timer"
flock 8
n=$(cat "$P/left"); : >"$P/ticking"
while [ "$n" -gt 0 ]; do
  [ -e "$P/verdict" ] && exit 0
  [ -d "$P" ] || exit 0
  sleep 1 8>&-
  n=$((n - 1)); echo $n >"$P/left.new" && mv "$P/left.new" "$P/left"
done
echo timer >"$P/v.timer"
ln "$P/v.timer" "$P/verdict" 2>/dev/null || exit 0
if sh "$P/revert.sh" >"$P/revert.log" 2>&1; then : >"$P/undone"; else echo failed >>"$P/revert.log"; fi"#;

/// Apply, if the timer runs. From here on a lost connection does not stop the script.
pub(super) fn apply(body: &str) -> String {
    with_push(&format!(
        r#"trap '' HUP PIPE
{{ [ -e "$P/ticking" ] && [ ! -e "$P/verdict" ]; }} || exit {undone}
(flock -n 8 && exit 0; exit 1) 8>>"$S/timer" && exit {no_timer}
echo applied >"$P/phase"
{body}"#,
        undone = status::UNDONE,
        no_timer = status::NO_TIMER,
    ))
}

pub(super) fn confirm(persist: &str) -> String {
    with_push(&format!(
        r#"trap '' HUP PIPE
[ -e "$P/persisted" ] && exit 0
echo confirmed >"$P/v.ok"
ln "$P/v.ok" "$P/verdict" 2>/dev/null || [ "$(cat "$P/verdict")" = confirmed ] || exit {undone}
( {persist} )
r=$?
if [ $r = {undone} ]; then sh "$P/revert.sh" >"$P/revert.log" 2>&1; : >"$P/undone"; exit {undone}; fi
[ $r = 0 ] || exit {not_kept}
: >"$P/persisted"
rm -rf "$P/new" "$P/new.d"
sync
exit 0"#,
        undone = status::UNDONE,
        not_kept = status::NOT_KEPT,
    ))
}

/// Forget a text that was not applied.
pub(super) const DISCARD: &str = r#"exec </dev/null
[ -d "$P" ] || exit 0
[ "$(cat "$P/phase" 2>/dev/null)" = applied ] && { echo "it was applied already" >&2; exit 1; }
echo us >"$P/v.us"; ln "$P/v.us" "$P/verdict" 2>/dev/null
: >"$P/undone"
rm -rf "$P/new" "$P/new.d"
exit 0"#;

/// Go back, whoever decided it; wait when the timer is at it already.
pub(super) const ROLL_BACK: &str = r#"trap '' HUP PIPE
exec </dev/null
[ -d "$P" ] || exit 76
[ -e "$P/undone" ] && exit 0
echo us >"$P/v.us"
if ! ln "$P/v.us" "$P/verdict" 2>/dev/null && [ "$(cat "$P/verdict")" = timer ]; then
  i=0
  while [ $i -lt 120 ]; do [ -e "$P/undone" ] && exit 0; sleep 1; i=$((i + 1)); done
fi
sh "$P/revert.sh" >"$P/revert.log" 2>&1 || { cat "$P/revert.log" >&2; exit 1; }
: >"$P/undone"
exit 0"#;

pub(super) const TRACE: &str = r#"exec </dev/null
[ -d "$P" ] || { echo unknown; exit 0; }
phase=$(cat "$P/phase" 2>/dev/null); verdict=$(cat "$P/verdict" 2>/dev/null)
if [ -e "$P/undone" ]; then echo "undone ${verdict:-us}"
elif [ "$verdict" = confirmed ]; then [ -e "$P/persisted" ] && echo confirmed kept || echo confirmed
elif [ -n "$verdict" ]; then echo undoing; tail -n 5 "$P/revert.log" 2>/dev/null
elif [ "$phase" = loaded ] || [ -z "$phase" ]; then echo loaded
elif ! (flock -n 8) 8>>"$S/timer"; then echo "pending $(cat "$P/left") $phase"
elif [ -e "$P/verdict" ]; then echo undoing
elif [ -e "$P/boot" ] && [ "$(cat "$P/boot")" != "$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)" ]; then echo undone reboot
else echo "lost $phase"
fi
exit 0"#;

/// Shell functions for platforms that keep their part in a file: `place FROM TO` in one step, with the owner and mode that
/// are there; `swap` puts the new file in place and `unswap` the former one.
pub(super) fn files(file: &str, sudo: bool) -> String {
    format!(
        r#"F={file}; U={sudo}
place() {{
  if $U [ -e "$2" ]; then $U cp -p "$2" "$2.peerage" || return 1; else $U sh -c 'umask 027; : >"$1"' - "$2.peerage" || return 1; fi
  $U sh -c 'cat "$1" >"$2" && mv -f "$2" "$3"' - "$1" "$2.peerage" "$2" || {{ $U rm -f "$2.peerage"; return 1; }}
}}
swap() {{ place "$P/new" "$F"; }}
unswap() {{ if [ -e "$P/absent" ]; then $U rm -f "$F"; else place "$P/before" "$F"; fi; }}"#,
        file = quote(file),
        sudo = if sudo { "'sudo -n'" } else { "''" },
    )
}

/// Keep the file that is there.
pub(super) fn keep_file(file: &str, sudo: bool) -> String {
    format!(
        r#"{}
if $U [ -e "$F" ]; then $U cat "$F" >"$P/before" || exit 1; else : >"$P/absent"; : >"$P/before"; fi"#,
        files(file, sudo)
    )
}

/// Print the file that is there; none is empty.
pub(super) fn print_file(file: &str, sudo: bool) -> String {
    format!("{}\nif $U [ -e \"$F\" ]; then $U cat \"$F\"; fi", files(file, sudo))
}
