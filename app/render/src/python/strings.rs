//! Methods of Python's `str` that minijinja-contrib lacks or does otherwise.

use super::{
    arguments::Args,
    collections::{Dict, List},
    fault, slices, text,
};
use crate::bounds;
use minijinja::{Error, ErrorKind, Value};

/// # Errors
/// Unknown method, wrong arguments, `substring not found`.
pub fn call(this: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    let plain = |value: String| Ok(Value::from(value));
    let none = |names: &[&str]| Args::bind(method, names, 0, args);
    match method {
        "swapcase" => {
            none(&[])?;
            plain(
                this.chars()
                    .map(|c| if c.is_uppercase() { c.to_lowercase().to_string() } else { c.to_uppercase().to_string() })
                    .collect(),
            )
        }
        "casefold" => {
            none(&[])?;
            plain(
                this.chars()
                    .flat_map(|c| {
                        match c {
                            'ı' => c.to_string(),
                            c => c.to_uppercase().flat_map(char::to_lowercase).collect(),
                        }
                        .chars()
                        .collect::<Vec<_>>()
                    })
                    .collect(),
            )
        }
        "title" | "upper" | "lower" | "capitalize" => {
            none(&[])?;
            plain(match method {
                "title" => title(this),
                "upper" => this.to_uppercase(),
                "lower" => this.to_lowercase(),
                _ => capitalize(this),
            })
        }
        "strip" | "lstrip" | "rstrip" => {
            let args = none(&["chars"])?;
            let given = args.get(0).filter(|chars| !chars.is_none());
            let set = match given {
                Some(_) => Some(args.text(0, "")?),
                None => None,
            };
            let drop = |c: char| set.as_ref().map_or_else(|| is_blank(c), |set| set.contains(c));
            plain(
                match method {
                    "strip" => this.trim_matches(drop),
                    "lstrip" => this.trim_start_matches(drop),
                    _ => this.trim_end_matches(drop),
                }
                .to_owned(),
            )
        }
        "zfill" => {
            let width = Args::bind(method, &["width"], 1, args)?.int(0, 0)?;
            let (sign, digits) = match this.strip_prefix(['-', '+']) {
                Some(digits) => (&this[..1], digits),
                None => ("", this),
            };
            plain(format!("{sign}{}{digits}", "0".repeat(missing(this, width)?)))
        }
        "ljust" | "rjust" | "center" => {
            let args = Args::bind(method, &["width", "fillchar"], 1, args)?;
            let (width, fill) = (args.int(0, 0)?, args.text(1, " ")?);
            if fill.chars().count() != 1 {
                return Err(fault("The fill character must be exactly one character long"));
            }
            let gap = missing(this, width)?;
            plain(match method {
                "ljust" => format!("{this}{}", fill.repeat(gap)),
                "rjust" => format!("{}{this}", fill.repeat(gap)),
                _ => center(this, width, fill)?,
            })
        }
        "find" | "rfind" | "index" | "rindex" | "count" => {
            let args = Args::bind(method, &["sub", "start", "end"], 1, args)?;
            let part = args.text(0, "")?;
            let Some((from, inside)) = window(this, &args)? else {
                return match method {
                    "index" | "rindex" => Err(fault("substring not found")),
                    "count" => Ok(Value::from(0)),
                    _ => Ok(Value::from(-1)),
                };
            };
            if method == "count" {
                let count = if part.is_empty() { inside.chars().count() + 1 } else { inside.matches(&part).count() };
                return Ok(Value::from(count));
            }
            let at = if method.starts_with('r') { inside.rfind(&part) } else { inside.find(part) };
            match at.map(|at| from + inside[..at].chars().count()) {
                Some(at) => Ok(Value::from(at)),
                None if method.ends_with("index") => Err(fault("substring not found")),
                None => Ok(Value::from(-1)),
            }
        }
        "startswith" | "endswith" => {
            let args = Args::bind(method, &["prefix", "start", "end"], 1, args)?;
            let parts: Vec<Value> = if args.value(0).is_tuple() {
                args.value(0).try_iter()?.collect()
            } else {
                vec![args.value(0).clone()]
            };
            let inside = window(this, &args)?;
            let mut found = false;
            for part in &parts {
                let part = part.as_str().ok_or_else(|| {
                    let of = super::type_name(part);
                    fault(format!("{method} first arg must be str or a tuple of str, not {of}"))
                })?;
                found |= inside.is_some_and(|(_, inside)| match method {
                    "startswith" => inside.starts_with(part),
                    _ => inside.ends_with(part),
                });
            }
            Ok(Value::from(found))
        }
        "split" | "rsplit" => {
            let args = Args::bind(method, &["sep", "maxsplit"], 0, args)?;
            let separator = args.get(0).filter(|value| !value.is_none());
            let most = usize::try_from(args.int(1, -1)?).unwrap_or(usize::MAX);
            let parts = match separator {
                None => split_blank(this, most, method == "rsplit"),
                Some(separator) => {
                    let separator = separator.as_str().ok_or_else(|| fault("must be str or None"))?;
                    if separator.is_empty() {
                        return Err(fault("empty separator"));
                    }
                    let most = most.saturating_add(1);
                    if method == "split" {
                        this.splitn(most, separator).collect()
                    } else {
                        let mut parts: Vec<&str> = this.rsplitn(most, separator).collect();
                        parts.reverse();
                        parts
                    }
                }
            };
            Ok(List::value(parts.into_iter().map(Value::from).collect()))
        }
        "splitlines" => {
            let keep = none(&["keepends"])?.flag(0, false);
            let lines =
                lines(this).map(|(line, end)| Value::from(if keep { [line, end].concat() } else { line.to_owned() }));
            Ok(List::value(lines.collect()))
        }
        "partition" | "rpartition" => {
            let args = Args::bind(method, &["sep"], 1, args)?;
            let separator = args.text(0, "")?;
            if separator.is_empty() {
                return Err(fault("empty separator"));
            }
            let found = if method == "partition" { this.split_once(separator) } else { this.rsplit_once(&separator) };
            Ok(match (found, method) {
                (Some((before, after)), _) => Value::from((before, separator, after)),
                (None, "partition") => Value::from((this, "", "")),
                _ => Value::from(("", "", this)),
            })
        }
        "replace" => {
            let args = Args::bind(method, &["old", "new", "count"], 2, args)?;
            let (old, new) = (args.text(0, "")?, args.text(1, "")?);
            // less than none are all
            let count = usize::try_from(args.int(2, -1)?).ok();
            room_for_replacing(this, old, new, count)?;
            plain(match count {
                Some(count) => this.replacen(old, new, count),
                None => this.replace(old, new),
            })
        }
        "removeprefix" => {
            let args = Args::bind(method, &["prefix"], 1, args)?;
            let part = args.text(0, "")?;
            plain(this.strip_prefix(part).unwrap_or(this).to_owned())
        }
        "removesuffix" => {
            let args = Args::bind(method, &["suffix"], 1, args)?;
            let part = args.text(0, "")?;
            plain(this.strip_suffix(&part).unwrap_or(this).to_owned())
        }
        "expandtabs" => {
            let size = bounds::width(none(&["tabsize"])?.int(0, 8)?)?;
            bounds::make(this.matches('\t').count() * size)?;
            plain(expand_tabs(this, size))
        }
        "isdecimal" | "isdigit" | "isnumeric" | "isalpha" | "isalnum" | "isspace" | "isupper" | "islower"
        | "istitle" | "isascii" | "isprintable" | "isidentifier" => {
            none(&[])?;
            Ok(Value::from(is(this, method)))
        }
        "encode" => {
            let args = none(&["encoding", "errors"])?;
            Ok(Value::from_bytes(encoded(this, args.text(0, "utf-8")?, args.text(1, "strict")?)?))
        }
        "join" => {
            let args = Args::bind(method, &["iterable"], 1, args)?;
            let mut parts = Vec::new();
            for (at, item) in args.value(0).try_iter()?.enumerate() {
                match item.as_str() {
                    Some(part) => parts.push(part.to_owned()),
                    None => {
                        let found = super::type_name(&item);
                        return Err(fault(format!("sequence item {at}: expected str instance, {found} found")));
                    }
                }
            }
            bounds::make(this.len().saturating_mul(parts.len()))?;
            plain(parts.join(this))
        }
        "format" => super::format::format(this, args, false),
        "format_map" => super::format::format_map(this, Args::bind(method, &["mapping"], 1, args)?.value(0)),
        "maketrans" => {
            let args = Args::positional(method, 2, 3, args)?;
            let code = |c: char| Value::from(u32::from(c));
            let pairs =
                args.text(0, "")?.chars().zip(args.text(1, "")?.chars()).map(|(from, to)| (code(from), code(to)));
            let gone = args.text(2, "")?.chars().map(|c| (code(c), Value::from(())));
            Ok(Dict::value(pairs.chain(gone)))
        }
        "translate" => plain(super::format::translate(this, Args::bind(method, &["table"], 1, args)?.value(0))?),
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

/// Whether a text may be made by putting `new` wherever `old` is.
///
/// # Errors
/// It would be too much text.
pub fn room_for_replacing(this: &str, old: &str, new: &str, count: Option<usize>) -> Result<(), Error> {
    let places = if old.is_empty() { this.chars().count() + 1 } else { this.matches(old).count() };
    let places = count.map_or(places, |count| count.min(places));
    bounds::make(this.len().saturating_add(places.saturating_mul(new.len())))
}

/// How many characters a text lacks to a width.
///
/// # Errors
/// The width is too much.
pub(super) fn missing(this: &str, width: i64) -> Result<usize, Error> {
    Ok(bounds::width(width)?.saturating_sub(this.chars().count()))
}

/// The part of a text between `start` and `end` (arguments 1 and 2), and how many characters stand before it; none where
/// `start` lies behind the end.
fn window<'t>(this: &'t str, args: &Args) -> Result<Option<(usize, &'t str)>, Error> {
    if args.get(1).is_none() && args.get(2).is_none() {
        return Ok(Some((0, this)));
    }
    let length = this.chars().count();
    let (from, to) = slices::window(length, args.get(1), args.get(2))?;
    if from > length || from > to {
        return Ok(None);
    }
    let byte = |at: usize| this.char_indices().nth(at).map_or(this.len(), |(byte, _)| byte);
    Ok(Some((from, &this[byte(from)..byte(to)])))
}

/// What Python takes for white space.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// `str.encode`.
fn encoded(this: &str, encoding: &str, errors: &str) -> Result<Vec<u8>, Error> {
    let most = match encoding.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
        "utf8" | "u8" => return Ok(this.as_bytes().to_vec()),
        "ascii" | "usascii" => 0x80,
        "latin1" | "iso88591" => 0x100,
        _ => return Err(fault(format!("unknown encoding: {encoding}"))),
    };
    let mut bytes = Vec::with_capacity(this.len());
    for (at, c) in this.chars().enumerate() {
        match (u8::try_from(u32::from(c)), errors) {
            (Ok(byte), _) if u32::from(byte) < most => bytes.push(byte),
            (_, "ignore") => {}
            (_, "replace") => bytes.push(b'?'),
            _ => {
                return Err(fault(format!(
                    "'{encoding}' codec can't encode character {} in position {at}",
                    text::ascii(&text::quoted(&c.to_string()))
                )));
            }
        }
    }
    Ok(bytes)
}

