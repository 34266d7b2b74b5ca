"""`guardrails models`: which models there are, and whether their files are as they were."""

import argparse
import sys

from guardrails.cli import models_compile
from guardrails.cli.exits import Exit
from guardrails.cli.values import folder
from guardrails.models.store import manifests
from guardrails.models.verifying import State, verify


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("models", help="list or verify the models on this machine")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for name, run, text in (
        ("list", run_list, "print name, task, licence and what it is for"),
        ("verify", run_verify, "hash every file; exit 5 when one is altered or missing"),
    ):
        verb = verbs.add_parser(name, help=text)
        verb.add_argument("--models", action="append", default=[], type=folder, metavar="DIR")
        verb.set_defaults(run=run)
    models_compile.add_to(verbs)


def run_list(arguments: argparse.Namespace) -> int:
    """Print a line for each model."""
    for one in manifests(arguments.models):
        line = f"{one.name:12} {one.task.value:22} {one.licence.spdx:14} {one.summary}\n"
        sys.stdout.write(line)
    return Exit.FINE


def run_verify(arguments: argparse.Namespace) -> int:
    """Print a line for each file."""
    states = set()
    for manifest in manifests(arguments.models):
        for one in verify(manifest):
            states.add(one.state)
            sys.stdout.write(f"{one.state.value:8} {manifest.folder / one.file}\n")
    return Exit.FINE if states <= {State.OK} else Exit.RUNTIME_FAILURE
