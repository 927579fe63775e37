//! The cache of PeeringDB: its thirteen object types with PeeringDB's own ids and times, and what a synchronisation
//! notes of itself. Field names are PeeringDB's (its API's `x_id` is the reference `x`); only a synchronisation writes them.

mod exchange;
mod network;
mod organization;
mod synchronisation;
mod upstream_change;

pub use exchange::{EXCHANGE, EXCHANGE_FACILITY, IXLAN, IXLAN_PREFIX};
pub use network::{NETWORK, NETWORK_CONTACT, NETWORK_FACILITY, NETWORK_IXLAN, PORT_ADDRESSES};
pub use organization::{CAMPUS, CARRIER, CARRIER_FACILITY, FACILITY, ORGANIZATION};
pub use synchronisation::{CURSOR, REJECTED, SYNCHRONISATION};
pub use upstream_change::{CONCERN, NAMED_OF_OURS, NO_CONCERN, UPSTREAM_ACTION, UPSTREAM_CHANGE};

use crate::{
    Field, ObjectType, OnDelete, Origin,
    field::{json, markdown, reference, text, time, url},
    object::object,
};

/// The API's names, in the order in which rows can be stored: parents first.
pub static NAMESPACES: &[(&str, &ObjectType)] = &[
    ("org", &ORGANIZATION),
    ("campus", &CAMPUS),
    ("fac", &FACILITY),
    ("carrier", &CARRIER),
    ("carrierfac", &CARRIER_FACILITY),
    ("net", &NETWORK),
    ("ix", &EXCHANGE),
    ("ixfac", &EXCHANGE_FACILITY),
    ("ixlan", &IXLAN),
    ("ixpfx", &IXLAN_PREFIX),
    ("netfac", &NETWORK_FACILITY),
    ("netixlan", &NETWORK_IXLAN),
    ("poc", &NETWORK_CONTACT),
];

/// Begins the description of a cached type.
const fn cached(path: &'static str, model: &'static str) -> ObjectType {
    object("peeringdb", path, model)
        .origin(Origin::PeeringDb)
        .about("From PeeringDB. Synchronise it to fill this list.")
}

// ---- fields that many cached types share ----

const NAME: Field = text("name", 255).required().column().search();
const NAME_LONG: Field = text("name_long", 255).nullable().search();
// Upstream always has one; a cut or late list of them does not hide what belongs to it.
const ORG: Field =
    reference("org", &ORGANIZATION).label_as("Organisation").nullable().on_delete(OnDelete::SetNull).filter();
const AKA: Field = text("aka", 255).label_as("Also known as").nullable().search();
const WEBSITE: Field = url("website", 255).nullable();
const SOCIAL_MEDIA: Field = json("social_media").nullable();
const NOTES: Field = markdown("notes").nullable();
const STATUS_DASHBOARD: Field = url("status_dashboard", 255).nullable();
const CREATED: Field = time("created").nullable().read_only();
const UPDATED: Field = time("updated").nullable().read_only();

// ---- the address block of organisations and facilities ----

const ADDRESS1: Field = text("address1", 255).label_as("Address").nullable();
const ADDRESS2: Field = text("address2", 255).label_as("Address, second line").nullable();
const CITY: Field = text("city", 255).nullable().column().search();
const STATE: Field = text("state", 255).nullable();
const SUITE: Field = text("suite", 255).nullable();
const FLOOR: Field = text("floor", 255).nullable();
const ZIPCODE: Field = text("zipcode", 48).nullable();
const COUNTRY: Field = text("country", 7).nullable().column().filter();
const LATITUDE: Field = crate::field::float("latitude", -90.0, 90.0).nullable();
const LONGITUDE: Field = crate::field::float("longitude", -180.0, 180.0).nullable();
