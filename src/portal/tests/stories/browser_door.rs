//! The browser's door, as far as plain HTTP shows it; the pages themselves are told in `end2end`.

use http::Method;

use crate::support::{ADA, Site, both};

both! {
    async fn a_page_for_members_sends_others_to_sign_in_and_back(site: &Site) {
        let house = site.house().await;

        let answer = house.browser().get("/account").await;

        assert_eq!((answer.told().as_str(), answer.header("location")), ("303", "/login"));
    }

    async fn the_development_mailbox_is_for_this_machine_alone(site: &Site) {
        let house = site.house().await;
        house.account(ADA).await;
        let mut here = house.browser().at("127.0.0.1");

        let json = here.get("/dev/mailbox.json").await;

        assert_eq!(json.told(), "200");
        let letters = json.json();
        assert_eq!(letters.as_array().map(Vec::len), Some(1));
        let mut members: Vec<_> = letters[0].as_object().expect("an object").keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["createdAt", "html", "id", "subject", "text", "to"]);
        let id = letters[0]["id"].as_str().expect("an id").to_owned();
        for path in ["/dev/mailbox".to_owned(), "/dev/mailbox.json".to_owned(), format!("/dev/mailbox/{id}")] {
            let own = here.request(Method::GET, &path);
            assert_eq!(here.send(own).await.told(), "200", "{path}");
            let from_afar = house.browser().get(&path).await;
            assert_eq!(from_afar.status, 404, "{path}");
            for (name, value) in [
                ("host", "evil.example"),
                ("host", "localhost.evil.example:3000"),
                ("x-forwarded-for", "127.0.0.1"),
                ("forwarded", "for=127.0.0.1"),
                ("origin", "https://evil.example"),
            ] {
                let asking = here.request(Method::GET, &path).header(name, value);
                assert_eq!(here.send(asking).await.status, 404, "{path} {name}: {value}");
            }
        }
    }
}
