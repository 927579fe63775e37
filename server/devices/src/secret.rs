//! Passwords, private keys and their passphrases. A value in here cannot be printed: `Debug` says that there is one and
//! nothing of it, there is no `Display` and no serde. Whoever needs it calls [`Secret::expose`], which is easy to search for.

use std::fmt;
use zeroize::Zeroize;

/// A text that must not be seen: wiped from memory when dropped, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

/// What stands in the place of a password in texts that people read.
pub const MASK: &str = "********";

/// A copy of `text` in which the values after `password`, `md5sig key`, `secret` and the like are [`MASK`]. It knows the
/// forms that FRR, BIRD and OpenBGPD write; it hides too much rather than too little. Device answers pass through it
/// before they become part of an error, and [`crate::Diff::masked`] uses it for readers without `view_secrets`.
pub fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        mask_line(line, &mut out);
    }
    out
}

fn mask_line(line: &str, out: &mut String) {
    const WORDS: [&str; 6] = ["password", "passwd", "secret", "md5-key", "md5sig key", "authentication-key"];
    let lower = line.to_ascii_lowercase();
    let mut from = 0;
    while let Some((at, word)) = WORDS.iter().filter_map(|w| lower[from..].find(w).map(|i| (from + i, *w))).min() {
        let value = at + word.len();
        let rest = &line[value..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '=', ':']).len();
        out.push_str(&line[from..value + blank]);
        from = value + blank;
        if blank == 0 {
            continue;
        }
        let rest = &line[from..];
        let length = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => rest[1..].find(quote).map_or(rest.trim_end().len(), |i| i + 2),
            // a word, but never the character that ends the statement
            _ => rest.find(|c: char| c.is_whitespace() || c == ';' || c == '}').unwrap_or(rest.len()),
        };
        if length > 0 {
            out.push_str(MASK);
        }
        from += length;
        // `password 7 094F…`: the kind of hash, and then the hash
        if length > 0 && length <= 2 && rest[..length].bytes().all(|b| b.is_ascii_digit()) {
            let end = line[from..].find(['\n', ';']).map_or(line.len(), |i| from + i);
            from = end;
        }
    }
    out.push_str(&line[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Some(Secret::new("hunter2"))), "Some(Secret(..))");
    }

    #[test]
    fn session_passwords_are_masked_in_every_dialect() {
        let text = " neighbor 192.0.2.1 password hunter2\n  password \"hunter2 x\";\n    tcp md5sig password hunter2\n password 7 hunter2\nline 3: % Unknown command: neighbor x password hunter2";
        let masked = mask(text);
        assert!(!masked.contains("hunter2"), "{masked}");
        assert!(masked.contains("neighbor 192.0.2.1 password ********\n"));
        assert!(masked.contains("  password ********;\n"));
        assert_eq!(mask("no passwords here\n"), "no passwords here\n");
        assert_eq!(mask("description ünï password"), "description ünï password");
    }
}
