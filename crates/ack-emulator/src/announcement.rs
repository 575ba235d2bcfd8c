//! What a program prints when it has started an emulator.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::XmlStyle;

/// What a client needs to know to use an emulator; made to be printed as one line of JSON.
///
/// ```
/// use ack_emulator::{Announcement, XmlStyle};
///
/// let line = r#"{"endpoint":"http://127.0.0.1:39217","address":"127.0.0.1:39217","region":"cn-hangzhou",
///     "access_key_id":"emulatorAccessKeyId","access_key_secret":"emulatorAccessKeySecret",
///     "clusters":["c106f377e16f34eb1808d6b9362c9demo"],"time_scale":60.0,"xml_style":"fragment"}"#;
/// let announcement: Announcement = serde_json::from_str(line)?;
/// assert_eq!(announcement.xml_style, XmlStyle::Fragment);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Announcement {
    /// The URL of the emulator, such as `http://127.0.0.1:39217`.
    pub endpoint: String,
    /// The address it listens on.
    pub address: SocketAddr,
    /// The region it stands for.
    pub region: String,
    /// The first access key id that it accepts without a security token; if there is none, the first one.
    pub access_key_id: String,
    /// The secret that goes with it: a placeholder, unless the emulator was given a real one.
    pub access_key_secret: String,
    /// The ids of its clusters.
    pub clusters: Vec<String>,
    /// How fast the time of upgrades runs; 1 is real time.
    pub time_scale: f64,
    /// Whether XML answers have a root.
    pub xml_style: XmlStyle,
}

/// Leaves the secret out: someone may have given the emulator a real one.
impl fmt::Debug for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Announcement")
            .field("endpoint", &self.endpoint)
            .field("address", &self.address)
            .field("region", &self.region)
            .field("access_key_id", &self.access_key_id)
            .field("clusters", &self.clusters)
            .field("time_scale", &self.time_scale)
            .field("xml_style", &self.xml_style)
            .finish_non_exhaustive()
    }
}
