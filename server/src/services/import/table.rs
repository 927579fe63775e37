//! A file's text as rows of cells. What is read is bounded: more rows than an import takes are counted, not kept.

use peerage_app::import::{Format, MOST_ROWS};
use peerage_model::{Problem, spelling::Cell};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde_json::{Map, Value as Json};
use std::{collections::HashMap, fmt};

/// A file that was read.
#[derive(Debug, Default)]
pub struct Table {
    pub headings: Vec<String>,
    pub rows: Vec<Line>,
}

/// One row.
#[derive(Debug)]
pub struct Line {
    /// Which of the file's, counted from 0; rows without anything in them count and are left out.
    pub number: usize,
    /// In the order of the headings; none where the row says nothing of a column.
    pub cells: Vec<Option<Content>>,
    /// It has another number of cells than the heading.
    pub odd: Option<usize>,
}

#[derive(Debug)]
pub enum Content {
    Text(String),
    Json(Json),
}

impl Content {
    pub fn cell(&self) -> Cell<'_> {
        match self {
            Self::Text(text) => Cell::Text(text),
            Self::Json(json) => Cell::Json(json),
        }
    }
}

impl Table {
    /// # Errors
    /// The text is not of the format, has no rows or too many: a sentence with the place.
    pub fn read(format: Format, text: &str) -> Result<Self, Problem> {
        // what editors put before UTF-8
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.trim().is_empty() {
            return Err(unreadable("There is nothing in this file."));
        }
        let table = match format {
            Format::Csv => from_csv(text)?,
            Format::Json => of_rows(serde_json::from_str(text).map_err(|error| {
                unreadable(of_rows_error(&error.to_string()).unwrap_or_else(|| format!("This is not JSON: {error}.")))
            })?),
            Format::Yaml => of_rows(from_yaml(text)?),
        };
        if table.rows.is_empty() {
            return Err(unreadable("This file has no rows, only a heading."));
        }
        Ok(table)
    }
}

fn unreadable(why: impl Into<String>) -> Problem {
    Problem::field("text", why)
}

fn too_many(rows: &str) -> String {
    format!(
        "These are {rows} rows; at most {MOST_ROWS} at once. Cut the file into several, and import one after the other."
    )
}

// ---- CSV ----

/// The character between cells: whichever of those in use the heading has most of, outside quotation marks.
fn separator(text: &str) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' | b'\r' if !quoted => break,
            byte if !quoted => counts.iter_mut().filter(|(known, _)| *known == byte).for_each(|(_, count)| *count += 1),
            _ => {}
        }
    }
    // of equally many the first
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(byte, _)| byte)
}

fn from_csv(text: &str) -> Result<Table, Problem> {
    let failed = |error: csv::Error| unreadable(format!("This is not CSV: {error}."));
    let reader = || {
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(separator(text)).flexible(true).from_reader(text.as_bytes())
    };
    let mut counting = reader();
    let (mut record, mut count) = (csv::ByteRecord::new(), 0usize);
    while counting.read_byte_record(&mut record).map_err(failed)? {
        count += 1;
    }
    if count > MOST_ROWS {
        return Err(unreadable(too_many(&count.to_string())));
    }
    let mut reading = reader();
    let headings: Vec<String> =
        reading.headers().map_err(failed)?.iter().map(|heading| heading.trim().to_owned()).collect();
    let mut rows = Vec::with_capacity(count);
    for (number, record) in reading.records().enumerate() {
        let record = record.map_err(failed)?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let odd = (record.len() != headings.len()).then_some(record.len());
        let cells = record.iter().take(headings.len()).map(|cell| Some(Content::Text(cell.to_owned())));
        let mut cells: Vec<_> = cells.collect();
        cells.resize_with(headings.len(), || None);
        rows.push(Line { number, cells, odd });
    }
    Ok(Table { headings, rows })
}

// ---- JSON and YAML ----

/// Objects, or one.
struct Rows(Vec<Map<String, Json>>);

/// Begins the messages of [`Rows`] itself, which are sentences.
const SENTENCE: &str = "<|>";

fn of_rows_error(error: &str) -> Option<String> {
    let (_, sentence) = error.split_once(SENTENCE)?;
    Some(sentence.split(SENTENCE).next().unwrap_or(sentence).to_owned())
}

impl<'de> Deserialize<'de> for Rows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reading;
        impl<'de> Visitor<'de> for Reading {
            type Value = Rows;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of objects")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Rows, A::Error> {
                let sentence = |text: String| A::Error::custom(format!("{SENTENCE}{text}{SENTENCE}"));
                let mut rows = Vec::new();
                while let Some(item) = items.next_element::<Json>()? {
                    if rows.len() == MOST_ROWS {
                        return Err(sentence(too_many(&format!("more than {MOST_ROWS}"))));
                    }
                    match item {
                        Json::Object(row) => rows.push(row),
                        _ => {
                            return Err(sentence(format!(
                                "Row {} is not an object. A list of objects is expected, each with fields by name.",
                                rows.len() + 1
                            )));
                        }
                    }
                }
                Ok(Rows(rows))
            }

            fn visit_map<A: MapAccess<'de>>(self, items: A) -> Result<Rows, A::Error> {
                Map::deserialize(MapAccessDeserializer::new(items)).map(|row| Rows(vec![row]))
            }
        }
        deserializer.deserialize_any(Reading)
    }
}

