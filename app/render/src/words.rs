//! What a template may write beside the fields of objects, for the editor: the server tells it once, so that the words are
//! not in the wasm that renders. The names are those of the tables that the engine itself looks into; here stands what each
//! is for and what it leads to. Tests hold that none of them is without a word and that no word is about nothing.

use crate::{
    context, engine,
    filters::{self, FilterRow},
    objects::{
        self,
        members::{
            self, AUTONOMOUS_SYSTEM, CONNECTION, DIRECT_SESSION, GROUP, INTERNET_EXCHANGE, IX_SESSION, METHODS, OF_ALL,
            PORT,
        },
        properties,
        queryset::QuerySet,
    },
};
use peerage_model::{
    ObjectType,
    preview::{Gives, Word, Words},
    registry,
};

/// What a word leads to.
#[derive(Clone, Copy)]
pub(crate) enum To {
    Plain,
    Same,
    Listed,
    Item,
    One(&'static str),
    Rows(&'static str),
    List(&'static str),
}

use To::{Item, List, Listed, One, Plain, Rows, Same};

/// Name, what it leads to, what it is for.
type Row = (&'static str, To, &'static str);

/// Of the variables of [`context::OF_ROUTER`].
const VARIABLES: &[Row] = &[
    ("router", One("devices.router"), "the router that is configured"),
    ("local_as", One(AUTONOMOUS_SYSTEM), "the AS that the router belongs to"),
    ("autonomous_systems", Rows(AUTONOMOUS_SYSTEM), "every peer of the router"),
    ("bgp_groups", Rows(GROUP), "groups of the router's direct sessions"),
    ("internet_exchange_points", Rows(INTERNET_EXCHANGE), "the exchanges that it is connected to"),
    ("communities", Rows("bgp.community"), "every community"),
    ("routing_policies", Rows("peering.routingpolicy"), "the policies that its sessions need"),
];

const OF_EXPORT: &[Row] = &[(context::OF_EXPORT, Same, "what is exported")];

const FUNCTIONS: &[Row] = &[
    ("now", Plain, "the time: format, timezone"),
    ("range", Plain, "numbers: start, stop, step"),
    ("namespace", Plain, "variables that a loop may change"),
    ("dict", Plain, "a dict of keywords"),
    ("cycler", Plain, "values in turn, by next()"),
    ("joiner", Plain, "nothing the first time, then the separator"),
    ("lipsum", Plain, "meaningless text"),
];

const STATEMENTS: &[Row] = &[
    ("for", Plain, "for each of …"),
    ("endfor", Plain, ""),
    ("if", Plain, "only if …"),
    ("elif", Plain, "else if …"),
    ("else", Plain, ""),
    ("endif", Plain, ""),
    ("set", Plain, "a variable"),
    ("endset", Plain, "end of a text for a variable"),
    ("include_configuration", Plain, "the text of another configuration template"),
    ("include_exporttemplate", Plain, "the text of an export"),
    ("include_email", Plain, "the text of an e-mail template"),
    ("include", Plain, "the text of \"configuration::Name\""),
    ("macro", Plain, "text with arguments"),
    ("endmacro", Plain, ""),
    ("call", Plain, "a macro with a body"),
    ("endcall", Plain, ""),
    ("import", Plain, "macros of another template"),
    ("from", Plain, "some macros of another template"),
    ("filter", Plain, "a filter over all that follows"),
    ("endfilter", Plain, ""),
    ("with", Plain, "variables for what follows"),
    ("endwith", Plain, ""),
    ("raw", Plain, "text that is no template"),
    ("endraw", Plain, ""),
    ("extends", Plain, "fill the blocks of another template"),
    ("block", Plain, "a part that others may fill"),
    ("endblock", Plain, ""),
    ("do", Plain, "call without printing"),
    ("break", Plain, "leave the loop"),
    ("continue", Plain, "on to the next turn"),
    ("autoescape", Plain, "escape for HTML, or not"),
    ("endautoescape", Plain, ""),
];

const OF_LOOP: &[Row] = &[
    ("index", Plain, "turn, from 1"),
    ("index0", Plain, "turn, from 0"),
    ("first", Plain, "in the first turn?"),
    ("last", Plain, "in the last turn?"),
    ("length", Plain, "how many turns"),
    ("revindex", Plain, "turns to go, this included"),
    ("revindex0", Plain, "turns to go"),
    ("previtem", Plain, "what the turn before had"),
    ("nextitem", Plain, "what the next turn will have"),
    ("changed()", Plain, "is a value another than in the turn before?"),
    ("cycle()", Plain, "values in turn"),
    ("depth", Plain, "how deep in a recursive loop, from 1"),
    ("depth0", Plain, "the same from 0"),
];

/// Of [`QuerySet::METHODS`].
const OF_ROWS: &[Row] = &[
    ("all", Same, "every row"),
    ("filter", Same, "rows with these values"),
    ("exclude", Same, "rows without these values"),
    ("order_by", Same, "in another order; '-name' backwards"),
    ("first", Item, "the first or none"),
    ("last", Item, "the last or none"),
    ("get", Item, "the only row with these values"),
    ("count", Plain, "how many"),
    ("exists", Plain, "are there any?"),
    ("values_list", Plain, "some fields of each; flat=True: values alone"),
    ("values", Plain, "some fields of each, as dicts"),
    ("distinct", Same, "without doubles"),
    ("reverse", Same, "backwards"),
    ("none", Same, "no rows"),
    ("union", Same, "with the rows of others"),
    ("intersection", Same, "that others have too"),
    ("difference", Same, "that others have not"),
    ("contains", Plain, "is an object among them?"),
    ("earliest", Item, "the least by some fields"),
    ("latest", Item, "the greatest by some fields"),
    ("in_bulk", Plain, "as a dict by number"),
    ("aggregate", Plain, "not available in templates"),
    ("select_related", Same, "the same rows"),
    ("prefetch_related", Same, "the same rows"),
    ("only", Same, "the same rows"),
    ("defer", Same, "the same rows"),
    ("using", Same, "the same rows"),
    ("iterator", Same, "the same rows"),
];

const FILTERS: &[Row] = &[
    // Peering Manager's
    ("sessions", Rows(IX_SESSION), "of an exchange (or of a group)"),
    ("direct_sessions", Rows(DIRECT_SESSION), "of an AS or a router"),
    ("ixp_sessions", Rows(IX_SESSION), "of an AS or a router"),
    ("route_server", Rows(IX_SESSION), "an exchange's sessions with route servers"),
    ("connections", Rows(CONNECTION), "of an exchange or a router"),
    ("direct_peers", Rows(AUTONOMOUS_SYSTEM), "a router's peers over direct sessions"),
    ("ixp_peers", Rows(AUTONOMOUS_SYSTEM), "a router's peers at exchanges"),
    ("local_ips", Plain, "our addresses"),
    ("ip_version", Plain, "4 or 6"),
    ("max_prefix", Plain, "the peer's limit of the session's family"),
    ("inherited_status", Plain, "status, with what its parents are in"),
    ("tags", Rows("extras.tag"), "of an object"),
    ("has_tag", Plain, "by name or slug"),
    ("has_not_tag", Plain, "by name or slug"),
    ("bfds", Rows("net.bfd"), "of a router's sessions"),
    ("communities", List("bgp.community"), "of the object itself"),
    ("merge_communities", List("bgp.community"), "a session's with its AS's, group's or exchange's, router's"),
    ("iter_import_policies", List("peering.routingpolicy"), "of the object itself, or a field of each"),
    ("iter_export_policies", List("peering.routingpolicy"), "of the object itself, or a field of each"),
    ("merge_import_policies", List("peering.routingpolicy"), "a session's with its AS's and its group's or exchange's"),
    ("merge_export_policies", List("peering.routingpolicy"), "a session's with its AS's and its group's or exchange's"),
    ("routing_policies", List("peering.routingpolicy"), "that a router needs, or a field of each"),
    ("contact", Plain, "who has a role, or a field of it"),
    ("context_has_key", Plain, "in the config context"),
    ("context_has_not_key", Plain, "in the config context"),
    ("context_get_key", Plain, "from the config context"),
    ("prefix_list", Plain, "of an AS (IRR) or an exchange's LAN"),
    ("as_list", Plain, "ASNs of an AS's AS-SET"),
    ("relationships", Rows("bgp.relationship"), "of an AS's direct sessions"),
    ("ixps", Rows(INTERNET_EXCHANGE), "where an AS peers with one of ours"),
    ("shared_ixps", Rows(INTERNET_EXCHANGE), "where both are, by PeeringDB"),
    ("shared_facilities", Rows("peeringdb.facility"), "where both are, by PeeringDB"),
    ("missing_sessions", Rows(PORT), "ports that have no session with us"),
    ("safe_string", Plain, "in plain ASCII"),
    ("quote", Plain, "in quotes"),
    ("ipv4", Plain, "only IPv4"),
    ("ipv6", Plain, "only IPv6"),
    ("ip", Plain, "an address without its length"),
    ("mac", Plain, "cisco, eui, pgsql, unix …"),
    ("filter", Same, "rows with these values"),
    ("get", Item, "the only row with these values"),
    ("unique_items", Listed, "one for each value of a field"),
    ("iterate", Plain, "a field of each"),
    ("indent", Plain, "each line further right"),
    ("arista_password", Plain, "without the leading 7"),
    ("cisco_password", Plain, "without the leading 7"),
    ("strip_irr_sources", Plain, "AS-SETs without RIPE:: and the like"),
    ("as_json", Plain, "as JSON"),
    ("as_yaml", Plain, "as YAML"),
    // Jinja2's
    ("default", Plain, "this, if there is none"),
    ("d", Plain, "this, if there is none"),
    ("length", Plain, "how many"),
    ("len", Plain, "how many"),
    ("count", Plain, "how many"),
    ("list", Listed, "as a list"),
    ("join", Plain, "with a text between"),
    ("sort", Listed, "in order"),
    ("dictsort", Plain, "a dict's pairs in order"),
    ("max", Item, "the greatest"),
    ("min", Item, "the least"),
    ("unique", Listed, "without doubles"),
    ("slice", Plain, "in so many columns"),
    ("map", Plain, "an attribute of each, or a filter on each"),
    ("batch", Plain, "in rows of so many"),
    ("first", Item, "the first"),
    ("last", Item, "the last"),
    ("random", Item, "any"),
    ("groupby", Plain, "by an attribute: pairs of value and list"),
    ("items", Plain, "a dict's pairs"),
    ("reject", Listed, "those that a test does not fit"),
    ("rejectattr", Listed, "those whose attribute a test does not fit"),
    ("select", Listed, "those that a test fits"),
    ("selectattr", Listed, "those whose attribute a test fits"),
    ("reverse", Listed, "backwards"),
    ("sum", Plain, "all together"),
    ("int", Plain, "as a whole number, else 0"),
    ("float", Plain, "as a number, else 0.0"),
    ("abs", Plain, "without its sign"),
    ("round", Plain, "to so many digits"),
    ("string", Plain, "as text"),
    ("lower", Plain, "in small letters"),
    ("upper", Plain, "in capitals"),
    ("title", Plain, "Each Word With A Capital"),
    ("capitalize", Plain, "with a capital first"),
    ("replace", Plain, "one text by another"),
    ("trim", Plain, "without blanks around it"),
    ("center", Plain, "in the middle of so many columns"),
    ("truncate", Plain, "cut after so many letters"),
    ("wordcount", Plain, "how many words"),
    ("wordwrap", Plain, "in lines of so many letters"),
    ("format", Plain, "%s and %d of a text"),
    ("filesizeformat", Plain, "bytes for people"),
    ("attr", Plain, "an attribute by name"),
    ("pprint", Plain, "as Python prints it"),
    ("tojson", Plain, "as JSON for HTML"),
    ("urlencode", Plain, "for an address"),
    ("xmlattr", Plain, "a dict as attributes"),
    ("urlize", Plain, "addresses as links"),
    ("striptags", Plain, "without HTML"),
    ("e", Plain, "escaped for HTML"),
    ("escape", Plain, "escaped for HTML"),
    ("forceescape", Plain, "escaped for HTML once more"),
    ("safe", Plain, "not escaped for HTML"),
];

/// Only those that do not say it by their name.
const TESTS: &[Row] = &[
    ("defined", Plain, "is there such a thing?"),
    ("undefined", Plain, "is there no such thing?"),
    ("divisibleby", Plain, "by a number"),
    ("sameas", Plain, "the very same"),
    ("filter", Plain, "is there a filter of this name?"),
    ("test", Plain, "is there a test of this name?"),
    ("iterable", Plain, "can it be walked over?"),
    ("mapping", Plain, "a dict?"),
];

/// Methods by type; without a type: of whichever has it. The first that fits holds.
const OF_TYPES: &[(&str, Row)] = &[
    ("", ("get_connections", Rows(CONNECTION), "connections")),
    ("", ("get_routers", Rows("devices.router"), "routers")),
    ("", ("get_bgp_groups", Rows(GROUP), "groups of its direct sessions")),
    ("", ("get_internet_exchange_points", Rows(INTERNET_EXCHANGE), "exchanges")),
    ("", ("get_direct_autonomous_systems", Rows(AUTONOMOUS_SYSTEM), "peers over direct sessions")),
    ("", ("get_ixp_autonomous_systems", Rows(AUTONOMOUS_SYSTEM), "peers at exchanges")),
    ("", ("get_autonomous_systems", Rows(AUTONOMOUS_SYSTEM), "peers")),
    ("", ("get_direct_peering_sessions", Rows(DIRECT_SESSION), "direct sessions")),
    ("", ("get_ixp_peering_sessions", Rows(IX_SESSION), "sessions at exchanges")),
    (GROUP, ("get_peering_sessions", Rows(DIRECT_SESSION), "direct sessions")),
    ("", ("get_peering_sessions", Rows(IX_SESSION), "sessions")),
    ("", ("get_bfd_configs", Rows("net.bfd"), "BFD configurations of its sessions")),
    ("", ("get_routing_policies", Rows("peering.routingpolicy"), "policies that its sessions need")),
    ("", ("get_relationships", Rows("bgp.relationship"), "relationships of its direct sessions")),
    ("", ("get_shared_internet_exchange_points", Rows(INTERNET_EXCHANGE), "where both are, by PeeringDB")),
    ("", ("get_peeringdb_shared_facilities", Rows("peeringdb.facility"), "where both are, by PeeringDB")),
    ("", ("get_missing_peering_sessions", Rows(PORT), "ports that have no session with us")),
    ("", ("get_available_peers", Rows(PORT), "ports without a session")),
    ("", ("get_hidden_peers", Rows(PORT), "ports of hidden peers")),
    ("", ("get_prefixes", Rows("peeringdb.ixlanprefix"), "prefixes of its LAN")),
    ("", ("export_policies", Rows("peering.routingpolicy"), "own export policies")),
    ("", ("import_policies", Rows("peering.routingpolicy"), "own import policies")),
    ("", ("policies", Plain, "nothing")),
    ("", ("merged_export_policies", List("peering.routingpolicy"), "own and inherited export policies")),
    ("", ("merged_import_policies", List("peering.routingpolicy"), "own and inherited import policies")),
    ("", ("merged_communities", List("bgp.community"), "own and inherited communities")),
    ("", ("get_contact_email_addresses", Plain, "pairs of address and what is shown of it")),
    ("", ("get_cc_email_contacts", Plain, "none: a setting of the original")),
    ("", ("get_email_context", Plain, "what an e-mail template sees")),
    ("", ("get_configuration_context", Plain, "what a configuration template sees")),
    ("", ("render_configuration", Plain, "the router's configuration")),
    ("", ("divergence_from_peeringdb", Plain, "fields that are not as PeeringDB says")),
    ("", ("get_irr_as_set_prefixes", Plain, "prefixes of its AS-SET")),
    ("", ("get_irr_as_set_as_list", Plain, "ASNs of its AS-SET")),
    ("", ("are_bgp_sessions_pollable", Plain, "true")),
    ("", ("is_netbox_device", Plain, "has it a number in NetBox?")),
    ("", ("is_usable_for_task", Plain, "is it enabled and has it a driver?")),
    ("", ("get_absolute_url", Plain, "its page")),
    ("", ("get_config_context", Plain, "its merged config context")),
    ("", ("get_bgp_state_html", Plain, "the state as HTML")),
    ("", ("encrypt_password", Plain, "as this platform writes it")),
    ("", ("decrypt_password", Plain, "from how this platform writes it")),
    ("", ("cidr", Plain, "the address of a family with the LAN's length")),
];

fn word(name: &str, row: Option<&Row>, arguments: Option<String>) -> Word {
    let (_, to, about) = row.copied().unwrap_or(("", Plain, ""));
    Word { name: name.to_owned(), arguments, about: about.to_owned(), gives: to.into() }
}

impl From<To> for Gives {
    fn from(to: To) -> Self {
        match to {
            Plain => Self::Plain,
            Same => Self::Same,
            Listed => Self::Listed,
            Item => Self::Item,
            List(of) => Self::List(of.to_owned()),
            One(of) => Self::One(of.to_owned()),
            Rows(of) => Self::Rows(of.to_owned()),
        }
    }
}

fn find<'t>(table: &'t [Row], name: &str) -> Option<&'t Row> {
    table.iter().find(|(known, ..)| *known == name)
}

/// `family=, group=`: of a filter, after the value. Places without a name are not told.
fn arguments(row: &FilterRow) -> String {
    let names = row.args.iter().enumerate().skip(1).filter(|(_, name)| !name.starts_with(' '));
    let names = names.map(|(at, name)| match *name {
        "**" => "field=value".to_owned(),
        name if at < row.required => name.to_owned(),
        name => format!("{name}="),
    });
    names.collect::<Vec<_>>().join(", ")
}

/// Everything.
pub fn words() -> Words {
    let plain = |table: &'static [Row]| table.iter().map(|row| word(row.0, Some(row), None)).collect::<Vec<_>>();
    let called = || Some(String::new());
    let filters = filters::all().map(|(name, row)| word(name, find(FILTERS, name), row.map(arguments)));
    let of_types = registry::TYPES.iter().map(|of| (of.key(), of_object(of).collect()));
    let of_loop = OF_LOOP.iter().map(|row| match row.0.strip_suffix("()") {
        Some(name) => word(name, Some(row), called()),
        None => word(row.0, Some(row), None),
    });
    Words {
        variables: context::OF_ROUTER.iter().map(|name| word(name, find(VARIABLES, name), None)).collect(),
        of_export: plain(OF_EXPORT),
        functions: engine::functions().map(|name| word(name, find(FUNCTIONS, name), called())).collect(),
        statements: plain(STATEMENTS),
        filters: filters.collect(),
        tests: filters::TESTS.iter().map(|name| word(name, find(TESTS, name), None)).collect(),
        of_loop: of_loop.collect(),
        of_rows: QuerySet::METHODS.iter().map(|name| word(name, find(OF_ROWS, name), called())).collect(),
        of_types: of_types.collect(),
    }
}

/// What templates call things of objects of a type beside its fields.
pub(crate) fn names_of(of: &'static ObjectType) -> Vec<String> {
    let key = of.key();
    let methods = METHODS.iter().filter(|(only, _)| *only == key).flat_map(|(_, names)| names.iter().copied());
    let methods = methods.chain(OF_ALL).map(str::to_owned);
    let mut names: Vec<String> = properties::names_of(of).chain(methods).collect();
    names.extend(objects::relations_of(of).into_iter().map(|(name, _)| name));
    names
}

/// What an object of a type has beside its fields.
fn of_object(of: &'static ObjectType) -> impl Iterator<Item = Word> {
    let key = of.key();
    let properties = properties::words_of(of);
    let own = key.clone();
    let methods = METHODS.into_iter().filter(move |(only, _)| *only == own);
    let relations = objects::relations_of(of).into_iter().map(|(name, from)| Word {
        name,
        gives: Gives::Relation(from.key()),
        ..Word::default()
    });
    let choices = of.fields.iter().filter(|field| members::has_display(field)).map(|field| Word {
        name: format!("get_{}_display", field.name),
        arguments: Some(String::new()),
        about: format!("{} in words", field.label()),
        gives: Gives::Plain,
    });
    properties
        .map(|(name, to, about)| Word { name, arguments: None, about, gives: to.into() })
        .chain(
            methods
                .flat_map(|(_, names)| names.iter().copied())
                .chain(OF_ALL)
                .map(move |name| word(name, method(&key, name), Some(String::new()))),
        )
        .chain(relations)
        .chain(choices)
}

fn method(of: &str, name: &str) -> Option<&'static Row> {
    OF_TYPES.iter().find(|(only, row)| row.0 == name && (only.is_empty() || *only == of)).map(|(_, row)| row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Graph, Options, Session, Step, Template, objects::Object, source};
    use peerage_model::Record;
    use std::{collections::BTreeMap, sync::Arc};

