//! The machine and its user, as far as they tell who did something.

use ack_auth::Environment;
use serde::Serialize;

/// The machine this runs on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Host {
    pub(crate) name: Option<String>,
    /// The user ID of the process, which unlike a variable cannot be made up.
    pub(crate) user_id: Option<u32>,
}

/// A user of a machine.
#[derive(Debug, Serialize)]
pub(crate) struct Who {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<u32>,
    /// Who was it before `sudo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    sudo_user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
}

impl Host {
    /// The machine of this process.
    #[cfg(unix)]
    pub(crate) fn of_this_process() -> Self {
        let name = rustix::system::uname().nodename().to_str().ok().map(str::to_owned);
        Self { name, user_id: Some(rustix::process::getuid().as_raw()) }
    }

    /// The machine of this process.
    #[cfg(not(unix))]
    pub(crate) fn of_this_process() -> Self {
        Self { name: std::env::var("COMPUTERNAME").ok(), user_id: None }
    }

    /// The user, as the variables of the usual shells and systems name them.
    pub(crate) fn who(&self, environment: &dyn Environment) -> Who {
        let variable = |name: &str| environment.var(name).filter(|value| !value.is_empty());
        Who {
            user: ["LOGNAME", "USER", "USERNAME"].into_iter().find_map(variable),
            user_id: self.user_id,
            sudo_user: variable("SUDO_USER"),
            host: self.name.clone(),
        }
    }
}
