//! The database's own console: for what no door shows.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// What the database says to a query of texts, row by row.
pub(crate) async fn console(url: &str, query: &str) -> Vec<String> {
    let query = AssertSqlSafe(query.to_owned());
    let rows = if url.starts_with("sqlite") {
        let mut console = SqliteConnection::connect(url).await.expect("connects");
        sqlx::query_scalar(query).fetch_all(&mut console).await
    } else {
        let mut console = PgConnection::connect(url).await.expect("connects");
        sqlx::query_scalar(query).fetch_all(&mut console).await
    };
    rows.expect("answers")
}
