//! Agencies that close while documents are on the road to them.

use lienthong::config::registry::snapshot::SignedSnapshot;
use lienthong::domain::agency::AgencyCode;
use lienthong::domain::delivery::TransportState;
use lienthong::domain::directory::Registry;
use lienthong::domain::ids::EvidenceId;
use lienthong::domain::receipt::{Event, Statement};
use lienthong::domain::refusal::Refusal;
use lienthong::domain::succession::{Kind, Succession};
use lienthong::evidence::statement;
use lienthong::exchange::Category;
use lienthong::peer::protocol::{Transfer, answer_from_bytes};
use lienthong::store::Engine;

use crate::world::hub::TestHub;
use crate::world::on_both_databases;
use crate::world::paper::{a_document, letter};
use crate::world::parcel::{Parcel, a_parcel, hand_back, party, sign, states};
use crate::world::snapshots::{a_hub, signed};

const IADOM: &str = "H21.36.21";
const DUCCO: &str = "H21.36";
const BASIS: &str = "Nghị quyết 1664/NQ-UBTVQH15";
const DAY: i64 = 24 * 3600;

/// From 1 July 2025 `to` does what `from` did.
fn merges(registry: &mut Registry, [from, to]: [&str; 2], redirect_until: Option<&str>) {
    let code = |text: &str| AgencyCode::parse(text).unwrap();
    let row = registry
        .agencies
        .iter_mut()
        .find(|one| one.code == code(from));
    row.unwrap().valid.to = Some("2025-06-30".parse().unwrap());
    registry.successions.push(Succession {
        kind: Kind::Merge,
        from: code(from),
        to: vec![code(to)],
        effective: "2025-07-01".parse().unwrap(),
        legal_basis: BASIS.to_owned(),
        scope: None,
        redirect_to: None,
        redirect_until: redirect_until.map(|day| day.parse().unwrap()),
    });
}

/// The registry of the day after.
fn merged(first: &SignedSnapshot, who: [&str; 2], until: Option<&str>) -> SignedSnapshot {
    signed(Some(first), 2, |registry| merges(registry, who, until))
}

fn stated(answer: &[u8]) -> Statement {
    let signed = answer_from_bytes(answer).unwrap().unwrap();
    statement::from_bytes(&signed.statement).unwrap()
}

/// A letter to huyện Đức Cơ reaches its hub the day after the district has gone into its office.
fn late(engine: Engine, until: Option<&str>) -> (TestHub, Parcel) {
    let (district, first) = a_hub("district", engine);
    district
        .import(&merged(&first, [DUCCO, "H21.36.1"], until))
        .unwrap();
    district.upload(&letter());
    district.clock.pass_seconds(DAY);
    (district, a_parcel(&letter()))
}

fn what_was_on_the_road_lands_at_the_successor(engine: Engine) {
    let (district, parcel) = late(engine, Some("2025-09-30"));
    district.take_over("commune", &parcel.body()).unwrap();
    let arrived = district.arrived("H21.36.1");
    assert_eq!(arrived.delivery.row.id, parcel.envelope.delivery);
}

fn the_receipt_names_both_agencies_and_the_legal_basis(engine: Engine) {
    let (district, parcel) = late(engine, Some("2025-09-30"));
    let answer = district.take_over("commune", &parcel.body()).unwrap();
    let stated = stated(&answer.body);
    assert_eq!(stated.recipient, party(DUCCO));
    let note = stated.succession.unwrap();
    assert_eq!(note.to, party("H21.36.1"));
    assert_eq!(
        (note.legal_basis.as_str(), stated.registry),
        (BASIS, Some(2))
    );
    assert_eq!(note.effective.to_string(), "2025-07-01");
}

fn without_a_policy_nothing_is_handed_to_the_successor(engine: Engine) {
    for until in [None, Some("2025-06-30")] {
        let (district, parcel) = late(engine, until);
        let refused = district
            .take_over("commune", &parcel.body())
            .unwrap_err()
            .category();
        let Category::Refused(Refusal::AgencyClosed { successors, .. }) = &refused else {
            panic!("{refused:?}")
        };
        assert_eq!(successors[0].legal_basis, BASIS);
    }
}

fn what_is_sent_after_the_closing_is_refused_even_where_the_road_is_redirected(engine: Engine) {
    let (district, mut parcel) = late(engine, Some("2025-09-30"));
    parcel.submission.at = district.hub.now();
    let refused = district
        .take_over("commune", &parcel.body())
        .unwrap_err()
        .category();
    assert!(
        matches!(refused, Category::Refused(Refusal::AgencyClosed { .. })),
        "{refused:?}"
    );
}

/// Letters of xã Ia Dom to huyện Đức Cơ wait at the commune's hub; then the district goes into the
/// commune itself.
fn many_in_flight(
    engine: Engine,
    count: usize,
) -> (TestHub, Vec<lienthong::domain::ids::DocumentId>) {
    let (commune, first) = a_hub("commune", engine);
    let send = |n: usize| {
        let number = format!("{}/UBND-VP", 100 + n);
        let paper = a_document().to(DUCCO).number(&number).key(&number);
        commune.send(&paper)
    };
    let sent = (0..count).map(send).collect();
    let who = [DUCCO, "H21.36.22"];
    commune
        .import(&merged(&first, who, Some("2025-09-30")))
        .unwrap();
    commune.clock.pass_seconds(DAY);
    commune.settle();
    (commune, sent)
}

