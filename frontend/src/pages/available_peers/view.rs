//! What of the peers is shown, and in what order: read from the address bar, worked out on the rows that are here. What
//! is left out by default stands there as a filter like any other, so that nothing is hidden without a word. What can be
//! shown, filtered and ordered is one table, [`COLUMNS`].

use super::layout::{Column, Found, Row};
use crate::{data::place::Place, ui::pager::grouped};
use peerage_model::available::score::traffic;
use std::cmp::Ordering;

/// What is left out unless somebody asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    NotOperational,
    Ours,
    Disabled,
    Hidden,
    NothingFree,
}

pub const GAPS: [Gap; 5] = [Gap::NotOperational, Gap::Ours, Gap::Disabled, Gap::Hidden, Gap::NothingFree];

impl Gap {
    /// In the address.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotOperational => "down",
            Self::Ours => "ours",
            Self::Disabled => "disabled",
            Self::Hidden => "hidden",
            Self::NothingFree => "done",
        }
    }

    pub const fn words(self) -> &'static str {
        match self {
            Self::NotOperational => "ports down",
            Self::Ours => "own AS",
            Self::Disabled => "disabled",
            Self::Hidden => "hidden peers",
            Self::NothingFree => "all done",
        }
    }
}

/// What is said of a network in a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// Empty: not told.
    Text(String),
    /// By size, and in words.
    Number(Option<i64>, String),
}

impl Said {
    fn number(number: Option<i64>) -> Self {
        let words = number.and_then(|number| u64::try_from(number).ok()).map(grouped).unwrap_or_default();
        Self::Number(number, words)
    }

    fn yes(is: bool) -> Self {
        Self::Text(if is { "yes" } else { "no" }.to_owned())
    }

    pub fn words(self) -> String {
        match self {
            Self::Text(words) | Self::Number(_, words) => words,
        }
    }
}

/// A column beside the matrix.
pub struct Trait {
    /// In the address, and before a `:` among the words.
    pub code: &'static str,
    pub words: &'static str,
    /// Pixels; 0: what is left.
    pub width: u32,
    /// Unless the address says otherwise.
    pub shown: bool,
    pub numeric: bool,
    /// Its values are offered as filters.
    pub facet: bool,
    pub said: fn(&Found, &Row) -> Said,
}

const fn told(code: &'static str, words: &'static str, width: u32, said: fn(&Found, &Row) -> Said) -> Trait {
    Trait { code, words, width, shown: false, numeric: false, facet: false, said }
}

impl Trait {
    const fn shown(mut self) -> Self {
        self.shown = true;
        self
    }
    const fn numeric(mut self) -> Self {
        self.numeric = true;
        self
    }
    const fn facet(mut self) -> Self {
        self.facet = true;
        self
    }
}

/// The code of the one column that is always shown, and stays while the others scroll.
pub const NAME: &str = "name";

