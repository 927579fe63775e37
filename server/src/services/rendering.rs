//! Rendering on the server: the same renderer as in the browser, fed by the store instead of by server functions.
//!
//! Rendering is whole or refused: whoever may see routers' configurations gets the whole graph ([`Who::for_rendering`]),
//! because a text from which objects were left out would remove peers when pushed. Only secrets are held back from those who
//! may not see them, and the text says so. Somebody whose permission is limited to some routers gets the text of those, and
//! for previews in the browser what they are made from, which is not cut to fit: a template may look anywhere.
//!
//! An export goes to no router, and shows nobody more than lists do. Over what a list shows, `dataset` is what that list
//! shows to this person, no more and no less; over all objects of a type, they must see all of them. Of whatever else the
//! template looks at they must see all as well, by their own rights: else the export is refused, because nothing in its text
//! would say what is missing. Secrets are held back as everywhere, and a router's configuration is made in an export only for
//! those who may see every router's. What browsers preview an export from are rows that the person may list.

use async_trait::async_trait;
use chrono::{Offset, TimeZone, Utc};
use chrono_tz::OffsetName;
use peerage_app::rendering::{self, Included, Rendered, Shown, Starter};
use peerage_model::{
    Label, ListQuery, Need, ObjectType, Origin, Permit, Problem, Record, Value, Who,
    label::label,
    permit::{Scope, View, ViewConfiguration},
    preview::{Subject, Words},
    query::ListRequest,
    registry,
    types::{CONFIGURATION, EXPORT_TEMPLATE, ROUTER},
    wire::{ObjectRef, RecordSet},
};
use peerage_render::{
    Context, Deadline, Graph, Options, Output, Problem as Fault, ProblemKind, Session, Step, Template, Zone, Zones,
    graph::Row, surroundings, words::words,
};
use peerage_store::{Store, StoreError};
use rust_embed::RustEmbed;
use std::time::{Duration, Instant};
use tokio::{sync::Semaphore, time::timeout};

/// Ids, values or rows of one need. A router with tens of thousands of sessions has fewer.
const MOST_WANTED: usize = 200_000;

/// How long the template of one text may run, unless somebody says otherwise.
pub const LONGEST: Duration = Duration::from_secs(30);

/// Templates that come with Peerage: `configuration/<name>.j2`, described by their first comment, written for blocks that
/// are trimmed and stripped.
#[derive(RustEmbed)]
#[folder = "../templates/"]
#[allow_missing = true]
struct Starters;

pub struct Rendering {
    store: Store,
    longest: Duration,
    /// An export may take a core for as long as a template may run: no more than two at once.
    exports: Semaphore,
}

/// Why there is no text.
#[derive(Debug)]
pub enum Refusal {
    /// The template is at fault.
    Template(Fault),
    Other(Problem),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Template(fault) => Self::field("template", in_words(&fault)),
            Refusal::Other(problem) => problem,
        }
    }
}

impl Rendering {
    pub fn new(store: Store) -> Self {
        Self { store, longest: LONGEST, exports: Semaphore::new(2) }
    }

