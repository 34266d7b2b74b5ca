"""`guardrails access check` reads a file of callers, `guardrails access token` makes a token."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from guardrails.cli.exits import Exit
from guardrails.server.access.callers import Callers, digest_of
from guardrails.server.access.file import read
from guardrails.server.access.identity import Identity
from guardrails.server.access.tokens import made


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both commands to the parser."""
    parser = commands.add_parser("access", help="who may ask a server, and what for")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    check = verbs.add_parser("check", help="read a file of callers, and tell what it allows")
    check.add_argument("file", type=Path, metavar="FILE")
    check.set_defaults(run=run_check)
    token = verbs.add_parser("token", help="make a token, and show it this once")
    token.set_defaults(run=run_token)


def run_check(arguments: argparse.Namespace) -> int:
    """Tell who may do what; what is wrong with the file is told with its place."""
    sys.stdout.writelines(f"{line}\n" for line in _lines(read(arguments.file)))
    return Exit.FINE


def run_token(_: argparse.Namespace) -> int:
    """Show a token, and the line of the file that knows it by its hash."""
    token = made()
    sys.stderr.write("keep this, it is not shown again; the line below is for the access file\n")
    sys.stdout.write(f"{token}\ntoken_sha256: {digest_of(token)}\n")
    return Exit.FINE


def _lines(callers: Callers) -> Iterator[str]:
    for identity in dict.fromkeys((*callers.tokens.values(), *callers.certificates.values())):
        yield _line(identity)


def _line(identity: Identity) -> str:
    tenant = f"'{identity.tenant}'" if identity.tenant else "none"
    whose = f"any tenant, {tenant} by default" if identity.any_tenant else f"tenant {tenant}"
    policies = ", ".join(identity.policies) or "none"
    scopes = ", ".join(sorted(identity.scopes))
    return f"{identity.name}: {scopes}; {whose}; policies {policies}"
