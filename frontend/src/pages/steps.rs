//! The main job in steps, for somebody new, and how far it was done: the overview shows what is next, the guide all of it.

use super::list::a_few;
use crate::{
    data::{Session, api},
    ui::{Icon, LinkButton, Look, dom::href},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::peeringdb::{Status, peeringdb_status};
use peerage_model::{ObjectType, query::ListRequest, types};

/// One step of the main job, for somebody new.
pub struct Step {
    title: &'static str,
    about: &'static str,
    /// The same at length, for the guide.
    how: &'static str,
    /// What its link says, and where it leads while the step is not done; afterwards to the list.
    act: &'static str,
    path: fn() -> String,
    done: fn(&Facts) -> Option<bool>,
}

/// What the steps look at. None: not known yet.
#[derive(Clone, Copy, Default)]
pub struct Facts {
    affiliated: Option<u64>,
    peeringdb_rows: Option<u64>,
    routers: Option<u64>,
    exchanges: Option<u64>,
    connections: Option<u64>,
    sessions: Option<u64>,
    configured: Option<u64>,
    pushed: Option<u64>,
}

fn any(count: Option<u64>) -> Option<bool> {
    count.map(|count| count > 0)
}

fn new_of(of: &ObjectType) -> String {
    format!("{}/new", of.list_path())
}

pub static STEPS: &[Step] = &[
    Step {
        title: "Your network",
        about: "Add your own AS, and mark it as affiliated.",
        how: "Everything begins with the networks that you run yourself. Type the AS number; once PeeringDB was fetched, name, AS-SET and prefix limits are offered while you type. “Affiliated” says that it is yours: sessions are made from it, and it is never offered as a peer.",
        act: "Add your AS",
        path: || format!("{}?affiliated=true", new_of(&types::AUTONOMOUS_SYSTEM)),
        done: |facts| any(facts.affiliated),
    },
    Step {
        title: "PeeringDB",
        about: "Fetch who is at which exchange.",
        how: "PeeringDB knows which networks are present at which exchange, with their addresses and policies. Peerage keeps a copy, so that looking for peers is instant. From an isolated network, read it from a directory of JSON files instead.",
        act: "Synchronise",
        path: || "/peeringdb".to_owned(),
        done: |facts| any(facts.peeringdb_rows),
    },
    Step {
        title: "A router",
        about: "It will carry the sessions.",
        how: "A router has a name, a host name and a platform: the software that it runs, which templates can ask for and which decides how it is spoken to. The usual platforms are there already; add yours if it is none of them. Sessions belong to a router through the connection that they run over.",
        act: "Add router",
        path: || new_of(&types::ROUTER),
        done: |facts| any(facts.routers),
    },
    Step {
        title: "An exchange",
        about: "Take yours over from PeeringDB, with your ports.",
        how: "An exchange is one LAN that one of your networks is connected to. What PeeringDB lists for your AS is taken over in one step, with your connections; what it does not list is added by hand.",
        act: "Import exchanges",
        path: || format!("{}/import", types::INTERNET_EXCHANGE.list_path()),
        done: |facts| any(facts.exchanges),
    },
    Step {
        title: "A connection",
        about: "Your port there, with your addresses and its router.",
        how: "A connection is your port: the router that it is plugged into and your addresses on the LAN. With more than one port at an exchange, add one connection for each.",
        act: "Add connection",
        path: || new_of(&types::CONNECTION),
        done: |facts| any(facts.connections),
    },
    Step {
        title: "Sessions",
        about: "Open the exchange, choose Available peers, tick some.",
        how: "Available peers shows every network at the exchange, by connection and address family, with the reason where no session is possible. Tick what you want; you see the proposed sessions before anything is made, and one undo takes the batch back.",
        act: "Choose exchange",
        path: || types::INTERNET_EXCHANGE.list_path(),
        done: |facts| any(facts.sessions),
    },
    Step {
        title: "A configuration",
        about: "Write a template, and assign it to the router.",
        how: "A template is Jinja2, as in Peering Manager: bring your own or begin with a starter. The result for a chosen router is rendered beside it while you type. Assign it to the router, and its Configuration tab shows the text.",
        act: "Add template",
        path: || new_of(&types::CONFIGURATION),
        done: |facts| any(facts.configured),
    },
    Step {
        title: "The first push",
        about: "Check what would change on the router, and push it.",
        how: "Give the router a user name with a password or a key. Its tab “On the router” tests the connection, shows its host key to accept, checks what would change, and pushes that with a reason. The router takes it back by itself unless its sessions are well afterwards.",
        act: "Choose router",
        path: || types::ROUTER.list_path(),
        done: |facts| any(facts.pushed),
    },
];

/// Pushes after which a router has what is rendered for it.
const PUSHED: &str = "mode:push outcome:confirmed,not-persistent";

/// How many rows match, and nothing of them.
fn count_into(signal: RwSignal<Facts>, of: &'static ObjectType, filter: &'static str, put: fn(&mut Facts, u64)) {
    let fields = vec![of.fields[0].name.to_owned()];
    spawn_local(async move {
        let request = ListRequest { fields, ..a_few(of, filter, "", 1) };
        if let Ok(listing) = api::list(request).await {
            signal.try_update(|facts| put(facts, listing.total));
        }
    });
}

/// What the steps look at, kept up to date.
pub fn use_facts() -> Memo<Facts> {
    let session = Session::get();
    let asked = RwSignal::new(Facts::default());
    Effect::new(move |_| {
        session.revision.track();
        count_into(asked, &types::AUTONOMOUS_SYSTEM, "affiliated:yes", |facts, count| facts.affiliated = Some(count));
        count_into(asked, &types::ROUTER, "configuration_template:any", |facts, count| facts.configured = Some(count));
        count_into(asked, &types::PUSH, PUSHED, |facts, count| facts.pushed = Some(count));
        spawn_local(async move {
            if let Ok(Status { types, .. }) = api::ask(peeringdb_status()).await {
                let rows = types.iter().map(|of| of.rows).sum();
                asked.try_update(|facts| facts.peeringdb_rows = Some(rows));
            }
        });
    });
    Memo::new_with_compare(
        move |_| Facts {
            routers: session.count(&types::ROUTER),
            exchanges: session.count(&types::INTERNET_EXCHANGE),
            connections: session.count(&types::CONNECTION),
            sessions: session.count(&types::IX_SESSION),
            ..asked.get()
        },
        |_, _| true,
    )
}

/// How many steps are done.
pub fn done(facts: &Facts) -> usize {
    STEPS.iter().filter(|step| (step.done)(facts) == Some(true)).count()
}

/// How a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Done,
    Next,
    Later,
}

