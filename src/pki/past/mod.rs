//! Past certificate validation: was a path good when the signature is proven to have existed? The
//! instant judged (the control time) slides from the root down to the earliest instant until which
//! everything needed was known to be good; every object must be proven to have existed by then, and
//! at the end the signature too. Source: ETSI EN 319 102-1, 5.6.2.1 and 5.6.2.2.
//!
//! Two choices: data about revocation that is no longer new moves the control time to the last
//! instant at which it was new enough to be relied on (the standard: to its issue, which no archive
//! made in the usual order satisfies), and the end of a certificate's validity moves it too.

use super::budget::Budget;
use super::certificate::Certificate;
use super::path::{PathReport, Question, Rows, best_path, without_path};
use super::poe::Proofs;
use super::revocation::{self, Check, Known, Subject};
use super::rules::{self, Fault, about, algorithms};
use super::verdict::{RowOutcome, SubIndication};
use crate::domain::clock::{Timestamp, rfc3339};
use crate::domain::digest::Sha256;
use crate::pki::ocsp::Status;

/// Judges a certificate whose signature is proven to have existed at `best_signature_time`, with
/// `question.at` as the present and `proofs` of when certificates and data about revocation existed.
/// What has no proof counts as existing since the present.
///
/// Revoked or expired after `best_signature_time` with everything proven, it passes. The report's
/// `control_time` is the instant reached; the time row names it as `control_time`.
#[must_use]
pub fn validate_past(
    question: &Question<'_>,
    proofs: &Proofs,
    best_signature_time: Timestamp,
) -> PathReport {
    let judged = best_path(question, &mut |path, budget| {
        judge(path, question, proofs, best_signature_time, budget)
    });
    judged.unwrap_or_else(|(reason, farthest)| without_path(reason, &farthest, question.at))
}

fn judge(
    path: &[Certificate],
    question: &Question<'_>,
    proofs: &Proofs,
    best_signature_time: Timestamp,
    budget: &mut Budget,
) -> PathReport {
    let mut slide = Slide {
        question,
        proofs,
        check: Check::new(question, None, budget),
        control_time: question.at,
        moved_by: Cause::Nothing,
    };
    let slid = slide.down(path);
    let (control_time, cause) = (slide.control_time, slide.moved_by);
    let revocation = slid.and_then(|row| {
        if best_signature_time <= control_time {
            return Ok(row);
        }
        let params = vec![
            ("certificate", question.leaf.subject().to_owned()),
            ("best_signature_time", rfc3339(best_signature_time)),
            ("control_time", rfc3339(control_time)),
        ];
        Err(cause.fault(params))
    });
    let rows = Rows {
        trust: rules::check_chain(path, question.purpose, &question.evidence.policies)
            .or_else(|| rules::check_window(path, question.evidence, best_signature_time)),
        algorithms: None,
        time: rules::check_time(path, best_signature_time),
        revocation,
    };
    let mut report = rows.into_report(path, control_time);
    let params = &mut report.time.params;
    params.push(("control_time", rfc3339(control_time)));
    params.push(("best_signature_time", rfc3339(best_signature_time)));
    report
}

/// What moved the control time last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Nothing,
    LeafRevoked,
    AuthorityRevoked,
    Expired,
    Algorithm,
    AnchorEnded,
    Stale,
}

impl Cause {
    /// The fault of something not being proven to have existed before this.
    fn fault(self, params: Vec<(&'static str, String)>) -> Fault {
        let (sub_indication, reason) = match self {
            Self::Nothing | Self::Stale => (SubIndication::NoPoe, "NO_PROOF_OF_EXISTENCE"),
            Self::LeafRevoked => (SubIndication::RevokedNoPoe, "REVOKED_BEFORE_PROOF"),
            Self::AuthorityRevoked => (SubIndication::RevokedCaNoPoe, "CA_REVOKED_BEFORE_PROOF"),
            Self::Expired => (SubIndication::OutOfBoundsNoPoe, "EXPIRED_BEFORE_PROOF"),
            Self::Algorithm => (
                SubIndication::CryptoConstraintsFailureNoPoe,
                "ALGORITHM_ENDED_BEFORE_PROOF",
            ),
            Self::AnchorEnded => (
                SubIndication::NoCertificateChainFoundNoPoe,
                "ANCHOR_ENDED_BEFORE_PROOF",
            ),
        };
        Fault::undecided(sub_indication, reason, params)
    }
}

struct Slide<'a> {
    question: &'a Question<'a>,
    proofs: &'a Proofs,
    check: Check<'a>,
    control_time: Timestamp,
    moved_by: Cause,
}

