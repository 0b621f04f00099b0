//! Writing a document: one form, one button that signs, seals and sends.

use actix_multipart::Multipart;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::entered::{self, Complaint, Entered};
use super::frame::{Frame, Section};
use super::{html, to};
use crate::domain::document::Urgency;
use crate::domain::ids::{DocumentId, IdSource as _, RandomIds};
use crate::domain::language::Language;
use crate::exchange;
use crate::exchange::inquiry::AddressRow;
use crate::exchange::people::Person;
use crate::web::gate::Clerk;
use crate::web::problem::{Fault, megabytes};
use crate::web::upload::{self, File};
use crate::web::{Site, language};

#[derive(Template)]
#[template(path = "pages/compose.html")]
struct ComposePage {
    frame: Frame,
    entered: Entered,
    complaints: Vec<Complaint>,
    warnings: Option<Warnings>,
    types: Vec<(&'static str, &'static str)>,
    urgencies: Vec<Choice>,
    signers: Vec<Choice>,
    tiers: Vec<Tier>,
    today: String,
    limit: String,
}

/// What the clerk should look at before the file is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Warnings {
    /// The file they are about.
    sha256: String,
    sentences: Vec<String>,
}

/// What became of a form without complaints.
enum Outcome {
    Sent(DocumentId),
    Warned(Warnings),
    NoFile,
}

/// One of several to choose from.
struct Choice {
    value: String,
    words: String,
    is_chosen: bool,
}

/// The addressees of one tier.
struct Tier {
    name: String,
    rows: Vec<Address>,
    is_open: bool,
}

struct Address {
    code: String,
    name: String,
    is_chosen: bool,
}

/// Tiers with more addressees than this are folded.
const MOST_OPEN: usize = 12;

impl ComposePage {
    /// What is wrong with `field`.
    fn complaint(&self, field: &str) -> Option<&str> {
        let found = self.complaints.iter().find(|one| one.field == field);
        found.map(|one| one.text.as_str())
    }
}

pub(super) async fn blank(
    Clerk(person): Clerk,
    site: web::Data<Site>,
    request: HttpRequest,
) -> Result<HttpResponse, Fault> {
    let entered = Entered {
        key: fresh_key(&site),
        issued_on: site.hub.today().to_string(),
        ..Entered::default()
    };
    let page = page(&site, &person, &request, entered, Vec::new());
    html(StatusCode::OK, &page)
}

pub(super) async fn send(
    Clerk(person): Clerk,
    site: web::Data<Site>,
    request: HttpRequest,
    parts: Multipart,
) -> Result<HttpResponse, Fault> {
    let form = upload::read(&site.hub, parts).await?;
    let mut entered = Entered::of(&form);
    let language = language::of(&request);
    let mut complaints = entered.complaints(&form.file, language);
    let mut warnings = None;
    if complaints.is_empty() {
        match hand_in(&site, &person, &entered, (form.file, language)).await {
            Ok(Outcome::Sent(id)) => return Ok(to(&format!("/outgoing/{id}"))),
            Ok(Outcome::Warned(found)) => warnings = Some(found),
            Ok(Outcome::NoFile) => {}
            Err(fault) => match entered::complaint(&fault.category(), language) {
                Some(complaint) => complaints.push(complaint),
                None => return Err(fault.into()),
            },
        }
    }
    if entered.key.is_empty() || complaints.iter().any(|one| one.field == "number") {
        entered.key = fresh_key(&site);
    }
    let page = ComposePage {
        warnings,
        ..page(&site, &person, &request, entered, complaints)
    };
    html(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// Looks at the file before its first signature and, unless there is something in it the clerk has not seen
/// yet, registers it.
async fn hand_in(
    site: &Site,
    person: &Person,
    entered: &Entered,
    (file, language): (File, Language),
) -> Result<Outcome, exchange::Error> {
    let File::Stored(name, content) = file else {
        return Ok(Outcome::NoFile);
    };
    let look = site.hub.look(person, content, name.clone(), language);
    let sentences = look.await?.sentences;
    let sha256 = content.sha256.to_string();
    if !sentences.is_empty() && entered.noticed != sha256 {
        return Ok(Outcome::Warned(Warnings { sha256, sentences }));
    }
    let draft = entered.draft(name, content);
    site.hub.compose(person, draft).await.map(Outcome::Sent)
}

/// A key for one sending: pressing the button twice sends once.
pub(super) fn fresh_key(site: &Site) -> String {
    RandomIds.fresh(site.hub.now()).to_string()
}

fn page(
    site: &Site,
    person: &Person,
    request: &HttpRequest,
    entered: Entered,
    complaints: Vec<Complaint>,
) -> ComposePage {
    let frame = Frame::new(request, site, Some(person), Section::Compose);
    let signers = site.hub.signers(&person.agency).into_iter();
    let choose = |urgency: Urgency| Choice {
        value: urgency.code().to_string(),
        words: frame.say(urgency.phrase()),
        is_chosen: urgency.code() == entered.urgency,
    };
    ComposePage {
        urgencies: Urgency::ALL.into_iter().map(choose).collect(),
        signers: signers
            .map(|name| Choice {
                is_chosen: name == entered.signer,
                words: name.clone(),
                value: name,
            })
            .collect(),
        tiers: tiers(&frame, site.hub.addresses(person), &entered.recipients),
        types: entered::types(),
        today: site.hub.today().to_string(),
        limit: megabytes(site.hub.largest_bytes()),
        entered,
        complaints,
        warnings: None,
        frame,
    }
}

/// Addressees by tier, in the registry's order.
fn tiers(frame: &Frame, rows: Vec<AddressRow>, chosen: &[String]) -> Vec<Tier> {
    let mut tiers: Vec<Tier> = Vec::new();
    for row in rows {
        let (vietnamese, english) = &row.tier;
        let name = frame.language.pick(vietnamese, english);
        let address = Address {
            is_chosen: chosen.contains(&row.code),
            code: row.code,
            name: row.name,
        };
        match tiers.iter_mut().find(|tier| tier.name == name) {
            Some(tier) => tier.rows.push(address),
            None => tiers.push(Tier {
                name: name.to_owned(),
                rows: vec![address],
                is_open: true,
            }),
        }
    }
    for tier in &mut tiers {
        tier.is_open = tier.rows.len() <= MOST_OPEN || tier.rows.iter().any(|row| row.is_chosen);
    }
    tiers
}
