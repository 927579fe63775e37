//! What a new installation begins with, so that nobody has to type what everybody needs: groups to put people into, and the
//! platforms that routers usually run, with the names, slugs and drivers that Peering Manager gives them.

use super::{Accounts, request_id, system};
use peerage_model::{
    Filter, ObjectType, Problem, Record, Value,
    permit::{Add, VIEW_SECRETS, View},
    types::{GROUP, PLATFORM},
};
use peerage_store::Write;

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

/// Name, slug, driver, how passwords are written.
const FIRST_PLATFORMS: [(&str, &str, &str, &str); 5] = [
    ("Arista EOS", "arista-eos", "eos", "arista-type7"),
    ("Cisco IOS", "cisco-ios", "ios", "cisco-type7"),
    ("Cisco IOS-XR", "cisco-iosxr", "iosxr", "cisco-type7"),
    ("Cisco NX-OS", "cisco-nxos", "nxos", "cisco-type7"),
    ("Juniper Junos", "juniper-junos", "junos", "juniper-type9"),
];

impl Accounts {
    /// Stores what a new installation begins with: of each kind only if there is none.
    pub(super) async fn begin(&self) -> Result<(), Problem> {
        let mut write = self.store.begin(&system(), &request_id()).await?;
        let groups = FIRST_GROUPS.iter().map(|(name, about, permissions)| {
            Record::new(&GROUP)
                .with("name", Value::text(*name))
                .with("description", Value::text(*about))
                .with("permissions", Value::Texts(permissions.iter().map(|name| (*name).into()).collect()))
        });
        first(&mut write, &GROUP, groups.collect()).await?;
        let platforms = FIRST_PLATFORMS.iter().map(|(name, slug, driver, algorithm)| {
            Record::new(&PLATFORM)
                .with("name", Value::text(*name))
                .with("slug", Value::text(*slug))
                .with("napalm_driver", Value::text(*driver))
                .with("password_algorithm", Value::text(*algorithm))
        });
        first(&mut write, &PLATFORM, platforms.collect()).await?;
        Ok(write.commit().await?)
    }
}

async fn first(write: &mut Write, of: &'static ObjectType, records: Vec<Record>) -> Result<(), Problem> {
    let who = system();
    if write.count(&who.permit::<View>(of)?, &Filter::default()).await? == 0 {
        let permit = who.permit::<Add>(of)?;
        for record in records {
            write.insert(&permit, record).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use peerage_model::permit::check_permission;

    #[test]
    fn the_first_groups_are_granted_what_there_is() {
        for (_, _, permissions) in FIRST_GROUPS {
            for permission in permissions {
                assert_eq!(check_permission(permission), Ok(()));
            }
        }
    }
}
