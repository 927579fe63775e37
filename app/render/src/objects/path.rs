//! Paths of names as Django's query sets take them: `autonomous_system__communities__value`, from a type through references
//! in both directions to a field, a key inside JSON, or an id.
//!
//! A step that leads to many objects is a **join**: what a query finds there it finds once for each of them.

use super::reverse;
use crate::{graph::targets, pass::Pass, python::fault};
use minijinja::Error;
use peerage_model::{Facts, Field, Kind, ObjectType, Record, Value as Stored, registry};
use std::sync::Arc;

/// From a record to what a name says.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Id,
    Field(&'static Field),
    Reverse(&'static ObjectType, &'static Field),
    Attached(&'static ObjectType),
}

impl Step {
    fn is_join(self) -> bool {
        match self {
            Self::Field(field) => matches!(field.kind, Kind::References { .. }),
            Self::Reverse(..) | Self::Attached(_) => true,
            Self::Id => false,
        }
    }
}

impl PartialEq for Step {
    /// Descriptions are told apart by their address.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Id, Self::Id) => true,
            (Self::Field(a), Self::Field(b)) => std::ptr::eq(*a, *b),
            (Self::Reverse(a, x), Self::Reverse(b, y)) => a.is(b) && std::ptr::eq(*x, *y),
            (Self::Attached(a), Self::Attached(b)) => a.is(b),
            _ => false,
        }
    }
}

/// A path that was found to exist.
#[derive(Clone, Debug)]
pub struct Path {
    pub steps: Vec<Step>,
    /// The raw id of a reference was named: `router_id`.
    pub raw: bool,
    /// Names after the last step: keys of JSON, transforms, a look-up.
    pub rest: Vec<String>,
}

impl Path {
    /// # Errors
    /// In Django's words: the first name is no field.
    pub fn parse(of: &'static ObjectType, text: &str) -> Result<Self, Error> {
        let mut at = Some(of);
        let (mut steps, mut raw) = (Vec::new(), false);
        let mut parts = text.split("__");
        let mut rest = Vec::new();
        while let Some(part) = parts.next() {
            let Some((step, next, id)) = at.and_then(|of| step(of, part)) else {
                rest.push(part.to_owned());
                rest.extend(parts.map(str::to_owned));
                break;
            };
            raw = id;
            // a reference already is its object's id
            let known = matches!((step, steps.last()), (Step::Id, Some(Step::Field(field))) if matches!(field.kind, Kind::Reference { .. }));
            if known {
                raw = true;
            } else {
                steps.push(step);
            }
            at = next;
        }
        if steps.is_empty() {
            return Err(fault(format!("Cannot resolve keyword '{}' into field.", rest[0])));
        }
        if steps.last().is_some_and(|step| step.is_join()) {
            steps.push(Step::Id);
        }
        Ok(Self { steps, raw, rest })
    }

    /// The field at its end; none: an id.
    pub fn field(&self) -> Option<&'static Field> {
        match self.steps.last() {
            Some(Step::Field(field)) => Some(field),
            _ => None,
        }
    }

    /// The parts of the path that end with a join.
    fn joins(&self) -> impl Iterator<Item = &[Step]> {
        (0..self.steps.len()).filter(|at| self.steps[*at].is_join()).map(|at| &self.steps[..=at])
    }
}

fn step(of: &'static ObjectType, part: &str) -> Option<(Step, Option<&'static ObjectType>, bool)> {
    if matches!(part, "id" | "pk") {
        return Some((Step::Id, None, false));
    }
    let readable = |field: &&'static Field| {
        !field.is_internal() && !matches!(field.kind, Kind::Secret { .. }) || field.name == "password"
    };
    if let Some(field) = of.field(part).filter(readable) {
        return Some((Step::Field(field), field.kind.target(), false));
    }
    if let Some(field) = part.strip_suffix("_id").and_then(|name| of.field(name)) {
        return Some((Step::Field(field), None, true));
    }
    if let Some((attached, _)) = registry::attachable(of).find(|(_, attached)| attached.set == part) {
        return Some((Step::Attached(attached), Some(attached), false));
    }
    // what is named for attributes is not named for queries, but between PeeringDB's own types
    let named = (of.app == "peeringdb" || !part.ends_with("_set")).then(|| reverse(of, part)).flatten();
    let found =
        registry::referring(of).find(|(other, _)| other.model == part).map(|(of, field)| super::Reverse { of, field });
    let found = reverse(of, &format!("{part}_set")).or(named).or(found)?;
    Some((Step::Reverse(found.of, found.field), Some(found.of), false))
}