pub static COLUMNS: [Trait; 18] = [
    told("asn", "ASN", 96, |found, row| {
        let asn = found.network(row).asn;
        Said::Number(Some(asn.into()), format!("AS{asn}"))
    })
    .shown(),
    told(NAME, "Network", 0, |found, row| Said::Text(found.network(row).name.clone())).shown(),
    told("policy", "Policy", 82, |found, row| Said::Text(found.network(row).traits.policy.clone())).shown().facet(),
    told("type", "Type", 130, |found, row| Said::Text(found.network(row).traits.kind.clone())).facet(),
    told("traffic", "Traffic", 104, |found, row| {
        let words = &found.network(row).traits.traffic;
        Said::Number(traffic(words), words.clone())
    })
    .shown()
    .facet(),
    told("scope", "Scope", 110, |found, row| Said::Text(found.network(row).traits.scope.clone())).facet(),
    told("ratio", "Ratio", 130, |found, row| Said::Text(found.network(row).traits.ratio.clone())).facet(),
    told("contracts", "Contract", 100, |found, row| Said::Text(found.network(row).traits.contracts.clone())).facet(),
    told("locations", "Locations", 120, |found, row| Said::Text(found.network(row).traits.locations.clone())).facet(),
    told("prefixes", "Prefixes", 80, |found, row| Said::number(found.network(row).traits.prefixes())).shown().numeric(),
    told("speed", "Speed", 64, |found, row| {
        let most = found.ports(row).map(|(_, port)| port.speed).max().filter(|speed| *speed > 0);
        Said::Number(most, most.map(speed).unwrap_or_default())
    })
    .shown()
    .numeric(),
    told("rs", "Route server", 104, |found, row| Said::yes(found.ports(row).any(|(_, port)| port.is_rs_peer))).facet(),
    told("bfd", "BFD", 60, |found, row| Said::yes(found.ports(row).any(|(_, port)| port.bfd_support))).facet(),
    told("common", "Exchanges", 88, |found, row| Said::number(i64::try_from(found.common(row)).ok())).numeric(),
    told("sessions", "Sessions", 84, |found, row| Said::number(i64::try_from(found.network(row).sessions).ok()))
        .numeric(),
    told("set", "IRR AS-SET", 150, |found, row| Said::Text(found.network(row).irr_as_set.clone())),
    told("contact", "Contact", 76, |found, row| Said::yes(found.network(row).contact)).facet(),
    told("score", "Score", 60, |found, row| Said::number(Some(found.score(row).into()))).shown().numeric(),
];

/// The page's state as the address bar has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    pub words: String,
    /// Gaps that are shown all the same.
    with: Vec<String>,
    /// Values of facets: column, values of which one must fit.
    pub facets: Vec<(&'static str, Vec<String>)>,
    /// Ids of the exchanges that are shown; empty: all.
    pub exchanges: Vec<i64>,
    /// Codes of the shown columns; empty: those that are shown by default.
    columns: Vec<String>,
    sort: String,
}

impl View {
    /// Tracked.
    pub fn read(place: Place) -> Self {
        let list = |name: &str| -> Vec<String> {
            place.get(name).split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect()
        };
        let facets = COLUMNS.iter().filter(|column| column.facet).map(|column| (column.code, list(column.code)));
        Self {
            words: place.get("q"),
            with: list("with"),
            facets: facets.filter(|(_, values)| !values.is_empty()).collect(),
            exchanges: list("at").iter().filter_map(|id| id.parse().ok()).collect(),
            columns: list("cols"),
            sort: place.get("sort"),
        }
    }

    /// What stands before a `:` like a column, and is none.
    pub fn unknown(&self) -> Option<String> {
        self.words.split_whitespace().map(Word::read).find_map(|word| match word {
            Word::Unknown(code) => Some(code),
            _ => None,
        })
    }

    pub fn leaves_out(&self, gap: Gap) -> bool {
        !self.with.iter().any(|code| code == gap.code())
    }

    /// The address part after a gap is shown, or left out again.
    pub fn toggled(&self, gap: Gap) -> String {
        toggled(&self.with, gap.code())
    }

    /// The values of a facet that are let through.
    pub fn values(&self, code: &str) -> &[String] {
        self.facets.iter().find(|(known, _)| *known == code).map_or(&[], |(_, values)| values)
    }

    /// The address part after a value of a facet is taken in, or out again.
    pub fn with_value(&self, code: &str, value: &str) -> String {
        toggled(self.values(code), value)
    }

    pub fn with_exchange(&self, id: i64) -> String {
        let shown: Vec<String> = self.exchanges.iter().map(i64::to_string).collect();
        toggled(&shown, &id.to_string())
    }

    pub fn shows(&self, column: &Trait) -> bool {
        column.code == NAME
            || if self.columns.is_empty() { column.shown } else { self.columns.iter().any(|code| code == column.code) }
    }

