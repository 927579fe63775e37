//! Who may do what. The store takes a [`Permit`] for every call, and a permit can only be had by asking a [`Who`], so
//! that a forgotten check does not compile:
//!
//! ```compile_fail,E0451
//! use peerage_model::{Permit, permit::View, types::AUTONOMOUS_SYSTEM};
//! let forged: Permit<View> = Permit { of: &AUTONOMOUS_SYSTEM, who: todo!(), verb: std::marker::PhantomData };
//! ```
//!
//! The type that a permit is for travels inside it: a statement cannot be about another type than the one that was asked
//! for. Work of the system itself asks [`Who::system`]; `server/tests/permits.rs` keeps the list of its callers.
//!
//! A permission may be limited to some objects of its type, by a filter after its name: `devices.change_router tags:lab`. The
//! permit says which ([`Permit::scope`]), and the store looks at nothing else and writes nothing else. Several such
//! permissions reach what any of them reaches.

use crate::{
    Filter, Kind, Label, ObjectType, Origin, Problem, filter::nearest, peeringdb::NETWORK, registry, types::ROUTER,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, marker::PhantomData, ops::Bound, sync::Arc};

/// Somebody who acts: a signed-in person, a token's owner, or the system.
#[derive(Clone, Debug, PartialEq)]
pub struct Who {
    /// The user's id; none for the system.
    pub user: Option<i64>,
    /// What change records show.
    pub name: Arc<str>,
    pub rights: Arc<Rights>,
}

/// What somebody may do. The browser has the same as the server, to offer only what will be permitted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rights {
    /// An administrator: everything that the token allows.
    pub superuser: bool,
    /// False for a read-only token.
    pub may_write: bool,
    /// What is granted to the person and to their groups: `peering.view_autonomoussystem`, `peeringdb.view_*` for all
    /// types of an application, `*.view_*` for all types, `devices.view_router tags:lab` for some objects of a type.
    pub granted: BTreeSet<String>,
}

/// Which objects of a type something may be done with.
#[derive(Clone, Debug, PartialEq)]
pub enum Scope {
    Nothing,
    Everything,
    /// What one of these shows, whatever else the person may see.
    Within(Vec<Filter>),
}

/// A permission to do `V` with objects of one type.
#[derive(Debug)]
pub struct Permit<V> {
    of: &'static ObjectType,
    who: Who,
    verb: PhantomData<V>,
}

/// See objects in lists, details, references.
#[derive(Debug)]
pub enum View {}
#[derive(Debug)]
pub enum Add {}
#[derive(Debug)]
pub enum Change {}
#[derive(Debug)]
pub enum Delete {}

/// See the text that a router's templates make. It is whole or refused, so it needs no permission on what stands in it.
#[derive(Debug)]
pub enum ViewConfiguration {}

/// Bring configurations to routers, and say which host keys are theirs.
#[derive(Debug)]
pub enum Deploy {}

/// Take over what is new at PeeringDB.
#[derive(Debug)]
pub enum Synchronise {}

/// What can be permitted. Permissions are called as in Peering Manager: `peering.view_autonomoussystem`.
pub trait Verb {
    const WORD: &'static str;
    const WRITES: bool;

    /// The permission's name.
    fn permission(of: &ObjectType) -> String {
        permission_name(of, Self::WORD)
    }

    /// Names that stand for many types and contain it.
    fn wider(of: &ObjectType) -> Vec<String> {
        // what the system caches and notes is written by the system
        if Self::WRITES && of.origin != Origin::Operator {
            return Vec::new();
        }
        // what is guarded is seen by those who look after all of its kind
        let word = if of.is_guarded && !Self::WRITES { Change::WORD } else { Self::WORD };
        vec![format!("{}.{word}_*", of.app), format!("*.{word}_*")]
    }
}

fn permission_name(of: &ObjectType, word: &str) -> String {
    format!("{}.{word}_{}", of.app, of.model)
}

macro_rules! verbs {
    ($($verb:ident $word:literal $writes:literal;)*) => {
        $(impl Verb for $verb {
            const WORD: &'static str = $word;
            const WRITES: bool = $writes;
        })*
    };
}

verbs! {
    View "view" false;
    Add "add" true;
    Change "change" true;
    Delete "delete" true;
    Synchronise "synchronise" true;
}

impl Verb for ViewConfiguration {
    const WORD: &'static str = "view the configuration of";
    const WRITES: bool = false;

    fn permission(of: &ObjectType) -> String {
        format!("{}.view_{}_configuration", of.app, of.model)
    }

