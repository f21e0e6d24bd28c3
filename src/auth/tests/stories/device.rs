//! New devices: news to the owner of an account, once (ASVS 6.3.5).

use auth::{LetterKind, Want};

use crate::support::*;

const ADA: &str = "ada@example.com";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const UPDATED: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";

async fn log_in(house: &House, from: &str, agent: &str, want: Want) {
    let client = with_agent(&at(from), agent);
    let answer = house
        .auth
        .log_in(credentials(ADA, PASSWORD), want, &client)
        .await;
    answer.expect("signs in");
}

both!(
    a_new_device_is_told_once_and_the_first_never,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        assert!(house.device_news().await.is_empty(), "the first is no news");

        house.advance(HOUR);
        log_in(house, "198.51.100.7", FIREFOX, Want::Page).await;
        let news = house.device_news().await;

        assert_eq!(news.len(), 1);
        let letter = &news[0];
        assert_eq!(letter.to.as_str(), ADA);
        assert_eq!(letter.at, house.auth.now());
        assert_eq!(
            (letter.from_device.as_str(), letter.from_address.as_str()),
            ("Firefox on Linux", "198.51.100.7")
        );
        let LetterKind::NewDevice { activity, reset } = &letter.kind else {
            panic!("{letter:?}")
        };
        assert_eq!(activity, "http://localhost:3000/account/activity");
        assert_eq!(reset, "http://localhost:3000/forgot-password");

        for (from, agent) in [
            ("198.51.100.7", FIREFOX),
            ("198.51.100.200", FIREFOX),
            ("198.51.100.7", UPDATED),
        ] {
            log_in(house, from, agent, Want::Page).await;
            assert!(house.device_news().await.is_empty(), "{from} {agent}");
        }
        for (from, agent) in [("203.0.113.9", FIREFOX), ("198.51.100.7", SAFARI)] {
            log_in(house, from, agent, Want::Page).await;
            assert_eq!(house.device_news().await.len(), 1, "{from} {agent}");
        }
    }
);

both!(a_programs_new_place_is_told_too, async |house| {
    house.sign_up(ADA, TOKENS).await;
    for (agent, news) in [
        ("workflow-cli/1.0", 1),
        ("workflow-cli/1.1", 0),
        ("backup/1.0", 1),
    ] {
        log_in(house, "198.51.100.7", agent, TOKENS).await;
        assert_eq!(house.device_news().await.len(), news, "{agent}");
    }
});

both!(a_sign_in_that_fails_is_no_news, async |house| {
    house.sign_up(ADA, Want::Page).await;
    let answer = house.log_in(ADA, OTHER_PASSWORD).await;
    assert!(answer.is_err());
    assert!(house.device_news().await.is_empty());
});

both!(
    one_persons_device_says_nothing_about_anothers,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        log_in(house, "198.51.100.7", FIREFOX, Want::Page).await;
        assert_eq!(house.device_news().await.len(), 1);
        house.sign_up("bob@example.com", Want::Page).await;

        let client = with_agent(&at("198.51.100.7"), FIREFOX);
        let credentials = credentials("bob@example.com", PASSWORD);
        let answer = house.auth.log_in(credentials, Want::Page, &client).await;
        answer.expect("signs in");
        let news = house.device_news().await;
        assert_eq!(news.len(), 1);
        assert_eq!(news[0].to.as_str(), "bob@example.com");
    }
);

both!(
    the_table_of_devices_tells_nobody_where_people_are,
    async |house| {
        house.sign_up(ADA, Want::Page).await;
        log_in(house, "198.51.100.7", FIREFOX, Want::Page).await;
        let text = match house.is_shared() {
            true => "encode(key, 'escape')",
            false => "hex(key)",
        };
        let keys = house
            .console(&format!("select {text} from known_devices"))
            .await;
        assert_eq!(keys.len(), 2);
        assert!(
            keys.iter()
                .all(|key| !key.contains("198.51") && !key.contains("Firefox")),
            "{keys:?}"
        );
    }
);
