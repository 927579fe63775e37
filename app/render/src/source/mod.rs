//! From an operator's Jinja2 source to a source that minijinja renders with Jinja2's results.
//!
//! Two steps. [`prepare`] is a small lexer that mends what minijinja's parser would refuse (Peering Manager's include
//! tags, unary plus, bare tuples, CRLF). [`rewrite`] parses the result with minijinja's own parser and writes the tree
//! out again with Python's operators and displays as filter calls. What must stay true: a statement keeps its line
//! number, so that an error names the line that the operator sees; whitespace control happens once, in the first parse.

pub mod prepare;
pub mod rewrite;
mod statements;

use crate::problem::{Problem, ProblemKind};
use minijinja::syntax::SyntaxConfig;

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

/// Rewrites one template. `name` is what a [`Problem`] calls it.
///
/// # Errors
/// A syntax problem with the line in this template.
pub fn translate(source: &str, name: &str, whitespace: Whitespace) -> Result<String, Problem> {
    let prepared = prepare::prepare(source, whitespace.trim);
    let syntax = SyntaxConfig::builder()
        .trim_blocks(whitespace.trim)
        .lstrip_blocks(whitespace.lstrip)
        .build()
        .map_err(|error| Problem::internal(name, &error))?;
    let tree = minijinja::machinery::parse(&prepared, name, syntax).map_err(|error| {
        let message = jinja_wording(error.detail().unwrap_or("invalid syntax"));
        Problem { kind: ProblemKind::Syntax, template: name.to_owned(), line: error.line(), message }
    })?;
    rewrite::rewrite(&tree, name)
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

/// Jinja2's words for the commonest mistake, so that a message looks familiar.
fn jinja_wording(detail: &str) -> String {
    match detail.strip_prefix("unknown statement ") {
        Some(tag) => format!("Encountered unknown tag '{tag}'."),
        None => detail.to_owned(),
    }
}
