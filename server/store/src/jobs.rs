//! What the queue of jobs needs beside reading and writing records: finding the next job that may be taken, and knowing for
//! sure that a worker's job is still its own.
//!
//! Two processes never take the same job: on PostgreSQL a row is locked before it is taken and rows that others have locked are
//! passed over; SQLite has one writer. A worker that was paused for longer than its lease finds that somebody else has taken its
//! job: with the store of [`Store::held_by`] nothing that it writes from then on becomes true, whatever it is about.

use crate::{
    Store, StoreError, Write,
    column::Shape,
    rows::{Wanted, load},
};
use peerage_model::{
    Label, Permit, Problem, Record, Value,
    permit::{Change, View},
    types::{JOB, JOB_LINE, JobStatus},
};
use sea_query::{Condition, Expr, ExprTrait, Order, Query, SelectStatement};
use std::sync::Arc;

const MAIN: &str = crate::rows::MAIN;
/// The other jobs, in a statement about one.
const OTHER: &str = "other";

/// Who works on a job: what a worker names with everything that it writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    pub job: i64,
    /// Counts with every worker that takes the job.
    pub attempt: i64,
    pub worker: Arc<str>,
}

/// Which job a worker looks for.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    /// Kinds that it knows.
    pub names: &'a [&'a str],
    /// Jobs that it is doing: whatever the clock says, it has not left them.
    pub except: &'a [i64],
    pub now: i64,
}

impl Store {
    /// The same database for the worker that holds a job: what it begins to write is refused with [`StoreError::HoldLost`] when
    /// the job is not its own any more, and nobody takes the job from it before that is committed.
    #[must_use]
    pub fn held_by(&self, hold: Hold) -> Self {
        Self { hold: Some(hold.into()), ..self.clone() }
    }

    /// Whether there is a job that a worker may take: a look that locks nothing.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn has_claimable(&self, permit: &Permit<View>, sought: &Sought<'_>) -> Result<bool, StoreError> {
        of_jobs(permit.of())?;
        let sql = self.dialect().build(&sought.select());
        Ok(!self.reading().fetch(sql, &[Shape::Int]).await?.is_empty())
    }

    /// Lines of a job's log after a number, in order, `most` at most. Whoever may see the job may see them.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn job_lines(
        &self,
        permit: &Permit<View>,
        job: i64,
        after: i64,
        most: u64,
    ) -> Result<Vec<Record>, StoreError> {
        of_jobs(permit.of())?;
        let wanted = Wanted::whole(&JOB_LINE);
        let (mut select, shapes) = wanted.select();
        let column = |name: &str| crate::condition::column(MAIN, name);
        select
            .and_where(column("job_id").eq(job))
            .and_where(column("number").gt(after))
            .order_by((MAIN, "number"), Order::Asc)
            .limit(most);
        load(&mut self.reading(), &wanted, select, &shapes).await
    }
}

