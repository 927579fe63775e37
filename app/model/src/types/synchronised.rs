//! Templates and contexts whose content is a file of a data source: fields that they share, and what is true of them.

use super::{DATA_FILE, DATA_SOURCE};
use crate::{
    Facts, Field, OnDelete, Record, Value,
    check::Problems,
    facts::one,
    field::{bool, reference, text, time},
};

pub(super) const SOURCE: Field =
    reference("data_source", &DATA_SOURCE).nullable().filter().help("Where its file comes from.");
pub(super) const FILE: Field = reference("data_file", &DATA_FILE)
    .nullable()
    .on_delete(OnDelete::SetNull)
    .help("The file that its content is taken from; none: it is written here.");
pub(super) const PATH: Field = text("data_path", 1000).label_as("Path").read_only();
pub(super) const AUTOMATIC: Field = bool("auto_synchronisation_enabled")
    .label_as("Kept in step")
    .default_on()
    .help("When its source is synchronised, its content is taken again.");
pub(super) const MOMENT: Field = time("data_synchronised").label_as("Taken from the file").nullable().read_only();

/// Without a file nothing is said of one.
pub(super) fn follow_the_file(record: &mut Record) {
    if record.get("data_file").is_null() {
        record.set("data_source", Value::Null);
        record.set("data_path", Value::text(""));
        record.set("auto_synchronisation_enabled", Value::Bool(false));
        record.set("data_synchronised", Value::Null);
    }
}

/// The file is one of the source that is named.
pub(super) fn from_a_file(record: &Record, facts: &dyn Facts, problems: &mut Problems) {
    let Some(Some(file)) = one(facts, record, "data_file") else { return };
    if file.int("source") != record.int("data_source") {
        problems.add("data_file", "This file is not one of that data source.");
    }
}
