//! "Why is it refused?": a token that is asked about, and everything that is said of it.

mod finding;

use serde::{Deserialize, Serialize};

use crate::{Error, ErrorCode, FieldCode, Secret};

pub use finding::{CheckOutcome, Finding};

/// `POST /api/auth/token/inspect`, as it arrives.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InspectToken {
    /// The token, or the whole `Authorization` header it came in.
    pub token: Secret,
}

impl InspectToken {
    /// The token alone: people copy a header's name, its scheme and the space around it along.
    ///
    /// # Errors
    /// `Required` when there is nothing.
    pub fn check(&self) -> Result<Secret, Error> {
        let mut token = self.token.reveal().trim();
        for prefix in ["authorization:", "bearer "] {
            if let Some(start) = token.get(..prefix.len())
                && start.eq_ignore_ascii_case(prefix)
            {
                token = token[prefix.len()..].trim_start();
            }
        }
        if token.is_empty() {
            return Err(Error::field("token", FieldCode::Required));
        }
        Ok(Secret::new(token))
    }
}

/// A member of a header or a payload, as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenMember {
    /// Its name.
    pub name: String,
    /// A text as it is, anything else as JSON.
    pub value: String,
}

/// Everything the inspector says of a token: never its signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// In the order in which a verifier looks.
    pub findings: Vec<Finding>,
    /// What the header says.
    pub header: Vec<TokenMember>,
    /// What the payload says: believe it only when the signature is genuine.
    pub claims: Vec<TokenMember>,
    /// How many members are left out, or cut.
    pub cut: u32,
}

impl Inspection {
    /// Whether the signature, form and claims hold, apart from whom the token is for and what has
    /// happened since it was signed: what [`ErrorCode::InvalidToken`] and
    /// [`ErrorCode::TokenExpired`] are answered for.
    ///
    /// # Errors
    /// That code.
    pub fn verdict(&self) -> Result<(), ErrorCode> {
        let of_itself = |finding: &&Finding| {
            !matches!(
                finding,
                Finding::NotForServices
                    | Finding::SessionEnded
                    | Finding::SessionOther
                    | Finding::OfKeyEnded
                    | Finding::RightsChanged
            )
        };
        first_of(self.findings.iter().filter(of_itself))
    }

    /// What a service that follows the revocation feed answers; `None` when it takes the token.
    pub fn services(&self) -> Option<ErrorCode> {
        first_of(self.findings.iter()).err()
    }

    /// What the portal's own API answers.
    pub fn portal(&self) -> Option<ErrorCode> {
        let refused = first_of(self.for_portal()).err();
        if self.findings.contains(&Finding::NotForPortal) {
            return Some(refused.unwrap_or(ErrorCode::InvalidToken));
        }
        let is_elsewhere = self.findings.contains(&Finding::OtherTenant);
        refused.or(is_elsewhere.then_some(ErrorCode::TokenStale))
    }

    fn for_portal(&self) -> impl Iterator<Item = &Finding> {
        let findings = self.findings.iter();
        findings.filter(|finding| **finding != Finding::NotForServices)
    }

    /// Whether everything there is to know was told.
    pub fn is_complete(&self) -> bool {
        !self.findings.contains(&Finding::StateUntold)
    }

    /// Leaves out what does not fit into `room` bytes of JSON, header first, and cuts what is long.
    pub fn fit(mut self, room: usize) -> Self {
        const LONGEST: usize = 300;
        let mut left = room;
        for members in [&mut self.header, &mut self.claims] {
            members.retain_mut(|member| {
                let end = member.value.char_indices().nth(LONGEST);
                if let Some((end, _)) = end {
                    member.value.truncate(end);
                    member.value.push('…');
                }
                let size = member.size();
                let fits = size <= left;
                left -= if fits { size } else { 0 };
                self.cut += u32::from(end.is_some() || !fits);
                fits
            });
        }
        self
    }
}

impl TokenMember {
    /// How long it is as JSON.
    fn size(&self) -> usize {
        let of = |c: char| match c {
            '"' | '\\' => 2,
            c if c.is_control() => 6,
            c => c.len_utf8(),
        };
        let written = self.name.chars().chain(self.value.chars()).map(of);
        r#"{"name":"","value":""},"#.len() + written.sum::<usize>()
    }
}

fn first_of<'f>(findings: impl Iterator<Item = &'f Finding>) -> Result<(), ErrorCode> {
    // Whatever makes a token invalid counts before its end, its end before its session's.
    const ORDER: [ErrorCode; 4] = [
        ErrorCode::InvalidToken,
        ErrorCode::TokenExpired,
        ErrorCode::TokenRevoked,
        ErrorCode::TokenStale,
    ];
    let codes: Vec<_> = findings.filter_map(Finding::code).collect();
    let found = ORDER.into_iter().find(|code| codes.contains(code));
    found.map_or(Ok(()), Err)
}

