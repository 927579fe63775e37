//! The starter templates that ship with the product: over data set S and what an operator may make of it, each from an
//! empty graph, and through the real daemon where there is one (FRR, BIRD, OpenBGPD; skipped with a line where it is not installed).

mod store;

use peerage_model::Value;
use peerage_render::{Context, Graph, Options, Output, Session, Step, Template, Whitespace};
use std::{path::PathBuf, process::Command, sync::Arc};
use store::Store;

const STARTERS: [(&str, &str); 6] = [
    ("bird", include_str!("../../../templates/configuration/bird.j2")),
    ("eos", include_str!("../../../templates/configuration/eos.j2")),
    ("frr", include_str!("../../../templates/configuration/frr.j2")),
    ("iosxr", include_str!("../../../templates/configuration/iosxr.j2")),
    ("junos", include_str!("../../../templates/configuration/junos.j2")),
    ("openbgpd", include_str!("../../../templates/configuration/openbgpd.j2")),
];

const SESSIONS: [&str; 2] = ["directpeeringsession", "internetexchangepeeringsession"];

fn starter(name: &str) -> &'static str {
    STARTERS.iter().find(|(known, _)| *known == name).unwrap().1
}

fn step(template: &str, store: &Store) -> Step {
    let template = Template::new(template, Whitespace { trim: true, lstrip: true });
    let mut session = Session::new(&template, Options::default(), Context::Router { id: 1 });
    store.drive(&mut session, &mut Graph::new())
}

fn output(template: &str, store: &Store) -> Output {
    match step(template, store) {
        Step::Done(output) => {
            assert_eq!(output.warnings, [], "a starter names only what is there");
            output
        }
        other => panic!("{other:?}"),
    }
}

fn render(name: &str, store: &Store) -> String {
    output(starter(name), store).text
}

fn set(store: &mut Store, model: &str, field: &str, value: &Value) {
    for record in store.0.iter_mut().filter(|record| record.of.model == model) {
        record.set(field, value.clone());
    }
}

fn with_context(mut store: Store, context: serde_json::Value) -> Store {
    set(&mut store, "router", "local_context_data", &Value::Json(Arc::new(context)));
    store
}

/// Data set S with all its sessions on the first router: 24 direct ones, 96 over two exchanges.
fn whole() -> Store {
    let mut store = Store::read(include_str!("golden/data.json"));
    set(&mut store, "directpeeringsession", "router", &Value::Int(1));
    set(&mut store, "connection", "router", &Value::Int(1));
    let announced = serde_json::json!({
        "router_id": "192.0.2.1", "announce_ipv4": ["192.0.2.0/24"], "announce_ipv6": ["2001:db8:ff00::/48"]
    });
    with_context(store, announced)
}

/// Every fourth session of it: quicker, and still of every kind.
fn part() -> Store {
    let mut store = whole();
    store.0.retain(|record| !SESSIONS.contains(&record.of.model) || record.id % 4 == 1);
    store
}

fn is_v4(record: &peerage_model::Record) -> bool {
    record.get("ip_address").as_ip().is_some_and(|ip| ip.is_ipv4())
}

