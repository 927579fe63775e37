//! A network, by its AS number: ours (affiliated) or a peer's.

use super::{COMMENTS, CREATED, DESCRIPTION, LOCAL_CONTEXT, TAGS, UPDATED};
use crate::{
    ObjectType,
    field::{asn, bool, int, int_list, json, text},
    object::object,
};

const UINT: i64 = 2_147_483_647;

pub static AUTONOMOUS_SYSTEM: ObjectType = object("peering", "autonomous-systems", "autonomoussystem")
    .called("Autonomous system", "Autonomous systems")
    .icon("globe")
    .label("AS{asn} - {name}")
    .order(&["asn", "affiliated"])
    .about("A network: your own, marked as affiliated, or one that you peer with. Add your own first; peers are made for you when you add sessions.")
    .fields(&[
        asn("asn").required().unique().column().filter().search().copy().group("Autonomous system")
            .help("As 64500, AS64500 or 1.10. If PeeringDB knows it, the rest is offered."),
        text("name", 200).required().column().search(),
        bool("affiliated").column().filter().brief().help("It is one of ours: exchanges, routers and sessions can belong to it."),
        text("irr_as_set", 255).label_as("IRR AS-SET").nullable().column().search().copy()
            .help("The set that names the networks behind it, like RIPE::AS-EXAMPLE. Several: separated by commas."),
        int("ipv6_max_prefixes", 0, UINT).label_as("IPv6 max prefixes").nullable().default_int(0).column()
            .help("The most IPv6 prefixes that a session should accept. 0: none is configured."),
        int("ipv4_max_prefixes", 0, UINT).label_as("IPv4 max prefixes").nullable().default_int(0).column()
            .help("The most IPv4 prefixes that a session should accept. 0: none is configured."),
        bool("name_peeringdb_sync").label_as("Name from PeeringDB").default_on().group("Keep in step with PeeringDB")
            .help("A synchronisation may change the name."),
        bool("irr_as_set_peeringdb_sync").label_as("AS-SET from PeeringDB").default_on()
            .help("A synchronisation may change the AS-SET."),
        bool("ipv6_max_prefixes_peeringdb_sync").label_as("IPv6 max prefixes from PeeringDB").default_on()
            .help("A synchronisation may change it."),
        bool("ipv4_max_prefixes_peeringdb_sync").label_as("IPv4 max prefixes from PeeringDB").default_on()
            .help("A synchronisation may change it."),
        bool("retrieve_prefixes").default_on().group("IRR objects")
            .help("Fetch the prefixes that its AS-SET registers."),
        bool("retrieve_as_list").label_as("Retrieve AS list").default_on()
            .help("Fetch the AS numbers that its AS-SET contains."),
        text("irr_sources_override", 255).label_as("IRR sources").help("Commas between; instead of the general sources."),
        text("irr_ipv6_prefixes_args_override", 255).label_as("IPv6 prefix arguments").help("Instead of the general ones."),
        text("irr_ipv4_prefixes_args_override", 255).label_as("IPv4 prefix arguments").help("Instead of the general ones."),
        json("prefixes").nullable().read_only().hidden(),
        int_list("as_list").label_as("AS list").read_only().hidden(),
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        COMMENTS,
        CREATED,
        UPDATED,
    ]);
