//! The search for ways from a certificate up to an anchor. What a way is worth is for the caller.

use super::{PathReport, Question};
use crate::pki::budget::{Budget, MAX_PATH_LENGTH};
use crate::pki::certificate::Certificate;
use crate::pki::verdict::Indication;

/// Judges a way that reached an anchor (leaf first).
pub(in crate::pki) type Judge<'j> = dyn FnMut(&[Certificate], &mut Budget) -> PathReport + 'j;

/// The best of all ways, or why there is none: a reason and how far one came.
pub(in crate::pki) fn best_path(
    question: &Question<'_>,
    judge: &mut Judge<'_>,
) -> Result<PathReport, (&'static str, Vec<Certificate>)> {
    let mut search = Search {
        question,
        judge,
        budget: Budget::new(),
        best: None,
        farthest: Vec::new(),
        too_long: false,
    };
    search.follow(&mut vec![question.leaf.clone()]);
    match search.best.take() {
        Some(report) if report.indication == Indication::TotalPassed => Ok(report),
        _ if search.budget.is_exceeded() => Err(("BUDGET_EXCEEDED", search.farthest)),
        Some(report) => Ok(report),
        None if search.too_long => Err(("PATH_TOO_LONG", search.farthest)),
        None => Err(("NO_PATH_TO_TRUSTED_ROOT", search.farthest)),
    }
}

struct Search<'a, 'j> {
    question: &'a Question<'a>,
    judge: &'a mut Judge<'j>,
    budget: Budget,
    best: Option<PathReport>,
    farthest: Vec<Certificate>,
    too_long: bool,
}

impl<'a> Search<'a, '_> {
    /// Follows every way up from the last certificate of `path`; true when one passed.
    fn follow(&mut self, path: &mut Vec<Certificate>) -> bool {
        let Some(current) = path.last().cloned() else {
            return false;
        };
        if path.len() > self.farthest.len() {
            self.farthest.clone_from(path);
        }
        if self.question.evidence.anchors.contains(&current) {
            return self.judge(path);
        }
        if path.len() == MAX_PATH_LENGTH {
            self.too_long = true;
            return false;
        }
        for candidate in self.issuers_of(&current) {
            if !self.budget.candidate() {
                return false;
            }
            let repeats = |earlier: &Certificate| {
                earlier.subject_canonical() == candidate.subject_canonical()
                    && earlier.public_key_der() == candidate.public_key_der()
            };
            if path.iter().any(repeats) || !self.links(&current, candidate) {
                continue;
            }
            path.push(candidate.clone());
            let passed = self.follow(path);
            path.pop();
            if passed {
                return true;
            }
        }
        false
    }

    /// Certificates whose name is the issuer of `current`: anchors first, then those whose key
    /// identifier fits.
    fn issuers_of(&self, current: &Certificate) -> Vec<&'a Certificate> {
        let named = |certificate: &&Certificate| current.names_issuer(certificate);
        let evidence = self.question.evidence;
        let anchors = evidence.anchors.iter();
        let others = evidence.intermediates.iter().chain(self.question.bag);
        let mut found: Vec<&Certificate> = Vec::new();
        for certificate in anchors.chain(others).filter(named) {
            if !found.contains(&certificate) {
                found.push(certificate);
            }
        }
        let wanted = &current.extensions().authority_key_id;
        found.sort_by_key(|certificate| {
            let fits = wanted.is_some() && certificate.extensions().subject_key_id == *wanted;
            (!evidence.anchors.contains(certificate), !fits)
        });
        found
    }

    /// Whether `issuer` signed `certificate`. A signature with an algorithm or a key that is refused
    /// is not checked: the path is followed in order to say so, and can never pass.
    fn links(&mut self, certificate: &Certificate, issuer: &Certificate) -> bool {
        certificate.algorithm().is_err()
            || issuer.public_key().is_oversized
            || (self.budget.signature() && certificate.is_signed_by(issuer))
    }

    /// Judges a path that reached an anchor; true when it passed.
    fn judge(&mut self, path: &[Certificate]) -> bool {
        let report = (self.judge)(path, &mut self.budget);
        let passed = report.indication == Indication::TotalPassed;
        let better = |best: &PathReport| report.indication < best.indication;
        if self.best.as_ref().is_none_or(better) {
            self.best = Some(report);
        }
        passed
    }
}