fn from_yaml(text: &str) -> Result<Rows, Problem> {
    // a hundred thousand rows of ten fields, two nodes each; aliases that multiply are refused by its other bounds
    let budget =
        serde_saphyr::budget!(max_events: 3_000_000, max_nodes: 2_500_000, max_recorded_anchor_events: 100_000);
    let options = serde_saphyr::options!(budget: budget, with_snippet: false);
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let error = error.to_string();
        unreadable(of_rows_error(&error).unwrap_or_else(|| {
            format!("This is not YAML: {}.", error.lines().next().unwrap_or_default().trim_end_matches('.'))
        }))
    })
}

fn of_rows(rows: Rows) -> Table {
    let mut at: HashMap<String, usize> = HashMap::new();
    let mut headings = Vec::new();
    for key in rows.0.iter().flat_map(Map::keys) {
        if !at.contains_key(key) {
            at.insert(key.clone(), headings.len());
            headings.push(key.clone());
        }
    }
    let line = |(number, row): (usize, Map<String, Json>)| {
        let mut cells: Vec<Option<Content>> = Vec::new();
        cells.resize_with(headings.len(), || None);
        for (key, json) in row {
            if let Some(at) = at.get(&key) {
                cells[*at] = Some(Content::Json(json));
            }
        }
        Line { number, cells, odd: None }
    };
    Table { rows: rows.0.into_iter().enumerate().map(line).collect(), headings }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(format: Format, text: &str) -> String {
        Table::read(format, text).unwrap_err().message
    }

    #[test]
    fn the_separator_is_the_headings() {
        for (text, headings) in
            [("a;b;c\n1,0;2;3", 3), ("a,b\n1;2;3,4", 2), ("a\tb\n1\t2", 2), ("\"a;b\",c\n1,2", 2), ("name\nx;y", 1)]
        {
            assert_eq!(Table::read(Format::Csv, text).unwrap().headings.len(), headings, "{text}");
        }
    }

    #[test]
    fn quotes_line_breaks_and_blank_lines_are_what_they_are_in_spreadsheets() {
        let table =
            Table::read(Format::Csv, "\u{feff}name,comments\r\n\"a \"\"b\"\"\",\"one\r\ntwo\"\r\n,\r\nc,\r\n").unwrap();
        assert_eq!(table.headings, ["name", "comments"]);
        let numbers: Vec<usize> = table.rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [0, 2]);
        let Some(Content::Text(text)) = &table.rows[0].cells[1] else { panic!() };
        assert_eq!(text, "one\r\ntwo");
        assert_eq!(Table::read(Format::Csv, "a,b\n\"1,2\n3,4").unwrap().rows[0].odd, Some(1), "an open quote");
    }

    #[test]
    fn what_is_too_much_is_refused_in_words() {
        let csv = format!("name\n{}", "x\n".repeat(100_001));
        assert!(why(Format::Csv, &csv).starts_with("These are 100001 rows; at most 100000 at once."));
        let json = format!("[{}{{}}]", "{},".repeat(MOST_ROWS));
        assert!(
            why(Format::Json, &json).starts_with("These are more than 100000 rows;"),
            "{}",
            why(Format::Json, &json)
        );
        let deep = format!("[{{\"a\": {}1{}}}]", "[".repeat(100_000), "]".repeat(100_000));
        assert!(why(Format::Json, &deep).contains("recursion limit"), "{}", why(Format::Json, &deep));
        assert!(why(Format::Yaml, &deep).starts_with("This is not YAML: "), "{}", why(Format::Yaml, &deep));
        let laughs: String =
            (1..12).map(|n| format!("  - &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "))).collect();
        let laughs = format!("- name: &a0 ha\n  comments:\n{laughs}");
        assert!(why(Format::Yaml, &laughs).starts_with("This is not YAML: "), "{}", why(Format::Yaml, &laughs));
    }

    #[test]
    fn what_is_of_another_form_is_refused_in_words() {
        assert_eq!(
            why(Format::Json, "[{}, 3]"),
            "Row 2 is not an object. A list of objects is expected, each with fields by name."
        );
        assert!(why(Format::Json, "{\"a\": }").contains("line 1 column 7"), "{}", why(Format::Json, "{\"a\": }"));
        assert!(why(Format::Yaml, "- a: 1\n b: [").contains("line 2"), "{}", why(Format::Yaml, "- a: 1\n b: ["));
        assert!(why(Format::Yaml, "- 1").starts_with("Row 1 is not an object."), "{}", why(Format::Yaml, "- 1"));
        assert_eq!(why(Format::Csv, "name\n"), "This file has no rows, only a heading.");
        assert_eq!(why(Format::Csv, " \n"), "There is nothing in this file.");
        assert_eq!(Table::read(Format::Yaml, "- name: a\n- {name: b, slug: c}\n").unwrap().headings, ["name", "slug"]);
        assert_eq!(Table::read(Format::Json, "{\"name\": 1}").unwrap().rows.len(), 1);
    }
}
