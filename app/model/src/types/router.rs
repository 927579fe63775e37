//! A router of ours that speaks BGP with peers.

use super::{
    AUTONOMOUS_SYSTEM, COMMENTS, COMMUNITIES, CONFIGURATION, CREATED, DATA_FILE, DATA_SOURCE, DESCRIPTION,
    LOCAL_CONTEXT, OURS, PLATFORM, STATUS, TAGS, UPDATED,
};
use crate::{
    Choice, ObjectType, OnDelete, Record, Tone, Value,
    field::{UINT, bool, choice, int, json, json_object, reference, secret, text, time},
    kind::choice as one_of,
    object::object,
};

/// What came of speaking to a router last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachability {
    Answers,
    /// Nothing answers at its address.
    Unreachable,
    /// It showed a host key that is not, or not yet, on record.
    HostKey,
    LoginRefused,
    /// It was reached, and something else went wrong.
    Trouble,
}

impl Reachability {
    /// As it is stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Unreachable => "unreachable",
            Self::HostKey => "host-key",
            Self::LoginRefused => "login-refused",
            Self::Trouble => "trouble",
        }
    }
}

static REACHABILITY: &[Choice] = &[
    one_of(Reachability::Answers.code(), "Reachable", Tone::Ok),
    one_of(Reachability::Unreachable.code(), "Unreachable", Tone::Bad),
    one_of(Reachability::HostKey.code(), "Host key not accepted", Tone::Bad),
    one_of(Reachability::LoginRefused.code(), "Login refused", Tone::Bad),
    one_of(Reachability::Trouble.code(), "In trouble", Tone::Warn),
];

/// Characters of what is kept of an error.
pub const MOST_WORDS: u32 = 1000;

pub static ROUTER: ObjectType = object("devices", "routers", "router")
    .called("Router", "Routers")
    .icon("router")
    .label("{name}")
    .order(&["local_autonomous_system", "name"])
    .about("A router that carries your sessions. Give it a platform and a configuration template, and its configuration is rendered from your data.")
    .settled(without_what_is_stale)
    .fields(&[
        text("name", 128).required().unique().column().search().copy().group("Router")
            .help("What people and templates call it; no two have the same."),
        text("hostname", 256).required().column().search().copy().help("Name or address at which its management answers."),
        reference("platform", &PLATFORM).nullable().column().filter().help("What software it runs."),
        choice("status", STATUS).required().default_text("enabled").column().filter()
            .help("A disabled router is neither polled nor configured."),
        reference("local_autonomous_system", &AUTONOMOUS_SYSTEM).label_as("Local AS").required()
            .on_delete(OnDelete::Cascade).column().filter().offers(OURS).help("The affiliated AS that it belongs to."),
        reference("configuration_template", &CONFIGURATION).nullable().on_delete(OnDelete::SetNull).column().filter()
            .help("What its configuration is rendered from."),
        COMMUNITIES,
        bool("encrypt_passwords").help("Session passwords are written as the platform encrypts them."),
        bool("poll_bgp_sessions_state").label_as("Poll session state").help("Ask it regularly how its sessions are."),
        time("poll_bgp_sessions_last_updated").label_as("Last polled").nullable().read_only().observed(),
        secret("napalm_username", 256).label_as("User name").credential().nullable().group("Access").help("Who logs in. Empty: whom Peerage was started with (--device-user). Kept encrypted."),
        secret("napalm_password", 256).label_as("Password").credential().nullable().help("With an encrypted key its passphrase. Empty: as Peerage was started (--device-password-file). Kept encrypted."),
        int("napalm_timeout", 0, UINT).label_as("Time-out").default_int(0).help("Seconds that one command on it may take; 0: as Peerage was started (--device-timeout)."),
        json_object("napalm_args").label_as("Driver arguments").nullable().help("A JSON object: port, key_file, legacy_algorithms, config_file, main_config_file, sudo. They go before the platform's."),
        int("netbox_device_id", 0, UINT).label_as("NetBox device").default_int(0).help("0: none."),
        reference("data_source", &DATA_SOURCE).nullable().filter().group("Data source").help("Where its configuration is pushed to as a file."),
        text("data_path", 1000).label_as("Path").nullable().help("Of that file in the data source."),
        reference("data_file", &DATA_FILE).nullable().on_delete(OnDelete::SetNull).read_only(),
        time("data_pushed").label_as("Pushed").nullable().read_only(),
        choice("reachability", REACHABILITY).nullable().read_only().observed().own().column().filter().group("Observed"),
        text("reachability_words", MOST_WORDS).label_as("What it said").nullable().read_only().observed().own(),
        time("asked").label_as("Asked").nullable().read_only().observed().own().help("When it was spoken to last, with or without an answer."),
        time("answered").label_as("Answered").nullable().read_only().observed().own(),
        text("software", 200).nullable().read_only().observed().own(),
        // the host key that it showed when it was refused, for somebody to accept: `ALGORITHM BASE64`
        text("offered_key", 4000).nullable().read_only().observed().own().hidden(),
        // all sessions that it has, also those that are not in the intent
        json("neighbours").nullable().internal().observed(),
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        COMMENTS,
        CREATED,
        UPDATED,
    ]);

/// When a router is not polled, nothing is said of its last poll; when it is pushed nowhere, nothing of where.
fn without_what_is_stale(record: &mut Record) {
    if record.get("data_source").is_null() {
        if !record.get("data_path").is_empty() {
            record.set("data_path", Value::text(""));
        }
        record.set("data_pushed", Value::Null);
    }
    if !record.flag("poll_bgp_sessions_state") {
        record.set("poll_bgp_sessions_last_updated", Value::Null);
    }
}
