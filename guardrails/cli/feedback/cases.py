"""`guardrails feedback to-tests`: test cases of a policy, for a person to accept."""

import argparse
import os
import sys
from pathlib import Path

from guardrails.cli.decisions.where import print_json
from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.feedback.where import add_where_to, opened
from guardrails.testing.proposals import Told, proposal, suite


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = verbs.add_parser("to-tests", help="write test cases of a policy, to be accepted")
    add_where_to(parser)
    parser.add_argument("--policy", required=True, metavar="NAME")
    parser.add_argument(
        "--to", type=Path, required=True, metavar="FILE_test.yaml", help="a new file, beside it"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write what people gave the text of."""
    if not arguments.to.name.endswith("_test.yaml"):
        raise BadArguments(f"--to {arguments.to}: tests are in files that end in _test.yaml")
    with opened(arguments) as kept:
        entries = kept.entries(policy=arguments.policy)
        told = [
            Told(entry.id, entry.said, entry.record, text)
            for entry in reversed(entries)
            if entry.has_text and (text := kept.words(entry.id)[1])
        ]
    cases = [case for case in map(proposal, told) if case]
    if not cases:
        raise BadArguments(
            f"of policy '{arguments.policy}' nobody gave a text that a case can be made of"
        )
    _write(arguments.to, suite(arguments.policy, cases))
    if arguments.json:
        print_json({"written": str(arguments.to), "cases": len(cases)})
    else:
        sys.stdout.write(f"wrote {len(cases)} proposals to {arguments.to}, look at each\n")
    return Exit.FINE


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner can read: it holds what users wrote."""
    try:
        opened_file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadArguments(f"--to {path}: it is there already, name a new file") from None
    with os.fdopen(opened_file, "w", encoding="utf-8") as file:
        file.write(text)
