//! What is planned, written in one transaction; and where that is refused, which row it is.

use super::{Planned, Run};
use crate::services::records::{Rules, keep_rules};
use peerage_app::import::Does;
use peerage_model::{
    Label, Problem, Record,
    permit::{Add, Change},
};
use peerage_store::Write;

impl Run<'_> {
    /// Writes it all; nothing if something is wrong.
    pub(super) async fn write(&self, planned: &mut [Planned], request: &str) -> Result<Option<Write>, Problem> {
        let wrong = self.columns.iter().any(|column| column.problem.is_some());
        if wrong || planned.iter().any(|one| !one.problems.is_empty()) {
            return Ok(None);
        }
        let new: Vec<Record> =
            planned.iter().filter(|one| one.does() == Some(Does::Create)).map(|one| one.after.clone()).collect();
        let mut write = self.store.begin(self.who, request).await?;
        let mut written = !new.is_empty();
        if !new.is_empty() {
            match self.add_all(&mut write, new).await {
                Ok(()) => {}
                Err(problem) if is_about_a_row(&problem) => {
                    // one after the other, to say of which row it is; nothing of it is kept
                    drop(write);
                    self.find_refused(planned, problem, request).await?;
                    return Ok(None);
                }
                Err(problem) => return Err(problem),
            }
        }
        for one in planned.iter_mut().filter(|one| one.does() == Some(Does::Change)) {
            match self.change(&mut write, one).await {
                Ok(changed) => written |= changed,
                // the rest could not be written in this transaction any more
                Err(problem) if is_about_a_row(&problem) => {
                    one.refuse(problem);
                    return Ok(None);
                }
                Err(problem) => return Err(problem),
            }
        }
        keep_rules(&mut write, self.of).await?;
        Ok(written.then_some(write))
    }

    async fn add_all(&self, write: &mut Write, new: Vec<Record>) -> Result<(), Problem> {
        let stored = write.insert_all(&self.who.permit::<Add>(self.of)?, new).await?;
        let rules = Rules::new(self.store, self.who);
        for one in &stored {
            rules.follow(write, one).await?;
        }
        Ok(())
    }

    async fn change(&self, write: &mut Write, one: &mut Planned) -> Result<bool, Problem> {
        let Some(before) = &one.before else { return Ok(false) };
        let permit = self.who.permit::<Change>(self.of)?;
        let stored = write.update(&permit, before.version, one.after.clone()).await?;
        // a secret that was there already: nobody else is told that it was guessed
        if stored.version == before.version && self.who.rights.sees_secrets() {
            one.before = Some(one.after.clone());
            return Ok(false);
        }
        Rules::new(self.store, self.who).follow(write, &stored).await?;
        Ok(true)
    }

    /// Notes at the row that cannot be added why it cannot.
    async fn find_refused(&self, planned: &mut [Planned], of_all: Problem, request: &str) -> Result<(), Problem> {
        let permit = self.who.permit::<Add>(self.of);
        let mut write = self.store.begin(self.who, request).await?;
        for one in planned.iter_mut().filter(|one| one.does() == Some(Does::Create)) {
            let stored = match &permit {
                Ok(permit) => write.insert(permit, one.after.clone()).await.map_err(Problem::from),
                Err(problem) => Err(problem.clone()),
            };
            match stored {
                Ok(_) => {}
                Err(problem) if is_about_a_row(&problem) => {
                    one.refuse(problem);
                    return Ok(());
                }
                Err(problem) => return Err(problem),
            }
        }
        Err(of_all)
    }
}

/// Whether a refusal is about one row, and not about the import or the database.
fn is_about_a_row(problem: &Problem) -> bool {
    matches!(problem.label, Label::Invalid | Label::Conflict | Label::Forbidden | Label::NotFound)
}