    /// The columns that are shown.
    pub fn shown(&self) -> impl Iterator<Item = &'static Trait> {
        COLUMNS.iter().filter(|column| self.shows(column))
    }

    /// The address part after a column is shown, or not any more; empty when it is as by default.
    pub fn with_column(&self, code: &str) -> String {
        let then = COLUMNS.iter().filter(|column| self.shows(column) != (column.code == code));
        let codes: Vec<&str> = then.map(|column| column.code).collect();
        let default: Vec<&str> = COLUMNS.iter().filter(|column| column.shown).map(|column| column.code).collect();
        if codes == default { String::new() } else { codes.join(",") }
    }

    /// Code and whether it descends.
    pub fn order(&self) -> (&str, bool) {
        match self.sort.strip_prefix('-') {
            Some(code) => (code, true),
            None if self.sort.is_empty() => ("score", true),
            None => (&self.sort, false),
        }
    }

    /// The columns of the matrix that are shown.
    pub fn cells(&self, found: &Found) -> Vec<Column> {
        let shown = |column: &Column| {
            (self.exchanges.is_empty() || self.exchanges.contains(&found.exchange(*column).id))
                && (!self.leaves_out(Gap::Disabled) || found.connection(*column).status != "disabled")
        };
        found.columns().filter(shown).collect()
    }

    /// The rows that are shown, in order, as their places.
    pub fn rows(&self, found: &Found) -> Vec<usize> {
        let cells = self.cells(found);
        let words: Vec<Word> = self.words.split_whitespace().map(Word::read).collect();
        let fits = |row: &Row| {
            let network = found.network(row);
            let mut there = cells.iter().filter_map(|cell| found.at(row, *cell)).peekable();
            there.peek().is_some()
                && (!network.ours || !self.leaves_out(Gap::Ours))
                && there.any(|(port, standing)| {
                    (port.operational || !self.leaves_out(Gap::NotOperational))
                        && (port.hidden.is_none() || !self.leaves_out(Gap::Hidden))
                        && (!self.leaves_out(Gap::NothingFree) || standing.iter().any(|standing| !standing.is_done()))
                })
                && COLUMNS.iter().filter(|column| column.facet).all(|column| {
                    let wanted = self.values(column.code);
                    wanted.is_empty() || wanted.contains(&(column.said)(found, row).words())
                })
                && words.iter().all(|word| word.fits(found, row))
        };
        let mut rows: Vec<usize> = (0..found.rows.len()).filter(|at| fits(&found.rows[*at])).collect();
        let (code, down) = self.order();
        if let Some(column) = COLUMNS.iter().find(|column| column.code == code) {
            let mut keyed: Vec<(Said, usize)> =
                rows.iter().map(|at| (folded((column.said)(found, &found.rows[*at])), *at)).collect();
            keyed.sort_by(|(a, left), (b, right)| compare(a, b, down).then(left.cmp(right)));
            rows = keyed.into_iter().map(|(_, at)| at).collect();
        } else if let Some((column, family)) = found.columns().find_map(|column| {
            let id = found.connection(column).id;
            (0..2).find(|family| standing_code(id, *family) == code).map(|family| (column, family))
        }) {
            let words = |at: &usize| {
                found.at(&found.rows[*at], column).map(|(_, s)| (!s[family].is_free(), s[family].words().to_owned()))
            };
            rows.sort_by_cached_key(|at| (words(at).is_none(), words(at)));
            if down {
                rows.reverse();
            }
        }
        rows
    }

    /// The values of a facet that occur, with how often.
    pub fn occurring(column: &Trait, found: &Found) -> Vec<(String, usize)> {
        let mut counts = std::collections::BTreeMap::<String, usize>::new();
        let mut last = None;
        for row in found.rows.iter().filter(|row| last.replace(row.network) != Some(row.network)) {
            *counts.entry((column.said)(found, row).words()).or_default() += 1;
        }
        counts.remove("");
        let mut counts: Vec<_> = counts.into_iter().collect();
        if column.code == "traffic" {
            counts.sort_by_key(|(words, _)| traffic(words));
        }
        counts
    }
}

