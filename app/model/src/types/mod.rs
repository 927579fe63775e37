//! The kinds of object of a peering network, one file each. Facts are those of Peering Manager's data model, so that
//! templates and scripts find the names that they know.

mod autonomous_system;
mod change;
mod configuration;
mod connection;
mod internet_exchange;
mod ix_session;
mod platform;
mod router;
mod saved_view;
mod tag;
mod user;

pub use autonomous_system::{
    AUTONOMOUS_SYSTEM, Differing, FROM_PEERINGDB, described_by, differing, is_public, kept_in_step,
};
pub use change::{ACTIONS, CHANGE};
pub use configuration::CONFIGURATION;
pub use connection::CONNECTION;
pub use internet_exchange::INTERNET_EXCHANGE;
pub use ix_session::IX_SESSION;
pub use platform::PLATFORM;
pub use router::ROUTER;
pub use saved_view::SAVED_VIEW;
pub use tag::TAG;
pub use user::{GROUP, SIGN_IN, TOKEN, USER};

use crate::{
    Choice, Field, Tone,
    field::{json_object, markdown, references, slug, text, time},
    kind::choice,
};

// ---- fields that many types share ----

const NAME: Field = text("name", 100).required().unique().column().search();
const SLUG: Field = slug("slug", "name")
    .required()
    .unique()
    .search()
    .brief()
    .help("Made from the name while you type it. Used in templates and links.");
const DESCRIPTION: Field = text("description", 200).group("More").search();
const COMMENTS: Field = markdown("comments").help("Markdown.");
const TAGS: Field = references("tags", &TAG).filter();
const LOCAL_CONTEXT: Field = json_object("local_context_data")
    .label_as("Local context data")
    .nullable()
    .help("A JSON object for templates; it wins over assigned config contexts.");
const CREATED: Field = time("created").nullable().read_only();
const UPDATED: Field = time("updated").nullable().read_only();

// ---- choice sets that many types share ----

/// Status of what a session runs over: exchanges, connections, routers.
pub static STATUS: &[Choice] = &[
    choice("enabled", "Enabled", Tone::Quiet),
    choice("pre-maintenance", "Pre-maintenance", Tone::Plan),
    choice("maintenance", "Maintenance", Tone::Plan),
    choice("post-maintenance", "Post-maintenance", Tone::Plan),
    choice("disabled", "Disabled", Tone::Mute),
];

/// Status of a session: what we asked for.
pub static SESSION_STATUS: &[Choice] = &[
    choice("requested", "Requested", Tone::Info),
    choice("provisioning", "Provisioning", Tone::Info),
    choice("enabled", "Enabled", Tone::Quiet),
    choice("pre-maintenance", "Pre-maintenance", Tone::Plan),
    choice("maintenance", "Maintenance", Tone::Plan),
    choice("post-maintenance", "Post-maintenance", Tone::Plan),
    choice("disabled", "Disabled", Tone::Mute),
    choice("decommissioning", "Decommissioning", Tone::Warn),
    choice("decommissioned", "Decommissioned", Tone::Mute),
];

/// State of a session as a router reported it, RFC 4271 section 8.2.2.
pub static BGP_STATE: &[Choice] = &[
    choice("idle", "Idle", Tone::Bad),
    choice("connect", "Connect", Tone::Warn),
    choice("active", "Active", Tone::Warn),
    choice("opensent", "OpenSent", Tone::Warn),
    choice("openconfirm", "OpenConfirm", Tone::Warn),
    choice("established", "Established", Tone::Ok),
];