impl Slide<'_> {
    /// Slides from the certificate below the anchor down to the leaf.
    fn down(&mut self, path: &[Certificate]) -> Result<RowOutcome, Fault> {
        if let Some(anchor) = path.last() {
            self.lower(anchor.not_after(), Cause::Expired);
            let window = self.question.evidence.window(anchor);
            if let Some(until) = window.until {
                self.lower(until, Cause::AnchorEnded);
            }
        }
        let mut row = RowOutcome::passed("GOOD");
        if path.len() < 2 {
            row.reason = "TRUSTED_DIRECTLY";
        }
        let pairs = path.iter().zip(path.iter().skip(1)).enumerate();
        for (position, (certificate, issuer)) in pairs.rev() {
            let subject = Subject {
                certificate,
                issuer,
                above: path.get(position.saturating_add(1)..).unwrap_or_default(),
                is_leaf: position == 0,
            };
            let known = self.certificate(subject)?;
            row.params.push(("source", known.source.to_owned()));
            let issued = rfc3339(known.period.this_update);
            row.params.push(("this_update", issued));
        }
        Ok(row)
    }

    /// One step: finds data about `subject` that existed by now, and moves the control time.
    fn certificate(&mut self, subject: Subject<'_>) -> Result<Known, Fault> {
        let Subject {
            certificate,
            issuer,
            is_leaf,
            ..
        } = subject;
        self.prove(certificate, "certificate", certificate.sha256())?;
        if let Some(used) = algorithms::used(certificate, issuer) {
            let standing = self.question.catalogue.judge(&used, self.control_time);
            match standing.end() {
                Some(end) => self.lower(end, Cause::Algorithm),
                None if standing.is_good() => {}
                None => return Err(algorithms::fault(certificate, &used, standing)),
            }
            self.prove(certificate, "certificate", certificate.sha256())?;
        }
        let known = self.data(subject)?;
        match known.status {
            Status::Revoked(revocation) if is_leaf => {
                self.lower(revocation.at, Cause::LeafRevoked);
            }
            Status::Revoked(revocation) => self.lower(revocation.at, Cause::AuthorityRevoked),
            _ => {
                let freshness = self.question.freshness;
                let fresh = freshness.last_fresh(known.period, is_leaf);
                self.lower(fresh.unwrap_or(known.period.this_update), Cause::Stale);
            }
        }
        self.lower(certificate.not_after(), Cause::Expired);
        if let Some(end) = known.secure_until {
            self.lower(end, Cause::Algorithm);
        }
        Ok(known)
    }

    /// A revocation if there is one; otherwise, of the data that existed by the control time, the one
    /// that was new for longest.
    fn data(&mut self, subject: Subject<'_>) -> Result<Known, Fault> {
        let mut refused = Vec::new();
        let known = self.check.known(subject, &mut refused);
        let certificate = subject.certificate;
        if known.is_empty() {
            // Newer data will not name the certificate either.
            let too_late = |why: &&str| why.ends_with("_AFTER_EXPIRY");
            let hopeless = !refused.is_empty() && refused.iter().all(too_late);
            return Err(match hopeless {
                true => self.unproven(certificate, "revocation"),
                false => revocation::missing(certificate, &refused),
            });
        }
        let mut earliest: Option<Known> = None;
        let mut best: Option<Known> = None;
        let mut is_insecure = false;
        for one in known {
            let revoked_at = |known: &Known| match known.status {
                Status::Revoked(revocation) => revocation.at,
                _ => Timestamp::MAX,
            };
            if one.is_final() {
                if earliest
                    .as_ref()
                    .is_none_or(|other| revoked_at(&one) < revoked_at(other))
                {
                    earliest = Some(one);
                }
            } else if !self.was_secure(&one) {
                is_insecure = true;
            } else if self.speaks_in_time(&one)
                && best
                    .as_ref()
                    .is_none_or(|other| other.period.this_update < one.period.this_update)
            {
                best = Some(one);
            }
        }
        let Some(found) = earliest.or(best) else {
            if is_insecure {
                self.moved_by = Cause::Algorithm;
            }
            return Err(self.unproven(certificate, "revocation"));
        };
        match &found.status {
            Status::Revoked(revocation) if revocation.is_hold() => {
                let is_leaf = subject.is_leaf;
                Err(revocation::revoked(
                    certificate,
                    revocation,
                    found.source,
                    is_leaf,
                ))
            }
            _ => Ok(found),
        }
    }

    /// Whether `known` was issued, and is proven to have existed, by the control time.
    fn speaks_in_time(&self, known: &Known) -> bool {
        self.since(&known.object) <= self.control_time
            && known.period.this_update <= self.control_time
    }

    /// Whether `known` is proven to have existed while what it was signed with was still secure.
    fn was_secure(&self, known: &Known) -> bool {
        let since = self.since(&known.object);
        known.secure_until.is_none_or(|end| since <= end)
    }

    fn prove(&self, about: &Certificate, what: &'static str, object: Sha256) -> Result<(), Fault> {
        if self.since(&object) <= self.control_time {
            return Ok(());
        }
        Err(self.unproven(about, what))
    }

    /// Since when `object` is known to have existed: at the latest, since now.
    fn since(&self, object: &Sha256) -> Timestamp {
        let now = self.question.at;
        self.proofs.earliest(object).map_or(now, |at| at.min(now))
    }

    fn unproven(&self, certificate: &Certificate, what: &'static str) -> Fault {
        let mut params = about(certificate, what.to_owned());
        params.push(("control_time", rfc3339(self.control_time)));
        self.moved_by.fault(params)
    }

    fn lower(&mut self, to: Timestamp, cause: Cause) {
        if to < self.control_time {
            self.control_time = to;
            self.moved_by = cause;
        }
    }
}

#[cfg(test)]
mod tests;