    fn wider(_: &ObjectType) -> Vec<String> {
        Vec::new()
    }
}

impl Verb for Deploy {
    const WORD: &'static str = "push configurations to";
    const WRITES: bool = true;

    /// As Peering Manager calls it.
    fn permission(of: &ObjectType) -> String {
        format!("{}.deploy_{}_configuration", of.app, of.model)
    }

    fn wider(_: &ObjectType) -> Vec<String> {
        Vec::new()
    }
}

impl Rights {
    /// Everything, as far as a token may write.
    pub fn all(may_write: bool) -> Self {
        Self { superuser: true, may_write, granted: BTreeSet::new() }
    }

    /// Nothing but what is granted by name.
    pub fn only(granted: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { superuser: false, may_write: true, granted: granted.into_iter().map(Into::into).collect() }
    }

    /// Administrators may do everything that their token allows, others what is granted to them. Who may sign in, and what
    /// they may do, is changed by administrators only: whoever could grant it could grant everything.
    pub fn allows<V: Verb>(&self, of: &'static ObjectType) -> bool {
        self.scope::<V>(of) != Scope::Nothing
    }

    /// As [`Rights::allows`], and with which objects.
    pub fn scope<V: Verb>(&self, of: &'static ObjectType) -> Scope {
        let has = |name: &String| self.granted.contains(name);
        match of.origin {
            _ if V::WRITES && !self.may_write => Scope::Nothing,
            _ if self.superuser => Scope::Everything,
            Origin::System => Scope::Nothing,
            Origin::Account if V::WRITES => Scope::Nothing,
            Origin::Operator | Origin::PeeringDb | Origin::Note if V::wider(of).iter().any(has) => Scope::Everything,
            _ => self.granted_by_name(of, &V::permission(of)),
        }
    }

    fn granted_by_name(&self, of: &'static ObjectType, name: &str) -> Scope {
        if self.granted.contains(name) {
            return Scope::Everything;
        }
        let known = self.granted.range::<str, _>((Bound::Included(name), Bound::Unbounded));
        let limits = known.take_while(|known| known.starts_with(name)).filter_map(|known| limit(known));
        // one that cannot be read any more reaches nothing
        let limits = limits.filter(|(limited, _)| *limited == name).filter_map(|(_, text)| read_limit(of, text).ok());
        match limits.collect::<Vec<_>>() {
            none if none.is_empty() => Scope::Nothing,
            limits => Scope::Within(limits),
        }
    }

    /// Whether secrets are shown to them.
    pub fn sees_secrets(&self) -> bool {
        self.superuser || self.granted.contains(VIEW_SECRETS)
    }
}

/// The permission to see BGP passwords.
pub const VIEW_SECRETS: &str = "core.view_secrets";

/// The permission to write to networks. Nothing asks for it before there is something that sends; it is kept for those who
/// have it in Peering Manager, and granted beforehand.
pub const SEND_EMAIL: &str = "peering.send_email";

/// One line of what can be granted: a type, an application's types or all types, with the verbs that make sense there.
#[derive(Clone, Debug, PartialEq)]
pub struct Grantable {
    /// What a person reads.
    pub label: String,
    /// The application that it belongs to; empty for all.
    pub app: &'static str,
    /// Names of view, add, change and delete, where there is such a permission.
    pub verbs: [Option<String>; 4],
    /// It stands for many types.
    pub is_wide: bool,
    /// What stands for many types contains it.
    pub is_covered: bool,
}

/// Words of [`Grantable::verbs`], in their order.
pub const VERBS: [&str; 4] = [View::WORD, Add::WORD, Change::WORD, Delete::WORD];

/// Everything that can be granted by type and verb: what stands for many types first.
pub fn grantable() -> Vec<Grantable> {
    let row = |label: &str, app: &'static str, model: &str, origin: Origin| Grantable {
        label: label.to_owned(),
        app,
        is_wide: model == "*",
        is_covered: origin != Origin::Account,
        verbs: std::array::from_fn(|at| {
            (at == 0 || origin == Origin::Operator)
                .then(|| format!("{}.{}_{model}", if app.is_empty() { "*" } else { app }, VERBS[at]))
        }),
    };
    let mut rows = vec![row("Everything", "", "*", Origin::Operator)];
    rows.push(row("All of PeeringDB", "peeringdb", "*", Origin::PeeringDb));
    let types = registry::TYPES.iter().filter(|of| !matches!(of.origin, Origin::System));
    rows.extend(types.map(|of| row(of.plural, of.app, of.model, of.origin)));
    rows
}

