//! `lienthong bench exchange`: documents at a fixed rate through four real hubs over TLS, evidence on.
//!
//! Files in reading order: `papers` (what is sent), `hubs` (who sends it), `load` (when, and what
//! came of it).

use std::time::Duration;

use clap::Args;
use serde::Serialize;

use self::hubs::{Hubs, ROADS};
use self::load::Seen;
use super::measure;
use crate::cli::demo::BEGINS;
use crate::cli::exit::Exit;
use crate::cli::fault::Fault;
use crate::cli::print;
use crate::cli::speech::Speech;
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};

mod hubs;
mod load;
mod papers;

/// Arguments of `bench exchange`.
#[derive(Debug, Args)]
pub(super) struct ExchangeArguments {
    /// A PostgreSQL server (`postgres://…/DATABASE`) on which each hub gets a database of its own for
    /// the time of the measurement (default: each hub on SQLite).
    #[arg(long, value_name = "URL")]
    postgres: Option<String>,
    /// Documents handed in each second, however slow the hubs are.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    rate: u32,
    /// How long documents are handed in.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=3_600))]
    seconds: u16,
    /// One line of JSON (schema lienthong.bench/1).
    #[arg(long)]
    json: bool,
}

/// Measures and prints.
pub(super) fn run(arguments: &ExchangeArguments, speech: &Speech) -> Result<Exit, Fault> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let measured = runtime.map_err(Fault::demo)?.block_on(measure(arguments))?;
    match (arguments.json, serde_json::to_string(&measured)) {
        (true, Ok(text)) => print::line(&text),
        _ => print::line(&measured.said(speech)),
    }
    Ok(if measured.errors == 0 {
        Exit::Done
    } else {
        Exit::Unexpected
    })
}

/// Seconds from the machine's clock to the morning the test certificates belong to.
fn offset_seconds() -> Result<i64, Fault> {
    let begins: Timestamp = BEGINS.parse().map_err(Fault::demo)?;
    Ok(begins.as_second() - SystemClock::default().now().as_second())
}

async fn measure(arguments: &ExchangeArguments) -> Result<Line, Fault> {
    let folder = std::env::temp_dir().join(format!("lienthong-bench-{}", std::process::id()));
    let hubs = Hubs::start(arguments.postgres.clone(), folder).await?;
    let raw = tokio::task::block_in_place(|| raw_rate(&hubs))?;
    let before = commits(&hubs)?;
    let time = Duration::from_secs(u64::from(arguments.seconds));
    let seen = load::run(&hubs, arguments.rate, time).await?;
    if let Some(first) = seen.refused.first() {
        print::complain(first);
    }
    let line = Line::new(arguments, &hubs, &seen, raw, commits(&hubs)? - before);
    hubs.stop().await?;
    Ok(line)
}

/// Durable commits of one connection in a second; 0 on SQLite.
fn raw_rate(hubs: &Hubs) -> Result<f64, Fault> {
    let first = hubs.databases().first();
    let rate = first.map(|made| made.durable_commits_per_second(Duration::from_secs(1)));
    Ok(rate
        .transpose()
        .map_err(crate::app::Error::from)?
        .unwrap_or(0.0))
}

fn commits(hubs: &Hubs) -> Result<i64, Fault> {
    let mut sum = 0;
    for made in hubs.databases() {
        sum += made.commits().map_err(crate::app::Error::from)?;
    }
    Ok(sum)
}

/// Wire shape.
#[derive(Serialize)]
struct Line {
    schema: &'static str,
    what: &'static str,
    /// Deliveries seen by their recipients in each second, from the first intended instant to the last.
    rate_per_second: f64,
    /// One-row transactions a single connection makes durable in a second; 0 on SQLite.
    raw_rate_per_second: f64,
    /// Transactions of the hubs in each second to that raw rate; 0 on SQLite.
    ratio: f64,
    offered_per_second: u32,
    seconds: u16,
    database: &'static str,
    accepted_p50_ms: f64,
    accepted_p95_ms: f64,
    accepted_p99_ms: f64,
    /// From the intended instant until the recipient saw the document, looking every 200 ms.
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    deliveries: u64,
    hubs_per_delivery: f64,
    transactions_per_delivery: f64,
    processor_ms_per_delivery: f64,
    hubs: Vec<WireHub>,
    /// The most memory of one hub.
    peak_rss_bytes: u64,
    load_peak_rss_bytes: u64,
    refused: u64,
    lost: u64,
    duplicated: u64,
    receipts_missing: u64,
    errors: u64,
}