impl Write {
    /// The next job that a worker may take: one that waits and whose time has come, or one whose worker was not heard of in time.
    /// It is this transaction's until its end; jobs that others are about to take are passed over.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn claimable(
        &mut self,
        permit: &Permit<Change>,
        sought: &Sought<'_>,
    ) -> Result<Option<Record>, StoreError> {
        self.usable()?;
        of_jobs(permit.of())?;
        let result = self.try_claimable(sought).await;
        self.noted(result)
    }

    async fn try_claimable(&mut self, sought: &Sought<'_>) -> Result<Option<Record>, StoreError> {
        let mut select = sought.select();
        select.lock_with_behavior(sea_query::LockType::Update, sea_query::LockBehavior::SkipLocked);
        let sql = self.store.dialect().build(&select);
        drop(select);
        let rows = self.door().fetch(sql, &[Shape::Int]).await?;
        match rows.first().and_then(|row| row.first()) {
            Some(id) => self.locked(&JOB, id.int()).await,
            None => Ok(None),
        }
    }

    /// A job as it is now; nobody else can change it until the end of this transaction.
    ///
    /// # Errors
    /// `NotFound`, or a failure of the database.
    pub async fn job(&mut self, permit: &Permit<Change>, id: i64) -> Result<Record, StoreError> {
        self.usable()?;
        of_jobs(permit.of())?;
        let result = match self.locked(&JOB, id).await {
            Ok(Some(job)) => Ok(job),
            Ok(None) => Err(Problem::not_found(JOB.name).into()),
            Err(error) => Err(error),
        };
        self.noted(result)
    }

    /// The job that a worker holds, as [`Write::job`].
    ///
    /// # Errors
    /// `HoldLost`; a failure of the database.
    pub async fn held_job(&mut self, permit: &Permit<Change>, hold: &Hold) -> Result<Record, StoreError> {
        self.usable()?;
        of_jobs(permit.of())?;
        let result = match self.locked(&JOB, hold.job).await {
            Ok(Some(job)) if hold.is_of(&job) => Ok(job),
            Ok(_) => Err(StoreError::HoldLost),
            Err(error) => Err(error),
        };
        self.noted(result)
    }

    /// Adds lines to the logs of jobs. Readers hear of the job that is changed along with it.
    ///
    /// # Errors
    /// A failure of the database.
    pub async fn add_job_lines(&mut self, permit: &Permit<Change>, lines: &[Record]) -> Result<(), StoreError> {
        self.usable()?;
        of_jobs(permit.of())?;
        let result = self.insert_many(&JOB_LINE, lines, false).await;
        self.noted(result)
    }

    /// The first thing in a worker's transaction: its job stays its own until the end.
    pub(crate) async fn keep_hold(&mut self) -> Result<(), StoreError> {
        let Some(hold) = self.store.hold.clone() else { return Ok(()) };
        let sql = {
            let mut select = Query::select();
            select
                .column("id")
                .from(JOB.table())
                .and_where(Expr::col("id").eq(hold.job))
                .and_where(Expr::col("attempt").eq(hold.attempt))
                .and_where(Expr::col("worker").eq(hold.worker.as_ref()))
                .and_where(Expr::col("status").eq(JobStatus::Running.code()))
                // whoever would take the job waits, or passes it over
                .lock_shared();
            self.store.dialect().build(&select)
        };
        let is_held = !self.door().fetch(sql, &[Shape::Int]).await?.is_empty();
        if is_held { Ok(()) } else { Err(StoreError::HoldLost) }
    }
}

impl Hold {
    /// As the job's row says it.
    pub fn is_of(&self, job: &Record) -> bool {
        job.id == self.job
            && job.int("attempt") == Some(self.attempt)
            && job.text("worker") == self.worker.as_ref()
            && *job.get("status") == Value::text(JobStatus::Running.code())
    }
}

impl Sought<'_> {
    /// `SELECT id` of the oldest that there is.
    fn select(&self) -> SelectStatement {
        let column = |name: &str| Expr::col((MAIN, name.to_owned()));
        let stands = |status: JobStatus| column("status").eq(status.code());
        let is_due = column("not_before").is_null().or(column("not_before").lte(self.now));
        let waits = stands(JobStatus::Pending).and(is_due);
        let is_left = stands(JobStatus::Running)
            .and(column("lease").lt(self.now))
            .and(column("id").is_not_in(self.except.iter().copied()));
        // somebody has its turn
        let taken = Query::select()
            .expr(Expr::val(1i64))
            .from_as(JOB.table(), OTHER)
            .and_where(Expr::col((OTHER, "holds")).equals((MAIN, "turn")))
            .and_where(Expr::col((OTHER, "id")).not_equals((MAIN, "id")))
            .to_owned();
        let mut select = Query::select();
        select
            .column((MAIN, "id"))
            .from_as(JOB.table(), MAIN)
            .and_where(column("name").is_in(self.names.iter().copied()))
            .cond_where(Condition::any().add(waits).add(is_left))
            .and_where(Expr::exists(taken).not())
            .order_by((MAIN, "id"), Order::Asc)
            .limit(1);
        select
    }
}

fn of_jobs(of: &'static peerage_model::ObjectType) -> Result<(), StoreError> {
    if of.is(&JOB) {
        return Ok(());
    }
    Err(Problem::new(Label::Internal, format!("A permit for {} was shown for jobs.", of.plural)).into())
}
