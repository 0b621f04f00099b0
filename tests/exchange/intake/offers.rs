//! Offers and the bytes that follow them: what is refused before a byte is sent, what is kept over a
//! cut, and what leaves nothing behind.

use lienthong::domain::digest::Sha256;
use lienthong::domain::refusal::Refusal;
use lienthong::exchange::offers::Held;
use lienthong::exchange::{Category, Error, Parts};
use lienthong::peer::protocol::{Offered, Piece};
use lienthong::store::Engine;

use crate::world::hub::{TestHub, clerk};
use crate::world::on_both_databases;
use crate::world::paper::letter;
use crate::world::parcel::{Parcel, a_parcel, content, party};
use crate::world::registry::hub;

fn size(bytes: &[u8]) -> u64 {
    content(bytes).size_bytes
}

fn offer(district: &TestHub, from: &str, parcel: &Parcel) -> Result<Offered, Error> {
    district.run(district.hub.offered(hub(from), parcel.body()))
}

/// Brings `bytes[begin..end]` of a blob as `from`.
fn bring(
    district: &TestHub,
    from: &str,
    bytes: &[u8],
    (begin, end): (usize, usize),
) -> Result<Held, Error> {
    let piece = Piece {
        begin: begin.try_into().unwrap(),
        end: end.try_into().unwrap(),
        whole: bytes.len().try_into().unwrap(),
    };
    let name = Sha256::of(bytes);
    let mut incoming = district.run(district.hub.piece(hub(from), name, piece))?;
    incoming.push(&bytes[begin..end])?;
    district.run(incoming.finish())
}

fn offset(offered: Offered) -> Option<u64> {
    offered.missing.map(|missing| missing.offset)
}

fn held(district: &TestHub, from: &str, bytes: &[u8]) -> Option<Held> {
    let name = Sha256::of(bytes);
    district.run(district.hub.held(hub(from), name)).unwrap()
}

#[track_caller]
fn assert_refused(engine: Engine, parcel: &Parcel, change: impl FnOnce(&mut Parts)) -> Error {
    let district = TestHub::with("district", engine, change);
    let refused = offer(&district, "commune", parcel).unwrap_err();
    assert_eq!(district.database.count("offers"), 0);
    refused
}

#[track_caller]
fn assert_code(fault: &Error, expected: &str) {
    assert!(
        matches!(fault, Error::Unacceptable { code, .. } if *code == expected),
        "{fault:?}"
    );
}

fn an_offer_is_answered_with_what_is_missing(engine: Engine) {
    let district = TestHub::new("district", engine);
    let bytes = letter();
    let offered = offer(&district, "commune", &a_parcel(&bytes)).unwrap();
    let missing = offered.missing.unwrap();
    assert_eq!((missing.content, missing.offset), (content(&bytes), 0));
}

fn bytes_that_are_here_are_not_missing(engine: Engine) {
    let district = TestHub::new("district", engine);
    district.upload(&letter());
    let offered = offer(&district, "commune", &a_parcel(&letter())).unwrap();
    assert_eq!(offered, Offered::default());
}

fn a_document_larger_than_allowed_is_refused_before_its_bytes(engine: Engine) {
    let parcel = a_parcel(&letter());
    let refused = assert_refused(engine, &parcel, |parts| parts.largest_bytes = 1_000);
    assert_eq!(refused.category(), Category::TooLarge { limit: 1_000 });
}

fn an_unknown_recipient_is_refused_before_its_bytes(engine: Engine) {
    let parcel = a_parcel(&letter()).with(|envelope| envelope.recipient.code = "Z99.1".to_owned());
    let refused = assert_refused(engine, &parcel, |_| {});
    assert!(
        matches!(refused, Error::Refused(Refusal::UnknownAgency { .. })),
        "{refused:?}"
    );
}

fn a_loop_is_refused_before_its_bytes(engine: Engine) {
    let parcel = a_parcel(&letter()).over(&["commune", "district", "commune"]);
    let refused = assert_refused(engine, &parcel, |_| {});
    assert!(
        matches!(refused, Error::Refused(Refusal::Loop { .. })),
        "{refused:?}"
    );
}

fn too_many_hops_are_refused_before_their_bytes(engine: Engine) {
    let parcel = a_parcel(&letter())
        .with(|envelope| envelope.recipient = party("G22"))
        .over(&["commune"; 8]);
    let refused = assert_refused(engine, &parcel, |_| {});
    assert!(
        matches!(refused, Error::Refused(Refusal::TooManyHops { .. })),
        "{refused:?}"
    );
}

fn an_envelope_for_another_hub_is_refused_before_its_bytes(engine: Engine) {
    // The recipient is hosted where the transfer comes from: no honest road leads here.
    let parcel = a_parcel(&letter()).with(|envelope| envelope.recipient = party("H21.36.21"));
    let refused = assert_refused(engine, &parcel, |_| {});
    assert!(
        matches!(refused, Error::Refused(Refusal::Loop { .. })),
        "{refused:?}"
    );
}

