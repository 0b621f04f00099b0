"""Makes signed files whose validity is known by construction, with pyHanko and the test PKI.

Usage: pyhanko_make.py CERTS_TEST BASE_PDF OUT_FOLDER

Writes OUT/*.pdf, the root as OUT/root.crt, and the revocation lists of several days under
OUT/lists/DAY/. Everything happens on fixed days of 2026; the keys of the certificates that are only
needed here are new each time. What verdict each file deserves is written in `pyhanko.rs`.
"""
import datetime
import io
import logging
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

from asn1crypto import cms, crl as asn1_crl, keys, ocsp as asn1_ocsp, x509
from cryptography import x509 as cx
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, general, signers
from pyhanko.sign.signers import pdf_signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps import dummy_client
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

CERTS, BASE, OUT = map(pathlib.Path, sys.argv[1:])
UTC = datetime.timezone.utc


def day(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


class Entity:
    """A certificate with its key, both as the cryptography library holds them."""

    def __init__(self, certificate, key):
        self.certificate, self.key = certificate, key

    @classmethod
    def load(cls, name):
        def pem(suffix):
            data = (CERTS / f"{name}.{suffix}").read_bytes()
            return data[data.find(b"-----BEGIN"):]
        key = serialization.load_pem_private_key(pem("key"), None)
        return cls(cx.load_pem_x509_certificate(pem("crt")), key)

    @property
    def der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def asn1(self):
        return x509.Certificate.load(self.der)

    @property
    def asn1_key(self):
        return keys.PrivateKeyInfo.load(self.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))


SERIAL = iter(range(0x1000, 0x2000))


def issue(name, issuer, start="2026-01-01", end="2090-01-01", key=None, usages=None,
          critical=True, authority=False, no_check=False):
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = cx.Name([
        cx.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        cx.NameAttribute(NameOID.ORGANIZATION_NAME, "Cơ quan TEST"),
        cx.NameAttribute(NameOID.COMMON_NAME, name),
    ])
    builder = (cx.CertificateBuilder().subject_name(subject)
               .issuer_name(issuer.certificate.subject).public_key(key.public_key())
               .serial_number(next(SERIAL)).not_valid_before(day(start)).not_valid_after(day(end))
               .add_extension(cx.BasicConstraints(authority, None), True)
               .add_extension(cx.KeyUsage(
                   not authority, not authority, False, False, False, authority, authority,
                   False, False), True)
               .add_extension(cx.SubjectKeyIdentifier.from_public_key(key.public_key()), False))
    if usages:
        builder = builder.add_extension(cx.ExtendedKeyUsage(usages), critical)
    if no_check:
        builder = builder.add_extension(cx.OCSPNoCheck(), False)
    return Entity(builder.sign(issuer.key, hashes.SHA256()), key)


STAMPS = [ExtendedKeyUsageOID.TIME_STAMPING]


def stamping(name, usages=STAMPS, **more):
    key = rsa.generate_private_key(65537, 2048)
    return issue(name, SERVICES, key=key, usages=usages, **more)


ROOT, AGENCIES, SERVICES = (Entity.load(f"ca/{name}") for name in ("root", "agencies", "services"))
TSA = Entity.load("tsa/tsa")
GOOD = Entity.load("agencies/iadom")
P256 = Entity.load("agencies/sokhcn")
FOREIGN, FOREIGN_ROOT = Entity.load("bad/other-ca"), Entity.load("bad/other-root")
EDWARDS = issue("Ed25519 TEST", AGENCIES, key=ed25519.Ed25519PrivateKey.generate())
SHORT = issue("Expires TEST", AGENCIES, end="2026-03-01")
LATER = issue("Begins later TEST", AGENCIES, start="2026-02-15")
REVOKED = issue("Revoked TEST", AGENCIES)
REVOKED_CA = issue("Revoked CA TEST", ROOT, authority=True, start="2025-01-01")
BELOW = issue("Below a revoked CA TEST", REVOKED_CA)
TSA_SHORT = stamping("TSA expires TEST", end="2026-03-01")
TSA_REVOKED = stamping("TSA revoked TEST")
TSA_SOFT = stamping("TSA not critical TEST", critical=False)
TSA_TWO = stamping("TSA two purposes TEST", STAMPS + [ExtendedKeyUsageOID.EMAIL_PROTECTION])
TSA_LATER = stamping("TSA begins later TEST", start="2026-02-15")
RESPONDER = issue("OCSP TEST", AGENCIES, usages=[ExtendedKeyUsageOID.OCSP_SIGNING],
                  no_check=True)

