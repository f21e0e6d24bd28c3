//! How many there may be of what people make (row 84): beyond that a clear refusal, and nothing changed.

use auth::Caps;
use http::Method;
use serde_json::json;

use crate::managed_users::root;
use crate::support::{ADA, Answer, Setup, Site, both};

const TENANTS: &str = "/api/admin/tenants";

/// A portal in which there may be so many, and where nobody is too often anywhere.
fn at_most(caps: Caps) -> Setup {
    Setup {
        limits: 0.0,
        caps,
        ..Setup::default()
    }
}

fn count(answer: &Answer, list: &str) -> i64 {
    let many = answer.json()[list].as_array().map(Vec::len);
    i64::try_from(many.expect("a list")).expect("few")
}

both! {
    async fn roles_and_permissions_have_an_end(site: &Site) {
        // Four roles and so many permissions come with the portal.
        let built_in = {
            let house = site.house().await;
            let mut root = root(&house).await;
            let roles = count(&root.get("/api/admin/roles").await, "roles");
            (roles, count(&root.get("/api/admin/permissions").await, "permissions"))
        };
        let caps = Caps { roles: built_in.0 + 1, permissions: built_in.1 + 1, ..Caps::default() };
        let house = site.house_with(at_most(caps)).await;
        let mut root = house.browser();
        root.log_in_with_cookie("root@example.com").await;
        for (path, body, told) in [
            ("/api/admin/roles", json!({ "name": "reader", "patterns": ["workflow:read"] }), "201"),
            ("/api/admin/roles", json!({ "name": "writer" }), "409 conflict roles:taken"),
            ("/api/admin/roles", json!({ "name": "reader" }), "409 conflict name:taken"),
            ("/api/admin/permissions", json!({ "name": "invoice:read", "description": "See invoices" }), "201"),
            ("/api/admin/permissions", json!({ "name": "invoice:pay", "description": "Pay them" }), "409 conflict permissions:taken"),
        ] {
            assert_eq!(root.post(path, &body).await.told(), told, "{body}");
        }
        // A preset is loaded as a whole or not at all.
        let before = (site.count("roles").await, site.count("permissions").await, site.count("role_grants").await);
        let loaded = root.poke("/api/admin/presets/clinic/load").await;
        assert_eq!(loaded.told(), "409 conflict roles:taken");
        assert_eq!((site.count("roles").await, site.count("permissions").await, site.count("role_grants").await), before);
        let gone = root.request(Method::DELETE, "/api/admin/roles/reader");
        assert_eq!(root.send(gone).await.told(), "204");
        assert_eq!(root.post("/api/admin/roles", &json!({ "name": "writer" })).await.told(), "201", "room again");
        // What is given at once has an end of its own.
        let many: Vec<_> = (0..201).map(|at| format!("a:b{at}")).collect();
        let wide = root.post("/api/admin/roles", &json!({ "name": "wide", "patterns": many })).await;
        assert_eq!(wide.told(), "400 invalid_request patterns:too_long");
    }

    async fn so_much_is_entrusted_to_one_account(site: &Site) {
        let house = site.house_with(at_most(Caps { assignments: 2, ..Caps::default() })).await;
        let ada = house.account(ADA).await;
        let bob = house.account("bob@example.com").await;
        let mut root = root(&house).await;
        for (user, id, told) in [
            (&ada.id, "1", "201"),
            (&ada.id, "2", "201"),
            (&ada.id, "3", "409 conflict assignments:taken"),
            (&ada.id, "2", "409 conflict resourceId:taken"),
            (&bob.id, "3", "201"),
        ] {
            let body = json!({ "userId": user, "resourceType": "patient", "resourceId": id });
            assert_eq!(root.post("/api/admin/assignments", &body).await.told(), told, "{body}");
        }
        assert_eq!(site.count("assignments").await, 3);
        assert_eq!(site.count("audit_log where action = 'assignment.added'").await, 3, "what was refused left no row");
    }

    async fn a_tenant_has_so_many_members_and_invitations(site: &Site) {
        let caps = Caps { members: 4, invitations: 2, ..Caps::default() };
        let house = site.house_with(at_most(caps)).await;
        for email in [ADA, "bob@example.com", "eve@example.com"] {
            house.account(email).await;
        }
        let mut root = root(&house).await;
        let id = root.post(TENANTS, &json!({ "name": "Acme" })).await.member("id");
        let (members, invitations) = (format!("{TENANTS}/{id}/members"), format!("{TENANTS}/{id}/invitations"));
        let invite = |emails: &[&str]| json!({ "emails": emails, "role": "viewer" });

        let three = invite(&["x1@example.com", "x2@example.com", "x3@example.com"]);
        assert_eq!(root.post(&invitations, &three).await.told(), "409 conflict invitations:taken", "all or none");
        assert_eq!(site.count("invitations").await, 0);
        assert_eq!(root.post(&invitations, &invite(&["x1@example.com"])).await.told(), "200");
        let by_people = json!({ "email": "x2@example.com", "role": "viewer", "tenantId": id });
        assert_eq!(root.post("/api/admin/users/invite", &by_people).await.told(), "201");
        let by_people = json!({ "email": "x3@example.com", "role": "viewer", "tenantId": id });
        assert_eq!(root.post("/api/admin/users/invite", &by_people).await.told(), "409 conflict invitations:taken", "by the other door, too");
        let elsewhere = json!({ "email": "x3@example.com", "role": "viewer" });
        assert_eq!(root.post("/api/admin/users/invite", &elsewhere).await.told(), "201", "into no tenant");

        for (email, told) in [(ADA, "201"), ("bob@example.com", "201"), ("eve@example.com", "409 conflict members:taken")] {
            let answer = root.post(&members, &json!({ "email": email, "role": "viewer" })).await;
            assert_eq!(answer.told(), told, "whoever is invited has a place: {email}");
        }
        assert_eq!(site.count("memberships").await, 2);
        house.wait(8 * 86_400);
        let mut root = house.browser();
        root.log_in_with_cookie("root@example.com").await;
        let late = root.post(&members, &json!({ "email": "eve@example.com", "role": "viewer" })).await;
        assert_eq!(late.told(), "201", "an invitation that has ended takes no place");
    }
}
