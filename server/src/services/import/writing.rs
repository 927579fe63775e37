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
        let changed =
            planned.iter().filter(|one| one.does() == Some(Does::Change)).map(|one| one.after.clone()).collect();
        let mut write = self.store.begin(self.who, request).await?;
        let written = match self.write_all(&mut write, new, changed, planned).await {
            Ok(written) => written,
            Err(problem) if is_about_a_row(&problem) => {
                // one after the other, to say of which row it is; nothing of it is kept
                drop(write);
                return self.find_refused(planned, request).await;
            }
            Err(problem) => return Err(problem),
        };
        keep_rules(&mut write, self.of).await?;
        Ok(written.then_some(write))
    }

    /// Says whether anything was different.
    async fn write_all(
        &self,
        write: &mut Write,
        new: Vec<Record>,
        changed: Vec<Record>,
        planned: &mut [Planned],
    ) -> Result<bool, Problem> {
        let rules = Rules::new(self.store, self.who);
        let mut written = !new.is_empty();
        if !new.is_empty() {
            for one in write.insert_all(&self.who.permit::<Add>(self.of)?, new).await? {
                rules.follow(write, &one).await?;
            }
        }
        if changed.is_empty() {
            return Ok(written);
        }
        let stored = write.update_all(&self.who.permit::<Change>(self.of)?, changed).await?;
        let changed = planned.iter_mut().filter(|one| one.does() == Some(Does::Change));
        for (one, stored) in changed.zip(stored) {
            // a secret that was there already: nobody else is told that it was guessed
            if self.who.rights.sees_secrets()
                && one.before.as_ref().is_some_and(|before| before.version == stored.version)
            {
                one.before = Some(one.after.clone());
            } else {
                written = true;
                rules.follow(write, &stored).await?;
            }
        }
        Ok(written)
    }

    /// Notes at the row that cannot be written why it cannot. Some can be written only one after the other, in the order of the
    /// file: where one takes the name that another leaves.
    async fn find_refused(&self, planned: &mut [Planned], request: &str) -> Result<Option<Write>, Problem> {
        let mut write = self.store.begin(self.who, request).await?;
        for does in [Does::Create, Does::Change] {
            for one in planned.iter_mut().filter(|one| one.does() == Some(does)) {
                match self.write_one(&mut write, does, one.after.clone()).await {
                    Ok(()) => {}
                    Err(problem) if is_about_a_row(&problem) => {
                        one.refuse(problem);
                        return Ok(None);
                    }
                    Err(problem) => return Err(problem),
                }
            }
        }
        keep_rules(&mut write, self.of).await?;
        Ok(Some(write))
    }

    async fn write_one(&self, write: &mut Write, does: Does, record: Record) -> Result<(), Problem> {
        let stored = match does {
            Does::Change => {
                let version = record.version;
                write.update(&self.who.permit::<Change>(self.of)?, version, record).await?
            }
            _ => write.insert(&self.who.permit::<Add>(self.of)?, record).await?,
        };
        Rules::new(self.store, self.who).follow(write, &stored).await
    }
}

/// Whether a refusal is about one row, and not about the import or the database.
fn is_about_a_row(problem: &Problem) -> bool {
    matches!(problem.label, Label::Invalid | Label::Conflict | Label::Forbidden | Label::NotFound)
}
