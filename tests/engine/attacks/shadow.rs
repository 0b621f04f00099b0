//! SHA, shadow attacks: what was prepared before the signature is not brought out after it.
//! Source: "Shadow Attacks: Hiding and Replacing Content in Signed PDFs" (NDSS 2021).

use lienthong::pades;

use super::super::attack::forms::{LOOK, TEXT, catalog, certified, filled, form, look, text_field};
use super::super::attack::pdf::{Update, stream, stream_with};
use super::super::attack::signed::{CONTENT, Doc, FORM, SIGNATURE, page, page_with};
use super::Case;

super::rows! {
    sha_03_buttons_show_what_they_hold: buttons;
    sha_01_an_overlay_is_taken_away: overlay;
    sha_02_a_field_covers_text_or_another_field: covering_field;
    sha_03_value_and_appearance_differ: two_faces;
    sha_03_what_an_appearance_says_is_read: told_faces;
    sha_03_ordinary_fills_pass: honest_fills;
    sha_04_a_font_is_exchanged: font;
    sha_05_a_hidden_page_tree_is_brought_out: hidden_tree;
    sha_06_objects_swap_their_use: swapped_use;
    sha_07_a_layer_is_switched: layer;
}

const OVERLAY: &str = "q 1 g 60 690 300 40 re f Q";

fn overlay() -> Vec<Case> {
    let picture = stream_with("/Type/XObject/Subtype/Form/BBox[0 0 600 800]", OVERLAY);
    let covered = page("[4 0 R 9 0 R]").replace("/Font", "/XObject<</O 10 0 R>>/Font");
    let doc = Doc::small()
        .with(3, &covered)
        .with(9, &stream("/O Do"))
        .with(10, &picture);
    let file = doc.sealed();
    let update = || Update::after(&file);
    vec![
        Case::passes("signed with the overlay", file.clone()),
        Case::format("freed", update().free(10).table(), "OBJECT_FREED"),
        Case::format(
            "emptied",
            update().object(10, &stream("")).table(),
            "OBJECT_CHANGED",
        ),
        Case::format(
            "drawn no more",
            update().object(9, &stream("")).table(),
            "OBJECT_CHANGED",
        ),
        Case::format(
            "left out",
            update().object(3, &page("4 0 R")).table(),
            "PAGE_CHANGED",
        ),
    ]
}

fn covering_field() -> Vec<Case> {
    let over = |rect: &str| {
        let field = text_field("", LOOK).replace("200 400 300 420", rect);
        form().with(TEXT, &field).sealed()
    };
    let fill = |file: &[u8], rect: &str| {
        Update::after(file)
            .object(TEXT, &text_field("x", 32).replace("200 400 300 420", rect))
            .object(32, &look("x"))
            .table()
    };
    let text = "60 690 300 730";
    let two = form()
        .with(FORM, "<</Fields[7 0 R 30 0 R 33 0 R]/SigFlags 3>>")
        .with(3, &page_with("4 0 R", "7 0 R 30 0 R 33 0 R"))
        .with(33, &text_field("", LOOK).replace("(Sum)", "(Other)"))
        .sealed();
    let file = over(text);
    vec![
        Case::passes(
            "a field beside the text, filled",
            filled(&form().sealed(), "x"),
        ),
        Case::format("over the text", fill(&file, text), "FIELD_OVER_CONTENT"),
        Case::format(
            "over another field",
            filled(&two, "x"),
            "FIELD_OVER_CONTENT",
        ),
        Case::format("moved", fill(&form().sealed(), text), "FIELD_CHANGED"),
        Case::format(
            "taken away",
            Update::after(&file).free(TEXT).table(),
            "OBJECT_FREED",
        ),
    ]
}

/// The text field filled with `value`, its appearance being this stream.
fn shown(file: &[u8], value: &str, content: &str) -> Vec<u8> {
    let extra =
        "/Type/XObject/Subtype/Form/BBox[0 0 100 20]/Resources<</Font<</F1 5 0 R/F2 35 0 R>>>>";
    Update::after(file)
        .object(
            TEXT,
            &text_field("", 32).replace("/V()", &format!("/V{value}")),
        )
        .object(32, &stream_with(extra, content))
        .object(
            35,
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[49/nine]>>>>",
        )
        .table()
}

