//! Versions: the state somebody has read, so that nothing else is done than what they saw.

use serde_json::Value;

use super::role_in;
use crate::error::Fault;
use crate::secret::sha256;
use crate::store::Tx;

/// Names a state: 16 hexadecimal digits of SHA-256 over its JSON.
pub(crate) fn version(state: &Value) -> String {
    let digest = sha256(state.to_string().as_bytes());
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The same with another role in view: what that one gives follows after a dot.
pub(crate) async fn with_role_in_view(
    tx: &mut Tx,
    own: String,
    role: Option<&str>,
) -> Result<String, Fault> {
    let Some(role) = role else {
        return Ok(own);
    };
    // PostgreSQL holds no text with a NUL, so no role is called that.
    let there = match role.contains('\0') {
        true => None,
        false => role_in(tx, role).await?,
    };
    let there = there.map(|role| role.version).unwrap_or_default();
    Ok(format!("{own}.{there}"))
}

/// Whether what somebody has read is still so: what stands before the dot, and what stands behind it if
/// they have seen that, too.
pub(crate) fn is_of_state(known: &str, present: &str) -> bool {
    match known.contains('.') {
        true => known == present,
        false => present.split('.').next() == Some(known),
    }
}
