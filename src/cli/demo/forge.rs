//! A hub whose keys fell into wrong hands: it sends forged documents to its neighbour with a
//! genuine envelope and a genuine receipt of submission, so that only the signatures can tell.
//! The forgeries are made on the bytes, without the engine's own writer.

use super::materials::{HUB_KEYS, LETTER};
use super::network::{Network, key_of};
use crate::cli::fault::Fault;
use crate::cms;
use crate::domain::agency::AgencyCode;
use crate::domain::clock::{Clock as _, SignedDuration, SystemClock, Timestamp, vietnam_date};
use crate::domain::digest::Sha256;
use crate::domain::document::{Content, Header, Urgency};
use crate::domain::ids::{DeliveryId, DocumentId, EvidenceId, RandomIds, TransferId};
use crate::domain::language::Language;
use crate::domain::number::DocumentNumber;
use crate::domain::receipt::{Event, Party, SignedStatement, Statement};
use crate::domain::routing::HubId;
use crate::evidence::statement;
use crate::keystore::{Signer as _, SoftKey};
use crate::net::{Identity, PinnedClient};
use crate::pades::{self, Act, SignRequest};
use crate::peer::PeerClient;
use crate::peer::envelope::Envelope;
use crate::peer::protocol::{Piece, Transfer};
use crate::phrases;
use crate::pki::algorithm::DigestAlgorithm;

/// A forged document: phrase of the forgery (`demo-forgery-…`), number it bears, bytes.
pub(super) struct Forgery {
    pub(super) name: &'static str,
    pub(super) number: &'static str,
    pub(super) bytes: Vec<u8>,
}

impl Forgery {
    /// What was done to it.
    pub(super) fn title(&self, language: Language) -> String {
        phrases::text(language, &format!("demo-forgery-{}", self.name), &[])
    }
}

/// The four forgeries of the story.
pub(super) fn all(at: Timestamp) -> Result<Vec<Forgery>, Fault> {
    let genuine = signed("iadom", at)?;
    Ok(vec![
        Forgery {
            name: "byte-changed",
            number: "91/UBND-VP",
            bytes: byte_changed(&genuine)?,
        },
        Forgery {
            name: "page-appended",
            number: "92/UBND-VP",
            bytes: page_appended(&genuine)?,
        },
        Forgery {
            name: "content-replaced",
            number: "93/UBND-VP",
            bytes: content_replaced(&genuine)?,
        },
        Forgery {
            name: "other-agency",
            number: "94/UBND-VP",
            bytes: signed("iakla", at)?,
        },
    ])
}

/// The letter signed by leader and agency of `slug`.
fn signed(slug: &str, at: Timestamp) -> Result<Vec<u8>, Fault> {
    let mut bytes = LETTER.to_vec();
    for (is_leader, act) in [(true, Act::Approve), (false, Act::Issue)] {
        let key = key_of(slug, is_leader)?;
        let algorithm = key
            .algorithm(DigestAlgorithm::Sha256, false)
            .map_err(Fault::demo)?;
        let (signer, chain) = (key.certificate().clone(), key.chain().to_vec());
        let request = SignRequest::new(act, algorithm, signer, chain, at);
        let prepared = pades::prepare(&bytes, &request).map_err(Fault::demo)?;
        let signature = key.sign(prepared.algorithm(), prepared.to_be_signed());
        let tail = prepared
            .embed(&signature.map_err(Fault::demo)?)
            .map_err(Fault::demo)?;
        bytes.extend_from_slice(&tail.bytes);
    }
    Ok(bytes)
}

fn find(bytes: &[u8], wanted: &[u8], from: usize) -> Result<usize, Fault> {
    let rest = bytes.get(from..).unwrap_or_default();
    let found = rest
        .windows(wanted.len())
        .position(|window| window == wanted);
    found
        .map(|at| from + at)
        .ok_or_else(|| Fault::demo("the sample is not shaped as expected"))
}

fn find_last(bytes: &[u8], wanted: &[u8]) -> Result<usize, Fault> {
    let found = bytes
        .windows(wanted.len())
        .rposition(|window| window == wanted);
    found.ok_or_else(|| Fault::demo("the sample is not shaped as expected"))
}

/// The number that stands at `at`.
fn number(bytes: &[u8], at: usize) -> usize {
    let digits = bytes
        .iter()
        .skip(at)
        .skip_while(|b| b.is_ascii_whitespace());
    let digits = digits.take_while(|b| b.is_ascii_digit());
    digits.fold(0, |value, digit| value * 10 + usize::from(digit - b'0'))
}

