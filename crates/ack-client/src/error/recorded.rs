//! Errors made without a call.

use http::{HeaderMap, StatusCode};

use super::Error;
use crate::runtime::Answer;

impl Error {
    /// The error that a call would end with if this were its answer: for tests of code that handles errors, and for
    /// answers that were recorded. The status is taken for a failure, whatever it is.
    ///
    /// ```
    /// use ack_client::{Error, HeaderMap, StatusCode};
    ///
    /// let body = br#"{"code":"ErrorClusterNotFound","message":"cluster (c1) not found","requestId":"B0"}"#;
    /// let error = Error::from_answer(StatusCode::NOT_FOUND, HeaderMap::new(), body);
    /// assert!(error.is_not_found());
    /// assert_eq!((error.code(), error.request_id()), (Some("ErrorClusterNotFound"), Some("B0")));
    /// ```
    #[must_use]
    pub fn from_answer(status: StatusCode, headers: HeaderMap, body: impl Into<Vec<u8>>) -> Self {
        Answer::recorded(status, headers, body.into()).into_error()
    }
}
