//! What a new installation begins with, so that nobody has to type what everybody needs: groups to put people into, and the
//! platforms that routers usually run, with the names, slugs and drivers that Peering Manager gives them.
//!
//! What must stay true: an import from Peering Manager keeps the numbers that objects have there, so nothing here stands in
//! their way. Platforms that Peering Manager begins with as well have its numbers, and the import knows them as the same;
//! everything else is numbered from [`OURS`] on, where nobody over there has come yet.

use super::{Accounts, WHO, request_id, system};
use peerage_model::{
    Filter, ObjectType, Problem, Record, Value,
    permit::{Add, VIEW_SECRETS, View},
    types::{GROUP, PLATFORM},
};
use peerage_store::{Write, now};

/// The number of the first object that Peering Manager does not begin with.
const OURS: i64 = 1_001;

/// The groups that a new installation begins with: name, what they are for, permissions.
const FIRST_GROUPS: [(&str, &str, &[&str]); 2] = [
    ("Readers", "See everything but secrets and accounts", &["*.view_*", "devices.view_router_configuration"]),
    (
        "Peering team",
        "Do the daily work: see and change everything but accounts",
        &[
            "*.add_*",
            "*.change_*",
            "*.delete_*",
            "*.view_*",
            VIEW_SECRETS,
            "devices.view_router_configuration",
            "peeringdb.synchronise_network",
        ],
    ),
];

/// Number, name, slug, driver, how passwords are written. The first five as Peering Manager has them.
const FIRST_PLATFORMS: [(i64, &str, &str, &str, &str); 8] = [
    (1, "Arista EOS", "arista-eos", "eos", "arista-type7"),
    (2, "Juniper Junos", "juniper-junos", "junos", "juniper-type9"),
    (3, "Cisco IOS-XR", "cisco-iosxr", "iosxr", "cisco-type7"),
    (4, "Cisco NX-OS", "cisco-nxos", "nxos", "cisco-type7"),
    (5, "Cisco IOS", "cisco-ios", "ios", "cisco-type7"),
    (OURS, "FRR", "frr", "frr", ""),
    (OURS + 1, "BIRD", "bird", "bird", ""),
    (OURS + 2, "OpenBGPD", "openbgpd", "openbgpd", ""),
];

impl Accounts {
    /// Stores what a new installation begins with: of each kind only if there is none.
    pub(super) async fn begin(&self) -> Result<(), Problem> {
        let mut write = self.store.begin(&system(), &request_id()).await?;
        let groups = (OURS..).zip(FIRST_GROUPS).map(|(id, (name, about, permissions))| {
            numbered(&GROUP, id)
                .with("name", Value::text(name))
                .with("description", Value::text(about))
                .with("permissions", Value::Texts(permissions.iter().map(|name| (*name).into()).collect()))
        });
        first(&mut write, &GROUP, groups.collect()).await?;
        let now = Value::Time(now());
        let platforms = FIRST_PLATFORMS.map(|(id, name, slug, driver, algorithm)| {
            numbered(&PLATFORM, id)
                .with("name", Value::text(name))
                .with("slug", Value::text(slug))
                .with("napalm_driver", Value::text(driver))
                .with("password_algorithm", Value::text(algorithm))
                .with("created", now.clone())
                .with("updated", now.clone())
        });
        first(&mut write, &PLATFORM, platforms.to_vec()).await?;
        Ok(write.commit().await?)
    }
}

/// Whether it stands for what Peering Manager begins with as well: the same number, and the name that never changes.
pub fn is_shared(record: &Record) -> bool {
    record.of.is(&PLATFORM)
        && record.id < OURS
        && FIRST_PLATFORMS.iter().any(|(id, _, slug, ..)| *id == record.id && *slug == record.text("slug"))
}

/// Whether a new installation began with it, Peering Manager does not, and nobody has changed it.
pub fn is_only_ours(record: &Record) -> bool {
    let began = |(id, _, slug, driver, _): &(i64, &str, &str, &str, &str)| {
        *id == record.id && *slug == record.text("slug") && *driver == record.text("napalm_driver")
    };
    record.of.is(&PLATFORM) && record.id >= OURS && record.version == 1 && FIRST_PLATFORMS.iter().any(began)
}

/// Whether a change record says that a new installation began with it.
pub fn is_beginning(change: &Record) -> bool {
    change.text("user_name") == WHO && change.text("action") == "create"
}

fn numbered(of: &'static ObjectType, id: i64) -> Record {
    let mut record = Record::new(of);
    record.id = id;
    record
}

async fn first(write: &mut Write, of: &'static ObjectType, records: Vec<Record>) -> Result<(), Problem> {
    let who = system();
    if write.count(&who.permit::<View>(of)?, &Filter::default()).await? == 0 {
        write.adopt(&who.permit::<Add>(of)?, &records).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use peerage_devices::Platform;
    use peerage_model::permit::check_permission;
    use std::collections::HashSet;

    #[test]
    fn whatever_there_is_a_driver_for_can_be_chosen_at_once() {
        let drivers: HashSet<&str> = FIRST_PLATFORMS.iter().map(|(_, _, _, driver, _)| *driver).collect();
        for platform in Platform::ALL {
            assert!(drivers.contains(platform.driver_name()), "{platform}");
        }
    }

    #[test]
    fn the_first_groups_are_granted_what_there_is() {
        for (_, _, permissions) in FIRST_GROUPS {
            for permission in permissions {
                assert_eq!(check_permission(permission), Ok(()));
            }
        }
    }
}
