//! Whether the issuer of a certificate took it back, by the lists and responses at hand. Data is
//! believed only if the issuing CA itself, with whichever of its keys, or a responder it appointed
//! directly, signed it, and only within its own period. No data is no answer, never a good one.
//! Source: RFC 5280, 6.3; RFC 6960, 3.2 and 4.2.2.2.

use super::algorithm::{Catalogue, Standing, Used};
use super::budget::Budget;
use super::certificate::Certificate;
use super::crl::{Crl, Revocation};
use super::freshness::{Freshness, Period, Stale};
use super::ocsp::{Answer, OcspResponse, Status};
use super::path::Question;
use super::rules::{self, Fault, about};
use super::trust::TrustEvidence;
use super::verdict::{Params, RowOutcome, SubIndication};
use crate::domain::clock::{Timestamp, rfc3339};
use crate::domain::digest::Sha256;

mod list_signer;

use list_signer::Signers;

/// What one list or answer says about one certificate.
pub(super) struct Known {
    pub(super) status: Status,
    pub(super) period: Period,
    /// The digest of the list or response.
    pub(super) object: Sha256,
    pub(super) source: &'static str,
    /// Until when its algorithm is relied on; `None`: no end.
    pub(super) secure_until: Option<Timestamp>,
}

/// What the data says about when it speaks.
#[derive(Clone, Copy)]
struct Said {
    status: Status,
    period: Period,
    /// Since when certificates that expired are still spoken about.
    keeps_expired_since: Option<Timestamp>,
}

/// About whom a question is, and whether that is the end-entity certificate.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) issuer: &'a Certificate,
    /// The path from the issuer up to the anchor, both included.
    pub(super) above: &'a [Certificate],
    pub(super) is_leaf: bool,
}

/// Everything a check needs to know.
pub(super) struct Check<'a> {
    evidence: &'a TrustEvidence,
    catalogue: &'a Catalogue,
    at: Timestamp,
    /// How new data must be at `at`; `None`: any age, for who weighs the age himself.
    freshness: Option<Freshness>,
    budget: &'a mut Budget,
}

impl<'a> Check<'a> {
    /// A check of what `question` is about, with data as new as `freshness` says.
    pub(super) const fn new(
        question: &Question<'a>,
        freshness: Option<Freshness>,
        budget: &'a mut Budget,
    ) -> Self {
        Self {
            evidence: question.evidence,
            catalogue: question.catalogue,
            at: question.at,
            freshness,
            budget,
        }
    }

    /// Checks every certificate of `chain` (leaf first) below its last, the anchor.
    pub(super) fn chain(&mut self, chain: &[Certificate]) -> Result<RowOutcome, Fault> {
        let mut undecided = None;
        let mut row = RowOutcome::passed("GOOD");
        let pairs = chain.iter().zip(chain.iter().skip(1));
        for (position, (certificate, issuer)) in pairs.enumerate() {
            let is_leaf = position == 0;
            let subject = Subject {
                certificate,
                issuer,
                above: chain.get(position.saturating_add(1)..).unwrap_or_default(),
                is_leaf,
            };
            let mut refused = Vec::new();
            let known = self.known(subject, &mut refused);
            let definite = known.iter().find(|known| known.is_final());
            let latest = known.iter().max_by_key(|known| known.period.this_update);
            match definite.or(latest) {
                Some(Known {
                    status: Status::Revoked(revocation),
                    source,
                    ..
                }) => {
                    let fault = revoked(certificate, revocation, source, is_leaf);
                    if !revocation.is_hold() {
                        return Err(fault);
                    }
                    undecided.get_or_insert(fault);
                }
                Some(known) => {
                    row.params.push(("source", known.source.to_owned()));
                    let issued = rfc3339(known.period.this_update);
                    row.params.push(("this_update", issued));
                }
                None => {
                    undecided.get_or_insert_with(|| missing(certificate, &refused));
                }
            }
        }
        if chain.len() < 2 {
            row.reason = "TRUSTED_DIRECTLY";
        }
        undecided.map_or(Ok(row), Err)
    }

