//! Which failures are repeated: the table of `StandardRetry`, for an operation that may be repeated and one that may not.

use std::fmt::Write as _;
use std::time::Duration;

use super::{builder, client, read, upgrade};
use crate::runtime::{Lost, Script, Step};

#[tokio::test(start_paused = true)]
async fn what_is_repeated() {
    let cases = [
        ("no connection", Step::lost(Lost::Connecting)),
        ("certificate not trusted", Step::bad_certificate()),
        ("connection lost", Step::lost(Lost::Exchanging)),
        ("answer cut off", Step::lost(Lost::ReadingBody)),
        ("attempt out of time", Step::never()),
        ("400 Throttling", Step::refusal(400, "Throttling")),
        ("400 Throttling.User", Step::refusal(400, "Throttling.User")),
        ("400 Rejected.Throttling", Step::refusal(400, "Rejected.Throttling")),
        ("429 without a code", Step::answer(429, "")),
        ("403 with a wait", Step::refusal(403, "Busy").header("x-acs-retry-after", "200")),
        ("503 with a wait", Step::refusal(503, "ServiceUnavailable").header("x-acs-retry-after", "200")),
        ("503 Throttling.Api", Step::refusal(503, "Throttling.Api")),
        ("500 Throttling", Step::refusal(500, "Throttling")),
        ("502 Throttling.User", Step::refusal(502, "Throttling.User")),
        ("504 Rejected.Throttling", Step::refusal(504, "Rejected.Throttling")),
        ("500 with a wait", Step::refusal(500, "Busy").header("x-acs-retry-after", "200")),
        ("502 with a wait", Step::answer(502, "<html/>").header("x-acs-retry-after", "200")),
        ("500 InternalError", Step::refusal(500, "InternalError")),
        ("501 NotImplemented", Step::refusal(501, "NotImplemented")),
        ("502 HTML", Step::answer(502, "<html>nginx</html>")),
        ("503 ServiceUnavailable", Step::refusal(503, "ServiceUnavailable")),
        ("503 without a body", Step::answer(503, "")),
        ("504 without a body", Step::answer(504, "")),
        ("505 without a body", Step::answer(505, "")),
        ("408 without a body", Step::answer(408, "")),
        ("408 with a wait", Step::answer(408, "").header("x-acs-retry-after", "200")),
        ("408 Throttling", Step::refusal(408, "Throttling")),
        ("400 SignatureNonceUsed", Step::refusal(400, "SignatureNonceUsed")),
        ("400 SignatureDoesNotMatch", Step::refusal(400, "SignatureDoesNotMatch")),
        ("400 ErrorClusterState", Step::refusal(400, "ErrorClusterState")),
        ("403 StatusForbidden", Step::refusal(403, "StatusForbidden")),
        ("404 ErrorClusterNotFound", Step::refusal(404, "ErrorClusterNotFound")),
        ("401 without a body", Step::answer(401, "")),
        ("403 too large", Step::answer(403, &"x".repeat(5000))),
        ("409 Throttling", Step::refusal(409, "Throttling")),
        ("302 without a body", Step::answer(302, "")),
        ("303 elsewhere", Step::answer(303, "").header("location", "http://elsewhere.invalid/")),
        ("307 elsewhere", Step::answer(307, "").header("location", "http://elsewhere.invalid/")),
        ("300 Choices", Step::refusal(300, "Choices")),
        ("200 HTML", Step::answer(200, "<html>sign in</html>")),
        ("200 cut-off JSON", Step::answer(200, "{\"state\":\"run")),
        ("200 too large", Step::answer(200, &"x".repeat(5000))),
    ];
    let mut report = format!("{:28} {:12} {:12} {}\n", "failure", "idempotent", "not", "may have taken effect");
    for (name, step) in cases {
        let mut sent = Vec::new();
        let mut effect = None;
        for idempotent in [true, false] {
            let script = Script::new([step.clone(), step.clone(), step.clone(), step.clone(), step.clone()]);
            let client =
                client(builder().timeout(Duration::from_secs(600)).max_attempts(3).max_body_bytes(4096), &script);
            let outcome = if idempotent { read(&client).await } else { upgrade(&client).await };
            let error = outcome.unwrap_err();
            let count = script.sent().len();
            assert_eq!(error.attempts() as usize, count, "{name}");
            assert_eq!(error.is_retries_exhausted(), count > 1, "{name}: {error}");
            assert!(count == 1 || error.is_transient(), "{name}: {error}");
            assert!(idempotent || count == 1 || !error.may_have_taken_effect(), "{name}: {error}");
            effect = Some(error.may_have_taken_effect());
            sent.push(if count == 3 { "repeated" } else { "-" });
        }
        let effect = if effect == Some(true) { "yes" } else { "no" };
        writeln!(report, "{name:28} {:12} {:12} {effect}", sent[0], sent[1]).unwrap();
    }
    insta::assert_snapshot!(report);
}
