"""The proxy as a server: policies are compiled and warm, then it answers."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
from guardrails.server.over_http import CommandServer, bound, settings, url_of
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
    taken = bound("the proxy", config.listen, BACKLOG)
    metrics = Metrics()
    page = None if config.metrics is None else Page(config.metrics, metrics.registry)
    try:
        plans = await asyncio.to_thread(load, config.policies, models)
        accounts = Accounts(plans.values())
        judge = Judge(Engine(plans, recorders=[metrics, accounts]), Admission(limits))
        rules = routing.load(config.routing, tuple(plans))
        most, idle = limits.message_bytes, limits.idle_seconds
        proxy = Proxy(judge, rules, upstream, plans, most, idle, metrics)
        grace = max(1, round(limits.grace_seconds))
        places = limits.in_flight + limits.waiting
        server = CommandServer(
            settings(proxy, config.tls, at_once=places, grace=grace, date_header=False)
        )
        server.ready = lambda: ready(url_of(config.listen, taken, config.tls))
        await server.serve(sockets=[taken])
        await asyncio.to_thread(accounts.close)
    finally:
        taken.close()
        await upstream.aclose()
        if page is not None:
            await asyncio.to_thread(page.close)
