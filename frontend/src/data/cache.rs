//! What the server told, kept for this page's life: records by type and number, and which of them a list showed. A
//! record that travelled in brief (as a mere reference) fills what is not known and never takes away what is; a newer
//! version takes the place of an older one. Lists are forgotten by type when something was written. At most 20,000
//! records; what was not looked at for longest goes first.
//!
//! It is [`Stored`] that pages hand to whatever wants names of objects.

use peerage_app::records::{Detail, Referring};
use peerage_model::{
    Kind, Lookup, ObjectType, Problem, Record,
    query::ListRequest,
    registry,
    wire::{Page, RecordSet},
};
use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

const MOST_RECORDS: usize = 20_000;
const MOST_LISTS: usize = 100;

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    pub rows: Vec<Record>,
    /// All that match, on every page.
    pub total: u64,
}

/// One object, whole, and how many others lead to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Detailed {
    pub record: Record,
    pub referring: Vec<Referring>,
}

/// The records that are kept, as a source of names.
#[derive(Clone, Copy, Debug)]
pub struct Stored;

impl Lookup for Stored {
    fn find(&self, of: &'static ObjectType, id: i64) -> Option<Record> {
        CACHE.with_borrow_mut(|cache| cache.find((key(of), id)))
    }
}

/// A type and a number. Types are told apart by their address.
type Key = (usize, i64);

fn key(of: &'static ObjectType) -> usize {
    std::ptr::from_ref(of).addr()
}

struct Entry {
    record: Record,
    /// One bit for each field that has travelled.
    known: u128,
    used: u64,
}

struct KeptList {
    of: &'static ObjectType,
    /// The fields that its rows were asked with; they may have been forgotten since.
    fields: u128,
    ids: Vec<i64>,
    total: u64,
    used: u64,
}

#[derive(Default)]
struct Cache {
    records: HashMap<Key, Entry>,
    /// By the request's JSON.
    lists: HashMap<String, KeptList>,
    referring: HashMap<Key, Vec<Referring>>,
    /// What is known to be gone: nobody needs to be told again.
    gone: HashSet<Key>,
    clock: u64,
}

thread_local! {
    static CACHE: RefCell<Cache> = RefCell::default();
}

impl Cache {
    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    fn find(&mut self, key: Key) -> Option<Record> {
        let now = self.tick();
        let entry = self.records.get_mut(&key)?;
        entry.used = now;
        Some(entry.record.clone())
    }

    fn find_with(&mut self, key: Key, fields: u128) -> Option<Record> {
        let whole = self.records.get(&key)?.known & fields == fields;
        if whole { self.find(key) } else { None }
    }

    fn merge(&mut self, record: Record, fields: u128) {
        let now = self.tick();
        let key = (key(record.of), record.id);
        self.gone.remove(&key);
        let entry = self.records.entry(key);
        let known = entry.or_insert_with(|| Entry { record: record.clone(), known: 0, used: now });
        known.used = now;
        if record.version > known.record.version {
            *known = Entry { record, known: fields, used: now };
            return;
        }
        let newer = record.version == known.record.version;
        for index in (0..record.of.fields.len()).filter(|index| fields & bit(*index) != 0) {
            if newer || known.known & bit(index) == 0 {
                known.record.set_at(index, record.at(index).clone());
            }
        }
        known.known |= fields;
    }

    fn merge_set(&mut self, set: &RecordSet) -> Result<Vec<Record>, Problem> {
        let records = set.resolve()?;
        let of = registry::get(&set.of).map_err(Problem::malformed)?;
        let fields = set.fields.iter().filter_map(|name| of.index_of(name)).fold(0, |bits, index| bits | bit(index));
        for record in &records {
            self.merge(record.clone(), fields);
        }
        Ok(records)
    }

    /// A quarter goes when it is full, the longest unused first.
    fn make_room(&mut self) {
        if self.records.len() > MOST_RECORDS {
            let mut used: Vec<u64> = self.records.values().map(|entry| entry.used).collect();
            let (_, limit, _) = used.select_nth_unstable(MOST_RECORDS / 4);
            let limit = *limit;
            self.records.retain(|_, entry| entry.used > limit);
            let records = &self.records;
            self.referring.retain(|key, _| records.contains_key(key));
        }
        if self.lists.len() > MOST_LISTS {
            let oldest = self.lists.iter().min_by_key(|(_, list)| list.used).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                self.lists.remove(&oldest);
            }
        }
    }
}

/// The fields of a type fit: the longest has 37.
fn bit(index: usize) -> u128 {
    1 << index.min(127)
}

