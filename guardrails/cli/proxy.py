"""`guardrails proxy`: a model's API, judged on its way."""

import argparse
from importlib import import_module
from pathlib import Path
from typing import Any

import uvloop

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import named
from guardrails.cli.serving import add_serving_to, serving_from
from guardrails.cli.setup import store_from
from guardrails.cli.values import tcp_address
from guardrails.cli.workers import is_supervisor, ready_of, supervise
from guardrails.server.address import Tcp

LISTEN = Tcp("127.0.0.1", 8081)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("proxy", help="judge what goes to and from a model's API")
    parser.add_argument("--upstream", required=True, metavar="URL", help="the model's server")
    add_serving_to(parser)
    parser.add_argument("--listen", type=tcp_address, default=LISTEN, metavar="HOST:PORT")
    parser.add_argument(
        "--routing", type=Path, metavar="FILE", help="says which policy judges what, in YAML"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    serving = _serving()
    with named():
        config = serving.ProxyConfig(
            upstream=serving.address_of(arguments.upstream),
            routing=arguments.routing,
            **serving_from(arguments),
        )
    if is_supervisor(config):
        supervise(arguments, config)
    with store_from(arguments) as models:
        uvloop.run(serving.serve(config, models, ready_of(config)))
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
