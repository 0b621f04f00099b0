//! Requests and answers of those who may not make them. The hub of huyện Đức Cơ holds a letter of xã
//! Ia Dom, or has sent one itself; the neighbours are played by the test.

use lienthong::domain::change::{Basis, Kind, Standing, State};
use lienthong::domain::clock::Timestamp;
use lienthong::domain::receipt::{ChangeNote, Event, Statement};
use lienthong::domain::refusal::{Reason, ReasonCode};
use lienthong::exchange::Error;
use lienthong::peer::envelope::Envelope;
use lienthong::peer::protocol::Transfer;
use lienthong::store::Engine;

use super::{ask, last};
use crate::world::hub::{TestHub, clerk};
use crate::world::on_both_databases;
use crate::world::paper::{a_document, sealed_by};
use crate::world::parcel::{Parcel, a_parcel, hand_back, sign, states};
use crate::world::registry::hub;
use lienthong::exchange::change::ask::What;

/// A letter that has come to huyện Đức Cơ, and what its honest sender would ask.
fn arrived(engine: Engine) -> (TestHub, Parcel, Statement) {
    let district = TestHub::new("district", engine);
    let bytes = sealed_by("iadom");
    district.upload(&bytes);
    let parcel = a_parcel(&bytes);
    district.take_over("commune", &parcel.body()).unwrap();
    let stated = request(&parcel.envelope);
    (district, parcel, stated)
}

fn request(envelope: &Envelope) -> Statement {
    let mut stated = states("commune", Event::ChangeRequest, envelope, &["commune"]);
    stated.actor = Some("user:Văn thư".to_owned());
    stated.reason = Some(Reason::new(ReasonCode::Other, "Sai nơi nhận").unwrap());
    stated.change = Some(ChangeNote {
        request: stated.id,
        kind: Kind::TakeBack,
        deadline: "2025-07-02T02:00:00Z".parse::<Timestamp>().unwrap(),
        successor: None,
        basis: None,
        opened: Vec::new(),
    });
    stated
}

#[track_caller]
fn assert_refused(district: &TestHub, (stated, signer): (&Statement, &str), code: &str) {
    let before = district.database.census();
    let refused = district.take_back("commune", &hand_back(&sign(stated, signer)));
    assert!(
        matches!(&refused, Err(Error::Unacceptable { code: found, .. }) if *found == code),
        "{refused:?}"
    );
    assert_eq!(district.database.census(), before);
}

fn an_honest_request_is_taken(engine: Engine) {
    let (district, parcel, stated) = arrived(engine);
    district
        .take_back("commune", &hand_back(&sign(&stated, "commune")))
        .unwrap();
    let page = district.received("H21.36", parcel.envelope.delivery);
    assert_eq!(page.delivery.row.standing, Standing::Recalled);
}

fn a_request_signed_by_another_hub_is_refused(engine: Engine) {
    let (district, _, stated) = arrived(engine);
    assert_refused(&district, (&stated, "province"), "receipt-not-genuine");
}

fn a_relay_can_not_ask_in_its_own_name(engine: Engine) {
    let (district, _, mut stated) = arrived(engine);
    stated.issuer = hub("province");
    assert_refused(&district, (&stated, "province"), "not-the-senders-hub");
}

fn a_request_about_another_envelope_is_refused(engine: Engine) {
    let (district, parcel, _) = arrived(engine);
    let mut other = parcel.envelope;
    other.header.subject = "Về việc khác".to_owned();
    assert_refused(&district, (&request(&other), "commune"), "unknown-delivery");
}

fn a_request_without_reason_or_name_of_its_own_is_refused(engine: Engine) {
    let (district, _, honest) = arrived(engine);
    let mut silent = honest.clone();
    silent.reason = None;
    let mut borrowed = honest.clone();
    borrowed.id = parcel_id(&honest);
    let mut decided = honest;
    if let Some(note) = &mut decided.change {
        note.basis = Some(Basis::NotOpened);
    }
    for stated in [silent, borrowed, decided] {
        assert_refused(&district, (&stated, "commune"), "not-a-request");
    }
}

fn parcel_id(honest: &Statement) -> lienthong::domain::ids::EvidenceId {
    lienthong::domain::ids::EvidenceId::fresh(&lienthong::domain::ids::RandomIds, honest.at)
}

fn the_same_request_with_other_words_is_a_conflict(engine: Engine) {
    let (district, _, stated) = arrived(engine);
    district
        .take_back("commune", &hand_back(&sign(&stated, "commune")))
        .unwrap();
    let mut other = stated;
    other.reason = Some(Reason::new(ReasonCode::Other, "Lý do khác").unwrap());
    let before = district.database.count("evidence");
    let again = district.take_back("commune", &hand_back(&sign(&other, "commune")));
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    assert_eq!(district.database.count("evidence"), before);
}

fn a_message_of_the_same_name_with_other_bytes_is_a_conflict(engine: Engine) {
    let (district, _, stated) = arrived(engine);
    let body = hand_back(&sign(&stated, "commune"));
    district.take_back("commune", &body).unwrap();
    let mut other = body;
    other.push(b' ');
    let again = district.take_back("commune", &other);
    assert!(matches!(again, Err(Error::Mismatch { .. })), "{again:?}");
}

