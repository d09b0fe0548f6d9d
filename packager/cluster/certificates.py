"""Certificates of a cluster: an authority of its own, and what it vouches for. Everything is PEM in bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID

AUTHORITY_DAYS = 3650
_SLACK = timedelta(hours=24)  # the clock of another computer may be wrong


@dataclass(frozen=True)
class Identity:
    """A certificate, its secret key, and the certificate of the authority that vouches for it."""

    authority: str
    certificate: str
    key: str

    @property
    def expires(self) -> datetime:
        """The last moment of the certificate. Raises ValueError for what is none."""
        return x509.load_pem_x509_certificate(self.certificate.encode()).not_valid_after_utc


def new_authority(name: str, *, now: datetime) -> Identity:
    """A new authority for the cluster of `name`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"packager workers of {name}"[:64])])
    certificate = (
        _builder(subject, subject, key.public_key(), now, timedelta(days=AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(Encoding.PEM).decode()
    return Identity(pem, pem, _pem(key))


def issue(authority: Identity, name: str, *, now: datetime, days: int) -> Identity:
    """A certificate for `name`, valid for `days`. Raises ValueError for a damaged authority."""
    parent = x509.load_pem_x509_certificate(authority.certificate.encode())
    parent_key = load_pem_private_key(authority.key.encode(), None)
    if not isinstance(parent_key, ec.EllipticCurvePrivateKey):
        raise ValueError("the authority's key is of another kind")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    certificate = (
        _builder(subject, parent.subject, key.public_key(), now, timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(parent_key, hashes.SHA256())
    )
    return Identity(authority.authority, certificate.public_bytes(Encoding.PEM).decode(), _pem(key))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + life)
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