REVOCATION_DAY = day("2026-03-01")
AUTHORITIES = {"root": ROOT, "agencies": AGENCIES, "services": SERVICES, "below": REVOKED_CA}
REVOCATIONS = {"root": [REVOKED_CA], "agencies": [REVOKED], "services": [TSA_REVOKED], "below": []}


def crl(name, made):
    """The list of an authority as of a day, good for a week."""
    issuer = AUTHORITIES[name]
    builder = (cx.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
               .last_update(made).next_update(made + datetime.timedelta(days=7)))
    for revoked in REVOCATIONS[name]:
        if made >= REVOCATION_DAY:
            entry = (cx.RevokedCertificateBuilder()
                     .serial_number(revoked.certificate.serial_number)
                     .revocation_date(REVOCATION_DAY)
                     .add_extension(cx.CRLReason(cx.ReasonFlags.key_compromise), False))
            builder = builder.add_revoked_certificate(entry.build())
    signed = builder.sign(issuer.key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.DER)


def response(about, issuer, made):
    """A good answer of the delegated responder, good for a week."""
    about, issuer = about.asn1, issuer.asn1
    data = asn1_ocsp.ResponseData({
        "responder_id": asn1_ocsp.ResponderId("by_key", RESPONDER.asn1.public_key.sha1),
        "produced_at": made,
        "responses": [{
            "cert_id": {
                "hash_algorithm": {"algorithm": "sha1"},
                "issuer_name_hash": issuer.subject.sha1,
                "issuer_key_hash": issuer.public_key.sha1,
                "serial_number": about.serial_number,
            },
            "cert_status": asn1_ocsp.CertStatus("good"),
            "this_update": made,
            "next_update": made + datetime.timedelta(days=7),
        }],
    })
    signature = RESPONDER.key.sign(data.dump(), ec.ECDSA(hashes.SHA256()))
    basic = asn1_ocsp.BasicOCSPResponse({
        "tbs_response_data": data,
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": signature,
        "certs": [RESPONDER.asn1],
    })
    return asn1_ocsp.OCSPResponse({
        "response_status": "successful",
        "response_bytes": {"response_type": "basic_ocsp_response", "response": basic},
    }).dump()


class Clock(datetime.datetime):
    """What pyHanko takes for the present: only the claimed time depends on it."""
    present = None

    @classmethod
    def now(cls, tz=None):
        return cls.present.astimezone(tz)


pdf_signer.datetime = Clock


class Stamper(dummy_client.DummyTimeStamper):
    """pyHanko's own authority with a fixed instant; names its certificate by SHA-256."""

    def __init__(self, authority, when):
        known = SimpleCertificateStore()
        known.register(SERVICES.asn1)
        super().__init__(authority.asn1, authority.asn1_key, known, fixed_dt=when)

    def _sign_tst_info(self, tst_info_data, md_algorithm, dt):
        def attribute(kind, value):
            if kind == "signing_certificate":
                kind, value = "signing_certificate_v2", general.as_signing_certificate_v2(
                    self.tsa_cert)
            return general.simple_cms_attribute(kind, value)

        dummy_client.simple_cms_attribute = attribute
        return super()._sign_tst_info(tst_info_data, md_algorithm, dt)


class Fixed(TimeStamper):
    """Answers every request with the same object."""

    def __init__(self, token):
        super().__init__()
        self.token = token
        self._dummy_response_cache = {"sha256": token}

    async def async_timestamp(self, message_digest, md_algorithm):
        return self.token


class OtherData(Stamper):
    """Stamps something else than it is asked to."""

    async def async_timestamp(self, message_digest, md_algorithm):
        return await super().async_timestamp(b"\x5a" * len(message_digest), md_algorithm)


class Wrapping(signers.SimpleSigner):
    """Puts another object where the signature belongs."""
    instead = None

    async def async_sign(self, *args, **kwargs):
        if self.instead is None:
            return await super().async_sign(*args, **kwargs)
        return self.instead


def signer(entity, above=(AGENCIES,), pss=False, kind=signers.SimpleSigner):
    known = SimpleCertificateStore()
    known.register_multiple([one.asn1 for one in above])
    return kind(signing_cert=entity.asn1, signing_key=entity.asn1_key, cert_registry=known,
                prefer_pss=pss)


