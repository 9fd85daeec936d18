//! Request bodies and queries that refuse what they do not know, naming it.

use crate::Refusal;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::{StatusCode, request::Parts};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Bytes a JSON body of the API may have.
pub const MAX_BODY_BYTES: usize = 1 << 20;

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refusal> {
        let bytes = axum::body::to_bytes(request.into_body(), MAX_BODY_BYTES)
            .await
            .map_err(|_| Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE").detail(format!("body: more than {MAX_BODY_BYTES} bytes")))?;
        parse_json(&bytes).map(Self)
    }
}

/// Reads JSON, naming what is wrong.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(bytes).map_err(|error| explain(&error.to_string(), "body"))
}

/// Turns serde's words into a code and a field.
fn explain(error: &str, place: &str) -> Refusal {
    let named = error.split('`').nth(1).map(str::to_owned);
    let code = if error.starts_with("unknown field") {
        if place == "query" { "UNKNOWN_PARAMETER" } else { "UNKNOWN_FIELD" }
    } else if error.starts_with("missing field") {
        "MISSING_FIELD"
    } else {
        "INVALID_INPUT"
    };
    let refusal = Refusal::new(StatusCode::BAD_REQUEST, code).detail(format!("{place}: {error}"));
    match named {
        Some(field) if code != "INVALID_INPUT" => refusal.field(field),
        _ => refusal,
    }
}

/// What a query string holds: which parameters are lists, which are numbers. Anything else is text.
pub trait QueryParams: DeserializeOwned {
    /// Parameters that take several words, separated by commas or repeated.
    const LISTS: &'static [&'static str] = &[];
    /// Parameters that are whole numbers.
    const NUMBERS: &'static [&'static str] = &[];
}

/// A query string.
pub struct Query<T>(pub T);

impl<T: QueryParams, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parse_query(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

/// Reads a query string.
pub fn parse_query<T: QueryParams>(query: &str) -> Result<T, Refusal> {
    let mut map = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let name = name.into_owned();
        if T::LISTS.contains(&name.as_str()) {
            let words = value.split(',').map(str::trim).filter(|w| !w.is_empty()).map(|w| Value::String(w.into()));
            match map.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(list) => list.extend(words),
                _ => return Err(Refusal::internal("query list is not a list")),
            }
            continue;
        }
        let value = if T::NUMBERS.contains(&name.as_str()) {
            let number =
                value.parse::<u64>().map_err(|_| Refusal::invalid("INVALID_INPUT", &name, format!("query: {name}: expected a whole number")))?;
            Value::from(number)
        } else {
            Value::String(value.into_owned())
        };
        if map.insert(name.clone(), value).is_some() {
            return Err(Refusal::invalid("INVALID_INPUT", &name, format!("query: {name}: given twice")));
        }
    }
    T::deserialize(Value::Object(map)).map_err(|error| explain(&error.to_string(), "query"))
}

/// No parameters at all: whatever is given is refused by name.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParams {}

impl QueryParams for NoParams {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields, default)]
    #[derive(Default)]
    struct Params {
        words: Option<Vec<String>>,
        limit: Option<u32>,
        q: Option<String>,
    }

    impl QueryParams for Params {
        const LISTS: &'static [&'static str] = &["words"];
        const NUMBERS: &'static [&'static str] = &["limit"];
    }

    #[test]
    fn lists_numbers_and_text_are_read() {
        let params: Params = parse_query("words=a,b&words=c&limit=5&q=x%20y").unwrap();
        assert_eq!(params.words.unwrap(), ["a", "b", "c"]);
        assert_eq!((params.limit, params.q.as_deref()), (Some(5), Some("x y")));
    }

    #[test]
    fn an_unknown_parameter_is_named() {
        let refusal = parse_query::<Params>("limt=5").unwrap_err();
        assert_eq!((refusal.status(), refusal.code()), (StatusCode::BAD_REQUEST, "UNKNOWN_PARAMETER"));
        assert_eq!(refusal.problem().field.as_deref(), Some("limt"));
        assert_eq!(parse_query::<Params>("limit=five").unwrap_err().problem().field.as_deref(), Some("limit"));
        assert_eq!(parse_query::<Params>("q=1&q=2").unwrap_err().problem().field.as_deref(), Some("q"));
    }
}
