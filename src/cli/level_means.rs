//! What reaching a level takes, from the command line: the time stamping authority, trusted roots,
//! revocation data and whom else to ask.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Mutex;

use clap::Args;

use super::exit::Exit;
use super::fault::Fault;
use super::inputs;
use crate::cms::time_stamping::{MAX_TIMESTAMP_ANSWER_BYTES, TimestampRequest, Unstamped};
use crate::config::fetch::{Fetch, Host};
use crate::domain::clock::{Clock as _, SystemClock, Timestamp};
use crate::domain::ids::{RandomIds, unguessable};
use crate::fetch::{self, Fetcher, Refused};
use crate::pades::levels::{self, Subject, missing_revocation};
use crate::pki::algorithm::DigestAlgorithm;
use crate::pki::trust::TrustEvidence;

/// Whom may be asked for what is missing.
#[derive(Debug, Clone, Args)]
pub(super) struct FetchArguments {
    /// A host that may be asked for revocation data; may be given several times.
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// As --allow-host, for a host of this machine or of a private network.
    #[arg(long, value_name = "HOST")]
    allow_private_host: Vec<String>,
    /// Ask another host than the one certificates name: FROM=TO.
    #[arg(long, value_name = "FROM=TO", value_parser = parse_rewrite)]
    rewrite_host: Vec<(String, String)>,
    /// File with hosts, renamings and limits (TOML).
    #[arg(long, value_name = "FILE")]
    fetch_rules: Option<PathBuf>,
}

fn parse_rewrite(text: &str) -> Result<(String, String), String> {
    let pair = text
        .split_once('=')
        .filter(|(from, to)| !from.is_empty() && !to.is_empty());
    let (from, to) = pair.ok_or("expected FROM=TO")?;
    Ok((from.to_owned(), to.to_owned()))
}

impl FetchArguments {
    /// The rules of the file, widened by the flags.
    pub(super) fn rules(&self) -> Result<Fetch, Fault> {
        let mut rules = match &self.fetch_rules {
            None => Fetch::default(),
            Some(path) => Fetch::read(path).map_err(|fault| {
                Fault::new(Exit::Configuration, "FETCH_RULES").with("detail", fault)
            })?,
        };
        let host = |name: &String, private| Host {
            name: name.clone(),
            private,
        };
        let open = self.allow_host.iter().map(|name| host(name, false));
        let private = self.allow_private_host.iter().map(|name| host(name, true));
        rules.hosts.splice(0..0, private.chain(open));
        rules.rewrite.extend(self.rewrite_host.iter().cloned());
        Ok(rules)
    }
}

/// Trust, revocation data and whom to ask.
#[derive(Debug, Clone, Args)]
pub(super) struct MaterialArguments {
    /// Trusted certificates: a file or a folder (PEM or DER; self-signed ones are roots).
    #[arg(long, value_name = "PATH")]
    trust: Vec<PathBuf>,
    /// Revocation data: a file or a folder of CRLs and OCSP responses.
    #[arg(long, value_name = "PATH")]
    revocation: Vec<PathBuf>,
    /// Ask the hosts allowed for revocation data that is missing.
    #[arg(long)]
    fetch: bool,
    #[command(flatten)]
    rules: FetchArguments,
}

/// The means of one run.
pub(super) struct Means {
    evidence: TrustEvidence,
    fetcher: Fetcher,
    fetch: bool,
    tsa: Option<String>,
    /// What was collected besides, for the judgement of the result.
    collected: Mutex<TrustEvidence>,
}

impl Means {
    /// Reads what the arguments name.
    pub(super) fn new(material: &MaterialArguments, tsa: Option<&str>) -> Result<Self, Fault> {
        Ok(Self {
            evidence: inputs::evidence(&material.trust, &material.revocation)?,
            fetcher: Fetcher::new(material.rules.rules()?),
            fetch: material.fetch,
            tsa: tsa.map(str::to_owned),
            collected: Mutex::default(),
        })
    }

    /// The same means, asking for what is missing whatever the flag says.
    pub(super) fn asking(self) -> Self {
        Self {
            fetch: true,
            ..self
        }
    }

