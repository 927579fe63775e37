use crate::running::Installation;
use serde_json::{Value as Json, json};
use std::{
    fs,
    time::{Duration, Instant},
};

/// Nothing of this is dear by the engine's own count, and it would take hours.
const RUNAWAY: &str =
    "{% set l = range(100000) | list %}{% for x in range(100000) %}{% set y = l | sort %}{% endfor %}";

#[test]
fn a_template_over_plain_data_prints_its_bytes_and_needs_no_database() {
    let installation = Installation::sqlite();
    let write = |name: &str, text: &str| fs::write(installation.folder.join(name), text).unwrap();
    write("data.json", r#"{"b": 1, "a": {"2": "zwei", "1": 1.0}, "rows": [1, 2]}"#);
    write("outer.j2", "{% for row in rows %}\r\n  {% if row %}\n{{ row }}{{ a }}\n  {% endif %}\n{% endfor %}\n\n");
    let plain = installation.expect(&["render", "--template", "outer.j2", "--context", "data.json"]);
    assert_eq!(plain, "\n  \n1{'2': 'zwei', '1': 1.0}\n  \n\n  \n2{'2': 'zwei', '1': 1.0}\n  \n\n");
    let cut = ["render", "--template", "outer.j2", "--context", "data.json", "--trim-blocks", "--lstrip-blocks"];
    assert_eq!(installation.expect(&cut), "1{'2': 'zwei', '1': 1.0}\n2{'2': 'zwei', '1': 1.0}\n");

    write("with.j2", "{% include_configuration 'Head = 1' %}|{% include 'email::Foot' %}");
    write("head.j2", "{{ b }}\n");
    write("foot.j2", "\n{{ b.x.y }}");
    let include = |foot: &str| {
        installation.run(&[
            "render",
            "--template",
            "with.j2",
            "--context",
            "data.json",
            "--include",
            "configuration::Head=head.j2",
            "--include",
            &format!("email::Foot={foot}"),
        ])
    };
    // the name ends at the first equals sign
    let missing = include("head.j2");
    assert!(String::from_utf8_lossy(&missing.stderr).starts_with("runtime: with.j2:1: "), "{missing:?}");
    write("with.j2", "{% include_configuration 'Head' %}|{% include 'email::Foot' %}");
    assert_eq!(include("head.j2").stdout, b"1|1");
    let broken = include("foot.j2");
    assert_eq!((broken.status.code(), broken.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&broken.stderr).starts_with("runtime: email::Foot:2: "), "{broken:?}");

    for (source, begins) in [
        ("a\n{% nonsense %}", "syntax: wrong.j2:2: "),
        ("{{ 1 + }}", "syntax: wrong.j2:1: "),
        ("a\nb\n{{ b.x.y }}", "runtime: wrong.j2:3: "),
        ("{{ 'a' + 1 }}", "runtime: wrong.j2:1: "),
    ] {
        write("wrong.j2", source);
        let output = installation.run(&["render", "--template", "wrong.j2", "--context", "data.json"]);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{source}");
        assert!(words.starts_with(begins) && words.lines().count() == 1, "{source}: {words}");
    }
    // what some editors put before a text is none of it
    write("marked.json", "\u{feff}{\"b\": 1}");
    write("marked.j2", "\u{feff}{{ b }}{% include 'email::Foot' %}");
    write("marked-foot.j2", "\u{feff}!");
    let include = ["--include", "email::Foot=marked-foot.j2"];
    let marked = [&["render", "--template", "marked.j2", "--context", "marked.json"][..], &include].concat();
    assert_eq!(installation.expect(&marked), "1!");
    for (arguments, begins) in [
        (&["--template", "none.j2"][..], "runtime: none.j2:0: it cannot be read: "),
        (
            &["--template", "marked.j2", "--include", "email::Foot=none.j2"],
            "runtime: email::Foot:0: it cannot be read: ",
        ),
    ] {
        let output = installation.run(&[&["render", "--context", "data.json"], arguments].concat());
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && words.starts_with(begins) && words.lines().count() == 1, "{words}");
    }
    write("zone.j2", "{{ now('%Z %z', 'Asia/Tokyo') }} {{ now('%z', timezone='Etc/GMT+5') }}");
    assert_eq!(installation.expect(&["render", "--template", "zone.j2", "--context", "data.json"]), "JST +0900 -0500");
    write("wrong.j2", RUNAWAY);
    let began = Instant::now();
    let stopped =
        installation.run(&["render", "--template", "wrong.j2", "--context", "data.json", "--render-timeout", "1"]);
    assert_eq!(String::from_utf8_lossy(&stopped.stderr), "runtime: wrong.j2:1: it takes too long\n");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    // nothing of this looked for a database, and nothing that needs one makes it
    for arguments in [
        &["render", "--all"][..],
        &["render", "--router", "r"],
        &["export", "--file", "lists.json"],
        &["backup", "all"],
        &["peeringdb", "status"],
        &["poll"],
        &["push", "--router", "r", "--check"],
        &["device", "test", "--router", "r"],
        &["token", "create", "admin"],
        &["key", "rotate"],
    ] {
        let output = installation.run(arguments);
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            output.status.code() == Some(1) && words.contains("there is no database at "),
            "{arguments:?}: {words}"
        );
    }
    for file in ["p.sqlite", "key"] {
        assert!(!installation.folder.join(file).exists(), "{file}");
    }
    installation.finish();
}

