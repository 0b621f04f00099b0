//! Small documents signed without the engine: one page, one signature field, each object and each
//! byte open to change before the signature is made, and further signatures in updates.

use std::collections::BTreeMap;

use super::cms::Cms;
use super::identity::{Identity, world};
use super::pdf::{Update, find, replaced, rfind, stream};

/// How the cross-reference section is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    Table,
    /// A cross-reference stream.
    Stream,
    /// A cross-reference stream, and everything but streams and the signature in an object stream.
    Packed,
    /// A table with a cross-reference stream for readers that know it.
    Hybrid,
}

/// Number of the form.
pub(crate) const FORM: u32 = 6;
/// Number of the signature field, which is its widget too.
pub(crate) const FIELD: u32 = 7;
/// Number of the signature dictionary.
pub(crate) const SIGNATURE: u32 = 8;

/// A document to be signed in its only revision: 1 catalog, 2 pages, 3 page, 4 contents, 5 font,
/// 6 form, 7 field, 8 signature.
#[derive(Clone)]
pub(crate) struct Doc {
    pub(crate) objects: BTreeMap<u32, String>,
    pub(crate) layout: Layout,
    /// Entries of the trailer.
    pub(crate) trailer: String,
    pub(crate) signer: Identity,
}

impl Doc {
    /// The smallest.
    pub(crate) fn small() -> Self {
        let form = "/AcroForm 6 0 R";
        let objects = [
            (1, format!("<</Type/Catalog/Pages 2 0 R{form}>>")),
            (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
            (3, page("4 0 R")),
            (4, stream(CONTENT)),
            (
                5,
                "<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>".to_owned(),
            ),
            (FORM, "<</Fields[7 0 R]/SigFlags 3>>".to_owned()),
            (FIELD, field("S", SIGNATURE)),
            (SIGNATURE, dictionary("ETSI.CAdES.detached", "")),
        ];
        Self {
            objects: BTreeMap::from(objects),
            layout: Layout::Table,
            trailer: "/Root 1 0 R".to_owned(),
            signer: world().ecdsa.clone(),
        }
    }

    /// With an object in place of another.
    pub(crate) fn with(mut self, number: u32, body: &str) -> Self {
        self.objects.insert(number, body.to_owned());
        self
    }

    /// With the last `old` of an object replaced.
    pub(crate) fn changed(mut self, number: u32, old: &str, new: &str) -> Self {
        let body = &self.objects[&number];
        assert!(body.contains(old), "{old} is not in object {number}");
        let body = body.replace(old, new);
        self.objects.insert(number, body);
        self
    }

    /// Written in another layout.
    pub(crate) fn layout(mut self, layout: Layout) -> Self {
        self.layout = layout;
        self
    }

    /// With room for a larger signature.
    pub(crate) fn roomy(self, more: usize) -> Self {
        let hole = format!("/Contents<{}", "00".repeat(more));
        self.changed(SIGNATURE, "/Contents<", &hole)
    }

    /// Signed by somebody else.
    pub(crate) fn by(mut self, signer: &Identity) -> Self {
        self.signer = signer.clone();
        self
    }

    /// The file with the hole still empty.
    pub(crate) fn open(&self) -> Vec<u8> {
        let mut update = Update::new();
        update.trailer.clone_from(&self.trailer);
        let loose = |number: u32, body: &str| {
            self.layout != Layout::Packed || number == SIGNATURE || body.contains("stream\n")
        };
        let mut packed: Vec<(u32, &str)> = Vec::new();
        for (number, body) in &self.objects {
            match loose(*number, body) {
                true => update = update.object(*number, body),
                false => packed.push((*number, body)),
            }
        }
        match self.layout {
            Layout::Table => update.table(),
            Layout::Stream => update.stream(90),
            Layout::Packed => update.object_stream(91, &packed, "").stream(90),
            Layout::Hybrid => update
                .object_stream(91, &[(92, "(for newer readers)")], "")
                .hybrid(90, &[92]),
        }
    }

    /// The signed file.
    pub(crate) fn sealed(&self) -> Vec<u8> {
        seal(&self.open(), &self.signer)
    }

    /// The signed file, its CMS structure changed before its key signs it.
    pub(crate) fn sealed_with(&self, change: impl FnOnce(&mut Cms)) -> Vec<u8> {
        let open = self.open();
        let mut cms = Cms::detached(&self.signer, &range_digest(&open, &self.signer));
        change(&mut cms);
        filled(&open, &cms.der())
    }
}

pub(crate) const CONTENT: &str = "BT /F1 24 Tf 72 700 Td (So 15/UBND-VP) Tj ET";

/// The page with other contents.
pub(crate) fn page(contents: &str) -> String {
    page_with(contents, "7 0 R")
}

/// The page with other contents and annotations.
pub(crate) fn page_with(contents: &str, annotations: &str) -> String {
    format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {contents}\
         /Resources<</Font<</F1 5 0 R>>>>/Annots[{annotations}]>>"
    )
}

