//! Which registries a hub believes, and what it does when its own is old.

use std::sync::Arc;

use lienthong::config::registry::snapshot::{SignedSnapshot, to_bytes};
use lienthong::domain::agency::AgencyCode;
use lienthong::domain::clock::SignedDuration;
use lienthong::domain::directory::Registry;
use lienthong::domain::refusal::Refusal;
use lienthong::domain::routing::HubId;
use lienthong::domain::snapshot::{Freshness, NotNext};
use lienthong::evidence::statement;
use lienthong::exchange::registry::Refused;
use lienthong::exchange::{Category, Error, Hub};
use lienthong::pki::certificate::read_certificates;
use lienthong::store::Engine;

use crate::world::hub::TestHub;
use crate::world::on_both_databases;
use crate::world::paper::{a_document, letter};
use crate::world::parcel::{a_parcel, hand_back, sign, states};
use crate::world::registry::{certs_bytes, hub, hub_key};
use crate::world::snapshots::{DAYS, a_hub, after, first, signed, signed_by, works_by};

const IADOM: &str = "H21.36.21";
const DAY: i64 = 24 * 3600;

fn renamed(registry: &mut Registry) {
    registry.agencies[0].name = "Tên mới".to_owned();
}

fn refused(hub: &TestHub, snapshot: &SignedSnapshot) -> Refused {
    let before = (
        hub.registry_number(),
        hub.database.count("registry_snapshots"),
    );
    let fault = hub.import(snapshot).unwrap_err();
    let after = (
        hub.registry_number(),
        hub.database.count("registry_snapshots"),
    );
    assert_eq!(before, after);
    let Error::Registry(refused) = fault else {
        panic!("{fault:?}")
    };
    refused
}

fn the_next_snapshot_is_in_force_without_a_restart(engine: Engine) {
    let (hub, first) = a_hub("commune", engine);
    assert_eq!(
        hub.import(&signed(Some(&first), 2, renamed)).unwrap(),
        Some(2)
    );
    assert_eq!(hub.registry_number(), Some(2));
    assert_eq!(hub.hub.directory().agencies()[0].name, "Tên mới");
}

fn the_same_snapshot_again_changes_nothing(engine: Engine) {
    let (hub, first) = a_hub("commune", engine);
    assert_eq!(hub.import(&first).unwrap(), None);
    assert_eq!(hub.database.count("registry_snapshots"), 1);
}

fn a_snapshot_by_another_key_is_refused(engine: Engine) {
    let (hub, first) = a_hub("commune", engine);
    let snapshot = after(Some(&first), 2, renamed);
    let other = signed_by(&hub_key("province"), to_bytes(&snapshot).unwrap());
    assert!(matches!(refused(&hub, &other), Refused::Signature(_)));
}

fn a_snapshot_with_a_changed_byte_is_refused(engine: Engine) {
    let (hub, first) = a_hub("commune", engine);
    let mut changed = signed(Some(&first), 2, renamed);
    let last = changed.bytes.len() - 2;
    changed.bytes[last] ^= 1;
    assert!(matches!(refused(&hub, &changed), Refused::Signature(_)));
}

fn an_older_snapshot_is_refused(engine: Engine) {
    let (hub, first) = a_hub("commune", engine);
    hub.import(&signed(Some(&first), 2, renamed)).unwrap();
    let refused = refused(&hub, &first);
    assert!(
        matches!(refused, Refused::Order(NotNext::Older { .. })),
        "{refused}"
    );
}

fn a_snapshot_that_skips_one_is_refused(engine: Engine) {
    let (hub, first) = a_hub("commune", engine);
    let refused = refused(&hub, &signed(Some(&first), 3, renamed));
    assert!(
        matches!(refused, Refused::Order(NotNext::Gap { .. })),
        "{refused}"
    );
}

fn a_snapshot_of_another_history_is_refused(engine: Engine) {
    let (hub, _first) = a_hub("commune", engine);
    let other = signed(None, 1, renamed);
    let refused = refused(&hub, &signed(Some(&other), 2, renamed));
    assert!(
        matches!(refused, Refused::Order(NotNext::WrongPrevious { .. })),
        "{refused}"
    );
}

fn a_snapshot_that_contradicts_itself_is_refused(engine: Engine) {
    let (hub, first) = a_hub("commune", engine);
    let twice = signed(Some(&first), 2, |registry| {
        let again = registry.agencies[0].clone();
        registry.agencies.push(again);
    });
    assert!(matches!(refused(&hub, &twice), Refused::Contradiction(_)));
}

