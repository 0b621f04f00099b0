//! Arguments of `lienthong sign` and the request they mean.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::fault::Fault;
use super::inputs;
use crate::domain::clock::Timestamp;
use crate::keystore::{Signer, SoftKey};
use crate::pades::{Act, ByteSource, Image, Mark, PageChoice, SignRequest, marks};
use crate::pki::algorithm::DigestAlgorithm;

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
    /// File whose first line is the password of the key.
    #[arg(long, value_name = "FILE")]
    pub(super) password_file: PathBuf,
    /// Signature level. This version makes B-B.
    #[arg(long, default_value = "B-B", value_name = "LEVEL")]
    level: String,
    /// Time stamping service (needed from B-T on).
    #[arg(long, value_name = "URL")]
    tsa: Option<String>,
    /// What is seen: approve (person's signature), issue (agency's seal), appendix, copy, none.
    #[arg(long, value_name = "KIND")]
    appearance: Option<Appearance>,
    /// Page of the mark, from 1.
    #[arg(long, value_name = "N")]
    page: Option<u32>,
    /// Place of the mark in mm from the lower left corner of the page as seen: X,Y,W,H.
    #[arg(long, value_name = "X,Y,W,H", value_parser = parse_rect)]
    rect: Option<[f64; 4]>,
    /// Picture of the signature or seal (PNG with transparency).
    #[arg(long, value_name = "PNG")]
    image: Option<PathBuf>,
    /// A line of an appendix's or copy's mark; may be given several times.
    #[arg(long, value_name = "LINE")]
    text: Vec<String>,
    /// Certify: 1 nothing may follow, 2 signatures may, 3 annotations may.
    #[arg(long, value_name = "1|2|3", value_parser = clap::value_parser!(u8).range(1..=3))]
    certify: Option<u8>,
    /// Digest of the signature.
    #[arg(long, default_value = "sha256", value_name = "DIGEST")]
    digest: Digest,
    /// RSA-PSS instead of PKCS#1 v1.5.
    #[arg(long)]
    pss: bool,
    /// Reason stated in the signature.
    #[arg(long)]
    reason: Option<String>,
    /// Refuse to sign a file about which `lienthong lint` would say something.
    #[arg(long)]
    strict: bool,
    /// Replace files that exist already (never the input).
    #[arg(long)]
    pub(super) force: bool,
    /// Files signed at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) jobs: u16,
    /// One line of JSON for each file (schema lienthong.sign/1).
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Appearance {
    Approve,
    Issue,
    Appendix,
    Copy,
    None,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

fn parse_rect(text: &str) -> Result<[f64; 4], String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let numbers = numbers
        .ok()
        .and_then(|numbers| <[f64; 4]>::try_from(numbers).ok());
    let right = |n: &[f64; 4]| n.iter().all(|value| value.is_finite() && *value >= 0.0);
    numbers
        .filter(right)
        .ok_or_else(|| "expected X,Y,W,H in millimetres".to_owned())
}

/// What is the same for every file of a run.
pub(super) struct Plan {
    pub(super) key: SoftKey,
    pub(super) at: Timestamp,
    appearance: Appearance,
    image: Option<Image>,
    request: SignRequest,
    page: Option<u32>,
    rect: Option<[f64; 4]>,
    text: Vec<String>,
    /// Whether anything noticed before signing stops it.
    pub(super) strict: bool,
}

impl Plan {
    /// Reads key and picture and checks the arguments against each other.
    pub(super) fn new(arguments: &SignArguments, at: Timestamp) -> Result<Self, Fault> {
        if arguments.level != "B-B" || arguments.tsa.is_some() {
            let known = ["B-B", "B-T", "B-LT", "B-LTA"].contains(&arguments.level.as_str());
            let code = if known {
                "LEVEL_NOT_OFFERED"
            } else {
                "LEVEL_UNKNOWN"
            };
            return Err(Fault::new(Exit::Usage, code).with("level", &arguments.level));
        }
        let default = if arguments.image.is_some() {
            Appearance::Approve
        } else {
            Appearance::None
        };
        let appearance = arguments.appearance.unwrap_or(default);
        let image = image(appearance, arguments.image.as_deref())?;
        let placed = arguments.page.is_some() || arguments.rect.is_some();
        if appearance == Appearance::None && placed {
            return Err(Fault::new(Exit::Usage, "PLACE_WITHOUT_MARK"));
        }
        if appearance == Appearance::Appendix && arguments.text.is_empty() {
            return Err(Fault::new(Exit::Usage, "APPENDIX_NEEDS_TEXT"));
        }
        let key = inputs::key(&arguments.p12, &arguments.password_file)?;
        check_validity(&key, &arguments.p12, at)?;
        let request = request(arguments, appearance, &key, at)?;
        let text = corner_lines(arguments, appearance, &key);
        let (page, rect) = (arguments.page, arguments.rect);
        Ok(Self {
            key,
            at,
            appearance,
            image,
            request,
            page,
            rect,
            text,
            strict: arguments.strict,
        })
    }

