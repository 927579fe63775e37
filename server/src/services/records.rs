//! Objects of any type: the generic service behind every list, page and form.

mod context;
mod effective;
mod many;

use super::{accounts::keep_an_administrator, in_step::exchange_follows, request_id, surroundings::Surroundings};
use crate::devices::host_keys;
use async_trait::async_trait;
use futures_util::future::try_join_all;
use peerage_app::records::{self, Consequences, Detail, Done, Hit, InEffect, ManyDone, ObjectContext, Referring};
use peerage_model::{
    Filter, Label, ObjectType, Origin, Problem, Record, Value, Who,
    filter::equals,
    label,
    permit::{Add, Change, Delete, View},
    problem::in_sentence,
    query::ListRequest,
    registry,
    types::{CONNECTION, CONNECTION_ADDRESSES, DIRECT_SESSION, HOST_KEY, IX_SESSION, ROUTER, USER},
    wire::{Edit, ManyEdits, ObjectRef, Page, RecordSet, Selection},
};
use peerage_store::{Rank, Store, Which, Write};
use peerage_sync::peeringdb::port_of;
use std::collections::HashMap;

/// Hits of each type that a search gives, and of all together.
const HITS: u64 = 8;
const MOST_HITS: usize = 40;

/// The words of a search, as the searched texts have what they mean: an AS number without its prefix, an address in the form
/// of RFC 5952.
fn searched(text: &str) -> Vec<String> {
    let known = |word: &str| {
        let number = word.get(..2).filter(|prefix| prefix.eq_ignore_ascii_case("as")).and_then(|_| word.get(2..));
        if let Some(number) = number.filter(|rest| rest.parse::<u32>().is_ok()) {
            return number.to_owned();
        }
        word.parse::<std::net::IpAddr>().map_or_else(|_| word.to_owned(), |address| address.to_string())
    };
    text.split_whitespace().map(known).collect()
}

pub struct Records {
    store: Store,
}

impl Records {
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    async fn detail(&self, who: &Who, record: Record) -> Result<Detail, Problem> {
        let permit = who.permit::<View>(record.of)?;
        let related = self.store.related(&permit, std::slice::from_ref(&record)).await?;
        let mut referring = Vec::new();
        for (of, field) in registry::referring(record.of).filter(|(of, _)| who.allows::<View>(of)) {
            let filter = Filter { terms: vec![equals(field, Value::Int(record.id))], words: Vec::new() };
            let count = self.store.count(&who.permit::<View>(of)?, &filter).await?;
            referring.push(Referring { of: of.key(), field: field.name.to_owned(), count });
        }
        for (of, attached) in registry::attachable(record.of).filter(|(of, _)| who.allows::<View>(of)) {
            let Some((kind, id)) = of.field(attached.of).zip(of.attached_id()) else { continue };
            let terms = vec![equals(kind, Value::text(record.of.key())), equals(id, Value::Int(record.id))];
            let count = self.store.count(&who.permit::<View>(of)?, &Filter { terms, words: Vec::new() }).await?;
            referring.push(Referring { of: of.key(), field: attached.id.to_owned(), count });
        }
        Ok(Detail {
            record: RecordSet::whole(record.of, std::slice::from_ref(&record)),
            related: related.into_sets(),
            referring,
            request: None,
        })
    }

    async fn check(&self, before: Option<&Record>, record: &Record, insist: bool) -> Result<(), Problem> {
        Surroundings::new(&self.store).check(before, record).await?.despite_warnings(insist).into_result()
    }

    async fn create(&self, who: &Who, edit: &Edit, request: &str) -> Result<Record, Problem> {
        let permit = who.permit::<Add>(editable(edit.of()?)?)?;
        let record = Rules::new(&self.store, who).linked(None, edit.apply(None)?).await?;
        self.check(None, &record, edit.insist).await?;
        let mut write = self.store.begin(who, request).await?;
        let stored = write.insert(&permit, record).await?;
        Rules::new(&self.store, who).follow(&mut write, &stored).await?;
        keep_rules(&mut write, stored.of).await?;
        write.commit().await?;
        Ok(stored)
    }

    async fn change(&self, who: &Who, edit: &Edit, request: &str) -> Result<Record, Problem> {
        let of = editable(edit.of()?)?;
        let permit = who.permit::<Change>(of)?;
        let before =
            self.store.get(&who.permit::<View>(of)?, edit.id).await?.ok_or_else(|| Problem::not_found(of.name))?;
        let record = Rules::new(&self.store, who).linked(Some(&before), edit.apply(Some(&before))?).await?;
        self.check(Some(&before), &record, edit.insist).await?;
        let mut write = self.store.begin(who, request).await?;
        let stored = write.update(&permit, edit.version, record).await?;
        Rules::new(&self.store, who).follow(&mut write, &stored).await?;
        keep_rules(&mut write, of).await?;
        write.commit().await?;
        Ok(stored)
    }
}

