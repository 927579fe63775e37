//! Random keys, their digests, and passwords. Nothing that lets somebody in is stored: cookies and tokens as SHA-256,
//! passwords as argon2id (RFC 9106) with the crate's default costs. A password that came over from Peering Manager is
//! kept as Django hashed it until its owner signs in.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
use base64::{Engine, prelude::BASE64_STANDARD};
use pbkdf2::pbkdf2_hmac;
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// `bytes` random bytes as lower-case hex.
pub fn random_hex(bytes: usize) -> String {
    let mut key = vec![0; bytes];
    rand::rng().fill_bytes(&mut key);
    hex(&key)
}

/// SHA-256 of a key, lower-case hex. Keys are random, so a fast hash is enough.
pub fn digest(key: &str) -> String {
    hex(&Sha256::digest(key))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name for a request or a run, as a UUID version 4 (RFC 9562).
pub fn request_id() -> String {
    let mut id = [0; 16];
    rand::rng().fill_bytes(&mut id);
    id[6] = id[6] & 0x0f | 0x40;
    id[8] = id[8] & 0x3f | 0x80;
    let hex = hex(&id);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A password to begin with, for somebody to pass on: 64 random bits.
pub fn new_password() -> String {
    random_hex(8)
}

/// A password's hash as a PHC string. Takes some 50 ms of a core: call it off the async threads.
///
/// # Errors
/// If the system gives no randomness.
pub fn hash_password(password: &str) -> anyhow::Result<String> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| anyhow::anyhow!("the password could not be hashed: {error}"))
}

/// Whether a password belongs to a hash. Without a hash it takes as long as with one, so that names cannot be guessed by
/// the clock.
pub fn password_fits(password: &str, hash: Option<&str>) -> bool {
    static NOBODY: LazyLock<String> = LazyLock::new(|| hash_password("nobody").unwrap_or_default());
    let known = hash.is_some();
    let text = hash.unwrap_or(&NOBODY);
    let fits = match text.strip_prefix(DJANGO) {
        Some(rest) => django_fits(password, rest).unwrap_or(false),
        None => PasswordHash::new(text)
            .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()),
    };
    fits && known
}

/// Whether a hash is of the kind that is made here.
pub fn is_ours(hash: &str) -> bool {
    hash.starts_with("$argon2id$")
}

/// Whether a hash of Django's can be verified here: PBKDF2 with SHA-256 (RFC 8018), its default.
pub fn is_django(hash: &str) -> bool {
    hash.strip_prefix(DJANGO).and_then(django_parts).is_some()
}

const DJANGO: &str = "pbkdf2_sha256$";
/// Rounds of Django's hashes: release 5.2 makes a million. More would keep a core for too long.
const MOST_ROUNDS: u32 = 5_000_000;

/// Rounds, salt and the 32 bytes of `1000000$salt$base64`.
fn django_parts(rest: &str) -> Option<(u32, &str, [u8; 32])> {
    let [rounds, salt, hash] = rest.split('$').collect::<Vec<_>>().try_into().ok()?;
    let rounds = rounds.parse().ok().filter(|rounds| (1..=MOST_ROUNDS).contains(rounds))?;
    Some((rounds, salt, BASE64_STANDARD.decode(hash).ok()?.try_into().ok()?))
}

fn django_fits(password: &str, rest: &str) -> Option<bool> {
    let (rounds, salt, expected) = django_parts(rest)?;
    let mut found = [0; 32];
    pbkdf2_hmac::<pbkdf2::sha2::Sha256>(password.as_bytes(), salt.as_bytes(), rounds, &mut found);
    // in the same time wherever they differ
    Some(found.iter().zip(expected).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let hash = hash_password("correct horse").unwrap();
        assert!(password_fits("correct horse", Some(&hash)));
        assert!(!password_fits("wrong", Some(&hash)));
        assert!(!password_fits("nobody", None));
    }

    /// As Django's `make_password("correct horse", "salt")` gives it, with a thousand rounds.
    pub const DJANGO_HASH: &str = "pbkdf2_sha256$1000$salt$boRToEKoQr22LeDTyHDsEkHpDsDOTyWJq16HknEiweU=";

    #[test]
    fn a_password_from_django_fits() {
        assert!(password_fits("correct horse", Some(DJANGO_HASH)));
        assert!(!password_fits("wrong", Some(DJANGO_HASH)));
        assert!(is_django(DJANGO_HASH) && !is_ours(DJANGO_HASH));
        // too many rounds, no rounds, an unusable password, another algorithm
        for hash in ["pbkdf2_sha256$99000000$salt$AA==", "pbkdf2_sha256$0$salt$AA==", "!x", "md5$salt$AA=="] {
            assert!(!is_django(hash) && !password_fits("", Some(hash)), "{hash}");
        }
    }

    #[test]
    fn request_ids_are_uuids() {
        let id = request_id();
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert_ne!(id, request_id());
    }
}
