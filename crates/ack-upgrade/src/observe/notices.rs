//! The events of the service, in one form whichever interface tells them.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::{Duration, SystemTime};

use ack_client::models::{DescribeTaskInfoResponse, UpgradeTask};

use crate::event::{EventKind, Level, Notice};
use crate::window::time_of;

/// An event of the service, and the node it is about if it is about one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Told {
    pub(crate) node: Option<String>,
    pub(crate) notice: Notice,
}

impl Told {
    /// The events that a task lists, in its order.
    pub(crate) fn of_task(task: &DescribeTaskInfoResponse) -> Vec<Self> {
        let told = task.events.iter().map(|event| {
            let [reason, message, source] =
                [&event.reason, &event.message, &event.source].map(|text| filled(text.as_deref()));
            let notice = Notice {
                level: level(event.level.as_deref()),
                reason,
                message,
                happened_at: event.timestamp.as_deref().and_then(time),
            };
            Self::new(notice, source.as_deref())
        });
        told.collect()
    }

    /// The events that GetUpgradeStatus lists.
    pub(crate) fn of_upgrade(upgrade: &UpgradeTask) -> Vec<Self> {
        let events = upgrade.upgrade_status.iter().flat_map(|status| &status.events);
        let told = events.map(|event| {
            let [reason, message, source] =
                [&event.reason, &event.message, &event.source].map(|text| filled(text.as_deref()));
            let notice = Notice {
                level: level(event.type_.as_deref()),
                reason,
                message,
                happened_at: event.timestamp.as_deref().and_then(time),
            };
            Self::new(notice, source.as_deref())
        });
        told.collect()
    }

    fn new(notice: Notice, source: Option<&str>) -> Self {
        let in_source = source.filter(|source| is_node(source)).map(str::to_owned);
        let node = in_source.or_else(|| notice.message.as_deref().and_then(node_in));
        Self { node, notice }
    }

    /// What tells it from others. Two that are the same in every way count as one.
    pub(crate) fn key(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }

    /// Reason and message in lower case, to look for words in.
    pub(crate) fn words(&self) -> String {
        let Notice { reason, message, .. } = &self.notice;
        let words = format!("{} {}", reason.as_deref().unwrap_or_default(), message.as_deref().unwrap_or_default());
        words.to_lowercase()
    }

    pub(crate) fn into_event(self) -> EventKind {
        match self.node {
            Some(node) => EventKind::NodeEvent { node, notice: self.notice },
            None => EventKind::TaskEvent { notice: self.notice },
        }
    }
}

/// The words of the newest event; of events of the same time, the last.
pub(crate) fn newest(told: &[Told]) -> Option<String> {
    let newest = told.iter().max_by_key(|told| told.notice.happened_at)?;
    newest.notice.message.clone().or_else(|| newest.notice.reason.clone())
}

fn filled(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

fn level(text: Option<&str>) -> Level {
    match text.unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "warning" | "warn" => Level::Warning,
        "error" | "critical" | "fatal" | "failed" => Level::Error,
        _ => Level::Normal,
    }
}

/// Milliseconds since 1970 as text, as tasks print them, or RFC 3339.
fn time(text: &str) -> Option<SystemTime> {
    if let Ok(milliseconds) = text.trim().parse::<u64>() {
        return SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds));
    }
    time_of(text.trim())
}

/// The first node that a message names.
fn node_in(message: &str) -> Option<String> {
    let words = message.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-')));
    words.map(|word| word.trim_matches(['.', '-'])).find(|word| is_node(word)).map(str::to_owned)
}

/// Whether a word is the name of a node or the ID of an instance: `cn-hangzhou.192.168.0.1`, `192.168.0.1`,
/// `i-bp1a2b3c4d5e6f7g8h9i`. Names that users choose look like any word.
fn is_node(word: &str) -> bool {
    if let Some(id) = word.strip_prefix("i-") {
        return id.len() >= 8 && id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    }
    let parts: Vec<&str> = word.rsplit('.').collect();
    let is_octet = |part: &&str| part.parse::<u8>().is_ok();
    // An address alone, or one behind the region.
    matches!(parts.len(), 4 | 5) && parts.iter().take(4).all(is_octet)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_in_messages() {
        for (message, node) in [
            ("draining node cn-hangzhou.192.168.0.12 (2 pods left)", Some("cn-hangzhou.192.168.0.12")),
            ("node i-bp1a2b3c4d5e6f7g8h9i: evicting", Some("i-bp1a2b3c4d5e6f7g8h9i")),
            ("192.168.1.250 is ready.", Some("192.168.1.250")),
            ("upgrade_control_plane started", None),
            ("upgraded to 1.32.6-aliyun.1", None),
            ("image registry.cn-hangzhou.aliyuncs.com/acs/kubelet:v1.2.3.4 pulled", None),
            ("an i-node is full", None),
            ("", None),
        ] {
            assert_eq!(node_in(message).as_deref(), node, "{message}");
        }
    }

    #[test]
    fn events_of_a_task() {
        let task = serde_json::from_str(
            r#"{"events":[
                {"action":"start","level":"Warning","message":"drain","reason":"Drain","source":"cn-hangzhou.192.168.0.1","timestamp":"1669706229286"},
                {"level":"strange","message":"","reason":"Only","timestamp":"2022-11-29T07:17:09Z"},
                {}]}"#,
        )
        .unwrap();
        insta::assert_debug_snapshot!(Told::of_task(&task));
    }
}