/// What can be granted besides: a name, and what it lets one do.
pub fn special() -> Vec<(String, &'static str)> {
    vec![
        (ViewConfiguration::permission(&ROUTER), "See routers' configurations, whole"),
        (Deploy::permission(&ROUTER), "Push configurations to routers, and accept their host keys"),
        (VIEW_SECRETS.to_owned(), "See BGP passwords, also in configurations"),
        (Synchronise::permission(&NETWORK), "Synchronise with PeeringDB"),
        (SEND_EMAIL.to_owned(), "Send e-mail to networks"),
    ]
}

/// Name and filter of a permission that is limited.
pub fn limit(permission: &str) -> Option<(&str, &str)> {
    permission.split_once(' ')
}

/// The type whose objects a permission can be limited to some of: one for a type by name, or for what is done with single
/// routers.
pub fn limitable(name: &str) -> Option<&'static ObjectType> {
    if [ViewConfiguration::permission(&ROUTER), Deploy::permission(&ROUTER)].iter().any(|known| known == name) {
        return Some(&ROUTER);
    }
    let types = registry::TYPES.iter().copied().filter(|of| of.origin != Origin::System);
    types.into_iter().find(|of| {
        VERBS
            .iter()
            .any(|verb| (*verb == View::WORD || of.origin == Origin::Operator) && permission_name(of, verb) == name)
    })
}

/// Every permission that can be limited: by type, what it lets one do, and its name.
pub fn limitables() -> Vec<(&'static ObjectType, Vec<(&'static str, String)>)> {
    let types = registry::TYPES.iter().copied().filter(|of| !matches!(of.origin, Origin::System));
    let row = |of: &'static ObjectType| {
        let verbs = VERBS.iter().map(|verb| (*verb, permission_name(of, verb)));
        let own =
            [(ViewConfiguration::WORD, ViewConfiguration::permission(of)), (Deploy::WORD, Deploy::permission(of))];
        (of, verbs.chain(own).filter(|(_, name)| limitable(name).is_some()).collect())
    };
    types.map(row).collect()
}

/// The filter that limits a permission.
///
/// # Errors
/// A sentence saying what is wrong with it.
fn read_limit(of: &'static ObjectType, text: &str) -> Result<Filter, String> {
    let (filter, problems) = Filter::parse(of, text);
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem.message);
    }
    if filter.is_empty() {
        return Err(format!("Say which {} by a filter, or leave no blank after the name.", of.plural));
    }
    let secret = filter.terms.iter().find(|term| matches!(term.path.field().kind, Kind::Secret { .. }));
    secret.map_or(Ok(filter.clone()), |term| Err(format!("{} cannot be filtered by.", term.path.field().label())))
}

/// Refuses what grants nothing.
///
/// # Errors
/// A sentence naming the nearest permission, or what is wrong with its limit.
pub fn check_permission(permission: &str) -> Result<(), String> {
    let Some((name, text)) = limit(permission) else { return check_name(permission) };
    check_name(name)?;
    match limitable(name) {
        Some(of) => read_limit(of, text).map(drop).map_err(|message| format!("{name}: {message}")),
        None => Err(format!("{name} is for all or for nobody: it cannot be limited by “{text}”.")),
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let mut known: Vec<String> = grantable().into_iter().flat_map(|row| row.verbs).flatten().collect();
    let apps: BTreeSet<&str> =
        registry::TYPES.iter().filter(|of| of.origin == Origin::Operator).map(|of| of.app).collect();
    known.extend(apps.iter().flat_map(|app| VERBS.map(|verb| format!("{app}.{verb}_*"))));
    known.extend(special().into_iter().map(|(name, _)| name));
    if known.iter().any(|known| known == name) {
        return Ok(());
    }
    Err(match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("There is no permission “{name}”. The nearest is {near}."),
        None => format!("There is no permission “{name}”. They are called like peering.view_autonomoussystem."),
    })
}

/// What is said to those who may only look: with a token, or without having signed in.
pub const READ_ONLY: &str = "Whoever is not signed in, or uses a token for reading, may only look.";

impl Who {
    /// The system itself: synchronisations, the command line of the machine's owner. `name` says which part of it.
    pub fn system(name: &'static str) -> Self {
        Self { user: None, name: name.into(), rights: Rights::all(true).into() }
    }

