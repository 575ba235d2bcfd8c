//! One request and its answer, from stage to stage: receive (done by the caller), authenticate, route, operate, render;
//! with the faults between them.

use ack_models::catalogue::Catalogue;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use jiff::Timestamp;

use crate::authenticate::Present;
use crate::clock::timestamp;
use crate::emulator::Cloud;
use crate::fault::{Asked, Effect, Moment, Strike, When, altered, packed};
use crate::operate::{Answer, Scene, operate};
use crate::receive::Received;
use crate::recorded::{RecordedRequest, StruckBy};
use crate::refusal::Refusal;
use crate::render::Rendering;
use crate::route::{Call, matching, route};

/// The code of the refusal that a clock skew leads to.
const OUT_OF_DATE: &str = "InvalidTimeStamp.Expired";

/// Answers a request and notes it.
pub(crate) fn answer(cloud: &Cloud, received: &Received) -> Response<Bytes> {
    let request_id = cloud.ids.request_id();
    let rendering = Rendering {
        format: received.answer_format(),
        xml_style: cloud.xml_style,
        request_id: &request_id,
        host: received.host(),
    };
    let called = matching(received);
    let cluster = called.as_ref().and_then(|call| cluster_of(cloud, call));
    let asked = called.as_ref().map(|call| Asked {
        operation: call.operation,
        cluster: cluster.as_deref(),
        format: rendering.format,
    });
    let struck = |moment| asked.and_then(|asked| cloud.faults(|faults| faults.strike(moment, &asked)));

    let skew = struck(Moment::Arrival);
    let present = present(timestamp(cloud.wall_clock.now()), skew.as_ref());
    let entered = enter(cloud, received, present);
    let strike = entered.as_ref().ok().and_then(|_| struck(Moment::Entry));
    let outcome = match (&strike, entered) {
        (Some(Strike { when: When::Before, .. }), Ok(_)) => None,
        (_, entered) => Some(entered.and_then(|(call, body)| {
            let answer = carry_out(cloud, &call, received, body, &request_id)?;
            Ok((call.operation.id, answer))
        })),
    };

    let is_accepted = matches!(outcome, Some(Ok(_)));
    let mut code = outcome.as_ref().and_then(|outcome| outcome.as_ref().err()).map(|refusal| refusal.code.to_string());
    let effect = strike.as_ref().map(|strike| &*strike.effect);
    let mut response = match effect {
        Some(Effect::Answer(canned)) => {
            code = canned.code().map(ToOwned::to_owned);
            let mut response = rendering.canned(canned);
            redirect(&mut response, received);
            response
        }
        _ => match outcome.unwrap_or_else(|| Err(Refusal::nothing())) {
            Ok((operation_id, answer)) => {
                let answer = alter(operation_id, answer, effect);
                rendering.answer(operation_id, &answer).unwrap_or_else(|refusal| {
                    code = Some(refusal.code.to_string());
                    rendering.refusal(&refusal)
                })
            }
            Err(refusal) => rendering.refusal(&refusal),
        },
    };
    if let Some(Effect::ContentType(content_type)) = effect {
        response.headers_mut().remove(CONTENT_TYPE);
        if let Some(content_type) = content_type {
            response.headers_mut().insert(CONTENT_TYPE, content_type.clone());
        }
    }
    if let Some(&Effect::Compress { blanks }) = effect {
        *response.body_mut() = packed(response.body(), blanks).into();
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Ok(date) = HeaderValue::from_str(&present.shown.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()) {
        response.headers_mut().insert(DATE, date);
    }

    let delivery = effect.and_then(|effect| effect.delivery(response.body().len()));
    let is_silent = delivery.is_some_and(|delivery| delivery.is_silent());
    if is_silent {
        response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::BAD_GATEWAY;
    }
    if let Some(delivery) = delivery {
        response.extensions_mut().insert(delivery);
    }

    let skewed = skew.filter(|_| code.as_deref() == Some(OUT_OF_DATE));
    let fault = strike.or(skewed).map(|strike| StruckBy { id: strike.id, name: strike.name });
    let operation = called.map(|call| call.operation.id);
    let status = (!is_silent).then(|| response.status().as_u16());
    tracing::debug!(operation, status, code = code.as_deref(), request_id, is_accepted, ?fault, "answered a request");
    let request = RecordedRequest {
        operation,
        method: received.parts.method.as_str().to_owned(),
        path: received.path().to_owned(),
        query: received.query().to_owned(),
        status,
        code: if is_silent { None } else { code },
        request_id,
        is_accepted,
        fault,
    };
    cloud.recorder(|recorder| recorder.record(request));
    response
}

/// The cluster that a path names, itself or by one of its tasks.
fn cluster_of(cloud: &Cloud, call: &Call) -> Option<String> {
    if let Some(id) = call.parameter("clusterid") {
        return Some(id.to_owned());
    }
    let task_id = call.parameter("taskid")?;
    cloud.state(|state| state.cluster_of_task(task_id, cloud.time.now()).map(|cluster| cluster.seed.id.clone()))
}

fn present(real: Timestamp, skew: Option<&Strike>) -> Present {
    let shown = match skew.map(|strike| &*strike.effect) {
        Some(Effect::Skew(by)) => real.checked_add(*by).unwrap_or(real),
        _ => real,
    };
    Present { real, shown }
}

/// Lets a request in, or says why not.
fn enter<'r>(cloud: &Cloud, received: &'r Received, present: Present) -> Result<(Call, &'r Bytes), Refusal> {
    let body = received.body.as_ref().map_err(Clone::clone)?;
    cloud.gate.authenticate(received, body, present)?;
    Ok((route(received)?, body))
}

fn carry_out(
    cloud: &Cloud,
    call: &Call,
    received: &Received,
    body: &[u8],
    request_id: &str,
) -> Result<Answer, Refusal> {
    cloud.state(|state| {
        // The time is read under the lock, so that no request sees a time before that of one already answered.
        let now = cloud.time.now();
        let (ids, strict_ids) = (&cloud.ids, cloud.strict_ids);
        let mut scene = Scene { state, ids, now, request_id, strict_ids };
        operate(&mut scene, call, received, body)
    })
}

fn alter(operation_id: &str, answer: Answer, effect: Option<&Effect>) -> Answer {
    let Some(Effect::Alter(alteration)) = effect else { return answer };
    match answer {
        Answer::Empty | Answer::Text(_) => answer,
        // A model that cannot be written is left to the renderer, which says so.
        answer => match serde_json::to_value(&answer) {
            Ok(value) => Answer::Documented(altered(Catalogue::get(), operation_id, value, alteration)),
            Err(_) => answer,
        },
    }
}

/// Completes a `Location` that says only which host to go to.
fn redirect(response: &mut Response<Bytes>, received: &Received) {
    let Some(origin) = response.headers().get(LOCATION).and_then(|origin| origin.to_str().ok()) else { return };
    let path = received.parts.uri.path_and_query().map_or("/", |path| path.as_str());
    if let Ok(location) = HeaderValue::from_str(&format!("{origin}{path}")) {
        response.headers_mut().insert(LOCATION, location);
    }
}
