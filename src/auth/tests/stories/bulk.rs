//! One act on many: each by itself, nobody who must not be, and every reason said.

use auth::{Hand, Session, Want};
use wire::{ActOnUsers, Bulk, BulkResult, LeftOut, UserStatus};

use crate::invitation::{add_role, admin, give_role, session_of};
use crate::support::*;

const ROOT: &str = "root@example.com";
const BOB: &str = "bob@example.com";

fn bulk(act: &str, ids: &[&str]) -> Bulk {
    let request = ActOnUsers {
        act: act.to_owned(),
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        ..ActOnUsers::default()
    };
    request.check().expect("holds")
}

async fn act(house: &House, by: &Session, bulk: &Bulk) -> BulkResult {
    let preview = house.auth.preview_bulk(by, bulk).await.expect("answers");
    let client = house.somewhere();
    let done = house
        .auth
        .act_on_users(by, bulk, &client)
        .await
        .expect("acts");
    let ids = |result: &BulkResult| {
        let ids = result.affected.iter().map(|user| user.id.clone());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&done), ids(&preview), "what was said is what was done");
    assert_eq!(done.left_out, preview.left_out);
    done
}

fn reasons(result: &BulkResult) -> Vec<LeftOut> {
    result.left_out.iter().map(|user| user.reason).collect()
}

both!(an_act_on_many_says_who_is_left_out_and_why, async |house| {
    let root = admin(house, ROOT).await;
    let ada = house.member("ada@example.com").await;
    let eve = house.member("eve@example.com").await;
    add_role(house, "helper", &["user:manage"]).await;
    let and_what_users_may = "insert into role_grants (role, pattern) \
         select 'helper', pattern from role_grants where role = 'user' returning role";
    house.console(and_what_users_may).await;
    house.sign_up(BOB, Want::Page).await;
    give_role(house, BOB, "helper").await;
    let bob = session_of(house, BOB).await;
    let nobody = house.auth.draw_id();

    let named = [
        &*ada.user.id,
        &bob.user.id,
        &root.user.id,
        &nobody,
        "none",
        &eve.user.id,
    ];
    let done = act(house, &bob, &bulk("suspend", &named)).await;
    assert_eq!(
        reasons(&done),
        [
            LeftOut::Oneself,
            LeftOut::Outranked,
            LeftOut::Unknown,
            LeftOut::Unknown
        ]
    );
    let told: Vec<_> = done.affected.iter().map(|user| user.status).collect();
    assert_eq!(told, [UserStatus::Disabled; 2], "as they stand now");
    assert_eq!(done.left_out[1].email.as_deref(), Some(ROOT));
    assert_eq!(done.left_out[2].email, None);

    let again = act(house, &bob, &bulk("suspend", &[&ada.user.id])).await;
    assert_eq!(reasons(&again), [LeftOut::NothingToDo]);
    let enabled = act(
        house,
        &root,
        &bulk("enable", &[&ada.user.id, &eve.user.id, &bob.user.id]),
    )
    .await;
    assert_eq!(
        (enabled.affected.len(), reasons(&enabled)),
        (2, vec![LeftOut::NothingToDo])
    );

    house.other_device("ada@example.com").await;
    let signed_out = act(
        house,
        &root,
        &bulk("sign_out", &[&ada.user.id, &eve.user.id]),
    )
    .await;
    assert_eq!(
        (signed_out.affected.len(), reasons(&signed_out)),
        (1, vec![LeftOut::NothingToDo])
    );
    let deleted = act(house, &root, &bulk("delete", &[&ada.user.id, &eve.user.id])).await;
    assert_eq!(deleted.affected[0].status, UserStatus::Leaving);
    let noted = "select id from audit_log where action = 'user.deletion_scheduled'";
    assert_eq!(house.console(noted).await.len(), 2, "a trace for each");
});

both!(an_act_on_all_admins_leaves_one, async |house| {
    let root = admin(house, ROOT).await;
    let one = admin(house, "one@example.com").await;
    let two = admin(house, "two@example.com").await;

    let done = act(
        house,
        &root,
        &bulk("suspend", &[&one.user.id, &two.user.id]),
    )
    .await;
    assert_eq!(done.affected.len(), 2, "whoever acts is left");
    let one = house.auth.managed_user(Hand::Operator, &one.user.id).await;
    assert_eq!(
        one.expect("answers").expect("is there").user.status,
        UserStatus::Disabled
    );

    // The role of whoever acts is another by the time: all admins are among those named.
    house
        .auth
        .enable_user(Hand::Operator, &two.user.id, &house.somewhere())
        .await
        .expect("enables");
    add_role(house, "chief", &["*:*"]).await;
    give_role(house, ROOT, "chief").await;
    let chief = session_of(house, ROOT).await;
    let done = act(house, &chief, &bulk("delete", &[&two.user.id])).await;
    assert_eq!(reasons(&done), [LeftOut::LastAdmin]);
});

both!(
    who_is_signed_out_meanwhile_does_nothing_more,
    async |house| {
        let root = admin(house, ROOT).await;
        let ada = house.member("ada@example.com").await;
        let client = house.somewhere();
        let ended = house
            .auth
            .sign_out_user(Hand::Operator, &root.user.id, &client)
            .await;
        ended.expect("ends");

        let refused = house
            .auth
            .act_on_users(&root, &bulk("delete", &[&ada.user.id]), &client)
            .await;
        assert_eq!(code(refused), wire::ErrorCode::AuthenticationRequired);
        let noted = "select id from audit_log where action = 'user.deletion_scheduled'";
        assert_eq!(house.console(noted).await, [""; 0]);
    }
);