fn all_that_waits_for_a_closed_agency_lands_at_its_successor_once(engine: Engine) {
    let (commune, sent) = many_in_flight(engine, 5);
    for id in &sent {
        let delivery = commune.delivery(IADOM, *id);
        assert_eq!(delivery.row.transport, TransportState::Consigned);
    }
    let arrived = "SELECT document_id AS value FROM deliveries WHERE role = 'destination' AND recipient = 'H21.36.22'";
    let mut arrived = commune.database.texts(arrived);
    arrived.sort();
    let mut expected: Vec<String> = sent.iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(arrived, expected);
}

fn the_sender_sees_who_was_handed_its_document(engine: Engine) {
    let (commune, sent) = many_in_flight(engine, 1);
    let clerk = crate::world::hub::clerk(IADOM);
    let receipts = commune.delivery(IADOM, sent[0]).receipts;
    let consigned = receipts
        .iter()
        .find(|one| one.event == Event::Consignment)
        .unwrap();
    let id: EvidenceId = consigned.id;
    let kept = commune.run(commune.hub.receipt(&clerk, id)).unwrap();
    let note = statement::from_bytes(&kept.statement)
        .unwrap()
        .succession
        .unwrap();
    assert_eq!(
        (note.to.code.as_str(), note.legal_basis.as_str()),
        ("H21.36.22", BASIS)
    );
}

fn an_acceptance_by_the_successor_is_believed(engine: Engine) {
    let (district, first) = a_hub("district", engine);
    district.upload(&letter());
    let parcel = a_parcel(&letter()).with(|envelope| envelope.recipient = party("G22"));
    district.take_over("commune", &parcel.body()).unwrap();
    district
        .import(&merged(&first, ["G22", "G06"], Some("2025-09-30")))
        .unwrap();
    district.clock.pass_seconds(DAY);
    let road = ["commune", "district", "province", "central"];
    let mut accepted = states("central", Event::Acceptance, &parcel.envelope, &road);
    accepted.at = district.hub.now();
    let note = |to: &str| lienthong::domain::receipt::SuccessionNote {
        to: party(to),
        effective: "2025-07-01".parse().unwrap(),
        legal_basis: BASIS.to_owned(),
    };
    accepted.succession = Some(note("H21.36.22"));
    let stranger = hand_back(&sign(&accepted, "central"));
    let fault = district.take_back("province", &stranger).unwrap_err();
    assert_eq!(
        fault.category(),
        Category::Unacceptable("not-the-successor")
    );
    accepted.succession = Some(note("G06"));
    let heir = hand_back(&sign(&accepted, "central"));
    district.take_back("province", &heir).unwrap();
}

/// The hub of the district is withdrawn; the commune's hub hangs below the province from then on.
fn without_district(registry: &mut Registry) {
    registry.hubs[2].tls_certificates.clear();
    registry.hubs[3].parent = Some(registry.hubs[1].id.clone());
}

fn what_waits_for_a_withdrawn_hub_takes_the_new_road(engine: Engine) {
    let (commune, first) = a_hub("commune", engine);
    let id = commune.send(&a_document().to("G22"));
    commune
        .import(&signed(Some(&first), 2, without_district))
        .unwrap();
    commune.clock.pass_seconds(3_600 / 2);
    commune.settle();
    let delivery = commune.delivery(IADOM, id).row.id;
    let requests = commune.run(commune.hub.sent_requests(delivery)).unwrap();
    let (_, to, body) = requests.last().unwrap();
    assert_eq!(to.as_str(), "province");
    let before = Transfer::from_bytes(&requests[0].2).unwrap();
    let onward = Transfer::from_bytes(body).unwrap();
    assert_eq!(onward.envelope, before.envelope);
    assert_ne!(onward.id, before.id);
}

fn the_same_delivery_by_another_road_is_answered_and_has_no_second_effect(engine: Engine) {
    let (province, first) = a_hub("province", engine);
    province.upload(&letter());
    let parcel = a_parcel(&letter()).with(|envelope| envelope.recipient = party("H21"));
    let by_district = parcel.clone().over(&["commune", "district"]);
    province.take_over("district", &by_district.body()).unwrap();
    province
        .import(&signed(Some(&first), 2, without_district))
        .unwrap();
    let count = province.database.count("deliveries");
    let again = parcel.again().over(&["commune"]);
    let answer = province.take_over("commune", &again.body()).unwrap();
    assert_eq!(stated(&answer.body).transfer, Some(again.id));
    assert_eq!(province.database.count("deliveries"), count);
}

on_both_databases![
    what_was_on_the_road_lands_at_the_successor,
    the_receipt_names_both_agencies_and_the_legal_basis,
    without_a_policy_nothing_is_handed_to_the_successor,
    what_is_sent_after_the_closing_is_refused_even_where_the_road_is_redirected,
    all_that_waits_for_a_closed_agency_lands_at_its_successor_once,
    the_sender_sees_who_was_handed_its_document,
    an_acceptance_by_the_successor_is_believed,
    what_waits_for_a_withdrawn_hub_takes_the_new_road,
    the_same_delivery_by_another_road_is_answered_and_has_no_second_effect,
];
