//! A new password for somebody else: made by chance, shown once, for the administrator to pass on.

use super::head::Head;
use crate::{
    data::{Stored, api},
    shell::Crumb,
    ui::{Button, Copy, LinkButton, Look, Toasts, dom::href},
};
use leptos::{prelude::*, task::spawn_local};
use peerage_app::accounts::new_password;
use peerage_model::{label::label_of, types::USER};

#[component]
pub fn NewPassword(user: i64) -> impl IntoView {
    let toasts = Toasts::get();
    let made = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let name = move || label_of(&USER, user, &Stored);
    let back = USER.object_path(user);
    let make = move |()| {
        busy.set(true);
        spawn_local(async move {
            let answer = api::ask(new_password(user)).await;
            busy.try_set(false);
            match answer {
                Ok(password) => drop(made.try_set(Some(password))),
                Err(refused) => toasts.failed("There is no new password", &refused),
            }
        });
    };
    let via = Signal::stored(vec![Crumb::new(name(), back.clone())]);
    view! {
        <div class="page">
            <Head title=Signal::derive(move || format!("New password for {}", name())) of=&USER via=via leaf=Signal::stored("New password".to_owned()) ruled=true />
            <section class="sec" aria-live="polite">
                {move || match made.get() {
                    None => view! {
                        <p>"A new password is made by chance and shown here once. The old one is not taken any more, and " {name()} " is signed out everywhere."</p>
                        <p class="row spaced">
                            <Button label="Make a new password" look=Look::Primary icon="key" busy=busy on_press=make />
                            <LinkButton label="Cancel" look=Look::Ghost href=href(&back) />
                        </p>
                    }
                    .into_any(),
                    Some(password) => view! {
                        <p>"Pass it on. It can be changed on the page of one's own account, and is not shown again."</p>
                        <p class="row spaced"><code>{password.clone()}</code> <Copy text=password what="the password" always=true /></p>
                    }
                    .into_any(),
                }}
            </section>
        </div>
    }
}
