//! An internet exchange at which one of our networks is present.

use super::{
    AUTONOMOUS_SYSTEM, COMMUNITIES, CREATED, DESCRIPTION, EXPORT_POLICIES, IMPORT_POLICIES, IX_API, LOCAL_CONTEXT,
    OURS, SLUG, STATUS, TAGS, UPDATED,
};
use crate::{
    ObjectType, OnDelete,
    field::{choice, reference, slug, text},
    object::{Unique, object},
    peeringdb::IXLAN,
};

pub static INTERNET_EXCHANGE: ObjectType = object("peering", "internet-exchanges", "internetexchange")
    .called("Internet exchange", "Internet exchanges")
    .icon("ix")
    .label("{name}")
    .order(&["local_autonomous_system", "name", "slug"])
    .about(
        "An exchange that one of your networks is connected to. Link it to its PeeringDB LAN to see who else is there.",
    )
    // One of ours may be at the same exchange under each of its AS numbers, so the name alone is not unique.
    .unique(&[
        Unique {
            name: "unique_internetexchange_as_name",
            fields: &["local_autonomous_system", "name"],
            message: "This AS already has an exchange of that name. Open that one, or choose another name.",
            at: "name",
        },
        Unique {
            name: "unique_internetexchange_as_slug",
            fields: &["local_autonomous_system", "slug"],
            message: "This AS already has an exchange with that slug. Choose another.",
            at: "slug",
        },
        Unique {
            name: "unique_internetexchange_as_ixlan",
            fields: &["local_autonomous_system", "peeringdb_ixlan"],
            message: "This AS already has an exchange that is linked to that PeeringDB LAN.",
            at: "peeringdb_ixlan",
        },
    ])
    .fields(&[
        text("name", 100)
            .required()
            .column()
            .search()
            .group("Exchange")
            .help("What people and templates call it. Two of your networks may each have it under the same name."),
        slug("slug", "name").required().search().brief().help(SLUG.help),
        reference("local_autonomous_system", &AUTONOMOUS_SYSTEM)
            .label_as("Local AS")
            .required()
            .on_delete(OnDelete::Cascade)
            .column()
            .filter()
            .offers(OURS)
            .help("The affiliated AS that is connected there."),
        choice("status", STATUS)
            .required()
            .default_text("enabled")
            .column()
            .filter()
            .help("Sessions and connections there follow it into maintenance or disabling."),
        reference("peeringdb_ixlan", &IXLAN)
            .label_as("PeeringDB LAN")
            .nullable()
            .on_delete(OnDelete::SetNull)
            .column()
            .help("Tells who is there, and which prefixes the LAN has."),
        reference("ixapi_endpoint", &IX_API)
            .label_as("IX-API endpoint")
            .nullable()
            .on_delete(OnDelete::SetNull)
            .help("Where the exchange's own records of our services are."),
        IMPORT_POLICIES.group("Policy"),
        EXPORT_POLICIES,
        COMMUNITIES,
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        CREATED,
        UPDATED,
    ]);
