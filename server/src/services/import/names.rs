//! Objects by the names that a file has for them: a number of their own (`#12`), an AS number, what no two of them share, what
//! they are called. Only those that the person may see are found. It costs some statements for each type that is referred to,
//! not for each row.

use peerage_model::{
    Asn, Kind, ObjectType, Problem, Value, Who,
    label::label,
    permit::View,
    problem::in_sentence,
    query::brief_fields,
    spelling::{key_fields, number_field, numbered},
};
use peerage_store::{Store, Which};
use std::collections::{BTreeSet, HashMap};

/// A type, by its address: there is one of each.
type Key = usize;

fn key(of: &'static ObjectType) -> Key {
    std::ptr::from_ref(of).addr()
}

/// Names that are to be looked up, and what they turned out to mean.
#[derive(Default)]
pub struct Names {
    wanted: HashMap<Key, (Option<&'static ObjectType>, BTreeSet<String>)>,
    found: HashMap<Key, HashMap<String, Result<i64, String>>>,
}

impl Names {
    pub fn want(&mut self, of: &'static ObjectType, name: &str) {
        // nothing is called so, and PostgreSQL does not even look for it
        if name.contains('\0') {
            return;
        }
        let (slot, names) = self.wanted.entry(key(of)).or_default();
        *slot = Some(of);
        names.insert(name.to_owned());
    }

    /// The object that is meant.
    ///
    /// # Errors
    /// A sentence for the person: there is none, or there are several.
    pub fn get(&self, of: &'static ObjectType, name: &str) -> Result<i64, String> {
        let found = self.found.get(&key(of)).and_then(|found| found.get(name));
        found.cloned().unwrap_or_else(|| Err(not_there(of, name)))
    }

    /// Looks up what is wanted.
    ///
    /// # Errors
    /// The database fails.
    pub async fn look_up(&mut self, store: &Store, who: &Who) -> Result<(), Problem> {
        for (of, names) in std::mem::take(&mut self.wanted).into_values() {
            let Some(of) = of.filter(|of| who.allows::<View>(of)) else { continue };
            let found = Search { store, who, of, names, found: HashMap::new() }.run().await?;
            self.found.insert(key(of), found);
        }
        Ok(())
    }
}

fn not_there(of: &ObjectType, name: &str) -> String {
    let hint = if name.bytes().all(|byte| byte.is_ascii_digit()) {
        format!(" Write #{name} for the one with that number.")
    } else {
        String::new()
    };
    format!("There is no {} “{name}” that you may see.{hint}", in_sentence(of.name))
}

struct Search<'a> {
    store: &'a Store,
    who: &'a Who,
    of: &'static ObjectType,
    /// What nothing was found for yet.
    names: BTreeSet<String>,
    found: HashMap<String, Result<i64, String>>,
}

/// An AS number, and perhaps a name after it: `64500`, `AS64500`, `AS64500 - Example`.
fn number_of(name: &str) -> Option<i64> {
    let first = name.split_whitespace().next()?;
    let whole = first == name || first.get(..2).is_some_and(|prefix| prefix.eq_ignore_ascii_case("as"));
    first.parse::<Asn>().ok().filter(|_| whole).map(|asn| i64::from(asn.0))
}

impl Search<'_> {
    async fn run(mut self) -> Result<HashMap<String, Result<i64, String>>, Problem> {
        self.by_number().await?;
        if let Some(field) = number_field(self.of) {
            self.by_field(field, |name| number_of(name).map(Value::Int)).await?;
        }
        for field in key_fields(self.of).into_iter().filter(|field| !matches!(field.kind, Kind::Asn { .. })) {
            self.by_field(field, |name| field.kind.parse(name).ok()).await?;
        }
        self.by_label().await?;
        Ok(self.found)
    }

    fn settle(&mut self, name: &str, ids: &[i64]) {
        let what = match ids {
            [] => return,
            [id] => Ok(*id),
            many => {
                let numbers: Vec<String> = many.iter().take(5).map(|id| format!("#{id}")).collect();
                let more = if many.len() > 5 { " and others" } else { "" };
                Err(format!(
                    "{} {} are called “{name}”: {}{more}. Write the number of the one that is meant, like {}.",
                    many.len(),
                    in_sentence(self.of.plural),
                    numbers.join(", "),
                    numbers[0],
                ))
            }
        };
        self.names.remove(name);
        self.found.insert(name.to_owned(), what);
    }

    /// `#12`, and `Example #12` if that is still what it is called.
    async fn by_number(&mut self) -> Result<(), Problem> {
        let wanted: Vec<(String, String, i64)> = self
            .names
            .iter()
            .filter_map(|name| numbered(name).map(|(label, id)| (name.clone(), label.to_owned(), id)))
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let ids: Vec<i64> = wanted.iter().map(|(.., id)| *id).collect();
        let permit = self.who.permit::<View>(self.of)?;
        let records = self.store.get_many(&permit, &ids).await?;
        let related = self.store.related(&permit, &records).await?;
        let labels: HashMap<i64, String> = records.iter().map(|record| (record.id, label(record, &related))).collect();
        for (name, called, id) in wanted {
            if labels.get(&id).is_some_and(|label| called.is_empty() || *label == called) {
                self.settle(&name, &[id]);
            }
        }
        Ok(())
    }

    async fn by_field(
        &mut self,
        field: &'static peerage_model::Field,
        value: impl Fn(&str) -> Option<Value>,
    ) -> Result<(), Problem> {
        let wanted: Vec<(String, Value)> =
            self.names.iter().filter_map(|name| Some((name.clone(), value(name)?))).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let values: Vec<Value> = wanted.iter().map(|(_, value)| value.clone()).collect();
        let records = self.store.among(&self.who.permit::<View>(self.of)?, field.name, &values).await?;
        let mut holders: HashMap<String, Vec<i64>> = HashMap::new();
        for record in &records {
            holders.entry(field.kind.print(record.get(field.name))).or_default().push(record.id);
        }
        for (name, value) in wanted {
            if let Some(ids) = holders.get_mut(&field.kind.print(&value)) {
                ids.dedup();
                let ids = ids.clone();
                self.settle(&name, &ids);
            }
        }
        Ok(())
    }

    /// What is called so in words, which may lead through other objects: looked for among all of them.
    async fn by_label(&mut self) -> Result<(), Problem> {
        if self.names.is_empty() {
            return Ok(());
        }
        let permit = self.who.permit::<View>(self.of)?;
        let fields: Vec<&str> = brief_fields(self.of).into_iter().map(|index| self.of.fields[index].name).collect();
        let records = self.store.brief(&permit, &fields, Which::All).await?;
        let related = self.store.related(&permit, &records).await?;
        let mut called: HashMap<String, Vec<i64>> = HashMap::new();
        for record in &records {
            called.entry(label(record, &related)).or_default().push(record.id);
        }
        for name in self.names.clone() {
            let without_number = numbered(&name).map(|(label, _)| label.to_owned());
            let ids = called.get(&name).or_else(|| called.get(&without_number?));
            if let Some(ids) = ids.cloned() {
                self.settle(&name, &ids);
            }
        }
        Ok(())
    }
}
