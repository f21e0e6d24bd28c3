//! 10 000 steps: whatever sequence of grants, roles and tenants, nobody ever gets a right wider than its
//! giver's (security.md row 94). Acts go through the core; what they must do is told by a small model
//! that shares no code with it: here a right is a *set* over a world in which every name that could ever
//! be added exists already, so that a wildcard is wider than all that it permits today.
//!
//! After each step: the core took the act if and only if the model does; what anybody gained, wherever
//! they act, the giver held there; and what the core says of somebody's rights, with where each comes
//! from, is what the model says. A failure names its seed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use auth::{RightsChange, Session, Want};
use wire::{MemberChange, Permission, RoleDraft, RoleName, TenantName};

use crate::invitation::admin;
use crate::role::{gives, patterns};
use crate::support::*;

/// Steps of one seed; four seeds make ten thousand on each database.
const STEPS: usize = 2_500;

/// Names of permissions that come and go, and those of the portal itself.
const LOOSE: [&str; 4] = ["alpha:read", "alpha:write", "beta:read", "beta:write"];
const PORTAL: [&str; 4] = [
    "user:manage",
    "apikey:manage",
    "audit:read",
    "system:config",
];
/// What is given in this world.
const PATTERNS: [&str; 10] = [
    "alpha:read",
    "alpha:write",
    "alpha:*",
    "beta:read",
    "beta:*",
    "user:manage",
    "system:config",
    "tenant:manage",
    "audit:read",
    "*:*",
];
const ROLES: [&str; 6] = ["admin", "user", "viewer", "api", "role-one", "role-two"];

/// Every name there could ever be: `later` stands for what is not thought of yet.
fn world() -> Vec<String> {
    let mut names = Vec::new();
    for resource in [
        "alpha",
        "beta",
        "workflow",
        "automation",
        "user",
        "apikey",
        "audit",
        "system",
        "tenant",
        "later",
    ] {
        for action in [
            "create", "read", "update", "delete", "execute", "write", "manage", "config", "later",
        ] {
            names.push(format!("{resource}:{action}"));
        }
    }
    names
}

/// A condition makes it another right: `true` is for assigned resources alone.
type Given = BTreeMap<String, bool>;
type Set = BTreeSet<(String, bool)>;

fn permits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some("*:") => true,
        Some(resource) => name.starts_with(resource),
        None => pattern == name,
    }
}

/// What patterns permit, of all there could be.
fn set(given: &Given) -> Set {
    let mut all = Set::new();
    for (pattern, bound) in given {
        let names = world().into_iter().filter(|name| permits(pattern, name));
        all.extend(names.map(|name| (name, *bound)));
    }
    all
}

/// Whether each of these is held at least as freely.
fn within(these: &Set, held: &Set) -> bool {
    these.iter().all(|(name, bound)| {
        held.contains(&(name.clone(), false)) || (*bound && held.contains(&(name.clone(), true)))
    })
}

#[derive(Clone)]
struct Person {
    role: String,
    grants: Given,
    /// By tenant: the role there, and what is given beside it.
    memberships: BTreeMap<usize, (String, Given)>,
}

#[derive(Clone)]
struct Model {
    catalogue: BTreeSet<String>,
    roles: BTreeMap<String, Given>,
    people: Vec<Person>,
}

impl Model {
    /// Role and grants.
    fn own(&self, person: &Person) -> Set {
        let mut all = set(&self.roles[&person.role]);
        all.extend(set(&person.grants));
        all
    }

    /// All of it, wherever, as written: what somebody else has to hold to act on them.
    fn whole(&self, person: &Person) -> Set {
        let mut all = self.own(person);
        for (role, grants) in person.memberships.values() {
            all.extend(set(&self.roles[role]));
            all.extend(set(grants));
        }
        all
    }

    /// What counts in a place: a membership gives nothing of the portal's.
    fn there(&self, person: &Person, tenant: Option<usize>) -> Set {
        let mut all = self.own(person);
        if let Some((role, grants)) = tenant.and_then(|tenant| person.memberships.get(&tenant)) {
            let mut more = set(&self.roles[role]);
            more.extend(set(grants));
            more.retain(|(name, _)| !PORTAL.contains(&name.as_str()));
            all.extend(more);
        }
        all
    }

