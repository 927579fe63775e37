use crate::{
    database::Database,
    world::{World, add, all, fill, may, reader, small, system},
};
use peerage_model::{
    Field, Filter, Kind, Label, ListQuery, ObjectType, Record, Sort, Value,
    filter::Path,
    order::compare_towards,
    permit::View,
    registry,
    types::{AUTONOMOUS_SYSTEM, CHANGE, CONNECTION, IX_SESSION},
};
use peerage_store::Store;
use std::cmp::Ordering;

/// Paths of a type: its own fields, and those at most two references on.
fn paths(of: &'static ObjectType, depth: usize) -> Vec<String> {
    let mut paths = vec!["id".to_owned()];
    for field in of.fields.iter().filter(|field| !field.is_internal()) {
        paths.push(field.name.to_owned());
        if let (Kind::Reference { to, .. }, true) = (field.kind, depth > 0) {
            paths.extend(self::paths(to, depth - 1).into_iter().map(|rest| format!("{}.{rest}", field.name)));
        }
    }
    paths
}

fn read(of: &'static ObjectType, text: &str) -> Filter {
    let (filter, problems) = Filter::parse(of, text);
    assert_eq!(problems, vec![], "{text}");
    filter
}

/// What can be asked of a field: marks and values, as one types them.
fn questions(field: &Field, values: &[Value]) -> Vec<String> {
    let mut asked = vec!["none".to_owned(), "any".to_owned()];
    let printed: Vec<String> = values
        .iter()
        .flat_map(|value| match value {
            Value::Ids(ids) => ids.iter().map(i64::to_string).collect(),
            Value::Texts(texts) => texts.iter().map(|text| quote(text)).collect(),
            Value::Null | Value::Hidden => vec![],
            value => vec![quote(&field.kind.print(value))],
        })
        .filter(|text: &String| text != "\"\"")
        .collect();
    let ordered = matches!(field.kind, Kind::Int { .. } | Kind::Float { .. } | Kind::Asn { .. } | Kind::Time);
    for text in printed.iter().take(2) {
        let bare = text.trim_matches('"');
        match field.kind {
            _ if ordered => {
                asked.extend(["", ">", ">=", "<", "<="].map(|mark| format!("{mark}{bare}")));
                if let Some(other) = printed.last() {
                    asked.push(format!("{bare}..{}", other.trim_matches('"')));
                    asked.push(format!("{bare},{}", other.trim_matches('"')));
                }
            }
            Kind::IpHost { .. } | Kind::IpInterface { .. } | Kind::Prefix => {
                asked.extend([
                    format!("={bare}"),
                    "192.0.2.0/25".to_owned(),
                    "2001:db8::/47".to_owned(),
                    "0.0.0.0/0".to_owned(),
                ]);
            }
            Kind::Reference { .. } | Kind::References { .. } => {
                asked.extend([
                    bare.to_owned(),
                    "amp".to_owned(),
                    "64497".to_owned(),
                    "AS64497".to_owned(),
                    "ams".to_owned(),
                    "_".to_owned(),
                ]);
            }
            kind if kind.is_textual() && kind.choices().is_none() => {
                let part: String = bare.chars().skip(1).take(3).collect();
                asked.extend([
                    text.clone(),
                    format!("={text}"),
                    format!("^{}", quote(&bare.chars().take(2).collect::<String>())),
                ]);
                if !part.is_empty() {
                    asked.push(quote(&part.to_uppercase()));
                }
            }
            _ => asked.push(text.clone()),
        }
    }
    asked
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

async fn same_in_memory(store: &Store, world: &World, of: &'static ObjectType, text: &str) -> usize {
    let (filter, problems) = Filter::parse(of, text);
    assert_eq!(problems, vec![], "{} {text}", of.key());
    let expected: Vec<i64> = {
        let mut ids: Vec<i64> =
            world.of(of).iter().filter(|record| filter.matches(record, world)).map(|r| r.id).collect();
        ids.sort_unstable();
        ids
    };
    let mut query = ListQuery::all(of).filtered(filter).unpaged();
    query.sort = vec![Sort::parse(of, "id").unwrap()];
    query.fields = vec![];
    let found = store.records(&may::<View>(of), &query).await.unwrap();
    let found: Vec<i64> = found.iter().map(|record| record.id).collect();
    assert_eq!(found, expected, "{} {text}", of.key());
    if text.len().is_multiple_of(4) {
        assert_eq!(store.count(&may::<View>(of), &query.filter).await.unwrap(), expected.len() as u64);
    }
    expected.len()
}

pub async fn every_filter_means_the_same_in_memory(database: &Database) {
    let store = &database.store;
    let world = fill(store).await;
    let (mut asked, mut found) = (0, 0);
    for of in registry::TYPES.iter().copied() {
        for (turn, text) in paths(of, 2).into_iter().enumerate() {
            let path = Path::parse(of, &text).unwrap();
            let field = path.field();
            // all of a type's own fields, a sample of those further away
            let step = [1, 9, 29][path.hops().len()];
            if matches!(field.kind, Kind::Secret { .. } | Kind::Json { .. }) {
                assert!(!Filter::parse(of, &format!("{text}:x")).1.is_empty(), "{text}");
                continue;
            }
            let values: Vec<Value> = world.of(of).iter().map(|record| path.value(record, &world)).collect();
            for question in questions(field, &values).into_iter().skip(turn % step).step_by(step) {
                // both ways for a type's own fields, in turn for the others
                let signs: &[&str] = if step == 1 { &["", "-"] } else { &["-", ""][asked % 2..][..1] };
                for sign in signs {
                    found += same_in_memory(store, &world, of, &format!("{sign}{text}:{question}")).await;
                    asked += 1;
                }
            }
        }
        for word in ["example", "AMS", "%", "_", "\\\\", "64", "\"x", "nothing", "192.0.2.1"] {
            found += same_in_memory(store, &world, of, word).await;
        }
    }
    eprintln!("{asked} questions, {found} rows found");
    assert!(asked > 1_000 && found > asked);
}

pub async fn filters_mean_the_same_in_combination(database: &Database) {
    let store = &database.store;
    let world = fill(store).await;
    // a generator that needs no crate: Knuth's MMIX
    let mut state = 7u64;
    let mut pick = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for _ in 0..300 {
        let of = registry::TYPES[pick(registry::TYPES.len())];
        let known = paths(of, 1);
        let mut parts = Vec::new();
        for _ in 0..1 + pick(3) {
            let text = &known[pick(known.len())];
            let path = Path::parse(of, text).unwrap();
            if matches!(path.field().kind, Kind::Secret { .. } | Kind::Json { .. }) {
                continue;
            }
            let values: Vec<Value> = world.of(of).iter().map(|record| path.value(record, &world)).collect();
            let questions = questions(path.field(), &values);
            parts.push(format!("{}{text}:{}", ["", "-"][pick(2)], questions[pick(questions.len())]));
        }
        if pick(4) == 0 {
            parts.push("e".to_owned());
        }
        same_in_memory(store, &world, of, &parts.join(" ")).await;
    }
}

pub async fn every_order_is_the_same_in_memory(database: &Database) {
    let store = &database.store;
    let world = fill(store).await;
    for of in registry::TYPES.iter().copied() {
        let sortable = paths(of, 2).into_iter().filter(|path| Sort::parse(of, path).is_ok());
        // all of a type's own fields, a sample of those further away
        let sortable = sortable.enumerate().filter(|(turn, path)| turn % [1, 3, 9][path.split('.').count() - 1] == 0);
        let sortable = sortable.map(|(_, path)| path);
        let keys = sortable
            .flat_map(|path| [path.clone(), format!("-{path}")])
            .map(|key| vec![Sort::parse(of, &key).unwrap()]);
        for keys in keys.chain([Sort::natural(of)]) {
            let mut query = ListQuery::all(of).unpaged();
            query.sort = keys.clone();
            query.fields = vec![];
            let found = store.records(&may::<View>(of), &query).await.unwrap();
            let found: Vec<i64> = found.iter().map(|record| record.id).collect();
            let mut expected: Vec<&Record> = world.of(of).iter().collect();
            let expanded = Sort::expand(&keys);
            expected.sort_by(|a, b| {
                let by_keys = expanded
                    .iter()
                    .map(|key| compare_towards(&key.path.value(a, &world), &key.path.value(b, &world), key.descending));
                by_keys.fold(Ordering::Equal, Ordering::then).then(a.id.cmp(&b.id))
            });
            let expected: Vec<i64> = expected.iter().map(|record| record.id).collect();
            (query.offset, query.limit) = (2, 3);
            // as one of many, then counted and known to be one of few
            let page = store.records(&may::<View>(of), &query).await.unwrap();
            if keys.len() > 1 || expanded.len() > 1 {
                query.filter = read(of, "id:>0");
                assert_eq!(store.list(&may::<View>(of), &query).await.unwrap().records, page, "{}", of.key());
            }
            assert!(page.iter().map(|record| record.id).eq(expected.iter().copied().skip(2).take(3)), "{}", of.key());
            assert_eq!(
                found,
                expected,
                "{} by {:?}",
                of.key(),
                keys.iter().map(|k| k.path.to_string()).collect::<Vec<_>>()
            );
        }
    }
}

/// Of every type: what is asked of an address, a prefix, an AS number or a reference is no walk through the table.
pub async fn addresses_numbers_and_references_are_found_by_an_index(database: &Database) {
    let mut asked = 0;
    for of in registry::TYPES.iter().copied() {
        for field in of.fields.iter().filter(|field| !field.is_internal()) {
            let questions: &[&str] = match field.kind {
                Kind::IpHost { family: 6 } | Kind::IpInterface { family: 6 } => &["=2001:db8::1", "2001:db8::/47"],
                Kind::IpHost { .. } | Kind::IpInterface { .. } => &["=192.0.2.1", "192.0.2.0/25"],
                Kind::Prefix => &["=192.0.2.0/24", "192.0.0.0/16", "2001:db8::/32"],
                Kind::Asn { .. } => &["64500", "64500,64501", "64500..64510"],
                Kind::Reference { .. } => &["12", "12,13"],
                Kind::References { .. } => &["12"],
                _ => continue,
            };
            for question in questions {
                let text = format!("{}:{question}", field.name);
                let statement = database.store.statement(&may::<View>(of), &read(of, &text)).unwrap();
                let plan = database.plan(&statement).await;
                let scans = plan.iter().any(|line| line.contains("SCAN") || line.contains("Seq Scan"));
                let searches = plan.iter().any(|line| line.contains("SEARCH t ") || line.contains("Index Cond"));
                assert!(searches && !scans, "{} {text}: {statement}\n{}", of.key(), plan.join("\n"));
                asked += 1;
            }
        }
    }
    assert!(asked > 200, "{asked}");
}

pub async fn wildcards_are_ordinary_letters(database: &Database) {
    let store = &database.store;
    for (asn, name) in [(1, "50% off"), (2, "500 off"), (3, "a_b"), (4, "axb"), (5, "back\\slash"), (6, "MiXed")] {
        crate::world::add(store, crate::world::network(asn, name)).await;
    }
    for (text, wanted) in [
        ("name:0%", vec![1]),
        ("name:a_b", vec![3]),
        ("name:\\", vec![5]),
        ("name:^mix", vec![6]),
        ("name:=MIXED", vec![6]),
        ("%", vec![1]),
        ("-name:off", vec![3, 4, 5, 6]),
    ] {
        let query = ListQuery::all(&AUTONOMOUS_SYSTEM).filtered(read(&AUTONOMOUS_SYSTEM, text));
        let found = store.list(&may::<View>(&AUTONOMOUS_SYSTEM), &query).await.unwrap();
        let found: Vec<i64> = found.records.iter().filter_map(|record| record.int("asn")).collect();
        assert_eq!(found, wanted, "{text}");
    }
}

pub async fn words_find_an_object_by_what_it_is_called_after(database: &Database) {
    let small = small(&database.store).await;
    for (text, holds) in [
        ("ixp_connection:example-ix", true),
        ("ixp_connection:edge1", true),
        ("ixp_connection:elsewhere", false),
        ("autonomous_system:peer", true),
        ("-ixp_connection:edge1", false),
        ("example-ix", true),
        ("peer edge1", true),
        ("peer elsewhere", false),
    ] {
        let query = ListQuery::all(&IX_SESSION).filtered(read(&IX_SESSION, text));
        let found = database.store.list(&may::<View>(&IX_SESSION), &query).await.unwrap();
        assert_eq!(found.total == 1, holds, "{text}");
    }
    assert_eq!(all(&database.store, &CONNECTION).await, [small.connection]);
}

pub async fn what_says_all_words_itself_comes_before_what_is_called_after_them(database: &Database) {
    let store = &database.store;
    let small = small(store).await;
    let at = |interface: &str| {
        Record::new(&CONNECTION)
            .with("router", Value::Int(small.router.id))
            .with("interface", Value::text(interface))
            .with("internet_exchange_point", Value::Int(small.exchange.id))
    };
    for port in 0..9 {
        // short, and called after "Example-IX" and "edge1"
        add(store, at(&format!("p{port}"))).await;
    }
    let itself = Record::new(&CONNECTION).with("interface", Value::text("edge1 towards the example-ix"));
    let itself = add(store, itself).await;
    let words = ["example-ix".to_owned(), "edge1".to_owned()];
    let found = store.search(&may::<View>(&CONNECTION), &words, 8).await.unwrap();
    assert_eq!((found.records.len(), found.records[0].1.id), (8, itself.id));
    let found = store.search(&may::<View>(&CONNECTION), &words, 100).await.unwrap();
    let ids: Vec<i64> = found.records.iter().map(|(_, record)| record.id).collect();
    assert_eq!(ids.len(), 11, "each once: {ids:?}");
}

pub async fn what_may_not_be_seen_cannot_be_asked_about(database: &Database) {
    let permit = reader().permit::<View>(&CHANGE).unwrap();
    for text in ["user.email:^a", "user:root", "-user.username:x"] {
        let query = ListQuery::all(&CHANGE).filtered(read(&CHANGE, text));
        let refusal = database.store.list(&permit, &query).await.unwrap_err().into_problem();
        assert_eq!(refusal.label, Label::Forbidden, "{text}");
    }
    let mut query = ListQuery::all(&CHANGE);
    query.sort = vec![Sort::parse(&CHANGE, "user.email").unwrap()];
    assert_eq!(database.store.list(&permit, &query).await.unwrap_err().into_problem().label, Label::Forbidden);
    let query = ListQuery::all(&CHANGE).filtered(read(&CHANGE, "user:1"));
    assert!(database.store.list(&permit, &query).await.is_ok());
    assert!(database.store.list(&system().permit::<View>(&AUTONOMOUS_SYSTEM).unwrap(), &query).await.is_err());
}

pub async fn too_large_a_filter_is_refused(database: &Database) {
    let permit = may::<View>(&AUTONOMOUS_SYSTEM);
    let words: Vec<String> = (0..400).map(|n| format!("w{n}")).collect();
    for text in [format!("name:{}", words.join(",")), words.join(" ")] {
        let query = ListQuery::all(&AUTONOMOUS_SYSTEM).filtered(read(&AUTONOMOUS_SYSTEM, &text));
        assert_eq!(database.store.list(&permit, &query).await.unwrap().total, 0);
        let text = format!("{text} {text}");
        let query = ListQuery::all(&AUTONOMOUS_SYSTEM).filtered(read(&AUTONOMOUS_SYSTEM, &text));
        let refusal = database.store.list(&permit, &query).await.unwrap_err().into_problem();
        assert_eq!(refusal.label, Label::Malformed);
    }
    // all that can be ticked on one page
    let ids: Vec<String> = (1..=2_000).map(|n| n.to_string()).collect();
    let ids = read(&AUTONOMOUS_SYSTEM, &format!("id:{}", ids.join(",")));
    let query = ListQuery::all(&AUTONOMOUS_SYSTEM).filtered(ids);
    assert_eq!(database.store.list(&permit, &query).await.unwrap().total, 0);
}