/// An invisible signature field.
pub(crate) fn field(name: &str, signature: u32) -> String {
    format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T({name})/F 132/Rect[0 0 0 0]/P 3 0 R/V {signature} 0 R>>"
    )
}

/// Room for the numbers of a byte range.
pub(crate) const RANGE: &str = "/ByteRange[0 @@@@@@@ @@@@@@@ @@@@@@@]";

/// Bytes kept for a signature.
pub(crate) const ROOM: usize = 1_300;

/// A signature dictionary whose hole and byte range are still to be filled.
pub(crate) fn dictionary(sub_filter: &str, extra: &str) -> String {
    dictionary_of("/Type/Sig", sub_filter, extra)
}

/// As [`dictionary`], with its `/Type` entry.
pub(crate) fn dictionary_of(kind: &str, sub_filter: &str, extra: &str) -> String {
    let hole = "00".repeat(ROOM);
    format!(
        "<<{kind}/Filter/Adobe.PPKLite/SubFilter/{sub_filter}/M(D:20260105104107+07'00'){extra}\
         {RANGE}/Contents<{hole}>>>"
    )
}

/// Where the last hole begins (`<`) and ends (after `>`).
pub(crate) fn hole(file: &[u8]) -> (usize, usize) {
    let start = rfind(file, "/Contents<") + "/Contents".len();
    (start, find(file, ">", start) + 1)
}

/// Fills the last byte range with the truth, unless it has been filled.
pub(crate) fn ranged(file: &[u8]) -> Vec<u8> {
    if !file
        .windows(RANGE.len())
        .any(|piece| piece == RANGE.as_bytes())
    {
        return file.to_vec();
    }
    let (start, end) = hole(file);
    with_range(
        file,
        &format!("/ByteRange[0 {start} {end} {}]", file.len() - end),
    )
}

/// `file` with `text` where the last byte range and the padding after it stand.
pub(crate) fn with_range(file: &[u8], text: &str) -> Vec<u8> {
    let start = rfind(file, "/ByteRange[");
    let mut end = find(file, "]", start) + 1;
    while file[end] == b' ' {
        end += 1;
    }
    assert!(text.len() <= end - start, "{text} is too long");
    replaced(
        file,
        (start, end),
        format!("{text:<width$}", width = end - start),
    )
}

/// `file` with `text` where the last hole stands, padded to its length.
pub(crate) fn with_hole(file: &[u8], text: &str) -> Vec<u8> {
    let (start, end) = hole(file);
    replaced(
        file,
        (start, end),
        format!("{text:<width$}", width = end - start),
    )
}

/// Digest of everything but the last hole, once its byte range is filled.
pub(crate) fn range_digest(file: &[u8], signer: &Identity) -> Vec<u8> {
    let file = ranged(file);
    let (start, end) = hole(&file);
    let covered = [&file[..start], &file[end..]].concat();
    let digest = openssl::hash::hash(signer.scheme.digest(), &covered);
    digest.unwrap().to_vec()
}

/// The file with this structure in its last hole, zeros after it.
pub(crate) fn filled(file: &[u8], cms: &[u8]) -> Vec<u8> {
    let file = ranged(file);
    let (start, end) = hole(&file);
    let digits = hex::encode(cms);
    let width = end - start - 2;
    assert!(
        digits.len() <= width,
        "{} digits in a hole of {width}",
        digits.len()
    );
    let padding = "0".repeat(width - digits.len());
    replaced(&file, (start + 1, end - 1), digits + &padding)
}

/// The file signed by `signer` in its last hole.
pub(crate) fn seal(file: &[u8], signer: &Identity) -> Vec<u8> {
    let cms = Cms::detached(signer, &range_digest(file, signer));
    filled(file, &cms.der())
}

/// A second signature after [`Doc::small`], still open: field 17, dictionary 18.
pub(crate) fn second(file: &[u8]) -> Update {
    Update::after(file)
        .object(3, &page_with("4 0 R", "7 0 R 17 0 R"))
        .object(FORM, "<</Fields[7 0 R 17 0 R]/SigFlags 3>>")
        .object(17, &field("Second", 18))
        .object(18, &dictionary("ETSI.CAdES.detached", ""))
}
