//! The development mailbox: whole letters or none, each once.

use std::fs;

use auth::{Letter, PostError, Postman};
use mail::{Mailbox, Mailer};
use tempfile::TempDir;

use crate::support::{id, outcome, verify_email};

struct Opened {
    folder: TempDir,
    mailbox: Mailbox,
    mailer: Mailer,
}

fn opened() -> Opened {
    let folder = tempfile::tempdir().expect("a folder");
    let mailbox = Mailbox::open(folder.path().join("mail")).expect("opens");
    Opened {
        folder,
        mailer: Mailer::mailbox(mailbox.clone()),
        mailbox,
    }
}

impl Opened {
    async fn deliver(&self, number: u64) -> Result<(), PostError> {
        self.mailer
            .deliver(&Letter {
                id: id(number),
                ..verify_email()
            })
            .await
    }

    async fn ids(&self) -> Vec<String> {
        let kept = self.mailbox.list().await.expect("lists");
        kept.into_iter().map(|letter| letter.id).collect()
    }

    fn files(&self) -> Vec<String> {
        let folder = fs::read_dir(self.folder.path().join("mail")).expect("a folder");
        let name = |entry: std::io::Result<fs::DirEntry>| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        };
        folder.map(name).collect()
    }
}

#[tokio::test]
async fn a_delivered_letter_is_kept_whole() {
    let opened = opened();

    assert_eq!(outcome(opened.deliver(1).await), "delivered");

    let kept = opened
        .mailbox
        .get(&id(1))
        .await
        .expect("reads")
        .expect("is there");
    assert_eq!(kept.to, "ada@example.com");
    assert_eq!(kept.subject, "Confirm your e-mail address");
    assert_eq!(kept.created_at, "2026-01-01T14:05:00Z");
    assert!(kept.text.contains("123 456") && kept.html.contains("123 456"));
    let json = serde_json::to_value(&kept).expect("serialises");
    let members: Vec<_> = json
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    assert_eq!(
        members,
        ["createdAt", "html", "id", "subject", "text", "to"]
    );
}

#[tokio::test]
async fn a_second_delivery_of_a_letter_changes_nothing() {
    let opened = opened();
    opened.deliver(1).await.expect("delivered");
    let first = opened.mailbox.list().await.expect("lists");

    let again = Letter {
        at: 0,
        ..verify_email()
    };
    assert_eq!(outcome(opened.mailer.deliver(&again).await), "delivered");

    assert_eq!(opened.mailbox.list().await.expect("lists"), first);
}

#[tokio::test]
async fn many_deliveries_of_one_letter_at_once_keep_one() {
    let opened = opened();
    let (again, letter) = (Mailer::mailbox(opened.mailbox.clone()), verify_email());

    let (one, two, three) = tokio::join!(
        opened.deliver(1),
        again.deliver(&letter),
        again.deliver(&letter)
    );

    for result in [one, two, three] {
        assert_eq!(outcome(result), "delivered");
    }
    assert_eq!(opened.files(), [format!("{}.json", id(1))]);
}

#[tokio::test]
async fn what_a_killed_process_left_is_no_letter_and_is_cleared_away() {
    let opened = opened();
    let mail = opened.folder.path().join("mail");
    let half = format!("{}.4711-0.part", id(1));
    fs::write(mail.join(&half), "{\"id\":\"").expect("writes");
    assert_eq!(opened.ids().await, Vec::<String>::new());

    let reopened = Mailbox::open(&mail).expect("opens");
    assert_eq!(opened.files(), Vec::<String>::new());

    Mailer::mailbox(reopened)
        .deliver(&verify_email())
        .await
        .expect("delivered");
    assert_eq!(opened.ids().await, [id(1)]);
}

#[tokio::test]
async fn the_list_shows_the_newest_five_hundred_newest_first() {
    let opened = opened();
    for number in [3, 1, 2] {
        opened.deliver(number).await.expect("delivered");
    }
    assert_eq!(opened.ids().await, [id(3), id(2), id(1)]);

    let mail = opened.folder.path().join("mail");
    for number in 4..=503 {
        let copy = fs::read_to_string(mail.join(format!("{}.json", id(1)))).expect("reads");
        let copy = copy.replace(&id(1), &id(number));
        fs::write(mail.join(format!("{}.json", id(number))), copy).expect("writes");
    }

    let ids = opened.ids().await;
    assert_eq!(ids.len(), 500);
    assert_eq!((ids.first(), ids.last()), (Some(&id(503)), Some(&id(4))));
}

#[tokio::test]
async fn a_name_that_is_no_id_reads_and_writes_nothing() {
    let opened = opened();
    fs::write(opened.folder.path().join("secret.json"), "{}").expect("writes");

    for hostile in [
        "../secret",
        "..",
        "",
        "%2e%2e%2fsecret",
        "../../../../../../../../../etc/passwd",
    ] {
        assert_eq!(
            opened.mailbox.get(hostile).await.expect("reads"),
            None,
            "{hostile}"
        );
        let letter = Letter {
            id: hostile.to_owned(),
            ..verify_email()
        };
        assert_eq!(
            outcome(opened.mailer.deliver(&letter).await),
            "refused: the letter has no usable id"
        );
    }
    assert_eq!(opened.files(), Vec::<String>::new());
}

#[tokio::test]
async fn foreign_files_in_the_folder_do_no_harm() {
    let opened = opened();
    let mail = opened.folder.path().join("mail");
    fs::write(mail.join("notes.txt"), "mine").expect("writes");
    fs::write(mail.join(format!("{}.json", id(9))), "not a letter").expect("writes");
    opened.deliver(1).await.expect("delivered");

    assert_eq!(opened.ids().await, [id(1)]);
    assert!(opened.files().contains(&"notes.txt".to_owned()));
}

#[cfg(unix)]
#[tokio::test]
async fn letters_are_for_the_owners_eyes() {
    use std::os::unix::fs::PermissionsExt;

    let opened = opened();
    opened.deliver(1).await.expect("delivered");

    let mail = opened.folder.path().join("mail");
    for (path, mode) in [
        (mail.clone(), 0o700),
        (mail.join(format!("{}.json", id(1))), 0o600),
    ] {
        let permissions = fs::metadata(&path).expect("is there").permissions();
        assert_eq!(permissions.mode() & 0o777, mode, "{}", path.display());
    }
}
