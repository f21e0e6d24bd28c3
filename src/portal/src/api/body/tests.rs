use super::*;

#[derive(Debug, PartialEq)]
struct Example {
    email: String,
    name: Option<String>,
    sure: Option<bool>,
}

impl FromMembers for Example {
    fn from_members(read: &mut Reader<'_>) -> Self {
        Self {
            email: read.text("email"),
            name: read.optional_text("name"),
            sure: read.optional_bool("sure"),
        }
    }
}

fn read(json: &str) -> Result<Example, Vec<(String, &'static str)>> {
    let members = Members::parse(json.as_bytes())
        .map_err(|Problem(error)| vec![(String::new(), error.code.as_str())])?;
    let named = |error: Error| {
        error
            .fields
            .into_iter()
            .map(|one| (one.field, one.code.as_str()))
            .collect()
    };
    read_members(&members).map_err(named)
}

fn wrong(json: &str) -> Vec<(String, &'static str)> {
    read(json).expect_err("something is wrong")
}

fn one(field: &str, code: &'static str) -> Vec<(String, &'static str)> {
    vec![(field.to_owned(), code)]
}

#[test]
fn members_are_read_and_null_is_absent() {
    let example = read(r#"{"email":"a","name":null,"sure":true}"#).expect("reads");
    assert_eq!(
        example,
        Example {
            email: "a".to_owned(),
            name: None,
            sure: Some(true)
        }
    );
}

#[test]
fn everything_wrong_is_named_once_each() {
    assert_eq!(
        wrong(r#"{"name":7,"sure":"yes","role":"admin","role":"admin","id":1}"#),
        [
            ("email".to_owned(), "required"),
            ("name".to_owned(), "invalid"),
            ("sure".to_owned(), "invalid"),
            ("role".to_owned(), "unknown_field"),
            ("id".to_owned(), "unknown_field")
        ]
    );
}

#[test]
fn a_member_given_twice_is_refused_whatever_it_says() {
    assert_eq!(
        wrong(r#"{"email":"a","email":"a"}"#),
        one("email", "duplicate_field")
    );
    assert_eq!(
        wrong(r#"{"email":7,"email":8}"#),
        one("email", "duplicate_field")
    );
    assert_eq!(
        wrong(r#"{"email":null,"email":"a"}"#),
        one("email", "duplicate_field")
    );
    assert_eq!(
        wrong(r#"{"email":"a","\u0065mail":"b"}"#),
        one("email", "duplicate_field")
    );
}

#[test]
fn a_required_member_of_the_wrong_kind_is_invalid_and_not_missing() {
    for value in ["1", "true", "[]", "{}", "[\"a\"]"] {
        assert_eq!(
            wrong(&format!(r#"{{"email":{value}}}"#)),
            one("email", "invalid"),
            "{value}"
        );
    }
    assert_eq!(wrong(r#"{"email":null}"#), one("email", "required"));
}

#[test]
fn what_is_no_json_says_so() {
    for body in [
        "",
        "{",
        "{\"email\":\"a\"}x",
        "{'email':'a'}",
        "\u{feff}{}",
        "{\"email\":\"\u{1}\"}",
        "email=a",
    ] {
        assert_eq!(wrong(body), one("", "invalid_json"), "{body:?}");
    }
    assert!(
        Members::parse(b"{\"email\":\"\xff\"}").is_err(),
        "not UTF-8"
    );
    let deep = format!(
        "{{\"email\":{}1{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    assert_eq!(wrong(&deep), one("", "invalid_json"));
}

#[test]
fn json_that_is_no_object_is_an_invalid_request() {
    for body in ["[]", "[1,2]", "null", "true", "1", "1.5", "-1", "\"text\""] {
        assert_eq!(wrong(body), one("", "invalid_request"), "{body}");
    }
}

#[test]
fn a_member_name_cannot_forge_a_line() {
    let named = wrong(r#"{"email":"a","x\r\ny":1}"#);
    assert_eq!(named, one("xy", "unknown_field"));
}

#[test]
fn the_media_type_alone_counts() {
    let is_json = |kind: &str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().expect("a value"));
        is_of_type(&headers, "application/json")
    };
    for kind in [
        "application/json",
        "Application/JSON",
        "application/json; charset=UTF-8",
        "application/json;charset=\"utf-8\"",
    ] {
        assert!(is_json(kind), "{kind}");
    }
    for kind in [
        "",
        "text/plain",
        "application/json+x",
        "application/jsonx",
        "text/json",
        "application/json; charset=latin1",
    ] {
        assert!(!is_json(kind), "{kind}");
    }
}
