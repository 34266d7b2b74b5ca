"""`guardrails proxy`: a model's API, judged on its way."""

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import uvloop

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import named
from guardrails.cli.setup import add_models_to, store_from
from guardrails.cli.tls import add_tls_to, tls_from
from guardrails.cli.values import MESSAGE_BYTES, seconds, tcp_address, whole
from guardrails.server.address import Tcp
from guardrails.server.config import Limits

LISTEN = Tcp("127.0.0.1", 8081)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("proxy", help="judge what goes to and from a model's API")
    parser.add_argument("--upstream", required=True, metavar="URL", help="the model's server")
    parser.add_argument("--policies", required=True, type=Path, metavar="DIR")
    parser.add_argument("--listen", type=tcp_address, default=LISTEN, metavar="HOST:PORT")
    parser.add_argument(
        "--routing", type=Path, metavar="FILE", help="says which policy judges what, in YAML"
    )
    add_tls_to(parser)
    parser.add_argument(
        "--metrics", type=tcp_address, metavar="HOST:PORT", help="serve Prometheus metrics there"
    )
    _add_limits_to(parser)
    add_models_to(parser)
    parser.set_defaults(run=run)


def _add_limits_to(parser: argparse.ArgumentParser) -> None:
    defaults = Limits()
    message = whole(MESSAGE_BYTES[0], MESSAGE_BYTES[-1])
    for name, read, default, unit, text in (
        ("message-bytes", message, defaults.message_bytes, "N", "largest request or answer"),
        ("in-flight", whole(1), defaults.in_flight, "N", "places for what is judged at a time"),
        ("waiting", whole(0), defaults.waiting, "N", "requests that may wait for a place"),
        ("idle", seconds, defaults.idle_seconds, "SECONDS", "for which an answer may stand still"),
        ("grace", seconds, defaults.grace_seconds, "SECONDS", "for what is in flight at SIGTERM"),
    ):
        parser.add_argument(f"--{name}", type=read, default=default, metavar=unit, help=text)


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    serving = _serving()
    with named():
        config = serving.ProxyConfig(
            upstream=serving.address_of(arguments.upstream),
            policies=arguments.policies,
            listen=arguments.listen,
            routing=arguments.routing,
            tls=tls_from(arguments),
            limits=Limits(
                message_bytes=arguments.message_bytes,
                in_flight=arguments.in_flight,
                waiting=arguments.waiting,
                idle_seconds=arguments.idle,
                grace_seconds=arguments.grace,
            ),
            metrics=arguments.metrics,
        )
    with store_from(arguments) as models:
        uvloop.run(serving.serve(config, models, _ready))
    return Exit.FINE


def _serving() -> Any:
    """Give the proxy, whose packages are an extra.

    Raises:
        BadArguments: they are not there.
    """
    try:
        return import_module("guardrails.server.openai.serving")
    except ModuleNotFoundError as error:
        raise BadArguments(
            f"the proxy needs '{error.name}', which is missing: install 'guardrails[proxy]'"
        ) from None


def _ready(address: str) -> None:
    sys.stdout.write(f"serving on {address}\n")
    sys.stdout.flush()
