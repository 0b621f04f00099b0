//! The document security store: certificates, revocation lists and OCSP responses a file carries to
//! be judged later. They are evidence like any other received with a signature: never trusted by
//! being there. Source: ETSI EN 319 142-1, 5.4.2; ISO 32000-2, 12.8.4.3.

use std::collections::BTreeSet;

use crate::domain::digest::Sha256;
use crate::pdf::{Dictionary, Error, Item, Object, ObjectId, View};
use crate::pki;
use crate::pki::certificate::Certificate;
use crate::pki::crl::Crl;
use crate::pki::ocsp::OcspResponse;
use crate::pki::trust::TrustEvidence;
use crate::pki::verdict::{Finding, Severity};

/// Most values of all kinds read from one store.
const MAX_VALUES: usize = 1_000;

/// Most bytes of all values, decoded.
const MAX_BYTES: usize = 64 << 20;

/// Most entries of `/VRI` looked into.
const MAX_VRI: usize = 1_000;

/// Where each kind of value stands: in the store itself and in an entry of `/VRI`.
const KINDS: [(Kind, &[u8], &[u8]); 3] = [
    (Kind::Certificate, b"Certs", b"Cert"),
    (Kind::Crl, b"CRLs", b"CRL"),
    (Kind::Ocsp, b"OCSPs", b"OCSP"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Certificate,
    Crl,
    Ocsp,
}

/// A value and the byte of the file after its data.
#[derive(Debug, Clone)]
pub(super) struct Stored<T> {
    pub(super) value: T,
    pub(super) end: u64,
}

/// What the newest store of a file holds.
#[derive(Debug, Clone, Default)]
pub(super) struct Store {
    pub(super) certificates: Vec<Stored<Certificate>>,
    pub(super) crls: Vec<Stored<Crl>>,
    pub(super) ocsp: Vec<Stored<OcspResponse>>,
    /// What could not be read, and is passed over.
    pub(super) findings: Vec<Finding>,
}

impl Store {
    /// Reads the store `view` shows. What is malformed is passed over with a finding: it may be of
    /// no concern, and what is needed and missing leaves a verdict undecided.
    pub(super) fn read(view: &View<'_, '_>) -> Self {
        let mut store = Self::default();
        let listed = listed(view);
        let objects = listed.unwrap_or_else(|fault| {
            store.notice("DSS_UNREADABLE", "/DSS".to_owned(), fault.code().to_owned());
            BTreeSet::new()
        });
        let mut room = MAX_BYTES;
        for (count, (kind, id)) in objects.into_iter().enumerate() {
            if count >= MAX_VALUES || room == 0 {
                let limit = format!("{MAX_VALUES} values, {MAX_BYTES} bytes");
                store.notice("DSS_TOO_LARGE", "/DSS".to_owned(), limit);
                break;
            }
            if let Err(fault) = store.take(view, (kind, id), &mut room) {
                store.notice("DSS_ENTRY_UNREADABLE", format!("object {id}"), fault);
            }
        }
        store
    }

    /// The names of everything held, as proofs of existence name them, and where each ends.
    pub(super) fn objects(&self) -> impl Iterator<Item = (Sha256, u64)> {
        let certificates = self.certificates.iter();
        let certificates = certificates.map(|one| (one.value.sha256(), one.end));
        let crls = self.crls.iter().map(|one| (one.value.sha256(), one.end));
        let ocsp = self.ocsp.iter().map(|one| (one.value.sha256(), one.end));
        certificates.chain(crls).chain(ocsp)
    }

    /// Adds what lies before byte `end` to `evidence`, certificates only as intermediates.
    pub(super) fn add_to(&self, evidence: &mut TrustEvidence, end: u64) {
        for one in self.certificates.iter().filter(|one| one.end <= end) {
            if !evidence.intermediates.contains(&one.value) {
                evidence.intermediates.push(one.value.clone());
            }
        }
        let known: BTreeSet<_> = evidence.crls.iter().map(Crl::sha256).collect();
        let new = |one: &&Stored<Crl>| one.end <= end && !known.contains(&one.value.sha256());
        let crls = self.crls.iter().filter(new);
        evidence.crls.extend(crls.map(|one| one.value.clone()));
        let known: BTreeSet<_> = evidence.ocsp.iter().map(OcspResponse::sha256).collect();
        let new =
            |one: &&Stored<OcspResponse>| one.end <= end && !known.contains(&one.value.sha256());
        let ocsp = self.ocsp.iter().filter(new);
        evidence.ocsp.extend(ocsp.map(|one| one.value.clone()));
    }

    fn notice(&mut self, check: &'static str, location: String, detail: String) {
        self.findings.push(Finding {
            check,
            severity: Severity::Warning,
            params: vec![("detail", detail)],
            location,
        });
    }

    fn take(
        &mut self,
        view: &View<'_, '_>,
        (kind, id): (Kind, ObjectId),
        room: &mut usize,
    ) -> Result<(), String> {
        let told = |fault: Error| fault.to_string();
        let object = view.load(id).map_err(told)?;
        let object = object.ok_or_else(|| "missing".to_owned())?;
        let bytes = view.plain_data(&object).map_err(told)?;
        *room = room.saturating_sub(bytes.len());
        let (start, length) = view.stream_span(&object).map_err(told)?;
        let end = start.saturating_add(length);
        let told = |fault: pki::Error| fault.to_string();
        match kind {
            Kind::Certificate => {
                let value = Certificate::from_der(&bytes).map_err(told)?;
                self.certificates.push(Stored { value, end });
            }
            Kind::Crl => {
                let value = Crl::from_der(&bytes).map_err(told)?;
                self.crls.push(Stored { value, end });
            }
            Kind::Ocsp => {
                let value = OcspResponse::from_der(&bytes).map_err(told)?;
                self.ocsp.push(Stored { value, end });
            }
        }
        Ok(())
    }
}

/// Every value the store and its entries for single signatures point at.
fn listed(view: &View<'_, '_>) -> Result<BTreeSet<(Kind, ObjectId)>, Error> {
    let mut found = BTreeSet::new();
    let catalog = view.catalog()?;
    let dss = view.value(catalog.dictionary()?, b"DSS")?;
    let Some(dss) = dss.as_dictionary() else {
        return Ok(found);
    };
    let vri = view.value(dss, b"VRI")?;
    let entries: Vec<Object> = vri.as_dictionary().map_or_else(Vec::new, |vri| {
        let values = vri.iter().map(|(_, item)| item.object.clone());
        values.take(MAX_VRI).collect()
    });
    for (kind, name, _) in KINDS {
        collect(view, dss, (kind, name), &mut found)?;
    }
    for entry in entries {
        let entry = view.resolve(&entry)?;
        let Some(entry) = entry.as_dictionary() else {
            continue;
        };
        for (kind, _, name) in KINDS {
            collect(view, entry, (kind, name), &mut found)?;
        }
    }
    Ok(found)
}

fn collect(
    view: &View<'_, '_>,
    dictionary: &Dictionary,
    (kind, name): (Kind, &[u8]),
    found: &mut BTreeSet<(Kind, ObjectId)>,
) -> Result<(), Error> {
    let array = view.value(dictionary, name)?;
    let items = array.as_array().unwrap_or_default().iter();
    let ids = items.filter_map(|item: &Item| item.object.as_reference());
    found.extend(ids.take(MAX_VALUES.saturating_add(1)).map(|id| (kind, id)));
    Ok(())
}
