//! All types. A new object type is its file in `types/`, one line here and a migration.

use crate::{ObjectType, Origin, filter::nearest, object::Attached, peeringdb, types};

/// Every type, in the order in which rows can be written: what is referred to comes before what refers to it (but for
/// references that may be null).
pub static TYPES: &[&ObjectType] = &[
    &peeringdb::ORGANIZATION,
    &peeringdb::CAMPUS,
    &peeringdb::FACILITY,
    &peeringdb::CARRIER,
    &peeringdb::CARRIER_FACILITY,
    &peeringdb::NETWORK,
    &peeringdb::EXCHANGE,
    &peeringdb::EXCHANGE_FACILITY,
    &peeringdb::IXLAN,
    &peeringdb::IXLAN_PREFIX,
    &peeringdb::NETWORK_FACILITY,
    &peeringdb::NETWORK_IXLAN,
    &peeringdb::NETWORK_CONTACT,
    &peeringdb::SYNCHRONISATION,
    &peeringdb::CURSOR,
    &peeringdb::REJECTED,
    &peeringdb::UPSTREAM_CHANGE,
    &types::TAG,
    &types::DATA_SOURCE,
    &types::DATA_FILE,
    &types::CONFIG_CONTEXT,
    &types::EXPORT_TEMPLATE,
    &types::WEBHOOK,
    &types::IX_API,
    &types::CONTACT_ROLE,
    &types::CONTACT,
    &types::EMAIL,
    &types::COMMUNITY,
    &types::RELATIONSHIP,
    &types::BFD,
    &types::ROUTING_POLICY,
    &types::AUTONOMOUS_SYSTEM,
    &types::GROUP,
    &types::USER,
    &types::TOKEN,
    &types::SIGN_IN,
    &types::SAVED_VIEW,
    &types::PREFERENCES,
    &types::JOB,
    &types::JOB_LINE,
    &types::SCHEDULE,
    &types::PLATFORM,
    &types::CONFIGURATION,
    &types::ROUTER,
    &types::HOST_KEY,
    &types::PUSH,
    &types::INTERNET_EXCHANGE,
    &types::CONNECTION,
    &types::BGP_GROUP,
    &types::IX_SESSION,
    &types::DIRECT_SESSION,
    &types::SESSION_TRANSITION,
    &types::SESSION_HISTORY,
    &types::HIDDEN_PEER,
    &types::CONFIG_CONTEXT_ASSIGNMENT,
    &types::CONTACT_ASSIGNMENT,
    &types::JOURNAL_ENTRY,
    &types::CHANGE,
    &types::WEBHOOK_DELIVERY,
];

/// A type by its key, `peering.autonomoussystem`.
///
/// # Errors
/// A sentence naming the nearest known key.
pub fn get(key: &str) -> Result<&'static ObjectType, String> {
    TYPES.iter().copied().find(|of| of.key() == key).ok_or_else(|| {
        let keys: Vec<String> = TYPES.iter().map(|of| of.key()).collect();
        match nearest(key, keys.iter().map(String::as_str)) {
            Some(near) => format!("There is no type “{key}”. The nearest is {near}."),
            None => format!("There is no type “{key}”."),
        }
    })
}

/// A type by its place in the address bar: `peering`, `autonomous-systems`.
pub fn by_path(app: &str, path: &str) -> Option<&'static ObjectType> {
    TYPES.iter().copied().find(|of| of.app == app && of.path == path)
}

pub fn of_origin(origin: Origin) -> impl Iterator<Item = &'static ObjectType> {
    TYPES.iter().copied().filter(move |of| of.origin == origin)
}

/// Types whose objects can be attached to those of a type; see [`crate::object::Attached`].
pub fn attachable(to: &'static ObjectType) -> impl Iterator<Item = (&'static ObjectType, &'static Attached)> {
    TYPES.iter().copied().filter_map(move |of| {
        let attached = of.attached?;
        let takes = of.field(attached.of)?.kind.choices()?.iter().any(|choice| is_named(to, choice.code));
        takes.then_some((of, attached))
    })
}

