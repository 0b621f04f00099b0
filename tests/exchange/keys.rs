//! No key is used before the intent is recorded, and no use stays without an outcome, wherever the
//! hub dies.

use lienthong::store::Engine;

use crate::world::hub::{TestHub, clerk};
use crate::world::on_both_databases;
use crate::world::paper::{a_document, letter, sealed_by};
use crate::world::parcel::a_parcel;

const IAKLA: &str = "H21.36.22";

fn every_use_of_a_key_is_logged_and_done(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    hub.send(&a_document());
    let id = hub.arrived(IAKLA).delivery.row.id;
    hub.run(hub.hub.accept(&clerk(IAKLA), id)).unwrap();
    let log = "SELECT purpose || ' ' || outcome AS value FROM signings ORDER BY purpose";
    assert_eq!(
        hub.database.texts(log),
        [
            "agency done",
            "person done",
            "receipt done",
            "receipt done",
            "receipt done"
        ]
    );
}

fn the_log_names_the_key_and_who_acted(engine: Engine) {
    let hub = TestHub::new("commune", engine);
    hub.send(&a_document());
    let key = crate::world::registry::hub_key("commune");
    let sha256 = lienthong::keystore::Signer::certificate(&key).sha256();
    let by_hub = format!("signings WHERE purpose = 'receipt' AND key_sha256 = '{sha256}'");
    assert_eq!(hub.database.count(&by_hub), 2);
    let people = "SELECT DISTINCT actor AS value FROM signings WHERE purpose <> 'receipt'";
    assert_eq!(hub.database.texts(people), ["user:Văn thư H21.36.21"]);
}

fn a_key_used_for_a_conflict_has_an_outcome(engine: Engine) {
    let hub = TestHub::new("district", engine);
    hub.upload(&sealed_by("iadom"));
    hub.upload(&letter());
    let first = a_parcel(&sealed_by("iadom"));
    hub.take_over("commune", &first.body()).unwrap();
    let other = a_parcel(&letter()).with(|envelope| envelope.header.id = first.envelope.header.id);
    hub.take_over("commune", &other.body()).unwrap_err();
    assert_eq!(hub.database.count("signings WHERE outcome IS NULL"), 0);
    assert_eq!(
        hub.database
            .count("signings WHERE outcome LIKE 'not used: %'"),
        1
    );
}

#[cfg(feature = "failpoints")]
mod crashes {
    use lienthong::domain::delivery::HandlingState;
    use lienthong::store::Engine;

    use super::IAKLA;
    use crate::world::crash::Crash;
    use crate::world::hub::{TestHub, clerk};
    use crate::world::on_both_databases;
    use crate::world::paper::a_document;

    const OPEN: &str = "signings WHERE finished_at IS NULL";

    fn a_hub_that_dies_before_the_seal_acts_has_recorded_the_intent(engine: Engine) {
        let hub = TestHub::new("commune", engine);
        let crash = Crash::at("seal-before-key", &hub);
        hub.send(&a_document());
        drop(crash);
        assert_eq!(
            (hub.database.count(OPEN), hub.database.count("signings")),
            (1, 1)
        );
        assert_eq!(
            hub.database.count("documents WHERE stage = 'registered'"),
            1
        );
    }

    fn a_hub_that_dies_before_a_receipt_is_signed_has_recorded_the_intent(engine: Engine) {
        let hub = TestHub::new("commune", engine);
        let crash = Crash::at("receipt-before-key", &hub);
        hub.send(&a_document());
        drop(crash);
        let open = format!("{OPEN} AND purpose = 'receipt'");
        assert_eq!(
            (hub.database.count(&open), hub.database.count("evidence")),
            (1, 0)
        );
        assert_eq!(hub.database.count("deliveries"), 0);
    }

    /// Tries until the act is done, as a client and an outbox do; two minutes pass each time, so
    /// that no lease and no pause stands in the way.
    fn insist<T, E: std::fmt::Debug>(hub: &TestHub, mut act: impl FnMut() -> Result<T, E>) -> T {
        for _ in 0..4 {
            match act() {
                Ok(done) => return done,
                Err(_) => hub.clock.pass_seconds(120),
            }
        }
        act().unwrap()
    }

    /// A document handed in and accepted, whatever dies on the way.
    fn story(hub: &TestHub) {
        let paper = a_document();
        insist(hub, || hub.compose(&paper));
        let id = insist(hub, || {
            hub.settle();
            let rows = hub
                .run(hub.hub.incoming(&clerk(IAKLA), None))
                .map_err(|fault| fault.to_string())?;
            let row = rows.first().ok_or("nothing arrived")?;
            row.delivery.verdict.as_ref().ok_or("not judged")?;
            Ok::<_, String>(row.delivery.id)
        });
        insist(hub, || hub.run(hub.hub.accept(&clerk(IAKLA), id)));
        insist(hub, || {
            hub.settle();
            if hub.database.count("jobs") == 0 {
                Ok(())
            } else {
                Err("work is left")
            }
        });
    }

    /// What must be the same at the end, whatever died.
    #[track_caller]
    fn assert_one_effect(hub: &TestHub, at: &str) {
        let counts = [
            ("documents WHERE stage = 'dispatched'", 1),
            ("documents", 1),
            ("deliveries", 2),
            ("evidence", 3),
            ("reports", 1),
            ("mails WHERE state = 'sent'", 2),
            ("mails", 2),
            ("arrival_registers WHERE last_number = 1", 1),
        ];
        for (what, expected) in counts {
            assert_eq!(
                hub.database.count(what),
                expected,
                "{what} after a crash at {at}"
            );
        }
        let row = hub.arrived(IAKLA).delivery.row;
        assert_eq!(row.handling, HandlingState::Accepted, "{at}");
    }

    fn wherever_a_station_dies_there_is_one_effect(engine: Engine) {
        for point in [
            "compose-before-record",
            "seal-before-key",
            "seal-before-record",
            "dispatch-before-record",
            "receipt-before-key",
            "receipt-after-key",
            "verify-before-record",
            "acknowledge-before-record",
            "mail-before-record",
            "blob-before-rename",
            "blob-after-rename",
        ] {
            let hub = TestHub::new("commune", engine);
            // Alive for one call: the bytes of the hand-in are stored before the story begins.
            hub.upload(&a_document().bytes);
            let crash = Crash::once(point, &hub);
            story(&hub);
            assert!(crash.happened(), "{point} was never reached");
            drop(crash);
            assert_one_effect(&hub, point);
        }
    }

    fn wherever_a_transaction_dies_there_is_one_effect(engine: Engine) {
        for point in ["store-before-commit", "store-after-commit"] {
            for passes in 1.. {
                let hub = TestHub::new("commune", engine);
                hub.upload(&a_document().bytes);
                let crash = Crash::once_after(point, &hub, passes);
                story(&hub);
                let happened = crash.happened();
                drop(crash);
                assert_one_effect(&hub, &format!("{point}, pass {passes}"));
                if !happened {
                    assert!(passes > 10, "only {passes} transactions");
                    break;
                }
            }
        }
    }

    on_both_databases![
        a_hub_that_dies_before_the_seal_acts_has_recorded_the_intent,
        a_hub_that_dies_before_a_receipt_is_signed_has_recorded_the_intent,
        wherever_a_station_dies_there_is_one_effect,
        wherever_a_transaction_dies_there_is_one_effect,
    ];
}

on_both_databases![
    every_use_of_a_key_is_logged_and_done,
    the_log_names_the_key_and_who_acted,
    a_key_used_for_a_conflict_has_an_outcome,
];
