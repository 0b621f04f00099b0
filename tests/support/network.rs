//! Four real hubs as processes of the built program, written by `lienthong demo --prepare`, each
//! with its own database, and people at their APIs.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lienthong::net::{Answer, LoopbackClient, Upload};
use serde_json::{Value, json};

/// Longest wait for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// The built program.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lienthong"));
    command.env("LANG", "en_US.UTF-8").env("NO_COLOR", "1");
    command
}

/// Which database the hubs record in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    /// A file per hub.
    Sqlite,
    /// A database per hub on the test server.
    Postgres,
}

/// One hub.
pub(crate) struct Node {
    pub(crate) config: PathBuf,
    pub(crate) pages: SocketAddr,
    pub(crate) child: Option<Child>,
}

/// The four hubs.
pub(crate) struct Network {
    _folder: tempfile::TempDir,
    pub(crate) nodes: HashMap<String, Node>,
    databases: Vec<String>,
}

impl Network {
    /// Writes the hubs' files; none is running yet.
    pub(crate) fn prepare(record: Record) -> Self {
        Self::prepare_on(&|_| record == Record::Postgres)
    }

    /// The same, with those hubs on the test server that `is_on_server` names.
    pub(crate) fn prepare_on(is_on_server: &dyn Fn(&str) -> bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("hubs");
        let output = program()
            .args(["demo", "--prepare", "--data"])
            .arg(&data)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let written: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut network = Self {
            _folder: folder,
            nodes: HashMap::new(),
            databases: Vec::new(),
        };
        for hub in written["hubs"].as_array().unwrap() {
            let text = |field: &str| hub[field].as_str().unwrap().to_owned();
            let node = Node {
                config: PathBuf::from(text("config")),
                pages: text("pages").parse().unwrap(),
                child: None,
            };
            network.nodes.insert(text("id"), node);
        }
        network.use_postgres(is_on_server);
        network
    }

    fn use_postgres(&mut self, is_on_server: &dyn Fn(&str) -> bool) {
        for (id, node) in self.nodes.iter().filter(|(id, _)| is_on_server(id)) {
            let name = format!("lt_{id}_{}", fresh());
            sql(&server(), &format!("CREATE DATABASE {name}"));
            let text = std::fs::read_to_string(&node.config).unwrap();
            let (base, _) = server_base();
            let url = format!("{base}/{name}");
            let text = text.replace("sqlite:record.db", &url);
            assert!(text.contains(&url));
            std::fs::write(&node.config, text).unwrap();
            let output = program()
                .arg("migrate")
                .arg("--config")
                .arg(&node.config)
                .output();
            let output = output.unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            self.databases.push(name);
        }
    }

    /// Opens an account; gives a client that acts with its key.
    pub(crate) fn account(&self, hub: &str, login: &str, agency: &str) -> Person {
        let node = &self.nodes[hub];
        let run = |arguments: &[&str]| {
            let output = program()
                .arg("user")
                .args(arguments)
                .arg("--config")
                .arg(&node.config)
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stderr)
            );
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        run(&["add", "--login", login, "--name", login, "--agency", agency]);
        let key = run(&["key", "--login", login]);
        Person {
            client: LoopbackClient::new(node.pages, &key).unwrap(),
        }
    }

    /// Starts a hub and waits until it listens.
    pub(crate) fn start(&mut self, hub: &str) {
        let mut command = program();
        command
            .arg("serve")
            .arg("--config")
            .arg(&self.nodes[hub].config);
        self.start_as(hub, command);
    }

    /// Starts a hub by this command.
    pub(crate) fn start_as(&mut self, hub: &str, mut command: Command) {
        let node = self.nodes.get_mut(hub).unwrap();
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(node.config.with_file_name("log.txt"))
            .unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut ready)
            .unwrap();
        assert!(
            ready.contains("lienthong.ready/1"),
            "hub {hub} did not start: {}",
            self.log(hub)
        );
        self.nodes.get_mut(hub).unwrap().child = Some(child);
    }

    /// Starts every hub.
    pub(crate) fn start_all(&mut self) {
        for hub in ["central", "province", "district", "commune"] {
            self.start(hub);
        }
    }

    /// Ends a hub at once, as a power cut would (SIGKILL).
    pub(crate) fn kill(&mut self, hub: &str) {
        if let Some(mut child) = self.nodes.get_mut(hub).unwrap().child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// What the hub logged.
    pub(crate) fn log(&self, hub: &str) -> String {
        let path = self.nodes[hub].config.with_file_name("log.txt");
        std::fs::read_to_string(path).unwrap_or_default()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for hub in ["central", "province", "district", "commune"] {
            self.kill(hub);
            if std::thread::panicking() {
                let log = self.log(hub);
                let last: Vec<_> = log
                    .lines()
                    .filter(|line| !line.contains(" INFO "))
                    .collect();
                println!(
                    "{hub}:\n{}",
                    last[last.len().saturating_sub(15)..].join("\n")
                );
            }
        }
        for name in self.databases.iter().filter(|_| !std::thread::panicking()) {
            sql(&server(), &format!("DROP DATABASE IF EXISTS {name}"));
        }
    }
}

