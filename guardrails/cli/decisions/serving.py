"""The options of what serves that say where decisions are recorded."""

import argparse
from pathlib import Path

from guardrails.cli.exits import BadArguments
from guardrails.cli.values import seconds, whole
from guardrails.server.decisions.config import DecisionsConfig
from guardrails.telemetry.decisions.appending import Rotation, Sync
from guardrails.telemetry.decisions.spool import MOST

_HOUR = 3600.0


def add_decisions_to(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    defaults = Rotation()
    parser.add_argument(
        "--decisions",
        metavar="PATH|URL",
        help="record every decision in this folder, sqlite:PATH, postgresql://... or otlp:[URL]",
    )
    for name, read, default, unit, text in (
        ("key-file", Path, None, "FILE", "the keyring that signs it, see docs/decision-log.md"),
        ("segment-bytes", whole(1024), defaults.size, "N", "after which a new file begins"),
        ("segment-hours", seconds, defaults.seconds / _HOUR, "N", "after which one begins as well"),
        ("spool", Path, None, "DIR", "for what waits while it cannot be written"),
        ("spool-bytes", whole(0), MOST, "N", "that may wait there"),
        ("checkpoint", seconds, 60.0, "SECONDS", "after which its end is signed"),
    ):
        option = f"--decisions-{name}"
        parser.add_argument(option, type=read, default=default, metavar=unit, help=text)
    parser.add_argument(
        "--decisions-fsync", choices=[one.value for one in Sync], default=Sync.INTERVAL.value
    )
    parser.add_argument(
        "--decisions-gzip", action="store_true", help="compress files that are full"
    )


def decisions_from(arguments: argparse.Namespace) -> DecisionsConfig | None:
    """Read them.

    Raises:
        BadArguments: some do not fit each other.
    """
    if not arguments.decisions:
        if arguments.decisions_key_file or arguments.decisions_spool:
            raise BadArguments("--decisions-key-file and --decisions-spool go with --decisions")
        return None
    return DecisionsConfig(
        arguments.decisions,
        arguments.decisions_key_file,
        Sync(arguments.decisions_fsync),
        Rotation(
            arguments.decisions_segment_bytes,
            arguments.decisions_segment_hours * _HOUR,
            packed=arguments.decisions_gzip,
        ),
        arguments.decisions_spool,
        arguments.decisions_spool_bytes,
        arguments.decisions_checkpoint,
    )
