//! Asks about certificates that lack revocation data, and keeps only answers that can be read.

use super::fetcher::{Error, Fetcher};
use crate::pki::certificate::Certificate;
use crate::pki::crl::Crl;
use crate::pki::locations::Locations;
use crate::pki::ocsp::OcspResponse;
use crate::pki::ocsp_request;

/// What was collected, as received.
#[derive(Debug, Default)]
pub struct Gathered {
    /// OCSP responses.
    pub ocsp: Vec<OcspResponse>,
    /// Revocation lists.
    pub crls: Vec<Crl>,
    /// Places that gave nothing, in the order they were asked.
    pub refused: Vec<Refused>,
}

/// A place that gave nothing.
#[derive(Debug)]
pub struct Refused {
    /// The address as the certificate writes it.
    pub url: String,
    /// The certificate.
    pub subject: String,
    /// Why.
    pub reason: String,
    /// Stable code of the reason.
    pub code: &'static str,
}

impl Gathered {
    fn refuse(&mut self, url: &str, subject: &Certificate, (code, reason): (&'static str, String)) {
        self.refused.push(Refused {
            url: url.chars().take(200).collect(),
            subject: subject.subject().to_owned(),
            reason,
            code,
        });
    }
}

impl Fetcher {
    /// Asks about each certificate (with its issuer): its OCSP responders first, then its lists,
    /// until one gives something that can be read.
    ///
    /// The caller vouches that each certificate has a verified path to a trusted root: addresses in
    /// other certificates must not even be looked at. Issuers are not fetched: a certificate whose
    /// issuer is missing has no verified path.
    pub async fn gather(&self, verified: &[(Certificate, Certificate)]) -> Gathered {
        let mut gathered = Gathered::default();
        for (certificate, issuer) in verified {
            let places = Locations::of(certificate);
            if !self
                .by_ocsp(&places, (certificate, issuer), &mut gathered)
                .await
            {
                self.by_list(&places, (certificate, issuer), &mut gathered)
                    .await;
            }
        }
        gathered
    }

    async fn by_ocsp(
        &self,
        places: &Locations,
        (certificate, issuer): (&Certificate, &Certificate),
        gathered: &mut Gathered,
    ) -> bool {
        let question = ocsp_request(certificate, issuer);
        for url in &places.ocsp {
            let body = ("application/ocsp-request", question.as_slice());
            match self.ask(url, Some(body)).await {
                Ok(answer) => match OcspResponse::from_der(&answer) {
                    Ok(response) => {
                        gathered.ocsp.push(response);
                        return true;
                    }
                    Err(fault) => gathered.refuse(url, certificate, unreadable(&fault)),
                },
                Err(fault) => gathered.refuse(url, certificate, told(&fault)),
            }
        }
        false
    }

    async fn by_list(
        &self,
        places: &Locations,
        (certificate, issuer): (&Certificate, &Certificate),
        gathered: &mut Gathered,
    ) {
        let known =
            |list: &Crl| list.issuer_der() == issuer.subject_der() && list.covers(certificate);
        if gathered.crls.iter().any(known) {
            return;
        }
        for url in &places.crls {
            match self.ask(url, None).await {
                Ok(answer) => match Crl::from_der(&answer) {
                    Ok(list) => {
                        gathered.crls.push(list);
                        return;
                    }
                    Err(fault) => gathered.refuse(url, certificate, unreadable(&fault)),
                },
                Err(fault) => gathered.refuse(url, certificate, told(&fault)),
            }
        }
    }
}

fn told(fault: &Error) -> (&'static str, String) {
    (fault.code(), fault.to_string())
}

fn unreadable(fault: &crate::pki::Error) -> (&'static str, String) {
    ("FETCH_UNREADABLE", fault.to_string())
}
