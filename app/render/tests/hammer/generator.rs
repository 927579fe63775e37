//! Makes templates up from a stream of numbers: grammar-driven, so that most get past the parser, then mutilated now and then.
//! Shared by the hammer (numbers from a seed) and by the fuzz target (numbers from libFuzzer's bytes).

#![allow(dead_code, reason = "the hammer uses one way in, the fuzz target another")]

use peerage_render::{Context, Graph, Options, Session, Step, Template, Whitespace};
use std::collections::BTreeMap;

/// A template with what it includes.
#[derive(Clone, Debug, Default)]
pub struct Made {
    pub source: String,
    pub included: String,
    pub trim: bool,
    pub lstrip: bool,
}

/// Where choices come from: bytes while there are any, then a stream from a seed (or always the first choice).
pub struct Generator<'b> {
    bytes: std::slice::Iter<'b, u8>,
    state: u64,
    depth: u32,
}

const NAMES: [&str; 16] =
    ["n", "s", "l", "d", "f", "x", "y", "peers", "missing", "loop", "ns", "m", "none", "true", "range", "namespace"];
const ATTRIBUTES: [&str; 18] = [
    "asn", "name", "items", "keys", "append", "upper", "x", "0", "index", "last", "get", "pop", "update", "copy",
    "length", "_x", "split", "format",
];
const METHODS: [&str; 35] = [
    "append",
    "pop",
    "extend",
    "insert",
    "update",
    "setdefault",
    "items",
    "keys",
    "get",
    "split",
    "rsplit",
    "join",
    "format",
    "replace",
    "zfill",
    "center",
    "ljust",
    "partition",
    "find",
    "count",
    "index",
    "startswith",
    "strip",
    "splitlines",
    "expandtabs",
    "title",
    "translate",
    "encode",
    "remove",
    "clear",
    "sort",
    "reverse",
    "isdigit",
    "removeprefix",
    "cycle",
];
const TEXTS: [&str; 18] = [
    "''",
    "'a'",
    "\"q'\"",
    "'{}'",
    "'{0!r:>8}'",
    "'%s %d'",
    "'%(a)s'",
    "'a,b,c'",
    "'é☃\\u200b'",
    "'10.0.0.1/24'",
    "'{% x %}'",
    "'}}'",
    "'<b>&amp;</b>'",
    "'http://a.org/(x)'",
    "'  lead'",
    "'one-two three'",
    "'\\n'",
    "'%'",
];
const TESTS: [&str; 14] = [
    "defined",
    "none",
    "string",
    "number",
    "mapping",
    "sequence",
    "iterable",
    "odd",
    "even",
    "callable",
    "in [1]",
    "divisibleby 3",
    "sameas none",
    "nope",
];
const MARKS: [&str; 24] = [
    "{{",
    "}}",
    "{%",
    "%}",
    "'",
    "\"",
    "(",
    ")",
    "[",
    "]",
    "|",
    ".",
    "~",
    "%",
    "+",
    "é",
    "\\",
    "{#",
    "#}",
    "-",
    "\r\n",
    "{% raw %}",
    "{% endraw %}",
    "\u{fdd0}",
];

impl<'b> Generator<'b> {
    pub fn new(seed: u64) -> Self {
        Self { bytes: [].iter(), state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, depth: 0 }
    }

    pub fn from_bytes(bytes: &'b [u8]) -> Self {
        Self { bytes: bytes.iter(), state: 0, depth: 0 }
    }

    fn below(&mut self, most: usize) -> usize {
        let number = match self.bytes.next() {
            Some(byte) => u64::from(*byte),
            None => {
                self.state ^= self.state << 13;
                self.state ^= self.state >> 7;
                self.state ^= self.state << 17;
                self.state >> 11
            }
        };
        usize::try_from(number % most.max(1) as u64).unwrap_or_default()
    }

    fn one_of(&mut self, from: &[&str]) -> String {
        from[self.below(from.len())].to_owned()
    }

