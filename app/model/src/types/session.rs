//! What sessions over exchanges and direct ones share: fields, and rules about them.

use super::{BFD, ROUTING_POLICY};
use crate::{
    Choice, Facts, Field, OnDelete, Record, Tone,
    address::family_of,
    check::Problems,
    effective::Direction,
    field::{UINT, bool, choice as one_of, int, json, reference, secret, text, time},
    kind::choice,
    problem::in_sentence,
};

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
    choice(ESTABLISHED, "Established", Tone::Ok),
    // ours: RFC 4271 knows no such state, and Peering Manager leaves the one that it saw last
    choice(ABSENT, "Not on the router", Tone::Bad),
];

/// The state of a session that is in the intent and that its router does not know.
pub const ABSENT: &str = "absent";
/// The state of one that is up.
pub const ESTABLISHED: &str = "established";
/// Characters of what a router says went wrong.
pub const MOST_ERROR: u32 = 300;

pub(super) const STATUS: Field = one_of("status", SESSION_STATUS)
    .required()
    .default_text("enabled")
    .column()
    .filter()
    .group("Properties")
    .help("What we ask for; templates decide what becomes of it.");
pub(super) const SERVICE_REFERENCE: Field =
    text("service_reference", 255).nullable().search().help("Your ticket or order number.");
pub(super) const PASSWORD: Field = secret("password", 255)
    .nullable()
    .agreed()
    .help("TCP MD5 password (RFC 2385). Kept encrypted, never shown in changes.");
pub(super) const ENCRYPTED_PASSWORD: Field = secret("encrypted_password", 255).nullable().read_only().hidden();
pub(super) const TTL: Field =
    int("multihop_ttl", 1, 255).label_as("TTL").default_int(1).help("1 to 255; more than 1 is multihop.");
pub(super) const PASSIVE: Field = bool("passive").help("Wait for the peer to connect.");
pub(super) const BFD_PROFILE: Field = reference("bfd", &BFD)
    .label_as("BFD")
    .nullable()
    .on_delete(OnDelete::SetNull)
    .filter()
    .help("Find out within a second that the peer cannot be reached; none: only BGP's own timers.");
pub(super) const STATE: Field = one_of("bgp_state", BGP_STATE)
    .label_as("BGP state")
    .nullable()
    .read_only()
    .observed()
    .column()
    .filter()
    .group("Observed");
pub(super) const SINCE: Field = time("state_since")
    .label_as("Since")
    .nullable()
    .read_only()
    .observed()
    .own()
    .column()
    .help("Since when it is in this state, by the router's clock.");
/// Prefixes of all address families, as far as the router tells them.
const fn counts(name: &'static str) -> Field {
    int(name, 0, UINT).nullable().counted().read_only().observed()
}

pub(super) const RECEIVED: Field = counts("received_prefix_count").label_as("Received");
pub(super) const ACCEPTED: Field = counts("accepted_prefix_count").label_as("Accepted");
pub(super) const ADVERTISED: Field = counts("advertised_prefix_count").label_as("Advertised");
pub(super) const AVAILABILITY: Field = int("availability", 0, 100)
    .label_as("Availability %")
    .nullable()
    .read_only()
    .observed()
    .own()
    .help("Of the hours of the last week in which its router was asked, those at whose end it was established.");
pub(super) const LAST_ESTABLISHED: Field =
    time("last_established_state").label_as("Last established").nullable().read_only().observed();
pub(super) const LAST_ERROR: Field = text("last_error", MOST_ERROR)
    .nullable()
    .read_only()
    .observed()
    .own()
    .help("What the router said of it last, or why it is down.");
/// Counts for each address family, unknown ones null: a list of `{afi, safi, received, accepted, filtered, advertised, limit}`.
pub(super) const FAMILIES: Field = json("families").nullable().read_only().observed().own().hidden();
pub(super) const POLLED: Field =
    time("polled").label_as("As of").nullable().read_only().observed().own().help("When its router was asked last.");

/// A session's own policies are for its address family, or for all.
pub(super) fn policies_fit(session: &Record, facts: &dyn Facts, problems: &mut Problems) {
    let Some(ip) = session.get("ip_address").as_ip() else { return };
    let family = i64::from(family_of(ip));
    for name in [Direction::Import, Direction::Export].map(Direction::field) {
        let policies = session.of.field(name).and_then(|field| facts.follow(session, field)).unwrap_or_default();
        let other = |policy: &&Record| {
            !matches!(policy.int("address_family"), Some(0) | None) && policy.int("address_family") != Some(family)
        };
        let wrong: Vec<&str> = policies.iter().filter(other).map(|policy| policy.text("name")).collect();
        if !wrong.is_empty() {
            let other_family = if family == 4 { 6 } else { 4 };
            let are = if wrong.len() == 1 { "is" } else { "are" };
            problems.add(
                name,
                format!(
                    "{} {are} for IPv{other_family}, and the session is IPv{family}. Choose {} for IPv{family} or for all.",
                    wrong.join(", "),
                    in_sentence(ROUTING_POLICY.plural),
                ),
            );
        }
    }
}
