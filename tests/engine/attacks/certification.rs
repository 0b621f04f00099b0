//! EAA, SSA and MDP, attacks on certified documents: what the permission of a certification, a lock
//! or the agency's policy forbids. Source: "Breaking the Specification: PDF Certification" (IEEE
//! S&P 2021); ISO 32000-2, 12.8.2.

use super::super::attack::forms::{
    LOOK, TEXT, again, annotated, catalog, certified, filled, form, locked, look, reference,
    signed_again, text_field, visible,
};
use super::super::attack::identity::{Draft, Identity, Scheme, p256, world};
use super::super::attack::pdf::{Update, stream};
use super::super::attack::signed::{
    FORM, SIGNATURE, dictionary, field, page_with, seal, with_hole,
};
use super::Case;

const OPEN: &str = "INDETERMINATE/SIG_CONSTRAINTS_FAILURE";

super::rows! {
    eaa_01_annotations_change_a_document_that_permits_them: annotations;
    eaa_02_annotations_of_odd_kinds: odd_annotations;
    ssa_01_a_visible_field_after_a_certification: visible_field;
    ssa_02_a_broken_or_self_made_signature_makes_the_change: unsound_maker;
    ssa_03_a_new_field_is_not_signed: unsigned_field;
    mdp_01_a_change_beyond_the_permission: beyond;
    mdp_02_the_permission_is_edited: edited;
    mdp_03_two_certifications_and_a_late_one: two_certifications;
    mdp_04_a_later_lock_permits_more: weakened;
    mdp_05_ways_around_a_field_lock: around_locks;
}

/// An annotation that could hide something.
pub(super) const HIDES: &str = "ANNOTATION_OVER_TEXT";

pub(super) fn note(kind: &str, rect: &str, more: &str) -> String {
    format!("<</Type/Annot/Subtype/{kind}/Rect[{rect}]/P 3 0 R/F 4/Contents(note){more}>>")
}

pub(super) const OVER: &str = "60 690 300 730";
pub(super) const BESIDE: &str = "60 100 200 200";

fn annotations() -> Vec<Case> {
    let file = certified(form(), 3).sealed();
    let with = |kind: &str, rect: &str, more: &str| annotated(&file, &note(kind, rect, more));
    let mut cases = Vec::new();
    for kind in ["Text", "FreeText", "Stamp", "Line", "Ink", "Square"] {
        let beside = with(kind, BESIDE, "");
        cases.push(Case {
            reason: "CHANGED_BY_ANNOTATION",
            ..Case::passes(kind, beside)
        });
    }
    for kind in ["Text", "Highlight", "StrikeOut", "Caret", "FreeText", "Ink"] {
        let over = with(kind, OVER, "/C[0 0 0]");
        cases.push(Case::format(kind, over, HIDES));
    }
    let drawn = Update::after(&file)
        .object(3, &page_with("4 0 R", "7 0 R 30 0 R 40 0 R"))
        .object(40, &note("Highlight", OVER, "/AP<</N 41 0 R>>"))
        .object(41, &look("So 99"));
    cases.push(Case::format("a picture of its own", drawn.table(), HIDES));
    cases.push(Case::format(
        "a redaction",
        with("Redact", BESIDE, ""),
        "ANNOTATION_CHANGED",
    ));
    let plain = form().sealed();
    let uncertified = annotated(&plain, &note("Text", BESIDE, ""));
    cases.push(Case::format(
        "without a certification",
        uncertified,
        "ANNOTATION_CHANGED",
    ));
    cases
}

fn odd_annotations() -> Vec<Case> {
    let file = certified(form(), 3).sealed();
    let case = |kind: &str, more: &str| {
        let file = annotated(&file, &note(kind, BESIDE, more));
        Case::format(format!("{kind}{more}"), file, "ANNOTATION_CHANGED")
    };
    let flagged = |flags: u16| {
        let note = note("Text", BESIDE, "").replace("/F 4", &format!("/F {flags}"));
        Case::format(
            format!("flags {flags}"),
            annotated(&file, &note),
            "ANNOTATION_CHANGED",
        )
    };
    let elsewhere = note("Text", BESIDE, "").replace("3 0 R", "2 0 R");
    vec![
        case("Popup", ""),
        case("Link", "/A<</S/URI/URI(x)>>"),
        case("Widget", ""),
        case("Watermark", ""),
        case("FileAttachment", ""),
        case("Screen", ""),
        case("Evil", ""),
        case("Text", "/A<</S/JavaScript/JS(x)>>"),
        case("Text", "/AA<<>>"),
        case("Text", "/Popup 30 0 R"),
        case("Text", "/RC(<b>x</b>)"),
        case("Text", "/OC 4 0 R"),
        case("Stamp", "/AP<</N 31 0 R>>"),
        flagged(1),
        flagged(2),
        flagged(32),
        flagged(256),
        Case::format(
            "another page's",
            annotated(&file, &elsewhere),
            "ANNOTATION_CHANGED",
        ),
        Case::format(
            "direct",
            {
                Update::after(&file)
                    .object(
                        3,
                        &page_with(
                            "4 0 R",
                            &format!("7 0 R 30 0 R {}", note("Text", BESIDE, "")),
                        ),
                    )
                    .table()
            },
            "ANNOTATION_CHANGED",
        ),
        Case::format(
            "one removed",
            {
                Update::after(&file)
                    .object(3, &page_with("4 0 R", "7 0 R"))
                    .table()
            },
            "ANNOTATION_CHANGED",
        ),
    ]
}

