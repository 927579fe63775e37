//! What a worker is called, so that its name says where it was, and whether a process of that name still lives.

use crate::keys;

/// `HOST:PROCESS:RANDOM`: the same for all jobs of this process, and never that of a later process.
pub fn own_name() -> String {
    let host = rustix::system::uname();
    let host: String = host.nodename().to_string_lossy().chars().filter(|letter| *letter != ':').take(100).collect();
    format!("{host}:{}:{}", std::process::id(), keys::random_hex(4))
}

/// Whether a worker has certainly gone: it was a process of this machine, and there is none of its number. Says no when in doubt;
/// its lease ends then.
///
/// Only for workers that share this machine, as those on one SQLite file do.
pub fn has_gone(worker: &str, own: &str) -> bool {
    let mut parts = worker.rsplitn(3, ':');
    let (_, Some(number), Some(host)) = (parts.next(), parts.next(), parts.next()) else { return false };
    let Some(number) = number.parse().ok().and_then(rustix::process::Pid::from_raw) else { return false };
    let own_host = own.rsplitn(3, ':').last().unwrap_or_default();
    if host != own_host || worker == own {
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
        // an earlier process of our number
        assert!(has_gone(&format!("{}:{}:00000000", parts[0], parts[1]), &own));
        // the first process of all lives
        assert!(!has_gone(&format!("{}:1:00000000", parts[0]), &own));
        assert!(!has_gone("elsewhere:999999:00000000", &own));
        assert!(!has_gone("", &own) && !has_gone("nonsense", &own));
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let number = child.id();
        child.wait().unwrap();
        assert!(has_gone(&format!("{}:{number}:00000000", parts[0]), &own));
    }
}