fn a_full_disk_is_told_before_accepting_and_reading_goes_on(engine: Engine) {
    let full = |parts: &mut Parts| parts.intake.keep_free_percent = 100;
    let parcel = a_parcel(&letter());
    let refused = assert_refused(engine, &parcel, full);
    assert_eq!(refused.category(), Category::DiskFull);

    let district = TestHub::with("district", engine, full);
    let taken = district.take_over("commune", &parcel.body()).unwrap_err();
    let begun = district.hub.begin_bytes().err().unwrap();
    assert_eq!(
        (taken.category(), begun.category()),
        (Category::DiskFull, Category::DiskFull)
    );
    assert!(
        district
            .run(district.hub.incoming(&clerk("H21.36"), None))
            .is_ok()
    );
}

fn what_was_answered_is_repeated_on_a_full_disk(engine: Engine) {
    let district = super::district(engine);
    let body = a_parcel(&letter()).body();
    let first = district.take_over("commune", &body).unwrap();
    let full = district.again(|parts| parts.intake.keep_free_percent = 100);
    let again = full.take_over("commune", &body).unwrap();
    assert_eq!((again.body, again.repeated), (first.body, true));
}

fn bytes_that_were_not_offered_are_not_taken(engine: Engine) {
    let district = TestHub::new("district", engine);
    let refused = bring(&district, "commune", b"abc", (0, 3)).unwrap_err();
    assert_code(&refused, "not-offered");
    let parcel = a_parcel(&letter());
    offer(&district, "commune", &parcel).unwrap();
    let other = bring(&district, "province", &letter(), (0, 3)).unwrap_err();
    assert_code(&other, "not-offered");
}

fn bytes_brought_in_pieces_are_whole_at_the_end(engine: Engine) {
    let district = TestHub::new("district", engine);
    let (bytes, parcel) = (letter(), a_parcel(&letter()));
    offer(&district, "commune", &parcel).unwrap();
    let middle = bytes.len() / 2;
    let first = bring(&district, "commune", &bytes, (0, middle)).unwrap();
    assert_eq!(
        (first.bytes, first.is_whole),
        (content(&bytes[..middle]).size_bytes, false)
    );
    let again = offer(&district, "commune", &parcel).unwrap();
    assert_eq!(offset(again), Some(content(&bytes[..middle]).size_bytes));
    let last = bring(&district, "commune", &bytes, (middle, bytes.len())).unwrap();
    assert!(last.is_whole);
    assert_eq!(district.database.count("offers"), 0);
    assert!(district.take_over("commune", &parcel.body()).is_ok());
}

fn what_came_before_a_cut_and_a_restart_is_held(engine: Engine) {
    let district = TestHub::new("district", engine);
    let (bytes, parcel) = (letter(), a_parcel(&letter()));
    offer(&district, "commune", &parcel).unwrap();
    let piece = Piece {
        begin: 0,
        end: size(&bytes),
        whole: size(&bytes),
    };
    let begun = district
        .hub
        .piece(hub("commune"), Sha256::of(&bytes), piece);
    let mut incoming = district.run(begun).unwrap();
    incoming.push(&bytes[..100]).unwrap();
    drop(incoming);
    let restarted = district.again(|_| {});
    let offered = offer(&restarted, "commune", &parcel).unwrap();
    assert_eq!(offset(offered), Some(100));
    bring(&restarted, "commune", &bytes, (100, bytes.len())).unwrap();
    assert!(restarted.take_over("commune", &parcel.body()).is_ok());
}

/// Every byte of a letter is there, and the hub ended before it gave them their name.
fn nameless(engine: Engine) -> (TestHub, Vec<u8>, Parcel) {
    let district = TestHub::new("district", engine);
    let (bytes, parcel) = (letter(), a_parcel(&letter()));
    offer(&district, "commune", &parcel).unwrap();
    let piece = Piece {
        begin: 0,
        end: size(&bytes),
        whole: size(&bytes),
    };
    let begun = district
        .hub
        .piece(hub("commune"), Sha256::of(&bytes), piece);
    let mut incoming = district.run(begun).unwrap();
    incoming.push(&bytes).unwrap();
    drop(incoming);
    (district.again(|_| {}), bytes, parcel)
}

fn bytes_that_lack_only_their_name_are_whole_when_they_are_offered_again(engine: Engine) {
    let (district, _, parcel) = nameless(engine);
    assert_eq!(offset(offer(&district, "commune", &parcel).unwrap()), None);
    assert!(district.take_over("commune", &parcel.body()).is_ok());
}