pub(super) fn marked(file: &[u8], rect: &str, signer: &Identity) -> Vec<u8> {
    let update = again(file, &visible("Second", rect), "").object(19, &look("signed"));
    seal(&update.table(), signer)
}

fn visible_field() -> Vec<Case> {
    let waiting = certified(form(), 2)
        .with(FORM, "<</Fields[7 0 R 30 0 R 17 0 R]/SigFlags 3>>")
        .with(3, &page_with("4 0 R", "7 0 R 30 0 R 17 0 R"))
        .with(
            17,
            &visible("Second", BESIDE)
                .replace("/V 18 0 R", "")
                .replace("/AP<</N 19 0 R>>", ""),
        )
        .sealed();
    let signed = Update::after(&waiting)
        .object(17, &visible("Second", BESIDE))
        .object(18, &dictionary("ETSI.CAdES.detached", ""))
        .object(19, &look("signed"));
    let of = |permission| certified(form(), permission).sealed();
    let case = |what, permission, rect: &str| {
        let file = marked(&of(permission), rect, &world().rsa);
        Case::format(what, file, "VISIBLE_FIELD_AFTER_CERTIFICATION")
    };
    vec![
        case(
            "in a box that cannot be read, P 2",
            2,
            "0 0 99999999999 99999999999",
        ),
        case("over content, P 2", 2, OVER),
        case("beside it, P 2", 2, BESIDE),
        case("over content, P 3", 3, OVER),
        Case::passes(
            "without a certification",
            marked(&form().sealed(), OVER, &world().rsa),
        ),
        Case::passes("invisible, P 2", signed_again(&of(2))),
        Case::passes(
            "a field that waited for it",
            seal(&signed.table(), &world().rsa),
        ),
    ]
}

fn stranger() -> Identity {
    Draft::signer("Stranger").mint(p256(), Scheme::Ecdsa, None)
}

fn unsound_maker() -> Vec<Case> {
    let plain = form().sealed();
    let file = certified(form(), 2).sealed();
    let zeros = |file: &[u8]| {
        let open = again(file, &field("Second", 18), "").table();
        super::super::attack::signed::ranged(&open)
    };
    let junk = |file: &[u8]| with_hole(&zeros(file), "<3000>");
    let self_made = |file: &[u8]| {
        let open = again(file, &field("Second", 18), "").table();
        seal(&open, &stranger())
    };
    let unknown = "NO_PATH_TO_TRUSTED_ROOT";
    vec![
        Case::format("empty", zeros(&file), "ADDED_SIGNATURE_BROKEN"),
        Case::format("no signature", junk(&file), "ADDED_SIGNATURE_BROKEN"),
        Case::format(
            "empty, not certified",
            zeros(&plain),
            "ADDED_SIGNATURE_BROKEN",
        ),
        Case::format("self-made", self_made(&file), "ADDED_SIGNATURE_UNTRUSTED"),
        Case::new(
            "self-made, not certified",
            self_made(&plain),
            "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND",
            unknown,
        ),
    ]
}

fn unsigned_field() -> Vec<Case> {
    let file = certified(form(), 2).sealed();
    let add = |field: &str| {
        Update::after(&file)
            .object(3, &page_with("4 0 R", "7 0 R 30 0 R 17 0 R"))
            .object(FORM, "<</Fields[7 0 R 30 0 R 17 0 R]/SigFlags 3>>")
            .object(17, field)
            .object(19, &look("signed"))
            .table()
    };
    let unsigned = visible("Second", OVER).replace("/V 18 0 R", "");
    let direct = visible("Second", OVER).replace("18 0 R", "<</Type/Sig>>");
    let text = text_field("x", 19).replace("(Sum)", "(New)");
    let empty = "<</FT/Sig/T(Second)/Kids[38 0 R]>>";
    let widget = "<</Type/Annot/Subtype/Widget/Parent 17 0 R/F 4/Rect[60 100 200 200]/P 3 0 R>>";
    let waiting = certified(form(), 2)
        .with(FORM, "<</Fields[7 0 R 30 0 R 17 0 R]/SigFlags 3>>")
        .with(3, &page_with("4 0 R", "7 0 R 30 0 R 38 0 R"))
        .with(17, empty)
        .with(38, widget)
        .sealed();
    let drawn = Update::after(&waiting)
        .object(38, &widget.replace("/F 4", "/F 4/AP<</N 19 0 R>>"))
        .object(19, &look("signed"));
    vec![
        Case::format(
            "the widget of a waiting field",
            drawn.table(),
            "FIELD_CHANGED",
        ),
        Case::format("without a value", add(&unsigned), "FIELD_NOT_A_SIGNATURE"),
        Case::format("with a direct value", add(&direct), "FIELD_NOT_A_SIGNATURE"),
        Case::format("of another kind", add(&text), "FIELD_NOT_A_SIGNATURE"),
    ]
}

