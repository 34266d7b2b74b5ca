"""`guardrails serve`: the sidecar."""

import argparse
from pathlib import Path

import uvloop

from guardrails.cli.entry import must_ask_who
from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.feedback.serving import add_feedback_to, feedback_from
from guardrails.cli.serving import add_serving_to, serving_from
from guardrails.cli.setup import store_from
from guardrails.cli.values import any_address, permissions, tcp_address
from guardrails.cli.workers import is_supervisor, ready_of, supervise
from guardrails.models.store import ModelStore
from guardrails.server.address import Tcp, Unix
from guardrails.server.app import Sidecar
from guardrails.server.config import Config, EnvoyConfig, MarksConfig, WorksConfig

DEFAULT_ADDRESS = Tcp("127.0.0.1", 50051)
MANAGE_ADDRESS = Unix(Path("guardrails-manage.sock"))
MARKS_ADDRESS = Tcp("127.0.0.1", 50053)
LOOKUP_ADDRESS = Tcp("127.0.0.1", 8080)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("serve", help="serve policies over gRPC")
    add_serving_to(parser)
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
    parser.add_argument(
        "--envoy", action="store_true", help="judge what Envoy passes on, see docs/envoy.md"
    )
    parser.add_argument(
        "--envoy-routes", type=Path, metavar="FILE", help="tells which policy judges which request"
    )
    add_feedback_to(parser)
    _add_works_to(parser)
    _add_marks_to(parser)
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


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    config = _config(arguments)
    if is_supervisor(config):
        supervise(arguments, config)
    with store_from(arguments) as models:
        uvloop.run(_serve(config, models))
    return Exit.FINE


async def _serve(config: Config, models: ModelStore) -> None:
    await Sidecar(config, models).run(ready_of(config))


def _config(arguments: argparse.Namespace) -> Config:
    if arguments.socket_mode is not None and not isinstance(arguments.listen, Unix):
        raise BadArguments("--socket-mode goes with --listen unix:PATH")
    return Config(
        **serving_from(arguments),
        socket_mode=arguments.socket_mode,
        works=_works(arguments),
        marks=_marks(arguments),
        envoy=_envoy(arguments),
        feedback=feedback_from(arguments),
    )


def _works(arguments: argparse.Namespace) -> WorksConfig | None:
    manage, lookup = arguments.manage, arguments.lookup
    if (arguments.works is None) != (manage is None and lookup is None):
        raise BadArguments("--works goes with --manage, --lookup or both")
    if arguments.lookup_collection and lookup is None:
        raise BadArguments("--lookup-collection goes with --lookup")
    if arguments.works is None:
        return None
    must_ask_who(arguments, "--manage", manage)
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
