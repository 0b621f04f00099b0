//! The registry's rules, on a small tree.

use super::*;
use crate::domain::agency::Former;
use crate::domain::succession::Kind;

pub(crate) fn hub(name: &str) -> HubId {
    HubId::parse(name).unwrap()
}

fn hub_row(name: &str, parent: Option<&str>) -> Hub {
    Hub {
        id: hub(name),
        name: name.to_owned(),
        parent: parent.map(hub),
        url: format!("https://{name}.invalid"),
        tls_certificates: Vec::new(),
        signing_certificates: Vec::new(),
    }
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn agency(code: &str, tier: &str, to: Option<&str>, at: Option<&str>) -> Agency {
    Agency {
        code: AgencyCode::parse(code).unwrap(),
        other_codes: Vec::new(),
        name: format!("Agency {code}"),
        former_names: Vec::new(),
        former_parents: Vec::new(),
        former_hubs: Vec::new(),
        tier: tier.to_owned(),
        parent: None,
        valid: Period {
            from: None,
            to: to.map(day),
        },
        hub: at.map(hub),
        email: None,
        abbreviation: None,
    }
}

pub(crate) fn registry() -> Registry {
    let tier = |code: &str, rank, to: Option<&str>| Tier {
        code: code.to_owned(),
        name_vi: code.to_owned(),
        name_en: code.to_owned(),
        rank,
        valid: Period {
            from: None,
            to: to.map(day),
        },
    };
    let code = |text: &str| AgencyCode::parse(text).unwrap();
    let follows = |from, to: &[&str]| Succession {
        from: code(from),
        to: to.iter().map(|text| code(text)).collect(),
        effective: day("2025-07-01"),
        legal_basis: "1664/NQ-UBTVQH15".to_owned(),
        kind: Kind::Rename,
        scope: None,
        redirect_to: None,
        redirect_until: Some(day("2025-09-30")),
    };
    let mut commune = agency("H21.36.21", "commune", Some("2025-06-30"), Some("commune"));
    commune.other_codes.push(code("000.21.36.H21"));
    Registry {
        tiers: vec![
            tier("central", 1, None),
            tier("district", 3, Some("2025-06-30")),
            tier("commune", 4, None),
        ],
        hubs: vec![
            hub_row("central", None),
            hub_row("province", Some("central")),
            hub_row("other-province", Some("central")),
            hub_row("district", Some("province")),
            hub_row("commune", Some("district")),
            hub_row("commune-b", Some("district")),
        ],
        agencies: vec![
            agency("G22", "central", None, Some("central")),
            agency("H21.36", "district", Some("2025-06-30"), Some("district")),
            commune,
            agency("H21.88", "commune", None, Some("commune")),
            agency("H21.99", "commune", None, None),
        ],
        successions: vec![
            follows("H21.36", &["H21.36.21"]),
            follows("H21.36.21", &["H21.88"]),
        ],
        certificates: Vec::new(),
    }
}

pub(crate) fn tree() -> Directory {
    Directory::new(registry()).unwrap()
}

#[test]
fn an_agency_is_found_under_every_spelling() {
    let tree = tree();
    for written in ["H21.36.21", "h21.36.21", "000.21.36.H21", "21.36.H21"] {
        assert_eq!(
            tree.find(written).unwrap().code.as_str(),
            "H21.36.21",
            "{written}"
        );
    }
    assert!(matches!(
        tree.find("H21.1.1"),
        Err(Refusal::UnknownAgency { .. })
    ));
}

#[test]
fn a_closed_agency_is_refused_with_the_name_of_its_living_successor() {
    let refused = tree().addressee("H21.36", day("2025-07-01")).unwrap_err();
    let Refusal::AgencyClosed {
        successors,
        closed_on,
        ..
    } = refused
    else {
        panic!("{refused:?}");
    };
    let said: Vec<String> = successors.iter().map(Successor::title).collect();
    assert_eq!(
        said,
        ["Agency H21.88 (H21.88), 01/07/2025, 1664/NQ-UBTVQH15"]
    );
    assert_eq!(closed_on, day("2025-06-30"));
}

#[test]
fn the_same_agency_receives_on_its_last_day() {
    let tree = tree();
    let (agency, at) = tree.addressee("H21.36", day("2025-06-30")).unwrap();
    assert_eq!((agency.code.as_str(), at.as_str()), ("H21.36", "district"));
}

#[test]
fn an_agency_without_a_hub_is_refused() {
    let refused = tree().addressee("H21.99", day("2025-06-30")).unwrap_err();
    assert!(matches!(refused, Refusal::AgencyNotHosted { .. }));
}

#[test]
fn a_circle_of_hubs_is_a_contradiction() {
    let mut registry = registry();
    registry.hubs[0].parent = Some(hub("commune"));
    assert!(
        Directory::new(registry)
            .unwrap_err()
            .0
            .contains("own ancestor")
    );
}

#[test]
fn a_code_filed_twice_is_a_contradiction() {
    let mut registry = registry();
    registry
        .agencies
        .push(agency("21.36.H21", "commune", None, None));
    assert!(
        Directory::new(registry)
            .unwrap_err()
            .0
            .contains("filed twice")
    );
}

#[test]
fn an_unknown_tier_is_a_contradiction() {
    let mut registry = registry();
    registry.agencies.push(agency("H99", "canton", None, None));
    assert!(
        Directory::new(registry)
            .unwrap_err()
            .0
            .contains("tier canton")
    );
}

#[test]
fn neighbours_are_the_hub_above_and_those_below() {
    let tree = tree();
    let near = |name| -> Vec<_> {
        tree.neighbours(&hub(name))
            .iter()
            .map(|hub| hub.id.to_string())
            .collect()
    };
    assert_eq!(near("district"), ["province", "commune", "commune-b"]);
    assert_eq!(near("central"), ["province", "other-province"]);
}

#[test]
fn what_was_on_the_road_goes_to_the_heir_until_the_day_the_registry_names() {
    let tree = tree();
    let old = AgencyCode::parse("H21.36").unwrap();
    let heir = |on: &str| {
        tree.heir(&old, day(on))
            .map(|(heir, _)| heir.code.to_string())
    };
    assert_eq!(heir("2025-06-30"), None);
    assert_eq!(heir("2025-07-01").as_deref(), Some("H21.88"));
    assert_eq!(heir("2025-09-30").as_deref(), Some("H21.88"));
    assert_eq!(heir("2025-10-01"), None);
}

#[test]
fn a_succession_that_does_not_hold_together_is_a_contradiction() {
    let refused = |change: fn(&mut Succession)| {
        let mut registry = registry();
        change(&mut registry.successions[0]);
        Directory::new(registry).unwrap_err().0
    };
    type Change = fn(&mut Succession);
    let cases: [(Change, &str); 5] = [
        (|row| row.to.clear(), "exactly one successor"),
        (|row| row.effective = day("2025-06-30"), "must end before"),
        (|row| row.to = vec![row.from.clone()], "succeed itself"),
        (|row| row.legal_basis.clear(), "legal basis"),
        (|row| row.redirect_to = Some(row.from.clone()), "not among"),
    ];
    for (change, said) in cases {
        let found = refused(change);
        assert!(found.contains(said), "{found}");
    }
}

#[test]
fn hosting_and_parents_are_those_of_the_day() {
    let mut moved = agency("H21.88", "commune", None, Some("commune"));
    let former = |name| Former {
        value: Some(hub(name)),
        to: day("2025-06-30"),
    };
    moved.former_hubs.push(former("district"));
    assert_eq!(moved.hub_on(day("2025-06-30")), Some(&hub("district")));
    assert_eq!(moved.hub_on(day("2025-07-01")), Some(&hub("commune")));
}
