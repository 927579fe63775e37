//! How a render that takes too long is stopped: the crate has no clock, so whoever drives it brings a question, and the run
//! asks it as it goes. Fuel bounds what the engine does by itself; this bounds what single filters, methods and operators
//! take, of which fuel counts each as one step.
//!
//! The question belongs to the thread that renders, for as long as a step lasts: filters of plain values have nothing else
//! in which it could be handed to them.

use minijinja::{Error, ErrorKind};
use std::{
    cell::{Cell, RefCell},
    fmt,
    sync::Arc,
};

/// Calls between two questions.
const SELDOM: u32 = 32;

/// Whether a render may go on.
#[derive(Clone)]
pub struct Deadline(Arc<dyn Fn() -> bool + Send + Sync>);

impl Deadline {
    pub fn new(may_go_on: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(may_go_on))
    }
}

impl fmt::Debug for Deadline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deadline")
    }
}

thread_local! {
    static RUNNING: RefCell<Option<Deadline>> = const { RefCell::new(None) };
    static CALLS: Cell<u32> = const { Cell::new(0) };
    static PASSED: Cell<bool> = const { Cell::new(false) };
}

/// In force until it is dropped.
pub(crate) struct InForce {
    before: Option<Deadline>,
}

impl InForce {
    pub(crate) fn of(deadline: Option<&Deadline>) -> Self {
        PASSED.set(false);
        CALLS.set(0);
        crate::bounds::begin();
        Self { before: RUNNING.replace(deadline.cloned()) }
    }

    /// Whether the run was stopped.
    pub(crate) fn has_passed(&self) -> bool {
        PASSED.get()
    }
}

impl Drop for InForce {
    fn drop(&mut self) {
        RUNNING.set(self.before.take());
    }
}

/// Asked by whatever may be called very often or take long.
///
/// # Errors
/// The time is over.
pub(crate) fn look() -> Result<(), Error> {
    let calls = CALLS.get().wrapping_add(1);
    CALLS.set(calls);
    if calls.is_multiple_of(SELDOM) || PASSED.get() { ask() } else { Ok(()) }
}

/// As [`look`], for what takes long each time.
///
/// # Errors
/// The time is over.
pub(crate) fn ask() -> Result<(), Error> {
    // the question is asked outside of the borrow: it is somebody else's code
    let Some(deadline) = RUNNING.with_borrow(Clone::clone) else { return Ok(()) };
    if !PASSED.get() && (deadline.0)() {
        return Ok(());
    }
    PASSED.set(true);
    Err(Error::new(ErrorKind::InvalidOperation, TOO_LONG))
}

/// What is told of a run that was stopped.
pub(crate) const TOO_LONG: &str = "it takes too long";
