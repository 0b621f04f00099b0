//! Cases that pass here and not before pyHanko: each by itself, with what pyHanko says and why we
//! hold that it may pass. A case that is excused without need fails the test.

/// How pyHanko was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Nothing demanded of it.
    Plain,
    /// Revocation data given and demanded.
    Strict,
    /// Either way.
    Both,
}

impl Mode {
    /// Whether an exception for this mode speaks about `asked`.
    pub(super) fn covers(self, asked: Self) -> bool {
        self == Self::Both || self == asked
    }
}

/// One excused case.
pub(super) struct Exception {
    /// The row's test and the case.
    pub(super) case: &'static str,
    pub(super) mode: Mode,
    /// A part of what pyHanko says.
    pub(super) says: &'static str,
    /// Why it may pass here.
    pub(super) because: &'static str,
}

/// Every excused case, once.
pub(super) const EXCEPTIONS: &[Exception] = &[
    Exception {
        case: "eaa_01_annotations_change_a_document_that_permits_them: Text",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: a note beside everything the page shows",
    },
    Exception {
        case: "eaa_01_annotations_draw_further_than_their_box: Line/L[70 300 180 300]/BS<</W 2>>",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: all of this line stands beside the content",
    },
    Exception {
        case: "eaa_01_annotations_draw_further_than_their_box: Ink/InkList[[12 12 15 15]]",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: all of this ink stands beside the content",
    },
    Exception {
        case: "eaa_01_annotations_over_marks_and_fields: beside them",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: it stands beside the mark and the field",
    },
    Exception {
        case: "eaa_01_annotations_over_what_is_drawn: an image elsewhere",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: the picture stands in another corner",
    },
    Exception {
        case: "eaa_01_annotations_over_what_is_drawn: on a plain ground",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: a ground of one colour has nothing to hide",
    },
    Exception {
        case: "eaa_01_annotations_over_what_is_drawn: beside a clipped form",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: the form is clipped to another corner",
    },
    Exception {
        case: "sha_03_ordinary_fills_pass: a choice with its place",
        mode: Mode::Both,
        says: "Dict keys differ",
        because: "the index names the option that is the value; pyHanko permits no other key than value and appearance",
    },
    Exception {
        case: "sha_03_ordinary_fills_pass: with its date",
        mode: Mode::Both,
        says: "Dict keys differ",
        because: "the date of a widget is shown nowhere; pyHanko permits no other key than value and appearance",
    },
    Exception {
        case: "sha_03_ordinary_fills_pass: none where readers draw",
        mode: Mode::Both,
        says: "/AP",
        because: "the form said when it was signed that readers draw its fields, so they show the value",
    },
    Exception {
        case: "eaa_01_annotations_change_a_document_that_permits_them: FreeText",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: this FreeText stands beside everything the page shows, and over it the same fails",
    },
    Exception {
        case: "eaa_01_annotations_change_a_document_that_permits_them: Stamp",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: this Stamp stands beside everything the page shows, and over it the same fails",
    },
    Exception {
        case: "eaa_01_annotations_change_a_document_that_permits_them: Line",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: this Line stands beside everything the page shows, and over it the same fails",
    },
    Exception {
        case: "eaa_01_annotations_change_a_document_that_permits_them: Ink",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: this Ink stands beside everything the page shows, and over it the same fails",
    },
    Exception {
        case: "eaa_01_annotations_change_a_document_that_permits_them: Square",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: this Square stands beside everything the page shows, and over it the same fails",
    },
    Exception {
        case: "mdp_01_a_change_beyond_the_permission: an annotation, P 3",
        mode: Mode::Both,
        says: "There are unexplained xrefs in revision 1: Reference(idnum=40",
        because: "DocMDP 3 permits annotations, which pyHanko has no rule for: a note beside the text",
    },
    Exception {
        case: "ssa_01_a_visible_field_after_a_certification: without a certification",
        mode: Mode::Both,
        says: "references an existing object in revision 0",
        because: "object 18 lies in a gap below /Size: no row of the signed revision defines it and nothing there refers to it (that would be OBJECT_AWAITED), so it is new; pyHanko calls every number below /Size old; an approval signature permits a further, visible one",
    },
    Exception {
        case: "ssa_01_a_visible_field_after_a_certification: invisible, P 2",
        mode: Mode::Both,
        says: "references an existing object in revision 0",
        because: "object 18 lies in a gap below /Size: no row of the signed revision defines it and nothing there refers to it (that would be OBJECT_AWAITED), so it is new; pyHanko calls every number below /Size old; P 2 permits further signatures",
    },
    Exception {
        case: "ssa_01_a_visible_field_after_a_certification: a field that waited for it",
        mode: Mode::Both,
        says: "references an existing object in revision 0",
        because: "object 18 lies in a gap below /Size: no row of the signed revision defines it and nothing there refers to it (that would be OBJECT_AWAITED), so it is new; pyHanko calls every number below /Size old; P 2 permits to sign a field that was there",
    },
    Exception {
        case: "mdp_01_a_change_beyond_the_permission: a signature, P 2",
        mode: Mode::Both,
        says: "references an existing object in revision 0",
        because: "object 18 lies in a gap below /Size: no row of the signed revision defines it and nothing there refers to it (that would be OBJECT_AWAITED), so it is new; pyHanko calls every number below /Size old; P 2 permits a further signature in a field of its own",
    },
    Exception {
        case: "mdp_01_a_change_beyond_the_permission: a signature, P 3",
        mode: Mode::Both,
        says: "references an existing object in revision 0",
        because: "object 18 lies in a gap below /Size: no row of the signed revision defines it and nothing there refers to it (that would be OBJECT_AWAITED), so it is new; pyHanko calls every number below /Size old; P 3 permits further signatures",
    },
    Exception {
        case: "mdp_04_a_later_lock_permits_more: kept at 2",
        mode: Mode::Both,
        says: "references an existing object in revision 0",
        because: "object 18 lies in a gap below /Size: no row of the signed revision defines it and nothing there refers to it (that would be OBJECT_AWAITED), so it is new; pyHanko calls every number below /Size old; the lock of the further signature permits no more than before",
    },
    Exception {
        case: "mdp_04_a_later_lock_permits_more: narrowed to 1",
        mode: Mode::Both,
        says: "references an existing object in revision 0",
        because: "object 18 lies in a gap below /Size: no row of the signed revision defines it and nothing there refers to it (that would be OBJECT_AWAITED), so it is new; pyHanko calls every number below /Size old; the lock of the further signature permits less than before",
    },
    Exception {
        case: "dif_07_what_changes_is_reached_from_elsewhere: a list reached once",
        mode: Mode::Both,
        says: "references an existing object in revision 0",
        because: "object 18 lies in a gap below /Size: no row of the signed revision defines it and nothing there refers to it (that would be OBJECT_AWAITED), so it is new; pyHanko calls every number below /Size old; the list of fields is reached by the form alone",
    },
    Exception {
        case: "dif_06_trees_bite_their_tails: objects of a new field",
        mode: Mode::Both,
        says: "unexplained xrefs in revision 1: Reference(idnum=19",
        because: "object 19 is new, reached from the new signature's field alone and part of it; pyHanko explains only a field's value and appearance",
    },
    Exception {
        case: "dif_09_a_box_keeps_its_numbers: shorter",
        mode: Mode::Both,
        says: "unexplained xrefs in revision 1: Reference(idnum=3",
        because: "595.0 and 595 are one number in a box; pyHanko itself writes pages so, and asks for a change beside it",
    },
    Exception {
        case: "dif_05_an_entry_by_signature_is_written_anew: with less of the store",
        mode: Mode::Both,
        says: "was modified or deleted",
        because: "what the entry named stays in the store's lists; pyHanko's own renewal of an archive writes entries anew, as here",
    },
    Exception {
        case: "dif_05_an_entry_by_signature_is_written_anew: with more",
        mode: Mode::Both,
        says: "was modified or deleted",
        because: "the entry names what is new and the store's lists keep what it named before",
    },
    Exception {
        case: "dif_02_a_page_gains_an_order_of_tabs: by structure",
        mode: Mode::Both,
        says: "Dict keys differ",
        because: "the order of the tabulator key shows nothing; the page is otherwise the one before with one more field",
    },
    Exception {
        case: "dif_02_a_page_gains_an_order_of_tabs: alone",
        mode: Mode::Both,
        says: "unexplained xrefs in revision 1: Reference(idnum=3",
        because: "the order of the tabulator key shows nothing, and every other entry of the page is the same",
    },
    Exception {
        case: "dif_09_types_change_but_not_what_they_say: a null key",
        mode: Mode::Both,
        says: "unexplained xrefs in revision 1: Reference(idnum=3",
        because: "a key whose value is null is absent (ISO 32000-2, 7.3.7)",
    },
    Exception {
        case: "isa_08_a_hybrid_section_hides_an_object: a hybrid that hides nothing, signed",
        mode: Mode::Both,
        says: "hybrid-reference files",
        because: "pyHanko refuses every hybrid unless asked; this one adds no object a reader of tables would see otherwise",
    },
    Exception {
        case: "sha_03_value_and_appearance_differ: both of a field and its widget",
        mode: Mode::Both,
        says: "unexplained xrefs in revision 1: Reference(idnum=32",
        because: "the value of a parent and the appearance of its only widget change together and to the same text; pyHanko fills fields that are their own widget",
    },
    Exception {
        case: "x_03_authorities_share_a_name: the right one among others",
        mode: Mode::Both,
        says: "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        because: "three authorities of one name, and one path whose every signature holds: pyHanko ends with the first path that does not",
    },
    Exception {
        case: "x_03_authorities_share_a_name: a forged key identifier",
        mode: Mode::Both,
        says: "NO_CERTIFICATE_CHAIN_FOUND",
        because: "the key identifier only helps to find an issuer; whose signature holds is the issuer, and the difference is a finding",
    },
    Exception {
        case: "x_05_an_ocsp_answer_is_not_acceptable: as it must be",
        mode: Mode::Strict,
        says: "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        because: "pyHanko looks at answers only where a certificate names a responder; this answer holds when it is asked about it alone",
    },
    Exception {
        case: "x_05_an_ocsp_answer_is_not_acceptable: by the authority itself",
        mode: Mode::Strict,
        says: "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        because: "pyHanko looks at answers only where a certificate names a responder; this one is signed by the issuer's own key",
    },
    Exception {
        case: "x_07_an_old_answer_is_replayed: a current answer of the store",
        mode: Mode::Strict,
        says: "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        because: "pyHanko looks at answers only where a certificate names a responder; this one is current and stands in the file",
    },
    Exception {
        case: "x_08_a_time_stamp_is_not_acceptable: as it must be",
        mode: Mode::Both,
        says: "OUT_OF_BOUNDS_NO_POE",
        because: "asked this way pyHanko judges at the present only; a trusted stamp proves the signature older than the end of the certificate, and its judgement of the past is held in the tests of files it made",
    },
    Exception {
        case: "swa_04_the_string_hides_bytes: spaces inside",
        mode: Mode::Both,
        says: "Nonstandard signature coverage",
        because: "white space in a hexadecimal string is no value (ISO 32000-2, 7.3.4.3); the gap is exactly the string, and the finding CONTENTS_SPACED names it",
    },
    Exception {
        case: "swa_04_the_string_hides_bytes: line ends inside",
        mode: Mode::Both,
        says: "Nonstandard signature coverage",
        because: "line ends in a hexadecimal string are white space as any other; the gap is exactly the string, and the finding CONTENTS_SPACED names it",
    },
];
