//! The starter templates that ship with the product, over data set S.

mod store;

use peerage_model::Value;
use peerage_render::{Context, Graph, Options, Session, Step, Template, Whitespace};
use store::Store;

fn render(template: &str, store: &Store) -> String {
    let template = Template::new(template, Whitespace { trim: true, lstrip: true });
    let mut session = Session::new(&template, Options::default(), Context::Router { id: 1 });
    match store.drive(&mut session, &mut Graph::new()) {
        Step::Done(output) => output.text,
        other => panic!("{other:?}"),
    }
}

fn store() -> Store {
    let mut store = Store::read(include_str!("golden/data.json"));
    for record in &mut store.0 {
        if record.of.model == "router" {
            let context = serde_json::json!({"router_id": "192.0.2.1", "announce_ipv4": ["192.0.2.0/24"], "announce_ipv6": ["2001:db8:ff00::/48"]});
            record.set("local_context_data", Value::Json(std::sync::Arc::new(context)));
        }
    }
    store
}

/// Written to the directory in `PEERAGE_STARTERS`, for loading into real devices.
fn keep(name: &str, text: &str) {
    if let Ok(folder) = std::env::var("PEERAGE_STARTERS") {
        std::fs::write(format!("{folder}/{name}"), text).unwrap();
    }
}

#[test]
fn frr_starter_has_every_session_once() {
    let text = render(include_str!("../../../templates/configuration/frr.j2"), &store());
    keep("frr.conf", &text);
    let count = |what: &str| text.lines().filter(|line| line.contains(what)).count();
    assert_eq!(count(" remote-as "), count(" activate"));
    assert_eq!(count(" remote-as "), count(" description "));
    assert!(count(" remote-as ") > 40, "{text}");
    assert!(count(" password ") > 5 && count(" maximum-prefix ") > 20);
    assert!(text.contains("\n network") || text.contains("\n  network 192.0.2.0/24\n"));
    assert!(!text.contains("\n\n"), "no blank lines: {text}");
    assert!(!text.contains("None") && !text.contains("Undefined"));
}

#[test]
fn junos_starter_is_balanced_and_groups_by_exchange_and_family() {
    let text = render(include_str!("../../../templates/configuration/junos.j2"), &store());
    keep("junos.conf", &text);
    assert_eq!(text.matches('{').count(), text.matches('}').count());
    assert!(text.contains("group ixp-northport-ix-v6 {") && text.contains("group ixp-northport-ix-v4 {"), "{text}");
    assert_eq!(text.matches("neighbor ").count(), text.matches("peer-as ").count());
    assert!(text.contains("authentication-key \""));
    assert!(!text.contains("None") && !text.contains("\n\n"), "{text}");
}
