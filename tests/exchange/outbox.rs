//! What stays in the outbox: who may decide about it, what the sender sees, what ends by itself, and
//! a line that is interrupted.

use lienthong::domain::clock::SignedDuration;
use lienthong::domain::delivery::TransportState;
use lienthong::domain::document::Urgency;
use lienthong::domain::ids::{DeliveryId, DocumentId, JobId};
use lienthong::domain::receipt::Event;
use lienthong::domain::refusal::Refusal;
use lienthong::exchange::Error;
use lienthong::exchange::queue::Act;
use lienthong::net::{Identity, PinnedClient};
use lienthong::peer::PeerClient;
use lienthong::store;
use lienthong::store::Engine;
use lienthong::store::rows::jobs::{self, Why};

use crate::network::program;
use crate::world::database::Database;
use crate::world::hub::{TestHub, auditor, clerk};
use crate::world::on_both_databases;
use crate::world::paper::a_document;
use crate::world::registry::{certs_bytes, hub};
use crate::world::town::Town;

const DUCCO: &str = "H21.36";

/// A letter of huyện Đức Cơ to Văn phòng Chính phủ that waits, because there is no line to the next hub.
struct Waits {
    district: TestHub,
    document: DocumentId,
    delivery: DeliveryId,
    job: JobId,
}

impl Waits {
    fn on(engine: Engine) -> Self {
        let district = TestHub::new("district", engine);
        let document = district.send(&a_document().from(DUCCO).to("G22"));
        district.clock.pass_seconds(1);
        let delivery = district.delivery(DUCCO, document).row.id;
        let query = "SELECT id AS value FROM jobs WHERE kind = 'transfer'";
        let job = district.database.texts(query)[0].parse().unwrap();
        Self {
            district,
            document,
            delivery,
            job,
        }
    }

    /// The same, refused by the neighbour and set aside until `seconds` from now.
    fn set_aside(engine: Engine, seconds: i64) -> Self {
        let waits = Self::on(engine);
        let now = waits.district.hub.now();
        let until = now.checked_add(SignedDuration::from_secs(60)).unwrap();
        let ends = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
        let parked: Result<(), store::Error> = waits.district.database.store().write(|tx| {
            let job = jobs::take(tx, waits.job, now, until)?.unwrap();
            jobs::park(tx, &job, (Why::Refused, "422 not for us"), now, Some(ends))
        });
        parked.unwrap();
        waits
    }

    fn decide(&self, act: Act, reason: &str) -> Result<(), Error> {
        let hub = &self.district.hub;
        self.district
            .run(hub.decide("Trực ban", self.job, act, reason.to_owned()))
    }

    fn decide_as_clerk(&self, code: &str, act: Act) -> Result<(), Error> {
        let hub = &self.district.hub;
        let clerk = clerk(code);
        let decided = hub.decide_delivery(&clerk, self.delivery, act, "gửi nhầm".to_owned());
        self.district.run(decided)
    }

    fn acts(&self, act: &str) -> Vec<String> {
        let query = format!("SELECT actor || '|' || detail AS value FROM acts WHERE act = '{act}'");
        self.district.database.texts(&query)
    }
}

fn abandoning_ends_the_delivery_with_a_signed_receipt_that_says_who_and_why(engine: Engine) {
    let waits = Waits::set_aside(engine, 3_600);
    waits.decide_as_clerk(DUCCO, Act::Abandon).unwrap();
    let page = waits.district.delivery(DUCCO, waits.document);
    let last = page.receipts.last().unwrap();
    assert_eq!(
        (page.row.transport, last.event, page.waiting.is_none()),
        (TransportState::Failed, Event::Failure, true)
    );
    assert_eq!(last.actor.as_deref(), Some("user:Văn thư H21.36"));
    assert!(last.reason.as_ref().unwrap().text.ends_with("gửi nhầm"));
    assert_eq!(waits.acts("abandoned"), ["user:Văn thư H21.36|gửi nhầm"]);
}

fn what_was_abandoned_can_not_be_abandoned_again(engine: Engine) {
    let waits = Waits::on(engine);
    waits.decide(Act::Abandon, "không gửi nữa").unwrap();
    let before = waits.district.database.census();
    let again = waits.decide(Act::Abandon, "không gửi nữa");
    assert!(matches!(again, Err(Error::NotFound(_))), "{again:?}");
    assert_eq!(waits.district.database.census(), before);
}

