//! The kinds of object of a peering network, one file each. Facts are those of Peering Manager's data model, so that
//! templates and scripts find the names that they know.

mod attached;
mod autonomous_system;
mod believable;
mod bfd;
mod bgp_group;
mod change;
mod community;
mod config_context;
mod configuration;
mod connection;
mod contact;
mod data_source;
mod direct_session;
mod email;
mod export_template;
mod hidden_peer;
mod host_key;
mod internet_exchange;
mod ix_api;
mod ix_session;
mod job;
mod journal_entry;
mod platform;
mod preferences;
mod push;
mod relationship;
mod router;
mod routing_policy;
mod saved_view;
mod session;
mod session_history;
mod synchronised;
mod tag;
mod user;
mod webhook;

pub use attached::{CONTACTED, DESCRIBED, EXPORTED, NOTED};
pub use autonomous_system::{
    AUTONOMOUS_SYSTEM, Differing, FROM_PEERINGDB, described_by, differing, is_private, kept_in_step,
};
pub use bfd::BFD;
pub use bgp_group::BGP_GROUP;
pub use change::{ACTIONS, CHANGE};
pub use community::{COMMUNITY, CommunityKind};
pub use config_context::{CONFIG_CONTEXT, CONFIG_CONTEXT_ASSIGNMENT};
pub use configuration::CONFIGURATION;
pub use connection::{CONNECTION, CONNECTION_ADDRESSES};
pub use contact::{CONTACT, CONTACT_ASSIGNMENT, CONTACT_ROLE};
pub use data_source::{DATA_FILE, DATA_SOURCE};
pub use direct_session::DIRECT_SESSION;
pub use email::EMAIL;
pub use export_template::EXPORT_TEMPLATE;
pub use hidden_peer::{HIDDEN_PEER, KEPT_IDS, hides};
pub use host_key::HOST_KEY;
pub use internet_exchange::INTERNET_EXCHANGE;
pub use ix_api::IX_API;
pub use ix_session::IX_SESSION;
pub use job::{
    JOB, JOB_COURSE, JOB_LEVELS, JOB_LINE, JOB_NAMES, JOB_STATUS, JobLevel, JobOrigin, JobStatus, MOST_OUTPUT, SCHEDULE,
};
pub use journal_entry::JOURNAL_ENTRY;
pub use platform::PLATFORM;
pub use preferences::PREFERENCES;
pub use push::{CHECK, MOST_REASON, PUSH, PUSH_MODE, PushOutcome, PushStep};
pub use relationship::{PRIVATE_PEERING, RELATIONSHIP};
pub use router::{MOST_WORDS, ROUTER, Reachability};
pub use routing_policy::ROUTING_POLICY;
pub use saved_view::SAVED_VIEW;
pub use session::{ABSENT, BGP_STATE, ESTABLISHED, MOST_ERROR, SESSION_STATUS};
pub use session_history::{HOURS, Hours, SESSION_HISTORY, SESSION_TRANSITION, Together};
pub use tag::TAG;
pub use user::{GROUP, SIGN_IN, TOKEN, USER};
pub use webhook::{DeliveryStatus, MOST_ANSWER, WEBHOOK, WEBHOOK_DELIVERY, WEBHOOK_TEMPLATES};

use crate::{
    Choice, Field, Tone,
    field::{bool, colour, json_object, markdown, references, slug, text, time},
    kind::choice,
};

// ---- fields that many types share ----

const NAME: Field = text("name", 100)
    .required()
    .unique()
    .column()
    .search()
    .help("What people and templates call it; no two have the same.");
const SLUG: Field = slug("slug", "name")
    .required()
    .unique()
    .search()
    .brief()
    .help("Made from the name while you type it. Used in templates and links.");
const DESCRIPTION: Field = text("description", 200).group("More").search().help("One line, for lists and templates.");
const COMMENTS: Field = markdown("comments").help("Plain text; its lines stay as they are.");
/// Which networks something of ours can belong to.
const OURS: &str = "affiliated:yes";
const TAGS: Field =
    references("tags", &TAG).filter().help("Labels of your own, to filter by and to ask for in templates.");
const COLOUR: Field = colour("color")
    .label_as("Colour")
    .required()
    .default_text("9e9e9e")
    .column()
    .brief()
    .help("Six hex digits, like 2196f3.");
const IMPORT_POLICIES: Field =
    references("import_routing_policies", &ROUTING_POLICY).filter().help("What is done with routes that come in.");
const EXPORT_POLICIES: Field =
    references("export_routing_policies", &ROUTING_POLICY).filter().help("What is done with routes that go out.");
const COMMUNITIES: Field =
    references("communities", &COMMUNITY).filter().help("Communities that templates put on routes.");
pub const TRIM_BLOCKS: Field =
    bool("jinja2_trim").label_as("Trim blocks").help("The line end after a block tag is dropped.");
pub const LSTRIP_BLOCKS: Field =
    bool("jinja2_lstrip").label_as("Strip before blocks").help("Blanks before a block tag are dropped.");
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
