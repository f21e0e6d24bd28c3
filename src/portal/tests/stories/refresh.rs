//! Refresh tokens (D9): each is used once, a lost race is forgiven, a theft ends everything.

use serde_json::json;

use crate::support::{ADA, Account, Answer, House, Setup, Site, both, claims};

const REVOKED: &str = "401 token_revoked";

/// That a family is over: no token of it opens anything.
async fn assert_ended(house: &House, account: &Account, tokens: &[&str]) {
    for token in tokens {
        assert_eq!(house.program().refresh(token).await.told(), REVOKED);
    }
    assert_eq!(
        house.program().with_bearer(&account.access).me().await,
        REVOKED
    );
}

fn told(answers: &[Answer]) -> Vec<String> {
    answers.iter().map(Answer::told).collect()
}

both! {
    async fn a_token_is_exchanged_for_the_next_pair(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        house.wait(60);

        let answer = house.program().refresh(&account.refresh).await;

        assert_eq!(answer.told(), "200");
        assert_eq!(answer.members(), ["accessToken", "expiresIn", "refreshToken", "tokenType"]);
        assert_eq!(answer.header("cache-control"), "no-store");
        let (next, access) = (answer.member("refreshToken"), answer.member("accessToken"));
        assert_ne!(next, account.refresh);
        let (before, after) = (claims(&account.access).1, claims(&access).1);
        assert_eq!(before["sid"], after["sid"]);
        assert_eq!(before["auth_time"], after["auth_time"], "refreshing is no sign-in");
        assert_ne!(before["jti"], after["jti"]);
        assert_eq!(house.program().with_bearer(&access).me().await, ADA);
        assert_eq!(house.program().refresh(&next).await.told(), "200");
    }

    async fn a_lost_race_gets_the_same_successor(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let mut tab = house.program();
        let first = tab.refresh(&account.refresh).await;

        house.wait(30);
        let again = tab.refresh(&account.refresh).await;

        assert_eq!(again.told(), "200");
        assert_eq!(again.member("refreshToken"), first.member("refreshToken"));
        assert_ne!(again.member("accessToken"), first.member("accessToken"), "a fresh access token");
        assert_eq!(tab.refresh(&first.member("refreshToken")).await.told(), "200", "nobody is signed out");
    }

    async fn a_repeat_after_thirty_seconds_ends_the_family(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let mut tab = house.program();
        let next = tab.refresh(&account.refresh).await.member("refreshToken");

        house.wait(31);

        assert_eq!(tab.refresh(&account.refresh).await.told(), REVOKED);
        assert_ended(&house, &account, &[&account.refresh, &next]).await;
        assert_eq!(house.deliver().await.subjects(), ["ada@example.com: We ended one of your sessions"]);
    }

    async fn a_repeat_after_the_successor_was_used_ends_the_family(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let mut tab = house.program();
        let second = tab.refresh(&account.refresh).await.member("refreshToken");
        let third = tab.refresh(&second).await.member("refreshToken");

        assert_eq!(tab.refresh(&account.refresh).await.told(), REVOKED);

        assert_ended(&house, &account, &[&account.refresh, &second, &third]).await;
    }

    async fn a_grandparent_is_no_lost_race(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let mut tab = house.program();
        let second = tab.refresh(&account.refresh).await.member("refreshToken");
        tab.refresh(&second).await;
        tab.refresh(&second).await;

        assert_eq!(tab.refresh(&account.refresh).await.told(), REVOKED);
    }

    async fn a_repeat_from_another_network_ends_the_family(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let tab = house.program().at("203.0.113.7");
        let next = tab.clone().refresh(&account.refresh).await.member("refreshToken");

        assert_eq!(tab.at("203.0.113.99").refresh(&account.refresh).await.told(), "200", "the same /24");
        assert_eq!(tab.at("203.0.114.7").refresh(&account.refresh).await.told(), REVOKED);

        assert_ended(&house, &account, &[&next]).await;
    }

    async fn a_repeat_by_another_program_ends_the_family(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        let tab = house.program();
        let next = tab.clone().refresh(&account.refresh).await.member("refreshToken");

        assert_eq!(tab.using("thief/1.0").refresh(&account.refresh).await.told(), REVOKED);

        assert_ended(&house, &account, &[&next]).await;
    }

    async fn the_end_of_a_family_ends_no_other_session(site: &Site) {
        let house = site.house().await;
        let stolen = house.account(ADA).await;
        let other = house.sign_in(ADA).await;
        let mut tab = house.program();
        tab.refresh(&stolen.refresh).await;
        house.wait(31);
        assert_eq!(tab.refresh(&stolen.refresh).await.told(), REVOKED);

        assert_eq!(house.program().with_bearer(&other.access).me().await, ADA);
        assert_eq!(house.program().refresh(&other.refresh).await.told(), "200");
    }

    async fn a_token_nobody_issued_is_invalid_and_an_old_one_expired(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        for token in ["x", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "\u{0}", &account.access] {
            assert_eq!(house.program().refresh(token).await.told(), "401 invalid_token");
        }
        assert_eq!(house.program().refresh("").await.told(), "401 invalid_token");

        let mut kept = house.program();
        let next = kept.refresh(&account.refresh).await.member("refreshToken");
        house.wait(6 * 86_400);
        let next = kept.refresh(&next).await.member("refreshToken");
        house.wait(7 * 86_400);

        let late = kept.refresh(&next).await.told();
        assert!(["401 token_expired", "401 token_revoked"].contains(&late.as_str()), "{late}");
        assert_eq!(late, "401 token_expired");
    }

    async fn a_session_ends_after_thirty_days_however_often_it_is_refreshed(site: &Site) {
        let house = site.house().await;
        let mut token = house.account(ADA).await.refresh;
        for _ in 0..5 {
            house.wait(6 * 86_400 - 1);
            token = house.program().refresh(&token).await.member("refreshToken");
        }

        house.wait(5);

        let over = house.program().refresh(&token).await;
        assert_eq!(over.status.as_u16(), 401, "{over:?}");
    }

    async fn rights_are_read_anew(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        site.operate("update users set role = 'viewer'").await;

        let answer = house.program().refresh(&account.refresh).await;

        let claims = claims(&answer.member("accessToken")).1;
        assert_eq!(claims["role"], "viewer");
        assert_eq!(claims["permissions"], json!(["automation:read", "workflow:read"]));
    }

    async fn a_disabled_account_refreshes_nothing(site: &Site) {
        let house = site.house().await;
        let account = house.account(ADA).await;
        site.operate("update users set disabled_at = 1").await;

        assert_eq!(house.program().refresh(&account.refresh).await.told(), REVOKED);
    }

    async fn two_hundred_refreshes_at_once_leave_one_successor_and_nobody_signed_out(site: &Site) {
        let setup = Setup { limits: 100.0, ..Setup::default() };
        // Tasks of their own need a house that outlives this function.
        let house: &'static House = Box::leak(Box::new(site.house_with(setup).await));
        let account = house.account(ADA).await;
        let tab = house.program();

        let racing = (0..200).map(|_| {
            let (mut tab, token) = (tab.clone(), account.refresh.clone());
            tokio::spawn(async move { tab.refresh(&token).await })
        });
        let answers: Vec<Answer> =
            futures::future::join_all(racing).await.into_iter().map(|done| done.expect("answered")).collect();

        assert_eq!(told(&answers), vec!["200"; 200]);
        let mut successors: Vec<_> = answers.iter().map(|answer| answer.member("refreshToken")).collect();
        successors.dedup();
        assert_eq!(successors.len(), 1, "every tab got the same successor");
        assert_eq!(site.count("refresh_tokens where rotated_at is null").await, 1);
        assert_eq!(site.count("sessions where revoked_at is null").await, 1);
        for answer in &answers[..5] {
            assert_eq!(house.program().with_bearer(&answer.member("accessToken")).me().await, ADA);
        }
        assert_eq!(tab.clone().refresh(&successors[0]).await.told(), "200");

        assert_eq!(tab.clone().refresh(&account.refresh).await.told(), REVOKED, "a replay after use");
        assert_ended(house, &account, &[&successors[0]]).await;
        house.auth.close().await;
    }

    async fn a_started_again_portal_forgets_no_theft(site: &Site) {
        let account = {
            let house = site.house().await;
            let account = house.account(ADA).await;
            house.program().at("203.0.113.7").refresh(&account.refresh).await;
            house.auth.close().await;
            account
        };

        let house = site.house().await;

        assert_eq!(house.program().at("198.51.100.1").refresh(&account.refresh).await.told(), REVOKED);
        assert_ended(&house, &account, &[]).await;
    }
}