/// One bit of the first page's content is turned.
fn byte_changed(genuine: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut bytes = genuine.to_vec();
    let start = find(genuine, b"stream", 0)?;
    if let Some(byte) = bytes.get_mut(start + 40) {
        *byte ^= 1;
    }
    Ok(bytes)
}

/// The object that holds `mark`, in its last version: its number and its dictionary's text.
fn object_with(bytes: &[u8], mark: &[u8]) -> Result<(usize, String), Fault> {
    let inside = find_last(bytes, mark)?;
    let before = bytes.get(..inside).unwrap_or_default();
    let head = find_last(before, b" 0 obj")?;
    let digits = before.get(..head).unwrap_or_default();
    let start = digits
        .iter()
        .rposition(|b| !b.is_ascii_digit())
        .map_or(0, |at| at + 1);
    let from = head + b" 0 obj".len();
    let to = find(bytes, b"endobj", from)?;
    let body = String::from_utf8_lossy(bytes.get(from..to).unwrap_or_default())
        .trim()
        .to_owned();
    Ok((number(bytes, start), body))
}

/// Appends objects as an incremental update with a table of its own.
fn append(genuine: &[u8], objects: &[(usize, String)]) -> Result<Vec<u8>, Fault> {
    let mut bytes = genuine.to_vec();
    let last = number(
        genuine,
        find_last(genuine, b"startxref")? + b"startxref".len(),
    );
    let size_at = find_last(genuine, b"/Size")?;
    let size = number(genuine, size_at + b"/Size".len());
    let root = number(genuine, find_last(genuine, b"/Root")? + b"/Root".len());
    let mut table = String::from("xref\n");
    for (id, body) in objects {
        table.push_str(&format!("{id} 1\n{:010} 00000 n \n", bytes.len()));
        bytes.extend_from_slice(format!("{id} 0 obj\n{body}\nendobj\n").as_bytes());
    }
    let size = objects
        .iter()
        .map(|(id, _)| id + 1)
        .max()
        .unwrap_or(0)
        .max(size);
    let start = bytes.len();
    bytes.extend_from_slice(table.as_bytes());
    bytes.extend_from_slice(
        format!(
            "trailer\n<</Size {size}/Root {root} 0 R/Prev {last}>>\nstartxref\n{start}\n%%EOF\n"
        )
        .as_bytes(),
    );
    Ok(bytes)
}

/// A page with other text behind the signed ones.
fn page_appended(genuine: &[u8]) -> Result<Vec<u8>, Fault> {
    let (pages, body) = object_with(genuine, b"/Type/Pages")?;
    let size = number(genuine, find_last(genuine, b"/Size")? + b"/Size".len());
    let (page, content) = (size, size + 1);
    let count_at = body
        .find("/Count")
        .ok_or_else(|| Fault::demo("no page count"))?;
    let count = number(body.as_bytes(), count_at + "/Count".len());
    let more = body
        .replacen(
            &format!("/Count {count}"),
            &format!("/Count {}", count + 1),
            1,
        )
        .replacen(']', &format!(" {page} 0 R]"), 1);
    let text = "BT /F1 20 Tf 72 700 Td (Them mot trang) Tj ET";
    append(
        genuine,
        &[
            (pages, more),
            (
                page,
                format!(
                    "<</Type/Page/Parent {pages} 0 R/MediaBox[0 0 595 842]/Contents {content} 0 R\
                 /Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
                ),
            ),
            (
                content,
                format!("<</Length {}>>\nstream\n{text}\nendstream", text.len()),
            ),
        ],
    )
}

/// The content of the first page replaced by other text.
fn content_replaced(genuine: &[u8]) -> Result<Vec<u8>, Fault> {
    let contents = find(genuine, b"/Contents ", 0)? + b"/Contents ".len();
    let id = number(genuine, contents);
    let text = "BT /F1 20 Tf 72 700 Td (Noi dung khac) Tj ET";
    append(
        genuine,
        &[(
            id,
            format!("<</Length {}>>\nstream\n{text}\nendstream", text.len()),
        )],
    )
}

/// The line of the stolen hub to its neighbour.
pub(super) fn line(network: &Network, from: &str, to: &str) -> Result<PeerClient, Fault> {
    let keys = |name: &str| {
        let row = HUB_KEYS.iter().find(|(hub, _)| *hub == name);
        row.map(|(_, keys)| *keys)
            .ok_or_else(|| Fault::demo("no such hub"))
    };
    let [certificate, key, _, _] = keys(from)?;
    let [pinned, _, _, _] = keys(to)?;
    let url = format!("https://{}", network.place(to)?.peers);
    let pinned = [String::from_utf8_lossy(pinned).into_owned()];
    let client = PinnedClient::new(&url, &Identity { certificate, key }, &pinned);
    Ok(PeerClient::new(client.map_err(Fault::demo)?))
}

