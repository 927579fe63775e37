//! A BGP session that runs over no exchange: transit, customers, private interconnection.

use super::{
    AUTONOMOUS_SYSTEM, BGP_GROUP, COMMENTS, COMMUNITIES, CONNECTION, CREATED, DESCRIPTION, EXPORT_POLICIES,
    IMPORT_POLICIES, LOCAL_CONTEXT, OURS, RELATIONSHIP, ROUTER, TAGS, UPDATED, believable, session,
};
use crate::{
    Facts, ObjectType, OnDelete, Record,
    address::{family_of, no_host},
    check::Problems,
    field::{ip_interface, reference},
    object::object,
};
use ipnet::IpNet;

pub static DIRECT_SESSION: ObjectType = object("peering", "direct-peering-sessions", "directpeeringsession")
    .called("Direct session", "Direct sessions")
    .icon("session")
    .label("[{relationship} - ]AS{autonomous_system.asn} - IP {ip_address}")
    .order(&["service_reference", "local_autonomous_system", "autonomous_system", "ip_address"])
    .about("A BGP session with a peer over a link of its own: transit, a customer, private peering. Sessions in a BGP group share what is said of the group.")
    .checks(&[addresses_fit, session::policies_fit, address_is_free, believable::ends_where_it_belongs])
    .fields(&[
        reference("autonomous_system", &AUTONOMOUS_SYSTEM).required().on_delete(OnDelete::Cascade).column().filter()
            .group("Peer").help("Number or name of the peer."),
        ip_interface("ip_address").label_as("IP address").required().column().filter().search().copy()
            .help("The peer's address with its prefix length, like 192.0.2.1/31."),
        reference("relationship", &RELATIONSHIP).required().column().filter()
            .help("What you are to each other over this session."),
        reference("bgp_group", &BGP_GROUP).label_as("BGP group").nullable().on_delete(OnDelete::SetNull).column().filter()
            .help("Sessions that share policies, communities and maintenance."),
        reference("local_autonomous_system", &AUTONOMOUS_SYSTEM).label_as("Local AS").required()
            .on_delete(OnDelete::Cascade).filter().group("Our side").offers(OURS).help("The affiliated AS that it belongs to."),
        ip_interface("local_ip_address").label_as("Local IP address").nullable().search().copy()
            .help("Ours, with the same prefix length as the peer's."),
        reference("router", &ROUTER).nullable().on_delete(OnDelete::SetNull).column().filter()
            .help("The router that it ends on; its configuration will carry it."),
        reference("connection", &CONNECTION).nullable().on_delete(OnDelete::SetNull).filter()
            .help("The port or VLAN that it runs over, if there is one here."),
        IMPORT_POLICIES.group("Policy"),
        EXPORT_POLICIES,
        COMMUNITIES,
        session::STATUS,
        session::SERVICE_REFERENCE,
        session::PASSWORD,
        session::ENCRYPTED_PASSWORD,
        session::TTL,
        session::PASSIVE,
        session::BFD_PROFILE,
        session::STATE,
        session::SINCE,
        session::RECEIVED,
        session::ACCEPTED,
        session::ADVERTISED,
        session::AVAILABILITY,
        session::LAST_ESTABLISHED,
        session::LAST_ERROR,
        session::FAMILIES,
        session::POLLED,
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        COMMENTS,
        CREATED,
        UPDATED,
    ]);

/// Neither address is its network's own or its broadcast address, they are not the same, and without multihop they are in
/// one network.
fn addresses_fit(record: &Record, _: &dyn Facts, problems: &mut Problems) {
    for name in ["ip_address", "local_ip_address"] {
        if let Some(net) = record.get(name).as_net()
            && let Some(what) = not_a_host(net)
        {
            problems.add(
                name,
                format!("{} is the {what} address of {}. Give the address of a host.", net.addr(), net.trunc()),
            );
        }
    }
    if let Some(theirs) = record.get("ip_address").as_net()
        && let Some(what) = no_host(theirs.addr())
    {
        problems.add("ip_address", format!("{} is {what}, which no peer has.", theirs.addr()));
        return;
    }
    let (Some(theirs), Some(ours)) = (record.get("ip_address").as_net(), record.get("local_ip_address").as_net())
    else {
        return;
    };
    if theirs.addr() == ours.addr() {
        problems.add("local_ip_address", "This is the peer's address. Ours is another one.");
    } else if family_of(theirs.addr()) != family_of(ours.addr()) {
        let message = format!("The peer's address is IPv{}; ours must be as well.", family_of(theirs.addr()));
        problems.add("local_ip_address", message);
    } else if record.int("multihop_ttl") == Some(1) && theirs.trunc() != ours.trunc() {
        let message = format!(
            "With TTL 1 both addresses are in one network, and {} and {} are not. Give both the same prefix length, or a TTL above 1.",
            theirs.trunc(),
            ours.trunc()
        );
        problems.add("local_ip_address", message);
    }
}