/// The hub of huyện Đức Cơ has asked Văn phòng Chính phủ to give a letter back.
struct Asked {
    district: TestHub,
    envelope: Envelope,
    document: lienthong::domain::ids::DocumentId,
    note: ChangeNote,
}

impl Asked {
    fn by(engine: Engine) -> Self {
        let district = TestHub::new("district", engine);
        let document = district.send(&a_document().from("H21.36").to("G22"));
        let delivery = district.delivery("H21.36", document).row.id;
        let sent = district.run(district.hub.sent_requests(delivery)).unwrap();
        let transfer = Transfer::from_bytes(&sent[0].2).unwrap();
        let person = clerk("H21.36");
        district
            .run(
                district
                    .hub
                    .ask_change(&person, document, ask("k", What::Recall)),
            )
            .unwrap();
        let change = last(&district.delivery("H21.36", document));
        Self {
            envelope: Envelope::from_bytes(&transfer.envelope).unwrap(),
            note: ChangeNote {
                request: change.id,
                kind: change.kind,
                deadline: change.deadline,
                successor: None,
                basis: None,
                opened: Vec::new(),
            },
            district,
            document,
        }
    }

    fn answer(&self, event: Event, road: &[&str], basis: Basis) -> Statement {
        let issuer = road.last().unwrap();
        let mut stated = states(issuer, event, &self.envelope, road);
        stated.actor = Some("system".to_owned());
        stated.change = Some(ChangeNote {
            basis: Some(basis),
            ..self.note.clone()
        });
        stated
    }

    fn hand(&self, stated: &Statement) -> Result<(), Error> {
        let signed = sign(stated, stated.issuer.as_str());
        self.district
            .take_back("province", &hand_back(&signed))
            .map(|_| ())
    }

    fn stand(&self) -> (Standing, Option<State>) {
        super::stand(&self.district.delivery("H21.36", self.document))
    }
}

const TO_THE_CENTRE: [&str; 3] = ["district", "province", "central"];

fn only_the_recipient_s_hub_answers_for_the_recipient(engine: Engine) {
    let asked = Asked::by(engine);
    let relay = &TO_THE_CENTRE[..2];
    for stated in [
        asked.answer(Event::ChangeAgreement, relay, Basis::Clerk),
        asked.answer(Event::ChangeAgreement, relay, Basis::NotOpened),
        asked.answer(Event::ChangeRefusal, relay, Basis::Clerk),
        asked.answer(Event::ChangeClosure, relay, Basis::DocumentRefused),
    ] {
        let refused = asked.hand(&stated);
        assert!(
            matches!(&refused, Err(Error::Unacceptable { code, .. }) if *code == "not-the-recipients-hub"),
            "{refused:?}"
        );
    }
    assert_eq!(asked.stand(), (Standing::InForce, Some(State::Requested)));
}

fn a_relay_that_claims_to_have_stopped_what_arrived_is_not_believed(engine: Engine) {
    let asked = Asked::by(engine);
    let consigned = states(
        "central",
        Event::Consignment,
        &asked.envelope,
        &TO_THE_CENTRE,
    );
    asked.hand(&consigned).unwrap();
    let lie = asked.answer(
        Event::ChangeAgreement,
        &TO_THE_CENTRE[..2],
        Basis::NotHandedOver,
    );
    asked.hand(&lie).unwrap();
    assert_eq!(asked.stand(), (Standing::InForce, Some(State::Requested)));
    assert_eq!(
        asked
            .district
            .database
            .count("acts WHERE act = 'contradiction'"),
        1
    );
}

fn two_answers_that_contradict_leave_the_first(engine: Engine) {
    let asked = Asked::by(engine);
    let agreed = asked.answer(Event::ChangeAgreement, &TO_THE_CENTRE, Basis::Clerk);
    asked.hand(&agreed).unwrap();
    let refused = asked.answer(Event::ChangeRefusal, &TO_THE_CENTRE, Basis::Clerk);
    asked.hand(&refused).unwrap();
    assert_eq!(asked.stand(), (Standing::Recalled, Some(State::Agreed)));
    assert_eq!(
        asked
            .district
            .database
            .count("acts WHERE act = 'contradiction'"),
        1
    );
}

fn an_answer_to_another_kind_of_request_changes_nothing(engine: Engine) {
    let asked = Asked::by(engine);
    let mut stated = asked.answer(Event::ChangeAgreement, &TO_THE_CENTRE, Basis::Clerk);
    if let Some(note) = &mut stated.change {
        note.kind = Kind::Recall;
    }
    asked.hand(&stated).unwrap();
    assert_eq!(asked.stand(), (Standing::InForce, Some(State::Requested)));
}

on_both_databases![
    an_honest_request_is_taken,
    a_request_signed_by_another_hub_is_refused,
    a_relay_can_not_ask_in_its_own_name,
    a_request_about_another_envelope_is_refused,
    a_request_without_reason_or_name_of_its_own_is_refused,
    the_same_request_with_other_words_is_a_conflict,
    a_message_of_the_same_name_with_other_bytes_is_a_conflict,
    only_the_recipient_s_hub_answers_for_the_recipient,
    a_relay_that_claims_to_have_stopped_what_arrived_is_not_believed,
    two_answers_that_contradict_leave_the_first,
    an_answer_to_another_kind_of_request_changes_nothing,
];
