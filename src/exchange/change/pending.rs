//! What the recipient's clerk sees of a request, and of a document that was given back.

use super::super::Error;
use super::answer::has_come;
use crate::domain::change::{Opening, Standing};
use crate::domain::document::Header;
use crate::domain::ids::DeliveryId;
use crate::store::Tx;
use crate::store::rows::changes;
use crate::store::rows::deliveries::Delivery;

/// A request as recorded.
pub use crate::store::rows::changes::Change;

/// Most openings shown.
const MOST_OPENINGS: i64 = 200;

/// A change request that waits for its answer.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The request.
    pub change: Change,
    /// Whether it can be agreed to now; not before what takes the document's place has come.
    pub may_agree: bool,
    /// Who of the agency had opened what.
    pub opened: Vec<Opening>,
    /// The delivery of what takes the document's place, once it has come.
    pub successor: Option<DeliveryId>,
}

/// What may still be told of a document that came: of one that was given back, no content.
pub(in super::super) fn shown(mut header: Header, standing: Standing) -> Header {
    if standing == Standing::Recalled {
        header.subject.clear();
        header.file_name.clear();
    }
    header
}

/// The request about a received document that waits for the clerk.
pub(in super::super) fn asked(
    tx: &mut Tx<'_>,
    delivery: &Delivery,
) -> Result<Option<Asked>, Error> {
    let mut all = changes::of_delivery(tx, delivery.id)?;
    let Some(change) = all.pop().filter(|last| last.state.is_open()) else {
        return Ok(None);
    };
    let successor = match &change.successor {
        Some(one) if has_come(tx, delivery, one)? => Some(one.delivery),
        _ => None,
    };
    Ok(Some(Asked {
        may_agree: change.successor.is_some() == successor.is_some(),
        opened: changes::openings_of(tx, delivery.id, MOST_OPENINGS)?,
        change,
        successor,
    }))
}
