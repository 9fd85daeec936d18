//! The value of one field: [`Value`] to build with, [`ValueRef`] to read.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use serde_json::{Number, Value as Json};

/// The value of one field, by value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Str(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    Null,
    /// An array or an object that stays nested.
    Json(Json),
}

/// The value of one field, where it lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    Str(&'a str),
    Int(i64),
    Float(f64),
    Bool(bool),
    Null,
    /// An array or an object that stays nested.
    Json(&'a Json),
}

impl<'a> ValueRef<'a> {
    /// The text of a string field, `None` for every other type.
    pub fn as_str(self) -> Option<&'a str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// The integer of an integer field, `None` for every other type.
    pub fn as_i64(self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(number),
            _ => None,
        }
    }

    /// A scalar as text (`4625` and `"4625"` both give `4625`), `None` for null and for nested values.
    pub fn to_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Str(text) => Some(Cow::Borrowed(text)),
            Self::Int(number) => Some(Cow::Owned(number.to_string())),
            Self::Float(number) => Some(Cow::Owned(number.to_string())),
            Self::Bool(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
            Self::Null | Self::Json(_) => None,
        }
    }

    /// This value as JSON. A float JSON cannot write (infinite, not a number) becomes null.
    pub fn to_json(self) -> Json {
        match self {
            Self::Str(text) => Json::String(text.to_owned()),
            Self::Int(number) => number.into(),
            Self::Float(number) => Number::from_f64(number).map_or(Json::Null, Json::Number),
            Self::Bool(flag) => flag.into(),
            Self::Null => Json::Null,
            Self::Json(nested) => nested.clone(),
        }
    }

    /// A copy of it.
    pub fn to_value(self) -> Value {
        match self {
            Self::Str(text) => Value::Str(text.to_owned()),
            Self::Int(number) => Value::Int(number),
            Self::Float(number) => Value::Float(number),
            Self::Bool(flag) => Value::Bool(flag),
            Self::Null => Value::Null,
            Self::Json(nested) => Value::Json(nested.clone()),
        }
    }
}

impl Value {
    /// The value where it lies.
    pub fn view(&self) -> ValueRef<'_> {
        match self {
            Self::Str(text) => ValueRef::Str(text),
            Self::Int(number) => ValueRef::Int(*number),
            Self::Float(number) => ValueRef::Float(*number),
            Self::Bool(flag) => ValueRef::Bool(*flag),
            Self::Null => ValueRef::Null,
            Self::Json(nested) => ValueRef::Json(nested),
        }
    }

    /// The text of a string field, `None` for every other type.
    pub fn as_str(&self) -> Option<&str> {
        self.view().as_str()
    }
}

impl From<Json> for Value {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Bool(flag),
            Json::Number(number) => number.as_i64().map_or_else(|| Self::Float(number.as_f64().unwrap_or(0.0)), Self::Int),
            Json::String(text) => Self::Str(text),
            nested => Self::Json(nested),
        }
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Str(text) => Self::String(text),
            Value::Json(nested) => nested,
            scalar => scalar.view().to_json(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Str(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Str(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl<'a> From<&'a Json> for ValueRef<'a> {
    fn from(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Bool(*flag),
            Json::Number(number) => number.as_i64().map_or_else(|| Self::Float(number.as_f64().unwrap_or(0.0)), Self::Int),
            Json::String(text) => Self::Str(text),
            nested => Self::Json(nested),
        }
    }
}

impl Serialize for ValueRef<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Str(text) => serializer.serialize_str(text),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Null => serializer.serialize_unit(),
            Self::Json(nested) => nested.serialize(serializer),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.view().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Json::deserialize(deserializer).map(Self::from)
    }
}
