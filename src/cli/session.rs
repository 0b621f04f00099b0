//! `lienthong prepare` and `lienthong complete`: signing with a key this program never sees. A
//! session is a folder; it is used once, ends after a while, and survives restarts.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde::Serialize;

use super::exit::Exit;
use super::fault::Fault;
use super::file_source::FileSource;
use super::mark_options::{MarkArguments, Wish};
use super::publish::{Staged, same_file};
use super::sign_options::check_validity;
use super::speech::Speech;
use super::{inputs, lint, print};
use crate::domain::clock::{Clock as _, SystemClock, Timestamp, rfc3339};
use crate::domain::ids::{RandomIds, unguessable};
use crate::keystore;
use crate::pades::{Answer, Session};
use crate::pki::certificate::read_certificates;

/// The session as the engine stores it.
const SESSION: &str = "session.json";
/// Where the document lay when it was prepared.
const DOCUMENT: &str = "document";
/// There once a signature was accepted.
const USED: &str = "used";

/// Arguments of `prepare`.
#[derive(Debug, Args)]
pub(super) struct PrepareArguments {
    /// PDF file to be signed.
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// Folder of the session; it must not exist yet.
    #[arg(short, long, value_name = "SESSION")]
    output: PathBuf,
    /// Certificate of the key and those above it (PEM or DER); several files may be given.
    #[arg(long, value_name = "FILE", required = true)]
    certificate: Vec<PathBuf>,
    /// Minutes within which the signature must come back.
    #[arg(long, value_name = "MINUTES", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=10_080))]
    expires: u32,
    #[command(flatten)]
    mark: MarkArguments,
    /// Accepted for uniformity: the answer is one line of JSON in any case.
    #[arg(long)]
    json: bool,
}

/// Arguments of `complete`.
#[derive(Debug, Args)]
pub(super) struct CompleteArguments {
    /// Folder of the session.
    #[arg(value_name = "SESSION")]
    session: PathBuf,
    /// The signature value over the bytes the session gave (raw bytes).
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "cms",
        required_unless_present = "cms"
    )]
    signature: Option<PathBuf>,
    /// Or a whole CMS signature (DER) over exactly the prepared attributes.
    #[arg(long, value_name = "FILE")]
    cms: Option<PathBuf>,
    /// The prepared document, if it lies elsewhere now.
    #[arg(long, value_name = "IN")]
    document: Option<PathBuf>,
    /// The signed file.
    #[arg(short, long, value_name = "OUT")]
    output: PathBuf,
    /// Replace a file that exists already (never the input).
    #[arg(long)]
    force: bool,
    /// One line of JSON (schema lienthong.sign/1).
    #[arg(long)]
    json: bool,
}

/// Wire shape.
#[derive(Serialize)]
struct PreparedLine<'a> {
    schema: &'static str,
    session: String,
    id: &'a str,
    document_sha256: String,
    algorithm: String,
    digest: &'static str,
    to_be_signed: String,
    to_be_signed_digest: String,
    signer: &'a str,
    expires: String,
}

/// Prepares a session and prints what is to be signed.
pub(super) fn prepare(arguments: &PrepareArguments) -> Result<Exit, Fault> {
    let at = SystemClock::default().now();
    let input = &arguments.input;
    let source = FileSource::open(input).map_err(|fault| Fault::reading(input, &fault))?;
    let wish = wish(arguments, at)?;
    lint::before_signing((input, &source), arguments.mark.strict)?;
    let request = wish.request(&source);
    let request = request.map_err(|fault| Fault::signing(input, &fault))?;
    let seconds = i64::from(arguments.expires) * 60;
    let expires = Timestamp::from_second(at.as_second() + seconds).unwrap_or(at);
    let session = Session::open(unguessable(&RandomIds, at), &source, &request, expires);
    let session = session.map_err(|fault| Fault::signing(input, &fault))?;
    store(&arguments.output, input, &session)?;
    let tbs = session.to_be_signed();
    let digest = session.algorithm().digest();
    let line = PreparedLine {
        schema: "lienthong.prepared/1",
        session: arguments.output.display().to_string(),
        id: session.id(),
        document_sha256: session.document().to_string(),
        algorithm: session.algorithm().to_string(),
        digest: digest.name(),
        to_be_signed: STANDARD.encode(tbs),
        to_be_signed_digest: STANDARD.encode(digest.of(tbs)),
        signer: session.signer().subject(),
        expires: rfc3339(session.expires()),
    };
    print::line(&serde_json::to_string(&line).unwrap_or_default());
    Ok(Exit::Done)
}

