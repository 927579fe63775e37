//! Sessions from a selection: what is picked as records, and what is wrong with each row.

use peerage_app::peers::NewSession;
use peerage_model::{
    FieldProblem, Label, Problem, Record, Value,
    address::of_family,
    peeringdb::PORT_ADDRESSES,
    types::{CONNECTION_ADDRESSES, IX_SESSION},
    wire::Edit,
};
use std::collections::HashMap;

/// One of our connections, and the LAN that its exchange is on.
pub struct Side {
    pub connection: Record,
    pub lan: i64,
}

impl Side {
    /// Id of the exchange of ours.
    pub fn exchange(&self) -> Option<i64> {
        self.connection.int("internet_exchange_point")
    }
}

/// A session without its AS, and the network that it is with.
///
/// # Errors
/// What is wrong with the pick: something is gone, on another LAN, or has no address of the family.
pub fn draft<'a>(
    new: &NewSession,
    ports: &HashMap<i64, Record>,
    networks: &'a HashMap<i64, Record>,
    sides: &HashMap<i64, Side>,
) -> Result<(&'a Record, Record), Problem> {
    let gone = || Problem::field("port", "PeeringDB does not list this port any more. Leave it out.");
    let port = ports.get(&new.port).ok_or_else(gone)?;
    let network = port.int("net").and_then(|id| networks.get(&id)).ok_or_else(gone)?;
    let side = match sides.get(&new.connection) {
        Some(side) if Some(side.lan) == port.int("ixlan") => side,
        Some(_) => return Err(Problem::field("connection", "This connection is on another LAN than the peer's port.")),
        None => {
            let gone = "This connection is not there any more, or its exchange has no PeeringDB LAN. Leave it out.";
            return Err(Problem::field("connection", gone));
        }
    };
    if !matches!(new.family, 4 | 6) {
        return Err(Problem::field("family", format!("4 or 6 is expected, not {}.", new.family)));
    }
    let (theirs, ours) = (of_family(PORT_ADDRESSES, new.family), of_family(CONNECTION_ADDRESSES, new.family));
    let address = port.get(theirs);
    if address.is_null() {
        return Err(Problem::field(
            "family",
            format!("{} has no IPv{} address there.", network.text("name"), new.family),
        ));
    }
    if side.connection.get(ours).is_null() {
        return Err(Problem::field(
            "family",
            format!("Our connection has no IPv{} address. Give it one first, or leave this out.", new.family),
        ));
    }
    let edit = Edit { of: IX_SESSION.key(), fields: new.fields.clone(), ..Edit::default() };
    let record =
        edit.apply(None)?.with("ixp_connection", Value::Int(new.connection)).with("ip_address", address.clone());
    Ok((network, record))
}

/// A problem of one row, at its fields: `rows.3.status`.
pub fn at_row(at: usize, problem: Problem) -> Vec<FieldProblem> {
    if problem.fields.is_empty() {
        return vec![FieldProblem { field: format!("rows.{at}"), message: problem.message, warning: false }];
    }
    let place = |field: &str| if field.is_empty() { format!("rows.{at}") } else { format!("rows.{at}.{field}") };
    problem.fields.into_iter().map(|p| FieldProblem { field: place(&p.field), ..p }).collect()
}

/// What the store said of one row.
pub fn row_problem(at: usize, problem: Problem) -> Problem {
    match problem.label {
        Label::Invalid | Label::Conflict | Label::NotFound => Problem::invalid(at_row(at, problem)),
        _ => problem,
    }
}
