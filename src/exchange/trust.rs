//! What verdicts rely on changes while a hub runs: new revocation lists, a new issuing CA. What
//! could not be decided before is then judged again, without anybody asking.

use std::sync::Arc;

use super::hub::Inner;
use super::{Error, Hub, outbox};
use crate::domain::lane::{Lane, Target};
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::Indication;
use crate::store::rows::deliveries;
use crate::store::rows::jobs::Kind;

impl Hub {
    /// Judges with `trust` from now on, and again what stayed undecided; gives how many deliveries
    /// that are, or `None` if `trust` is what the hub relies on already.
    ///
    /// Durable on return: the jobs. A judgement under way ends with what it began with.
    ///
    /// # Errors
    /// A fault of the record; the new trust counts nevertheless.
    pub async fn renew_trust(&self, trust: TrustEvidence) -> Result<Option<usize>, Error> {
        if self.inner().trust().sha256() == trust.sha256() {
            return Ok(None);
        }
        self.inner().trust.send_replace(Arc::new(trust));
        self.judge_again().await.map(Some)
    }

    /// Judges again what nobody could decide; gives how many deliveries that are. Done when a hub
    /// starts: its lists may have changed while it was away.
    ///
    /// # Errors
    /// A fault of the record.
    pub async fn judge_again(&self) -> Result<usize, Error> {
        let count = self.run(enqueue).await?;
        self.inner().work.notify_one();
        Ok(count)
    }
}

fn enqueue(hub: &Inner) -> Result<usize, Error> {
    let undecided = Indication::Indeterminate.to_string();
    hub.store().write(|tx| {
        let open = deliveries::open_with_verdict(tx, &undecided)?;
        for id in &open {
            let now = hub.now();
            let work = (Kind::Verify, &*id.to_string());
            outbox::enqueue(tx, hub, work, (&Target::Here, Lane::Bulk), now)?;
        }
        Ok(open.len())
    })
}