/// A row of a query: the record, and the objects that were met on joins.
#[derive(Clone, Debug)]
pub struct Line {
    pub record: Record,
    joined: Option<Arc<Joined>>,
}

/// The object that a join met, the latest first.
#[derive(Debug)]
struct Joined {
    way: Vec<Step>,
    /// None: it leads nowhere.
    to: Option<Record>,
    before: Option<Arc<Self>>,
}

impl From<Record> for Line {
    fn from(record: Record) -> Self {
        Self { record, joined: None }
    }
}

impl Line {
    fn met(&self, way: &[Step]) -> Option<&Joined> {
        let mut at = self.joined.as_deref();
        while let Some(joined) = at {
            if joined.way == way {
                return Some(joined);
            }
            at = joined.before.as_deref();
        }
        None
    }

    fn with(&self, way: &[Step], to: Option<Record>) -> Self {
        let joined = Joined { way: way.to_vec(), to, before: self.joined.clone() };
        Self { record: self.record.clone(), joined: Some(Arc::new(joined)) }
    }

    /// The record at the end of a way whose joins were met. Outer none: not in the graph yet; inner none: there is none.
    fn walk(&self, way: &[Step], pass: &Pass) -> Option<Option<Record>> {
        let mut at = self.record.clone();
        for (depth, step) in way.iter().enumerate() {
            let next = match step {
                step if step.is_join() => self.met(&way[..=depth]).and_then(|joined| joined.to.clone()),
                Step::Field(field) => match at.get(field.name).as_int() {
                    Some(id) => pass.follow(at.of, field, id)?,
                    None => None,
                },
                _ => None,
            };
            match next {
                Some(next) => at = next,
                None => return Some(None),
            }
        }
        Some(Some(at))
    }

    /// The record that has the value at the end of a path whose joins were met, and that value.
    pub fn end(&self, path: &Path, pass: &Pass) -> Option<Option<(Record, Stored)>> {
        let (last, way) = path.steps.split_last()?;
        let Some(record) = (match way {
            [] => Some(self.record.clone()),
            way => self.walk(way, pass)?,
        }) else {
            return Some(None);
        };
        let value = match last {
            Step::Field(field) => record.get(field.name).clone(),
            _ => Stored::Int(record.id),
        };
        Some(Some((record, value)))
    }

    /// Once for each object that the joins of a path meet beyond those that were met; where they meet none, once. None: not in
    /// the graph yet.
    pub fn met_on(self, path: &Path, pass: &Pass) -> Option<Vec<Self>> {
        let mut lines = vec![self];
        for way in path.joins() {
            let mut next = Vec::with_capacity(lines.len());
            for line in lines {
                if line.met(way).is_some() {
                    next.push(line);
                } else {
                    next.extend(line.joined_by(way, pass)?);
                }
            }
            lines = next;
        }
        Some(lines)
    }

    /// As [`Self::met_on`], but by joins of its own. `fits` is asked as early as a join allows.
    pub fn met_anew(self, path: &Path, pass: &Pass, known: &mut Vec<Vec<Step>>) -> Option<Vec<Self>> {
        let mut lines = vec![self];
        for way in path.joins() {
            if known.iter().any(|known| known == way) {
                continue;
            }
            known.push(way.to_vec());
            let mut next = Vec::with_capacity(lines.len());
            for line in lines {
                next.extend(line.joined_by(way, pass)?);
            }
            lines = next;
        }
        Some(lines)
    }

    fn joined_by(&self, way: &[Step], pass: &Pass) -> Option<Vec<Self>> {
        let (last, before) = way.split_last()?;
        let Some(from) = self.walk(before, pass)? else { return Some(vec![self.with(way, None)]) };
        let found: Vec<Record> = match last {
            Step::Reverse(of, field) => pass.referring(of, field, from.of, from.id)?,
            Step::Attached(of) => pass.attached(of, &from)?,
            Step::Field(field) => {
                let mut found = Vec::new();
                let mut whole = Some(());
                for id in targets(from.of, field, from.get(field.name)) {
                    match pass.follow(from.of, field, id) {
                        Some(row) => found.extend(row),
                        None => whole = None,
                    }
                }
                whole?;
                found
            }
            Step::Id => Vec::new(),
        };
        if found.is_empty() {
            return Some(vec![self.with(way, None)]);
        }
        Some(found.into_iter().map(|to| self.with(way, Some(to))).collect())
    }
}