/// What an appearance says is read in every way of writing it, or it is refused.
fn told_faces() -> Vec<Case> {
    let file = certified(form(), 2).sealed();
    let case = |what: &str, value: &str, content: &str, reason| {
        Case::format(what, shown(&file, value, content), reason)
    };
    let fine =
        |what: &str, value: &str, content: &str| Case::passes(what, shown(&file, value, content));
    let (hidden, unread) = ("FIELD_VALUE_HIDDEN", "FIELD_APPEARANCE_UNREAD");
    let with = |more: &str| format!("{more} BT /F1 9 Tf 2 5 Td (11) Tj ET");
    vec![
        fine("in hexadecimal", "(11)", "BT /F1 9 Tf 2 5 Td <3131> Tj ET"),
        fine(
            "in pieces",
            "(1 1)",
            "BT /F1 9 Tf 2 5 Td [(1) -200 (1)] TJ ET",
        ),
        fine(
            "in a frame",
            "(11)",
            &with("1 g 0 0 100 20 re f 0 g 0.5 0.5 99 19 re S"),
        ),
        fine("another coding", "(99)", "BT /F2 9 Tf 2 5 Td (11) Tj ET"),
        case(
            "hexadecimal digits",
            "(11)",
            "BT /F1 9 Tf 2 5 Td <3939> Tj ET",
            hidden,
        ),
        case(
            "a coding of its own",
            "(11)",
            "BT /F2 9 Tf 2 5 Td (11) Tj ET",
            hidden,
        ),
        case(
            "a value of other letters",
            "<FEFF1EE6>",
            "BT /F1 9 Tf 2 5 Td (99) Tj ET",
            hidden,
        ),
        case(
            "codes without letters",
            "(11)",
            "BT /F1 9 Tf 2 5 Td <8081> Tj ET",
            unread,
        ),
        case(
            "a font that is not there",
            "(11)",
            "BT /F9 9 Tf 2 5 Td (11) Tj ET",
            unread,
        ),
        case(
            "a drawing beside it",
            "(11)",
            &with("40 2 m 45 18 l 50 2 l S"),
            unread,
        ),
        case("bars beside it", "(11)", &with("40 2 3 9 re f"), unread),
        case(
            "a ground over it",
            "(11)",
            &(with("") + " 1 g 0 0 100 20 re f"),
            unread,
        ),
        case("invisible letters", "(11)", &with("3 Tr"), unread),
        case("white letters", "(11)", &with("1 g"), unread),
        case("cut off", "(11)", "BT /F1 9 Tf 200 5 Td (11) Tj ET", unread),
        case("not to be parsed", "(11)", &with("(("), unread),
        case("nothing", "(11)", "", hidden),
        case(
            "something for nothing",
            "()",
            "BT /F1 9 Tf 2 5 Td (11) Tj ET",
            hidden,
        ),
    ]
}

