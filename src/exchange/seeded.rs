//! Bugs of sending, made on purpose to prove that the checker of `tests/chaos` notices them. Not part
//! of what is shipped: built with the feature `failpoints` only.

use super::{Error, Hub};
use crate::domain::ids::TransferId;
use crate::peer::protocol;
use crate::store::rows::jobs::{self, Job};
use crate::store::rows::transfers::{Kind, Transfer};

/// What the bugs do before `transfer` is sent: end its job before there is a receipt, or send it
/// under a new id when it is sent again.
///
/// # Errors
/// A fault of the record.
pub(super) async fn before_send(
    hub: &Hub,
    job: &Job,
    mut transfer: Transfer,
) -> Result<Transfer, Error> {
    if is_seeded("bug-job-ends-early") {
        let job = job.clone();
        hub.run(move |hub| Ok(hub.store().write(|tx| jobs::finish(tx, &job))?))
            .await?;
    }
    if is_seeded("bug-new-id-on-retry") && job.attempt > 1 && transfer.kind == Kind::Document {
        let mut sent = protocol::Transfer::from_bytes(&transfer.body)?;
        sent.id = TransferId::fresh(hub.inner().ids(), hub.now());
        transfer.body = sent.to_bytes()?;
    }
    Ok(transfer)
}

fn is_seeded(bug: &str) -> bool {
    fail::fail_point!(bug, |_| true);
    false
}
