//! The server functions as the pages call them. Whatever the answer, [`Session`] hears of it: without a sign-in the
//! login page comes up and keeps where one was going; without a network the frame says so until an answer arrives.
//! Records of an answer go into the [`cache`] before anybody sees them.

use super::{
    Session,
    cache::{self, Detailed, Listing},
};
use peerage_app::{
    Answer,
    changes::{self, Undo, Undone},
    records::{self, Consequences, Hit, ManyDone},
};
use peerage_model::{
    Label, ObjectType, Problem,
    query::ListRequest,
    registry,
    wire::{Edit, ManyEdits, ObjectRef, Selection},
};

/// Awaits any server function's answer and notes a lost sign-in or network. For functions that have no call here.
///
/// # Errors
/// The answer's own problem.
pub async fn ask<T>(answer: impl Future<Output = Answer<T>>) -> Result<T, Problem> {
    let answer = answer.await.map_err(|failure| failure.0);
    let label = answer.as_ref().err().map(|problem| problem.label);
    Session::get().heard(label);
    answer
}

pub fn object(of: &ObjectType, id: i64) -> ObjectRef {
    ObjectRef { of: of.key(), id }
}

/// A page of a list, kept.
///
/// # Errors
/// As `records/list`.
pub async fn list(request: ListRequest) -> Result<Listing, Problem> {
    let page = ask(records::list_records(request.clone())).await?;
    cache::keep_page(&request, page)
}

/// One object, kept.
///
/// # Errors
/// As `records/get`; an object that is not there any more is forgotten.
pub async fn detail(of: &'static ObjectType, id: i64) -> Result<Detailed, Problem> {
    match ask(records::get_record(object(of, id))).await {
        Ok(detail) => cache::keep_detail(detail),
        Err(problem) => {
            if problem.label == Label::NotFound {
                cache::forget(of, id);
            }
            Err(problem)
        }
    }
}

/// Creates or changes an object, and gives the request by which that can be undone. Lists in which it may stand are asked
/// for anew.
///
/// # Errors
/// As `records/save`: problems at their fields; a conflict carries the object as it is now.
pub async fn save(of: &'static ObjectType, edit: Edit) -> Result<(Detailed, Option<String>), Problem> {
    let mut detail = ask(records::save_record(edit)).await?;
    let request = detail.request.take();
    cache::outdated(of);
    let detailed = cache::keep_detail(detail)?;
    Session::get().changed();
    Ok((detailed, request))
}

/// Deletes objects and what goes with them, and gives the request by which that can be undone.
///
/// # Errors
/// As `records/delete-many`.
pub async fn delete(of: &'static ObjectType, which: Selection) -> Result<String, Problem> {
    let ids = which.ids.clone();
    let done = ask(records::delete_many_records(which)).await?;
    ids.iter().for_each(|id| cache::forget(of, *id));
    written(&[of]);
    Ok(done.request)
}

/// What deleting would do.
///
/// # Errors
/// As `records/consequences`.
pub async fn consequences(which: Selection) -> Result<Consequences, Problem> {
    ask(records::deletion_consequences(which)).await
}

/// Makes the same change to many objects, or tries it.
///
/// # Errors
/// As `records/save-many`.
pub async fn save_many(of: &'static ObjectType, edits: ManyEdits, trial: bool) -> Result<ManyDone, Problem> {
    let ids = edits.which.ids.clone();
    let done = ask(records::save_many_records(edits, trial)).await?;
    if done.request.is_some() {
        ids.iter().for_each(|id| cache::forget(of, *id));
        written(&[of]);
    }
    Ok(done)
}

/// Objects of any type in which all of the words stand.
///
/// # Errors
/// As `records/search`.
pub async fn search(text: String) -> Result<Vec<Hit>, Problem> {
    ask(records::search_records(text)).await
}

/// Takes back what the change log says. Everything that it touched is asked for anew.
///
/// # Errors
/// As `changes/undo`.
pub async fn undo(undo: Undo) -> Result<Undone, Problem> {
    let undone = ask(changes::undo_changes(undo)).await?;
    let types: Vec<_> = undone.types.iter().filter_map(|key| registry::get(key).ok()).collect();
    written(&types);
    Ok(undone)
}

/// Something was written past this module (a synchronisation, sessions made from peers): everything that was kept of
/// these types is asked for anew.
pub fn written(types: &[&'static ObjectType]) {
    for of in types {
        cache::outdated(of);
    }
    Session::get().changed();
}
