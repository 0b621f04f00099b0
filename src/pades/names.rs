//! Names in a file that can be taken for others. No name decides anything: the register does. But
//! people read names, so an odd one is pointed out with its odd characters visible.

use super::report::Report;
use super::signature::Case;
use crate::domain::look_alike::{self, Oddity};
use crate::pki::verdict::{Finding, Severity};

/// Notes odd names of the file, its signers and what they state.
pub(super) fn notice(report: &mut Report, cases: &[Case]) {
    let mut found = findings(&report.name, "file");
    for (signature, case) in report.signatures.iter().zip(cases) {
        let place = |what: &str| format!("{}: {what}", signature.field);
        found.extend(findings(&signature.field, "field"));
        if let Some(signer) = &signature.signer {
            found.extend(findings(signer.subject(), &place("certificate")));
        }
        for (key, text) in case.claims() {
            found.extend(findings(&text, &place(&format!("/{key}"))));
        }
    }
    report.findings.extend(found);
}

fn findings(name: &str, place: &str) -> Vec<Finding> {
    let odd = look_alike::oddities(name).into_iter();
    odd.map(|oddity| Finding {
        check: match oddity {
            Oddity::Hidden => "NAME_HIDDEN_CHARACTERS",
            Oddity::Foreign => "NAME_FOREIGN_LETTERS",
            Oddity::Form => "NAME_OTHER_FORMS",
            Oddity::Decomposed => "NAME_DECOMPOSED",
        },
        severity: Severity::Warning,
        params: vec![("name", look_alike::escaped(name))],
        location: look_alike::escaped(place),
    })
    .collect()
}
