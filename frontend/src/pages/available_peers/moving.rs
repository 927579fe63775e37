//! A peer that has moved: PeeringDB has another address for it than our session. Said wherever somebody looks at that
//! peer, with a press that takes the session to where the peer is now.

use super::layout::Found;
use crate::{
    data::{Session, api, undo},
    ui::{Button, Shape, Toasts, dom::href},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::peers::Port;
use peerage_model::{Problem, Tone, Value, available::Standing, permit::Change, types::IX_SESSION, wire::Edit};
use std::net::IpAddr;

/// A session whose peer is at another address by now.
#[derive(Clone, Debug, PartialEq)]
struct Moved {
    session: i64,
    from: IpAddr,
    to: IpAddr,
    /// Our connection.
    over: String,
}

fn moved(found: &Found, port: &Port) -> Vec<Moved> {
    let connections = &found.answer.exchanges[port.exchange as usize].connections;
    let cells = port.standing.iter().zip(connections).flat_map(|(standing, connection)| {
        [(&standing[0], port.ipv4), (&standing[1], port.ipv6)]
            .map(|(standing, address)| (standing, address, connection))
    });
    let one =
        |(standing, to, connection): (&Standing, Option<IpAddr>, &peerage_app::peers::OurConnection)| match standing {
            Standing::Moved { id, from } => {
                Some(Moved { session: *id, from: *from, to: to?, over: connection.label.clone() })
            }
            _ => None,
        };
    cells.filter_map(one).collect()
}

/// The session takes the new address, as it is otherwise; the request by which that can be undone.
async fn take_along(session: i64, to: IpAddr) -> Result<Option<String>, Problem> {
    let now = api::detail(&IX_SESSION, session).await?.record;
    let then = now.clone().with("ip_address", Value::Ip(to));
    let (_, request) = api::save(&IX_SESSION, Edit::between(Some(&now), &then)).await?;
    Ok(request)
}

/// A line for each session that some ports show to have moved; nothing where there is none.
pub fn moves<'a>(found: &Found, ports: impl Iterator<Item = &'a Port>) -> Vec<AnyView> {
    ports.flat_map(|port| moved(found, port)).map(|moved| view! { <Line moved=moved /> }.into_any()).collect()
}

#[component]
fn Line(moved: Moved) -> impl IntoView {
    let toasts = Toasts::get();
    let busy = RwSignal::new(false);
    let Moved { session, from, to, over } = moved;
    let press = move |()| {
        busy.set(true);
        spawn_local(async move {
            let answer = take_along(session, to).await;
            busy.try_set(false);
            match answer {
                Ok(request) => undo::done(toasts, format!("The session moved to {to}"), request),
                Err(problem) => toasts.failed("The session was not moved", &problem),
            }
        });
    };
    let may = move || {
        Session::get().may::<Change>(&IX_SESSION).then(|| {
            view! { <Button label=format!("Move to {to}") small=true busy=busy on_press=press /> }
        })
    };
    view! {
        <p class="notice warn moved" role="status">
            <Shape tone=Tone::Warn />
            <span>
                <a class="link" href=href(&IX_SESSION.object_path(session))>{format!("The session over {over}")}</a>
                {format!(" is at {from}; PeeringDB now has {to}.")}
            </span>
            <span class="end">{may}</span>
        </p>
    }
}
