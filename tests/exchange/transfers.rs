//! Bytes between hubs that are really running: what both sides keep when they disagree, and what a line
//! that breaks again and again costs.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lienthong::domain::delivery::TransportState;
use lienthong::domain::ids::DeliveryId;
use lienthong::domain::routing::HubId;
use lienthong::net::{Identity, PinnedClient};
use lienthong::peer::{PeerClient, Unanswered};
use lienthong::store::rows::{mismatches, transfers};
use lienthong::store::{Engine, Store};

use crate::world::hub::TestHub;
use crate::world::on_both_databases;
use crate::world::paper::{a_document, letter};
use crate::world::parcel::{Parcel, a_parcel};
use crate::world::registry::{certs_bytes, hub};
use crate::world::town::Town;

/// A line to `to` for whoever holds the keys of `from`.
fn line(town: &Town, from: &str, to: &str) -> PeerClient {
    line_over(town.config(to).server.peers, from, to)
}

/// The same by another address.
fn line_over(address: SocketAddr, from: &str, to: &str) -> PeerClient {
    let (certificate, key) = (
        certs_bytes(&format!("hubs/{from}.tls.crt")),
        certs_bytes(&format!("hubs/{from}.tls.key")),
    );
    let identity = Identity {
        certificate: &certificate,
        key: &key,
    };
    let pinned = String::from_utf8(certs_bytes(&format!("hubs/{to}.tls.crt"))).unwrap();
    let url = format!("https://{address}");
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

/// Bytes of the large letter, and how often its line breaks.
const LARGE: usize = 20_000_000;
const CUTS: u64 = 20;

/// A page, and a long stream that nobody reads beside it.
fn large_letter() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/Attached 4 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>".to_owned(),
        format!(
            "<</Length {LARGE}>>\nstream\n{}\nendstream",
            "x".repeat(LARGE)
        ),
    ];
    let (mut file, mut table) = ("%PDF-1.7\n".to_owned(), String::new());
    for (number, object) in (1..).zip(objects) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{number} 0 obj\n{object}\nendobj\n"));
    }
    let start = file.len();
    file.push_str(&format!(
        "xref\n0 5\n0000000000 65535 f \n{table}trailer\n<</Root 1 0 R/Size 5>>\nstartxref\n{start}\n\
         %%EOF\n"
    ));
    file.into_bytes()
}

/// A line that breaks [`CUTS`] times, each time after the same share of the large letter; counts the
/// bytes that went toward the hub.
fn breaking_line(to: SocketAddr) -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let passed = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&passed);
    let cuts = Arc::new(AtomicU64::new(0));
    std::thread::spawn(move || {
        for caller in listener.incoming() {
            let (caller, hub) = (caller.unwrap(), TcpStream::connect(to).unwrap());
            let back = (hub.try_clone().unwrap(), caller.try_clone().unwrap());
            let (counted, cuts) = (Arc::clone(&counted), Arc::clone(&cuts));
            std::thread::spawn(move || pass(caller, hub, |count| breaks(&counted, &cuts, count)));
            std::thread::spawn(move || pass(back.0, back.1, |_| false));
        }
    });
    (address, passed)
}

fn breaks(passed: &AtomicU64, cuts: &AtomicU64, count: u64) -> bool {
    let share = u64::try_from(LARGE).unwrap() / (CUTS + 1);
    let passed = passed.fetch_add(count, Ordering::SeqCst) + count;
    let done = cuts.load(Ordering::SeqCst);
    let is_due = done < CUTS && passed > share * (done + 1);
    if is_due {
        cuts.fetch_add(1, Ordering::SeqCst);
    }
    is_due
}

/// Passes bytes on until the end or until `breaks` says so; then both ends hear it.
fn pass(mut from: TcpStream, mut to: TcpStream, breaks: impl Fn(u64) -> bool) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let count = from.read(&mut buffer).unwrap_or(0);
        if count == 0 || to.write_all(&buffer[..count]).is_err() {
            break;
        }
        if breaks(count.try_into().unwrap()) {
            break;
        }
    }
    for end in [from, to] {
        // Whoever closed it before has done our work.
        drop(end.shutdown(Shutdown::Both));
    }
}

fn a_line_that_breaks_twenty_times_costs_less_than_a_piece_each_time(engine: Engine) {
    let mut town = Town::prepared(engine);
    town.start("district");
    let (address, passed) = breaking_line(town.config("district").server.peers);
    let commune = TestHub::with("commune", engine, |parts| {
        parts.largest_bytes = 100 << 20;
        let line = line_over(address, "commune", "district");
        parts.lines = Box::new(move |near| Ok((near.id == hub("district")).then(|| line.clone())));
    });
    let mut paper = a_document().to("H21.36");
    paper.bytes = large_letter();
    let id = commune.send(&paper);
    let delivery = commune.delivery("H21.36.21", id);
    assert_eq!(delivery.row.transport, TransportState::Consigned);
    let (sent, whole) = (
        passed.load(Ordering::SeqCst),
        u64::try_from(paper.bytes.len()).unwrap(),
    );
    // A piece of a document this small is one MiB; the rest is TLS and what is said around the bytes.
    assert!(sent > whole, "{sent}");
    assert!(sent < whole + CUTS * (1 << 20) + whole / 50, "{sent}");
}

on_both_databases![
    a_line_that_breaks_twenty_times_costs_less_than_a_piece_each_time,
    two_bodies_under_one_id_are_kept_by_both_sides_and_end_the_delivery,
    a_body_under_a_used_id_is_answered_with_signed_evidence,
];
