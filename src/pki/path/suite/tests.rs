//! The tables against our verdict, and our verdict against `openssl verify`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use super::{Case, Setup, cases};
use crate::pki::algorithm::Catalogue;
use crate::pki::certificate::Certificate;
use crate::pki::path::{Freshness, PathReport, Purpose, Question, validate};
use crate::pki::testing::at;
use crate::pki::testing_world::{DAY, verdict};
use crate::pki::verdict::Indication;

fn judge(setup: &Setup) -> PathReport {
    validate(&Question {
        leaf: setup.leaf_certificate(),
        bag: &[],
        evidence: &setup.evidence(),
        purpose: Purpose::AnySigning,
        at: at(DAY),
        freshness: Freshness::NextUpdate,
        catalogue: Catalogue::built_in(),
    })
}

fn built(case: &Case) -> Setup {
    let mut setup = Setup::new();
    (case.build)(&mut setup);
    setup
}

#[test]
fn every_row_comes_out_as_the_table_says() {
    let mut wrong = String::new();
    for case in cases() {
        let report = judge(&built(case));
        let found = verdict(&report);
        if found != (case.expected.to_owned(), case.reason) {
            let _ = writeln!(wrong, "{}: {found:?}, not {}", case.name, case.reason);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn there_are_rows_for_every_section() {
    let sections: BTreeSet<_> = cases()
        .filter_map(|case| case.name.strip_prefix("4."))
        .filter_map(|rest| rest.split('.').next())
        .map(|section| section.parse::<u8>().unwrap())
        .collect();
    assert_eq!(sections, (1..=16).collect());
    assert!(cases().count() >= 150, "{}", cases().count());
}

fn pem(certificates: &[Certificate]) -> String {
    let pem = |certificate: &Certificate| {
        let parsed = openssl::x509::X509::from_der(certificate.der()).unwrap();
        String::from_utf8(parsed.to_pem().unwrap()).unwrap()
    };
    certificates.iter().map(pem).collect()
}

/// Whether OpenSSL, as strict as it can be, accepts the path, and what it says.
fn openssl_accepts(setup: &Setup) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let evidence = setup.evidence();
    let write = |name: &str, text: String| std::fs::write(path(name), text).unwrap();
    write("anchor.pem", pem(&evidence.anchors));
    write("others.pem", pem(&evidence.intermediates));
    write(
        "leaf.pem",
        pem(std::slice::from_ref(setup.leaf_certificate())),
    );
    let mut command = Command::new("openssl");
    command.args(["verify", "-x509_strict", "-policy_check", "-attime"]);
    command.arg(at(DAY).as_second().to_string());
    if setup.inputs.require_explicit {
        command.arg("-explicit_policy");
    }
    if setup.inputs.inhibit_any {
        command.arg("-inhibit_any");
    }
    if setup.inputs.inhibit_mapping {
        command.arg("-inhibit_map");
    }
    let accepted = setup.inputs.accepted().into_iter().flatten();
    let accepted: Vec<_> = accepted
        .map(|policy| crate::pki::der::dotted(policy))
        .collect();
    let any = ["2.5.29.32.0".to_owned()];
    // Without any, OpenSSL takes none to be acceptable.
    for policy in if accepted.is_empty() {
        &any[..]
    } else {
        &accepted
    } {
        command.args(["-policy", policy]);
    }
    // OpenSSL checks lists only, so rows with answers are compared without revocation.
    if setup.ocsp.is_empty() {
        let lists = evidence.crls.iter().map(|crl| {
            let parsed = openssl::x509::X509Crl::from_der(crl.der()).unwrap();
            String::from_utf8(parsed.to_pem().unwrap()).unwrap()
        });
        write("lists.pem", lists.collect());
        command.args([
            "-crl_check_all",
            "-extended_crl",
            "-CRLfile",
            &path("lists.pem"),
        ]);
    }
    command.args([
        "-CAfile",
        &path("anchor.pem"),
        "-untrusted",
        &path("others.pem"),
    ]);
    let said = command.arg(path("leaf.pem")).output().unwrap();
    (
        said.status.success(),
        String::from_utf8_lossy(&said.stderr).into_owned(),
    )
}

/// Rows we pass and OpenSSL does not, and why that is right.
const MORE_THAN_OPENSSL: &[(&str, &str)] = &[
    (
        "4.6.4 Valid basicConstraints Not Critical",
        "PKITS wants it accepted; strictness about how authorities write is OpenSSL's own",
    ),
    (
        "4.10.14+ Valid Policy Mapping without growth",
        "OpenSSL builds the tree of RFC 5280 and gives up when it grows; ours is RFC 9618's graph",
    ),
];

#[test]
fn openssl_accepts_whatever_we_pass() {
    let mut wrong = String::new();
    let mut listed: BTreeSet<&str> = MORE_THAN_OPENSSL.iter().map(|(name, _)| *name).collect();
    let mut passed = 0;
    for case in cases() {
        let setup = built(case);
        if judge(&setup).indication != Indication::TotalPassed {
            continue;
        }
        passed += 1;
        let (accepts, said) = openssl_accepts(&setup);
        if !accepts && !listed.remove(case.name) {
            let _ = writeln!(wrong, "{}: {said}", case.name);
        }
    }
    assert!(passed >= 50, "{passed}");
    assert!(wrong.is_empty(), "{wrong}");
    assert!(listed.is_empty(), "no longer needed: {listed:?}");
}
