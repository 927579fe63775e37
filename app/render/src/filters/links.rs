//! Jinja2's `urlize`, and the entities that `striptags` reads.

use crate::python::{
    arguments::Args,
    fault,
    markup::{self, escape},
    text,
};
use minijinja::Error;

/// Domains that are links without a scheme.
const TOP: [&str; 8] = ["com", "edu", "gov", "info", "int", "mil", "net", "org"];

/// Addresses in a text become links; the rest is escaped.
///
/// # Errors
/// An extra scheme that is none.
pub fn urlize(a: &Args) -> Result<String, Error> {
    let given = |at: usize| a.get(at).filter(|value| !value.is_none());
    let limit =
        given(1).map(crate::python::arguments::as_int).transpose()?.and_then(|limit| usize::try_from(limit).ok());
    let given_rel = given(4).map(text::str_of).unwrap_or_default();
    let mut rel: Vec<&str> = given_rel.split_whitespace().chain(["noopener"]).collect();
    if a.flag(2, false) {
        rel.push("nofollow");
    }
    rel.sort_unstable();
    rel.dedup();
    let rel = format!(" rel=\"{}\"", escape(&rel.join(" ")));
    let target = given(3).map(|target| format!(" target=\"{}\"", escape(&text::str_of(target)))).unwrap_or_default();
    let mut schemes = Vec::new();
    if let Some(list) = given(5) {
        for scheme in list.try_iter()? {
            let scheme = text::str_of(&scheme);
            let name = scheme.strip_suffix("//").unwrap_or(&scheme).strip_suffix(':');
            if !name
                .is_some_and(|name| name.len() > 1 && name.chars().all(|c| c.is_alphanumeric() || ".+-_".contains(c)))
            {
                return Err(fault(format!("{} is not a valid URI scheme prefix.", text::quoted(&scheme))));
            }
            schemes.push(scheme);
        }
    }
    let source = markup::escaped_text(a.value(0));
    let mut out = String::new();
    let mut rest = source.as_str();
    while !rest.is_empty() {
        let blank = rest.starts_with(char::is_whitespace);
        let end = rest.find(|c: char| c.is_whitespace() != blank).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        if blank {
            out.push_str(word);
        } else {
            link(word, limit, &rel, &target, &schemes, &mut out);
        }
    }
    Ok(out)
}

fn link(word: &str, limit: Option<usize>, rel: &str, target: &str, schemes: &[String], out: &mut String) {
    let mut middle = word;
    while let Some(rest) = ["(", "&lt;", "<"].iter().find_map(|open| middle.strip_prefix(open)) {
        middle = rest;
    }
    let head = &word[..word.len() - middle.len()];
    let whole = middle;
    while let Some(rest) = [")", ".", ",", "\n", "&gt;", ">"].iter().find_map(|close| middle.strip_suffix(close)) {
        middle = rest;
    }
    // a closing bracket belongs to the address where it holds the opening one
    let mut tail = &whole[middle.len()..];
    for (open, close) in [("(", ")"), ("<", ">"), ("&lt;", "&gt;")] {
        let opened = middle.matches(open).count();
        let missing = opened.saturating_sub(middle.matches(close).count()).min(tail.matches(close).count());
        for _ in 0..missing {
            let Some(at) = tail.find(close) else { break };
            let end = whole.len() - tail.len() + at + close.len();
            middle = &whole[..end];
            tail = &whole[end..];
        }
    }
    let shown = |text: &str| match limit {
        Some(limit) if text.chars().count() > limit => text.chars().take(limit).collect::<String>() + "...",
        _ => text.to_owned(),
    };
    let linked = if is_address(middle) {
        let scheme = if middle.starts_with("https://") || middle.starts_with("http://") { "" } else { "https://" };
        Some(format!("<a href=\"{scheme}{middle}\"{rel}{target}>{}</a>", shown(middle)))
    } else if middle.strip_prefix("mailto:").is_some_and(is_mail) {
        Some(format!("<a href=\"{middle}\">{}</a>", &middle[7..]))
    } else if is_mail(middle) && !middle.starts_with("www.") && !middle.contains(':') {
        Some(format!("<a href=\"mailto:{middle}\">{middle}</a>"))
    } else {
        let known = schemes.iter().any(|scheme| middle != scheme && middle.starts_with(scheme.as_str()));
        known.then(|| format!("<a href=\"{middle}\"{rel}{target}>{middle}</a>"))
    };
    out.push_str(head);
    out.push_str(linked.as_deref().unwrap_or(middle));
    out.push_str(tail);
}