/// What comes with what people write, by hand or from a file.
pub(super) struct Rules<'a> {
    store: &'a Store,
    who: &'a Who,
}

impl<'a> Rules<'a> {
    /// A connection's field with its port at PeeringDB.
    pub const PORT: &'static str = "peeringdb_netixlan";

    pub const fn new(store: &'a Store, who: &'a Who) -> Self {
        Self { store, who }
    }

    /// What follows from what was typed: a host key is told in one form; a connection whose addresses are new finds its
    /// PeeringDB port at once, not only with the next synchronisation; one that was chosen by hand in the same edit stays.
    ///
    /// # Errors
    /// What is no host key; the database fails.
    pub async fn linked(&self, before: Option<&Record>, mut record: Record) -> Result<Record, Problem> {
        if record.of.is(&HOST_KEY) {
            return host_keys::settled(record);
        }
        if !record.of.is(&CONNECTION) {
            return Ok(record);
        }
        let differs = |name: &str| before.is_none_or(|before| before.get(name) != record.get(name));
        let chosen = if before.is_none() { !record.get(Self::PORT).is_null() } else { differs(Self::PORT) };
        let moved = std::iter::once("internet_exchange_point").chain(CONNECTION_ADDRESSES).any(differs);
        if moved
            && !chosen
            && let Some(port) = port_of(self.store, self.who, &record).await?
        {
            record.set(Self::PORT, Value::Int(port));
        }
        Ok(record)
    }

    /// What else changes with an object that was written: the exchange of a connection that has its port.
    ///
    /// # Errors
    /// The database fails.
    pub async fn follow(&self, write: &mut Write, stored: &Record) -> Result<(), Problem> {
        if stored.of.is(&CONNECTION) {
            exchange_follows(write, self.who, stored).await?;
        }
        Ok(())
    }
}

/// The cache is PeeringDB's, and what the system notes is its own: nobody edits them.
pub(super) fn editable(of: &'static ObjectType) -> Result<&'static ObjectType, Problem> {
    match of.origin {
        Origin::Operator | Origin::Account => Ok(of),
        Origin::PeeringDb => Err(Problem::new(
            Label::Forbidden,
            format!("{} are PeeringDB's. They change with a synchronisation.", of.plural),
        )),
        Origin::Note => Err(Problem::new(Label::Forbidden, format!("{} are written by Peerage itself.", of.plural))),
        Origin::System => Err(Problem::new(
            Label::Forbidden,
            format!("People make {} on the page of their account, or with peerage --help.", in_sentence(of.plural)),
        )),
    }
}

/// Rules about all objects of a type together, looked at before what was written becomes true.
///
/// # Errors
/// As the rule says.
pub(super) async fn keep_rules(write: &mut Write, of: &'static ObjectType) -> Result<(), Problem> {
    if of.is(&USER) { keep_an_administrator(write).await } else { Ok(()) }
}

fn object(reference: &ObjectRef) -> Result<&'static ObjectType, Problem> {
    registry::get(&reference.of).map_err(|message| Problem::malformed(format!("object.type: {message}")))
}

impl Records {
    /// A peer has the same address on several routers: says of sessions on which one they are, as far as that may be seen.
    async fn tell_routers(&self, who: &Who, hits: &mut [Hit]) -> Result<(), Problem> {
        let (Ok(connections), Ok(routers)) = (who.permit::<View>(&CONNECTION), who.permit::<View>(&ROUTER)) else {
            return Ok(());
        };
        // what a session or a connection leads to, by its number
        let leads = |records: Vec<Record>, field: &'static str| -> HashMap<i64, i64> {
            records.iter().filter_map(|record| Some((record.id, record.int(field)?))).collect()
        };
        let mut on: HashMap<ObjectRef, i64> = HashMap::new();
        for (of, field) in [(&IX_SESSION, "ixp_connection"), (&DIRECT_SESSION, "router")] {
            let key = of.key();
            let ids: Vec<i64> = hits.iter().map(|hit| &hit.object).filter(|it| it.of == key).map(|it| it.id).collect();
            if ids.is_empty() {
                continue;
            }
            let mut found = leads(self.store.brief(&who.permit::<View>(of)?, &[field], Which::Ids(&ids)).await?, field);
            if of.is(&IX_SESSION) {
                let ids: Vec<i64> = found.values().copied().collect();
                let ports = leads(self.store.brief(&connections, &["router"], Which::Ids(&ids)).await?, "router");
                found = found.into_iter().filter_map(|(id, port)| Some((id, *ports.get(&port)?))).collect();
            }
            on.extend(found.into_iter().map(|(id, router)| (ObjectRef { of: key.clone(), id }, router)));
        }
        let ids: Vec<i64> = on.values().copied().collect();
        if ids.is_empty() {
            return Ok(());
        }
        let names = self.store.brief(&routers, &["name"], Which::Ids(&ids)).await?;
        for hit in hits {
            let router = on.get(&hit.object).and_then(|id| names.iter().find(|router| router.id == *id));
            hit.on = router.map(|router| router.text("name").to_owned()).unwrap_or_default();
        }
        Ok(())
    }
}

