//! Which requests a fault strikes, and the settings that more than one fault has.

use std::time::Duration;

use ack_codec::Format;
use serde_json::{Map, Value};

use super::{ErrorShape, Fault, word, written};

/// Which requests it strikes. What does not fit a fault or makes no sense is reported when the fault is injected.
impl Fault {
    /// Only requests of this operation, such as `UpgradeCluster`. Call it again to add another. Default: all.
    #[must_use]
    pub fn operation(self, operation: &str) -> Self {
        self.add("operation", operation)
    }

    /// Only requests whose path names this cluster, or one of its tasks. Call it again to add another. Default: all.
    #[must_use]
    pub fn cluster(self, cluster_id: &str) -> Self {
        self.add("cluster", cluster_id)
    }

    /// Only requests that ask for this format. Default: both.
    #[must_use]
    pub fn format(self, format: Format) -> Self {
        self.set("format", word(format))
    }

    /// How many of the requests that fit pass before the first is struck. Default: 0.
    #[must_use]
    pub fn skip(self, requests: u64) -> Self {
        self.set("skip", requests)
    }

    /// How many times it strikes. Default: until it is cleared.
    #[must_use]
    pub fn times(self, times: u64) -> Self {
        self.set("times", times)
    }

    /// How likely it strikes a request that fits, above 0 and up to 1. Which ones, depends on the
    /// [seed](crate::EmulatorBuilder::seed) alone. Default: 1.
    #[must_use]
    pub fn probability(self, probability: f64) -> Self {
        self.set("probability", probability)
    }

    /// It strikes once the request has been carried out: the state changes, and the client gets to see a failure.
    #[must_use]
    pub fn after_handling(self) -> Self {
        self.set("when", "after")
    }
}

/// Settings that more than one fault has.
impl Fault {
    /// The HTTP status, for faults that answer themselves.
    #[must_use]
    pub fn status(self, status: u16) -> Self {
        self.set("status", status)
    }

    /// The hint in `x-acs-retry-after`, which the service sends in milliseconds: for `throttle`, `server-error` and
    /// `error`. Default: none.
    #[must_use]
    pub fn retry_after(self, hint: Duration) -> Self {
        self.set("retry_after", written(hint))
    }

    /// The names of the fields of an error. Default: [`ErrorShape::Gateway`].
    #[must_use]
    pub fn shape(self, shape: ErrorShape) -> Self {
        self.set("shape", shape.word())
    }

    /// The format of the body of an error, whatever the request asks for. Default: what it asks for.
    #[must_use]
    pub fn body(self, format: Format) -> Self {
        self.set("body", word(format))
    }

    /// The content type of an error. Default: that which the service sends with the format.
    #[must_use]
    pub fn content_type(self, content_type: &str) -> Self {
        self.set("content_type", content_type)
    }

    /// How many bytes of the body come before it [breaks off](Self::cut_off). Default: half of it.
    #[must_use]
    pub fn after_bytes(self, bytes: u64) -> Self {
        self.set("after", bytes)
    }

    /// How many bytes of a [slow](Self::slow) body come at a time. Default: 16.
    #[must_use]
    pub fn chunk(self, bytes: u64) -> Self {
        self.set("chunk", bytes)
    }

    /// When a [stalled](Self::stall) connection is closed at last. Default: after ten minutes.
    #[must_use]
    pub fn limit(self, limit: Duration) -> Self {
        self.set("limit", written(limit))
    }

    /// Another field with a value of one's choice, beside that of [`unknown_value`](Self::unknown_value).
    #[must_use]
    pub fn and_value(mut self, field: &str, value: &str) -> Self {
        let set = self.0.entry("set").or_insert_with(|| Value::Object(Map::new()));
        if let Some(set) = set.as_object_mut() {
            set.insert(field.to_owned(), value.into());
        }
        self
    }

    /// Adds to a key that holds one text or a list of them.
    fn add(mut self, key: &str, text: &str) -> Self {
        let value = match self.0.remove(key) {
            None => text.into(),
            Some(Value::Array(mut items)) => {
                items.push(text.into());
                Value::Array(items)
            }
            Some(one) => Value::Array(vec![one, text.into()]),
        };
        self.set(key, value)
    }
}
