//! The four hubs of the sample network, each with its own database, and people who send and look.

use std::path::PathBuf;

use crate::app::{self, ThrowawayDatabase};
use crate::cli::demo::clerk::{self, Clerk};
use crate::cli::demo::network::{HUBS, Network};
use crate::cli::demo::process::Process;
use crate::cli::fault::Fault;
use crate::config::Config;

/// Who sends to whom, and how many hubs lie on the road, both ends included.
pub(super) const ROADS: [(&str, &str, u32); 4] = [
    ("H21.36.21", "G22", 4),
    ("H21", "H21.36.22", 3),
    ("H21.36", "H21", 2),
    ("G22", "H21.36", 3),
];

/// Agencies with a clerk: code, hub.
const CLERKS: [(&str, &str); 5] = [
    ("H21.36.21", "commune"),
    ("H21.36.22", "commune"),
    ("H21.36", "district"),
    ("H21", "province"),
    ("G22", "central"),
];

/// Running hubs. All of it is gone with this value: processes, databases, folder.
pub(super) struct Hubs {
    clerks: Vec<(&'static str, Clerk)>,
    processes: Vec<(&'static str, Process)>,
    databases: Vec<ThrowawayDatabase>,
    folder: PathBuf,
}

/// What a hub's process has used.
pub(super) struct Used {
    /// The hub.
    pub(super) hub: &'static str,
    /// The most memory it held, without its children, in bytes.
    pub(super) peak_rss_bytes: u64,
    /// Processor time of it and its ended children, in seconds.
    pub(super) processor_seconds: f64,
}

impl Hubs {
    /// Writes, migrates and starts the hubs: on databases of the PostgreSQL server `server`, or on
    /// SQLite.
    pub(super) async fn start(server: Option<String>, folder: PathBuf) -> Result<Self, Fault> {
        let prepared = tokio::task::spawn_blocking(move || prepare(server.as_deref(), folder));
        let (network, mut hubs) = prepared.await.map_err(Fault::demo)??;
        for (id, _, _) in HUBS {
            let process = Process::start(network.place(id)?).await?;
            hubs.processes.push((id, process));
        }
        Ok(hubs)
    }

    /// The clerk of the agency `code`.
    pub(super) fn clerk(&self, code: &str) -> Result<Clerk, Fault> {
        let found = self.clerks.iter().find(|(agency, _)| *agency == code);
        found
            .map(|(_, clerk)| clerk.clone())
            .ok_or_else(|| Fault::demo(format!("no clerk of {code}")))
    }

    /// The databases; none on SQLite.
    pub(super) fn databases(&self) -> &[ThrowawayDatabase] {
        &self.databases
    }

    /// What each hub has used up to now.
    pub(super) fn used(&self) -> Vec<Used> {
        let used = |(hub, process): &(&'static str, Process)| Used {
            hub,
            peak_rss_bytes: process.id().map_or(0, peak_rss_bytes),
            processor_seconds: process.id().map_or(0.0, processor_seconds),
        };
        self.processes.iter().map(used).collect()
    }

    /// Stops the hubs and removes what they wrote.
    pub(super) async fn stop(self) -> Result<(), Fault> {
        for (_, process) in self.processes {
            process.stop().await?;
        }
        drop(self.databases);
        std::fs::remove_dir_all(&self.folder).map_err(|fault| Fault::writing(&self.folder, &fault))
    }
}

fn prepare(server: Option<&str>, folder: PathBuf) -> Result<(Network, Hubs), Fault> {
    let mut databases = Vec::new();
    for (id, _, _) in HUBS {
        if let Some(server) = server {
            let name = format!("lienthong_bench_{}_{id}", std::process::id());
            databases.push(ThrowawayDatabase::create(server, &name).map_err(app::Error::from)?);
        }
    }
    let url_of = |id: &str| {
        let ending = format!("_{id}");
        let made = databases.iter().find(|made| made.url().ends_with(&ending));
        made.map_or_else(
            || "sqlite:record.db".to_owned(),
            |made| made.url().to_owned(),
        )
    };
    let network = Network::write(&folder, super::offset_seconds()?, url_of)?;
    for place in &network.places {
        app::migrate(&Config::read(&place.config)?)?;
    }
    let mut clerks = Vec::new();
    for (code, hub) in CLERKS {
        let place = network.place(hub)?;
        let login = code.to_ascii_lowercase();
        let opened = clerk::open(place, &login, code, true)?;
        clerks.push((code, Clerk::new(place, &opened)?));
    }
    let hubs = Hubs {
        clerks,
        processes: Vec::new(),
        databases,
        folder,
    };
    Ok((network, hubs))
}

fn peak_rss_bytes(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0).saturating_mul(1024)
}

/// User and system time, its own and that of its ended children, which Linux counts in hundredths of
/// a second (proc(5), fields 14 to 17).
fn processor_seconds(id: u32) -> f64 {
    let line = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let after_name = line.rsplit_once(") ").map_or("", |(_, rest)| rest);
    let fields = after_name.split_whitespace().skip(11).take(4);
    fields
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}
