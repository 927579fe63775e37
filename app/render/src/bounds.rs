//! How much one run may make on its way. Fuel counts steps, and the output has a bound of its own; a single step may still
//! ask for a text of any size, and what is captured, joined or kept in variables is no output. So whatever makes or prints
//! text asks here first.

use crate::python::fault;
use minijinja::Error;
use std::cell::Cell;

/// Columns, decimals, spaces of indentation: as much as the formatting of numbers can take.
const WIDEST: usize = 65_000;
/// Bytes of all texts of one run together; 5,000 sessions make about 10 million.
const MOST: usize = 512 << 20;

thread_local! {
    static MADE: Cell<usize> = const { Cell::new(0) };
}

/// A run begins.
pub(crate) fn begin() {
    MADE.set(0);
}

/// Before so many bytes of text are made or printed.
///
/// # Errors
/// It would be too much.
pub(crate) fn make(bytes: usize) -> Result<(), Error> {
    let made = MADE.get().saturating_add(bytes);
    if made > MOST {
        return Err(fault(TOO_MUCH));
    }
    MADE.set(made);
    Ok(())
}

/// A number of columns that somebody asked for; less than none is none.
///
/// # Errors
/// It is too wide.
pub(crate) fn width(asked: i64) -> Result<usize, Error> {
    let width = usize::try_from(asked.max(0)).unwrap_or(usize::MAX);
    if width > WIDEST {
        return Err(fault(format!("a width of {asked} is too much: at most {WIDEST}")));
    }
    Ok(width)
}

/// As [`width`], of digits.
///
/// # Errors
/// It is too wide.
pub(crate) fn width_of(digits: &str) -> Result<Option<usize>, Error> {
    if digits.is_empty() {
        return Ok(None);
    }
    width(digits.parse().unwrap_or(i64::MAX)).map(Some)
}

/// What is told of a run that makes too much.
pub(crate) const TOO_MUCH: &str = "it makes too much text";
