"""Which log a command is about, and with which keys."""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments
from guardrails.core.errors import DecisionsError
from guardrails.server.decisions.opening import OTLP, keys_from, open_store
from guardrails.telemetry.decisions.keys import LogKeys
from guardrails.telemetry.decisions.record import moment
from guardrails.telemetry.decisions.store import Store

VARIABLE = "GUARDRAILS_DECISIONS"
KEY_VARIABLE = "GUARDRAILS_DECISIONS_KEY_FILE"


def add_where_to(parser: argparse.ArgumentParser, *, keys: bool = False) -> None:
    """Add the options that name the log, and its keys."""
    parser.add_argument(
        "--log",
        metavar="PATH|URL",
        help=f"a folder, sqlite:PATH or postgresql://...; else what {VARIABLE} says",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    if keys:
        parser.add_argument(
            "--key-file",
            type=Path,
            metavar="FILE",
            help=f"the keyring that it is written with; else what {KEY_VARIABLE} says",
        )


@contextmanager
def reading(arguments: argparse.Namespace) -> Iterator[Store]:
    """Open the log.

    Raises:
        BadArguments: none is named, or it cannot be read from.
        DecisionsError: it cannot be read, or there is no log there.
    """
    target = arguments.log or os.environ.get(VARIABLE)
    if not target:
        raise BadArguments(f"which log? name it with --log, or in {VARIABLE}")
    if target.startswith(OTLP):
        raise BadArguments("a log that goes to a collector is read there")
    with log_in(target) as store:
        yield store


@contextmanager
def log_in(target: str) -> Iterator[Store]:
    """Open a log that is there.

    Raises:
        DecisionsError: it cannot be read, or there is no log there.
    """
    store = open_store(target, made=False)
    try:
        if not store.workers():
            raise DecisionsError(
                f"decisions: there is no log in '{store.place}', give what `serve --decisions` was"
                " given; if that is it, all of it is gone"
            )
        yield store
    finally:
        store.close()


def keys_of(arguments: argparse.Namespace) -> LogKeys:
    """Read the keys, if any are named.

    Raises:
        KeyringError: they cannot be.
    """
    named = os.environ.get(KEY_VARIABLE)
    return keys_from(arguments.key_file or (Path(named) if named else None))


def time_of(text: str) -> str:
    """Read a time for an option: a date, a time in RFC 3339, or how long ago, such as 90m or 7d."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    try:
        if text[-1:] in units and text[:-1].isdigit():
            at = datetime.now(UTC) - timedelta(**{units[text[-1]]: int(text[:-1])})
        else:
            at = datetime.fromisoformat(text)
        return moment((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        example = f"{date.today().isoformat()}, {date.today().isoformat()}T12:00:00Z or 7d"  # noqa: DTZ011  # an example
        raise argparse.ArgumentTypeError(f"'{text}' is no time, write {example}") from None


def print_json(value: Any) -> None:
    """Print one JSON object."""
    sys.stdout.write(f"{json.dumps(value)}\n")
