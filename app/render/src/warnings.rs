//! What a template may not mean: names that are nowhere. They print nothing, as in Jinja2, and the text is whole; whoever
//! writes the template sees them beside it, and a fault that comes of one is told with its name.

use crate::{
    context::Context,
    engine,
    objects::class,
    pass::{Absent, Pass},
    source::names::{Mention, Names},
    words,
};
use peerage_model::{ObjectType, filter::nearest, preview::Warning, registry};

/// So many at most: a template for something else has one in each line.
const MOST: usize = 50;

/// Names that mean something in some places of every template.
const SPECIAL: [&str; 6] = ["loop", "self", "super", "caller", "varargs", "kwargs"];

fn is_known(context: &Context, name: &str) -> bool {
    context.names().any(|known| known == name)
        || SPECIAL.contains(&name)
        || engine::functions().any(|known| known == name)
}

/// Variables of a template that neither it nor its context makes.
fn unknown<'n>(names: &'n Names, context: &Context) -> impl Iterator<Item = &'n Mention> {
    names.variables.iter().filter(|mention| !is_known(context, &mention.name))
}

/// The name that an object of this type has and that is most like another.
fn nearest_of(of: &'static ObjectType, name: &str) -> Option<String> {
    let fields = of
        .fields
        .iter()
        .filter(|field| !field.is_internal() && !field.is_credential())
        .map(|field| field.name.to_owned());
    let all: Vec<String> = fields.chain(words::names_of(of)).collect();
    nearest(name, all.iter().map(String::as_str)).map(str::to_owned)
}

fn has(of: &'static ObjectType, name: &str) -> bool {
    of.field(name).is_some() || words::names_of(of).iter().any(|known| known == name)
}

/// Whether an attribute decides something that objects of one type have and others not.
fn is_deliberate(names: &Names, absent: &Absent) -> bool {
    names.conditions.contains(&absent.name) && registry::TYPES.iter().any(|of| has(of, &absent.name))
}

/// Who may have read what is absent, where the template has that name in several places: [`Mention::reader`].
pub(crate) fn suspects(names: &Names, absent: &[Absent]) -> Vec<u32> {
    let readers = |one: &Absent| -> Vec<u32> {
        names.attributes.iter().filter(|mention| mention.name == one.name).map(|mention| mention.reader).collect()
    };
    let doubted = absent.iter().filter(|one| !is_deliberate(names, one)).map(readers);
    doubted.filter(|several| several.len() > 1).flatten().collect()
}

/// What to tell of a run that gave a text. `absent` is what objects were asked for, `placed` as much of it as is known with its
/// reader; `column` finds a mention in its line.
pub(crate) fn of_run(
    names: &Names,
    context: &Context,
    absent: &[Absent],
    placed: &[Absent],
    column: impl Fn(&Mention) -> usize,
) -> Vec<Warning> {
    let warning = |mention: &Mention, message: &str, meant: Option<&str>| {
        let asks = meant.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
        Warning {
            line: mention.line,
            column: column(mention),
            message: format!("{message}{asks}"),
            name: mention.name.clone(),
            meant: meant.map(str::to_owned),
        }
    };
    let variables = unknown(names, context).take(MOST).map(|mention| {
        let message = format!(
            "Nothing here is called {}, so it prints nothing, unless a template that includes this one sets it.",
            mention.name
        );
        warning(mention, &message, nearest(&mention.name, context.names()))
    });
    let attributes = absent.iter().filter(|one| !is_deliberate(names, one)).flat_map(|one| {
        let message = format!("{} have no {}, so it prints nothing.", one.of.plural, one.name);
        let near = nearest_of(one.of, &one.name);
        let reads = move |mention: &&Mention| mention.name == one.name;
        let known = move |mention: &&Mention| {
            placed.iter().any(|at| at.of.is(one.of) && at.name == one.name && at.reader == mention.reader)
        };
        let exact = names.attributes.iter().filter(reads).any(|mention| known(&mention));
        let places = names.attributes.iter().filter(move |mention| reads(mention) && (known(mention) || !exact));
        places.take(MOST).map(move |mention| warning(mention, &message, near.as_deref())).collect::<Vec<_>>()
    });
    let mut warnings: Vec<Warning> = variables.chain(attributes).collect();
    warnings.sort_by(|a, b| (a.line, a.column, &a.message).cmp(&(b.line, b.column, &b.message)));
    warnings.dedup();
    warnings.truncate(MOST);
    warnings
}

/// Jinja2's sentence about the undefined name that a line stumbled over.
pub(crate) fn undefined(names: &Names, context: &Context, pass: &Pass, line: usize) -> Option<String> {
    if let Some(mention) = unknown(names, context).find(|mention| mention.line == line) {
        return Some(format!("'{}' is undefined", mention.name));
    }
    let absent = pass.absent();
    absent.iter().find_map(|Absent { of, name, .. }| {
        let here = |mention: &Mention| mention.line == line && mention.name == *name;
        names.attributes.iter().any(here).then(|| format!("'{} object' has no attribute '{name}'", class(of)))
    })
}
