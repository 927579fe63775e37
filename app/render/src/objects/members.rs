//! What objects can do beyond their fields: Peering Manager's methods, by type. What is read like a field is in
//! [`super::properties`].
//!
//! Every function answers none for "not in the graph yet" and its caller gives pending.

use super::{
    Object, Pending,
    address::Address,
    ports,
    queryset::QuerySet,
    relations::{
        connections, direct_sessions, exchanges, exchanges_of_system, followed, ixp_sessions, lan_prefix_set, peers,
        policies, policies_of_router, related, routers, set, systems_of,
    },
    shared,
};
use crate::{
    Context, Template,
    context::Variables,
    pass::{PLACEHOLDER, type_of},
    passwords::Algorithm,
    python::{
        arguments::Args,
        collections::{Dict, List, from_json},
        fault,
    },
};
use minijinja::{Error, Value, value::Tuple};
use peerage_model::{
    Facts, Field, Kind, Record, Tone, Value as Stored, at_peeringdb, context,
    effective::{self, Direction, From},
    types::{BGP_STATE, CONTACT_ASSIGNMENT, FROM_PEERINGDB},
};

pub const DIRECT_SESSION: &str = "peering.directpeeringsession";
pub const IX_SESSION: &str = "peering.internetexchangepeeringsession";
pub(crate) const CONNECTION: &str = "net.connection";
pub(crate) const ROUTER: &str = "devices.router";
pub(crate) const AUTONOMOUS_SYSTEM: &str = "peering.autonomoussystem";
pub(crate) const INTERNET_EXCHANGE: &str = "peering.internetexchange";
pub(crate) const GROUP: &str = "peering.bgpgroup";
pub(crate) const ROUTING_POLICY: &str = "peering.routingpolicy";
pub(crate) const COMMUNITY: &str = "bgp.community";
pub(crate) const BFD: &str = "net.bfd";
pub(crate) const PLATFORM: &str = "devices.platform";
pub(crate) const PORT: &str = "peeringdb.networkixlan";

/// The context that filters and `config_context` see.
pub(super) fn config_context(object: &Object) -> Value {
    match context::parts(&object.record, &*object.pass) {
        None => Pending::value(),
        Some(parts) => from_json(&context::merged(&parts, object.pass.merging())),
    }
}

/// The PeeringDB record of an AS.
pub(super) fn network(object: &Object) -> Option<Option<Record>> {
    at_peeringdb::network(&object.record, &*object.pass)
}

pub(super) fn or_pending(value: Option<Value>) -> Value {
    value.unwrap_or_else(Pending::value)
}

pub(super) fn or_pending_set(set: Option<QuerySet>) -> Value {
    set.map_or_else(Pending::value, Value::from_object)
}

/// An address of a port with its LAN's prefix length, or None.
pub(super) fn cidr(port: &Object, family: u8) -> Value {
    match at_peeringdb::cidr(&port.record, family, &*port.pass) {
        None => Pending::value(),
        Some(None) => Value::from(()),
        Some(Some(net)) => Value::from_object(Address::Interface(net)),
    }
}

/// Whom PeeringDB names for a network.
pub(super) fn contacts(system: &Object) -> Option<QuerySet> {
    let of = type_of("peeringdb.networkcontact");
    let rows = match (network(system)?, of.and_then(|of| Some((of, of.field("net")?)))) {
        (Some(network), Some((of, field))) => system.pass.referring(of, field, network.of, network.id)?,
        _ => Vec::new(),
    };
    Some(QuerySet::new(&system.pass, of, rows))
}

/// The contacts that are assigned to an object, in order of their names.
pub(super) fn assigned_contacts(object: &Object) -> Option<Vec<Record>> {
    let assignments = object.pass.attached(&CONTACT_ASSIGNMENT, &object.record)?;
    let mut found = followed(object, &assignments, "contact")?;
    found.sort_by(|a, b| a.text("name").cmp(b.text("name")).then(a.id.cmp(&b.id)));
    Some(found)
}

