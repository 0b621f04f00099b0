"""Signs a form with pyHanko, changes it in many ways, and prints for each file what pyHanko's own
comparison of revisions says of the first signature: one line of JSON each.

Arguments: the unsigned form, a PKCS#12 file, the file of its password, a folder for the results.
"""
import io
import json
import logging
import os
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import signers
from pyhanko.sign.fields import FieldMDPAction, FieldMDPSpec, MDPPerm, SigFieldSpec, SigSeedSubFilter

base, p12, password, folder = sys.argv[1:]
SIGNER = signers.SimpleSigner.load_pkcs12(p12, passphrase=open(password, "rb").read().strip())


def sign(data, name, permission=None, lock=None, box=None):
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    meta = signers.PdfSignatureMetadata(
        field_name=name, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES,
        certify=permission is not None,
        **({"docmdp_permissions": MDPPerm(permission)} if permission else {}),
    )
    spec = SigFieldSpec(name, box=box, field_mdp_spec=lock)
    signer = signers.PdfSigner(meta, SIGNER, new_field_spec=spec)
    return signer.sign_pdf(writer, bytes_reserved=16384).getvalue()


def change(data, act):
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    act(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def field(writer):
    return writer.root["/AcroForm"]["/Fields"][0]


def appearance(writer, text):
    font = generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Font"), pdf_name("/Subtype"): pdf_name("/Type1"),
        pdf_name("/BaseFont"): pdf_name("/Helvetica"),
    })
    fonts = generic.DictionaryObject({pdf_name("/F1"): font})
    look = generic.StreamObject(
        {pdf_name("/Subtype"): pdf_name("/Form"),
         pdf_name("/Resources"): generic.DictionaryObject({pdf_name("/Font"): fonts}),
         pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 100, 20)))},
        stream_data=b"BT /F1 9 Tf (" + text + b") Tj ET",
    )
    return generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)})


def fill(writer):
    one = field(writer)
    one["/V"] = pdf_string("9000")
    one["/AP"] = appearance(writer, b"9000")
    writer.update_container(one)


def value_only(writer):
    one = field(writer)
    one["/V"] = pdf_string("9000")
    writer.update_container(one)


def look_only(writer):
    one = field(writer)
    one["/AP"] = appearance(writer, b"9000")
    writer.update_container(one)


def rename(writer):
    one = field(writer)
    one["/T"] = pdf_string("Other")
    writer.update_container(one)


def annotate(writer):
    page = writer.root["/Pages"]["/Kids"][0]
    note = generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/Text"),
        pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (60, 100, 80, 120))),
        pdf_name("/Contents"): pdf_string("note"),
    })
    page["/Annots"].append(writer.add_object(note))
    writer.update_container(page)


def content(writer):
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
    writer.update_container(page)


def orphan(writer):
    writer.add_object(pdf_string("nobody refers to this"))


def title(writer):
    writer.set_info(generic.DictionaryObject({pdf_name("/Title"): pdf_string("Another title")}))


def mark_info(writer):
    writer.root["/MarkInfo"] = generic.DictionaryObject({pdf_name("/Marked"): generic.BooleanObject(True)})
    writer.update_root()


def resources(writer):
    form = writer.root["/AcroForm"]
    form["/NeedAppearances"] = generic.BooleanObject(True)
    writer.update_container(form)


ACTS = {
    "filled": fill, "value-only": value_only, "look-only": look_only, "renamed": rename,
    "annotated": annotate, "content": content, "orphan": orphan, "title": title,
    "mark-info": mark_info, "need-appearances": resources,
}


def files():
    start = open(base, "rb").read()
    for permission in (None, 1, 2, 3):
        name = f"certified-{permission}" if permission else "approved"
        once = sign(start, "First", permission)
        yield name, once
        for act in ACTS:
            yield f"{name}-{act}", change(once, ACTS[act])
        if permission != 1:
            yield f"{name}-signed", sign(once, "Second")
            yield f"{name}-signed-visible", sign(once, "Second", box=(60, 100, 160, 160))
            yield f"{name}-signed-filled", change(sign(once, "Second"), fill)
    for action, names in (
        (FieldMDPAction.ALL, None), (FieldMDPAction.INCLUDE, ["Sum"]),
        (FieldMDPAction.INCLUDE, ["Su"]), (FieldMDPAction.EXCLUDE, ["Sum"]),
        (FieldMDPAction.EXCLUDE, ["Su"]),
    ):
        spec = FieldMDPSpec(action, fields=names)
        once = sign(start, "First", lock=spec)
        name = f"locked-{action.name.lower()}-{(names or ['-'])[0]}"
        yield name, once
        yield f"{name}-filled", change(once, fill)
        yield f"{name}-signed", sign(once, "Second")


for name, data in files():
    with open(os.path.join(folder, name + ".pdf"), "wb") as file:
        file.write(data)
    first = PdfFileReader(io.BytesIO(data)).embedded_signatures[0]
    first.compute_integrity_info()
    info = first.summarise_integrity_info()
    level = info.get("diff_result")
    level = getattr(level, "modification_level", None)
    print(json.dumps({
        "file": name, "permits": bool(info.get("docmdp_ok")) and (level is None or level.name != "OTHER"),
        "level": level.name if level is not None else type(info.get("diff_result")).__name__,
    }))