/// What an operator may have, by name.
fn variants() -> Vec<(String, Store)> {
    let changed = |change: &dyn Fn(&mut Store)| {
        let mut store = part();
        change(&mut store);
        store
    };
    let text = |text: &str| Value::text(text);
    let mut all = vec![
        ("as it is".to_owned(), whole()),
        ("without context data".to_owned(), changed(&|s| set(s, "router", "local_context_data", &Value::Null))),
        (
            "whole file".to_owned(),
            with_context(part(), serde_json::json!({"whole_file": true, "strict_first_as": true})),
        ),
        ("without sessions".to_owned(), changed(&|s| s.0.retain(|record| !SESSIONS.contains(&record.of.model)))),
        ("IPv4 only".to_owned(), changed(&|s| s.0.retain(|r| !SESSIONS.contains(&r.of.model) || is_v4(r)))),
        ("IPv6 only".to_owned(), changed(&|s| s.0.retain(|r| !SESSIONS.contains(&r.of.model) || !is_v4(r)))),
        (
            "without policies and communities".to_owned(),
            changed(&|s| {
                s.0.retain(|record| !matches!(record.of.model, "routingpolicy" | "community"));
                for record in &mut s.0 {
                    for field in ["import_routing_policies", "export_routing_policies", "communities"] {
                        if record.of.field(field).is_some() {
                            record.set(field, Value::Ids(Arc::new([])));
                        }
                    }
                }
            }),
        ),
        (
            "passwords, BFD and multihop everywhere".to_owned(),
            changed(&|s| {
                for model in SESSIONS {
                    set(s, model, "password", &text("s3cr3t-Md5"));
                    set(s, model, "multihop_ttl", &Value::Int(3));
                    set(s, model, "bfd", &Value::Int(1));
                    set(s, model, "passive", &Value::Bool(true));
                }
            }),
        ),
        (
            "names that nobody wants".to_owned(),
            changed(&|s| set(s, "autonomoussystem", "name", &text("Zürich \"quoted\" */ \\back\n! x # {{ y }} 日本"))),
        ),
        (
            "sessions without a group".to_owned(),
            changed(&|s| set(s, "directpeeringsession", "bgp_group", &Value::Null)),
        ),
    ];
    for status in [
        "requested",
        "provisioning",
        "enabled",
        "pre-maintenance",
        "maintenance",
        "post-maintenance",
        "disabled",
        "decommissioning",
        "decommissioned",
    ] {
        let store = changed(&|s| SESSIONS.iter().for_each(|model| set(s, model, "status", &Value::text(status))));
        all.push((format!("every session {status}"), store));
    }
    for status in ["pre-maintenance", "maintenance", "post-maintenance", "disabled"] {
        for model in ["internetexchange", "bgpgroup", "connection"] {
            all.push((format!("every {model} {status}"), changed(&|s| set(s, model, "status", &Value::text(status)))));
        }
    }
    all
}

#[test]
fn every_starter_renders_for_whatever_an_operator_has() {
    for (variant, store) in variants() {
        for (name, _) in STARTERS {
            let text = render(name, &store);
            assert!(!text.contains("None") && !text.contains("Undefined"), "{name}, {variant}: {text}");
            let odd = |line: &&str| line.is_empty() || line.ends_with(' ');
            let at = text.lines().position(|line| odd(&line));
            assert_eq!(
                at,
                None,
                "{name}, {variant}: {:?}",
                text.lines().skip(at.unwrap_or(0).saturating_sub(2)).take(4).collect::<Vec<_>>()
            );
            assert!(text.is_ascii(), "{name}, {variant}: {:?}", text.lines().find(|line| !line.is_ascii()));
            assert_eq!(text.matches('{').count(), text.matches('}').count(), "{name}, {variant}");
        }
    }
}

#[test]
fn what_is_configured_is_told_in_the_same_lines_everywhere() {
    let shared = |source: &'static str| {
        let from = source.find("{# --- What is configured.").unwrap();
        &source[from..source.find("{# --- From here on").unwrap()]
    };
    for (name, source) in STARTERS {
        assert_eq!(shared(source), shared(starter("frr")), "{name}");
    }
}