/// The test server's address.
#[expect(
    clippy::disallowed_methods,
    reason = "tests/run says so where the server is"
)]
fn server() -> String {
    std::env::var("LIENTHONG_TEST_POSTGRES").expect(
        "LIENTHONG_TEST_POSTGRES is not set: run tests/run, which starts a PostgreSQL server",
    )
}

/// The address without the database, and the database.
pub(crate) fn server_base() -> (String, String) {
    let server = server();
    let (base, name) = server.rsplit_once('/').unwrap();
    (base.to_owned(), name.to_owned())
}

fn sql(url: &str, statement: &str) {
    let output = Command::new("psql")
        .args([url, "-qc", statement])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn fresh() -> String {
    let nanos = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos();
    format!("{nanos}_{}", std::process::id())
}

/// Somebody at the API of a hub.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) client: LoopbackClient,
}

impl Person {
    /// Hands in a document until the hub has answered; gives its id. A hub that is away is asked
    /// again with the same key, as a good client does.
    pub(crate) async fn send(&self, number: &str, recipients: &[&str], pdf: &Path) -> String {
        let metadata = json!({
            "number": number, "type": "Công văn", "subject": format!("Về việc {number}"),
            "recipients": recipients,
        });
        let bytes = std::fs::read(pdf).unwrap();
        let key = lienthong::domain::digest::Sha256::of(number.as_bytes()).to_string();
        let answer = insist(async || {
            let upload = Upload {
                name: "van-ban.pdf".to_owned(),
                bytes: bytes.clone(),
            };
            self.client
                .post_file("/api/v1/documents", &key, &metadata, upload)
                .await
                .ok()
        });
        answer.await["id"].as_str().unwrap().to_owned()
    }

    /// A document as the sender sees it; `None` while the hub is away.
    pub(crate) async fn document(&self, id: &str) -> Option<Value> {
        good(
            self.client
                .get(&format!("/api/v1/documents/{id}"))
                .await
                .ok()?,
        )
    }

    /// The incoming documents; `None` while the hub is away.
    pub(crate) async fn inbox(&self) -> Option<Vec<Value>> {
        good(self.client.get("/api/v1/inbox").await.ok()?)?["data"]
            .as_array()
            .cloned()
    }

    /// Accepts a delivery until the hub has answered; gives the arrival number.
    pub(crate) async fn accept(&self, delivery: &str) -> String {
        let path = format!("/api/v1/inbox/{delivery}/accept");
        let answer = insist(async || self.client.post_json(&path, &path, &json!({})).await.ok());
        answer.await["arrival_number"].as_str().unwrap().to_owned()
    }
}

/// A good answer's body; `None` for one that asks to come again.
fn good(answer: Answer) -> Option<Value> {
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    match answer.status {
        200..300 => Some(serde_json::from_str(&body).unwrap()),
        408 | 429 | 500.. => None,
        status => panic!("answered {status}: {body}"),
    }
}

async fn insist(mut ask: impl AsyncFnMut() -> Option<Answer>) -> Value {
    until("the hub to answer", async || good(ask().await?)).await
}

/// Waits until `look` sees what it looks for.
pub(crate) async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
