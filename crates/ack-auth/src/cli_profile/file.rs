//! The shape of `config.json`.

use serde::Deserialize;

use crate::keys::Text;

/// The whole file. What it holds besides is ignored.
#[derive(Deserialize)]
pub(super) struct ConfigFile {
    current: Option<String>,
    profiles: Option<Vec<Profile>>,
}

/// One profile: a name, a mode, and whichever fields the mode uses. Text is wiped on drop.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Profile {
    pub(super) name: Option<String>,
    pub(super) mode: Option<String>,
    pub(super) region_id: Option<String>,
    pub(super) access_key_id: Text,
    pub(super) access_key_secret: Text,
    pub(super) sts_token: Text,
    /// Epoch seconds, for keys that the CLI keeps after a sign-in.
    pub(super) sts_expiration: Option<i64>,
    pub(super) ram_role_name: Text,
    pub(super) ram_role_arn: Text,
    pub(super) ram_session_name: Text,
    pub(super) expired_seconds: Option<i64>,
    pub(super) policy: Text,
    pub(super) external_id: Text,
    pub(super) source_profile: Text,
    pub(super) sts_region: Text,
    pub(super) sts_endpoint: Text,
    pub(super) enable_vpc: Option<bool>,
    pub(super) oidc_provider_arn: Text,
    pub(super) oidc_token_file: Text,
    pub(super) process_command: Text,
    pub(super) credentials_uri: Text,
    pub(super) bearer_token: Text,
    pub(super) cloud_sso_sign_in_url: Text,
    pub(super) cloud_sso_account_id: Text,
    pub(super) cloud_sso_access_config: Text,
    pub(super) access_token: Text,
    /// Epoch seconds.
    pub(super) cloud_sso_access_token_expire: Option<i64>,
    pub(super) oauth_site_type: Text,
    pub(super) oauth_access_token: Text,
    /// Epoch seconds.
    pub(super) oauth_access_token_expire: Option<i64>,
}

impl ConfigFile {
    /// The profile in use where nobody asks for another; the CLI's own default name is `default`.
    pub(super) fn current(&self) -> &str {
        self.current.as_deref().filter(|name| !name.is_empty()).unwrap_or("default")
    }

    pub(super) fn profile(&self, name: &str) -> Option<&Profile> {
        self.profiles.iter().flatten().find(|profile| profile.name() == name)
    }

    pub(super) fn names(&self) -> Vec<String> {
        let names = self.profiles.iter().flatten().map(Profile::name);
        names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.profiles.as_ref().is_none_or(Vec::is_empty)
    }
}

impl Profile {
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    pub(super) fn mode(&self) -> &str {
        self.mode.as_deref().unwrap_or_default()
    }

    /// Whether this is the empty profile that the CLI writes at its first start.
    pub(super) fn is_blank(&self) -> bool {
        matches!(self.mode(), "" | "AK")
            && [&self.access_key_id, &self.access_key_secret].into_iter().all(|text| given(text).is_none())
    }
}

/// The text of a field, none when it is absent or empty.
pub(super) fn given(text: &Text) -> Option<&str> {
    text.as_ref().map(|text| text.as_str()).filter(|text| !text.is_empty())
}
