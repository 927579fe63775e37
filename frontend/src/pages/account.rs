//! One's own account: the password, where one is signed in, and the tokens with which scripts act for one.

use super::{head::Head, login::PasswordInput};
use crate::{
    data::{Fetched, Session, api, fetched, place::Place},
    ui::{
        Button, Copy, ErrorPanel, Icon, Look, Moment, Section, SkeletonLines, Theme, Toasts, dom, pager::PAGE_SIZES,
        time, time::MomentStyle,
    },
};
use leptos::{ev, html, prelude::*, task::spawn_local};
use peerage_app::accounts::{
    Account, NewToken, OwnToken, SignedIn, change_password, delete_token, make_token, own_account, sign_out_elsewhere,
};
use peerage_app::preferences::Choice;
use peerage_model::{Problem, Record, query::PER_PAGE, registry, types::TOKEN};
use std::collections::BTreeSet;

/// When a token may expire: days from now, and words.
static LIFETIMES: &[(i64, &str)] = &[(0, "never"), (30, "in 30 days"), (90, "in 90 days"), (365, "in a year")];
const DAY: i64 = 86_400_000_000;

#[component]
pub fn AccountPage() -> impl IntoView {
    let session = Session::get();
    let account = fetched(Signal::stored(Some(())), |()| None, |()| api::ask(own_account()));
    let name = move || session.me.with(|me| me.as_ref().map(|me| me.name.clone())).unwrap_or_default();
    let body = move || match (account.data.get(), account.problem.get()) {
        (Some(found), _) => view! {
            <SignIns sign_ins=found.sign_ins account=account />
            <Tokens tokens=found.tokens account=account />
        }
        .into_any(),
        (None, Some(problem)) => view! { <ErrorPanel problem=problem retry=move |()| account.reload() /> }.into_any(),
        (None, None) => view! { <SkeletonLines /> }.into_any(),
    };
    view! {
        <div class="page">
            <Head title=Signal::derive(name) ruled=true />
            <div class="split railed">
                <div>{body}</div>
                <aside class="rail" aria-label="Password and new tokens">
                    <NewTokenForm account=account />
                    <PasswordForm account=account />
                    <Preferred />
                </aside>
            </div>
        </div>
    }
}

#[component]
fn SignIns(sign_ins: Vec<SignedIn>, account: Fetched<Account>) -> impl IntoView {
    let toasts = Toasts::get();
    let elsewhere = sign_ins.iter().filter(|one| !one.this).count();
    let out = move |()| {
        spawn_local(async move {
            match api::ask(sign_out_elsewhere()).await {
                Ok(()) => toasts.done("Every other browser is signed out"),
                Err(problem) => toasts.failed("Nobody was signed out", &problem),
            }
            account.reload();
        });
    };
    let end =
        move || (elsewhere > 0).then(|| view! { <Button label="Sign out everywhere else" small=true on_press=out /> });
    let rows = sign_ins.into_iter().map(|one| {
        view! {
            <tr>
                <th scope="row" class="m2 lead" title=one.browser.clone()>{browser(&one.browser)}</th>
                <td class="t2"><Moment micros=one.created style=MomentStyle::Whole /></td>
                <td class="t3">{one.this.then_some("this browser")}</td>
            </tr>
        }
    });
    view! {
        <Section title="Signed in" end=end flush=true>
            <table class="tbl stack">
                <caption class="sr">"Browsers that are signed in"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Browser"</th>
                        <th scope="col">"Since"</th>
                        <th scope="col"><span class="sr">"Note"</span></th>
                    </tr>
                </thead>
                <tbody>{rows.collect::<Vec<_>>()}</tbody>
            </table>
        </Section>
    }
}

/// "Firefox on Linux", from what the browser calls itself.
fn browser(agent: &str) -> String {
    let first =
        |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    let program = first(&[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program} on {system}"),
        (Some(program), None) => program.to_owned(),
        _ if agent.is_empty() => "unknown".to_owned(),
        _ => agent.chars().take(60).collect(),
    }
}

/// What an administrator can do with a token of anybody's.
#[component]
pub fn TokenActions(record: Record) -> impl IntoView {
    let (place, toasts) = (Place::here(), Toasts::get());
    let id = record.id;
    let delete = move |()| {
        spawn_local(async move {
            match api::ask(delete_token(id)).await {
                Ok(()) => {
                    toasts.done(DELETED);
                    api::written(&[&TOKEN]);
                    place.go(&TOKEN.list_path());
                }
                Err(problem) => toasts.failed(NOT_DELETED, &problem),
            }
        });
    };
    view! { <Button label="Delete this token" icon="trash" class="keep" on_press=delete /> }
}

const DELETED: &str = "The token is deleted; nothing can act with it any more";
const NOT_DELETED: &str = "The token was not deleted";

