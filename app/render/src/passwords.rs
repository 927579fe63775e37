//! Session passwords as platforms write them in their configurations: Cisco type 7, Juniper type 9, Arista type 7.
//!
//! All three can be read by anybody; they only keep a password from a glance. What matters is that the same password is written
//! the same each time, or every push would show a difference: where a vendor's scrambling begins with something random,
//! it is taken from the key here, which is the peer's address.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, block_padding::NoPadding};
use des::Des;
use peerage_model::{Facts, Record, Value, facts::one, types::DIRECT_SESSION};
use sha2::{Digest, Sha256};

/// How a platform scrambles passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    AristaType7,
    CiscoType7,
    JuniperType9,
}

/// Why a text cannot be read back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no password that {0} wrote")]
pub struct Unreadable(&'static str);

impl Algorithm {
    /// By the code of a platform's `password_algorithm`; none: passwords stay as they are.
    pub fn of(code: &str) -> Option<Self> {
        [Self::AristaType7, Self::CiscoType7, Self::JuniperType9].into_iter().find(|known| known.code() == code)
    }

    fn code(self) -> &'static str {
        match self {
            Self::AristaType7 => "arista-type7",
            Self::CiscoType7 => "cisco-type7",
            Self::JuniperType9 => "juniper-type9",
        }
    }

    /// What an encrypted password begins with.
    fn marker(self) -> &'static str {
        match self {
            Self::AristaType7 | Self::CiscoType7 => "7 ",
            Self::JuniperType9 => "$9$",
        }
    }

    /// Encrypts; what bears the algorithm's mark already stays as it is. The key of Arista's is the neighbour's address, without
    /// which the device could not read it; with the others it only chooses what is random.
    pub fn encrypt(self, password: &str, key: &str) -> String {
        if password.starts_with(self.marker()) {
            return password.to_owned();
        }
        let scrambled = match self {
            Self::AristaType7 => arista(password, key),
            Self::CiscoType7 => cisco(password, key),
            Self::JuniperType9 => juniper(password, key),
        };
        format!("{}{scrambled}", self.marker())
    }

    /// Reads a password back.
    ///
    /// # Errors
    /// If it was not written by this algorithm with this key.
    pub fn decrypt(self, text: &str, key: &str) -> Result<String, Unreadable> {
        let bytes = text.strip_prefix(self.marker()).and_then(|scrambled| match self {
            Self::AristaType7 => arista_back(scrambled, key),
            Self::CiscoType7 => cisco_back(scrambled),
            Self::JuniperType9 => juniper_back(scrambled),
        });
        bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or(Unreadable(self.code()))
    }
}

/// A session's password as its router's platform writes it, by what is stored: the text that was encrypted once is kept as long
/// as it still says the password. None: the router or its platform is not known yet.
pub fn encrypted(session: &Record, facts: &dyn Facts) -> Option<Value> {
    let stored = session.get("encrypted_password");
    let router = match session.of.field("ixp_connection") {
        Some(_) => match one(facts, session, "ixp_connection")? {
            Some(connection) => one(facts, &connection, "router")?,
            None => None,
        },
        None => one(facts, session, "router")?,
    };
    let Some(router) = router.filter(|router| router.flag("encrypt_passwords")) else { return Some(stored.clone()) };
    let Some(platform) = one(facts, &router, "platform")? else { return Some(stored.clone()) };
    let password = match session.get("password") {
        Value::Hidden => return Some(Value::Hidden),
        password => password.as_text().unwrap_or_default(),
    };
    let Some(algorithm) = Algorithm::of(platform.text("password_algorithm")) else {
        return Some(if password.is_empty() { stored.clone() } else { Value::text(password) });
    };
    let address = session.get("ip_address");
    let host = address.as_ip().map(|ip| ip.to_string()).unwrap_or_default();
    // Peering Manager's key of a direct session has the prefix length as well; Arista's devices know nothing of that
    let key = match address.as_net() {
        Some(net) if session.of.is(&DIRECT_SESSION) && algorithm != Algorithm::AristaType7 => net.to_string(),
        _ => host,
    };
    let stays = |text: &str| algorithm.decrypt(text, &key).is_ok_and(|clear| clear == password);
    Some(match stored.as_text() {
        _ if password.is_empty() => Value::text(""),
        Some(text) if stays(text) => stored.clone(),
        _ => Value::text(algorithm.encrypt(password, &key)),
    })
}

