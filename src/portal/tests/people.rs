//! People come over and leave, through the command line of the real program: on SQLite and PostgreSQL, and
//! from one to the other.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use auth::{
    Auth, Client, HashCost, KeyRing, LogInError, Parts, Settings, Store, SystemClock,
    SystemEntropy, Want,
};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use wire::{Credentials, Email, Identifier, Password};

const BCRYPT: &str = "$2b$04$5jMp4XP4NztzYClamhlKLufkErz/jaO4hOP233UZTAZquzRS7caXe";
const PASSWORD: &str = "correct horse";
const ADMIN_PASSWORD: &str = "seven quiet otters swim";

/// A portal's settings and files; nothing of it runs but single commands.
struct House {
    folder: tempfile::TempDir,
    url: String,
    schema: Option<(String, String)>,
}

impl House {
    async fn make(name: &str, on_postgres: bool) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        if !on_postgres {
            let url = format!("sqlite://{}", folder.path().join("gatehouse.db").display());
            return Some(Self {
                folder,
                url,
                schema: None,
            });
        }
        let server = server()?;
        let schema = format!("gatehouse_people_{name}_{}", std::process::id());
        on_server(&server, format!("create schema {schema}")).await;
        let mark = if server.contains('?') { '&' } else { '?' };
        Some(Self {
            folder,
            url: format!("{server}{mark}options=-csearch_path%3D{schema}"),
            schema: Some((server, schema)),
        })
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, text).expect("is written");
        path
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatehouse"));
        command
            .current_dir(self.folder.path())
            .env("GATEHOUSE_DATA_DIR", self.folder.path().join("data"))
            .env("GATEHOUSE_DATABASE__URL", &self.url)
            .env("GATEHOUSE_HASH__MEMORY_KIB", "1024")
            .env("GATEHOUSE_HASH__ITERATIONS", "1")
            .env("GATEHOUSE_HASH__LANES", "1");
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = self.command().arg("user").args(arguments).output();
        output.expect("runs")
    }

    /// A run of an import: its exit code and its summary.
    fn import(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let output = self.run(&[&["import", "--json"], arguments].concat());
        let summary = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
            panic!("{}", String::from_utf8_lossy(&output.stderr));
        });
        (output.status.code(), summary)
    }

    fn make_admin(&self) {
        let mut child = self
            .command()
            .args([
                "admin",
                "create",
                "--email",
                "root@example.com",
                "--password-stdin",
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("starts");
        let mut input = child.stdin.take().expect("is a pipe");
        std::io::Write::write_all(&mut input, ADMIN_PASSWORD.as_bytes()).expect("is read");
        drop(input);
        assert!(child.wait().expect("ends").success());
    }

    /// Signs somebody in, as the server would.
    async fn log_in(&self, address: &str, password: &str) -> Result<(), LogInError> {
        auth::install_crypto();
        let ring = fs::read_to_string(self.folder.path().join("data/gatehouse.keys"));
        let settings = Settings {
            hash: HashCost {
                memory_kib: 1024,
                iterations: 1,
                lanes: 1,
            },
            ..Settings::default()
        };
        let auth = Auth::open(Parts {
            store: Store::connect(&self.url).await.expect("connects"),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            ring: KeyRing::parse(&ring.expect("is there")).expect("reads"),
            settings,
        })
        .await
        .expect("opens");
        let credentials = Credentials {
            identifier: Identifier::Email(Email::parse(address).expect("an address")),
            password: Password::claimed(password),
        };
        let client = Client::new([192, 0, 2, 1].into(), "test", "request");
        let answer = auth.log_in(credentials, Want::Page, &client).await;
        auth.close().await;
        answer.map(drop)
    }

    async fn clear_away(self) {
        if let Some((server, schema)) = &self.schema {
            on_server(server, format!("drop schema {schema} cascade")).await;
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the run tells its tests where PostgreSQL is"
)]
fn server() -> Option<String> {
    let server = std::env::var("TEST_POSTGRES_URL").ok();
    let server = server.filter(|url| !url.is_empty());
    assert!(
        server.is_some() || std::env::var("CI").is_err(),
        "CI runs every test on PostgreSQL too: set TEST_POSTGRES_URL"
    );
    server
}

async fn on_server(server: &str, statement: String) {
    let mut console = PgConnection::connect(server).await.expect("connects");
    console
        .execute(AssertSqlSafe(statement))
        .await
        .expect("runs");
}

fn text(path: &Path) -> &str {
    path.to_str().expect("is text")
}

const CLERK: &str = "id,first_name,last_name,username,primary_email_address,verified_email_addresses,password_digest,password_hasher\n";

#[tokio::test]
async fn a_file_is_taken_in_reported_on_and_taken_in_again() {
    for on_postgres in [false, true] {
        let Some(house) = House::make("twice", on_postgres).await else {
            continue;
        };
        let file = house.file(
            "users.csv",
            format!(
                "{CLERK}\
                 user_1,Ada,Lovelace,ada,ada@example.com,ada@example.com,{BCRYPT},bcrypt\n\
                 =cmd(),Eve,,,eve@example.com,,{BCRYPT},bcrypt\n\
                 user_3,\"B\nB\",,,bob@example.com,bob@example.com,,\n\
                 user_4,Cy,,,cy@example.com,cy@example.com,5f4dcc3b5aa765d61d8327deb882cf99,md5\n"
            ),
        );
        let report = house.folder.path().join("refused.csv");
        let arguments = ["--from", "clerk", text(&file), "--report", text(&report)];

        let (code, summary) = house.import(&[&arguments[..], &["--dry-run"]].concat());
        assert_eq!((code, &summary["made"]), (Some(3), &Value::from(2)));
        assert!(house.log_in("ada@example.com", PASSWORD).await.is_err());

        let (code, summary) = house.import(&arguments);
        assert_eq!(code, Some(3), "some were refused");
        for (name, count) in [
            ("rows", 4),
            ("made", 2),
            ("withoutPassword", 1),
            ("refused", 2),
            ("unchanged", 0),
        ] {
            assert_eq!(summary[name], count, "{name} in {summary}");
        }
        let refused = fs::read_to_string(&report).expect("is there");
        let lines: Vec<_> = refused.lines().collect();
        assert_eq!(lines[0], "line,id,code,reason");
        assert!(lines.contains(&"3,'=cmd(),address_unproven,the address was never proven; --trust-addresses takes the file's word"), "{refused}");
        assert!(refused.contains("\r\n4,,invalid,"), "{refused}");
        assert!(
            !refused.contains('@') && !refused.contains("$2b$"),
            "{refused}"
        );
        let mode = fs::metadata(&report)
            .expect("is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);

        let (_, summary) = house.import(&arguments);
        assert_eq!(
            (&summary["made"], &summary["unchanged"]),
            (&0.into(), &2.into())
        );

        house
            .log_in("ada@example.com", PASSWORD)
            .await
            .expect("signs in");
        house
            .log_in("ada@example.com", PASSWORD)
            .await
            .expect("signs in again");
        assert!(house.log_in("cy@example.com", "password").await.is_err());

        let json = house.folder.path().join("refused.json");
        house.import(&["--from", "clerk", text(&file), "--report", text(&json)]);
        let refused: Value =
            serde_json::from_slice(&fs::read(&json).expect("is there")).expect("reads");
        let codes: Vec<_> = refused
            .as_array()
            .expect("a list")
            .iter()
            .map(|row| row["code"].clone())
            .collect();
        assert_eq!(codes.len(), 2, "{refused}");
        house.clear_away().await;
    }
}

#[tokio::test]
async fn all_leave_for_the_other_database_and_sign_in_there() {
    for to_postgres in [true, false] {
        let (Some(old), Some(new)) = (
            House::make("old", !to_postgres).await,
            House::make("new", to_postgres).await,
        ) else {
            continue;
        };
        old.make_admin();
        let firebase = old.file(
            "firebase.json",
            r#"{"users":[{"localId":"f1","email":"fay@example.com","emailVerified":true,"passwordHash":"lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==","salt":"42xEC+ixf3L2lw=="}]}"#,
        );
        let key = old.file("key", "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==\n");
        let (code, _) = old.import(&[
            "--from",
            "firebase",
            text(&firebase),
            "--firebase-signer-key-file",
            text(&key),
        ]);
        assert_eq!(code, Some(0));
        let sonicjs = old.file(
            "sonicjs.csv",
            "id,email,email_verified,role,password_hash\n\
             s1,sue@example.com,1,editor,04c3ca75880ef5fd0558962871a59dac5ddf58b25a5d95740332bd7d72942e78\n",
        );
        let salt = old.file("salt", "static salt");
        let (code, summary) = old.import(&[
            "--from",
            "sonicjs",
            text(&sonicjs),
            "--sonicjs-salt-file",
            text(&salt),
            "--role-map",
            "editor=viewer",
        ]);
        assert_eq!(code, Some(0), "{summary}");
        let csv = old.file(
            "people.csv",
            format!(
                "id,email,email_verified,first_name,disabled,password_hash\n\
                     b1,bea@example.com,true,\"=1+1, \"\"B\"\"\",false,{BCRYPT}\n\
                     d1,dan@example.com,true,Dan,true,{BCRYPT}\n"
            ),
        );
        let (code, _) = old.import(&["--from", "csv", text(&csv)]);
        assert_eq!(code, Some(0));
        old.log_in("bea@example.com", PASSWORD)
            .await
            .expect("signs in");

        let exported = old.folder.path().join("out.csv");
        let output = old.run(&["export", "--to", text(&exported), "--with-hashes"]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mode = fs::metadata(&exported)
            .expect("is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let again = old.run(&["export", "--to", text(&exported)]);
        assert!(!again.status.success(), "no file is written over");

        // Sealed parts of hashes move with their ring.
        fs::create_dir(new.folder.path().join("data")).expect("is made");
        fs::copy(
            old.folder.path().join("data/gatehouse.keys"),
            new.folder.path().join("data/gatehouse.keys"),
        )
        .expect("is copied");
        let (code, summary) = new.import(&[
            "--from",
            "csv",
            text(&exported),
            "--keep-ids",
            "--allow-admins",
        ]);
        assert_eq!(
            (code, &summary["made"]),
            (Some(0), &Value::from(5)),
            "{summary}"
        );

        for (address, password) in [
            ("root@example.com", ADMIN_PASSWORD),
            ("fay@example.com", "user1password"),
            ("sue@example.com", PASSWORD),
            ("bea@example.com", PASSWORD),
        ] {
            assert!(
                new.log_in(address, "another password").await.is_err(),
                "{address}"
            );
            let signed_in = new.log_in(address, password).await;
            assert!(signed_in.is_ok(), "{address}: {signed_in:?}");
        }
        assert!(matches!(
            new.log_in("dan@example.com", PASSWORD).await,
            Err(LogInError::Disabled)
        ));
        let (there, here) = (old.run(&["export"]).stdout, new.run(&["export"]).stdout);
        assert_eq!(
            String::from_utf8_lossy(&here),
            String::from_utf8_lossy(&there)
        );
        let lines = String::from_utf8_lossy(&here).lines().count();
        assert_eq!(lines, 6, "five people and a header");
        assert!(
            !String::from_utf8_lossy(&here).contains('$'),
            "hashes leave only when asked for"
        );
        old.clear_away().await;
        new.clear_away().await;
    }
}

/// Enough that a run is not over before somebody ends it.
const PEOPLE: i64 = 4_000;

impl House {
    async fn count(&self) -> i64 {
        let Ok(mut console) = sqlx::SqliteConnection::connect(&self.url).await else {
            return 0;
        };
        let found = sqlx::query_scalar::<_, i64>("select count(*) from users")
            .fetch_one(&mut console)
            .await;
        found.unwrap_or(0)
    }

    /// Begins a run of many rows, and waits until some of them are in. On a fast machine it may be over by
    /// then; what is claimed here holds all the same.
    async fn begin(&self, file: &Path) -> Child {
        let mut child = self
            .command()
            .args(["user", "import", "--from", "csv", text(file)])
            .stdout(Stdio::null())
            .spawn()
            .expect("starts");
        while self.count().await == 0 && child.try_wait().expect("is asked").is_none() {
            tokio::task::yield_now().await;
        }
        child
    }
}

#[tokio::test]
async fn a_run_that_is_interrupted_or_killed_is_run_again() {
    let house = House::make("killed", false).await.expect("SQLite is there");
    let mut file = "id,email,email_verified,password_hash\n".to_owned();
    for number in 0..PEOPLE {
        file.push_str(&format!(
            "{number},person{number}@example.com,true,{BCRYPT}\n"
        ));
    }
    let file = house.file("people.csv", file);

    let mut child = house.begin(&file).await;
    let asked = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(asked.is_ok());
    let status = child.wait().expect("ends");
    let interrupted = house.count().await;
    assert_eq!(
        status.success(),
        interrupted == PEOPLE,
        "it says whether it is whole"
    );
    assert_eq!(interrupted % 500, 0, "whole batches alone");

    let mut child = house.begin(&file).await;
    child.kill().expect("is killed");
    child.wait().expect("ends");
    let killed = house.count().await;
    assert!(killed >= interrupted && killed > 0);
    assert_eq!(killed % 500, 0, "whole batches alone");

    let (code, summary) = house.import(&["--from", "csv", text(&file)]);

    assert_eq!(code, Some(0));
    assert_eq!(summary["unchanged"], killed);
    assert_eq!(house.count().await, PEOPLE);
    house
        .log_in("person3999@example.com", PASSWORD)
        .await
        .expect("signs in");
}

#[tokio::test]
async fn what_is_asked_wrongly_is_said_before_anything_is_done() {
    let house = House::make("wrong", false).await.expect("SQLite is there");
    let file = house.file("users.csv", "id,mail\n1,ada@example.com\n");
    for (arguments, said) in [
        (vec!["--from", "csv", "missing.csv"], "cannot be read"),
        (
            vec!["--from", "csv", text(&file)],
            "lacks the column `email`",
        ),
        (
            vec!["--from", "firebase", text(&file)],
            "--firebase-signer-key-file",
        ),
        (
            vec!["--from", "sonicjs", text(&file)],
            "--sonicjs-salt-file",
        ),
        (
            vec!["--from", "csv", text(&file), "--role-map", "x"],
            "old=new",
        ),
        (vec!["--from", "okta", text(&file)], "clerk"),
    ] {
        let output = house.run(&[&["import"], &arguments[..]].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && error.contains(said),
            "{arguments:?}: {error}"
        );
    }
    assert!(!house.folder.path().join("data").exists());
    for command in ["import", "export"] {
        let help = house.run(&[command, "--help"]);
        assert!(String::from_utf8_lossy(&help.stdout).contains("Examples:"));
    }
}

#[tokio::test]
async fn an_operator_looks_after_tenants_without_a_browser() {
    for on_postgres in [false, true] {
        let Some(house) = House::make("tenants", on_postgres).await else {
            continue;
        };
        house.make_admin();
        let tenants = |arguments: &[&str]| {
            let output = house.command().arg("tenants").args(arguments).output();
            let output = output.expect("runs");
            let said = match output.status.success() {
                true => output.stdout,
                false => output.stderr,
            };
            let said = String::from_utf8(said).expect("is text");
            (output.status.success(), said.trim().to_owned())
        };
        assert_eq!(tenants(&["list"]), (true, String::new()));
        let (_, made) = tenants(&["create", "--name", "Acme", "--json"]);
        let made: Value = serde_json::from_str(&made).expect("is JSON");
        let id = made["id"].as_str().expect("an id");
        let taken = "Another tenant has this name.".to_owned();
        assert_eq!(tenants(&["create", "--name", "ACME"]), (false, taken));
        assert_eq!(
            tenants(&["list", "--search", "ac"]),
            (true, format!("{id}  Acme"))
        );

        let add = |email: &str, role: &str| {
            tenants(&[
                "add-member",
                "--tenant",
                id,
                "--email",
                email,
                "--role",
                role,
            ])
        };
        let nobody = "No account that can sign in has this address.".to_owned();
        assert_eq!(add("ada@example.com", "viewer"), (false, nobody));
        let no_role = "There is no such role.".to_owned();
        assert_eq!(add("root@example.com", "api"), (false, no_role));
        let added = "root@example.com is a member, as viewer.".to_owned();
        assert_eq!(add("root@example.com", "viewer"), (true, added));
        let (_, members) = tenants(&["members", "--tenant", id, "--json"]);
        let members: Value = serde_json::from_str(&members).expect("is JSON");
        assert_eq!(members["members"][0]["email"], "root@example.com");
        let remove = || {
            tenants(&[
                "remove-member",
                "--tenant",
                id,
                "--email",
                "Root@example.com",
            ])
        };
        assert_eq!(
            remove(),
            (true, "root@example.com is a member no more.".to_owned())
        );
        assert_eq!(
            remove(),
            (
                false,
                "root@example.com is no member of this tenant.".to_owned()
            )
        );
        let rename = |name: &str| tenants(&["rename", "--tenant", id, "--name", name]);
        assert_eq!(rename("Beta"), (true, format!("{id}  Beta")));
        assert!(!rename(" ").0);
        let delete = |name: &str| tenants(&["delete", "--tenant", id, "--name", name]);
        let other = "This is not its name: nothing is deleted.".to_owned();
        assert_eq!(delete("Acme"), (false, other));
        let gone = "Beta is deleted. Accounts stay.".to_owned();
        assert_eq!(delete("Beta"), (true, gone));
        assert!(!delete("Beta").0, "once");
        let (found, said) = tenants(&["members", "--tenant", "none"]);
        assert!(!found && said.contains("gatehouse tenants list"), "{said}");
        house.clear_away().await;
    }
}

#[tokio::test]
async fn an_operator_makes_and_deletes_roles_and_permissions_without_a_browser() {
    for on_postgres in [false, true] {
        let Some(house) = House::make("roles", on_postgres).await else {
            continue;
        };
        house.make_admin();
        let run = |line: &str| {
            let output = house.command().args(line.split(' ')).output();
            let output = output.expect("runs");
            let said = match output.status.success() {
                true => output.stdout,
                false => output.stderr,
            };
            let said = String::from_utf8(said).expect("is text");
            (output.status.success(), said.trim().to_owned())
        };
        let (added, said) = run("permissions add invoice:read --description Invoices");
        assert!(added && said == "invoice:read: Invoices", "{said}");
        for (line, words) in [
            (
                "permissions add invoice:read --description Again",
                "of this name already",
            ),
            (
                "permissions add invoice:* --description All",
                "resource:action",
            ),
            ("permissions remove user:manage", "The portal relies on it"),
            (
                "permissions remove pigs:fly",
                "no such role, permission or account",
            ),
            ("roles create X", "2 to 40"),
            (
                "roles create clerk --permission pigs:fly",
                "There is no such permission",
            ),
            ("roles create clerk --permission *:read", "resource:action"),
            ("roles delete user", "The portal relies on it"),
            ("roles delete nobody", "no such role"),
        ] {
            let (done, said) = run(line);
            assert!(!done && said.contains(words), "{line}: {said}");
        }
        let (made, said) =
            run("roles create clerk --permission invoice:* --assigned workflow:read");
        assert!(
            made && said.contains("invoice:read") && said.contains("(assigned only)"),
            "{said}"
        );
        assert!(!run("roles create clerk").0, "one of this name");
        let (_, listed) = run("permissions list");
        let line = listed.lines().find(|line| line.starts_with("invoice:read"));
        assert!(
            line.is_some_and(|line| line.contains("Invoices")),
            "{listed}"
        );

        let (_, made) = run("tenants create --name Acme --json");
        let made: Value = serde_json::from_str(&made).expect("is JSON");
        let id = made["id"].as_str().expect("an id");
        assert!(
            run(&format!(
                "tenants add-member --tenant {id} --email root@example.com --role clerk"
            ))
            .0
        );
        let (gone, said) = run("roles delete clerk");
        assert!(!gone && said.contains("--move-to"), "{said}");
        let (looked, said) = run("roles delete clerk --move-to viewer --dry-run");
        assert!(
            looked && said.contains("root@example.com in Acme"),
            "{said}"
        );
        assert!(run("roles show clerk").0, "looking deletes nothing");
        let (gone, said) = run("roles delete clerk --move-to viewer");
        assert!(gone && said.starts_with("clerk is deleted."), "{said}");
        assert!(!run("roles show clerk").0);

        let (removed, said) = run("permissions remove invoice:read");
        assert!(
            removed && said.starts_with("invoice:read is removed"),
            "{said}"
        );
        let (_, told) = run("audit list --json");
        for act in [
            "permission.added",
            "role.created",
            "role.deleted",
            "permission.removed",
        ] {
            assert!(told.contains(act), "{act}: {told}");
        }
        house.clear_away().await;
    }
}
