//! One run of a template: minijinja set up to behave as Peering Manager's Jinja2 environment, within bounds.

use crate::{
    Context, Problem, ProblemKind, Template,
    context::Variables,
    filters,
    objects::Pending,
    pass::{Absent, Pass, type_of},
    python::{arguments::Args, collections::Range, fault, methods, text, time::Moment},
    source::{
        self, Source,
        names::{Mention, Names},
        rewrite::HERE,
    },
    warnings,
};
use minijinja::{
    Environment, Error, ErrorKind, State, UndefinedBehavior, Value,
    value::{Rest, ValueOrKwargs},
};
use peerage_model::{context::Merging, preview::Warning};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    error::Error as _,
    fmt, io,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// A time zone at the moment of the render: the crate has no zone table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    pub name: String,
    /// Seconds east of UTC.
    pub offset: i32,
    /// What `%Z` prints; empty: the name.
    #[serde(default)]
    pub abbreviation: String,
}

impl Zone {
    fn utc() -> Self {
        Self { name: "UTC".to_owned(), offset: 0, abbreviation: String::new() }
    }
}

/// Offsets of time zones at the moment of the render, asked of whoever drives it: by name.
#[derive(Clone)]
pub struct Zones(Arc<FindZone>);

type FindZone = dyn Fn(&str) -> Option<Zone> + Send + Sync;

impl Zones {
    pub fn new(find: impl Fn(&str) -> Option<Zone> + Send + Sync + 'static) -> Self {
        Self(Arc::new(find))
    }
}

impl fmt::Debug for Zones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Zones")
    }
}

/// Everything that a render depends on beside template and data. A push plan pins them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Microseconds since 1970-01-01T00:00:00Z; what `now()` tells.
    pub now: i64,
    /// The zone of `now()`.
    pub zone: Zone,
    /// Other zones that `now(timezone=...)` may name; UTC is always known.
    pub zones: Vec<Zone>,
    /// For the `random` filter and `lipsum`.
    pub seed: u64,
    /// How config contexts are merged.
    pub merging: Merging,
    /// Steps of the template engine before it is stopped; 10 to 30 million a second. 500 sessions take under a million.
    pub fuel: u64,
    /// Bytes of text before it is stopped.
    pub most_output: usize,
    /// Whoever it is for may see routers' configurations.
    pub configurations: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            now: 0,
            zone: Zone::utc(),
            zones: Vec::new(),
            seed: 0,
            merging: Merging::default(),
            fuel: 100_000_000,
            most_output: 32 << 20,
            configurations: true,
        }
    }
}

/// Nested blocks, of which a macro's call counts as five and an include as ten: as many as the engine allows without a stack
/// that grows.
const RECURSION: usize = 500;
/// The function that needs the run's clock.
const NOW: &str = "now";
/// Behind the name of a template that does not see the context.
pub(crate) const ALONE_MARK: char = '\u{fdd6}';
/// What the outer template is called inside minijinja.
const OUTER: &str = "<template>";