fn beyond() -> Vec<Case> {
    let forbidden = "FORBIDDEN_BY_CERTIFICATION";
    let mut cases = Vec::new();
    let store = |file: &[u8]| {
        let catalog = catalog("/Perms<</DocMDP 8 0 R>>/DSS<</Certs[21 0 R]>>");
        Update::after(file)
            .object(1, &catalog)
            .object(21, &stream("certificate"))
            .table()
    };
    for permission in [1, 2, 3] {
        let file = certified(form(), permission).sealed();
        let named = |what: &str| format!("{what}, P {permission}");
        let content = Update::after(&file).object(4, &stream("BT ET")).table();
        cases.push(Case::format(named("content"), content, "OBJECT_CHANGED"));
        cases.push(Case::passes(named("validation data"), store(&file)));
        let comment = annotated(&file, &note("Text", BESIDE, ""));
        let (fill, sign) = (filled(&file, "x"), signed_again(&file));
        if permission == 1 {
            cases.push(Case::format(named("a form"), fill, forbidden));
            cases.push(Case::format(named("a signature"), sign, forbidden));
        } else {
            cases.push(Case::passes(named("a form"), fill));
            cases.push(Case::passes(named("a signature"), sign));
        }
        if permission == 3 {
            cases.push(Case::passes(named("an annotation"), comment));
        } else {
            cases.push(Case::format(named("an annotation"), comment, forbidden));
        }
    }
    let odd = certified(form(), 9).sealed();
    cases.push(Case::format(
        "a form, unknown permission",
        filled(&odd, "x"),
        forbidden,
    ));
    cases
}

fn edited() -> Vec<Case> {
    let file = certified(form(), 2).sealed();
    let perms = |entry: &str| Update::after(&file).object(1, &catalog(entry)).table();
    let indirect = "/TransformParams 20 0 R";
    let direct = reference("DocMDP", "/P 2");
    let (head, _) = direct.split_once("/TransformParams<<").unwrap();
    let extra = format!("{head}{indirect}>>]");
    let apart = certified(form(), 2)
        .with(SIGNATURE, &dictionary("ETSI.CAdES.detached", &extra))
        .with(20, "<</Type/TransformParams/V/1.2/P 1>>")
        .sealed();
    let raised = Update::after(&apart)
        .object(20, "<</Type/TransformParams/V/1.2/P 3>>")
        .table();
    let held = certified(form(), 2)
        .with(1, &catalog("/Perms 21 0 R"))
        .with(21, "<</DocMDP 8 0 R>>")
        .sealed();
    let overwritten = Update::after(&held).object(21, "<<>>").table();
    vec![
        Case::format("removed", perms(""), "PERMISSIONS_CHANGED"),
        Case::format("emptied", perms("/Perms<<>>"), "PERMISSIONS_CHANGED"),
        Case::format(
            "pointed elsewhere",
            perms("/Perms<</DocMDP 5 0 R>>"),
            "PERMISSIONS_CHANGED",
        ),
        Case::format(
            "usage rights added",
            perms("/Perms<</DocMDP 8 0 R/UR3 8 0 R>>"),
            "PERMISSIONS_CHANGED",
        ),
        Case::format("in its own object", overwritten, "OBJECT_CHANGED"),
        Case::format("its parameters", raised.clone(), "OBJECT_CHANGED"),
        Case::format(
            "its parameters, then filled",
            filled(&raised, "x"),
            "OBJECT_CHANGED",
        ),
    ]
}

