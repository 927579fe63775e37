//! Which block statements are open at a place: Jinja2 says it when a template ends too early or a tag ends another block.

use super::prepare;

/// Statements with a body; what may stand in it besides what closes it.
const BLOCKS: [(&str, &[&str]); 10] = [
    ("for", &["else"]),
    ("if", &["elif", "else"]),
    ("macro", &[]),
    ("call", &[]),
    ("filter", &[]),
    ("with", &[]),
    ("block", &[]),
    ("set", &[]),
    ("autoescape", &[]),
    ("raw", &[]),
];

/// A block statement that is not closed.
struct Open {
    name: &'static str,
    line: usize,
    /// Its `else` has been seen.
    last: bool,
}

/// The innermost block that is open, in Jinja2's words, and where it begins. At the end of the source, or at the first tag
/// `word` in `line` or after.
pub(super) fn open(source: &str, until: Option<(&str, usize)>) -> Option<String> {
    let mut stack: Vec<Open> = Vec::new();
    let (mut line, mut counted) = (1, 0);
    for (at, tag) in prepare::tags(source) {
        let Some(inner) = tag.strip_prefix("{%") else { continue };
        line += source[counted..at].matches('\n').count();
        counted = at;
        let inner = inner.trim_start_matches(['-', '+']).trim_start();
        let word = inner.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
        if until.is_some_and(|(wanted, from)| wanted == word && line >= from) {
            break;
        }
        if word == "else" {
            stack.last_mut().into_iter().for_each(|open| open.last = true);
        } else if let Some(closed) = word.strip_prefix("end") {
            if stack.last().is_some_and(|open| open.name == closed) {
                stack.pop();
            }
        } else if let Some((name, _)) = BLOCKS.iter().find(|(name, _)| *name == word) {
            // `set x = 1` has no body
            let plain = *name == "set" && inner.contains('=');
            if !plain {
                stack.push(Open { name, line, last: false });
            }
        }
    }
    let open = stack.pop()?;
    let between = BLOCKS.iter().find(|(name, _)| *name == open.name).map_or(&[][..], |(_, between)| between);
    let mut wanted: Vec<String> = between.iter().filter(|_| !open.last).map(|word| format!("'{word}'")).collect();
    let end = format!("'end{}'", open.name);
    if open.name == "for" {
        wanted.insert(0, end)
    } else {
        wanted.push(end)
    }
    Some(format!(
        "Jinja was looking for the following tags: {}. The innermost block that needs to be closed is '{}'. It begins in line {}.",
        wanted.join(" or "),
        open.name,
        open.line
    ))
}
