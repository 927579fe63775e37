//! Timers of Bidirectional Forwarding Detection, RFC 5880.

use super::{CREATED, DESCRIPTION, LOCAL_CONTEXT, NAME, SLUG, TAGS, UPDATED};
use crate::{ObjectType, field::int, object::object};

/// The longest interval, milliseconds.
const LONGEST: i64 = 255_000;

pub static BFD: ObjectType = object("net", "bfd", "bfd")
    .called("BFD configuration", "BFD configurations")
    .icon("poll")
    .label("{name}")
    .order(&["name"])
    .about("Timers with which two routers find out within a second that the path between them is broken (RFC 5880). Sessions refer to them.")
    .fields(&[
        NAME.group("BFD configuration"),
        SLUG,
        int("minimum_transmit_interval", 1, LONGEST).label_as("Transmit interval").default_int(300).column()
            .help("Milliseconds between packets that we send, at least."),
        int("minimum_receive_interval", 1, LONGEST).label_as("Receive interval").default_int(300).column()
            .help("Milliseconds between packets that we can take, at least."),
        int("detection_multiplier", 1, 255).default_int(3).column()
            .help("So many packets in a row may be lost before the path counts as broken."),
        int("hold_time", 0, LONGEST).default_int(0).column()
            .help("Milliseconds for which a path must be back before it is used again; 0: at once."),
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        CREATED,
        UPDATED,
    ]);
