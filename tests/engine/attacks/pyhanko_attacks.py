"""Judges attacked files with pyHanko, one line of JSON for each line of JSON read: as it judges when
nothing is asked of it (`plain`), and with the same revocation data as we have, demanded (`strict`)."""
import json
import logging
import sys
import warnings
from datetime import datetime, timezone

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext

MOMENT = datetime(2026, 1, 5, 3, 41, 7, tzinfo=timezone.utc)


def loaded(kind, paths):
    found = []
    for path in paths:
        with open(path, "rb") as file:
            found.append(kind.load(file.read()))
    return found


def context_of(question, reader, strict):
    known = dict(trust_roots=loaded(x509.Certificate, [question["root"]]),
                 allow_fetching=False, moment=MOMENT)
    if not strict:
        return ValidationContext(**known)
    known.update(revocation_mode="require",
                 crls=loaded(crl.CertificateList, question["crls"]),
                 ocsps=loaded(ocsp.OCSPResponse, question["ocsps"]))
    try:
        return DocumentSecurityStore.read_dss(reader).as_validation_context(known)
    except Exception:
        return ValidationContext(**known)


def judge(question, strict):
    with open(question["file"], "rb") as file:
        reader = PdfFileReader(file)
        signatures = reader.embedded_signatures
        if not signatures:
            return False, "no signature"
        for signature in signatures:
            context = context_of(question, reader, strict)
            if signature.sig_object["/SubFilter"] == "/ETSI.RFC3161":
                status = validate_pdf_timestamp(signature, context)
            else:
                status = validate_pdf_signature(signature, context)
            if not status.bottom_line:
                trust = getattr(status, "trust_problem_indic", None)
                change = getattr(status, "diff_result", None)
                change = change if isinstance(change, Exception) else ""
                return False, f"{status.summary()} {trust or ''} {change}"
    return True, "passed"


for line in sys.stdin:
    question, said = json.loads(line), {}
    for mode in ("plain", "strict"):
        try:
            passed, why = judge(question, mode == "strict")
        except BaseException as fault:
            passed, why = False, f"{type(fault).__name__}: {fault}"
        said[mode] = {"passed": passed, "why": why[:300]}
    print(json.dumps(said), flush=True)
