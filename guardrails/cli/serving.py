"""The options that all commands have which serve."""

import argparse
from pathlib import Path
from typing import Any

from guardrails.cli.decisions.serving import add_decisions_to, decisions_from
from guardrails.cli.entry import access_from, add_access_to
from guardrails.cli.observing import add_observing_to, observed_from
from guardrails.cli.setup import add_models_to
from guardrails.cli.tls import add_tls_to, tls_from
from guardrails.cli.values import MESSAGE_BYTES, any_address, seconds, tcp_address, whole
from guardrails.cli.workers import add_workers_to, place_from
from guardrails.server.address import Unix
from guardrails.server.config import Limits

WATCH_SECONDS = 2.0
OPERATE_ADDRESS = Unix(Path("guardrails-operate.sock"))


def add_serving_to(parser: argparse.ArgumentParser) -> None:
    """Add them."""
    parser.add_argument("--policies", required=True, type=Path, metavar="DIR")
    add_tls_to(parser)
    add_access_to(parser)
    parser.add_argument(
        "--metrics", type=tcp_address, metavar="HOST:PORT", help="serve Prometheus metrics there"
    )
    _add_reloading_to(parser)
    add_observing_to(parser)
    add_decisions_to(parser)
    _add_limits_to(parser)
    add_workers_to(parser)
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
        **access_from(arguments),
        "limits": _limits(arguments),
        "metrics": arguments.metrics,
        "tenants": arguments.tenants,
        "watch_seconds": arguments.watch,
        "operate": arguments.operate,
        "observed": observed_from(arguments),
        "decisions": decisions_from(arguments),
        **place_from(arguments),
    }


def _add_reloading_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--watch",
        type=seconds,
        default=WATCH_SECONDS,
        metavar="SECONDS",
        help="between looks at policies and models, which are reloaded when they change; 0: never",
    )
    parser.add_argument(
        "--operate",
        type=any_address,
        nargs="?",
        const=OPERATE_ADDRESS,
        metavar="ADDR",
        help=f"let operators reload and ask there over gRPC, on {OPERATE_ADDRESS} by default",
    )


def _add_limits_to(parser: argparse.ArgumentParser) -> None:
    defaults = Limits()
    message = whole(MESSAGE_BYTES[0], MESSAGE_BYTES[-1])
    for name, read, default, unit, text in (
        ("message-bytes", message, defaults.message_bytes, "N", "largest request or answer"),
        ("in-flight", whole(1), defaults.in_flight, "N", "places for what is judged at a time"),
        ("waiting", whole(0), defaults.waiting, "N", "requests that may wait for a place"),
        ("waiting-bytes", whole(0), defaults.waiting_bytes, "N", "of all that wait together"),
        ("patience", seconds, defaults.patience_seconds, "SECONDS", "to wait for a place, at most"),
        ("idle", seconds, defaults.idle_seconds, "SECONDS", "for which a stream may stand still"),
        ("grace", seconds, defaults.grace_seconds, "SECONDS", "for what is in flight at SIGTERM"),
    ):
        parser.add_argument(f"--{name}", type=read, default=default, metavar=unit, help=text)
    parser.add_argument(
        "--fixed-in-flight", action="store_true", help="always, however slow that makes them"
    )
    parser.add_argument(
        "--tenants", type=Path, metavar="FILE", help="what each may ask for, see docs/overload.md"
    )


def _limits(arguments: argparse.Namespace) -> Limits:
    return Limits(
        message_bytes=arguments.message_bytes,
        in_flight=arguments.in_flight,
        waiting=arguments.waiting,
        waiting_bytes=arguments.waiting_bytes,
        idle_seconds=arguments.idle,
        grace_seconds=arguments.grace,
        patience_seconds=arguments.patience,
        fixed=arguments.fixed_in_flight,
    )
