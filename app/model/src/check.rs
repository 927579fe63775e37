//! Validation: one function, run by the browser while typing and by the server before writing, with the same problems
//! out of it. Rules that need the database are the server's, and end in the same [`Problem`].

use crate::{Facts, Field, FieldProblem, Kind, Problem, Record, Value, address, permit::check_permission};

/// Problems found so far, each at its field.
#[derive(Debug, Default)]
pub struct Problems(Vec<FieldProblem>);

impl Problems {
    pub fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldProblem { field: field.to_owned(), message: message.into(), warning: false });
    }

    /// Something that is probably not meant, and that a person may insist on.
    pub fn warn(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldProblem { field: field.to_owned(), message: message.into(), warning: true });
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Without what a person insisted on.
    #[must_use]
    pub fn despite_warnings(mut self, insisted: bool) -> Self {
        self.0.retain(|problem| !(insisted && problem.warning));
        self
    }

    /// Without warnings of what was so before as well: whoever changes something else has been told already.
    #[must_use]
    pub fn beyond(mut self, before: &Self) -> Self {
        self.0.retain(|problem| !(problem.warning && before.0.contains(problem)));
        self
    }

    pub fn into_vec(self) -> Vec<FieldProblem> {
        self.0
    }

    /// # Errors
    /// If there are any problems.
    pub fn into_result(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid(self.0)) }
    }
}

/// Everything that is wrong with a record, as far as is known what is around it.
pub fn check(record: &Record, facts: &dyn Facts) -> Problems {
    let mut problems = Problems::default();
    for (field, value) in record.iter() {
        if let Err(message) = check_value(field, value) {
            problems.add(field.name, message);
        }
    }
    for rule in record.of.checks {
        rule(record, facts, &mut problems);
    }
    problems
}

/// What is wrong with one field's value by itself.
///
/// # Errors
/// A sentence for the person, saying how to mend it.
pub fn check_value(field: &Field, value: &Value) -> Result<(), String> {
    if matches!(value, Value::Hidden) {
        return Ok(());
    }
    if value.is_empty() {
        if field.is_required() && !field.is_internal() {
            return Err(format!("{} is needed.", field.label()));
        }
        if value.is_null() && !field.is_nullable() && !field.is_internal() {
            let empty_is_something = !field.empty_value().is_null();
            let rest = if empty_is_something { "may be empty, but not null." } else { "is needed." };
            return Err(format!("{} {rest}", field.label()));
        }
        return Ok(());
    }
    match (field.kind, value) {
        (Kind::Bool, Value::Bool(_)) | (Kind::Time, Value::Time(_)) | (Kind::Mac, Value::Mac(_)) => Ok(()),
        (Kind::Int { min, max, names: [] }, Value::Int(number)) => within(*number, min, max),
        (Kind::Int { names, .. }, Value::Int(number)) if names.iter().any(|(named, _)| named == number) => Ok(()),
        (kind @ Kind::Int { .. }, Value::Int(number)) => kind.parse(&number.to_string()).map(drop),
        (Kind::Float { min, max }, Value::Float(number)) if (min..=max).contains(number) => Ok(()),
        (Kind::Float { min, max }, Value::Float(_)) => Err(format!("Allowed are {min} to {max}.")),
        (Kind::Asn { zero }, Value::Int(number)) => {
            within(*number, i64::from(!zero), 4_294_967_295).map_err(|_| "AS numbers are 1 to 4294967295.".to_owned())
        }
        (Kind::Text { max } | Kind::Secret { max }, Value::Text(text)) => {
            one_line(text)?;
            no_longer(text, max)
        }
        (Kind::Markdown, Value::Text(text)) => no_nul(text),
        (Kind::Template, Value::Text(text)) => {
            no_nul(text)?;
            no_longer(text, LONGEST_TEMPLATE)
        }
        (Kind::Slug { .. }, Value::Text(text)) => {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if text.chars().all(fits) {
                no_longer(text, 100)
            } else {
                Err(format!("Letters, digits, - and _ only: {}", slugify(text)))
            }
        }
        (Kind::Colour, Value::Text(text)) => {
            let hex = text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
            if hex { Ok(()) } else { Err("Six hex digits are meant, like 9e9e9e.".to_owned()) }
        }
        (Kind::Url { max }, Value::Text(text)) => {
            let known = ["http://", "https://", "telnet://", "ssh://"];
            if known.iter().any(|scheme| text.starts_with(scheme)) && !text.contains(char::is_whitespace) {
                no_longer(text, max)
            } else {
                Err("An address beginning with https://, http://, ssh:// or telnet:// is meant.".to_owned())
            }
        }
        (Kind::Email, Value::Text(text)) => {
            let plausible = text.split_once('@').is_some_and(|(user, host)| {
                !user.is_empty() && host.contains('.') && !text.contains(char::is_whitespace)
            });
            if plausible {
                no_longer(text, 254)
            } else {
                Err("An e-mail address is meant, like noc@example.net.".to_owned())
            }
        }
        (Kind::IpHost { family }, Value::Ip(ip)) => right_family(*ip, family),
        (Kind::IpInterface { family }, Value::Net(net)) => right_family(net.addr(), family),
        (Kind::Prefix, Value::Net(net)) if net.addr() == net.network() => Ok(()),
        (Kind::Choice(_), Value::Text(code)) => {
            if field.kind.choice(code).is_some() {
                Ok(())
            } else {
                Err(field.kind.parse(code).err().unwrap_or_default())
            }
        }
        (Kind::Choices(_), Value::Texts(codes)) => codes.iter().try_for_each(|code| field.kind.parse(code).map(drop)),
        (Kind::Reference { .. }, Value::Int(id)) if *id > 0 => Ok(()),
        (Kind::Json { object_only }, Value::Json(json)) if !object_only || json.is_object() => no_nul_within(json),
        (Kind::References { .. } | Kind::IntList, Value::Ids(_)) | (Kind::TextList, Value::Texts(_)) => Ok(()),
        (Kind::Permissions, Value::Texts(names)) => names.iter().try_for_each(|name| check_permission(name)),
        (kind, _) => Err(format!("{} is expected.", kind.expected())),
    }
}

