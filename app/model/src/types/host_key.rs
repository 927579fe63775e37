//! A host key of a router: what it has to show before anything is sent to it.
//!
//! A key gets here by a person, who types it or accepts what a router showed, or on first use where that is allowed. Either way it
//! is a change like any other: the change log says whose word it was.

use super::{CREATED, ROUTER, UPDATED};
use crate::{
    ObjectType, OnDelete,
    field::{reference, text},
    object::object,
};

pub static HOST_KEY: ObjectType = object("devices", "host-keys", "hostkey")
    .called("Host key", "Host keys")
    .icon("key")
    .label("{algorithm} {fingerprint}")
    .order(&["router", "algorithm"])
    .about("The SSH keys by which your routers are known. A router that shows another one is not spoken to until somebody accepts it on the router's page.")
    .fields(&[
        reference("router", &ROUTER).required().on_delete(OnDelete::Cascade).column().filter().group("Host key")
            .help("The router that shows this key."),
        text("key", 4000).required().copy()
            .help("As ssh-keyscan prints it: ssh-ed25519 AAAA... A router may have several, of different kinds."),
        text("algorithm", 60).read_only().column().filter(),
        text("fingerprint", 100).read_only().column().search().copy(),
        CREATED,
        UPDATED,
    ]);
