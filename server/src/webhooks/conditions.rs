//! Whether a webhook's conditions hold for what it would be told: `{"and": [...]}` and `{"or": [...]}` of comparisons with the data, as
//! Peering Manager judges them. Their form is checked where they are written (`model::types::webhook`). Where Python would fail, as
//! in comparing a number with nothing, a comparison does not hold.

use regex::Regex;
use serde_json::Value as Json;

/// Bytes of a compiled pattern.
const MOST_PATTERN: usize = 1 << 20;

/// Whether they hold.
///
/// # Errors
/// A sentence if a pattern is none.
pub fn hold(conditions: &Json, data: &Json) -> Result<bool, String> {
    if conditions.is_null() {
        return Ok(true);
    }
    let parts = |word: &str| conditions.get(word).and_then(Json::as_array);
    if let Some(all) = parts("and") {
        return all.iter().map(|part| hold(part, data)).try_fold(true, |so_far, holds| Ok(so_far & holds?));
    }
    if let Some(any) = parts("or") {
        return any.iter().map(|part| hold(part, data)).try_fold(false, |so_far, holds| Ok(so_far | holds?));
    }
    let path = conditions.get("attr").and_then(Json::as_str).unwrap_or_default();
    let wanted = conditions.get("value").unwrap_or(&Json::Null);
    let is_so = compare(conditions.get("op").and_then(Json::as_str).unwrap_or("eq"), &found(data, path), wanted)?;
    Ok(is_so != conditions.get("negate").and_then(Json::as_bool).unwrap_or(false))
}

/// What a dotted path leads to: through a list to a list, and to nothing where there is no such way.
fn found(data: &Json, path: &str) -> Json {
    let step = |at: Json, key: &str| -> Option<Json> {
        match at {
            Json::Object(object) => Some(object.get(key).cloned().unwrap_or(Json::Null)),
            Json::Array(items) => {
                let inner = |item: Json| Some(item.as_object()?.get(key).cloned().unwrap_or(Json::Null));
                items.into_iter().map(inner).collect::<Option<_>>().map(Json::Array)
            }
            _ => None,
        }
    };
    path.split('.').try_fold(data.clone(), step).unwrap_or(Json::Null)
}

fn compare(op: &str, actual: &Json, wanted: &Json) -> Result<bool, String> {
    let numbers = || Some((number(actual)?, number(wanted)?));
    Ok(match op {
        "gt" => numbers().is_some_and(|(actual, wanted)| actual > wanted),
        "gte" => numbers().is_some_and(|(actual, wanted)| actual >= wanted),
        "lt" => numbers().is_some_and(|(actual, wanted)| actual < wanted),
        "lte" => numbers().is_some_and(|(actual, wanted)| actual <= wanted),
        "in" => wanted.as_array().is_some_and(|among| among.iter().any(|one| equal(actual, one))),
        "contains" => match actual {
            Json::Array(items) => items.iter().any(|item| equal(item, wanted)),
            Json::String(text) => wanted.as_str().is_some_and(|part| text.contains(part)),
            Json::Object(object) => wanted.as_str().is_some_and(|key| object.contains_key(key)),
            _ => false,
        },
        "regex" => {
            // from the beginning, and not to the end
            let pattern = format!("^(?:{})", wanted.as_str().unwrap_or_default());
            let built = regex::RegexBuilder::new(&pattern).size_limit(MOST_PATTERN).build();
            let built: Regex = built.map_err(|_| format!("The condition's pattern {wanted} cannot be read."))?;
            actual.as_str().is_some_and(|text| built.is_match(text))
        }
        _ => equal(actual, wanted),
    })
}

/// As Python compares: numbers by their value, and true is 1.
fn equal(one: &Json, other: &Json) -> bool {
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one == other,
        _ => one == other,
    }
}

fn number(json: &Json) -> Option<f64> {
    json.as_f64().or_else(|| json.as_bool().map(|yes| f64::from(u8::from(yes))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds(condition: Json) -> bool {
        let data = json!({"asn": 64500, "name": "Example", "status": {"value": "enabled", "label": "Enabled"},
            "limit": null, "affiliated": true, "tags": [{"slug": "core"}, {"slug": "lab"}], "communities": [1, 2]});
        hold(&json!({"and": [condition]}), &data).unwrap()
    }

    #[test]
    fn comparisons_hold_as_in_python() {
        for so in [
            json!({"attr": "asn", "value": 64500}),
            json!({"attr": "asn", "value": 64500.0}),
            json!({"attr": "status.value", "value": "enabled"}),
            json!({"attr": "name", "op": "regex", "value": "Ex"}),
            json!({"attr": "name", "op": "contains", "value": "amp"}),
            json!({"attr": "asn", "op": "gte", "value": 64500}),
            json!({"attr": "asn", "op": "in", "value": [1, 64500]}),
            json!({"attr": "tags.slug", "op": "contains", "value": "lab"}),
            json!({"attr": "tags.slug", "value": ["core", "lab"]}),
            json!({"attr": "communities", "op": "contains", "value": 2}),
            json!({"attr": "affiliated", "value": true}),
            json!({"attr": "limit", "value": null}),
            json!({"attr": "name.first", "value": null}),
            json!({"attr": "no.such.thing", "value": null}),
            json!({"attr": "asn", "op": "lt", "value": 1, "negate": true}),
            json!({"or": [{"attr": "asn", "value": 1}, {"attr": "asn", "value": 64500}]}),
        ] {
            assert!(holds(so.clone()), "{so}");
        }
        for not in [
            json!({"attr": "asn", "value": "64500"}),
            json!({"attr": "name", "op": "regex", "value": "ample"}),
            json!({"attr": "limit", "op": "gt", "value": 0}),
            json!({"attr": "limit", "op": "contains", "value": "x"}),
            json!({"attr": "name", "value": "Example", "negate": true}),
            json!({"and": [{"attr": "asn", "value": 1}, {"attr": "asn", "value": 64500}]}),
        ] {
            assert!(!holds(not.clone()), "{not}");
        }
        assert!(hold(&json!({"and": [{"attr": "name", "op": "regex", "value": "("}]}), &json!({"name": "x"})).is_err());
        assert!(hold(&Json::Null, &json!({})).unwrap());
    }
}
