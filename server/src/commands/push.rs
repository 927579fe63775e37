//! `peerage push`: shows what would change on a router, asks, and brings it there. Every step is said as it comes.

use super::{engine, here::do_here, owner, print, router_named};
use crate::{
    cli::{Cli, Push},
    devices::push::{self, Order},
    jobs::{Engine, JobKind, Task, routers},
    opening,
};
use anyhow::{Context, bail};
use peerage_model::{
    Record, Value,
    permit::View,
    types::{PUSH, PushOutcome},
};
use peerage_store::Store;
use std::{
    io::{self, BufRead, IsTerminal, Write},
    sync::Arc,
};

/// Checks, asks and pushes.
///
/// # Errors
/// It was not pushed, or was taken back: why, in words.
pub async fn push(cli: &Cli, arguments: &Push) -> anyhow::Result<()> {
    let store = opening::open_existing(cli).await?;
    let router = router_named(&store, &arguments.router).await?;
    let engine = engine(&store, &arguments.routers, &arguments.working)?;
    let reason = arguments.reason.as_deref().unwrap_or_default();
    let check = match arguments.approve {
        Some(check) => check,
        None => {
            let row = carry_out(&engine, &store, &router, &routers::CHECK, Order::check(router.id, reason)).await?;
            if PushOutcome::of(&row) == Some(PushOutcome::NothingToDo) {
                eprintln!("{}", row.text("words"));
                return Ok(());
            }
            print(shown(&store, row.clone()).await?.trim_end())?;
            let lines = |name: &str| row.int(name).unwrap_or_default();
            eprintln!(
                "check #{}: {} lines come, {} go, of which {} were not written by Peerage",
                row.id,
                lines("added"),
                lines("removed"),
                lines("foreign_removed")
            );
            if arguments.check {
                eprintln!(
                    "to push just that: peerage push --router {} --approve {} --reason TEXT",
                    arguments.router, row.id
                );
                return Ok(());
            }
            if !agreed(&router)? {
                bail!("not pushed: it was not agreed to. To push it later, give --approve {}", row.id);
            }
            row.id
        }
    };
    let order =
        Order { timer: arguments.timer, attended: arguments.attended, ..Order::push(router.id, check, reason)? };
    let row = carry_out(&engine, &store, &router, &routers::PUSH, order).await?;
    print(&format!("push #{}: {}", row.id, row.text("words")))
}

/// Does a check or a push here, and gives its record, if it went well.
async fn carry_out(
    engine: &Engine,
    store: &Store,
    router: &Record,
    kind: &'static JobKind,
    order: Order,
) -> anyhow::Result<Record> {
    let reaching = engine.means().reaching.clone();
    let who = owner();
    let attended = order.attended;
    let wanted = routers::wanted(&who, router, order.into_json());
    let run = |task: Task| async move {
        let keeper = attended.then(|| tokio::spawn(keep_when_told(task.store.clone(), task.job())));
        let ended = push::carry_out(task, &reaching, Arc::new(|line| eprintln!("{line}"))).await;
        keeper.inspect(tokio::task::JoinHandle::abort);
        ended
    };
    let done = do_here(engine, kind, wanted, run).await?;
    let job = done.job;
    done.well()?;
    let found = store.find(&owner().permit::<View>(&PUSH)?, &[("job", Value::Int(job))]).await?;
    found.into_iter().next_back().context("its record is gone")
}

/// Keeps the push of a job when somebody at the terminal says so.
async fn keep_when_told(store: Store, job: i64) {
    if !io::stdin().is_terminal() {
        eprintln!("It waits for somebody who keeps it in the browser.");
        return;
    }
    eprintln!("Type yes to keep it, once all is well.");
    // a thread of its own, that ends with the process: nothing else reads what is typed
    let (tell, mut told) = tokio::sync::mpsc::channel(1);
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if line.trim() == "yes" && tell.blocking_send(()).is_err() {
                return;
            }
        }
    });
    while told.recv().await.is_some() {
        let kept = async {
            let found = store.find(&owner().permit::<View>(&PUSH)?, &[("job", Value::Int(job))]).await?;
            let push = found.last().context("it has not begun yet")?.id;
            Ok::<_, anyhow::Error>(push::keep(&store, push, &owner().name).await?)
        };
        match kept.await {
            Ok(()) => eprintln!("It is kept as soon as all is well."),
            Err(error) => eprintln!("Not kept yet: {error}"),
        }
    }
}

/// The difference. Whoever has the database and its key may see it as it is.
async fn shown(store: &Store, row: Record) -> anyhow::Result<String> {
    let row = store.reveal(&owner().permit::<View>(&PUSH)?, vec![row]).await?.pop();
    Ok(row.map(|row| row.text("diff").to_owned()).unwrap_or_default())
}

fn agreed(router: &Record) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("Push this to {}? Type yes: ", router.text("name"));
    io::stderr().flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim() == "yes")
}
