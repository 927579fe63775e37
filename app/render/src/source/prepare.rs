//! What minijinja's parser would refuse, mended in the text before it sees it.
//!
//! A lexer that knows only raw blocks, comments, tags and strings: line ends become `\n`; Peering Manager's
//! `include_configuration X` (and its two siblings) becomes a stock include of `kind::X`; a unary plus is dropped; a bare
//! tuple in an output or `for` tag gets its parentheses; escapes in texts that minijinja does not know become such that it
//! does; what is imported or included without the context is marked ([`ALONE`]), because the tree does not say so; the newline
//! after `{% raw %}`, which Jinja2 never trims, is written as text. No line is added or removed.

use std::ops::Range;

pub(super) const INCLUDES: [(&str, &str); 3] = [
    ("include_configuration", "configuration"),
    ("include_email", "email"),
    ("include_exporttemplate", "exporttemplate"),
];

/// The filter that names a template which does not see the context.
pub(crate) const ALONE: &str = "__alone";

/// The mended source, with as many lines as before. `trim`: newlines after block tags will go.
pub fn prepare(source: &str, trim: bool) -> String {
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let mut out = String::with_capacity(source.len() + 64);
    let mut rest = source.as_str();
    while let Some(at) = next_tag(rest) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match &rest[..2] {
            "{#" => rest.find("#}").map_or(rest.len(), |end| end + 2),
            _ => match raw_block(rest) {
                Some(length) => {
                    let opening = bare_tag(rest, "raw").unwrap_or_default();
                    let lines = rest[opening..length].bytes().take_while(|byte| *byte == b'\n').count();
                    if trim && lines > 0 && !rest[..opening].ends_with("-%}") {
                        out.push_str(&rest[..opening]);
                        out.push_str("{% endraw %}{{");
                        out.push_str(&"\n".repeat(lines));
                        out.push('"');
                        out.push_str(&"\\n".repeat(lines));
                        out.push_str("\"}}{% raw %}");
                        out.push_str(&rest[opening + lines..length]);
                        rest = &rest[length..];
                        continue;
                    }
                    length
                }
                None => {
                    let tag = Tag::read(rest);
                    tag.write(&mut out);
                    rest = &rest[tag.length..];
                    continue;
                }
            },
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out.push_str(rest);
    out
}

/// Output and block tags with their places; what is raw or a comment has none.
pub(super) fn tags(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            at += next_tag(&source[at..])?;
            let rest = &source[at..];
            let begin = at;
            if rest.starts_with("{#") {
                at += rest.find("#}").map_or(rest.len(), |end| end + 2);
            } else if let Some(length) = raw_block(rest) {
                at += length;
            } else {
                at += Tag::read(rest).length;
                return Some((begin, &source[begin..at]));
            }
        }
    })
}

fn next_tag(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(1)).find(|&at| bytes[at] == b'{' && matches!(bytes[at + 1], b'{' | b'%' | b'#'))
}

/// The length of a whole raw block that starts here.
fn raw_block(text: &str) -> Option<usize> {
    let opening = bare_tag(text, "raw")?;
    let mut at = opening;
    loop {
        at += text[at..].find("{%")?;
        if let Some(closing) = bare_tag(&text[at..], "endraw") {
            return Some(at + closing);
        }
        at += 2;
    }
}

/// The length of `{% word %}` at the start of the text.
fn bare_tag(text: &str, word: &str) -> Option<usize> {
    let inner = text.strip_prefix("{%")?;
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner).trim_start();
    let inner = inner.strip_prefix(word)?.trim_start();
    let inner = inner.strip_prefix(['-', '+']).unwrap_or(inner).strip_prefix("%}")?;
    Some(text.len() - inner.len())
}

/// One output or block tag, cut into pieces.
struct Tag<'a> {
    text: &'a str,
    /// Length of the tag in the source, to its closing delimiter or to the end.
    length: usize,
    /// Byte ranges and what replaces them.
    edits: Vec<(Range<usize>, String)>,
}

/// What a statement names between its word and the next: `for x in HERE if`, `import HERE as`.
#[derive(Default)]
struct Named {
    begin: Option<usize>,
    end: Option<usize>,
    commas: bool,
}