    fn is_known(&self, pattern: &str, given: &Given) -> bool {
        pattern == "*:*"
            || given.contains_key(pattern)
            || self.catalogue.iter().any(|name| permits(pattern, name))
    }

    fn holds(&self, actor: usize, name: &str) -> bool {
        let held = self.own(&self.people[actor]);
        held.contains(&(name.to_owned(), false))
    }

    fn admins(&self) -> usize {
        self.people
            .iter()
            .filter(|person| person.role == "admin")
            .count()
    }

    fn holders(&self, role: &str) -> usize {
        let of = |person: &Person| {
            let there = person.memberships.values().filter(|(name, _)| name == role);
            usize::from(person.role == role) + there.count()
        };
        self.people.iter().map(of).sum()
    }
}

/// A step: who, and what. `None` is the operator, who may all.
#[derive(Clone, Debug)]
struct Step {
    by: Option<usize>,
    act: Act,
}

#[derive(Clone, Debug)]
enum Act {
    SetRole(usize, String),
    SetGrants(usize, Given),
    AddRole(String, Given),
    ChangeRole(String, Given),
    DeleteRole(String, Option<String>),
    AddPermission(String),
    RemovePermission(String),
    ChangeMember(usize, usize, String, Given),
}

/// xorshift: the same steps for the same seed, on both databases.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).expect("fits")
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    fn given(&mut self) -> Given {
        let many = self.roll(4);
        let one = |dice: &mut Self| (dice.pick(&PATTERNS).to_owned(), dice.roll(4) == 0);
        (0..many).map(|_| one(self)).collect()
    }

    fn step(&mut self, people: usize, tenants: usize) -> Step {
        let by = (self.roll(8) > 0).then(|| self.roll(people));
        let (whom, role) = (self.roll(people), self.pick(&ROLES).to_owned());
        let act = match self.roll(12) {
            0 | 1 => Act::SetRole(whom, role),
            2..=4 => Act::SetGrants(whom, self.given()),
            5 => Act::AddRole(role, self.given()),
            6 | 7 => Act::ChangeRole(role, self.given()),
            8 => {
                let other = self.pick(&ROLES).to_owned();
                Act::DeleteRole(role, (self.roll(2) == 0).then_some(other))
            }
            9 => match self.roll(2) {
                0 => Act::AddPermission(self.pick(&LOOSE).to_owned()),
                _ => Act::RemovePermission(self.pick(&LOOSE).to_owned()),
            },
            _ => Act::ChangeMember(whom, self.roll(tenants), role, self.given()),
        };
        Step { by, act }
    }
}

impl Model {
    /// What becomes of a step: the world after it, or nothing where it must be refused. `None` for acts
    /// in tenants, whose own rules are not told here: of those the giver's rights alone are looked at.
    fn after(&self, step: &Step) -> Option<Result<Self, ()>> {
        if matches!(step.act, Act::ChangeMember(..)) {
            return None;
        }
        Some(self.taken(step).ok_or(()))
    }

