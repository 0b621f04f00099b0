"""Prints one line of JSON for each signature of a file: whether pyHanko accepts it at a level, with
revocation data required for every certificate, nothing fetched and nothing known but the file.

pyhanko_levels.py ROOT LEVEL INSTANT FILE...; an empty INSTANT is now. At B-B nothing is known about
revocation, so nothing is asked about it. A LEVEL after a colon (B-LT:5.6) names the process of
EN 319 102-1 instead of the one that belongs to the level."""
import asyncio
import dataclasses
import json
import logging
import sys
import warnings
from datetime import datetime, timezone

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from asn1crypto import crl, ocsp, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.ades import ades_lta_validation, ades_with_time_validation
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.policy_decl import (
    CertificateFetchingRule, LocalKnowledge, PdfSignatureValidationSpec, RevinfoOnlineFetchingRule, RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.ltv import ades_past
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer


class Clock(datetime):
    """The present as past validation takes it: the instant judged. It asks the clock of the machine
    whatever instant it is given, and all proofs younger than that would count for nothing."""

    @classmethod
    def now(cls, tz=None):
        return (moment or datetime.now(tz)).astimezone(tz)


ades_past.datetime = Clock

root_file, level, instant, *names = sys.argv[1:]
level, _, process = level.partition(":")
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


def basic(signature):
    """The signature holds; about revocation nothing is asked."""
    status = validate_pdf_signature(signature, ValidationContext(
        trust_roots=[root], allow_fetching=False, moment=moment, revocation_mode="soft-fail"))
    return status.intact and status.valid and status.trusted, status.summary()


def with_store(reader, signature):
    """Validation with time and long-term data after EN 319 102-1, 5.5: what the store of the file holds
    is known, and its existence in the past need not be proven."""
    store = DocumentSecurityStore.read_dss(reader)
    lists = [crl.CertificateList.load(one.get_object().data) for one in store.crls]
    answers = [ocsp.OCSPResponse.load(one.get_object().data) for one in store.ocsps]
    known = LocalKnowledge(
        known_crls=[CRLContainer(crl_data=one) for one in lists],
        known_ocsps=[one for answer in answers for one in OCSPContainer.load_multi(answer)],
        known_certs=list(store.load_certs()),
    )
    timing = moment and ValidationTimingInfo(
        validation_time=moment, best_signature_time=moment, point_in_time_validation=True)
    whole = dataclasses.replace(spec.signature_validation_spec, local_knowledge=known)
    result = asyncio.run(ades_with_time_validation(
        signature.signed_data, whole, timing_info=timing, raw_digest=signature.compute_digest()))
    passed = result.ades_subindic == AdESPassed.OK
    return passed, f"{result.ades_subindic} {result.failure_msg}"


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


def judged(reader, signature):
    stamped = next(extract_tst_data_iter(signature.signer_info, signed=False), None) is not None
    if level == "B-B":
        return basic(signature)
    if process == "5.6":
        return long_term(signature)
    if level == "B-T":
        return with_time(reader, signature)
    # The processes of EN 319 102-1 know no other proof of time of a signature than its own time stamp.
    if not stamped:
        return with_time(reader, signature, DocumentSecurityStore.read_dss(reader))
    return with_store(reader, signature) if level == "B-LT" else long_term(signature)


for name in names:
    with open(name, "rb") as file:
        reader = PdfFileReader(file)
        for signature in reader.embedded_regular_signatures:
            passed, summary = judged(reader, signature)
            print(json.dumps({"file": name, "field": signature.field_name, "passed": bool(passed),
                              "summary": str(summary)}))
