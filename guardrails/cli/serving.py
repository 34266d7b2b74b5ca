"""The options that all commands have which serve."""

import argparse
from pathlib import Path
from typing import Any

from guardrails.cli.setup import add_models_to
from guardrails.cli.tls import add_tls_to, tls_from
from guardrails.cli.values import MESSAGE_BYTES, seconds, tcp_address, whole
from guardrails.server.config import Limits


def add_serving_to(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument("--policies", required=True, type=Path, metavar="DIR")
    add_tls_to(parser)
    parser.add_argument(
        "--metrics", type=tcp_address, metavar="HOST:PORT", help="serve Prometheus metrics there"
    )
    _add_limits_to(parser)
    add_models_to(parser)


def serving_from(arguments: argparse.Namespace) -> dict[str, Any]:
    """Read them, as fields of a ``ServingConfig``.

    Raises:
        BadArguments: some do not fit each other.
    """
    return {
        "policies": arguments.policies,
        "listen": arguments.listen,
        "tls": tls_from(arguments),
        "limits": _limits(arguments),
        "metrics": arguments.metrics,
    }


def _add_limits_to(parser: argparse.ArgumentParser) -> None:
    defaults = Limits()
    message = whole(MESSAGE_BYTES[0], MESSAGE_BYTES[-1])
    for name, read, default, unit, text in (
        ("message-bytes", message, defaults.message_bytes, "N", "largest request or answer"),
        ("in-flight", whole(1), defaults.in_flight, "N", "places for what is judged at a time"),
        ("waiting", whole(0), defaults.waiting, "N", "requests that may wait for a place"),
        ("waiting-bytes", whole(0), defaults.waiting_bytes, "N", "of all that wait together"),
        ("idle", seconds, defaults.idle_seconds, "SECONDS", "for which a stream may stand still"),
        ("grace", seconds, defaults.grace_seconds, "SECONDS", "for what is in flight at SIGTERM"),
    ):
        parser.add_argument(f"--{name}", type=read, default=default, metavar=unit, help=text)


def _limits(arguments: argparse.Namespace) -> Limits:
    return Limits(
        message_bytes=arguments.message_bytes,
        in_flight=arguments.in_flight,
        waiting=arguments.waiting,
        waiting_bytes=arguments.waiting_bytes,
        idle_seconds=arguments.idle,
        grace_seconds=arguments.grace,
    )
