//! Hubs as processes of this program: started, awaited, stopped, killed.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::network::Place;
use crate::cli::fault::Fault;

/// Longest wait for a hub to be ready.
const READY: Duration = Duration::from_secs(20);

/// A running hub. It ends with this value, and also when this program ends without having time to
/// say so: its standard input is held open from here.
pub(in crate::cli) struct Process {
    child: Child,
}

impl Process {
    /// Starts the hub at `place` and waits until it listens.
    pub(in crate::cli) async fn start(place: &Place) -> Result<Self, Fault> {
        let program = std::env::current_exe().map_err(Fault::demo)?;
        let log = place.config.with_file_name("log.txt");
        let log_file = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&log);
        let log_file = log_file.map_err(|fault| Fault::writing(&log, &fault))?;
        let mut child = Command::new(program)
            .arg("serve")
            .arg("--config")
            .arg(&place.config)
            .arg("--until-input-ends")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log_file)
            .kill_on_drop(true)
            .spawn()
            .map_err(Fault::demo)?;
        let stdout = child
            .stdout
            .take()
            .ok_or_else(|| Fault::demo("no output of the hub"))?;
        let mut lines = BufReader::new(stdout).lines();
        match tokio::time::timeout(READY, lines.next_line()).await {
            Ok(Ok(Some(line))) if line.contains("lienthong.ready/1") => Ok(Self { child }),
            _ => Err(Fault::demo(format!(
                "hub {} did not start; see {}",
                place.id,
                log.display()
            ))),
        }
    }

    /// The number the system gave it; `None` once it ended.
    pub(in crate::cli) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Asks the hub to end and waits for it.
    pub(in crate::cli) async fn stop(mut self) -> Result<(), Fault> {
        if let Some(id) = self.child.id() {
            let asked = Command::new("kill")
                .arg("-TERM")
                .arg(id.to_string())
                .status()
                .await;
            asked.map_err(Fault::demo)?;
        }
        let ended = tokio::time::timeout(Duration::from_secs(15), self.child.wait()).await;
        if ended.is_err() {
            self.child.kill().await.map_err(Fault::demo)?;
        }
        Ok(())
    }
}
