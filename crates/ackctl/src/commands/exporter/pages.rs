//! What the server of the exporter answers. Nothing of a request is repeated in an answer.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use maud::{DOCTYPE, html};

use super::exposition::Exposition;
use super::metrics::Metrics;

pub(super) fn router(metrics: Metrics) -> Router {
    Router::new()
        .route("/", get(|| async { start_page() }))
        .route("/metrics", get(scrape))
        .route("/-/healthy", get(|| async { "ackctl exporter is healthy\n" }))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method)
        .with_state(metrics)
}

async fn scrape(State(metrics): State<Metrics>, headers: HeaderMap) -> Response {
    let exposition = Exposition::wanted_by(&headers);
    match metrics.text() {
        Ok(text) => {
            let headers = [(header::CONTENT_TYPE, exposition.content_type()), (header::VARY, "accept")];
            (headers, exposition.of(text)).into_response()
        }
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

/// Links are relative, so that they hold behind a proxy that puts a path in front.
fn start_page() -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { "ackctl exporter" }
            }
            body {
                h1 { "ackctl exporter" }
                p { "Metrics of the upgrades of ACK clusters, for Prometheus." }
                ul {
                    li { a href="metrics" { "Metrics" } }
                    li { a href="-/healthy" { "Health" } }
                }
                p { "ackctl " (env!("CARGO_PKG_VERSION")) }
            }
        }
    };
    Html(page.into_string())
}

async fn nothing_here() -> Response {
    (StatusCode::NOT_FOUND, "there is nothing at this path; metrics are at /metrics\n").into_response()
}

/// The router adds which ones are allowed.
async fn wrong_method() -> Response {
    (StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered\n").into_response()
}
