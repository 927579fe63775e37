//! What can be attached to objects of several types: contacts, config contexts, journal entries. Peering Manager calls it a
//! generic relation: the key of the other object's type stands in one field, its number in another ([`crate::object::Attached`]).
//! The lists here say to which types; webhooks and export templates choose from them too.

use super::{
    AUTONOMOUS_SYSTEM, BFD, BGP_GROUP, COMMUNITY, CONFIG_CONTEXT, CONFIGURATION, CONNECTION, CONTACT, CONTACT_ROLE,
    DATA_SOURCE, DIRECT_SESSION, EMAIL, EXPORT_TEMPLATE, HIDDEN_PEER, HOST_KEY, INTERNET_EXCHANGE, IX_API, IX_SESSION,
    JOURNAL_ENTRY, PLATFORM, RELATIONSHIP, ROUTER, ROUTING_POLICY, TAG, WEBHOOK,
};
use crate::{Choice, Tone, kind::choice};

/// Types as choices: their key, and what a person reads. An array, not a slice, because a description that points at one must
/// not need its content.
macro_rules! list {
    ($(#[$doc:meta])* $name:ident: $($app:literal $model:literal $of:ident),*) => {
        $(#[$doc])*
        pub static $name: [Choice; [$($model),*].len()] =
            [$(choice(concat!($app, ".", $model), $of.name, Tone::None)),*];
    };
}

macro_rules! lists {
    ([$($contacted:tt)*] [$($described:tt)*] [$($exported:tt)*] [$($noted:tt)*]) => {
        list!(
            /// What has contacts.
            CONTACTED: $($contacted)*
        );
        list!(
            /// What has config contexts and sends webhooks: whatever has local context data.
            DESCRIBED: $($contacted)*, $($described)*
        );
        list!(
            /// What can be exported through a template.
            EXPORTED: $($contacted)*, $($described)*, $($exported)*
        );
        list!(
            /// What has a journal: everything that people edit, but for what is itself attached to something.
            NOTED: $($contacted)*, $($described)*, $($exported)*, $($noted)*
        );
    };
}

lists!(
    [
        "peering" "autonomoussystem" AUTONOMOUS_SYSTEM,
        "peering" "internetexchange" INTERNET_EXCHANGE
    ]
    [
        "peering" "internetexchangepeeringsession" IX_SESSION,
        "peering" "directpeeringsession" DIRECT_SESSION,
        "peering" "bgpgroup" BGP_GROUP,
        "peering" "routingpolicy" ROUTING_POLICY,
        "bgp" "community" COMMUNITY,
        "bgp" "relationship" RELATIONSHIP,
        "net" "bfd" BFD,
        "net" "connection" CONNECTION,
        "devices" "router" ROUTER,
        "devices" "platform" PLATFORM,
        "devices" "configuration" CONFIGURATION,
        "messaging" "contact" CONTACT,
        "messaging" "contactrole" CONTACT_ROLE,
        "messaging" "email" EMAIL,
        "core" "datasource" DATA_SOURCE
    ]
    ["extras" "journalentry" JOURNAL_ENTRY]
    [
        "extras" "tag" TAG,
        "extras" "configcontext" CONFIG_CONTEXT,
        "extras" "exporttemplate" EXPORT_TEMPLATE,
        "extras" "webhook" WEBHOOK,
        "extras" "ixapi" IX_API,
        "peeringdb" "hiddenpeer" HIDDEN_PEER,
        "devices" "hostkey" HOST_KEY
    ]
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ObjectType, Origin, registry};

    fn codes(list: &[Choice]) -> Vec<&str> {
        let mut codes: Vec<&str> = list.iter().map(|choice| choice.code).collect();
        codes.sort_unstable();
        codes
    }

    fn keys(which: impl Fn(&ObjectType) -> bool) -> Vec<String> {
        let mut keys: Vec<String> =
            registry::of_origin(Origin::Operator).filter(|of| which(of)).map(ObjectType::key).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn lists_of_types_are_complete() {
        assert_eq!(codes(&DESCRIBED), keys(|of| of.field("local_context_data").is_some()));
        assert_eq!(codes(&EXPORTED), keys(|of| of.field("tags").is_some()));
        let noted = |of: &ObjectType| of.attached.is_none() || of.is(&JOURNAL_ENTRY);
        assert_eq!(codes(&NOTED), keys(noted));
        for choice in &NOTED {
            assert_eq!(registry::get(choice.code).unwrap().name, choice.label);
        }
    }
}