fn nobody_decides_about_what_another_agency_sent(engine: Engine) {
    let waits = Waits::set_aside(engine, 3_600);
    let before = waits.district.database.census();
    let stranger = waits.decide_as_clerk("H21.36.1", Act::Abandon);
    assert!(matches!(stranger, Err(Error::NotFound(_))), "{stranger:?}");
    let hub = &waits.district.hub;
    let auditor = auditor(DUCCO);
    let act = hub.decide_delivery(&auditor, waits.delivery, Act::Retry, "x".to_owned());
    let reader = waits.district.run(act);
    assert!(matches!(reader, Err(Error::NotAllowed(_))), "{reader:?}");
    assert_eq!(waits.district.database.census(), before);
}

fn every_decision_needs_a_reason(engine: Engine) {
    let waits = Waits::set_aside(engine, 3_600);
    let before = waits.district.database.census();
    for act in [Act::Retry, Act::Reroute(None), Act::Abandon] {
        let refused = waits.decide(act, "  ");
        let is_missing = matches!(refused, Err(Error::Refused(Refusal::ReasonMissing)));
        assert!(is_missing, "{refused:?}");
    }
    assert_eq!(waits.district.database.census(), before);
}

fn what_was_set_aside_shows_since_when_and_why(engine: Engine) {
    let waits = Waits::set_aside(engine, 3_600);
    let now = waits.district.hub.now();
    let waiting = waits.district.delivery(DUCCO, waits.document).waiting;
    let waiting = waiting.unwrap();
    assert_eq!(waiting.set_aside, Some(now));
    assert_eq!(waiting.reason.as_deref(), Some("422 not for us"));
    assert_eq!(
        waiting.ends,
        Some(now.checked_add(SignedDuration::from_secs(3_600)).unwrap())
    );
}

fn what_is_tried_again_is_due_at_once_and_has_its_full_time(engine: Engine) {
    let waits = Waits::set_aside(engine, 60);
    waits.decide(Act::Retry, "trạm đã sửa").unwrap();
    assert_eq!(waits.acts("retried"), ["operator:Trực ban|trạm đã sửa"]);
    assert_eq!(waits.district.due(), 1);
    waits.district.clock.pass_seconds(61);
    waits.district.settle();
    let page = waits.district.delivery(DUCCO, waits.document);
    let waiting = page.waiting.unwrap();
    assert_eq!((waiting.set_aside, waiting.attempts >= 3), (None, true));
}

fn what_nobody_decides_about_ends_at_its_time(engine: Engine) {
    let waits = Waits::set_aside(engine, 60);
    waits.district.clock.pass_seconds(61);
    waits.district.work_until("the delivery to end", || {
        let page = waits.district.delivery(DUCCO, waits.document);
        (page.row.transport == TransportState::Failed).then_some(())
    });
    let page = waits.district.delivery(DUCCO, waits.document);
    let reason = page.row.reason.unwrap().text;
    assert!(reason.ends_with("422 not for us"), "{reason}");
    assert_eq!(
        waits
            .district
            .database
            .count("jobs WHERE kind = 'transfer'"),
        0
    );
}

fn what_receipts_prove_to_have_gone_further_does_not_fail(engine: Engine) {
    let waits = Waits::on(engine);
    let further = TransportState::Relayed { hop: 1 }.rank();
    waits.district.database.execute(&format!(
        "UPDATE deliveries SET transport_rank = {further} WHERE role = 'origin'"
    ));
    waits.decide(Act::Abandon, "đợi lâu quá").unwrap();
    let page = waits.district.delivery(DUCCO, waits.document);
    assert_eq!(page.row.transport, TransportState::Relayed { hop: 1 });
    assert!(page.receipts.iter().all(|one| one.event != Event::Failure));
}

fn a_document_is_only_rerouted_where_the_registry_shows_another_road(engine: Engine) {
    let waits = Waits::on(engine);
    let before = waits.district.database.census();
    for to in [None, Some(hub("commune"))] {
        let refused = waits.decide(Act::Reroute(to), "đường khác");
        let has_none = matches!(refused, Err(Error::Refused(Refusal::NoOtherRoute { .. })));
        assert!(has_none, "{refused:?}");
    }
    assert_eq!(waits.district.database.census(), before);
}

