//! Secrets at rest: XChaCha20-Poly1305 with a random nonce for each value, bound to the column that it stands in, so that
//! a value copied to another column does not open. The stored text is `v1:KEY-ID:BASE64(nonce ‖ ciphertext)`; the key's
//! id lets an error name the key that is missing without telling anything about it.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD as BASE64};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Generate, Payload},
};
use sha2::{Digest, Sha256};
use std::fmt;

/// Bytes of a nonce of XChaCha20.
const NONCE: usize = 24;

/// The key that secrets are sealed with: 32 random bytes from a file beside the database.
#[derive(Clone)]
pub struct SecretKey {
    id: String,
    cipher: XChaCha20Poly1305,
}

/// Why a secret cannot be written or read. Never tells the secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("There is no key for secrets, so none can be kept. Give the server a key file and try again.")]
    NoKey,
    #[error(
        "{place} was encrypted with the key {wanted}, but the key in use is {present}. Give the server the right key file."
    )]
    OtherKey { place: String, wanted: String, present: String },
    /// Another process has changed the key ([`crate::Store::rotate_key`]).
    #[error(
        "The key for secrets was changed to {current}, but this process still has {present}, so no secret was written. \
         A server takes the new key file within seconds where it lies beside the old one; copy it to other machines."
    )]
    Changed { current: String, present: String },
    #[error("{place} cannot be decrypted: it was damaged, or moved there from elsewhere.")]
    Damaged { place: String },
    #[error("A secret could not be encrypted.")]
    Seal,
}

impl SecretKey {
    /// From 32 random bytes.
    pub fn new(bytes: &[u8; 32]) -> Self {
        let digest = Sha256::digest(bytes);
        let id = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Self { id, cipher: XChaCha20Poly1305::new(bytes.into()) }
    }

    /// Eight hex digits that name the key and tell nothing about it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// `place` is `table.column`.
    pub(crate) fn seal(&self, place: &str, clear: &str) -> Result<String, SecretError> {
        let nonce = XNonce::generate();
        let payload = Payload { msg: clear.as_bytes(), aad: place.as_bytes() };
        let sealed = self.cipher.encrypt(&nonce, payload).map_err(|_| SecretError::Seal)?;
        let bytes: Vec<u8> = nonce.iter().copied().chain(sealed).collect();
        Ok(format!("v1:{}:{}", self.id, BASE64.encode(bytes)))
    }

    pub(crate) fn open(&self, place: &str, stored: &str) -> Result<String, SecretError> {
        let damaged = || SecretError::Damaged { place: place.to_owned() };
        let (id, body) = stored.strip_prefix("v1:").and_then(|rest| rest.split_once(':')).ok_or_else(damaged)?;
        if id != self.id {
            let (wanted, present) = (id.to_owned(), self.id.clone());
            return Err(SecretError::OtherKey { place: place.to_owned(), wanted, present });
        }
        let bytes = BASE64.decode(body).map_err(|_| damaged())?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or_else(damaged)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| damaged())?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let clear = self.cipher.decrypt(&nonce, payload).map_err(|_| damaged())?;
        String::from_utf8(clear).map_err(|_| damaged())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_with_its_key_and_in_its_column() {
        let key = SecretKey::new(&[7; 32]);
        let sealed = key.seal("t.password", "hunter2").unwrap();
        assert!(!sealed.contains("hunter2"));
        assert_ne!(sealed, key.seal("t.password", "hunter2").unwrap());
        assert_eq!(key.open("t.password", &sealed).as_deref(), Ok("hunter2"));
        assert!(matches!(key.open("t.other", &sealed), Err(SecretError::Damaged { .. })));
        let other = SecretKey::new(&[8; 32]);
        assert!(matches!(other.open("t.password", &sealed), Err(SecretError::OtherKey { .. })));
        assert!(matches!(key.open("t.password", "v1:x"), Err(SecretError::Damaged { .. })));
        assert!(!format!("{key:?}").contains("7, 7"));
    }
}
