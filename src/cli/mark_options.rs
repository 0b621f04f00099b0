//! What a signature shows and where, the same for `sign` and `prepare`, and how it is made.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::exit::Exit;
use super::fault::Fault;
use super::inputs;
use crate::domain::clock::{Timestamp, vietnam_date};
use crate::pades::{
    Act, ByteSource, FieldLock, Image, Mark, MarkContent, PageChoice, SignRequest, Text, marks,
};
use crate::pki::algorithm::{DigestAlgorithm, SignatureAlgorithm};
use crate::pki::certificate::Certificate;

/// Arguments about the signature itself.
#[derive(Debug, Args)]
pub(super) struct MarkArguments {
    /// What is seen: approve (person's signature), issue (agency's seal), appendix, copy, arrival
    /// (stamp of arrival), none.
    #[arg(long, value_name = "KIND")]
    appearance: Option<Appearance>,
    /// Page of the mark, from 1; with --near the page that is searched.
    #[arg(long, value_name = "N")]
    page: Option<u32>,
    /// Place of the mark in mm from the lower left corner of the page as seen: X,Y,W,H.
    #[arg(long, value_name = "X,Y,W,H", value_parser = parse_millimetres::<4>, conflicts_with = "near")]
    rect: Option<[f64; 4]>,
    /// Place the mark beside this text of the document, which must be found exactly once.
    #[arg(long, value_name = "TEXT")]
    near: Option<String>,
    /// Where beside the text.
    #[arg(long, value_name = "SIDE", default_value = "above", requires = "near")]
    side: Side,
    /// Width and height of a mark placed with --near, in mm.
    #[arg(long, value_name = "W,H", value_parser = parse_millimetres::<2>, requires = "near")]
    size: Option<[f64; 2]>,
    /// Picture of the signature or seal (PNG with transparency).
    #[arg(long, value_name = "PNG")]
    image: Option<PathBuf>,
    /// A line of an appendix's or copy's mark; may be given several times.
    #[arg(long, value_name = "LINE")]
    text: Vec<String>,
    /// Form of a copy.
    #[arg(long, value_name = "FORM", default_value = "sao-y")]
    copy_form: CopyForm,
    /// Name of the agency on a copy or a stamp of arrival (default: from the certificate).
    #[arg(long, value_name = "NAME")]
    agency: Option<String>,
    /// Arrival number on a stamp of arrival.
    #[arg(long, value_name = "NUMBER")]
    arrival_number: Option<String>,
    /// Arrival date on a stamp of arrival, as it is to be printed (default: today).
    #[arg(long, value_name = "DATE")]
    arrival_date: Option<String>,
    /// Sign the empty signature field of this name instead of adding one.
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
    /// Form fields nobody may change afterwards: all, include:NAME,… or exclude:NAME,….
    #[arg(long, value_name = "FIELDS", value_parser = parse_lock)]
    lock: Option<FieldLock>,
    /// Certify: 1 nothing may follow, 2 signatures may, 3 annotations may.
    #[arg(long, value_name = "1|2|3", value_parser = clap::value_parser!(u8).range(1..=3))]
    certify: Option<u8>,
    /// Digest of the signature.
    #[arg(long, default_value = "sha256", value_name = "DIGEST")]
    digest: Digest,
    /// RSA-PSS instead of PKCS#1 v1.5.
    #[arg(long)]
    pub(super) pss: bool,
    /// Reason stated in the signature.
    #[arg(long)]
    reason: Option<String>,
    /// Bytes to keep beside the estimate for the signature structure.
    #[arg(long, value_name = "BYTES", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=1_048_576))]
    room: u32,
    /// Refuse to sign a file about which `lienthong lint` would say something.
    #[arg(long)]
    pub(super) strict: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Appearance {
    Approve,
    Issue,
    Appendix,
    Copy,
    Arrival,
    None,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

/// Source: Decree 30/2020/NĐ-CP, article 25.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum CopyForm {
    SaoY,
    SaoLuc,
    TrichSao,
}

impl CopyForm {
    const fn words(self) -> &'static str {
        match self {
            Self::SaoY => "Sao y",
            Self::SaoLuc => "Sao lục",
            Self::TrichSao => "Trích sao",
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Side {
    Above,
    Below,
    Left,
    Right,
    Over,
}

impl From<Side> for marks::Side {
    fn from(side: Side) -> Self {
        match side {
            Side::Above => Self::Above,
            Side::Below => Self::Below,
            Side::Left => Self::Left,
            Side::Right => Self::Right,
            Side::Over => Self::Over,
        }
    }
}

fn parse_millimetres<const N: usize>(text: &str) -> Result<[f64; N], String> {
    let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse()).collect();
    let numbers = numbers
        .ok()
        .and_then(|numbers| <[f64; N]>::try_from(numbers).ok());
    let right = |n: &[f64; N]| n.iter().all(|value| value.is_finite() && *value >= 0.0);
    numbers
        .filter(right)
        .ok_or_else(|| format!("expected {N} numbers of millimetres"))
}

fn parse_lock(text: &str) -> Result<FieldLock, String> {
    let names = |list: &str| -> Result<Vec<String>, String> {
        let names: Vec<String> = list.split(',').map(|name| name.trim().to_owned()).collect();
        if names.iter().any(String::is_empty) {
            return Err("a field without a name".to_owned());
        }
        Ok(names)
    };
    match text.split_once(':') {
        None if text == "all" => Ok(FieldLock::All),
        Some(("include", list)) => Ok(FieldLock::Include(names(list)?)),
        Some(("exclude", list)) => Ok(FieldLock::Exclude(names(list)?)),
        _ => Err("expected all, include:NAME,… or exclude:NAME,…".to_owned()),
    }
}

impl MarkArguments {
    /// The wanted digest.
    pub(super) const fn digest(&self) -> DigestAlgorithm {
        match self.digest {
            Digest::Sha256 => DigestAlgorithm::Sha256,
            Digest::Sha384 => DigestAlgorithm::Sha384,
            Digest::Sha512 => DigestAlgorithm::Sha512,
        }
    }
}

/// What is shown, made once for all files of a run.
enum Shown {
    Nothing,
    Person(Image),
    Seal(Image),
    Corner(Text),
    Arrival(Text),
}

/// The signature as asked for, for any file.
pub(super) struct Wish {
    shown: Shown,
    request: SignRequest,
    page: Option<u32>,
    rect: Option<[f64; 4]>,
    near: Option<(String, marks::Side, Option<[f64; 2]>)>,
}

impl Wish {
    /// Checks the arguments against each other and sets text and picture.
    pub(super) fn new(
        arguments: &MarkArguments,
        (signer, chain): (Certificate, Vec<Certificate>),
        algorithm: SignatureAlgorithm,
        at: Timestamp,
    ) -> Result<Self, Fault> {
        let default = match &arguments.image {
            Some(_) => Appearance::Approve,
            None => Appearance::None,
        };
        let appearance = arguments.appearance.unwrap_or(default);
        let placed =
            arguments.page.is_some() || arguments.rect.is_some() || arguments.near.is_some();
        if appearance == Appearance::None && placed {
            return Err(Fault::new(Exit::Usage, "PLACE_WITHOUT_MARK"));
        }
        let shown = shown(appearance, arguments, &signer, at)?;
        let act = match appearance {
            Appearance::Approve => Act::Approve,
            Appearance::Issue => Act::Issue,
            Appearance::Appendix => Act::Appendix,
            Appearance::Copy => Act::Copy,
            Appearance::Arrival => Act::Arrival,
            Appearance::None => Act::Other,
        };
        let near = arguments.near.clone();
        Ok(Self {
            shown,
            request: SignRequest {
                certify: arguments.certify,
                lock: arguments.lock.clone(),
                field: arguments.field.clone(),
                reason: arguments.reason.clone(),
                token_bytes: usize::try_from(arguments.room).unwrap_or(0),
                ..SignRequest::new(act, algorithm, signer, chain, at)
            },
            page: arguments.page,
            rect: arguments.rect,
            near: near.map(|text| (text, arguments.side.into(), arguments.size)),
        })
    }