/// A part of what was typed.
enum Word {
    /// Anywhere, in small letters.
    Anywhere(String),
    /// In one column: `type:nsp`.
    In(&'static Trait, String),
    /// `prefixes>1000`
    Beyond(&'static Trait, bool, i64),
    /// `sped:10g`: what looks like a column and is none.
    Unknown(String),
}

impl Word {
    fn read(text: &str) -> Self {
        let text = text.to_lowercase();
        let column = |code: &str| COLUMNS.iter().find(|column| column.code == code);
        if let Some((code, rest)) = text.split_once(':') {
            match column(code) {
                Some(column) if !rest.is_empty() => return Self::In(column, rest.to_owned()),
                // an address has a `:` too
                None if code.chars().all(|c| c.is_ascii_alphabetic())
                    && !code.chars().all(|c| c.is_ascii_hexdigit()) =>
                {
                    return Self::Unknown(code.to_owned());
                }
                _ => {}
            }
        }
        if let Some(at) = text.find(['<', '>']) {
            let more = text.as_bytes()[at] == b'>';
            let rest = text[at + 1..].trim_start_matches('=');
            if let (Some(column), Some(number)) = (column(&text[..at]), number(rest)) {
                return Self::Beyond(column, more, number);
            }
        }
        Self::Anywhere(text)
    }

    fn fits(&self, found: &Found, row: &Row) -> bool {
        match self {
            Self::Anywhere(word) => says(found, row, word),
            Self::In(column, rest) => (column.said)(found, row).words().to_lowercase().contains(rest),
            Self::Unknown(_) => false,
            Self::Beyond(column, more, bound) => match (column.said)(found, row) {
                Said::Number(Some(number), _) => {
                    if *more {
                        number >= *bound
                    } else {
                        number <= *bound
                    }
                }
                _ => false,
            },
        }
    }
}

/// `10g` in Mbit/s, `2000`.
fn number(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(['g', 't', 'k', 'm']);
    let times = match &text[digits.len()..] {
        "" | "m" => 1,
        "k" | "g" => 1_000,
        "t" => 1_000_000,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(times)
}

fn toggled(list: &[String], code: &str) -> String {
    let mut list: Vec<&str> = list.iter().map(String::as_str).collect();
    match list.iter().position(|known| *known == code) {
        Some(at) => drop(list.remove(at)),
        None => list.push(code),
    }
    list.join(",")
}

/// The code of a matrix column: `c3.4`.
pub fn standing_code(connection: i64, family: usize) -> String {
    format!("c{connection}.{}", if family == 0 { 4 } else { 6 })
}

/// Whether a word, in small letters, is said of the network or of one of its ports.
fn says(found: &Found, row: &Row, word: &str) -> bool {
    let network = found.network(row);
    let number = word.strip_prefix("as").unwrap_or(word);
    if !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && network.asn.to_string().starts_with(number)
    {
        return true;
    }
    let traits = &network.traits;
    let texts = [
        &network.name,
        &network.irr_as_set,
        &traits.policy,
        &traits.kind,
        &traits.scope,
        &traits.traffic,
        &traits.ratio,
    ];
    let address = |ip: Option<std::net::IpAddr>| ip.is_some_and(|ip| ip.to_string().contains(word));
    texts.iter().any(|text| text.to_lowercase().contains(word))
        || found.ports(row).any(|(_, port)| address(port.ipv4) || address(port.ipv6))
}

fn folded(said: Said) -> Said {
    match said {
        Said::Text(text) => Said::Text(text.to_lowercase()),
        number => number,
    }
}

/// What is not told stands last either way.
fn compare(a: &Said, b: &Said, down: bool) -> Ordering {
    let turn = |order: Ordering| if down { order.reverse() } else { order };
    match (a, b) {
        (Said::Text(a), Said::Text(b)) if !a.is_empty() && !b.is_empty() => turn(a.cmp(b)),
        (Said::Text(a), Said::Text(b)) => a.is_empty().cmp(&b.is_empty()),
        (Said::Number(Some(a), _), Said::Number(Some(b), _)) => turn(a.cmp(b)),
        (Said::Number(a, _), Said::Number(b, _)) => a.is_none().cmp(&b.is_none()),
        _ => Ordering::Equal,
    }
}

/// Mbit/s in words: `100 G`.
pub fn speed(mbits: i64) -> String {
    match mbits {
        0 => String::new(),
        1_000_000.. if mbits % 1_000_000 == 0 => format!("{} T", mbits / 1_000_000),
        1000.. => format!("{} G", mbits / 1000),
        _ => format!("{mbits} M"),
    }
}
