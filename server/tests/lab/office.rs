//! An operator's office: the lab's routers with their sessions in a database, a server, and the command line beside it.

use crate::{
    lab::Lab,
    running::{Installation, Server},
};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// What stands in no log, no job, no record, no file.
pub const SECRETS: [&str; 4] = ["md5-p2-secret", "md5-p3-secret", "md5-p4-secret", "lab-netops-pw"];
/// The login's name is kept as a secret as well.
pub const LOGIN: &str = "netops";

/// Nothing comes by itself.
pub const QUIET: [&str; 6] = ["--peeringdb-every", "0", "--poll-every", "0", "--job-lease", "5"];

pub struct Router {
    pub node: &'static str,
    pub id: i64,
    pub template: i64,
    /// The text with ten sessions; one with which the session with p2 is lost; one that the daemon does not read.
    pub good: String,
    pub breaking: String,
    pub faulty: String,
    /// One that it reads, and that makes no sense.
    pub senseless: String,
}

pub struct Office {
    pub lab: Arc<Lab>,
    pub at: Installation,
    pub routers: Vec<Router>,
}

impl Office {
    pub fn new(lab: Arc<Lab>) -> Self {
        let at = Installation::sqlite().with_administrator();
        let mut office = Self { lab, at, routers: Vec::new() };
        let server = office.serve();
        office.fill(&server);
        office
    }

    pub fn serve(&self) -> Server {
        self.at.serve(&QUIET)
    }

    fn fill(&mut self, server: &Server) {
        let asn = |number: u32, name: &str, affiliated: bool| {
            let fields = json!({"asn": number, "name": name, "affiliated": affiliated});
            create(server, "peering.autonomoussystem", fields)
        };
        let ours = asn(64500, "Ours", true);
        let peers =
            [64501, 64502, 64503, 64504, 4_200_000_005].map(|number| asn(number, &format!("Peer {number}"), false));
        let exchange = json!({"name": "Lab IX", "slug": "lab-ix", "local_autonomous_system": ours});
        let exchange = create(server, "peering.internetexchange", exchange);
        for (number, (node, driver, file)) in [
            ("r1", "frr", "r1-frr.conf"),
            ("r2", "bird", "r2-bird-peers.conf"),
            ("r3", "openbgpd", "r3-openbgpd-peers.conf"),
        ]
        .into_iter()
        .enumerate()
        {
            let good = self.lab.example(file);
            let platform =
                json!({"name": format!("Platform {driver}"), "slug": format!("lab-{driver}"), "napalm_driver": driver});
            let platform = create(server, "devices.platform", platform);
            let template =
                create(server, "devices.configuration", json!({"name": format!("Of {node}"), "template": raw(&good)}));
            let router = create(
                server,
                "devices.router",
                json!({
                    "name": node, "hostname": self.lab.host(node), "platform": platform, "local_autonomous_system": ours,
                    "configuration_template": template, "napalm_username": LOGIN,
                    "napalm_password": self.lab.text("password"), "napalm_timeout": 20, "poll_bgp_sessions_state": true,
                }),
            );
            let host = 11 + number;
            let connection = json!({
                "internet_exchange_point": exchange, "router": router,
                "ipv4_address": format!("198.51.100.{host}/24"), "ipv6_address": format!("2001:db8:100::{host}/64"),
            });
            let connection = create(server, "net.connection", connection);
            for (at, peer) in peers.iter().enumerate() {
                let password = ["", SECRETS[0], SECRETS[1], SECRETS[2], ""][at];
                for address in [format!("198.51.100.{}", 101 + at), format!("2001:db8:100::{}", 101 + at)] {
                    let mut session =
                        json!({"autonomous_system": peer, "ixp_connection": connection, "ip_address": address});
                    if !password.is_empty() {
                        session["password"] = password.into();
                    }
                    create(server, "peering.internetexchangepeeringsession", session);
                }
            }
            let (breaking, faulty) = worse(driver, &good);
            let senseless = senseless(driver, &good);
            self.routers.push(Router { node, id: router, template, good, breaking, faulty, senseless });
        }
    }
}

