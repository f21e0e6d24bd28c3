#![doc = include_str!("../README.md")]

mod api_keys;
mod claims;
mod compact;
mod credentials;
mod feed;
mod flight;
mod gatehouse;
mod guard;
mod issuer;
mod json;
mod key_set;
mod layer;
mod public_key;
mod refusal;
mod rejected;
mod settings;
mod world;

pub use claims::{Claims, OptionalClaims};
pub use gatehouse::Gatehouse;
pub use guard::{
    Guard, Guarded, require_any_permission, require_permission, require_role, require_tenant,
    step_up, step_up_by,
};
pub use layer::{Authenticate, Authenticated};
pub use public_key::Algorithm;
pub use rejected::{Reason, Rejected};
pub use settings::{ErrorShape, OtherIssuer, Settings, SettingsError};
