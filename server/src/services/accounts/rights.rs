//! What somebody may do: the sum of what is granted to them and to their groups, looked up with every request, so that what
//! is taken away is gone at once.

use super::{Accounts, system};
use anyhow::Context as _;
use peerage_model::{
    Filter, ListQuery, Problem, Record, Value, Who,
    filter::equals,
    permit::{Rights, View},
    types::{GROUP, USER},
};
use peerage_store::{Store, Write};

/// A user as somebody who acts.
async fn acting(store: &Store, user: &Record, may_write: bool) -> Result<Who, Problem> {
    let rights = if user.flag("is_superuser") {
        Rights::all(may_write)
    } else {
        let groups = store.get_many(&system().permit::<View>(&GROUP)?, user.get("groups").as_ids()).await?;
        let lists = groups.iter().chain([user]).map(|granting| granting.get("permissions").as_texts());
        let granted = lists.flatten().map(|name| name.to_string()).collect();
        Rights { superuser: false, may_write, granted }
    };
    Ok(Who { user: Some(user.id), name: user.text("username").into(), rights: rights.into() })
}

/// A user for whom something is done later, with the rights that they have now; none: there is no such user, or they may not sign
/// in any more.
///
/// # Errors
/// A failure of the database.
pub async fn who_is(store: &Store, user: i64) -> Result<Option<Who>, Problem> {
    match store.get(&system().permit::<View>(&USER)?, user).await? {
        Some(user) if user.flag("is_active") => acting(store, &user, true).await.map(Some),
        _ => Ok(None),
    }
}

impl Accounts {
    pub(super) async fn who(&self, user: &Record, may_write: bool) -> Result<Who, Problem> {
        acting(&self.store, user, may_write).await
    }

    /// Groups by name, as a user holds them.
    pub(super) async fn groups_called(&self, names: &[String]) -> anyhow::Result<Value> {
        let groups = self.store.records(&system().permit::<View>(&GROUP)?, &ListQuery::all(&GROUP).unpaged()).await?;
        let ids: Vec<i64> = names
            .iter()
            .map(|name| {
                let group = groups.iter().find(|group| group.text("name") == name);
                let known = || groups.iter().map(|group| group.text("name")).collect::<Vec<_>>().join(", ");
                group.map(|group| group.id).with_context(|| format!("there is no group “{name}”, but: {}", known()))
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(Value::Ids(ids.into()))
    }
}

/// Refuses a change of users after which nobody could change users any more.
///
/// # Errors
/// `Invalid`, at the field that makes an administrator.
pub async fn keep_an_administrator(write: &mut Write) -> Result<(), Problem> {
    let yes = |name: &str| USER.field(name).map(|field| equals(field, Value::Bool(true)));
    let terms = [yes("is_superuser"), yes("is_active")].into_iter().flatten().collect();
    let administrators = write.count(&system().permit::<View>(&USER)?, &Filter { terms, words: Vec::new() }).await?;
    if administrators == 0 {
        let message = "Somebody has to stay an administrator who may sign in: make another one first.";
        return Err(Problem::field("is_superuser", message));
    }
    Ok(())
}
