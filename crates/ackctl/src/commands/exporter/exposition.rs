//! The two forms that metrics are written in.

use axum::http::{HeaderMap, header};

/// A form of metrics, which whoever scrapes has the choice of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exposition {
    /// OpenMetrics 1.0, for those who ask for it, as Prometheus does.
    OpenMetrics,
    /// The older text form 0.0.4 of Prometheus, which everything else reads; browsers show it, too.
    Text,
}

impl Exposition {
    pub(super) fn wanted_by(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let asks = accepted.flat_map(|value| value.split(',')).any(|range| {
            let mut parts = range.split(';').map(str::trim);
            let is_it = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/openmetrics-text"));
            is_it && !parts.any(is_refusal)
        });
        if asks { Self::OpenMetrics } else { Self::Text }
    }

    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    /// Metrics in this form, from OpenMetrics.
    pub(super) fn of(self, open_metrics: String) -> String {
        match self {
            Self::OpenMetrics => open_metrics,
            Self::Text => text(&open_metrics),
        }
    }
}

/// The older form knows no end mark, and counters go by the names of their series.
fn text(open_metrics: &str) -> String {
    let lines: Vec<&str> = open_metrics.lines().filter(|line| *line != "# EOF").collect();
    let counters: Vec<&str> =
        lines.iter().filter_map(|line| line.strip_prefix("# TYPE ")?.strip_suffix(" counter")).collect();
    let mut text = String::with_capacity(open_metrics.len());
    for line in lines {
        let described = line.strip_prefix("# HELP ").or_else(|| line.strip_prefix("# TYPE "));
        match described.and_then(|rest| rest.split_once(' ')).filter(|(name, _)| counters.contains(name)) {
            Some((name, rest)) => {
                let keyword = line.get(..7).unwrap_or_default();
                text.extend([keyword, name, "_total ", rest]);
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// A weight of nothing: `q=0`.
fn is_refusal(parameter: &str) -> bool {
    let weight = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
    weight.and_then(|weight| weight.parse::<f32>().ok()) == Some(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &'static str) -> Exposition {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Exposition::wanted_by(&headers)
    }

    #[test]
    fn those_who_ask_get_open_metrics() {
        // As Prometheus 2.42 and 3 ask, and a browser.
        let prometheus = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                          text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
        assert_eq!(wanted(prometheus), Exposition::OpenMetrics);
        assert_eq!(wanted("text/plain, Application/OpenMetrics-Text; q=0.5"), Exposition::OpenMetrics);
        assert_eq!(wanted("application/openmetrics-text; q=0.0, text/plain"), Exposition::Text);
        assert_eq!(wanted("text/html,application/xhtml+xml,*/*;q=0.8"), Exposition::Text);
        assert_eq!(Exposition::wanted_by(&HeaderMap::new()), Exposition::Text);
    }

    #[test]
    fn the_older_form() {
        let open = "# HELP ack_a Looks.\n# TYPE ack_a counter\nack_a_total{b=\"# TYPE x counter\"} 1\n# HELP ack_b B.\n\
                    # TYPE ack_b gauge\nack_b 1.5\n# EOF\n";
        insta::assert_snapshot!(Exposition::Text.of(open.to_owned()), @r##"
        # HELP ack_a_total Looks.
        # TYPE ack_a_total counter
        ack_a_total{b="# TYPE x counter"} 1
        # HELP ack_b B.
        # TYPE ack_b gauge
        ack_b 1.5
        "##);
        assert_eq!(Exposition::OpenMetrics.of(open.to_owned()), open);
    }
}
