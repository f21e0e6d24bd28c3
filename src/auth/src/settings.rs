//! What the operator decides. Read once at start; nothing here is secret.

use std::collections::BTreeMap;
use std::path::PathBuf;

use wire::{ConsentPurpose, KeyMode, PasswordRule};

/// All settings of the core.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The public URL without a trailing slash: the issuer, and the base of every mailed link.
    pub public_url: String,
    /// The services' audience, `workflow-api` by default.
    pub audience: String,
    /// Life of an access token, in seconds.
    pub access_seconds: i64,
    /// The algorithm new signing keys are made for.
    pub algorithm: SigningAlgorithm,
    /// Days a signing key signs before the next takes over.
    pub rotate_days: i64,
    /// Idle and absolute life of sessions.
    pub sessions: SessionLife,
    /// Whether an address must be proven before there is an account.
    pub verification: Verification,
    /// Whether a mailed code alone signs somebody in (D7).
    pub email_code: bool,
    /// The role of people who register.
    pub default_role: String,
    /// Length of new passwords.
    pub password: PasswordRule,
    /// The filter of leaked passwords new ones are looked up in, if there is one.
    pub breach_filter: Option<PathBuf>,
    /// Cost of a password hash.
    pub hash: HashCost,
    /// Every rate limit, delay and lockout times this; 0 switches them off.
    pub limits: f64,
    /// Days rows of the audit log are kept; 0: for good.
    pub audit_retention_days: i64,
    /// How many letters may be on their way at once.
    pub deliveries: usize,
    /// API keys.
    pub api_keys: ApiKeySettings,
    /// How many there may be of what people make without end.
    pub caps: Caps,
    /// What people are asked to agree to. A purpose that is missing is not asked for.
    pub consents: BTreeMap<ConsentPurpose, ConsentDocument>,
}

/// API keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApiKeySettings {
    /// Which keys this portal makes and takes.
    pub mode: KeyMode,
    /// How many an account may have at once, and a tenant: 50.
    pub most: i64,
}

/// How many there may be of what is read as a whole, or waits for others. They are far above what a portal
/// needs, and keep one careless script, or one stolen session, from making every page and decision slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Roles, those that come with the portal included: 200.
    pub roles: i64,
    /// Permissions in the catalogue: 500.
    pub permissions: i64,
    /// What is entrusted to one account: 5000.
    pub assignments: i64,
    /// Members of one tenant, with invitations that wait: 100,000.
    pub members: i64,
    /// Invitations into one tenant that wait: 2000.
    pub invitations: i64,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            roles: 200,
            permissions: 500,
            assignments: 5000,
            members: 100_000,
            invitations: 2000,
        }
    }
}

/// What is agreed to for one purpose. A new version is asked for anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentDocument {
    /// The operator's name for what it says now.
    pub version: String,
    /// Where it can be read.
    pub url: String,
    /// Whether there is no using the portal's pages without it.
    pub required: bool,
}

/// Signature algorithms (RFC 7518, RFC 8037). One key, one algorithm, fixed when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// ECDSA on P-256: every verifier in the field knows it.
    Es256,
    /// Ed25519.
    EdDsa,
    /// RSA 2048, for old verifiers.
    Rs256,
}

/// How long a session lives, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLife {
    /// Without a request, where somebody asked to stay signed in, and for programs: 7 days.
    pub idle: i64,
    /// The same where nobody asked, which is what a shared computer needs: 1 day, and never more
    /// than `idle`.
    pub idle_unremembered: i64,
    /// Whatever happens: 30 days.
    pub absolute: i64,
    /// How many an account may have at once: 50. One more ends the one that was not used for
    /// longest (security.md row 57).
    pub per_account: i64,
}

/// Whether registration proves the address first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// The account exists once the address is proven (D13).
    Required,
    /// The account exists at once, its address unproven; a known address is 409.
    Off,
}

/// Argon2id parameters (RFC 9106).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes.
    pub iterations: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: "http://localhost:3000".to_owned(),
            audience: "workflow-api".to_owned(),
            access_seconds: 900,
            algorithm: SigningAlgorithm::Es256,
            rotate_days: 90,
            sessions: SessionLife {
                idle: 7 * 86_400,
                idle_unremembered: 86_400,
                absolute: 30 * 86_400,
                per_account: 50,
            },
            verification: Verification::Required,
            email_code: true,
            default_role: "user".to_owned(),
            password: PasswordRule::default(),
            breach_filter: None,
            hash: HashCost {
                memory_kib: 65_536,
                iterations: 3,
                lanes: 4,
            },
            limits: 1.0,
            audit_retention_days: 0,
            deliveries: 4,
            api_keys: ApiKeySettings {
                mode: KeyMode::Live,
                most: 50,
            },
            caps: Caps::default(),
            consents: BTreeMap::new(),
        }
    }
}

impl SigningAlgorithm {
    /// The name in a JWT header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Es256, Self::EdDsa, Self::Rs256]
            .into_iter()
            .find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(name))
    }
}