    /// Somebody who is not signed in, where they may look: at what everybody sees who may see all types. Configurations, secrets,
    /// accounts and what is guarded are not among it.
    pub fn anybody() -> Self {
        let rights = Rights { may_write: false, ..Rights::only([format!("*.{}_*", View::WORD)]) };
        Self { user: None, name: "anybody".into(), rights: rights.into() }
    }

    /// Asks for permission.
    ///
    /// # Errors
    /// `Forbidden`, naming the permission that is missing.
    pub fn permit<V: Verb>(&self, of: &'static ObjectType) -> Result<Permit<V>, Problem> {
        if self.allows::<V>(of) {
            return Ok(Permit { of, who: self.clone(), verb: PhantomData });
        }
        let message = if V::WRITES && !self.rights.may_write {
            READ_ONLY.to_owned()
        } else if of.origin == Origin::System || (V::WRITES && of.origin == Origin::Account) {
            format!("Only an administrator may {} {}.", V::WORD, of.plural)
        } else {
            format!("You may not {} {}. An administrator can grant {}.", V::WORD, of.plural, V::permission(of))
        };
        Err(Problem::new(Label::Forbidden, message))
    }

    pub fn allows<V: Verb>(&self, of: &'static ObjectType) -> bool {
        self.rights.allows::<V>(of)
    }

    /// The same person gathering what a template of their own asks for. Whoever may see every configuration gets what any
    /// may be made from, as [`Who::for_rendering`]; others, who could print anything, only types that they may see anyway.
    ///
    /// # Errors
    /// `Forbidden` to those who may not see configurations, and where they may see only some of what is asked for: half a
    /// configuration would look like a whole one.
    pub fn for_preview(&self, asked: impl IntoIterator<Item = &'static ObjectType>) -> Result<Self, Problem> {
        let permit: Permit<ViewConfiguration> = self.permit(&ROUTER)?;
        if permit.scope() == Scope::Everything {
            return self.for_rendering();
        }
        self.sees_all(asked)?;
        Ok(self.clone())
    }

    /// Asks whether they may see every object of some types, for a text that would look whole without some.
    ///
    /// # Errors
    /// `Forbidden`, naming the type.
    pub fn sees_all(&self, types: impl IntoIterator<Item = &'static ObjectType>) -> Result<(), Problem> {
        for of in types {
            if self.permit::<View>(of)?.scope() != Scope::Everything {
                let message = format!("You may see only some {}, and this text would need all.", of.plural);
                return Err(Problem::new(Label::Forbidden, message));
            }
        }
        Ok(())
    }

    /// The same person gathering what a configuration is made from: they see all of it, whatever else they may see, and only
    /// secrets that they may see; and they write nothing.
    ///
    /// # Errors
    /// `Forbidden` to those who may not see configurations.
    pub fn for_rendering(&self) -> Result<Self, Problem> {
        let _: Permit<ViewConfiguration> = self.permit(&ROUTER)?;
        let everything = format!("*.{}_*", View::WORD);
        let secrets = self.sees_secrets().then(|| VIEW_SECRETS.to_owned());
        let rights = Rights { may_write: false, ..Rights::only([everything].into_iter().chain(secrets)) };
        Ok(Self { rights: rights.into(), ..self.clone() })
    }

    /// As [`Rights::sees_secrets`].
    pub fn sees_secrets(&self) -> bool {
        self.rights.sees_secrets()
    }
}

impl<V> Permit<V> {
    pub fn of(&self) -> &'static ObjectType {
        self.of
    }

    pub fn who(&self) -> &Who {
        &self.who
    }
}

impl<V: Verb> Permit<V> {
    /// Which objects it is for.
    pub fn scope(&self) -> Scope {
        self.who.rights.scope::<V>(self.of)
    }

