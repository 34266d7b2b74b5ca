"""Certificates and their keys: read, and seen to fit, before anybody listens."""

import ssl
from pathlib import Path

import grpc

from guardrails.server.config import Tls


def credentials(tls: Tls) -> grpc.ServerCredentials:
    """Give what a gRPC server shows, and whom it trusts.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file holds something else, or the key belongs to another certificate.
    """
    certificate, key = pair(tls.certificate, tls.key)
    client_ca = authority(tls.client_ca) if tls.client_ca else None
    return grpc.ssl_server_credentials(
        [(key, certificate)],
        root_certificates=client_ca,
        require_client_auth=client_ca is not None,
    )


def pair(certificate: Path, key: Path) -> tuple[bytes, bytes]:
    """Read a certificate chain and its key, both in PEM.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file holds something else, or the key belongs to another certificate.
    """
    read = authority(certificate), key.read_bytes()
    try:
        _context().load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        raise ValueError(_misfit(certificate, key, error.reason)) from None
    return read


def authority(certificate: Path) -> bytes:
    """Read certificates in PEM.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds none.
    """
    read = certificate.read_bytes()
    try:
        _context().load_verify_locations(certificate)
    except ssl.SSLError:
        raise ValueError(f"'{certificate}' holds no certificate in PEM") from None
    return read


def context(tls: Tls) -> ssl.SSLContext:
    """Give what an HTTP server shows, and whom it trusts.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file holds something else, or the key belongs to another certificate.
    """
    made = _context()
    try:
        made.load_cert_chain(tls.certificate, tls.key, password="")
        if tls.client_ca is not None:
            made.verify_mode = ssl.CERT_REQUIRED
            made.load_verify_locations(tls.client_ca)
    except ssl.SSLError as error:
        raise ValueError(_misfit(tls.certificate, tls.key, error.reason)) from None
    return made


def _context() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


def _misfit(certificate: Path, key: Path, reason: str | None) -> str:
    match reason:
        case "KEY_VALUES_MISMATCH" | "KEY_TYPE_MISMATCH":
            return f"'{key}' is not the key of '{certificate}'"
        case None:
            return f"'{key}' holds no key in PEM, or one behind a password"
        case _:
            return f"'{certificate}' and '{key}' cannot be used: {reason.lower().replace('_', ' ')}"
