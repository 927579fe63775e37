//! Addresses as Python's `ipaddress` module has them: hosts, interfaces, networks; and hardware addresses.
//!
//! Equality with text is false, order exists inside one family, a number can be added.

use crate::python::{
    arguments::{Args, as_int},
    collections::List,
    fault, text,
    time::{Date, Moment},
    type_name,
};
use ipnet::IpNet;
use minijinja::{
    Error, ErrorKind, State, Value,
    value::{DynObject, Enumerator, Object, ObjectRepr, Tuple},
};
use std::{cmp::Ordering, fmt, net::IpAddr, sync::Arc};

/// `IPv4Address`, `IPv4Interface`, `IPv4Network` and their siblings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    Host(IpAddr),
    Interface(IpNet),
    Network(IpNet),
}

impl Address {
    /// `ipaddress.ip_address`, else `ip_interface`.
    pub fn parse(text: &str) -> Option<Self> {
        let host = |text: &str| text.parse::<IpAddr>().ok();
        if let Some(ip) = host(text) {
            return Some(Self::Host(ip));
        }
        let (address, length) = text.split_once('/')?;
        let ip = host(address)?;
        let length = match host(length) {
            Some(mask) => mask_length(mask)?,
            None if length.len() <= 3 && !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit()) => {
                length.parse().ok()?
            }
            None => return None,
        };
        IpNet::new(ip, length).ok().map(Self::Interface)
    }

    pub fn ip(&self) -> IpAddr {
        match self {
            Self::Host(ip) => *ip,
            Self::Interface(net) => net.addr(),
            Self::Network(net) => net.network(),
        }
    }

    /// 4 or 6.
    pub fn version(&self) -> u8 {
        if self.ip().is_ipv4() { 4 } else { 6 }
    }

    fn net(&self) -> IpNet {
        match self {
            Self::Host(ip) => IpNet::from(*ip),
            Self::Interface(net) | Self::Network(net) => *net,
        }
    }

    /// `int(address)`.
    pub fn number(&self) -> u128 {
        number_of(self.ip())
    }

    fn class(&self) -> &'static str {
        match (self, self.version()) {
            (Self::Host(_), 4) => "IPv4Address",
            (Self::Host(_), _) => "IPv6Address",
            (Self::Interface(_), 4) => "IPv4Interface",
            (Self::Interface(_), _) => "IPv6Interface",
            (Self::Network(_), 4) => "IPv4Network",
            (Self::Network(_), _) => "IPv6Network",
        }
    }
}

fn mask_length(mask: IpAddr) -> Option<u8> {
    let IpAddr::V4(mask) = mask else { return None };
    let bits = u32::from(mask);
    let length = |bits: u32| {
        let ones = bits.leading_ones();
        (bits.count_ones() == ones).then_some(u8::try_from(ones).unwrap_or(32))
    };
    // a net mask, or a host mask
    length(bits).or_else(|| length(!bits))
}

fn number_of(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u32::from(ip).into(),
        IpAddr::V6(ip) => ip.into(),
    }
}

fn host_at(number: u128, version: u8) -> Option<IpAddr> {
    match version {
        4 => u32::try_from(number).ok().map(|bits| IpAddr::V4(bits.into())),
        _ => Some(IpAddr::V6(number.into())),
    }
}

fn exploded(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => ip.segments().map(|part| format!("{part:04x}")).join(":"),
    }
}

fn is_private(ip: IpAddr) -> bool {
    const PRIVATE: [&str; 28] = [
        "0.0.0.0/8",
        "10.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.0.170/31",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
        "255.255.255.255/32",
        "::1/128",
        "::/128",
        "::ffff:0:0/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "fc00::/7",
        "fe80::/10",
        "2001:10::/28",
        "2001:2::/48",
        "2001:4:112::/48",
    ];
    const PUBLIC: [&str; 8] = [
        "192.0.0.9/32",
        "192.0.0.10/32",
        "2001:1::1/128",
        "2001:1::2/128",
        "2001:3::/32",
        "2001:4:112::/48",
        "2001:20::/28",
        "2001:30::/28",
    ];
    let inside = |nets: &[&str]| nets.iter().any(|net| net.parse::<IpNet>().is_ok_and(|net| net.contains(&ip)));
    if let IpAddr::V6(v6) = ip
        && let Some(mapped) = v6.to_ipv4_mapped()
    {
        return is_private(IpAddr::V4(mapped));
    }
    inside(&PRIVATE) && !inside(&PUBLIC)
}

/// A quality that Python grants a network when both its ends have it.
fn is_private_net(address: &Address) -> bool {
    is_private(address.ip()) && (!matches!(address, Address::Network(_)) || is_private(address.net().broadcast()))
}

