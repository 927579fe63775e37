//! The operator's policies and direct sessions: one transit, two customers, a private interconnection, a network of its own.

use super::{Office, named};
use peerage_model::{
    Record, Value,
    types::{
        AUTONOMOUS_SYSTEM, BFD, BGP_GROUP, COMMUNITY, DIRECT_SESSION, PRIVATE_PEERING, RELATIONSHIP, ROUTING_POLICY,
    },
};

/// Name, slug, colour of a relationship, and the group of its sessions.
const RELATIONSHIPS: [(&str, &str, &str, &str); 3] = [
    ("Transit provider", "transit-provider", "f44336", "Transit"),
    ("Customer", "customer", "4caf50", "Customers"),
    ("Private peering", PRIVATE_PEERING, "2196f3", "PNI"),
];

/// Name, slug, value, type.
const COMMUNITIES: [(&str, &str, &str, &str); 4] = [
    ("Learned from transit", "learned-transit", "64600:100", "ingress"),
    ("Learned from a customer", "learned-customer", "64600:200", "ingress"),
    ("Learned at an exchange", "learned-ix", "64600:300", "ingress"),
    ("Blackhole", "blackhole", "64600:666", "ingress"),
];

/// Peer, name, relationship (by place), our address, its address.
const SESSIONS: [(i64, &str, usize, &str, &str); 4] = [
    (64_701, "Longhaul Transit", 0, "203.0.113.1/31", "203.0.113.0/31"),
    (64_701, "Longhaul Transit", 0, "2001:db8:ffff::2/126", "2001:db8:ffff::1/126"),
    (64_702, "Quayside Hosting", 1, "203.0.113.4/31", "203.0.113.5/31"),
    (64_703, "Tern Video", 2, "203.0.113.6/31", "203.0.113.7/31"),
];

impl Office<'_> {
    /// Policies of what everybody inherits, and some direct sessions on a router.
    pub(super) async fn policy(&self, ours: i64, router: i64) -> anyhow::Result<Inherited> {
        let mut communities = Vec::new();
        for (name, slug, value, direction) in COMMUNITIES {
            let community =
                named(&COMMUNITY, name, slug).with("value", Value::text(value)).with("type", Value::text(direction));
            communities.push(self.create(community).await?);
        }
        let mut policies = Vec::new();
        for (name, slug, direction, weight, family) in [
            ("PEER-IN", "peer-in", "import-policy", 100, 0),
            ("PEER-OUT", "peer-out", "export-policy", 100, 0),
            ("BOGONS-V4", "bogons-v4", "import-policy", 200, 4),
            ("BOGONS-V6", "bogons-v6", "import-policy", 200, 6),
            ("TRANSIT-IN", "transit-in", "import-policy", 100, 0),
            ("CUSTOMER-IN", "customer-in", "import-policy", 100, 0),
        ] {
            let policy = named(&ROUTING_POLICY, name, slug)
                .with("type", Value::text(direction))
                .with("weight", Value::Int(weight))
                .with("address_family", Value::Int(family));
            policies.push(self.create(policy).await?);
        }
        let bfd = self.create(named(&BFD, "300 ms, 3 times", "300-3")).await?;
        let mut kinds = Vec::new();
        for (at, (name, slug, colour, group)) in RELATIONSHIPS.into_iter().enumerate() {
            let relationship = self.create(named(&RELATIONSHIP, name, slug).with("color", Value::text(colour))).await?;
            let import = [policies[4], policies[5], policies[0]][at];
            let group = named(&BGP_GROUP, group, &group.to_lowercase())
                .with("import_routing_policies", Value::Ids([import, policies[2], policies[3]].into()))
                .with("export_routing_policies", Value::Ids([policies[1]].into()))
                .with("communities", Value::Ids([communities[at.min(2)]].into()));
            kinds.push((relationship, self.create(group).await?));
        }
        let mut peers: Vec<(i64, i64)> = Vec::new();
        for (asn, name, kind, local, remote) in SESSIONS {
            let peer = match peers.iter().find(|(known, _)| *known == asn) {
                Some((_, id)) => *id,
                None => {
                    let peer =
                        Record::new(&AUTONOMOUS_SYSTEM).with("asn", Value::Int(asn)).with("name", Value::text(name));
                    let id = self.create(peer).await?;
                    peers.push((asn, id));
                    id
                }
            };
            let (relationship, group) = kinds[kind];
            let session = Record::new(&DIRECT_SESSION)
                .with("autonomous_system", Value::Int(peer))
                .with("local_autonomous_system", Value::Int(ours))
                .with("relationship", Value::Int(relationship))
                .with("bgp_group", Value::Int(group))
                .with("router", Value::Int(router))
                .with("local_ip_address", Value::Net(local.parse()?))
                .with("ip_address", Value::Net(remote.parse()?))
                .with("bfd", Value::Int(bfd));
            self.create(session).await?;
        }
        Ok(Inherited {
            import: vec![policies[0], policies[2], policies[3]],
            export: policies[1],
            community: communities[2],
        })
    }
}

/// What sessions at exchanges inherit.
pub(super) struct Inherited {
    import: Vec<i64>,
    export: i64,
    community: i64,
}

impl Inherited {
    pub(super) fn of(&self, exchange: Record) -> Record {
        exchange
            .with("import_routing_policies", Value::Ids(self.import.as_slice().into()))
            .with("export_routing_policies", Value::Ids([self.export].into()))
            .with("communities", Value::Ids([self.community].into()))
    }
}
