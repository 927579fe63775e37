//! The vocabulary of Peerage: what kinds of object there are and what is true of them, as data.
//!
//! Every kind of object is one static [`ObjectType`]; every object is a [`Record`]: the type's pointer and a
//! slice of [`Value`]s. Interface, server functions, SQL, templates and change log are generic code over these
//! descriptions, so that **a fact about a field is written once**, where its type is described (`types/`,
//! `peeringdb/`). This crate knows no SQL, no HTTP, no async and no clock, and builds for wasm32 and native.
//!
//! Where to look: [`kind`] what a field can hold, how it is typed, printed and compared; [`field`] and [`object`]
//! the builders; [`registry`] the list of all types; [`check`] validation; [`filter`] and [`query`] what a list
//! shows; [`label`] an object's natural text; [`permit`] who may do what; [`wire`] what travels.

pub mod address;
pub mod asn;
pub mod at_peeringdb;
pub mod available;
pub mod check;
pub mod context;
pub mod effective;
pub mod exchange_import;
pub mod facts;
pub mod field;
pub mod filter;
pub mod json;
pub mod kind;
pub mod label;
pub mod need;
pub mod object;
pub mod order;
pub mod peeringdb;
pub mod permit;
pub mod preview;
pub mod problem;
pub mod query;
pub mod record;
pub mod registry;
pub mod spelling;
pub mod text;
pub mod types;
pub mod value;
pub mod wire;

pub use asn::Asn;
pub use facts::Facts;
pub use field::Field;
pub use filter::{Filter, Op, Term};
pub use kind::{Choice, Kind, OnDelete, Tone};
pub use label::Lookup;
pub use need::Need;
pub use object::{ObjectType, Origin};
pub use permit::{Permit, Who};
pub use problem::{FieldProblem, Label, Problem};
pub use query::{ListQuery, Sort};
pub use record::Record;
pub use value::Value;