/// Where mail to a network goes: address and what is shown of it; those that we assigned first, then PeeringDB's that are not
/// among them.
fn addresses(system: &Object) -> Option<Value> {
    let (assigned, listed) = assigned_contacts(system).zip(contacts(system))?;
    let mut pairs: Vec<(String, String)> = Vec::new();
    let pair = |contact: &Record| {
        let (address, name) = (contact.text("email"), contact.text("name"));
        (!address.is_empty()).then(|| (address.to_owned(), format!("{name} - {address}")))
    };
    pairs.extend(assigned.iter().filter_map(pair));
    for (address, shown) in listed.rows().filter_map(pair) {
        if pairs.iter().all(|(known, _)| *known != address) {
            pairs.push((address, shown));
        }
    }
    let pair =
        |(address, shown): (String, String)| Value::from(Tuple::from(vec![Value::from(address), Value::from(shown)]));
    Some(List::value(pairs.into_iter().map(pair).collect()))
}

/// Where an AS is not as PeeringDB says, whatever may be changed by a synchronisation.
fn divergence(system: &Object) -> Option<Value> {
    let Some(network) = network(system)? else { return Some(List::value(Vec::new())) };
    let network = related(system, &network);
    let differing = FROM_PEERINGDB.iter().filter_map(|(ours, theirs, _)| {
        let (own, other) = (system.attribute(ours)?, network.attribute(theirs)?);
        let label = match *ours {
            "ipv6_max_prefixes" => "IPv6 Max Prefix".to_owned(),
            "ipv4_max_prefixes" => "IPv4 Max Prefix".to_owned(),
            ours => system.record.of.field(ours)?.label(),
        };
        (own != other).then(|| {
            Dict::value([
                (Value::from("label"), Value::from(label)),
                (Value::from("local_key"), Value::from(*ours)),
                (Value::from("peeringdb_key"), Value::from(*theirs)),
                (Value::from("local_value"), own),
                (Value::from("peeringdb_value"), other),
            ])
        })
    });
    Some(List::value(differing.collect()))
}

/// Methods of objects of every type.
pub const OF_ALL: [&str; 2] = ["get_absolute_url", "get_config_context"];

/// Methods that objects have, for `is callable` and for calling.
pub const METHODS: [(&str, &[&str]); 8] = [
    (PLATFORM, &["encrypt_password", "decrypt_password"]),
    (PORT, &["cidr"]),
    (
        ROUTER,
        &[
            "get_connections",
            "get_bgp_groups",
            "get_internet_exchange_points",
            "get_direct_autonomous_systems",
            "get_ixp_autonomous_systems",
            "get_autonomous_systems",
            "get_direct_peering_sessions",
            "get_ixp_peering_sessions",
            "get_bfd_configs",
            "get_routing_policies",
            "is_netbox_device",
            "is_usable_for_task",
            "get_configuration_context",
            "render_configuration",
        ],
    ),
    (
        AUTONOMOUS_SYSTEM,
        &[
            "export_policies",
            "import_policies",
            "policies",
            "get_direct_peering_sessions",
            "get_ixp_peering_sessions",
            "get_internet_exchange_points",
            "get_missing_peering_sessions",
            "get_peeringdb_shared_facilities",
            "get_relationships",
            "get_routers",
            "get_shared_internet_exchange_points",
            "get_contact_email_addresses",
            "get_cc_email_contacts",
            "get_email_context",
            "divergence_from_peeringdb",
            "get_irr_as_set_prefixes",
            "get_irr_as_set_as_list",
            "are_bgp_sessions_pollable",
        ],
    ),
    (
        GROUP,
        &["export_policies", "import_policies", "get_peering_sessions", "get_routers", "are_bgp_sessions_pollable"],
    ),
    (
        INTERNET_EXCHANGE,
        &[
            "get_available_peers",
            "get_hidden_peers",
            "get_prefixes",
            "get_connections",
            "get_routers",
            "get_peering_sessions",
            "get_autonomous_systems",
            "export_policies",
            "import_policies",
            "merged_export_policies",
            "merged_import_policies",
        ],
    ),
    (
        IX_SESSION,
        &[
            "export_policies",
            "import_policies",
            "merged_export_policies",
            "merged_import_policies",
            "merged_communities",
            "get_bgp_state_html",
        ],
    ),
    (
        DIRECT_SESSION,
        &[
            "export_policies",
            "import_policies",
            "merged_export_policies",
            "merged_import_policies",
            "merged_communities",
            "get_bgp_state_html",
        ],
    ),
];

