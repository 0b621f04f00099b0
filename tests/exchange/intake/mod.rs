//! A neighbour hands something over: honest, mistaken or hostile.

use lienthong::store::Engine;

use crate::world::hub::TestHub;
use crate::world::paper::letter;

mod effects;
mod forgeries;
mod offers;
mod readers;
mod receipts;
mod repeats;
mod transfers;

/// The hub of huyện Đức Cơ, where the bytes of the letter are.
fn district(engine: Engine) -> TestHub {
    let district = TestHub::new("district", engine);
    district.upload(&letter());
    district
}
