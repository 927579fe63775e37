//! A kind of object, described as data: its names, its fields, what must be true of them, how it is told in words.
//!
//! Written as one `static` in `types/` or `peeringdb/` and listed in [`crate::registry`]; nothing else is needed for it
//! to have lists, forms, filters, SQL, server functions and template attributes.

use crate::{Facts, Field, Record, check::Problems, kind::Kind};

/// A kind of object. Compared by address: there is one of each.
#[derive(Debug)]
pub struct ObjectType {
    /// The application that it belongs to in Peering Manager's paths and permissions: `peering`, `devices`...
    pub app: &'static str,
    /// Its plural in paths: `autonomous-systems`.
    pub path: &'static str,
    /// Its name in content types and permissions: `autonomoussystem`.
    pub model: &'static str,
    /// What a person reads, one of them and many.
    pub name: &'static str,
    pub plural: &'static str,
    /// Symbol of the icon sprite, without `i-`.
    pub icon: &'static str,
    pub origin: Origin,
    /// It holds what opens doors elsewhere: who may look at everything may not look at it without being named.
    pub is_guarded: bool,
    pub fields: &'static [Field],
    pub unique: &'static [Unique],
    pub checks: &'static [Check],
    /// What leads from its objects to those, of several types, that they are attached to.
    pub attached: Option<&'static Attached>,
    /// Sets what follows from other fields, whenever somebody has changed some.
    pub settled: Option<fn(&mut Record)>,
    /// Natural text, see [`crate::label`].
    pub label: &'static str,
    /// Default order of lists and query sets: field paths, `-` for descending.
    pub order: &'static [&'static str],
    /// What it is and why one would want it, for an empty list.
    pub about: &'static str,
}

/// Whose data it is; decides who writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// People edit it; changes are recorded.
    Operator,
    /// A row of the PeeringDB cache: ids and times are PeeringDB's, only a synchronisation writes it.
    PeeringDb,
    /// What the system notes of its own work, for everybody to read: changes, synchronisations.
    Note,
    /// Who may sign in and what they may do: administrators edit it, changes are recorded, templates do not see it.
    Account,
    /// The system's own and nobody else's: tokens, sign-ins.
    System,
}

impl Origin {
    /// Whether people edit it, in the forms and lists of the interface, with a record of every change.
    pub const fn is_edited(self) -> bool {
        matches!(self, Self::Operator | Self::Account)
    }
}

/// No two rows have the same combination of these fields.
#[derive(Debug)]
pub struct Unique {
    /// The constraint's name in the database.
    pub name: &'static str,
    pub fields: &'static [&'static str],
    /// What to say when it is refused, and what to do...
    pub message: &'static str,
    /// ... at this field, which people see.
    pub at: &'static str,
}

/// Objects that are attached to objects of several types: contacts of a network or of an exchange. The key of the other's type
/// stands in one field, its number in another; the store keeps them together.
#[derive(Debug)]
pub struct Attached {
    /// The field with the key of the other object's type.
    pub of: &'static str,
    /// The field with the other object's number.
    pub id: &'static str,
    /// What the other object is called, seen from here.
    pub object: &'static str,
    /// What these are called together, seen from the other object. Templates know them by this name.
    pub set: &'static str,
}

impl Attached {
    /// What they are called in a heading: "Config contexts".
    pub fn label(&self) -> String {
        let words = self.set.replace('_', " ");
        let mut letters = words.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    }
}

/// A rule over several fields of one record, and of those around it.
pub type Check = fn(&Record, &dyn Facts, &mut Problems);

/// Begins a description. `app` and `model` together are the content type that Peering Manager uses.
pub const fn object(app: &'static str, path: &'static str, model: &'static str) -> ObjectType {
    ObjectType {
        app,
        path,
        model,
        name: "",
        plural: "",
        icon: "file",
        origin: Origin::Operator,
        is_guarded: false,
        fields: &[],
        unique: &[],
        checks: &[],
        attached: None,
        settled: None,
        label: "",
        order: &[],
        about: "",
    }
}

impl ObjectType {
    #[must_use]
    pub const fn called(mut self, name: &'static str, plural: &'static str) -> Self {
        self.name = name;
        self.plural = plural;
        self
    }

    #[must_use]
    pub const fn icon(mut self, icon: &'static str) -> Self {
        self.icon = icon;
        self
    }

    #[must_use]
    pub const fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    #[must_use]
    pub const fn guarded(mut self) -> Self {
        self.is_guarded = true;
        self
    }

    #[must_use]
    pub const fn fields(mut self, fields: &'static [Field]) -> Self {
        self.fields = fields;
        self
    }

    #[must_use]
    pub const fn unique(mut self, unique: &'static [Unique]) -> Self {
        self.unique = unique;
        self
    }

    #[must_use]
    pub const fn checks(mut self, checks: &'static [Check]) -> Self {
        if cfg!(feature = "forms") {
            self.checks = checks;
        }
        self
    }

    #[must_use]
    pub const fn attached(mut self, attached: &'static Attached) -> Self {
        self.attached = Some(attached);
        self
    }

    #[must_use]
    pub const fn settled(mut self, settled: fn(&mut Record)) -> Self {
        if cfg!(feature = "forms") {
            self.settled = Some(settled);
        }
        self
    }

    #[must_use]
    pub const fn label(mut self, label: &'static str) -> Self {
        self.label = label;
        self
    }

    #[must_use]
    pub const fn order(mut self, order: &'static [&'static str]) -> Self {
        self.order = order;
        self
    }

    #[must_use]
    pub const fn about(mut self, about: &'static str) -> Self {
        if cfg!(feature = "forms") {
            self.about = about;
        }
        self
    }

    /// `peering.autonomoussystem`: its name on the wire, in change records and permissions.
    pub fn key(&self) -> String {
        format!("{}.{}", self.app, self.model)
    }

    /// `peering_autonomoussystem`.
    pub fn table(&self) -> String {
        format!("{}_{}", self.app, self.model)
    }

    /// `/peering/autonomous-systems`: where the interface shows its list.
    pub fn list_path(&self) -> String {
        format!("/{}/{}", self.app, self.path)
    }

    /// `/peering/autonomous-systems/12`.
    pub fn object_path(&self, id: i64) -> String {
        format!("/{}/{}/{id}", self.app, self.path)
    }

    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Fields that lead to exactly one other object.
    pub fn references(&self) -> impl Iterator<Item = (&'static Field, &'static ObjectType)> {
        self.fields.iter().filter_map(|field| match field.kind {
            Kind::Reference { to, .. } => Some((field, to)),
            _ => None,
        })
    }

    /// The field with the number of the object that one of these is attached to.
    pub fn attached_id(&self) -> Option<&'static Field> {
        self.attached.and_then(|attached| self.field(attached.id))
    }

    pub fn is(&self, other: &ObjectType) -> bool {
        std::ptr::eq(self, other)
    }
}

impl PartialEq for ObjectType {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}
impl Eq for ObjectType {}
