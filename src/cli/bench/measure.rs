//! The stop-watch, and what is measured when nothing is given.

use std::time::{Duration, Instant};

/// What a run gave.
pub(super) struct Measured {
    /// Successes in each second of wall time, all jobs together.
    pub(super) rate: f64,
    /// Failures.
    pub(super) errors: u64,
    /// Duration of the first success, when nothing was ready yet.
    first: Duration,
    /// Duration of each success, sorted.
    durations: Vec<Duration>,
}

impl Measured {
    /// The duration within which `percent` of the successes were done.
    pub(super) fn percentile_ms(&self, percent: usize) -> f64 {
        let last = self.durations.len().saturating_sub(1);
        let at = self.durations.len().saturating_mul(percent) / 100;
        let found = self.durations.get(at.min(last));
        found.map_or(0.0, |duration| duration.as_secs_f64() * 1000.0)
    }

    /// The duration of the first success.
    pub(super) const fn first_ms(&self) -> f64 {
        self.first.as_secs_f64() * 1000.0
    }

    pub(super) fn count(&self) -> u64 {
        u64::try_from(self.durations.len()).unwrap_or(u64::MAX)
    }
}

/// Does `act` again and again for `time` in `jobs` threads, with a pause after each that is not counted.
#[expect(
    clippy::disallowed_methods,
    reason = "the pause between two documents is what is asked for"
)]
pub(super) fn run_for(
    time: Duration,
    (jobs, pause): (usize, Duration),
    act: &(dyn Fn() -> bool + Sync),
) -> Measured {
    let start = Instant::now();
    let work = || {
        let (mut durations, mut errors) = (Vec::new(), 0_u64);
        while start.elapsed() < time {
            let before = Instant::now();
            if act() {
                durations.push(before.elapsed());
            } else {
                errors += 1;
            }
            if !pause.is_zero() {
                std::thread::sleep(pause);
            }
        }
        (durations, errors)
    };
    let mut parts = Vec::new();
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..jobs).map(|_| scope.spawn(work)).collect();
        parts.push(work());
        // A thread that broke down counts as an error.
        parts.extend(
            others
                .into_iter()
                .map(|other| other.join().unwrap_or((Vec::new(), 1))),
        );
    });
    let seconds = start.elapsed().as_secs_f64();
    let errors = parts.iter().map(|(_, errors)| errors).sum();
    let mut durations: Vec<_> = parts
        .into_iter()
        .flat_map(|(durations, _)| durations)
        .collect();
    let first = durations.first().copied().unwrap_or_default();
    durations.sort_unstable();
    let count = f64::from(u32::try_from(durations.len()).unwrap_or(u32::MAX));
    Measured {
        rate: count / seconds.max(1e-9),
        errors,
        first,
        durations,
    }
}

/// How often one core does `act` in a second.
pub(super) fn raw_rate(time: Duration, act: &(dyn Fn() -> bool + Sync)) -> f64 {
    run_for(time, (1, Duration::ZERO), act).rate
}

/// The most memory this process ever held, 0 where the system does not tell.
pub(super) fn peak_rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0).saturating_mul(1024)
}

/// A page of text of about 100 kB, not compressed.
pub(super) fn one_page() -> Vec<u8> {
    let mut text = String::from("BT /F1 4 Tf 40 800 Td 4 TL\n");
    while text.len() < 99_000 {
        text.push_str("(Cong hoa xa hoi chu nghia Viet Nam, Doc lap - Tu do - Hanh phuc) Tj T*\n");
    }
    text.push_str("ET");
    let bodies = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
         /Resources<</Font<</F1 5 0 R>>>>>>"
            .to_owned(),
        format!("<</Length {}>>\nstream\n{text}\nendstream", text.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>".to_owned(),
    ];
    let mut file = "%PDF-1.7\n".to_owned();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", bodies.len() + 1);
    for (at, body) in bodies.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj\n{body}\nendobj\n", at + 1));
    }
    let start = file.len();
    file.push_str(&table);
    file.push_str(&format!(
        "trailer\n<</Root 1 0 R/Size {}>>\nstartxref\n{start}\n%%EOF\n",
        bodies.len() + 1
    ));
    file.into_bytes()
}
