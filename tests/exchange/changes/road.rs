//! Requests over several hubs: they follow the document, and the answer comes back.

use lienthong::domain::change::{Basis, Kind, Part, Standing, State};
use lienthong::domain::receipt::Event;
use lienthong::exchange::Error;
use lienthong::store::Engine;

use super::{IADOM, Road, VPCP, last, recall, stand};
use crate::world::hub::clerk;
use crate::world::on_both_databases;
use crate::world::paper::a_document;

fn a_request_follows_the_document_and_its_answer_comes_back(engine: Engine) {
    let (mut road, document, delivery) = Road::delivered(engine);
    recall(road.hub("commune"), IADOM, document, "k").unwrap();
    let here = |road: &Road| stand(&road.hub("commune").delivery(IADOM, document));
    assert_eq!(here(&road), (Standing::InForce, Some(State::Requested)));
    road.carry(delivery);
    let there = stand(&road.hub("central").received(VPCP, delivery).delivery);
    assert_eq!(there, (Standing::Recalled, Some(State::Agreed)));
    assert_eq!(here(&road), there);
}

fn a_clerk_s_refusal_from_afar_brings_its_words_and_who_had_read(engine: Engine) {
    let (mut road, document, delivery) = Road::delivered(engine);
    let central = road.hub("central");
    central
        .run(central.hub.open_received(&clerk(VPCP), delivery))
        .unwrap();
    recall(road.hub("commune"), IADOM, document, "k").unwrap();
    road.carry(delivery);
    let central = road.hub("central");
    let id = last(&central.received(VPCP, delivery).delivery).id;
    let person = clerk(VPCP);
    let refused = central
        .hub
        .refuse_change(&person, delivery, id, "Đã trình lãnh đạo");
    central.run(refused).unwrap();
    road.carry(delivery);
    let page = road.hub("commune").delivery(IADOM, document);
    assert_eq!(stand(&page), (Standing::InForce, Some(State::Refused)));
    let answer = last(&page).answer.unwrap();
    assert_eq!(answer.reason.as_deref(), Some("Đã trình lãnh đạo"));
    let signed = page
        .receipts
        .iter()
        .find(|one| one.event == Event::ChangeRefusal);
    let opened = signed.unwrap().change.clone().unwrap().opened;
    assert_eq!((opened.len(), opened[0].part), (1, Part::Page));
}

fn the_same_message_again_gets_the_stored_answer(engine: Engine) {
    let (mut road, document, delivery) = Road::delivered(engine);
    recall(road.hub("commune"), IADOM, document, "k").unwrap();
    let (_, _, _, body) = road.waiting(delivery).remove(0);
    let district = road.hub("district");
    let first = district.take_back("commune", &body).unwrap();
    let before = district.database.census();
    let second = district.take_back("commune", &body).unwrap();
    assert_eq!((second.body, second.repeated), (first.body, true));
    assert_eq!(district.database.census(), before);
    road.carry(delivery);
}

fn the_same_request_in_another_message_has_no_second_effect(engine: Engine) {
    let (mut road, document, delivery) = Road::delivered(engine);
    recall(road.hub("commune"), IADOM, document, "k").unwrap();
    let (_, _, _, body) = road.waiting(delivery).remove(0);
    road.carry(delivery);
    let request = lienthong::peer::protocol::ReceiptTransfer::from_bytes(&body).unwrap();
    let again = crate::world::parcel::hand_back(&request.receipt);
    let district = road.hub("district");
    let before = district.database.count("transfers");
    district.take_back("commune", &again).unwrap();
    assert_eq!(district.database.count("transfers"), before);
}

fn a_request_that_overtakes_its_document_is_tried_again(engine: Engine) {
    let mut road = Road::new(engine);
    let (document, delivery) = road.sent(&a_document().to(VPCP));
    recall(road.hub("commune"), IADOM, document, "k").unwrap();
    let request = road.waiting(delivery).pop().unwrap();
    let early = road.hand("commune", "district", &request.3);
    assert!(matches!(early, Err(Error::NotYet(_))), "{early:?}");
    assert!(early.unwrap_err().is_temporary());
    road.carry(delivery);
    let page = road.hub("commune").delivery(IADOM, document);
    assert_eq!(page.row.standing, Standing::Recalled);
}

