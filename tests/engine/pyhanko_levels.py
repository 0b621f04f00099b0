"""Prints one line of JSON for each signature of a file: whether pyHanko accepts it at a level, with
revocation data required for every certificate, nothing fetched and nothing known but the file.

pyhanko_levels.py ROOT LEVEL INSTANT FILE; an empty INSTANT is now."""
import asyncio
import json
import logging
import sys
import warnings
from datetime import datetime, timezone

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from asn1crypto import pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule, PdfSignatureValidationSpec, RevinfoOnlineFetchingRule, RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager

root_file, level, instant, name = sys.argv[1:]
data = open(root_file, "rb").read()
_, _, der = pem.unarmor(data[data.find(b"-----BEGIN"):])
root = x509.Certificate.load(der)
moment = datetime.fromisoformat(instant.replace("Z", "+00:00")) if instant else None

trusting = CertValidationPolicySpec(
    trust_manager=SimpleTrustManager.build(trust_roots=[root]),
    revinfo_policy=CertRevTrustPolicy(revocation_checking_policy=REQUIRE_REVINFO),
)
offline = RevocationInfoGatheringSpec(
    online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
    certificate_fetching_rule=CertificateFetchingRule.NEVER_FETCH,
)
spec = PdfSignatureValidationSpec(SignatureValidationSpec(
    cert_validation_policy=trusting, ts_cert_validation_policy=trusting, revinfo_gathering_policy=offline))


def with_time(reader, signature, store=None):
    """The signature holds, and a signature or document time stamp over it does; with `store`, by the
    revocation data in it."""
    def context():
        known = {"trust_roots": [root], "allow_fetching": False, "moment": moment}
        if store is None:
            return ValidationContext(**known)
        return store.as_validation_context({**known, "revocation_mode": "require"})

    status = validate_pdf_signature(signature, context(), ts_validation_context=context())
    stamp = status.timestamp_validity
    stamped = stamp is not None and stamp.intact and stamp.valid and stamp.trusted
    for later in reader.embedded_timestamp_signatures:
        stamp = validate_pdf_timestamp(later, context())
        stamped = stamped or (stamp.intact and stamp.valid and stamp.trusted)
    archived = level != "B-LTA" or reader.embedded_timestamp_signatures[-1].evaluate_signature_coverage().name.startswith("ENTIRE")
    return status.intact and status.valid and status.trusted and stamped and archived, status.summary()


def long_term(signature):
    """Validation with long-term data after EN 319 102-1, 5.6.3."""
    timing = moment and ValidationTimingInfo(
        validation_time=moment, best_signature_time=moment, point_in_time_validation=True)
    result = asyncio.run(ades_lta_validation(signature, spec, timing_info=timing))
    archived = getattr(result, "oldest_evidence_record_timestamp", None)
    passed = result.ades_subindic == AdESPassed.OK and (archived is not None or level != "B-LTA")
    return passed, f"{result.ades_subindic} {result.failure_msg} {archived}"


with open(name, "rb") as file:
    reader = PdfFileReader(file)
    for signature in reader.embedded_regular_signatures:
        if level == "B-T":
            passed, summary = with_time(reader, signature)
        elif level == "B-LT" or next(extract_tst_data_iter(signature.signer_info, signed=False), None) is None:
            # Its process of EN 319 102-1 is for archived files, and knows no other proof of time than a
            # signature time stamp.
            store = DocumentSecurityStore.read_dss(reader)
            passed, summary = with_time(reader, signature, store)
        else:
            passed, summary = long_term(signature)
        print(json.dumps({"field": signature.field_name, "passed": bool(passed), "summary": str(summary)}))
