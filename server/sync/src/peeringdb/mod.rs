//! The cache of PeeringDB: all thirteen types, taken over whole and kept up to date.
//!
//! What must stay true: after a run that ends well the cache equals the source, whatever happened in earlier ones; a row
//! that cannot be taken is kept with its reason and tried again; nothing that the API sends can cost what is cached but
//! its own tombstones. Everything about fields comes from the descriptions in `peerage_model::peeringdb`.
//!
//! [`synchronise`] is a run (`run`), of each type (`take`) from a [`Source`] (`source`, `directory`, `answer`, `row`) into
//! the cache (`cache`), with notes of what changed (`changes`) and what that means for us (`concerns`), after which our own objects are linked (`link`) and follow (`networks`), through `ours`.

mod answer;
mod cache;
mod changes;
mod concerns;
mod directory;
mod link;
mod networks;
mod ours;
mod report;
mod row;
mod run;
mod source;
mod status;
mod take;

pub(crate) use source::cause_of;

pub use link::port_of;
pub use networks::{Followed, synchronise_as};
pub use report::{Phase, Progress, Report, TypeReport};
pub use run::{ACTOR, synchronise};
pub use source::{PUBLIC_API, Patience, Source, SourceError};
pub use status::{Status, TypeStatus, flush, status, taken_until};
