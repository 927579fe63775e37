//! People and desks to turn to, what for, and for which network or exchange.

use super::{COMMENTS, CREATED, DESCRIPTION, LOCAL_CONTEXT, NAME, SLUG, TAGS, UPDATED, attached::CONTACTED};
use crate::{
    ObjectType,
    field::{choice, email, int, reference, text},
    object::{Attached, Unique, object},
};

pub static CONTACT_ROLE: ObjectType = object("messaging", "contact-roles", "contactrole")
    .called("Contact role", "Contact roles")
    .icon("group")
    .label("{name}")
    .order(&["name"])
    .about("What a contact is for: the NOC, peering policy, maintenance. Templates ask for a contact by its role.")
    .fields(&[NAME.group("Contact role"), SLUG, DESCRIPTION.column(), LOCAL_CONTEXT, TAGS, CREATED, UPDATED]);

pub static CONTACT: ObjectType = object("messaging", "contacts", "contact")
    .called("Contact", "Contacts")
    .icon("contact")
    .label("{name}")
    .order(&["name"])
    .about("Somebody at a peer or an exchange: a person, a desk, a mailbox. Assign contacts to networks and exchanges, and e-mails find them.")
    .fields(&[
        text("name", 100).required().column().search().group("Contact").help("A person or a desk."),
        text("title", 100).column().search().help("Their function, as on a card."),
        text("phone", 50).column().search().copy().help("As one dials it, with the country."),
        email("email").label_as("E-mail").column().search().copy().help("Where mail for them goes."),
        text("address", 200).search().help("Where they are."),
        DESCRIPTION,
        LOCAL_CONTEXT,
        TAGS,
        COMMENTS,
        CREATED,
        UPDATED,
    ]);

pub static CONTACT_ASSIGNMENT: ObjectType = object("messaging", "contact-assignments", "contactassignment")
    .called("Contact assignment", "Contact assignments")
    .icon("contact")
    .label("{contact}")
    .order(&["contact"])
    .about("Who is to be turned to about a network or an exchange, and what for.")
    .attached(&Attached { of: "content_type", id: "object_id", object: "object", set: "contacts" })
    .unique(&[Unique {
        name: "unique_contactassignment_object_contact_role",
        fields: &["content_type", "object_id", "contact", "role"],
        message: "This contact has that role there already.",
        at: "role",
    }])
    .fields(&[
        choice("content_type", &CONTACTED)
            .label_as("Assigned to")
            .required()
            .column()
            .filter()
            .group("Assignment")
            .help("The type of what they are a contact for."),
        int("object_id", 1, i64::MAX)
            .label_as("Object")
            .required()
            .column()
            .filter()
            .help("What they are a contact for."),
        reference("contact", &CONTACT).required().column().filter().help("Who."),
        reference("role", &CONTACT_ROLE).required().column().filter().help("What they are turned to for."),
        CREATED,
        UPDATED,
    ]);
