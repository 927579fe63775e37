//! An exchange's IX-API: where it is, and with what we sign in there.

use super::{CREATED, UPDATED};
use crate::{
    ObjectType,
    field::{secret, text, time},
    object::object,
};

pub static IX_API: ObjectType = object("extras", "ix-api", "ixapi")
    .called("IX-API endpoint", "IX-API endpoints")
    .icon("link")
    .label("{name}")
    .order(&["name", "api_url", "-created"])
    .about("An exchange's IX-API, where services, MAC addresses and LANs can be looked up.")
    .fields(&[
        text("name", 100).required().column().search().group("IX-API endpoint").help("What people call it."),
        text("api_url", 2000)
            .label_as("Address")
            .required()
            .column()
            .search()
            .copy()
            .help("Base URL of the exchange's IX-API, with its version."),
        // sealed, and so not compared: two endpoints with one address and key do no harm
        secret("api_key", 2000)
            .label_as("API key")
            .required()
            .credential()
            .nullable()
            .help("Names the one who asks. Kept encrypted."),
        secret("api_secret", 2000).label_as("API secret").required().credential().nullable().help("Kept encrypted."),
        text("identity", 256).column().help("The account for which one asks."),
        secret("access_token", 8192).credential().nullable().read_only().hidden(),
        secret("refresh_token", 8192).credential().nullable().read_only().hidden(),
        time("access_token_expiration").nullable().read_only().hidden(),
        time("refresh_token_expiration").nullable().read_only().hidden(),
        CREATED,
        UPDATED,
    ]);
