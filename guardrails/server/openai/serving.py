"""The proxy as a server: policies are compiled and warm, then it answers."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from guardrails.models.model import Models
from guardrails.policy.plan import Plan
from guardrails.server.access.http import Entrance
from guardrails.server.address import Tcp
from guardrails.server.backend import Backend
from guardrails.server.config import ServingConfig
from guardrails.server.openai import routes, routing
from guardrails.server.openai.judging import Judge
from guardrails.server.openai.proxy import Proxy
from guardrails.server.openai.upstream import Upstream, base_of
from guardrails.server.over_http import CommandServer, bound, settings, url_of
from guardrails.server.tracing import Receive, Scope, Send, traced_app

BACKLOG = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyConfig(ServingConfig):
    """A proxy: also whose answers are judged."""

    listen: Tcp
    upstream: str
    routing: Path | None = None


def address_of(url: str) -> str:
    """Give the address of a model's server.

    Raises:
        ValueError: it is none.
    """
    return base_of(url)


class Current:
    """An application that changes with the policies: each request is answered as it began."""

    def __init__(
        self, config: ProxyConfig, judge: Judge, upstream: Upstream, backend: Backend
    ) -> None:
        self._config, self._judge, self._upstream = config, judge, upstream
        self._recorder, self._entrance = backend.recorder, Entrance(backend.entry)
        self._proxy: Proxy | None = None

    def fit(self, plans: Mapping[str, Plan]) -> Callable[[], None]:
        """See whether the routing file fits these policies, and give what answers by it then.

        Raises:
            PolicyError: it is wrong.
            ContentError: it is not plain which policy is the default.
        """
        names, limits = tuple(plans), self._config.limits
        proxy = Proxy(
            self._judge,
            routing.load(self._config.routing, names),
            self._upstream,
            dict.fromkeys(names),
            limits.message_bytes,
            limits.idle_seconds,
            self._recorder,
            self._entrance,
        )

        def take() -> None:
            self._proxy = proxy

        return take

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._proxy is not None:
            await self._proxy(scope, receive, send)


async def serve(config: ProxyConfig, models: Models, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``ready`` is told the address when all is warm.

    Raises:
        PolicyError: a policy does not compile, or the routing file is wrong.
        ContentError: it is not plain which policy is the default.
        OSError: the address is taken, or cannot be.
    """
    limits = config.limits
    backend = Backend(config, models)
    upstream = Upstream(config.upstream, limits.idle_seconds)
    alone = config.workers == 1
    taken = bound("the proxy", config.listen, BACKLOG) if alone else None
    try:
        backend.show()
        engine = await backend.open()
        taken = taken or bound("the proxy", config.listen, BACKLOG, shares_port=True)
        proxy = Current(config, Judge(engine, backend.admission), upstream, backend)
        files = [] if config.routing is None else [config.routing]
        backend.reloading.follow(proxy.fit, files)
        app = traced_app(proxy, backend.tracer, routes.find)
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, backend.reloading.soon)
        grace = max(1, round(limits.grace_seconds))
        places = 2 * (limits.in_flight + limits.waiting)  # admission refuses first, with a hint
        shown = backend.entry.context()
        server = CommandServer(settings(app, shown, at_once=places, grace=grace, date_header=False))
        server.ready = lambda: ready(url_of(config.listen, taken, shown))
        await server.serve(sockets=[taken])
    finally:
        if taken is not None:
            taken.close()
        await upstream.aclose()
        await backend.close()