    /// Each name has a word, each word a name.
    fn agree<'t>(what: &str, names: impl IntoIterator<Item = &'t str>, rows: impl IntoIterator<Item = &'t str>) {
        let sorted = |mut all: Vec<&'t str>| {
            all.sort_unstable();
            all.dedup();
            all
        };
        assert_eq!(sorted(names.into_iter().collect()), sorted(rows.into_iter().collect()), "{what}");
    }

    #[test]
    fn every_name_has_a_word_and_every_word_a_name() {
        let of = |table: &'static [Row]| table.iter().map(|row| row.0);
        agree("variables", context::OF_ROUTER, of(VARIABLES));
        agree("functions", engine::functions(), of(FUNCTIONS));
        agree("filters", filters::all().map(|(name, _)| name), of(FILTERS));
        agree("rows", QuerySet::METHODS.iter().copied(), of(OF_ROWS));
        let methods = METHODS.iter().flat_map(|(_, names)| names.iter().copied()).chain(OF_ALL);
        agree("methods", methods, OF_TYPES.iter().map(|(_, row)| row.0));
        assert!(of(TESTS).all(filters::is_test));
    }

    #[test]
    fn what_words_lead_to_are_types() {
        let tables = [VARIABLES, FILTERS, OF_ROWS].into_iter().flatten();
        let rows = tables.chain(OF_TYPES.iter().map(|(_, row)| row)).map(|(name, to, _)| ((*name).to_owned(), *to));
        let properties = registry::TYPES.iter().flat_map(|of| properties::words_of(of)).map(|(name, to, _)| (name, to));
        for (name, to) in rows.chain(properties) {
            if let One(of) | Rows(of) | List(of) = to {
                assert!(registry::get(of).is_ok(), "{name} leads to {of}");
            }
        }
    }

    #[test]
    fn properties_are_there() {
        let pass = Graph::default().pass();
        for of in registry::TYPES.iter().copied() {
            let object = Object { pass: Arc::clone(&pass), record: Record::new(of) };
            for name in properties::names_of(of) {
                assert!(object.attribute(&name).is_some(), "{name} of {}", of.key());
            }
        }
    }

    /// A whole template around each statement.
    const EXAMPLES: &[&str] = &[
        "{% for a in [] %}{% break %}{% continue %}{% else %}{% endfor %}",
        "{% if a %}{% elif b %}{% else %}{% endif %}",
        "{% set a = 1 %}{% set b %}x{% endset %}",
        "{% include_configuration 'a' %}{% include_exporttemplate 'a' %}{% include_email 'a' %}{% include 'email::a' %}",
        "{% macro m() %}{% endmacro %}{% call m() %}{% endcall %}",
        "{% import 'email::a' as a %}{% from 'email::a' import b %}",
        "{% filter upper %}{% endfilter %}{% with a = 1 %}{% endwith %}{% raw %}{% endraw %}",
        "{% extends 'email::a' %}{% block a %}{% endblock %}",
        "{% set a = [] %}{% do a.append(1) %}{% autoescape true %}{% endautoescape %}",
    ];

    #[test]
    fn statements_are_statements() {
        for example in EXAMPLES {
            assert!(source::translate(example, "", source::Whitespace::default()).is_ok(), "{example}");
        }
        let written = EXAMPLES.iter().flat_map(|example| example.split("{% ").skip(1));
        agree(
            "statements",
            written.map(|tag| tag.split([' ', '%']).next().unwrap_or_default()),
            STATEMENTS.iter().map(|row| row.0),
        );
    }

    #[test]
    fn a_loop_has_what_is_said_of_it() {
        let uses = OF_LOOP.iter().map(|(name, ..)| match *name {
            "changed()" | "cycle()" => {
                format!("{{% if loop.{}(1) is undefined %}}!{{% endif %}}", name.trim_end_matches("()"))
            }
            "previtem" | "nextitem" => format!("{{{{ loop.{name} }}}}"),
            name => format!("{{% if loop.{name} is undefined %}}!{{% endif %}}"),
        });
        let source = format!("{{% for a in ['x', 'x', 'x'] %}}{}{{% endfor %}}", uses.collect::<String>());
        let context = Context::Data { values: serde_json::Map::new(), templates: BTreeMap::new() };
        let mut session =
            Session::new(&Template::new(source, source::Whitespace::default()), Options::default(), context);
        match session.step(&Graph::default()) {
            Step::Done(output) => assert_eq!(output.text, "xxxx"),
            other => panic!("{other:?}"),
        }
    }
}
