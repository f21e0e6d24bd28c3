//! The "must never name" column of `design.md` 2, held by reading manifests and sources.
//!
//! A crate may depend on what its layer allows, and its code may name only what belongs there: SQL in one folder, HTTP
//! in one crate, the environment in one file. Comments and texts may say what they like; code may not.

#[path = "layers/rules.rs"]
mod rules;
#[path = "layers/source.rs"]
mod source;

use std::path::Path;
use std::process::Command;

use rules::{LAYERS, Layer};
use serde_json::Value;
use source::{Code, is_sql};

/// What a file of a layer names and must not, one sentence each.
fn offences(layer: &Layer, file: &str, text: &str) -> Vec<String> {
    let code = Code::of(text);
    let here = |name: &&str| code.names(name);
    let mut found: Vec<String> = layer
        .never
        .iter()
        .filter(|name| here(name))
        .map(|name| {
            format!(
                "{}/{file} names `{name}`, which has no place in `{}`",
                layer.folder, layer.package
            )
        })
        .collect();
    for only in layer
        .only
        .iter()
        .filter(|only| !only.places.iter().any(|place| file.starts_with(place)))
    {
        let misplaced = only.names.iter().filter(|name| here(name));
        found.extend(misplaced.map(|name| {
            format!(
                "{}/{file} names `{name}`, which belongs in {}",
                layer.folder,
                only.places.join(" or ")
            )
        }));
    }
    if layer.package == "wire" && code.is_async() {
        found.push(format!(
            "{}/{file} is asynchronous, and what crosses the wire is plain data",
            layer.folder
        ));
    }
    if layer.package != "auth" {
        let sql = code.texts().iter().filter(|text| is_sql(text));
        found.extend(sql.map(|text| format!("{}/{file} holds SQL: {text:?}", layer.folder)));
    }
    found
}

/// What a manifest asks for and must not, one sentence each. Development dependencies are free: a test may look at its
/// crate from outside.
fn manifest_offences(layer: &Layer, dependencies: &Value) -> Vec<String> {
    let dependencies = dependencies
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let normal = dependencies
        .iter()
        .filter(|dependency| dependency["kind"].is_null());
    normal
        .filter_map(|dependency| {
            let name = dependency["name"].as_str()?;
            let ours = !dependency["path"].is_null() && !layer.ours.contains(&name);
            let never = layer.never.contains(&name.replace('-', "_").as_str());
            // The browser's build of `app` must not even compile what only the server names.
            let always = layer.package == "app"
                && dependency["optional"] == false
                && layer
                    .only
                    .iter()
                    .any(|only| only.names.contains(&name.replace('-', "_").as_str()));
            (ours || never || always).then(|| format!("`{}` depends on `{name}`", layer.package))
        })
        .collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("the crate is two folders below the root")
}

fn layer(package: &str) -> &'static Layer {
    LAYERS
        .iter()
        .find(|layer| layer.package == package)
        .expect("the layer exists")
}

#[test]
fn no_source_names_what_its_layer_forbids() {
    let mut found = Vec::new();
    let mut read = 0;
    for layer in LAYERS {
        let folder = root().join(layer.folder);
        for (file, text) in source::rust_files(&folder, "src") {
            read += 1;
            found.extend(offences(layer, &file, &text));
        }
    }

    assert!(read >= LAYERS.len(), "only {read} files were found");
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn no_manifest_depends_on_what_its_layer_forbids() {
    let metadata = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .expect("cargo runs");
    let metadata: Value =
        serde_json::from_slice(&metadata.stdout).expect("cargo describes the workspace");
    let packages = metadata["packages"].as_array().expect("there are packages");

    let mut found = Vec::new();
    for layer in LAYERS {
        let package = packages
            .iter()
            .find(|package| package["name"] == layer.package)
            .expect("every layer is a package");
        found.extend(manifest_offences(layer, &package["dependencies"]));
    }

    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn an_offending_text_is_found() {
    let found = |package: &str, file: &str, text: &str| offences(layer(package), file, text).len();

    assert_eq!(found("auth", "src/login.rs", "use axum::Router;"), 1);
    assert_eq!(
        found(
            "auth",
            "src/login.rs",
            "fn f() { let _ = std::env::var(\"A\"); }"
        ),
        1
    );
    assert_eq!(
        found("auth", "src/login.rs", "use std::{\n    env,\n    fmt,\n};"),
        1
    );
    assert_eq!(
        found("auth", "src/login.rs", "let row = sqlx::query(\"…\");"),
        1
    );
    assert_eq!(found("wire", "src/lib.rs", "pub async fn send() {}"), 1);
    assert_eq!(
        found(
            "wire",
            "src/lib.rs",
            "use std::time::{Duration, SystemTime};"
        ),
        1
    );
    assert_eq!(
        found("app", "src/pages/login.rs", "use leptos_axum::redirect;"),
        1
    );
    assert_eq!(found("portal", "src/main.rs", "use std::env;"), 1);
    assert_eq!(
        found(
            "portal",
            "src/main.rs",
            "const Q: &str = \"select id from users where id = $1\";"
        ),
        1
    );
}

#[test]
fn a_text_in_its_place_is_none() {
    let found = |package: &str, file: &str, text: &str| offences(layer(package), file, text);

    assert_eq!(
        found(
            "auth",
            "src/store/users.rs",
            "sqlx::query(\"select id from users\");"
        ),
        [""; 0]
    );
    assert_eq!(
        found(
            "auth",
            "src/login.rs",
            "// not axum::Router\nlet why = \"axum::Router\"; /* sqlx:: */"
        ),
        [""; 0]
    );
    assert_eq!(
        found(
            "auth",
            "src/login.rs",
            "use crate::tower_of_babel::x; let a = b.http;"
        ),
        [""; 0]
    );
    assert_eq!(
        found(
            "auth",
            "src/login.rs",
            "let version = env!(\"CARGO_PKG_VERSION\");"
        ),
        [""; 0]
    );
    assert_eq!(
        found("app", "src/server/login.rs", "use leptos_axum::redirect;"),
        [""; 0]
    );
    assert_eq!(found("portal", "src/config.rs", "use std::env;"), [""; 0]);
    assert_eq!(
        found(
            "portal",
            "src/web.rs",
            "let text = \"Select a role from the list\";"
        ),
        [""; 0]
    );
}

#[test]
fn an_offending_manifest_is_found() {
    let dependencies = serde_json::json!([
        { "name": "mail", "kind": null, "path": "/tree/src/mail", "optional": false },
        { "name": "tower-http", "kind": null, "path": null, "optional": false },
        { "name": "serde", "kind": null, "path": null, "optional": false },
        { "name": "axum", "kind": "dev", "path": null, "optional": false },
    ]);

    let found = manifest_offences(layer("auth"), &dependencies);

    assert_eq!(
        found,
        ["`auth` depends on `mail`", "`auth` depends on `tower-http`"]
    );
}

#[test]
fn what_the_browser_must_not_compile_is_optional() {
    let axum = |optional: bool| serde_json::json!([{ "name": "axum", "kind": null, "path": null, "optional": optional }]);

    assert_eq!(
        manifest_offences(layer("app"), &axum(false)),
        ["`app` depends on `axum`"]
    );
    assert_eq!(manifest_offences(layer("app"), &axum(true)), [""; 0]);
}
