"""The options of commands that serve: who may ask, and who may manage."""

import argparse
from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments
from guardrails.server.access.entry import is_open
from guardrails.server.address import Address, Unix


def add_access_to(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--access", type=Path, metavar="FILE", help="who may ask, and what for: see docs/access.md"
    )
    parser.add_argument(
        "--open-management",
        action="store_true",
        help="everybody on this machine may manage, where no file says who may",
    )


def access_from(arguments: argparse.Namespace) -> dict[str, Any]:
    """Read them, as fields of a ``ServingConfig``.

    Raises:
        BadArguments: they do not fit each other, or operators would be asked for nothing.
    """
    if arguments.open_management and arguments.access is not None:
        raise BadArguments("--open-management goes without --access, which says who may manage")
    must_ask_who(arguments, "--operate", arguments.operate)
    return {"access": arguments.access, "open_management": arguments.open_management}


def must_ask_who(arguments: argparse.Namespace, option: str, address: Address | None) -> None:
    """See that a port for operators is not for everybody.

    Raises:
        BadArguments: it is.
    """
    known = arguments.access is not None or arguments.client_ca is not None
    if address is None or isinstance(address, Unix) or known:
        return
    if not arguments.open_management:
        raise BadArguments(
            f"{option} {address} would be for everybody who reaches it: give it unix:PATH, say "
            "who may with --access FILE, ask for certificates with --client-ca FILE, or write "
            "--open-management"
        )
    if is_open(address):
        raise BadArguments(
            f"--open-management is for this machine alone, and {option} {address} is not: "
            "say who may with --access FILE"
        )
