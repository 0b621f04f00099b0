//! Arguments of `lienthong sign` and the request they mean.

use std::path::{Path, PathBuf};

use clap::Args;

use super::exit::Exit;
use super::fault::Fault;
use super::level_means::{MaterialArguments, Means};
use super::mark_options::{MarkArguments, Wish};
use super::speech::Speech;
use super::{inputs, password};
use crate::domain::clock::Timestamp;
use crate::keystore::{Signer, SoftKey};
use crate::pades::levels::Level;
use crate::pki::certificate::Certificate;

/// Arguments of `sign`.
#[derive(Debug, Args)]
pub(super) struct SignArguments {
    /// PDF files to sign.
    #[arg(required = true, value_name = "IN")]
    pub(super) inputs: Vec<PathBuf>,
    /// The signed file; a folder when several files are signed.
    #[arg(short, long, value_name = "OUT")]
    pub(super) output: PathBuf,
    /// Key and certificates (PKCS#12).
    #[arg(long, value_name = "FILE")]
    pub(super) p12: PathBuf,
    /// File whose first line is the password of the key. Without it the password is asked for at the
    /// terminal.
    #[arg(long, value_name = "FILE")]
    pub(super) password_file: Option<PathBuf>,
    /// Signature level: B-B, B-T, B-LT or B-LTA. It is reached or nothing is written.
    #[arg(long, default_value = "B-B", value_name = "LEVEL")]
    level: Level,
    /// Time stamping service (needed from B-T on).
    #[arg(long, value_name = "URL")]
    tsa: Option<String>,
    #[command(flatten)]
    material: MaterialArguments,
    #[command(flatten)]
    mark: MarkArguments,
    /// Replace files that exist already (never the input).
    #[arg(long)]
    pub(super) force: bool,
    /// Leave alone what an earlier run signed: outputs that are the input followed by an intact
    /// signature of this key.
    #[arg(long)]
    pub(super) resume: bool,
    /// Files signed at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: u16,
    /// One line of JSON for each file (schema lienthong.sign/1).
    #[arg(long)]
    pub(super) json: bool,
}

impl SignArguments {
    /// What happens to outputs that exist: replaced (`--force`), or left alone when they are what
    /// would be made (`--resume`).
    pub(super) const fn overwriting(&self) -> (bool, bool) {
        (self.force, self.resume)
    }
}

/// What is the same for every file of a run.
pub(super) struct Plan {
    pub(super) key: SoftKey,
    pub(super) at: Timestamp,
    pub(super) wish: Wish,
    /// Whether anything noticed before signing stops it.
    pub(super) strict: bool,
    pub(super) level: Level,
    /// What the level takes; `None` for B-B.
    pub(super) means: Option<Means>,
}

impl Plan {
    /// Reads key and picture and checks the arguments against each other.
    pub(super) fn new(
        arguments: &SignArguments,
        at: Timestamp,
        speech: &Speech,
    ) -> Result<Self, Fault> {
        let means = means(arguments)?;
        let file = arguments.password_file.as_deref();
        let secret = password::of(&arguments.p12, file, speech)?;
        let key = inputs::key(&arguments.p12, &secret)?;
        check_validity(key.certificate(), &arguments.p12, at)?;
        let algorithm = key.algorithm(arguments.mark.digest(), arguments.mark.pss);
        let algorithm = algorithm.map_err(|fault| Fault::key(&arguments.p12, &fault))?;
        let signer = (key.certificate().clone(), key.chain().to_vec());
        let wish = Wish::new(&arguments.mark, signer, algorithm, at)?;
        Ok(Self {
            key,
            at,
            wish,
            strict: arguments.mark.strict,
            level: arguments.level,
            means,
        })
    }
}

/// What the level takes; `None` for B-B, which takes nothing.
fn means(arguments: &SignArguments) -> Result<Option<Means>, Fault> {
    match (arguments.level, &arguments.tsa) {
        (Level::Basic, None) => Ok(None),
        (Level::Basic, Some(_)) => Err(Fault::new(Exit::Usage, "TSA_NOT_USED")),
        (_, None) => Err(Fault::new(Exit::Usage, "TSA_NEEDED")),
        (_, Some(tsa)) => Means::new(&arguments.material, Some(tsa)).map(Some),
    }
}

/// Source: Circular 15/2025/TT-BKHCN, article 5(1): no signature with an invalid certificate.
pub(super) fn check_validity(
    certificate: &Certificate,
    path: &Path,
    at: Timestamp,
) -> Result<(), Fault> {
    if certificate.not_before() <= at && at <= certificate.not_after() {
        return Ok(());
    }
    Err(Fault::new(Exit::NotAllowed, "CERTIFICATE_NOT_VALID")
        .with("from", certificate.not_before())
        .with("until", certificate.not_after())
        .at(path))
}
