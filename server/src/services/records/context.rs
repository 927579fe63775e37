//! The config context of an object, for its page and for scripts: the rules are [`peerage_model::context`]'s, here what they look
//! at is fetched.

use crate::services::surroundings::Surroundings;
use peerage_app::records::{ContextPart, ContextValue, ObjectContext};
use peerage_model::{
    Permit, Problem, Record, Who, context,
    label::label,
    permit::View,
    types::{CONFIG_CONTEXT, CONFIG_CONTEXT_ASSIGNMENT},
    wire::ObjectRef,
};
use peerage_store::Store;

/// # Errors
/// `who` may not see config contexts and to what they are assigned: a part of the truth would be none. The object's type has no
/// context. The database fails.
pub async fn of(store: &Store, who: &Who, record: &Record) -> Result<ObjectContext, Problem> {
    let _: Permit<View> = who.permit(&CONFIG_CONTEXT)?;
    let _: Permit<View> = who.permit(&CONFIG_CONTEXT_ASSIGNMENT)?;
    if !context::is_contextual(record.of) {
        return Err(Problem::malformed(format!("object.type: {} have no config context.", record.of.plural)));
    }
    let parts = Surroundings::new(store).ask(|facts| context::parts(record, facts)).await?.unwrap_or_default();
    let values = context::leaves(&parts, store.merging()).into_iter().map(|leaf| {
        let context::Leaf { path, value, from, with, overrode } = leaf;
        ContextValue { path, value, from, with, overrode }
    });
    Ok(ObjectContext {
        context: context::merged(&parts, store.merging()),
        values: values.collect(),
        parts: parts.iter().map(told).collect(),
    })
}

fn told(part: &context::Part) -> ContextPart {
    ContextPart {
        object: ObjectRef { of: part.origin.of.key(), id: part.origin.id },
        label: if part.assignment.is_some() { label(&part.origin, &()) } else { "Local context data".to_owned() },
        weight: part.assignment.as_ref().and_then(|assignment| assignment.int("weight")),
        data: part.data.clone(),
    }
}