#[component]
fn Tokens(tokens: Vec<OwnToken>, account: Fetched<Account>) -> impl IntoView {
    let toasts = Toasts::get();
    let delete = move |id: i64| {
        spawn_local(async move {
            match api::ask(delete_token(id)).await {
                Ok(()) => toasts.done(DELETED),
                Err(problem) => toasts.failed(NOT_DELETED, &problem),
            }
            account.reload();
        });
    };
    let none = tokens.is_empty();
    let rows = tokens.into_iter().map(|token| {
        let id = token.id;
        let name = format!("…{}", token.hint);
        let expired = token.expires.is_some_and(|expires| expires < time::now());
        let networks = if token.allowed_ips.is_empty() { "anywhere".to_owned() } else { token.allowed_ips.join(", ") };
        let expiry = match token.expires {
            Some(micros) => view! { <span class:is-bad=expired><Moment micros=micros style=MomentStyle::Whole /></span> }.into_any(),
            None => view! { <span class="t3">"never"</span> }.into_any(),
        };
        let used = match token.last_used {
            Some(micros) => view! { <Moment micros=micros style=MomentStyle::Whole /> }.into_any(),
            None => view! { <span class="t3">"never"</span> }.into_any(),
        };
        let label = format!("Delete the token {name}");
        view! {
            <tr>
                <th scope="row" class="mono m2 lead">{name}</th>
                <td class="m3">{token.description}</td>
                <td class="t2">{if token.may_write { "read and write" } else { "read only" }}</td>
                <td class="mono t2">{networks}</td>
                <td class="t2 m4">{expiry}</td>
                <td class="t2">{used}</td>
                <td><Button label=label icon="trash" icon_only=true small=true look=Look::Ghost on_press=move |()| delete(id) /></td>
            </tr>
        }
    });
    let rows = rows.collect::<Vec<_>>();
    view! {
        <Section title="API tokens" flush=true>
            {none.then(|| view! { <p class="t3">"A token lets a script do what you may do: Authorization: Token KEY. You have none yet."</p> })}
            <table class="tbl stack" hidden=none>
                <caption class="sr">"Your API tokens"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Ends in"</th>
                        <th scope="col">"Description"</th>
                        <th scope="col">"May"</th>
                        <th scope="col">"From"</th>
                        <th scope="col">"Expires"</th>
                        <th scope="col">"Last used"</th>
                        <th scope="col"><span class="sr">"Delete"</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Section>
    }
}

fn value(node: NodeRef<html::Input>) -> String {
    node.get_untracked().map(|node| node.value()).unwrap_or_default()
}

/// The message, and the control that it belongs to.
fn refused(problem: Problem) -> (String, String) {
    match problem.fields.into_iter().next() {
        Some(first) => (first.field, first.message),
        None => (String::new(), problem.message),
    }
}

#[component]
fn Wrong(id: &'static str, problem: RwSignal<String>) -> impl IntoView {
    view! {
        <p class="prob" id=id role="alert" hidden=move || problem.with(String::is_empty)>
            <Icon name="alert" />
            <span>{problem}</span>
        </p>
    }
}

#[component]
fn PasswordForm(account: Fetched<Account>) -> impl IntoView {
    let toasts = Toasts::get();
    let old = NodeRef::<html::Input>::new();
    let new = NodeRef::<html::Input>::new();
    let problem = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(String::new());
        spawn_local(async move {
            let answer = api::ask(change_password(value(old), value(new))).await;
            busy.try_set(false);
            match answer {
                Ok(()) => {
                    for node in [old, new] {
                        if let Some(node) = node.get_untracked() {
                            node.set_value("");
                        }
                    }
                    toasts.done("Your password is changed; every other browser is signed out");
                    account.reload();
                }
                Err(wrong) => {
                    let (field, words) = refused(wrong);
                    problem.try_set(words);
                    dom::focus_soon(if field == "old" { "old-password" } else { "new-password" });
                }
            }
        });
    };
    let invalid = Signal::derive(move || !problem.with(String::is_empty));
    view! {
        <section class="sec">
            <h2>"Password"</h2>
            <form on:submit=submit novalidate>
                <div class="frow stacked">
                    <label for="old-password">"Current password"</label>
                    <div class="ctl"><PasswordInput node=old id="old-password" autocomplete="current-password" invalid=invalid /></div>
                </div>
                <div class="frow stacked">
                    <label for="new-password">"New password"</label>
                    <div class="ctl"><PasswordInput node=new id="new-password" autocomplete="new-password" invalid=invalid /></div>
                    <p class="help">"At least 8 characters. Every other browser is signed out."</p>
                </div>
                <Wrong id="login-problem" problem=problem />
                <Button label="Change password" submit=true busy=busy />
            </form>
        </section>
    }
}

