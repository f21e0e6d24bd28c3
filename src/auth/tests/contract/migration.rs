//! Migrations: the same on both databases, and commented column by column.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

fn folder(database: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../migrations")
        .join(database)
}

fn files(database: &str) -> BTreeMap<String, String> {
    std::fs::read_dir(folder(database))
        .expect("the folder is there")
        .map(|entry| {
            let path = entry.expect("readable").path();
            let name = path
                .file_name()
                .expect("a file")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read_to_string(path).expect("readable"))
        })
        .collect()
}

/// Columns of a text, as `table.column`, and those among them without a comment line above.
fn columns(text: &str) -> (BTreeSet<String>, Vec<String>) {
    let (mut all, mut bare) = (BTreeSet::new(), Vec::new());
    let (mut table, mut is_commented) = (None, false);
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("create table ") {
            table = rest.split_whitespace().next();
        } else if let Some(rest) = line
            .strip_prefix("alter table ")
            .and_then(|rest| rest.strip_suffix(" add column"))
        {
            table = Some(rest);
        } else if line.starts_with(')') {
            table = None;
        } else if let Some(name_of_table) = table
            && !line.starts_with("--")
            && !line.starts_with("primary key")
            && !line.starts_with("foreign key")
            && let Some(column) = line.split_whitespace().next()
        {
            let name = format!("{name_of_table}.{column}");
            if !is_commented {
                bare.push(name.clone());
            }
            all.insert(name);
            if line.ends_with(';') {
                table = None;
            }
        }
        is_commented = line.starts_with("--");
    }
    (all, bare)
}

/// Tables a text takes away.
fn dropped(text: &str) -> Vec<&str> {
    let drops = text
        .lines()
        .filter_map(|line| line.strip_prefix("drop table "));
    drops.map(|name| name.trim_end_matches(';')).collect()
}

#[test]
fn both_databases_have_the_same_migrations() {
    let (sqlite, postgres) = (files("sqlite"), files("postgres"));
    assert!(sqlite.len() >= 6);
    assert_eq!(
        sqlite.keys().collect::<Vec<_>>(),
        postgres.keys().collect::<Vec<_>>()
    );
    for (name, text) in &sqlite {
        assert_eq!(columns(text).0, columns(&postgres[name]).0, "{name}");
    }
}

#[test]
fn every_column_says_what_it_is() {
    for database in ["sqlite", "postgres"] {
        for (name, text) in files(database) {
            let (_, bare) = columns(&text);
            assert!(
                bare.is_empty(),
                "{database}/{name}: no comment above {bare:?}"
            );
        }
    }
}

#[test]
fn a_bare_column_would_be_found() {
    let text = "create table t (\n    -- Why.\n    a text,\n    b text,\n    primary key (a, b)\n) strict;";
    let (all, bare) = columns(text);
    assert_eq!(all.len(), 2);
    assert_eq!(bare, ["t.b"]);

    let added = "alter table t add column\n    c text;\ncreate index i on t (c);";
    assert_eq!(
        columns(added),
        (["t.c".to_owned()].into(), vec!["t.c".to_owned()])
    );
}

both!(
    the_database_has_exactly_the_columns_of_its_migrations,
    async |store| {
        let query = if store.is_embedded() {
            "select m.name || '.' || c.name from sqlite_master m join pragma_table_info(m.name) c
         where m.type = 'table' and m.name not like 'sqlite_%' and m.name <> '_sqlx_migrations'"
        } else {
            "select table_name || '.' || column_name from information_schema.columns
         where table_schema = current_schema() and table_name <> '_sqlx_migrations'"
        };
        let mut tx = store.read().await.expect("a connection");
        let found: Vec<String> =
            on!(tx, c => sqlx::query_scalar(query).fetch_all(c).await).expect("reads");

        let mut written = BTreeSet::new();
        for text in files("sqlite").values() {
            written.extend(columns(text).0);
            for gone in dropped(text) {
                written.retain(|column| !column.starts_with(&format!("{gone}.")));
            }
        }
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), written);
    }
);

both!(what_may_be_missing_is_the_same_everywhere, async |store| {
    let query = if store.is_embedded() {
        "select count(*) from sqlite_master m join pragma_table_info(m.name) c
         where m.type = 'table' and m.name not like 'sqlite_%' and m.name <> '_sqlx_migrations'
           and c.\"notnull\" = 0"
    } else {
        "select count(*) from information_schema.columns
         where table_schema = current_schema() and table_name <> '_sqlx_migrations' and is_nullable = 'YES'"
    };
    let optional: usize = files("sqlite")
        .values()
        .flat_map(|text| text.lines())
        .filter(|line| line.starts_with("    ") && !line.trim().starts_with("--"))
        .filter(|line| is_optional_column(line))
        .count();
    assert_eq!(
        number(store, query).await,
        i64::try_from(optional).expect("few")
    );
});

/// A line that declares a column which may be null.
fn is_optional_column(line: &str) -> bool {
    let mut words = line.split_whitespace().skip(1);
    let is_column = words.next().is_some_and(|kind| {
        ["text", "integer", "blob"].contains(&kind.trim_end_matches([',', ';']))
    });
    is_column && !line.contains("not null")
}

both!(two_nodes_that_migrate_at_once_both_succeed, async |store| {
    let (one, other) = tokio::join!(store.migrate(), store.migrate());
    one.expect("migrates");
    other.expect("migrates");
});
