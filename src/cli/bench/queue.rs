//! `lienthong bench queue`: how fast due work is found and taken from a full outbox, and how soon an
//! urgent piece is taken behind a backlog.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use serde::Serialize;

use super::measure;
use crate::cli::exit::Exit;
use crate::cli::fault::Fault;
use crate::cli::print;
use crate::cli::speech::Speech;
use crate::domain::lane::Lane;
use crate::exchange::rehearsal::Rehearsal;

/// Urgent pieces measured.
const URGENT: u32 = 100;
/// Pieces taken of one neighbour for the bare query.
const BARE: u16 = 20;

/// Arguments of `bench queue`.
#[derive(Debug, Args)]
pub(super) struct QueueArguments {
    /// An empty database (`sqlite:PATH` or `postgres://…`); it is filled and left as it is.
    #[arg(long, value_name = "URL")]
    database: String,
    /// An empty folder for the files of the store.
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// Pieces of work waiting.
    #[arg(long, default_value_t = 1_000_000)]
    rows: u32,
    /// Neighbours they wait for.
    #[arg(long, default_value_t = 1_500, value_parser = clap::value_parser!(u16).range(1..=5_000))]
    peers: u16,
    /// How long to take.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=3600))]
    seconds: u16,
    /// One line of JSON (schema lienthong.bench/1).
    #[arg(long)]
    json: bool,
}

/// Wire shape.
#[derive(Serialize)]
struct Line {
    schema: &'static str,
    what: &'static str,
    /// Pieces taken in a second, looking for them included.
    rate_per_second: f64,
    /// Pieces of one neighbour taken in a second by the bare query.
    raw_rate_per_second: f64,
    ratio: f64,
    /// Of one batch.
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    /// From adding an urgent piece to having it in hand.
    urgent_p50_ms: f64,
    urgent_p99_ms: f64,
    /// Looking over all neighbours once.
    look_p50_ms: f64,
    fill_rate_per_second: f64,
    peak_rss_bytes: u64,
    errors: u64,
    count: usize,
    rows: u32,
    peers: u16,
}

/// Fills, measures and prints.
pub(super) fn run(arguments: &QueueArguments, speech: &Speech) -> Result<Exit, Fault> {
    let mut outbox = Rehearsal::open(&arguments.database, &arguments.folder)?;
    let began = Instant::now();
    outbox.fill(arguments.rows, arguments.peers, Lane::Normal)?;
    let filling = began.elapsed();
    let bare = bare(&outbox, arguments.peers)?;
    let urgent = urgent(&mut outbox)?;
    let taken = taking(
        &mut outbox,
        Duration::from_secs(u64::from(arguments.seconds)),
    )?;
    let line = Line {
        schema: "lienthong.bench/1",
        what: "queue",
        rate_per_second: round(rate(taken.count, taken.time)),
        raw_rate_per_second: round(bare),
        ratio: round(rate(taken.count, taken.time) / bare.max(1e-9)),
        p50_ms: percentile(&taken.batches, 50),
        p95_ms: percentile(&taken.batches, 95),
        p99_ms: percentile(&taken.batches, 99),
        urgent_p50_ms: percentile(&urgent, 50),
        urgent_p99_ms: percentile(&urgent, 99),
        look_p50_ms: percentile(&taken.looks, 50),
        fill_rate_per_second: round(f64::from(arguments.rows) / filling.as_secs_f64().max(1e-9)),
        peak_rss_bytes: measure::peak_rss_bytes(),
        errors: 0,
        count: taken.count,
        rows: arguments.rows,
        peers: arguments.peers,
    };
    match (arguments.json, serde_json::to_string(&line)) {
        (true, Ok(text)) => print::line(&text),
        _ => print::line(&said(&line, speech)),
    }
    Ok(Exit::Done)
}

fn said(line: &Line, speech: &Speech) -> String {
    let params = [
        ("rate", format!("{:.0}", line.rate_per_second)),
        ("rows", line.rows.to_string()),
        ("peers", line.peers.to_string()),
        ("p50", format!("{:.3}", line.p50_ms)),
        ("p99", format!("{:.3}", line.p99_ms)),
        ("urgent", format!("{:.3}", line.urgent_p99_ms)),
    ];
    speech.text("cli-bench-queue", &params)
}

/// How many pieces of one neighbour the bare query takes in a second.
fn bare(outbox: &Rehearsal, peers: u16) -> Result<f64, Fault> {
    let (mut count, mut time) = (0, Duration::ZERO);
    for number in 0..peers.min(BARE) {
        let began = Instant::now();
        let taken = outbox.take_of_one(number)?;
        time += began.elapsed();
        count += taken.len();
        outbox.finish(&taken)?;
    }
    Ok(rate(count, time))
}

/// How long each of some urgent pieces waits that come one by one behind the backlog.
fn urgent(outbox: &mut Rehearsal) -> Result<Vec<Duration>, Fault> {
    let mut waits = Vec::new();
    for _ in 0..URGENT {
        outbox.fill(1, 1, Lane::Urgent)?;
        let came = Instant::now();
        loop {
            outbox.look()?;
            let (round, taken) = outbox.take()?;
            if round.has_urgent {
                waits.push(came.elapsed());
            }
            outbox.finish(&taken)?;
            if round.has_urgent || round.taken == 0 {
                break;
            }
        }
    }
    waits.sort_unstable();
    Ok(waits)
}

struct Taken {
    count: usize,
    time: Duration,
    batches: Vec<Duration>,
    looks: Vec<Duration>,
}

/// Takes for `time`, looking again whenever looking took at most a tenth of it, as a hub does.
fn taking(outbox: &mut Rehearsal, time: Duration) -> Result<Taken, Fault> {
    let mut found = Taken {
        count: 0,
        time: Duration::ZERO,
        batches: Vec::new(),
        looks: Vec::new(),
    };
    let (began, mut next_look) = (Instant::now(), Instant::now());
    while began.elapsed() < time {
        let at = Instant::now();
        if at >= next_look {
            outbox.look()?;
            found.looks.push(at.elapsed());
            found.time += at.elapsed();
            next_look = Instant::now() + at.elapsed() * 9;
        }
        let at = Instant::now();
        let (round, taken) = outbox.take()?;
        found.time += at.elapsed();
        if round.taken == 0 {
            if next_look <= Instant::now() {
                continue;
            }
            outbox.look()?;
            let (again, more) = outbox.take()?;
            outbox.finish(&more)?;
            if again.taken == 0 {
                break;
            }
            continue;
        }
        found.batches.push(at.elapsed());
        found.count += round.taken;
        outbox.finish(&taken)?;
    }
    found.batches.sort_unstable();
    found.looks.sort_unstable();
    Ok(found)
}

fn rate(count: usize, time: Duration) -> f64 {
    let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    count / time.as_secs_f64().max(1e-9)
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let at = sorted.len().saturating_mul(percent) / 100;
    let found = sorted.get(at.min(last));
    round(found.map_or(0.0, |duration| duration.as_secs_f64() * 1000.0))
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
