//! Faults of the way an answer goes.

use std::time::Duration;

use http::HeaderValue;

use super::{Kind, Strikes};
use crate::Delivery;
use crate::fault::effect::{Effect, StallAt};
use crate::form::{Form, Key};

/// The largest body that is streamed, in bytes.
const MAX_OVERSIZE: u64 = 1024 * 1024 * 1024;

const USUAL_OVERSIZE: u64 = 64 * 1024 * 1024;

/// How long a silent connection is kept, unless told otherwise.
const STALL_LIMIT: Duration = Duration::from_secs(10 * 60);

pub(super) const KINDS: &[Kind] = &[
    Kind {
        name: "cut-off",
        doc: "A body that breaks off: shorter than its content length, or without its last chunk",
        keys: &[
            Key::new("after", Form::Whole(0, 1_000_000_000), "How many bytes of the body come; half of it by default"),
            Key::new("chunked", Form::Flag, "Whether it is sent in chunks and not with a content length"),
        ],
        strikes: Strikes::TheAnswer,
        make: |fields| {
            let after = fields.whole("after").map(size);
            Ok(Effect::CutOff { after, chunked: fields.flag("chunked").unwrap_or(false) })
        },
    },
    Kind {
        name: "oversized",
        doc: "The answer followed by more blanks than anyone should read, streamed",
        keys: &[
            Key::new("bytes", Form::Whole(1, MAX_OVERSIZE), "How many blanks; 64 MiB by default, 1 GiB at most"),
            Key::new("announced", Form::Flag, "Whether a content length tells the size from the start"),
        ],
        strikes: Strikes::TheAnswer,
        make: |fields| {
            let chunked = !fields.flag("announced").unwrap_or(false);
            let blanks = fields.whole("bytes").unwrap_or(USUAL_OVERSIZE);
            Ok(Effect::Deliver(Delivery::Padded { blanks, chunked }))
        },
    },
    Kind {
        name: "compressed",
        doc: "The answer in gzip that nobody asked for, and many blanks after it: little on the wire, a lot unpacked",
        keys: &[Key::new("bytes", Form::Whole(0, MAX_OVERSIZE), "How many blanks; 64 MiB by default, 1 GiB at most")],
        strikes: Strikes::TheAnswer,
        make: |fields| Ok(Effect::Compress { blanks: fields.whole("bytes").unwrap_or(USUAL_OVERSIZE) }),
    },
    Kind {
        name: "slow",
        doc: "The head at once, and the body a few bytes at a time",
        keys: &[
            Key::new("chunk", Form::Whole(1, 1_000_000), "How many bytes at a time; 16 by default"),
            Key::new("pause", Form::Duration, "How long before each; 100ms by default"),
        ],
        strikes: Strikes::TheAnswer,
        make: |fields| {
            let chunk = fields.whole("chunk").map_or(16, size);
            let pause = fields.duration("pause").unwrap_or(Duration::from_millis(100));
            Ok(Effect::Deliver(Delivery::Slow { chunk, pause }))
        },
    },
    Kind {
        name: "delay",
        doc: "The whole answer, but later",
        keys: &[Key::required("by", Form::Duration, "How long after the request was carried out")],
        strikes: Strikes::TheAnswer,
        make: |fields| Ok(Effect::Deliver(Delivery::Late(fields.duration("by").unwrap_or_default()))),
    },
    Kind {
        name: "stall",
        doc: "An answer that stops coming, on a connection that stays open",
        keys: &[
            Key::new("at", Form::Word(&["nothing", "head", "half"]), "How far it comes; nothing by default"),
            Key::new("limit", Form::Duration, "When the connection is closed at last; 10m by default"),
        ],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |fields| {
            let at = match fields.text("at") {
                Some("head") => StallAt::Head,
                Some("half") => StallAt::Half,
                _ => StallAt::Nothing,
            };
            Ok(Effect::Stall { at, limit: fields.duration("limit").unwrap_or(STALL_LIMIT) })
        },
    },
    Kind {
        name: "reset",
        doc: "The connection is reset (RST) without a byte of an answer",
        keys: &[],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |_| Ok(Effect::Deliver(Delivery::Reset)),
    },
    Kind {
        name: "close",
        doc: "The connection is closed (FIN) without a byte of an answer",
        keys: &[],
        strikes: Strikes::InPlaceOfTheAnswer,
        make: |_| Ok(Effect::Deliver(Delivery::Closed)),
    },
    Kind {
        name: "lost-reply",
        doc: "The request is carried out, and then the connection dies: the client cannot know",
        keys: &[Key::new("reset", Form::Flag, "Whether it is reset (RST) and not closed (FIN)")],
        strikes: Strikes::TheAnswer,
        make: |fields| {
            let is_reset = fields.flag("reset").unwrap_or(false);
            Ok(Effect::Deliver(if is_reset { Delivery::Reset } else { Delivery::Closed }))
        },
    },
    Kind {
        name: "duplicate-reply",
        doc: "The bytes of the answer come twice on the same connection",
        keys: &[],
        strikes: Strikes::TheAnswer,
        make: |_| Ok(Effect::Deliver(Delivery::Twice)),
    },
    Kind {
        name: "wrong-content-type",
        doc: "The answer under another content type, or none",
        keys: &[Key::new("content_type", Form::AnyText, "The content type, text/html by default; empty for none")],
        strikes: Strikes::TheAnswer,
        make: |fields| {
            let media_type = fields.text("content_type").unwrap_or("text/html");
            let media_type = if media_type.is_empty() { None } else { Some(content_type(media_type)?) };
            Ok(Effect::ContentType(media_type))
        },
    },
];

pub(super) fn content_type(text: &str) -> Result<HeaderValue, (&'static str, String)> {
    HeaderValue::from_str(text)
        .map_err(|_| ("content_type", format!("is {text:?}, which no header can hold: use printable ASCII")))
}

fn size(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
