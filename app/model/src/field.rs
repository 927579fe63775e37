//! One field of an object type: the single place where a fact about it is written.
//!
//! Made by a `const fn` for its kind ([`text`], [`asn`], [`reference()`]...) and refined by chained methods. Everything
//! that draws, checks, stores or sends a field reads it here.

use crate::{
    Value,
    kind::{Choice, Kind, OnDelete},
    object::ObjectType,
};

/// The largest number that Peering Manager's database keeps in an unsigned field.
pub const UINT: i64 = 2_147_483_647;
/// The largest that ours does.
pub const COUNT: i64 = i64::MAX;

/// A field's description. Read-only: built once, in a `static`.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name everywhere: template attribute, JSON key, column (references store `<name>_id`).
    pub name: &'static str,
    /// What a person reads; empty: made from the name, see [`Field::label`].
    label: &'static str,
    /// One sentence for the person who fills it in.
    pub help: &'static str,
    pub kind: Kind,
    default: Default,
    flags: u32,
    /// Of a reference: a filter that says which objects are offered to choose from. Others can still be set by scripts.
    pub offers: &'static str,
    /// Starts a group of the form and of the detail page; later fields belong to it until the next.
    pub group: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
enum Default {
    Empty,
    Text(&'static str),
    Int(i64),
    Bool(bool),
}

const REQUIRED: u32 = 1;
const NULLABLE: u32 = 1 << 1;
const UNIQUE: u32 = 1 << 2;
const COLUMN: u32 = 1 << 3;
const SEARCH: u32 = 1 << 4;
const READ_ONLY: u32 = 1 << 5;
const COPY: u32 = 1 << 6;
const INTERNAL: u32 = 1 << 7;
const BRIEF: u32 = 1 << 8;
const FILTER: u32 = 1 << 9;
const HIDDEN: u32 = 1 << 10;
const CREDENTIAL: u32 = 1 << 11;
const SPAN: u32 = 1 << 12;
const INDEXED: u32 = 1 << 13;
const AGREED: u32 = 1 << 14;
const AUTHOR: u32 = 1 << 15;
const OBSERVED: u32 = 1 << 16;
const OWN: u32 = 1 << 17;
const COUNTED: u32 = 1 << 18;

macro_rules! flags {
    ($($(#[$doc:meta])* $set:ident $is:ident $flag:ident;)*) => {
        $(
            $(#[$doc])*
            #[must_use]
            pub const fn $set(mut self) -> Self { self.flags |= $flag; self }
            #[doc = concat!("Whether [`Field::", stringify!($set), "`] was said.")]
            pub const fn $is(&self) -> bool { self.flags & $flag != 0 }
        )*
    };
}

impl Field {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, label: "", help: "", kind, default: Default::Empty, flags: 0, offers: "", group: None }
    }

    flags! {
        /// Must not be empty.
        required is_required REQUIRED;
        /// May be null. A text that is neither required nor nullable may be empty instead.
        nullable is_nullable NULLABLE;
        /// No two rows have the same.
        unique is_unique UNIQUE;
        /// A column that a newcomer sees.
        column is_column COLUMN;
        /// Offered by the filter bar before one types.
        filter is_filter FILTER;
        /// Found by free text.
        search is_search SEARCH;
        /// Set by the system, not by people.
        read_only is_read_only READ_ONLY;
        /// Has a copy button.
        copy is_copy COPY;
        /// Never leaves the server (password hashes).
        internal is_internal INTERNAL;
        /// Travels with a mere reference to the object, beside what its label needs.
        brief is_brief BRIEF;
        /// Not drawn by the generic form and detail pages: another page shows it.
        hidden is_hidden HIDDEN;
        /// Lets the product in somewhere (a router's login): templates never see it, whoever renders.
        credential is_credential CREDENTIAL;
        /// A number of milliseconds that something took.
        span is_span SPAN;
        /// Has an index of its own, because the system itself looks for rows by it; others follow from the kind.
        indexed is_indexed INDEXED;
        /// A secret that is agreed with somebody else: forms offer to make one up.
        agreed is_agreed AGREED;
        /// A reference to the user who makes the object: set when it is stored.
        author is_author AUTHOR;
        /// What a router said of itself: written by the store's `observe` alone, without a version and without a change record, so
        /// that nobody's edit is overtaken by it; a rule may only clear it.
        observed is_observed OBSERVED;
        /// Peering Manager has no such field: a template that prints a whole object does not print it.
        own is_own OWN;
        /// A count that is not always known: null then. Peering Manager has 0 for that, and so have its templates and lists.
        counted is_counted COUNTED;
    }

    #[must_use]
    pub const fn label_as(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }

    #[must_use]
    pub const fn help(mut self, help: &'static str) -> Self {
        if cfg!(feature = "forms") {
            self.help = help;
        }
        self
    }

    #[must_use]
    pub const fn offers(mut self, filter: &'static str) -> Self {
        self.offers = filter;
        self
    }

    #[must_use]
    pub const fn group(mut self, group: &'static str) -> Self {
        self.group = Some(group);
        self
    }

    /// Value of a new record: a choice's code or a text.
    #[must_use]
    pub const fn default_text(mut self, text: &'static str) -> Self {
        self.default = Default::Text(text);
        self
    }

    #[must_use]
    pub const fn default_int(mut self, number: i64) -> Self {
        self.default = Default::Int(number);
        self
    }

    #[must_use]
    pub const fn default_on(mut self) -> Self {
        self.default = Default::Bool(true);
        self
    }

    /// Only for address kinds: 4 or 6.
    #[must_use]
    pub const fn family(mut self, family: u8) -> Self {
        self.kind = match self.kind {
            Kind::IpHost { .. } => Kind::IpHost { family },
            Kind::IpInterface { .. } => Kind::IpInterface { family },
            other => other,
        };
        self
    }

    /// Only for references: what becomes of this row when the other is deleted.
    #[must_use]
    pub const fn on_delete(mut self, on_delete: OnDelete) -> Self {
        if let Kind::Reference { to, .. } = self.kind {
            self.kind = Kind::Reference { to, on_delete };
        }
        self
    }

    /// What a person reads: as given, or the name in words ("ipv6 max prefixes" gives "IPv6 max prefixes").
    pub fn label(&self) -> String {
        if !self.label.is_empty() {
            return self.label.to_owned();
        }
        let words: Vec<&str> = self
            .name
            .split('_')
            .map(|word| match word {
                "asn" => "ASN",
                "as" => "AS",
                "bgp" => "BGP",
                "bfd" => "BFD",
                "id" => "ID",
                "ip" => "IP",
                "ipv4" => "IPv4",
                "ipv6" => "IPv6",
                "irr" => "IRR",
                "ix" => "IX",
                "ixp" => "IXP",
                "mac" => "MAC",
                "mtu" => "MTU",
                "peeringdb" => "PeeringDB",
                "ttl" => "TTL",
                "url" => "URL",
                "vlan" => "VLAN",
                other => other,
            })
            .collect();
        let mut label = words.join(" ");
        if let Some(first) = label.get(..1) {
            let upper = first.to_ascii_uppercase();
            label.replace_range(..1, &upper);
        }
        label
    }

    /// What a new record holds before anyone types.
    pub fn default_value(&self) -> Value {
        match self.default {
            Default::Text(text) => Value::text(text),
            Default::Int(number) => Value::Int(number),
            Default::Bool(on) => Value::Bool(on),
            Default::Empty => self.empty_value(),
        }
    }

    /// What "nothing" is for this field: null, the empty text, false or the empty list.
    pub fn empty_value(&self) -> Value {
        match self.kind {
            Kind::Bool if !self.is_nullable() => Value::Bool(false),
            Kind::References { .. } | Kind::IntList => Value::Ids([].into()),
            Kind::Choices(_) | Kind::TextList | Kind::Permissions => Value::Texts([].into()),
            kind if kind.is_textual() && !self.is_nullable() => Value::text(""),
            _ => Value::Null,
        }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) $kind:expr;)*) => {
        $($(#[$doc])* pub const fn $name(name: &'static str, $($arg: $ty),*) -> Field { Field::new(name, $kind) })*
    };
}

kinds! {
    bool() Kind::Bool;
    int(min: i64, max: i64) Kind::Int { min, max, names: &[] };
    /// One of some numbers, which people know by name.
    named(names: &'static [(i64, &'static str)]) Kind::Int { min: i64::MIN, max: i64::MAX, names };
    float(min: f64, max: f64) Kind::Float { min, max };
    text(max: u32) Kind::Text { max };
    markdown() Kind::Markdown;
    template() Kind::Template;
    /// `from`: the field that it is made from.
    slug(from: &'static str) Kind::Slug { from };
    asn() Kind::Asn { zero: false };
    asn_or_zero() Kind::Asn { zero: true };
    ip_host() Kind::IpHost { family: 0 };
    ip_interface() Kind::IpInterface { family: 0 };
    prefix() Kind::Prefix;
    mac() Kind::Mac;
    colour() Kind::Colour;
    url(max: u32) Kind::Url { max };
    email() Kind::Email;
    time() Kind::Time;
    choice(set: &'static [Choice]) Kind::Choice(set);
    choices(set: &'static [Choice]) Kind::Choices(set);
    /// Protects the other object from deletion unless [`Field::on_delete`] says otherwise.
    reference(to: &'static ObjectType) Kind::Reference { to, on_delete: OnDelete::Protect };
    references(to: &'static ObjectType) Kind::References { to };
    json() Kind::Json { object_only: false };
    json_object() Kind::Json { object_only: true };
    int_list() Kind::IntList;
    text_list() Kind::TextList;
    permissions() Kind::Permissions;
    secret(max: u32) Kind::Secret { max };
}
