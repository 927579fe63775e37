//! Who may sign in, what they may do, and the keys that stand for them. Passwords, keys and cookies are kept as hashes
//! only. What is permitted is judged in [`crate::permit`].

use super::AUTONOMOUS_SYSTEM;
use crate::{
    ObjectType, OnDelete, Origin,
    field::{bool, email, permissions, reference, references, text, text_list, time},
    object::object,
};

pub static GROUP: ObjectType = object("users", "groups", "group")
    .called("Group", "Groups")
    .icon("users")
    .origin(Origin::Account)
    .label("{name}")
    .order(&["name"])
    .about("What several people may do, said once: a team, a role.")
    .fields(&[
        text("name", 150).required().unique().column().search().group("Group").help("What people call it."),
        text("description", 200).column().search().help("Who is in it."),
        permissions("permissions").column().help("What everybody in this group may do."),
    ]);

pub static USER: ObjectType = object("users", "users", "user")
    .called("User", "Users")
    .icon("contact")
    .origin(Origin::Account)
    .label("{username}")
    .order(&["username"])
    .about("Somebody who may sign in.")
    .fields(&[
        text("username", 150)
            .label_as("User name")
            .required()
            .unique()
            .column()
            .search()
            .group("User")
            .help("What they type to log in."),
        text("first_name", 150).column().search().help("For others to know them by."),
        text("last_name", 150).column().search().help("For others to know them by."),
        email("email").label_as("E-mail").column().search().help("Where they can be reached."),
        // argon2 PHC string; empty: may not sign in with a password
        text("password", 200).internal(),
        bool("is_active").label_as("Active").default_on().column().filter().help("May sign in."),
        bool("is_superuser").label_as("Administrator").column().filter().help("May do everything."),
        // Peering Manager's: may see its administration; kept for who moves there and back
        bool("is_staff").label_as("Staff").read_only().hidden(),
        references("groups", &GROUP).column().filter().help("May do what these groups may."),
        permissions("permissions").help("What this person may do beside that. Groups are easier to keep in order."),
        // set from the bar at the top: forms and imports begin with it
        reference("context_as", &AUTONOMOUS_SYSTEM)
            .label_as("Works as")
            .nullable()
            .read_only()
            .on_delete(OnDelete::SetNull)
            .help("The affiliated AS that they have chosen to work as."),
        time("date_joined").nullable().read_only(),
        time("last_login").nullable().read_only().column(),
    ]);

pub static TOKEN: ObjectType = object("users", "tokens", "token")
    .called("API token", "API tokens")
    .icon("key")
    .origin(Origin::System)
    .label("…{hint} ({user})")
    .order(&["created"])
    .about("A key with which a script acts as a user.")
    .fields(&[
        reference("user", &USER).required().on_delete(OnDelete::Cascade).column().filter().group("Token"),
        // SHA-256 of the key, hex: the key has 160 random bits, so a slow hash adds nothing
        text("digest", 64).unique().internal(),
        text("hint", 6).label_as("Ends in").read_only().column(),
        bool("write_enabled").label_as("May write").default_on().column(),
        text("description", 100).column().search(),
        text_list("allowed_ips").label_as("Allowed networks").help("Prefixes with commas between; empty: anywhere."),
        time("expires").nullable().column(),
        time("created").nullable().read_only(),
        time("last_used").nullable().read_only().column(),
    ]);

pub static SIGN_IN: ObjectType = object("users", "sign-ins", "signin")
    .called("Sign-in", "Sign-ins")
    .icon("key")
    .origin(Origin::System)
    .label("{user} since {created}")
    .order(&["created"])
    .about("A browser that is signed in.")
    .fields(&[
        reference("user", &USER).required().on_delete(OnDelete::Cascade).column().filter().group("Sign-in"),
        // SHA-256 of the cookie's value, hex
        text("digest", 64).unique().internal(),
        text("browser", 200).read_only().column(),
        time("created").nullable().read_only().column(),
        time("expires").nullable().read_only().column(),
    ]);
