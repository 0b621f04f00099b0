//! Documents to send: what a clerk hands in, and the bytes a criminal would.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{LazyLock, Mutex};

use lienthong::domain::clock::{Date, Timestamp};
use lienthong::keystore::Signer as _;
use lienthong::pades::{self, Act, SignRequest};
use lienthong::pki::algorithm::DigestAlgorithm;

use super::clock::MORNING;
use super::registry;

/// A file of `fixtures`.
pub(crate) fn fixture(file: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(file);
    std::fs::read(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

/// A letter of two pages, unsigned.
pub(crate) fn letter() -> Vec<u8> {
    fixture("pdf/cong-van-libreoffice.pdf")
}

/// One page that says this, in Latin letters.
pub(crate) fn note(text: &str) -> Vec<u8> {
    let content = format!("BT /F1 14 Tf 72 700 Td ({text}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R\
         /Resources<</Font<</F1 5 0 R>>>>>>"
            .to_owned(),
        format!(
            "<</Length {}>>\nstream\n{content}\nendstream",
            content.len()
        ),
        "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>".to_owned(),
    ];
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut rows = "0000000000 65535 f \n".to_owned();
    for (number, body) in (1..).zip(objects) {
        rows += &format!("{:010} 00000 n \n", file.len());
        file.extend(format!("{number} 0 obj\n{body}\nendobj\n").into_bytes());
    }
    let start = file.len();
    let end =
        format!("xref\n0 6\n{rows}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    file.extend(end.into_bytes());
    file
}

/// The same letter with layers: what it shows depends on the viewer.
pub(crate) fn layered_letter() -> Vec<u8> {
    let mut letter = letter();
    let action = b"/OpenAction[1 0 R /XYZ null null 0]";
    let at = letter
        .windows(action.len())
        .position(|part| part == action)
        .unwrap();
    // Of the same length, so that nothing moves.
    let layers = format!("{:1$}", "/OCProperties<</OCGs[]/D<<>>>>", action.len());
    letter[at..at + layers.len()].copy_from_slice(layers.as_bytes());
    letter
}

/// What a clerk hands in.
#[derive(Clone)]
pub(crate) struct Paper {
    pub(crate) key: String,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) number: String,
    pub(crate) subject: String,
    pub(crate) issued_on: Option<Date>,
    pub(crate) signer: Option<String>,
    pub(crate) bytes: Vec<u8>,
}

/// A letter of xã Ia Dom to xã Ia Kla, on one hub.
pub(crate) fn a_document() -> Paper {
    Paper {
        key: "key-1".to_owned(),
        from: "H21.36.21".to_owned(),
        to: vec!["H21.36.22".to_owned()],
        number: "15/UBND-VP".to_owned(),
        subject: "Về việc báo cáo chuyển đổi số".to_owned(),
        issued_on: None,
        signer: None,
        bytes: letter(),
    }
}

impl Paper {
    /// Sent by this agency.
    pub(crate) fn from(mut self, code: &str) -> Self {
        code.clone_into(&mut self.from);
        self
    }

    /// To this agency alone.
    pub(crate) fn to(mut self, code: &str) -> Self {
        self.to = vec![code.to_owned()];
        self
    }

    /// To these agencies.
    pub(crate) fn addressed_to(mut self, codes: &[&str]) -> Self {
        self.to = codes.iter().map(|&code| code.to_owned()).collect();
        self
    }

    /// Under this number, and a key of its own.
    pub(crate) fn number(mut self, number: &str) -> Self {
        number.clone_into(&mut self.number);
        self.key = format!("key of {number}");
        self
    }

    /// About this.
    pub(crate) fn subject(mut self, subject: &str) -> Self {
        subject.clone_into(&mut self.subject);
        self
    }

    /// Handed in with this key.
    pub(crate) fn key(mut self, key: &str) -> Self {
        key.clone_into(&mut self.key);
        self
    }

    /// With these bytes.
    pub(crate) fn bytes(mut self, bytes: Vec<u8>) -> Self {
        self.bytes = bytes;
        self
    }
}

/// Appends one signature with a key of `slug`.
fn sign(bytes: &mut Vec<u8>, slug: &str, is_leader: bool) {
    let key = registry::key(slug, is_leader);
    let at: Timestamp = MORNING.parse().unwrap();
    let act = if is_leader { Act::Approve } else { Act::Issue };
    let algorithm = key.algorithm(DigestAlgorithm::Sha256, false).unwrap();
    let (signer, chain) = (key.certificate().clone(), key.chain().to_vec());
    let request = SignRequest::new(act, algorithm, signer, chain, at);
    let prepared = pades::prepare(&*bytes, &request).unwrap();
    let signature = key.sign(prepared.algorithm(), prepared.to_be_signed());
    let tail = prepared.embed(&signature.unwrap()).unwrap();
    bytes.extend_from_slice(&tail.bytes);
}

/// The letter signed by the leader of `slug` alone.
pub(crate) fn signed_by_leader(slug: &str) -> Vec<u8> {
    let mut bytes = letter();
    sign(&mut bytes, slug, true);
    bytes
}

/// The letter signed by the leader and sealed by the agency of `slug`.
pub(crate) fn sealed_by(slug: &str) -> Vec<u8> {
    static MADE: LazyLock<Mutex<HashMap<String, Vec<u8>>>> = LazyLock::new(Mutex::default);
    let mut made = MADE.lock().unwrap();
    let bytes = made.entry(slug.to_owned()).or_insert_with(|| {
        let mut bytes = signed_by_leader(slug);
        sign(&mut bytes, slug, false);
        bytes
    });
    bytes.clone()
}

/// One bit of the first page's content turned.
pub(crate) fn byte_changed(mut genuine: Vec<u8>) -> Vec<u8> {
    let stream = genuine.windows(6).position(|window| window == b"stream");
    genuine[stream.unwrap() + 40] ^= 1;
    genuine
}

fn last(bytes: &[u8], wanted: &str) -> usize {
    let mut windows = bytes.windows(wanted.len());
    windows
        .rposition(|window| window == wanted.as_bytes())
        .unwrap()
        + wanted.len()
}

fn number_at(bytes: &[u8], at: usize) -> usize {
    let digits = bytes[at..]
        .iter()
        .skip_while(|byte| byte.is_ascii_whitespace());
    let digits: Vec<u8> = digits
        .take_while(|byte| byte.is_ascii_digit())
        .copied()
        .collect();
    String::from_utf8(digits).unwrap().parse().unwrap()
}

/// The first page's content replaced by another revision after the signatures.
pub(crate) fn content_replaced(genuine: &[u8]) -> Vec<u8> {
    let contents = b"/Contents ";
    let at = genuine
        .windows(contents.len())
        .position(|window| window == contents);
    let id = number_at(genuine, at.unwrap() + contents.len());
    let before = number_at(genuine, last(genuine, "startxref"));
    let size = number_at(genuine, last(genuine, "/Size"));
    let root = number_at(genuine, last(genuine, "/Root"));
    let mut bytes = genuine.to_vec();
    let object = bytes.len();
    let text = "BT /F1 20 Tf 72 700 Td (Noi dung khac) Tj ET";
    let stream = format!(
        "{id} 0 obj\n<</Length {}>>\nstream\n{text}\nendstream\nendobj\n",
        text.len()
    );
    bytes.extend_from_slice(stream.as_bytes());
    let table = bytes.len();
    let trailer = format!(
        "xref\n{id} 1\n{object:010} 00000 n \ntrailer\n<</Size {size}/Root {root} 0 R/Prev \
         {before}>>\nstartxref\n{table}\n%%EOF\n"
    );
    bytes.extend_from_slice(trailer.as_bytes());
    bytes
}
