//! PeeringDB's JSON of one row as a [`Record`], by the type's description alone: there is no list of fields here. A
//! reference `x` stands under `x_id` there; keys that no field has are passed over.
//!
//! Foreign data is taken as it is. A text may be longer than ours or an e-mail address odd; a number that is none
//! becomes nothing. Refused is only what could not stand for what it says: no id, a required value that is missing, an
//! address, prefix or AS number that is none.

use peerage_model::{Field, Kind, ObjectType, Record, Value};
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor, value},
};
use serde_json::Value as Json;
use std::{borrow::Cow, collections::HashMap, fmt};

/// Reads rows of one type.
pub struct Reader {
    of: &'static ObjectType,
    places: HashMap<String, Place>,
}

#[derive(Clone, Copy)]
struct Place {
    index: usize,
    /// The key is the field's bare name, which for a reference may also carry the whole object.
    bare: bool,
}

impl Reader {
    pub fn new(of: &'static ObjectType) -> Self {
        let mut places = HashMap::new();
        for (index, field) in of.fields.iter().enumerate() {
            let reference = field.kind.is_reference();
            places.insert(field.name.to_owned(), Place { index, bare: reference });
            if reference {
                places.insert(format!("{}_id", field.name), Place { index, bare: false });
            }
        }
        Self { of, places }
    }

    /// A row, as a record with PeeringDB's id.
    ///
    /// # Errors
    /// Why it cannot be taken, naming the field.
    pub fn read(&self, id: i64, raw: &str) -> Result<Record, String> {
        let mut deserializer = serde_json::Deserializer::from_str(raw);
        let values = deserializer.deserialize_map(RowVisitor(self)).map_err(|error| error.to_string())?;
        let values = values.into_iter().zip(self.of.fields).map(|(value, field)| finish(field, value));
        Ok(Record::from_values(self.of, id, 1, values.collect::<Result<Vec<_>, _>>()?))
    }
}

/// What a field holds in the end, given what was found for it.
fn finish(field: &'static Field, found: Option<Result<Value, String>>) -> Result<Value, String> {
    let value = match found {
        Some(Ok(value)) => value,
        Some(Err(message)) if field.is_required() || matches!(field.kind, Kind::IpHost { .. } | Kind::Prefix) => {
            return Err(format!("{}: {message}", field.name));
        }
        Some(Err(_)) => Value::Null,
        None => field.default_value(),
    };
    match value {
        Value::Null if field.is_required() => Err(format!("{} is missing.", field.name)),
        Value::Null if field.is_nullable() => Ok(Value::Null),
        Value::Null => Ok(field.empty_value()),
        value => Ok(value),
    }
}

struct RowVisitor<'a>(&'a Reader);

impl<'de> Visitor<'de> for RowVisitor<'_> {
    type Value = Vec<Option<Result<Value, String>>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values: Self::Value = Vec::new();
        values.resize_with(self.0.of.fields.len(), || None);
        while let Some(key) = map.next_key_seed(Key)? {
            match self.0.places.get(&*key) {
                None => drop(map.next_value::<IgnoredAny>()?),
                Some(place) => {
                    let kind = self.0.of.fields[place.index].kind;
                    let value = map.next_value_seed(OfKind(kind))?;
                    if !place.bare || (values[place.index].is_none() && matches!(value, Ok(Value::Int(_)))) {
                        values[place.index] = Some(value);
                    }
                }
            }
        }
        Ok(values)
    }
}

/// A key, without a copy where it has no escapes.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// JSON as a value of a kind; the inner error says why not, and the row goes on.
struct OfKind(Kind);