fn bytes_that_lack_only_their_name_are_whole_when_they_are_asked_for(engine: Engine) {
    let (district, bytes, parcel) = nameless(engine);
    assert!(held(&district, "commune", &bytes).unwrap().is_whole);
    assert!(district.take_over("commune", &parcel.body()).is_ok());
}

fn a_piece_that_does_not_begin_where_the_held_bytes_end_is_refused(engine: Engine) {
    let district = TestHub::new("district", engine);
    let bytes = letter();
    offer(&district, "commune", &a_parcel(&bytes)).unwrap();
    bring(&district, "commune", &bytes, (0, 100)).unwrap();
    for (begin, end) in [(0, 100), (50, 150), (101, 200)] {
        let refused = bring(&district, "commune", &bytes, (begin, end)).unwrap_err();
        assert_code(&refused, "wrong-offset");
    }
    assert_eq!(held(&district, "commune", &bytes).unwrap().bytes, 100);
}

fn a_size_other_than_offered_is_refused(engine: Engine) {
    let district = TestHub::new("district", engine);
    let bytes = letter();
    offer(&district, "commune", &a_parcel(&bytes)).unwrap();
    let piece = Piece {
        begin: 0,
        end: 10,
        whole: size(&bytes) + 1,
    };
    let begun = district
        .hub
        .piece(hub("commune"), Sha256::of(&bytes), piece);
    assert_code(&district.run(begun).err().unwrap(), "size-differs");
}

fn more_bytes_than_the_piece_told_leave_nothing_of_it(engine: Engine) {
    let district = TestHub::new("district", engine);
    let bytes = letter();
    offer(&district, "commune", &a_parcel(&bytes)).unwrap();
    bring(&district, "commune", &bytes, (0, 100)).unwrap();
    let piece = Piece {
        begin: 100,
        end: 200,
        whole: size(&bytes),
    };
    let begun = district
        .hub
        .piece(hub("commune"), Sha256::of(&bytes), piece);
    let mut incoming = district.run(begun).unwrap();
    incoming.push(&bytes[100..150]).unwrap();
    assert_code(
        &incoming.push(&bytes[150..201]).unwrap_err(),
        "piece-too-long",
    );
    drop(incoming);
    assert_eq!(held(&district, "commune", &bytes).unwrap().bytes, 100);
}

fn bytes_with_another_digest_than_offered_leave_nothing(engine: Engine) {
    let district = TestHub::new("district", engine);
    let mut bytes = letter();
    let name = Sha256::of(&bytes);
    offer(&district, "commune", &a_parcel(&bytes)).unwrap();
    bytes[50] ^= 1;
    let piece = Piece {
        begin: 0,
        end: size(&bytes),
        whole: size(&bytes),
    };
    let mut incoming = district
        .run(district.hub.piece(hub("commune"), name, piece))
        .unwrap();
    incoming.push(&bytes).unwrap();
    let refused = district.run(incoming.finish()).unwrap_err();
    assert_eq!(refused.category(), Category::OtherBytes);
    assert!(!district.run(district.hub.has_blob(name)).unwrap());
    assert_eq!(held(&district, "commune", &letter()).unwrap().bytes, 0);
}

fn two_writers_of_the_same_bytes_take_turns(engine: Engine) {
    let district = TestHub::new("district", engine);
    let bytes = letter();
    offer(&district, "commune", &a_parcel(&bytes)).unwrap();
    let piece = Piece {
        begin: 0,
        end: 10,
        whole: size(&bytes),
    };
    let begin = || {
        district.run(
            district
                .hub
                .piece(hub("commune"), Sha256::of(&bytes), piece),
        )
    };
    let first = begin().unwrap();
    assert_eq!(begin().err().unwrap().category(), Category::Later);
    drop(first);
    assert!(begin().is_ok());
}

fn two_hubs_that_bring_the_same_bytes_do_not_harm_each_other(engine: Engine) {
    let district = TestHub::new("district", engine);
    let bytes = letter();
    let below = a_parcel(&bytes);
    // The same letter, as a copy on its way down from the province.
    let above = a_parcel(&bytes)
        .with(|envelope| {
            envelope.sender = party("H21");
            envelope.header.sender = lienthong::domain::agency::AgencyCode::parse("H21").unwrap();
            envelope.origin = hub("province");
        })
        .over(&["province"]);
    let above = Parcel {
        signer: "province".to_owned(),
        ..above
    };
    offer(&district, "commune", &below).unwrap();
    offer(&district, "province", &above).unwrap();
    bring(&district, "commune", &bytes, (0, 100)).unwrap();
    bring(&district, "province", &bytes, (0, bytes.len())).unwrap();
    assert!(held(&district, "commune", &bytes).unwrap().is_whole);
    assert_eq!(offer(&district, "commune", &below).unwrap().missing, None);
    assert!(district.take_over("commune", &below.body()).is_ok());
    assert!(district.take_over("province", &above.body()).is_ok());
}

