"""What commands that ask a sidecar need: its address, and what to show and trust."""

import argparse
from pathlib import Path

from guardrails.cli.exits import BadArguments
from guardrails.client.client import AsyncClient, Credentials


def add_client_to(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which sidecar to ask, and how."""
    parser.add_argument(
        "--address", metavar="ADDR", help="ask this sidecar: HOST:PORT or unix:PATH"
    )
    parser.add_argument("--tls-ca", type=Path, metavar="FILE", help="the sidecar's CA, PEM")
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="for mutual TLS, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")


def client_from(arguments: argparse.Namespace) -> AsyncClient:
    """Give the client that the options describe.

    Raises:
        BadArguments: a certificate goes without its key, or either without a CA.
    """
    ca, certificate, key = arguments.tls_ca, arguments.tls_cert, arguments.tls_key
    if (certificate is None) != (key is None):
        raise BadArguments("--tls-cert and --tls-key go together")
    if ca is None:
        if certificate is not None:
            raise BadArguments("--tls-cert needs --tls-ca")
        return AsyncClient(arguments.address)
    shown = Credentials(
        ca.read_bytes(),
        certificate.read_bytes() if certificate else None,
        key.read_bytes() if key else None,
    )
    return AsyncClient(arguments.address, credentials=shown)
