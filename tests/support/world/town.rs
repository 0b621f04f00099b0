//! The four hubs as processes of the built program, over mutual TLS, and the people who work there.

use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use lienthong::config::Config;
use lienthong::domain::receipt::SignedStatement;
use lienthong::net::{Identity, PinnedClient};
use lienthong::peer::protocol::Piece;
use lienthong::peer::{PeerClient, Unanswered};
use lienthong::store::Engine;
use serde_json::{Value, json};

use super::clock::MORNING;
use super::registry::{certs, certs_bytes};
use crate::network::{Network, PATIENCE, Person, Record, program};

/// Four hubs that run until this value ends.
pub(crate) struct Town {
    network: Network,
    runtime: tokio::runtime::Runtime,
}

/// Somebody at a hub.
pub(crate) struct Clerk {
    person: Person,
}

impl Town {
    /// The hubs, written but not yet running.
    pub(crate) fn prepared(engine: Engine) -> Self {
        let record = match engine {
            Engine::Sqlite => Record::Sqlite,
            Engine::Postgres => Record::Postgres,
        };
        Self {
            network: Network::prepare(record),
            runtime: tokio::runtime::Builder::new_multi_thread()
                .worker_threads(2)
                .enable_all()
                .build()
                .unwrap(),
        }
    }

    /// Opens an account of `agency` at `hub`.
    pub(crate) fn clerk(&self, hub: &str, agency: &str) -> Clerk {
        let login = format!("vanthu-{}", agency.to_lowercase());
        Clerk {
            person: self.network.account(hub, &login, agency),
        }
    }

    /// Starts a hub and waits until it listens.
    pub(crate) fn start(&mut self, hub: &str) {
        self.network.start(hub);
    }

    /// Starts every hub.
    pub(crate) fn start_all(&mut self) {
        self.network.start_all();
    }

    /// Ends a hub as a power cut would.
    pub(crate) fn cut(&mut self, hub: &str) {
        self.network.kill(hub);
    }

    /// The configuration of a hub.
    pub(crate) fn config(&self, hub: &str) -> Config {
        Config::read(&self.network.nodes[hub].config).unwrap()
    }

    /// What `lienthong queue` says about a hub: exit code, and the JSON of its last line.
    pub(crate) fn queue(&self, hub: &str, words: &[&str]) -> (Option<i32>, Value) {
        let output = program()
            .arg("queue")
            .args(words)
            .arg("--config")
            .arg(&self.network.nodes[hub].config)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let last = text.lines().last().unwrap_or("null");
        (output.status.code(), serde_json::from_str(last).unwrap())
    }

