//! The JSON of a verdict keeps to its published schema, key by key, whatever the file is.

use serde_json::Value;

use lienthong::domain::language::Language;

use super::support::bytes::{hole, small_document};
use super::support::{judged, path, signed};

const AGENCY: &str = "agencies/gialai";

fn schema() -> Value {
    let text = std::fs::read_to_string(path("docs/verification.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn holds(root: &Value, rule: &Value, value: &Value, at: &str) {
    if let Some(name) = rule["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return holds(root, &root["$defs"][name], value, at);
    }
    if let Some(either) = rule["anyOf"].as_array() {
        assert_eq!(either[1]["type"], "null", "{at}");
        if !value.is_null() {
            holds(root, &either[0], value, at);
        }
        return;
    }
    if let Some(only) = rule.get("const") {
        assert_eq!(value, only, "{at}");
        return;
    }
    let allowed = match &rule["type"] {
        Value::Array(kinds) => kinds.iter().any(|one| one == kind(value)),
        one => one == kind(value),
    };
    assert!(allowed, "{at}: {value}");
    if let Some(named) = rule["enum"].as_array() {
        assert!(named.contains(value), "{at}: {value}");
    }
    match value {
        Value::Object(members) => {
            let known = rule["properties"].as_object().unwrap();
            let keys = |map: &serde_json::Map<String, Value>| {
                map.keys()
                    .cloned()
                    .collect::<std::collections::BTreeSet<_>>()
            };
            assert_eq!(keys(members), keys(known), "{at}");
            for (key, member) in members {
                holds(root, &known[key], member, &format!("{at}.{key}"));
            }
        }
        Value::Array(items) => {
            for item in items {
                holds(root, &rule["items"], item, &format!("{at}[]"));
            }
        }
        _ => {}
    }
}

#[test]
fn every_kind_of_verdict_keeps_to_the_schema() {
    let sound = signed(&small_document(), AGENCY);
    let mut broken = sound.clone();
    broken[hole(&sound).0 + 40] ^= 1;
    let cut = sound[..sound.len() - 9].to_vec();
    let root = schema();
    for file in [sound, broken, cut, small_document(), b"no PDF".to_vec()] {
        let json = judged(&file).to_json(Language::Vietnamese);
        let value: Value = serde_json::from_str(&json).unwrap();
        holds(&root, &root, &value, "report");
    }
}

#[test]
fn a_verdict_short_of_passed_names_the_check_that_stands_in_its_way() {
    let sound = signed(&small_document(), AGENCY);
    for at in (0..sound.len()).step_by(97) {
        let mut changed = sound.clone();
        changed[at] ^= 1;
        let report = judged(&changed);
        for signature in &report.signatures {
            let checks = report.checks(signature);
            let stands = checks.iter().any(|check| {
                let result = check.outcome.result.to_string();
                result == "failed" || result == "indeterminate"
            });
            let passed = signature.indication.to_string() == "TOTAL-PASSED";
            assert_eq!(passed, !stands, "byte {at}: {checks:?}");
        }
    }
}