fn field_of_method(object: &Object, method: &str) -> Option<(&'static Field, bool)> {
    let colour = method.strip_suffix("_colour");
    let name = method.strip_suffix("_display").or(colour)?.strip_prefix("get_")?;
    let field = object.record.of.field(name)?;
    let listed = object.record.of.app == "peeringdb" && matches!(field.kind, Kind::Text { .. });
    (has_display(field) || listed).then_some((field, colour.is_some()))
}

/// Whether objects have `get_<field>_display()`.
pub(crate) fn has_display(field: &Field) -> bool {
    matches!(field.kind, Kind::Choice(_) | Kind::Int { names: [_, ..], .. })
}

pub fn has_method(object: &Object, name: &str) -> bool {
    OF_ALL.contains(&name)
        || field_of_method(object, name).is_some()
        || METHODS.iter().any(|(of, names)| object.is(of) && names.contains(&name))
}

fn id_of(args: &Args, at: usize) -> Option<i64> {
    let object = args.get(at)?.downcast_object_ref::<Object>()?;
    Some(object.record.id)
}

/// Calls a method; none where the object has no such method.
pub fn call(object: &Object, method: &str, args: &[Value]) -> Option<Result<Value, Error>> {
    if !has_method(object, method) {
        return None;
    }
    if args.iter().any(Pending::is) {
        return Some(Ok(Pending::value()));
    }
    Some(run(object, method, args))
}

