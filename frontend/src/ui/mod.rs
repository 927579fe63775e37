//! What every page is made of. One file for each component; the generic ones are driven by the descriptions in
//! `peerage-model` and know no object type by name. Labels come from descriptions, marks from the sprite
//! (`icons.svg`), looks from the classes in `style/components.css`. Rows of tables are plain tags: reactivity stays at
//! row level.

pub mod button;
pub mod cell;
pub mod columns;
pub mod combo;
pub mod copy;
pub mod dialog;
pub mod diff;
pub mod dom;
pub mod empty;
pub mod facts;
pub mod field;
pub mod filter_bar;
pub mod form;
#[cfg(debug_assertions)]
pub mod gallery;
pub mod icon;
pub mod input;
pub mod keys;
pub mod menu;
pub mod pager;
mod permissions;
pub mod rail;
pub mod reference;
pub mod selection;
pub mod spark;
pub mod status;
pub mod table;
pub mod tabs;
pub mod theme;
pub mod time;
pub mod toast;

pub use button::{Button, LinkButton, Look};
pub use cell::Names;
pub use columns::{Column, ColumnChooser};
pub use copy::Copy;
pub use dialog::{Confirm, Dialog};
pub use diff::WasNow;
pub use empty::{Empty, ErrorPanel, SkeletonLines, SkeletonTable};
pub use facts::Facts;
pub use field::FieldRow;
pub use filter_bar::FilterBar;
pub use form::{Form, FormFields, ProblemList};
pub use icon::{Icon, Shape};
pub use keys::{KeySheet, Keys, Scope};
pub use menu::{Entry, Item, Menu};
pub use pager::Pager;
pub use rail::{Rail, Section};
pub use reference::{Hit, References};
pub use selection::SelectionBar;
pub use spark::Spark;
pub use status::Status;
pub use table::Table;
pub use tabs::{Tab, Tabs};
pub use theme::{Theme, ThemeMenu};
pub use time::{Clock, Moment};
pub use toast::{Toaster, Toasts};
