//! Organisations and the places that they run: campuses, facilities, carriers.

use super::{
    ADDRESS1, ADDRESS2, AKA, CITY, COUNTRY, CREATED, FLOOR, LATITUDE, LONGITUDE, NAME, NAME_LONG, NOTES, ORG,
    SOCIAL_MEDIA, STATE, STATUS_DASHBOARD, SUITE, UPDATED, WEBSITE, ZIPCODE, cached,
};
use crate::{
    ObjectType, OnDelete,
    field::{bool, email, reference, text, text_list},
};

pub static ORGANIZATION: ObjectType = cached("organizations", "organization")
    .called("Organisation", "Organisations")
    .icon("users")
    .label("{name}")
    .order(&["name"])
    .fields(&[
        NAME,
        NAME_LONG,
        AKA,
        WEBSITE,
        SOCIAL_MEDIA,
        NOTES,
        ADDRESS1,
        ADDRESS2,
        CITY,
        STATE,
        SUITE,
        FLOOR,
        ZIPCODE,
        COUNTRY,
        LATITUDE,
        LONGITUDE,
        CREATED,
        UPDATED,
    ]);

pub static CAMPUS: ObjectType = cached("campuses", "campus")
    .called("Campus", "Campuses")
    .icon("map")
    .label("{name}")
    .order(&["name"])
    .fields(&[NAME, ORG.column(), NAME_LONG, AKA, WEBSITE, SOCIAL_MEDIA, NOTES, CREATED, UPDATED]);

pub static FACILITY: ObjectType = cached("facilities", "facility")
    .called("Facility", "Facilities")
    .icon("map")
    .label("{name}")
    .order(&["name"])
    .fields(&[
        NAME,
        ORG.column(),
        reference("campus", &CAMPUS).nullable().on_delete(OnDelete::SetNull),
        NAME_LONG,
        AKA,
        WEBSITE,
        SOCIAL_MEDIA,
        ADDRESS1,
        ADDRESS2,
        CITY,
        STATE,
        SUITE,
        FLOOR,
        ZIPCODE,
        COUNTRY,
        LATITUDE,
        LONGITUDE,
        text("region_continent", 255).label_as("Continent").nullable().filter(),
        text("clli", 18).label_as("CLLI code").nullable(),
        text("rencode", 18).nullable(),
        text("npanxx", 21).label_as("NPA-NXX").nullable(),
        email("tech_email").nullable(),
        text("tech_phone", 192).nullable(),
        email("sales_email").nullable(),
        text("sales_phone", 192).nullable(),
        text("property", 27).nullable(),
        bool("diverse_serving_substations").nullable(),
        text_list("available_voltage_services"),
        NOTES,
        STATUS_DASHBOARD,
        CREATED,
        UPDATED,
    ]);

pub static CARRIER: ObjectType = cached("carriers", "carrier")
    .called("Carrier", "Carriers")
    .icon("branch")
    .label("{name}")
    .order(&["name"])
    .fields(&[NAME, ORG.column(), NAME_LONG, AKA, WEBSITE, SOCIAL_MEDIA, NOTES, CREATED, UPDATED]);

pub static CARRIER_FACILITY: ObjectType = cached("carrier-facilities", "carrierfacility")
    .called("Carrier at a facility", "Carriers at facilities")
    .icon("branch")
    .label("{carrier} @ {fac}")
    .order(&["id"])
    .fields(&[
        reference("carrier", &CARRIER).required().on_delete(OnDelete::Cascade).column().filter(),
        reference("fac", &FACILITY).label_as("Facility").required().on_delete(OnDelete::Cascade).column().filter(),
        CREATED,
        UPDATED,
    ]);
