//! A transport for tests: it answers as a script says, in the time of the runtime, which tests pause.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ack_auth::SignedRequest;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::time::Instant;

use super::{Answer, Lost, TransportFailure};
use crate::error::Error;

/// What each request is answered with, in order, and the requests that came. What is not in the script succeeds with
/// an empty object.
#[derive(Default)]
pub(crate) struct Script {
    steps: Mutex<VecDeque<Step>>,
    sent: Mutex<Vec<Sent>>,
    under_way: AtomicUsize,
    most_under_way: AtomicUsize,
}

/// One answer, or none.
#[derive(Clone)]
pub(crate) struct Step {
    after: Duration,
    end: End,
}

#[derive(Clone)]
enum End {
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: String },
    Lost { lost: Lost, certificate: bool },
}

/// A request as it arrived.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) at: Instant,
    pub(crate) headers: Vec<(String, String)>,
    /// The last line of the string to sign.
    pub(crate) signed_hash: Option<String>,
}

impl Step {
    pub(crate) fn answer(status: u16, body: &str) -> Self {
        let headers = vec![("x-acs-request-id", "0527AC9A-TEST".to_owned())];
        Self { after: Duration::ZERO, end: End::Answer { status, headers, body: body.to_owned() } }
    }

    /// An error of the service.
    pub(crate) fn refusal(status: u16, code: &str) -> Self {
        Self::worded_refusal(status, code, "so it is.")
    }

    pub(crate) fn worded_refusal(status: u16, code: &str, message: &str) -> Self {
        Self::answer(status, &format!(r#"{{"code":"{code}","message":"{message}","requestId":"B1"}}"#))
    }

    pub(crate) fn lost(lost: Lost) -> Self {
        Self { after: Duration::ZERO, end: End::Lost { lost, certificate: false } }
    }

    pub(crate) fn bad_certificate() -> Self {
        Self { after: Duration::ZERO, end: End::Lost { lost: Lost::Connecting, certificate: true } }
    }

    pub(crate) fn never() -> Self {
        Self::answer(200, "{}").after(Duration::from_secs(1_000_000))
    }

    pub(crate) fn after(mut self, time: Duration) -> Self {
        self.after = time;
        self
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let End::Answer { headers, .. } = &mut self.end {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

impl Sent {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self { steps: Mutex::new(steps.into_iter().collect()), ..Self::default() })
    }

    /// Adds to the end.
    pub(crate) fn then(&self, steps: impl IntoIterator<Item = Step>) {
        self.steps.lock().unwrap().extend(steps);
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    pub(crate) fn most_under_way(&self) -> usize {
        self.most_under_way.load(Ordering::SeqCst)
    }

    pub(crate) async fn send(&self, signed: Arc<SignedRequest>, limit: usize) -> Result<Answer, Error> {
        let headers = signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let signed_hash = signed.string_to_sign().and_then(|text| text.lines().last()).map(str::to_owned);
        let sent = Sent { at: Instant::now(), headers, signed_hash };
        self.sent.lock().unwrap().push(sent);
        let step = self.steps.lock().unwrap().pop_front().unwrap_or_else(|| Step::answer(200, "{}"));
        let under_way = UnderWay::of(&self.under_way);
        self.most_under_way.fetch_max(under_way.now, Ordering::SeqCst);
        tokio::time::sleep(step.after).await;
        match step.end {
            End::Lost { lost, certificate } => {
                let source = format!("the script says {lost:?}").into();
                Err(Error::transport(TransportFailure { lost, timed_out: false, certificate, source }))
            }
            End::Answer { status, headers, body } => {
                let headers: HeaderMap = headers
                    .into_iter()
                    .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap()))
                    .collect();
                let mut answer = Answer::new(StatusCode::from_u16(status).unwrap(), headers, signed);
                answer.body = body.into_bytes();
                if answer.body.len() > limit { Err(Error::body_too_large(limit, &answer)) } else { Ok(answer) }
            }
        }
    }
}

struct UnderWay<'a> {
    count: &'a AtomicUsize,
    now: usize,
}

impl<'a> UnderWay<'a> {
    fn of(count: &'a AtomicUsize) -> Self {
        Self { count, now: count.fetch_add(1, Ordering::SeqCst) + 1 }
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::SeqCst);
    }
}
