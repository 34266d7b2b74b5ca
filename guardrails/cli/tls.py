"""The options of commands that serve: which certificate they show, and ask of their clients."""

import argparse
from pathlib import Path

from guardrails.cli.exits import BadArguments
from guardrails.cli.files import named
from guardrails.server.config import Tls
from guardrails.server.tls import credentials


def add_tls_to(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")
    parser.add_argument(
        "--client-ca", type=Path, metavar="FILE", help="clients must show a certificate of this CA"
    )


def tls_from(arguments: argparse.Namespace) -> Tls | None:
    """Read them.

    Raises:
        BadArguments: one is missing beside another, or the files do not fit.
    """
    if (arguments.tls_cert is None) != (arguments.tls_key is None):
        raise BadArguments("--tls-cert and --tls-key go together")
    if arguments.tls_cert is None:
        if arguments.client_ca is not None:
            raise BadArguments("--client-ca needs --tls-cert and --tls-key")
        return None
    tls = Tls(arguments.tls_cert, arguments.tls_key, arguments.client_ca)
    with named():
        credentials(tls)  # so that files that do not fit are bad arguments
    return tls
