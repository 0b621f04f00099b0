//! One hub as a process that can be started, killed and paused.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use crate::history::{Event, History};
use crate::network::{Node, program};

/// How a hub ended that had nothing left to do.
pub(crate) const AFTER_WORK: &str = "after work";

/// A hub's process, or where one was.
pub(crate) struct HubProcess {
    pub(crate) id: String,
    config: PathBuf,
    history: Arc<History>,
    environment: Vec<(String, String)>,
    child: Option<Child>,
}

impl HubProcess {
    /// The hub of `node`; not running yet.
    pub(crate) fn new(id: &str, node: &Node, history: &Arc<History>) -> Self {
        Self {
            id: id.to_owned(),
            config: node.config.clone(),
            history: Arc::clone(history),
            environment: Vec::new(),
            child: None,
        }
    }

    /// Sets variables of the environment for the next start, in place of those set before.
    #[cfg(feature = "failpoints")]
    pub(crate) fn set(&mut self, environment: &[(&str, &str)]) {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.environment = environment.iter().map(own).collect();
    }

    /// Takes the variables of the environment away.
    pub(crate) fn forget(&mut self) {
        self.environment.clear();
    }

    /// Starts the process without waiting for it.
    pub(crate) fn spawn(&mut self) {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.config.with_file_name("log.txt"))
            .unwrap();
        let mut command = program();
        command
            .arg("serve")
            .arg("--config")
            .arg(&self.config)
            .envs(self.environment.iter().map(|(a, b)| (a, b)))
            .stdout(Stdio::piped())
            .stderr(log);
        self.child = Some(command.spawn().unwrap());
    }

    /// Waits until the process listens; false when it ended before.
    pub(crate) fn is_ready(&mut self) -> bool {
        let child = self.child.as_mut().unwrap();
        let mut line = String::new();
        let out = child.stdout.take().unwrap();
        BufReader::new(out).read_line(&mut line).unwrap();
        let is_ready = line.contains("lienthong.ready/1");
        if is_ready {
            let hub = self.id.clone();
            self.history.note(Event::Ready { hub });
        }
        is_ready
    }

    /// Starts the process and waits until it listens.
    pub(crate) fn start(&mut self) {
        self.spawn();
        assert!(self.is_ready(), "{} did not start: {}", self.id, self.log());
    }

    /// Ends it at once, as nothing else does but the power (SIGKILL).
    pub(crate) fn kill(&mut self) {
        self.end("SIGKILL");
    }

    /// Ends it after the work is done; no stroke of the nemesis.
    pub(crate) fn stop(&mut self) {
        self.end(AFTER_WORK);
    }

    fn end(&mut self, how: &str) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
            self.note_end(how);
        }
    }

    /// Writes down that it ended by itself.
    pub(crate) fn note_end(&self, how: &str) {
        let (hub, how) = (self.id.clone(), how.to_owned());
        self.history.note(Event::Kill { hub, how });
    }

    /// Waits until it ends by itself, at most so long; whether it crashed at `point`.
    #[cfg(feature = "failpoints")]
    pub(crate) fn crashes(&mut self, point: &str, patience: std::time::Duration) -> bool {
        use std::os::unix::process::ExitStatusExt as _;
        const ABORTED: i32 = 6;
        let began = std::time::Instant::now();
        while began.elapsed() < patience {
            let child = self.child.as_mut().unwrap();
            if let Some(status) = child.try_wait().unwrap() {
                self.child = None;
                assert_eq!(
                    status.signal(),
                    Some(ABORTED),
                    "{}: {}",
                    self.id,
                    self.log()
                );
                self.note_end(point);
                return true;
            }
            crate::nemesis::wait(std::time::Duration::from_millis(20));
        }
        false
    }

    /// Stops it in the middle of whatever it does (SIGSTOP); it keeps its leases.
    pub(crate) fn pause(&self) {
        self.history.fault(&self.id, "paused");
        self.signal("STOP");
    }

    /// Lets it go on (SIGCONT).
    pub(crate) fn resume(&self) {
        self.signal("CONT");
        self.history.fault(&self.id, "resumed");
    }

    fn signal(&self, name: &str) {
        let process = self.child.as_ref().unwrap().id().to_string();
        let sent = Command::new("kill").args(["-s", name, &process]).status();
        assert!(sent.unwrap().success(), "{} is gone", self.id);
    }

    /// What it logged last.
    pub(crate) fn log(&self) -> String {
        let path = self.config.with_file_name("log.txt");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.contains(" INFO "))
            .collect();
        lines[lines.len().saturating_sub(20)..].join("\n")
    }
}

impl Drop for HubProcess {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _gone = (child.kill(), child.wait());
        }
    }
}