pub fn routers_are_rendered_one_by_one_or_all_and_a_runaway_is_stopped(installation: Installation) {
    let installation = installation.with_administrator();
    let server = installation.serve(&["--render-timeout", "1"]);
    let create = |of: &str, fields: Json| -> i64 {
        let answer = server.call("records/save", &json!({"edit": {"type": of, "fields": fields}})).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_str::<Json>(&answer.body).unwrap()["record"]["rows"][0][0].as_i64().unwrap()
    };
    let own = create("peering.autonomoussystem", json!({"asn": 64500, "name": "Own", "affiliated": true}));
    let good = create("devices.configuration", json!({"name": "good", "template": "! {{ router.name }}\n"}));
    let wild = create("devices.configuration", json!({"name": "wild", "template": RUNAWAY}));
    let router = |name: &str, template: Option<i64>| {
        let host = format!("{}.example.net", name.replace('/', "-"));
        create(
            "devices.router",
            json!({"name": name, "hostname": host, "local_autonomous_system": own, "configuration_template": template}),
        )
    };
    router("edge/1", Some(good));
    router("spare", None);

    assert_eq!(installation.expect(&["render", "--router", "edge/1"]), "! edge/1");
    assert_eq!(installation.expect(&["render", "--router", "edge-1.example.net"]), "! edge/1");
    let bare = installation.run(&["render", "--router", "spare"]);
    let words = String::from_utf8_lossy(&bare.stderr).into_owned();
    assert!(words.starts_with("runtime: template of spare:0: spare has no configuration template"), "{words}");
    assert_eq!(installation.expect(&["render", "--all"]), "==> edge/1 <==\n! edge/1\n");
    installation.expect(&["render", "--all", "--output", "texts"]);
    let written: Vec<_> =
        fs::read_dir(installation.folder.join("texts")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(written, ["edge_1.conf"]);

    let runaway = router("wild", Some(wild));
    let began = Instant::now();
    let answer = server.call("rendering/render", &json!({"router": runaway})).unwrap();
    assert_eq!(answer.status, 422, "{answer:?}");
    assert!(answer.body.contains("it takes too long"), "{answer:?}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    // one that fails keeps nothing from the others
    let output = installation.run(&["render", "--all", "--render-timeout", "1"]);
    assert_eq!(output.stdout, b"==> edge/1 <==\n! edge/1\n");
    assert_eq!(
        (output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()),
        (Some(1), "spare has no configuration template\nwild: runtime: template of wild:1: it takes too long\n")
    );
    drop(server);
    installation.finish();
}
