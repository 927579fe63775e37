//! What was found, as rows: one for each network, with its port at each exchange. A network that has several ports at an
//! exchange has further rows, so that every cell of the matrix stands for one address. Here, too, what each network is worth.

use peerage_app::peers::{AvailablePeers, Network, OurConnection, OurExchange, Port};
use peerage_model::available::{
    Standing,
    score::{Meeting, Reason, reasons, score},
};

/// A row of the matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Places in what was found; of the ports by exchange.
    pub network: usize,
    pub ports: Vec<Option<usize>>,
}

/// An answer of the server with what the page works out of it once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub answer: AvailablePeers,
    pub rows: Vec<Row>,
    /// By network.
    worth: Vec<Worth>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Worth {
    exchanges: usize,
    reasons: Vec<Reason>,
    score: i32,
}

/// Two columns of the matrix: places of an exchange, and of one of our connections to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    pub exchange: usize,
    pub connection: usize,
}

impl Found {
    pub fn new(answer: AvailablePeers) -> Self {
        let mut rows: Vec<Row> = Vec::with_capacity(answer.networks.len());
        let mut worth = Vec::with_capacity(answer.networks.len());
        let mut ports = answer.ports.iter().enumerate().peekable();
        for (network, about) in answer.networks.iter().enumerate() {
            let first = rows.len();
            let mut meeting = Meeting {
                on_route_servers: true,
                sessions: about.sessions,
                contact: about.contact,
                ..Meeting::default()
            };
            let mut families = [false; 2];
            let mut last = None;
            let mut further = 0;
            while let Some((at, port)) = ports.next_if(|(_, port)| port.network as usize == network) {
                if last == Some(port.exchange) {
                    further += 1;
                } else {
                    further = 0;
                    meeting.exchanges += 1;
                }
                last = Some(port.exchange);
                meeting.on_route_servers &= port.is_rs_peer;
                families = [families[0] || port.ipv4.is_some(), families[1] || port.ipv6.is_some()];
                if rows.len() == first + further {
                    rows.push(Row { network, ports: vec![None; answer.exchanges.len()] });
                }
                rows[first + further].ports[port.exchange as usize] = Some(at);
            }
            meeting.both_families = families == [true; 2];
            let told = reasons(&about.traits, &meeting);
            worth.push(Worth { exchanges: meeting.exchanges, score: score(&told), reasons: told });
        }
        Self { answer, rows, worth }
    }

    pub fn network(&self, row: &Row) -> &Network {
        &self.answer.networks[row.network]
    }

    /// Its ports, with their exchanges.
    pub fn ports<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = (&'a OurExchange, &'a Port)> {
        let placed = row.ports.iter().zip(&self.answer.exchanges);
        placed.filter_map(|(port, exchange)| Some((exchange, &self.answer.ports[(*port)?])))
    }

    /// Exchanges that both are at.
    pub fn common(&self, row: &Row) -> usize {
        self.worth[row.network].exchanges
    }

    pub fn score(&self, row: &Row) -> i32 {
        self.worth[row.network].score
    }

    pub fn reasons(&self, row: &Row) -> &[Reason] {
        &self.worth[row.network].reasons
    }

    pub fn exchange(&self, column: Column) -> &OurExchange {
        &self.answer.exchanges[column.exchange]
    }

    /// The exchange's name; with our AS where two of ours are on its LAN.
    pub fn name_of(&self, column: Column) -> String {
        let exchange = self.exchange(column);
        let shared = self.answer.exchanges.iter().filter(|other| other.lan == exchange.lan).count() > 1;
        match exchange.local_asn.filter(|_| shared) {
            Some(asn) => format!("{} (AS{asn})", exchange.name),
            None => exchange.name.clone(),
        }
    }

    pub fn connection(&self, column: Column) -> &OurConnection {
        &self.exchange(column).connections[column.connection]
    }

    /// Everything that could be a column.
    pub fn columns(&self) -> impl Iterator<Item = Column> {
        self.answer.exchanges.iter().enumerate().flat_map(|(exchange, about)| {
            (0..about.connections.len()).map(move |connection| Column { exchange, connection })
        })
    }

    /// The port in a row under a column, and how it stands with it: IPv4, IPv6. None: it is not at that exchange.
    pub fn at(&self, row: &Row, column: Column) -> Option<(&Port, &[Standing; 2])> {
        let port = &self.answer.ports[(*row.ports.get(column.exchange)?)?];
        Some((port, port.standing.get(column.connection)?))
    }
}