    fn filter(&mut self) -> String {
        let names: Vec<_> = peerage_render::filters::all().map(|(name, _)| name).collect();
        names[self.below(names.len())].to_owned()
    }

    pub fn template(&mut self) -> Made {
        let mut made =
            Made { source: self.body(4), included: self.body(2), trim: self.below(2) == 0, lstrip: self.below(2) == 0 };
        for _ in 0..self.below(6).saturating_sub(3) {
            let mut chars: Vec<char> = made.source.chars().collect();
            let at = self.below(chars.len() + 1);
            if self.below(2) == 0 && at < chars.len() {
                chars.remove(at);
            } else {
                chars.splice(at..at, self.one_of(&MARKS).chars().collect::<Vec<_>>());
            }
            made.source = chars.into_iter().collect();
        }
        made
    }

    fn body(&mut self, most: usize) -> String {
        let mut out = String::new();
        for _ in 0..1 + self.below(most) {
            let part = self.statement();
            out.push_str(&part);
        }
        out
    }

    fn block(&mut self) -> String {
        if self.depth > 3 { "x".to_owned() } else { self.body(2) }
    }

    fn statement(&mut self) -> String {
        self.depth += 1;
        let (open, close) = match self.below(6) {
            0 => ("{%-", "%}"),
            1 => ("{%", "-%}"),
            2 => ("{%+", "%}"),
            _ => ("{%", "%}"),
        };
        let text = match self.below(21) {
            0 | 1 => self.one_of(&["text", "\n  ", "\r\n", "ü\t", "\n\n", "#}", "!"]),
            2 => {
                let (target, iter) = (self.one_of(&["x", "x, y", "k, (x, y)"]), self.expr());
                let tail = match self.below(5) {
                    0 => format!(" if {}", self.expr()),
                    1 => " recursive".to_owned(),
                    _ => String::new(),
                };
                let otherwise = if self.below(4) == 0 { "{% else %}e" } else { "" };
                format!("{open} for {target} in {iter}{tail} {close}{}{otherwise}{{% endfor %}}", self.block())
            }
            3 => format!("{open} if {} {close}{}{{% else %}}{}{{% endif %}}", self.expr(), self.block(), self.block()),
            4 | 5 => {
                format!("{open} set {} = {} {close}", self.one_of(&["x", "y", "l", "x, y", "ns.x", "_"]), self.expr())
            }
            6 => format!("{open} set x {close}{}{{% endset %}}", self.block()),
            7 => format!("{open} set x | {} {close}{}{{% endset %}}", self.filter(), self.block()),
            8 => {
                let args = self.one_of(&["", "x", "x, y=1", "x, y=x", "x=[]"]);
                format!(
                    "{open} macro m({args}) {close}{}{{{{ varargs }}}}{{% endmacro %}}{{{{ m({}) }}}}",
                    self.block(),
                    self.args()
                )
            }
            9 => format!("{open} call m({}) {close}{}{{% endcall %}}", self.args(), self.block()),
            10 => {
                format!("{open} with x = {}, y = {} {close}{}{{% endwith %}}", self.expr(), self.expr(), self.block())
            }
            11 => format!("{open} filter {} {close}{}{{% endfilter %}}", self.filter(), self.block()),
            12 => self.one_of(&[
                "{% include 'configuration::A' %}",
                "{% include_configuration A %}",
                "{% include_configuration 7 %}",
                "{% import 'configuration::A' as m %}",
                "{% from 'configuration::A' import m with context %}",
                "{% include ['configuration::B', 'configuration::A'] ignore missing %}",
                "{% include_email 'x",
            ]),
            13 => format!("{{% raw %}}{}{{% endraw %}}", self.one_of(&["\n", "{{ x }}", "{%", ""])),
            14 => format!("{open} autoescape {} {close}{}{{% endautoescape %}}", self.expr(), self.block()),
            15 => format!("{open} block {} {close}{}{{% endblock %}}", self.one_of(&["a", "b", "c"]), self.block()),
            16 => format!("{open} do {} {close}", self.expr()),
            17 => {
                let name = match self.below(2) {
                    0 => format!("['configuration::A', {}]", self.expr()),
                    _ => self.expr(),
                };
                match self.below(4) {
                    0 => format!("{open} include {name} without context {close}"),
                    1 => format!("{open} include {name} ignore missing without context {close}"),
                    2 => format!("{open} import {name} as m {close}"),
                    _ => format!("{open} from {name} import m, x as y {close}"),
                }
            }
            _ => format!("{{{{ {} }}}}", self.expr()),
        };
        self.depth -= 1;
        text
    }