fn run(object: &Object, method: &str, args: &[Value]) -> Result<Value, Error> {
    let record = &object.record;
    if let Some((field, colour)) = field_of_method(object, method) {
        Args::bind(method, &[], 0, args)?;
        if matches!(field.kind, Kind::Int { .. }) {
            return Ok(Value::from(field.kind.print(record.get(field.name))));
        }
        let code = record.text(field.name);
        let choice = field.kind.choices().into_iter().flatten().find(|choice| choice.code == code);
        return Ok(Value::from(match (choice, colour) {
            (Some(choice), false) => choice.label,
            (Some(choice), true) => colour_of(choice.tone, code),
            (None, _) if record.get(field.name).is_null() => return Ok(Value::from(())),
            (None, _) => code,
        }));
    }
    let first = |names: &[&str]| Args::bind(method, names, 0, args);
    Ok(match method {
        "get_absolute_url" => Value::from(format!("/{}/{}/{}/", record.of.app, record.of.path, record.id)),
        "get_config_context" => config_context(object),
        "get_connections" => {
            let exchange = id_of(&first(&["internet_exchange_point"])?, 0);
            or_pending_set(connections(object).map(|all| {
                let at = |row: &&Record| exchange.is_none_or(|id| row.int("internet_exchange_point") == Some(id));
                set(object, CONNECTION, all.rows().filter(at).cloned().collect())
            }))
        }
        "get_direct_peering_sessions" => or_pending_set(direct_sessions(object, id_of(&first(&["bgp_group"])?, 0))),
        "get_ixp_peering_sessions" => {
            or_pending_set(ixp_sessions(object, id_of(&first(&["internet_exchange_point"])?, 0)))
        }
        "get_peering_sessions" if object.is(GROUP) => or_pending_set(direct_sessions(object, None)),
        "get_peering_sessions" => or_pending_set(ixp_sessions(object, None)),
        "get_direct_autonomous_systems" => {
            let group = id_of(&first(&["bgp_group"])?, 0);
            or_pending_set(direct_sessions(object, group).and_then(|sessions| systems_of(object, &sessions)))
        }
        "get_ixp_autonomous_systems" => {
            let exchange = id_of(&first(&["internet_exchange_point"])?, 0);
            or_pending_set(ixp_sessions(object, exchange).and_then(|sessions| systems_of(object, &sessions)))
        }
        "get_autonomous_systems" if object.is(ROUTER) => or_pending_set(peers(object)),
        "get_autonomous_systems" => {
            or_pending_set(ixp_sessions(object, None).and_then(|sessions| systems_of(object, &sessions)))
        }
        "get_internet_exchange_points" if object.is(ROUTER) => or_pending_set(exchanges(object)),
        "get_internet_exchange_points" => {
            let other = id_of(&Args::bind(method, &["other"], 1, args)?, 0);
            or_pending_set(exchanges_of_system(object, other))
        }
        "get_routers" => or_pending_set(routers(object)),
        "get_bgp_groups" => {
            let groups =
                direct_sessions(object, None).and_then(|sessions| followed(object, sessions.unordered(), "bgp_group"));
            or_pending_set(groups.map(|rows| set(object, GROUP, rows)))
        }
        "get_bfd_configs" => {
            let bfds = ixp_sessions(object, None).zip(direct_sessions(object, None)).and_then(|(a, b)| {
                let rows: Vec<Record> = a.rows().chain(b.rows()).cloned().collect();
                followed(object, &rows, "bfd")
            });
            or_pending_set(bfds.map(|rows| set(object, BFD, rows)))
        }
        "get_routing_policies" => or_pending_set(policies_of_router(object)),
        "get_relationships" => {
            let rows = direct_sessions(object, None)
                .and_then(|sessions| followed(object, sessions.unordered(), "relationship"));
            or_pending_set(rows.map(|rows| set(object, "bgp.relationship", rows)))
        }
        "get_configuration_context" => Variables::whole(&Context::Router { id: record.id }, &object.pass),
        "render_configuration" if !object.pass.shows_configurations() => {
            return Err(fault("you may not see the configuration of every router"));
        }
        "render_configuration" => {
            let template = object.attribute("configuration_template").unwrap_or_default();
            match template.downcast_object_ref::<Object>() {
                Some(template) => {
                    let template = Template::from_record(&template.record);
                    let text = object.pass.render_within(&template, &Context::Router { id: record.id });
                    Value::from(text.map_err(|problem| fault(problem.message))?)
                }
                None if Pending::is(&template) => template,
                None => Value::from(""),
            }
        }
        "get_email_context" => Variables::whole(&Context::Email { autonomous_system: record.id }, &object.pass),
        // addresses that get a copy of every mail are a setting there
        "get_cc_email_contacts" => List::value(Vec::new()),
        "divergence_from_peeringdb" => or_pending(divergence(object)),
        "get_contact_email_addresses" => or_pending(addresses(object)),
        "get_hidden_peers" => or_pending_set(ports::hidden(object)),
        "get_available_peers" => {
            let with_hidden = first(&["show_hidden"])?.flag(0, false);
            or_pending_set(ports::available(object, with_hidden))
        }
        "get_shared_internet_exchange_points" | "get_peeringdb_shared_facilities" => {
            let args = Args::bind(method, &["other"], 1, args)?;
            let other = args.value(0).downcast_object_ref::<Object>();
            let other = other.ok_or_else(|| fault("other is not an autonomous system"))?;
            or_pending_set(match method {
                "get_peeringdb_shared_facilities" => shared::facilities(object, other),
                _ => shared::exchanges(object, other),
            })
        }
        "get_missing_peering_sessions" => {
            let args = Args::bind(method, &["other", "internet_exchange_point"], 1, args)?;
            let other = args.value(0).downcast_object_ref::<Object>();
            let other = other.ok_or_else(|| fault("other is not an autonomous system"))?;
            let exchange = args.get(1).and_then(|exchange| exchange.downcast_object_ref::<Object>());
            or_pending_set(ports::missing(object, other, exchange))
        }
        "cidr" => {
            let family = first(&["address_family"])?.int(0, 4)?;
            let found = u8::try_from(family).map_or_else(|_| Value::from(()), |family| cidr(object, family));
            if found.is_none() {
                return Err(fault("it has no address of that family on a prefix of the LAN"));
            }
            found
        }
        "encrypt_password" | "decrypt_password" => {
            let args = Args::bind(method, &["password", "key"], 1, args)?;
            let (password, key) = (args.value(0), args.get(1).map(ToString::to_string).unwrap_or_default());
            match (Algorithm::of(record.text("password_algorithm")), password.as_str()) {
                // what somebody may not see is no password
                (None, _) | (_, Some(PLACEHOLDER)) => password.clone(),
                (Some(_), None) => return Err(fault(format!("{method} takes a text"))),
                (Some(algorithm), Some(clear)) if method == "encrypt_password" => {
                    Value::from(algorithm.encrypt(clear, &key))
                }
                (Some(algorithm), Some(text)) => {
                    Value::from(algorithm.decrypt(text, &key).map_err(|unreadable| fault(unreadable.to_string()))?)
                }
            }
        }
        "get_prefixes" => or_pending_set(lan_prefix_set(object, first(&["family"])?.int(0, 0)?)),
        "export_policies" => or_pending_set(policies(object, "export")),
        "import_policies" => or_pending_set(policies(object, "import")),
        // of an AS: nothing, there as well
        "policies" => List::value(Vec::new()),
        "merged_export_policies" | "merged_import_policies" => {
            let reverse = first(&["reverse"])?.flag(0, false);
            let direction = if method == "merged_export_policies" { Direction::Export } else { Direction::Import };
            merged_policies(object, direction, reverse)
        }
        "merged_communities" => merged_communities(object),
        "get_bgp_state_html" => {
            let code = record.text("bgp_state");
            let choice = BGP_STATE.iter().find(|choice| choice.code == code);
            let (colour, word) = choice.map_or(("secondary", "Unknown"), |c| (colour_of(c.tone, code), c.label));
            Value::from_safe_string(format!("<span class=\"badge text-bg-{colour}\">{word}</span>"))
        }
        "is_netbox_device" => Value::from(record.int("netbox_device_id").unwrap_or_default() != 0),
        "is_usable_for_task" => {
            let platform = object.attribute("platform").unwrap_or_default();
            let driver = platform.get_attr("napalm_driver").unwrap_or_default();
            Value::from(record.text("status") != "disabled" && driver.is_true())
        }
        "are_bgp_sessions_pollable" => Value::from(true),
        "get_irr_as_set_prefixes" => {
            let family = first(&["address_family"])?.int(0, 0)?;
            irr_prefixes(object, family)
        }
        "get_irr_as_set_as_list" => object.attribute("as_list").unwrap_or_default(),
        _ => return Err(fault(format!("{method} is not available in templates"))),
    })
}

