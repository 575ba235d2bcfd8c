//! Every form the wire may have, in both formats.

mod lists;
mod scalars;
mod structure;

use std::fmt::Debug;

use ack_codec::{Format, decode};
use serde::de::DeserializeOwned;

/// Every body reads as the value.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "the rows of the tables read better without borrows")]
fn reads<T: DeserializeOwned + Debug + PartialEq>(format: Format, value: T, bodies: &[&str]) {
    for body in bodies {
        match decode::<T>(format, body.as_bytes()) {
            Ok(read) => assert_eq!(read, value, "{body}"),
            Err(error) => panic!("{body}: {error}"),
        }
    }
}

/// Every body is refused as having the wrong shape.
#[track_caller]
fn refuses<T: DeserializeOwned + Debug>(format: Format, bodies: &[&str]) {
    for body in bodies {
        match decode::<T>(format, body.as_bytes()) {
            Ok(read) => panic!("{body}: {read:?}"),
            Err(error) => assert!(error.is_data(), "{body}: {error}"),
        }
    }
}
