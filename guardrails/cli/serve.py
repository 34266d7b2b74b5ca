"""`guardrails serve`: the sidecar."""

import argparse
import sys
from pathlib import Path

import uvloop

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.setup import add_models_to, store_from
from guardrails.models.store import ModelStore
from guardrails.server.app import Sidecar
from guardrails.server.config import Config, Limits, Tls


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("serve", help="serve policies over gRPC")
    parser.add_argument("--policies", required=True, type=Path, metavar="DIR")
    parser.add_argument(
        "--listen", default="127.0.0.1:50051", metavar="ADDR", help="HOST:PORT or unix:PATH"
    )
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain, PEM")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="its key, PEM")
    parser.add_argument(
        "--client-ca", type=Path, metavar="FILE", help="asks clients for certificates of this CA"
    )
    parser.add_argument("--metrics", metavar="HOST:PORT", help="serve Prometheus metrics there")
    defaults = Limits()
    for name, default, text in (
        ("message-bytes", defaults.message_bytes, "largest request"),
        ("in-flight", defaults.in_flight, "requests judged at a time"),
        ("waiting", defaults.waiting, "requests that may wait; more are refused"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=text)
    parser.add_argument(
        "--grace", type=float, default=defaults.grace_seconds, metavar="SECONDS",
        help="for what is in flight at SIGTERM",
    )  # fmt: skip
    add_models_to(parser)
    parser.set_defaults(run=run)


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
    return Config(
        policies=arguments.policies,
        listen=arguments.listen,
        tls=_tls(arguments),
        limits=Limits(
            arguments.message_bytes, arguments.in_flight, arguments.waiting, arguments.grace
        ),
        metrics=arguments.metrics,
    )


def _tls(arguments: argparse.Namespace) -> Tls | None:
    if (arguments.tls_cert is None) != (arguments.tls_key is None):
        raise BadArguments("--tls-cert and --tls-key go together")
    if arguments.tls_cert is None:
        if arguments.client_ca is not None:
            raise BadArguments("--client-ca needs --tls-cert and --tls-key")
        return None
    return Tls(arguments.tls_cert, arguments.tls_key, arguments.client_ca)
