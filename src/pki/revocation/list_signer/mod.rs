//! Who may sign the list of an authority: its certificate that issued what is asked about, or another
//! of its certificates, as after a change of its key. The other one counts only if it has the same
//! name, stands in the path asked about or was issued by a certificate of that path (so that it ends
//! at the same anchor), may sign lists, is valid, and is good by a list of its own issuer.
//! Source: RFC 5280, 6.3.3 (f) and (g).

use super::{Check, Subject};
use crate::pki::certificate::Certificate;
use crate::pki::crl::Crl;
use crate::pki::ocsp::Status;
use crate::pki::rules;

/// Who may have signed a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signers {
    /// The certificate that issued what is asked about, and no other: for questions about signers of
    /// lists and responses themselves, which so come to an end.
    Issuer,
    /// Any certificate of the authority that holds for the path.
    Named,
}

/// The certificate whose key signed a list.
pub(super) struct ListSigner {
    pub(super) certificate: Certificate,
    /// Who issued it, when the path asked about does not hold it.
    pub(super) appointed_by: Option<Certificate>,
}

impl Check<'_> {
    /// The certificate whose signature `crl` bears, if it may speak for the issuer.
    pub(super) fn list_signer(
        &mut self,
        subject: Subject<'_>,
        signers: Signers,
        crl: &Crl,
    ) -> Result<ListSigner, &'static str> {
        let issuer = subject.issuer;
        let is_anchor = self.evidence.anchors.contains(issuer);
        let usage = issuer.extensions().key_usage;
        let mut why = match usage.map_or(is_anchor, |usage| usage.crl_sign) {
            true if self.bears_list(crl, issuer) => {
                return Ok(ListSigner {
                    certificate: issuer.clone(),
                    appointed_by: None,
                });
            }
            true => "CRL_SIGNATURE",
            false => "ISSUER_WITHOUT_CRL_SIGN",
        };
        if signers == Signers::Issuer {
            return Err(why);
        }
        let evidence = self.evidence;
        let others = subject.above.iter().chain(&evidence.intermediates);
        let named = |one: &&Certificate| one.subject_canonical() == crl.issuer_canonical();
        for candidate in others.filter(named).filter(|one| *one != issuer) {
            if !self.budget.candidate() {
                break;
            }
            if !self.bears_list(crl, candidate) {
                continue;
            }
            match self.may_sign(candidate, subject, crl) {
                Ok(appointed_by) => {
                    return Ok(ListSigner {
                        certificate: candidate.clone(),
                        appointed_by,
                    });
                }
                Err(fault) => why = fault,
            }
        }
        Err(why)
    }

    fn bears_list(&mut self, crl: &Crl, of: &Certificate) -> bool {
        self.budget.signature() && crl.is_signed_by(of)
    }

    /// Who issued `candidate`, another certificate of the issuer, if it may sign lists about `subject`;
    /// nobody when the path itself holds it, which is judged as a whole.
    fn may_sign(
        &mut self,
        candidate: &Certificate,
        subject: Subject<'_>,
        crl: &Crl,
    ) -> Result<Option<Certificate>, &'static str> {
        // Nobody speaks for himself, under whatever certificate.
        if candidate.public_key_der() == subject.certificate.public_key_der() {
            return Err("CRL_SIGNER_IS_SUBJECT");
        }
        let usage = candidate.extensions().key_usage;
        if !usage.is_some_and(|usage| usage.crl_sign) {
            return Err("CRL_SIGNER_WITHOUT_CRL_SIGN");
        }
        let valid = candidate.not_before()..=candidate.not_after();
        if !valid.contains(&self.at) || !valid.contains(&crl.this_update()) {
            return Err("CRL_SIGNER_OUT_OF_VALIDITY");
        }
        if subject.above.contains(candidate) {
            return Ok(None);
        }
        let mut above = subject.above.iter();
        let issued = |ca: &Certificate| {
            candidate.names_issuer(ca) && self.budget.signature() && candidate.is_signed_by(ca)
        };
        let from = above.position(issued).ok_or("CRL_SIGNER_NOT_OF_PATH")?;
        let above = subject.above.get(from..).unwrap_or_default();
        let issuer = above.first().ok_or("CRL_SIGNER_NOT_OF_PATH")?;
        let path = [std::slice::from_ref(candidate), above].concat();
        if rules::check_list_signer(&path).is_some() {
            return Err("CRL_SIGNER_REFUSED");
        }
        let signer = Subject {
            certificate: candidate,
            issuer,
            above,
            is_leaf: false,
        };
        let known = self.by_lists(signer, Signers::Issuer, &mut Vec::new());
        if known.is_empty() {
            return Err("CRL_SIGNER_REVOCATION_UNKNOWN");
        }
        match known.iter().all(|known| known.status == Status::Good) {
            true => Ok(Some(issuer.clone())),
            false => Err("CRL_SIGNER_REVOKED"),
        }
    }
}

#[cfg(test)]
mod tests;
