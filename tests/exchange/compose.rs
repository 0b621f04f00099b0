//! Handing a document in: what cannot be sent is refused before anything of it is recorded.

use lienthong::domain::ids::DocumentId;
use lienthong::domain::language::Language;
use lienthong::domain::refusal::Refusal;
use lienthong::domain::succession::Successor;
use lienthong::exchange::Error;
use lienthong::exchange::compose::Noticed;
use lienthong::store::Engine;

use crate::world::hub::{TestHub, auditor, clerk, trust};
use crate::world::on_both_databases;
use crate::world::paper::{Paper, a_document, fixture, layered_letter, letter, note};
use crate::world::parcel::content;

/// The refusal of `paper` at the hub `commune`, which must leave no trace of it.
#[track_caller]
fn refused(engine: Engine, paper: &Paper) -> Error {
    let hub = TestHub::new("commune", engine);
    let before = hub.database.census();
    let refused = hub.compose(paper).unwrap_err();
    assert_eq!(hub.database.census(), before, "{refused}");
    refused
}

#[track_caller]
fn refusal(engine: Engine, paper: &Paper) -> Refusal {
    match refused(engine, paper) {
        Error::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

fn an_unknown_recipient_is_refused(engine: Engine) {
    let refusal = refusal(engine, &a_document().to("Z99.1"));
    assert_eq!(
        refusal,
        Refusal::UnknownAgency {
            code: "Z99.1".to_owned()
        }
    );
}

fn a_closed_recipient_is_refused_and_its_successor_named(engine: Engine) {
    let refusal = refusal(engine, &a_document().to("H21.12"));
    let Refusal::AgencyClosed {
        code, successors, ..
    } = refusal
    else {
        panic!("{refusal:?}")
    };
    let said: Vec<_> = successors.iter().map(Successor::title).collect();
    assert_eq!(code, "H21.12");
    assert_eq!(
        said,
        ["Cơ quan sokhcn (H21.9), 01/03/2025, Sắp xếp cơ quan chuyên môn cấp tỉnh"]
    );
}

fn a_recipient_without_a_hub_is_refused(engine: Engine) {
    let refusal = refusal(engine, &a_document().to("H21.77"));
    assert!(
        matches!(refusal, Refusal::AgencyNotHosted { .. }),
        "{refusal:?}"
    );
}

fn a_recipient_named_twice_is_refused(engine: Engine) {
    let refusal = refusal(
        engine,
        &a_document().addressed_to(&["H21.36.22", "h21.36.22 "]),
    );
    assert_eq!(
        refusal,
        Refusal::DuplicateRecipient {
            code: "H21.36.22".to_owned()
        }
    );
}

fn one_wrong_recipient_among_right_ones_stops_all(engine: Engine) {
    let refusal = refusal(engine, &a_document().addressed_to(&["H21.36.22", "Z99.1"]));
    assert!(
        matches!(refusal, Refusal::UnknownAgency { .. }),
        "{refusal:?}"
    );
}

fn sending_to_oneself_is_refused(engine: Engine) {
    assert_eq!(
        refusal(engine, &a_document().to("H21.36.21")),
        Refusal::SameAgency
    );
}

fn a_document_without_a_recipient_is_refused(engine: Engine) {
    assert_eq!(
        refusal(engine, &a_document().addressed_to(&[])),
        Refusal::NoRecipient
    );
}

fn a_state_secret_is_refused(engine: Engine) {
    let refusal = refusal(engine, &a_document().subject("TUYỆT MẬT: phương án"));
    assert_eq!(
        refusal,
        Refusal::Secret {
            marking: "TUYỆT MẬT"
        }
    );
}

/// The digests of the bytes the hub keeps.
fn kept(hub: &TestHub) -> Vec<String> {
    hub.database.texts("SELECT sha256 AS value FROM blobs")
}

fn a_marking_on_the_first_page_is_refused_and_the_bytes_are_not_kept(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let paper = a_document().bytes(note("TOI MAT"));
    let refused = hub.compose(&paper).unwrap_err();
    let marking = "TỐI MẬT";
    assert!(
        matches!(refused, Error::Refused(Refusal::Secret { marking: found }) if found == marking)
    );
    assert_eq!(hub.database.count("documents"), 0);
    assert!(kept(&hub).is_empty());
    let name = content(&paper.bytes).sha256;
    assert!(!hub.run(hub.hub.has_blob(name)).unwrap());
    let acts = hub.database.texts("SELECT detail AS value FROM acts");
    assert!(
        acts.len() == 1 && acts[0].contains(&name.to_string()),
        "{acts:?}"
    );
    assert!(hub.compose(&a_document().bytes(note("BAO MAT"))).is_ok());
}

fn a_document_of_tomorrow_is_refused(engine: Engine) {
    let paper = Paper {
        issued_on: Some("2025-07-01".parse().unwrap()),
        ..a_document()
    };
    let refusal = refusal(engine, &paper);
    assert!(
        matches!(refusal, Refusal::Field { field: "date", .. }),
        "{refusal:?}"
    );
}

fn a_malformed_number_is_refused(engine: Engine) {
    let refusal = refusal(engine, &a_document().number("UBND"));
    assert!(
        matches!(
            refusal,
            Refusal::Field {
                field: "number",
                ..
            }
        ),
        "{refusal:?}"
    );
}

fn a_request_without_a_key_is_refused(engine: Engine) {
    let refusal = refusal(engine, &a_document().key(""));
    assert!(
        matches!(
            refusal,
            Refusal::Field {
                field: "Idempotency-Key",
                ..
            }
        ),
        "{refusal:?}"
    );
}

fn a_signer_whose_key_is_not_here_is_refused(engine: Engine) {
    let paper = Paper {
        signer: Some("Người lạ".to_owned()),
        ..a_document()
    };
    let refusal = refusal(engine, &paper);
    assert!(
        matches!(
            refusal,
            Refusal::Field {
                field: "signer",
                ..
            }
        ),
        "{refusal:?}"
    );
}

fn an_agency_whose_keys_are_elsewhere_is_refused(engine: Engine) {
    let refusal = refusal(engine, &a_document().from("G22"));
    assert!(
        matches!(
            refusal,
            Refusal::Field {
                field: "signer",
                ..
            }
        ),
        "{refusal:?}"
    );
}

/// The code of the reason for which a file is not usable.
#[track_caller]
fn unreadable(engine: Engine, bytes: Vec<u8>) -> String {
    match refused(engine, &a_document().bytes(bytes)) {
        Error::Unreadable { reason, detail } => {
            assert!(
                detail.starts_with(&reason) && detail.len() > reason.len() + 10,
                "{detail}"
            );
            reason
        }
        other => panic!("{other:?}"),
    }
}

fn a_file_that_is_no_pdf_is_refused(engine: Engine) {
    assert_eq!(
        unreadable(engine, fixture("broken/not-a-pdf.pdf")),
        "NOT_A_PDF"
    );
}

fn an_empty_file_is_refused(engine: Engine) {
    assert_eq!(
        unreadable(engine, fixture("broken/empty.pdf")),
        "EMPTY_FILE"
    );
}

fn a_truncated_file_is_refused(engine: Engine) {
    assert_eq!(
        unreadable(engine, fixture("broken/truncated.pdf")),
        "TRUNCATED"
    );
}

fn an_encrypted_file_is_refused(engine: Engine) {
    assert_eq!(
        unreadable(engine, fixture("broken/encrypted.pdf")),
        "ENCRYPTED"
    );
}

/// What a clerk is shown about a file before it is signed.
fn noticed(engine: Engine, bytes: &[u8], language: Language) -> Noticed {
    let hub = TestHub::new("commune", engine);
    let content = hub.upload(bytes);
    let before = hub.database.census();
    let (person, name) = (clerk("H21.36.21"), "a.pdf".to_owned());
    let noticed = hub.run(hub.hub.look(&person, content, name, language));
    assert_eq!(hub.database.census(), before);
    noticed.unwrap()
}

fn layers_are_shown_before_anything_is_signed_in_both_languages(engine: Engine) {
    let [vietnamese, english] = [Language::Vietnamese, Language::English]
        .map(|language| noticed(engine, &layered_letter(), language));
    for found in [&vietnamese, &english] {
        assert_eq!(found.sentences.len(), 1, "{found:?}");
        assert!(found.json.contains("LAYERS_PRESENT"), "{found:?}");
    }
    assert_ne!(vietnamese.sentences, english.sentences);
}

fn a_clean_file_is_shown_without_warnings(engine: Engine) {
    let found = noticed(engine, &letter(), Language::English);
    assert_eq!(found.sentences, [""; 0]);
}

fn a_file_that_cannot_be_read_is_left_to_the_refusal(engine: Engine) {
    let found = noticed(engine, &fixture("broken/encrypted.pdf"), Language::English);
    assert_eq!(found.sentences, [""; 0]);
    assert!(found.json.contains("ENCRYPTED"), "{found:?}");
}

fn an_auditor_is_shown_no_files(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let content = hub.upload(&letter());
    let (person, name) = (auditor("H21.36.21"), "a.pdf".to_owned());
    let look = hub.hub.look(&person, content, name, Language::English);
    let refused = hub.run(look);
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
}

fn an_auditor_can_not_send(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let before = hub.database.census();
    let paper = a_document();
    let draft = hub.draft(&paper);
    let refused = hub.run(hub.hub.compose(&auditor(&paper.from), draft));
    assert!(matches!(refused, Err(Error::NotAllowed(_))), "{refused:?}");
    assert_eq!(hub.database.census(), before);
}

fn the_same_request_twice_is_one_document(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let first = hub.compose(&a_document()).unwrap();
    let after_first = hub.database.census();
    let second = hub.compose(&a_document()).unwrap();
    assert_eq!((second, hub.database.census()), (first, after_first));
}

fn the_same_request_after_all_was_done_is_still_one_document(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let first = hub.send(&a_document());
    let second = hub.send(&a_document());
    assert_eq!(
        (
            second,
            hub.database.count("documents"),
            hub.database.count("deliveries")
        ),
        (first, 1, 2)
    );
}

fn the_same_request_twice_at_once_is_one_document(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    for round in 10..20 {
        let paper = a_document().number(&format!("{round}/UBND-VP"));
        let (one, two) = (hub.draft(&paper), hub.draft(&paper));
        let clerk = clerk(&paper.from);
        let both = hub.run(async {
            tokio::join!(hub.hub.compose(&clerk, one), hub.hub.compose(&clerk, two))
        });
        let (Ok(first), Ok(second)) = both else {
            panic!("{both:?}")
        };
        assert_eq!(first, second);
    }
    assert_eq!(hub.database.count("documents"), 10);
}

fn the_same_key_for_another_document_is_a_conflict(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    hub.compose(&a_document()).unwrap();
    let before = hub.database.census();
    let refused = hub.compose(&a_document().subject("Về việc khác"));
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    assert_eq!(hub.database.census(), before);
}

fn the_same_key_for_other_bytes_is_a_conflict(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    hub.compose(&a_document()).unwrap();
    let other = fixture("pdf/to-trinh-libreoffice.pdf");
    let refused = hub.compose(&a_document().bytes(other));
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
}

fn a_number_taken_this_year_is_refused(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    hub.compose(&a_document()).unwrap();
    let before = hub.database.census();
    let refused = hub.compose(&a_document().key("another request"));
    let expected = Refusal::DuplicateNumber {
        number: "15/UBND-VP".to_owned(),
        year: 2025,
    };
    assert!(
        matches!(&refused, Err(Error::Refused(found)) if *found == expected),
        "{refused:?}"
    );
    assert_eq!(hub.database.census(), before);
}

fn bytes_that_never_came_cannot_be_sent(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    let paper = a_document();
    let mut draft = hub.draft(&paper);
    draft.content = content(b"never uploaded");
    let refused = hub.run(hub.hub.compose(&clerk(&paper.from), draft));
    assert!(matches!(refused, Err(Error::NotFound(_))), "{refused:?}");
}

/// A document of a hub that lacks revocation lists, after the first attempt to seal it.
fn without_lists(engine: Engine) -> (TestHub, DocumentId) {
    let hub = TestHub::with("commune", engine, |parts| parts.trust = trust(false));
    let id = hub.send(&a_document());
    (hub, id)
}

fn a_document_that_cannot_be_proved_yet_waits_with_the_reason_in_sight(engine: Engine) {
    let (hub, id) = without_lists(engine);
    let page = hub.sent("H21.36.21", id);
    let reason = page.waiting.unwrap().reason.unwrap();
    assert!(
        page.failure.is_none() && reason.contains("not proved yet"),
        "{reason}"
    );
}

fn a_document_that_could_not_be_proved_is_sealed_once_the_lists_are_there(engine: Engine) {
    let (hub, id) = without_lists(engine);
    hub.run(hub.hub.renew_trust(trust(true))).unwrap();
    hub.clock.pass_seconds(60);
    hub.settle();
    let page = hub.sent("H21.36.21", id);
    assert!(page.waiting.is_none() && page.content.is_some());
}

on_both_databases![
    a_document_that_cannot_be_proved_yet_waits_with_the_reason_in_sight,
    a_document_that_could_not_be_proved_is_sealed_once_the_lists_are_there,
    an_unknown_recipient_is_refused,
    a_closed_recipient_is_refused_and_its_successor_named,
    a_recipient_without_a_hub_is_refused,
    a_recipient_named_twice_is_refused,
    one_wrong_recipient_among_right_ones_stops_all,
    sending_to_oneself_is_refused,
    a_document_without_a_recipient_is_refused,
    a_state_secret_is_refused,
    a_marking_on_the_first_page_is_refused_and_the_bytes_are_not_kept,
    a_document_of_tomorrow_is_refused,
    a_malformed_number_is_refused,
    a_request_without_a_key_is_refused,
    a_signer_whose_key_is_not_here_is_refused,
    an_agency_whose_keys_are_elsewhere_is_refused,
    a_file_that_is_no_pdf_is_refused,
    an_empty_file_is_refused,
    a_truncated_file_is_refused,
    an_encrypted_file_is_refused,
    an_auditor_can_not_send,
    layers_are_shown_before_anything_is_signed_in_both_languages,
    a_clean_file_is_shown_without_warnings,
    a_file_that_cannot_be_read_is_left_to_the_refusal,
    an_auditor_is_shown_no_files,
    the_same_request_twice_is_one_document,
    the_same_request_after_all_was_done_is_still_one_document,
    the_same_request_twice_at_once_is_one_document,
    the_same_key_for_another_document_is_a_conflict,
    the_same_key_for_other_bytes_is_a_conflict,
    a_number_taken_this_year_is_refused,
    bytes_that_never_came_cannot_be_sent,
];
