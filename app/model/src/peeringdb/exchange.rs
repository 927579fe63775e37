//! Exchanges, their LANs and prefixes, and where they are.

use super::{AKA, CREATED, FACILITY, NAME_LONG, NOTES, ORG, SOCIAL_MEDIA, STATUS_DASHBOARD, UPDATED, WEBSITE, cached};
use crate::{
    ObjectType, OnDelete,
    field::{UINT, asn_or_zero, bool, email, int, mac, markdown, prefix, reference, text, time, url},
};

pub static EXCHANGE: ObjectType = cached("exchanges", "internetexchange")
    .called("PeeringDB exchange", "PeeringDB exchanges")
    .icon("ix")
    .label("{name}")
    .order(&["name"])
    .fields(&[
        text("name", 64).required().column().search(),
        ORG.column(),
        NAME_LONG,
        AKA,
        text("city", 192).nullable().column().search(),
        text("country", 7).nullable().column().filter(),
        text("region_continent", 255).label_as("Continent").nullable().column().filter(),
        text("media", 128).nullable(),
        bool("proto_unicast").label_as("Unicast").nullable(),
        bool("proto_multicast").label_as("Multicast").nullable(),
        bool("proto_ipv6").label_as("IPv6").nullable(),
        WEBSITE,
        SOCIAL_MEDIA,
        url("url_stats", 255).label_as("Statistics").nullable(),
        email("tech_email").nullable(),
        text("tech_phone", 192).nullable(),
        email("policy_email").nullable(),
        text("policy_phone", 192).nullable(),
        email("sales_email").nullable(),
        text("sales_phone", 192).nullable(),
        int("ixf_net_count", 0, UINT).label_as("Members by IX-F").nullable(),
        time("ixf_last_import").label_as("Last IX-F import").nullable(),
        text("service_level", 60).nullable(),
        text("terms", 60).nullable(),
        NOTES,
        STATUS_DASHBOARD,
        CREATED,
        UPDATED,
    ]);

pub static EXCHANGE_FACILITY: ObjectType = cached("exchange-facilities", "internetexchangefacility")
    .called("Exchange at a facility", "Exchanges at facilities")
    .icon("map")
    .label("{ix} at {fac}")
    .order(&["id"])
    .fields(&[
        reference("ix", &EXCHANGE).label_as("Exchange").required().on_delete(OnDelete::Cascade).column().filter(),
        reference("fac", &FACILITY).label_as("Facility").required().on_delete(OnDelete::Cascade).column().filter(),
        CREATED,
        UPDATED,
    ]);

pub static IXLAN: ObjectType = cached("ixlans", "ixlan")
    .called("Exchange LAN", "Exchange LANs")
    .icon("ix")
    .label("{ix}[ - {name}]")
    .order(&["ix", "id"])
    .fields(&[
        reference("ix", &EXCHANGE).label_as("Exchange").required().on_delete(OnDelete::Cascade).column().filter(),
        text("name", 255).nullable().column().search(),
        markdown("descr").label_as("Description").nullable(),
        int("mtu", 0, UINT).nullable().column(),
        int("vlan", 0, UINT).nullable(),
        bool("dot1q_support").label_as("802.1Q").nullable(),
        asn_or_zero("rs_asn").label_as("Route server AS").nullable().column(),
        mac("arp_sponge").label_as("ARP sponge").nullable(),
        url("ixf_ixp_member_list_url", 200).label_as("IX-F member list").nullable(),
        text("ixf_ixp_member_list_url_visible", 64).label_as("Member list is").nullable(),
        CREATED,
        UPDATED,
    ]);

pub static IXLAN_PREFIX: ObjectType = cached("ixlan-prefixes", "ixlanprefix")
    .called("LAN prefix", "LAN prefixes")
    .icon("hash")
    .label("{ixlan} - {prefix}")
    .order(&["prefix"])
    .fields(&[
        reference("ixlan", &IXLAN).label_as("LAN").required().on_delete(OnDelete::Cascade).column().filter(),
        prefix("prefix").required().column().search().copy(),
        text("protocol", 64).nullable().column(),
        bool("in_dfz").label_as("In the global table").nullable().column(),
        text("notes", 255).nullable(),
        CREATED,
        UPDATED,
    ]);