static BASE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    // not `new`: most of what minijinja brings is replaced, and would be in the browser's wasm for nothing
    let mut env = Environment::empty();
    env.set_undefined_behavior(UndefinedBehavior::Lenient);
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    env.set_recursion_limit(RECURSION);
    env.set_unknown_method_callback(methods::call);
    env.set_formatter(|out, state, value| {
        crate::deadline::look()?;
        let is_escaped = matches!(state.auto_escape(), minijinja::AutoEscape::Html) && !value.is_safe();
        if let Some(text) = value.as_str() {
            crate::bounds::make(text.len())?;
            // bytes are texts to minijinja
            if !is_escaped && value.kind() == minijinja::value::ValueKind::String {
                return Ok(out.write_str(text)?);
            }
        }
        if is_escaped {
            return Ok(out.write_str(&crate::python::markup::escape(&text::str_of(value)))?);
        }
        let mut counted = Counted { out, over: None };
        let written = text::write_str(value, &mut counted);
        counted.over.map_or_else(|| Ok(written?), Err)
    });
    filters::register(&mut env);
    env.add_function("namespace", minijinja::functions::namespace);
    let stock = env.globals().find(|(name, _)| *name == "namespace").map(|(_, stock)| stock).unwrap_or_default();
    env.add_function("namespace", move |state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>| {
        let args = Args::bind("namespace", &["value", "**"], 0, &filters::with_keywords(args))?;
        stock.call(state, &[filters::sequences::dict(&args)?])
    });
    env.add_function("range", |args: Rest<ValueOrKwargs>| {
        let args = Args::positional("range", 1, 3, &filters::with_keywords(args))?;
        if (0..3).any(|at| args.get(at).is_some_and(Pending::is)) {
            return Ok(Pending::value());
        }
        match args.get(1) {
            None => Range::value(0, args.int(0, 0)?, 1),
            Some(_) => Range::value(args.int(0, 0)?, args.int(1, 0)?, args.int(2, 1)?),
        }
    });
    env.add_function("dict", |args: Rest<ValueOrKwargs>| {
        filters::sequences::dict(&Args::bind("dict", &["value", "**"], 0, &filters::with_keywords(args))?)
    });
    env.add_function("cycler", |items: Rest<Value>| filters::sequences::cycler(items.0));
    env.add_function("joiner", minijinja_contrib::globals::joiner);
    env.add_function("lipsum", |args: Rest<ValueOrKwargs>| {
        const WORDS: [&str; 8] = ["lorem", "ipsum", "dolor", "sit", "amet", "consectetur", "adipiscing", "elit"];
        let args = Args::bind("lipsum", &["n", "html", "min", "max"], 0, &filters::with_keywords(args))?;
        let count = |number: i64| usize::try_from(number).unwrap_or_default().min(1000);
        let words: Vec<&str> = WORDS.into_iter().cycle().take(count(args.int(2, 20)?).max(1)).collect();
        let one = format!("L{}.", &words.join(" ")[1..]);
        let one = if args.flag(1, true) { format!("<p>{one}</p>") } else { one };
        Ok::<_, Error>(Value::from(vec![one; count(args.int(0, 5)?)].join(if args.flag(1, true) {
            "\n"
        } else {
            "\n\n"
        })))
    });
    env
});

/// What every template may call.
pub(crate) fn functions() -> impl Iterator<Item = &'static str> {
    BASE.globals().map(|(name, _)| name).chain([NOW])
}

/// The seed of the run, for `random`.
pub(crate) fn seed(state: &State<'_, '_>) -> u64 {
    state.lookup("__seed").and_then(|seed| u64::try_from(seed).ok()).unwrap_or_default()
}

/// A template, translated once and run as often as its needs ask for.
#[derive(Clone, Debug)]
pub(crate) struct Translated {
    /// As it was written.
    written: Arc<str>,
    names: Names,
    /// With the translated template in it, compiled.
    env: Environment<'static>,
    whitespace: source::Whitespace,
    /// It notes where it reads attributes.
    watched: bool,
}

impl Translated {
    pub(crate) fn new(source: &str, whitespace: source::Whitespace) -> Result<Self, Problem> {
        Self::of(source.into(), source::translate(source, "", whitespace)?, whitespace, false)
    }

    fn of(written: Arc<str>, source: Source, whitespace: source::Whitespace, watched: bool) -> Result<Self, Problem> {
        let mut env = BASE.clone();
        env.set_syntax(source::rewritten_syntax().map_err(|error| Problem::internal("", &error))?);
        env.add_template_owned(OUTER, source.text).map_err(|error| Problem::internal("", &error))?;
        Ok(Self { written, names: source.names, env, whitespace, watched })
    }

    /// What to tell of a run that gave a text.
    pub(crate) fn warnings(&self, context: &Context, pass: &Pass, options: &Options) -> Vec<Warning> {
        let absent = pass.absent();
        let suspects = warnings::suspects(&self.names, &absent);
        let placed = if suspects.is_empty() { Vec::new() } else { self.placed(context, pass, options, &suspects) };
        let column = |mention: &Mention| source::column(&self.written, self.whitespace, mention);
        warnings::of_run(&self.names, context, &absent, &placed, column)
    }

