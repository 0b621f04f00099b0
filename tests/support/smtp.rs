//! A real SMTP server for the length of a test: `smtp_server.py` under Python with aiosmtpd.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};
use serde_json::Value;

/// How long the server may take to start or to report what it has taken.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; it ends with this value.
pub(crate) struct SmtpServer {
    port: u16,
    child: Child,
    input: Option<ChildStdin>,
    reports: Receiver<Value>,
}

impl SmtpServer {
    /// Starts a server that behaves as `wishes` say (see the script).
    ///
    /// Panics with the reason if Python or aiosmtpd is missing: a test that needs them fails.
    pub(crate) fn start(wishes: &Value) -> Self {
        let python = python();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/smtp_server.py");
        let mut child = Command::new(&python)
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|fault| panic!("{python:?} cannot be started ({fault}); {NEEDED}"));
        let mut input = child.stdin.take().unwrap();
        // If the script is gone already, its silence below says so in better words.
        let _gone = writeln!(input, "{wishes}");
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, reports) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _gone = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        let mut server = Self {
            port: 0,
            child,
            input: Some(input),
            reports,
        };
        let first = server.reports.recv_timeout(PATIENCE);
        let first = first.unwrap_or_else(|_| panic!("{python:?} did not start a server; {NEEDED}"));
        server.port = u16::try_from(first["listening"].as_u64().unwrap()).unwrap();
        server
    }

    /// The port it listens on, on 127.0.0.1.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// Stops the server and gives every letter it took and every command it saw.
    pub(crate) fn finish(mut self) -> Seen {
        drop(self.input.take());
        self.child.wait().unwrap();
        let mut seen = Seen {
            mails: Vec::new(),
            commands: Vec::new(),
        };
        // The reader ends with the server's output, and the channel with the reader.
        while let Ok(mut report) = self.reports.recv_timeout(PATIENCE) {
            match report["seen"].as_str() {
                Some(command) => seen.commands.push(command.to_owned()),
                None => seen.mails.push(report["mail"].take()),
            }
        }
        seen
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// What a server saw in its life.
pub(crate) struct Seen {
    /// The letters it took, as an independent MIME reader understands them.
    pub(crate) mails: Vec<Value>,
    /// The names of the commands that reached it.
    pub(crate) commands: Vec<String>,
}

/// A fresh self-signed certificate for `name` and its key, as PEM files in `folder`.
pub(crate) struct Certificate {
    /// The certificate.
    pub(crate) certificate: PathBuf,
    /// The private key.
    pub(crate) key: PathBuf,
}

impl Certificate {
    /// Makes one that is valid today, for the DNS name `name` only.
    pub(crate) fn for_name(name: &str, folder: &Path) -> Self {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        let mut subject = X509NameBuilder::new().unwrap();
        subject.append_entry_by_text("CN", name).unwrap();
        let subject = subject.build();
        let mut builder = X509::builder().unwrap();
        builder.set_version(2).unwrap();
        let serial = BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap();
        builder.set_serial_number(&serial).unwrap();
        builder.set_subject_name(&subject).unwrap();
        builder.set_issuer_name(&subject).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder
            .set_not_before(&Asn1Time::days_from_now(0).unwrap())
            .unwrap();
        builder
            .set_not_after(&Asn1Time::days_from_now(1).unwrap())
            .unwrap();
        builder
            .append_extension(BasicConstraints::new().critical().ca().build().unwrap())
            .unwrap();
        let names = SubjectAlternativeName::new()
            .dns(name)
            .build(&builder.x509v3_context(None, None));
        builder.append_extension(names.unwrap()).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        let made = Self {
            certificate: folder.join(format!("{name}.crt")),
            key: folder.join(format!("{name}.key")),
        };
        std::fs::write(&made.certificate, builder.build().to_pem().unwrap()).unwrap();
        std::fs::write(&made.key, key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        made
    }
}

const NEEDED: &str = "this test needs Python 3 with the package aiosmtpd \
    (pip install aiosmtpd), found as python3 or named by LIENTHONG_TEST_PYTHON";

#[expect(clippy::disallowed_methods, reason = "the tests' own environment")]
fn python() -> String {
    std::env::var("LIENTHONG_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}