fn a_rerouted_document_is_the_same_delivery_in_a_new_act(engine: Engine) {
    let waits = Waits::on(engine);
    // As if the registry had shown another road when it was sent.
    let database = &waits.district.database;
    database.execute("UPDATE transfers SET to_hub = 'commune'");
    database.execute("UPDATE jobs SET peer = 'commune' WHERE kind = 'transfer'");
    waits.decide(Act::Reroute(None), "danh bạ mới").unwrap();
    let hub = &waits.district.hub;
    let sent = waits
        .district
        .run(hub.sent_requests(waits.delivery))
        .unwrap();
    let roads: Vec<&str> = sent.iter().map(|(_, to, _)| to.as_str()).collect();
    assert_eq!(roads, ["commune", "province"]);
    assert_ne!(sent[0].0, sent[1].0);
    assert_eq!(
        waits.acts("rerouted"),
        ["operator:Trực ban|commune → province: danh bạ mới"]
    );
    assert_eq!(database.count("jobs WHERE peer = 'province'"), 1);
    assert_eq!(database.count("jobs WHERE peer = 'commune'"), 0);
}

fn nobody_decides_about_what_a_worker_has_in_hand(engine: Engine) {
    let waits = Waits::on(engine);
    let now = waits.district.hub.now();
    let until = now.checked_add(SignedDuration::from_secs(60)).unwrap();
    let taken: Result<_, store::Error> = waits
        .district
        .database
        .store()
        .write(|tx| jobs::take(tx, waits.job, now, until));
    assert!(taken.unwrap().is_some());
    let refused = waits.decide(Act::Retry, "ngay");
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
}

/// A hub whose line to the province leads to a door where nobody is.
fn with_a_dead_line(engine: Engine) -> TestHub {
    TestHub::with("district", engine, |parts| {
        let identity = Identity {
            certificate: &certs_bytes("hubs/district.tls.crt"),
            key: &certs_bytes("hubs/district.tls.key"),
        };
        let pinned = String::from_utf8(certs_bytes("hubs/province.tls.crt")).unwrap();
        let nobody = "https://127.0.0.1:1";
        let client = PinnedClient::new(nobody, &identity, &[pinned]).unwrap();
        parts.lines = Box::new(move |near| {
            let is_it = near.id == hub("province");
            Ok(is_it.then(|| PeerClient::new(client.clone())))
        });
        parts.outbox.break_after = 3;
    })
}

fn a_dead_line_is_interrupted_and_everything_else_goes_on(engine: Engine) {
    let district = with_a_dead_line(engine);
    for number in 1..=8 {
        let paper = a_document().from(DUCCO).to("G22");
        let paper = paper
            .number(&format!("{number}/UBND"))
            .key(&format!("{number}"));
        district.compose(&paper).unwrap();
    }
    let open = "links WHERE target = 'province' AND failures >= 3";
    district.work_until("the line to be interrupted", || {
        (district.database.count(open) == 1).then_some(())
    });
    let near = a_document().from(DUCCO).to("H21.36.1");
    let near = district.compose(&near.number("9/UBND").key("9")).unwrap();
    district.work_until("a letter in the house to arrive", || {
        let page = district.sent(DUCCO, near).deliveries.pop()?;
        (page.row.transport == TransportState::Consigned).then_some(())
    });
    let far = district
        .database
        .count("deliveries WHERE role = 'origin' AND transport_rank = 200");
    assert_eq!(far, 8);
}

fn an_interrupted_line_is_shown_with_its_reason(engine: Engine) {
    let district = with_a_dead_line(engine);
    for number in 1..=4 {
        let paper = a_document().from(DUCCO).to("G22");
        let paper = paper
            .number(&format!("{number}/UBND"))
            .key(&format!("{number}"));
        district.compose(&paper).unwrap();
    }
    district.work_until("the line to be interrupted", || {
        let seen = district.run(district.hub.queue(None)).unwrap();
        let trouble = seen.troubles.into_iter().next()?;
        (trouble.link.failures >= seen.break_after && !trouble.reason.is_empty()).then_some(())
    });
}

fn what_waits_too_long_for_an_interrupted_line_ends_although_nobody_tries_it(engine: Engine) {
    let district = with_a_dead_line(engine);
    let document = district
        .compose(&a_document().from(DUCCO).to("G22"))
        .unwrap();
    district.work_until("the letter to wait", || {
        let waiting = "jobs WHERE kind = 'transfer' AND failures > 0";
        (district.database.count(waiting) == 1).then_some(())
    });
    let far = district.hub.now().as_microsecond() + 86_400_000_000;
    district.database.execute(&format!(
        "UPDATE links SET failures = 9, retry_at = {far} WHERE target = 'province'"
    ));
    district.clock.pass_seconds(3_601);
    district.work_until("the delivery to end", || {
        let page = district.delivery(DUCCO, document);
        (page.row.transport == TransportState::Failed).then_some(())
    });
}

