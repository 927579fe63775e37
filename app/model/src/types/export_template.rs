//! A list of objects as a text of one's own making.

use super::{CREATED, LSTRIP_BLOCKS, TRIM_BLOCKS, UPDATED, attached::EXPORTED, synchronised};
use crate::{
    Facts, ObjectType, Record,
    check::Problems,
    field::{choice, template, text},
    object::{Unique, object},
};

pub static EXPORT_TEMPLATE: ObjectType = object("extras", "export-templates", "exporttemplate")
    .called("Export template", "Export templates")
    .icon("export")
    .label("{name}")
    .order(&["content_type", "name"])
    .about("A Jinja template over objects of a type: a list for another system, a page for the wiki. Lists of that type offer it under Export.")
    .unique(&[Unique {
        name: "unique_exporttemplate_type_name",
        fields: &["content_type", "name"],
        message: "There is a template of this name for that type already.",
        at: "name",
    }])
    .checks(&[name_is_free, synchronised::from_a_file])
    .settled(synchronised::follow_the_file)
    .fields(&[
        text("name", 100)
            .required()
            .column()
            .search()
            .group("Export template")
            .help("What people call it in the list that it exports."),
        choice("content_type", &EXPORTED)
            .label_as("Exports")
            .required()
            .column()
            .filter()
            .help("The template finds them in dataset."),
        template("template").required().hidden(),
        TRIM_BLOCKS,
        LSTRIP_BLOCKS,
        synchronised::SOURCE.group("Data source"),
        synchronised::FILE,
        synchronised::PATH,
        synchronised::AUTOMATIC,
        synchronised::MOMENT,
        text("description", 200).group("More").column().search().help("What it is for."),
        CREATED,
        UPDATED,
    ]);

/// Peering Manager's lists call their plain export "table".
fn name_is_free(record: &Record, _: &dyn Facts, problems: &mut Problems) {
    if record.text("name").eq_ignore_ascii_case("table") {
        problems.add("name", "“table” means the list itself. Choose another name.");
    }
}