/// Ordinary ways of filling that are not refused.
fn honest_fills() -> Vec<Case> {
    let image = "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray\
                 /BitsPerComponent 8";
    let page = page_with("4 0 R", "7 0 R 30 0 R").replace("/Font<<", "/XObject<</I 9 0 R>>/Font<<");
    let pictured = |place: &str| {
        let file = certified(form(), 2)
            .with(3, &page)
            .with(4, &stream(&format!("q 50 0 0 50 {place} cm /I Do Q")))
            .with(9, &stream_with(image, "x"));
        filled(&file.sealed(), "x")
    };
    let list = |value: &str, shown: u32, more: &str| {
        text_field(value, shown).replace("/FT/Tx", &format!("/FT/Ch/Opt[(a)[(b)(B)]]{more}"))
    };
    let choice = certified(form(), 2)
        .with(TEXT, &list("a", LOOK, ""))
        .with(LOOK, &look("a"))
        .sealed();
    let choose = |value: &str, shows: &str, more: &str| {
        let field = list(value, 32, more);
        Update::after(&choice)
            .object(TEXT, &field)
            .object(32, &look(shows))
            .table()
    };
    let file = certified(form(), 2).sealed();
    let place = |value: &str, shows: &str| {
        Update::after(&file)
            .object(TEXT, &text_field(value, LOOK))
            .object(LOOK, &look(shows))
            .table()
    };
    let dated = text_field("x", 32).replace("/F 4", "/F 4/M(D:20260101000000Z)");
    let dated = Update::after(&file)
        .object(TEXT, &dated)
        .object(32, &look("x"))
        .table();
    let bare = text_field("x", LOOK).replace("/AP<</N 31 0 R>>", "");
    let needing = certified(form(), 2)
        .with(
            FORM,
            "<</Fields[7 0 R 30 0 R]/SigFlags 3/NeedAppearances true>>",
        )
        .sealed();
    let bare = |file: &[u8]| Update::after(file).object(TEXT, &bare).table();
    let shared = certified(form(), 2)
        .with(
            33,
            &text_field("", LOOK)
                .replace("(Sum)", "(Other)")
                .replace("200 400 300 420", "200 300 300 320"),
        )
        .with(FORM, "<</Fields[7 0 R 30 0 R 33 0 R]/SigFlags 3>>")
        .with(3, &page_with("4 0 R", "7 0 R 30 0 R 33 0 R"))
        .sealed();
    let both = Update::after(&shared)
        .object(TEXT, &text_field("x", LOOK))
        .object(LOOK, &look("x"));
    vec![
        Case::passes("an image elsewhere", pictured("500 780")),
        Case::format("over an image", pictured("220 380"), "FIELD_OVER_CONTENT"),
        Case::passes("a choice", choose("b", "B", "")),
        Case::passes("a choice with its place", choose("b", "B", "/I[1]")),
        Case::format("another place", choose("b", "B", "/I[0]"), "FIELD_CHANGED"),
        Case::format(
            "another option",
            choose("b", "a", "/I[1]"),
            "FIELD_VALUE_HIDDEN",
        ),
        Case::passes("with its date", dated),
        Case::passes("the appearance in its place", place("x", "x")),
        Case::format(
            "another in its place",
            place("x", "y"),
            "FIELD_VALUE_HIDDEN",
        ),
        Case::format("one that is shared", both.table(), "FIELD_VALUE_HIDDEN"),
        Case::format("no appearance any more", bare(&file), "FIELD_CHANGED"),
        Case::passes("none where readers draw", bare(&needing)),
    ]
}

fn two_faces() -> Vec<Case> {
    let file = form()
        .with(TEXT, &text_field("1000", LOOK))
        .with(LOOK, &look("1000"))
        .sealed();
    let update =
        |value: &str, shown: u32| Update::after(&file).object(TEXT, &text_field(value, shown));
    let other = |text: &str| update(text, 32).object(32, &look("9000")).table();
    let parent = |value: &str| format!("<</FT/Tx/T(Sum)/V({value})/Kids[30 0 R]>>");
    let kid = |look: u32| {
        let widget = text_field("", look).replace("/FT/Tx/T(Sum)/V()", "/Parent 37 0 R");
        assert!(widget.contains("/Parent"));
        widget
    };
    let group = form()
        .with(FORM, "<</Fields[7 0 R 37 0 R]/SigFlags 3>>")
        .with(37, &parent("1000"))
        .with(TEXT, &kid(LOOK))
        .with(LOOK, &look("1000"))
        .sealed();
    let both = |value: &str, shown: &str| {
        Update::after(&group)
            .object(37, &parent(value))
            .object(TEXT, &kid(32))
            .object(32, &look(shown))
            .table()
    };
    let alone = Update::after(&group).object(37, &parent("9000")).table();
    let prepared = form().with(34, &look("9000")).sealed();
    let pointed = Update::after(&prepared).object(TEXT, &text_field("9000", 34));
    vec![
        Case::passes("both changed", other("9000")),
        Case::format(
            "only the value",
            update("9000", LOOK).table(),
            "FIELD_VALUE_HIDDEN",
        ),
        Case::format("only the appearance", other("1000"), "FIELD_VALUE_HIDDEN"),
        Case::format("to different texts", other("5000"), "FIELD_VALUE_HIDDEN"),
        Case::passes("both of a field and its widget", both("9000", "9000")),
        Case::format(
            "of a field and its widget",
            both("9000", "5000"),
            "FIELD_VALUE_HIDDEN",
        ),
        Case::format(
            "the value of a field with a widget",
            alone,
            "FIELD_VALUE_HIDDEN",
        ),
        Case::format("to a prepared appearance", pointed.table(), "FIELD_CHANGED"),
        Case::format(
            "the appearance overwritten alone",
            Update::after(&file).object(LOOK, &look("9000")).table(),
            "OBJECT_CHANGED",
        ),
    ]
}

