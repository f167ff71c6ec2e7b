//! TOML values from and to JSON values: what a user's raw words and merges bring in, what a re-read compares.

use serde_json::{Map, Value as Json};
use toml_edit::{ArrayOfTables, InlineTable, Item, Table, TableLike, Value};

/// The value holds a `null`, for which TOML has no word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoToml;

/// The JSON value as TOML: objects as tables, lists of objects as `[[tables]]`.
pub fn from_json(json: &Json) -> Result<Item, NoToml> {
    match json {
        Json::Object(map) => Ok(Item::Table(table(map)?)),
        Json::Array(items) if !items.is_empty() && items.iter().all(Json::is_object) => {
            let tables = items.iter().filter_map(Json::as_object).map(table);
            Ok(Item::ArrayOfTables(tables.collect::<Result<ArrayOfTables, _>>()?))
        }
        other => Ok(Item::Value(value(other)?)),
    }
}

/// The TOML table as JSON data.
pub fn to_json(table: &dyn TableLike) -> Json {
    Json::Object(table.iter().filter_map(|(key, item)| Some((key.to_owned(), item_json(item)?))).collect())
}

fn table(map: &Map<String, Json>) -> Result<Table, NoToml> {
    map.iter().map(|(key, json)| Ok((key.clone(), from_json(json)?))).collect()
}

fn value(json: &Json) -> Result<Value, NoToml> {
    Ok(match json {
        Json::Null => return Err(NoToml),
        Json::Bool(value) => (*value).into(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().ok_or(NoToml)?.into(),
        },
        Json::String(text) => text.as_str().into(),
        Json::Array(items) => items.iter().map(value).collect::<Result<Value, _>>()?,
        Json::Object(map) => {
            let entries = map.iter().map(|(key, json)| Ok((key.clone(), value(json)?)));
            Value::InlineTable(entries.collect::<Result<InlineTable, _>>()?)
        }
    })
}

fn item_json(item: &Item) -> Option<Json> {
    match item {
        Item::None => None,
        Item::Value(value) => Some(value_json(value)),
        Item::Table(table) => Some(to_json(table)),
        Item::ArrayOfTables(tables) => Some(tables.iter().map(|table| to_json(table)).collect()),
    }
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::String(text) => text.value().as_str().into(),
        Value::Integer(number) => (*number.value()).into(),
        Value::Float(number) => (*number.value()).into(),
        Value::Boolean(value) => (*value.value()).into(),
        Value::Datetime(time) => time.value().to_string().into(),
        Value::Array(items) => items.iter().map(value_json).collect(),
        Value::InlineTable(table) => to_json(table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_become_tables_and_come_back() {
        let data = json!({"a": 1, "b": {"c": [true, "x", 0.5]}, "d": [{"e": 1}, {"e": 2}], "f": [], "g": [[{"h": 1}]]});
        let item = from_json(&data).expect("no null in it");
        assert!(item.is_table() && item["d"].is_array_of_tables() && item["f"].is_array());
        assert_eq!(to_json(item.as_table().expect("a table")), data);
    }

    #[test]
    fn null_has_no_toml() {
        for data in [json!(null), json!([1, null]), json!({"a": {"b": null}}), json!([{"a": null}])] {
            assert_eq!(from_json(&data).map(|_| ()), Err(NoToml));
        }
    }
}