    /// What is said of an object that it does not reach.
    pub fn out_of_reach(&self) -> Problem {
        let granted = self.who.rights.granted.iter().filter_map(|known| limit(known));
        let limits: Vec<String> =
            granted.filter(|(name, _)| *name == V::permission(self.of)).map(|(_, text)| format!("“{text}”")).collect();
        let (word, plural) = (V::WORD, self.of.plural);
        let message = format!("You may {word} {plural} only where {} holds: not here.", limits.join(" or "));
        Problem::new(Label::Forbidden, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{AUTONOMOUS_SYSTEM, CHANGE, TOKEN, USER};

    fn person(rights: Rights) -> Who {
        Who { user: Some(1), name: "p".into(), rights: rights.into() }
    }

    #[test]
    fn who_is_granted_nothing_may_nothing() {
        let refusal = person(Rights::only([""; 0])).permit::<View>(&AUTONOMOUS_SYSTEM).unwrap_err();
        assert_eq!(refusal.label, Label::Forbidden);
        assert!(refusal.message.contains("peering.view_autonomoussystem"), "{}", refusal.message);
    }

    #[test]
    fn a_permission_is_for_one_type_and_verb() {
        let writer = person(Rights::only(["peering.view_autonomoussystem", "peering.change_autonomoussystem"]));
        assert!(writer.permit::<Change>(&AUTONOMOUS_SYSTEM).is_ok());
        assert!(writer.permit::<Delete>(&AUTONOMOUS_SYSTEM).is_err());
        assert!(writer.permit::<View>(&ROUTER).is_err());
    }

    #[test]
    fn a_permission_for_all_types_is_not_for_accounts_and_configurations() {
        let all = person(Rights::only(["*.view_*", "*.change_*"]));
        assert!(all.allows::<View>(&ROUTER) && all.allows::<Change>(&ROUTER) && all.allows::<View>(&CHANGE));
        assert!(!all.allows::<Change>(&CHANGE) && !all.allows::<View>(&USER) && !all.allows::<View>(&TOKEN));
        assert!(!all.allows::<ViewConfiguration>(&ROUTER) && !all.sees_secrets());
        assert!(person(Rights::only(["devices.view_router_configuration"])).allows::<ViewConfiguration>(&ROUTER));
    }

    #[test]
    fn nobody_grants_themselves_more() {
        let ambitious = person(Rights::only(["users.view_user", "users.change_user", "*.change_*"]));
        assert!(ambitious.allows::<View>(&USER));
        assert!(!ambitious.allows::<Change>(&USER));
    }

    #[test]
    fn a_read_only_token_never_writes() {
        assert!(person(Rights::all(false)).permit::<Add>(&AUTONOMOUS_SYSTEM).is_err());
        assert!(person(Rights::all(true)).permit::<Add>(&AUTONOMOUS_SYSTEM).is_ok());
    }

    #[test]
    fn a_limited_permission_is_for_what_its_filter_shows() {
        let limited = person(Rights::only(["devices.view_router tags:lab", "devices.view_router name:^core"]));
        let limits = ["tags:lab", "name:^core"].map(|text| Filter::parse(&ROUTER, text).0);
        let Scope::Within(mut read) = limited.rights.scope::<View>(&ROUTER) else { panic!("not limited") };
        read.sort_by_key(|filter| filter.terms[0].path.field().name != "tags");
        assert_eq!(read, limits);
        assert!(!limited.allows::<ViewConfiguration>(&ROUTER) && !limited.allows::<Change>(&ROUTER));
        let wider = person(Rights::only(["devices.view_router tags:lab", "devices.view_*"]));
        assert_eq!(wider.rights.scope::<View>(&ROUTER), Scope::Everything);
        let unreadable = person(Rights::only(["devices.view_router gone:1"]));
        assert_eq!(unreadable.rights.scope::<View>(&ROUTER), Scope::Nothing);
    }

    #[test]
    fn a_limit_that_cannot_be_read_or_means_nothing_is_refused() {
        for good in [
            "devices.change_router tags:lab,test",
            "devices.deploy_router_configuration name:^lab",
            "peeringdb.view_network info_type:nsp",
        ] {
            assert_eq!(check_permission(good), Ok(()), "{good}");
        }
        assert!(limitables().iter().flat_map(|(_, names)| names).all(|(_, name)| check_name(name).is_ok()));
        for (bad, expected) in [
            ("devices.change_router tagz:lab", "tags"),
            ("devices.change_router ", "Say which"),
            ("devices.view_* tags:lab", "for all or for nobody"),
            ("core.view_secrets tags:lab", "for all or for nobody"),
            ("peering.view_internetexchangepeeringsession password:x", "Password cannot"),
        ] {
            let refusal = check_permission(bad).unwrap_err();
            assert!(refusal.contains(expected), "{bad}: {refusal}");
        }
    }

    #[test]
    fn an_unknown_permission_names_the_nearest() {
        for known in ["*.view_*", "peering.delete_*", "peering.add_autonomoussystem", VIEW_SECRETS] {
            assert_eq!(check_permission(known), Ok(()), "{known}");
        }
        let refusal = check_permission("peering.view_autonomusystem").unwrap_err();
        assert!(refusal.contains("peering.view_autonomoussystem"), "{refusal}");
        assert!(check_permission("users.change_user").is_err());
    }
}