#[test]
fn a_router_of_120_sessions_takes_few_passes_from_nothing() {
    let store = whole();
    let sessions = store.0.iter().filter(|record| SESSIONS.contains(&record.of.model)).count();
    assert_eq!(sessions, 120);
    let torture = [
        ("golden frr", include_str!("starters/golden-frr.j2")),
        ("golden iosxr", include_str!("starters/golden-iosxr.j2")),
        ("golden junos", include_str!("starters/golden-junos.j2")),
    ];
    let mut table =
        String::from("template: passes, needs (one statement each), without the usual surroundings first\n");
    for (name, source) in STARTERS.into_iter().chain(torture) {
        let template = Template::new(source, Whitespace { trim: true, lstrip: true });
        let mut session = Session::new(&template, Options::default(), Context::Router { id: 1 });
        let (mut graph, mut asked) = (Graph::new(), 0);
        let passes = loop {
            match session.step(&graph) {
                Step::Needs(needs) => {
                    asked += needs.len();
                    graph.answer(&needs, &store.fetch(&needs)).unwrap();
                }
                Step::Done(output) => break output.passes,
                Step::Failed(problem) => panic!("{name}: {problem:?}"),
            }
        };
        assert!(asked < 30, "{name}: {asked}");
        table.push_str(&format!("{name}: {passes}, {asked}\n"));
    }
    assert_eq!(table, include_str!("starters/passes.txt"));
}

/// The lines of a text that contain all words.
fn lines<'t>(text: &'t str, words: &[&str]) -> Vec<&'t str> {
    text.lines().filter(|line| words.iter().all(|word| line.contains(word))).collect()
}

/// Different peers in a configuration of FRR.
fn addresses(frr: &str) -> usize {
    let peers = lines(frr, &["neighbor ", " remote-as "]);
    peers.iter().filter_map(|line| line.split_whitespace().nth(1)).collect::<std::collections::HashSet<_>>().len()
}

fn blocks(text: &str, opening: &str) -> usize {
    text.lines().filter(|line| line.trim_start().trim_start_matches("inactive: ").starts_with(opening)).count()
}

/// Sessions that a starter has written.
fn written(name: &str, text: &str) -> usize {
    match name {
        "bird" => blocks(text, "protocol bgp "),
        "iosxr" => blocks(text, "neighbor "),
        "junos" | "openbgpd" => blocks(text, "neighbor "),
        _ => lines(text, &["neighbor ", " remote-as "]).len(),
    }
}

/// Sessions that a starter has shut down.
fn shut(name: &str, text: &str) -> usize {
    let word = match name {
        "bird" => "  disabled;",
        "junos" => "inactive: neighbor ",
        "openbgpd" => "    down",
        _ => "shutdown",
    };
    let down = |line: &&str| line.ends_with(word) || name == "junos" && line.contains(word);
    text.lines().filter(|line| !line.contains("set community") && !line.contains("permit")).filter(down).count()
}

#[test]
fn status_decides_whether_a_session_is_written_and_how() {
    let with_status = |status: &str| {
        let mut store = part();
        set(&mut store, "internetexchange", "status", &Value::text("enabled"));
        set(&mut store, "bgpgroup", "status", &Value::text("enabled"));
        set(&mut store, "connection", "status", &Value::text("enabled"));
        set(&mut store, "router", "status", &Value::text("enabled"));
        SESSIONS.iter().for_each(|model| set(&mut store, model, "status", &Value::text(status)));
        store
    };
    // what marks a chain of a session in maintenance: once for each direction
    let announced = |name: &str, text: &str| match name {
        "bird" => text.contains("bgp_community.add(GRACEFUL_SHUTDOWN)"),
        "eos" => text.contains("set community GSHUT additive"),
        "frr" => text.contains("set community graceful-shutdown additive"),
        "iosxr" => text.contains("set community GRACEFUL-SHUTDOWN additive"),
        "openbgpd" => text.contains("set community 65535:0"),
        _ => text.contains("community add graceful-shutdown"),
    };
    for (status, here, down, calm) in [
        ("enabled", 30, 0, false),
        ("post-maintenance", 30, 0, false),
        ("maintenance", 30, 0, true),
        ("pre-maintenance", 30, 0, true),
        ("disabled", 30, 30, false),
        ("requested", 0, 0, false),
        ("provisioning", 0, 0, false),
        ("decommissioning", 0, 0, false),
        ("decommissioned", 0, 0, false),
    ] {
        let store = with_status(status);
        for (name, _) in STARTERS {
            let text = render(name, &store);
            // it has one session with an address, however many connections lead there
            let once =
                |count: usize| if name == "openbgpd" && count > 0 { addresses(&render("frr", &store)) } else { count };
            assert_eq!(written(name, &text), once(here), "{name}, {status}: {text}");
            assert_eq!(shut(name, &text), once(down), "{name}, {status}");
            assert_eq!(announced(name, &text), calm, "{name}, {status}");
        }
    }
}