/// Python's `str.is...` methods.
fn is(this: &str, method: &str) -> bool {
    let all = |holds: fn(char) -> bool| !this.is_empty() && this.chars().all(holds);
    let cased =
        |wanted: fn(char) -> bool, other: fn(char) -> bool| this.chars().any(wanted) && !this.chars().any(other);
    match method {
        "isascii" => this.is_ascii(),
        "isprintable" => this.chars().all(text::is_printable),
        "isdecimal" => all(is_decimal),
        "isdigit" => all(|c| is_decimal(c) || matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '₀'..='₉' | '①'..='⑨')),
        "isnumeric" => all(char::is_numeric),
        "isalpha" => all(char::is_alphabetic),
        "isalnum" => all(char::is_alphanumeric),
        "isspace" => all(is_blank),
        "isupper" => cased(char::is_uppercase, char::is_lowercase),
        "islower" => cased(char::is_lowercase, char::is_uppercase),
        "istitle" => this.chars().any(char::is_alphabetic) && title(this) == this,
        _ => {
            this.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && this.chars().all(|c| c.is_alphanumeric() || c == '_')
        }
    }
}

/// Unicode's decimal digits come in runs of ten; these are the scripts in use.
fn is_decimal(c: char) -> bool {
    const ZEROS: [u32; 20] = [
        0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6, 0xe50, 0xed0,
        0xf20, 0x1040, 0x17e0, 0xff10,
    ];
    ZEROS.iter().any(|zero| (*zero..zero + 10).contains(&u32::from(c)))
}

