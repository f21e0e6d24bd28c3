//! 10 000 steps: whatever sequence of grants, roles, keys and tenants, nobody and no key ever gets a
//! right wider than its giver's (security.md row 94, D22). Acts go through the core; what they must do is
//! told by a small model that shares no code with it: here a right is a *set* over a world in which every
//! name that could ever be added exists already, so that a wildcard is wider than all that it permits
//! today.
//!
//! After each step: the core took the act if and only if the model does; what anybody gained, wherever
//! they act, the giver held there; what a key gained, whoever gave it held where it acts; and what the
//! core says of somebody's rights, with where each comes from, of their session, and to somebody who
//! comes by a key, is what the model says. A failure names its seed.

#[path = "rights_property/cast.rs"]
mod cast;
#[path = "rights_property/model.rs"]
mod model;
#[path = "rights_property/on_account.rs"]
mod on_account;
#[path = "rights_property/on_key.rs"]
mod on_key;
#[path = "rights_property/step.rs"]
mod step;
#[path = "rights_property/told.rs"]
mod told;
#[path = "rights_property/world.rs"]
mod world;

use std::collections::BTreeMap;

use wire::TenantName;

use self::cast::Cast;
use self::model::{Membership, Model, Person};
use self::step::{Act, Dice, OnAccount, Step};
use crate::invitation::admin;
use crate::support::*;

/// Steps of one seed; four seeds make ten thousand on each database.
const STEPS: usize = 2_500;
/// All keys are looked at once in so many steps; each step at the one it was about, and another.
const ROUND: usize = 25;
const PEOPLE: usize = 5;

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
    let client = house.somewhere();
    let mut tenants = Vec::new();
    for tenant in ["North", "South"] {
        let name = TenantName::parse(tenant).expect("a name");
        let made = house.auth.add_tenant(Some(&root), &name, &client).await;
        tenants.push(made.expect("is made").id);
    }
    let mut cast = Cast::new(house.node(without_limits()).await, tenants);
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        let player = cast.newcomer(house).await;
        let mut person = Person::new("user");
        for (at, tenant) in cast.tenants.iter().enumerate() {
            let address = email(&player.email);
            let added = cast
                .auth
                .add_member(None, tenant, &address, "viewer", &client);
            added.await.expect("joins");
            person.memberships.insert(at, Membership::of("viewer"));
        }
        cast.people.push(player);
        people.push(person);
    }
    // The first of them runs the portal; root steps back.
    for (id, role) in [(cast.people[0].id(), "admin"), (&root.user.id, "viewer")] {
        let given = cast.auth.set_role_of(None, id, role, &client).await;
        given.expect("is given");
    }
    people[0].role = "admin".to_owned();
    let mut roles = BTreeMap::new();
    for role in cast.auth.list_roles().await.expect("lists") {
        let given = role.patterns.into_iter().map(|pattern| (pattern, false));
        roles.insert(role.name, given.collect());
    }
    let catalogue = cast.auth.list_permissions().await.expect("lists");
    let model = Model {
        catalogue: catalogue.into_iter().map(|entry| entry.name).collect(),
        roles,
        people,
        tenants: cast.tenants.len(),
        keys: Vec::new(),
    };
    (cast, model)
}

async fn walk(house: &House, number: u64) {
    let _says = Seed(number);
    let mut dice = Dice::new(number);
    let (mut cast, mut model) = begin(house).await;
    let mut seen: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for at in 0..STEPS {
        let step = dice.step(&model);
        let is_taken = cast.act(&step).await;
        let next = match model.after(&step) {
            Some(Ok(next)) => {
                assert!(is_taken, "step {at} was refused: {step:?}");
                next
            }
            Some(Err(())) => {
                assert!(!is_taken, "step {at} was taken: {step:?}");
                model.clone()
            }
            None if is_taken => model.moved(&step),
            None => model.clone(),
        };
        seen.entry(kind(&step)).or_default()[usize::from(is_taken)] += 1;
        if is_taken {
            cast.settle(house, &step, (&model, &next)).await;
        }
        if let Some(giver) = step.by {
            no_wider(&model, &next, giver, at, &step);
        }
        model = next;
        look(&cast, &model, &mut dice, at, &step).await;
    }
    // The rarest acts may miss one walk; hardly any kind does.
    let missed = seen.iter().filter(|(_, outcomes)| outcomes.contains(&0));
    assert!(missed.count() <= 2, "{seen:?}");
    let all: usize = seen.values().map(|[_, taken]| taken).sum();
    assert!(all > STEPS / 10, "a walk that shows something: {seen:?}");
}

/// What sort of act it is, in two words.
fn kind(step: &Step) -> String {
    let said = format!("{:?}", step.act);
    let words = said.split(|c: char| !c.is_ascii_alphabetic());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).take(2).collect();
    words.join(" ")
}

/// Compares what the core says with the model: of one person, of their session, and of keys.
async fn look(cast: &Cast, model: &Model, dice: &mut Dice, at: usize, step: &Step) {
    let whom = dice.roll(PEOPLE);
    let (told, shown) = (cast.told(whom).await, cast.shown(whom).await);
    assert_eq!(told, model.told(whom), "{whom} after step {at}: {step:?}");
    assert_eq!(shown, model.shown(whom), "{whom} after step {at}: {step:?}");
    let keys = model.keys.len();
    let looked_at = match at % ROUND {
        0 => (0..keys).collect(),
        _ if keys == 0 => Vec::new(),
        _ => {
            let working = model.working_keys();
            let one = match working.len() {
                0 => dice.roll(keys),
                many => working[dice.roll(many)],
            };
            // The newest: it was made just now, or not long ago.
            let mut keys = vec![one, keys - 1];
            keys.extend(step.key());
            keys
        }
    };
    for key in looked_at {
        let (worth, said) = (cast.worth(key).await, &model.keys[key]);
        assert_eq!(
            worth,
            model.worth(key),
            "{said:?} after step {at}: {step:?}"
        );
    }
}

/// What anybody can do now and could not before, the giver could before, in the same place.
fn no_wider(before: &Model, after: &Model, giver: usize, at: usize, step: &Step) {
    for place in [None, Some(0), Some(1)] {
        let held = before.there(&before.people[giver], place);
        for (whom, person) in after.people.iter().enumerate() {
            // Somebody else, who came by themselves.
            if matches!(step.act, Act::Account(erased, OnAccount::Erase) if erased == whom) {
                continue;
            }
            let had = before.there(&before.people[whom], place);
            let gained = after.there(person, place).beyond(had);
            assert!(
                gained.within(held),
                "step {at}: {whom} got more than {giver} had in {place:?}: {step:?}"
            );
        }
    }
    if !matches!(step.act, Act::Key(_)) {
        return;
    }
    for (number, key) in after.keys.iter().enumerate() {
        let had = before.keys.get(number).and_then(|key| before.reach(key));
        let gained = after.reach(key).unwrap_or_default();
        let gained = gained.beyond(had.unwrap_or_default());
        let held = before.there(&before.people[giver], key.tenant);
        assert!(
            gained.within(held),
            "step {at}: {key:?} got more than {giver} had there: {step:?}"
        );
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
