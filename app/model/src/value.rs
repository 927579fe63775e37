//! What a field of a record holds. Small (24 bytes), cheap to clone, the same on the server and in the browser.
//!
//! A value does not know its field: how it is typed, printed and compared is the [`Kind`](crate::Kind)'s business.

use ipnet::IpNet;
use std::{net::IpAddr, sync::Arc};

/// One field's content. Which variants a field may hold follows from its [`Kind`](crate::Kind).
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing stored. Not the same as an empty text.
    #[default]
    Null,
    Bool(bool),
    /// Numbers, AS numbers and references (the id).
    Int(i64),
    Float(f64),
    /// Text, choice codes, slugs, colours, URLs, templates and secrets in clear.
    Text(Arc<str>),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Time(i64),
    /// An address without prefix length.
    Ip(IpAddr),
    /// An address with its prefix length (host bits kept), or a prefix (host bits zero).
    Net(IpNet),
    Mac([u8; 6]),
    /// Ids of a to-many reference, or a list of integers.
    Ids(Arc<[i64]>),
    /// Codes of a multiple choice, or a list of texts.
    Texts(Arc<[Arc<str>]>),
    Json(Arc<serde_json::Value>),
    /// A secret that is set but not shown to this reader. Writing it means "leave as it is".
    Hidden,
}

impl Value {
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Null, an empty text or an empty list: what a required field must not be.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::Ids(ids) => ids.is_empty(),
            Self::Texts(texts) => texts.is_empty(),
            _ => false,
        }
    }

    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(yes) = self { Some(*yes) } else { None }
    }

    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub fn as_time(&self) -> Option<i64> {
        if let Self::Time(micros) = self { Some(*micros) } else { None }
    }

    pub fn as_texts(&self) -> &[Arc<str>] {
        if let Self::Texts(texts) = self { texts } else { &[] }
    }

    pub fn as_ids(&self) -> &[i64] {
        if let Self::Ids(ids) = self { ids } else { &[] }
    }

    /// The host address of an [`Ip`](Self::Ip) or [`Net`](Self::Net).
    pub fn as_ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(*ip),
            Self::Net(net) => Some(net.addr()),
            _ => None,
        }
    }

    pub fn as_net(&self) -> Option<IpNet> {
        if let Self::Net(net) = self { Some(*net) } else { None }
    }
}
