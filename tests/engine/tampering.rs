//! Signed files changed in the ways of the published attacks: none may pass, and each gives the
//! verdict the rule asks for.

use lienthong::pades::{Act, FileVerdict, Report};
use lienthong::pki::verdict::Indication;

use super::support::bytes::{
    document, find, freed, hole, page, replaced, rfind, small_document, stream, updated,
    with_byte_range, with_contents,
};
use super::support::{judged, key, request, sign_as, signed, verdict};

const FORMAT: &str = "TOTAL-FAILED/FORMAT_FAILURE";
const PERSON: &str = "persons/iadom-leader";
const QUICK: &str = "agencies/gialai";

fn once() -> Vec<u8> {
    let file = signed(&small_document(), QUICK);
    assert_eq!(verdict(&judged(&file)), "TOTAL-PASSED");
    file
}

fn passes(report: &Report) -> bool {
    report.verdict == FileVerdict::Judged(Indication::TotalPassed)
}

/// The catalog after the first signature: object 1, its form being object 202.
fn catalog(extra: &str) -> String {
    format!("<</Type/Catalog/Pages 2 0 R/AcroForm 202 0 R{extra}>>")
}

fn assert_format(file: &[u8], code: &str) {
    let report = judged(file);
    assert_eq!(verdict(&report), FORMAT, "{code}: {:?}", report.findings);
    let rows = report
        .signatures
        .iter()
        .flat_map(|one| one.rows.named().map(|(_, row)| row.reason));
    let codes: Vec<_> = rows
        .chain(report.findings.iter().map(|finding| finding.check))
        .collect();
    assert!(codes.contains(&code), "{code} is not among {codes:?}");
}

#[test]
fn no_flipped_byte_inside_the_signed_ranges_passes() {
    let file = once();
    let (start, end) = hole(&file);
    for at in (0..start).chain(end..file.len()) {
        let mut changed = file.clone();
        changed[at] ^= 1;
        let report = judged(&changed);
        assert!(!passes(&report), "byte {at} of {}", file.len());
    }
}

#[test]
fn no_flipped_digit_of_the_signature_passes() {
    let file = once();
    let (start, end) = hole(&file);
    for at in (start..end).step_by(7) {
        let mut changed = file.clone();
        changed[at] ^= 1;
        assert!(!passes(&judged(&changed)), "byte {at}");
    }
}

#[test]
fn changed_content_is_a_hash_failure() {
    let file = once();
    let at = find(&file, "15/UBND-VP", 0);
    let changed = replaced(&file, (at, at + 2), "51");
    assert_eq!(verdict(&judged(&changed)), "TOTAL-FAILED/HASH_FAILURE");
}

#[test]
fn content_replaced_by_an_update_is_found() {
    let file = once();
    let evil = stream("BT /F1 24 Tf 72 700 Td (So 99/UBND-VP) Tj ET");
    assert_format(
        &updated(&file, &[(4, evil.clone())], "1 0 R"),
        "OBJECT_CHANGED",
    );
    assert_format(
        &updated(&file, &[(3, page("90 0 R")), (90, evil)], "1 0 R"),
        "PAGE_CHANGED",
    );
}

#[test]
fn a_change_made_and_undone_is_found() {
    let file = once();
    let good = stream("BT /F1 24 Tf 72 700 Td (So 15/UBND-VP) Tj ET");
    let evil = updated(&file, &[(4, stream("BT ET"))], "1 0 R");
    assert_format(&updated(&evil, &[(4, good)], "1 0 R"), "OBJECT_CHANGED");
}

#[test]
fn an_identical_rewrite_says_nothing_new() {
    let file = once();
    let same = updated(
        &file,
        &[(2, "<</Kids[3 0 R]/Type/Pages/Count 1>>".to_owned())],
        "1 0 R",
    );
    assert_eq!(verdict(&judged(&same)), "TOTAL-PASSED");
}

#[test]
fn appended_and_removed_pages_are_found() {
    let file = once();
    let pages = "<</Type/Pages/Kids[3 0 R 90 0 R]/Count 2>>".to_owned();
    assert_format(
        &updated(&file, &[(2, pages), (90, page("4 0 R"))], "1 0 R"),
        "OBJECT_CHANGED",
    );
    let none = "<</Type/Pages/Kids[]/Count 0>>".to_owned();
    assert_format(&updated(&file, &[(2, none)], "1 0 R"), "OBJECT_CHANGED");
}

#[test]
fn annotations_actions_and_other_catalog_entries_are_found() {
    let file = once();
    let note = "<</Type/Annot/Subtype/FreeText/Rect[0 0 300 300]/Contents(x)/DA(/F1 12 Tf)>>";
    let annotated = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.276 841.89]/Contents 4 0 R\
                     /Resources<</Font<</F1 5 0 R>>>>/Annots[201 0 R 90 0 R]>>";
    let objects = [(3, annotated.to_owned()), (90, note.to_owned())];
    assert_format(&updated(&file, &objects, "1 0 R"), "ANNOTATION_CHANGED");
    let action = catalog("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>");
    assert_format(&updated(&file, &[(1, action)], "1 0 R"), "CATALOG_CHANGED");
    let names = catalog("/Names<</JavaScript<</Names[]>>>>");
    assert_format(&updated(&file, &[(1, names)], "1 0 R"), "CATALOG_CHANGED");
}