fn within(number: i64, min: i64, max: i64) -> Result<(), String> {
    if (min..=max).contains(&number) { Ok(()) } else { Err(format!("Allowed are {min} to {max}.")) }
}

/// Characters of a template: a thousand times what fits on a screen.
const LONGEST_TEMPLATE: u32 = 1_000_000;

fn no_longer(text: &str, max: u32) -> Result<(), String> {
    let length = text.chars().count();
    if length <= max as usize { Ok(()) } else { Err(format!("At most {max} characters; these are {length}.")) }
}

fn no_nul(text: &str) -> Result<(), String> {
    if text.contains('\0') { Err("A NUL character cannot be stored.".to_owned()) } else { Ok(()) }
}

fn no_nul_within(json: &serde_json::Value) -> Result<(), String> {
    match json {
        serde_json::Value::String(text) => no_nul(text),
        serde_json::Value::Array(items) => items.iter().try_for_each(no_nul_within),
        serde_json::Value::Object(map) => {
            map.iter().try_for_each(|(key, value)| no_nul(key).and_then(|()| no_nul_within(value)))
        }
        _ => Ok(()),
    }
}

fn one_line(text: &str) -> Result<(), String> {
    no_nul(text)?;
    if text.contains(['\n', '\r']) { Err("One line only.".to_owned()) } else { Ok(()) }
}

fn right_family(ip: std::net::IpAddr, family: u8) -> Result<(), String> {
    if family == 0 || address::family_of(ip) == family {
        Ok(())
    } else {
        Err(format!("An IPv{family} address is meant."))
    }
}

/// A slug made from a name: what the form writes while the name is typed.
pub fn slugify(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        let c = match c.to_ascii_lowercase() {
            'ä' | 'Ä' | 'á' | 'à' | 'â' | 'å' => 'a',
            'ö' | 'Ö' | 'ó' | 'ô' | 'ø' => 'o',
            'ü' | 'Ü' | 'ú' => 'u',
            'é' | 'è' | 'ê' => 'e',
            'í' => 'i',
            'ñ' => 'n',
            'ç' => 'c',
            other => other,
        };
        if c.is_ascii_alphanumeric() || c == '_' {
            slug.push(c);
        } else if matches!(c, ' ' | '-' | '/' | '.') && !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(100);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::IX_SESSION;

    #[test]
    fn a_number_that_is_not_nullable_must_be_there() {
        let ttl = IX_SESSION.field("multihop_ttl").unwrap();
        assert_eq!(check_value(ttl, &Value::Null), Err("TTL is needed.".to_owned()));
        assert_eq!(check_value(ttl, &Value::Int(0)), Err("Allowed are 1 to 255.".to_owned()));
    }

    #[test]
    fn a_template_is_bounded_by_its_characters() {
        let field = crate::types::CONFIGURATION.field("template").unwrap();
        let of = |length: usize| check_value(field, &Value::text("ü".repeat(length)));
        assert_eq!(of(LONGEST_TEMPLATE as usize), Ok(()));
        let problem = of(LONGEST_TEMPLATE as usize + 1).unwrap_err();
        assert_eq!(problem, "At most 1000000 characters; these are 1000001.");
    }

    #[test]
    fn slugs_are_made_of_what_they_may_hold() {
        for (name, slug) in [("Zürich IX", "zurich-ix"), ("  A/B  C ", "a-b-c"), ("例示", "")] {
            assert_eq!(slugify(name), slug);
        }
    }
}
