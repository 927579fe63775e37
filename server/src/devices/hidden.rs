//! Secrets that must not stand in anything that people read, searched for by what they are: [`peerage_devices::mask`] knows how
//! daemons write a password, this knows the passwords themselves.

use peerage_devices::{MASK, mask};
use peerage_model::{
    Problem, Record, Value,
    permit::View,
    types::{CONNECTION, DIRECT_SESSION, IX_SESSION},
};
use peerage_store::{Store, Which};

/// A password of fewer letters stands in many ordinary words, and is only found where a daemon's grammar says that it is one.
const SHORTEST: usize = 4;

/// What is hidden: passwords wherever they stand, names of logins where they are a word of their own.
#[derive(Clone, Default)]
pub struct Hidden {
    /// Longest first, so that one that is part of another leaves nothing of it.
    anywhere: Vec<String>,
    words: Vec<String>,
}

impl Hidden {
    /// The login of a router.
    pub fn login<'a>(user: Option<&str>, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut hidden = Self {
            words: user.map(str::to_owned).into_iter().filter(|user| !user.is_empty()).collect(),
            ..Self::default()
        };
        secrets.into_iter().for_each(|secret| hidden.add(secret));
        hidden
    }

    pub fn add(&mut self, secret: &str) {
        if secret.len() >= SHORTEST && !self.anywhere.iter().any(|known| known == secret) {
            self.anywhere.push(secret.to_owned());
            self.anywhere.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        }
    }

    /// Adds the passwords of a router's sessions.
    ///
    /// # Errors
    /// There is no key for secrets, or a failure of the database.
    pub async fn add_sessions(&mut self, store: &Store, router: i64) -> Result<(), Problem> {
        const PASSWORDS: [&str; 2] = ["password", "encrypted_password"];
        let who = super::system();
        let connections =
            store.brief(&who.permit::<View>(&CONNECTION)?, &["router"], Which::LeadingTo("router", &[router])).await?;
        let connections: Vec<i64> = connections.iter().map(|connection| connection.id).collect();
        for (of, field, ids) in
            [(&IX_SESSION, "ixp_connection", connections.as_slice()), (&DIRECT_SESSION, "router", &[router])]
        {
            let permit = who.permit::<View>(of)?;
            let found = store.brief(&permit, &PASSWORDS, Which::LeadingTo(field, ids)).await?;
            let sealed = |record: &Record| PASSWORDS.iter().any(|name| *record.get(name) == Value::Hidden);
            let found = store.reveal(&permit, found.into_iter().filter(sealed).collect()).await?;
            for record in &found {
                PASSWORDS.iter().for_each(|name| self.add(record.text(name)));
            }
        }
        Ok(())
    }

    /// A copy of the text without them.
    pub fn of(&self, text: &str) -> String {
        let mut text = mask(text);
        for secret in &self.anywhere {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), MASK);
            }
        }
        for word in &self.words {
            text = without_word(&text, word);
        }
        text
    }
}

fn without_word(text: &str, word: &str) -> String {
    let joins = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = text[from..].find(word).map(|at| from + at) {
        let end = at + word.len();
        out.push_str(&text[from..at]);
        let is_word = !joins(text[..at].chars().next_back()) && !joins(text[end..].chars().next());
        out.push_str(if is_word { MASK } else { word });
        from = end;
    }
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_stands_nowhere() {
        let mut hidden = Hidden::login(Some("ops"), ["pass", "password-of-ops"]);
        hidden.add("md5-hunter2");
        hidden.add("abc");
        let text = "ops said password-of-ops and pass; md5-hunter2md5-hunter2 stands in oops, abc";
        assert_eq!(hidden.of(text), format!("{MASK} said {MASK} and {MASK}; {MASK}{MASK} stands in oops, abc"));
        assert_eq!(hidden.of("ops"), MASK);
    }
}
