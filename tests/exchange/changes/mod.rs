//! Taking back, updating, replacing: what is asked, who decides, and what both sides hold afterwards.

use std::collections::HashSet;

use lienthong::domain::change::{Standing, State};
use lienthong::domain::ids::{DeliveryId, DocumentId, EvidenceId, TransferId};
use lienthong::exchange::Error;
use lienthong::exchange::change::ask::{Ask, What};
use lienthong::exchange::inquiry::DeliveryPage;
use lienthong::peer::protocol::{Transfer, answer_from_bytes};
use lienthong::store::Engine;
use lienthong::store::rows::changes::Change;

use crate::world::hub::{TestHub, clerk};
use crate::world::paper::{Paper, a_document};
use crate::world::parcel::hand_back;

mod forged;
mod local;
mod races;
mod road;
mod succession;

const IADOM: &str = "H21.36.21";
const IAKLA: &str = "H21.36.22";
const VPCP: &str = "G22";

/// What a clerk asks, under a key of its own.
fn ask(key: &str, what: What) -> Ask {
    Ask {
        key: key.to_owned(),
        what,
        reason: "Sai thẩm quyền ký".to_owned(),
        recipients: Vec::new(),
    }
}

/// A clerk of `from` asks to have a document back.
fn recall(hub: &TestHub, from: &str, id: DocumentId, key: &str) -> Result<(), Error> {
    hub.clock.pass_seconds(1);
    hub.run(hub.hub.ask_change(&clerk(from), id, ask(key, What::Recall)))
}

/// Where a delivery and its last request stand.
fn stand(page: &DeliveryPage) -> (Standing, Option<State>) {
    let last = page.changes.last();
    (page.row.standing, last.map(|last| last.state))
}

/// The last request about a delivery.
#[track_caller]
fn last(page: &DeliveryPage) -> Change {
    page.changes.last().expect("something was asked").clone()
}

/// A letter of xã Ia Dom in the mailbox of xã Ia Kla, both on one hub.
struct Delivered {
    hub: TestHub,
    document: DocumentId,
    delivery: DeliveryId,
}

impl Delivered {
    fn new(engine: Engine) -> Self {
        let hub = TestHub::new("commune", engine);
        let document = hub.send(&a_document());
        let delivery = hub.arrived(IAKLA).delivery.row.id;
        Self {
            hub,
            document,
            delivery,
        }
    }

    fn opened(engine: Engine) -> Self {
        let delivered = Self::new(engine);
        delivered.open().unwrap();
        delivered
    }

    fn open(&self) -> Result<(), Error> {
        let clerk = clerk(IAKLA);
        self.hub
            .run(self.hub.hub.open_received(&clerk, self.delivery))
    }

    fn recall(&self, key: &str) -> Result<(), Error> {
        recall(&self.hub, IADOM, self.document, key)
    }

    fn sent(&self) -> DeliveryPage {
        self.hub.delivery(IADOM, self.document)
    }

    fn got(&self) -> DeliveryPage {
        self.hub.received(IAKLA, self.delivery).delivery
    }

    fn asked(&self) -> EvidenceId {
        last(&self.got()).id
    }

    fn agree(&self) -> Result<(), Error> {
        let (clerk, id) = (clerk(IAKLA), self.asked());
        self.hub
            .run(self.hub.hub.agree_change(&clerk, self.delivery, id))
    }

    fn refuse(&self, reason: &str) -> Result<(), Error> {
        let (clerk, id) = (clerk(IAKLA), self.asked());
        let refused = self
            .hub
            .hub
            .refuse_change(&clerk, self.delivery, id, reason);
        self.hub.run(refused)
    }

    /// Both sides must stand so.
    #[track_caller]
    fn assert_both(&self, standing: Standing, state: State) {
        assert_eq!(stand(&self.sent()), (standing, Some(state)), "sender");
        assert_eq!(stand(&self.got()), (standing, Some(state)), "recipient");
    }
}

/// Hubs without a network: the test carries what they have for each other.
struct Road {
    hubs: Vec<(&'static str, TestHub)>,
    carried: HashSet<TransferId>,
}

impl Road {
    /// The four hubs from the commune to the centre.
    fn new(engine: Engine) -> Self {
        let names = ["commune", "district", "province", "central"];
        let hubs = names.map(|name| (name, TestHub::new(name, engine)));
        Self {
            hubs: hubs.into_iter().collect(),
            carried: HashSet::new(),
        }
    }

    fn hub(&self, name: &str) -> &TestHub {
        let mut hubs = self.hubs.iter();
        &hubs.find(|(known, _)| *known == name).unwrap().1
    }

    /// What hubs have for their neighbours about a delivery and was not carried yet.
    fn waiting(&self, id: DeliveryId) -> Vec<(&'static str, String, TransferId, Vec<u8>)> {
        let mut found = Vec::new();
        for (name, hub) in &self.hubs {
            for (transfer, to, body) in hub.run(hub.hub.sent_requests(id)).unwrap() {
                if !self.carried.contains(&transfer) {
                    found.push((*name, to.to_string(), transfer, body));
                }
            }
        }
        found
    }

    /// Carries one message; of a document the neighbour's receipt comes back at once.
    fn hand(&self, from: &str, to: &str, body: &[u8]) -> Result<(), Error> {
        let (giver, taker) = (self.hub(from), self.hub(to));
        let Ok(transfer) = Transfer::from_bytes(body) else {
            return taker.take_back(from, body).map(|_| ());
        };
        let envelope = lienthong::peer::envelope::Envelope::from_bytes(&transfer.envelope).unwrap();
        let (_, blob) = self.document(&envelope);
        taker.upload(&blob);
        let answer = taker.take_over(from, body)?;
        let receipt = answer_from_bytes(&answer.body).unwrap().unwrap();
        giver.take_back(to, &hand_back(&receipt)).map(|_| ())
    }

    fn document(&self, envelope: &lienthong::peer::envelope::Envelope) -> (String, Vec<u8>) {
        let (origin, sender) = (&envelope.origin, envelope.header.sender.as_str());
        let hub = self.hub(origin.as_str());
        let person = clerk(sender);
        let bytes = hub.hub.document_bytes(&person, envelope.header.id);
        let (name, blob) = hub.run(bytes).unwrap();
        (name, blob.all(10_000_000).unwrap())
    }

    /// Carries everything about a delivery until nothing is left, then lets the hubs work.
    fn carry(&mut self, id: DeliveryId) {
        loop {
            let waiting = self.waiting(id);
            if waiting.is_empty() {
                break;
            }
            for (from, to, transfer, body) in waiting {
                self.hand(from, &to, &body).unwrap();
                self.carried.insert(transfer);
            }
        }
        for (_, hub) in &self.hubs {
            hub.settle();
        }
    }

    /// xã Ia Dom sends a letter to Văn phòng Chính phủ; it lies in the mailbox there.
    fn delivered(engine: Engine) -> (Self, DocumentId, DeliveryId) {
        let mut road = Self::new(engine);
        let (document, delivery) = road.sent(&a_document().to(VPCP));
        road.carry(delivery);
        (road, document, delivery)
    }

    /// Sealed and dispatched, not yet carried.
    fn sent(&self, paper: &Paper) -> (DocumentId, DeliveryId) {
        let commune = self.hub("commune");
        let document = commune.send(paper);
        (document, commune.delivery(IADOM, document).row.id)
    }
}
