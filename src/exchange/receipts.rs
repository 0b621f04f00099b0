//! Receipts: issuing them (log, sign, record), checking a neighbour's, and passing them back along
//! the road to the sender.

use super::hub::Inner;
use super::{Error, change, clocks, outbox};
use crate::cms;
use crate::domain::actor::Actor;
use crate::domain::change::Basis;
use crate::domain::clock::{Date, Timestamp, vietnam_date};
use crate::domain::delivery::{Role, TransportState};
use crate::domain::digest::Sha256;
use crate::domain::ids::{EvidenceId, SigningId, TransferId};
use crate::domain::lane::Target;
use crate::domain::receipt::{Event, Party, SignedStatement, Statement};
use crate::domain::routing::{self, HubId};
use crate::domain::status::{self, Handling};
use crate::evidence::statement;
use crate::jail::Detached;
use crate::keystore::Signer as _;
use crate::peer::envelope::Envelope;
use crate::peer::protocol::ReceiptTransfer;
use crate::pki::algorithm::DigestAlgorithm;
use crate::pki::certificate::{Certificate, read_certificates};
use crate::store::rows::deliveries::{self, Delivery};
use crate::store::rows::jobs::Kind;
use crate::store::rows::mails::Notice;
use crate::store::rows::signings::{self, Signing};
use crate::store::rows::{acts, evidence, transfers};
use crate::store::{self, Tx};

/// A receipt made by this hub, its key use logged, not yet recorded.
pub(super) struct Issued {
    pub(super) statement: Statement,
    pub(super) signed: SignedStatement,
    signing: SigningId,
}

impl Issued {
    /// The log of its key use.
    pub(super) const fn signing(&self) -> SigningId {
        self.signing
    }
}

/// A statement about `envelope` by this hub, to be completed by the station.
pub(super) fn about(
    hub: &Inner,
    event: Event,
    envelope: &Envelope,
    envelope_bytes: &[u8],
    path: Vec<HubId>,
) -> Statement {
    let at = hub.now();
    Statement {
        id: EvidenceId::fresh(hub.ids(), at),
        event,
        at,
        issuer: hub.parts.id.clone(),
        delivery: envelope.delivery,
        document: envelope.header.id,
        number: envelope.header.number.to_string(),
        content: envelope.content,
        envelope_sha256: Sha256::of(envelope_bytes),
        sender: envelope.sender.clone(),
        recipient: envelope.recipient.clone(),
        path,
        transfer: None,
        actor: None,
        reason: None,
        arrival_number: None,
        verdict: None,
        clock_offset_seconds: None,
        registry: hub.in_force().number(),
        succession: None,
        change: None,
    }
}

/// Signs a statement: first the intent is recorded durably, then the key acts. The outcome is
/// recorded by [`keep`] in the transaction of the act.
///
/// # Errors
/// A fault of the record or the key; then nothing but the intent remains.
pub(super) fn issue(hub: &Inner, statement: Statement) -> Result<Issued, Error> {
    let bytes = statement::to_bytes(&statement)?;
    let about = statement.delivery.to_string();
    let actor = statement.actor.as_deref().unwrap_or("system");
    let (signed, signing) = sign_logged(hub, bytes, (&about, actor), statement.at)?;
    Ok(Issued {
        statement,
        signed,
        signing,
    })
}

/// Signs `bytes` about `subject` for `actor` as [`issue`] does; the outcome is for the caller to
/// record.
///
/// # Errors
/// As [`issue`].
pub(super) fn sign_logged(
    hub: &Inner,
    bytes: Vec<u8>,
    (subject, actor): (&str, &str),
    at: Timestamp,
) -> Result<(SignedStatement, SigningId), Error> {
    let signing = Signing {
        id: SigningId::fresh(hub.ids(), at),
        purpose: "receipt",
        subject: subject.to_owned(),
        key_sha256: hub.parts.receipt_key.certificate().sha256(),
        signed_sha256: Sha256::of(&bytes),
        actor: actor.to_owned(),
    };
    fail::fail_point!("receipt-before-intent");
    hub.store().write(|tx| signings::intend(tx, &signing, at))?;
    fail::fail_point!("receipt-before-key");
    let signature = sign(hub, &bytes);
    if let Err(fault) = &signature {
        close_unused(hub, [signing.id], fault);
    }
    fail::fail_point!("receipt-after-key");
    let signed = SignedStatement {
        statement: bytes,
        signature: signature?,
    };
    Ok((signed, signing.id))
}

