//! A deletion somebody else ordered is not the owner's to call off (req 106), and while it lasts nothing
//! opens the account.

use auth::{Hand, LetterKind, LogInError, ManageUserError, Want};
use wire::{DeleteAccount, DeleteUser, Disabling, ErrorCode, FieldCode, LeftOut, UserStatus};

use crate::invitation::{add_role, admin, give_role, session_of};
use crate::support::*;

const ROOT: &str = "root@example.com";
const ADA: &str = "ada@example.com";
const EVE: &str = "eve@evil.example";

async fn delete(house: &House, id: &str) {
    let client = house.somewhere();
    let request = DeleteUser::default();
    let deleted = house
        .auth
        .delete_user(Hand::Operator, id, &request, &client);
    deleted.await.expect("is taken on");
}

async fn status(house: &House, id: &str) -> UserStatus {
    let one = house.auth.managed_user(Hand::Operator, id).await;
    one.expect("answers").expect("is there").user.status
}

async fn disable(house: &House, id: &str, seconds: Option<i64>) -> Result<(), ManageUserError> {
    let (reason, client) = (None, house.somewhere());
    let disabling = Disabling { reason, seconds };
    let hand = Hand::Operator;
    house.auth.disable_user(hand, id, &disabling, &client).await
}

async fn unproven(house: &House, address: &str) {
    let taken =
        format!("update users set email_verified_at = null where email = '{address}' returning id");
    assert_eq!(house.console(&taken).await.len(), 1);
}

both!(registering_again_offers_nothing_to_keep, async |house| {
    let ada = house.member(ADA).await;
    delete(house, &ada.user.id).await;
    house.letters().await;

    house.register(account(ADA)).await;
    let letter = house.letter().await;
    assert!(
        matches!(letter.kind, LetterKind::AlreadyRegistered { .. }),
        "{letter:?}"
    );
});

both!(
    a_letter_that_waits_while_it_is_ordered_offers_nothing_either,
    async |house| {
        let ada = house.member(ADA).await;
        house.letters().await;
        let typed = DeleteAccount {
            confirmation: ADA.to_owned(),
        };
        let client = house.somewhere();
        let closed = house.auth.delete_account(&ada, &typed, &client).await;
        closed.expect("is closed");

        delete(house, &ada.user.id).await;
        assert_eq!(house.letters().await.len(), 0);
        house.log_in(ADA, PASSWORD).await.expect_err("is closed");
        assert_eq!(house.letters().await.len(), 0, "knowing the password, too");
    }
);

both!(
    an_account_taken_back_stays_to_be_deleted_where_that_was_ordered,
    async |house| {
        let thief = house.member(ADA).await;
        let undo = undo_of(&house.moved(&thief, EVE).await);
        delete(house, &thief.user.id).await;

        let taken_back = house.undo(&undo).await.expect("the address is back");
        assert_eq!(taken_back.address, None);
        assert_eq!(house.address_of(&thief.user.id).await, ADA);
        assert_eq!(status(house, &thief.user.id).await, UserStatus::Leaving);
    }
);

both!(
    what_is_about_to_be_deleted_is_neither_enabled_nor_suspended,
    async |house| {
        let ada = house.member(ADA).await;
        let (id, client) = (&ada.user.id, house.somewhere());
        delete(house, id).await;

        let enabled = house.auth.enable_user(Hand::Operator, id, &client).await;
        for refused in [enabled, disable(house, id, Some(60)).await] {
            let told: wire::Error = refused.expect_err("is refused").into();
            assert_eq!(told, wire::Error::conflict("deletesAt"));
        }
        house.advance(61);
        house.auth.tend().await.expect("tends");
        assert_eq!(status(house, id).await, UserStatus::Leaving);
        house.log_in(ADA, PASSWORD).await.expect_err("is closed");

        let kept = house.auth.keep_user(Hand::Operator, id, &client).await;
        kept.expect("keeps");
        let enabled = house.auth.enable_user(Hand::Operator, id, &client).await;
        enabled.expect("enables");
        house.log_in(ADA, PASSWORD).await.expect("signs in");
    }
);