    /// What acceptable data says about `subject`; why other data was not accepted goes to `refused`.
    pub(super) fn known(
        &mut self,
        subject: Subject<'_>,
        refused: &mut Vec<&'static str>,
    ) -> Vec<Known> {
        let mut known = self.by_lists(subject, Signers::Named, refused);
        for response in &self.evidence.ocsp {
            for answer in response.answers(subject.certificate, subject.issuer) {
                match self.answer(subject, response, answer) {
                    Ok(_) if answer.status == Status::Unknown => refused.push("OCSP_UNKNOWN"),
                    Ok(found) => known.push(found),
                    Err(why) => refused.push(why),
                }
            }
        }
        known
    }

    fn by_lists(
        &mut self,
        subject: Subject<'_>,
        signers: Signers,
        refused: &mut Vec<&'static str>,
    ) -> Vec<Known> {
        let mut known = Vec::new();
        let named = |crl: &&Crl| crl.issuer_canonical() == subject.issuer.subject_canonical();
        for crl in self.evidence.crls.iter().filter(named) {
            match self.list(subject, signers, crl) {
                Ok(found) => known.push(found),
                Err(why) => refused.push(why),
            }
        }
        known
    }

    /// What `crl` says about `subject`, if it may speak.
    fn list(
        &mut self,
        subject: Subject<'_>,
        signers: Signers,
        crl: &Crl,
    ) -> Result<Known, &'static str> {
        let certificate = subject.certificate;
        let revocation = crl.revocation(certificate.serial());
        let status = revocation.map_or(Status::Good, Status::Revoked);
        let period = Period {
            this_update: crl.this_update(),
            next_update: crl.next_update(),
        };
        let said = Said {
            status,
            period,
            keeps_expired_since: crl.keeps_expired_since(),
        };
        self.timely(subject, said).map_err(Late::of_list)?;
        let partial = match crl.unusable() {
            None if crl.covers(certificate) => None,
            None => Some("SCOPED_CRL"),
            Some(why) => Some(why),
        };
        // A list of a part may say that something is revoked, never that it is good.
        let is_believed = |why| OF_A_PART.contains(&why) && is_for_ever(status);
        if let Some(why) = partial.filter(|why| !is_believed(why)) {
            return Err(why);
        }
        let signer = self.list_signer(subject, signers, crl)?;
        let used = crl
            .algorithm()
            .map(|with| Used::of(&with, signer.certificate.key()));
        let mut secure_until = self.secure_until(used, status)?;
        if let Some(by) = &signer.appointed_by {
            // The appointment rests on a signature too.
            let used = rules::algorithms::used(&signer.certificate, by);
            let appointed_until = self.secure_until(used, status)?;
            secure_until = secure_until.into_iter().chain(appointed_until).min();
        }
        Ok(Known {
            status,
            period,
            object: crl.sha256(),
            source: "crl",
            secure_until,
        })
    }

    /// What `answer` of `response` says, if it may be believed.
    fn answer(
        &mut self,
        subject: Subject<'_>,
        response: &OcspResponse,
        answer: &Answer,
    ) -> Result<Known, &'static str> {
        let period = Period::of_answer(answer.this_update, answer.next_update);
        if response.produced_at() > self.at && !matches!(answer.status, Status::Revoked(_)) {
            return Err("OCSP_FROM_LATER");
        }
        let said = Said {
            status: answer.status,
            period,
            keeps_expired_since: answer.archive_cutoff,
        };
        self.timely(subject, said).map_err(Late::of_answer)?;
        if response.produced_at() < subject.certificate.not_before() {
            return Err("OCSP_BEFORE_CERTIFICATE");
        }
        if answer.is_about_another(subject.certificate) {
            return Err("OCSP_CERT_HASH");
        }
        if let Some(why) = response.unusable() {
            return Err(why);
        }
        let responder = self.responder(subject, response)?;
        let used = response.algorithm();
        let used = used.map(|with| Used::of(&with, responder.key()));
        let mut secure_until = self.secure_until(used, answer.status)?;
        if responder != *subject.issuer {
            // The appointment rests on a signature too.
            let used = rules::algorithms::used(&responder, subject.issuer);
            let appointed_until = self.secure_until(used, answer.status)?;
            secure_until = secure_until.into_iter().chain(appointed_until).min();
        }
        Ok(Known {
            status: answer.status,
            period,
            object: response.sha256(),
            source: "ocsp",
            secure_until,
        })
    }

    /// Whether what was `said` can be about the instant judged. A revocation at or before that instant
    /// is for ever, however old or new the data that says so.
    fn timely(&self, subject: Subject<'_>, said: Said) -> Result<(), Late> {
        let Said { status, period, .. } = said;
        if let Status::Revoked(revocation) = status
            && is_for_ever(status)
            && revocation.at <= self.at
        {
            return Ok(());
        }
        if period.this_update > self.at {
            return Err(Late::FromLater);
        }
        if period.this_update < subject.certificate.not_before() {
            return Err(Late::BeforeCertificate);
        }
        let end = subject.certificate.not_after();
        let kept = said.keeps_expired_since.is_some_and(|since| since <= end);
        if period.this_update > end && !kept {
            return Err(Late::AfterExpiry);
        }
        let stale = self
            .freshness
            .and_then(|rule| rule.refuses(period, self.at, subject.is_leaf));
        match stale {
            Some(Stale::NextUpdatePassed) => Err(Late::OutOfDate),
            Some(Stale::BeforeSignature) => Err(Late::NotFresh),
            None => Ok(()),
        }
    }

    /// Until when data signed as `used` is relied on. An algorithm that has ended may no longer say
    /// that something is good.
    fn secure_until(
        &self,
        used: Option<Used>,
        status: Status,
    ) -> Result<Option<Timestamp>, &'static str> {
        let judge = |used| self.catalogue.judge(&used, self.at);
        let standing = used.map_or(Standing::Unknown, judge);
        let says_good = !matches!(status, Status::Revoked(_));
        match standing {
            Standing::Unknown => Err("ALGORITHM_NOT_LISTED"),
            Standing::EndedAt(_) if says_good && self.freshness.is_some() => Err("ALGORITHM_ENDED"),
            other => Ok(other.end()),
        }
    }

    /// The one whose signature `response` bears, if it may speak for the issuer: the issuing CA, or one the CA
    /// appointed by a certificate for that purpose.
    fn responder(
        &mut self,
        subject: Subject<'_>,
        response: &OcspResponse,
    ) -> Result<Certificate, &'static str> {
        let Subject {
            certificate,
            issuer,
            ..
        } = subject;
        let produced_at = response.produced_at();
        let mut why = "OCSP_RESPONDER_UNKNOWN";
        if response.names_responder(issuer) {
            if self.bears_signature(response, issuer) {
                let begun = issuer.not_before() <= produced_at;
                let in_time = begun && produced_at <= issuer.not_after();
                let late = "OCSP_RESPONDER_OUT_OF_VALIDITY";
                return in_time.then(|| issuer.clone()).ok_or(late);
            }
            why = "OCSP_SIGNATURE";
        }
        let carried = response.certificates().iter();
        for candidate in carried.chain(&self.evidence.intermediates) {
            if !self.budget.candidate() {
                break;
            }
            if candidate == issuer || !response.names_responder(candidate) {
                continue;
            }
            // Nobody speaks for himself, under whatever certificate.
            if candidate.public_key_der() == certificate.public_key_der() {
                why = "OCSP_RESPONDER_IS_SUBJECT";
                continue;
            }
            match self.appointed(candidate, subject.above, produced_at) {
                Ok(()) if self.bears_signature(response, candidate) => {
                    return Ok(candidate.clone());
                }
                Ok(()) => why = "OCSP_SIGNATURE",
                Err(fault) => why = fault,
            }
        }
        Err(why)
    }

    fn bears_signature(&mut self, response: &OcspResponse, of: &Certificate) -> bool {
        self.budget.signature() && response.is_signed_by(of)
    }

    fn appointed(
        &mut self,
        candidate: &Certificate,
        above: &[Certificate],
        produced_at: Timestamp,
    ) -> Result<(), &'static str> {
        let extensions = candidate.extensions();
        let issuer = above.first().ok_or("OCSP_RESPONDER_NOT_OF_ISSUER")?;
        let named = candidate.names_issuer(issuer);
        if !named || !self.budget.signature() || !candidate.is_signed_by(issuer) {
            return Err("OCSP_RESPONDER_NOT_OF_ISSUER");
        }
        let may_sign = extensions
            .key_usage
            .is_none_or(|usage| usage.digital_signature || usage.non_repudiation);
        let appointed = extensions.extended.is_some_and(|usage| usage.ocsp_signing);
        if candidate.is_ca() || !may_sign || !appointed {
            return Err("OCSP_RESPONDER_WITHOUT_PURPOSE");
        }
        if produced_at < candidate.not_before() || produced_at > candidate.not_after() {
            return Err("OCSP_RESPONDER_OUT_OF_VALIDITY");
        }
        let sound = rules::check_form(candidate).is_none()
            && rules::check_profile(candidate).is_none()
            && rules::check_signature_algorithm(candidate).is_none()
            && rules::check_key(candidate).is_none();
        if !sound {
            return Err("OCSP_RESPONDER_REFUSED");
        }
        // A responder not exempt from revocation is looked up in lists only, so that no response
        // can vouch for its own signer.
        let good = |known: &Known| known.status == Status::Good;
        let subject = Subject {
            certificate: candidate,
            issuer,
            above,
            is_leaf: false,
        };
        let listed = extensions.ocsp_no_check
            || Some(self.by_lists(subject, Signers::Issuer, &mut Vec::new()))
                .is_some_and(|known| !known.is_empty() && known.iter().all(good));
        if listed {
            Ok(())
        } else {
            Err("OCSP_RESPONDER_REVOCATION_UNKNOWN")
        }
    }
}

