"""`guardrails policy`: look at what a policy compiles to, and whether it does."""

import argparse
import sys
from pathlib import Path

from guardrails.cli import policy_diff, policy_operating
from guardrails.cli.exits import Exit
from guardrails.cli.setup import add_models_to, store_from
from guardrails.core.errors import PolicyError
from guardrails.core.problem import Problem
from guardrails.policy.loader import load
from guardrails.policy.show import render


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("policy", help="show, lint, compare and reload policies")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    show = verbs.add_parser("show", help="print the compiled plan: what will run, in which order")
    show.add_argument("file", type=Path, metavar="FILE")
    add_models_to(show)
    show.set_defaults(run=run_show)
    lint = verbs.add_parser("lint", help="print every problem, with its place")
    lint.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    add_models_to(lint)
    lint.set_defaults(run=run_lint)
    policy_diff.add_to(verbs)
    policy_operating.add_to(verbs)


def run_show(arguments: argparse.Namespace) -> int:
    """Print the plan of one file, bases worked in."""
    with store_from(arguments) as models:
        plans = load(arguments.file, models)
    sys.stdout.write("\n".join(render(plan) for plan in plans.values()))
    return Exit.FINE


def run_lint(arguments: argparse.Namespace) -> int:
    """Compile every path and print the problems of all."""
    problems: list[Problem] = []
    good = 0
    with store_from(arguments) as models:
        for path in arguments.paths:
            try:
                good += len(load(path, models))
            except PolicyError as error:
                problems += error.problems
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    if not problems:
        sys.stderr.write(f"{good} {'policy' if good == 1 else 'policies'}, no problems\n")
    return Exit.BAD_POLICY if problems else Exit.FINE