    /// What is absent once more, with the places that read it: of a second run, because noting places costs time.
    fn placed(&self, context: &Context, pass: &Pass, options: &Options, readers: &[u32]) -> Vec<Absent> {
        let again = Arc::new(Pass::new(pass.graph.clone()).with(options.clone()).with_zones(pass.zones().cloned()));
        let watched = source::translate_watched(
            &self.written,
            "",
            self.whitespace,
            source::Seen { watched: readers, alone: false },
        );
        let watched = watched.and_then(|source| Self::of(Arc::clone(&self.written), source, self.whitespace, true));
        if let Ok(watched) = watched {
            // a fault, of the clock for instance, leaves what was found before it
            let _ = watched.run(context, &again, options);
        }
        again.absent()
    }

    /// One run over a pass.
    ///
    /// # Errors
    /// The problem, with the line in the template where it is.
    pub(crate) fn run(&self, context: &Context, pass: &Arc<Pass>, options: &Options) -> Result<String, Problem> {
        let found: Arc<Mutex<Option<Problem>>> = Arc::default();
        let mut env = self.env.clone();
        env.set_fuel(Some(options.fuel));
        env.add_global("__seed", options.seed);
        let (clock, zones) = (options.clone(), pass.zones().cloned());
        env.add_function(NOW, move |args: Rest<ValueOrKwargs>| {
            now(&clock, zones.as_ref(), &filters::with_keywords(args))
        });
        if self.watched {
            let pass = Arc::clone(pass);
            env.add_filter(HERE, move |value: Value, reader: u32| {
                pass.reads_at(reader);
                value
            });
        }
        let templates = match context {
            Context::Data { templates, .. } => templates.clone(),
            _ => BTreeMap::new(),
        };
        let plain = matches!(context, Context::Data { .. });
        let (loading, noted, whitespace) = (Arc::clone(pass), Arc::clone(&found), self.whitespace);
        env.set_loader(move |name| {
            let (name, alone) = name.strip_suffix(ALONE_MARK).map_or((name, false), |name| (name, true));
            let source = match templates.get(name) {
                Some(source) => source.clone(),
                None if plain && name.contains("::") => return Ok(None),
                None => match included(name, &loading)? {
                    Some(source) => source,
                    None => return Ok(None),
                },
            };
            let seen = source::Seen { alone, ..source::Seen::default() };
            source::translate_watched(&source, name, whitespace, seen).map(|source| Some(source.text)).map_err(
                |problem| {
                    let error = Error::new(ErrorKind::SyntaxError, problem.message.clone());
                    noted.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(problem);
                    error
                },
            )
        });
        let template = env.get_template(OUTER).map_err(|error| Problem::internal("", &error))?;
        let mut out = Capped { text: Vec::with_capacity(FIRST_OUTPUT), most: options.most_output, full: false };
        let done = template.render_captured_to(Variables::value(context, pass), &mut out);
        let failed = done.err();
        if let Some(problem) = found.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(problem);
        }
        match failed {
            Some(error) => {
                let mut problem = problem(&error, out.full);
                if problem.template.is_empty()
                    && is_of_undefined(&error)
                    && let Some(line) = problem.line
                    && let Some(message) = warnings::undefined(&self.names, context, pass, line)
                {
                    problem.message = message;
                }
                Err(problem)
            }
            // minijinja writes whole texts
            None => Ok(String::from_utf8(out.text)
                .unwrap_or_else(|text| String::from_utf8_lossy(text.as_bytes()).into_owned())),
        }
    }
}

/// Text on its way out, or into a variable.
struct Counted<'o> {
    out: &'o mut dyn fmt::Write,
    over: Option<Error>,
}

impl fmt::Write for Counted<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        if let Err(error) = crate::bounds::make(part.len()) {
            self.over = Some(error);
            return Err(fmt::Error);
        }
        self.out.write_str(part)
    }
}

/// Room for the text of a small router.
const FIRST_OUTPUT: usize = 64 << 10;

/// Text up to a bound.
struct Capped {
    text: Vec<u8>,
    most: usize,
    full: bool,
}

