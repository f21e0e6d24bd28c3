//! What happens to a key at once, on two nodes (rows 83, 84).

use std::collections::BTreeMap;

use serde_json::json;

use super::{KEYS, Key, ME, used};
use crate::support::{ADA, Answer, House, Setup, Site, both};

/// A node that counts nothing but keys, and lives as long as tasks of their own need it.
async fn node(site: &Site) -> &'static House {
    let setup = Setup {
        limits: 0.0,
        ..Setup::default()
    };
    Box::leak(Box::new(site.house_with(setup).await))
}

async fn at_once<F: Future<Output = Answer> + Send + 'static>(
    many: usize,
    one: impl Fn(usize) -> F,
) -> Vec<Answer> {
    let racing: Vec<_> = (0..many).map(|at| tokio::spawn(one(at))).collect();
    let done = futures::future::join_all(racing).await;
    done.into_iter()
        .map(|answer| answer.expect("answered"))
        .collect()
}

both! {
    async fn two_nodes_together_let_no_more_through_than_the_limit(site: &Site) {
        let nodes = [node(site).await, node(site).await];
        let ada = nodes[0].account(ADA).await;
        let mut owner = nodes[0].program().with_bearer(&ada.access);
        let made = owner.post(KEYS, &json!({ "name": "Busy", "permissions": [], "rateLimit": 100 })).await;
        let key = Key::of(&made).text;

        let answers = at_once(200, |at| {
            let mut program = nodes[at % 2].program().with_key(&key);
            async move { program.get(ME).await }
        }).await;

        let through = answers.iter().filter(|answer| answer.told() == "200").count();
        assert_eq!(through, 100, "under two hundred an hour the count is exact");
        for answer in answers.iter().filter(|answer| answer.told() != "200") {
            assert_eq!((answer.told().as_str(), answer.header("retry-after")), ("429 rate_limited", "3600"));
            assert_eq!(answer.header("ratelimit"), "\"api-key\";r=0;t=3600");
        }
        for node in nodes {
            assert_eq!(used(node, &key).await, "429 rate_limited");
        }
    }

    async fn two_nodes_that_count_in_blocks_stay_within_the_limit_as_well(site: &Site) {
        let nodes = [node(site).await, node(site).await];
        let ada = nodes[0].account(ADA).await;
        let mut owner = nodes[0].program().with_bearer(&ada.access);
        let made = owner.post(KEYS, &json!({ "name": "Busier", "permissions": [], "rateLimit": 250 })).await;
        let key = Key::of(&made).text;

        let answers = at_once(400, |at| {
            let mut program = nodes[usize::from(at % 3 == 0)].program().with_key(&key);
            async move { program.get(ME).await }
        }).await;

        let mut told = BTreeMap::new();
        for answer in &answers {
            *told.entry(answer.told()).or_insert(0) += 1;
        }
        assert!((249..=250).contains(&told["200"]), "at most a block less one is lost: {told:?}");
    }

    async fn fifty_first_uses_at_once_take_one_block_of_the_hour(site: &Site) {
        let node = node(site).await;
        let ada = node.account(ADA).await;
        let mut owner = node.program().with_bearer(&ada.access);
        for round in 1..=10 {
            let made = owner.post(KEYS, &json!({ "name": "New", "permissions": [], "rateLimit": 5000 })).await;
            let key = Key::of(&made).text;
            let answers = at_once(50, |_| {
                let mut program = node.program().with_key(&key);
                async move { program.get(ME).await }
            }).await;
            assert!(answers.iter().all(|answer| answer.told() == "200"));
            let taken = site.count("rates where bucket = 'api_key' and count = 50").await;
            assert_eq!(taken, round, "one block of fifty each");
        }
    }

    async fn of_fifty_who_roll_one_key_at_once_one_does(site: &Site) {
        let nodes = [node(site).await, node(site).await];
        let ada = nodes[0].account(ADA).await;
        let mut owner = nodes[0].program().with_bearer(&ada.access);
        let made = owner.post(KEYS, &json!({ "name": "Rolled", "permissions": ["workflow:read"] })).await;
        let key = Key::of(&made);

        let answers = at_once(50, |at| {
            let mut owner = nodes[at % 2].program().with_bearer(&ada.access);
            let path = format!("{}/rotate", key.path());
            async move { owner.post(&path, &json!({ "overlapSeconds": 3600 })).await }
        }).await;

        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 201);
        assert_eq!((won.len(), lost.len()), (1, 49));
        assert!(lost.iter().all(|answer| answer.told() == "409 conflict status:taken"));
        assert_eq!(site.count("api_keys").await, 2);
        assert_eq!(site.count("audit_log where action = 'api_key.rolled'").await, 1);
        let new = Key::of(won[0]);
        assert_eq!((used(nodes[0], &new.text).await, used(nodes[1], &key.text).await), ("200".to_owned(), "200".to_owned()));
        let one = owner.get(&key.path()).await.json();
        assert_eq!(one["key"]["successorId"], json!(new.id));
    }
}
