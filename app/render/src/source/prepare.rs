//! What minijinja's parser would refuse, mended in the text before it sees it.
//!
//! A lexer that knows only raw blocks, comments, tags and strings: line ends become `\n`; Peering Manager's
//! `include_configuration X` (and its two siblings) becomes a stock include of `kind::X`; a unary plus is dropped; a bare
//! tuple in an output or `for` tag gets its parentheses; the newline after `{% raw %}`, which Jinja2 never trims, is
//! written as text. No line is added or removed.

pub(super) const INCLUDES: [(&str, &str); 3] = [
    ("include_configuration", "configuration"),
    ("include_email", "email"),
    ("include_exporttemplate", "exporttemplate"),
];

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
    /// Byte ranges of plus signs that are unary.
    pluses: Vec<usize>,
    bare_tuple: bool,
    /// Where a bare tuple after `for x in` begins and ends.
    iterated: Option<(usize, usize)>,
}

impl<'a> Tag<'a> {
    fn read(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let close: &[u8] = if bytes[1] == b'{' { b"}}" } else { b"%}" };
        let mut at = 2 + usize::from(matches!(bytes.get(2), Some(b'-' | b'+')));
        let (mut depth, mut operand, mut bare_tuple) = (0usize, false, false);
        let mut pluses = Vec::new();
        let (mut first, mut begin, mut end, mut commas) = (true, None, None, false);
        while at < bytes.len() {
            if depth == 0 && bytes[at..].starts_with(close) {
                at += 2;
                let dash = usize::from(matches!(bytes[at - 3], b'-' | b'+'));
                let iterated = begin.filter(|_| commas).map(|begin| (begin, end.unwrap_or(at - 2 - dash)));
                return Self { text, length: at, pluses, bare_tuple: bare_tuple && close == b"}}", iterated };
            }
            match bytes[at] {
                quote @ (b'\'' | b'"') => {
                    at += 1;
                    while at < bytes.len() && bytes[at] != quote {
                        at += 1 + usize::from(bytes[at] == b'\\');
                    }
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
                b'+' if !operand && !bytes[at + 1..].starts_with(close) => pluses.push(at),
                b',' => {
                    bare_tuple |= depth == 0;
                    commas |= depth == 0 && begin.is_some() && end.is_none();
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
                        match word {
                            "for" if first => begin = Some(0),
                            "in" if begin == Some(0) => {
                                begin = Some(at);
                                commas = false;
                            }
                            "if" | "recursive" if begin.is_some_and(|begin| begin > 0) && end.is_none() => {
                                end = Some(start)
                            }
                            _ => {}
                        }
                    }
                    first = false;
                    operand = !matches!(word, "and" | "or" | "not" | "in" | "is" | "if" | "elif" | "else" | "set");
                    continue;
                }
                b'.' => operand = true,
                byte if byte.is_ascii_whitespace() => {}
                _ => operand = false,
            }
            at += 1;
        }
        Self { text, length: text.len(), pluses: Vec::new(), bare_tuple: false, iterated: None }
    }

    fn write(&self, out: &mut String) {
        let tag = &self.text[..self.length];
        if let Some(include) = include(tag) {
            out.push_str(&include);
            return;
        }
        let mut tag = tag.to_owned();
        for &plus in &self.pluses {
            tag.replace_range(plus..=plus, " ");
        }
        if let Some((begin, end)) = self.iterated.filter(|(begin, _)| *begin > 0) {
            tag.insert_str(end, ") ");
            tag.insert_str(begin, " (");
        }
        if self.bare_tuple && tag.len() >= 4 {
            let end = tag.len() - 2 - usize::from(tag[..tag.len() - 2].ends_with(['-', '+']));
            tag.insert(end, ')');
            let start = 2 + usize::from(tag[2..].starts_with(['-', '+']));
            tag.insert(start, '(');
        }
        out.push_str(&tag);
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
