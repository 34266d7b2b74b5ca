"""`--workers N`: several processes on one port, and the one that looks after them."""

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from guardrails.cli.exits import BadArguments
from guardrails.cli.ready import ready
from guardrails.cli.values import whole
from guardrails.server.address import Tcp
from guardrails.server.config import ServingConfig
from guardrails.server.workers.link import tell
from guardrails.server.workers.supervised import Supervised

ALONE = ("operate", "manage", "lookup", "marks")
"""Options of what one process alone can serve."""


def add_workers_to(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--workers",
        type=whole(1),
        default=1,
        metavar="N",
        help="processes that share the port, each with models of its own; 1 by default",
    )
    parser.add_argument("--supervised", type=_place, default=None, help=argparse.SUPPRESS)


def place_from(arguments: argparse.Namespace) -> dict[str, Any]:
    """Read them, as fields of a ``ServingConfig``; the page of a worker is its supervisor's.

    Raises:
        BadArguments: some option does not fit several processes.
    """
    if arguments.supervised is not None:
        number, workers, channel = arguments.supervised
        return {"worker": number, "workers": workers, "channel": channel, "metrics": None}
    if arguments.workers > 1:
        _must_fit(arguments)
    return {"workers": arguments.workers}


def is_supervisor(config: ServingConfig) -> bool:
    """Whether this process serves nothing itself."""
    return config.workers > 1 and config.channel is None


def ready_of(config: ServingConfig) -> Callable[[str], None]:
    """Give whom to tell that all is warm: the supervisor, or whoever started the command."""
    return ready if config.channel is None else partial(_tell, config.channel)


def supervise(arguments: argparse.Namespace, config: ServingConfig) -> NoReturn:
    """Look after the workers until told to stop, and end with an exit code.

    This process becomes a small one: what it has imported until now it does not need.
    """
    assert isinstance(config.listen, Tcp)  # noqa: S101  # see `_must_fit`
    supervised = Supervised(
        command=(sys.executable, "-m", "guardrails.cli", *sys.argv[1:]),
        listen=config.listen,
        workers=config.workers,
        grace=config.limits.grace_seconds,
        metrics=config.metrics,
        log_format=arguments.log_format,
        verbose=arguments.verbose,
    )
    command = [sys.executable, "-m", "guardrails.cli.supervise", supervised.written()]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, command)  # noqa: S606  # our own command


def _tell(channel: int, address: str) -> None:
    tell(channel, address.encode())


def _must_fit(arguments: argparse.Namespace) -> None:
    if not isinstance(arguments.listen, Tcp):
        raise BadArguments(
            f"--workers needs --listen HOST:PORT: '{arguments.listen}' belongs to one process"
        )
    for option in ALONE:
        if getattr(arguments, option, None) is not None:
            raise BadArguments(
                f"--{option} is served by one process: give it to a sidecar without --workers"
            )


def _place(text: str) -> tuple[int, int, int]:
    number, workers, channel = map(int, text.split("/"))
    return number, workers, channel