/// The first character in title case, the rest in lower case.
pub fn capitalize(this: &str) -> String {
    let Some(first) = this.chars().next() else { return String::new() };
    // of the whole, because a sigma asks for what stands before it
    text_title(first) + &this.to_lowercase().chars().skip(first.to_lowercase().count()).collect::<String>()
}

/// Centred as Python does: the odd blank stands left when the width is odd.
///
/// # Errors
/// The width is too much.
pub fn center(this: &str, width: i64, fill: &str) -> Result<String, Error> {
    let gap = missing(this, width)?;
    let left = gap / 2 + (gap & bounds::width(width)? & 1);
    Ok(format!("{}{this}{}", fill.repeat(left), fill.repeat(gap - left)))
}

/// Upper case after anything that is not a letter (`str.title`).
fn title(this: &str) -> String {
    let (mut inside, lower) = (false, this.to_lowercase());
    let (mut lower, mut out) = (lower.chars(), String::with_capacity(this.len()));
    for c in this.chars() {
        let small: String = lower.by_ref().take(c.to_lowercase().count()).collect();
        out.push_str(&if inside { small } else { text_title(c) });
        inside = c.is_alphabetic();
    }
    out
}

/// Title case of one character; differs from upper case for the four digraphs.
pub fn text_title(c: char) -> String {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => "ǅ".to_owned(),
        'Ǉ' | 'ǈ' | 'ǉ' => "ǈ".to_owned(),
        'Ǌ' | 'ǋ' | 'ǌ' => "ǋ".to_owned(),
        'Ǳ' | 'ǲ' | 'ǳ' => "ǲ".to_owned(),
        // of a ligature the first letter alone
        c => {
            let mut upper = c.to_uppercase();
            match upper.next() {
                Some(first) if first.is_uppercase() => {
                    std::iter::once(first).chain(upper.flat_map(char::to_lowercase)).collect()
                }
                _ => c.to_uppercase().collect(),
            }
        }
    }
}

