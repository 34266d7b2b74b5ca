"""The proxy as a server: policies are compiled and warm, then it answers."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from guardrails.models.model import Models
from guardrails.server.address import Tcp
from guardrails.server.backend import Backend
from guardrails.server.config import ServingConfig
from guardrails.server.openai import routing
from guardrails.server.openai.judging import Judge
from guardrails.server.openai.proxy import Proxy
from guardrails.server.openai.upstream import Upstream, base_of
from guardrails.server.over_http import CommandServer, bound, settings, url_of

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


async def serve(config: ProxyConfig, models: Models, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``ready`` is told the address when all is warm.

    Raises:
        PolicyError: a policy does not compile, or the routing file is wrong.
        ContentError: it is not plain which policy is the default.
        OSError: the address is taken, or cannot be.
    """
    limits = config.limits
    upstream = Upstream(config.upstream, limits.idle_seconds)
    taken = bound("the proxy", config.listen, BACKLOG)
    backend = Backend(config, models)
    try:
        backend.show()
        engine = await backend.open()
        judge = Judge(engine, backend.admission)
        rules = routing.load(config.routing, tuple(engine.plans))
        most, idle = limits.message_bytes, limits.idle_seconds
        proxy = Proxy(judge, rules, upstream, engine.plans, most, idle, backend.metrics)
        grace = max(1, round(limits.grace_seconds))
        places = limits.in_flight + limits.waiting
        server = CommandServer(
            settings(proxy, config.tls, at_once=places, grace=grace, date_header=False)
        )
        server.ready = lambda: ready(url_of(config.listen, taken, config.tls))
        await server.serve(sockets=[taken])
    finally:
        taken.close()
        await upstream.aclose()
        await backend.close()