fn two_certifications() -> Vec<Case> {
    let extra = reference("DocMDP", "/P 2");
    let late = |file: &[u8]| {
        let update = again(file, &field("Second", 18), &extra);
        let update = update.object(1, &catalog("/Perms<</DocMDP 18 0 R>>"));
        seal(&update.table(), &world().rsa)
    };
    let hidden = |file: &[u8]| {
        let update = again(file, &field("Second", 18), &extra);
        seal(&update.table(), &world().rsa)
    };
    let certified = certified(form(), 2).sealed();
    vec![
        Case::format(
            "two, the second named",
            late(&certified),
            "TWO_CERTIFICATIONS",
        ),
        Case::format(
            "two, the first named",
            hidden(&certified),
            "TWO_CERTIFICATIONS",
        ),
        Case::new(
            "after an approval",
            late(&form().sealed()),
            OPEN,
            "CERTIFICATION_NOT_FIRST",
        ),
        Case::format(
            "not named",
            hidden(&form().sealed()),
            "CERTIFICATION_NOT_NAMED",
        ),
    ]
}

fn weakened() -> Vec<Case> {
    let lock = |permission: u8| {
        let lock = format!("/Lock<</Type/SigFieldLock/Action/Include/Fields[]/P {permission}>>/T(");
        field("Second", 18).replace("/T(", &lock)
    };
    let sign = |file: &[u8], permission| {
        let update = again(file, &lock(permission), "");
        seal(&update.table(), &world().rsa)
    };
    let two = certified(form(), 2).sealed();
    let three = certified(form(), 3).sealed();
    let narrowed = sign(&three, 1);
    vec![
        Case::new("from 2 to 3", sign(&two, 3), OPEN, "PERMISSION_WEAKENED"),
        Case::passes("kept at 2", sign(&two, 2)),
        Case::passes("narrowed to 1", narrowed.clone()),
        Case::format(
            "filled after narrowing",
            filled(&narrowed, "x"),
            "FORBIDDEN_BY_CERTIFICATION",
        ),
    ]
}

fn around_locks() -> Vec<Case> {
    let forbidden = "FORBIDDEN_BY_FIELD_LOCK";
    let lock = |parameters: &str| locked(form(), parameters).sealed();
    let case = |what: &str, parameters: &str| {
        Case::format(what, filled(&lock(parameters), "x"), forbidden)
    };
    let open = |what: &str, parameters: &str| Case::passes(what, filled(&lock(parameters), "x"));
    let all = lock("/Action/All");
    let renamed = Update::after(&all)
        .object(TEXT, &text_field("x", 32).replace("(Sum)", "(Other)"))
        .object(32, &look("x"))
        .table();
    let kid = |parent: &str| {
        locked(form(), "/Action/Include/Fields[(Group)]")
            .with(
                TEXT,
                &text_field("", LOOK).replace("/FT", "/Parent 37 0 R/FT"),
            )
            .with(37, parent)
            .with(FORM, "<</Fields[7 0 R 37 0 R]/SigFlags 3>>")
            .sealed()
    };
    let fill_kid = |file: &[u8]| {
        Update::after(file)
            .object(
                TEXT,
                &text_field("x", 32).replace("/FT", "/Parent 37 0 R/FT"),
            )
            .object(32, &look("x"))
            .table()
    };
    let nameless = locked(form(), "/Action/Include/Fields[(Other)]")
        .with(TEXT, &text_field("", LOOK).replace("/T(Sum)", ""))
        .sealed();
    let fill_nameless = Update::after(&nameless)
        .object(TEXT, &text_field("x", 32).replace("/T(Sum)", ""))
        .object(32, &look("x"))
        .table();
    let by_field = form()
        .with(
            7,
            &field("S", SIGNATURE).replace("/T(", "/Lock<</Action/All>>/T("),
        )
        .sealed();
    vec![
        case("all", "/Action/All"),
        case("included", "/Action/Include/Fields[(Sum)]"),
        case("not excluded", "/Action/Exclude/Fields[(Other)]"),
        case(
            "a shared beginning is no exclusion",
            "/Action/Exclude/Fields[(Su)]",
        ),
        case(
            "an unknown action locks all",
            "/Action/Evil/Fields[(Other)]",
        ),
        case(
            "names that cannot be read lock all",
            "/Action/Include/Fields 5",
        ),
        open("not included", "/Action/Include/Fields[(Other)]"),
        open(
            "a shared beginning is no inclusion",
            "/Action/Include/Fields[(Su)]",
        ),
        open("excluded", "/Action/Exclude/Fields[(Sum)]"),
        Case::format("renamed", renamed, "FIELD_CHANGED"),
        Case::format(
            "a kid",
            fill_kid(&kid("<</T(Group)/Kids[30 0 R]>>")),
            forbidden,
        ),
        Case::passes(
            "another group's kid",
            fill_kid(&kid("<</T(Groups)/Kids[30 0 R]>>")),
        ),
        Case::format("without a name", fill_nameless, forbidden),
        Case::format("the field's own lock", filled(&by_field, "x"), forbidden),
        Case::format("a further signature", signed_again(&all), forbidden),
    ]
}
