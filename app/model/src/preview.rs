//! What a page and its render worker say to each other: one JSON text for a call, one for its reply. Here, because both
//! ends must read the same shapes, and the page's wasm does not contain the renderer.

use crate::{Need, context::Merging, wire::RecordSet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A call of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Call {
    /// Is it there yet? Answered as soon as the wasm is loaded.
    Ready,
    /// Begins a render; one that was going on is given up.
    Render(Render),
    /// Renders plain data: the conformance suite asks the shipped worker with it.
    Data(Data),
    /// What was fetched for some needs.
    Answer { needs: Vec<Need>, sets: Vec<RecordSet> },
    /// Goes on after its needs were answered.
    Resume,
    /// Drops everything that is known: it may have changed.
    Forget,
}

/// What a template is rendered for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A router, by number: its configuration.
    Router(i64),
    /// All objects of a type, `peering.autonomoussystem`: an export of them.
    Export(String),
}

/// A text from a template that may not be saved yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Render {
    pub template: String,
    pub trim: bool,
    pub lstrip: bool,
    pub subject: Subject,
    /// Microseconds since 1970: what `now()` tells, in UTC.
    pub now: i64,
    /// How config contexts are merged.
    #[serde(default)]
    pub merging: Merging,
}

/// A template over values that need nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub template: String,
    #[serde(default)]
    pub trim: bool,
    #[serde(default)]
    pub lstrip: bool,
    pub values: serde_json::Map<String, serde_json::Value>,
    /// What includes find, by `kind::identifier`.
    #[serde(default)]
    pub templates: BTreeMap<String, String>,
}

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// Ready, answered, forgotten.
    Ok,
    Done(Text),
    /// Fetch these, answer and resume.
    Needs(Vec<Need>),
    /// The template is at fault.
    Fault(Fault),
    /// The call was not understood: a fault of this product.
    Refused(String),
}

/// A finished render.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Text {
    pub text: String,
    /// A placeholder stands for a secret that this reader does not see: not for a router.
    pub placeholders: bool,
    /// Runs of the template until nothing was missing.
    pub passes: u32,
    /// In the renderer alone, all passes together.
    pub milliseconds: f64,
    #[serde(default)]
    pub warnings: Vec<Warning>,
}

/// Something that a template may mean otherwise than it says; its text is whole all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// From 1.
    pub line: usize,
    /// The character in which the name begins, from 1.
    pub column: usize,
    pub message: String,
    /// The name that is nowhere.
    pub name: String,
    /// What was probably meant.
    pub meant: Option<String>,
}

/// What a template may write beside the fields of objects, as the renderer knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Of a router's configuration.
    pub variables: Vec<Word>,
    /// Of an export: query results of the type that is exported.
    pub of_export: Vec<Word>,
    /// To be called.
    pub functions: Vec<Word>,
    pub statements: Vec<Word>,
    pub filters: Vec<Word>,
    pub tests: Vec<Word>,
    /// Behind `loop.`
    pub of_loop: Vec<Word>,
    /// Methods of query results and relations.
    pub of_rows: Vec<Word>,
    /// Methods and computed attributes of objects, by type.
    pub of_types: BTreeMap<String, Vec<Word>>,
}

/// A name with what one should know of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Word {
    pub name: String,
    /// None: it is not called. Else the names of its arguments, those that may be left out with `=`.
    pub arguments: Option<String>,
    pub about: String,
    pub gives: Gives,
}

/// What comes of a word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    /// A text, a number, or what depends on the data.
    #[default]
    Plain,
    /// What it is given, or a query result of the same type.
    Same,
    /// The same as a list.
    Listed,
    /// One of the rows that it is given.
    Item,
    /// An object of a type.
    One(String),
    /// A query result.
    Rows(String),
    /// A relation: has `all()` and its like, but cannot be walked over.
    Relation(String),
    /// A list of objects.
    List(String),
}

/// Why a template gave no text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `syntax`, `runtime` or `limit`.
    pub kind: String,
    /// From 1.
    pub line: Option<usize>,
    pub message: String,
    /// The included template in which it is; empty: the outer one.
    pub template: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_replies_survive_the_journey() {
        let render = |subject| {
            let merging = Merging::default();
            Call::Render(Render { template: "!".to_owned(), trim: true, lstrip: false, subject, now: 1, merging })
        };
        let calls = [
            Call::Ready,
            render(Subject::Router(7)),
            render(Subject::Export("extras.tag".to_owned())),
            Call::Answer { needs: vec![Need::All { of: "extras.tag".to_owned() }], sets: Vec::new() },
        ];
        for call in calls {
            let text = serde_json::to_string(&call).expect("plain data");
            assert_eq!(serde_json::from_str::<Call>(&text).expect("the same shape"), call, "{text}");
        }
        let done = Reply::Done(Text { text: "a".to_owned(), ..Text::default() });
        let text = serde_json::to_string(&done).expect("plain data");
        assert_eq!(serde_json::from_str::<Reply>(&text).expect("the same shape"), done);
    }
}
