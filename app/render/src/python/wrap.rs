//! Python's `textwrap.wrap`, as Jinja2's `wordwrap` calls it: white space kept inside lines, dropped at their ends.

fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | ' ')
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic()
}

/// Words and the blanks between them. With `hyphens` also cut after a hyphen inside a word.
fn chunks(text: &str, hyphens: bool) -> Vec<Vec<char>> {
    let chars: Vec<char> = text.chars().collect();
    let mut found: Vec<Vec<char>> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        let blank = is_blank(chars[at]);
        while at < chars.len() && is_blank(chars[at]) == blank {
            at += 1;
            if hyphens && !blank && at < chars.len() && breaks_after(&chars, start, at) {
                break;
            }
        }
        found.push(chars[start..at].to_vec());
    }
    found
}

/// Whether a word that began at `start` may be cut before `at`: after a hyphen between letters, around a dash.
fn breaks_after(chars: &[char], start: usize, at: usize) -> bool {
    let letter = |at: usize| chars.get(at).copied().is_some_and(is_letter);
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let hyphen = chars[at - 1] == '-';
    let next = chars.get(at).copied();
    if hyphen && next != Some('-') {
        // two letters before it, or letter-hyphen-letter; a letter or letter-hyphen-letter after it
        let before = at >= start + 3
            && letter(at - 2)
            && (letter(at - 3) || chars[at - 3] == '-' && at >= start + 4 && letter(at - 4));
        let after = letter(at) && (letter(at + 1) || chars.get(at + 1) == Some(&'-') && letter(at + 2));
        let dash = at >= start + 2 && chars[at - 2] == '-' && next.is_some_and(word);
        return before && after || dash;
    }
    // before a dash of two or more between words
    let dashes = chars[at..].iter().take_while(|c| **c == '-').count();
    let punctuation = |c: char| word(c) || matches!(c, '!' | '"' | '\'' | '&' | '.' | ',' | '?');
    !hyphen && dashes >= 2 && punctuation(chars[at - 1]) && chars.get(at + dashes).copied().is_some_and(word)
}

/// Lines of at most `width` characters.
pub fn wrap(text: &str, width: usize, long: bool, hyphens: bool) -> Vec<String> {
    let mut rest = chunks(text, hyphens);
    rest.reverse();
    let mut lines: Vec<String> = Vec::new();
    let blank = |chunk: &[char]| chunk.iter().all(|c| c.is_whitespace());
    while let Some(first) = rest.last() {
        if blank(first) && !lines.is_empty() {
            rest.pop();
            if rest.is_empty() {
                break;
            }
        }
        let mut line: Vec<Vec<char>> = Vec::new();
        let mut length = 0;
        while let Some(next) = rest.pop_if(|next| length + next.len() <= width) {
            length += next.len();
            line.push(next);
        }
        if let Some(next) = rest.pop_if(|next| next.len() > width) {
            let space = width.saturating_sub(length).max(usize::from(width == 0));
            if long {
                let mut end = space;
                if hyphens
                    && let Some(cut) = next[..space].iter().rposition(|c| *c == '-')
                    && next[..cut].iter().any(|c| *c != '-')
                {
                    end = cut + 1;
                }
                line.push(next[..end].to_vec());
                rest.push(next[end..].to_vec());
            } else if line.is_empty() {
                line.push(next);
            } else {
                rest.push(next);
            }
        }
        if line.last().is_some_and(|last| blank(last)) {
            line.pop();
        }
        if !line.is_empty() {
            lines.push(line.concat().into_iter().collect());
        }
    }
    lines
}