fn split_blank(this: &str, most: usize, right: bool) -> Vec<&str> {
    if most == usize::MAX {
        return this.split(is_blank).filter(|part| !part.is_empty()).collect();
    }
    let mut parts = Vec::new();
    let mut rest = if right { this.trim_end_matches(is_blank) } else { this.trim_start_matches(is_blank) };
    while !rest.is_empty() && parts.len() < most {
        let cut = if right { rest.rfind(is_blank) } else { rest.find(is_blank) };
        let Some(cut) = cut else { break };
        if right {
            let width = rest[cut..].chars().next().map_or(1, char::len_utf8);
            parts.push(&rest[cut + width..]);
            rest = rest[..cut].trim_end_matches(is_blank);
        } else {
            parts.push(&rest[..cut]);
            rest = rest[cut..].trim_start_matches(is_blank);
        }
    }
    if !rest.is_empty() {
        parts.push(rest);
    }
    if right {
        parts.reverse();
    }
    parts
}

/// Lines with their ends, cut where `str.splitlines` cuts.
pub fn lines(this: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = this;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let at = rest.find(|c: char| {
            matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
        });
        let (line, end) = match at {
            None => (rest.len(), 0),
            Some(at) if rest[at..].starts_with("\r\n") => (at, 2),
            Some(at) => (at, rest[at..].chars().next().map_or(1, char::len_utf8)),
        };
        let found = (&rest[..line], &rest[line..line + end]);
        rest = &rest[line + end..];
        Some(found)
    })
}

fn expand_tabs(this: &str, size: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for c in this.chars() {
        match c {
            '\t' if size == 0 => {}
            '\t' => {
                let gap = size - column % size;
                out.push_str(&" ".repeat(gap));
                column += gap;
            }
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            c => {
                out.push(c);
                column += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(this: &str, method: &str, args: &[Value]) -> String {
        crate::python::text::repr_of(&call(this, method, args).unwrap())
    }

    #[test]
    fn splits_from_the_right_and_on_blanks() {
        assert_eq!(result("a.b.c", "rsplit", &[Value::from("."), Value::from(1)]), "['a.b', 'c']");
        assert_eq!(result(" a  b c ", "split", &[Value::from(()), Value::from(1)]), "['a', 'b c ']");
        assert_eq!(result(" a  b c ", "rsplit", &[Value::from(()), Value::from(1)]), "[' a  b', 'c']");
    }

    #[test]
    fn centring_puts_the_odd_blank_where_python_does() {
        assert_eq!(center("ab", 5, "*").unwrap(), "**ab*");
        assert_eq!(center("a", 4, "*").unwrap(), "*a**");
    }
}
