//! Bytes between hubs that are really running: what both sides keep when they disagree.

use lienthong::domain::ids::DeliveryId;
use lienthong::domain::routing::HubId;
use lienthong::net::{Identity, PinnedClient};
use lienthong::peer::{PeerClient, Unanswered};
use lienthong::store::rows::{mismatches, transfers};
use lienthong::store::{Engine, Store};

use crate::world::on_both_databases;
use crate::world::paper::letter;
use crate::world::parcel::{Parcel, a_parcel};
use crate::world::registry::{certs_bytes, hub};
use crate::world::town::Town;

/// A line to `to` for whoever holds the keys of `from`.
fn line(town: &Town, from: &str, to: &str) -> PeerClient {
    let (certificate, key) = (
        certs_bytes(&format!("hubs/{from}.tls.crt")),
        certs_bytes(&format!("hubs/{from}.tls.key")),
    );
    let identity = Identity {
        certificate: &certificate,
        key: &key,
    };
    let pinned = String::from_utf8(certs_bytes(&format!("hubs/{to}.tls.crt"))).unwrap();
    let url = format!("https://{}", town.config(to).server.peers);
    PeerClient::new(PinnedClient::new(&url, &identity, &[pinned]).unwrap())
}

fn store(town: &Town, hub: &str) -> Store {
    let config = town.config(hub);
    Store::open(&config.database.url, &config.blobs.folder).unwrap()
}

fn mismatches_kept(town: &Town, at: &str, with: &HubId, sent: &transfers::Transfer) -> i64 {
    store(town, at)
        .read(|tx| mismatches::count(tx, with, sent.id))
        .unwrap()
}

fn two_bodies_under_one_id_are_kept_by_both_sides_and_end_the_delivery(engine: Engine) {
    let mut town = Town::prepared(engine);
    let iadom = town.clerk("commune", "H21.36.21");
    town.start("commune");
    let pdf = "cong-van-libreoffice.pdf";
    let letter_id = town.send(&iadom, "15/UBND-VP", &["H21.36"], pdf);
    let waits = |delivery: &serde_json::Value| !delivery["waiting"]["reason"].is_null();
    let delivery = town.delivery_when(&iadom, &letter_id, waits);
    town.cut("commune");

    let id: DeliveryId = delivery["id"].as_str().unwrap().parse().unwrap();
    let sent = store(&town, "commune")
        .read(|tx| transfers::of_delivery(tx, id))
        .unwrap()
        .remove(0);
    let other = Parcel {
        id: sent.id,
        ..a_parcel(&letter())
    };
    town.start("district");
    let line = line(&town, "commune", "district");
    town.hand_over(&line, &letter(), &other.body()).unwrap();

    town.start("commune");
    let failed = |delivery: &serde_json::Value| delivery["transport"] == "failed";
    town.delivery_when(&iadom, &letter_id, failed);
    let kept = [("district", "commune"), ("commune", "district")]
        .map(|(at, with)| mismatches_kept(&town, at, &hub(with), &sent));
    assert_eq!(kept, [1, 1]);
}

fn a_body_under_a_used_id_is_answered_with_signed_evidence(engine: Engine) {
    let mut town = Town::prepared(engine);
    town.start("district");
    let line = line(&town, "commune", "district");
    let parcel = a_parcel(&letter());
    town.hand_over(&line, &letter(), &parcel.body()).unwrap();
    let other = Parcel {
        id: parcel.id,
        ..a_parcel(&letter())
    };
    let refused = town.hand_over(&line, &letter(), &other.body());
    assert!(
        matches!(refused, Err(Unanswered::Mismatch { .. })),
        "{refused:?}"
    );
}

on_both_databases![
    two_bodies_under_one_id_are_kept_by_both_sides_and_end_the_delivery,
    a_body_under_a_used_id_is_answered_with_signed_evidence,
];