/// One finding, as it crosses the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenCheck {
    /// `form`, `header`, `signature`, `lifetime`, or the name of the header's or payload's member.
    pub check: String,
    /// How it stands.
    pub outcome: CheckOutcome,
    /// Why, for people: not for programs to compare.
    pub sentence: String,
}

/// What became of a token, as it crosses the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenReport {
    /// What a service that follows the revocation feed answers; `null` when it takes the token.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub services: Option<ErrorCode>,
    /// What the portal's own API answers.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub portal: Option<ErrorCode>,
    /// `false` when the state of the session is not for the caller to know.
    pub complete: bool,
    /// One after the other, as a verifier looks.
    pub checks: Vec<TokenCheck>,
    /// What the header says.
    pub header: Vec<TokenMember>,
    /// What the payload says.
    pub claims: Vec<TokenMember>,
}

impl From<Inspection> for TokenReport {
    fn from(inspection: Inspection) -> Self {
        let check = |finding: &Finding| TokenCheck {
            check: finding.check().to_owned(),
            outcome: finding.outcome(),
            sentence: finding.sentence(),
        };
        Self {
            services: inspection.services(),
            portal: inspection.portal(),
            complete: inspection.is_complete(),
            checks: inspection.findings.iter().map(check).collect(),
            header: inspection.header,
            claims: inspection.claims,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(typed: &str) -> Option<String> {
        let request = InspectToken {
            token: Secret::new(typed),
        };
        let token = request.check().ok()?;
        Some(token.reveal().to_owned())
    }

    #[test]
    fn what_is_copied_along_with_a_token_is_no_part_of_it() {
        for typed in [
            "a.b.c",
            "  a.b.c\n",
            "Bearer a.b.c",
            "authorization: bearer a.b.c",
            "Authorization:Bearer  a.b.c",
        ] {
            assert_eq!(checked(typed).as_deref(), Some("a.b.c"), "{typed:?}");
        }
        for nothing in ["", " \n", "Bearer ", "Authorization: Bearer"] {
            let left = checked(nothing);
            assert!(
                left.is_none() || left.as_deref() == Some("Bearer"),
                "{nothing:?}: {left:?}"
            );
        }
        assert_eq!(checked("é.é").as_deref(), Some("é.é"), "no half letters");
    }

    #[test]
    fn the_graver_reason_is_told() {
        let of = |findings: &[Finding]| Inspection {
            findings: findings.to_vec(),
            ..Inspection::default()
        };
        let ended = of(&[Finding::Expired(3), Finding::SessionEnded]);
        assert_eq!(ended.services(), Some(ErrorCode::TokenExpired));
        assert_eq!(ended.verdict(), Err(ErrorCode::TokenExpired));
        let forged = of(&[Finding::Expired(3), Finding::SignatureWrong]);
        assert_eq!(forged.services(), Some(ErrorCode::InvalidToken));
        let elsewhere = of(&[Finding::NotForServices, Finding::ForPortal]);
        assert_eq!(
            (
                elsewhere.verdict(),
                elsewhere.services(),
                elsewhere.portal()
            ),
            (Ok(()), Some(ErrorCode::InvalidToken), None)
        );
        let services = of(&[
            Finding::ForServices,
            Finding::NotForPortal,
            Finding::RightsChanged,
        ]);
        assert_eq!(
            (services.services(), services.portal()),
            (Some(ErrorCode::TokenStale), Some(ErrorCode::TokenStale))
        );
        let moved = of(&[
            Finding::ForServices,
            Finding::ForPortal,
            Finding::OtherTenant,
        ]);
        assert_eq!(
            (moved.services(), moved.portal()),
            (None, Some(ErrorCode::TokenStale)),
            "services take it for the tenant it names"
        );
    }

    #[test]
    fn a_token_full_of_text_leaves_room_for_what_is_said_of_it() {
        let member = |name: &str, length: usize| TokenMember {
            name: name.to_owned(),
            value: "é".repeat(length),
        };
        let inspection = Inspection {
            claims: vec![member("long", 5000), member("more", 290), member("sub", 3)],
            ..Inspection::default()
        };
        let fitted = inspection.fit(700);
        let names: Vec<_> = fitted.claims.iter().map(|one| one.name.as_str()).collect();
        assert_eq!((names, fitted.cut), (vec!["long", "sub"], 2));
    }

    #[test]
    fn the_fullest_inspection_finds_room_in_a_flash() {
        let hostile = |name: usize| TokenMember {
            name: format!("\"{name}"),
            value: "\"\\\u{1}".repeat(100),
        };
        let names = (0..16).map(|at| format!("email_verified{at}")).collect();
        let inspection = Inspection {
            findings: [
                vec![Finding::SignatureUnchecked; 18],
                vec![Finding::ClaimsMissing(names)],
            ]
            .concat(),
            claims: (0..100).map(hostile).collect(),
            ..Inspection::default()
        };
        let text = serde_json::to_string(&inspection.fit(1400)).expect("JSON");
        // Sealed and in base64url it must stay below 3 KiB.
        assert!(text.len() < 2200, "{}", text.len());
    }
}
