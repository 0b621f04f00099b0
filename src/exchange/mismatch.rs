//! One transfer id, two bodies: the receiver states it under its signature, both sides keep it.
//! Either somebody between them changed a body, or one of them lost its memory.

use tracing::error;

use super::hub::Inner;
use super::{Error, receipts};
use crate::domain::digest::Sha256;
use crate::domain::ids::{EvidenceId, TransferId};
use crate::domain::receipt::SignedStatement;
use crate::domain::routing::HubId;
use crate::evidence::mismatch::Mismatch;
use crate::store::rows::mismatches::{self, Mismatched};
use crate::store::rows::{signings, transfers};

/// Bodies kept under one id besides the first; more are refused unsigned.
const MOST: i64 = 10;

/// States that `found` came under an id that `known` came under before, and keeps both the
/// statement and `found`. The same body again gets the same statement.
///
/// # Errors
/// Always: [`Error::Mismatch`], or a fault.
pub(super) fn state(
    hub: &Inner,
    from: &HubId,
    transfer: TransferId,
    (known, found): (Sha256, &[u8]),
) -> Result<Error, Error> {
    let found_sha256 = Sha256::of(found);
    error!(neighbour = %from, transfer.id = %transfer, known.sha256 = %known,
        found.sha256 = %found_sha256, "ALERT: a transfer's id came with other bytes than before");
    let (before, count) = hub.store().read(|tx| {
        let stated = mismatches::stated(tx, from, transfer, &found_sha256)?;
        Ok::<_, Error>((stated, mismatches::count(tx, from, transfer)?))
    })?;
    let detail = format!("transfer {transfer} was made before with other content");
    if let Some(signed) = before {
        return Ok(Error::Mismatch {
            detail,
            signed: Box::new(signed),
        });
    }
    if count >= MOST {
        return Ok(Error::Conflict(detail));
    }
    let at = hub.now();
    let stated = Mismatch {
        id: EvidenceId::fresh(hub.ids(), at),
        at,
        issuer: hub.parts.id.clone(),
        neighbour: from.clone(),
        transfer,
        known_sha256: known,
        found_sha256,
    };
    let (signed, signing) = receipts::sign_logged(
        hub,
        stated.to_bytes()?,
        (&transfer.to_string(), "system"),
        at,
    )?;
    let row = Mismatched {
        neighbour: from.clone(),
        transfer,
        known,
        found: found.to_vec(),
        signed: signed.clone(),
    };
    hub.store().write(|tx| {
        mismatches::keep(tx, &row, at)?;
        Ok::<_, Error>(signings::close(tx, signing, "done", hub.now())?)
    })?;
    Ok(Error::Mismatch {
        detail,
        signed: Box::new(signed),
    })
}

/// Keeps what a neighbour states about a transfer of ours, if it is genuine and about exactly the
/// body we sent.
///
/// # Errors
/// [`Error::Unacceptable`] when it is not; a fault of the record.
pub(super) fn keep(
    hub: &Inner,
    transfer: &transfers::Transfer,
    signed: &SignedStatement,
) -> Result<(), Error> {
    let stated = Mismatch::from_bytes(&signed.statement)?;
    let fits = stated.issuer == transfer.to
        && stated.neighbour == hub.parts.id
        && stated.transfer == transfer.id
        && stated.found_sha256 == Sha256::of(&transfer.body);
    if !fits {
        return Err(Error::unacceptable(
            "wrong-receipt",
            "statement about another transfer",
        ));
    }
    receipts::signed_by(hub, signed, &stated.issuer, stated.at)?;
    error!(neighbour = %transfer.to, transfer.id = %transfer.id,
        known.sha256 = %stated.known_sha256, found.sha256 = %stated.found_sha256,
        "ALERT: a neighbour has this transfer with other bytes");
    let row = Mismatched {
        neighbour: transfer.to.clone(),
        transfer: transfer.id,
        known: stated.known_sha256,
        found: transfer.body.clone(),
        signed: signed.clone(),
    };
    let now = hub.now();
    hub.store().write(|tx| mismatches::keep(tx, &row, now))?;
    Ok(())
}
