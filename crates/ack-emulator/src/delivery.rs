//! How an answer goes out when it does not simply go out.

use std::time::Duration;

/// What a fault does to the sending of an answer.
///
/// A socket sees it happen. [`Emulator::handle`](crate::Emulator::handle), which has none, leaves it to its caller: it is
/// in the [extensions](http::Response::extensions) of the response. Of an answer of which nothing is to be sent
/// ([`Closed`](Self::Closed), [`Reset`](Self::Reset), [`Stalled`](Self::Stalled) without a head), the response is an empty
/// `502 Bad Gateway`, as from a proxy that stands between.
///
/// ```
/// use ack_emulator::Delivery;
///
/// fn is_lost(response: &http::Response<bytes::Bytes>) -> bool {
///     matches!(response.extensions().get(), Some(Delivery::Closed | Delivery::Reset))
/// }
/// # assert!(!is_lost(&http::Response::default()));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// After a pause.
    Late(Duration),
    /// A few bytes of the body at a time, with a pause before each.
    Slow {
        /// How many bytes at a time.
        chunk: usize,
        /// How long before each.
        pause: Duration,
    },
    /// The head and the first bytes of the body; then the connection is closed, although more was announced.
    CutOff {
        /// How many bytes of the body.
        sent: usize,
        /// Whether the body goes in chunks of which the last is missing, and not with too long a content length.
        chunked: bool,
    },
    /// With blanks after the body, which change its meaning in neither format.
    Padded {
        /// How many.
        blanks: u64,
        /// Whether the body goes in chunks, and not with a content length that tells from the start how long it is.
        chunked: bool,
    },
    /// Up to a point, and then nothing more until the client leaves or time is up.
    Stalled {
        /// How many bytes of the body come; none: not even the head.
        sent: Option<usize>,
        /// When the connection is closed.
        limit: Duration,
    },
    /// Not at all: the connection is closed.
    Closed,
    /// Not at all: the connection is reset.
    Reset,
    /// Twice, head and body, one after the other on the same connection.
    Twice,
}

impl Delivery {
    /// Whether nothing of the answer is sent, not even its head.
    pub fn is_silent(&self) -> bool {
        matches!(self, Self::Closed | Self::Reset | Self::Stalled { sent: None, .. })
    }
}
