use std::io;

use super::*;
use crate::cli::user::bytes::Bytes;
use crate::cli::user::record::Records;

const BCRYPT: &str = "$2b$04$5jMp4XP4NztzYClamhlKLufkErz/jaO4hOP233UZTAZquzRS7caXe";

type Read = Vec<(u64, Result<ImportRow, Unread>)>;

fn read_with(format: Format, text: &[u8], keys: &Keys) -> Read {
    let bytes = Bytes::of(io::Cursor::new(text.to_vec()));
    let mut records = Records::of(bytes, format.columns(), format.needed()).expect("opens");
    let mut rows = Vec::new();
    while let Some((line, record)) = records.next().expect("reads") {
        rows.push((line, record.and_then(|record| format.read(&record, keys))));
    }
    rows
}

fn read(format: Format, text: &str) -> Read {
    read_with(format, text.as_bytes(), &Keys::default())
}

fn only(mut rows: Read) -> ImportRow {
    assert_eq!(rows.len(), 1);
    rows.remove(0).1.expect("reads")
}

/// Everything a row says, in one line.
fn words(row: &ImportRow) -> String {
    let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
    [
        text(row.external_id.as_deref()),
        row.email.to_string(),
        if row.email_verified {
            "proven"
        } else {
            "unproven"
        }
        .to_owned(),
        text(row.username.as_ref().map(|name| name.as_str())),
        text(row.first_name.as_ref().map(|name| name.as_str())),
        text(row.last_name.as_ref().map(|name| name.as_str())),
        text(row.role.as_deref()),
        row.created_at.map_or("-".to_owned(), |at| at.to_string()),
        if row.disabled { "disabled" } else { "enabled" }.to_owned(),
        if row.password.is_some() {
            "password"
        } else {
            "none"
        }
        .to_owned(),
    ]
    .join(" ")
}

#[test]
fn our_own_columns_come_in_any_order() {
    let row = only(read(
        Format::Csv,
        &format!(
            "password_hash,email,id,email_verified,username,first_name,last_name,role,created_at,disabled,else\r\n\
             {BCRYPT},Ada@Example.com,7,true,ada,Ada,\"Lovelace, Countess\",viewer,2023-11-14T22:13:20Z,yes,x\r\n"
        ),
    ));

    assert_eq!(
        words(&row),
        "7 ada@example.com proven ada Ada Lovelace, Countess viewer 1700000000 disabled password"
    );
    let row = only(read(Format::Csv, "email\nada@example.com\n"));
    assert_eq!(
        words(&row),
        "- ada@example.com unproven - - - - - enabled none"
    );
}

#[test]
fn clerks_dashboard_is_read() {
    let head = "id,first_name,last_name,username,primary_email_address,primary_phone_number,verified_email_addresses,unverified_email_addresses,verified_phone_numbers,unverified_phone_numbers,totp_secret,password_digest,password_hasher";
    let firebase = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ==$42xEC+ixf3L2lw==$jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==$Bw==$8$14";
    let text = format!(
        "{head}\n\
         user_1,Ada,Lovelace,ada,Ada@example.com,,old@example.com|ada@EXAMPLE.com,,,,,{BCRYPT},bcrypt\n\
         user_2,,,,bob@example.com,,,bob@example.com,,,,,\n\
         user_3,,,,cy@example.com,,cy@example.com,,,,,{firebase},scrypt_firebase\n\
         user_4,,,,di@example.com,,\"x@example.com,di@example.com\",,,,,5f4dcc3b5aa765d61d8327deb882cf99,md5\n"
    );
    let rows: Vec<_> = read(Format::Clerk, &text)
        .into_iter()
        .map(|(_, row)| words(&row.expect("reads")))
        .collect();

    assert_eq!(
        rows,
        [
            "user_1 ada@example.com proven ada Ada Lovelace - - enabled password",
            "user_2 bob@example.com unproven - - - - - enabled none",
            "user_3 cy@example.com proven - - - - - enabled password",
            "user_4 di@example.com proven - - - - - enabled none",
        ]
    );
}

