//! The grammar of the registry: the same rows in the source people write (TOML) and in the form that
//! is signed (JSON). Stored shape and wire shape at once.

use serde::{Deserialize, Serialize};

use crate::config::KeyKind;
use crate::domain::agency::{Agency, AgencyCode, Former, FormerName};
use crate::domain::clock::Date;
use crate::domain::directory::{HolderKind, RegisteredCertificate, Registry};
use crate::domain::period::Period;
use crate::domain::routing::{Hub, HubId};
use crate::domain::succession::{Kind, Succession};
use crate::domain::tier::Tier;

/// Everything a registry holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rows {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tiers: Vec<TierRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hubs: Vec<HubRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    agencies: Vec<AgencyRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    successions: Vec<SuccessionRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    certificates: Vec<CertificateRow>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TierRow {
    code: String,
    name_vi: String,
    name_en: String,
    rank: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HubRow {
    id: String,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    url: String,
    tls_certificates: Vec<String>,
    signing_certificates: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AgencyRow {
    code: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    other_codes: Vec<String>,
    name: String,
    tier: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hub: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    abbreviation: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former_names: Vec<FormerNameRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former_parents: Vec<FormerParentRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    former_hubs: Vec<FormerHubRow>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormerNameRow {
    name: String,
    to: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormerParentRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    to: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FormerHubRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hub: Option<String>,
    to: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SuccessionRow {
    kind: String,
    from: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    to: Vec<String>,
    effective: String,
    legal_basis: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redirect_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    redirect_until: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CertificateRow {
    sha256: String,
    agency: String,
    kind: KeyKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    to: Option<String>,
}

impl Rows {
    /// The rows as values; `pem` gives the certificate a hub's row means by a text.
    ///
    /// # Errors
    /// In words, the first row that cannot be right.
    pub(super) fn read(
        self,
        pem: &dyn Fn(String) -> Result<String, String>,
    ) -> Result<Registry, String> {
        let hubs = self.hubs.into_iter().map(|row| hub(row, pem));
        Ok(Registry {
            tiers: all(self.tiers, tier)?,
            hubs: hubs.collect::<Result<_, _>>()?,
            agencies: all(self.agencies, agency)?,
            successions: all(self.successions, succession)?,
            certificates: all(self.certificates, certificate)?,
        })
    }

    /// The rows of a registry.
    pub(super) fn of(registry: &Registry) -> Self {
        Self {
            tiers: registry.tiers.iter().map(tier_row).collect(),
            hubs: registry.hubs.iter().map(hub_row).collect(),
            agencies: registry.agencies.iter().map(agency_row).collect(),
            successions: registry.successions.iter().map(succession_row).collect(),
            certificates: registry.certificates.iter().map(certificate_row).collect(),
        }
    }
}

fn all<R, T>(rows: Vec<R>, convert: fn(R) -> Result<T, String>) -> Result<Vec<T>, String> {
    rows.into_iter().map(convert).collect()
}

fn day(text: &str) -> Result<Date, String> {
    text.parse()
        .map_err(|fault| format!("expected a day such as 2025-06-30, found {text:?}: {fault}"))
}

fn days(from: Option<&str>, to: Option<&str>) -> Result<Period, String> {
    Ok(Period {
        from: from.map(day).transpose()?,
        to: to.map(day).transpose()?,
    })
}

fn code(text: &str) -> Result<AgencyCode, String> {
    AgencyCode::parse(text).map_err(|fault| fault.to_string())
}

fn codes(texts: &[String]) -> Result<Vec<AgencyCode>, String> {
    texts.iter().map(|text| code(text)).collect()
}

fn hub_id(text: &str) -> Result<HubId, String> {
    HubId::parse(text).map_err(|fault| fault.to_string())
}

fn tier(row: TierRow) -> Result<Tier, String> {
    Ok(Tier {
        valid: days(row.from.as_deref(), row.to.as_deref())?,
        code: row.code,
        name_vi: row.name_vi,
        name_en: row.name_en,
        rank: row.rank,
    })
}

fn hub(row: HubRow, pem: &dyn Fn(String) -> Result<String, String>) -> Result<Hub, String> {
    let certificates =
        |texts: Vec<String>| texts.into_iter().map(pem).collect::<Result<Vec<_>, _>>();
    Ok(Hub {
        id: hub_id(&row.id)?,
        name: row.name,
        parent: row.parent.as_deref().map(hub_id).transpose()?,
        url: row.url.trim_end_matches('/').to_owned(),
        tls_certificates: certificates(row.tls_certificates)?,
        signing_certificates: certificates(row.signing_certificates)?,
    })
}

fn agency(row: AgencyRow) -> Result<Agency, String> {
    Ok(Agency {
        code: code(&row.code)?,
        other_codes: codes(&row.other_codes)?,
        name: row.name,
        former_names: all(row.former_names, |row| {
            let to = day(&row.to)?;
            Ok(FormerName { name: row.name, to })
        })?,
        tier: row.tier,
        parent: row.parent.as_deref().map(code).transpose()?,
        former_parents: all(row.former_parents, |row| {
            let value = row.parent.as_deref().map(code).transpose()?;
            let to = day(&row.to)?;
            Ok(Former { value, to })
        })?,
        valid: days(row.from.as_deref(), row.to.as_deref())?,
        hub: row.hub.as_deref().map(hub_id).transpose()?,
        former_hubs: all(row.former_hubs, |row| {
            let value = row.hub.as_deref().map(hub_id).transpose()?;
            let to = day(&row.to)?;
            Ok(Former { value, to })
        })?,
        email: row.email,
        abbreviation: row.abbreviation,
    })
}

fn succession(row: SuccessionRow) -> Result<Succession, String> {
    let kinds = "expected merge, split, rename, transfer or dissolve";
    Ok(Succession {
        kind: Kind::parse(&row.kind).ok_or_else(|| format!("{kinds}, found {:?}", row.kind))?,
        from: code(&row.from)?,
        to: codes(&row.to)?,
        effective: day(&row.effective)?,
        legal_basis: row.legal_basis,
        scope: row.scope,
        redirect_to: row.redirect_to.as_deref().map(code).transpose()?,
        redirect_until: row.redirect_until.as_deref().map(day).transpose()?,
    })
}

fn certificate(row: CertificateRow) -> Result<RegisteredCertificate, String> {
    Ok(RegisteredCertificate {
        sha256: row.sha256.parse().map_err(|fault| format!("{fault}"))?,
        agency: code(&row.agency)?,
        kind: match row.kind {
            KeyKind::Person => HolderKind::Person,
            KeyKind::Agency => HolderKind::Agency,
        },
        holder: row.holder,
        valid: days(row.from.as_deref(), row.to.as_deref())?,
    })
}

fn written(days: Option<Date>) -> Option<String> {
    days.map(|day| day.to_string())
}

fn tier_row(tier: &Tier) -> TierRow {
    TierRow {
        code: tier.code.clone(),
        name_vi: tier.name_vi.clone(),
        name_en: tier.name_en.clone(),
        rank: tier.rank,
        from: written(tier.valid.from),
        to: written(tier.valid.to),
    }
}

fn hub_row(hub: &Hub) -> HubRow {
    HubRow {
        id: hub.id.to_string(),
        name: hub.name.clone(),
        parent: hub.parent.as_ref().map(ToString::to_string),
        url: hub.url.clone(),
        tls_certificates: hub.tls_certificates.clone(),
        signing_certificates: hub.signing_certificates.clone(),
    }
}

fn agency_row(agency: &Agency) -> AgencyRow {
    let names = agency.former_names.iter().map(|former| FormerNameRow {
        name: former.name.clone(),
        to: former.to.to_string(),
    });
    let parents = agency.former_parents.iter().map(|former| FormerParentRow {
        parent: former.value.as_ref().map(ToString::to_string),
        to: former.to.to_string(),
    });
    let hubs = agency.former_hubs.iter().map(|former| FormerHubRow {
        hub: former.value.as_ref().map(ToString::to_string),
        to: former.to.to_string(),
    });
    AgencyRow {
        code: agency.code.to_string(),
        other_codes: agency.other_codes.iter().map(ToString::to_string).collect(),
        name: agency.name.clone(),
        tier: agency.tier.clone(),
        parent: agency.parent.as_ref().map(ToString::to_string),
        hub: agency.hub.as_ref().map(ToString::to_string),
        email: agency.email.clone(),
        abbreviation: agency.abbreviation.clone(),
        from: written(agency.valid.from),
        to: written(agency.valid.to),
        former_names: names.collect(),
        former_parents: parents.collect(),
        former_hubs: hubs.collect(),
    }
}

fn succession_row(row: &Succession) -> SuccessionRow {
    SuccessionRow {
        kind: row.kind.as_str().to_owned(),
        from: row.from.to_string(),
        to: row.to.iter().map(ToString::to_string).collect(),
        effective: row.effective.to_string(),
        legal_basis: row.legal_basis.clone(),
        scope: row.scope.clone(),
        redirect_to: row.redirect_to.as_ref().map(ToString::to_string),
        redirect_until: written(row.redirect_until),
    }
}

fn certificate_row(row: &RegisteredCertificate) -> CertificateRow {
    CertificateRow {
        sha256: row.sha256.to_string(),
        agency: row.agency.to_string(),
        kind: match row.kind {
            HolderKind::Person => KeyKind::Person,
            HolderKind::Agency => KeyKind::Agency,
        },
        holder: row.holder.clone(),
        from: written(row.valid.from),
        to: written(row.valid.to),
    }
}