    /// The request for one file.
    pub(super) fn request(
        &self,
        source: &dyn ByteSource,
    ) -> Result<SignRequest, crate::pades::Error> {
        let mark = match &self.near {
            Some((text, side, size)) => self.content().map(|content| {
                let anchor = marks::Anchor {
                    text,
                    side: *side,
                    page: self.page,
                };
                marks::near(source, &anchor, content, *size)
            }),
            None => self.preset(source),
        };
        let mark = mark.transpose()?.map(|mark| self.placed(mark));
        Ok(SignRequest {
            mark,
            ..self.request.clone()
        })
    }

    fn preset(&self, source: &dyn ByteSource) -> Option<Result<Mark, crate::pades::Error>> {
        match &self.shown {
            Shown::Nothing => None,
            Shown::Person(image) => Some(marks::approve(source, image.clone())),
            Shown::Seal(image) => Some(marks::issue(source, image.clone())),
            Shown::Corner(text) => Some(marks::corner(source, text.clone())),
            Shown::Arrival(text) => Some(marks::arrival(source, text.clone())),
        }
    }

    fn content(&self) -> Option<MarkContent> {
        match &self.shown {
            Shown::Nothing => None,
            Shown::Person(image) | Shown::Seal(image) => Some(MarkContent::Image(image.clone())),
            Shown::Corner(text) | Shown::Arrival(text) => Some(MarkContent::Text(text.clone())),
        }
    }

