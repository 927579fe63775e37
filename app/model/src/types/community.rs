//! A BGP community: standard (RFC 1997), extended (RFC 4360) or large (RFC 8092).

use super::{CREATED, DESCRIPTION, LOCAL_CONTEXT, NAME, SLUG, TAGS, UPDATED};
use crate::{
    Choice, Facts, ObjectType, Record, Tone,
    check::Problems,
    field::{self, text},
    kind::choice,
    object::object,
};
use std::net::Ipv4Addr;

/// Where a community is set.
static TYPE: &[Choice] = &[choice("egress", "Egress", Tone::None), choice("ingress", "Ingress", Tone::None)];

pub static COMMUNITY: ObjectType = object("bgp", "communities", "community")
    .called("Community", "Communities")
    .icon("tag")
    .label("{name}")
    .order(&["value", "name"])
    .about("A BGP community under a name. Sessions, groups, exchanges, networks, routers and policies carry communities, and templates read what a session has in all.")
    .checks(&[value_is_a_community])
    .fields(&[
        NAME.group("Community"),
        SLUG,
        text("value", 50).required().column().filter().search().brief().copy()
            .help("64500:100, target:64500:100, origin:192.0.2.1:5 or 64500:1:2."),
        field::choice("type", TYPE).nullable().column().filter().help("Whether it is set on what we send or on what we receive."),
        DESCRIPTION.column(),
        LOCAL_CONTEXT,
        TAGS,
        CREATED,
        UPDATED,
    ]);

/// Which of the three formats a value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommunityKind {
    /// RFC 1997: `ASN:NUMBER`, 16 bits each.
    Standard,
    /// RFC 4360: `target:` or `origin:` (RFC 4360, sections 4 and 5), an AS number or an IPv4 address, a number.
    Extended,
    /// RFC 8092: three numbers of 32 bits.
    Large,
}

impl CommunityKind {
    /// As Peering Manager calls it in JSON and templates.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Extended => "extended",
            Self::Large => "large",
        }
    }

    /// The kind of a value; none if it is no community.
    pub fn of(value: &str) -> Option<Self> {
        let parts: Vec<&str> = value.split(':').collect();
        match parts.as_slice() {
            [asn, number] => {
                let fits = within(asn, 1, 65_535) && within(number, 0, 65_535);
                fits.then_some(Self::Standard)
            }
            ["origin" | "target", administrator, number] => extended(administrator, number).then_some(Self::Extended),
            [asn, first, second] => {
                let most = u64::from(u32::MAX);
                let fits = within(asn, 1, most) && within(first, 0, most) && within(second, 0, most);
                fits.then_some(Self::Large)
            }
            _ => None,
        }
    }
}

/// An administrator of 32 bits (a four-octet AS number, RFC 5668, or an address) leaves 16 for the number.
fn extended(administrator: &str, number: &str) -> bool {
    let wide = match number_of(administrator) {
        Some(asn) => asn > 65_535,
        None if administrator.parse::<Ipv4Addr>().is_ok() => true,
        None => return false,
    };
    within(number, 1, if wide { 65_535 } else { u64::from(u32::MAX) })
}

fn number_of(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn within(text: &str, min: u64, max: u64) -> bool {
    number_of(text).is_some_and(|number| (min..=max).contains(&number))
}

fn value_is_a_community(record: &Record, _: &dyn Facts, problems: &mut Problems) {
    let value = record.text("value");
    if !value.is_empty() && CommunityKind::of(value).is_none() {
        problems.add(
            "value",
            "A community is meant: 64500:100 (both up to 65535), target:64500:100, origin:192.0.2.1:5, or 64500:1:2 (up to 4294967295 each).",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_formats_are_told_apart() {
        use CommunityKind::{Extended, Large, Standard};
        for (value, kind) in [
            ("1:1", Standard),
            ("65000:400", Standard),
            ("65535:0", Standard),
            ("1:0:0", Large),
            ("4294967295:4294967295:4294967295", Large),
            ("target:192.168.0.1:500", Extended),
            ("origin:64500:302", Extended),
            ("target:65535:4294967295", Extended),
            ("target:65536:65535", Extended),
        ] {
            assert_eq!(CommunityKind::of(value), Some(kind), "{value}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for value in [
            "65000",
            "65536:100",
            "65000:65536",
            "65000:-1",
            "65000:+1",
            "target:65000:5000000000",
            "target:65536:65536",
            "target:192.0.2.1:65536",
            "target:65000:0",
            "target::500",
            "65000:1:1:1",
            "0:1",
            "0:1:1",
            "4294967296:1:1",
            "both:1:1",
            " 1:1",
            "",
        ] {
            assert_eq!(CommunityKind::of(value), None, "{value}");
        }
    }
}
