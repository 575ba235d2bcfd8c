//! The keys that requests may be signed with.

use secrecy::{ExposeSecret, SecretString};

use crate::Error;

/// The access key id of an emulator that was given none.
pub const DEFAULT_ACCESS_KEY_ID: &str = "emulatorAccessKeyId";

/// The access key secret of an emulator that was given none. It opens nothing but an emulator.
pub const DEFAULT_ACCESS_KEY_SECRET: &str = "emulatorAccessKeySecret";

/// An access key, or one of STS with its security token.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) id: String,
    secret: SecretString,
    token: Option<SecretString>,
}

impl Key {
    pub(crate) fn new(id: String, secret: String, token: Option<String>) -> Self {
        Self { id, secret: secret.into(), token: token.map(Into::into) }
    }

    pub(crate) fn secret(&self) -> &str {
        self.secret.expose_secret()
    }

    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.expose_secret())
    }
}

#[derive(Debug)]
pub(crate) struct Keys(Vec<Key>);

impl Keys {
    /// The given keys, or the default one if there are none.
    pub(crate) fn new(mut keys: Vec<Key>) -> Result<Self, Error> {
        if keys.is_empty() {
            keys.push(Key::new(DEFAULT_ACCESS_KEY_ID.to_owned(), DEFAULT_ACCESS_KEY_SECRET.to_owned(), None));
        }
        for (position, key) in keys.iter().enumerate() {
            let is_word =
                |text: &str| !text.is_empty() && text.len() <= 4096 && text.bytes().all(|b| b.is_ascii_graphic());
            let shown: String = key.id.chars().take(64).collect();
            if !is_word(&key.id) || key.id.contains(',') {
                let remedy = "use printable ASCII without blanks and commas";
                return Err(Error::setting("access key id", shown, "cannot stand in an Authorization header", remedy));
            }
            if !is_word(key.secret()) || !key.token().is_none_or(is_word) {
                let problem = "has a secret or token that is empty, overlong or not printable ASCII";
                return Err(Error::setting("access key id", shown, problem, "give it another"));
            }
            if keys.iter().skip(position + 1).any(|other| other.id == key.id) {
                return Err(Error::setting("access key id", shown, "is given twice", "leave one of them out"));
            }
        }
        Ok(Self(keys))
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id == id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }
}
