//! What a list asks for: filter, order, fields, page. [`ListRequest`] is how it travels and stands in the address bar;
//! [`ListQuery`] is the same, resolved against the registry, which is all that the store takes.

use crate::{Field, Filter, Kind, ObjectType, Problem, filter::Path, label, registry};
use serde::{Deserialize, Serialize};

/// Rows of a page unless asked otherwise.
pub const PER_PAGE: u32 = 100;
/// The most rows of one page.
pub const MOST_PER_PAGE: u32 = 2000;

/// A list as asked for. Every part but the type may be left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListRequest {
    /// `peering.autonomoussystem`
    #[serde(rename = "type")]
    pub of: String,
    /// See [`crate::filter`].
    #[serde(default)]
    pub filter: String,
    /// Field paths with commas between, `-` before a descending one; empty: the type's own order.
    #[serde(default)]
    pub sort: String,
    /// From 1.
    #[serde(default)]
    pub page: u32,
    /// 1 to 2000; 0: 100.
    #[serde(default)]
    pub per_page: u32,
    /// Only these fields, and those that a label needs; empty: all.
    #[serde(default)]
    pub fields: Vec<String>,
}

/// A list, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct ListQuery {
    pub of: &'static ObjectType,
    pub filter: Filter,
    pub sort: Vec<Sort>,
    pub offset: u64,
    pub limit: u32,
    /// Indexes of the fields that are wanted, ascending.
    pub fields: Vec<usize>,
    /// Whether to count all rows that match.
    pub count: bool,
}

/// One key of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Sort {
    pub path: Path,
    pub descending: bool,
}

impl Sort {
    /// `-asn` or `autonomous_system.asn`.
    ///
    /// # Errors
    /// A sentence naming the nearest field.
    pub fn parse(of: &'static ObjectType, text: &str) -> Result<Self, String> {
        let (descending, path) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let path = Path::parse(of, path)?;
        if path.field().kind.is_sortable() {
            Ok(Self { path, descending })
        } else {
            Err(format!("Lists cannot be sorted by {}.", path.field().label()))
        }
    }

    /// The keys that a sort means in the end: a reference sorts by the other type's own order.
    pub fn expand(keys: &[Self]) -> Vec<Self> {
        keys.iter()
            .flat_map(|key| match key.path.field().kind {
                Kind::Reference { to, .. } => {
                    let nested = to.order.iter().filter_map(|order| {
                        let (turned, rest) = order.strip_prefix('-').map_or((false, *order), |rest| (true, rest));
                        let path = key.path.join(to, rest)?;
                        Some(Self { path, descending: key.descending != turned })
                    });
                    Self::expand(&nested.collect::<Vec<_>>())
                }
                _ => vec![key.clone()],
            })
            .collect()
    }

    /// A type's own order.
    pub fn natural(of: &'static ObjectType) -> Vec<Self> {
        of.order.iter().filter_map(|order| Self::parse(of, order).ok()).collect()
    }
}

impl Path {
    /// This path, then one of the type that it leads to.
    fn join(&self, to: &'static ObjectType, rest: &str) -> Option<Self> {
        Some(self.then(Self::parse(to, rest).ok()?))
    }
}

impl ListQuery {
    /// Everything of a type in its own order, first page.
    pub fn all(of: &'static ObjectType) -> Self {
        Self {
            of,
            filter: Filter::default(),
            sort: Sort::natural(of),
            offset: 0,
            limit: PER_PAGE,
            fields: visible(of).collect(),
            count: true,
        }
    }

    #[must_use]
    pub fn filtered(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Every match, uncounted: for rendering and domain rules.
    #[must_use]
    pub fn unpaged(mut self) -> Self {
        self.limit = u32::MAX;
        self.count = false;
        self
    }
}

fn visible(of: &'static ObjectType) -> impl Iterator<Item = usize> {
    of.fields.iter().enumerate().filter(|(_, field)| !field.is_internal()).map(|(index, _)| index)
}

impl ListRequest {
    pub fn of(of: &ObjectType) -> Self {
        Self { of: of.key(), ..Self::default() }
    }

    /// Looks every name up.
    ///
    /// # Errors
    /// `Malformed`, with the place in the request and the nearest known name.
    pub fn resolve(&self) -> Result<ListQuery, Problem> {
        let of = registry::get(&self.of).map_err(|message| malformed("type", message))?;
        let (filter, problems) = Filter::parse(of, &self.filter);
        if let Some(first) = problems.first() {
            let place = format!("filter, characters {} to {}", first.start + 1, first.end);
            return Err(malformed(&place, first.message.clone()));
        }
        let mut sort = self
            .sort
            .split(',')
            .filter(|key| !key.is_empty())
            .map(|key| Sort::parse(of, key))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|message| malformed("sort", message))?;
        if sort.is_empty() {
            sort = Sort::natural(of);
        }
        if self.per_page > MOST_PER_PAGE {
            return Err(malformed("per_page", format!("A page has at most {MOST_PER_PAGE} rows.")));
        }
        let limit = if self.per_page == 0 { PER_PAGE } else { self.per_page };
        let fields = self.wanted(of)?;
        let offset = u64::from(self.page.saturating_sub(1)) * u64::from(limit);
        Ok(ListQuery { of, filter, sort, offset, limit, fields, count: true })
    }

    fn wanted(&self, of: &'static ObjectType) -> Result<Vec<usize>, Problem> {
        if self.fields.is_empty() {
            return Ok(visible(of).collect());
        }
        let mut wanted: Vec<usize> =
            label::label_fields(of).iter().filter_map(|field| of.index_of(field.name)).collect();
        for name in &self.fields {
            let index = of.index_of(name).filter(|index| !of.fields[*index].is_internal());
            match index {
                Some(index) => wanted.push(index),
                None if name == "id" => {}
                None => return Err(malformed("fields", crate::filter::unknown_field(of, name))),
            }
        }
        // what something is attached to cannot be told without its type
        if let Some(attached) = of.attached
            && wanted.iter().any(|index| of.fields[*index].name == attached.id)
        {
            wanted.extend(of.index_of(attached.of));
        }
        wanted.sort_unstable();
        wanted.dedup();
        Ok(wanted)
    }
}

fn malformed(place: &str, message: impl std::fmt::Display) -> Problem {
    Problem::malformed(format!("{place}: {message}"))
}

/// What travels when an object is only referred to: what its label needs, and fields marked `brief`.
pub fn brief_fields(of: &'static ObjectType) -> Vec<usize> {
    let label: Vec<&Field> = label::label_fields(of);
    (0..of.fields.len())
        .filter(|index| {
            let field = &of.fields[*index];
            !field.is_internal() && (field.is_brief() || label.iter().any(|wanted| wanted.name == field.name))
        })
        .collect()
}
