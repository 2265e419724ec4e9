//! Logs and numbers for operators. Neither ever holds a token, a password or a personal value.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Settings};

/// The counter of requests.
pub const REQUESTS: &str = "caurlaide_http_requests_total";
/// The histogram of how long they took.
pub const DURATION: &str = "caurlaide_http_request_duration_seconds";
/// The counter of calls that were not written down.
pub const CALLS_DROPPED: &str = "caurlaide_calls_dropped_total";
/// The counter of requests that were refused because there were too many.
pub const LIMITED: &str = "caurlaide_limited_total";
/// The counter of alarms of mass changes that this node raised.
pub const MASS_CHANGES: &str = "caurlaide_mass_change_alarms_total";
/// The counter of what this node did because its time had come.
pub const TIMERS: &str = "caurlaide_timers_total";
/// The counter of attempts at that which came to nothing.
pub const TIMER_FAILURES: &str = "caurlaide_timer_failures_total";
/// The counter of what became of mails.
pub const MAILS: &str = "caurlaide_mails_total";
/// How many mails wait to be sent.
pub const MAILS_WAITING: &str = "caurlaide_mails_waiting";
/// Where the buckets of the histogram end, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Starts logging to standard error.
pub fn log(settings: &Settings) {
    // What the database remarks on is for whoever asks for it.
    let directives =
        if settings.log.contains("sqlx") { settings.log.clone() } else { format!("{},sqlx=warn", settings.log) };
    let filter = EnvFilter::new(directives);
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Where a panic was is enough; its message may hold anything.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic");
    }));
    // A second start in one process (as in tests) keeps the first.
    let _ = match settings.log_format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
        LogFormat::Text => lines.with_target(false).try_init(),
    };
}

/// Starts counting, once for the process.
pub fn metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(start_counting).clone()
}

#[expect(clippy::expect_used, reason = "the buckets are constant and not empty")]
fn start_counting() -> PrometheusHandle {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(DURATION.into()), &BUCKETS)
        .expect("buckets")
        .build_recorder();
    let handle = recorder.handle();
    // Somebody else's recorder in this process would count instead; ours then shows nothing.
    let _ = metrics::set_global_recorder(recorder);
    metrics::describe_counter!(REQUESTS, "Requests by route, method, status and tenant.");
    metrics::describe_counter!(
        CALLS_DROPPED,
        "Calls that the log of calls lacks: the database did not keep up, or many came with wrong tokens."
    );
    metrics::counter!(CALLS_DROPPED).absolute(0);
    metrics::describe_counter!(LIMITED, "Requests that were refused because there were too many, by reason.");
    metrics::describe_counter!(
        MASS_CHANGES,
        "Alarms about clients that took away far more than usual, as raised here."
    );
    metrics::counter!(MASS_CHANGES).absolute(0);
    metrics::describe_counter!(TIMERS, "What this node did because its time had come, such as the end of a grant.");
    metrics::counter!(TIMERS).absolute(0);
    metrics::describe_counter!(TIMER_FAILURES, "Attempts at that which came to nothing and are made again.");
    metrics::counter!(TIMER_FAILURES).absolute(0);
    metrics::describe_counter!(MAILS, "What became of attempts of this node to send a mail, by outcome.");
    metrics::describe_gauge!(MAILS_WAITING, "How many mails wait to be sent, of all nodes, as far as 10000.");
    metrics::describe_histogram!(DURATION, metrics::Unit::Seconds, "How long requests took, by route and tenant.");
    handle
}
