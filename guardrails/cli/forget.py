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
    parser.add_argument("--policy", type=Path, required=True, metavar="FILE")
    parser.add_argument("--tenant", default="", metavar="NAME", help="on whose behalf")
    add_models_to(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Forget, and say of how many requests something was kept."""
    with store_from(arguments) as models:
        (plan,) = load(arguments.policy, models).values()
    if plan.terms.vault is None:
        raise BadArguments(f"policy '{plan.name}' has no vault, nothing is kept")
    gone = plan.terms.vault.forget(arguments.person, tenant=arguments.tenant)
    sys.stdout.write(f"forgotten: {gone} {'request' if gone == 1 else 'requests'}\n")
    return Exit.FINE
