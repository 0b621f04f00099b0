//! The report as XML that other validators read. Every text from outside is escaped, and what XML
//! cannot hold is shown as its code. Source: ETSI TS 119 102-2 v1.4.1 (namespace v1.2.1), clause 4.

use super::checks::Check;
use super::report::{FileVerdict, Report, SignatureReport};
use crate::domain::clock::rfc3339;
use crate::domain::digest::Sha256;
use crate::domain::language::{Language, is_steering};
use crate::pades::explain::message;
use crate::pki::verdict::{Indication, RowResult};

const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const POLICY: &str = "urn:lienthong:policy:";
const CHECK: &str = "urn:lienthong:check:";

/// The report as an ETSI validation report, messages in `language`.
#[must_use]
pub fn etsi(report: &Report, language: Language) -> String {
    let mut xml = Xml::default();
    xml.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let names = [
        ("xmlns", "http://uri.etsi.org/19102/v1.2.1#"),
        ("xmlns:ds", "http://www.w3.org/2000/09/xmldsig#"),
        ("xmlns:XAdES", "http://uri.etsi.org/01903/v1.3.2#"),
    ];
    xml.open("ValidationReport", &names);
    for (at, signature) in report.signatures.iter().enumerate() {
        let id = format!("S-{}", at.saturating_add(1));
        one(&mut xml, (report, signature), &id, language);
    }
    if report.signatures.is_empty() {
        none(&mut xml, report);
    }
    objects(&mut xml, report);
    xml.close("ValidationReport");
    xml.0
}

/// A file without a signature that could be judged.
fn none(xml: &mut Xml, report: &Report) {
    xml.open("SignatureValidationReport", &[]);
    time_info(xml, report, None);
    let (main, sub) = match report.verdict {
        FileVerdict::Judged(indication) => (
            indication_urn(indication),
            report.sub_indication.map(|sub| sub.as_str()),
        ),
        _ => ("urn:cef:dss:mainindication:noSignatureFound", None),
    };
    xml.open("SignatureValidationStatus", &[]);
    status(xml, main, sub);
    xml.close("SignatureValidationStatus");
    xml.close("SignatureValidationReport");
}

fn one(
    xml: &mut Xml,
    (report, signature): (&Report, &SignatureReport),
    id: &str,
    language: Language,
) {
    xml.open("SignatureValidationReport", &[]);
    identifier(xml, signature, id);
    constraints(xml, report, signature, language);
    time_info(xml, report, Some(signature));
    document(xml, signature);
    signer(xml, signature);
    xml.open("SignatureValidationProcess", &[]);
    let process = match signature.level {
        Some("B-LTA") => "urn:etsi:019102:validationprocess:LTA",
        Some("B-T" | "B-LT") => "urn:etsi:019102:validationprocess:LTVM",
        _ => "urn:etsi:019102:validationprocess:Basic",
    };
    xml.text("SignatureValidationProcessID", process);
    xml.close("SignatureValidationProcess");
    xml.open("SignatureValidationStatus", &[]);
    let sub = signature.sub_indication.map(|sub| sub.as_str());
    status(xml, indication_urn(signature.indication), sub);
    xml.close("SignatureValidationStatus");
    xml.close("SignatureValidationReport");
}

fn identifier(xml: &mut Xml, signature: &SignatureReport, id: &str) {
    xml.open("SignatureIdentifier", &[("id", id)]);
    if let Some(value) = &signature.signature_value {
        xml.text("ds:SignatureValue", &base64(value));
    }
    xml.text("HashOnly", "false");
    xml.text("DocHashOnly", "false");
    xml.text("DAIdentifier", &signature.field);
    xml.close("SignatureIdentifier");
}

/// The policy and every check under it.
fn constraints(xml: &mut Xml, report: &Report, signature: &SignatureReport, language: Language) {
    xml.open("ValidationConstraintsEvaluationReport", &[]);
    xml.open("SignatureValidationPolicy", &[]);
    xml.open("SignaturePolicyIdentifier", &[]);
    xml.open("XAdES:SignaturePolicyId", &[]);
    xml.open("XAdES:SigPolicyId", &[]);
    let (name, digest) = &report.policy;
    xml.text("XAdES:Identifier", &format!("{POLICY}{digest}"));
    xml.close("XAdES:SigPolicyId");
    xml.open("XAdES:SigPolicyHash", &[]);
    digest_of(xml, SHA256, digest.as_bytes());
    xml.close("XAdES:SigPolicyHash");
    xml.close("XAdES:SignaturePolicyId");
    xml.close("SignaturePolicyIdentifier");
    xml.text("PolicyName", name);
    xml.close("SignatureValidationPolicy");
    for check in report.checks(signature) {
        constraint(xml, &check, language);
    }
    xml.close("ValidationConstraintsEvaluationReport");
}

fn constraint(xml: &mut Xml, check: &Check, language: Language) {
    let outcome = &check.outcome;
    xml.open("ValidationConstraint", &[]);
    let id = format!("{CHECK}{}", check.kind.id());
    xml.text("ValidationConstraintIdentifier", &id);
    let applied = outcome.result != RowResult::NotChecked;
    xml.open("ConstraintStatus", &[]);
    let state = if applied { "applied" } else { "disabled" };
    xml.text(
        "Status",
        &format!("urn:etsi:019102:constraintStatus:{state}"),
    );
    xml.close("ConstraintStatus");
    let indication = match outcome.result {
        RowResult::Passed => Some("passed"),
        RowResult::Failed => Some("failed"),
        RowResult::Indeterminate => Some("indeterminate"),
        RowResult::NotChecked => None,
    };
    if let Some(indication) = indication {
        xml.open("ValidationStatus", &[]);
        status(
            xml,
            &format!("urn:etsi:019102:mainindication:{indication}"),
            None,
        );
        xml.close("ValidationStatus");
    }
    let said = message(language, outcome.reason, &outcome.params);
    let attributes = [("code", outcome.reason)];
    xml.text_with("Indications", &attributes, &said);
    xml.close("ValidationConstraint");
}

