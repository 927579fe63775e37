//! The one order of values: that of both databases' indexes, of lists in the browser and of `order_by` in templates.
//! Nothing last; text bytewise; IPv4 before IPv6.

use crate::Value;
use std::cmp::Ordering;

/// Compares two values of the same field, ascending, nulls last.
pub fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Greater,
        (_, Value::Null) => Ordering::Less,
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) | (Value::Time(a), Value::Time(b)) => a.cmp(b),
        (Value::Float(a), Value::Float(b)) => a.total_cmp(b),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Ip(a), Value::Ip(b)) => a.cmp(b),
        (Value::Net(a), Value::Net(b)) => a.addr().cmp(&b.addr()).then(a.prefix_len().cmp(&b.prefix_len())),
        (Value::Mac(a), Value::Mac(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}

/// As [`compare`], reversed when `descending`; nulls stay last.
pub fn compare_towards(a: &Value, b: &Value, descending: bool) -> Ordering {
    match (a.is_null() || b.is_null(), descending) {
        (false, true) => compare(b, a),
        _ => compare(a, b),
    }
}

/// Upper and lower case are one for searching: ASCII letters only, as in both databases.
pub fn fold(text: &str) -> String {
    text.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_last_in_both_directions() {
        for descending in [false, true] {
            assert_eq!(compare_towards(&Value::Null, &Value::Int(1), descending), Ordering::Greater);
        }
        assert_eq!(compare_towards(&Value::Int(2), &Value::Int(1), true), Ordering::Less);
    }
}