fn worse(driver: &str, good: &str) -> (String, String) {
    match driver {
        "frr" => (
            good.replace(
                "neighbor 198.51.100.102 password md5-p2-secret",
                "neighbor 198.51.100.102 password wrong-md5",
            ),
            good.replacen("log file /var/log/frr/frr.log", "lock file /var/log/frr/frr.log", 1),
        ),
        "bird" => (
            good.replace(
                "neighbor 198.51.100.102 as 64502;\n  password \"md5-p2-secret\"",
                "neighbor 198.51.100.102 as 64502;\n  password \"wrong-md5\"",
            ),
            good.replacen("template bgp ixp {", "templat bgp ixp {", 1),
        ),
        // it keeps a session whose password changes until it drops
        _ => {
            let at = good.find("  neighbor 198.51.100.102 {").unwrap();
            let end = at + good[at..].find("  }\n").unwrap() + 4;
            (format!("{}{}", &good[..at], &good[end..]), good.replacen("  holdtime 30", "  holdtim 30", 1))
        }
    }
}

/// FRR takes a neighbour for granted that nobody declared, and finds that out when it applies it; the others look beforehand.
fn senseless(driver: &str, good: &str) -> String {
    match driver {
        "frr" => good.replacen(
            "neighbor 198.51.100.101 activate",
            "neighbor 198.51.100.101 activate\n  neighbor 203.0.113.9 activate",
            1,
        ),
        "bird" => format!("{good}\nprotocol bgp nobody from nothing {{ neighbor 203.0.113.9 as 64999; }}\n"),
        _ => format!("{good}\nneighbor 203.0.113.9 {{\n  descr \"Nobody\"\n}}\n"),
    }
}

/// A template that renders to a text as it is, with the passwords taken from the sessions: a database has none in clear.
pub fn raw(text: &str) -> String {
    let mut template = format!("{{% raw %}}{text}{{% endraw %}}");
    for (at, secret) in SECRETS[..3].iter().enumerate() {
        let peer = format!(
            "{{% endraw %}}{{{{ (router.connection_set.all() | first).internetexchangepeeringsession_set.all() | selectattr('autonomous_system.asn', 'equalto', {}) | map(attribute='password') | first }}}}{{% raw %}}",
            64502 + at
        );
        template = template.replace(secret, &peer);
    }
    template
}

pub fn create(server: &Server, of: &str, fields: Json) -> i64 {
    save(server, json!({"type": of, "fields": fields, "insist": true}))["record"]["rows"][0][0].as_i64().unwrap()
}

pub fn save(server: &Server, edit: Json) -> Json {
    let answer = server.call("records/save", &json!({"edit": edit})).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Rows of a list as objects.
pub fn list(server: &Server, of: &str, filter: &str) -> Vec<Json> {
    let request = json!({"request": {"type": of, "filter": filter, "per_page": 500}});
    let answer = server.call("records/list", &request).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    rows(&answer.json())
}

fn rows(page: &Json) -> Vec<Json> {
    let set = if page["records"].is_object() { &page["records"] } else { page };
    let fields = set["fields"].as_array().unwrap_or_else(|| panic!("{page}"));
    let one = |row: &Json| {
        let mut object = json!({"id": row[0], "version": row[1]});
        for (at, field) in fields.iter().enumerate() {
            object[field.as_str().unwrap()] = row[at + 2].clone();
        }
        object
    };
    set["rows"].as_array().unwrap().iter().map(one).collect()
}

/// One object, with all its fields.
pub fn get(server: &Server, of: &str, id: i64) -> Json {
    let answer = server.call("records/get", &json!({"object": {"type": of, "id": id}})).unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    rows(&answer.json()["record"]).remove(0)
}
