//! What a hub needs is away or full: it says so, loses nothing, and goes on when it is back.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use lienthong::net::Upload;
use serde_json::{Value, json};

use crate::network::{Network, Person, Record, program, server_base, until};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn letter() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pdf/cong-van-libreoffice.pdf");
    std::fs::read(path).unwrap()
}

/// The letter with a comment of two million bytes before its end.
fn large_letter() -> Vec<u8> {
    let mut bytes = letter();
    let comment = format!("%{}\n", "x".repeat(2_000_000));
    let end = bytes
        .windows(9)
        .rposition(|window| window == b"startxref")
        .unwrap();
    bytes.splice(end..end, comment.into_bytes());
    bytes
}

impl Network {
    /// Host and port of the database server.
    fn database_server(&self) -> String {
        let (base, _) = server_base();
        base.rsplit(['/', '@']).next().unwrap().to_owned()
    }

    /// Lets a hub reach its database through `port` on this machine.
    fn use_line(&self, hub: &str, port: u16) {
        let config = &self.nodes[hub].config;
        let text = std::fs::read_to_string(config).unwrap();
        let rerouted = text.replace(&self.database_server(), &format!("127.0.0.1:{port}"));
        assert_ne!(text, rerouted);
        std::fs::write(config, rerouted).unwrap();
    }

    /// Starts a hub whose files cannot grow beyond so many KiB: to it, the disk is full.
    fn start_with_little_disk(&mut self, hub: &str, kilobytes: u32) {
        let mut command = Command::new("bash");
        let script =
            format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$0\" serve --config \"$1\"");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_lienthong")]);
        command.arg(&self.nodes[hub].config);
        self.start_as(hub, command);
    }
}

impl Person {
    /// Hands in bytes once; gives status and body.
    async fn try_to_send(&self, number: &str, pdf: Vec<u8>) -> (u16, Value) {
        let metadata = json!({
            "number": number, "type": "Công văn", "subject": "Về việc thử", "recipients": ["G22"],
        });
        let upload = Upload {
            name: "van-ban.pdf".to_owned(),
            bytes: pdf,
        };
        let key = lienthong::domain::digest::Sha256::of(number.as_bytes()).to_string();
        let sent = self
            .client
            .post_file("/api/v1/documents", &key, &metadata, upload)
            .await;
        let answer = sent.unwrap();
        (
            answer.status,
            serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
        )
    }

    /// Asks for the incoming documents once; gives status and body.
    async fn try_inbox(&self) -> (u16, Value) {
        let answer = self.client.get("/api/v1/inbox").await.unwrap();
        (
            answer.status,
            serde_json::from_slice(&answer.body).unwrap_or(Value::Null),
        )
    }
}

/// A line to the database server that can be cut.
struct Line {
    port: u16,
    is_cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Self {
            port: listener.local_addr().unwrap().port(),
            is_cut: Arc::default(),
            open: Arc::default(),
        };
        let (is_cut, open) = (Arc::clone(&line.is_cut), Arc::clone(&line.open));
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(far) = TcpStream::connect(&server) else {
                    continue;
                };
                let copies = [near.try_clone().unwrap(), far.try_clone().unwrap()];
                open.lock().unwrap().extend(copies);
                let (near2, far2) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                std::thread::spawn(move || pass(near, far2));
                std::thread::spawn(move || pass(far, near2));
            }
        });
        line
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            let _gone = stream.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count) = from.read(&mut buffer) {
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _gone = to.shutdown(Shutdown::Both);
}

#[test]
fn a_database_that_is_away_is_said_and_the_hub_goes_on_when_it_is_back() {
    let mut network = Network::prepare(Record::Postgres);
    let line = Line::to(network.database_server());
    network.use_line("commune", line.port);
    let clerk = network.account("commune", "iadom", "H21.36.21");
    network.start("commune");
    runtime().block_on(async {
        let (status, sent) = clerk.try_to_send("1/UBND-VP", letter()).await;
        assert_eq!(status, 202, "{sent}");
        line.cut();
        let (status, said) = clerk.try_inbox().await;
        assert_eq!(status, 503, "{said}");
        assert_eq!(said["retry"], "after", "{said}");
        let (status, said) = clerk.try_to_send("2/UBND-VP", letter()).await;
        assert_eq!(status, 503, "{said}");
        line.mend();
        until("the hub to answer again", async || {
            let (status, _) = clerk.try_inbox().await;
            (status == 200).then_some(())
        })
        .await;
        let id = sent["id"].as_str().unwrap();
        let document = until("the document handed in before to be sealed", async || {
            clerk
                .document(id)
                .await
                .filter(|document| document["stage"] == "dispatched")
        });
        assert_eq!(document.await["deliveries"].as_array().unwrap().len(), 1);
        let (status, said) = clerk.try_to_send("2/UBND-VP", letter()).await;
        assert_eq!(status, 202, "the same request is taken now: {said}");
    });
}

#[test]
fn a_full_disk_refuses_the_document_and_keeps_the_hub_working() {
    let mut network = Network::prepare(Record::Sqlite);
    let clerk = network.account("commune", "iadom", "H21.36.21");
    network.start_with_little_disk("commune", 1500);
    runtime().block_on(async {
        let (status, said) = clerk.try_to_send("1/UBND-VP", large_letter()).await;
        assert_eq!(
            (status, said["code"].as_str()),
            (507, Some("disk-full")),
            "{said}"
        );
        let (status, said) = clerk.try_to_send("1/UBND-VP", letter()).await;
        assert_eq!(status, 202, "the number was not used up: {said}");
    });
}

#[test]
fn a_taken_port_is_named_and_nothing_is_started() {
    let network = Network::prepare(Record::Sqlite);
    let _taken = TcpListener::bind(network.nodes["commune"].pages).unwrap();
    let config = &network.nodes["commune"].config;
    let output = program()
        .arg("serve")
        .arg("--config")
        .arg(config)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(6), "{said}");
    assert!(
        said.contains(&network.nodes["commune"].pages.to_string()),
        "{said}"
    );
}
