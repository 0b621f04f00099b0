#!/usr/bin/env python3
"""Signs and checks the same PDF with pyHanko and with lienthong in one run, one after the other.

Usage: against_pyhanko.py LIENTHONG PDF P12 PASSWORD_FILE [SECONDS]

LIENTHONG is a release build. Prints one line of JSON: rates per second and how many times faster
lienthong is. Both work in one process with the key already open; pyHanko signs without a time stamp
and checks integrity and changes, which is less than lienthong's check of the path does.
"""

import io
import json
import subprocess
import sys
import time

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


def rate(act, seconds):
    """How often `act` is done in a second; the first time does not count."""
    act()
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        act()
        count += 1
    return count / (time.perf_counter() - start)


def main():
    program, pdf, p12, password_file = sys.argv[1:5]
    seconds = int(sys.argv[5]) if len(sys.argv) > 5 else 3
    with open(pdf, "rb") as file:
        document = file.read()
    with open(password_file, "rb") as file:
        password = file.readline().rstrip(b"\r\n")
    signer = signers.SimpleSigner.load_pkcs12(p12, passphrase=password)

    def sign():
        writer = IncrementalPdfFileWriter(io.BytesIO(document))
        meta = signers.PdfSignatureMetadata(
            field_name="Signature1",
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
        )
        return signers.sign_pdf(writer, meta, signer=signer).getvalue()

    signed = sign()
    context = ValidationContext(
        trust_roots=[signer.signing_cert], allow_fetching=False
    )

    def verify():
        reader = PdfFileReader(io.BytesIO(signed))
        status = validate_pdf_signature(reader.embedded_signatures[0], context)
        assert status.intact and status.valid

    theirs = {"sign": rate(sign, seconds), "verify": rate(verify, seconds)}
    line = {"schema": "lienthong.comparison/1", "document_bytes": len(document)}
    for what, their_rate in theirs.items():
        arguments = [program, "bench", what, "--json", "--seconds", str(seconds)]
        arguments += ["--pdf", pdf, "--p12", p12, "--password-file", password_file]
        said = subprocess.run(arguments, check=True, capture_output=True, text=True)
        own = json.loads(said.stdout)
        line[what] = {
            "pyhanko_per_second": round(their_rate, 2),
            "lienthong_per_second": own["rate_per_second"],
            "lienthong_p50_ms": own["p50_ms"],
            "times_faster": round(own["rate_per_second"] / their_rate, 1),
            "errors": own["errors"],
        }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
