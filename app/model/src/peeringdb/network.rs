//! Networks, their ports on exchange LANs, their presence in facilities, and whom to write to.

use super::{
    AKA, CREATED, FACILITY, IXLAN, NAME, NAME_LONG, NOTES, ORG, SOCIAL_MEDIA, STATUS_DASHBOARD, UPDATED, WEBSITE,
    cached,
};
use crate::{
    ObjectType, OnDelete,
    field::{UINT, asn, bool, email, int, ip_host, markdown, reference, text, text_list, time, url},
};

pub static NETWORK: ObjectType = cached("networks", "network")
    .called("Network", "Networks")
    .icon("globe")
    .label("AS{asn} - {name}")
    .order(&["asn"])
    .fields(&[
        asn("asn").required().column().filter().search().copy(),
        NAME,
        ORG,
        NAME_LONG,
        AKA,
        text("irr_as_set", 255).label_as("IRR AS-SET").nullable().column().search().copy(),
        text("policy_general", 72).label_as("Policy").nullable().column().filter(),
        text("info_type", 60).label_as("Type").nullable().column().filter(),
        text_list("info_types").label_as("Types"),
        text("info_traffic", 39).label_as("Traffic").nullable().column().filter(),
        text("info_ratio", 45).label_as("Ratio").nullable().filter(),
        text("info_scope", 39).label_as("Scope").nullable().column().filter(),
        int("info_prefixes4", 0, UINT).label_as("IPv4 prefixes").nullable().column(),
        int("info_prefixes6", 0, UINT).label_as("IPv6 prefixes").nullable().column(),
        bool("info_unicast").label_as("Unicast").nullable(),
        bool("info_multicast").label_as("Multicast").nullable(),
        bool("info_ipv6").label_as("IPv6").nullable(),
        bool("info_never_via_route_servers").label_as("Never via route servers").nullable(),
        url("policy_url", 255).label_as("Policy page").nullable(),
        text("policy_locations", 72).label_as("Locations").nullable(),
        bool("policy_ratio").label_as("Ratio required").nullable(),
        text("policy_contracts", 36).label_as("Contracts").nullable(),
        WEBSITE,
        url("looking_glass", 255).nullable(),
        url("route_server", 255).nullable(),
        SOCIAL_MEDIA,
        NOTES,
        markdown("notes_private").nullable(),
        STATUS_DASHBOARD,
        text("rir_status", 255).label_as("RIR status").nullable(),
        time("rir_status_updated").label_as("RIR status since").nullable(),
        CREATED,
        UPDATED,
    ]);

/// The fields of a port's addresses, IPv4 and IPv6.
pub const PORT_ADDRESSES: [&str; 2] = ["ipaddr4", "ipaddr6"];

pub static NETWORK_IXLAN: ObjectType = cached("network-ixlans", "networkixlan")
    .called("Port on a LAN", "Ports on LANs")
    .icon("connection")
    .label("{net} on {ixlan}")
    .order(&["asn", "id"])
    .fields(&[
        asn("asn").required().column().filter().search(),
        reference("net", &NETWORK).label_as("Network").required().on_delete(OnDelete::Cascade).column().filter(),
        reference("ixlan", &IXLAN).label_as("LAN").required().on_delete(OnDelete::Cascade).column().filter(),
        ip_host("ipaddr4").label_as("IPv4 address").family(4).nullable().column().search().copy(),
        ip_host("ipaddr6").label_as("IPv6 address").family(6).nullable().column().search().copy(),
        int("speed", 0, UINT).label_as("Speed (Mbit/s)").nullable().column(),
        bool("is_rs_peer").label_as("Route server peer").nullable().column().filter(),
        bool("bfd_support").label_as("BFD").nullable(),
        bool("operational").nullable().default_on().column().filter(),
        text("notes", 255).nullable(),
        reference("net_side", &FACILITY).label_as("Network's side").nullable().on_delete(OnDelete::SetNull),
        reference("ix_side", &FACILITY).label_as("Exchange's side").nullable().on_delete(OnDelete::SetNull),
        CREATED,
        UPDATED,
    ]);

pub static NETWORK_FACILITY: ObjectType = cached("network-facilities", "networkfacility")
    .called("Network at a facility", "Networks at facilities")
    .icon("map")
    .label("{net} at {fac}")
    .order(&["id"])
    .fields(&[
        reference("net", &NETWORK).label_as("Network").required().on_delete(OnDelete::Cascade).column().filter(),
        reference("fac", &FACILITY).label_as("Facility").required().on_delete(OnDelete::Cascade).column().filter(),
        asn("local_asn").label_as("Local AS").nullable().column(),
        bool("avail_sonet").label_as("SONET").nullable(),
        bool("avail_ethernet").label_as("Ethernet").nullable(),
        bool("avail_atm").label_as("ATM").nullable(),
        CREATED,
        UPDATED,
    ]);

pub static NETWORK_CONTACT: ObjectType = cached("network-contacts", "networkcontact")
    .called("Network contact", "Network contacts")
    .icon("contact")
    .label("{name}[ <{email}>]")
    .order(&["id"])
    .fields(&[
        reference("net", &NETWORK).label_as("Network").required().on_delete(OnDelete::Cascade).column().filter(),
        text("role", 27).nullable().column().filter(),
        text("name", 254).nullable().column().search(),
        email("email").nullable().column().search().copy(),
        text("phone", 100).nullable().column(),
        url("url", 255).label_as("URL").nullable(),
        text("visible", 64).nullable(),
        CREATED,
        UPDATED,
    ]);
