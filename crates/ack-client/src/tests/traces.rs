//! What is traced: spans and events, with their fields, and no secret.

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

use super::{RuntimeClock, SECRET, TOKEN, builder, client, read, upgrade};
use crate::runtime::{Lost, Script, Step};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// A call that is repeated twice, one with a wrong clock whose answer is lost, and one whose answer is no JSON.
async fn one_of_each() {
    let date = "Fri, 02 Jan 2026 03:04:05 GMT";
    let script = Script::new([
        Step::answer(502, "<html>"),
        Step::refusal(400, "Throttling.User").header("x-acs-retry-after", "1500"),
        Step::answer(200, r#"{"state":"running"}"#),
        Step::refusal(400, "InvalidTimeStamp.Expired").header("date", date),
        Step::lost(Lost::Exchanging),
        Step::answer(200, "no JSON"),
    ]);
    let client = client(builder().clock(RuntimeClock::new(-7200)), &script);
    read(&client).await.unwrap();
    upgrade(&client).await.unwrap_err();
    read(&client).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn calls_and_attempts_are_spans() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(lines.clone())
        .with_ansi(false)
        .without_time()
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);

    // Tests beside this one may meet the same events first, when nobody listens, and have them switched off for all.
    one_of_each().await;
    tracing::callsite::rebuild_interest_cache();
    lines.0.lock().unwrap().clear();
    one_of_each().await;
    drop(guard);

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    for secret in [SECRET, TOKEN, "ACS3-HMAC-SHA256", "authorization"] {
        assert!(!text.to_ascii_lowercase().contains(&secret.to_ascii_lowercase()), "{secret} shows in {text}");
    }
    // How long a span was busy is the one thing that differs from run to run.
    let steady: Vec<&str> = text.lines().map(|line| line.split(" time.busy=").next().unwrap_or(line)).collect();
    insta::assert_snapshot!(steady.join("\n"));
}
