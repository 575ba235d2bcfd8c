//! The shape of `config.json`.

use crate::json::Object;

/// The whole file. What it holds besides is ignored.
pub(super) struct ConfigFile(Object);

/// One profile: a name, a mode, and whichever fields the mode uses.
#[derive(Clone, Copy)]
pub(super) struct Profile<'a>(&'a Object);

impl ConfigFile {
    /// Reads the file; the refusal goes after its name.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let file = Object::read(text.as_bytes())?;
        file.text(&["current"])?;
        file.objects("profiles")?;
        Ok(Self(file))
    }

    /// The profile in use where nobody asks for another; the CLI's own default name is `default`.
    pub(super) fn current(&self) -> &str {
        self.0.text(&["current"]).ok().flatten().unwrap_or("default")
    }

    pub(super) fn profile(&self, name: &str) -> Option<Profile<'_>> {
        self.profiles().into_iter().find(|profile| profile.name() == name)
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for profile in self.profiles() {
            if !profile.name().is_empty() {
                names.push(profile.name().to_owned());
            }
        }
        names
    }

    pub(super) fn is_empty(&self) -> bool {
        self.profiles().is_empty()
    }

    fn profiles(&self) -> Vec<Profile<'_>> {
        self.0.objects("profiles").unwrap_or_default().into_iter().map(Profile).collect()
    }
}

impl<'a> Profile<'a> {
    /// The name, empty where the profile has none.
    pub(super) fn name(self) -> &'a str {
        self.0.text(&["name"]).ok().flatten().unwrap_or_default()
    }

    /// A text, none if it is empty. The refusals of this and the next two go after the name of the profile.
    pub(super) fn text(self, field: &str) -> Result<Option<&'a str>, String> {
        self.0.text(&[field])
    }

    pub(super) fn whole_number(self, field: &str) -> Result<Option<i64>, String> {
        self.0.whole_number(field)
    }

    pub(super) fn flag(self, field: &str) -> Result<Option<bool>, String> {
        self.0.flag(field)
    }

    /// Whether this is the empty profile that the CLI writes at its first start.
    pub(super) fn is_blank(self) -> bool {
        let is_absent = |field| matches!(self.text(field), Ok(None));
        matches!(self.text("mode"), Ok(None | Some("AK")))
            && is_absent("access_key_id")
            && is_absent("access_key_secret")
    }
}