fn buttons() -> Vec<Case> {
    let button = |value: &str, state: &str| {
        format!(
            "<</Type/Annot/Subtype/Widget/FT/Btn/T(Sum)/V/{value}/AS/{state}/F 4\
             /Rect[200 400 220 420]/P 3 0 R/AP<</N<</Yes 31 0 R/No 31 0 R>>>>>>"
        )
    };
    let file = form().with(TEXT, &button("Off", "Off")).sealed();
    let after = |value: &str, state: &str| {
        Update::after(&file)
            .object(TEXT, &button(value, state))
            .table()
    };
    let redrawn = button("Yes", "Yes").replace("/Yes 31", "/Yes 32");
    let redrawn = Update::after(&file)
        .object(TEXT, &redrawn)
        .object(32, &look("x"));
    let hidden = "FIELD_VALUE_HIDDEN";
    vec![
        Case::passes("pressed", after("Yes", "Yes")),
        Case::format("another state", after("Yes", "No"), hidden),
        Case::format("only the value", after("Yes", "Off"), hidden),
        Case::format("only the state", after("Off", "Yes"), hidden),
        Case::format("drawn anew", redrawn.table(), "FIELD_CHANGED"),
    ]
}

fn font() -> Vec<Case> {
    let font = "<</Type/Font/Subtype/TrueType/BaseFont/A/FontDescriptor 20 0 R>>";
    let file = Doc::small()
        .with(5, font)
        .with(20, "<</Type/FontDescriptor/FontName/A/FontFile2 21 0 R>>")
        .with(21, &stream("digits as they are"))
        .sealed();
    let update = || Update::after(&file);
    let program = update().object(21, &stream("digits exchanged"));
    let other = update()
        .object(20, "<</Type/FontDescriptor/FontName/A/FontFile2 22 0 R>>")
        .object(22, &stream("digits exchanged"));
    let encoding = update().object(5, &font.replace("/BaseFont", "/Encoding/X/BaseFont"));
    vec![
        Case::passes("as signed", file.clone()),
        Case::format("its program", program.table(), "OBJECT_CHANGED"),
        Case::format("its descriptor", other.table(), "OBJECT_CHANGED"),
        Case::format("its encoding", encoding.table(), "OBJECT_CHANGED"),
    ]
}

fn hidden_tree() -> Vec<Case> {
    let file = Doc::small()
        .with(20, &catalog("").replace("2 0 R", "21 0 R"))
        .with(21, "<</Type/Pages/Kids[22 0 R]/Count 1>>")
        .with(22, &page("23 0 R").replace("2 0 R", "21 0 R"))
        .with(23, &stream("BT /F1 24 Tf 72 700 Td (So 99) Tj ET"))
        .sealed();
    let update = || Update::after(&file);
    let pages = "<</Type/Pages/Kids[22 0 R]/Count 1>>";
    vec![
        Case::passes("signed with the hidden tree", file.clone()),
        Case::format(
            "another catalog",
            update()
                .but(|u| u.trailer = "/Root 20 0 R".to_owned())
                .free(60)
                .table(),
            "CATALOG_REPLACED",
        ),
        Case::format(
            "another tree",
            update()
                .object(1, &catalog("").replace("2 0 R", "21 0 R"))
                .table(),
            "CATALOG_CHANGED",
        ),
        Case::format(
            "other pages",
            update().object(2, pages).table(),
            "OBJECT_CHANGED",
        ),
        Case::format(
            "other content",
            update().object(3, &page("23 0 R")).table(),
            "PAGE_CHANGED",
        ),
    ]
}