impl<'a> Tag<'a> {
    fn read(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let close: &[u8] = if bytes[1] == b'{' { b"}}" } else { b"%}" };
        let mut at = 2 + usize::from(matches!(bytes.get(2), Some(b'-' | b'+')));
        let (mut depth, mut operand, mut bare_tuple) = (0usize, false, false);
        let mut edits = Vec::new();
        let (mut statement, mut named, mut last) = ("", Named::default(), ["", ""]);
        while at < bytes.len() {
            if depth == 0 && bytes[at..].starts_with(close) {
                let dash = usize::from(matches!(bytes[at - 1], b'-' | b'+'));
                let inner = at - dash;
                let around = |edits: &mut Vec<(Range<usize>, String)>, begin: usize, end: usize, close: &str| {
                    insert(edits, begin, " (".to_owned());
                    insert(edits, end, format!("){close} "));
                };
                let end = named.end.unwrap_or(inner);
                if close == b"}}" {
                    let start = 2 + usize::from(matches!(bytes.get(2), Some(b'-' | b'+')));
                    if bare_tuple && inner > start {
                        insert(&mut edits, start, "(".to_owned());
                        insert(&mut edits, inner, ")".to_owned());
                    }
                } else if let Some(begin) = named.begin {
                    let alone = match statement {
                        "include" => last == ["without", "context"],
                        "import" | "from" => last != ["with", "context"] && named.end.is_some(),
                        _ => false,
                    };
                    if alone {
                        around(&mut edits, begin, end, "|__alone");
                    } else if statement == "for" && named.commas {
                        around(&mut edits, begin, end, "");
                    }
                }
                return Self { text, length: at + 2, edits };
            }
            match bytes[at] {
                quote @ (b'\'' | b'"') => {
                    let begin = at;
                    at += 1;
                    while at < bytes.len() && bytes[at] != quote {
                        at += 1 + usize::from(bytes[at] == b'\\');
                    }
                    escapes(text, begin..at.min(text.len()), &mut edits);
                    operand = true;
                }
                b'(' | b'[' | b'{' => {
                    depth += 1;
                    operand = false;
                }
                b')' | b']' | b'}' => {
                    depth = depth.saturating_sub(1);
                    operand = true;
                }
                b'+' if !operand && !bytes[at + 1..].starts_with(close) => edits.push((at..at + 1, " ".to_owned())),
                b',' => {
                    bare_tuple |= depth == 0;
                    named.commas |= depth == 0 && named.begin.is_some() && named.end.is_none();
                    operand = false;
                }
                byte if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 => {
                    let start = at;
                    while at < bytes.len()
                        && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_' || bytes[at] >= 0x80)
                    {
                        at += 1;
                    }
                    let word = &text[start..at];
                    if depth == 0 && close == b"%}" {
                        match (statement, word) {
                            ("", word) => {
                                statement = word;
                                named.begin = matches!(word, "import" | "from" | "include").then_some(at);
                            }
                            ("for", "in") if named.begin.is_none() => {
                                named = Named { begin: Some(at), ..Named::default() };
                            }
                            ("for", "if" | "recursive")
                            | ("import", "as")
                            | ("from", "import")
                            | ("include", "ignore" | "with" | "without")
                                if named.begin.is_some() && named.end.is_none() =>
                            {
                                named.end = Some(start);
                            }
                            _ => {}
                        }
                    }
                    last = [last[1], word];
                    operand = !matches!(word, "and" | "or" | "not" | "in" | "is" | "if" | "elif" | "else" | "set");
                    continue;
                }
                b'.' => operand = true,
                byte if byte.is_ascii_whitespace() => {}
                _ => operand = false,
            }
            at += 1;
        }
        Self { text, length: text.len(), edits: Vec::new() }
    }

    fn write(&self, out: &mut String) {
        let tag = &self.text[..self.length];
        if let Some(include) = include(tag) {
            out.push_str(&include);
            return;
        }
        let mut from = 0;
        for (range, new) in &self.edits {
            out.push_str(&tag[from..range.start]);
            out.push_str(new);
            from = range.end;
        }
        out.push_str(&tag[from..]);
    }
}

/// A text between, after those that stand at the same place.
fn insert(edits: &mut Vec<(Range<usize>, String)>, at: usize, text: String) {
    let place = edits.iter().take_while(|(range, _)| range.start <= at).count();
    edits.insert(place, (at..at, text));
}

/// Edits for the escapes of a text: bell, vertical tab, characters by eight digits, a line that goes on in the next.
fn escapes(source: &str, text: Range<usize>, edits: &mut Vec<(Range<usize>, String)>) {
    let mut at = text.start;
    let mut lines = 0;
    while let Some(found) = source[at..text.end].find('\\') {
        at += found;
        let rest = &source[at + 1..text.end];
        let (length, new) = match rest.chars().next() {
            Some('a') => (1, "\\x07".to_owned()),
            Some('v') => (1, "\\x0b".to_owned()),
            Some('\n') => {
                lines += 1;
                (1, String::new())
            }
            Some('U')
                if let Some(c) =
                    rest.get(1..9).and_then(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?)) =>
            {
                let new = match c {
                    '\n' => "\\n".to_owned(),
                    '\'' | '"' | '\\' => format!("\\{c}"),
                    c => c.to_string(),
                };
                (9, new)
            }
            other => {
                at += 1 + other.map_or(0, char::len_utf8);
                continue;
            }
        };
        edits.push((at..at + 1 + length, new));
        at += 1 + length;
    }
    if lines > 0 {
        // behind the text, so that those after it keep their numbers
        let end = (text.end + 1).min(source.len());
        edits.push((end..end, "\n".repeat(lines)));
    }
}

