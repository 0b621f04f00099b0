//! Whether the issuer of a certificate took it back, by the lists and responses at hand. Data is
//! believed only if the issuing CA itself, or a responder it appointed directly, signed it, and only
//! within its own period. No data is no answer, never a good one.
//! Source: RFC 5280, 6.3; RFC 6960, 3.2 and 4.2.2.2.

use super::budget::Budget;
use super::certificate::Certificate;
use super::crl::{Crl, Revocation};
use super::ocsp::{Answer, OcspResponse, Status};
use super::rules::{self, Fault, about};
use super::trust::TrustEvidence;
use super::verdict::{Params, RowOutcome, SubIndication};
use crate::domain::clock::{SignedDuration, Timestamp, rfc3339};

/// How long a response without nextUpdate is believed.
const OPEN_ENDED: SignedDuration = SignedDuration::from_hours(24);

/// What is known about one certificate.
struct Known {
    status: Status,
    this_update: Timestamp,
    source: &'static str,
}

/// Everything a check needs to know.
pub(super) struct Check<'a> {
    pub(super) evidence: &'a TrustEvidence,
    pub(super) at: Timestamp,
    pub(super) budget: &'a mut Budget,
}

impl Check<'_> {
    /// Checks every certificate of `chain` (leaf first) below its last, the anchor.
    pub(super) fn chain(&mut self, chain: &[Certificate]) -> Result<RowOutcome, Fault> {
        let mut undecided = None;
        let mut row = RowOutcome::passed("GOOD");
        let pairs = chain.iter().zip(chain.iter().skip(1));
        for (position, (certificate, issuer)) in pairs.enumerate() {
            let mut refused = Vec::new();
            let known = self.known(certificate, issuer, &mut refused);
            let definite = known.iter().find(|known| known.is_final());
            let latest = known.iter().max_by_key(|known| known.this_update);
            match definite.or(latest) {
                Some(Known {
                    status: Status::Revoked(revocation),
                    source,
                    ..
                }) => {
                    let fault = revoked(certificate, revocation, source, position == 0);
                    if !revocation.is_hold() {
                        return Err(fault);
                    }
                    undecided.get_or_insert(fault);
                }
                Some(known) => {
                    row.params.push(("source", known.source.to_owned()));
                    row.params.push(("this_update", rfc3339(known.this_update)));
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

    /// What acceptable data says about `certificate`; why other data was not accepted goes to `refused`.
    fn known(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        refused: &mut Vec<&'static str>,
    ) -> Vec<Known> {
        let mut known = self.by_lists(certificate, issuer, refused);
        for response in &self.evidence.ocsp {
            for answer in response.answers(certificate, issuer) {
                match self.answer(certificate, issuer, response, answer) {
                    Ok(()) if answer.status == Status::Unknown => refused.push("OCSP_UNKNOWN"),
                    Ok(()) => known.push(Known {
                        status: answer.status,
                        this_update: answer.this_update,
                        source: "ocsp",
                    }),
                    Err(why) => refused.push(why),
                }
            }
        }
        known
    }

    fn by_lists(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        refused: &mut Vec<&'static str>,
    ) -> Vec<Known> {
        let mut known = Vec::new();
        let named = |crl: &&Crl| crl.issuer_der() == issuer.subject_der();
        for crl in self.evidence.crls.iter().filter(named) {
            match self.list(certificate, issuer, crl) {
                Ok(()) => known.push(Known {
                    status: crl
                        .revocation(certificate.serial())
                        .map_or(Status::Good, Status::Revoked),
                    this_update: crl.this_update(),
                    source: "crl",
                }),
                Err(why) => refused.push(why),
            }
        }
        known
    }

    /// Whether `crl` may speak about `certificate`.
    fn list(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        crl: &Crl,
    ) -> Result<(), &'static str> {
        if crl.this_update() > self.at {
            return Err("CRL_FROM_LATER");
        }
        if crl.next_update().is_none_or(|next| next < self.at) {
            return Err("CRL_OUT_OF_DATE");
        }
        if let Some(why) = crl.unusable() {
            return Err(why);
        }
        if !crl.covers(certificate) {
            return Err("SCOPED_CRL");
        }
        let is_anchor = self.evidence.anchors.contains(issuer);
        if !issuer
            .extensions()
            .key_usage
            .map_or(is_anchor, |usage| usage.crl_sign)
        {
            return Err("ISSUER_WITHOUT_CRL_SIGN");
        }
        if !self.budget.signature() || !crl.is_signed_by(issuer) {
            return Err("CRL_SIGNATURE");
        }
        Ok(())
    }

    /// Whether `answer` of `response` may be believed.
    fn answer(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        response: &OcspResponse,
        answer: &Answer,
    ) -> Result<(), &'static str> {
        if answer.this_update > self.at || response.produced_at() > self.at {
            return Err("OCSP_FROM_LATER");
        }
        let open_ended = || answer.this_update.checked_add(OPEN_ENDED).ok();
        if answer
            .next_update
            .or_else(open_ended)
            .is_none_or(|next| next < self.at)
        {
            return Err("OCSP_OUT_OF_DATE");
        }
        if response.produced_at() < certificate.not_before() {
            return Err("OCSP_BEFORE_CERTIFICATE");
        }
        if let Some(why) = response.unusable() {
            return Err(why);
        }
        let responder = self.responder(certificate, issuer, response)?;
        if !self.budget.signature() || !response.is_signed_by(&responder) {
            return Err("OCSP_SIGNATURE");
        }
        Ok(())
    }

    /// The one who signed `response`, if it may speak for `issuer`: the issuing CA, or one the CA
    /// appointed by a certificate for that purpose.
    fn responder(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        response: &OcspResponse,
    ) -> Result<Certificate, &'static str> {
        if response.names_responder(issuer) {
            return Ok(issuer.clone());
        }
        let carried = response.certificates().iter();
        let mut why = "OCSP_RESPONDER_UNKNOWN";
        for candidate in carried.chain(&self.evidence.intermediates) {
            if !self.budget.candidate() {
                break;
            }
            if candidate == certificate || !response.names_responder(candidate) {
                continue;
            }
            match self.appointed(candidate, issuer, response.produced_at()) {
                Ok(()) => return Ok(candidate.clone()),
                Err(fault) => why = fault,
            }
        }
        Err(why)
    }

    fn appointed(
        &mut self,
        candidate: &Certificate,
        issuer: &Certificate,
        produced_at: Timestamp,
    ) -> Result<(), &'static str> {
        let extensions = candidate.extensions();
        let named = candidate.issuer_der() == issuer.subject_der();
        if !named || !self.budget.signature() || !candidate.is_signed_by(issuer) {
            return Err("OCSP_RESPONDER_NOT_OF_ISSUER");
        }
        if candidate.is_ca() || !extensions.extended.is_some_and(|usage| usage.ocsp_signing) {
            return Err("OCSP_RESPONDER_WITHOUT_PURPOSE");
        }
        if produced_at < candidate.not_before() || produced_at > candidate.not_after() {
            return Err("OCSP_RESPONDER_OUT_OF_VALIDITY");
        }
        let sound = rules::check_form(candidate).is_none()
            && rules::check_signature_algorithm(candidate).is_none()
            && rules::check_key(candidate).is_none();
        if !sound {
            return Err("OCSP_RESPONDER_REFUSED");
        }
        // A responder not exempt from revocation is looked up in lists only, so that no response
        // can vouch for its own signer.
        let good = |known: &Known| known.status == Status::Good;
        let listed = extensions.ocsp_no_check
            || Some(self.by_lists(candidate, issuer, &mut Vec::new()))
                .is_some_and(|known| !known.is_empty() && known.iter().all(good));
        if listed {
            Ok(())
        } else {
            Err("OCSP_RESPONDER_REVOCATION_UNKNOWN")
        }
    }
}

impl Known {
    /// Revoked, and not only on hold: no later data can take it back.
    const fn is_final(&self) -> bool {
        matches!(&self.status, Status::Revoked(revocation) if !revocation.is_hold())
    }
}

fn revoked(
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

fn missing(certificate: &Certificate, refused: &[&'static str]) -> Fault {
    let mut params = about(certificate, String::new());
    let reason = match refused {
        [] => "NO_REVOCATION_DATA",
        all if all.iter().all(|why| why.ends_with("_OUT_OF_DATE")) => "REVOCATION_OUT_OF_DATE",
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

#[cfg(test)]
mod tests;