// ---- Cisco type 7 ----

/// The vendor's constant.
const CISCO: &[u8] = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";
/// Beginnings that are the same whether their digits are read as decimal, as devices do, or as hexadecimal.
const CISCO_BEGINNINGS: u8 = 10;

fn cisco_stream(beginning: usize) -> impl Iterator<Item = u8> {
    CISCO.iter().copied().cycle().skip(beginning)
}

fn cisco(password: &str, key: &str) -> String {
    let seed = Sha256::new().chain_update(key).chain_update([0]).chain_update(password).finalize();
    let beginning = seed[0] % CISCO_BEGINNINGS;
    let scrambled = password.bytes().zip(cisco_stream(beginning.into())).map(|(byte, mask)| byte ^ mask);
    std::iter::once(format!("{beginning:02}")).chain(scrambled.map(|byte| format!("{byte:02X}"))).collect()
}

fn cisco_back(text: &str) -> Option<Vec<u8>> {
    let (beginning, hex) = text.split_at_checked(2)?;
    // devices count 00 to 15; Peering Manager writes ten and more as 0A to 0E
    let beginning = beginning.parse().ok().or_else(|| usize::from_str_radix(beginning, 16).ok())?;
    if !hex.is_ascii() || hex.len() % 2 != 0 {
        return None;
    }
    let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok());
    bytes.zip(cisco_stream(beginning)).map(|(byte, mask)| Some(byte? ^ mask)).collect()
}

// ---- Juniper type 9 ----

/// The alphabet, in families: by how many symbols of filling follow a salt, three to none.
const FAMILIES: [&[u8]; 4] = [b"QzF3n6/9CAtpu0O", b"B1IREhcSyrleKvMW8LXx", b"7N-dVbwsY2g4oaJZGUDj", b"iHkq.mPf5T"];
const SYMBOLS: usize = 65;
/// What the gaps between symbols weigh, for each character in turn.
const WEIGHTS: [&[u32]; 7] =
    [&[1, 4, 32], &[1, 16, 32], &[1, 8, 32], &[1, 64], &[1, 32], &[1, 4, 16, 128], &[1, 32, 64]];

fn symbol(at: usize) -> char {
    FAMILIES.iter().flat_map(|family| family.iter()).nth(at % SYMBOLS).map_or(' ', |byte| char::from(*byte))
}

fn place_of(symbol: char) -> Option<usize> {
    FAMILIES.iter().flat_map(|family| family.iter()).position(|byte| char::from(*byte) == symbol)
}

/// How many symbols of filling follow a salt.
fn filling(salt: char) -> Option<usize> {
    FAMILIES.iter().rev().position(|family| family.iter().any(|byte| char::from(*byte) == salt))
}

fn juniper(password: &str, key: &str) -> String {
    let seed = Sha256::digest(key);
    let salt = symbol(seed[0].into());
    let mut text = String::from(salt);
    text.extend(seed[1..].iter().take(filling(salt).unwrap_or_default()).map(|byte| symbol((*byte).into())));
    let mut last = place_of(salt).unwrap_or_default();
    for (byte, weights) in password.bytes().zip(WEIGHTS.iter().cycle()) {
        let mut rest = u32::from(byte);
        let mut gaps: Vec<u32> = weights
            .iter()
            .rev()
            .map(|weight| {
                let gap = rest / weight;
                rest %= weight;
                gap
            })
            .collect();
        gaps.reverse();
        for gap in gaps {
            last = (last + gap as usize + 1) % SYMBOLS;
            text.push(symbol(last));
        }
    }
    text
}

