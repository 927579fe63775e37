//! What a worker is called, so that its name says where it was, and whether a process of that name still lives.

use crate::keys;

/// Letters of a place.
const PLACE: usize = 12;

/// The machine's name.
pub fn host() -> String {
    let host = rustix::system::uname();
    host.nodename().to_string_lossy().chars().filter(|letter| *letter != ':').take(100).collect()
}

/// Where a process's number means something: since this machine began, among the processes that ours sees. Two containers may
/// have one host name, and both call their first process 1. Empty where the system does not say.
fn place() -> String {
    let booted = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    let seen = std::fs::read_link("/proc/self/ns/pid");
    let (Ok(booted), Ok(seen)) = (booted, seen) else { return String::new() };
    let mut place = keys::digest(&format!("{} {}", booted.trim(), seen.display()));
    place.truncate(PLACE);
    place
}

/// `HOST:PROCESS:PLACE:RANDOM`: the same for all jobs of this process, and never that of a later process.
pub fn own_name() -> String {
    format!("{}:{}:{}:{}", host(), std::process::id(), place(), keys::random_hex(4))
}

/// Whether a worker has certainly gone: it was a process of this place, and there is none of its number. Says no when in doubt;
/// its lease ends then.
///
/// Only for workers that share this machine, as those on one SQLite file do.
pub fn has_gone(worker: &str, own: &str) -> bool {
    let parts = |name: &str| -> Option<[String; 3]> {
        let mut parts = name.rsplitn(4, ':').skip(1).map(str::to_owned);
        let (place, number, host) = (parts.next()?, parts.next()?, parts.next()?);
        (!place.is_empty()).then_some([host, place, number])
    };
    let (Some([host, place, number]), Some([own_host, own_place, _])) = (parts(worker), parts(own)) else {
        return false;
    };
    let Some(number) = number.parse().ok().and_then(rustix::process::Pid::from_raw) else { return false };
    if (host, place) != (own_host, own_place) || worker == own {
        return false;
    }
    // a process that had our number before us is not there any more
    let number_is_ours = number.as_raw_nonzero().get().unsigned_abs() == std::process::id();
    number_is_ours || rustix::process::test_kill_process(number) == Err(rustix::io::Errno::SRCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_lives_has_not_gone() {
        let own = own_name();
        assert!(!has_gone(&own, &own));
        let parts: Vec<&str> = own.split(':').collect();
        let name = |number: &str, place: &str| format!("{}:{number}:{place}:00000000", parts[0]);
        // an earlier process of our number
        assert!(has_gone(&name(parts[1], parts[2]), &own));
        // the first process of all lives
        assert!(!has_gone(&name("1", parts[2]), &own));
        // there it is another one, or nobody knows
        assert!(!has_gone(&name(parts[1], "ffffffffffff"), &own) && !has_gone(&name(parts[1], ""), &own));
        assert!(!has_gone(&format!("elsewhere:999999:{}:00000000", parts[2]), &own));
        assert!(!has_gone("", &own) && !has_gone("nonsense", &own) && !has_gone("a:1:x", &own));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let number = child.id().to_string();
        child.wait().unwrap();
        assert!(has_gone(&name(&number, parts[2]), &own));
        assert!(!has_gone(&name(&number, "ffffffffffff"), &own));
    }
}
