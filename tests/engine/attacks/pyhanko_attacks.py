"""Judges attacked files with pyHanko: one line of JSON for each line `file TAB root` read."""
import json
import logging
import sys
import warnings
from datetime import datetime, timezone

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

MOMENT = datetime(2026, 1, 5, 3, 41, 7, tzinfo=timezone.utc)


def judge(path, root):
    with open(root, "rb") as file:
        anchor = x509.Certificate.load(file.read())
    with open(path, "rb") as file:
        signatures = PdfFileReader(file).embedded_signatures
        if not signatures:
            return False, "no signature"
        for signature in signatures:
            context = ValidationContext(
                trust_roots=[anchor], allow_fetching=False, moment=MOMENT)
            if signature.sig_object["/SubFilter"] == "/ETSI.RFC3161":
                status = validate_pdf_timestamp(signature, context)
            else:
                status = validate_pdf_signature(signature, context)
            if not status.bottom_line:
                return False, status.summary()
    return True, "passed"


for line in sys.stdin:
    path, root = line.rstrip("\n").split("\t")
    try:
        passed, why = judge(path, root)
    except BaseException as fault:
        passed, why = False, type(fault).__name__
    print(json.dumps({"passed": passed, "why": why}), flush=True)
