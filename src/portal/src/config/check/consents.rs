//! What people are asked to agree to: a purpose is asked for once it has a version.

use std::collections::BTreeMap;

use auth::ConsentDocument;
use http::Uri;
use wire::ConsentPurpose;

use super::Checking;
use crate::config::schema::Document;

/// The longest name of a version.
const LONGEST: usize = 64;

impl Checking<'_> {
    pub(super) fn consents(&mut self) -> BTreeMap<ConsentPurpose, ConsentDocument> {
        let written = self.written;
        let mut asked = BTreeMap::new();
        for purpose in ConsentPurpose::ALL {
            let document = match purpose {
                ConsentPurpose::Terms => &written.consents.terms,
                ConsentPurpose::DataProcessing => &written.consents.data_processing,
                ConsentPurpose::AiInteraction => &written.consents.ai_interaction,
                ConsentPurpose::DataRetention => &written.consents.data_retention,
            };
            if let Some(document) = self.document(*purpose, document) {
                asked.insert(*purpose, document);
            }
        }
        asked
    }

    fn document(&mut self, purpose: ConsentPurpose, written: &Document) -> Option<ConsentDocument> {
        let key = format!("consents.{}", purpose.as_str());
        let Some(version) = written.version.clone() else {
            if written.url.is_some() || written.required.is_some() {
                self.say(format!(
                    "{key}.version must name what people agree to: without it they are not asked."
                ));
            }
            return None;
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        if version.is_empty() || version.len() > LONGEST || !version.chars().all(is_name) {
            self.say(format!(
                "{key}.version must be 1 to 64 letters, digits, dots, dashes and underscores."
            ));
        }
        let url = written.url.clone().unwrap_or_default();
        if !is_web(&url) {
            self.say(format!(
                "{key}.url must be an http or https address where version {version} can be read."
            ));
        }
        Some(ConsentDocument {
            version,
            url,
            required: written.required.unwrap_or(false),
        })
    }
}

/// An address people can open: of the web, and with nobody's name in it.
fn is_web(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else {
        return false;
    };
    matches!(uri.scheme_str(), Some("https" | "http"))
        && uri
            .authority()
            .is_some_and(|authority| !authority.as_str().contains('@'))
}
