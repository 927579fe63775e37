//! The size budgets: the one place where they stand. `make test` fails when one is passed.

use anyhow::{Result, ensure};

use crate::{
    dist::{Asset, Manifest},
    split::PART,
};

/// Bytes as they cross the network (brotli; fonts as they are) of all files with these roles together.
struct Budget {
    what: &'static str,
    /// One that ends with `_` means all that begin so.
    roles: &'static [&'static str],
    limit: u64,
    /// What the design asks for; beyond it is said aloud. Where it lies below the limit by much, the limit is what was
    /// reached so far: it may only fall.
    warn: u64,
}

const BUDGETS: [Budget; 8] = [
    Budget { what: "page with its inline style", roles: &["page"], limit: 12_000, warn: 10_000 },
    Budget { what: "main wasm", roles: &["wasm"], limit: 443_000, warn: 400_000 },
    // grows with every page; no visit waits for more than one of them
    Budget { what: "further parts of the interface (lazy)", roles: &[PART], limit: 583_500, warn: 400_000 },
    Budget { what: "glue and boot", roles: &["js", "theme"], limit: 25_000, warn: 22_000 },
    Budget { what: "style sheet", roles: &["css"], limit: 25_000, warn: 22_000 },
    Budget { what: "fonts", roles: &["font_sans", "font_mono"], limit: 90_000, warn: 90_000 },
    Budget { what: "editor (lazy)", roles: &["editor"], limit: 180_000, warn: 160_000 },
    Budget {
        what: "render worker with its wasm (lazy)",
        roles: &["worker", "worker_wasm"],
        limit: 545_000,
        warn: 300_000,
    },
];

/// Prints every budget beside what is used of it; fails when one is passed.
pub fn check(manifest: &Manifest) -> Result<()> {
    let mut passed = Vec::new();
    for budget in &BUDGETS {
        let used = used(budget, manifest.assets.iter().chain([&manifest.page]));
        let verdict = match used {
            _ if used > budget.limit => "TOO LARGE",
            _ if used > budget.warn => "more than wanted",
            _ => "ok",
        };
        println!("{:>8} of {:>7} bytes  {:<36} {verdict}", used, budget.limit, budget.what);
        if used > budget.limit {
            passed.push(budget.what);
        }
    }
    ensure!(passed.is_empty(), "over budget: {}", passed.join(", "));
    Ok(())
}

fn used<'a>(budget: &Budget, assets: impl Iterator<Item = &'a Asset>) -> u64 {
    let meant = |role: &str, asset: &Asset| asset.role == role || role.ends_with('_') && asset.role.starts_with(role);
    assets.filter(|asset| budget.roles.iter().any(|role| meant(role, asset))).map(|asset| asset.brotli).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(brotli: u64) -> Manifest {
        let asset = |role: &str, brotli| Asset { role: role.into(), path: String::new(), raw: 0, gzip: 0, brotli };
        Manifest {
            assets: vec![asset("worker", 1_000), asset("worker_wasm", brotli)],
            page: asset("page", 1),
            style_hashes: vec![],
        }
    }

    #[test]
    fn files_of_one_budget_are_added_up() {
        let budget = BUDGETS.iter().find(|budget| budget.roles.contains(&"worker_wasm")).unwrap();
        // beside the worker's own thousand bytes
        let room = budget.limit - 1_000;
        assert!(check(&manifest(room)).is_ok());
        let error = check(&manifest(room + 1)).expect_err("one byte over");
        assert_eq!(error.to_string(), format!("over budget: {}", budget.what));
    }
}
