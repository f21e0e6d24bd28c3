//! Bodies: taken once, judged in the order of `contract.md`, read member by member.
//!
//! serde would stop at the first thing it does not like, and would take the last of two members
//! of one name. Here every member is kept as it came, so that each one that is unknown, doubled,
//! missing or of the wrong kind is named (security.md rows 79, 81).

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body as Raw, Bytes, HttpBody};
use axum::extract::{FromRequestParts, Request};
use http::request::Parts;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use wire::{Change, Error, ErrorCode, FieldCode, FieldError, Secret};

use super::problem::Problem;
use crate::access::Body;

/// The longest body.
pub const LONGEST: usize = 64 * 1024;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Takes the body out of a request, after judging its type and its size.
///
/// # Errors
/// 415, then 413, then `invalid_json` for a body that breaks off.
pub async fn take(wanted: Body, request: Request) -> Result<(Request, Option<Bytes>), Problem> {
    let is_empty = request.body().is_end_stream();
    let media_type = match wanted {
        Body::Json | Body::OptionalJson => "application/json",
        Body::Form => "application/x-www-form-urlencoded",
        Body::None => "",
    };
    let may_be_absent = is_empty && wanted != Body::Json;
    if !(media_type.is_empty() || may_be_absent || is_of_type(request.headers(), media_type)) {
        return Err(Problem(ErrorCode::UnsupportedMediaType.into()));
    }
    if announced(request.headers()).is_some_and(|length| length > LONGEST as u64) {
        return Err(Problem(ErrorCode::BodyTooLarge.into()));
    }
    if wanted == Body::None {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    let bytes = read(body).await?;
    let absent = bytes.is_empty() && wanted != Body::Json;
    Ok((
        Request::from_parts(parts, Raw::empty()),
        (!absent).then_some(bytes),
    ))
}

async fn read(body: Raw) -> Result<Bytes, Problem> {
    let reading = tokio::time::timeout(PATIENCE, Limited::new(body, LONGEST).collect());
    match reading.await {
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            Err(Problem(ErrorCode::BodyTooLarge.into()))
        }
        Ok(Err(_)) | Err(_) => Err(Problem(ErrorCode::InvalidJson.into())),
    }
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// The type alone counts; of parameters, `charset` can only be UTF-8 (RFC 8259 8.1).
fn is_of_type(headers: &HeaderMap, wanted: &str) -> bool {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let (kind, parameters) = given.split_once(';').unwrap_or((given, ""));
    let charset = parameters
        .split(';')
        .filter_map(|one| one.trim().split_once('='))
        .find(|(name, _)| name.eq_ignore_ascii_case("charset"));
    let is_utf8 =
        charset.is_none_or(|(_, value)| value.trim_matches('"').eq_ignore_ascii_case("utf-8"));
    kind.trim().eq_ignore_ascii_case(wanted) && is_utf8
}

/// The members of a JSON object, in order, doubles included.
#[derive(Clone, Debug, Default)]
pub struct Members(Arc<Vec<(String, Value)>>);

impl Members {
    /// Members that are texts, as a query has them.
    pub(super) fn of_texts(texts: Vec<(String, String)>) -> Self {
        let members = texts.into_iter();
        let members = members.map(|(name, text)| (name, Value::String(text)));
        Self(Arc::new(members.collect()))
    }

    /// Reads a body.
    ///
    /// # Errors
    /// `invalid_json`, or `invalid_request` when it is JSON but no object.
    pub fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let parsed: Parsed =
            serde_json::from_slice(bytes).map_err(|_| Problem(ErrorCode::InvalidJson.into()))?;
        match parsed {
            Parsed::Object(members) => Ok(Self(Arc::new(members))),
            Parsed::Other => Err(Problem(Error::field("body", FieldCode::Invalid))),
        }
    }

    /// Whether a member was given.
    pub fn has(&self, name: &str) -> bool {
        self.0
            .iter()
            .any(|(known, value)| known == name && !value.is_null())
    }
}

enum Parsed {
    Object(Vec<(String, Value)>),
    Other,
}

impl<'de> Deserialize<'de> for Parsed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ParsedVisitor)
    }
}

/// A value in which no object has a member twice: which of the two counts, readers would not agree.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

macro_rules! plain {
    ($($visit:ident: $kind:ty),+) => { $(fn $visit<E>(self, value: $kind) -> Result<Value, E> { Ok(Value::from(value)) })+ };
}

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut object = serde_json::Map::new();
        while let Some((name, Strict(value))) = map.next_entry::<String, Strict>()? {
            if object.insert(name, value).is_some() {
                return Err(serde::de::Error::custom("a member came twice"));
            }
        }
        Ok(Value::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(value)) = seq.next_element()? {
            list.push(value);
        }
        Ok(Value::Array(list))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    plain!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
}

struct ParsedVisitor;

macro_rules! other {
    ($($visit:ident: $kind:ty),+) => { $(fn $visit<E>(self, _: $kind) -> Result<Parsed, E> { Ok(Parsed::Other) })+ };
}

impl<'de> Visitor<'de> for ParsedVisitor {
    type Value = Parsed;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parsed, A::Error> {
        let mut members = Vec::new();
        while let Some((name, Strict(value))) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Parsed::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Parsed, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Parsed::Other)
    }

    fn visit_unit<E>(self) -> Result<Parsed, E> {
        Ok(Parsed::Other)
    }

    other!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);
}

/// A request that is read from members.
pub trait FromMembers: Sized {
    /// Takes its members; what is wrong is gathered by `read`.
    fn from_members(read: &mut Reader<'_>) -> Self;
}

/// Takes members out one by one, and gathers what is wrong with them.
pub struct Reader<'a> {
    left: Vec<&'a (String, Value)>,
    wrong: Vec<FieldError>,
}