both!(
    an_act_on_many_leaves_out_who_is_leaving_or_disabled_for_good,
    async |house| {
        let root = admin(house, ROOT).await;
        let (ada, bob) = (
            house.member(ADA).await,
            house.member("bob@example.com").await,
        );
        delete(house, &ada.user.id).await;
        disable(house, &bob.user.id, None).await.expect("disables");
        let ids = [ada.user.id.clone(), bob.user.id.clone()].to_vec();
        let request = wire::ActOnUsers {
            act: "suspend".to_owned(),
            ids,
            seconds: Some(60),
            ..wire::ActOnUsers::default()
        };
        let bulk = request.check().expect("holds");

        let client = house.somewhere();
        let done = house.auth.act_on_users(&root, &bulk, &client).await;
        let done = done.expect("answers");
        let reasons: Vec<_> = done.left_out.iter().map(|user| user.reason).collect();
        assert_eq!(reasons, [LeftOut::Leaving, LeftOut::NothingToDo]);
        house.advance(61);
        house.auth.tend().await.expect("tends");
        assert_eq!(status(house, &bob.user.id).await, UserStatus::Disabled);
    }
);

both!(
    an_admin_whose_address_is_not_proven_looks_after_nothing,
    async |house| {
        let root = admin(house, ROOT).await;
        let other = admin(house, ADA).await;
        unproven(house, ADA).await;

        let last = disable(house, &root.user.id, None).await;
        let told: wire::Error = last.expect_err("is refused").into();
        assert_eq!(told, wire::Error::conflict("role"));
        let client = house.somewhere();
        let request = DeleteUser::default();
        let hand = Hand::Operator;
        let last = house
            .auth
            .delete_user(hand, &root.user.id, &request, &client);
        assert_eq!(code(last.await), ErrorCode::Conflict);
        assert!(house.auth.is_last_admin(&root).await.expect("answers"));

        // One who may do nothing is nobody's last.
        disable(house, &other.user.id, None)
            .await
            .expect("disables");
        add_role(house, "chief", &["*:*"]).await;
        house.sign_up("chief@example.com", Want::Page).await;
        give_role(house, "chief@example.com", "chief").await;
        let chief = session_of(house, "chief@example.com").await;
        let request = wire::ActOnUsers {
            act: "suspend".to_owned(),
            ids: vec![root.user.id.clone()],
            ..wire::ActOnUsers::default()
        };
        let bulk = request.check().expect("holds");
        let seen = house.auth.preview_bulk(&chief, &bulk).await.expect("looks");
        assert_eq!(seen.left_out[0].reason, LeftOut::LastAdmin);
    }
);

both!(
    unlocking_and_guessing_wait_for_each_other_in_one_order,
    async |house| {
        admin(house, ROOT).await;
        let ada = house.member(ADA).await;
        let done = at_once(200, |n| {
            let (auth, id) = (house.auth.clone(), ada.user.id.clone());
            let network = at(&format!("203.0.113.{}", n % 3));
            async move {
                if n % 5 == 0 {
                    let hand = Hand::Operator;
                    return match auth.unlock_user(hand, &id, &network).await {
                        Ok(()) => None,
                        Err(error) => Some(error.to_string()),
                    };
                }
                let credentials = credentials(ADA, "not the password");
                match auth.log_in(credentials, Want::Page, &network).await {
                    Err(LogInError::Fault(fault)) => Some(fault.to_string()),
                    _ => None,
                }
            }
        })
        .await;
        assert!(done.iter().all(Option::is_none), "{done:?}");
    }
);

both!(what_cannot_be_called_off_needs_the_address, async |house| {
    let ada = house.member(ADA).await;
    let (id, client) = (&ada.user.id, house.somewhere());
    for (confirmation, code) in [
        (None, FieldCode::Required),
        (Some("yes"), FieldCode::Mismatch),
    ] {
        let request = DeleteUser {
            confirmation: confirmation.map(str::to_owned),
            immediately: Some(true),
        };
        let hand = Hand::Operator;
        let refused = house.auth.delete_user(hand, id, &request, &client).await;
        let told: wire::Error = refused.expect_err("is refused").into();
        assert_eq!(told, wire::Error::field("confirmation", code));
    }
    assert_eq!(status(house, id).await, UserStatus::Active);
    delete(house, id).await;
    assert_eq!(status(house, id).await, UserStatus::Leaving);
});