#[test]
fn a_second_catalog_behind_the_trailer_is_found() {
    let file = once();
    let other = (
        90,
        "<</Type/Catalog/Pages 2 0 R/AcroForm 202 0 R>>".to_owned(),
    );
    assert_format(&updated(&file, &[other], "90 0 R"), "CATALOG_REPLACED");
}

#[test]
fn unexplained_and_freed_objects_are_found() {
    let file = once();
    assert_format(
        &updated(&file, &[(90, "(hidden)".to_owned())], "1 0 R"),
        "OBJECT_UNEXPLAINED",
    );
    assert_format(&freed(&file, &[5], "1 0 R"), "OBJECT_FREED");
}

#[test]
fn a_removed_or_overwritten_signature_is_found() {
    let file = once();
    let empty = "<</Fields[]/SigFlags 3>>".to_owned();
    assert_format(
        &updated(&file, &[(202, empty)], "1 0 R"),
        "SIGNATURE_REMOVED",
    );
    let start = find(&file, "200 0 obj", 0) + "200 0 obj\n".len();
    let body = &file[start..find(&file, "endobj", start)];
    let body = String::from_utf8_lossy(body).replace("/Filter/", "/Reason(forged)/Filter/");
    let report = judged(&updated(&file, &[(200, body)], "1 0 R"));
    assert_eq!(verdict(&report), FORMAT, "{:?}", report.findings);
}

#[test]
fn an_unsigned_new_field_with_an_appearance_is_found() {
    let file = once();
    let form = "<</Fields[201 0 R 90 0 R]/SigFlags 3>>".to_owned();
    let field = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Fake)/Rect[0 0 300 300]/P 3 0 R\
                 /AP<</N 91 0 R>>>>";
    let look = "<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Length 0>>\nstream\n\nendstream";
    let objects = [(202, form), (90, field.to_owned()), (91, look.to_owned())];
    assert_format(&updated(&file, &objects, "1 0 R"), "FIELD_NOT_A_SIGNATURE");
}

#[test]
fn an_object_the_signed_content_waited_for_is_found() {
    let waiting = document(&[
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (3, page("[4 0 R 250 0 R]")),
        (4, stream("BT ET")),
        (
            5,
            "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>".to_owned(),
        ),
    ]);
    let file = signed(&waiting, QUICK);
    assert_eq!(verdict(&judged(&file)), "TOTAL-PASSED");
    let mut later = file.clone();
    let filled = updated(&file, &[(250, stream("BT (shadow) Tj ET"))], "1 0 R");
    later.clone_from(&filled);
    assert_format(&later, "OBJECT_AWAITED");
}

#[test]
fn bytes_after_the_end_are_found() {
    let file = once();
    for junk in [
        "junk",
        "\n",
        "\r\n\r\n",
        "90 0 obj\n(x)\nendobj\n",
        "%%EOF\n",
    ] {
        let mut longer = file.clone();
        longer.extend_from_slice(junk.as_bytes());
        assert!(!passes(&judged(&longer)), "{junk:?}");
        assert_eq!(verdict(&judged(&longer)), FORMAT, "{junk:?}");
    }
    let mut fake = file.clone();
    fake.extend_from_slice(
        b"90 0 obj\n(x)\nendobj\ntrailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n",
    );
    assert_eq!(verdict(&judged(&fake)), FORMAT);
    let mut double = file.clone();
    double.extend_from_slice(&file);
    assert_eq!(verdict(&judged(&double)), FORMAT);
}

#[test]
fn a_truncated_file_never_passes() {
    let file = once();
    for length in (0..file.len())
        .step_by(61)
        .chain([file.len() - 1, file.len() - 2])
    {
        let report = judged(&file[..length]);
        // The last line end alone may be missing: nothing the file says is lost with it.
        assert!(!passes(&report), "{length} of {}", file.len());
    }
    let cut = judged(&file[..file.len() * 9 / 10]);
    assert_eq!(verdict(&cut), FORMAT);
}

#[test]
fn byte_range_games_are_format_failures() {
    let file = once();
    let (start, end) = hole(&file);
    let rest = file.len() - end;
    for text in [
        "/ByteRange[0 0 0 0]".to_owned(),
        "/ByteRange[0 1 2 1]".to_owned(),
        "/ByteRange[5 5 5 5]".to_owned(),
        "/ByteRange null".to_owned(),
        "/ByteRange[]".to_owned(),
        format!("/ByteRange[0 {start}]"),
        format!("/ByteRange[0 {start} {end}]"),
        format!("/ByteRange[0 -1 {end} {rest}]"),
        format!("/ByteRange[0 {start}.0 {end} {rest}]"),
        format!("/ByteRange[0 {start} {end} 9223372036854775807]"),
        format!("/ByteRange[0 {start} {end} 4294967296]"),
        format!("/ByteRange[1 {} {end} {rest}]", start - 1),
        format!("/ByteRange[0 {end} {start} {rest}]"),
        format!("/ByteRange[0 {} {end} {rest}]", start - 1),
        format!("/ByteRange[0 {start} {} {}]", end + 1, rest - 1),
        format!("/ByteRange[0 {start} {end} {}]", rest - 1),
        format!("/ByteRange[0 {start} {end} {}]", rest - 20),
        "/ByteRange 3 0 R".to_owned(),
    ] {
        let report = judged(&with_byte_range(&file, &text));
        assert_eq!(verdict(&report), FORMAT, "{text}");
    }
}