fn an_urgent_document_goes_in_the_urgent_lane_and_ends_sooner(engine: Engine) {
    let district = TestHub::new("district", engine);
    let draft = lienthong::exchange::compose::Draft {
        urgency: Urgency::Flash,
        ..district.draft(&a_document().from(DUCCO).to("G22"))
    };
    district
        .run(district.hub.compose(&clerk(DUCCO), draft))
        .unwrap();
    district.settle();
    let lane = "jobs WHERE kind = 'transfer' AND lane = 0 AND give_up_at - created_at = 1800000000";
    assert_eq!(district.database.count(lane), 1);
}

fn an_operator_sees_and_ends_what_waits_beside_the_running_hub(engine: Engine) {
    let mut town = Town::prepared(engine);
    let iadom = town.clerk("commune", "H21.36.21");
    town.start("commune");
    let letter = town.send(&iadom, "15/UBND-VP", &[DUCCO], "cong-van-libreoffice.pdf");
    town.delivery_when(&iadom, &letter, |delivery| {
        !delivery["waiting"]["reason"].is_null()
    });
    let (_, listed) = town.queue("commune", &["list", "--json"]);
    assert_eq!(listed["schema"], "lienthong.queue/1");
    let job = &listed["failing"][0];
    assert_eq!(
        (&job["target"], &job["lane"]),
        (&"district".into(), &"normal".into())
    );
    let id = job["id"].as_str().unwrap();
    let (_, shown) = town.queue("commune", &["show", id, "--json"]);
    assert_eq!(shown["document"], letter.as_str());
    let decision = [
        "abandon",
        id,
        "--by",
        "Trực ban",
        "--reason",
        "không gửi nữa",
        "--json",
    ];
    let done = town.until("nobody else to have the job", |town| {
        let (code, said) = town.queue("commune", &decision);
        (code == Some(0)).then_some(said)
    });
    assert_eq!(done["done"], true);
    let ended = town.delivery_when(&iadom, &letter, |one| one["transport"] == "failed");
    let text = ended["reason"]["text"].as_str().unwrap();
    assert!(text.ends_with("không gửi nữa"), "{text}");
}

fn a_rehearsed_outbox_is_measured_in_one_line(engine: Engine) {
    let database = Database::fresh(engine);
    let output = program()
        .args(["bench", "queue", "--rows", "3000", "--peers", "60"])
        .args(["--seconds", "1", "--json", "--database", database.url()])
        .arg("--folder")
        .arg(database.folder().join("blobs"))
        .output()
        .unwrap();
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&said["what"], &said["errors"]),
        (&"queue".into(), &0.into())
    );
    let is_some = |field: &str| said[field].as_f64() > Some(0.0);
    assert!(
        is_some("rate_per_second") && is_some("urgent_p99_ms"),
        "{said}"
    );
}

fn work_that_is_real_is_never_rehearsed_on(engine: Engine) {
    let waits = Waits::on(engine);
    let output = program()
        .args(["bench", "queue", "--rows", "10", "--json", "--database"])
        .arg(waits.district.database.url())
        .arg("--folder")
        .arg(waits.district.database.folder().join("other"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(6));
    assert_eq!(waits.district.database.count("jobs"), 1);
}

on_both_databases![
    a_rehearsed_outbox_is_measured_in_one_line,
    work_that_is_real_is_never_rehearsed_on,
    abandoning_ends_the_delivery_with_a_signed_receipt_that_says_who_and_why,
    what_was_abandoned_can_not_be_abandoned_again,
    nobody_decides_about_what_another_agency_sent,
    every_decision_needs_a_reason,
    what_was_set_aside_shows_since_when_and_why,
    what_is_tried_again_is_due_at_once_and_has_its_full_time,
    what_nobody_decides_about_ends_at_its_time,
    what_receipts_prove_to_have_gone_further_does_not_fail,
    a_document_is_only_rerouted_where_the_registry_shows_another_road,
    a_rerouted_document_is_the_same_delivery_in_a_new_act,
    nobody_decides_about_what_a_worker_has_in_hand,
    a_dead_line_is_interrupted_and_everything_else_goes_on,
    an_interrupted_line_is_shown_with_its_reason,
    what_waits_too_long_for_an_interrupted_line_ends_although_nobody_tries_it,
    an_urgent_document_goes_in_the_urgent_lane_and_ends_sooner,
    an_operator_sees_and_ends_what_waits_beside_the_running_hub,
];
