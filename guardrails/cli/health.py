"""`guardrails health`: whether a server serves, for probes; it starts without the engine."""

import argparse
import sys
from collections.abc import Sequence
from http.client import HTTPException
from ssl import SSLContext, create_default_context
from typing import cast
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

import grpc
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2_grpc import HealthStub

from guardrails.cli.asking import add_client_to, credentials_from
from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.values import any_address, seconds
from guardrails.client.connection import Credentials
from guardrails.server.address import Address, Tcp

DEFAULT_ADDRESS = Tcp("127.0.0.1", 50051)
HTTP = ("http", "https")
PATH = "/healthz"
OK = 200


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("health", help="tell whether a sidecar or a proxy serves")
    add_client_to(parser, server_or_url)
    parser.set_defaults(run=run, address=DEFAULT_ADDRESS)
    parser.add_argument(
        "--tls-server-name", metavar="NAME", help="in its certificate, where ADDR is another"
    )
    parser.add_argument("--service", default="", metavar="NAME", help="one of a sidecar's")
    parser.add_argument("--timeout", type=seconds, default=2.0, metavar="SECONDS")


def server_or_url(text: str) -> Address | str:
    """Read the address of a sidecar, or the URL of a proxy."""
    return text if text.partition("://")[0] in HTTP else any_address(text)


def run(arguments: argparse.Namespace) -> int:
    """Ask once, say what was answered, and end with 0 where it is SERVING."""
    shown = credentials_from(arguments)
    if isinstance(arguments.address, str):
        said = _of_proxy(arguments, shown)
    else:
        said = _of_sidecar(arguments, shown)
    sys.stdout.write(f"{said}\n")
    return Exit.FINE if said == "SERVING" else Exit.RUNTIME_FAILURE


def _of_sidecar(arguments: argparse.Namespace, shown: Credentials | None) -> str:
    with _channel(arguments, shown) as channel:
        ask = HealthStub(channel).Check
        question = health_pb2.HealthCheckRequest(service=arguments.service)
        try:
            answer = ask(question, timeout=arguments.timeout)
        except grpc.RpcError as error:
            return str(cast("grpc.Call", error).code().name)
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def _channel(arguments: argparse.Namespace, shown: Credentials | None) -> grpc.Channel:
    # a probe asks what is on this machine: no proxy of the environment stands between
    options = [("grpc.enable_http_proxy", 0)]
    if arguments.tls_server_name:
        options.append(("grpc.ssl_target_name_override", arguments.tls_server_name))
    target = arguments.address.target
    if shown is None:
        return grpc.insecure_channel(target, options)
    known = grpc.ssl_channel_credentials(shown.ca, shown.key, shown.certificate)
    return grpc.secure_channel(target, known, options)


def _of_proxy(arguments: argparse.Namespace, shown: Credentials | None) -> str:
    if arguments.service or arguments.tls_server_name:
        raise BadArguments("--service and --tls-server-name go with the address of a sidecar")
    asked = Request(urlsplit(arguments.address)._replace(path=PATH, query="").geturl())  # noqa: S310  # http and https alone, see `server_or_url`
    opener = build_opener(ProxyHandler({}), HTTPSHandler(context=_context(arguments, shown)))
    try:
        with opener.open(asked, timeout=arguments.timeout) as answer:
            return "SERVING" if answer.status == OK else "NOT_SERVING"
    except (OSError, HTTPException, ValueError):
        return "UNAVAILABLE"


def _context(arguments: argparse.Namespace, shown: Credentials | None) -> SSLContext:
    if shown is None:
        return create_default_context()
    context = create_default_context(cadata=shown.ca.decode("ascii"))
    if shown.key is not None:
        context.load_cert_chain(arguments.tls_cert, arguments.tls_key)
    return context


def main(arguments: Sequence[str]) -> int:
    """Run this one command: a probe runs often, and the others take long to import."""
    parser = argparse.ArgumentParser(prog="guardrails")
    add_to(parser.add_subparsers(required=True, metavar="COMMAND"))
    parsed = parser.parse_args(arguments)
    try:
        return run(parsed)
    except BadArguments as error:
        sys.stderr.write(f"guardrails: {error}\n")
        return Exit.BAD_ARGUMENTS
