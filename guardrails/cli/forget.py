"""`guardrails forget`: drop what a policy's vault keeps of a person."""

import argparse
import sys
from pathlib import Path

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.setup import add_models_to, store_from
from guardrails.policy.loader import load


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("forget", help="drop what a vault keeps of a person")
    parser.add_argument("person", metavar="PERSON", help="as the requests named them")
    parser.add_argument("--policy", type=Path, required=True, metavar="PATH")
    parser.add_argument("--tenant", default="", metavar="NAME", help="on whose behalf")
    add_models_to(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Forget, and say of how many requests something was kept."""
    with store_from(arguments) as models:
        plans = load(arguments.policy, models).values()
    vaults = [plan.terms.vault for plan in plans if plan.terms.vault]
    if not vaults:
        raise BadArguments(f"no policy in '{arguments.policy}' has a vault, nothing is kept")
    gone = sum(vault.forget(arguments.person, tenant=arguments.tenant) for vault in vaults)
    sys.stdout.write(f"forgotten: {gone} {'request' if gone == 1 else 'requests'}\n")
    return Exit.FINE
