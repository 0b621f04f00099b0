//! The registry file: tiers, hubs, agencies, successions and certificates, as TOML.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{Error, malformed, text};
use crate::domain::agency::{Agency, AgencyCode, FormerName};
use crate::domain::clock::Date;
use crate::domain::directory::{
    Directory, HolderKind, RegisteredCertificate, Registry, Succession,
};
use crate::domain::period::Period;
use crate::domain::routing::{Hub, HubId};
use crate::domain::tier::Tier;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    tiers: Vec<TierRow>,
    #[serde(default)]
    hubs: Vec<HubRow>,
    #[serde(default)]
    agencies: Vec<AgencyRow>,
    #[serde(default)]
    successions: Vec<SuccessionRow>,
    #[serde(default)]
    certificates: Vec<CertificateRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TierRow {
    code: String,
    name_vi: String,
    name_en: String,
    rank: u8,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HubRow {
    id: String,
    name: String,
    parent: Option<String>,
    url: String,
    tls_certificates: Vec<PathBuf>,
    signing_certificates: Vec<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgencyRow {
    code: String,
    #[serde(default)]
    other_codes: Vec<String>,
    name: String,
    #[serde(default)]
    former_names: Vec<FormerNameRow>,
    tier: String,
    parent: Option<String>,
    hub: Option<String>,
    email: Option<String>,
    abbreviation: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormerNameRow {
    name: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SuccessionRow {
    from: String,
    to: Vec<String>,
    effective: String,
    legal_basis: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CertificateRow {
    sha256: String,
    agency: String,
    kind: super::KeyKind,
    holder: Option<String>,
    from: Option<String>,
    to: Option<String>,
}

/// Reads and checks a registry file. Certificates of hubs are PEM files beside it.
///
/// # Errors
/// [`Error`] that names the file and the fault, the first contradiction included.
pub fn read(path: &Path) -> Result<Directory, Error> {
    let file: File = toml::from_str(&text(path)?).map_err(|fault| malformed(path, &fault))?;
    let base = path.parent().unwrap_or(Path::new(""));
    let mut hubs = Vec::new();
    for row in file.hubs {
        hubs.push(hub(row, base, path)?);
    }
    let wrong = |fault: String| malformed(path, &fault);
    let registry = Registry {
        tiers: all(file.tiers, tier).map_err(wrong)?,
        hubs,
        agencies: all(file.agencies, agency).map_err(wrong)?,
        successions: all(file.successions, succession).map_err(wrong)?,
        certificates: all(file.certificates, certificate).map_err(wrong)?,
    };
    Directory::new(registry).map_err(|fault| malformed(path, &fault))
}

fn all<R, T>(rows: Vec<R>, convert: fn(R) -> Result<T, String>) -> Result<Vec<T>, String> {
    rows.into_iter().map(convert).collect()
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|fault| format!("expected a day such as 2025-06-30, found {text:?}: {fault}"))
}

fn period(from: Option<&str>, to: Option<&str>) -> Result<Period, String> {
    Ok(Period {
        from: from.map(day).transpose()?,
        to: to.map(day).transpose()?,
    })
}

fn code(text: &str) -> Result<AgencyCode, String> {
    AgencyCode::parse(text).map_err(|fault| fault.to_string())
}

fn hub_id(text: &str) -> Result<HubId, String> {
    HubId::parse(text).map_err(|fault| fault.to_string())
}

fn tier(row: TierRow) -> Result<Tier, String> {
    Ok(Tier {
        valid: period(row.from.as_deref(), row.to.as_deref())?,
        code: row.code,
        name_vi: row.name_vi,
        name_en: row.name_en,
        rank: row.rank,
    })
}

fn hub(row: HubRow, base: &Path, path: &Path) -> Result<Hub, Error> {
    let wrong = |fault: String| malformed(path, &fault);
    let pem = |files: Vec<PathBuf>| -> Result<Vec<String>, Error> {
        files.iter().map(|file| text(&base.join(file))).collect()
    };
    Ok(Hub {
        id: hub_id(&row.id).map_err(wrong)?,
        name: row.name,
        parent: row
            .parent
            .as_deref()
            .map(hub_id)
            .transpose()
            .map_err(wrong)?,
        url: row.url.trim_end_matches('/').to_owned(),
        tls_certificates: pem(row.tls_certificates)?,
        signing_certificates: pem(row.signing_certificates)?,
    })
}

fn agency(row: AgencyRow) -> Result<Agency, String> {
    Ok(Agency {
        code: code(&row.code)?,
        other_codes: row
            .other_codes
            .iter()
            .map(|text| code(text))
            .collect::<Result<_, _>>()?,
        name: row.name,
        former_names: all(row.former_names, former_name)?,
        tier: row.tier,
        parent: row.parent.as_deref().map(code).transpose()?,
        valid: period(row.from.as_deref(), row.to.as_deref())?,
        hub: row.hub.as_deref().map(hub_id).transpose()?,
        email: row.email,
        abbreviation: row.abbreviation,
    })
}

fn former_name(row: FormerNameRow) -> Result<FormerName, String> {
    let to = day(&row.to)?;
    Ok(FormerName { name: row.name, to })
}

fn succession(row: SuccessionRow) -> Result<Succession, String> {
    Ok(Succession {
        from: code(&row.from)?,
        to: row
            .to
            .iter()
            .map(|text| code(text))
            .collect::<Result<_, _>>()?,
        effective: day(&row.effective)?,
        legal_basis: row.legal_basis,
    })
}

fn certificate(row: CertificateRow) -> Result<RegisteredCertificate, String> {
    Ok(RegisteredCertificate {
        sha256: row.sha256.parse().map_err(|fault| format!("{fault}"))?,
        agency: code(&row.agency)?,
        kind: match row.kind {
            super::KeyKind::Person => HolderKind::Person,
            super::KeyKind::Agency => HolderKind::Agency,
        },
        holder: row.holder,
        valid: period(row.from.as_deref(), row.to.as_deref())?,
    })
}