impl<'de> DeserializeSeed<'de> for OfKind {
    type Value = Result<Value, String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl OfKind {
    /// A whole number.
    fn number(&self, number: i64) -> Result<Value, String> {
        match self.0 {
            Kind::Int { .. } => Ok(Value::Int(number)),
            Kind::Asn { zero } => {
                let fits = (i64::from(!zero)..=i64::from(u32::MAX)).contains(&number);
                if fits { Ok(Value::Int(number)) } else { Err(format!("{number} is not an AS number.")) }
            }
            Kind::Reference { .. } => Ok(if number > 0 { Value::Int(number) } else { Value::Null }),
            Kind::Float { .. } => Ok(Value::Float(number as f64)),
            Kind::Bool => Ok(Value::Bool(number != 0)),
            _ => self.text(&number.to_string()),
        }
    }

    fn text(&self, text: &str) -> Result<Value, String> {
        match self.0 {
            Kind::Json { .. } if text.is_empty() => Ok(Value::Null),
            Kind::Json { .. } => Ok(Value::Json(Json::from(text).into())),
            // NUL is the one character that PostgreSQL cannot store
            kind if kind.is_textual() && text.contains('\0') => Ok(Value::text(text.replace('\0', ""))),
            kind if kind.is_textual() => Ok(Value::text(text)),
            _ if text.trim().is_empty() => Ok(Value::Null),
            Kind::Asn { .. } | Kind::Int { .. } | Kind::Reference { .. } => match text.trim().parse() {
                Ok(number) => self.number(number),
                Err(_) => self.0.parse(text),
            },
            kind => kind.parse(text),
        }
    }

    fn list(&self, items: Vec<Json>) -> Result<Value, String> {
        match self.0 {
            Kind::Json { .. } => Ok(Value::Json(Json::Array(items).into())),
            Kind::TextList | Kind::Permissions | Kind::Choices(_) => {
                let word = |item: Json| if let Json::String(word) = item { word } else { item.to_string() };
                Ok(Value::Texts(
                    items.into_iter().filter(|item| !item.is_null()).map(|item| word(item).into()).collect(),
                ))
            }
            kind => Err(format!("{} is expected, not a list.", kind.expected())),
        }
    }
}

impl<'de> Visitor<'de> for OfKind {
    type Value = Result<Value, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Ok(Value::Null))
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Self::Value, E> {
        Ok(match self.0 {
            Kind::Bool => Ok(Value::Bool(yes)),
            Kind::Json { .. } => Ok(Value::Json(Json::from(yes).into())),
            _ => self.text(if yes { "true" } else { "false" }),
        })
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(match self.0 {
            Kind::Json { .. } => Ok(Value::Json(Json::from(number).into())),
            _ => self.number(number),
        })
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        match i64::try_from(number) {
            Ok(number) => self.visit_i64(number),
            Err(_) => Ok(Err(format!("{number} is too large."))),
        }
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(match self.0 {
            Kind::Float { .. } => Ok(Value::Float(number)),
            Kind::Json { .. } => Ok(Value::Json(Json::from(number).into())),
            _ if number.fract() == 0.0 && number.abs() < 9.0e15 => self.number(number as i64),
            _ => self.text(&number.to_string()),
        })
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(self.text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(self.list(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let json = serde::Deserialize::deserialize(value::MapAccessDeserializer::new(map))?;
        Ok(match self.0 {
            Kind::Json { .. } => Ok(Value::Json(std::sync::Arc::new(json))),
            kind => Err(format!("{} is expected, not an object.", kind.expected())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use peerage_model::peeringdb::{FACILITY, IXLAN, IXLAN_PREFIX, NETWORK, NETWORK_IXLAN};

    fn read(of: &'static ObjectType, raw: &str) -> Result<Record, String> {
        Reader::new(of).read(7, raw)
    }

    #[test]
    fn a_row_is_read_by_its_description() {
        let raw = r#"{"id": 7, "org_id": 3, "asn": 64500, "name": "Example", "info_types": ["NSP", "Content"],
            "info_type": "", "info_prefixes4": null, "info_prefixes6": 0, "info_unicast": true, "unknown": {"a": [1]},
            "social_media": [{"service": "website"}], "updated": "2026-01-02T03:04:05Z", "irr_as_set": "",
            "rir_status_updated": "", "website": null}"#;
        let record = read(&NETWORK, raw).unwrap();
        assert_eq!((record.id, record.int("asn"), record.int("org")), (7, Some(64500), Some(3)));
        assert_eq!(record.get("info_types"), &Value::Texts(["NSP".into(), "Content".into()].into()));
        assert_eq!((record.get("info_prefixes4"), record.int("info_prefixes6")), (&Value::Null, Some(0)));
        assert_eq!((record.get("irr_as_set"), record.get("website")), (&Value::text(""), &Value::Null));
        assert!(record.get("rir_status_updated").is_null() && record.flag("info_unicast"));
        assert!(matches!(record.get("social_media"), Value::Json(json) if json[0]["service"] == "website"));
    }

    #[test]
    fn quirks_are_taken() {
        let record = read(
            &FACILITY,
            r#"{"name": "F", "org_id": 1, "campus_id": 0, "latitude": "52.5", "longitude": 13,
                "available_voltage_services": "48 VDC,120 VAC", "diverse_serving_substations": null,
                "tech_email": "not an address", "clli": "much longer than eighteen characters"}"#,
        )
        .unwrap();
        assert!(record.get("campus").is_null() && record.get("diverse_serving_substations").is_null());
        assert_eq!((record.get("latitude"), record.get("longitude")), (&Value::Float(52.5), &Value::Float(13.0)));
        assert_eq!(
            record.get("available_voltage_services").clone(),
            Value::Texts(["48 VDC".into(), "120 VAC".into()].into())
        );
        assert_eq!(record.text("clli"), "much longer than eighteen characters");
        let record = read(&IXLAN, r#"{"ix_id": 1, "rs_asn": 99999999999, "arp_sponge": "", "mtu": "9000"}"#).unwrap();
        assert!(record.get("rs_asn").is_null() && record.get("arp_sponge").is_null());
        assert_eq!(record.int("mtu"), Some(9000));
        let record = read(&IXLAN, r#"{"ix_id": 1, "name": "a\u0000b"}"#).unwrap();
        assert_eq!(record.text("name"), "ab");
    }

    #[test]
    fn what_could_not_stand_for_itself_is_refused_by_name() {
        for (of, raw, named) in [
            (&NETWORK, r#"{"name": "x", "org_id": 1, "asn": 0}"#, "asn"),
            (&NETWORK, r#"{"name": null, "org_id": 1, "asn": 5}"#, "name"),
            (&NETWORK_IXLAN, r#"{"net_id": null, "ixlan_id": 1, "asn": 5}"#, "net"),
            (&NETWORK_IXLAN, r#"{"net": {"id": 1}, "ixlan_id": 1, "asn": 5}"#, "net"),
            (&IXLAN_PREFIX, r#"{"ixlan_id": 1, "prefix": "192.0.2.1/24"}"#, "prefix"),
            (&NETWORK_IXLAN, r#"{"net_id": 1, "ixlan_id": 1, "asn": 5, "ipaddr4": "2001:db8::1"}"#, "ipaddr4"),
        ] {
            let reason = read(of, raw).unwrap_err();
            assert!(reason.starts_with(named), "{reason}");
        }
    }

    #[test]
    fn what_the_description_does_not_have_is_passed_over() {
        let raw = r#"{"net_id": 1, "ixlan_id": 2, "ix_id": 9, "name": "LAN", "asn": 5, "ipaddr6": "2001:db8::1", "net_side_id": 4}"#;
        let record = read(&NETWORK_IXLAN, raw).unwrap();
        assert_eq!((record.int("ixlan"), record.int("net_side")), (Some(2), Some(4)));
        assert_eq!(record.get("ipaddr6"), &Value::Ip("2001:db8::1".parse().unwrap()));
        assert!(record.get("ipaddr4").is_null() && record.flag("operational"));
    }

    /// The floor under a run: `PEERAGE_PEERINGDB=DIRECTORY cargo test --release -p peerage-sync -- --ignored parsing_alone`.
    #[test]
    #[ignore = "a measurement"]
    fn parsing_alone() {
        let directory = std::path::PathBuf::from(std::env::var("PEERAGE_PEERINGDB").unwrap());
        let (begun, mut count) = (std::time::Instant::now(), 0);
        for (namespace, of) in peerage_model::peeringdb::NAMESPACES {
            let pages = crate::peeringdb::directory::pages(&directory, namespace).unwrap();
            let answer = crate::peeringdb::answer::read(pages).unwrap();
            let reader = Reader::new(of);
            count += answer.rows.iter().filter(|row| reader.read(row.id, answer.raw(row)).is_ok()).count();
        }
        println!("{count} rows in {:.2} s", begun.elapsed().as_secs_f64());
    }
}
