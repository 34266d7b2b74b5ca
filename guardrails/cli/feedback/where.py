"""Which file of feedback a command is about, and with which keys."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guardrails.cli.exits import BadArguments
from guardrails.server.decisions.opening import ring_from
from guardrails.telemetry.feedback.sealing import PURPOSE, Sealing
from guardrails.telemetry.feedback.store import Feedback

VARIABLE = "GUARDRAILS_FEEDBACK"
KEY_VARIABLE = "GUARDRAILS_FEEDBACK_KEY_FILE"


def add_where_to(parser: argparse.ArgumentParser) -> None:
    """Add the options that name the file, and its keys."""
    parser.add_argument(
        "--feedback", type=Path, metavar="FILE", help=f"the file; else what {VARIABLE} says"
    )
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help=f"the keyring that seals its words; else what {KEY_VARIABLE} says",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


@contextmanager
def opened(arguments: argparse.Namespace, *, made: bool = False) -> Iterator[Feedback]:
    """Open the file.

    Raises:
        BadArguments: none is named.
        DecisionsError, KeyringError: it cannot be opened, or its keys cannot be read.
    """
    named = arguments.feedback or os.environ.get(VARIABLE)
    if not named:
        raise BadArguments(f"which file? name it with --feedback, or in {VARIABLE}")
    keys = arguments.key_file or os.environ.get(KEY_VARIABLE)
    ring = ring_from(Path(keys)) if keys else ()
    kept = Feedback(Path(named), Sealing({key.id: key.derive(PURPOSE) for key in ring}), made=made)
    try:
        yield kept
    finally:
        kept.close()
