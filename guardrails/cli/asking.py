"""What commands that ask a sidecar need: its address, and what to show and trust."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from guardrails.cli.exits import BadArguments
from guardrails.cli.files import bytes_of, named
from guardrails.cli.values import any_address
from guardrails.client.client import AsyncClient
from guardrails.client.connection import Credentials
from guardrails.server import tls

T = TypeVar("T")

TOKEN = "GUARDRAILS_TOKEN"  # noqa: S105  # the name of a variable


def add_client_to(
    parser: argparse.ArgumentParser, read: Callable[[str], Any] = any_address
) -> None:
    """Add the options that say which sidecar to ask, and how; ``read`` takes its address."""
    parser.add_argument(
        "--address",
        type=read,
        metavar="ADDR",
        help="ask this sidecar: HOST:PORT, unix:PATH or unix-abstract:NAME",
    )
    parser.add_argument("--tls-ca", type=Path, metavar="FILE", help="the sidecar's CA, PEM")
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="for mutual TLS, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")
    parser.add_argument(
        "--token-file", type=Path, metavar="FILE", help=f"the token to show; else ${TOKEN}"
    )


def client_from(arguments: argparse.Namespace) -> AsyncClient:
    """Give the client that the options describe; raises what `introduced` raises."""
    return introduced(AsyncClient, arguments)


def introduced(client: Callable[..., T], arguments: argparse.Namespace, *given: Any) -> T:
    """Make a client of any kind that shows and trusts what the options say.

    Raises:
        BadArguments: they do not fit each other, or the token would go in the clear.
    """
    credentials, token = credentials_from(arguments), token_from(arguments)
    with named():
        return client(arguments.address.target, *given, credentials=credentials, token=token)


def token_from(arguments: argparse.Namespace) -> str | None:
    """Read the token from its file or the environment: other users see what a command is given.

    Raises:
        BadArguments: the file cannot be read, or holds none.
    """
    if arguments.token_file is None:
        return os.environ.get(TOKEN) or None
    try:
        return bytes_of(arguments.token_file).decode("ascii").strip()
    except UnicodeDecodeError:
        raise BadArguments(f"'{arguments.token_file}' holds no token") from None


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