fn a_second_snapshot_of_one_number_is_kept_as_evidence(engine: Engine) {
    let (hub, _first) = a_hub("commune", engine);
    let other = signed(None, 1, renamed);
    for _ in 0..2 {
        let refused = refused(&hub, &other);
        assert!(
            matches!(refused, Refused::Order(NotNext::SplitView { .. })),
            "{refused}"
        );
    }
    let (_, conflicts) = hub.run(hub.hub.registry_history()).unwrap();
    assert_eq!(conflicts, [other.sha256()]);
}

fn history_is_kept_byte_for_byte(engine: Engine) {
    let (hub, first) = a_hub("commune", engine);
    hub.import(&signed(Some(&first), 2, renamed)).unwrap();
    assert_eq!(hub.run(hub.hub.registry_snapshot(1)).unwrap(), first);
}

fn what_another_process_of_the_hub_took_in_is_seen(engine: Engine) {
    let (hub, first) = a_hub("commune", engine);
    let second = signed(Some(&first), 2, renamed);
    // As `lienthong agency import` does beside a running hub.
    let mut beside = crate::world::hub::parts("commune", &hub.database, Arc::clone(&hub.clock));
    works_by(&mut beside, &first);
    let beside = Hub::new(beside).unwrap();
    hub.run(beside.import_registry(second, "file".to_owned()))
        .unwrap();
    assert_eq!(hub.registry_number(), Some(1));
    assert!(hub.run(hub.hub.look_for_registry()).unwrap());
    assert_eq!(hub.registry_number(), Some(2));
}

fn receipts_bear_the_number_of_the_registry(engine: Engine) {
    let (hub, _first) = a_hub("commune", engine);
    let id = hub.send(&a_document());
    for receipt in hub.delivery(IADOM, id).receipts {
        let clerk = crate::world::hub::clerk(IADOM);
        let kept = hub.run(hub.hub.receipt(&clerk, receipt.id)).unwrap();
        let stated = statement::from_bytes(&kept.statement).unwrap();
        assert_eq!(stated.registry, Some(1), "{:?}", stated.event);
    }
}

fn a_withdrawn_neighbour_is_nobody_at_once(engine: Engine) {
    let (hub, first) = a_hub("district", engine);
    let shown = read_certificates(&certs_bytes("hubs/commune.tls.crt")).unwrap()[0].sha256();
    let commune: Option<HubId> = hub.hub.neighbour_showing(&shown);
    assert_eq!(commune, Some(crate::world::registry::hub("commune")));
    let withdrawn = signed(Some(&first), 2, |registry| {
        registry.hubs[3].tls_certificates.clear();
    });
    hub.import(&withdrawn).unwrap();
    assert_eq!(hub.hub.neighbour_showing(&shown), None);
}

fn an_expired_registry_is_worked_by_for_the_time_of_grace(engine: Engine) {
    let (hub, _first) = a_hub("commune", engine);
    hub.clock.pass_seconds(DAYS * DAY + 1);
    assert_eq!(hub.hub.registry_standing().freshness, Freshness::Grace);
    hub.compose(&a_document()).unwrap();
}

fn after_the_time_of_grace_nothing_new_is_sent(engine: Engine) {
    let (hub, _first) = a_hub("commune", engine);
    hub.clock.pass_seconds((DAYS + 2) * DAY + 1);
    let fault = hub.compose(&a_document()).unwrap_err();
    let refused = fault.category();
    assert!(
        matches!(
            refused,
            Category::Refused(Refusal::RegistryExpired { number: 1, .. })
        ),
        "{refused:?}"
    );
}

fn after_the_time_of_grace_a_neighbour_is_asked_to_come_again(engine: Engine) {
    let (district, _first) = a_hub("district", engine);
    district.upload(&letter());
    district.clock.pass_seconds((DAYS + 2) * DAY + 1);
    let fault = district
        .take_over("commune", &a_parcel(&letter()).body())
        .unwrap_err();
    assert_eq!(fault.category(), Category::Later);
}