/// Jinja2's pattern for what is a web address: a host with a scheme or `www.` and a last label of letters, a domain of the
/// well-known kinds, or an IP address with a scheme; then a port and a path.
fn is_address(word: &str) -> bool {
    let lower = word.to_lowercase();
    let schemed = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(['/', '?', '#']);
    let closed = |rest: &str| {
        let port = rest.strip_prefix(':').map(|port| port.trim_start_matches(|c: char| c.is_ascii_digit()));
        ends(rest)
            || rest
                .strip_prefix(':')
                .zip(port)
                .is_some_and(|(port, rest)| (1..=5).contains(&(port.len() - rest.len())) && ends(rest))
    };
    let label = |c: char| c.is_alphanumeric() || matches!(c, '_' | '%' | '-');
    let split = |text: &str| {
        let end = text.find(|c| !label(c) && c != '.').unwrap_or(text.len());
        (text[..end].to_owned(), text[end..].to_owned())
    };
    if let Some(named) = schemed.or_else(|| lower.strip_prefix("www.")) {
        let (host, rest) = split(named);
        let labels: Vec<&str> = host.split('.').collect();
        let (last, before) = labels.split_last().unwrap_or((&"", &[]));
        let letters = (2..=63).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_lowercase());
        let international = last
            .strip_prefix("xn--")
            .is_some_and(|name| (2..=59).contains(&name.chars().count()) && !name.contains('-'));
        if before.iter().all(|label| !label.is_empty()) && (letters || international) && closed(&rest) {
            return true;
        }
    }
    if let Some(numbered) = schemed {
        let (host, rest) = split(numbered);
        let number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if host.split('.').count() == 4 && host.split('.').all(number) && closed(&rest) {
            return true;
        }
        let bracketed = numbered.strip_prefix('[').and_then(|inside| inside.split_once(']'));
        return bracketed.is_some_and(|(inside, rest)| {
            let groups: Vec<&str> = inside.split(':').collect();
            let hex = |part: &&str| part.len() <= 4 && part.bytes().all(|b| b.is_ascii_hexdigit());
            (3..=9).contains(&groups.len()) && groups.iter().all(hex) && closed(rest)
        });
    }
    let (host, rest) = split(&lower);
    let labels: Vec<&str> = host.split('.').collect();
    let (last, before) = labels.split_last().unwrap_or((&"", &[]));
    let sized = |label: &&str| (2..=63).contains(&label.chars().count());
    TOP.contains(last) && !before.is_empty() && before.iter().all(sized) && closed(&rest)
}

fn is_mail(word: &str) -> bool {
    let Some((user, host)) = word.split_once('@') else { return false };
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '-' || c == '.';
    let last = host.rsplit('.').next().unwrap_or_default();
    !user.is_empty()
        && !user.contains(char::is_whitespace)
        && host.contains('.')
        && !host.starts_with('.')
        && host.chars().all(part)
        && !last.is_empty()
        && last.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// Names of U+00A0 to U+00FF, in order.
const LATIN: &str = "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 \
acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil \
Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute \
Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute \
icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml";

/// `html.unescape`, for numbers, XML's own entities and Latin-1's names.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end < 12);
        let found = end.and_then(|end| entity(&rest[1..end]));
        match (found, end) {
            (Some(c), Some(end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "euro" => '€',
        name => {
            let at = LATIN.split(' ').position(|known| known == name)?;
            char::from_u32(0xa0 + u32::try_from(at).ok()?)?
        }
    })
}
