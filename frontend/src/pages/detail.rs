//! One object of any type: what it is called and how it stands, its fields, what refers to it, how it came to be so. Tabs
//! are places of their own (`?tab=`); what one type shows besides is in the tables of [`super`].

use super::{
    actions_of, aside_of, below_of,
    changes::{ChangeLog, NewestChanges},
    delete::these,
    further_of,
    head::Head,
    in_effect::InEffect,
    list::RecordList,
    overview_of, parts, stories_of, tabs_of,
};
use crate::{
    data::{Detailed, Session, Stored, place::Place, use_detail},
    shell::lower,
    ui::{
        Button, Copy, ErrorPanel, Facts, Icon, Keys, LinkButton, Look, Names, Scope, SkeletonLines, Tab, Tabs,
        dom::href, facts::Which, pager::grouped, status::status_of,
    },
};
use leptos::prelude::*;
use peerage_app::records::Referring;
use peerage_model::{
    Field, Kind, Label, ObjectType, Origin, Record, context, effective,
    label::label,
    object::Attached,
    permit::{Change, Delete, View},
    registry, types,
    wire::Selection,
};
use serde_json::{Map, Value as Json, json};

/// Fields that say how an object stands: shown beside its name.
const STATES: &[&str] = &["status", "bgp_state", "action"];

/// The tab with an object's config context.
const CONTEXT: &str = "context";