#[test]
fn auth0_is_read_one_a_line_and_as_a_list() {
    let ada = format!(
        r#"{{"user_id":"auth0|1","email":"ada@example.com","email_verified":true,"given_name":"Ada","family_name":"Lovelace","blocked":true,"created_at":"2023-11-14T22:13:20.000Z","password_hash":"{BCRYPT}"}}"#
    );
    let bob = r#"{"user_id":"auth0|2","email":"bob@example.com","name":"bob@example.com","custom_password_hash":{"algorithm":"pbkdf2","hash":{"encoding":"utf8","value":"$pbkdf2-sha256$i=1000,l=32$AAECAwQFBgcICQoLDA0ODw$yRTMTwbMbo9G0VfjobWqerzuuxe7BETNTErBbKKumGQ"}}}"#;
    let cy = r#"{"_id":{"$oid":"60425da93519d90068f82966"},"email":"cy@example.com","name":"Cy de la Paz","custom_password_hash":{"algorithm":"md5","hash":{"encoding":"hex","value":"5f4dcc3b5aa765d61d8327deb882cf99"}}}"#;
    for text in [
        format!("{ada}\n{bob}\n{cy}\n"),
        format!("[{ada},\n{bob},{cy}]"),
    ] {
        let rows: Vec<_> = read(Format::Auth0, &text)
            .into_iter()
            .map(|(_, row)| words(&row.expect("reads")))
            .collect();

        assert_eq!(
            rows,
            [
                "auth0|1 ada@example.com proven - Ada Lovelace - 1700000000 disabled password",
                "auth0|2 bob@example.com unproven - - - - - enabled password",
                "60425da93519d90068f82966 cy@example.com unproven - Cy de la Paz - - enabled none",
            ]
        );
    }
}

fn firebase_keys() -> Keys {
    let key =
        "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
    Keys {
        firebase: FirebaseProject::new(&Secret::new(key), "Bw==", 8, 14).ok(),
        ..Keys::default()
    }
}

#[test]
fn firebase_is_read_as_json_and_as_csv() {
    let hash =
        "lSrfV15cpx95_sZS2W9c9Kp6i_LVgQNDNC_qzrCnh1SAyZvqmZqAjTdn3aoItz-VHjoZilo78198JAdRuid5lQ==";
    let json = format!(
        r#"{{"users": [
            {{"localId":"u1","email":"ada@example.com","emailVerified":true,"passwordHash":"{hash}","salt":"42xEC+ixf3L2lw==","displayName":"Ada Lovelace","createdAt":"1700000000000","disabled":true,"providerUserInfo":[]}},
            {{"localId":"u2","phoneNumber":"+15551234"}}
        ]}}"#
    );
    let csv = format!(
        "u1,ada@example.com,true,{hash},42xEC+ixf3L2lw==,Ada Lovelace,,,,,,,,,,,,,,,,,,1700000000000,1700000000000,,true,\r\n\
         u2,,false,,,,,,,,,,,,,,,,,,,,,1700000000000,,+15551234\r\n"
    );
    for text in [json, csv] {
        let rows = read_with(Format::Firebase, text.as_bytes(), &firebase_keys());

        assert_eq!(rows.len(), 2, "{text}");
        assert_eq!(
            words(rows[0].1.as_ref().expect("reads")),
            "u1 ada@example.com proven - Ada Lovelace - 1700000000 disabled password"
        );
        assert_eq!(rows[1].1.as_ref().err(), Some(&Unread::Missing("email")));
    }
}

#[test]
fn better_auth_is_read_joined_and_nested() {
    let hash = "000102030405060708090a0b0c0d0e0f:9372e2d20f7c9ba55e54d10569dfe24824c5765383f46b040e9ac7b33041339c514173900cb63a37c935c0e2f40cfe2cb39bee5fe58f54715c1fd913c4638373";
    let csv = format!(
        "id,name,email,emailVerified,createdAt,role,banned,password\n\
         x1,Ada Lovelace,ada@example.com,1,2023-11-14 22:13:20+00,user,f,{hash}\n"
    );
    let json = format!(
        r#"[{{"id":"x1","name":"Ada Lovelace","email":"ada@example.com","emailVerified":true,"createdAt":"2023-11-14T22:13:20.000Z","role":"user","banned":null,
            "accounts":[{{"providerId":"google","password":null}},{{"providerId":"credential","password":"{hash}"}}]}}]"#
    );
    for text in [csv, json] {
        assert_eq!(
            words(&only(read(Format::BetterAuth, &text))),
            "x1 ada@example.com proven - Ada Lovelace user 1700000000 enabled password"
        );
    }
}

