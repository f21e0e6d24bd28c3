//! What happens at the beginning of most stories: somebody has an account.

use serde_json::{Value, json};

use super::actor::Actor;
use super::answer::Answer;
use super::house::House;

pub(crate) const ADA: &str = "ada@example.com";
pub(crate) const PASSWORD: &str = "seventeen quiet herons";

/// What somebody sends to register.
pub(crate) fn registration(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

/// Somebody with an account, and the tokens of the sign-in that made it.
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Account {
    fn of(answer: &Answer) -> Self {
        let body = answer.json();
        Self {
            id: body["user"]["id"].as_str().expect("an id").to_owned(),
            access: answer.member("accessToken"),
            refresh: answer.member("refreshToken"),
        }
    }
}

impl House {
    /// Registers, reads the letter and proves the address by its code.
    pub(crate) async fn account(&self, email: &str) -> Account {
        self.account_from(&registration(email)).await
    }

    /// The same with more to say than an address.
    pub(crate) async fn account_from(&self, registration: &Value) -> Account {
        let mut program = self.program();
        let started = program.post("/api/auth/register", registration).await;
        assert_eq!(started.told(), "202");
        let letters = self.deliver().await;
        let letter = letters.to(registration["email"].as_str().expect("an address"));
        let finish = json!({ "code": letter.code(), "registrationToken": started.member("registrationToken") });
        let finished = program.post("/api/auth/verify-email", &finish).await;
        assert_eq!(finished.told(), "200");
        Account::of(&finished)
    }

    /// Signs in once more, as a program.
    pub(crate) async fn sign_in(&self, email: &str) -> Account {
        let answer = self.program().log_in(email, PASSWORD).await;
        assert_eq!(answer.told(), "200");
        Account::of(&answer)
    }
}

impl Actor<'_> {
    pub(crate) async fn log_in(&mut self, email: &str, password: &str) -> Answer {
        self.post(
            "/api/auth/login",
            &json!({ "email": email, "password": password }),
        )
        .await
    }

    /// Signs in with the cookie, as a page of the portal's own origin would.
    pub(crate) async fn log_in_with_cookie(&mut self, email: &str) -> Answer {
        let body = json!({ "email": email, "password": PASSWORD, "useCookie": true });
        let answer = self.post("/api/auth/login", &body).await;
        assert_eq!(answer.told(), "200");
        answer
    }

    pub(crate) async fn refresh(&mut self, token: &str) -> Answer {
        self.post("/api/auth/refresh", &json!({ "refreshToken": token }))
            .await
    }

    /// Who this actor is, as the portal sees it: an address or an error.
    pub(crate) async fn me(&mut self) -> String {
        let answer = self.get("/api/auth/me").await;
        match answer.told().as_str() {
            "200" => answer.json()["user"]["email"]
                .as_str()
                .expect("an address")
                .to_owned(),
            other => other.to_owned(),
        }
    }
}
