//! Who may do what. The store takes a [`Permit`] for every call, and a permit can only be had by asking a [`Who`], so
//! that a forgotten check does not compile:
//!
//! ```compile_fail,E0451
//! use peerage_model::{Permit, permit::View, types::AUTONOMOUS_SYSTEM};
//! let forged: Permit<View> = Permit { of: &AUTONOMOUS_SYSTEM, who: todo!(), verb: std::marker::PhantomData };
//! ```
//!
//! The type that a permit is for travels inside it: a statement cannot be about another type than the one that was asked
//! for. Work of the system itself asks [`Who::system`]; `server/tests/permits.rs` keeps the list of its callers.

use crate::{Label, ObjectType, Origin, Problem};
use serde::{Deserialize, Serialize};
use std::{marker::PhantomData, sync::Arc};

/// Somebody who acts: a signed-in person, a token's owner, or the system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Who {
    /// The user's id; none for the system.
    pub user: Option<i64>,
    /// What change records show.
    pub name: Arc<str>,
    pub superuser: bool,
    /// False for a read-only token.
    pub may_write: bool,
}

/// A permission to do `V` with objects of one type.
#[derive(Debug)]
pub struct Permit<V> {
    of: &'static ObjectType,
    who: Who,
    verb: PhantomData<V>,
}

/// See objects in lists, details, references.
#[derive(Debug)]
pub enum View {}
#[derive(Debug)]
pub enum Add {}
#[derive(Debug)]
pub enum Change {}
#[derive(Debug)]
pub enum Delete {}

/// What can be permitted. Its word is that of Peering Manager's permissions: `peering.view_autonomoussystem`.
pub trait Verb {
    const WORD: &'static str;
    const WRITES: bool;
}

impl Verb for View {
    const WORD: &'static str = "view";
    const WRITES: bool = false;
}
impl Verb for Add {
    const WORD: &'static str = "add";
    const WRITES: bool = true;
}
impl Verb for Change {
    const WORD: &'static str = "change";
    const WRITES: bool = true;
}
impl Verb for Delete {
    const WORD: &'static str = "delete";
    const WRITES: bool = true;
}

impl Who {
    /// The system itself: synchronisations, the command line of the machine's owner. `name` says which part of it.
    pub fn system(name: &'static str) -> Self {
        Self { user: None, name: name.into(), superuser: true, may_write: true }
    }

    /// Asks for permission.
    ///
    /// # Errors
    /// `Forbidden`, naming the permission that is missing.
    pub fn permit<V: Verb>(&self, of: &'static ObjectType) -> Result<Permit<V>, Problem> {
        if self.allows::<V>(of) {
            return Ok(Permit { of, who: self.clone(), verb: PhantomData });
        }
        let permission = format!("{}.{}_{}", of.app, V::WORD, of.model);
        let message = if V::WRITES && !self.may_write {
            "This token may only read.".to_owned()
        } else {
            format!("You may not {} {}. An administrator can grant {permission}.", V::WORD, of.plural)
        };
        Err(Problem::new(Label::Forbidden, message))
    }

    /// Administrators may do everything that their token allows; others see all but the system's own objects.
    pub fn allows<V: Verb>(&self, of: &ObjectType) -> bool {
        if V::WRITES { self.superuser && self.may_write } else { self.superuser || of.origin != Origin::System }
    }

    /// Whether secrets are shown to them (`view_secrets`).
    pub fn sees_secrets(&self) -> bool {
        self.superuser
    }
}

impl<V> Permit<V> {
    pub fn of(&self) -> &'static ObjectType {
        self.of
    }

    pub fn who(&self) -> &Who {
        &self.who
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{AUTONOMOUS_SYSTEM, USER};

    fn person(superuser: bool, may_write: bool) -> Who {
        Who { user: Some(1), name: "p".into(), superuser, may_write }
    }

    #[test]
    fn a_reader_sees_but_does_not_write() {
        let reader = person(false, true);
        assert!(reader.permit::<View>(&AUTONOMOUS_SYSTEM).is_ok());
        let refusal = reader.permit::<Change>(&AUTONOMOUS_SYSTEM).unwrap_err();
        assert_eq!(refusal.label, Label::Forbidden);
        assert!(refusal.message.contains("peering.change_autonomoussystem"));
        assert!(reader.permit::<View>(&USER).is_err());
    }

    #[test]
    fn a_read_only_token_never_writes() {
        assert!(person(true, false).permit::<Add>(&AUTONOMOUS_SYSTEM).is_err());
        assert!(person(true, true).permit::<Add>(&AUTONOMOUS_SYSTEM).is_ok());
    }
}
