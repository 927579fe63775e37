//! Cases held against a list of the differences that are known: what differs must stand there with its reason, and what
//! stands there must still differ.

use std::collections::BTreeMap;

/// A case: its name, how it is shown when it is at fault, and what differs.
pub type Judged = (String, String, Option<String>);

/// # Panics
/// With all faults, if there are any.
pub fn hold(list: &str, cases: impl IntoIterator<Item = Judged>) {
    let mut listed: BTreeMap<&str, &str> =
        list.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": ")).collect();
    let (mut faults, mut passed, mut count) = (Vec::new(), 0, 0);
    for (id, shown, difference) in cases {
        count += 1;
        match (difference, listed.remove(id.as_str())) {
            (None, None) => passed += 1,
            (Some(_), Some(_)) => {}
            (None, Some(reason)) => faults.push(format!("{id}: passes, but is listed ({reason})")),
            (Some(what), None) => faults.push(format!("{id}: {shown}\n     {what}")),
        }
    }
    println!("{passed} of {count} cases pass");
    faults.extend(listed.keys().map(|id| format!("{id}: is listed, but there is no such case")));
    assert!(count > 0 && faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