fn juniper_back(text: &str) -> Option<Vec<u8>> {
    let mut symbols = text.chars();
    let salt = symbols.next()?;
    let mut last = place_of(salt)?;
    let mut symbols = symbols.skip(filling(salt)?).peekable();
    let mut bytes = Vec::new();
    for weights in WEIGHTS.iter().cycle() {
        if symbols.peek().is_none() {
            break;
        }
        let mut sum = 0;
        for weight in *weights {
            let place = place_of(symbols.next()?)?;
            let gap = (place + SYMBOLS - last - 1) % SYMBOLS;
            sum += u32::try_from(gap).ok()? * weight;
            last = place;
        }
        bytes.push((sum % 256) as u8);
    }
    Some(bytes)
}

// ---- Arista type 7 ----

const ARISTA_SEED: [u8; 8] = [0xd5, 0xa8, 0xc9, 0x1e, 0xf5, 0xd5, 0x8a, 0x23];
const ARISTA_BEGINNING: [u8; 3] = [0x4c, 0x88, 0xbb];
const BLOCK: usize = 8;

/// The cipher's key; its lowest bits are parity, which the cipher does not look at.
fn arista_key(key: &str) -> [u8; 8] {
    let mut folded = ARISTA_SEED;
    for (at, byte) in key.bytes().chain(*b"_passwd").enumerate() {
        folded[at % BLOCK] ^= byte;
    }
    folded.map(|byte| byte & 0x7f)
}

fn arista(password: &str, key: &str) -> String {
    let length = ARISTA_BEGINNING.len() + 1 + password.len();
    let padding = length.next_multiple_of(BLOCK) - length;
    let mut plain = ARISTA_BEGINNING.to_vec();
    plain.push((padding as u8) << 4 | 0x0e);
    plain.extend_from_slice(password.as_bytes());
    plain.resize(length + padding, 0);
    let cipher = cbc::Encryptor::<Des>::new(&arista_key(key).into(), &[0; BLOCK].into());
    BASE64.encode(cipher.encrypt_padded_vec::<NoPadding>(&plain))
}