    fn args(&mut self) -> String {
        let mut args = Vec::new();
        for _ in 0..self.below(4) {
            let value = self.expr();
            args.push(match self.below(6) {
                0 => format!("x={value}"),
                1 => format!("{}={value}", self.one_of(&["attribute", "default", "reverse", "width", "y", "sep", "n"])),
                2 if self.below(4) == 0 => format!("*{value}"),
                _ => value,
            });
        }
        args.join(", ")
    }

    fn expr(&mut self) -> String {
        if self.depth > 8 {
            return self.one_of(&NAMES);
        }
        self.depth += 1;
        let text = match self.below(22) {
            0 | 1 => self.one_of(&TEXTS),
            2 => self.one_of(&[
                "0",
                "1",
                "-1",
                "7",
                "2.5",
                "1e308",
                "99999999999999999999",
                "true",
                "none",
                "1e-7",
                "64",
            ]),
            3..=5 => self.one_of(&NAMES),
            6 => format!("[{}, {}]", self.expr(), self.expr()),
            7 => format!("{{'a': {}, {}: {}}}", self.expr(), self.expr(), self.expr()),
            8 => format!("({}, {})", self.expr(), self.expr()),
            9 | 10 => {
                let operator = self.one_of(&[
                    "+", "-", "*", "/", "//", "%", "**", "~", "and", "or", "in", "not in", "==", "<", ">=", "!=",
                ]);
                format!("({} {operator} {})", self.expr(), self.expr())
            }
            11 => format!("{} < {} < {}", self.expr(), self.expr(), self.expr()),
            12 => format!("({} if {} else {})", self.expr(), self.expr(), self.expr()),
            13 => format!("({} is {})", self.expr(), self.one_of(&TESTS)),
            14 => format!("{}[{}]", self.expr(), self.expr()),
            15 => format!("{}[{}:{}:{}]", self.expr(), self.expr(), self.expr(), self.one_of(&["", "-1", "2", "0"])),
            16 => format!("{}.{}", self.expr(), self.one_of(&ATTRIBUTES)),
            17 => format!("{}.{}({})", self.expr(), self.one_of(&METHODS), self.args()),
            18 => format!("({}{})", self.one_of(&["-", "not ", "+"]), self.expr()),
            19 => format!(
                "{}({})",
                self.one_of(&["range", "dict", "namespace", "cycler", "joiner", "lipsum", "now", "m"]),
                self.args()
            ),
            _ => {
                let args = self.args();
                format!("({} | {}({args}))", self.expr(), self.filter())
            }
        };
        self.depth -= 1;
        text
    }
}

/// Renders within tight bounds; whether there was a text.
pub fn render(made: &Made) -> bool {
    let values = serde_json::json!({
        "n": 7, "s": "Hello, World", "l": [3, 1, 2], "d": {"b": 2, "a": 1}, "f": 2.5,
        "peers": [{"asn": 64501, "name": "Alpha"}, {"asn": 64502, "name": "beta"}]
    });
    let serde_json::Value::Object(values) = values else { return false };
    let templates = BTreeMap::from([("configuration::A".to_owned(), made.included.clone())]);
    let whitespace = Whitespace { trim: made.trim, lstrip: made.lstrip };
    let options = Options { fuel: 50_000, most_output: 1 << 16, ..Options::default() };
    let mut session =
        Session::new(&Template::new(made.source.as_str(), whitespace), options, Context::Data { values, templates });
    matches!(session.step(&Graph::new()), Step::Done(_))
}
