//! Dates of PDF: `D:20260105104107+07'00'`. Source: ISO 32000-2, 7.9.4.

use crate::domain::clock::{Timestamp, vietnam_zone};

/// The instant in Vietnam time, as `/M` holds it.
#[must_use]
pub fn pdf_date(at: Timestamp) -> String {
    let local = at.to_zoned(vietnam_zone());
    format!("{}+07'00'", local.strftime("D:%Y%m%d%H%M%S"))
}

/// `dd-MM-yyyy HH:mm:ss +07:00`, the signing time printed on appendices and copies.
/// Source: Decree 30/2020/NĐ-CP, Annex I (day month year; hour minute second; ISO 8601 zone).
#[must_use]
pub fn printed_time(at: Timestamp) -> String {
    at.to_zoned(vietnam_zone())
        .strftime("%d-%m-%Y %H:%M:%S +07:00")
        .to_string()
}

/// The instant a PDF date means; a date without a zone is taken as UTC.
#[must_use]
pub fn read_pdf_date(text: &str) -> Option<Timestamp> {
    let rest = text.strip_prefix("D:")?;
    let (digits, zone) = match rest.find(['Z', '+', '-']) {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, "Z"),
    };
    if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to);
    let zone = zone.trim_end_matches('\'').replace('\'', ":");
    let zone = match zone.as_str() {
        zone if zone.starts_with('Z') => "Z".to_owned(),
        zone if zone.len() == 3 => format!("{zone}:00"),
        zone => zone.to_owned(),
    };
    let iso = format!(
        "{}-{}-{}T{}:{}:{}{zone}",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    );
    iso.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        let at: Timestamp = "2026-01-05T03:41:07Z".parse().unwrap();
        assert_eq!(pdf_date(at), "D:20260105104107+07'00'");
        assert_eq!(printed_time(at), "05-01-2026 10:41:07 +07:00");
        for text in [
            "D:20260105104107+07'00'",
            "D:20260105104107+07'00",
            "D:20260105034107Z",
        ] {
            assert_eq!(read_pdf_date(text), Some(at), "{text}");
        }
        for text in [
            "20260105104107",
            "D:2026",
            "D:20261305104107Z",
            "D:20260105104107+99'00'",
        ] {
            assert_eq!(read_pdf_date(text), None, "{text}");
        }
    }
}
