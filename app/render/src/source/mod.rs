//! From an operator's Jinja2 source to a source that minijinja renders with Jinja2's results.
//!
//! Two steps. [`prepare`] is a small lexer that mends what minijinja's parser would refuse (Peering Manager's include
//! tags, unary plus, bare tuples, CRLF). [`rewrite`] parses the result with minijinja's own parser and writes the tree
//! out again with Python's operators and displays as filter calls. What must stay true: a statement keeps its line
//! number, so that an error names the line that the operator sees; whitespace control happens once, in the first parse.

mod blocks;
pub mod names;
pub mod prepare;
pub mod rewrite;
mod statements;

use crate::problem::{Problem, ProblemKind};
use minijinja::syntax::SyntaxConfig;
use names::Names;

/// Delimiters of the rewritten source: noncharacters, which no text of an operator needs.
pub(crate) const BLOCK: (&str, &str) = ("\u{fdd0}", "\u{fdd1}");
pub(crate) const VARIABLE: (&str, &str) = ("\u{fdd2}", "\u{fdd3}");
const COMMENT: (&str, &str) = ("\u{fdd4}", "\u{fdd5}");

/// The two Jinja2 whitespace options that a template record carries. The outer template's govern all included ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whitespace {
    /// `trim_blocks`: the first newline after a block tag goes.
    pub trim: bool,
    /// `lstrip_blocks`: blanks between the line's start and a block tag go.
    pub lstrip: bool,
}

/// A template in the rewritten syntax.
#[derive(Clone, Debug)]
pub struct Source {
    pub text: String,
    /// Of the template as it was written.
    pub names: Names,
}

/// Rewrites one template. `name` is what a [`Problem`] calls it.
///
/// # Errors
/// A syntax problem with the line in this template.
pub fn translate(source: &str, name: &str, whitespace: Whitespace) -> Result<Source, Problem> {
    translate_watched(source, name, whitespace, Seen::default())
}

/// What a template sees of where it is used.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen<'n> {
    /// Readers of attributes ([`names::Mention::reader`]) before which it notes where it is.
    pub watched: &'n [u32],
    /// Only what it makes itself, and what everybody sees: it is imported or included without the context.
    pub alone: bool,
}

/// The same for a template that sees otherwise than usual.
///
/// # Errors
/// As [`translate`].
pub(crate) fn translate_watched(
    source: &str,
    name: &str,
    whitespace: Whitespace,
    seen: Seen<'_>,
) -> Result<Source, Problem> {
    let prepared = prepare::prepare(source, whitespace.trim);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(whitespace.trim)
        .lstrip_blocks(whitespace.lstrip)
        .build()
        .map_err(|error| Problem::internal(name, &error))?;
    let tree = minijinja::machinery::parse(&prepared, name, syntax).map_err(|error| {
        let message = jinja_wording(error.detail().unwrap_or("invalid syntax"), &prepared, error.line());
        Problem { kind: ProblemKind::Syntax, template: name.to_owned(), line: error.line(), message }
    })?;
    Ok(Source { text: rewrite::rewrite(&tree, name, seen)?, names: names::names(&tree) })
}

/// The character of its line, from 1, in which a name of the prepared source stands in the operator's: what was prepared
/// holds the same names in the same order.
pub(crate) fn column(source: &str, whitespace: Whitespace, mention: &names::Mention) -> usize {
    let prepared = prepare::prepare(source, whitespace.trim);
    let start = usize::try_from(mention.start).unwrap_or_default();
    let before = prepared.get(..start).unwrap_or_default();
    let begun = before.rfind('\n').map_or(before, |at| &before[at + 1..]);
    let nth = places(begun, &mention.name).count();
    let line = source.lines().nth(mention.line.saturating_sub(1)).unwrap_or_default();
    let at = places(line, &mention.name).nth(nth).unwrap_or_default();
    line[..at].chars().count() + 1
}

/// Where a name stands alone.
fn places<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .map(|(at, _)| at)
        .filter(move |at| !text[..*at].ends_with(part) && !text[*at + name.len()..].starts_with(part))
}

/// The syntax of rewritten sources.
pub(crate) fn rewritten_syntax() -> Result<SyntaxConfig, minijinja::Error> {
    SyntaxConfig::builder()
        .block_delimiters(BLOCK.0, BLOCK.1)
        .variable_delimiters(VARIABLE.0, VARIABLE.1)
        .comment_delimiters(COMMENT.0, COMMENT.1)
        .keep_trailing_newline(true)
        .build()
}

/// Jinja2's words for the commonest mistakes, so that a message looks familiar.
fn jinja_wording(detail: &str, source: &str, line: Option<usize>) -> String {
    if let Some(tag) = detail.strip_prefix("unknown statement ") {
        // a tag of the product that never ends was left as it is
        if prepare::INCLUDES.iter().any(|(name, _)| *name == tag) {
            return "unexpected end of template, expected 'end of statement block'.".to_owned();
        }
        let open = blocks::open(source, Some((tag, line.unwrap_or_default())));
        return format!("Encountered unknown tag '{tag}'.{}", open.map(|open| format!(" {open}")).unwrap_or_default());
    }
    match detail.strip_prefix("unexpected end of input, expected ") {
        Some("end of block") if let Some(open) = blocks::open(source, None) => {
            format!("Unexpected end of template. {open}")
        }
        Some(expected) => {
            let expected = match expected {
                "end of variable block" => "end of print statement",
                "end of block" => "end of statement block",
                expected => expected,
            };
            format!("unexpected end of template, expected '{expected}'.")
        }
        None => detail.to_owned(),
    }
}