    fn taken(&self, Step { by, act }: &Step) -> Option<Self> {
        let mut next = self.clone();
        let held = by.map(|by| self.own(&self.people[by]));
        let may_give = |given: &Given| held.as_ref().is_none_or(|held| within(&set(given), held));
        let may = |name: &str| by.is_none_or(|by| self.holds(by, name));
        let known =
            |wanted: &Given, given: &Given| wanted.keys().all(|one| self.is_known(one, given));
        match act {
            Act::SetRole(whom, _) | Act::SetGrants(whom, _) => {
                let person = &self.people[*whom];
                let reaches = held
                    .as_ref()
                    .is_none_or(|held| within(&self.whole(person), held));
                if *by == Some(*whom) || !may("user:manage") || !reaches {
                    return None;
                }
                match act {
                    Act::SetRole(_, role) if *role != person.role => {
                        let given = self.roles.get(role).filter(|_| role != "api")?;
                        next.people[*whom].role.clone_from(role);
                        (may_give(given) && next.admins() > 0).then_some(next)
                    }
                    Act::SetGrants(_, grants) if *grants != person.grants => {
                        next.people[*whom].grants = grants.clone();
                        (known(grants, &person.grants) && may_give(grants)).then_some(next)
                    }
                    _ => Some(next),
                }
            }
            _ if !may("system:config") => None,
            Act::AddRole(name, given) => {
                next.roles.insert(name.clone(), given.clone());
                let is_new = !self.roles.contains_key(name);
                (is_new && known(given, &Given::new()) && may_give(given)).then_some(next)
            }
            Act::ChangeRole(name, given) => {
                let former = self
                    .roles
                    .get(name)
                    .filter(|_| !["admin", "api"].contains(&name.as_str()))?;
                next.roles.insert(name.clone(), given.clone());
                (known(given, former) && may_give(former) && may_give(given)).then_some(next)
            }
            Act::DeleteRole(name, other) => {
                let is_built_in = ROLES[..4].contains(&name.as_str());
                let former = self.roles.get(name).filter(|_| !is_built_in)?;
                if !may_give(former) || (other.is_none() && self.holders(name) > 0) {
                    return None;
                }
                let has_it = |person: &&Person| {
                    let mut roles = person.memberships.values().map(|(role, _)| role);
                    person.role == *name || roles.any(|role| role == name)
                };
                let mut theirs = self.people.iter().filter(has_it).map(|one| self.whole(one));
                if held
                    .as_ref()
                    .is_some_and(|held| !theirs.all(|all| within(&all, held)))
                {
                    return None;
                }
                if let Some(other) = other {
                    let given = self
                        .roles
                        .get(other)
                        .filter(|_| other != "api" && other != name)?;
                    if !may_give(given) {
                        return None;
                    }
                    for person in &mut next.people {
                        let theirs = person.memberships.values_mut().map(|(role, _)| role);
                        for role in std::iter::once(&mut person.role).chain(theirs) {
                            if role == name {
                                role.clone_from(other);
                            }
                        }
                    }
                }
                next.roles.remove(name);
                Some(next)
            }
            Act::AddPermission(name) => next.catalogue.insert(name.clone()).then_some(next),
            Act::RemovePermission(name) => {
                let named = Given::from([(name.clone(), false)]);
                if !next.catalogue.remove(name) || !may_give(&named) {
                    return None;
                }
                next.roles
                    .values_mut()
                    .for_each(|given| given.retain(|one, _| one != name));
                for person in &mut next.people {
                    person.grants.remove(name);
                    person
                        .memberships
                        .values_mut()
                        .for_each(|(_, given)| given.retain(|one, _| one != name));
                }
                Some(next)
            }
            Act::ChangeMember(..) => unreachable!("is not judged here"),
        }
    }
}

/// The people of a run, as the core knows them.
struct Cast {
    sessions: Vec<Arc<Session>>,
    cookies: Vec<auth::CookieToken>,
    tenants: Vec<String>,
}

fn split(given: &Given) -> (Vec<&str>, Vec<&str>) {
    let of = |wanted: bool| {
        given
            .iter()
            .filter(move |(_, bound)| **bound == wanted)
            .map(|(name, _)| name.as_str())
    };
    (of(false).collect(), of(true).collect())
}