fn wish(arguments: &PrepareArguments, at: Timestamp) -> Result<Wish, Fault> {
    let mut certificates = Vec::new();
    let first = arguments
        .certificate
        .first()
        .map_or(Path::new(""), PathBuf::as_path);
    for path in &arguments.certificate {
        let read = read_certificates(&inputs::bytes(path)?);
        certificates.extend(read.map_err(|fault| Fault::evidence(path, &fault))?);
    }
    let unusable = |fault: keystore::Error| Fault::key(first, &fault);
    let signer = keystore::signer_of(&certificates).map_err(unusable)?;
    check_validity(&signer.0, first, at)?;
    let (digest, pss) = (arguments.mark.digest(), arguments.mark.pss);
    let algorithm = keystore::algorithm_of(&signer.0, digest, pss).map_err(unusable)?;
    Wish::new(&arguments.mark, signer, algorithm, at)
}

/// Makes the folder; what is in it is durable on return.
fn store(folder: &Path, input: &Path, session: &Session) -> Result<(), Fault> {
    let written = || -> io::Result<()> {
        fs::DirBuilder::new().mode(0o700).create(folder)?;
        let input = fs::canonicalize(input)?;
        let input = input.as_os_str().as_encoded_bytes();
        write_new(&folder.join(DOCUMENT), input)?;
        write_new(&folder.join(SESSION), session.to_json().as_bytes())?;
        File::open(folder)?.sync_all()?;
        let parent = folder.parent().filter(|one| !one.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
    };
    written().map_err(|fault| match fault.kind() {
        io::ErrorKind::AlreadyExists => Fault::new(Exit::Conflict, "SESSION_EXISTS").at(folder),
        _ => Fault::writing(folder, &fault),
    })
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Checks the answer, uses the session up, and publishes the signed file.
pub(super) fn complete(arguments: &CompleteArguments, speech: &Speech) -> Result<Exit, Fault> {
    let now = SystemClock::default().now();
    let folder = &arguments.session;
    let used = folder.join(USED);
    let spent = || Fault::new(Exit::Conflict, "SESSION_USED").at(folder);
    let session = String::from_utf8(inputs::bytes(&folder.join(SESSION))?).unwrap_or_default();
    let session = Session::from_json(&session).map_err(|fault| Fault::signing(folder, &fault))?;
    if used.exists() {
        return Err(spent());
    }
    let input = document(arguments)?;
    let source = FileSource::open(&input).map_err(|fault| Fault::reading(&input, &fault))?;
    let output = &arguments.output;
    if same_file(&input, output) {
        return Err(Fault::new(Exit::Usage, "OUTPUT_IS_INPUT").at(output));
    }
    if !arguments.force && output.exists() {
        return Err(Fault::new(Exit::Conflict, "OUTPUT_EXISTS").at(output));
    }
    let digest = session.algorithm().digest();
    let answer = match (&arguments.signature, &arguments.cms) {
        (Some(path), _) => (inputs::bytes(path)?, false),
        (None, Some(path)) => (inputs::bytes(path)?, true),
        (None, None) => return Err(Fault::new(Exit::Usage, "NO_INPUT")),
    };
    let answer = match &answer {
        (bytes, false) => Answer::Signature(bytes),
        (bytes, true) => Answer::Cms(bytes),
    };
    let tail = session.complete(&source, answer, now);
    let tail = tail.map_err(|fault| Fault::signing(&input, &fault))?;
    let staged = Staged::new(&source, output, digest);
    let staged = staged.map_err(|fault| Fault::writing(output, &fault))?;
    // From here on the session is spent, whatever happens: never two files from one session.
    write_new(&used, rfc3339(now).as_bytes())
        .and_then(|()| File::open(folder)?.sync_all())
        .map_err(|fault| match fault.kind() {
            io::ErrorKind::AlreadyExists => spent(),
            _ => Fault::writing(folder, &fault),
        })?;
    let published = staged.publish(&input, &tail, (output, arguments.force))?;
    tell(arguments, (&tail.field, &published.sha256), speech);
    Ok(Exit::Done)
}

/// Wire shape.
#[derive(Serialize)]
struct CompletedLine<'a> {
    schema: &'static str,
    session: String,
    output: String,
    result: &'static str,
    exit_code: u8,
    field: &'a str,
    sha256: &'a str,
}

fn tell(arguments: &CompleteArguments, (field, sha256): (&str, &str), speech: &Speech) {
    let output = arguments.output.display().to_string();
    if arguments.json {
        let line = CompletedLine {
            schema: "lienthong.sign/1",
            session: arguments.session.display().to_string(),
            output,
            result: "signed",
            exit_code: 0,
            field,
            sha256,
        };
        print::line(&serde_json::to_string(&line).unwrap_or_default());
    } else {
        let params = [("output", output), ("field", field.to_owned())];
        print::line(&speech.text("cli-signed-one", &params));
    }
}

/// The document as given, else where it lay when it was prepared.
fn document(arguments: &CompleteArguments) -> Result<PathBuf, Fault> {
    use std::os::unix::ffi::OsStringExt as _;
    match &arguments.document {
        Some(path) => Ok(path.clone()),
        None => {
            let path = inputs::bytes(&arguments.session.join(DOCUMENT))?;
            Ok(std::ffi::OsString::from_vec(path).into())
        }
    }
}
