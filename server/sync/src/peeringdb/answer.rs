//! One type's answer: read once from end to end, so that a broken one is known before anything is done with it, and kept
//! as bytes with the place of each row. A row is taken apart only if it turns out to be needed: on a quiet day none is.

use super::source::SourceError;
use peerage_model::text::parse_time;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::{borrow::Cow, collections::HashMap, fmt};

/// All rows of an answer, each id once: the last one counts.
#[derive(Debug, Default)]
pub struct Answer {
    pages: Vec<Vec<u8>>,
    pub rows: Vec<Row>,
    /// Rows that have no id, in words.
    pub nameless: usize,
    /// When the answer was made, seconds since 1970.
    pub generated: Option<i64>,
    /// It holds every row that there is, so that a row that is missing was deleted.
    pub whole: bool,
}

/// One row: what must be known of it to decide, and where the rest stands.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub id: i64,
    /// Microseconds since 1970.
    pub updated: Option<i64>,
    /// A tombstone.
    pub deleted: bool,
    page: u32,
    start: u32,
    end: u32,
}

impl Answer {
    /// A row's JSON.
    pub fn raw(&self, row: &Row) -> &str {
        let bytes = &self.pages[row.page as usize][row.start as usize..row.end as usize];
        // `read` found it through serde_json, which had checked that it is UTF-8
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// When the newest row was changed, seconds since 1970.
    pub fn newest(&self) -> Option<i64> {
        self.rows.iter().filter_map(|row| row.updated).max().map(|micros| micros.div_euclid(1_000_000))
    }
}

/// Reads pages in the API's form (`{"data": [...], "meta": {...}}`) or as plain lists.
///
/// # Errors
/// If one is not well-formed, or is an error in the API's form.
pub fn read(pages: Vec<Vec<u8>>) -> Result<Answer, SourceError> {
    let mut answer = Answer::default();
    let mut places: HashMap<i64, usize> = HashMap::new();
    for (page, bytes) in pages.iter().enumerate() {
        let body = read_page(bytes)?;
        if let Some(error) = body.meta.get("error").and_then(serde_json::Value::as_str) {
            return Err(SourceError::Unreadable(format!("it says “{}”", error.chars().take(200).collect::<String>())));
        }
        let generated = body.meta.get("generated").and_then(serde_json::Value::as_f64);
        answer.generated = answer.generated.max(generated.map(|seconds| seconds as i64));
        for raw in body.data {
            let Some(head) = serde_json::from_str::<Head<'_>>(raw.get()).ok().filter(|head| head.id > 0) else {
                answer.nameless += 1;
                continue;
            };
            let start = raw.get().as_ptr() as usize - bytes.as_ptr() as usize;
            let row = Row {
                id: head.id,
                updated: head.updated.0.as_deref().and_then(|text| parse_time(text).ok()),
                deleted: head.status.0.as_deref() == Some("deleted"),
                page: page as u32,
                start: start as u32,
                end: (start + raw.get().len()) as u32,
            };
            match places.entry(head.id) {
                std::collections::hash_map::Entry::Occupied(place) => answer.rows[*place.get()] = row,
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(answer.rows.len());
                    answer.rows.push(row);
                }
            }
        }
    }
    answer.pages = pages;
    Ok(answer)
}

fn read_page(bytes: &[u8]) -> Result<Body<'_>, SourceError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let html = bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<');
        SourceError::Unreadable(if html { "it is a web page, not JSON".to_owned() } else { error.to_string() })
    })
}

#[derive(Default)]
struct Body<'a> {
    data: Vec<&'a RawValue>,
    meta: serde_json::Value,
}

#[derive(Deserialize)]
struct Head<'a> {
    id: i64,
    #[serde(borrow, default)]
    status: Word<'a>,
    #[serde(borrow, default)]
    updated: Word<'a>,
}

/// A text if it is one, whatever else it may be.
#[derive(Default)]
struct Word<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Word<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&'de RawValue>::deserialize(deserializer)?.get();
        let plain = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')).filter(|text| !text.contains('\\'));
        Ok(Self(plain.map(Cow::Borrowed).or_else(|| serde_json::from_str::<String>(raw).ok().map(Cow::Owned))))
    }
}

impl<'de> Deserialize<'de> for Body<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Body<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of rows, or an object with one in “data”")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Self::Value, A::Error> {
                let mut data = Vec::new();
                while let Some(row) = rows.next_element()? {
                    data.push(row);
                }
                Ok(Body { data, meta: serde_json::Value::Null })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut data, mut meta) = (None, serde_json::Value::Null);
                while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                    match &*key {
                        "data" => data = Some(map.next_value()?),
                        "meta" => meta = map.next_value()?,
                        _ => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                let data = data.ok_or_else(|| serde::de::Error::missing_field("data"))?;
                Ok(Body { data, meta })
            }
        }
        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Result<Answer, SourceError> {
        read(vec![text.as_bytes().to_vec()])
    }

    #[test]
    fn both_forms_are_read_and_the_last_of_two_counts() {
        let rows = r#"[{"id": 1, "updated": "2026-01-01T00:00:00Z"}, {"id": 2, "status": "deleted"}, {"id": 1, "x": 5}, {"y": 1}]"#;
        for text in [rows.to_owned(), format!(r#"{{"meta": {{"generated": 1541853554.966}}, "data": {rows}}}"#)] {
            let answer = page(&text).unwrap();
            assert_eq!((answer.rows.len(), answer.nameless), (2, 1));
            assert_eq!(answer.raw(&answer.rows[0]), r#"{"id": 1, "x": 5}"#);
            assert!(answer.rows[1].deleted);
        }
        assert_eq!(page(r#"{"data": [], "meta": {"generated": 7.9}}"#).unwrap().generated, Some(7));
        assert_eq!(page(r#"{"data": [], "meta": {}}"#).unwrap().generated, None);
    }

    #[test]
    fn broken_answers_are_refused_whole() {
        for text in ["", "[{\"id\": 1}, {\"id\"", "<html>", "{}", "{\"data\": 5}", "[1] x"] {
            assert!(page(text).is_err(), "{text}");
        }
        let error = page(r#"{"meta": {"error": "Entity not found"}, "data": []}"#).unwrap_err();
        assert!(error.to_string().contains("Entity not found"));
    }
}
