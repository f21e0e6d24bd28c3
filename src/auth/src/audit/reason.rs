//! Why something was refused, in words. The words of the log are ours; any other says nothing.

/// What follows the sentence of a refusal: nothing, where the reason is not known.
pub(super) fn why(reason: &str) -> &'static str {
    match reason {
        "missing_permission" => ": a permission was missing",
        "credential" => ": not with this kind of credential",
        "step_up" => ": they had to confirm first that it was them",
        "not_held" => ": it is about rights that they do not hold",
        "foreign" => ": it is not theirs",
        "built_in" => ": it came with the portal",
        "unproven" => ": the address is not proven",
        "outranked" => ": the account has rights that they lack",
        "oneself" => ": it is their own account",
        "last_admin" => ": nobody else could look after the portal",
        "unknown_account" => ": no account is called that",
        "wrong_password" => ": the password was wrong",
        "no_password" => ": the account has no password",
        "wrong_code" => ": the code was wrong",
        "dead_link" => ": the link was used or had ended",
        "disabled" => ": the account is disabled",
        "closed" => ": the account is closed",
        "revoked" => ": it was revoked",
        "expired" => ": its time is over",
        "suspended" => ": it waits for its owner to confirm it",
        "stopped" => ": nobody answers for it any more",
        "repeated" => " again and again",
        _ => "",
    }
}