/// Stored prefixes of an AS: both families, or the list of one.
pub fn irr_prefixes(object: &Object, family: i64) -> Value {
    let stored = match object.record.get("prefixes") {
        Stored::Json(json) => from_json(json),
        _ => Dict::value([("ipv6", ()), ("ipv4", ())].map(|(key, ())| (Value::from(key), List::value(Vec::new())))),
    };
    match family {
        4 | 6 => stored.get_attr(&format!("ipv{family}")).unwrap_or_default(),
        _ => stored,
    }
}

/// Peering Manager's colour words.
fn colour_of(tone: Tone, code: &str) -> &'static str {
    match (code, tone) {
        ("enabled", _) => "success",
        ("disabled", _) => "danger",
        ("requested" | "opensent" | "openconfirm", _) => "info",
        ("provisioning", _) => "secondary",
        (code, _) if code.ends_with("maintenance") => "warning",
        (_, Tone::Ok) => "success",
        (_, Tone::Warn | Tone::Plan) => "warning",
        (_, Tone::Bad) => "danger",
        (_, Tone::Info) => "info",
        _ => "secondary",
    }
}

/// Own policies, then the AS's, then the group's or exchange's; later ones only of the session's family or of all.
pub fn merged_policies(object: &Object, direction: Direction, reverse: bool) -> Value {
    let Some(mut merged) = effective::policies(&object.record, direction, &*object.pass) else {
        return Pending::value();
    };
    if reverse {
        merged.reverse();
    }
    listed(object, merged)
}

/// Own communities, then the AS's, the group's or exchange's, the router's; each once.
pub fn merged_communities(object: &Object) -> Value {
    effective::communities(&object.record, &*object.pass).map_or_else(Pending::value, |merged| listed(object, merged))
}

fn listed(object: &Object, merged: Vec<From<Record>>) -> Value {
    List::value(merged.into_iter().map(|from| Object::value(&object.pass, from.value)).collect())
}
