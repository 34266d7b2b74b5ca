"""Reads the options of our command in ready-made files, as the command itself would."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from guardrails.cli.main import _parser


def must_be_options(arguments: Sequence[str], files: dict[str, Path]) -> argparse.Namespace:
    """Parse arguments, with files of this checkout in the place of those of a container."""
    here = [_with(one, files) for one in arguments]
    return _parser().parse_args(here)


def _with(argument: str, files: dict[str, Path]) -> str:
    for there, here in files.items():
        argument = argument.replace(there, str(here))
    return argument
