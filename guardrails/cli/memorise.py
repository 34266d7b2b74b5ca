"""`guardrails memorise`: from secrets and canaries to a register that holds none of them."""

import argparse
import sys
from pathlib import Path

from guardrails.checks.memorised.register import register
from guardrails.cli.exits import Exit
from guardrails.cli.files import named


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "memorise", help="hash secrets and canaries for the check 'memorised'"
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="one value a line")
    parser.add_argument("--to", type=Path, required=True, metavar="REGISTER", help="what to write")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write the register."""
    with named():
        values = arguments.file.read_text(encoding="utf-8").splitlines()
        written = register(values)
        arguments.to.write_text(written, encoding="utf-8")
    count = written.count("\n") - 1
    sys.stderr.write(f"{arguments.to}: {count} {'value' if count == 1 else 'values'}\n")
    return Exit.FINE