/// `address + n`, `address - n`; none where no address is involved.
///
/// # Errors
/// The result is no address.
pub fn shift(left: &Value, right: &Value, minus: bool) -> Result<Option<Value>, Error> {
    let Some(address) = left.downcast_object_ref::<Address>() else { return Ok(None) };
    let by = as_int(right)?;
    let by = i128::from(if minus { -by } else { by });
    let moved = number_of(address.ip()).checked_add_signed(by).and_then(|number| host_at(number, address.version()));
    // an interface is moved without its network
    let made = |ip| match address {
        Address::Interface(_) => Address::Interface(IpNet::from(ip)),
        _ => Address::Host(ip),
    };
    moved.map(|ip| Some(Value::from_object(made(ip)))).ok_or_else(|| fault("address out of range"))
}

/// Order of two addresses; none where they are something else.
///
/// # Errors
/// They belong to different families.
pub fn order(left: &Value, right: &Value) -> Result<Option<Ordering>, Error> {
    let micros = |value: &Value| {
        let moment = value.downcast_object_ref::<Moment>().map(|moment| (true, moment.micros));
        moment.or_else(|| value.downcast_object_ref::<Date>().map(|day| (false, day.0.micros)))
    };
    if let (Some((exact, a)), Some((other, b))) = (micros(left), micros(right))
        && exact == other
    {
        return Ok(Some(a.cmp(&b)));
    }
    let (Some(a), Some(b)) = (left.downcast_object_ref::<Address>(), right.downcast_object_ref::<Address>()) else {
        return Ok(None);
    };
    if a.version() != b.version() {
        return Err(fault(format!("{a} and {b} are not of the same version")));
    }
    Ok(Some(a.compare(b)))
}

/// `address in network`; none where the container is no network.
pub fn contains(container: &Value, item: &Value) -> Option<bool> {
    let Address::Network(net) = container.downcast_object_ref::<Address>()? else { return None };
    Some(item.downcast_object_ref::<Address>().is_some_and(|address| net.contains(&address.ip())))
}

impl Address {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Interface(a), Self::Interface(b)) => {
                a.network().cmp(&b.network()).then(a.prefix_len().cmp(&b.prefix_len())).then(a.addr().cmp(&b.addr()))
            }
            (a, b) => a.ip().cmp(&b.ip()).then(a.net().prefix_len().cmp(&b.net().prefix_len())),
        }
    }

    fn subnets(&self, args: &[Value]) -> Result<Value, Error> {
        let args = Args::bind("subnets", &["prefixlen_diff", "new_prefix"], 0, args)?;
        let net = self.net();
        let length = match args.get(1).filter(|value| !value.is_none()) {
            Some(value) => as_int(value)?,
            None => i64::from(net.prefix_len()) + args.int(0, 1)?,
        };
        let length = u8::try_from(length).map_err(|_| fault("new prefix must be longer"))?;
        let subnets = net.subnets(length).map_err(|_| fault("new prefix must be longer"))?;
        Ok(List::value(subnets.take(65_536).map(|net| Value::from_object(Self::Network(net))).collect()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(ip) => ip.fmt(f),
            Self::Interface(net) | Self::Network(net) => net.fmt(f),
        }
    }
}