fn after_the_time_of_grace_receipts_are_still_taken(engine: Engine) {
    use lienthong::domain::receipt::Event;
    let (district, _first) = a_hub("district", engine);
    district.upload(&letter());
    let parcel = a_parcel(&letter()).with(|envelope| {
        envelope.recipient = crate::world::parcel::party("G22");
    });
    district.take_over("commune", &parcel.body()).unwrap();
    district.clock.pass_seconds((DAYS + 2) * DAY + 1);
    let road = ["commune", "district", "province", "central"];
    let stated = states("central", Event::Acceptance, &parcel.envelope, &road);
    let receipt = hand_back(&sign(&stated, "central"));
    district.take_back("province", &receipt).unwrap();
}

fn what_was_routed_by_a_newer_registry_waits_for_it(engine: Engine) {
    let (district, first) = a_hub("district", engine);
    district.upload(&letter());
    let mut parcel = a_parcel(&letter());
    parcel.submission.registry = Some(2);
    let fault = district.take_over("commune", &parcel.body()).unwrap_err();
    assert_eq!(fault.category(), Category::Later, "{fault}");
    district.import(&signed(Some(&first), 2, renamed)).unwrap();
    district.take_over("commune", &parcel.body()).unwrap();
}

fn a_hub_that_was_stopped_begins_with_the_newest_of_its_record(engine: Engine) {
    let (hub, first) = a_hub("commune", engine);
    hub.import(&signed(Some(&first), 2, renamed)).unwrap();
    let mut again = crate::world::hub::parts("commune", &hub.database, Arc::clone(&hub.clock));
    works_by(&mut again, &first);
    assert_eq!(again.registry.head.map(|head| head.number), Some(2));
}

fn an_agency_that_closed_sends_nothing_new(engine: Engine) {
    let closing = signed(None, 1, |registry| {
        let code = AgencyCode::parse(IADOM).unwrap();
        let agency = registry.agencies.iter_mut().find(|one| one.code == code);
        agency.unwrap().valid.to = Some("2025-06-30".parse().unwrap());
    });
    let hub = TestHub::with("commune", engine, |parts| works_by(parts, &closing));
    hub.clock.pass_seconds(DAY);
    let refused = hub.compose(&a_document()).unwrap_err().category();
    assert!(
        matches!(refused, Category::Refused(Refusal::SenderClosed { .. })),
        "{refused:?}"
    );
}

fn a_snapshot_of_the_future_is_refused(engine: Engine) {
    let (hub, first) = a_hub("commune", engine);
    let mut snapshot = after(Some(&first), 2, renamed);
    snapshot.issued_at += SignedDuration::from_hours(1);
    let early = signed_by(
        &crate::world::snapshots::centre(),
        to_bytes(&snapshot).unwrap(),
    );
    let refused = refused(&hub, &early);
    assert!(
        matches!(refused, Refused::Order(NotNext::NotYetIssued { .. })),
        "{refused}"
    );
}

fn a_hub_without_a_pinned_certificate_believes_no_snapshot(engine: Engine) {
    let plain = TestHub::new("commune", engine);
    assert_eq!(refused(&plain, &first()), Refused::NotSigned);
    assert!(plain.hub.directory().hub(&hub("commune")).is_some());
}

on_both_databases![
    the_next_snapshot_is_in_force_without_a_restart,
    the_same_snapshot_again_changes_nothing,
    a_snapshot_by_another_key_is_refused,
    a_snapshot_with_a_changed_byte_is_refused,
    an_older_snapshot_is_refused,
    a_snapshot_that_skips_one_is_refused,
    a_snapshot_of_another_history_is_refused,
    a_snapshot_that_contradicts_itself_is_refused,
    a_second_snapshot_of_one_number_is_kept_as_evidence,
    history_is_kept_byte_for_byte,
    what_another_process_of_the_hub_took_in_is_seen,
    receipts_bear_the_number_of_the_registry,
    a_withdrawn_neighbour_is_nobody_at_once,
    an_expired_registry_is_worked_by_for_the_time_of_grace,
    after_the_time_of_grace_nothing_new_is_sent,
    after_the_time_of_grace_a_neighbour_is_asked_to_come_again,
    after_the_time_of_grace_receipts_are_still_taken,
    what_was_routed_by_a_newer_registry_waits_for_it,
    a_hub_that_was_stopped_begins_with_the_newest_of_its_record,
    an_agency_that_closed_sends_nothing_new,
    a_snapshot_of_the_future_is_refused,
    a_hub_without_a_pinned_certificate_believes_no_snapshot,
];