    /// Asks the authority for a token over `imprint`.
    pub(super) fn stamp(&self, digest: DigestAlgorithm, imprint: &[u8]) -> Result<Vec<u8>, Fault> {
        let url = self.tsa.as_deref();
        let url = url.ok_or_else(|| Fault::new(Exit::Usage, "TSA_NEEDED"))?;
        let request = TimestampRequest::new(digest, imprint, &nonce());
        let body = ("application/timestamp-query", request.der());
        let asked = self
            .fetcher
            .ask_named(url, Some(body), MAX_TIMESTAMP_ANSWER_BYTES);
        let answer = wait(asked)?.map_err(|fault| unreachable(url, &fault))?;
        request
            .accept(&answer)
            .map_err(|fault| unstamped(url, &fault))
    }

    /// Everything known about `subjects`, asking for what is missing if that is wished.
    pub(super) fn gather(&self, subjects: &[Subject]) -> Result<(TrustEvidence, Timestamp), Fault> {
        let evidence = self.known();
        let now = || SystemClock::default().now();
        if !self.fetch {
            return Ok((evidence, now()));
        }
        let missing = missing_revocation(subjects, &evidence, now());
        let gathered = wait(self.fetcher.gather(&missing))?;
        for refused in &gathered.refused {
            super::print::complain(&said(refused));
        }
        if let Ok(mut collected) = self.collected.lock() {
            collected.ocsp.extend(gathered.ocsp);
            collected.crls.extend(gathered.crls);
        }
        Ok((self.known(), now()))
    }

    /// What was given and what was collected.
    pub(super) fn known(&self) -> TrustEvidence {
        let mut evidence = self.evidence.clone();
        if let Ok(collected) = self.collected.lock() {
            evidence.ocsp.extend(collected.ocsp.iter().cloned());
            evidence.crls.extend(collected.crls.iter().cloned());
        }
        evidence
    }

    /// Reaches a level with these means.
    pub(super) fn with<T>(
        &self,
        act: impl FnOnce(&levels::Means<'_, Fault>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        act(&levels::Means {
            stamp: &|digest, imprint| self.stamp(digest, imprint),
            gather: &|subjects| self.gather(subjects),
        })
    }
}

fn said(refused: &Refused) -> String {
    format!("{}: {} ({})", refused.subject, refused.reason, refused.code)
}

/// Sixteen bytes nobody can foretell.
fn nonce() -> Vec<u8> {
    let text = unguessable(&RandomIds, SystemClock::default().now());
    let bytes = hex::decode(text).unwrap_or_default();
    bytes.into_iter().take(16).collect()
}

/// Waits for `future` on a runtime of its own.
fn wait<F: Future>(future: F) -> Result<F::Output, Fault> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build();
    let runtime = runtime
        .map_err(|fault| Fault::new(Exit::Unexpected, "NO_RUNTIME").with("detail", fault))?;
    Ok(runtime.block_on(future))
}

fn unreachable(url: &str, fault: &fetch::Error) -> Fault {
    let exit = match fault {
        fetch::Error::Address { .. } => Exit::Usage,
        fetch::Error::Forbidden { .. } | fetch::Error::NotAllowed { .. } => Exit::NotAllowed,
        _ => Exit::Temporary,
    };
    Fault::new(exit, "TSA_UNREACHABLE")
        .with("url", url)
        .with("detail", fault)
}

fn unstamped(url: &str, fault: &Unstamped) -> Fault {
    let exit = match fault {
        Unstamped::Refused { .. } => Exit::Temporary,
        _ => Exit::SignatureFailed,
    };
    Fault::new(exit, fault.code())
        .with("url", url)
        .with("detail", fault)
}

impl From<levels::Error> for Fault {
    fn from(fault: levels::Error) -> Self {
        use levels::Error;
        let exit = match &fault {
            Error::Pdf(_) => Exit::Unreadable,
            Error::NoSignature => Exit::NoSignature,
            Error::PathMissing { .. } => Exit::Configuration,
            Error::RevocationMissing { .. } | Error::RoomTooSmall { .. } => Exit::Temporary,
            _ => Exit::SignatureFailed,
        };
        match fault {
            Error::Pdf(fault) => {
                Self::signing(std::path::Path::new(""), &crate::pades::Error::Pdf(fault))
            }
            other => Self::new(exit, other.code()).with("detail", &other),
        }
    }
}
