//! Random keys, their digests, and passwords. Nothing that lets somebody in is stored: cookies and tokens as SHA-256,
//! passwords as argon2id (RFC 9106) with the crate's default costs.

use argon2::{Argon2, PasswordHasher, PasswordVerifier, password_hash::phc::PasswordHash};
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
    let fits =
        PasswordHash::new(text).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    fits && known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_own_hash_only() {
        let hash = hash_password("correct horse").unwrap();
        assert!(password_fits("correct horse", Some(&hash)));
        assert!(!password_fits("wrong", Some(&hash)));
        assert!(!password_fits("nobody", None));
    }

    #[test]
    fn request_ids_are_uuids() {
        let id = request_id();
        assert_eq!((id.len(), &id[14..15]), (36, "4"));
        assert_ne!(id, request_id());
    }
}