impl Reader<'_> {
    /// A text that must be there.
    pub fn text(&mut self, name: &str) -> String {
        self.optional_text(name)
            .unwrap_or_else(|| self.missing(name))
    }

    /// A text that may be there; `null` is not.
    pub fn optional_text(&mut self, name: &str) -> Option<String> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        self.take(name, text)
    }

    /// A list of texts that must be there.
    pub fn texts(&mut self, name: &str) -> Vec<String> {
        self.optional_texts(name).unwrap_or_else(|| {
            self.missing(name);
            Vec::new()
        })
    }

    /// A whole number that may be left out or be `null`, which says something else.
    pub fn number_change(&mut self, name: &str) -> Change<i64> {
        let is_said = self.left.iter().any(|(known, _)| known == name);
        let number = self.optional_integer(name);
        is_said.then_some(number)
    }

    /// A list of texts that may be there.
    pub fn optional_texts(&mut self, name: &str) -> Option<Vec<String>> {
        let texts = |value: &Value| {
            let one = |value: &Value| value.as_str().map(str::to_owned);
            value.as_array()?.iter().map(one).collect()
        };
        self.take(name, texts)
    }

    /// A list of objects that must be there. What is wrong with one is noted as `name[2].member`.
    pub fn each<T: FromMembers>(&mut self, name: &str) -> Vec<T> {
        let objects = |value: &Value| {
            let one = |value: &Value| value.as_object().map(members);
            value
                .as_array()?
                .iter()
                .map(one)
                .collect::<Option<Vec<_>>>()
        };
        let Some(objects) = self.take(name, objects) else {
            self.missing(name);
            return Vec::new();
        };
        let mut read = Vec::with_capacity(objects.len());
        for (at, members) in objects.iter().enumerate() {
            read.push(self.within(&format!("{name}[{at}]"), members));
        }
        read
    }

    /// An object that may be there. What is wrong with it is noted as `name.member`.
    pub fn optional_object<T: FromMembers>(&mut self, name: &str) -> Option<T> {
        let members = self.take(name, |value| value.as_object().map(members))?;
        Some(self.within(name, &members))
    }

    fn within<T: FromMembers>(&mut self, name: &str, members: &[(String, Value)]) -> T {
        let mut inner = Reader {
            left: members.iter().collect(),
            wrong: Vec::new(),
        };
        let read = T::from_members(&mut inner);
        for error in inner.finish() {
            self.wrong(&format!("{name}.{}", error.field), error.code);
        }
        read
    }

    /// A text that may be left out or be `null`, which says something else.
    pub fn change(&mut self, name: &str) -> Change<String> {
        let is_said = self.left.iter().any(|(known, _)| known == name);
        let text = self.optional_text(name);
        is_said.then_some(text)
    }

    /// A secret that must be there.
    pub fn secret(&mut self, name: &str) -> Secret {
        Secret::new(self.text(name))
    }

    /// A secret that may be there.
    pub fn optional_secret(&mut self, name: &str) -> Option<Secret> {
        self.optional_text(name).map(Secret::new)
    }

    /// A whole number, if said.
    pub fn optional_integer(&mut self, name: &str) -> Option<i64> {
        self.take(name, Value::as_i64)
    }

    /// Yes or no, if said.
    pub fn optional_bool(&mut self, name: &str) -> Option<bool> {
        self.take(name, Value::as_bool)
    }

    fn take<T>(&mut self, name: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        let (mine, left): (Vec<_>, Vec<_>) = self
            .left
            .iter()
            .copied()
            .partition(|(known, _)| known == name);
        self.left = left;
        if mine.len() > 1 {
            self.wrong(name, FieldCode::DuplicateField);
        }
        let (_, value) = mine.first().filter(|(_, value)| !value.is_null())?;
        let taken = read(value);
        if taken.is_none() && mine.len() == 1 {
            self.wrong(name, FieldCode::Invalid);
        }
        taken
    }

    /// Said once, and only where nothing else was said of the member.
    fn missing(&mut self, name: &str) -> String {
        if self.wrong.iter().all(|error| error.field != name) {
            self.wrong(name, FieldCode::Required);
        }
        String::new()
    }

    /// Notes what is wrong with a member.
    pub fn wrong(&mut self, name: &str, code: FieldCode) {
        self.wrong.push(FieldError::new(name, code));
    }

    /// All that is wrong, each member nobody took among it.
    fn finish(self) -> Vec<FieldError> {
        let Self { left, mut wrong } = self;
        for (at, (name, _)) in left.iter().enumerate() {
            if left[..at].iter().all(|(before, _)| before != name) {
                wrong.push(FieldError::new(printable(name), FieldCode::UnknownField));
            }
        }
        wrong
    }
}

/// The members of an object within a body. Doubled ones were refused when the body was read.
fn members(object: &serde_json::Map<String, Value>) -> Vec<(String, Value)> {
    let pairs = object.iter();
    pairs
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// A request read from the body the guard took.
pub struct Read<T>(pub T);

impl<S: Send + Sync, T: FromMembers> FromRequestParts<S> for Read<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let members = parts
            .extensions
            .get::<Members>()
            .cloned()
            .unwrap_or_default();
        read_members(&members).map(Self).map_err(Problem)
    }
}

pub(super) fn read_members<T: FromMembers>(members: &Members) -> Result<T, Error> {
    let mut reader = Reader {
        left: members.0.iter().collect(),
        wrong: Vec::new(),
    };
    let request = T::from_members(&mut reader);
    let wrong = reader.finish();
    if wrong.is_empty() {
        Ok(request)
    } else {
        Err(Error::fields(wrong))
    }
}

/// A member's name comes back in the answer: short, and without characters that forge lines.
fn printable(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}

#[cfg(test)]
mod tests;