/// A stock include for one of the product's include tags. Its argument is a literal: text or a bare word is a name,
/// a number an id; anything else finds nothing.
fn include(tag: &str) -> Option<String> {
    let inner = tag.strip_prefix("{%")?.strip_suffix("%}")?;
    let open = if inner.starts_with(['-', '+']) { &inner[..1] } else { "" };
    let body = &inner[open.len()..];
    let close = if body.ends_with(['-', '+']) { &body[body.len() - 1..] } else { "" };
    let body = &body[..body.len() - close.len()];
    let word = body.trim_start();
    let (name, kind) = INCLUDES.into_iter().find(|(name, _)| {
        word.strip_prefix(name).is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })?;
    let argument = word[name.len()..].trim();
    let bare = |text: &str| text.chars().all(|c| c.is_alphanumeric() || c == '_');
    let identifier = match argument.chars().next() {
        Some(quote @ ('\'' | '"')) if argument.len() >= 2 && argument.ends_with(quote) => {
            &argument[1..argument.len() - 1]
        }
        Some(_) if bare(argument) => argument,
        _ => "",
    };
    let lines: String = body.chars().filter(|c| *c == '\n').collect();
    let identifier = identifier.replace('\n', "\\n").replace('"', "\\\"");
    Some(format!("{{%{open} {lines}include \"{kind}::{identifier}\" {close}%}}"))
}

#[cfg(test)]
mod tests {
    fn prepare(source: &str) -> String {
        super::prepare(source, false)
    }

    #[test]
    fn include_tags_become_stock_includes_and_keep_their_lines() {
        assert_eq!(prepare("a{%- include_configuration 'X y' -%}b"), "a{%- include \"configuration::X y\" -%}b");
        assert_eq!(prepare("{% include_email\n 7 %}"), "{% \ninclude \"email::7\" %}");
        assert_eq!(prepare("{% include_configuration Sub %}"), "{% include \"configuration::Sub\" %}");
        assert_eq!(prepare("{% include_configuration a.b %}"), "{% include \"configuration::\" %}");
    }

    #[test]
    fn raw_blocks_comments_and_strings_are_left_alone() {
        for text in [
            "{% raw %}{% include_configuration 'X' %}{{ +1 }}{% endraw %}",
            "{# {% include_configuration 'X' %} #}",
            "{{ '{% include_configuration X %} +1, 2' }}",
            "{%+ if a +%}{%+ endif %}",
        ] {
            assert_eq!(prepare(text), text);
        }
    }

    #[test]
    fn unary_plus_and_bare_tuples_are_mended() {
        assert_eq!(prepare("{{ +3 }}{{ a + +b }}"), "{{  3 }}{{ a +  b }}");
        assert_eq!(prepare("{{- 1, (2, 3) -}}"), "{{-( 1, (2, 3) )-}}");
        assert_eq!(prepare("{% for a, b in c, d if e %}"), "{% for a, b in ( c, d ) if e %}");
        assert_eq!(prepare("{%- for a in 1, 2 -%}"), "{%- for a in ( 1, 2 ) -%}");
        assert_eq!(prepare("{% for a in (1, 2) if f(1, 2) %}"), "{% for a in (1, 2) if f(1, 2) %}");
    }

    #[test]
    fn what_does_not_see_the_context_is_marked() {
        assert_eq!(prepare("{% import 'a' as b %}"), "{% import ( 'a' )|__alone as b %}");
        assert_eq!(prepare("{%- from a ~ b import c as d -%}"), "{%- from ( a ~ b )|__alone import c as d -%}");
        assert_eq!(
            prepare("{% include 'a' ignore missing without context %}"),
            "{% include ( 'a' )|__alone ignore missing without context %}"
        );
        for seen in ["{% import 'a' as b with context %}", "{% include 'a' %}", "{% include x with context %}"] {
            assert_eq!(prepare(seen), seen);
        }
    }

    #[test]
    fn escapes_that_the_engine_does_not_know_are_written_otherwise() {
        assert_eq!(prepare(r"{{ '\a\v\U0001F600\n\\a' }}"), "{{ '\\x07\\x0b😀\\n\\\\a' }}");
        assert_eq!(prepare("{{ 'a\\\nb' ~ c }}"), "{{ 'ab'\n ~ c }}");
        assert_eq!(prepare(r#"{{ '\U0000000A\U00000027\U00000022\U0000005C' }}"#), r#"{{ '\n\'\"\\' }}"#);
    }

    #[test]
    fn newlines_after_raw_are_written_as_text() {
        let source = "{% raw %}\n\nx{% endraw %}";
        assert_eq!(super::prepare(source, true), "{% raw %}{% endraw %}{{\n\n\"\\n\\n\"}}{% raw %}x{% endraw %}");
        assert_eq!(super::prepare("{% raw -%}\nx{% endraw %}", true), "{% raw -%}\nx{% endraw %}");
    }

    #[test]
    fn line_ends_become_newlines() {
        assert_eq!(prepare("a\r\nb\rc"), "a\nb\nc");
    }
}
