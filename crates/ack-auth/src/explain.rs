//! What each source of the default credentials said.

use std::fmt;
use std::time::SystemTime;

use serde_core::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::credential::shortened;
use crate::{Credential, Error, format_date};

/// What one source of [`DefaultCredentials`](crate::DefaultCredentials) said when it was asked.
///
/// It displays as one line and serialises with the fields `source`, `outcome`, `reason`,
/// `access_key_id` (shortened: `LTAI****abcd`), `provider` and `expiration` (UTC,
/// `YYYY-MM-DDThh:mm:ssZ`), those without a value being null. It never holds a secret.
#[derive(Debug, Clone)]
pub struct SourceReport {
    source: &'static str,
    outcome: SourceOutcome,
    reason: Option<String>,
    access_key_id: Option<String>,
    provider: Option<String>,
    expiration: Option<SystemTime>,
}

/// What became of a source. More may be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceOutcome {
    /// It is not configured, or ruled out by a profile that was asked for by name, so the next one was asked.
    Skipped,
    /// Its credential is used.
    Used,
    /// It is configured and failed, which ended the search. Mend it, or take its configuration away.
    Broken,
    /// An earlier one was used or broken.
    NotAsked,
}

impl SourceReport {
    /// The source: `environment`, `OIDC role`, `CLI profile`, `credentials file`, `ECS RAM role` or
    /// `credentials URI`.
    pub fn source(&self) -> &'static str {
        self.source
    }

    /// What became of it.
    pub fn outcome(&self) -> SourceOutcome {
        self.outcome
    }

    /// Why it was skipped or is broken, with a remedy.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// The AccessKey id of the credential used, shortened.
    pub fn access_key_id(&self) -> Option<&str> {
        self.access_key_id.as_deref()
    }

    /// How the credential used came about, as in `default/cli_profile/ram_role_arn/static_ak`.
    pub fn provider(&self) -> Option<&str> {
        self.provider.as_deref()
    }

    /// When the credential used expires, where it does.
    pub fn expiration(&self) -> Option<SystemTime> {
        self.expiration
    }

    pub(crate) fn of(source: &'static str, outcome: &Result<Credential, Error>) -> Self {
        let report = Self::not_asked(source);
        match outcome {
            Ok(credential) => Self {
                outcome: SourceOutcome::Used,
                access_key_id: credential.access_key_id().map(shortened),
                provider: credential.provider_name().map(str::to_owned),
                expiration: credential.expiration(),
                ..report
            },
            Err(error) => Self {
                outcome: if error.is_not_configured() { SourceOutcome::Skipped } else { SourceOutcome::Broken },
                reason: Some(error.to_string()),
                ..report
            },
        }
    }

    /// Of a source that another choice of the caller rules out.
    pub(crate) fn passed_over(source: &'static str, reason: String) -> Self {
        Self { outcome: SourceOutcome::Skipped, reason: Some(reason), ..Self::not_asked(source) }
    }

    pub(crate) fn not_asked(source: &'static str) -> Self {
        let outcome = SourceOutcome::NotAsked;
        Self { source, outcome, reason: None, access_key_id: None, provider: None, expiration: None }
    }
}

impl fmt::Display for SourceReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.outcome)?;
        if let Some(reason) = &self.reason {
            write!(f, ", {reason}")?;
        }
        if let Some(id) = &self.access_key_id {
            write!(f, ", AccessKey id {id}")?;
        }
        if let Some(provider) = &self.provider {
            write!(f, ", provider {provider}")?;
        }
        match self.expiration.and_then(|expiration| format_date(expiration).ok()) {
            Some(expiration) => write!(f, ", expires {expiration}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for SourceOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Skipped => "skipped",
            Self::Used => "used",
            Self::Broken => "broken",
            Self::NotAsked => "not asked",
        })
    }
}

impl Serialize for SourceReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("SourceReport", 6)?;
        fields.serialize_field("source", self.source)?;
        fields.serialize_field("outcome", &self.outcome)?;
        fields.serialize_field("reason", &self.reason)?;
        fields.serialize_field("access_key_id", &self.access_key_id)?;
        fields.serialize_field("provider", &self.provider)?;
        // A date no calendar holds is left out rather than failing the whole report.
        fields.serialize_field("expiration", &self.expiration.and_then(|expiration| format_date(expiration).ok()))?;
        fields.end()
    }
}

impl Serialize for SourceOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (at, name) = match self {
            Self::Skipped => (0, "skipped"),
            Self::Used => (1, "used"),
            Self::Broken => (2, "broken"),
            Self::NotAsked => (3, "not_asked"),
        };
        serializer.serialize_unit_variant("SourceOutcome", at, name)
    }
}
