//! A network, by its AS number: ours (affiliated) or a peer's.

use super::{
    COMMENTS, COMMUNITIES, CREATED, DESCRIPTION, EXPORT_POLICIES, IMPORT_POLICIES, LOCAL_CONTEXT, TAGS, UPDATED,
};
use crate::{
    Asn, Field, ObjectType, Record, Value,
    check::check_value,
    field::{UINT, asn, bool, int, int_list, json, text},
    object::object,
};

pub static AUTONOMOUS_SYSTEM: ObjectType = object("peering", "autonomous-systems", "autonomoussystem")
    .called("Autonomous system", "Autonomous systems")
    .icon("globe")
    .label("AS{asn} - {name}")
    .order(&["asn", "affiliated"])
    .about("A network: your own, marked as affiliated, or one that you peer with. Add your own first; peers are made for you when you add sessions.")
    .fields(&[
        asn("asn").required().unique().column().filter().search().copy().group("Autonomous system")
            .help("As 64500, AS64500 or 1.10. If PeeringDB knows it, the rest is offered."),
        text("name", 200).required().column().search().help("The network's name, as PeeringDB has it or as you call it."),
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
        IMPORT_POLICIES.group("Policy"),
        EXPORT_POLICIES,
        COMMUNITIES,
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        COMMENTS,
        CREATED,
        UPDATED,
    ]);

/// What is kept in step with PeeringDB: our field, PeeringDB's, and the flag that allows it.
pub const FROM_PEERINGDB: &[(&str, &str, &str)] = &[
    ("name", "name", "name_peeringdb_sync"),
    ("irr_as_set", "irr_as_set", "irr_as_set_peeringdb_sync"),
    ("ipv6_max_prefixes", "info_prefixes6", "ipv6_max_prefixes_peeringdb_sync"),
    ("ipv4_max_prefixes", "info_prefixes4", "ipv4_max_prefixes_peeringdb_sync"),
];

/// A new AS as PeeringDB's `net` describes it.
pub fn described_by(network: &Record) -> Record {
    let mut described = Record::new(&AUTONOMOUS_SYSTEM).with("asn", network.get("asn").clone());
    for (ours, theirs, _) in FROM_PEERINGDB {
        described.set(ours, network.get(theirs).clone());
    }
    described
}

/// One of those values, where ours and PeeringDB's are not the same.
#[derive(Clone, Debug)]
pub struct Differing {
    pub field: &'static Field,
    /// The switch that says whether a synchronisation may change it.
    pub flag: &'static Field,
    pub theirs: Value,
    /// The switch is on.
    pub allowed: bool,
    /// Ours can hold it: a name may be too long.
    pub fits: bool,
}

impl Differing {
    /// Whether a synchronisation takes it.
    pub fn is_taken(&self) -> bool {
        self.allowed && self.fits
    }
}

/// Where a known AS is not as PeeringDB's `net` says; nowhere, if its number is private.
pub fn differing<'a>(known: &'a Record, network: &'a Record) -> impl Iterator<Item = Differing> + 'a {
    FROM_PEERINGDB.iter().filter(|_| !is_private(known)).filter_map(|(ours, theirs, flag)| {
        let (field, flag) = (AUTONOMOUS_SYSTEM.field(ours)?, AUTONOMOUS_SYSTEM.field(flag)?);
        let value = network.get(theirs);
        (known.get(ours) != value).then(|| Differing {
            field,
            flag,
            theirs: value.clone(),
            allowed: known.flag(flag.name),
            fits: check_value(field, value).is_ok(),
        })
    })
}

/// A known AS after a synchronisation with PeeringDB's `net`: what the switches allow is copied as it is, null and empty
/// included, for templates see the difference. A private AS number stays as it is.
pub fn kept_in_step(known: &Record, network: &Record) -> Record {
    let mut kept = known.clone();
    for differing in differing(known, network).filter(Differing::is_taken) {
        kept.set(differing.field.name, differing.theirs);
    }
    kept
}

/// Whether its number is for private use: PeeringDB does not know it.
pub fn is_private(system: &Record) -> bool {
    system.int("asn").and_then(|asn| u32::try_from(asn).ok()).is_none_or(|asn| Asn(asn).is_private())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peeringdb::NETWORK;

    fn network() -> Record {
        Record::new(&NETWORK)
            .with("asn", Value::Int(3333))
            .with("name", Value::text("Theirs"))
            .with("info_prefixes4", Value::Int(7))
    }

    #[test]
    fn flags_decide_what_is_overwritten() {
        let known = Record::new(&AUTONOMOUS_SYSTEM)
            .with("asn", Value::Int(3333))
            .with("name", Value::text("Ours"))
            .with("name_peeringdb_sync", Value::Bool(false));
        let kept = kept_in_step(&known, &network());
        assert_eq!((kept.text("name"), kept.int("ipv4_max_prefixes")), ("Ours", Some(7)));
        assert!(kept.get("ipv6_max_prefixes").is_null(), "null is copied as null");
    }

    #[test]
    fn what_differs_is_told_with_what_becomes_of_it() {
        let known = described_by(&network()).with("name", Value::text("Ours")).with("ipv4_max_prefixes", Value::Int(9));
        let known = known.with("name_peeringdb_sync", Value::Bool(false));
        let told: Vec<_> = differing(&known, &network()).map(|one| (one.field.name, one.is_taken())).collect();
        assert_eq!(told, [("name", false), ("ipv4_max_prefixes", true)]);
        let long = network().with("name", Value::text("x".repeat(201)));
        let long: Vec<_> = differing(&described_by(&network()), &long).map(|one| (one.allowed, one.fits)).collect();
        assert_eq!(long, [(true, false)]);
    }

    #[test]
    fn private_numbers_are_left_alone() {
        let known = described_by(&network()).with("asn", Value::Int(64500)).with("name", Value::text("Lab"));
        assert_eq!(kept_in_step(&known, &network()), known);
    }
}
