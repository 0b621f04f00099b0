//! Every algorithm the signer offers, and damage of every kind that no reader may survive by luck.

use std::time::{Duration, Instant};

use lienthong::keystore::Signer as _;
use lienthong::pades::{Act, FileVerdict};
use lienthong::pki::algorithm::DigestAlgorithm;
use lienthong::pki::verdict::Indication;

use super::support::bytes::{hole, small_document};
use super::support::{file, judged, key, request, sign_as, signed, verdict};

#[test]
fn every_digest_and_scheme_passes_also_beside_each_other() {
    let mut document = small_document();
    let mut count = 0;
    for digest in [
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha384,
        DigestAlgorithm::Sha512,
    ] {
        for (name, pss) in [
            ("persons/iadom-leader", false),
            ("agencies/iadom", true),
            ("agencies/gialai", false),
        ] {
            let key = key(name);
            let mut wish = request(&key, Act::Other, None);
            wish.algorithm = key.algorithm(digest, pss).unwrap();
            document = sign_as(&document, &key, &wish).unwrap();
            count += 1;
        }
    }
    let report = judged(&document);
    assert_eq!(verdict(&report), "TOTAL-PASSED", "{:?}", report.findings);
    assert_eq!(report.signatures.len(), count);
}

#[test]
fn a_hole_that_is_too_small_is_made_larger_once() {
    let key = key("persons/iadom-leader");
    let mut wish = request(&key, Act::Other, None);
    wish.contents_bytes = 512;
    let signed = sign_as(&small_document(), &key, &wish).unwrap();
    assert_eq!(verdict(&judged(&signed)), "TOTAL-PASSED");
}

#[test]
fn damaged_files_are_judged_quickly_and_never_pass() {
    let mut seed: u64 = 20_260_105;
    let mut random = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for name in [
        "quyet-dinh-object-streams",
        "quyet-dinh-linearized",
        "pdf-a",
    ] {
        let original = file(&format!("fixtures/pdf/{name}.pdf"));
        let good = signed(
            &signed(&original, "persons/sokhcn-leader"),
            "agencies/sokhcn",
        );
        let (start, end) = hole(&good);
        for _ in 0..60 {
            let mut bad = good.clone();
            for _ in 0..=random(3) {
                // Structure is dense near the end; the holes themselves have tests of their own.
                let near = good.len() - 1 - random(4_000);
                let at = if random(2) == 0 {
                    random(original.len())
                } else {
                    near
                };
                if !(start..end).contains(&at) {
                    bad[at] = bad[at].wrapping_add(u8::try_from(random(255) + 1).unwrap());
                }
            }
            if random(4) == 0 {
                bad.truncate(random(bad.len()));
            }
            if bad == good {
                continue;
            }
            let before = Instant::now();
            let report = judged(&bad);
            assert_ne!(
                report.verdict,
                FileVerdict::Judged(Indication::TotalPassed),
                "{name}"
            );
            assert!(before.elapsed() < Duration::from_secs(2), "{name}");
        }
    }
}
