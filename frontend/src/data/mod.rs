//! Between the pages and the server: [`api`] calls the server functions, [`cache`] keeps what they answered so that a
//! page already seen is drawn in the same frame, [`mod@fetched`] joins the two for pages, [`me`] knows who is signed in,
//! [`live`] hears of other people's changes, [`trial`] tries what is not written yet.
//! Pages never call a server function directly: a lost sign-in and a lost network are noticed here, once.

pub mod api;
pub mod cache;
pub mod fetched;
pub mod live;
pub mod me;
pub mod place;
pub mod trial;
pub mod undo;

pub use cache::{Detailed, Listing, Stored};
pub use fetched::{Fetched, fetched, use_detail, use_list};
pub use me::Session;
pub use trial::{Tried, use_trial};