impl Object for Address {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        match **self {
            Self::Network(_) => ObjectRepr::Iterable,
            _ => ObjectRepr::Plain,
        }
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let (ip, net) = (self.ip(), self.net());
        if let (Self::Network(_), Some(at)) = (&**self, key.as_i64()) {
            let from = if at < 0 { number_of(net.broadcast()).checked_add(1)? } else { number_of(net.network()) };
            let ip = host_at(from.checked_add_signed(at.into())?, self.version()).filter(|ip| net.contains(ip))?;
            return Some(Value::from_object(Self::Host(ip)));
        }
        let host = |ip: IpAddr| Some(Value::from_object(Self::Host(ip)));
        let is_host = matches!(**self, Self::Host(_));
        let v4 = match ip {
            IpAddr::V4(ip) => Some(ip),
            IpAddr::V6(_) => None,
        };
        let v6 = match ip {
            IpAddr::V6(ip) => Some(ip),
            IpAddr::V4(_) => None,
        };
        Some(match key.as_str()? {
            "version" => Value::from(self.version()),
            "compressed" => Value::from(self.to_string()),
            "exploded" if is_host => Value::from(exploded(ip)),
            "exploded" => Value::from(format!("{}/{}", exploded(ip), net.prefix_len())),
            "max_prefixlen" => Value::from(net.max_prefix_len()),
            "packed" | "ipv4_mapped" | "sixtofour" | "teredo" | "scope_id" if matches!(**self, Self::Network(_)) => {
                return None;
            }
            "packed" => Value::from_bytes(match ip {
                IpAddr::V4(ip) => ip.octets().to_vec(),
                IpAddr::V6(ip) => ip.octets().to_vec(),
            }),
            // of what is printed: Python takes the length of an interface's prefix along
            "reverse_pointer" => Value::from(match ip {
                IpAddr::V4(_) => {
                    self.to_string().split('.').rev().fold(String::new(), |out, part| format!("{out}{part}."))
                        + "in-addr.arpa"
                }
                IpAddr::V6(_) => {
                    let shown = if is_host { exploded(ip) } else { format!("{}/{}", exploded(ip), net.prefix_len()) };
                    let digits = shown.chars().rev().filter(|c| *c != ':');
                    digits.fold(String::new(), |out, digit| format!("{out}{digit}.")) + "ip6.arpa"
                }
            }),
            "is_private" => Value::from(is_private_net(self)),
            "is_global" => Value::from(
                !is_private_net(self) && !v4.is_some_and(|ip| ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64),
            ),
            "is_multicast" => Value::from(ip.is_multicast()),
            "is_loopback" => Value::from(ip.is_loopback()),
            "is_unspecified" => {
                Value::from(ip.is_unspecified() && (is_host || net.prefix_len() == net.max_prefix_len()))
            }
            "is_link_local" => Value::from(match ip {
                IpAddr::V4(ip) => ip.is_link_local(),
                IpAddr::V6(ip) => ip.segments()[0] & 0xffc0 == 0xfe80,
            }),
            "is_reserved" => Value::from(match ip {
                IpAddr::V4(ip) => ip.octets()[0] >= 240,
                IpAddr::V6(ip) => {
                    !matches!(ip.segments()[0], 0x2000..=0x3fff | 0xfc00..=0xfdff | 0xfe80..=0xfeff | 0xff00..=0xffff)
                }
            }),
            "is_site_local" if let Some(ip) = v6 => Value::from(ip.segments()[0] & 0xffc0 == 0xfec0),
            "ipv4_mapped" if v6.is_some() => match v6.and_then(|ip| ip.to_ipv4_mapped()) {
                Some(ip) => return host(IpAddr::V4(ip)),
                None => Value::from(()),
            },
            "sixtofour" if v6.is_some() => match v6.filter(|ip| ip.segments()[0] == 0x2002) {
                Some(ip) => {
                    let [_, high, low, ..] = ip.segments();
                    return host(IpAddr::V4(((u32::from(high) << 16) | u32::from(low)).into()));
                }
                None => Value::from(()),
            },
            // RFC 4380, section 4: server, and client with all bits turned
            "teredo" if v6.is_some_and(|ip| ip.segments()[..2] == [0x2001, 0]) => {
                let bits = v6.map(u128::from).unwrap_or_default();
                let part = |at: u32| u32::try_from(bits >> at & u128::from(u32::MAX)).unwrap_or_default();
                let address = |bits: u32| Value::from_object(Self::Host(IpAddr::V4(bits.into())));
                Value::from(Tuple::from(vec![address(part(64)), address(!part(0))]))
            }
            "teredo" | "scope_id" if v6.is_some() => Value::from(()),
            "ip" if matches!(**self, Self::Interface(_)) => return host(ip),
            "network" if matches!(**self, Self::Interface(_)) => Value::from_object(Self::Network(net.trunc())),
            "network_address" if matches!(**self, Self::Network(_)) => return host(net.network()),
            "broadcast_address" if matches!(**self, Self::Network(_)) => return host(net.broadcast()),
            "netmask" if !is_host => return host(net.netmask()),
            "hostmask" if !is_host => return host(net.hostmask()),
            "with_prefixlen" if !is_host => Value::from(self.to_string()),
            "with_netmask" if !is_host => Value::from(format!("{ip}/{}", net.netmask())),
            "with_hostmask" if !is_host => Value::from(format!("{ip}/{}", net.hostmask())),
            "prefixlen" if matches!(**self, Self::Network(_)) => Value::from(net.prefix_len()),
            "num_addresses" if matches!(**self, Self::Network(_)) => {
                let bits = u32::from(net.max_prefix_len() - net.prefix_len());
                Value::from(1u128.checked_shl(bits).unwrap_or(u128::MAX))
            }
            name @ ("hosts" | "subnets" | "supernet" | "overlaps" | "subnet_of" | "supernet_of")
                if matches!(**self, Self::Network(_)) =>
            {
                crate::python::methods::BoundMethod::value(Value::from_dyn_object(self.clone()), name)
            }
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let Self::Network(net) = **self else { return Enumerator::NonEnumerable };
        let (first, last, version) = (number_of(net.network()), number_of(net.broadcast()), self.version());
        let hosts = (first..=last).take(65_536).filter_map(move |number| host_at(number, version));
        Enumerator::Values(hosts.map(|ip| Value::from_object(Self::Host(ip))).collect())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(self: &Arc<Self>, _: &mut State<'_, '_>, method: &str, args: &[Value]) -> Result<Value, Error> {
        let Self::Network(net) = **self else { return Err(Error::from(ErrorKind::UnknownMethod)) };
        match method {
            "hosts" => {
                // the first address of an IPv6 network is the routers'
                let skipped = usize::from(!net.addr().is_ipv4() && net.prefix_len() < 127);
                let hosts = net.hosts().skip(skipped).take(65_536).map(|ip| Value::from_object(Self::Host(ip)));
                Ok(List::value(hosts.collect()))
            }
            "subnets" => self.subnets(args),
            "supernet" => {
                let args = Args::bind(method, &["prefixlen_diff", "new_prefix"], 0, args)?;
                if net.prefix_len() == 0 {
                    return Ok(Value::from_dyn_object(self.clone()));
                }
                let length = match args.get(1).filter(|value| !value.is_none()) {
                    Some(value) => as_int(value)?,
                    None => i64::from(net.prefix_len()) - args.int(0, 1)?,
                };
                let length = u8::try_from(length).map_err(|_| fault("prefix length out of range"))?;
                if length > net.prefix_len() {
                    return Err(fault("new prefix must be shorter"));
                }
                let net = IpNet::new(net.addr(), length).map_err(|_| fault("prefix length out of range"))?;
                Ok(Value::from_object(Self::Network(net.trunc())))
            }
            "overlaps" | "subnet_of" | "supernet_of" => {
                let args = Args::bind(method, &["other"], 1, args)?;
                let other = args.value(0).downcast_object_ref::<Self>();
                let other = other.filter(|other| matches!(other, Self::Network(_))).map(Self::net);
                let other = other.ok_or_else(|| fault(format!("'{}' is not a network", type_name(args.value(0)))))?;
                Ok(Value::from(match method {
                    "subnet_of" => other.contains(&net),
                    "supernet_of" => net.contains(&other),
                    _ => net.contains(&other.network()) || other.contains(&net.network()),
                }))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        if **self == *other {
            return Some(Ordering::Equal);
        }
        let rank = |address: &Self| (address.version(), matches!(address, Self::Host(_)));
        Some(rank(self).cmp(&rank(other)).then(self.compare(other)).then(Ordering::Less))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() { write!(f, "{}('{}')", self.class(), **self) } else { write!(f, "{}", **self) }
    }
}

/// The class of an address, for messages and for `class_name`.
pub fn class(value: &Value) -> Option<&'static str> {
    value
        .downcast_object_ref::<Address>()
        .map(Address::class)
        .or_else(|| value.downcast_object_ref::<Mac>().map(|_| "EUI"))
}

/// A hardware address, EUI-48.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mac(pub [u8; 6]);

impl Mac {
    /// Any of the usual spellings: six parts, three or two, or all digits together. Zeros in front may be left out.
    pub fn parse(text: &str) -> Option<Self> {
        let mark = text.chars().find(|c| matches!(c, ':' | '-' | '.'));
        let parts: Vec<&str> = mark.map_or_else(|| vec![text], |mark| text.split(mark).collect());
        let (least, width) = match (parts.len(), mark) {
            (6, Some(':' | '-')) => (1, 2),
            (3, Some(_)) => (1, 4),
            (2, Some('-')) => (5, 6),
            (1, None) => (11, 12),
            _ => return None,
        };
        let number = parts.iter().try_fold(0, |number, part| {
            let fits = (least..=width).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit());
            fits.then_some(())?;
            Some((number << (4 * width)) | i64::from_str_radix(part, 16).ok()?)
        })?;
        Some(Self::from_number(number))
    }

    /// Of the last 48 bits.
    pub fn from_number(number: i64) -> Self {
        let [_, _, bytes @ ..] = number.to_be_bytes();
        Self(bytes)
    }

    /// `cisco`, `bare`, or colons for any other style.
    pub fn styled(&self, style: &str) -> String {
        let bytes = self.0.map(|byte| format!("{byte:02x}"));
        match style {
            "bare" => bytes.concat(),
            "cisco" => bytes.chunks(2).map(|pair| pair.concat()).collect::<Vec<_>>().join("."),
            _ => bytes.join(":"),
        }
    }
}

impl Object for Mac {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let number = self.0.iter().fold(0u64, |number, byte| (number << 8) | u64::from(*byte));
        Some(match key.as_str()? {
            "words" => Value::from(Tuple::from(self.0.map(Value::from).to_vec())),
            "value" => Value::from(number),
            "oui" => Value::from(self.0[..3].iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join("-")),
            "version" => Value::from(48),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.0.cmp(&other.downcast_ref::<Self>()?.0))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let colons = self.styled("");
        if f.alternate() { write!(f, "EUI({})", text::quoted(&colons)) } else { f.write_str(&colons) }
    }
}
