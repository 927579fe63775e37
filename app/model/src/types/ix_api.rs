//! An exchange's IX-API: where it is, and with what we sign in there.

use super::{CREATED, UPDATED};
use crate::{
    ObjectType,
    field::{secret, text, time},
    object::{Unique, object},
};

pub static IX_API: ObjectType = object("extras", "ix-api", "ixapi")
    .called("IX-API endpoint", "IX-API endpoints")
    .icon("link")
    .label("{name}")
    .order(&["name", "api_url", "-created"])
    .about("An exchange's IX-API, where services, MAC addresses and LANs can be looked up.")
    .unique(&[Unique {
        name: "unique_ixapi_url_key",
        fields: &["api_url", "api_key"],
        message: "There is an endpoint with this address and key already.",
        at: "api_key",
    }])
    .fields(&[
        text("name", 100).required().column().search().group("IX-API endpoint").help("What people call it."),
        text("api_url", 2000)
            .label_as("Address")
            .required()
            .column()
            .search()
            .copy()
            .help("Base URL of the exchange's IX-API, with its version."),
        // it names who asks; what proves it is the secret
        text("api_key", 2000).label_as("API key").required().help("Names the one who asks."),
        secret("api_secret", 2000).label_as("API secret").required().credential().nullable().help("Kept encrypted."),
        text("identity", 256).column().help("The account for which one asks."),
        secret("access_token", 8192).credential().nullable().read_only().hidden(),
        secret("refresh_token", 8192).credential().nullable().read_only().hidden(),
        time("access_token_expiration").nullable().read_only().hidden(),
        time("refresh_token_expiration").nullable().read_only().hidden(),
        CREATED,
        UPDATED,
    ]);
