//! The road between real hubs: a neighbour that is away, and certificates that are not the pinned
//! ones.

use lienthong::store::Engine;
use serde_json::Value;

use crate::world::on_both_databases;
use crate::world::town::{Clerk, Town};

/// A letter of xã Ia Dom to huyện Đức Cơ, sent while the hub of the district is away.
fn sent_into_the_dark(engine: Engine) -> (Town, Clerk, Clerk, String, Value) {
    let mut town = Town::prepared(engine);
    let iadom = town.clerk("commune", "H21.36.21");
    let ducco = town.clerk("district", "H21.36");
    town.start("commune");
    let letter = town.send(
        &iadom,
        "15/UBND-VP",
        &["H21.36"],
        "cong-van-libreoffice.pdf",
    );
    let has_failed = |delivery: &Value| !delivery["waiting"]["reason"].is_null();
    let delivery = town.delivery_when(&iadom, &letter, has_failed);
    (town, iadom, ducco, letter, delivery)
}

fn a_document_for_a_hub_that_is_away_waits_with_the_reason_in_sight(engine: Engine) {
    let (_town, _iadom, _ducco, _letter, delivery) = sent_into_the_dark(engine);
    assert_eq!(
        (&delivery["transport"], &delivery["waiting"]["hub"]),
        (&"queued".into(), &"district".into())
    );
    let reason = delivery["waiting"]["reason"].as_str().unwrap();
    assert!(reason.to_lowercase().contains("connect"), "{reason}");
    assert!(delivery["waiting"]["attempts"].as_i64() >= Some(1));
}

fn a_document_that_waited_arrives_once_the_hub_is_back(engine: Engine) {
    let (mut town, iadom, ducco, letter, _delivery) = sent_into_the_dark(engine);
    town.start("district");
    let arrived = town.arrived(&ducco, "15/UBND-VP");
    assert_eq!(arrived["delivery"]["verdict"], "TOTAL-PASSED");
    let is_there = |delivery: &Value| delivery["transport"] == "consigned";
    let delivery = town.delivery_when(&iadom, &letter, is_there);
    assert!(delivery["waiting"].is_null());
}

fn a_document_survives_a_power_cut_of_its_own_hub(engine: Engine) {
    let (mut town, iadom, ducco, letter, _delivery) = sent_into_the_dark(engine);
    town.cut("commune");
    town.start("commune");
    town.start("district");
    town.arrived(&ducco, "15/UBND-VP");
    let is_there = |delivery: &Value| delivery["transport"] == "consigned";
    town.delivery_when(&iadom, &letter, is_there);
}

fn only_neighbours_get_through_the_door(engine: Engine) {
    let mut town = Town::prepared(engine);
    town.start("district");
    let answers =
        ["commune", "province", "central", "stranger"].map(|who| town.knock("district", who));
    // The blob asked for is not there; whoever is no neighbour gets no connection to ask.
    assert_eq!(answers, [Some(404), Some(404), None, None]);
}

fn a_hub_that_shows_another_certificate_than_the_pinned_one_is_not_believed(engine: Engine) {
    let mut town = Town::prepared(engine);
    town.start("district");
    let believed =
        ["district", "province", "stranger"].map(|pinned| town.is_known_as("district", pinned));
    assert_eq!(believed, [true, false, false]);
}

on_both_databases![
    a_document_for_a_hub_that_is_away_waits_with_the_reason_in_sight,
    a_document_that_waited_arrives_once_the_hub_is_back,
    a_document_survives_a_power_cut_of_its_own_hub,
    only_neighbours_get_through_the_door,
    a_hub_that_shows_another_certificate_than_the_pinned_one_is_not_believed,
];