fn time_info(xml: &mut Xml, report: &Report, signature: Option<&SignatureReport>) {
    xml.open("ValidationTimeInfo", &[]);
    xml.text("ValidationTime", &rfc3339(report.validation_time));
    if let Some(proven) = signature.and_then(|one| one.best_signature_time) {
        xml.open("BestSignatureTime", &[]);
        xml.text("POETime", &rfc3339(proven));
        xml.text("TypeOfProof", "urn:etsi:019102:poetype:validation");
        xml.close("BestSignatureTime");
    }
    xml.close("ValidationTimeInfo");
}

/// The digest of the bytes the signature covers.
fn document(xml: &mut Xml, signature: &SignatureReport) {
    let Some((algorithm, digest)) = &signature.signed_digest else {
        return;
    };
    xml.open("SignersDocument", &[]);
    xml.open("DigestAlgAndValue", &[]);
    digest_of(xml, &algorithm_uri(algorithm), digest);
    xml.close("DigestAlgAndValue");
    xml.close("SignersDocument");
}

fn signer(xml: &mut Xml, signature: &SignatureReport) {
    let Some(certificate) = &signature.signer else {
        return;
    };
    xml.open("SignerInformation", &[]);
    let reference = object_id(&certificate.sha256());
    xml.open("SignerCertificate", &[("VOReference", &reference)]);
    xml.close("SignerCertificate");
    xml.text("Signer", certificate.subject());
    xml.close("SignerInformation");
}

/// The certificates the report speaks of, each once.
fn objects(xml: &mut Xml, report: &Report) {
    let mut seen = Vec::new();
    for signature in &report.signatures {
        for certificate in signature.signer.iter().chain(&signature.chain) {
            if !seen.contains(&certificate) {
                seen.push(certificate);
            }
        }
    }
    if seen.is_empty() {
        return;
    }
    xml.open("SignatureValidationObjects", &[]);
    for certificate in seen {
        let id = object_id(&certificate.sha256());
        xml.open("ValidationObject", &[("id", &id)]);
        xml.text("ObjectType", "urn:etsi:019102:validationObject:certificate");
        xml.open("ValidationObjectRepresentation", &[]);
        xml.text("base64", &base64(certificate.der()));
        xml.close("ValidationObjectRepresentation");
        xml.close("ValidationObject");
    }
    xml.close("SignatureValidationObjects");
}

fn object_id(sha256: &Sha256) -> String {
    format!("C-{sha256}")
}

const fn indication_urn(indication: Indication) -> &'static str {
    match indication {
        Indication::TotalPassed => "urn:etsi:019102:mainindication:total-passed",
        Indication::Indeterminate => "urn:etsi:019102:mainindication:indeterminate",
        Indication::TotalFailed => "urn:etsi:019102:mainindication:total-failed",
    }
}

fn status(xml: &mut Xml, main: &str, sub: Option<&str>) {
    xml.text("MainIndication", main);
    if let Some(sub) = sub {
        let urn = format!("urn:etsi:019102:subindication:{sub}");
        xml.text("SubIndication", &urn);
    }
}

fn digest_of(xml: &mut Xml, algorithm: &str, digest: &[u8]) {
    xml.open("ds:DigestMethod", &[("Algorithm", algorithm)]);
    xml.close("ds:DigestMethod");
    xml.text("ds:DigestValue", &base64(digest));
}

/// Source: RFC 9231, 2.1.
fn algorithm_uri(name: &str) -> String {
    match name.to_ascii_uppercase().as_str() {
        "SHA-256" => SHA256.to_owned(),
        "SHA-384" => "http://www.w3.org/2001/04/xmldsig-more#sha384".to_owned(),
        "SHA-512" => "http://www.w3.org/2001/04/xmlenc#sha512".to_owned(),
        other => format!(
            "http://www.w3.org/2007/05/xmldsig-more#{}",
            other.to_ascii_lowercase()
        ),
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// XML in the making.
#[derive(Default)]
struct Xml(String);

impl Xml {
    fn raw(&mut self, text: &str) {
        self.0.push_str(text);
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.raw("<");
        self.raw(name);
        for (key, value) in attributes {
            self.raw(&format!(" {key}=\"{}\"", escaped(value)));
        }
        self.raw(">");
    }

    fn close(&mut self, name: &str) {
        self.raw(&format!("</{name}>\n"));
    }

    fn text(&mut self, name: &str, text: &str) {
        self.text_with(name, &[], text);
    }

    fn text_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.raw(&escaped(text));
        self.close(name);
    }
}

/// Text as XML holds it: what it cannot hold, and what steers or hides, is shown as its code.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\u{FFFE}' | '\u{FFFF}' => safe.extend(letter.escape_unicode()),
            letter if is_steering(letter) => {
                safe.extend(letter.escape_unicode());
            }
            letter => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(
            escaped("a<b>&\"'\u{0}\u{1B}\u{202E}\u{FFFF}é"),
            "a&lt;b&gt;&amp;&quot;&apos;\\u{0}\\u{1b}\\u{202e}\\u{ffff}é"
        );
    }
}