#[test]
fn policies_communities_limits_passwords_and_bfd_are_there() {
    let store = whole();
    for (name, words) in [
        (
            "bird",
            [
                "if ! policy_pol_in_00() then",
                "bgp_large_community.add((1000001, ",
                "import limit ",
                "  password \"",
                "min rx interval ",
            ],
        ),
        (
            "eos",
            [
                "   sub-route-map pol-in-00",
                "   set large-community 1000001:",
                " maximum-routes ",
                " password 7 ",
                " min-rx ",
            ],
        ),
        (
            "frr",
            [" call pol-in-00", " set large-community 1000001:", " maximum-prefix ", " password ", " bfd profile "],
        ),
        (
            "iosxr",
            [
                "  apply pol-in-00",
                "  set large-community (1000001:",
                "   maximum-prefix ",
                "  password ",
                "  bfd multiplier ",
            ],
        ),
        (
            "junos",
            [" pol-in-00 ", "members large:1000001:", " maximum ", "authentication-key \"", "bfd-liveness-detection {"],
        ),
        // it speaks no BFD
        (
            "openbgpd",
            ["# pol-in-00: ", "large-community 1000001:", "    max-prefix ", " md5sig password \"", "    multihop "],
        ),
    ] {
        let text = render(name, &store);
        for word in words {
            assert!(text.contains(word), "{name} lacks {word:?}: {text}");
        }
    }
}

#[test]
fn policies_that_are_written_by_hand_are_used_but_not_written() {
    // OpenBGPD has no policies by name
    for (name, _) in STARTERS.into_iter().filter(|(name, _)| *name != "openbgpd") {
        let text = render(name, &with_context(whole(), serde_json::json!({"own_policies": ["pol-in-00"]})));
        let slug = if name == "bird" { "policy_pol_in_00" } else { "pol-in-00" };
        let definitions = ["function ", "route-map ", "route-policy ", "policy-statement "];
        let defined =
            |line: &&str| definitions.iter().any(|word| line.trim_start().starts_with(&format!("{word}{slug}")));
        assert_eq!(text.lines().filter(defined).count(), 0, "{name}");
        assert!(text.contains(slug), "{name}");
        assert_eq!(render(name, &whole()).lines().filter(defined).count(), 1, "{name}");
    }
}

// --- the real daemons

