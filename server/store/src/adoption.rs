//! Objects that were made elsewhere, with the numbers and times that they have there: what moving over from another system
//! writes. Many rows a statement, each with its change record; readers hear of each type once.
//!
//! Rows must come parents first, as [`peerage_model::registry::TYPES`] lists their types.

use crate::{Action, Dialect, StoreError, Write, change::Pending, insertion::advance_ids, read::check_permit};
use peerage_model::{Label, Permit, Problem, Record, permit::Add, types::CHANGE};

impl Write {
    /// From now on objects keep the times that they come with, in [`Write::adopt`] and in [`Write::update`].
    pub fn keep_times(&mut self) {
        self.adopts = true;
    }

    /// Stores objects under the numbers, and with the times, that they have elsewhere. What they are attached to must be there.
    ///
    /// # Errors
    /// `Invalid` for a value that does not fit, a number that is taken, or a reference to a row that is not there; `Forbidden`
    /// unless the system does it.
    pub async fn adopt(&mut self, permit: &Permit<Add>, records: &[Record]) -> Result<(), StoreError> {
        self.usable()?;
        let result = self.try_adopt(permit, records).await;
        self.noted(result)
    }

    async fn try_adopt(&mut self, permit: &Permit<Add>, records: &[Record]) -> Result<(), StoreError> {
        let of = permit.of();
        if self.who.user.is_some() || of.is(&CHANGE) {
            let message = format!("{} are taken over from elsewhere by the system only.", of.plural);
            return Err(Problem::new(Label::Forbidden, message).into());
        }
        for record in records {
            check_permit(permit, record)?;
            self.may_seal(record).await?;
        }
        self.insert_many(of, records, true).await?;
        self.insert_links(of, records).await?;
        if self.store.dialect() == Dialect::Postgres && !records.is_empty() {
            self.door().execute(advance_ids(&of.table())).await?;
        }
        if crate::change::is_recorded(of) {
            self.pending.extend(records.iter().map(|record| {
                let mut record = record.clone();
                record.version = 1;
                Pending { action: Action::Create, label: None, before: None, after: Some(record) }
            }));
        }
        self.tell_of_many(of, Action::Create);
        Ok(())
    }
}
