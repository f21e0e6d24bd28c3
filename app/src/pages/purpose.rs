//! What people agree to, in words.

use wire::ConsentPurpose;

/// What it is called.
pub(super) fn title(purpose: ConsentPurpose) -> &'static str {
    match purpose {
        ConsentPurpose::Terms => "Terms of use",
        ConsentPurpose::DataProcessing => "Processing of your data",
        ConsentPurpose::AiInteraction => "Artificial intelligence",
        ConsentPurpose::DataRetention => "Keeping of your data",
    }
}

/// What agreeing means.
pub(super) fn about(purpose: ConsentPurpose) -> &'static str {
    match purpose {
        ConsentPurpose::Terms => "The rules for using the services behind this portal.",
        ConsentPurpose::DataProcessing => "The services may work with data about you.",
        ConsentPurpose::AiInteraction => {
            "What you write to an assistant may be worked on by a language model."
        }
        ConsentPurpose::DataRetention => {
            "Data about you may be kept for as long as the document says."
        }
    }
}