fn named(request: &ListRequest) -> String {
    serde_json::to_string(request).unwrap_or_default()
}

/// A list as it was when last seen, if all of it is still known.
pub fn listing(request: &ListRequest) -> Option<Listing> {
    CACHE.with_borrow_mut(|cache| {
        let now = cache.tick();
        let list = cache.lists.get_mut(&named(request))?;
        list.used = now;
        let (of, fields, total, ids) = (list.of, list.fields, list.total, list.ids.clone());
        let rows = ids.into_iter().map(|id| cache.find_with((key(of), id), fields)).collect::<Option<Vec<_>>>()?;
        Some(Listing { rows, total })
    })
}

/// Keeps a page that arrived.
///
/// # Errors
/// `Malformed` if this page of the interface does not know a type or field that the server named.
pub fn keep_page(request: &ListRequest, page: Page) -> Result<Listing, Problem> {
    CACHE.with_borrow_mut(|cache| {
        for set in &page.related {
            cache.merge_set(set)?;
        }
        let rows = cache.merge_set(&page.records)?;
        let of = registry::get(&page.records.of).map_err(Problem::malformed)?;
        let fields = page.records.fields.iter().filter_map(|name| of.index_of(name)).fold(0, |bits, at| bits | bit(at));
        let used = cache.tick();
        let ids = rows.iter().map(|record| record.id).collect();
        cache.lists.insert(named(request), KeptList { of, fields, ids, total: page.total, used });
        cache.make_room();
        Ok(Listing { rows, total: page.total })
    })
}

/// Keeps rows that came along with something else.
///
/// # Errors
/// As [`keep_page`].
pub fn keep_sets(sets: &[RecordSet]) -> Result<Vec<Record>, Problem> {
    CACHE.with_borrow_mut(|cache| {
        let mut records = Vec::new();
        for set in sets {
            records.extend(cache.merge_set(set)?);
        }
        cache.make_room();
        Ok(records)
    })
}

/// One object as it was when last seen whole.
pub fn detail(of: &'static ObjectType, id: i64) -> Option<Detailed> {
    let visible =
        (0..of.fields.len()).filter(|index| !of.fields[*index].is_internal()).fold(0, |all, at| all | bit(at));
    CACHE.with_borrow_mut(|cache| {
        let record = cache.find_with((key(of), id), visible)?;
        let referring = cache.referring.get(&(key(of), id)).cloned()?;
        Some(Detailed { record, referring })
    })
}

/// Keeps one object that arrived.
///
/// # Errors
/// As [`keep_page`]; `NotFound` if it is empty.
pub fn keep_detail(detail: Detail) -> Result<Detailed, Problem> {
    CACHE.with_borrow_mut(|cache| {
        for set in &detail.related {
            cache.merge_set(set)?;
        }
        let record = cache.merge_set(&detail.record)?.pop().ok_or_else(|| Problem::not_found("such object"))?;
        cache.referring.insert((key(record.of), record.id), detail.referring.clone());
        cache.make_room();
        Ok(Detailed { record, referring: detail.referring })
    })
}

/// It is not there any more.
pub fn forget(of: &'static ObjectType, id: i64) {
    CACHE.with_borrow_mut(|cache| {
        cache.records.remove(&(key(of), id));
        cache.referring.remove(&(key(of), id));
        cache.gone.insert((key(of), id));
    });
}

/// Whether it was [forgotten](forget) already.
pub fn is_gone(of: &'static ObjectType, id: i64) -> bool {
    CACHE.with_borrow(|cache| cache.gone.contains(&(key(of), id)))
}

/// The newest version that is known of an object.
pub fn version(of: &'static ObjectType, id: i64) -> Option<i64> {
    CACHE.with_borrow(|cache| cache.records.get(&(key(of), id)).map(|entry| entry.record.version))
}

/// Something of this type was written: its lists, and those of the types that lead to it, are not to be trusted, nor
/// any count of what leads where. Changes and whatever else the system notes are written along with everything.
pub fn outdated(of: &'static ObjectType) {
    CACHE.with_borrow_mut(|cache| {
        let leads = |from: &ObjectType| {
            from.fields
                .iter()
                .any(|field| matches!(field.kind, Kind::Reference { to, .. } | Kind::References { to } if to.is(of)))
        };
        cache
            .lists
            .retain(|_, list| !list.of.is(of) && !leads(list.of) && list.of.origin != peerage_model::Origin::Note);
        cache.referring.clear();
    });
}

/// Somebody else signs in: nothing of what the one before saw may be shown.
pub fn clear() {
    CACHE.with_borrow_mut(|cache| *cache = Cache::default());
}