impl Standing {
    const fn class(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Next => "current",
            Self::Later => "",
        }
    }

    const fn icon(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Next => "now",
            Self::Later => "todo",
        }
    }

    /// For those who do not see colours and shapes.
    const fn said(self) -> &'static str {
        match self {
            Self::Done => "Done: ",
            Self::Next => "Next: ",
            Self::Later => "",
        }
    }
}

/// The steps with their standing.
fn standings(facts: &Facts) -> Vec<(&'static Step, Standing)> {
    let next = STEPS.iter().position(|step| (step.done)(facts) == Some(false));
    let standing = |(at, step): (usize, &'static Step)| {
        let standing = match (step.done)(facts) {
            Some(true) => Standing::Done,
            _ if next == Some(at) => Standing::Next,
            _ => Standing::Later,
        };
        (step, standing)
    };
    STEPS.iter().enumerate().map(standing).collect()
}

/// The steps as lines of a list; at length for the guide.
pub fn step_lines(facts: &Facts, at_length: bool) -> Vec<AnyView> {
    let line = |(step, standing): (&'static Step, Standing)| {
        let to = href(&(step.path)());
        let link = match (standing, at_length) {
            (Standing::Done, _) => None,
            (_, false) => Some(view! { <a class="link" href=to>{step.act}</a> }.into_any()),
            (_, true) => {
                let look = if standing == Standing::Next { Look::Primary } else { Look::Plain };
                Some(view! { <LinkButton label=step.act href=to look=look small=true /> }.into_any())
            }
        };
        view! {
            <li class=standing.class()>
                <Icon name=standing.icon() />
                <span>
                    <b><span class="sr">{standing.said()}</span> {step.title}</b>
                    <em>{if at_length { step.how } else { step.about }}</em>
                </span>
                {link}
            </li>
        }
        .into_any()
    };
    standings(facts).into_iter().map(line).collect()
}
