"""The door to uvicorn: the sockets and the servers of all that is served over HTTP."""

import asyncio
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from guardrails.server.address import Tcp


def bound(what: str, address: Tcp, backlog: int, *, shares_port: bool = False) -> socket.socket:
    """Take an address, alone or with others of ours, so that who comes early waits.

    Raises:
        OSError: it is taken, or cannot be; ``what`` names what was to be served there.
    """
    try:
        family, _, _, _, where = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )[0]
        return socket.create_server(
            where[:2], family=family, backlog=backlog, reuse_port=shares_port
        )
    except OSError as error:
        reason = (error.strerror or "not an address").lower()
        raise OSError(f"cannot serve {what} on '{address}': {reason}") from error


def url_of(address: Tcp, taken: socket.socket, shown: ssl.SSLContext | None) -> str:
    """Give the address of a socket as clients write it."""
    where = Tcp(address.host, taken.getsockname()[1])
    return f"{'http' if shown is None else 'https'}://{where}"


def settings(
    app: Any, shown: ssl.SSLContext | None, *, at_once: int, grace: int, **more: Any
) -> uvicorn.Config:
    """Set a server up that logs nothing and says nothing of itself.

    Args:
        app: the ASGI application.
        shown: the certificate that it shows, and whose clients' it asks for.
        at_once: connections; more are refused.
        grace: seconds for what is under way when it stops.
        more: what else uvicorn takes.
    """
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        http="h11",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=at_once,
        timeout_graceful_shutdown=grace,
        **more,
    )
    config.load()
    config.ssl = shown
    return config


class ThreadServer(uvicorn.Server):
    """Serves from a thread; whoever started it ends it."""


class CommandServer(uvicorn.Server):
    """Tells when it serves, and ends at a signal as any other command: with an exit code."""

    ready: Callable[[], None]

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGTERM and SIGINT, the second time at once."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self.ready()