impl io::Write for Capped {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        self.write_all(part).map(|()| part.len())
    }

    fn write_all(&mut self, part: &[u8]) -> io::Result<()> {
        if self.text.len() + part.len() > self.most {
            self.full = true;
            return Err(io::Error::other("output is too long"));
        }
        self.text.extend_from_slice(part);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The source of `configuration::Name` or `configuration::7`.
fn included(name: &str, pass: &Arc<Pass>) -> Result<Option<String>, Error> {
    let Some((kind, identifier)) = name.split_once("::") else {
        return Err(Error::new(ErrorKind::BadInclude, format!("“{name}” names no template; write kind::name")));
    };
    let type_key = match kind {
        "configuration" => "devices.configuration",
        "email" => "messaging.email",
        "exporttemplate" => "extras.exporttemplate",
        _ => return Ok(Some(String::new())),
    };
    let Some(of) = type_of(type_key) else { return Ok(None) };
    let found = match identifier.parse::<i64>() {
        Ok(id) => pass.row(of, id).map(|row| row.into_iter().collect()),
        Err(_) => pass.named(of, "name", identifier),
    };
    if let Some([one]) = found.as_deref() {
        pass.note_included(one);
    }
    match found.as_deref() {
        // not in the graph yet: the run goes on without it
        None => Ok(Some(String::new())),
        Some([]) => Ok(None),
        // an export is rendered on its own first, and its text is a template again
        Some([one]) if kind == "exporttemplate" => {
            let context = Context::Export { of: one.text("content_type").to_owned(), rows: None };
            let text = pass.render_within(&Template::from_record(one), &context);
            text.map(Some).map_err(|problem| Error::new(ErrorKind::BadInclude, problem.message))
        }
        Some([one]) => Ok(Some(one.text("template").to_owned())),
        Some(_) => Err(Error::new(ErrorKind::BadInclude, format!("There are several templates called “{identifier}”"))),
    }
}

fn now(options: &Options, zones: Option<&Zones>, args: &[Value]) -> Result<Value, Error> {
    let args = Args::bind("now", &["format", "timezone"], 0, args)?;
    let wanted = args.text(1, "")?;
    let zone = match wanted {
        "" => Some(options.zone.clone()),
        "UTC" | "GMT" | "Etc/UTC" | "Zulu" => Some(Zone::utc()),
        name => {
            let known = options.zones.iter().chain([&options.zone]).find(|zone| zone.name == name);
            known.cloned().or_else(|| (zones?.0)(name))
        }
    };
    let zone = zone.ok_or_else(|| fault(format!("'No time zone found with key {wanted}'")))?;
    let shown = if zone.abbreviation.is_empty() { &zone.name } else { &zone.abbreviation };
    let moment = Moment { micros: options.now, offset: zone.offset, zone: shown.as_str().into() };
    Ok(Value::from(moment.strftime(args.text(0, "%Y-%m-%dT%H:%M:%SZ")?)))
}

/// Whether something that is nowhere was used.
fn is_of_undefined(error: &Error) -> bool {
    let mut at = error;
    while let Some(inner) = at.source().and_then(|inner| inner.downcast_ref::<Error>()) {
        at = inner;
    }
    at.kind() == ErrorKind::UndefinedError
}

/// The innermost fault that knows its line.
fn problem(error: &Error, full: bool) -> Problem {
    let mut at = error;
    let mut place = error;
    while let Some(inner) = at.source().and_then(|inner| inner.downcast_ref::<Error>()) {
        at = inner;
        if at.line().is_some() {
            place = at;
        }
    }
    let template = place.name().filter(|name| *name != OUTER).unwrap_or_default().replace(ALONE_MARK, "");
    let (kind, message) = match at.kind() {
        _ if full => (ProblemKind::Limit, "the text is too long".to_owned()),
        _ if at.detail() == Some(crate::bounds::TOO_MUCH) => (ProblemKind::Limit, crate::bounds::TOO_MUCH.to_owned()),
        ErrorKind::OutOfFuel => (ProblemKind::Limit, "it takes too many steps".to_owned()),
        ErrorKind::SyntaxError => (ProblemKind::Syntax, at.detail().unwrap_or("invalid syntax").to_owned()),
        ErrorKind::UnknownFunction => {
            let name = at.detail().unwrap_or_default().trim_end_matches(" is unknown");
            (ProblemKind::Runtime, format!("'{name}' is undefined"))
        }
        kind => {
            let message = at.detail().map_or_else(|| kind.to_string(), |detail| detail.replace(ALONE_MARK, ""));
            (ProblemKind::Runtime, message)
        }
    };
    Problem { kind, template, line: place.line(), message }
}