fn an_upload_nobody_came_back_for_is_removed_in_time(engine: Engine) {
    let district = TestHub::new("district", engine);
    let bytes = letter();
    offer(&district, "commune", &a_parcel(&bytes)).unwrap();
    bring(&district, "commune", &bytes, (0, 100)).unwrap();
    district.clock.pass_seconds(47 * 3_600);
    assert_eq!(district.run(district.hub.sweep_partials()).unwrap(), 0);
    assert_eq!(held(&district, "commune", &bytes).unwrap().bytes, 100);
    district.clock.pass_seconds(2 * 3_600);
    assert_eq!(district.run(district.hub.sweep_partials()).unwrap(), 1);
    assert_eq!(held(&district, "commune", &bytes), None);
    assert_eq!(district.database.count("offers"), 0);
}

fn an_upload_that_goes_on_slowly_is_kept(engine: Engine) {
    let district = TestHub::new("district", engine);
    let bytes = letter();
    offer(&district, "commune", &a_parcel(&bytes)).unwrap();
    for day in 0..4 {
        let begin = day * 100;
        bring(&district, "commune", &bytes, (begin, begin + 100)).unwrap();
        district.clock.pass_seconds(24 * 3_600);
        assert_eq!(district.run(district.hub.sweep_partials()).unwrap(), 0);
    }
    assert_eq!(held(&district, "commune", &bytes).unwrap().bytes, 400);
}

fn a_neighbour_may_not_fill_the_disk_with_offers(engine: Engine) {
    let district = TestHub::with("district", engine, |parts| {
        parts.intake.most_offered_bytes = size(&letter()) + 10;
    });
    offer(&district, "commune", &a_parcel(&letter())).unwrap();
    let refused = offer(&district, "commune", &a_parcel(b"eleven byte")).unwrap_err();
    assert_eq!(refused.category(), Category::DiskFull);
    assert!(offer(&district, "commune", &a_parcel(b"ten bytes.")).is_ok());
}

fn a_store_of_files_that_is_away_is_told_as_such_and_nothing_is_taken(engine: Engine) {
    let district = TestHub::new("district", engine);
    let parcel = a_parcel(&letter());
    offer(&district, "commune", &parcel).unwrap();
    let before = district.database.census();
    let folder = district.database.folder();
    let (blobs, away) = (folder.join("blobs"), folder.join("away"));
    std::fs::rename(&blobs, &away).unwrap();
    // What is there instead can be asked, but holds nothing.
    std::fs::write(&blobs, b"not a folder").unwrap();
    let refused = bring(&district, "commune", &letter(), (0, 100)).unwrap_err();
    let taken = district.take_over("commune", &parcel.body()).unwrap_err();
    std::fs::remove_file(&blobs).unwrap();
    std::fs::rename(&away, &blobs).unwrap();
    assert_eq!(
        (refused.category(), taken.category()),
        (Category::Later, Category::Later)
    );
    assert_eq!(district.database.census(), before);
    assert!(bring(&district, "commune", &letter(), (0, letter().len())).is_ok());
}

on_both_databases![
    an_offer_is_answered_with_what_is_missing,
    bytes_that_are_here_are_not_missing,
    a_document_larger_than_allowed_is_refused_before_its_bytes,
    an_unknown_recipient_is_refused_before_its_bytes,
    a_loop_is_refused_before_its_bytes,
    too_many_hops_are_refused_before_their_bytes,
    an_envelope_for_another_hub_is_refused_before_its_bytes,
    a_full_disk_is_told_before_accepting_and_reading_goes_on,
    what_was_answered_is_repeated_on_a_full_disk,
    bytes_that_were_not_offered_are_not_taken,
    bytes_brought_in_pieces_are_whole_at_the_end,
    what_came_before_a_cut_and_a_restart_is_held,
    bytes_that_lack_only_their_name_are_whole_when_they_are_offered_again,
    bytes_that_lack_only_their_name_are_whole_when_they_are_asked_for,
    a_piece_that_does_not_begin_where_the_held_bytes_end_is_refused,
    a_size_other_than_offered_is_refused,
    more_bytes_than_the_piece_told_leave_nothing_of_it,
    bytes_with_another_digest_than_offered_leave_nothing,
    two_writers_of_the_same_bytes_take_turns,
    two_hubs_that_bring_the_same_bytes_do_not_harm_each_other,
    an_upload_nobody_came_back_for_is_removed_in_time,
    an_upload_that_goes_on_slowly_is_kept,
    a_neighbour_may_not_fill_the_disk_with_offers,
    a_store_of_files_that_is_away_is_told_as_such_and_nothing_is_taken,
];