fn sign(hub: &Inner, bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let key = &hub.parts.receipt_key;
    let algorithm = key.algorithm(DigestAlgorithm::Sha256, false)?;
    let by_key = |tbs: &[u8]| key.sign(&algorithm, tbs);
    cms::detached::sign(bytes, &algorithm, key.certificate(), key.chain(), &by_key)
        .map_err(|fault| Error::ReceiptSignature(fault.to_string()))
}

/// How often an act is tried again because another one was recorded at the same moment.
const SAME_MOMENT: usize = 3;

/// Runs the transaction that records `issued`. Where a unique constraint speaks, somebody recorded
/// the same request, or another delivery of the same document, at the same moment: it is run again
/// and finds what they recorded. When it fails, the log of their key use is closed
/// with the reason: no use of a key stays without an outcome.
///
/// # Errors
/// What `work` returns, or a fault of the record.
pub(super) fn recording<T>(
    hub: &Inner,
    issued: &[&Issued],
    mut work: impl FnMut(&mut Tx<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut outcome = hub.store().write(&mut work);
    for _ in 0..SAME_MOMENT {
        if !matches!(outcome, Err(Error::Record(store::Error::Conflict { .. }))) {
            break;
        }
        outcome = hub.store().write(&mut work);
    }
    if let Err(fault) = &outcome {
        close_unused(hub, issued.iter().map(|one| one.signing), fault);
    }
    outcome
}

/// Closes the log of keys that were used for nothing. An entry that cannot be closed, because the
/// record is away or the act was recorded after all, is left as it is.
pub(super) fn close_unused(
    hub: &Inner,
    signings: impl IntoIterator<Item = SigningId>,
    fault: &Error,
) {
    let outcome = format!("not used: {fault}");
    for id in signings {
        let closed = hub
            .store()
            .write(|tx| signings::close(tx, id, &outcome, hub.now()));
        if let Err(fault) = closed {
            tracing::debug!(signing.id = %id, fault = %fault, "log of a key left as it is");
        }
    }
}

/// Records a receipt of this hub and closes the log of its key use.
pub(super) fn keep(tx: &mut Tx<'_>, issued: &Issued, now: Timestamp) -> Result<(), Error> {
    evidence::insert(tx, &issued.statement, &issued.signed, now)?;
    signings::close(tx, issued.signing, "done", now)?;
    Ok(())
}

/// Closes the log of a receipt that was signed for nothing: somebody else did the act meanwhile.
pub(super) fn discard(tx: &mut Tx<'_>, issued: &Issued, now: Timestamp) -> Result<(), Error> {
    Ok(signings::close(tx, issued.signing, "not used", now)?)
}

/// Reads a neighbour's receipt: canonical statement, signature by a key the registry names for the
/// hub that issued it, certificate valid at the time stated.
///
/// # Errors
/// [`Error::Unacceptable`] that says what does not hold.
pub(super) fn check(hub: &Inner, signed: &SignedStatement) -> Result<Statement, Error> {
    let wrong = |detail: String| Error::unacceptable("receipt-not-genuine", detail);
    let stated =
        statement::from_bytes(&signed.statement).map_err(|fault| wrong(fault.to_string()))?;
    hub.must_know_registry(stated.registry)?;
    signed_by(hub, signed, &stated.issuer, stated.at)?;
    speaks_for_party(hub, &stated)?;
    Ok(stated)
}

/// The statement must be signed by a key the registry names for `issuer`, with a certificate valid
/// at the time it states.
///
/// # Errors
/// As [`check`].
pub(super) fn signed_by(
    hub: &Inner,
    signed: &SignedStatement,
    issuer: &HubId,
    at: Timestamp,
) -> Result<(), Error> {
    let wrong = |detail: String| Error::unacceptable("receipt-not-genuine", detail);
    let directory = hub.directory();
    let known = directory.hub(issuer);
    let known = known.ok_or_else(|| wrong(format!("unknown issuer {issuer}")))?;
    let signer = signer(hub, signed, known)?;
    if at < signer.not_before() || signer.not_after() < at {
        return Err(wrong("certificate not valid at the time stated".to_owned()));
    }
    Ok(())
}

/// The registered certificate of `issuer` that signed the statement; the structure of the signature
/// is read in the jail.
fn signer(
    hub: &Inner,
    signed: &SignedStatement,
    issuer: &routing::Hub,
) -> Result<Certificate, Error> {
    let wrong = |detail: String| Error::unacceptable("receipt-not-genuine", detail);
    let registered = issuer.signing_certificates.iter();
    let registered = registered.filter_map(|pem| read_certificates(pem.as_bytes()).ok());
    let registered: Vec<Certificate> = registered.flatten().collect();
    let jail = &hub.parts.jail;
    match jail.detached(&signed.statement, &signed.signature, &registered) {
        Ok(Detached::By(signer)) => Ok(signer),
        Ok(Detached::Stranger { certificate_sha256 }) => Err(wrong(format!(
            "signed with {certificate_sha256}, not a key of {}",
            issuer.id
        ))),
        Ok(Detached::Refused { reason }) => Err(wrong(reason)),
        Err(fault) => Err(fault.into()),
    }
}

/// Who may state what. What the recipient has or did is stated by the recipient's hub only, what the
/// sender asks by the sender's: a hub on the road could otherwise act in their place. It may say that
/// it stopped a document itself.
fn speaks_for_party(hub: &Inner, stated: &Statement) -> Result<(), Error> {
    let basis = stated.change.as_ref().and_then(|note| note.basis);
    let day = vietnam_date(stated.at);
    let directory = hub.directory();
    let is_senders = || -> Result<bool, Error> {
        let sender = directory.find(&stated.sender.code)?;
        Ok(sender.hub_on(day) == Some(&stated.issuer))
    };
    let issuer = &stated.issuer;
    match stated.event {
        Event::Submission | Event::Relay | Event::Failure => return Ok(()),
        Event::ChangeAgreement if basis == Some(Basis::NotHandedOver) => return Ok(()),
        Event::ChangeExpiry | Event::ChangeRequest if is_senders()? => return Ok(()),
        Event::ChangeRequest => {
            let detail = format!("{} is not hosted at {issuer}", stated.sender.code);
            return Err(Error::unacceptable("not-the-senders-hub", detail));
        }
        _ => {}
    }
    let addressed = directory.find(&stated.recipient.code)?;
    let recipient = match &stated.succession {
        None => addressed,
        Some(note) => {
            let heir = directory.find(&note.to.code)?;
            let heirs = directory.successors(&addressed.code, day);
            if !heirs.iter().any(|one| one.code == heir.code) {
                let detail = format!("{} does not succeed {}", heir.code, addressed.code);
                return Err(Error::unacceptable("not-the-successor", detail));
            }
            heir
        }
    };
    if recipient.hub_on(day) == Some(issuer) {
        return Ok(());
    }
    Err(Error::unacceptable(
        "not-the-recipients-hub",
        format!("{} is not hosted at {issuer}", recipient.code),
    ))
}

/// Whether the statement speaks of exactly this delivery: its envelope, document, bytes and
/// parties.
pub(super) fn is_about(stated: &Statement, delivery: &Delivery) -> bool {
    let fits = |envelope: Envelope| {
        stated.delivery == envelope.delivery
            && stated.document == envelope.header.id
            && stated.content == envelope.content
            && stated.sender.code == envelope.sender.code
            && stated.recipient.code == envelope.recipient.code
    };
    stated.envelope_sha256 == Sha256::of(&delivery.envelope)
        && Envelope::from_bytes(&delivery.envelope).is_ok_and(fits)
}

/// Applies a receipt that came from further down the road to this hub's part of the delivery: kept
/// as evidence, states moved (never back), passed on toward the sender, the sender told.
///
/// `delivery` is this hub's origin or relay row. A receipt kept before changes nothing.
pub(super) fn apply(
    tx: &mut Tx<'_>,
    hub: &Inner,
    delivery: &mut Delivery,
    stated: &Statement,
    signed: &SignedStatement,
) -> Result<(), Error> {
    let now = hub.now();
    if evidence::find(tx, stated.id)?.is_some() {
        return Ok(());
    }
    evidence::insert(tx, stated, signed, now)?;
    note_skew(tx, delivery, stated, now)?;
    advance(tx, hub, delivery, stated, now)?;
    if delivery.role == Role::Relay {
        pass_back(tx, hub, delivery, signed, now)?;
    }
    Ok(())
}

/// Moves the states of `delivery` by what `stated` proves, and tells the sender where this hub is
/// the origin.
pub(super) fn advance(
    tx: &mut Tx<'_>,
    hub: &Inner,
    delivery: &mut Delivery,
    stated: &Statement,
    now: Timestamp,
) -> Result<(), Error> {
    let before = (delivery.transport, delivery.handling);
    delivery.transport = delivery
        .transport
        .after(stated.event.transport(stated.hop()));
    let handled = match stated.event.handling() {
        Some(_) => Some(handling(tx, delivery)?),
        None => None,
    };
    if let Some(handled) = handled.filter(|handled| handled.state != delivery.handling) {
        delivery.handling = handled.state;
        if let Some(flag) = handled.flags.last() {
            note(tx, delivery, flag.as_str(), stated, now)?;
        }
        delivery.reason = stated.reason.clone().or(delivery.reason.take());
        delivery.arrival_number = stated
            .arrival_number
            .clone()
            .or(delivery.arrival_number.take());
    }
    if delivery.transport == TransportState::Failed {
        delivery.reason = stated.reason.clone().or(delivery.reason.take());
    }
    if delivery.verdict.is_none() {
        delivery.verdict.clone_from(&stated.verdict);
    }
    if before != (delivery.transport, delivery.handling) {
        delivery.updated_at = now;
        deliveries::update(tx, delivery)?;
    }
    clocks::follow(tx, hub, delivery, stated, now)?;
    change::apply(tx, hub, delivery, stated, now)?;
    let notice = match stated.event {
        Event::Acceptance => Some(Notice::Accepted),
        Event::Rejection => Some(Notice::Refused),
        Event::Failure => Some(Notice::Failed),
        Event::OpenExpiry | Event::AnswerExpiry => Some(Notice::Overdue),
        _ => None,
    };
    if let Some(notice) = notice.filter(|_| delivery.role == Role::Origin) {
        super::relay::enqueue(tx, hub, delivery, notice, &delivery.sender.clone(), now)?;
    }
    Ok(())
}

/// What the receipts kept of a delivery say about its handling, in the order of the reporter's time.
fn handling(tx: &mut Tx<'_>, delivery: &Delivery) -> Result<Handling, Error> {
    let kept = evidence::of_delivery(tx, delivery.id)?.into_iter();
    let reports = kept.filter_map(|one| Some((one.at, one.event.handling()?)));
    Ok(Handling::of(reports))
}

/// Notes a receipt whose time fits neither the sending nor our present.
fn note_skew(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
    stated: &Statement,
    now: Timestamp,
) -> Result<(), Error> {
    let envelope = Envelope::from_bytes(&delivery.envelope)?;
    if status::is_skewed(stated.at, envelope.sent_at, now) {
        note(tx, delivery, "clock-skew", stated, now)?;
    }
    Ok(())
}

/// Notes in the journal what somebody should look at in a receipt.
pub(super) fn note(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
    what: &str,
    stated: &Statement,
    now: Timestamp,
) -> Result<(), Error> {
    let about = (delivery.document, Some(delivery.id));
    let actor = Actor::Hub(stated.issuer.clone());
    Ok(acts::insert(
        tx,
        &actor,
        what,
        about,
        &stated.id.to_string(),
        now,
    )?)
}

/// Enqueues a receipt for the hub the delivery came from; where there is none, the sender is here
/// and the origin row is advanced at once.
pub(super) fn report(
    tx: &mut Tx<'_>,
    hub: &Inner,
    delivery: &Delivery,
    issued: &Issued,
    now: Timestamp,
) -> Result<(), Error> {
    if delivery.previous.is_some() {
        return pass_back(tx, hub, delivery, &issued.signed, now);
    }
    let Some(mut origin) = deliveries::find(tx, delivery.id, Role::Origin)? else {
        return Ok(());
    };
    advance(tx, hub, &mut origin, &issued.statement, now)
}

fn pass_back(
    tx: &mut Tx<'_>,
    hub: &Inner,
    delivery: &Delivery,
    signed: &SignedStatement,
    now: Timestamp,
) -> Result<(), Error> {
    match &delivery.previous {
        Some(previous) => hand_to(tx, hub, (delivery, previous), signed, now),
        None => Ok(()),
    }
}

/// Enqueues a signed statement about a delivery for the neighbour: receipts go back, requests go on.
pub(super) fn hand_to(
    tx: &mut Tx<'_>,
    hub: &Inner,
    (delivery, neighbour): (&Delivery, &HubId),
    signed: &SignedStatement,
    now: Timestamp,
) -> Result<(), Error> {
    let id = TransferId::fresh(hub.ids(), now);
    let transfer = transfers::Transfer {
        id,
        kind: transfers::Kind::Receipt,
        delivery: delivery.id,
        to: neighbour.clone(),
        body: ReceiptTransfer {
            id,
            receipt: signed.clone(),
        }
        .to_bytes()?,
        blob: None,
        acknowledged: false,
    };
    transfers::insert(tx, &transfer, now)?;
    let work = (Kind::Transfer, &*id.to_string());
    let road = (&Target::Peer(neighbour.clone()), outbox::lane_of(delivery));
    outbox::enqueue(tx, hub, work, road, now)
}

/// A party of a statement must be an agency of the registry, hosted at the hub `at` on `day`.
pub(super) fn hosted_at(hub: &Inner, party: &Party, at: &HubId, day: Date) -> Result<(), Error> {
    let directory = hub.directory();
    let agency = directory.find(&party.code)?;
    if agency.hub_on(day) == Some(at) {
        return Ok(());
    }
    Err(Error::unacceptable(
        "sender-not-at-origin",
        format!("{} is not hosted at {at}", agency.code),
    ))
}