    /// The request for one file.
    pub(super) fn request(
        &self,
        source: &dyn ByteSource,
    ) -> Result<SignRequest, crate::pades::Error> {
        let mark = match (self.appearance, &self.image) {
            (Appearance::None, _) => None,
            (Appearance::Approve, Some(image)) => Some(marks::approve(source, image.clone())?),
            (Appearance::Issue, Some(image)) => Some(marks::issue(source, image.clone())?),
            (Appearance::Approve | Appearance::Issue, None) => None,
            (Appearance::Appendix | Appearance::Copy, _) => {
                let lines = self.text.clone();
                Some(marks::corner(source, marks::corner_lines(lines, self.at)?)?)
            }
        };
        let mark = mark.map(|mark| self.placed(mark));
        Ok(SignRequest {
            mark,
            ..self.request.clone()
        })
    }

    fn placed(&self, mark: Mark) -> Mark {
        let page = self.page.map_or(mark.page, PageChoice::Number);
        Mark {
            page,
            rect_mm: self.rect.unwrap_or(mark.rect_mm),
            content: mark.content,
        }
    }
}

fn request(
    arguments: &SignArguments,
    appearance: Appearance,
    key: &SoftKey,
    at: Timestamp,
) -> Result<SignRequest, Fault> {
    let digest = match arguments.digest {
        Digest::Sha256 => DigestAlgorithm::Sha256,
        Digest::Sha384 => DigestAlgorithm::Sha384,
        Digest::Sha512 => DigestAlgorithm::Sha512,
    };
    let algorithm = key.algorithm(digest, arguments.pss);
    let algorithm = algorithm.map_err(|fault| Fault::key(&arguments.p12, &fault))?;
    let act = match appearance {
        Appearance::Approve => Act::Approve,
        Appearance::Issue => Act::Issue,
        Appearance::Appendix => Act::Appendix,
        Appearance::Copy => Act::Copy,
        Appearance::None => Act::Other,
    };
    let (signer, chain) = (key.certificate().clone(), key.chain().to_vec());
    Ok(SignRequest {
        certify: arguments.certify,
        reason: arguments.reason.clone(),
        ..SignRequest::new(act, algorithm, signer, chain, at)
    })
}

fn image(appearance: Appearance, path: Option<&Path>) -> Result<Option<Image>, Fault> {
    let needed = matches!(appearance, Appearance::Approve | Appearance::Issue);
    match path {
        None if needed => Err(Fault::new(Exit::Usage, "IMAGE_NEEDED")),
        Some(path) if !needed => Err(Fault::new(Exit::Usage, "IMAGE_NOT_USED").at(path)),
        None => Ok(None),
        Some(path) => {
            let image = Image::from_png(&inputs::bytes(path)?);
            image
                .map(Some)
                .map_err(|fault| Fault::signing(path, &fault.into()))
        }
    }
}

/// Source: Circular 15/2025/TT-BKHCN, article 5(1): no signature with an invalid certificate.
fn check_validity(key: &SoftKey, path: &Path, at: Timestamp) -> Result<(), Fault> {
    let certificate = key.certificate();
    if certificate.not_before() <= at && at <= certificate.not_after() {
        return Ok(());
    }
    Err(Fault::new(Exit::NotAllowed, "CERTIFICATE_NOT_VALID")
        .with("from", certificate.not_before())
        .with("until", certificate.not_after())
        .at(path))
}

fn corner_lines(arguments: &SignArguments, appearance: Appearance, key: &SoftKey) -> Vec<String> {
    if appearance != Appearance::Copy || !arguments.text.is_empty() {
        return arguments.text.clone();
    }
    let certificate = key.certificate();
    let agency = certificate
        .common_name()
        .or(certificate.organization())
        .unwrap_or_default();
    vec!["Sao y".to_owned(), agency.to_owned()]
}