    /// Runs a command of the program to its good end; gives what it printed.
    pub(crate) fn command(&self, arguments: &[&std::ffi::OsStr]) -> String {
        let output = program().args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The configuration file of a hub.
    pub(crate) fn file_of(&self, hub: &str) -> &Path {
        &self.network.nodes[hub].config
    }

    /// The letters a hub has written, as they lie in its folder.
    pub(crate) fn letters(&self, hub: &str) -> Vec<String> {
        let folder = self.network.nodes[hub].config.with_file_name("mail");
        let Ok(entries) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|kind| kind == "eml"))
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    }

    /// What the door of `hub` for neighbours answers to whoever shows the certificate `shown`: a
    /// status, or nothing because no connection was made.
    pub(crate) fn knock(&self, hub: &str, shown: &str) -> Option<u16> {
        let (certificate, key) = (
            certs_bytes(&format!("hubs/{shown}.tls.crt")),
            certs_bytes(&format!("hubs/{shown}.tls.key")),
        );
        let identity = Identity {
            certificate: &certificate,
            key: &key,
        };
        let pinned = String::from_utf8(certs_bytes(&format!("hubs/{hub}.tls.crt"))).unwrap();
        let url = format!("https://{}", self.config(hub).server.peers);
        let client = PinnedClient::new(&url, &identity, &[pinned]).unwrap();
        let path =
            lienthong::peer::protocol::blob_path(&lienthong::domain::digest::Sha256::of(b""));
        let answer = self.runtime.block_on(client.head(&path)).ok()?;
        Some(answer.status)
    }

    /// Whether a client that trusts only the certificate `pinned` talks to `hub`.
    pub(crate) fn is_known_as(&self, hub: &str, pinned: &str) -> bool {
        let (certificate, key) = (
            certs_bytes("hubs/commune.tls.crt"),
            certs_bytes("hubs/commune.tls.key"),
        );
        let identity = Identity {
            certificate: &certificate,
            key: &key,
        };
        let pinned = String::from_utf8(certs_bytes(&format!("hubs/{pinned}.tls.crt"))).unwrap();
        let url = format!("https://{}", self.config(hub).server.peers);
        let client = PinnedClient::new(&url, &identity, &[pinned]).unwrap();
        self.runtime.block_on(client.head("/peer/v1/")).is_ok()
    }

    /// Offers a document over `line`, brings what is missing of `bytes`, and hands it over.
    pub(crate) fn hand_over(
        &self,
        line: &PeerClient,
        bytes: &[u8],
        body: &[u8],
    ) -> Result<SignedStatement, Unanswered> {
        self.runtime.block_on(async {
            if let Some(missing) = line.offer(body.to_vec()).await?.missing {
                let (begin, whole) = (missing.offset, missing.content.size_bytes);
                let piece = Piece {
                    begin,
                    end: whole,
                    whole,
                };
                let rest = bytes.split_at(begin.try_into().unwrap()).1.to_vec();
                let rest = futures_util::stream::iter([Ok(rest)]);
                line.append(&missing.content.sha256, piece, rest).await?;
            }
            line.hand_over(body.to_vec(), MORNING.parse().unwrap())
                .await
        })
    }

    /// Waits until `look` sees something.
    pub(crate) fn until<T>(&self, what: &str, mut look: impl FnMut(&Self) -> Option<T>) -> T {
        let began = Instant::now();
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
            self.runtime
                .block_on(async { tokio::time::sleep(Duration::from_millis(50)).await });
        }
    }

    /// Hands in a PDF of `fixtures/pdf`; gives the document's id.
    pub(crate) fn send(&self, clerk: &Clerk, number: &str, to: &[&str], pdf: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pdf");
        let pdf = folder.join(pdf);
        let sent = clerk.person.send(number, to, &pdf);
        self.runtime.block_on(sent)
    }

    /// The first delivery of a sent document.
    pub(crate) fn delivery(&self, clerk: &Clerk, id: &str) -> Value {
        let document = self.runtime.block_on(clerk.person.document(id)).unwrap();
        document["deliveries"][0].clone()
    }

    /// Waits until the first delivery of a sent document is as `wanted`.
    pub(crate) fn delivery_when(
        &self,
        clerk: &Clerk,
        id: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        self.until("the delivery to move", |town| {
            Some(town.delivery(clerk, id)).filter(|delivery| wanted(delivery))
        })
    }

    /// Waits until the document of this number came and was judged.
    pub(crate) fn arrived(&self, clerk: &Clerk, number: &str) -> Value {
        self.until(&format!("{number} to arrive"), |town| {
            let rows = town.runtime.block_on(clerk.person.inbox())?;
            let is_it =
                |row: &Value| row["number"] == number && !row["delivery"]["verdict"].is_null();
            rows.into_iter().find(is_it)
        })
    }

    /// Accepts an incoming document; gives its arrival number.
    pub(crate) fn accept(&self, clerk: &Clerk, arrived: &Value) -> String {
        let delivery = arrived["delivery"]["id"].as_str().unwrap();
        self.runtime.block_on(clerk.person.accept(delivery))
    }

    /// Refuses an incoming document.
    pub(crate) fn refuse(&self, clerk: &Clerk, arrived: &Value, code: &str, text: &str) {
        let delivery = arrived["delivery"]["id"].as_str().unwrap();
        let path = format!("/api/v1/inbox/{delivery}/refuse");
        let body = json!({"code": code, "text": text});
        let answer = clerk.person.client.post_json(&path, &path, &body);
        assert_eq!(self.runtime.block_on(answer).unwrap().status, 200);
    }

    /// The signed receipt named `id`.
    pub(crate) fn receipt(&self, clerk: &Clerk, id: &str) -> SignedStatement {
        let answer = self.get(clerk, &format!("/api/v1/receipts/{id}"));
        let wire: Value = serde_json::from_slice(&answer).unwrap();
        let bytes = |field: &str| BASE64.decode(wire[field].as_str().unwrap()).unwrap();
        SignedStatement {
            statement: bytes("statement"),
            signature: bytes("signature"),
        }
    }

    /// The PDF of a document.
    pub(crate) fn file(&self, clerk: &Clerk, document: &str) -> Vec<u8> {
        self.get(clerk, &format!("/api/v1/documents/{document}/file"))
    }

    fn get(&self, clerk: &Clerk, path: &str) -> Vec<u8> {
        let answer = self
            .runtime
            .block_on(clerk.person.client.get(path))
            .unwrap();
        assert_eq!(answer.status, 200, "{path}");
        answer.body
    }
}

/// What the program itself says about a PDF, away from every hub: its exit code.
pub(crate) fn verified_alone(pdf: &[u8]) -> Option<i32> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("received.pdf");
    std::fs::write(&file, pdf).unwrap();
    let trusted = folder.path().join("trusted.pem");
    let authorities = ["trust/root.crt", "ca/agencies.crt", "ca/persons.crt"].map(certs_bytes);
    std::fs::write(&trusted, authorities.concat()).unwrap();
    let output = program()
        .args(["verify", "--offline", "--trust"])
        .arg(trusted)
        .arg("--revocation")
        .arg(certs("crl"))
        .arg(file)
        .output();
    output.unwrap().status.code()
}