#[test]
fn contents_games_are_format_failures() {
    let file = once();
    let (start, end) = hole(&file);
    let zeros = format!("<{}>", "0".repeat(end - start - 2));
    for text in [
        "<>",
        "null",
        "7",
        "/Name",
        "[]",
        "(text)",
        "3 0 R",
        zeros.as_str(),
    ] {
        assert_eq!(
            verdict(&judged(&with_contents(&file, text))),
            FORMAT,
            "{text:.12}"
        );
    }
    let no_key = find(&file, "/Contents<", rfind(&file, "/ByteRange["));
    let renamed = replaced(&file, (no_key, no_key + 9), "/Kontents");
    assert_eq!(verdict(&judged(&renamed)), FORMAT);
    let sub_filter = rfind(&file, "ETSI.CAdES.detached");
    let unknown = replaced(&file, (sub_filter, sub_filter + 4), "EVIL");
    assert_format(&unknown, "SUBFILTER_UNKNOWN");
}

#[test]
fn a_wider_gap_and_doubled_keys_are_format_failures() {
    let file = once();
    let (start, end) = hole(&file);
    let evil = "\n/Evil(wrapped)";
    let wider = replaced(&file, (end, end), evil);
    let rest = file.len() - end;
    let moved = format!("/ByteRange[0 {start} {} {rest}]", end + evil.len());
    assert_eq!(verdict(&judged(&with_byte_range(&wider, &moved))), FORMAT);
    let at = rfind(&file, "/ByteRange[");
    let doubled = replaced(&file, (at, at), "/ByteRange[0 1 2 3]");
    assert_eq!(verdict(&judged(&doubled)), FORMAT);
    let split = replaced(&file, (start + 9, start + 10), "%");
    assert_eq!(verdict(&judged(&split)), FORMAT);
}

#[test]
fn a_signature_from_another_document_is_a_hash_failure() {
    let (file, other) = (once(), small_document());
    let at = find(&other, "15/UBND-VP", 0);
    let other = signed(&replaced(&other, (at, at + 2), "51"), QUICK);
    let (start, end) = hole(&other);
    let foreign = String::from_utf8_lossy(&other[start..end]).into_owned();
    assert_eq!(
        verdict(&judged(&with_contents(&file, &foreign))),
        "TOTAL-FAILED/HASH_FAILURE"
    );
}

#[test]
fn a_signature_without_signed_attributes_is_refused() {
    use cms::content_info::ContentInfo;
    use cms::signed_data::{SignedData, SignerInfos};
    use der::{Decode as _, Encode as _};
    let file = once();
    let (start, end) = hole(&file);
    let padded = hex::decode(&file[start + 1..end - 1]).unwrap();
    let length = usize::from(u16::from_be_bytes([padded[2], padded[3]])) + 4;
    let info = ContentInfo::from_der(&padded[..length]).unwrap();
    let mut data: SignedData = info.content.decode_as().unwrap();
    let mut signers: Vec<_> = data.signer_infos.0.iter().cloned().collect();
    signers[0].signed_attrs = None;
    data.signer_infos = SignerInfos::try_from(signers).unwrap();
    let content = der::Any::encode_from(&data).unwrap();
    let bare = ContentInfo {
        content_type: info.content_type,
        content,
    }
    .to_der()
    .unwrap();
    let mut digits = hex::encode(bare);
    digits.push_str(&"0".repeat(end - start - 2 - digits.len()));
    assert_format(
        &with_contents(&file, &format!("<{digits}>")),
        "CMS_NO_SIGNED_ATTRIBUTES",
    );
}

#[test]
fn a_certified_file_takes_no_more_than_it_permits() {
    let (person, agency) = (key(PERSON), key(QUICK));
    for (permission, may_sign_again) in [(1, false), (2, true), (3, true)] {
        let mut wish = request(&person, Act::Other, None);
        wish.certify = Some(permission);
        let file = sign_as(&small_document(), &person, &wish).unwrap();
        assert_eq!(verdict(&judged(&file)), "TOTAL-PASSED");
        let again = sign_as(&file, &agency, &request(&agency, Act::Other, None));
        assert_eq!(again.is_ok(), may_sign_again, "{again:?}");
        if let Ok(again) = again {
            assert_eq!(verdict(&judged(&again)), "TOTAL-PASSED");
        }
        let mut late = request(&agency, Act::Other, None);
        late.certify = Some(2);
        assert_eq!(
            sign_as(&file, &agency, &late),
            Err("CERTIFICATION_NOT_FIRST".to_owned())
        );
    }
}