/// An object's page.
#[component]
pub fn DetailPage(of: &'static ObjectType, id: i64) -> impl IntoView {
    let session = Session::get();
    let place = Place::here();
    let fetched = use_detail(of, id);
    let record = Memo::new(move |_| fetched.data.with(|data| data.as_ref().map(|data: &Detailed| data.record.clone())));
    let referring = Memo::new(move |_| {
        fetched.data.with(|data| data.as_ref().map(|data| data.referring.clone())).unwrap_or_default()
    });
    let tab = Memo::new(move |_| place.get("tab"));
    let title = Memo::new(move |_| {
        // names of others may have come with the record
        fetched.at.track();
        record.with(|record| {
            record.as_ref().map_or_else(|| format!("{} #{id}", of.name), |record| label(record, &Stored))
        })
    });
    // it was there when last seen
    let is_gone = Memo::new(move |_| {
        let missing = fetched.problem.with(|problem| problem.as_ref().is_some_and(|p| p.label == Label::NotFound));
        missing && record.with(Option::is_some)
    });
    let deleting = RwSignal::new(None::<Selection>);
    let edit = format!("{}/edit", of.object_path(id));
    if of.origin.is_edited() {
        let to = edit.clone();
        Keys::get().bind(Scope::Object, "e", format!("Edit this {}", lower(of.name)), move |()| place.go(&to));
    }

    let aside = move || {
        move || {
            let record = record.get()?;
            let states = STATES.iter().filter_map(|name| {
                let field = of.field(name).filter(|field| matches!(field.kind, Kind::Choice(_)))?;
                status_of(field, record.get(name), true)
            });
            let copied = of.fields.iter().find(|field| field.is_copy() && !record.get(field.name).is_empty());
            let copy = copied.map(|field| {
                let text = field.kind.print(record.get(field.name));
                view! { <Copy text=text what=field.label() always=true /> }
            });
            Some(view! { {copy} {states.collect::<Vec<_>>()} })
        }
    };
    let actions = move || {
        let edit = edit.clone();
        let further = move || {
            let offered = further_of(of).filter(|further| further.offered && (further.may)(session));
            let link = |further: &super::Further| {
                let to = href(&format!("{}/{}", of.object_path(id), further.name));
                view! { <LinkButton label=further.label icon=further.icon href=to look=Look::Primary class="keep" /> }
            };
            offered.map(link).collect::<Vec<_>>()
        };
        let own = move || {
            let record = record.get().filter(|_| !is_gone.get())?;
            Some(actions_of(of).map(|own| (own.draw)(record.clone())).collect::<Vec<_>>())
        };
        view! {
            {further}
            {own}
            {move || {
                let change = session.may::<Change>(of) && !is_gone.get();
                let delete = session.may::<Delete>(of) && !is_gone.get();
                view! {
                    {change.then(|| {
                        view! { <LinkButton label="Edit" icon="edit" href=href(&edit) keys="E" class="keep" /> }
                    })}
                    {delete.then(|| {
                        let press = move |()| deleting.set(Some(these(of, vec![id])));
                        view! { <Button label="Delete" icon="trash" icon_only=true class="keep" on_press=press /> }
                    })}
                }
            }}
        }
    };
    let tabs = Signal::derive(move || {
        let current = tab.get();
        let at = |name: &str| place.tab(name);
        let mut tabs = vec![Tab::new("Overview", at(""), current.is_empty())];
        for further in tabs_of(of) {
            tabs.push(Tab::new(further.label, at(further.name), current == further.name));
        }
        if context::is_contextual(of) && session.allows::<View>(&types::CONFIG_CONTEXT) {
            tabs.push(Tab::new("Context", at(CONTEXT), current == CONTEXT));
        }
        for related in related(of, &referring.get()) {
            let name = related.tab();
            tabs.push(Tab::new(related.label(), at(&name), current == name).count(related.count));
        }
        if of.origin.is_edited() {
            tabs.push(Tab::new(types::CHANGE.plural, at("changes"), current == "changes"));
        }
        tabs.push(Tab::new("JSON", at("json"), current == "json"));
        tabs
    });
    let ready = Memo::new(move |_| record.with(Option::is_some));
    let body = move || {
        if !ready.get() {
            return match fetched.problem.get() {
                Some(problem) => view! {
                    <ErrorPanel problem=problem retry=move |()| fetched.reload()>
                        <LinkButton label=of.plural href=href(&of.list_path()) look=Look::Ghost />
                    </ErrorPanel>
                }
                .into_any(),
                None => view! { <SkeletonLines /> }.into_any(),
            };
        }
        let name = tab.get();
        match name.as_str() {
            "" => match overview_of(of) {
                Some(own) => (own.draw)(record.into()),
                None => (move || {
                // names of others may have come with the record
                fetched.at.track();
                record.get().map(overview)
            })
            .into_any(),
            },
            "json" => view! { <div class="scroll">{move || record.get().map(|record| view! { <AsJson record=record /> })}</div> }.into_any(),
            CONTEXT if context::is_contextual(of) => parts::config_context(of, id),
            "changes" if of.origin.is_edited() => view! { <ChangeLog of=of id=id /> }.into_any(),
            name => {
                if let Some(further) = tabs_of(of).find(|further| further.name == name) {
                    return (further.draw)(id);
                }
                match untrack(|| related(of, &referring.get())).into_iter().find(|related| related.tab() == name) {
                    Some(related) => related.draw(of, id),
                    None => view! { <p class="sec t3">"This tab is not known."</p> }.into_any(),
                }
            }
        }
    };
    // of the page: the dialog may be closed while it deletes
    let gone = Callback::new(move |()| place.replace(&of.list_path()));
    view! {
        <div class="page">
            <Head title=title of=of aside=aside actions=actions />
            <Show when=move || is_gone.get()>
                <p class="notice warn" role="status">
                    <Icon name="alert" />
                    {format!("This {} was deleted. You see it as it was; its changes say who deleted it, and can bring it back.", lower(of.name))}
                </p>
            </Show>
            <Tabs label=format!("Parts of this {}", lower(of.name)) tabs=tabs />
            {body}
        </div>
        {move || deleting.with(Option::is_some).then(|| parts::delete(of, deleting, gone))}
    }
}

