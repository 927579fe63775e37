//! Addresses and prefixes: parsing with a message that helps, and the sortable key that both databases and the browser
//! order and search by.

use ipnet::IpNet;
use std::net::IpAddr;

/// An address without prefix length. `family` 4, 6 or 0 for either.
///
/// # Errors
/// A sentence for the person, saying what to type.
pub fn parse_host(text: &str, family: u8) -> Result<IpAddr, String> {
    let text = text.trim();
    let bare = text.split_once('/').map_or(text, |(address, _)| address);
    let ip: IpAddr = bare.parse().map_err(|_| format!("“{text}” is not an address. {}", example(family, "")))?;
    fits(ip, family)?;
    Ok(ip)
}

/// An address with its prefix length; a bare address gets the full length.
///
/// # Errors
/// A sentence for the person, saying what to type.
pub fn parse_interface(text: &str, family: u8) -> Result<IpNet, String> {
    let text = text.trim();
    let net = if text.contains('/') { text.parse().ok() } else { text.parse::<IpAddr>().ok().map(IpNet::from) };
    let net = net.ok_or_else(|| format!("“{text}” is not an address. {}", example(family, "/24")))?;
    fits(net.addr(), family)?;
    Ok(net)
}

/// A prefix without host bits.
///
/// # Errors
/// A sentence for the person; names the prefix that was probably meant.
pub fn parse_prefix(text: &str) -> Result<IpNet, String> {
    let net = parse_interface(text, 0)?;
    if net.addr() == net.network() {
        Ok(net)
    } else {
        Err(format!("{net} has host bits set. The prefix is {}.", net.trunc()))
    }
}

/// The other end of a link that has room for two: of a /31 or /127 its other address, of a /30 or /126 the other host.
pub fn other_end(end: IpNet) -> Option<IpNet> {
    let spare = end.max_prefix_len() - end.prefix_len();
    let flip = match spare {
        1 => 1,
        2 => 3,
        _ => return None,
    };
    let last = match end.addr() {
        IpAddr::V4(ip) => u32::from(ip) & 3,
        IpAddr::V6(ip) => u32::try_from(u128::from(ip) & 3).unwrap_or_default(),
    };
    // the first and the last address of four are no hosts
    if spare == 2 && matches!(last, 0 | 3) {
        return None;
    }
    let other = match end.addr() {
        IpAddr::V4(ip) => IpAddr::from(std::net::Ipv4Addr::from(u32::from(ip) ^ flip)),
        IpAddr::V6(ip) => IpAddr::from(std::net::Ipv6Addr::from(u128::from(ip) ^ u128::from(flip))),
    };
    IpNet::new(other, end.prefix_len()).ok()
}

/// An address with the prefix length of another one on the same LAN; none where it is not on it.
pub fn on_the_lan_of(ip: IpAddr, own: IpNet) -> Option<IpNet> {
    own.contains(&ip).then(|| IpNet::new(ip, own.prefix_len()).ok())?
}

fn fits(ip: IpAddr, family: u8) -> Result<(), String> {
    if family == 0 || family == family_of(ip) {
        Ok(())
    } else {
        Err(format!("{ip} is an IPv{} address; here an IPv{family} address is meant.", family_of(ip)))
    }
}

fn example(family: u8, suffix: &str) -> String {
    match (family, suffix) {
        (6, "") => "Type it like 2001:db8::1.".to_owned(),
        (6, _) => "Type it like 2001:db8::1/64.".to_owned(),
        (4, _) => format!("Type it like 192.0.2.1{suffix}."),
        (_, "") => "Type it like 192.0.2.1 or 2001:db8::1.".to_owned(),
        _ => "Type it like 192.0.2.1/24 or 2001:db8::1/64.".to_owned(),
    }
}

/// That of an address family, of the two (IPv4 first): [`crate::types::CONNECTION_ADDRESSES`], say.
pub fn of_family<T: Copy>(both: [T; 2], family: u8) -> T {
    both[usize::from(family == 6)]
}

/// 4 or 6.
pub fn family_of(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 4 } else { 6 }
}

/// A text that orders as addresses do: all of IPv4 before IPv6, then by number. `4c0000201`, `620010db8...`.
pub fn host_key(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => format!("4{:08x}", u32::from(ip)),
        IpAddr::V6(ip) => format!("6{:032x}", u128::from(ip)),
    }
}

/// As [`host_key`], then the prefix length: `4c0000201/24`.
pub fn net_key(net: IpNet) -> String {
    format!("{}/{:03}", host_key(net.addr()), net.prefix_len())
}

/// Keys between which every address (and more specific prefix) inside `net` lies, both included.
pub fn key_range(net: IpNet) -> (String, String) {
    (host_key(net.network()), format!("{}/999", host_key(net.broadcast())))
}

/// Why no session can be with an address, whatever the network: it is the unspecified one (RFC 4291, 2.5.2), one of the machine
/// itself, or of a group (multicast).
pub fn no_host(ip: IpAddr) -> Option<&'static str> {
    if ip.is_unspecified() {
        Some("the unspecified address")
    } else if ip.is_loopback() {
        Some("a loopback address")
    } else if ip.is_multicast() {
        Some("a multicast address")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn keys_order_like_addresses(a: IpAddr, b: IpAddr) {
            prop_assert_eq!(host_key(a).cmp(&host_key(b)), a.cmp(&b));
        }

        #[test]
        fn containment_is_a_range_of_keys(ip: std::net::Ipv4Addr, other: std::net::Ipv4Addr, length in 0u8..=32) {
            let net = IpNet::new(other.into(), length).unwrap();
            let (low, high) = key_range(net);
            let key = host_key(ip.into());
            prop_assert_eq!(net.contains(&IpAddr::V4(ip)), low <= key && key <= high);
        }
    }

    #[test]
    fn a_link_of_two_has_another_end() {
        for (end, other) in [
            ("192.0.2.0/31", Some("192.0.2.1/31")),
            ("192.0.2.1/31", Some("192.0.2.0/31")),
            ("192.0.2.5/30", Some("192.0.2.6/30")),
            ("192.0.2.6/30", Some("192.0.2.5/30")),
            ("192.0.2.4/30", None),
            ("192.0.2.7/30", None),
            ("192.0.2.1/29", None),
            ("192.0.2.1/32", None),
            ("2001:db8::/127", Some("2001:db8::1/127")),
            ("2001:db8::2/126", Some("2001:db8::1/126")),
            ("2001:db8::1/64", None),
        ] {
            let found = other_end(end.parse().unwrap()).map(|net| net.to_string());
            assert_eq!(found.as_deref(), other, "{end}");
        }
    }

    #[test]
    fn messages_say_how_to_mend_it() {
        assert_eq!(
            parse_host("2001:db8::1", 4).unwrap_err(),
            "2001:db8::1 is an IPv6 address; here an IPv4 address is meant."
        );
        assert_eq!(
            parse_prefix("192.0.2.1/24").unwrap_err(),
            "192.0.2.1/24 has host bits set. The prefix is 192.0.2.0/24."
        );
        assert!(parse_interface("192.0.2.256", 4).unwrap_err().contains("192.0.2.1/24"));
    }

    #[test]
    fn host_drops_a_prefix_length() {
        assert_eq!(parse_host("192.0.2.1/24", 0), Ok("192.0.2.1".parse().unwrap()));
    }
}