/// What makes a list one of a part: it may take back, and never vouch.
const OF_A_PART: [&str; 4] = [
    "SCOPED_CRL",
    "SOME_REASONS_CRL",
    "INDIRECT_CRL",
    "DELTA_CRL",
];

/// Why data is not of the right time.
#[derive(Clone, Copy)]
enum Late {
    FromLater,
    BeforeCertificate,
    AfterExpiry,
    OutOfDate,
    NotFresh,
}

impl Late {
    const fn of_list(self) -> &'static str {
        match self {
            Self::FromLater => "CRL_FROM_LATER",
            Self::BeforeCertificate => "CRL_BEFORE_CERTIFICATE",
            Self::AfterExpiry => "CRL_AFTER_EXPIRY",
            Self::OutOfDate => "CRL_OUT_OF_DATE",
            Self::NotFresh => "CRL_NOT_FRESH",
        }
    }

    const fn of_answer(self) -> &'static str {
        match self {
            Self::FromLater => "OCSP_FROM_LATER",
            Self::BeforeCertificate => "OCSP_BEFORE_CERTIFICATE",
            Self::AfterExpiry => "OCSP_AFTER_EXPIRY",
            Self::OutOfDate => "OCSP_OUT_OF_DATE",
            Self::NotFresh => "OCSP_NOT_FRESH",
        }
    }
}