fn arista_back(text: &str, key: &str) -> Option<Vec<u8>> {
    let scrambled = BASE64.decode(text).ok()?;
    let cipher = cbc::Decryptor::<Des>::new(&arista_key(key).into(), &[0; BLOCK].into());
    let plain = cipher.decrypt_padded_vec::<NoPadding>(&scrambled).ok()?;
    let body = plain.strip_prefix(&ARISTA_BEGINNING)?;
    let (padding, body) = body.split_first()?;
    let end = body.len().checked_sub(usize::from(padding >> 4))?;
    body.get(..end).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::{Algorithm::*, *};
    use peerage_model::{Lookup, ObjectType, facts::Found, types::ROUTER};

    /// Observed in Peering Manager, and of devices.
    #[test]
    fn known_texts_are_written_and_read() {
        for (algorithm, password, key, text) in [
            (JuniperType9, "secret", "192.0.2.1", "$9$i.T3AtOREyApIcSrLX"),
            (JuniperType9, "secret", "2001:db8::1", "$9$lqlMxd2gJDjq24UHk.F3"),
            (JuniperType9, "s3cr3t-7b0dd2", "100.64.0.1/31", "$9$5F9pBIEyrvO1NdVwJZTzF/uOIRSyevQF9pOBEh"),
            (JuniperType9, "s3cr3t-66ec7b", "198.18.0.12", "$9$NQbgJDikPfzUjApuOSy-VbYJGqmf3nC2469tpRE"),
            (JuniperType9, "s3cr3t-9f6146", "2001:db8:100::f:42ce:2c", "$9$86C7b2aZUHkPoJn/9AIRLx7-24DjqQ36iHuOIEyr"),
            (AristaType7, "secret", "192.0.2.1", "7 a6huQrzi2liYSCGU0pr9WA=="),
            (AristaType7, "mypassword", "2001:db8::1", "7 MvaoTUNIrHU4N6c3nmp5gg=="),
        ] {
            assert_eq!(algorithm.encrypt(password, key), text);
            assert_eq!(algorithm.decrypt(text, key).as_deref(), Ok(password));
            assert_eq!(algorithm.encrypt(text, key), text, "once is enough");
        }
        for (text, password) in [
            ("7 0A5D0C1A171206", "secret"),
            ("7 094F471A1A0A", "cisco"),
            ("7 104D000A0618", "cisco"),
            ("7 0D164411195F10677E2129363374", "s3cr3t-5eaef6"),
            ("7 0A5D5A1A1744064654057E7D227A", "s3cr3t-8a46f2"),
            ("7 0017400516081F4B5E221A485C4C", "s3cr3t-1c6f55"),
        ] {
            assert_eq!(CiscoType7.decrypt(text, "").as_deref(), Ok(password));
        }
    }

    #[test]
    fn every_password_comes_back_and_is_written_the_same() {
        let long = "x".repeat(255);
        for algorithm in [AristaType7, CiscoType7, JuniperType9] {
            for password in ["a", "secret", "with blanks and ümlauts", "$1$ 7 %&/", "1234567", long.as_str()] {
                for key in ["", "192.0.2.1", "2001:db8:0:ffff::1"] {
                    let text = algorithm.encrypt(password, key);
                    assert_eq!(algorithm.decrypt(&text, key).as_deref(), Ok(password), "{algorithm:?} {text}");
                    assert_eq!(algorithm.encrypt(password, key), text);
                }
            }
            for nonsense in ["", "7", "7 ", "7 0", "7 zz", "7 0é", "$9$", "$9$ä", "$9$i.T", "7 a6huQrzi2lg=", "plain"]
            {
                assert_ne!(algorithm.decrypt(nonsense, "192.0.2.1").as_deref(), Ok("secret"), "{nonsense}");
            }
        }
        assert!(AristaType7.decrypt(&AristaType7.encrypt("secret", "192.0.2.1"), "192.0.2.2").is_err());
    }

    /// A direct session on a router of a platform.
    struct World {
        algorithm: &'static str,
        encrypts: bool,
    }

    impl Lookup for World {
        fn find(&self, of: &'static ObjectType, _: i64) -> Option<Record> {
            let found = Record::new(of);
            Some(if of.is(&ROUTER) {
                found.with("encrypt_passwords", Value::Bool(self.encrypts)).with("platform", Value::Int(1))
            } else {
                found.with("password_algorithm", Value::text(self.algorithm))
            })
        }
    }

    fn told(algorithm: &'static str, encrypts: bool, password: Value, stored: Value) -> Value {
        let session = Record::new(&DIRECT_SESSION)
            .with("router", Value::Int(1))
            .with("ip_address", Value::Net("192.0.2.1/31".parse().unwrap()))
            .with("password", password)
            .with("encrypted_password", stored);
        encrypted(&session, &Found(&World { algorithm, encrypts })).unwrap()
    }

    #[test]
    fn what_was_encrypted_stays_as_long_as_it_says_the_password() {
        let (text, null) = (|text: &str| Value::text(text), Value::Null);
        let secret = || text("secret");
        for (algorithm, encrypts, password, stored, wanted) in [
            // not wanted: whatever is there
            ("juniper-type9", false, secret(), text("old"), text("old")),
            ("juniper-type9", true, null.clone(), null.clone(), text("")),
            ("juniper-type9", true, null.clone(), text("$9$old"), text("")),
            // another beginning, the same password
            ("cisco-type7", true, secret(), text("7 0A5D0C1A171206"), text("7 0A5D0C1A171206")),
            // of another algorithm, or another password
            ("arista-type7", true, secret(), text("$9$i.T3AtOREyApIcSrLX"), text("7 a6huQrzi2liYSCGU0pr9WA==")),
            ("arista-type7", true, secret(), text("7 MvaoTUNIrHU4N6c3nmp5gg=="), text("7 a6huQrzi2liYSCGU0pr9WA==")),
            // no algorithm
            ("", true, secret(), null.clone(), secret()),
            ("", true, null.clone(), null.clone(), null.clone()),
            ("juniper-type9", true, Value::Hidden, Value::Hidden, Value::Hidden),
        ] {
            assert_eq!(told(algorithm, encrypts, password, stored), wanted, "{algorithm}");
        }
        let juniper = told("juniper-type9", true, secret(), null);
        assert_eq!(juniper, text(&JuniperType9.encrypt("secret", "192.0.2.1/31")), "Peering Manager's key");
    }
}
