"""`guardrails serve`: the sidecar."""

import argparse
import sys
from pathlib import Path

import uvloop

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.setup import add_models_to, store_from
from guardrails.cli.tls import add_tls_to, tls_from
from guardrails.cli.values import (
    MESSAGE_BYTES,
    any_address,
    permissions,
    seconds,
    tcp_address,
    whole,
)
from guardrails.models.store import ModelStore
from guardrails.server.address import Tcp, Unix
from guardrails.server.app import Sidecar
from guardrails.server.config import Config, EnvoyConfig, Limits, MarksConfig, WorksConfig

DEFAULT_ADDRESS = Tcp("127.0.0.1", 50051)
MANAGE_ADDRESS = Tcp("127.0.0.1", 50052)
MARKS_ADDRESS = Tcp("127.0.0.1", 50053)
LOOKUP_ADDRESS = Tcp("127.0.0.1", 8080)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("serve", help="serve policies over gRPC")
    parser.add_argument("--policies", required=True, type=Path, metavar="DIR")
    parser.add_argument(
        "--listen",
        type=any_address,
        default=DEFAULT_ADDRESS,
        metavar="ADDR",
        help="HOST:PORT, unix:PATH or unix-abstract:NAME",
    )
    parser.add_argument(
        "--socket-mode", type=permissions, metavar="MODE", help="of unix:PATH, such as 0660"
    )
    add_tls_to(parser)
    parser.add_argument(
        "--metrics", type=tcp_address, metavar="HOST:PORT", help="serve Prometheus metrics there"
    )
    parser.add_argument(
        "--envoy", action="store_true", help="judge what Envoy passes on, see docs/envoy.md"
    )
    parser.add_argument(
        "--envoy-routes", type=Path, metavar="FILE", help="tells which policy judges which request"
    )
    _add_works_to(parser)
    _add_marks_to(parser)
    _add_limits_to(parser)
    add_models_to(parser)
    parser.set_defaults(run=run)


def _add_works_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--works", metavar="STORE", help="a folder, or postgresql://...")
    parser.add_argument(
        "--manage",
        type=any_address,
        nargs="?",
        const=MANAGE_ADDRESS,
        metavar="ADDR",
        help=f"let operators keep the works there over gRPC, on {MANAGE_ADDRESS} by default",
    )
    parser.add_argument(
        "--lookup",
        type=tcp_address,
        nargs="?",
        const=LOOKUP_ADDRESS,
        metavar="HOST:PORT",
        help=f"show there what was copied from them, on {LOOKUP_ADDRESS} by default",
    )
    parser.add_argument(
        "--lookup-collection",
        action="append",
        default=[],
        metavar="NAME",
        help="the page looks in this one, not in all; may be repeated",
    )


def _add_marks_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--marks", type=Path, metavar="FILE", help="let clients look for the marks of this file"
    )
    parser.add_argument(
        "--marks-listen",
        type=any_address,
        metavar="ADDR",
        help=f"where they look for them over gRPC, on {MARKS_ADDRESS} by default",
    )


def _add_limits_to(parser: argparse.ArgumentParser) -> None:
    defaults = Limits()
    message = whole(MESSAGE_BYTES[0], MESSAGE_BYTES[-1])
    for name, read, default, unit, text in (
        ("message-bytes", message, defaults.message_bytes, "N", "largest request"),
        ("in-flight", whole(1), defaults.in_flight, "N", "places for what is judged at a time"),
        ("waiting", whole(0), defaults.waiting, "N", "requests that may wait for a place"),
        ("waiting-bytes", whole(0), defaults.waiting_bytes, "N", "of all that wait together"),
        ("grace", seconds, defaults.grace_seconds, "SECONDS", "for what is in flight at SIGTERM"),
    ):
        parser.add_argument(f"--{name}", type=read, default=default, metavar=unit, help=text)


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    config = _config(arguments)
    with store_from(arguments) as models:
        uvloop.run(_serve(config, models))
    return Exit.FINE


async def _serve(config: Config, models: ModelStore) -> None:
    await Sidecar(config, models).run(_ready)


def _ready(address: str) -> None:
    sys.stdout.write(f"serving on {address}\n")
    sys.stdout.flush()


def _config(arguments: argparse.Namespace) -> Config:
    if arguments.socket_mode is not None and not isinstance(arguments.listen, Unix):
        raise BadArguments("--socket-mode goes with --listen unix:PATH")
    return Config(
        policies=arguments.policies,
        listen=arguments.listen,
        tls=tls_from(arguments),
        limits=Limits(
            message_bytes=arguments.message_bytes,
            in_flight=arguments.in_flight,
            waiting=arguments.waiting,
            waiting_bytes=arguments.waiting_bytes,
            grace_seconds=arguments.grace,
        ),
        metrics=arguments.metrics,
        socket_mode=arguments.socket_mode,
        works=_works(arguments),
        marks=_marks(arguments),
        envoy=_envoy(arguments),
    )


def _works(arguments: argparse.Namespace) -> WorksConfig | None:
    manage, lookup = arguments.manage, arguments.lookup
    if (arguments.works is None) != (manage is None and lookup is None):
        raise BadArguments("--works goes with --manage, --lookup or both")
    if arguments.lookup_collection and lookup is None:
        raise BadArguments("--lookup-collection goes with --lookup")
    if arguments.works is None:
        return None
    return WorksConfig(arguments.works, manage, lookup, tuple(arguments.lookup_collection))


def _marks(arguments: argparse.Namespace) -> MarksConfig | None:
    if arguments.marks is None:
        if arguments.marks_listen is not None:
            raise BadArguments("--marks-listen goes with --marks FILE")
        return None
    return MarksConfig(arguments.marks, arguments.marks_listen or MARKS_ADDRESS)


def _envoy(arguments: argparse.Namespace) -> EnvoyConfig | None:
    if arguments.envoy_routes is not None and not arguments.envoy:
        raise BadArguments("--envoy-routes goes with --envoy")
    return EnvoyConfig(arguments.envoy_routes) if arguments.envoy else None