    /// With another bound on how long a template may run.
    #[must_use]
    pub fn within(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// A router's text with its assigned template.
    ///
    /// # Errors
    /// `Invalid` with the line if the template is wrong, `NotFound` without a router.
    pub async fn text(&self, who: &Who, router: i64) -> Result<Output, Problem> {
        Ok(self.attempt(who, router, None).await?)
    }

    /// A router's text: with its assigned template, or with another.
    ///
    /// # Errors
    /// The template's own problem, or that there is no such router.
    pub async fn attempt(&self, who: &Who, router: i64, template: Option<Template>) -> Result<Output, Refusal> {
        Ok(self.run(who, router, template).await?.0)
    }

    /// The text of a router, and all that was at hand for it.
    async fn run(&self, who: &Who, router: i64, template: Option<Template>) -> Result<(Output, Graph), Refusal> {
        self.store.permit_on::<ViewConfiguration>(who, &ROUTER, router).await?;
        let who = &who.for_rendering()?;
        let found = self.store.get(&who.permit::<View>(&ROUTER)?, router).await?;
        let router = found.ok_or_else(|| Problem::not_found(ROUTER.name))?;
        let template = match template {
            Some(template) => template,
            None => self.assigned(who, &router).await?,
        };
        let mut graph = Graph::new();
        loop {
            let needs = surroundings(&graph, router.id);
            if needs.is_empty() {
                break;
            }
            answer_needs(&self.store, who, &mut graph, &needs).await?;
        }
        let context = Context::Router { id: router.id };
        let output = self.through(who, &template, options(&self.store), context, &mut graph).await?;
        Ok((output, graph))
    }

    /// An export, and all that was at hand for it.
    async fn export(&self, who: &Who, template: i64, shown: Option<Shown>) -> Result<(Output, Graph), Refusal> {
        let found = self.store.get(&who.permit::<View>(&EXPORT_TEMPLATE)?, template).await?;
        let template = found.ok_or_else(|| Problem::not_found(EXPORT_TEMPLATE.name))?;
        let of = registry::get(template.text("content_type")).map_err(Problem::malformed)?;
        // to look at the type is asked for in any case, also of a template that does not look at its objects
        let permit = who.permit::<View>(of)?;
        let _turn = timeout(self.longest, self.exports.acquire()).await.map_err(|_| {
            Problem::new(Label::Unavailable, "Other exports are being made. Try again when they are done.")
        })?;
        let mut graph = Graph::new();
        let rows = match shown {
            None => {
                who.sees_all([of])?;
                None
            }
            Some(Shown { filter, sort }) => {
                let query = ListRequest { filter, sort, ..ListRequest::of(of) }.resolve()?;
                let rows = all_rows(&self.store, &permit, query).await?;
                let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
                let rows = presentable(&self.store, &permit, rows).await?;
                graph.answer_with(&[Need::rows(of, ids.clone())], rows)?;
                Some(ids)
            }
        };
        let context = Context::Export { of: of.key(), rows };
        let configurations =
            who.permit::<ViewConfiguration>(&ROUTER).is_ok_and(|permit| permit.scope() == Scope::Everything);
        let options = Options { configurations, ..options(&self.store) };
        let output = self.through(who, &Template::from_record(&template), options, context, &mut graph).await?;
        Ok((output, graph))
    }

    /// Steps until there is a text, and fetches what is lacking.
    async fn through(
        &self,
        who: &Who,
        template: &Template,
        options: Options,
        context: Context,
        graph: &mut Graph,
    ) -> Result<Output, Refusal> {
        let whole = matches!(context, Context::Export { .. });
        let deadline = deadline(self.longest);
        // the template engine computes: not on a thread that answers others
        let session = tokio::task::block_in_place(|| Session::new(template, options, context));
        let mut session = session.until(deadline).in_zones(zones());
        loop {
            match tokio::task::block_in_place(|| session.step(graph)) {
                Step::Done(output) => return Ok(output),
                Step::Needs(needs) => {
                    if whole {
                        who.sees_all(types_of(&needs)?)?;
                    }
                    answer_needs(&self.store, who, graph, &needs).await?;
                }
                Step::Failed(fault) => return Err(Refusal::Template(fault)),
            }
        }
    }

    async fn assigned(&self, who: &Who, router: &Record) -> Result<Template, Problem> {
        let permit = who.permit::<View>(&CONFIGURATION)?;
        let Some(id) = router.int("configuration_template") else {
            let message = format!("{} has no configuration template. Edit it and choose one.", router.text("name"));
            return Err(Problem::field("configuration_template", message));
        };
        let template = self.store.get(&permit, id).await?.ok_or_else(|| Problem::not_found(CONFIGURATION.name))?;
        Ok(Template::from_record(&template))
    }
}

/// Fetches what some needs ask for, and answers them.
///
/// # Errors
/// `who` may not see something of it; a need that is none; a failure of the database.
pub async fn answer_needs(store: &Store, who: &Who, graph: &mut Graph, needs: &[Need]) -> Result<(), Problem> {
    let records = gathered(store, who, needs).await?;
    graph.answer_with(needs, records)
}

/// Everything that some needs ask for.
async fn gathered(store: &Store, who: &Who, needs: &[Need]) -> Result<Vec<Record>, Problem> {
    let mut records = Vec::new();
    for need in needs {
        records.extend(rows(store, who, need).await?);
    }
    Ok(records)
}

/// Records as they travel, by type.
fn sets(records: Vec<Record>) -> Vec<RecordSet> {
    let mut types: Vec<(&'static ObjectType, Vec<Record>)> = Vec::new();
    for record in records {
        match types.iter_mut().find(|(of, _)| of.is(record.of)) {
            Some((_, known)) => known.push(record),
            None => types.push((record.of, vec![record])),
        }
    }
    types.iter().map(|(of, records)| RecordSet::whole(of, records)).collect()
}

/// The rows that a need asks for.
async fn rows(store: &Store, who: &Who, need: &Need) -> Result<Vec<Record>, Problem> {
    let of = need.object_type().map_err(Problem::malformed)?;
    if !matches!(of.origin, Origin::Operator | Origin::PeeringDb) {
        return Err(Problem::new(Label::Forbidden, format!("Templates do not see {}.", of.plural)));
    }
    let permit = who.permit::<View>(of)?;
    let found = match need {
        Need::Rows { ids, .. } => store.get_many(&permit, bounded(ids)?).await?,
        Need::Relation { field, ids, .. } => store.reverse(&permit, field, bounded(ids)?).await?,
        Need::Named { field, values, .. } => {
            let known = of.field(field);
            let known = known.ok_or_else(|| Problem::malformed(peerage_model::filter::unknown_field(of, field)))?;
            let values = bounded(values)?.iter().map(|value| known.kind.parse(value)).collect::<Result<Vec<_>, _>>();
            store.among(&permit, field, &values.map_err(Problem::malformed)?).await?
        }
        Need::All { .. } => store.records(&permit, &ListQuery::all(of).unpaged()).await?,
    };
    presentable(store, &permit, found).await
}

/// Everything that a list shows, on all its pages.
async fn all_rows(store: &Store, permit: &Permit<View>, query: ListQuery) -> Result<Vec<Record>, Problem> {
    if store.count(permit, &query.filter).await? > MOST_WANTED as u64 {
        let plural = query.of.plural;
        let message =
            format!("These are over {MOST_WANTED} {plural}, more than a template may be given. Choose fewer of them.");
        return Err(Problem::new(Label::TooLarge, message));
    }
    Ok(store.records(permit, &query.unpaged()).await?)
}

/// Rows as templates may see them, rendered for whoever holds the permit.
async fn presentable(store: &Store, permit: &Permit<View>, rows: Vec<Record>) -> Result<Vec<Record>, Problem> {
    let revealed = store.reveal(permit, rows).await?;
    Ok(revealed.into_iter().map(without_what_is_ours).collect())
}

fn types_of(needs: &[Need]) -> Result<Vec<&'static ObjectType>, Problem> {
    needs.iter().map(|need| need.object_type().map_err(Problem::malformed)).collect()
}

/// A text as it travels.
fn rendered(who: &Who, began: Instant, output: Output, graph: &Graph) -> Rendered {
    let objects = registry::TYPES.iter().map(|of| (of.key(), graph.here(of).count()));
    Rendered {
        includes: includes(who, &output, graph),
        objects: objects.filter(|(_, count)| *count > 0).collect(),
        text: output.text,
        has_placeholders: output.placeholders,
        milliseconds: began.elapsed().as_secs_f64() * 1000.0,
        passes: output.passes,
    }
}

/// The templates that a text is put together from, as far as somebody may see them.
fn includes(who: &Who, output: &Output, graph: &Graph) -> Vec<Included> {
    let seen = output.includes.iter().filter(|(of, _)| who.permit::<View>(of).is_ok());
    let told = seen.filter_map(|(of, id)| match graph.row(of, *id) {
        Row::Here(template) => {
            Some(Included { object: ObjectRef { of: of.key(), id: *id }, label: label(template, &()) })
        }
        _ => None,
    });
    told.collect()
}

/// What a render on this machine depends on beside template and data.
pub fn options(store: &Store) -> Options {
    Options { merging: store.merging(), ..at_this_moment() }
}

/// As [`options`], of what has no data of ours.
pub fn at_this_moment() -> Options {
    Options { now: peerage_store::now(), ..Options::default() }
}

/// The world's time zones, as they are at this moment.
pub fn zones() -> Zones {
    let now = Utc::now().naive_utc();
    Zones::new(move |name| {
        let zone: chrono_tz::Tz = name.parse().ok()?;
        let there = zone.offset_from_utc_datetime(&now);
        let offset = there.fix().local_minus_utc();
        let abbreviation = there.abbreviation().map_or_else(|| in_digits(offset), str::to_owned);
        Some(Zone { name: name.to_owned(), offset, abbreviation })
    })
}

/// The abbreviation of a zone that has no letters of its own: `+0545`, `-03`.
fn in_digits(offset: i32) -> String {
    let (sign, minutes) = (if offset < 0 { '-' } else { '+' }, offset.abs() / 60);
    match minutes % 60 {
        0 => format!("{sign}{:02}", minutes / 60),
        more => format!("{sign}{:02}{more:02}", minutes / 60),
    }
}

/// So long from now on.
pub fn deadline(longest: Duration) -> Deadline {
    let began = Instant::now();
    Deadline::new(move || began.elapsed() < longest)
}

/// What lets the product into a router is not for templates, whoever renders, nor what no browser gets.
fn without_what_is_ours(mut record: Record) -> Record {
    let ours = record.of.fields.iter().enumerate().filter(|(_, field)| field.is_credential() || field.is_internal());
    for (index, _) in ours {
        record.set_at(index, Value::Null);
    }
    record
}

fn bounded<T>(wanted: &[T]) -> Result<&[T], Problem> {
    if wanted.len() <= MOST_WANTED {
        Ok(wanted)
    } else {
        Err(Problem::malformed(format!("needs: at most {MOST_WANTED} of one kind.")))
    }
}

/// What is wrong with a template, and where.
pub fn in_words(problem: &Fault) -> String {
    let place = match (problem.template.as_str(), problem.line) {
        ("", Some(line)) => format!(" at line {line}"),
        (template, Some(line)) => format!(" in {template} at line {line}"),
        _ => String::new(),
    };
    let what = match problem.kind {
        ProblemKind::Syntax => "Syntax error",
        _ => "The template failed",
    };
    format!("{what}{place}: {}.", problem.message.trim_end_matches('.'))
}

#[async_trait]
impl rendering::Rendering for Rendering {
    async fn fetch(&self, who: &Who, subject: Subject, needs: Vec<Need>) -> Result<Vec<RecordSet>, Problem> {
        let asked = types_of(&needs)?;
        let records = match subject {
            Subject::Router(_) => gathered(&self.store, &who.for_preview(asked)?, &needs).await?,
            Subject::Export(of) => {
                who.permit::<View>(&EXPORT_TEMPLATE)?;
                who.permit::<View>(registry::get(&of).map_err(Problem::malformed)?)?;
                who.sees_all(asked)?;
                gathered(&self.store, who, &needs).await?
            }
        };
        Ok(sets(records))
    }

