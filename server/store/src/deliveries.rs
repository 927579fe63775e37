//! Webhooks: what a commit changed becomes deliveries in the same transaction, one for each webhook that is told of such a change, so
//! that none is lost and none is told of what did not happen, whoever wrote it. Sending them is the server's.

use crate::{
    Action, StoreError, Write,
    rows::{MAIN, Wanted, load},
};
use peerage_model::{
    Record, Value,
    types::{CHANGE, DeliveryStatus, WEBHOOK, WEBHOOK_DELIVERY},
};
use sea_query::ExprTrait;

/// The flag of a webhook that says whether it is told of an action.
const fn flag(action: Action) -> &'static str {
    match action {
        Action::Create => "type_create",
        Action::Update => "type_update",
        Action::Delete => "type_delete",
    }
}

impl Write {
    /// Stores rows of the change log, with the deliveries that they cause.
    pub(crate) async fn record_changes(&mut self, rows: &[Record]) -> Result<(), StoreError> {
        let webhooks = if rows.iter().any(may_be_told) { self.listening().await? } else { Vec::new() };
        if webhooks.is_empty() {
            return self.insert_many(&CHANGE, rows, false).await;
        }
        let ids = self.insert_numbered(&CHANGE, rows).await?;
        let deliveries: Vec<Record> = rows
            .iter()
            .zip(ids)
            .flat_map(|(row, id)| {
                let told = webhooks.iter().filter(|webhook| is_told(webhook, row));
                told.map(move |webhook| {
                    let time = row.get("time").clone();
                    Record::new(&WEBHOOK_DELIVERY)
                        .with("time", time.clone())
                        .with("webhook", Value::Int(webhook.id))
                        .with("change", Value::Int(id))
                        .with("status", Value::text(DeliveryStatus::Waiting.code()))
                        .with("due", time)
                })
            })
            .collect();
        if !deliveries.is_empty() {
            self.insert_many(&WEBHOOK_DELIVERY, &deliveries, false).await?;
            self.tell_of_many(&WEBHOOK_DELIVERY, Action::Create);
        }
        Ok(())
    }

    /// Webhooks that are not switched off.
    async fn listening(&mut self) -> Result<Vec<Record>, StoreError> {
        let wanted = Wanted::whole(&WEBHOOK);
        let (mut select, shapes) = wanted.select();
        select.and_where(crate::condition::column(MAIN, "enabled").eq(true));
        load(&mut self.door(), &wanted, select, &shapes).await
    }
}

/// Whether there can be a webhook for a change.
fn may_be_told(row: &Record) -> bool {
    let types = WEBHOOK.field("content_types").and_then(|field| field.kind.choices()).unwrap_or_default();
    types.iter().any(|choice| choice.code == row.text("changed_object_type"))
}

fn is_told(webhook: &Record, row: &Record) -> bool {
    let of = row.text("changed_object_type");
    let is_its_type =
        matches!(webhook.get("content_types"), Value::Texts(types) if types.iter().any(|key| &**key == of));
    is_its_type && Action::named(row.text("action")).is_some_and(|action| webhook.flag(flag(action)))
}
