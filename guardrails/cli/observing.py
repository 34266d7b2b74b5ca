"""The options for what a process tells of itself: logs, traces, and energy."""

import argparse
import math
from argparse import ArgumentTypeError
from importlib import import_module

from guardrails.cli.exits import BadArguments
from guardrails.models.session import Device
from guardrails.server.config import Observed
from guardrails.telemetry.energy import WATTS_PER_CORE
from guardrails.telemetry.logs import Format


def add_log_format_to(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the option that says how lines look."""
    parser.add_argument(
        "--log-format",
        choices=[one.value for one in Format],
        default=default,
        help="of what goes to stderr",
    )


def add_watts_to(parser: argparse.ArgumentParser) -> None:
    """Add the option that says what the estimate of energy goes by."""
    parser.add_argument(
        "--watts-per-core",
        type=watts,
        default=WATTS_PER_CORE,
        metavar="W",
        help=f"of a busy core, to estimate energy by: {WATTS_PER_CORE:g} unless you know better",
    )


def add_observing_to(parser: argparse.ArgumentParser) -> None:
    """Add all of them, for what serves."""
    add_log_format_to(parser, argparse.SUPPRESS)
    parser.add_argument(
        "--traces",
        action="store_true",
        help="send spans to OpenTelemetry, as the environment variables OTEL_* say",
    )
    add_watts_to(parser)


def observed_from(arguments: argparse.Namespace) -> Observed:
    """Read them.

    Raises:
        BadArguments: traces are asked for, and their packages are not there.
    """
    if arguments.traces:
        _must_be_there()
    on_gpu = Device(arguments.device) is not Device.CPU
    return Observed(arguments.traces, arguments.watts_per_core, on_gpu)


def _must_be_there() -> None:
    try:
        import_module("guardrails.telemetry.tracing")
    except ModuleNotFoundError as error:
        raise BadArguments(
            f"--traces needs '{error.name}', which is missing: install 'guardrails[otel]'"
        ) from None


def watts(text: str) -> float:
    """Read a power."""
    try:
        number = float(text)
    except ValueError:
        raise ArgumentTypeError(f"'{text}' is no number of watts") from None
    if not 0 < number < math.inf:
        raise ArgumentTypeError(f"'{text}' is out of range, give more than 0 watts")
    return number