/// As if no worker had come to the jobs that hand documents on.
fn untouched(hub: &crate::world::hub::TestHub) {
    let rows = hub
        .database
        .texts("UPDATE jobs SET attempts = 0 WHERE kind = 'transfer' RETURNING id AS value");
    assert!(!rows.is_empty());
}

fn what_was_not_begun_to_be_handed_on_is_taken_back_without_a_message(engine: Engine) {
    let road = Road::new(engine);
    let (document, delivery) = road.sent(&a_document().to(VPCP));
    let commune = road.hub("commune");
    untouched(commune);
    recall(commune, IADOM, document, "k").unwrap();
    let page = commune.delivery(IADOM, document);
    assert_eq!(stand(&page), (Standing::Recalled, Some(State::Agreed)));
    let change = last(&page);
    let basis = change.answer.map(|answer| answer.basis);
    assert_eq!(
        (change.kind, basis),
        (Kind::TakeBack, Some(Basis::NotHandedOver))
    );
    assert_eq!(commune.database.count("jobs WHERE kind = 'transfer'"), 0);
    assert_eq!(
        road.waiting(delivery).len(),
        1,
        "the letter alone, never sent"
    );
}

fn a_begun_handing_over_is_never_taken_for_none(engine: Engine) {
    let road = Road::new(engine);
    let (document, delivery) = road.sent(&a_document().to(VPCP));
    recall(road.hub("commune"), IADOM, document, "k").unwrap();
    let page = road.hub("commune").delivery(IADOM, document);
    assert_eq!(stand(&page), (Standing::InForce, Some(State::Requested)));
    assert_eq!(
        road.waiting(delivery).len(),
        2,
        "the letter and the request"
    );
}

fn a_hub_on_the_road_stops_what_it_has_not_begun_to_hand_on(engine: Engine) {
    let mut road = Road::new(engine);
    let (document, delivery) = road.sent(&a_document().to(VPCP));
    let letter = road.waiting(delivery).remove(0);
    road.hand("commune", "district", &letter.3).unwrap();
    road.carried.insert(letter.2);
    recall(road.hub("commune"), IADOM, document, "k").unwrap();
    let request = road.waiting(delivery);
    let request = request.iter().find(|one| one.0 == "commune").unwrap();
    road.hand("commune", "district", &request.3).unwrap();
    road.carried.insert(request.2);
    let district = road.hub("district");
    assert_eq!(district.database.count("jobs WHERE kind = 'transfer'"), 1);
    let back = road.waiting(delivery);
    let back = back.iter().find(|one| one.1 == "commune").unwrap();
    road.hand("district", "commune", &back.3).unwrap();
    let page = road.hub("commune").delivery(IADOM, document);
    assert_eq!(stand(&page), (Standing::Recalled, Some(State::Agreed)));
    let answer = last(&page).answer.unwrap();
    assert_eq!(answer.basis, Basis::NotHandedOver);
}

fn each_side_states_silence_by_its_own_clock(engine: Engine) {
    let (mut road, document, delivery) = Road::delivered(engine);
    let central = road.hub("central");
    central
        .run(central.hub.open_received(&clerk(VPCP), delivery))
        .unwrap();
    recall(road.hub("commune"), IADOM, document, "k").unwrap();
    road.carry(delivery);
    for name in ["commune", "central"] {
        road.hub(name).clock.pass_seconds(100 * 3600);
        road.hub(name).settle();
    }
    road.carry(delivery);
    let here = stand(&road.hub("commune").delivery(IADOM, document));
    let there = stand(&road.hub("central").received(VPCP, delivery).delivery);
    assert_eq!(here, (Standing::InForce, Some(State::Overdue)));
    assert_eq!(there, here);
}

on_both_databases![
    a_request_follows_the_document_and_its_answer_comes_back,
    a_clerk_s_refusal_from_afar_brings_its_words_and_who_had_read,
    the_same_message_again_gets_the_stored_answer,
    the_same_request_in_another_message_has_no_second_effect,
    a_request_that_overtakes_its_document_is_tried_again,
    what_was_not_begun_to_be_handed_on_is_taken_back_without_a_message,
    a_begun_handing_over_is_never_taken_for_none,
    a_hub_on_the_road_stops_what_it_has_not_begun_to_hand_on,
    each_side_states_silence_by_its_own_clock,
];
