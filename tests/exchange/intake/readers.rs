//! The process that reads a document dies: the hub lives, the document waits, and is refused when
//! it happens again.

use std::os::unix::fs::PermissionsExt;

use lienthong::domain::delivery::HandlingState;
use lienthong::domain::refusal::ReasonCode;
use lienthong::exchange::Error;
use lienthong::exchange::inquiry::IncomingPage;
use lienthong::jail::Jail;
use lienthong::store::Engine;
use tempfile::TempDir;

use crate::world::hub::TestHub;
use crate::world::on_both_databases;
use crate::world::paper::{a_document, sealed_by};
use crate::world::parcel::{Parcel, a_parcel};

const DUCCO: &str = "H21.36";
const PROGRAM: &str = env!("CARGO_BIN_EXE_lienthong");

/// A jail whose children live `first` times, then `end` (a command of the shell) `times` times, then
/// live, and the folder its program lives in.
fn fragile(first: usize, times: usize, end: &str) -> (TempDir, Jail) {
    let folder = tempfile::tempdir().unwrap();
    let (program, lives) = (folder.path().join("reader"), folder.path().join("lives"));
    let script = format!(
        "#!/bin/sh\nprintf x >> {0}\nlife=$(/usr/bin/wc -c < {0})\n\
         [ $life -gt {first} ] && [ $life -le {1} ] && {end}\nexec {PROGRAM} \"$@\"\n",
        lives.display(),
        first.saturating_add(times),
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, PermissionsExt::from_mode(0o700)).unwrap();
    let jail = Jail::of_program(&program);
    (folder, jail)
}

/// The children that read what a letter comes with, before it is taken: its receipt, its first page.
const INTAKE: usize = 2;

/// A hub with this jail, and a genuine letter that has just come to it.
fn arrived(engine: Engine, jail: Jail) -> (TestHub, Parcel) {
    let district = TestHub::with("district", engine, |parts| parts.jail = jail);
    let bytes = sealed_by("iadom");
    district.upload(&bytes);
    let parcel = a_parcel(&bytes);
    district.take_over("commune", &parcel.body()).unwrap();
    district.settle();
    (district, parcel)
}

fn seen(hub: &TestHub, parcel: &Parcel) -> IncomingPage {
    hub.received(DUCCO, parcel.envelope.delivery)
}

fn a_document_whose_reader_died_once_waits_and_is_judged(engine: Engine) {
    let (_folder, jail) = fragile(INTAKE, 1, "kill -KILL $$");
    let (district, parcel) = arrived(engine, jail);
    let page = seen(&district, &parcel);
    assert!(page.delivery.row.verdict.is_none() && !page.may_accept);
    district.clock.pass_seconds(61);
    district.settle();
    assert!(seen(&district, &parcel).may_accept);
}

fn a_document_whose_reader_died_twice_is_refused_with_the_reason(engine: Engine) {
    for (signal, code) in [("SYS", "JAIL_VIOLATION"), ("KILL", "JAIL_KILLED")] {
        let (_folder, jail) = fragile(INTAKE, 2, &format!("kill -{signal} $$"));
        let (district, parcel) = arrived(engine, jail);
        assert!(seen(&district, &parcel).delivery.row.verdict.is_none());
        district.clock.pass_seconds(61);
        district.settle();
        let row = seen(&district, &parcel).delivery.row;
        let reason = row.reason.unwrap();
        assert_eq!(
            (row.handling, reason.code),
            (HandlingState::Refused, ReasonCode::SignatureInvalid)
        );
        assert_eq!(row.verdict.unwrap().verdict, "UNREADABLE");
        assert!(reason.text.starts_with(code), "{}", reason.text);
    }
}

fn a_jail_that_cannot_be_built_decides_nothing(engine: Engine) {
    // What a child says that could not lock itself in.
    let (_folder, jail) = fragile(INTAKE, 1000, "exit 70");
    let (district, parcel) = arrived(engine, jail);
    for _ in 0..5 {
        district.clock.pass_seconds(61);
        district.settle();
        assert!(seen(&district, &parcel).delivery.row.verdict.is_none());
    }
}

fn a_receipt_whose_reader_died_or_has_no_jail_is_not_taken_but_may_come_again(engine: Engine) {
    for end in ["kill -SYS $$", "exit 70"] {
        let (_folder, jail) = fragile(0, 1, end);
        let district = TestHub::with("district", engine, |parts| parts.jail = jail);
        let bytes = sealed_by("iadom");
        district.upload(&bytes);
        let before = district.database.census();
        let body = a_parcel(&bytes).body();
        let refused = district.take_over("commune", &body);
        assert!(matches!(refused, Err(Error::Jail(_))), "{refused:?}");
        assert_eq!(district.database.census(), before);
        assert!(district.take_over("commune", &body).is_ok());
    }
}

fn a_draft_whose_reader_dies_of_it_is_not_taken(engine: Engine) {
    let (_folder, jail) = fragile(0, 1, "kill -SYS $$");
    let commune = TestHub::with("commune", engine, |parts| parts.jail = jail);
    let paper = a_document();
    let refused = commune.compose(&paper);
    let Err(Error::Unreadable { reason, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(reason, "JAIL_VIOLATION");
    assert!(commune.compose(&paper).is_ok());
}

on_both_databases![
    a_document_whose_reader_died_once_waits_and_is_judged,
    a_document_whose_reader_died_twice_is_refused_with_the_reason,
    a_jail_that_cannot_be_built_decides_nothing,
    a_draft_whose_reader_dies_of_it_is_not_taken,
    a_receipt_whose_reader_died_or_has_no_jail_is_not_taken_but_may_come_again,
];
