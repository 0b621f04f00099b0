"""Prints one line of JSON for each signature of each file: what pyHanko thinks of it."""
import json
import logging
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

data = open(sys.argv[1], "rb").read()
_, _, der = pem.unarmor(data[data.find(b"-----BEGIN"):])
root = x509.Certificate.load(der)
for name in sys.argv[2:]:
    with open(name, "rb") as file:
        for signature in PdfFileReader(file).embedded_signatures:
            context = ValidationContext(trust_roots=[root], allow_fetching=False)
            status = validate_pdf_signature(signature, context)
            print(json.dumps({
                "file": name, "field": signature.field_name, "intact": status.intact,
                "valid": status.valid, "trusted": status.trusted,
                "coverage": status.coverage.name,
                "modification": status.modification_level.name,
            }))
