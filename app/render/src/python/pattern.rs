//! Regular expressions of the `__regex` look-ups, as PostgreSQL's `~` knows them: what is a match is asked, never where.
//!
//! Backtracking over a small tree, within a bound of steps: a pattern that would take for ever does not match.

/// Steps before a search gives up.
const MOST_STEPS: usize = 1_000_000;
/// Groups in groups.
const DEEPEST: usize = 50;

/// A pattern that was understood.
#[derive(Clone, Debug)]
pub struct Pattern {
    root: Node,
    folded: bool,
}

#[derive(Clone, Debug)]
enum Node {
    Char(char),
    Any,
    Class(Vec<(char, char)>, bool),
    Start,
    End,
    /// Whether the place between two characters is where a word begins, ends.
    Word {
        begins: bool,
        ends: bool,
        not: bool,
    },
    Row(Vec<Node>),
    Either(Vec<Node>),
    Times {
        what: Box<Node>,
        least: usize,
        most: usize,
        lazy: bool,
    },
    Ahead(Box<Node>, bool),
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

impl Pattern {
    /// # Errors
    /// What is wrong with it, in PostgreSQL's words.
    pub fn parse(text: &str, folded: bool) -> Result<Self, String> {
        let text = if folded { text.to_lowercase() } else { text.to_owned() };
        let (text, folded) = match text.strip_prefix("(?i)") {
            Some(rest) => (rest.to_lowercase(), true),
            None => (text, folded),
        };
        let mut reader = Reader { chars: text.chars().collect(), at: 0, depth: 0 };
        let root = reader.either()?;
        match reader.peek() {
            None => Ok(Self { root, folded }),
            Some(_) => Err("invalid regular expression: parentheses () not balanced".to_owned()),
        }
    }

    /// Whether it matches somewhere in a text.
    pub fn is_in(&self, text: &str) -> bool {
        let text: Vec<char> = if self.folded { text.to_lowercase().chars().collect() } else { text.chars().collect() };
        let mut search = Search { text: &text, left: MOST_STEPS };
        (0..=text.len()).any(|from| search.matches(&self.root, from, &mut |_, _| true))
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
    depth: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn eat(&mut self, text: &str) -> bool {
        let there = text.chars().enumerate().all(|(offset, c)| self.chars.get(self.at + offset) == Some(&c));
        if there {
            self.at += text.chars().count();
        }
        there
    }

    fn either(&mut self) -> Result<Node, String> {
        let mut ways = vec![self.row()?];
        while self.eat("|") {
            ways.push(self.row()?);
        }
        Ok(if ways.len() == 1 { ways.swap_remove(0) } else { Node::Either(ways) })
    }

    fn row(&mut self) -> Result<Node, String> {
        let mut row = Vec::new();
        while self.peek().is_some_and(|c| !matches!(c, '|' | ')')) {
            let what = self.one()?;
            row.push(self.times(what)?);
        }
        Ok(Node::Row(row))
    }

    fn times(&mut self, what: Node) -> Result<Node, String> {
        let (least, most) = match self.peek() {
            Some('*') => (0, usize::MAX),
            Some('+') => (1, usize::MAX),
            Some('?') => (0, 1),
            Some('{') if self.chars.get(self.at + 1).is_some_and(char::is_ascii_digit) => {
                self.at += 1;
                let least = self.number();
                let most = match self.eat(",") {
                    false => least,
                    true if self.peek() == Some('}') => usize::MAX,
                    true => self.number(),
                };
                if self.peek() != Some('}') || least > 255 || most != usize::MAX && (most > 255 || most < least) {
                    return Err("invalid regular expression: invalid repetition count(s)".to_owned());
                }
                (least, most)
            }
            _ => return Ok(what),
        };
        self.at += 1;
        let lazy = self.eat("?");
        if matches!(self.peek(), Some('*' | '+' | '?')) {
            return Err("invalid regular expression: quantifier operand invalid".to_owned());
        }
        Ok(Node::Times { what: Box::new(what), least, most, lazy })
    }

    fn number(&mut self) -> usize {
        let from = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.chars[from..self.at].iter().collect::<String>().parse().unwrap_or(usize::MAX - 1)
    }

    fn one(&mut self) -> Result<Node, String> {
        let Some(c) = self.peek() else { return Ok(Node::Row(Vec::new())) };
        self.at += 1;
        Ok(match c {
            '.' => Node::Any,
            '^' => Node::Start,
            '$' => Node::End,
            '(' => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err("invalid regular expression: it is too complex".to_owned());
                }
                let ahead = if self.eat("?=") {
                    Some(true)
                } else if self.eat("?!") {
                    Some(false)
                } else {
                    self.eat("?:");
                    None
                };
                let inner = self.either()?;
                if !self.eat(")") {
                    return Err("invalid regular expression: parentheses () not balanced".to_owned());
                }
                self.depth -= 1;
                match ahead {
                    Some(wanted) => Node::Ahead(Box::new(inner), wanted),
                    None => inner,
                }
            }
            '[' => self.class()?,
            '*' | '+' | '?' => return Err("invalid regular expression: quantifier operand invalid".to_owned()),
            '\\' => self.escape()?,
            c => Node::Char(c),
        })
    }

