//! The story of `docs/ARCHITECTURE.md`: a letter climbs from a commune over district and province
//! to the centre, an answer descends, and each hop's word comes back. Four real hubs, mutual TLS.

use lienthong::store::Engine;
use serde_json::Value;

use crate::world::town::{Town, verified_alone};
use crate::world::{judge, on_both_databases};

/// What happened and who says so, sorted.
fn told(delivery: &Value) -> Vec<(&str, &str)> {
    let receipts = delivery["receipts"].as_array().unwrap();
    let said = |row| -> (&str, &str) {
        let row: &Value = row;
        (
            row["event"].as_str().unwrap(),
            row["issuer"].as_str().unwrap(),
        )
    };
    let mut told: Vec<_> = receipts.iter().map(said).collect();
    told.sort_unstable();
    told
}

fn a_letter_climbs_to_the_centre_and_the_answer_descends(engine: Engine) {
    let mut town = Town::prepared(engine);
    let iadom = town.clerk("commune", "H21.36.21");
    let vpcp = town.clerk("central", "G22");
    town.start_all();

    // A clerk of xã Ia Dom hands a letter in. The commune's hub gives it its number, has it signed
    // by the leader and sealed by the agency, and hands it to the hub above.
    let letter = town.send(&iadom, "15/UBND-VP", &["G22"], "cong-van-libreoffice.pdf");

    // It passes district and province and lies in the mailbox at the centre, found genuine there.
    let arrived = town.arrived(&vpcp, "15/UBND-VP");
    assert_eq!(arrived["delivery"]["verdict"], "TOTAL-PASSED");

    // What the centre holds is, byte for byte, what the commune sealed; the program finds it
    // genuine without any hub.
    let document = arrived["document"].as_str().unwrap();
    let received = town.file(&vpcp, document);
    assert_eq!(received, town.file(&iadom, &letter));
    assert_eq!(verified_alone(&received), Some(0));

    // The clerk at the centre enters it in the register.
    let number = town.accept(&vpcp, &arrived);

    // Every hop's signed word has come back to the commune, the last one with the number.
    let delivery = town.delivery_when(&iadom, &letter, |delivery| told(delivery).len() == 6);
    assert_eq!(
        told(&delivery),
        [
            ("ConsignmentAcceptance", "central"),
            ("ContentAccessTracking", "central"),
            ("ContentConsignment", "central"),
            ("RelayAcceptance", "district"),
            ("RelayAcceptance", "province"),
            ("SubmissionAcceptance", "commune"),
        ]
    );
    assert_eq!(delivery["handling"], "accepted");
    assert_eq!(delivery["arrival_number"], number.as_str());

    // Each of them verifies with OpenSSL alone.
    for row in delivery["receipts"].as_array().unwrap() {
        let receipt = town.receipt(&iadom, row["id"].as_str().unwrap());
        assert_eq!(judge::openssl_against(&receipt), None, "{row}");
    }

    // The centre answers; the answer comes down the same road, and the commune refuses it because
    // it is meant for somebody else.
    let answer = town.send(
        &vpcp,
        "99/VPCP-KSTT",
        &["H21.36.21"],
        "quyet-dinh-libreoffice.pdf",
    );
    let arrived = town.arrived(&iadom, "99/VPCP-KSTT");
    town.refuse(&iadom, &arrived, "RF01", "Gửi nhầm xã");
    let delivery = town.delivery_when(&vpcp, &answer, |delivery| delivery["handling"] == "refused");
    assert_eq!(delivery["reason"]["code"], "RF01");
    assert_eq!(delivery["reason"]["text"], "Gửi nhầm xã");

    // Both were told by mail that something had come, and what became of what they had sent.
    for (hub, subject) in [("commune", letter), ("central", answer)] {
        let count = town.until("two letters", |town| {
            Some(town.letters(hub)).filter(|all| all.len() == 2)
        });
        assert!(
            count.iter().any(|mail| mail.contains(&subject)),
            "{count:?}"
        );
    }
}

on_both_databases![a_letter_climbs_to_the_centre_and_the_answer_descends];
