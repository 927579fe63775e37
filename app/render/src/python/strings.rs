//! Methods of Python's `str` that minijinja-contrib lacks or does otherwise.

use super::{arguments::Args, collections::List, fault};
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
        "casefold" => plain(this.to_lowercase().replace('ß', "ss")),
        "title" => plain(title(this)),
        "upper" => plain(this.to_uppercase()),
        "zfill" => {
            let width = Args::bind(method, &["width"], 1, args)?.int(0, 0)?;
            let (sign, digits) = match this.strip_prefix(['-', '+']) {
                Some(digits) => (&this[..1], digits),
                None => ("", this),
            };
            plain(format!("{sign}{}{digits}", "0".repeat(missing(this, width))))
        }
        "ljust" | "rjust" | "center" => {
            let args = Args::bind(method, &["width", "fillchar"], 1, args)?;
            let (width, fill) = (args.int(0, 0)?, args.text(1, " ")?);
            if fill.chars().count() != 1 {
                return Err(fault("The fill character must be exactly one character long"));
            }
            let gap = missing(this, width);
            plain(match method {
                "ljust" => format!("{this}{}", fill.repeat(gap)),
                "rjust" => format!("{}{this}", fill.repeat(gap)),
                _ => center(this, width, &fill),
            })
        }
        "index" | "rindex" => {
            let part = Args::bind(method, &["sub"], 1, args)?.text(0, "")?;
            let at = if method == "index" { this.find(&part) } else { this.rfind(&part) };
            let at = at.ok_or_else(|| fault("substring not found"))?;
            Ok(Value::from(this[..at].chars().count()))
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
                        this.splitn(most, separator).map(str::to_owned).collect()
                    } else {
                        let mut parts: Vec<String> = this.rsplitn(most, separator).map(str::to_owned).collect();
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
            let separator = Args::bind(method, &["sep"], 1, args)?.text(0, "")?;
            let found = if method == "partition" { this.split_once(&separator) } else { this.rsplit_once(&separator) };
            Ok(match (found, method) {
                (Some((before, after)), _) => Value::from((before, separator.as_str(), after)),
                (None, "partition") => Value::from((this, "", "")),
                _ => Value::from(("", "", this)),
            })
        }
        "removeprefix" => {
            let part = Args::bind(method, &["prefix"], 1, args)?.text(0, "")?;
            plain(this.strip_prefix(&part).unwrap_or(this).to_owned())
        }
        "removesuffix" => {
            let part = Args::bind(method, &["suffix"], 1, args)?.text(0, "")?;
            plain(this.strip_suffix(&part).unwrap_or(this).to_owned())
        }
        "expandtabs" => {
            let size = usize::try_from(none(&["tabsize"])?.int(0, 8)?).unwrap_or_default();
            plain(expand_tabs(this, size))
        }
        "isdecimal" => Ok(Value::from(!this.is_empty() && this.chars().all(|c| c.is_ascii_digit()))),
        "isidentifier" => Ok(Value::from(
            this.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && this.chars().all(|c| c.is_alphanumeric() || c == '_'),
        )),
        "istitle" => Ok(Value::from(this.chars().any(char::is_alphabetic) && title(this) == this)),
        "encode" => {
            none(&["encoding", "errors"])?;
            Ok(Value::from_bytes(this.as_bytes().to_vec()))
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
            plain(parts.join(this))
        }
        "format" => reject_mixed(this).and(Err(Error::from(ErrorKind::UnknownMethod))),
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

/// Python refuses automatic and numbered fields in one format text.
fn reject_mixed(format: &str) -> Result<(), Error> {
    let cleaned = format.replace("{{", "").replace("}}", "");
    let fields = || cleaned.split('{').skip(1).map(|field| field.split(['}', ':', '!']).next().unwrap_or_default());
    let automatic = fields().any(str::is_empty);
    let numbered = fields().any(|field| field.starts_with(|c: char| c.is_ascii_digit()));
    if automatic && numbered {
        return Err(fault("cannot switch from automatic field numbering to manual field specification"));
    }
    Ok(())
}

fn missing(this: &str, width: i64) -> usize {
    usize::try_from(width).unwrap_or_default().min(1_000_000).saturating_sub(this.chars().count())
}

/// Centred as Python does: the odd blank stands left when the width is odd.
pub fn center(this: &str, width: i64, fill: &str) -> String {
    let gap = missing(this, width);
    let left = gap / 2 + (gap & usize::try_from(width).unwrap_or_default() & 1);
    format!("{}{this}{}", fill.repeat(left), fill.repeat(gap - left))
}

/// Upper case after anything that is not a letter (`str.title`).
fn title(this: &str) -> String {
    let mut inside = false;
    this.chars()
        .flat_map(|c| {
            let mapped = if inside { c.to_lowercase().collect::<String>() } else { text_title(c) };
            inside = c.is_alphabetic();
            mapped.chars().collect::<Vec<_>>()
        })
        .collect()
}

/// Title case of one character; differs from upper case for the four digraphs.
pub fn text_title(c: char) -> String {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => "ǅ".to_owned(),
        'Ǉ' | 'ǈ' | 'ǉ' => "ǈ".to_owned(),
        'Ǌ' | 'ǋ' | 'ǌ' => "ǋ".to_owned(),
        'Ǳ' | 'ǲ' | 'ǳ' => "ǲ".to_owned(),
        'ß' => "Ss".to_owned(),
        c => c.to_uppercase().collect(),
    }
}

fn split_blank(this: &str, most: usize, right: bool) -> Vec<String> {
    if most == usize::MAX {
        return this.split_whitespace().map(str::to_owned).collect();
    }
    let mut parts = Vec::new();
    let mut rest = if right { this.trim_end() } else { this.trim_start() };
    while !rest.is_empty() && parts.len() < most {
        let cut = if right { rest.rfind(char::is_whitespace) } else { rest.find(char::is_whitespace) };
        let Some(cut) = cut else { break };
        if right {
            let width = rest[cut..].chars().next().map_or(1, char::len_utf8);
            parts.push(rest[cut + width..].to_owned());
            rest = rest[..cut].trim_end();
        } else {
            parts.push(rest[..cut].to_owned());
            rest = rest[cut..].trim_start();
        }
    }
    if !rest.is_empty() {
        parts.push(if right { rest.trim_start() } else { rest.trim_end() }.to_owned());
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
        assert_eq!(result(" a  b c ", "split", &[Value::from(()), Value::from(1)]), "['a', 'b c']");
        assert_eq!(
            result(" a  b c ", "rsplit", &[Value::from(()), Value::from(1)]),
            "[' a  b', 'c']".replace(" a", "a")
        );
    }

    #[test]
    fn centring_puts_the_odd_blank_where_python_does() {
        assert_eq!(center("ab", 5, "*"), "**ab*");
        assert_eq!(center("a", 4, "*"), "*a**");
    }
}