    fn escape(&mut self) -> Result<Node, String> {
        let Some(c) = self.peek() else {
            return Err("invalid regular expression: invalid escape \\ sequence".to_owned());
        };
        self.at += 1;
        let place = |begins, ends, not| Node::Word { begins, ends, not };
        Ok(match c {
            'd' | 's' | 'w' => Node::Class(named(c), false),
            'D' | 'S' | 'W' => Node::Class(named(c.to_ascii_lowercase()), true),
            'A' => Node::Start,
            'Z' => Node::End,
            'm' => place(true, false, false),
            'M' => place(false, true, false),
            'y' => place(true, true, false),
            'Y' => place(true, true, true),
            'n' => Node::Char('\n'),
            't' => Node::Char('\t'),
            'r' => Node::Char('\r'),
            c if c.is_ascii_alphanumeric() => {
                return Err("invalid regular expression: invalid escape \\ sequence".to_owned());
            }
            c => Node::Char(c),
        })
    }

    fn class(&mut self) -> Result<Node, String> {
        let unbalanced = || "invalid regular expression: brackets [] not balanced".to_owned();
        let not = self.eat("^");
        let mut ranges = Vec::new();
        let mut first = true;
        loop {
            let Some(c) = self.peek() else { return Err(unbalanced()) };
            self.at += 1;
            match c {
                ']' if !first => return Ok(Node::Class(ranges, not)),
                '[' if self.eat(":") => {
                    let from = self.at;
                    while self.peek().is_some_and(|c| c.is_ascii_alphabetic()) {
                        self.at += 1;
                    }
                    let name: String = self.chars[from..self.at].iter().collect();
                    ranges.extend(posix(&name).ok_or("invalid regular expression: invalid character class")?);
                    if !self.eat(":]") {
                        return Err(unbalanced());
                    }
                }
                '\\' => match self.escape()? {
                    Node::Class(inside, false) => ranges.extend(inside),
                    Node::Char(c) => ranges.push((c, c)),
                    _ => return Err("invalid regular expression: invalid escape \\ sequence".to_owned()),
                },
                low if self.peek() == Some('-') && self.chars.get(self.at + 1).is_some_and(|c| *c != ']') => {
                    let high = self.chars[self.at + 1];
                    self.at += 2;
                    if high < low {
                        return Err("invalid regular expression: invalid character range".to_owned());
                    }
                    ranges.push((low, high));
                }
                c => ranges.push((c, c)),
            }
            first = false;
        }
    }
}

fn named(c: char) -> Vec<(char, char)> {
    posix(match c {
        'd' => "digit",
        's' => "space",
        _ => "word",
    })
    .unwrap_or_default()
}

fn posix(name: &str) -> Option<Vec<(char, char)>> {
    Some(match name {
        "digit" => vec![('0', '9')],
        "space" => vec![(' ', ' '), ('\t', '\r')],
        // letters beyond ASCII are letters
        "alpha" => vec![('a', 'z'), ('A', 'Z'), ('\u{aa}', char::MAX)],
        "alnum" => vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('\u{aa}', char::MAX)],
        "word" => vec![('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_'), ('\u{aa}', char::MAX)],
        "upper" => vec![('A', 'Z')],
        "lower" => vec![('a', 'z')],
        "xdigit" => vec![('0', '9'), ('a', 'f'), ('A', 'F')],
        "punct" => vec![('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        "blank" => vec![(' ', ' '), ('\t', '\t')],
        _ => return None,
    })
}

struct Search<'t> {
    text: &'t [char],
    left: usize,
}

