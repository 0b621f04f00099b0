//! What the centre does with a registry: merging agencies in a draft, and signing the next snapshot.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::agency::{read_snapshot, unusable};
use super::exit::Exit;
use super::fault::Fault;
use super::print;
use super::speech::Speech;
use crate::cms;
use crate::config::registry::snapshot::{self, signature_beside, whole_seconds};
use crate::config::{self, secret};
use crate::domain::agency::{Agency, AgencyCode};
use crate::domain::clock::{Clock as _, Date, SignedDuration, SystemClock, Timestamp};
use crate::domain::digest::Sha256;
use crate::domain::directory::{Directory, Registry};
use crate::domain::snapshot::Snapshot;
use crate::domain::succession::{Kind, Succession};
use crate::keystore::{Signer as _, SoftKey};
use crate::pki::algorithm::DigestAlgorithm;

/// Arguments of `agency merge`.
#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    /// The registry to begin with: a snapshot (.json) or a source (.toml).
    registry: PathBuf,
    /// Codes of the agencies that end.
    #[arg(long, value_name = "CODE,…", required = true, value_delimiter = ',')]
    from: Vec<String>,
    /// Code of the one that goes on; it must be in the registry.
    #[arg(long, value_name = "CODE")]
    into: String,
    /// First day of the new order.
    #[arg(long, value_name = "DAY")]
    on: Date,
    /// The decision that orders it.
    #[arg(long, value_name = "TEXT")]
    basis: String,
    /// The last day on which documents that were on the road are handed over.
    #[arg(long, value_name = "DAY")]
    redirect_until: Option<Date>,
    /// Where to write the draft (.toml).
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Arguments of `agency sign`.
#[derive(Debug, Args)]
pub(super) struct SignArguments {
    /// The source (.toml).
    source: PathBuf,
    /// The snapshot before (.json); without it this is number 1.
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// Who issues it.
    #[arg(long)]
    issuer: String,
    /// Days for which it is good.
    #[arg(long, default_value_t = 30)]
    days: u16,
    /// When it is issued (default: now).
    #[arg(long, value_name = "RFC3339")]
    issued_at: Option<Timestamp>,
    /// Certificate of the central key (PEM).
    #[arg(long, value_name = "FILE")]
    certificate: PathBuf,
    /// The key (PEM, mode 0400 or 0440).
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where to write the snapshot; its signature goes beside it (.p7s).
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the draft in which agencies are merged.
pub(super) fn merge(arguments: &MergeArguments, speech: &Speech) -> Result<Exit, Fault> {
    let mut registry = config::registry::either(&arguments.registry)?;
    let into = known(&registry, &arguments.into)?;
    let last_day = arguments.on.yesterday();
    let last_day = last_day.map_err(|fault| wrong(&arguments.on.to_string(), &fault))?;
    for written in &arguments.from {
        let from = known(&registry, written)?;
        if let Some(agency) = find(&mut registry, &from) {
            agency.valid.to = Some(last_day);
        }
        registry.successions.push(Succession {
            kind: Kind::Merge,
            from,
            to: vec![into.clone()],
            effective: arguments.on,
            legal_basis: arguments.basis.clone(),
            scope: None,
            redirect_to: None,
            redirect_until: arguments.redirect_until,
        });
    }
    Directory::new(registry.clone()).map_err(|fault| unusable(&arguments.registry, &fault))?;
    let text = config::registry::to_source(&registry);
    let text = text.map_err(|fault| unusable(&arguments.output, &fault))?;
    put(&arguments.output, text.as_bytes())?;
    let said = [("output", arguments.output.display().to_string())];
    print::line(&speech.text("cli-agency-drafted", &said));
    Ok(Exit::Done)
}

fn wrong(value: &str, fault: &dyn std::fmt::Display) -> Fault {
    Fault::new(Exit::Usage, "VALUE_UNUSABLE")
        .with("value", value)
        .with("detail", fault)
}

/// The code under which the agency is filed.
fn known(registry: &Registry, written: &str) -> Result<AgencyCode, Fault> {
    let code = AgencyCode::parse(written).map_err(|fault| wrong(written, &fault))?;
    let is_it = |agency: &&Agency| agency.code == code || agency.other_codes.contains(&code);
    let found = registry.agencies.iter().find(is_it);
    let unknown = || Fault::new(Exit::NotFound, "AGENCY_UNKNOWN").with("value", written);
    found.map(|agency| agency.code.clone()).ok_or_else(unknown)
}

fn find<'a>(registry: &'a mut Registry, code: &AgencyCode) -> Option<&'a mut Agency> {
    registry.agencies.iter_mut().find(|one| one.code == *code)
}

/// Signs a source as the next snapshot. Nothing is written unless all of it can be.
pub(super) fn sign(arguments: &SignArguments, speech: &Speech) -> Result<Exit, Fault> {
    let source = &arguments.source;
    let registry = config::registry::source(source)?;
    Directory::new(registry.clone()).map_err(|fault| unusable(source, &fault))?;
    let (number, previous) = match &arguments.previous {
        None => (1, None),
        Some(path) => {
            let number = read_snapshot(path)?.number.saturating_add(1);
            (number, Some(Sha256::of(&config::bytes(path)?)))
        }
    };
    let now = arguments
        .issued_at
        .unwrap_or_else(|| SystemClock::default().now());
    let issued_at = whole_seconds(now);
    let span = SignedDuration::from_hours(24 * i64::from(arguments.days));
    let expires_at = issued_at.checked_add(span);
    let snapshot = Snapshot {
        number,
        previous,
        issued_at,
        expires_at: expires_at.map_err(|fault| wrong(&arguments.days.to_string(), &fault))?,
        issuer: arguments.issuer.clone(),
        registry,
    };
    let bytes = snapshot::to_bytes(&snapshot).map_err(|fault| unusable(source, &fault))?;
    let signature = signature(&bytes, &arguments.certificate, &arguments.key)?;
    put(&arguments.output, &bytes)?;
    put(&signature_beside(&arguments.output), &signature)?;
    let said = [
        ("number", number.to_string()),
        ("output", arguments.output.display().to_string()),
        ("sha256", Sha256::of(&bytes).to_string()),
    ];
    print::line(&speech.text("cli-agency-signed", &said));
    Ok(Exit::Done)
}

/// The detached signature of the central key over `bytes`.
fn signature(bytes: &[u8], certificate: &Path, key: &Path) -> Result<Vec<u8>, Fault> {
    let file = key;
    let key = SoftKey::from_pem(&config::bytes(certificate)?, &secret::bytes(file)?);
    let key = key.map_err(|fault| Fault::key(file, &fault))?;
    let algorithm = key.algorithm(DigestAlgorithm::Sha256, false);
    let algorithm = algorithm.map_err(|fault| Fault::key(file, &fault))?;
    let by_key = |tbs: &[u8]| key.sign(&algorithm, tbs);
    let signed = cms::detached::sign(bytes, &algorithm, key.certificate(), key.chain(), &by_key);
    signed.map_err(|fault| unusable(file, &fault))
}

/// Writes a file that must not exist yet, durably.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let write = || {
        let mut file = std::fs::File::create_new(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|fault| Fault::writing(path, &fault))
}