    async fn render(&self, who: &Who, router: i64) -> Result<Rendered, Problem> {
        let began = Instant::now();
        let (output, graph) = self.run(who, router, None).await?;
        Ok(rendered(who, began, output, &graph))
    }

    async fn export(&self, who: &Who, template: i64, shown: Option<Shown>) -> Result<Rendered, Problem> {
        let began = Instant::now();
        let (output, graph) = Self::export(self, who, template, shown).await?;
        Ok(rendered(who, began, output, &graph))
    }

    async fn words(&self, who: &Who) -> Result<Words, Problem> {
        if !who.allows::<View>(&EXPORT_TEMPLATE) {
            who.permit::<View>(&CONFIGURATION)?;
        }
        Ok(words())
    }

    async fn starters(&self, who: &Who) -> Result<Vec<Starter>, Problem> {
        who.permit::<View>(&CONFIGURATION)?;
        let mut starters: Vec<Starter> = Starters::iter()
            .filter_map(|path| {
                let name = path.strip_prefix("configuration/")?.strip_suffix(".j2")?.to_owned();
                let template = String::from_utf8(Starters::get(&path)?.data.into_owned()).ok()?;
                let first = template.trim_start().strip_prefix("{#").and_then(|rest| rest.split("#}").next());
                // the line that says what it is; how it is used stands below, in the template
                let words = first.unwrap_or_default().trim_matches(['-', '+', ' ', '\n']);
                let description = words.lines().next().unwrap_or_default().trim().to_owned();
                Some(Starter { name, description, template, trim: true, lstrip: true })
            })
            .collect();
        starters.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(starters)
    }
}