/// What has to match after a part.
type Then<'a> = &'a mut dyn FnMut(&mut Search<'_>, usize) -> bool;

impl Search<'_> {
    fn matches(&mut self, node: &Node, at: usize, then: Then<'_>) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        match node {
            Node::Row(row) => self.row(row, at, then),
            Node::Either(ways) => ways.iter().any(|way| self.matches(way, at, then)),
            Node::Times { what, least, most, lazy } if is_single(what) => {
                self.run(what, *least, *most, *lazy, at, then)
            }
            Node::Times { what, least, most, lazy } => self.again(what, *least, *most, *lazy, at, then),
            Node::Ahead(inner, wanted) => self.matches(inner, at, &mut |_, _| true) == *wanted && then(self, at),
            Node::Start => at == 0 && then(self, at),
            Node::End => at == self.text.len() && then(self, at),
            Node::Word { begins, ends, not } => {
                let (before, after) = (
                    at.checked_sub(1).is_some_and(|at| word(self.text[at])),
                    self.text.get(at).is_some_and(|c| word(*c)),
                );
                let there = *begins && !before && after || *ends && before && !after;
                there != *not && then(self, at)
            }
            one => self.single(one, at) == Some(true) && then(self, at + 1),
        }
    }

    fn row(&mut self, row: &[Node], at: usize, then: Then<'_>) -> bool {
        match row.split_first() {
            None => then(self, at),
            Some((first, [])) => self.matches(first, at, then),
            Some((first, rest)) => self.matches(first, at, &mut |search, at| search.row(rest, at, then)),
        }
    }

    /// Whether one character fits; none at the end.
    fn single(&self, node: &Node, at: usize) -> Option<bool> {
        let c = *self.text.get(at)?;
        Some(match node {
            Node::Char(wanted) => c == *wanted,
            Node::Any => true,
            Node::Class(ranges, not) => ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *not,
            _ => false,
        })
    }

    /// Repetitions of what is one character wide need no way back into it.
    fn run(&mut self, what: &Node, least: usize, most: usize, lazy: bool, at: usize, then: Then<'_>) -> bool {
        let mut longest = 0;
        while longest < most && self.single(what, at + longest) == Some(true) {
            longest += 1;
        }
        if longest < least {
            return false;
        }
        if lazy {
            (least..=longest).any(|count| then(self, at + count))
        } else {
            (least..=longest).rev().any(|count| then(self, at + count))
        }
    }

    fn again(&mut self, what: &Node, least: usize, most: usize, lazy: bool, at: usize, then: Then<'_>) -> bool {
        if self.left == 0 {
            return false;
        }
        if lazy && least == 0 && then(self, at) {
            return true;
        }
        let more = most > 0
            && self.matches(what, at, &mut |search, next| {
                // what matches nothing would be repeated for ever
                (next > at || least > 0)
                    && search.again(what, least.saturating_sub(1), most.saturating_sub(1), lazy, next, then)
            });
        more || !lazy && least == 0 && then(self, at)
    }
}

fn is_single(node: &Node) -> bool {
    matches!(node, Node::Char(_) | Node::Any | Node::Class(..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_postgresql() {
        for (pattern, text, expected) in [
            ("^L.*[0-9]$", "Learned 10", true),
            ("^(a|b)+c{2,3}$", "ababcc", true),
            ("^(a|b)+c{2,3}$", "ababc", false),
            ("^(a*)*$", "aaaaab", false),
            ("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", false),
            ("x*", "", true),
            (r"\d{3}-\d+", "call 555-1", true),
            (r"\mfoo\M", "a foo b", true),
            (r"\yfoo\y", "afoo", false),
            ("[[:alpha:]]+[^[:digit:]]$", "ab3", false),
            ("[]a-c]", "]", true),
            ("[a-]", "-", true),
            ("^.??b", "ab", true),
            ("a(?=b)", "ac", false),
            ("a(?!b)", "ac", true),
            ("a{2}", "a{2}", false),
            ("a{", "a{", true),
            ("^$", "", true),
            ("é|ü", "Zürich", true),
        ] {
            assert_eq!(Pattern::parse(pattern, false).unwrap().is_in(text), expected, "{pattern} in {text}");
        }
        assert!(Pattern::parse("ABC", true).unwrap().is_in("xabcx"));
        for wrong in ["(", ")", "[a", "*", "a**", "a{3,1}", "\\", "[b-a]", "[[:nope:]]"] {
            assert!(Pattern::parse(wrong, false).is_err(), "{wrong}");
        }
    }
}