fn swapped_use() -> Vec<Case> {
    let evil = stream("BT /F1 24 Tf 72 700 Td (So 99) Tj ET");
    let file = Doc::small()
        .with(9, &evil)
        .with(10, "[4 0 R 9 0 R]")
        .sealed();
    let update = || Update::after(&file);
    let exchanged = update().object(4, &evil).object(9, &stream(CONTENT));
    let rows = update().but(|update| {
        let at = |number: &str| super::super::attack::pdf::find(&update.out, number, 0);
        let (four, nine) = (at("\n4 0 obj") + 1, at("\n9 0 obj") + 1);
        let row = |offset| super::super::attack::pdf::Row::At {
            offset,
            generation: 0,
        };
        update.rows.insert(4, row(nine));
        update.rows.insert(9, row(four));
    });
    vec![
        Case::format("their bodies", exchanged.table(), "OBJECT_CHANGED"),
        Case::format("their places", rows.table(), "OBJECT_MISPLACED"),
        Case::format(
            "the one for the other",
            update().object(3, &page("9 0 R")).table(),
            "PAGE_CHANGED",
        ),
    ]
}

fn layer() -> Vec<Case> {
    let layers = |state: &str| {
        catalog(&format!(
            "/OCProperties<</OCGs[20 0 R]/D<</{state}[20 0 R]>>>>"
        ))
    };
    let file = Doc::small()
        .with(1, &layers("ON"))
        .with(20, "<</Type/OCG/Name(L)>>")
        .sealed();
    let update = || Update::after(&file);
    let codes: Vec<_> = pades::lint(&file)
        .findings
        .iter()
        .map(|one| one.check)
        .collect();
    assert!(codes.contains(&"LAYERS_PRESENT"), "{codes:?}");
    vec![
        Case::format(
            "switched off",
            update().object(1, &layers("OFF")).table(),
            "CATALOG_CHANGED",
        ),
        Case::format(
            "another state",
            update().object(20, "<</Type/OCG/Name(M)>>").table(),
            "OBJECT_CHANGED",
        ),
        Case::format(
            "layers added",
            Update::after(&Doc::small().sealed())
                .object(1, &layers("OFF"))
                .object(20, "<</Type/OCG/Name(L)>>")
                .table(),
            "CATALOG_CHANGED",
        ),
    ]
}

/// SHA-08: what is presented for signing is looked at first.
#[test]
fn sha_08_a_prepared_document_is_noticed_before_it_is_signed() {
    let film = "<</Type/Annot/Subtype/FreeText/Rect[60 690 300 730]/AP<</N 31 0 R>>>>";
    let prepared = certified(form(), 2)
        .with(3, &page_with("[4 0 R 99 0 R]", "7 0 R 30 0 R 9 0 R"))
        .with(9, film)
        .with(20, "<</Type/Catalog/Pages 21 0 R>>")
        .with(21, "<</Type/Pages/Kids[22 0 R]/Count 1>>")
        .with(22, &page("4 0 R"))
        .with(TEXT, &text_field("9000", LOOK))
        .with(LOOK, &look("1000"))
        .with(1, &catalog("/OpenAction<</S/JavaScript/JS(x)>>"))
        .with(SIGNATURE, "<<>>")
        .open();
    let report = pades::lint(&prepared);
    let codes: Vec<_> = report.findings.iter().map(|one| one.check).collect();
    for code in [
        "SECOND_CATALOG",
        "HIDDEN_PAGE",
        "OBJECTS_UNREFERENCED",
        "OBJECTS_MISSING",
        "ANNOTATION_OVER_CONTENT",
        "ACTIVE_CONTENT",
        "VALUE_NOT_SHOWN",
    ] {
        assert!(codes.contains(&code), "{code} is not among {codes:?}");
    }
}