#[test]
fn sonicjs_is_read_with_its_salt() {
    let keys = Keys {
        sonicjs: Some(Secret::new("static salt")),
        ..Keys::default()
    };
    let digest = "04c3ca75880ef5fd0558962871a59dac5ddf58b25a5d95740332bd7d72942e78";
    let json = format!(
        r#"[{{"results":[{{"id":"s1","email":"ada@example.com","username":"ada","first_name":"Ada","last_name":null,"password_hash":"{digest}","role":"editor","is_active":0,"email_verified":1,"created_at":1700000000000}}],"success":true}}]"#
    );
    let csv = format!(
        "id,email,username,first_name,last_name,password_hash,role,is_active,email_verified,created_at\n\
         s1,ada@example.com,ada,Ada,,{digest},editor,0,1,1700000000\n"
    );
    for text in [json, csv] {
        let rows = read_with(Format::Sonicjs, text.as_bytes(), &keys);
        assert_eq!(
            words(&only(rows)),
            "s1 ada@example.com proven ada Ada - editor 1700000000 disabled password"
        );
    }
}

#[test]
fn what_is_hostile_is_refused_with_its_line_and_the_rest_goes_on() {
    let mut text = b"\xef\xbb\xbfid,email,first_name,username,password_hash\r\n".to_vec();
    let lines: [&[u8]; 14] = [
        b"1,ada@example.com,Ada,ada,",
        b"2,\"eve@example.com\r\nBcc: all@example.com\",Eve,,",
        b"3,eve@example.com,\"Eve\r\nBcc: all@example.com\",,",
        b"4,eve@example.com,Eve\0,,",
        b"5,eve@example.com,\xff\xfe,,",
        b"6,eve@example.com,\xe2\x80\xaeevE,,",
        b"7,,Eve,,",
        b"8,eve@example,Eve,,",
        b"9,eve@example.com,Eve,a b,",
        b"10,eve@example.com,Eve,,$2b$31$5jMp4XP4NztzYClamhlKLufkErz/jaO4hOP233UZTAZquzRS7caXe",
        b"11,eve@example.com,Eve,,$2b$10$damaged",
        b"12,too,many,fields,in,this",
        b"13\x07,eve@example.com,Eve,,",
        b"14,bob@example.com,=1+1,bob,",
    ];
    for line in lines {
        text.extend_from_slice(line);
        text.extend_from_slice(b"\r\n");
    }
    text.extend(b"15,eve@example.com,");
    text.extend(vec![b'x'; 10 << 20]);
    text.extend(b",,\r\n16,cy@example.com,Cy,,\r\n");

    let rows = read_with(Format::Csv, &text, &Keys::default());
    let codes: Vec<_> = rows
        .iter()
        .map(|(line, row)| (*line, row.as_ref().map_or_else(Unread::code, |_| "fine")))
        .collect();

    assert_eq!(
        codes,
        [
            (2, "fine"),
            (3, "invalid"),
            (5, "invalid"),
            (7, "invalid"),
            (8, "not_text"),
            (9, "invalid"),
            (10, "missing"),
            (11, "invalid"),
            (12, "invalid"),
            (13, "hash_too_costly"),
            (14, "hash_damaged"),
            (15, "fields"),
            (16, "invalid"),
            (17, "fine"),
            (18, "too_long"),
            (19, "fine"),
        ]
    );
    for (_, row) in &rows {
        if let Err(unread) = row {
            assert!(
                !unread.to_string().contains("Bcc"),
                "nothing of the file is repeated"
            );
        }
    }
}

#[test]
fn hashes_stay_behind_when_asked_to() {
    let keys = Keys {
        without_passwords: true,
        ..Keys::default()
    };
    let text = format!("email,password_hash\nada@example.com,{BCRYPT}\n");
    assert!(
        only(read_with(Format::Csv, text.as_bytes(), &keys))
            .password
            .is_none()
    );
}