    fn placed(&self, mark: Mark) -> Mark {
        let page = match self.near {
            Some(_) => mark.page,
            None => self.page.map_or(mark.page, PageChoice::Number),
        };
        Mark {
            page,
            rect_mm: self.rect.unwrap_or(mark.rect_mm),
            content: mark.content,
        }
    }
}

fn shown(
    appearance: Appearance,
    arguments: &MarkArguments,
    signer: &Certificate,
    at: Timestamp,
) -> Result<Shown, Fault> {
    let image = image(appearance, arguments.image.as_deref())?;
    let agency = || {
        let certified = signer.common_name().or(signer.organization());
        let certified = certified.unwrap_or_default().to_owned();
        arguments.agency.clone().unwrap_or(certified)
    };
    let unusable =
        |fault: crate::pades::Error| Fault::new(Exit::Usage, "TEXT_UNUSABLE").with("detail", fault);
    let corner = |lines| {
        marks::corner_lines(lines, at)
            .map(Shown::Corner)
            .map_err(unusable)
    };
    match (appearance, image) {
        (Appearance::Approve, Some(image)) => Ok(Shown::Person(image)),
        (Appearance::Issue, Some(image)) => Ok(Shown::Seal(image)),
        (Appearance::None | Appearance::Approve | Appearance::Issue, _) => Ok(Shown::Nothing),
        (Appearance::Appendix, _) if arguments.text.is_empty() => {
            Err(Fault::new(Exit::Usage, "APPENDIX_NEEDS_TEXT"))
        }
        (Appearance::Copy, _) if arguments.text.is_empty() => {
            corner(vec![arguments.copy_form.words().to_owned(), agency()])
        }
        (Appearance::Appendix | Appearance::Copy, _) => corner(arguments.text.clone()),
        (Appearance::Arrival, _) => {
            let needed = Fault::new(Exit::Usage, "ARRIVAL_NEEDS_NUMBER");
            let number = arguments.arrival_number.as_deref().ok_or(needed)?;
            let today = || vietnam_date(at).strftime("%d/%m/%Y").to_string();
            let date = arguments.arrival_date.clone().unwrap_or_else(today);
            let stamp = marks::arrival_stamp(&agency(), number, &date);
            stamp.map(Shown::Arrival).map_err(unusable)
        }
    }
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
