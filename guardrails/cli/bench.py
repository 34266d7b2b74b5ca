"""`guardrails bench`: runs the benchmarks of a checkout."""

import argparse
import subprocess
import sys
from pathlib import Path

import guardrails
from guardrails.cli.exits import BadArguments, Exit

CHECKOUT = Path(guardrails.__file__).parent.parent


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("bench", help="measure speed, in a checkout of the project")
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure, or the most")
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write the figures there")
    parser.add_argument("--plot", type=Path, metavar="OUT.svg", help="draw times by callers there")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run them where they are: they measure other processes, and are not installed."""
    if not (CHECKOUT / "benchmarks" / "__main__.py").is_file():
        raise BadArguments("the benchmarks are not installed, run this in a checkout")
    command = [sys.executable, "-m", "benchmarks", *arguments.names]
    for option, path in (("--json", arguments.json), ("--plot", arguments.plot)):
        command += [] if path is None else [option, str(path.resolve())]
    done = subprocess.run(command, cwd=CHECKOUT, check=False)  # noqa: S603  # our own
    return _CODES.get(done.returncode, Exit.RUNTIME_FAILURE)


_CODES = {0: Exit.FINE, 2: Exit.BAD_ARGUMENTS}