def sign(data, entity, when, stamper=None, field="Signature1", certify=None, made_by=None,
         subfilter=fields.SigSeedSubFilter.PADES, **more):
    Clock.present = when
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    metadata = signers.PdfSignatureMetadata(
        field_name=field, md_algorithm="sha512" if entity is EDWARDS else "sha256", subfilter=subfilter, certify=certify is not None,
        docmdp_permissions=fields.MDPPerm(certify or 2))
    made_by = made_by or signer(entity, **more)
    # Room for anything put in place of what was planned.
    worker = signers.PdfSigner(metadata, signer=made_by, timestamper=stamper)
    return worker.sign_pdf(writer, bytes_reserved=32768).getvalue()


def stamp(data, stamper, field="Stamp1"):
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    worker = signers.PdfTimeStamper(stamper, field_name=field)
    return worker.timestamp_pdf(writer, "sha256", bytes_reserved=32768).getvalue()


def store(data, certificates=(), lists=(), responses=()):
    """Adds a security store; a list is named by its authority and day."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    contents = PdfFileReader(io.BytesIO(data)).embedded_signatures[-1].pkcs7_content
    DocumentSecurityStore.supply_dss_in_writer(
        writer, contents.hex().upper().encode(),
        certs=[one.asn1 for one in certificates],
        crls=[asn1_crl.CertificateList.load(crl(name, made)) for name, made in lists],
        ocsps=[asn1_ocsp.OCSPResponse.load(one) for one in responses])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def token_of(data):
    """The time stamp inside the first signature."""
    info = PdfFileReader(io.BytesIO(data)).embedded_signatures[0].signer_info
    for attribute in info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            return attribute["values"][0]
    raise ValueError("no time stamp")


SIGNED = day("2026-02-01T10:00:00")
STAMPED = day("2026-02-01T10:00:05")
ARCHIVED = day("2026-02-01T11:00:00")
LATE = day("2026-03-15T10:00:00")
COLLECTED = day("2026-02-01T10:30:00")
LISTS = [("root", COLLECTED), ("agencies", COLLECTED), ("services", COLLECTED)]
ABOVE = (AGENCIES, SERVICES)


def stamped(entity, when=SIGNED, authority=TSA, data=None, **more):
    after = when + datetime.timedelta(seconds=5)
    return sign(data or DATA, entity, when, Stamper(authority, after), **more)


def long_term(data, **more):
    return store(data, ABOVE, LISTS, **more)


def archived(data, when=ARCHIVED, authority=TSA):
    return stamp(data, Stamper(authority, when))


def good_answer(entity, when=COLLECTED):
    return response(entity, AGENCIES, when)


DATA = BASE.read_bytes()
FILES = {}
make = FILES.__setitem__

# The levels.
make("b-b", sign(DATA, GOOD, SIGNED))
make("b-t", stamped(GOOD))
make("b-lt", long_term(stamped(GOOD)))
make("b-lt-ocsp", store(stamped(GOOD), ABOVE, [LISTS[0], LISTS[2]], [good_answer(GOOD)]))
make("b-lt-without-authority-data", store(stamped(GOOD), ABOVE, LISTS[:2]))
make("b-lta", archived(long_term(stamped(GOOD))))
make("archived-without-store", archived(stamped(GOOD)))
make("stamped-by-document-stamp-only", archived(sign(DATA, GOOD, SIGNED)))
make("store-after-the-stamp", long_term(archived(stamped(GOOD))))


def damaged(data):
    """The same with junk among the certificates of its store."""
    writer = IncrementalPdfFileWriter(io.BytesIO(data))
    certificates = writer.root["/DSS"]["/Certs"]
    certificates.append(writer.add_object(generic.StreamObject(stream_data=b"junk")))
    writer.update_container(certificates)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


make("damaged-store", damaged(FILES["b-lt"]))
make("store-with-a-foreign-root", store(
    stamped(FOREIGN, above=(FOREIGN_ROOT,)), ABOVE + (FOREIGN_ROOT,), LISTS))

# Kinds of keys, several signers, certification.
make("pss", stamped(GOOD, pss=True))
make("p256", stamped(P256))
make("ed25519", stamped(EDWARDS))
make("two-signers", stamped(P256, data=FILES["b-t"], field="Signature2"))
make("certified", archived(long_term(stamped(P256, data=stamped(GOOD, certify=2),
                                             field="Signature2"))))

# Expired signers.
make("expired", sign(DATA, SHORT, SIGNED))
make("expired-stamped", stamped(SHORT))
make("expired-archived", archived(long_term(stamped(SHORT))))
make("expired-stamped-late", stamped(SHORT, LATE))
make("stamped-before-certificate", sign(DATA, LATER, SIGNED, Stamper(TSA, STAMPED)))

# Revoked signers and CAs.
make("revoked", sign(DATA, REVOKED, SIGNED))
make("revoked-stamped", stamped(REVOKED))
make("revoked-stamped-late", stamped(REVOKED, LATE))
make("revoked-archived-late", archived(sign(DATA, REVOKED, SIGNED), LATE))
make("ca-revoked", sign(DATA, BELOW, SIGNED, above=(REVOKED_CA,)))
make("ca-revoked-stamped", stamped(BELOW, above=(REVOKED_CA,)))
make("ca-revoked-archived", archived(store(
    stamped(BELOW, above=(REVOKED_CA,)), (REVOKED_CA, SERVICES),
    [LISTS[0], LISTS[2], ("below", COLLECTED)])))
make("stale-answer", store(stamped(REVOKED), ABOVE, [LISTS[0], LISTS[2]],
                           [good_answer(REVOKED, day("2026-01-20"))]))

# Authorities of time stamps that may not be believed.
make("tsa-not-critical", stamped(SHORT, authority=TSA_SOFT))
make("tsa-two-purposes", stamped(SHORT, authority=TSA_TWO))
make("tsa-is-a-signer", stamped(SHORT, authority=GOOD))
make("tsa-begins-later", stamped(SHORT, authority=TSA_LATER))
make("tsa-expired", stamped(SHORT, authority=TSA_SHORT))
make("tsa-expired-archived", archived(store(stamped(SHORT, authority=TSA_SHORT), ABOVE, LISTS)))
make("tsa-revoked", stamped(SHORT, authority=TSA_REVOKED))
make("tsa-revoked-archived", archived(store(stamped(SHORT, authority=TSA_REVOKED), ABOVE, LISTS)))
make("document-tsa-revoked", archived(long_term(stamped(GOOD)), authority=TSA_REVOKED))
make("document-tsa-not-critical", archived(long_term(stamped(GOOD)), authority=TSA_SOFT))

# Time stamps that belong to something else, or are none.
COPIED = token_of(FILES["b-t"])
make("copied-token", sign(DATA, SHORT, SIGNED, Fixed(COPIED)))
make("token-over-other-data", sign(DATA, SHORT, SIGNED, OtherData(TSA, STAMPED)))
make("document-token-copied", stamp(FILES["b-t"], Fixed(COPIED)))
make("document-token-over-other-data", stamp(FILES["b-t"], OtherData(TSA, ARCHIVED)))
ROGUE = cms.ContentInfo({"content_type": "data", "content": b"rogue"})
make("rogue-token", sign(DATA, GOOD, SIGNED, Fixed(ROGUE)))
INSTEAD = signer(GOOD, kind=Wrapping)
INSTEAD.instead = COPIED
make("token-in-a-signature", sign(DATA, GOOD, SIGNED, made_by=INSTEAD))
SIGNATURE = PdfFileReader(io.BytesIO(FILES["b-b"])).embedded_signatures[0].pkcs7_content
SIGNATURE = cms.ContentInfo.load(SIGNATURE)
make("signature-in-a-time-stamp", stamp(FILES["b-t"], Fixed(SIGNATURE)))

# Order.
make("older-than-what-it-covers", archived(stamped(GOOD), day("2026-01-31T10:00:00")))
make("renewed",
     stamp(archived(long_term(stamped(GOOD))), Stamper(TSA, day("2026-02-05")), "Stamp2"))
make("two-stamps-in-wrong-order",
     stamp(archived(stamped(GOOD)), Stamper(TSA, day("2026-02-01T10:30:00")), "Stamp2"))

for name, data in FILES.items():
    (OUT / f"{name}.pdf").write_bytes(data)
(OUT / "root.crt").write_bytes(ROOT.der)
for name in ("2026-01-30", "2026-02-01", "2026-02-02", "2026-04-01"):
    folder = OUT / "lists" / name
    folder.mkdir(parents=True)
    for authority in AUTHORITIES:
        (folder / f"{authority}.crl").write_bytes(crl(authority, day(name)))
