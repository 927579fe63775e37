//! AS numbers, RFC 6793, in the notations that people type (RFC 5396): `64500`, `AS64500`, `as1.10`.

use std::{fmt, str::FromStr};

/// An AS number, 1 to 4294967295 (0 only where a field allows it, see [`crate::Kind::Asn`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asn(pub u32);

/// Why a text is no AS number; says what to type instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AsnError {
    #[error("“{0}” is not an AS number. Type it as 64500, AS64500 or 1.10.")]
    Form(String),
    #[error("AS numbers end at 4294967295.")]
    Large,
    #[error("In the dotted form each part is 0 to 65535.")]
    Dotted,
}

impl FromStr for Asn {
    type Err = AsnError;

    fn from_str(text: &str) -> Result<Self, AsnError> {
        let trimmed = text.trim();
        let digits = match trimmed.get(..2) {
            Some(prefix) if prefix.eq_ignore_ascii_case("as") => trimmed[2..].trim_start(),
            _ => trimmed,
        };
        let number = |part: &str| -> Result<u64, AsnError> {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(AsnError::Form(trimmed.to_owned()));
            }
            part.parse().map_err(|_| AsnError::Large)
        };
        if let Some((high, low)) = digits.split_once('.') {
            let (high, low) = (number(high)?, number(low)?);
            if high > 0xffff || low > 0xffff {
                return Err(AsnError::Dotted);
            }
            return Ok(Self((high << 16 | low) as u32));
        }
        u32::try_from(number(digits)?).map(Self).map_err(|_| AsnError::Large)
    }
}

impl fmt::Display for Asn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AS{}", self.0)
    }
}

impl Asn {
    /// Reserved, documentation or private numbers (RFC 5398, 6996, 7300, 7607, and AS_TRANS of RFC 6793): PeeringDB has
    /// none of them.
    pub fn is_private(self) -> bool {
        matches!(self.0, 0 | 23456 | 64496..=131_071 | 4_200_000_000..=4_294_967_295)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notations_mean_the_same_number() {
        for text in ["65546", "AS65546", "as 65546", " 1.10 ", "AS1.10"] {
            assert_eq!(text.parse(), Ok(Asn(65546)), "{text}");
        }
    }

    #[test]
    fn refusals_say_what_to_type() {
        assert!(matches!("AS".parse::<Asn>(), Err(AsnError::Form(_))));
        assert!(matches!("-1".parse::<Asn>(), Err(AsnError::Form(_))));
        assert_eq!("4294967296".parse::<Asn>(), Err(AsnError::Large));
        assert_eq!("1.65536".parse::<Asn>(), Err(AsnError::Dotted));
    }

    #[test]
    fn private_ranges_are_those_of_the_reference() {
        for number in [0, 23456, 64496, 64512, 65535, 65536, 131_071, 4_200_000_000, u32::MAX] {
            assert!(Asn(number).is_private(), "{number}");
        }
        for number in [1, 64495, 131_072, 4_199_999_999] {
            assert!(!Asn(number).is_private(), "{number}");
        }
    }
}
