"""The door to uvicorn: policies are compiled and warm, then the proxy listens."""

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from guardrails.engine.accounting import Accounts
from guardrails.engine.engine import Engine
from guardrails.models.model import Models
from guardrails.policy.loader import load
from guardrails.server.address import Tcp
from guardrails.server.admission import Admission
from guardrails.server.config import Limits, Tls
from guardrails.server.openai import routing
from guardrails.server.openai.judging import Judge
from guardrails.server.openai.proxy import Proxy
from guardrails.server.openai.upstream import Upstream, base_of
from guardrails.server.scraping import Page
from guardrails.telemetry.metrics import Metrics

_log = logging.getLogger("guardrails.server")

BACKLOG = 1024


@dataclass(frozen=True, slots=True)
class ProxyConfig:
    """Whose answers are judged, by what, and where that is served."""

    upstream: str
    policies: Path
    listen: Tcp
    routing: Path | None = None
    tls: Tls | None = None
    limits: Limits = Limits()  # noqa: RUF009  # frozen
    metrics: Tcp | None = None


def address_of(url: str) -> str:
    """Give the address of a model's server.

    Raises:
        ValueError: it is none.
    """
    return base_of(url)


async def serve(config: ProxyConfig, models: Models, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``ready`` is told the address when all is warm.

    Raises:
        PolicyError: a policy does not compile, or the routing file is wrong.
        ContentError: it is not plain which policy is the default.
        OSError: the address is taken, or cannot be.
    """
    limits = config.limits
    upstream = Upstream(config.upstream, limits.idle_seconds)
    bound = _bound(config.listen)
    metrics = Metrics()
    page = None if config.metrics is None else Page(config.metrics, metrics.registry)
    try:
        plans = await asyncio.to_thread(load, config.policies, models)
        accounts = Accounts(plans.values())
        judge = Judge(Engine(plans, recorders=[metrics, accounts]), Admission(limits))
        rules = routing.load(config.routing, tuple(plans))
        most, idle = limits.message_bytes, limits.idle_seconds
        proxy = Proxy(judge, rules, upstream, plans, most, idle, metrics)
        server = _Server(_settings(proxy, config))
        shown = Tcp(config.listen.host, bound.getsockname()[1])
        server.ready = lambda: ready(f"{'http' if config.tls is None else 'https'}://{shown}")
        await server.serve(sockets=[bound])
        await asyncio.to_thread(accounts.close)
    finally:
        bound.close()
        await upstream.aclose()
        if page is not None:
            await asyncio.to_thread(page.close)


class _Server(uvicorn.Server):
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


def _settings(proxy: Proxy, config: ProxyConfig) -> uvicorn.Config:
    tls: dict[str, Any] = {}
    if config.tls is not None:
        tls = {"ssl_certfile": config.tls.certificate, "ssl_keyfile": config.tls.key}
    limits = config.limits
    return uvicorn.Config(
        proxy,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        http="h11",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        limit_concurrency=limits.in_flight + limits.waiting,
        timeout_graceful_shutdown=max(1, round(limits.grace_seconds)),
        **tls,
    )


def _bound(address: Tcp) -> socket.socket:
    """Take the address; nothing is answered on it before all is warm."""
    try:
        family, _, _, _, where = socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM
        )[0]
        return socket.create_server(where[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        reason = (error.strerror or "not an address").lower()
        raise OSError(f"cannot serve the proxy on '{address}': {reason}") from error
