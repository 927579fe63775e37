//! What a field can hold. Interface, SQL, wire and templates match on [`Kind`]; nothing else about a field decides
//! how it is drawn, stored, typed or compared.

use crate::ObjectType;

/// The kind of content of a [`Field`](crate::Field).
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Bool,
    /// A whole number within bounds, both included. Where `names` has any, only those, and people see their names.
    Int {
        min: i64,
        max: i64,
        names: &'static [(i64, &'static str)],
    },
    /// A decimal number within bounds (latitude, longitude: degrees).
    Float {
        min: f64,
        max: f64,
    },
    /// One line of at most `max` characters.
    Text {
        max: u32,
    },
    /// Many lines. Peering Manager takes it for Markdown; here it is shown as it was typed.
    Markdown,
    /// A Jinja template's source.
    Template,
    /// ASCII letters, digits, `_` and `-`; made from another field while that is typed.
    Slug {
        from: &'static str,
    },
    /// An AS number, RFC 6793; `zero` where 0 stands for "none" (PeeringDB `ixlan.rs_asn`).
    Asn {
        zero: bool,
    },
    /// An address without prefix length. `family` 4 or 6 where only one is allowed, else 0.
    IpHost {
        family: u8,
    },
    /// An address with its prefix length; a bare address becomes /32 or /128.
    IpInterface {
        family: u8,
    },
    /// A prefix: host bits are zero.
    Prefix,
    /// EUI-48, printed as lower-case colon form.
    Mac,
    /// Six lower-case hex digits, without `#`.
    Colour,
    Url {
        max: u32,
    },
    Email,
    /// A moment, UTC, microseconds.
    Time,
    Choice(&'static [Choice]),
    /// Several of a set, in the set's spelling.
    Choices(&'static [Choice]),
    Reference {
        to: &'static ObjectType,
        on_delete: OnDelete,
    },
    /// Any number of another type's objects, in no order of their own.
    References {
        to: &'static ObjectType,
    },
    Json {
        object_only: bool,
    },
    IntList,
    TextList,
    /// Names of permissions, see [`crate::permit`].
    Permissions,
    /// Encrypted at rest; shown only to holders of `view_secrets`. At most `max` characters.
    Secret {
        max: u32,
    },
}

/// One value of a closed set.
#[derive(Debug)]
pub struct Choice {
    /// What is stored and what templates see.
    pub code: &'static str,
    pub label: &'static str,
    pub tone: Tone,
}

/// How a choice is coloured and shaped: `style/` has one mark for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Ok,
    Warn,
    Bad,
    Info,
    Plan,
    Mute,
    /// Asked for and not remarkable: a grey dot.
    Quiet,
    /// A plain word.
    None,
}

impl Tone {
    /// The CSS class of the mark; empty for a plain word.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Info => "info",
            Self::Plan => "plan",
            Self::Mute => "mute",
            Self::Quiet => "quiet",
            Self::None => "",
        }
    }
}

/// What becomes of a row when the row that it refers to is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// It goes as well.
    Cascade,
    /// It stands in the way.
    Protect,
    /// It stays, without the reference.
    SetNull,
}

pub const fn choice(code: &'static str, label: &'static str, tone: Tone) -> Choice {
    Choice { code, label, tone }
}

impl Kind {
    pub fn is_reference(&self) -> bool {
        matches!(self, Self::Reference { .. } | Self::References { .. })
    }

    /// The type that a reference leads to.
    pub fn target(&self) -> Option<&'static ObjectType> {
        match self {
            Self::Reference { to, .. } | Self::References { to } => Some(to),
            _ => None,
        }
    }

    pub fn choices(&self) -> Option<&'static [Choice]> {
        match self {
            Self::Choice(set) | Self::Choices(set) => Some(set),
            _ => None,
        }
    }

    /// Whether null and the empty text are both storable, so that "empty" must say which is meant.
    pub fn is_textual(&self) -> bool {
        matches!(
            self,
            Self::Text { .. }
                | Self::Markdown
                | Self::Template
                | Self::Slug { .. }
                | Self::Colour
                | Self::Url { .. }
                | Self::Email
                | Self::Choice(_)
        )
    }

    /// Numbers stand at the right of their column.
    pub fn is_numeric(&self) -> bool {
        matches!(self, Self::Int { names: [], .. } | Self::Float { .. })
    }

    /// Whether rows can be put in order by it.
    pub fn is_sortable(&self) -> bool {
        !matches!(
            self,
            Self::References { .. }
                | Self::Choices(_)
                | Self::Json { .. }
                | Self::IntList
                | Self::TextList
                | Self::Permissions
                | Self::Secret { .. }
        )
    }
}
