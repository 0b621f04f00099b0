//! Many signatures and chance updates: what one revision costs does not grow with the file, and
//! nothing appended at random passes unless it is explained.

use lienthong::pades::{self, Modifications, Policy};
use proptest::prelude::*;

use super::attack::forms::{certified, form};
use super::attack::identity::world;
use super::attack::judge::{codes, evidence, judged, now, passes};
use super::attack::pdf::{Update, stream};
use super::attack::signed::{Doc, FORM, dictionary, field, page_with, seal};

/// A document signed `count` times, each signature in its own revision.
pub(super) fn signed_often(count: u32) -> Vec<u8> {
    let mut file = Doc::small().sealed();
    let mut names = "7 0 R".to_owned();
    for at in 1..count {
        let (own, value) = (100 + at * 2, 101 + at * 2);
        names.push_str(&format!(" {own} 0 R"));
        let update = Update::after(&file)
            .object(3, &page_with("4 0 R", &names))
            .object(FORM, &format!("<</Fields[{names}]/SigFlags 3>>"))
            .object(own, &field(&format!("S{at}"), value))
            .object(value, &dictionary("ETSI.CAdES.detached", ""));
        file = seal(&update.table(), &world().ecdsa);
    }
    file
}

#[test]
fn fifty_one_signatures_pass_and_each_sees_the_later_ones() {
    let report = judged(&signed_often(51));
    assert!(passes(&report), "{:?}", codes(&report));
    let counts: Vec<_> = report
        .signatures
        .iter()
        .map(|one| one.modifications_count)
        .collect();
    assert_eq!(counts.len(), 51);
    assert_eq!((counts[0], counts[50]), (200, 0), "four objects each");
    assert!(
        report
            .signatures
            .iter()
            .all(|one| one.modifications_list.len() <= 50)
    );
}

/// Bodies an attacker may choose from.
fn body() -> impl Strategy<Value = String> {
    let reference = (1_u32..40).prop_map(|number| format!("{number} 0 R"));
    let plain = prop_oneof![
        Just("null".to_owned()),
        Just("(text)".to_owned()),
        Just("/Name".to_owned()),
        Just("7".to_owned()),
        Just("<<>>".to_owned()),
        Just("[]".to_owned()),
        Just(stream("BT (evil) Tj ET")),
    ];
    let key = prop_oneof![
        Just("V"),
        Just("AP"),
        Just("AS"),
        Just("Annots"),
        Just("Contents"),
        Just("Fields"),
        Just("DSS"),
        Just("Metadata"),
        Just("Perms"),
        Just("Kids"),
        Just("Rect"),
        Just("FT"),
    ];
    let entries = proptest::collection::btree_map(key, reference.clone(), 0..4);
    let dictionary = entries.prop_map(|entries| {
        let entries = entries.iter().map(|(key, value)| format!("/{key} {value}"));
        format!("<<{}>>", entries.collect::<String>())
    });
    prop_oneof![
        plain,
        reference.prop_map(|one| format!("[{one}]")),
        dictionary
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever objects an update brings: the file passes only if each of them is listed as allowed.
    #[test]
    fn a_chance_update_never_passes_unexplained(
        permission in 0_u8..4,
        objects in proptest::collection::btree_map(1_u32..40, body(), 1..4),
        freed in proptest::option::of(1_u32..40),
    ) {
        let doc = match permission {
            0 => form(),
            permission => certified(form(), permission),
        };
        let file = doc.sealed();
        let mut update = Update::after(&file);
        for (number, body) in &objects {
            update = update.object(*number, body);
        }
        if let Some(number) = freed.filter(|number| !objects.contains_key(number)) {
            update = update.free(number);
        }
        let report = pades::verify(
            &update.table(), "file.pdf", evidence(), &Policy::standard(), None, now(),
        );
        if passes(&report) {
            let first = &report.signatures[0];
            prop_assert!(first.modifications != Modifications::Disallowed);
            let explained: Vec<u32> = first
                .modifications_list
                .iter()
                .filter(|one| one.refused.is_none())
                .map(|one| one.change.object)
                .collect();
            for number in objects.keys() {
                prop_assert!(explained.contains(number), "{} is not explained", number);
            }
        }
    }
}