impl Cast {
    async fn act(&self, house: &House, step: &Step) -> bool {
        let (auth, client) = (&house.auth, at("10.0.0.7"));
        let by = step.by.map(|by| &*self.sessions[by]);
        let id = |whom: usize| self.sessions[whom].user.id.as_str();
        let draft = |given: &Given| {
            let (free, bound) = split(given);
            RoleDraft {
                grants: gives(&free, &bound),
                ..RoleDraft::default()
            }
        };
        let name = |name: &str| Permission::parse(name).expect("a permission");
        match &step.act {
            Act::SetRole(whom, role) => {
                auth.set_role_of(by, id(*whom), role, &client).await.is_ok()
            }
            Act::SetGrants(whom, given) => {
                let grants = draft(given).grants;
                let change = RightsChange {
                    grants: Some(&grants),
                    ..RightsChange::default()
                };
                auth.set_rights_of(by, id(*whom), &change, &client)
                    .await
                    .is_ok()
            }
            Act::AddRole(role, given) => {
                let role = RoleName::parse(role).expect("a name");
                auth.add_role(by, &role, &draft(given), &client)
                    .await
                    .is_ok()
            }
            Act::ChangeRole(role, given) => auth
                .change_role(by, role, &draft(given), &client)
                .await
                .is_ok(),
            Act::DeleteRole(role, other) => auth
                .delete_role(by, role, (other.as_deref(), None), &client)
                .await
                .is_ok(),
            Act::AddPermission(one) => auth
                .add_permission(by, &name(one), "of a story", &client)
                .await
                .is_ok(),
            Act::RemovePermission(one) => auth
                .delete_permission(by, &name(one), &client)
                .await
                .is_ok(),
            Act::ChangeMember(whom, tenant, role, given) => {
                let (free, bound) = split(given);
                let change = MemberChange {
                    role: Some(role.clone()),
                    patterns: Some(patterns(&free)),
                    assigned: Some(patterns(&bound)),
                    status: None,
                };
                let tenant = &self.tenants[*tenant];
                auth.change_member(by, tenant, id(*whom), &change, &client)
                    .await
                    .is_ok()
            }
        }
    }

    /// Everything the core says somebody holds, and why, in the model's words.
    async fn told(&self, house: &House, whom: usize) -> BTreeSet<String> {
        let rights = house
            .auth
            .rights_of(None, &self.sessions[whom].user.id)
            .await;
        let rights = rights.expect("reads").expect("is there");
        let mut told = BTreeSet::new();
        for right in rights.effective {
            for source in right.sources {
                let tenant = source
                    .tenant_id
                    .and_then(|id| self.tenants.iter().position(|one| *one == id));
                told.insert(format!(
                    "{} {} {} {:?} {:?}",
                    right.permission, source.pattern, source.only_assigned, source.role, tenant
                ));
            }
        }
        told
    }
}

impl Model {
    fn told(&self, whom: usize) -> BTreeSet<String> {
        let person = &self.people[whom];
        let mut told = BTreeSet::new();
        let mut tell = |given: &Given, role: Option<&String>, tenant: Option<usize>| {
            for name in &self.catalogue {
                let counts = tenant.is_none() || !PORTAL.contains(&name.as_str());
                for (pattern, bound) in given.iter().filter(|(one, _)| counts && permits(one, name))
                {
                    told.insert(format!("{name} {pattern} {bound} {role:?} {tenant:?}"));
                }
            }
        };
        tell(&self.roles[&person.role], Some(&person.role), None);
        tell(&person.grants, None, None);
        for (tenant, (role, grants)) in &person.memberships {
            tell(&self.roles[role], Some(role), Some(*tenant));
            tell(grants, None, Some(*tenant));
        }
        told
    }

    /// What a session that acts in no tenant shows.
    fn shown(&self, whom: usize) -> Vec<String> {
        let held = self.own(&self.people[whom]);
        let free = |name: &&String| held.contains(&((*name).clone(), false));
        self.catalogue.iter().filter(free).cloned().collect()
    }
}

/// Says which seed it was, when it was one that failed.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed was {}", self.0);
        }
    }
}