/// How the pages are liked; colours and density are chosen at the top of every page.
#[component]
fn Preferred() -> impl IntoView {
    let session = Session::get();
    let theme = Theme::get();
    let choose = move |event: ev::Event| {
        let rows = event_target_value(&event).parse().unwrap_or_default();
        session.choose(Choice { per_page: Some(rows), ..Choice::default() });
    };
    let now = move || session.preferences.with(|kept| if kept.per_page == 0 { PER_PAGE } else { kept.per_page });
    let sizes = PAGE_SIZES.map(|size| {
        view! { <option value=size selected=move || now() == size>{format!("{size} rows")}</option> }
    });
    let lists = move || {
        let kept = session
            .preferences
            .with(|kept| kept.columns.iter().chain(&kept.sorts).map(|(key, _)| key.clone()).collect::<BTreeSet<_>>());
        let line = |key: String| {
            let name = registry::get(&key).map_or_else(|_| key.clone(), |of| of.plural.to_owned());
            let label = format!("Columns and order of {name} as they come");
            let reset = move |()| {
                let none = || vec![(key.clone(), Vec::new())];
                session.choose(Choice { columns: none(), sorts: none(), ..Choice::default() });
            };
            view! { <li class="row">{name} <Button label=label icon="x" icon_only=true small=true look=Look::Ghost on_press=reset /></li> }
        };
        (!kept.is_empty()).then(|| {
            view! {
                <p>"Lists whose columns or order you chose"</p>
                <ul class="log">{kept.into_iter().map(line).collect::<Vec<_>>()}</ul>
            }
        })
    };
    let looks = move || format!("Colours: {}. Density: {}.", theme.colours.get(), theme.density.get());
    view! {
        <section class="sec">
            <h2>"Preferences"</h2>
            <div class="frow stacked">
                <label for="rows-per-page">"Rows per page"</label>
                <div class="ctl">
                    <div class="in">
                        <select id="rows-per-page" on:change=choose>{sizes.into_iter().collect::<Vec<_>>()}</select>
                        <Icon name="down" size=14 class="chev" />
                    </div>
                </div>
                <p class="help">"Kept on the server, as are colours and density, the menu with the sun, and the columns of lists."</p>
            </div>
            <p class="small t3">{looks}</p>
            {lists}
        </section>
    }
}

#[component]
fn NewTokenForm(account: Fetched<Account>) -> impl IntoView {
    let description = NodeRef::<html::Input>::new();
    let networks = NodeRef::<html::Input>::new();
    let write = NodeRef::<html::Input>::new();
    let days = RwSignal::new(0i64);
    let problem = RwSignal::new(String::new());
    let made = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        problem.set(String::new());
        let lasts = days.get_untracked();
        let token = NewToken {
            description: value(description),
            may_write: write.get_untracked().is_some_and(|write| write.checked()),
            allowed_ips: value(networks),
            expires: (lasts > 0).then(|| time::now() + lasts * DAY),
        };
        spawn_local(async move {
            let answer = api::ask(make_token(token)).await;
            busy.try_set(false);
            match answer {
                Ok(key) => {
                    made.try_set(Some(key));
                    account.reload();
                }
                Err(wrong) => {
                    let (field, words) = refused(wrong);
                    problem.try_set(words);
                    dom::focus_soon(if field == "allowed_ips" { "token-networks" } else { "token-description" });
                }
            }
        });
    };
    let shown = move || {
        made.get().map(|key| {
            view! {
                <div class="notice ok" role="status">
                    <div>
                        <p class="w5">"The new token. It is not shown again."</p>
                        <p class="row"><code class="mono key">{key.clone()}</code> <Copy text=key what="the token" always=true /></p>
                    </div>
                </div>
            }
        })
    };
    let lifetimes = LIFETIMES.iter().map(|(days, words)| view! { <option value=days.to_string()>{*words}</option> });
    view! {
        <section class="sec">
            <h2>"New token"</h2>
            {shown}
            <form on:submit=submit novalidate>
                <div class="frow stacked">
                    <label for="token-description">"Description"</label>
                    <div class="ctl"><div class="in"><input id="token-description" type="text" maxlength="100" autocomplete="off" node_ref=description /></div></div>
                </div>
                <div class="frow stacked">
                    <label for="token-networks">"Allowed networks"</label>
                    <div class="ctl">
                        <div class="in">
                            <input
                                id="token-networks"
                                type="text"
                                class="mono"
                                autocomplete="off"
                                spellcheck="false"
                                node_ref=networks
                                aria-describedby="token-networks-help token-problem"
                            />
                        </div>
                    </div>
                    <p class="help" id="token-networks-help">"Prefixes with commas between; empty: from anywhere."</p>
                </div>
                <div class="frow stacked">
                    <label for="token-lasts">"Expires"</label>
                    <div class="ctl">
                        <div class="in">
                            <select
                                id="token-lasts"
                                on:change=move |event| days.set(event_target_value(&event).parse().unwrap_or_default())
                            >
                                {lifetimes.collect::<Vec<_>>()}
                            </select>
                            <Icon name="down" size=14 class="chev" />
                        </div>
                    </div>
                </div>
                <div class="frow stacked">
                    <label class="row"><input type="checkbox" class="tick" node_ref=write /> "May write"</label>
                </div>
                <Wrong id="token-problem" problem=problem />
                <Button label="Make token" submit=true busy=busy />
            </form>
        </section>
    }
}
