//! The first run: whoever has the address that the server printed makes the first administrator, and is signed in.

use super::login::{Gate, PasswordInput};
use crate::{
    data::{Session, place::Place},
    ui::{Button, Look, Shape, dom},
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use peerage_model::Tone;

#[component]
pub fn FirstRun() -> impl IntoView {
    let session = Session::get();
    let place = Place::here();
    document().set_title("First run · Peerage");
    let token = NodeRef::<html::Input>::new();
    let name = NodeRef::<html::Input>::new();
    let password = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let printed = untrack(|| place.get("token"));
    let has_token = !printed.is_empty();
    Effect::new(move |_| {
        if session.me.with(Option::is_some) {
            place.replace("/");
        }
    });
    Effect::new(move |_| {
        if let Some(first) = if has_token { name.get() } else { token.get() } {
            let _ = first.focus();
        }
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let value = |node: NodeRef<html::Input>| node.get_untracked().map(|node| node.value()).unwrap_or_default();
        let (token, name, password) = (value(token), value(name), value(password));
        busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            let answer = session.first_run(token, name, password).await;
            busy.try_set(false);
            if let Err(refused) = answer {
                let first = refused.fields.into_iter().next();
                let (at, words) =
                    first.map_or_else(|| (String::new(), refused.message), |first| (first.field, first.message));
                problem.try_set(words);
                dom::focus_soon(match at.as_str() {
                    "token" => "token",
                    "password" => "password",
                    _ => "user",
                });
            }
        });
    };
    let invalid = move || (!problem.with(String::is_empty)).then_some("true");
    view! {
        <Gate title="Welcome">
            <p class="t2 org">"Nobody can sign in yet. You become the first administrator."</p>
            <form on:submit=submit novalidate>
                <div hidden=has_token>
                    <label for="token">"Token"</label>
                    <div class="in h32">
                        <input
                            node_ref=token
                            id="token"
                            type="text"
                            class="mono"
                            autocomplete="off"
                            spellcheck="false"
                            value=printed
                            aria-describedby="login-problem token-help"
                            aria-invalid=invalid
                        />
                    </div>
                    <p class="help" id="token-help">"The server printed it when it started."</p>
                </div>
                <label for="user">"User name"</label>
                <div class="in h32">
                    <input
                        node_ref=name
                        id="user"
                        name="username"
                        type="text"
                        autocomplete="username"
                        autocapitalize="none"
                        spellcheck="false"
                        required
                        aria-describedby="login-problem"
                        aria-invalid=invalid
                    />
                </div>
                <div class="lrow">
                    <label for="password">"Password"</label>
                    <span class="small t3">"at least 8 characters"</span>
                </div>
                <PasswordInput node=password id="password" autocomplete="new-password" invalid=Signal::derive(move || invalid().is_some()) />
                <div id="login-problem" role="alert">
                    {move || {
                        let problem = problem.get();
                        (!problem.is_empty()).then(|| view! { <p class="prob"><Shape tone=Tone::Bad /> <span>{problem}</span></p> })
                    }}
                </div>
                <Button label="Begin" look=Look::Primary class="wide" submit=true busy=busy />
            </form>
        </Gate>
    }
}
