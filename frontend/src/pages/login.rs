//! Signing in. Afterwards one is where one wanted to go.

use crate::{
    data::{Session, api, place::Place},
    ui::{Button, Icon, Look, Shape, dom},
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use peerage_app::accounts::is_first_run;
use peerage_model::Tone;

#[component]
pub fn Login() -> impl IntoView {
    let session = Session::get();
    let place = Place::here();
    document().set_title("Sign in · Peerage");
    let name = NodeRef::<html::Input>::new();
    let password = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(String::new());
    let busy = RwSignal::new(false);

    // signed in, by this form or already
    Effect::new(move |_| {
        if session.me.with(Option::is_some) {
            let to = untrack(|| place.get("to"));
            // only our own pages: "//elsewhere" is not one
            let own = to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/login");
            place.replace(if own { &to } else { "/" });
        }
    });
    // nobody can sign in yet: the first administrator is to be made
    spawn_local(async move {
        if api::ask(is_first_run()).await == Ok(true) {
            place.replace("/first-run");
        }
    });
    Effect::new(move |_| {
        if let Some(name) = name.get() {
            let _ = name.focus();
        }
    });

    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let value = |node: NodeRef<html::Input>| node.get_untracked().map(|node| node.value()).unwrap_or_default();
        let (who, secret) = (value(name), value(password));
        if who.trim().is_empty() || secret.is_empty() {
            problem.set("Type your user name and your password.".to_owned());
            dom::focus_soon(if who.trim().is_empty() { "user" } else { "password" });
            return;
        }
        busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            let answer = session.sign_in(who.trim().to_owned(), secret).await;
            busy.try_set(false);
            if let Err(refused) = answer {
                problem.try_set(refused.message);
                dom::focus_soon("password");
            }
        });
    };
    let invalid = move || (!problem.with(String::is_empty)).then_some("true");
    view! {
        <Gate title="Sign in">
                <p class="t3 org">{window().location().host().unwrap_or_default()}</p>
                <form on:submit=submit novalidate>
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
                            aria-invalid=invalid
                            aria-describedby="login-problem"
                        />
                    </div>
                    <div class="lrow">
                        <label for="password">"Password"</label>
                    </div>
                    <PasswordInput node=password id="password" autocomplete="current-password" invalid=Signal::derive(move || invalid().is_some()) />
                    <div id="login-problem" role="alert">
                        {move || {
                            let problem = problem.get();
                            (!problem.is_empty()).then(|| view! { <p class="prob"><Shape tone=Tone::Bad /> <span>{problem}</span></p> })
                        }}
                    </div>
                    <Button label="Sign in" look=Look::Primary class="wide" submit=true busy=busy />
                </form>
        </Gate>
    }
}

/// What stands around the pages before one is signed in.
#[component]
pub fn Gate(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <main class="lg">
            <div class="lbox">
                <div class="lb">
                    <Icon name="mark" size=24 class="acc" />
                    <b>"Peerage"</b>
                </div>
                <h1>{title}</h1>
                {children()}
            </div>
        </main>
    }
}

/// A password that can be shown.
#[component]
pub fn PasswordInput(
    node: NodeRef<html::Input>,
    id: &'static str,
    autocomplete: &'static str,
    invalid: Signal<bool>,
) -> impl IntoView {
    let shown = RwSignal::new(false);
    view! {
        <div class="in h32">
            <input
                node_ref=node
                id=id
                name=id
                type=move || if shown.get() { "text" } else { "password" }
                autocomplete=autocomplete
                required
                aria-invalid=move || invalid.get().then_some("true")
                aria-describedby="login-problem"
            />
            <button
                type="button"
                class="act"
                aria-label="Show the password"
                aria-pressed=move || shown.get().to_string()
                on:click=move |_| shown.update(|shown| *shown = !*shown)
            >
                {move || if shown.get() { view! { <Icon name="eye" /> } } else { view! { <Icon name="eyeoff" /> } }}
            </button>
        </div>
    }
}
