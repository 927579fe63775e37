//! A policy of the routers, by its name there: what sessions import and export.

use super::{COMMUNITIES, CREATED, DESCRIPTION, DIRECT_SESSION, IX_SESSION, LOCAL_CONTEXT, NAME, SLUG, TAGS, UPDATED};
use crate::{
    Choice, Facts, ObjectType, Record, Tone,
    address::family_of,
    check::Problems,
    effective::Direction,
    field::{self, int, named},
    kind::choice,
    object::object,
};

/// In which direction a policy works.
static TYPE: &[Choice] = &[
    choice("export-policy", "Export", Tone::None),
    choice("import-policy", "Import", Tone::None),
    choice("import-export-policy", "Import+Export", Tone::None),
];

/// Which sessions a policy is for.
static FAMILIES: &[(i64, &str)] = &[(0, "All"), (4, "IPv4"), (6, "IPv6")];

pub static ROUTING_POLICY: ObjectType = object("peering", "routing-policies", "routingpolicy")
    .called("Routing policy", "Routing policies")
    .icon("group")
    .label("{name}")
    .order(&["-weight", "name"])
    .about("A policy of your routers, by the name that it has there. Sessions, networks, groups and exchanges say which they import and export through; a session has those of all of them.")
    .checks(&[sessions_fit])
    .fields(&[
        NAME.group("Routing policy"),
        SLUG,
        field::choice("type", TYPE).required().default_text("import-policy").column().filter()
            .help("The direction that it is written for."),
        int("weight", 0, 32_767).default_int(0).column().brief().help("The higher it is, the earlier it stands. 0 to 32767."),
        named("address_family", FAMILIES).default_int(0).column().filter().brief()
            .help("Sessions of the other family do not inherit it, and cannot have it themselves."),
        COMMUNITIES.help("Communities that it sets or looks for; templates can ask for them."),
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        CREATED,
        UPDATED,
    ]);

/// The other side of a session's rule: a policy that sessions have themselves stays good for them.
fn sessions_fit(policy: &Record, facts: &dyn Facts, problems: &mut Problems) {
    let Some(family @ (4 | 6)) = policy.int("address_family").filter(|_| policy.id > 0) else { return };
    let mut others = std::collections::BTreeSet::new();
    for of in [&IX_SESSION, &DIRECT_SESSION] {
        for direction in [Direction::Import, Direction::Export] {
            let field = of.field(direction.field());
            let sessions = field.and_then(|field| facts.referring(of, field, policy.id)).unwrap_or_default();
            let other = |session: &&Record| {
                session.get("ip_address").as_ip().is_some_and(|ip| i64::from(family_of(ip)) != family)
            };
            others.extend(sessions.iter().filter(other).map(|session| (of.model, session.id)));
        }
    }
    if !others.is_empty() {
        let sessions = if others.len() == 1 { "1 session".to_owned() } else { format!("{} sessions", others.len()) };
        problems.add(
            "address_family",
            format!("It stands at {sessions} of the other family. Take it off there first, or leave it for all."),
        );
    }
}