async fn begin(house: &House) -> (Cast, Model) {
    let root = admin(house, "root@example.com").await;
    let mut cast = Cast {
        sessions: Vec::new(),
        cookies: Vec::new(),
        tenants: Vec::new(),
    };
    let mut people = Vec::new();
    for tenant in ["North", "South"] {
        let name = TenantName::parse(tenant).expect("a name");
        let made = house
            .auth
            .add_tenant(Some(&root), &name, &house.somewhere())
            .await;
        cast.tenants.push(made.expect("is made").id);
    }
    let client = house.somewhere();
    for at in 0..5 {
        let address = format!("p{at}@example.com");
        let signed_in = house.sign_up(&address, Want::Page).await;
        let mut memberships = BTreeMap::new();
        for (tenant, id) in cast.tenants.iter().enumerate() {
            let added = house
                .auth
                .add_member(None, id, &email(&address), "viewer", &client)
                .await;
            added.expect("joins");
            memberships.insert(tenant, ("viewer".to_owned(), Given::new()));
        }
        cast.cookies.push(cookie(&signed_in));
        cast.sessions.push(house.session_of(&signed_in).await);
        people.push(Person {
            role: "user".to_owned(),
            grants: Given::new(),
            memberships,
        });
    }
    // The first of them runs the portal; root steps back.
    house
        .auth
        .set_role_of(None, &cast.sessions[0].user.id, "admin", &client)
        .await
        .expect("is given");
    people[0].role = "admin".to_owned();
    house
        .auth
        .set_role_of(None, &root.user.id, "viewer", &client)
        .await
        .expect("is given");
    // Sessions act in no tenant here: what is shown is role and grants.
    house
        .console("update sessions set tenant_id = null returning id")
        .await;
    let mut roles = BTreeMap::new();
    for role in house.auth.list_roles().await.expect("lists") {
        let given = role.patterns.into_iter().map(|pattern| (pattern, false));
        roles.insert(role.name, given.collect());
    }
    let catalogue = house.auth.list_permissions().await.expect("lists");
    let catalogue = catalogue.into_iter().map(|entry| entry.name).collect();
    (
        cast,
        Model {
            catalogue,
            roles,
            people,
        },
    )
}

async fn walk(house: &House, number: u64) {
    let _says = Seed(number);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ ((number << 17) | number));
    let (cast, mut model) = begin(house).await;
    let mut taken = [0_usize; 2];
    for at in 0..STEPS {
        let step = dice.step(cast.sessions.len(), cast.tenants.len());
        let is_taken = cast.act(house, &step).await;
        let next = match model.after(&step) {
            Some(Ok(next)) => {
                assert!(is_taken, "step {at} was refused: {step:?}");
                next
            }
            Some(Err(())) => {
                assert!(!is_taken, "step {at} was taken: {step:?}");
                model.clone()
            }
            None if is_taken => moved(&model, &step),
            None => model.clone(),
        };
        taken[usize::from(is_taken)] += 1;
        if let Some(giver) = step.by {
            no_wider(&model, &next, giver, at, &step);
        }
        model = next;
        let whom = dice.roll(cast.sessions.len());
        assert_eq!(
            cast.told(house, whom).await,
            model.told(whom),
            "of {whom} after step {at}: {step:?}"
        );
        let session = house.session(&cast.cookies[whom]).await.expect("lives");
        assert_eq!(
            session.user.permissions,
            model.shown(whom),
            "of {whom} after step {at}: {step:?}"
        );
    }
    assert!(
        taken[0] > STEPS / 10 && taken[1] > STEPS / 10,
        "a walk that shows something: {taken:?}"
    );
}

/// The world after a membership was changed.
fn moved(model: &Model, step: &Step) -> Model {
    let mut next = model.clone();
    if let Act::ChangeMember(whom, tenant, role, given) = &step.act {
        next.people[*whom]
            .memberships
            .insert(*tenant, (role.clone(), given.clone()));
    }
    next
}

/// What anybody can do now and could not before, the giver could before, in the same place.
fn no_wider(before: &Model, after: &Model, giver: usize, at: usize, step: &Step) {
    for place in [None, Some(0), Some(1)] {
        let held = before.there(&before.people[giver], place);
        for (whom, person) in after.people.iter().enumerate() {
            let had = before.there(&before.people[whom], place);
            let gained: Set = after
                .there(person, place)
                .difference(&had)
                .cloned()
                .collect();
            // What is held freely is no gain where it is bound now, too.
            let gained: Set = gained
                .into_iter()
                .filter(|one| !within(&Set::from([one.clone()]), &had))
                .collect();
            assert!(
                within(&gained, &held),
                "step {at}: {whom} got more than {giver} had in {place:?}: {step:?}"
            );
        }
    }
}

both!(nobody_gets_more_than_their_giver_had_1, async |house| walk(
    house, 1
)
.await);
both!(nobody_gets_more_than_their_giver_had_2, async |house| walk(
    house, 2
)
.await);
both!(nobody_gets_more_than_their_giver_had_3, async |house| walk(
    house, 3
)
.await);
both!(nobody_gets_more_than_their_giver_had_4, async |house| walk(
    house, 4
)
.await);
