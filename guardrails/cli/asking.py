"""What commands that ask a sidecar need: its address, and what to show and trust."""

import argparse
from pathlib import Path

from guardrails.cli.exits import BadArguments
from guardrails.cli.files import named
from guardrails.cli.values import any_address
from guardrails.client.client import AsyncClient
from guardrails.client.connection import Credentials
from guardrails.server import tls


def add_client_to(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which sidecar to ask, and how."""
    parser.add_argument(
        "--address",
        type=any_address,
        metavar="ADDR",
        help="ask this sidecar: HOST:PORT, unix:PATH or unix-abstract:NAME",
    )
    parser.add_argument("--tls-ca", type=Path, metavar="FILE", help="the sidecar's CA, PEM")
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="for mutual TLS, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")


def client_from(arguments: argparse.Namespace) -> AsyncClient:
    """Give the client that the options describe; raises what `credentials_from` raises."""
    return AsyncClient(arguments.address.target, credentials=credentials_from(arguments))


def credentials_from(arguments: argparse.Namespace) -> Credentials | None:
    """Give what the options say is shown and trusted; None for a plain connection.

    Raises:
        BadArguments: a certificate goes without its key, or either without a CA, or one of the
            files does not hold what it should.
    """
    ca, certificate, key = arguments.tls_ca, arguments.tls_cert, arguments.tls_key
    if (certificate is None) != (key is None):
        raise BadArguments("--tls-cert and --tls-key go together")
    if ca is None and certificate is not None:
        raise BadArguments("--tls-cert needs --tls-ca")
    return None if ca is None else _credentials(ca, certificate, key)


def _credentials(ca: Path, certificate: Path | None, key: Path | None) -> Credentials:
    with named():
        if certificate is None or key is None:
            return Credentials(tls.authority(ca))
        return Credentials(tls.authority(ca), *tls.pair(certificate, key))