#[async_trait]
impl records::Records for Records {
    async fn list(&self, who: &Who, request: ListRequest) -> Result<Page, Problem> {
        let query = request.resolve()?;
        let listing = self.store.list(&who.permit::<View>(query.of)?, &query).await?;
        Ok(listing.into_page(&query))
    }

    async fn get(&self, who: &Who, reference: ObjectRef) -> Result<Detail, Problem> {
        let of = object(&reference)?;
        let record = self.store.get(&who.permit::<View>(of)?, reference.id).await?;
        self.detail(who, record.ok_or_else(|| Problem::not_found(of.name))?).await
    }

    async fn effective(&self, who: &Who, reference: ObjectRef) -> Result<Vec<InEffect>, Problem> {
        let of = object(&reference)?;
        let record = self.store.get(&who.permit::<View>(of)?, reference.id).await?;
        effective::of(&self.store, who, &record.ok_or_else(|| Problem::not_found(of.name))?).await
    }

    async fn context(&self, who: &Who, reference: ObjectRef) -> Result<ObjectContext, Problem> {
        let of = object(&reference)?;
        let record = self.store.get(&who.permit::<View>(of)?, reference.id).await?;
        context::of(&self.store, who, &record.ok_or_else(|| Problem::not_found(of.name))?).await
    }

    async fn save(&self, who: &Who, edit: Edit) -> Result<Detail, Problem> {
        let request = request_id();
        let record = if edit.id == 0 {
            self.create(who, &edit, &request).await?
        } else {
            self.change(who, &edit, &request).await?
        };
        Ok(Detail { request: Some(request), ..self.detail(who, record).await? })
    }

    async fn save_many(&self, who: &Who, edits: ManyEdits, trial: bool) -> Result<ManyDone, Problem> {
        many::save(&self.store, who, &edits, trial).await
    }

    async fn consequences(&self, who: &Who, which: Selection) -> Result<Consequences, Problem> {
        many::consequences(&self.store, who, &which).await
    }

    async fn delete(&self, who: &Who, reference: ObjectRef) -> Result<Done, Problem> {
        let of = editable(object(&reference)?)?;
        let permit = who.permit::<Delete>(of)?;
        let request = request_id();
        let mut write = self.store.begin(who, &request).await?;
        write.delete(&permit, reference.id).await?;
        keep_rules(&mut write, of).await?;
        write.commit().await?;
        Ok(Done { request })
    }

    async fn delete_many(&self, who: &Who, which: Selection) -> Result<Done, Problem> {
        many::delete(&self.store, who, &which).await
    }

    async fn search(&self, who: &Who, text: String) -> Result<Vec<Hit>, Problem> {
        let words = searched(&text);
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let types = registry::TYPES.iter().copied().filter(|of| of.fields.iter().any(|field| field.is_search()));
        // what people edit comes before what was taken over; logs have lists of their own
        let order = [Origin::Operator, Origin::PeeringDb, Origin::Account];
        let place = |of: &ObjectType| order.iter().position(|origin| *origin == of.origin);
        let looked_at = types.filter_map(|of| Some((place(of)?, who.permit::<View>(of).ok()?)));
        let (store, words) = (&self.store, &words);
        let searches = looked_at.map(|(place, permit)| async move {
            let found = store.search(&permit, words, HITS).await?;
            let hit = |(rank, record): &(Rank, Record)| {
                let object = ObjectRef { of: record.of.key(), id: record.id };
                ((*rank, place), Hit { object, label: label::label(record, &found.related), on: String::new() })
            };
            Ok::<_, Problem>(found.records.iter().map(hit).collect::<Vec<_>>())
        });
        let mut hits: Vec<_> = try_join_all(searches).await?.into_iter().flatten().collect();
        hits.sort_by_key(|(better, _)| *better);
        let mut hits: Vec<Hit> = hits.into_iter().map(|(_, hit)| hit).take(MOST_HITS).collect();
        self.tell_routers(who, &mut hits).await?;
        Ok(hits)
    }
}
