"""Certificates and keys for signing, from files, and one for development that nobody trusts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurvePrivateKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from guardrails.core.errors import KeyringError

DEVELOPMENT = "UNTRUSTED DEVELOPMENT CERTIFICATE, DO NOT RELY ON IT"
"""What the development certificate says of itself."""
DAYS = 7
"""How long a development certificate lasts."""

_CURVES = {SECP256R1.name: "es256", SECP384R1.name: "es384", SECP521R1.name: "es512"}


@dataclass(frozen=True, slots=True)
class Signing:
    """A chain of certificates, the signer's first, and the private key of the signer."""

    chain: str
    key: str = field(repr=False)
    algorithm: str
    """As C2PA names it: ed25519, es256, es384, es512 or ps256."""
    serial: str
    """The first 16 hexadecimal digits of the signer's serial number."""
    expires: datetime

    @classmethod
    def parse(cls, chain: str, key: str) -> Self:
        """Take both from PEM texts.

        Raises:
            KeyringError: one is not PEM, the two do not fit, or it is not valid now.
        """
        try:
            first = x509.load_pem_x509_certificates(chain.encode())[0]
        except ValueError:
            raise KeyringError("the signing certificate is not PEM, give a chain") from None
        try:
            private = load_pem_private_key(key.encode(), None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise KeyringError("the signing key is not PEM without a password") from None
        _must_fit(first, private)
        serial = f"{first.serial_number:x}"[:16]
        return cls(chain, key, _algorithm(private), serial, first.not_valid_after_utc)


def pem(written: str) -> str:
    """Give PEM: what is written, or what is in the file of that name.

    Raises:
        KeyringError: the file cannot be read.
    """
    if written.lstrip().startswith("-----BEGIN"):
        return written
    try:
        return Path(written).read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not PEM"
        raise KeyringError(f"cannot read '{written}': {why}") from None


def authorities(written: str) -> str:
    """Read the certificates of the authorities that are trusted, one or more.

    Raises:
        KeyringError: there is none.
    """
    text = pem(written)
    try:
        x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        raise KeyringError("the trusted authorities are not PEM, give certificates") from None
    return text


def development(now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> tuple[str, str]:
    """Make a chain and a key, both PEM, that sign for a week and that no verifier trusts.

    The key of the authority is thrown away, so nothing else can be signed with it.
    """
    start = now() - timedelta(minutes=5)  # clocks differ
    authority, signer = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    root_name = _name(f"{DEVELOPMENT} (authority)")
    root = (
        _draft(root_name, root_name, authority, start)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .sign(authority, None)
    )
    leaf = (
        _draft(_name(DEVELOPMENT), root_name, signer, start)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)  # noqa: FBT003  # not critical
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()),
            critical=False,
        )
        .sign(authority, None)
    )
    chain = leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM)
    key = signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return chain.decode(), key.decode()


def _draft(
    subject: x509.Name, issuer: x509.Name, key: Ed25519PrivateKey, start: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "UNTRUSTED"),
        ]
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _algorithm(private: object) -> str:
    if isinstance(private, Ed25519PrivateKey):
        return "ed25519"
    if isinstance(private, EllipticCurvePrivateKey) and private.curve.name in _CURVES:
        return _CURVES[private.curve.name]
    if isinstance(private, RSAPrivateKey):
        return "ps256"
    raise KeyringError("the signing key is of another kind than Ed25519, P-256/384/521 and RSA")


def _must_fit(certificate: x509.Certificate, private: object) -> None:
    _algorithm(private)
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if certificate.public_key().public_bytes(*form) != private.public_key().public_bytes(*form):  # type: ignore[attr-defined]  # every private key has it
        raise KeyringError("the signing key is not that of the first certificate of the chain")
    if not certificate.not_valid_before_utc <= datetime.now(UTC) < certificate.not_valid_after_utc:
        raise KeyringError(
            "the signing certificate is valid from "
            f"{certificate.not_valid_before_utc:%Y-%m-%d} to "
            f"{certificate.not_valid_after_utc:%Y-%m-%d}, not now, renew it"
        )
