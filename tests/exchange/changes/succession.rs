//! Another document takes the place of one that was sent.

use lienthong::domain::change::{Kind, Standing, State};
use lienthong::domain::ids::DocumentId;
use lienthong::domain::refusal::Refusal;
use lienthong::exchange::Error;
use lienthong::exchange::change::ask::What;
use lienthong::store::Engine;

use super::{Delivered, IADOM, IAKLA, Road, VPCP, ask, last, stand};
use crate::world::hub::{TestHub, clerk};
use crate::world::on_both_databases;
use crate::world::paper::a_document;

fn successor(letter: &Delivered) -> DocumentId {
    letter.hub.send(&a_document().number("16/UBND-VP"))
}

fn request(letter: &Delivered, what: What) -> Result<(), Error> {
    letter.hub.clock.pass_seconds(1);
    let (hub, person) = (&letter.hub, clerk(IADOM));
    hub.run(hub.hub.ask_change(&person, letter.document, ask("k", what)))
}

fn an_agreed_replacement_marks_the_earlier_on_both_sides(engine: Engine) {
    let letter = Delivered::new(engine);
    let by = successor(&letter);
    request(&letter, What::Replace(by)).unwrap();
    letter.assert_both(Standing::InForce, State::Requested);
    letter.agree().unwrap();
    letter.assert_both(Standing::Superseded(by), State::Agreed);
    assert_eq!(letter.sent().superseded_by.as_deref(), Some("16/UBND-VP"));
}

fn what_was_superseded_is_kept_and_can_be_read(engine: Engine) {
    let letter = Delivered::new(engine);
    request(&letter, What::Update(successor(&letter))).unwrap();
    letter.agree().unwrap();
    let hub = &letter.hub;
    hub.run(hub.hub.document_bytes(&clerk(IAKLA), letter.document))
        .unwrap();
    let page = hub.received(IAKLA, letter.delivery);
    assert!(!page.header.subject.is_empty() && !page.may_accept);
}

fn a_refused_replacement_leaves_the_earlier_in_force(engine: Engine) {
    let letter = Delivered::new(engine);
    request(&letter, What::Replace(successor(&letter))).unwrap();
    letter.refuse("Bản mới sai số liệu").unwrap();
    letter.assert_both(Standing::InForce, State::Refused);
}

fn a_document_does_not_replace_itself_nor_a_stranger(engine: Engine) {
    let letter = Delivered::new(engine);
    for by in [
        letter.document,
        DocumentId::fresh(&lienthong::domain::ids::RandomIds, letter.hub.hub.now()),
    ] {
        let asked = request(&letter, What::Replace(by));
        assert!(matches!(asked, Err(Error::NotFound(_))), "{asked:?}");
    }
}

fn who_does_not_get_the_update_gives_the_earlier_back(engine: Engine) {
    let hub = TestHub::new("district", engine);
    let both = a_document()
        .from("H21.36")
        .addressed_to(&["H21.36.1", "H21"]);
    let document = hub.send(&both);
    let update = hub.send(&a_document().from("H21.36").to("H21").number("16/UBND-VP"));
    hub.run(
        hub.hub
            .ask_change(&clerk("H21.36"), document, ask("k", What::Update(update))),
    )
    .unwrap();
    let kinds: Vec<_> = hub
        .sent("H21.36", document)
        .deliveries
        .iter()
        .map(|page| (last(page).kind, page.row.standing))
        .collect();
    assert_eq!(
        kinds,
        [
            (Kind::Update, Standing::InForce),
            (Kind::TakeBack, Standing::Recalled)
        ]
    );
}

fn a_replacement_touches_only_those_who_got_both(engine: Engine) {
    let hub = TestHub::new("district", engine);
    let both = a_document()
        .from("H21.36")
        .addressed_to(&["H21.36.1", "H21"]);
    let document = hub.send(&both);
    let by = hub.send(&a_document().from("H21.36").to("H21").number("16/UBND-VP"));
    hub.run(
        hub.hub
            .ask_change(&clerk("H21.36"), document, ask("k", What::Replace(by))),
    )
    .unwrap();
    let asked: Vec<usize> = hub
        .sent("H21.36", document)
        .deliveries
        .iter()
        .map(|page| page.changes.len())
        .collect();
    assert_eq!(asked, [1, 0]);
}

fn a_replacement_is_not_agreed_to_before_it_has_come(engine: Engine) {
    let (mut road, document, delivery) = Road::delivered(engine);
    let (by, new) = road.sent(&a_document().to(VPCP).number("16/UBND-VP"));
    let commune = road.hub("commune");
    commune
        .run(
            commune
                .hub
                .ask_change(&clerk(IADOM), document, ask("k", What::Replace(by))),
        )
        .unwrap();
    road.carry(delivery);
    let agree = |road: &Road| {
        let central = road.hub("central");
        let id = last(&central.received(VPCP, delivery).delivery).id;
        central.run(central.hub.agree_change(&clerk(VPCP), delivery, id))
    };
    let early = agree(&road);
    assert!(
        matches!(&early, Err(Error::Refused(Refusal::SuccessorMissing { number })) if number == "16/UBND-VP"),
        "{early:?}"
    );
    road.carry(new);
    agree(&road).unwrap();
    road.carry(delivery);
    let sent = road.hub("commune").delivery(IADOM, document);
    assert_eq!(
        stand(&sent),
        (Standing::Superseded(by), Some(State::Agreed))
    );
}

on_both_databases![
    an_agreed_replacement_marks_the_earlier_on_both_sides,
    what_was_superseded_is_kept_and_can_be_read,
    a_refused_replacement_leaves_the_earlier_in_force,
    a_document_does_not_replace_itself_nor_a_stranger,
    who_does_not_get_the_update_gives_the_earlier_back,
    a_replacement_touches_only_those_who_got_both,
    a_replacement_is_not_agreed_to_before_it_has_come,
];
