"""The options of `guardrails serve` that say where feedback is kept."""

import argparse
from pathlib import Path

from guardrails.cli.exits import BadArguments
from guardrails.cli.values import whole
from guardrails.server.decisions.config import FeedbackConfig


def add_feedback_to(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument(
        "--feedback", type=Path, metavar="FILE", help="keep there what callers say of verdicts"
    )
    parser.add_argument(
        "--feedback-key-file", type=Path, metavar="FILE", help="the keyring that seals their words"
    )
    parser.add_argument(
        "--feedback-per-minute",
        type=whole(1),
        default=60,
        metavar="N",
        help="of one tenant; more is refused",
    )


def feedback_from(arguments: argparse.Namespace) -> FeedbackConfig | None:
    """Read them.

    Raises:
        BadArguments: some do not fit each other.
    """
    if arguments.feedback is None:
        if arguments.feedback_key_file is not None:
            raise BadArguments("--feedback-key-file goes with --feedback FILE")
        return None
    return FeedbackConfig(
        arguments.feedback, arguments.feedback_key_file, arguments.feedback_per_minute
    )