/// Wire shape.
#[derive(Serialize)]
struct WireHub {
    id: &'static str,
    peak_rss_bytes: u64,
    processor_seconds: f64,
}

impl Line {
    fn new(
        arguments: &ExchangeArguments,
        hubs: &Hubs,
        seen: &Seen,
        raw: f64,
        transactions: i64,
    ) -> Self {
        let count = |found: usize| u64::try_from(found).unwrap_or(u64::MAX);
        let real = |found: u64| f64::from(u32::try_from(found).unwrap_or(u32::MAX));
        let deliveries = count(seen.consigned.len());
        let each = real(deliveries).max(1.0);
        let whole = seen.whole.as_secs_f64().max(1e-9);
        let transactions = real(u64::try_from(transactions).unwrap_or(0));
        let used = hubs.used();
        let refused = count(seen.refused.len());
        let per_second = if raw > 0.0 {
            transactions / whole / raw
        } else {
            0.0
        };
        Self {
            schema: "lienthong.bench/1",
            what: "exchange",
            rate_per_second: round(real(deliveries) / whole),
            raw_rate_per_second: round(raw),
            ratio: round(per_second),
            offered_per_second: arguments.rate,
            seconds: arguments.seconds,
            database: arguments
                .postgres
                .as_ref()
                .map_or("sqlite", |_| "postgresql"),
            accepted_p50_ms: percentile_ms(&seen.accepted, 50),
            accepted_p95_ms: percentile_ms(&seen.accepted, 95),
            accepted_p99_ms: percentile_ms(&seen.accepted, 99),
            p50_ms: percentile_ms(&seen.consigned, 50),
            p95_ms: percentile_ms(&seen.consigned, 95),
            p99_ms: percentile_ms(&seen.consigned, 99),
            deliveries,
            hubs_per_delivery: ROADS
                .iter()
                .map(|(_, _, hubs)| f64::from(*hubs))
                .sum::<f64>()
                / real(count(ROADS.len())),
            transactions_per_delivery: round(transactions / each),
            processor_ms_per_delivery: round(
                used.iter().map(|hub| hub.processor_seconds).sum::<f64>() * 1000.0 / each,
            ),
            peak_rss_bytes: used.iter().map(|hub| hub.peak_rss_bytes).max().unwrap_or(0),
            hubs: used
                .iter()
                .map(|hub| WireHub {
                    id: hub.hub,
                    peak_rss_bytes: hub.peak_rss_bytes,
                    processor_seconds: round(hub.processor_seconds),
                })
                .collect(),
            load_peak_rss_bytes: measure::peak_rss_bytes(),
            refused,
            lost: seen.lost,
            duplicated: seen.duplicated,
            receipts_missing: seen.receipts_missing,
            errors: refused + seen.lost + seen.duplicated + seen.receipts_missing,
        }
    }

    fn said(&self, speech: &Speech) -> String {
        let params = [
            ("rate", format!("{:.1}", self.rate_per_second)),
            ("offered", self.offered_per_second.to_string()),
            ("accepted", format!("{:.0}", self.accepted_p99_ms)),
            ("p50", format!("{:.0}", self.p50_ms)),
            ("p95", format!("{:.0}", self.p95_ms)),
            (
                "transactions",
                format!("{:.1}", self.transactions_per_delivery),
            ),
            ("errors", self.errors.to_string()),
        ];
        speech.text("cli-bench-exchange", &params)
    }
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// The duration within which `percent` of them were done, in milliseconds; they are sorted.
fn percentile_ms(durations: &[Duration], percent: usize) -> f64 {
    let last = durations.len().saturating_sub(1);
    let at = durations.len().saturating_mul(percent) / 100;
    let found = durations.get(at.min(last));
    round(found.map_or(0.0, |duration| duration.as_secs_f64() * 1000.0))
}