impl Known {
    /// Revoked, and not only on hold: no later data can take it back.
    pub(super) const fn is_final(&self) -> bool {
        is_for_ever(self.status)
    }
}

/// Revoked, and neither on hold nor released from it.
const fn is_for_ever(status: Status) -> bool {
    matches!(status, Status::Revoked(revocation) if !revocation.is_hold() && !revocation.is_release())
}

pub(super) fn revoked(
    certificate: &Certificate,
    revocation: &Revocation,
    source: &'static str,
    is_leaf: bool,
) -> Fault {
    let mut params: Params = about(certificate, String::new());
    params.push(("revoked_at", rfc3339(revocation.at)));
    params.push(("revocation_reason", revocation.reason_name().to_owned()));
    params.push(("source", source.to_owned()));
    match (revocation.is_hold(), is_leaf) {
        (true, _) => Fault::undecided(SubIndication::TryLater, "ON_HOLD", params),
        (false, true) => Fault::found(SubIndication::RevokedNoPoe, "REVOKED", params),
        (false, false) => Fault::found(SubIndication::RevokedCaNoPoe, "CA_REVOKED", params),
    }
}

pub(super) fn missing(certificate: &Certificate, refused: &[&'static str]) -> Fault {
    let mut params = about(certificate, String::new());
    let reason = match refused {
        [] => "NO_REVOCATION_DATA",
        all if all.iter().all(|why| why.ends_with("_OUT_OF_DATE")) => "REVOCATION_OUT_OF_DATE",
        all if all.iter().all(|why| is_of_age(why)) => "REVOCATION_NOT_FRESH",
        _ => "REVOCATION_NOT_ACCEPTED",
    };
    if !refused.is_empty() {
        let mut why = refused.to_vec();
        why.sort_unstable();
        why.dedup();
        params.push(("refused", why.join(", ")));
    }
    Fault::undecided(SubIndication::TryLater, reason, params)
}

/// Whether data was refused for its age alone.
fn is_of_age(why: &str) -> bool {
    why.ends_with("_OUT_OF_DATE") || why.ends_with("_NOT_FRESH")
}

#[cfg(test)]
mod tests;