/// Whether that is the type's key.
pub fn is_named(of: &ObjectType, key: &str) -> bool {
    key.split_once('.') == Some((of.app, of.model))
}

/// Which fields of which types lead here: related lists, deletion, reverse sets in templates.
pub fn referring(to: &'static ObjectType) -> impl Iterator<Item = (&'static ObjectType, &'static crate::Field)> {
    TYPES.iter().copied().flat_map(move |of| {
        of.fields
            .iter()
            .filter(move |field| field.kind.target().is_some_and(|target| target.is(to)))
            .map(move |f| (of, f))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Filter, Kind, Record, Sort, check::check_value, filter::Path, label};

    #[test]
    fn descriptions_are_consistent() {
        for (at, of) in TYPES.iter().enumerate() {
            assert!(!of.name.is_empty() && !of.plural.is_empty() && !of.about.is_empty(), "{}", of.key());
            assert!(TYPES[..at].iter().all(|other| other.key() != of.key() && other.list_path() != of.list_path()));
            for (at, field) in of.fields.iter().enumerate() {
                let place = format!("{}.{}", of.key(), field.name);
                assert!(of.fields[..at].iter().all(|other| other.name != field.name), "{place} stands twice");
                assert!(!matches!(field.name, "id" | "version" | "search"), "{place} is a system column");
                if let Kind::Reference { to, .. } = field.kind {
                    assert!(field.is_required() || field.is_nullable(), "{place} is neither required nor nullable");
                    assert!(TYPES.iter().any(|of| of.is(to)), "{place} leads to an unlisted type");
                }
                if let Some(to) = field.kind.target() {
                    let (_, problems) = Filter::parse(to, field.offers);
                    assert!(problems.is_empty(), "{place} offers what cannot be filtered: {problems:?}");
                }
                if field.is_author() {
                    assert!(field.kind.target().is_some_and(|to| to.is(&types::USER)), "{place} leads to no author");
                }
                if let Kind::Slug { from } = field.kind {
                    assert!(of.field(from).is_some(), "{place} is made from nothing");
                }
                let default = field.default_value();
                if !default.is_empty() {
                    assert_eq!(check_value(field, &default), Ok(()), "{place}");
                }
            }
            if let Some(attached) = of.attached {
                assert!(of.field(attached.of).is_some_and(|field| field.kind.choices().is_some()), "{}", of.key());
                assert!(of.attached_id().is_some_and(|field| matches!(field.kind, Kind::Int { .. })), "{}", of.key());
            }
            for unique in of.unique {
                for name in unique.fields {
                    assert!(of.field(name).is_some(), "{}: {name}", unique.name);
                }
                let seen = of.field(unique.at).is_some_and(|at| !at.is_hidden() && !at.is_internal());
                assert!(seen || !of.origin.is_edited(), "{} is told where nobody sees it", unique.name);
            }
        }
    }

    #[test]
    fn what_a_form_asks_is_explained() {
        let mut without = Vec::new();
        for of in TYPES.iter().filter(|of| of.origin.is_edited()) {
            assert!(!of.about.is_empty(), "{} is not explained", of.key());
            let asked = |field: &&crate::Field| !field.is_read_only() && !field.is_internal() && !field.is_hidden();
            let silent = of.fields.iter().filter(asked).filter(|field| field.help.is_empty());
            without.extend(silent.map(|field| format!("{}.{}", of.key(), field.name)));
        }
        assert!(without.is_empty(), "without help: {without:#?}");
    }

    #[test]
    fn labels_and_orders_name_known_fields() {
        for of in TYPES {
            for path in label::paths(of.label).filter(|path| *path != "id") {
                assert!(Path::parse(of, path).is_ok(), "{}: {path}", of.key());
            }
            for order in of.order {
                assert!(Sort::parse(of, order).is_ok(), "{}: {order}", of.key());
            }
            assert!(!label::label(&Record::new(of), &()).is_empty());
        }
    }

    #[test]
    fn an_unknown_type_names_the_nearest() {
        assert!(get("peering.autonomoussytem").unwrap_err().contains("peering.autonomoussystem"));
    }
}