/// What an IPv4 address is if it is no host's. Networks of one or two addresses (RFC 3021), and IPv6, have only hosts.
fn not_a_host(net: IpNet) -> Option<&'static str> {
    let IpNet::V4(net) = net else { return None };
    match net.prefix_len() {
        31.. => None,
        _ if net.addr() == net.network() => Some("network"),
        _ if net.addr() == net.broadcast() => Some("broadcast"),
        _ => None,
    }
}

/// Two sessions with one address are rarely meant, but the same address may well stand behind two routers.
fn address_is_free(record: &Record, facts: &dyn Facts, problems: &mut Problems) {
    let (Some(system), Some(ip)) = (record.int("autonomous_system"), record.get("ip_address").as_ip()) else { return };
    let Some(field) = record.of.field("autonomous_system") else { return };
    let Some(siblings) = facts.referring(record.of, field, system) else { return };
    let same = |other: &&Record| {
        other.id != record.id
            && other.get("ip_address").as_ip() == Some(ip)
            && other.get("router") == record.get("router")
            && other.get("local_autonomous_system") == record.get("local_autonomous_system")
    };
    if siblings.iter().any(|other| same(&other)) {
        problems.warn(
            "ip_address",
            "There is a direct session with this peer at that address already, on the same router.",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Value, check::check};

    fn session(ours: &str, theirs: &str, ttl: i64) -> Vec<String> {
        let net = |text: &str| if text.is_empty() { Value::Null } else { Value::Net(text.parse().unwrap()) };
        let record = Record::new(&DIRECT_SESSION)
            .with("autonomous_system", Value::Int(1))
            .with("local_autonomous_system", Value::Int(2))
            .with("relationship", Value::Int(1))
            .with("ip_address", net(theirs))
            .with("local_ip_address", net(ours))
            .with("multihop_ttl", Value::Int(ttl));
        check(&record, &()).into_vec().into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn addresses_that_can_hold_a_session_are_taken() {
        for (ours, theirs, ttl) in [
            ("192.0.2.0/31", "192.0.2.1/31", 1),
            ("", "192.0.2.1/32", 1),
            ("2001:db8::/64", "2001:db8::1/64", 1),
            ("198.51.100.1/32", "192.0.2.1/32", 2),
            ("192.0.2.1/24", "192.0.2.2/24", 1),
        ] {
            assert_eq!(session(ours, theirs, ttl), [""; 0], "{ours} {theirs}");
        }
    }

    #[test]
    fn addresses_that_cannot_are_refused_at_their_field() {
        for (ours, theirs, ttl, at) in [
            ("", "192.0.2.0/24", 1, "ip_address"),
            ("", "192.0.2.255/24", 1, "ip_address"),
            ("192.0.2.0/24", "192.0.2.9/24", 1, "local_ip_address"),
            ("192.0.2.1/31", "192.0.2.1/31", 1, "local_ip_address"),
            ("192.0.2.1/31", "192.0.2.1/30", 1, "local_ip_address"),
            ("192.0.2.2/31", "192.0.2.1/31", 1, "local_ip_address"),
            ("192.0.2.1/24", "192.0.2.2/25", 1, "local_ip_address"),
            ("2001:db8::1/64", "192.0.2.1/31", 9, "local_ip_address"),
        ] {
            assert_eq!(session(ours, theirs, ttl), [at], "{ours} {theirs}");
        }
    }
}
