"""`guardrails policy reload` and `status`: what a running server has loaded."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from guardrails.cli.asking import add_client_to, introduced
from guardrails.cli.exits import BadArguments, Exit
from guardrails.client.operations import OperationsClient, Status


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add both verbs."""
    for verb, run, text in (
        ("reload", run_reload, "have a running server load its policies and models anew"),
        ("status", run_status, "print what a running server has loaded"),
    ):
        parser = verbs.add_parser(verb, help=f"{text}, on the port of --operate")
        add_client_to(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.set_defaults(run=run)


def run_reload(arguments: argparse.Namespace) -> int:
    """Reload, and print what is loaded then; the server goes on with what it had otherwise."""
    with _client(arguments) as client:
        reloaded, status = client.reload()
    _show(arguments, status, {"reloaded": reloaded})
    return Exit.FINE if reloaded else Exit.BAD_POLICY


def run_status(arguments: argparse.Namespace) -> int:
    """Print what is loaded, and what the last reload told."""
    with _client(arguments) as client:
        status = client.status()
    _show(arguments, status, {})
    return Exit.FINE


def _client(arguments: argparse.Namespace) -> OperationsClient:
    if arguments.address is None:
        raise BadArguments("--address is needed: where the server listens with --operate")
    return introduced(OperationsClient, arguments)


def _show(arguments: argparse.Namespace, status: Status, more: dict[str, Any]) -> None:
    if arguments.json:
        sys.stdout.write(json.dumps({**more, **_plain(status)}) + "\n")
        return
    sys.stdout.writelines(f"{line}\n" for line in _lines(status))
    for problem in status.problems:
        sys.stderr.write(f"{problem}\n")
    if status.problems:
        sys.stderr.write("not reloaded: what was loaded before goes on\n")


def _lines(status: Status) -> Iterator[str]:
    for policy in status.policies:
        yield f"policy       {policy.name} {policy.hash}"
        if policy.shadow_hash:
            share = f", acts for {policy.canary_share:.4g} of all" if policy.canary_share else ""
            yield f"  shadow     {policy.shadow_hash}{share}"
        for name, sha256 in sorted(policy.models.items()):
            yield f"  model      {name} {sha256[:12]}"
    if status.policies:
        yield f"loaded       {status.loaded_at:%Y-%m-%d %H:%M:%S} UTC"
    else:
        yield "loaded       nothing yet"
    yield f"reloads      {status.reloaded:,}, and {status.refused:,} refused"
    watched = f"every {status.watch_seconds:g}s" if status.watch_seconds else "no"
    yield f"watched      {watched}"


def _plain(status: Status) -> dict[str, Any]:
    return {
        **asdict(status),
        "loaded_at": status.loaded_at.isoformat(),
        "tried_at": status.tried_at.isoformat(),
        "problems": [
            {**asdict(problem.place), "message": problem.message} for problem in status.problems
        ],
    }
