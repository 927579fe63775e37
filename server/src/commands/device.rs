//! `peerage device`: a router by itself.

use super::{engine, here::do_here, owner, print, router_named};
use crate::{
    cli::{Cli, Device},
    devices::host_keys,
    jobs::{Task, routers},
    keys, opening,
};
use anyhow::Context;
use peerage_devices::{HostKey, Platform, What, parse};
use peerage_model::{permit::View, types::ROUTER};

/// Does what was asked for.
///
/// # Errors
/// In words for the operator.
pub async fn run(cli: &Cli, command: &Device) -> anyhow::Result<()> {
    match command {
        Device::Parse { platform, what, files } => {
            let platform: Platform = platform.parse()?;
            let what: What = what.parse()?;
            let mut answers = Vec::new();
            for file in files {
                let text = std::fs::read_to_string(file).with_context(|| format!("the answer {}", file.display()))?;
                answers.push((file.display().to_string(), text));
            }
            let answers: Vec<(&str, &str)> =
                answers.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
            print(&serde_json::to_string_pretty(&parse(platform, what, &answers)?)?)
        }
        Device::Test { router, routers, working } => {
            let store = opening::open_existing(cli).await?;
            let router = router_named(&store, router).await?;
            let engine = engine(&store, routers, working)?;
            let reaching = engine.means().reaching.clone();
            let who = owner();
            let wanted = routers::wanted(&who, &router, routers::one(router.id));
            let heard = |line: &str| eprintln!("{line}");
            let run = |task: Task| async move { routers::test(&task, &reaching, &heard).await };
            let tested = do_here(&engine, &routers::TEST, wanted, run).await?.well();
            let seen = store.get(&owner().permit::<View>(&ROUTER)?, router.id).await?;
            if let Some(key) = seen.and_then(|seen| HostKey::parse(seen.text("offered_key")).ok()) {
                eprintln!(
                    "if it is its own: peerage device accept --router {} {}",
                    router.text("name"),
                    key.fingerprint()
                );
            }
            print(&tested?)
        }
        Device::Accept { router, fingerprint } => {
            let store = opening::open_existing(cli).await?;
            let router = router_named(&store, router).await?;
            let key = host_keys::accept(&store, &owner(), router.id, fingerprint, &keys::request_id()).await?;
            print(&format!("{} is known by {key} from now on", router.text("name")))
        }
    }
}