/// Hands a forgery to the neighbour `district` as a letter of xã Ia Dom to huyện Đức Cơ; gives the
/// neighbour's word on it.
pub(super) async fn hand_over(network: &Network, forgery: &Forgery) -> Result<(), Fault> {
    let at = now(network);
    let own = HubId::parse("commune").map_err(Fault::demo)?;
    let party = |code: &str| Party {
        code: code.to_owned(),
        name: format!("{code} (dữ liệu mẫu)"),
    };
    let envelope = Envelope {
        delivery: DeliveryId::fresh(&RandomIds, at),
        header: Header {
            id: DocumentId::fresh(&RandomIds, at),
            sender: AgencyCode::parse("H21.36.21").map_err(Fault::demo)?,
            number: DocumentNumber::parse(forgery.number).map_err(Fault::demo)?,
            issued_on: vietnam_date(at),
            type_name: "Công văn".to_owned(),
            subject: format!(
                "Văn bản giả: {} (dữ liệu mẫu)",
                forgery.title(Language::Vietnamese)
            ),
            urgency: Urgency::Normal,
            file_name: "van-ban-gia.pdf".to_owned(),
        },
        content: Content {
            sha256: Sha256::of(&forgery.bytes),
            size_bytes: u64::try_from(forgery.bytes.len()).unwrap_or(0),
        },
        sender: party("H21.36.21"),
        recipient: party("H21.36"),
        origin: own.clone(),
        sent_at: at,
        sent_by: "user:không rõ".to_owned(),
    };
    let bytes = envelope.to_bytes().map_err(Fault::demo)?;
    let transfer = Transfer {
        id: TransferId::fresh(&RandomIds, at),
        path: vec![own.clone()],
        submission: submission(&envelope, &bytes, own, at)?,
        envelope: bytes,
    };
    let line = line(network, "commune", "district")?;
    let body = transfer.to_bytes().map_err(Fault::demo)?;
    if let Some(missing) = line.offer(body.clone()).await.map_err(Fault::demo)?.missing {
        let whole = missing.content.size_bytes;
        let (begin, end) = (0, whole);
        let piece = Piece { begin, end, whole };
        let bytes = futures_util::stream::iter([Ok(forgery.bytes.clone())]);
        let sent = line.append(&missing.content.sha256, piece, bytes);
        sent.await.map_err(Fault::demo)?;
    }
    line.hand_over(body, at)
        .await
        .map(|_| ())
        .map_err(Fault::demo)
}

/// The time by the clock of the demonstration.
pub(super) fn now(network: &Network) -> Timestamp {
    SystemClock::with_offset(SignedDuration::from_secs(network.offset_seconds)).now()
}

/// A receipt of submission signed with the stolen key.
fn submission(
    envelope: &Envelope,
    bytes: &[u8],
    own: HubId,
    at: Timestamp,
) -> Result<SignedStatement, Fault> {
    let stated = Statement {
        id: EvidenceId::fresh(&RandomIds, at),
        event: Event::Submission,
        at,
        issuer: own.clone(),
        delivery: envelope.delivery,
        document: envelope.header.id,
        number: envelope.header.number.to_string(),
        content: envelope.content,
        envelope_sha256: Sha256::of(bytes),
        sender: envelope.sender.clone(),
        recipient: envelope.recipient.clone(),
        path: vec![own],
        transfer: None,
        actor: None,
        reason: None,
        arrival_number: None,
        verdict: None,
        clock_offset_seconds: None,
        registry: None,
        succession: None,
        change: None,
    };
    let statement = statement::to_bytes(&stated).map_err(Fault::demo)?;
    let row = HUB_KEYS.iter().find(|(name, _)| *name == "commune");
    let (_, [_, _, certificate, key]) = row.ok_or_else(|| Fault::demo("no such hub"))?;
    let key = SoftKey::from_pem(certificate, key).map_err(Fault::demo)?;
    let algorithm = key
        .algorithm(DigestAlgorithm::Sha256, false)
        .map_err(Fault::demo)?;
    let by_key = |tbs: &[u8]| key.sign(&algorithm, tbs);
    let signature = cms::detached::sign(
        &statement,
        &algorithm,
        key.certificate(),
        key.chain(),
        &by_key,
    );
    Ok(SignedStatement {
        statement,
        signature: signature.map_err(Fault::demo)?,
    })
}
