//! How many rounds of key derivation a PKCS#12 file asks for, read without decrypting anything: a
//! hostile file could ask for billions. What stands inside an encrypted part cannot be seen, and
//! is reached only by someone who knows the password. Source: RFC 7292, 4 and appendix B; RFC 8018.

use super::Error;
use crate::pki;
use crate::pki::der::{self, Reader};

/// The most rounds accepted; a second or two of work.
pub(super) const MAX_ITERATIONS: u64 = 5_000_000;

const WHAT: &str = "PKCS#12 file";
/// 1.2.840.113549.1.5.12
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
/// 1.2.840.113549.1.12.1: the key derivations of PKCS#12 itself.
const PKCS12_PBE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12, 1];
/// 1.2.840.113549.1.5: the key derivations of PKCS#5.
const PKCS5: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5];

/// Refuses a file that asks for more than [`MAX_ITERATIONS`] anywhere.
pub(super) fn check(pkcs12: &[u8]) -> Result<(), Error> {
    let unreadable = |fault: pki::Error| Error::Unreadable {
        expected: WHAT,
        fault: fault.to_string(),
    };
    der::check(WHAT, pkcs12).map_err(unreadable)?;
    let found = in_mac(pkcs12)
        .map_err(unreadable)?
        .max(in_element(pkcs12, 24));
    if found > MAX_ITERATIONS {
        return Err(Error::TooManyIterations {
            found,
            limit: MAX_ITERATIONS,
        });
    }
    Ok(())
}

/// The rounds of the code that authenticates the file (`MacData`), 0 if it has none.
fn in_mac(pkcs12: &[u8]) -> Result<u64, pki::Error> {
    let mut fields = der::only(WHAT, pkcs12, der::SEQUENCE)?;
    fields.required(der::INTEGER)?;
    fields.required(der::SEQUENCE)?;
    if fields.is_empty() {
        return Ok(0);
    }
    let mut mac = fields.enter(der::SEQUENCE)?;
    mac.required(der::SEQUENCE)?;
    mac.required(der::OCTET_STRING)?;
    Ok(mac
        .optional(der::INTEGER)?
        .map_or(1, |rounds| number(rounds.value)))
}

/// The most rounds named anywhere in `bytes`, octet strings that hold DER included.
fn in_element(bytes: &[u8], depth: usize) -> u64 {
    let mut highest = rounds_of_derivation(bytes).unwrap_or(0);
    let mut reader = Reader::new(WHAT, bytes);
    while let Ok(element) = reader.element() {
        let holds_der = element.tag & 0x20 != 0 || element.tag & 0x1f == der::OCTET_STRING;
        if holds_der && depth > 0 {
            highest = highest.max(in_element(element.value, depth - 1));
        }
    }
    highest
}

/// The rounds, if `bytes` are the contents of an `AlgorithmIdentifier` of a key derivation.
fn rounds_of_derivation(bytes: &[u8]) -> Option<u64> {
    let mut fields = Reader::new(WHAT, bytes);
    let oid = fields.required(der::OID).ok()?.value;
    if oid != PBKDF2 && !oid.starts_with(PKCS12_PBE) && !oid.starts_with(PKCS5) {
        return None;
    }
    let mut parameters = fields.enter(der::SEQUENCE).ok()?;
    parameters.required(der::OCTET_STRING).ok()?;
    Some(number(parameters.required(der::INTEGER).ok()?.value))
}

fn number(value: &[u8]) -> u64 {
    der::small_integer(value).map_or(u64::MAX, u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::der::encode;

    const SALT: [u8; 3] = [der::OCTET_STRING, 1, 7];

    fn derivation(oid: &[u8], rounds: &[u8]) -> Vec<u8> {
        let rounds = encode(der::INTEGER, &[rounds]);
        let parameters = encode(der::SEQUENCE, &[&SALT, &rounds]);
        encode(der::SEQUENCE, &[&encode(der::OID, &[oid]), &parameters])
    }

    /// A file whose safe holds `inside`, in an octet string as real ones do.
    fn file(inside: &[u8], mac: &[u8]) -> Vec<u8> {
        let safe = encode(der::SEQUENCE, &[&encode(der::OCTET_STRING, &[inside])]);
        encode(der::SEQUENCE, &[&[der::INTEGER, 1, 3], &safe, mac])
    }

    fn found(file: &[u8]) -> u64 {
        match check(file) {
            Ok(()) => 0,
            Err(Error::TooManyIterations { found, .. }) => found,
            Err(other) => panic!("{other}"),
        }
    }

    const MANY: [u8; 3] = [0x5b, 0x8d, 0x80];

    #[test]
    fn every_kind_of_derivation_is_seen() {
        let triple_des = [PKCS12_PBE, &[3]].concat();
        let pbes1 = [PKCS5, &[10]].concat();
        for oid in [PBKDF2, &triple_des, &pbes1] {
            assert_eq!(
                found(&file(&derivation(oid, &MANY), &[])),
                6_000_000,
                "{oid:?}"
            );
            assert_eq!(
                found(&file(&derivation(oid, &[0x27, 0x10]), &[])),
                0,
                "{oid:?}"
            );
        }
    }

    #[test]
    fn the_code_of_the_file_counts_too() {
        let mac = |rounds: &[u8]| {
            let digest = encode(der::SEQUENCE, &[]);
            encode(der::SEQUENCE, &[&digest, &SALT, rounds])
        };
        let many = encode(der::INTEGER, &[&MANY]);
        assert_eq!(found(&file(&[], &mac(&many))), 6_000_000);
        assert_eq!(found(&file(&[], &mac(&[]))), 0);
    }

    #[test]
    fn a_number_beyond_all_bounds_is_without_end() {
        let endless = derivation(PBKDF2, &[1, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(found(&file(&endless, &[])), u64::MAX);
    }
}
