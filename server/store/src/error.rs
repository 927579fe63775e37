//! Why the store refused or failed.
//!
//! What a person can mend is a [`Problem`] already; everything else is told to them as one sentence without a cause
//! ([`StoreError::into_problem`]), while the cause stays here for the log. No variant carries a row's values: a
//! database's own messages may, so they never leave this type except through its `Debug` and `source`.

use crate::{database::Nul, secret::SecretError};
use peerage_model::{Label, Problem};

/// A refusal or a failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something that the caller's input, or somebody else's change, explains.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// The database failed, or could not be reached.
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// A stored value cannot be read back; names the place, not the value.
    #[error("{place} holds what cannot be read: {reason}")]
    Unreadable { place: String, reason: String },
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Migration(#[from] crate::migrations::MigrationError),
    /// The address of a database is of no known form.
    #[error("“{0}” is no database. Give sqlite:PATH or postgres://USER@HOST/NAME.")]
    Address(String),
    #[error("{path}: {cause}")]
    File { path: String, cause: std::io::Error },
    /// A permit for one type was shown for another: a fault of the calling code.
    #[error("a permit for {permitted} was used for {used}")]
    WrongPermit { permitted: String, used: String },
    /// A worker's job was taken by another, or ended by somebody: nothing of what it writes counts any more.
    #[error("the job is not this worker's any more")]
    HoldLost,
    /// Something in this transaction was refused before, so that it cannot be committed.
    #[error("an earlier refusal in this transaction was passed over")]
    Broken,
}

impl StoreError {
    /// What may be told to whoever asked. What may not is logged here, within the span of the request.
    pub fn into_problem(self) -> Problem {
        self.log();
        match self {
            Self::Problem(problem) => problem,
            Self::Secret(changed @ SecretError::Changed { .. }) => {
                Problem::new(Label::Unavailable, changed.to_string())
            }
            Self::Secret(secret) => Problem::new(Label::Internal, secret.to_string()),
            Self::Database(sqlx::Error::Encode(cause)) if cause.is::<Nul>() => Problem::malformed(cause.to_string()),
            Self::Database(error) if is_gone(&error) => {
                Problem::new(Label::Unavailable, "The database does not answer. Try again in a moment.")
            }
            Self::Database(error) if is_full(&error) => Problem::new(
                Label::StorageFull,
                "The disk of the database is full, so nothing was saved. Tell your administrator; then try again.",
            ),
            Self::Database(error) if is_busy(&error) => {
                Problem::new(Label::Unavailable, "The database is busy with another write. Try again in a moment.")
            }
            Self::HoldLost => Problem::conflict("The job was taken up by another worker. Look at its log."),
            _ => Problem::new(Label::Internal, "The database refused; the server's log says why."),
        }
    }

    /// A database's message, without the details in which it quotes rows.
    fn log(&self) {
        match self {
            Self::Problem(_) => {}
            Self::Database(error) => {
                let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
                tracing::warn!(code = code.as_deref(), "the database failed: {error}");
            }
            other => tracing::warn!("the store failed: {other}"),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        error.into_problem()
    }
}

/// The connection was lost or none is to be had. From PostgreSQL's table of error codes: class 08, admin_shutdown,
/// crash_shutdown, cannot_connect_now, too_many_connections.
fn is_gone(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    match code.as_deref() {
        Some("57P01" | "57P02" | "57P03" | "53300") => true,
        Some(code) => code.len() == 5 && code.starts_with("08"),
        None => matches!(error, sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_)),
    }
}

/// SQLITE_FULL and SQLITE_IOERR_SHMSIZE; PostgreSQL's disk_full.
fn is_full(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("13" | "4874" | "53100"))
}

/// SQLite's SQLITE_BUSY and kin; PostgreSQL's serialization_failure and deadlock_detected.
pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    matches!(code.as_deref(), Some("5" | "261" | "517" | "6" | "40001" | "40P01"))
}