/// Runs a check of a daemon over every variant. Without the program a line says so.
fn accepted(program: &str, name: &str, variants: Vec<(String, Store)>, check: impl Fn(&PathBuf) -> Command) {
    if Command::new(program).arg("--version").output().is_err() {
        println!("SKIPPED: {program} is not installed, so the {name} starter was not shown to it");
        return;
    }
    let folder =
        std::env::temp_dir().join(format!("peerage-starters-{}-{}", std::process::id(), program.replace('/', "-")));
    std::fs::create_dir_all(&folder).unwrap();
    for (variant, store) in variants {
        let file = folder.join("starter.conf");
        let mut text = render(name, &store);
        if name == "bird" && !text.contains("\nrouter id ") {
            // what the including file has
            text.insert_str(0, "router id 192.0.2.1;\nprotocol device { }\n");
        }
        if name == "openbgpd" && !text.contains("\nrouter-id ") {
            text.insert_str(0, "AS 64500\nrouter-id 192.0.2.1\n");
        }
        std::fs::write(&file, &text).unwrap();
        let output = check(&file).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(
            output.status.success()
                && !said.contains('%')
                && !said.contains("No such command")
                && !said.to_lowercase().contains("error"),
            "{variant}: {said}\n{}",
            text.lines().enumerate().map(|(at, line)| format!("{:4} {line}\n", at + 1)).collect::<String>()
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

fn found(places: &[&str]) -> String {
    let here = places.iter().find(|place| std::path::Path::new(place).exists());
    (*here.unwrap_or(&places[0])).to_owned()
}

/// A text that a daemon refuses, so that it is known to have looked.
#[test]
fn the_checks_refuse_what_is_wrong() {
    let folder = std::env::temp_dir().join(format!("peerage-starters-{}-wrong", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("wrong.conf");
    for (program, args, text) in [
        ("/usr/sbin/bird", ["-p", "-c"].as_slice(), "router id 192.0.2.1;\nprotocol bgp x { nonsense; }\n"),
        ("/usr/bin/vtysh", &["-C", "-f"], "router bgp 1\n neighbor 192.0.2.1 nonsense\nexit\n"),
    ] {
        if std::path::Path::new(program).exists() {
            std::fs::write(&file, text).unwrap();
            let output = Command::new(program).args(args).arg(&file).output().unwrap();
            assert!(!output.status.success(), "{program}: {output:?}");
        } else {
            println!("SKIPPED: {program} is not installed");
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn bird_accepts_its_starter() {
    let bird = found(&["/usr/sbin/bird", "/usr/bin/bird", "/usr/local/sbin/bird"]);
    let program = bird.clone();
    accepted(&program, "bird", variants(), move |file| {
        let mut command = Command::new(&bird);
        command.arg("-p").arg("-c").arg(file);
        command
    });
}

#[test]
fn openbgpd_accepts_its_starter() {
    let bgpd = found(&["/usr/sbin/bgpd", "/usr/local/sbin/bgpd"]);
    let is_openbgpd = Command::new(&bgpd)
        .arg("-V")
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).contains("OpenBGPD"));
    let program = if is_openbgpd { bgpd.clone() } else { "openbgpd".to_owned() };
    accepted(&program, "openbgpd", variants(), move |file| {
        // there are passwords in it
        std::fs::set_permissions(file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let mut command = Command::new(&bgpd);
        command.arg("-n").arg("-f").arg(file);
        command
    });
}

#[test]
fn vtysh_accepts_the_frr_starter() {
    let vtysh = found(&["/usr/bin/vtysh", "/usr/local/bin/vtysh"]);
    let program = vtysh.clone();
    accepted(&program, "frr", variants(), move |file| {
        let mut command = Command::new(&vtysh);
        // a folder of our own: the system's vtysh.conf is for its group alone
        let folder = file.parent().unwrap();
        std::fs::write(folder.join("vtysh.conf"), "").unwrap();
        command.arg("--config_dir").arg(folder).arg("-C").arg("-f").arg(file);
        command
    });
}

/// `bgpd` also follows references, but takes longer the more sessions there are: a dozen will do.
#[test]
fn bgpd_accepts_the_frr_starter() {
    let bgpd = found(&["/usr/lib/frr/bgpd", "/usr/sbin/bgpd", "/usr/local/sbin/bgpd"]);
    let program = bgpd.clone();
    let mut few = part();
    for model in SESSIONS {
        // its timers are another daemon's lines
        set(&mut few, model, "bfd", &Value::Null);
    }
    few.0.retain(|record| !SESSIONS.contains(&record.of.model) || record.id <= 25);
    accepted(&program, "frr", vec![("a dozen sessions".to_owned(), few)], move |file| {
        // a line for vtysh alone
        let text = std::fs::read_to_string(file).unwrap().replace("service integrated-vtysh-config\n", "");
        std::fs::write(file, text).unwrap();
        let mut command = Command::new(&bgpd);
        command.args(["--dryrun", "--no_zebra", "--skip_runas", "-p", "0", "-f"]).arg(file);
        command
    });
}
