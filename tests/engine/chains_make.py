"""Makes a PKI of long chains, one for each kind of key, and the authorities of twenty years of renewal.

Usage: chains_make.py OUT_FOLDER

OUT/root.crt is the root of everything. For each kind of key KIND: OUT/KIND/leaf.p12 (password
`khong-gia-tri`) at the end of a chain of six certificates whose signatures are all of that kind,
OUT/KIND/tsa.crt, tsa.key and tsa-chain.crt of a time stamping authority in the same chain, and
OUT/KIND/lists/*.crl of every issuer. Under OUT/years: a signer, a time stamping authority for each
five years, and lists of several days, with and without a revocation. Keys are new each time and
worthless; every instant is fixed."""
import datetime
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

OUT = pathlib.Path(sys.argv[1])
PASSWORD = b"khong-gia-tri"
SERIAL = iter(range(0x5000_0000, 0x6000_0000))
PSS = padding.PSS(padding.MGF1(hashes.SHA384()), 48)


def day(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.timezone.utc)


class Entity:
    def __init__(self, name, key, digest, rsa_padding, above, until):
        self.name, self.key, self.digest, self.padding = name, key, digest, rsa_padding
        self.above, self.until, self.certificate = above, until, None

    @property
    def issuer(self):
        return self.above or self

    def path(self):
        """This certificate and those above it, without the root."""
        return [] if self.above is None else [self] + self.above.path()

    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign(self, builder):
        more = {"rsa_padding": self.padding} if self.padding else {}
        return builder.sign(self.key, self.digest, **more)


def new(name, kind, above=None, start="2020-01-01", until="2120-01-01", use="authority"):
    key, digest, rsa_padding = KINDS[kind]()
    made = Entity(name, key, digest, rsa_padding, above, until)
    subject = x509.Name([
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lien thong TEST"),
        x509.NameAttribute(NameOID.COMMON_NAME, name),
    ])
    authority = use == "authority"
    issuer_name = above.certificate.subject if above else subject
    public = key.public_key()
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer_name)
               .public_key(public).serial_number(next(SERIAL))
               .not_valid_before(day(start)).not_valid_after(day(until))
               .add_extension(x509.BasicConstraints(authority, None), True)
               .add_extension(x509.KeyUsage(
                   not authority, use == "signer", False, False, False, authority, authority,
                   False, False), True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                   made.issuer.key.public_key()), False))
    if use == "tsa":
        stamping = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(stamping, True)
    made.certificate = made.issuer.sign(builder)
    return made


KINDS = {
    "rsa-pkcs1": lambda: (rsa.generate_private_key(65537, 2048), hashes.SHA256(), None),
    "rsa-pss": lambda: (rsa.generate_private_key(65537, 3072), hashes.SHA384(), PSS),
    "p256": lambda: (ec.generate_private_key(ec.SECP256R1()), hashes.SHA256(), None),
    "p384": lambda: (ec.generate_private_key(ec.SECP384R1()), hashes.SHA384(), None),
    "p521": lambda: (ec.generate_private_key(ec.SECP521R1()), hashes.SHA512(), None),
    "ed25519": lambda: (ed25519.Ed25519PrivateKey.generate(), None, None),
}


def crl(issuer, made, following, revoked=()):
    builder = (x509.CertificateRevocationListBuilder()
               .issuer_name(issuer.certificate.subject)
               .last_update(day(made)).next_update(day(following))
               .add_extension(x509.CRLNumber(1), False)
               .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(
                   issuer.key.public_key()), False))
    for entity, since in revoked:
        entry = (x509.RevokedCertificateBuilder()
                 .serial_number(entity.certificate.serial_number).revocation_date(day(since))
                 .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), False))
        builder = builder.add_revoked_certificate(entry.build())
    return issuer.sign(builder).public_bytes(serialization.Encoding.DER)


def write(place, data):
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)


def p12(place, entity):
    above = [one.certificate for one in entity.above.path()]
    write(place, pkcs12.serialize_key_and_certificates(
        entity.name.encode(), entity.key, entity.certificate, above,
        serialization.BestAvailableEncryption(PASSWORD)))


def tsa(folder, name, entity):
    write(folder / f"{name}.crt", entity.pem())
    write(folder / f"{name}-chain.crt", b"".join(one.pem() for one in entity.above.path()))
    write(folder / f"{name}.key", entity.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))


def long_chain(root, kind):
    folder = OUT / kind
    above = new(f"{kind} CA 1", kind, root)
    issuers = [above]
    for number in range(2, 5):
        above = new(f"{kind} CA {number}", kind, above)
        issuers.append(above)
    p12(folder / "leaf.p12", new(f"{kind} signer", kind, above, use="signer"))
    tsa(folder, "tsa", new(f"{kind} TSA", kind, above, use="tsa"))
    for issuer in issuers + [root]:
        name = issuer.name.replace(" ", "-")
        write(folder / "lists" / f"{name}.crl", crl(issuer, "2025-12-01", "2099-01-01"))


# The first year of each authority for time stamps, and its kind: ever stronger keys.
YEARS = {2026: "p256", 2031: "p256", 2036: "p384", 2041: "p384", 2046: "p521"}


def years(root):
    """Each authority for time stamps has an issuer of its own, which speaks until the next renewal: lists
    issued after the end of a certificate say nothing about it, but not every program knows that."""
    folder = OUT / "years"
    issuing = new("Issuing CA", "p384", root, start="2025-01-01", until="2060-01-01")
    signer = new("Signer", "p256", issuing, start="2025-06-01", until="2029-01-01", use="signer")
    p12(folder / "signer.p12", signer)
    stamps, authorities = {}, {}
    for year, kind in YEARS.items():
        stamps[year] = new(f"Time CA {year}", kind, root, start="2025-01-01", until="2060-01-01")
        authorities[year] = new(f"TSA {year}", kind, stamps[year], start=f"{year - 1}-06-01",
                                until=f"{year + 8}-01-01", use="tsa")
        tsa(folder, str(year), authorities[year])

    def lists(place, made, following, issuers, revoked=()):
        for issuer in issuers:
            mine = revoked if issuer is stamps[2031] else []
            name = issuer.name.replace(" ", "-")
            write(folder / place / f"{name}.crl", crl(issuer, made, following, mine))

    stories = {"good": None, "compromised": "2033-01-01", "later": "2037-01-01"}
    for year in YEARS:
        for story, since in stories.items():
            speaking = [one for first, one in stamps.items()
                        if first <= year and (year - first <= 5 or story == "later")]
            if year == 2026:
                speaking.append(issuing)
            known = [(authorities[2031], since)] if since and int(since[:4]) < year else []
            lists(f"{story}/{year}", f"{year}-01-01", f"{year}-03-01", [root] + speaking, known)
    # Lists issued after the first time stamp.
    lists("next", "2026-02-01", "2026-04-01", [root, issuing, stamps[2026]])


ROOT = new("Root", "p521")
write(OUT / "root.crt", ROOT.pem())
for each in KINDS:
    long_chain(ROOT, each)
years(ROOT)