/// What the object is at the left; what is said of every object, and what happened to it last, at the right.
fn overview(record: Record) -> AnyView {
    let names = Names::new(Stored);
    let (of, id) = (record.of, record.id);
    if !of.origin.is_edited() {
        // rows of others have many fields, and few of them are filled in
        let only_set = of.origin == Origin::PeeringDb;
        return view! { <div class="scroll"><Facts record=record names=names only_set=only_set /></div> }.into_any();
    }
    view! {
        <div class="split railed">
            <div>
                {stories_of(of).map(|story| (story.draw)(record.clone())).collect::<Vec<_>>()}
                {effective::is_inheriting(&record).then(|| view! { <InEffect of=of id=id /> })}
                <Facts record=record.clone() names=names.clone() which=Which::Main />
                {below_of(of).map(|own| (own.draw)(record.clone()))}
            </div>
            <aside class="rail" aria-label="More about it">
                {aside_of(of).map(|own| (own.draw)(record.clone()))}
                <Facts record=record names=names which=Which::Last />
                <NewestChanges of=of id=id />
            </aside>
        </div>
    }
    .into_any()
}

/// Objects that refer to this one through one field.
#[derive(Clone, Debug)]
struct Related {
    of: &'static ObjectType,
    field: &'static Field,
    count: Option<u64>,
    /// The type leads here through another field before this one.
    further: bool,
    /// They are attached to this object and to those of other types.
    attached: Option<&'static Attached>,
}

impl Related {
    fn tab(&self) -> String {
        format!("{}.{}", self.of.path, self.field.name)
    }

    fn label(&self) -> String {
        if let Some(attached) = self.attached {
            return attached.label();
        }
        // an object has changes of its own as well
        if self.further || self.of.is(&types::CHANGE) {
            format!("{} ({})", self.of.plural, lower(&self.field.label()))
        } else {
            self.of.plural.to_owned()
        }
    }

    fn draw(self, to: &'static ObjectType, id: i64) -> AnyView {
        let name = self.field.name;
        let (mut fixed, mut prefill) = (format!("{name}:{id}"), format!("{name}={id}"));
        if let Some(attached) = self.attached {
            fixed = format!("{}:{} {fixed}", attached.of, to.key());
            prefill = format!("{}={}&{prefill}", attached.of, to.key());
        }
        view! { <RecordList of=self.of fixed=fixed prefill=prefill add=true /> }.into_any()
    }
}

/// What people edit is offered even where there is none yet, so that the first one can be added here; of the rest only
/// what is there.
fn related(of: &'static ObjectType, counts: &[Referring]) -> Vec<Related> {
    let leading: Vec<_> = registry::referring(of).collect();
    let count = |from: &ObjectType, name: &str| {
        let key = from.key();
        counts.iter().find(|told| told.of == key && told.field == name).map(|told| told.count)
    };
    let attachable = registry::attachable(of).filter_map(|(from, attached)| {
        let field = from.attached_id()?;
        let count = count(from, field.name);
        Some(Related { of: from, field, count, further: false, attached: Some(attached) })
    });
    let referring = leading.iter().filter(|(_, field)| !field.is_hidden()).filter_map(|(from, field)| {
        let count = count(from, field.name);
        let wanted = count.is_some_and(|count| count > 0)
            || (from.origin == Origin::Operator
                && of.origin == Origin::Operator
                && matches!(field.kind, Kind::Reference { .. }));
        let first = leading.iter().find(|(other, _)| other.is(from)).map(|(_, first)| first.name);
        let further = first != Some(field.name);
        wanted.then_some(Related { of: from, field, count, further, attached: None })
    });
    referring.chain(attachable).collect()
}

/// As scripts see it.
#[component]
fn AsJson(record: Record) -> impl IntoView {
    let mut object = Map::new();
    object.insert("id".to_owned(), json!(record.id));
    object.insert("version".to_owned(), json!(record.version));
    for (field, value) in record.iter().filter(|(field, _)| !field.is_internal()) {
        object.insert(field.name.to_owned(), field.kind.to_json(value));
    }
    let text = serde_json::to_string_pretty(&Json::Object(object)).unwrap_or_default();
    view! {
        <section class="sec">
            <h2>
                "JSON"
                <span class="t3">{format!("{} fields", grouped(record.of.fields.len() as u64))}</span>
                <span class="end"><Copy text=text.clone() what="JSON" always=true /></span>
            </h2>
        </section>
        <pre class="text">{text}</pre>
    }
}
