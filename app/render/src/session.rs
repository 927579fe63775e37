//! The needs loop without input or output: whoever drives it fetches, in a browser over the network, on a server from the
//! database, with the same bytes as result.

use crate::{
    Context, Deadline, Graph, Options, Problem, ProblemKind,
    deadline::{InForce, TOO_LONG},
    engine::{Translated, Zones},
    graph::Row,
    pass::{Pass, type_of},
    source::Whitespace,
};
use peerage_model::{
    Need, ObjectType, Record,
    preview::Warning,
    types::{LSTRIP_BLOCKS, TRIM_BLOCKS},
};
use std::sync::Arc;

/// Passes before a render is given up.
pub const MOST_PASSES: u32 = 12;

/// A template as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pub source: String,
    pub whitespace: Whitespace,
}

impl Template {
    pub fn new(source: impl Into<String>, whitespace: Whitespace) -> Self {
        Self { source: source.into(), whitespace }
    }

    /// Of a record of type configuration, or of another that has `template` and the two whitespace fields.
    pub fn from_record(record: &Record) -> Self {
        let whitespace = Whitespace { trim: record.flag(TRIM_BLOCKS.name), lstrip: record.flag(LSTRIP_BLOCKS.name) };
        Self::new(record.text("template"), whitespace)
    }
}

/// A finished render.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub text: String,
    /// A placeholder stands in it for a secret: it can never become a push plan.
    pub placeholders: bool,
    pub passes: u32,
    /// Templates that are parts of it, in the order in which they were met.
    pub includes: Vec<(&'static ObjectType, i64)>,
    /// Names in the template that are nowhere.
    pub warnings: Vec<Warning>,
}

/// What a step came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Done(Output),
    /// Fetch these, [`Graph::answer`] them, and step again.
    Needs(Vec<Need>),
    Failed(Problem),
}

/// One render, from its first pass to its text.
#[derive(Debug)]
pub struct Session {
    template: Result<Translated, Problem>,
    context: Context,
    options: Options,
    deadline: Option<Deadline>,
    zones: Option<Zones>,
    passes: u32,
    last: Vec<Need>,
}

impl Session {
    /// Translates the template; a syntax problem shows at the first step.
    pub fn new(template: &Template, options: Options, context: Context) -> Self {
        let template = Translated::new(&template.source, template.whitespace);
        Self { template, context, options, deadline: None, zones: None, passes: 0, last: Vec::new() }
    }

    /// Stopped when the deadline says so; without one only fuel and the other bounds hold.
    #[must_use]
    pub fn until(mut self, deadline: Deadline) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// With somebody who knows time zones; otherwise only those of the options are known.
    #[must_use]
    pub fn in_zones(mut self, zones: Zones) -> Self {
        self.zones = Some(zones);
        self
    }

    /// Runs the template once over what the graph has. Text and errors that come after something was lacking are dropped.
    pub fn step(&mut self, graph: &Graph) -> Step {
        let template = match &self.template {
            Ok(template) => template,
            Err(problem) => return Step::Failed(problem.clone()),
        };
        self.passes += 1;
        let pass = Arc::new(Pass::new(graph.clone()).with(self.options.clone()).with_zones(self.zones.clone()));
        let in_force = InForce::of(self.deadline.as_ref());
        let result = template.run(&self.context, &pass, &self.options);
        if in_force.has_passed() {
            let line = result.err().and_then(|problem| problem.line);
            let message = TOO_LONG.to_owned();
            return Step::Failed(Problem { kind: ProblemKind::Limit, template: String::new(), line, message });
        }
        let needs = pass.take_needs();
        if needs.is_empty() {
            return match result {
                Ok(text) => Step::Done(Output {
                    text,
                    placeholders: pass.placeholders(),
                    passes: self.passes,
                    includes: pass.included(),
                    warnings: template.warnings(&self.context, &pass, &self.options),
                }),
                Err(problem) => Step::Failed(problem),
            };
        }
        let gained = self.last.is_empty() || self.last.iter().any(|need| !needs.contains(need));
        if !gained || self.passes >= MOST_PASSES {
            let message = match gained {
                true => format!("it still lacks data after {MOST_PASSES} passes"),
                false => "data that it needs could not be fetched".to_owned(),
            };
            return Step::Failed(Problem { kind: ProblemKind::Limit, template: String::new(), line: None, message });
        }
        self.last.clone_from(&needs);
        Step::Needs(needs)
    }
}

/// What a router's configuration usually touches and the graph does not have yet. Ask, fetch and add until it is empty (three
/// rounds from nothing), before the first step: cheaper than passes, and one call of a server that does all rounds.
pub fn surroundings(graph: &Graph, router: i64) -> Vec<Need> {
    let pass = graph.pass();
    let wanted = || -> Option<()> {
        let router = pass.row(type_of("devices.router")?, router)??;
        let references = |record: &Record, names: &[&str]| {
            for name in names {
                if let (Some(field), Some(id)) =
                    (record.of.field(name), record.of.field(name).and_then(|_| record.int(name)))
                {
                    pass.follow(record.of, field, id);
                }
            }
        };
        references(&router, &["local_autonomous_system", "platform"]);
        if let Some(sessions) = type_of("peering.directpeeringsession") {
            let direct = pass.referring(sessions, sessions.field("router")?, router.of, router.id);
            for session in direct.into_iter().flatten() {
                references(
                    &session,
                    &["autonomous_system", "bgp_group", "relationship", "local_autonomous_system", "connection"],
                );
            }
        }
        let connections = type_of("net.connection")?;
        let connections = pass.referring(connections, connections.field("router")?, router.of, router.id)?;
        let sessions = type_of("peering.internetexchangepeeringsession")?;
        for connection in &connections {
            references(connection, &["internet_exchange_point"]);
            let over = pass.referring(sessions, sessions.field("ixp_connection")?, connection.of, connection.id);
            for session in over.into_iter().flatten() {
                references(&session, &["autonomous_system"]);
            }
        }
        Some(())
    };
    wanted();
    pass.take_needs()
}

/// Whether the graph has a router and everything that [`surroundings`] asks for.
pub fn is_surrounded(graph: &Graph, router: i64) -> bool {
    type_of("devices.router").is_some_and(|of| !matches!(graph.row(of, router), Row::Unknown))
        && surroundings(graph, router).is_empty()
}
