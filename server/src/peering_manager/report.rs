//! What became of what was to be taken over, for the person who waits for it.

use peerage_model::ObjectType;
use std::fmt;

/// What was done, type by type, and whatever is worth a line of its own.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub types: Vec<Tally>,
    pub lines: Vec<Line>,
    /// What the source does not tell, and what was left out as a whole.
    pub remarks: Vec<String>,
}

/// How many objects of a type fared how.
#[derive(Clone, Debug)]
pub struct Tally {
    pub of: &'static ObjectType,
    /// New here.
    pub taken: usize,
    /// Were here from an earlier import, and were brought up to date.
    pub updated: usize,
    /// Were here as they are there.
    pub same: usize,
    /// Are here otherwise, and were left alone.
    pub conflicts: usize,
    pub refused: usize,
}

/// One object that did not simply come over.
#[derive(Clone, Debug)]
pub struct Line {
    pub of: &'static ObjectType,
    /// Its number there.
    pub id: i64,
    pub name: String,
    pub fate: Fate,
    pub why: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Taken, but not quite as it was there.
    Altered,
    /// It is here otherwise: left alone.
    Conflict,
    Refused,
}

impl Fate {
    const fn word(self) -> &'static str {
        match self {
            Self::Altered => "altered",
            Self::Conflict => "conflict",
            Self::Refused => "refused",
        }
    }
}

impl Tally {
    pub fn new(of: &'static ObjectType) -> Self {
        Self { of, taken: 0, updated: 0, same: 0, conflicts: 0, refused: 0 }
    }

    fn is_empty(&self) -> bool {
        self.taken + self.updated + self.same + self.conflicts + self.refused == 0
    }
}

impl Report {
    pub fn count(&self, of: impl Fn(&Tally) -> usize) -> usize {
        self.types.iter().map(of).sum()
    }

    pub fn of(&self, fate: Fate) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| line.fate == fate)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<34} {:>8} {:>8} {:>8} {:>9} {:>8}", "", "taken", "updated", "same", "conflicts", "refused")?;
        for one in self.types.iter().filter(|one| !one.is_empty()) {
            let Tally { of, taken, updated, same, conflicts, refused } = one;
            writeln!(f, "{:<34} {taken:>8} {updated:>8} {same:>8} {conflicts:>9} {refused:>8}", of.plural)?;
        }
        for line in &self.lines {
            writeln!(f, "{}: {} {} “{}”: {}", line.fate.word(), line.of.name, line.id, line.name, line.why)?;
        }
        for remark in &self.remarks {
            writeln!(f, "note: {remark}")?;
        }
        Ok(())
    }
}
