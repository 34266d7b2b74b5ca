"""What there is to do, and what is turned away, in Prometheus' words."""

from collections.abc import Mapping
from functools import partial
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from guardrails.core.verdict import SATURATED, Verdict

SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Watched(Protocol):
    """A line of work."""

    used: int
    """Places that are held."""

    @property
    def limit(self) -> int:
        """Places that may be held."""

    @property
    def waiting(self) -> int:
        """How many wait for some."""


class Load:
    """Tells how full the lines are; also a recorder, of verdicts that models had no part in."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry = CollectorRegistry() if registry is None else registry
        self._places = Gauge(
            "guardrails_places",
            "places of a line: used, and the limit at present",
            ("line", "what"),
            registry=registry,
        )
        self._waiting = Gauge(
            "guardrails_waiting", "requests that wait for places", ("line",), registry=registry
        )
        self._waited = Histogram(
            "guardrails_waited_seconds",
            "time that requests waited which were let in",
            ("line",),
            buckets=SECONDS,
            registry=registry,
        )
        self._shed = Counter(
            "guardrails_shed",
            "requests that were turned away, by reason and tenant",
            ("reason", "tenant"),
            registry=registry,
        )
        self._saturated = Counter(
            "guardrails_saturated_verdicts",
            "verdicts in which model rules were not judged because the models were saturated",
            ("policy", "stage"),
            registry=registry,
        )

    def watch(self, lines: Mapping[str, Watched]) -> None:
        """Tell of these lines from now on."""
        for name, line in lines.items():
            for what in ("used", "limit"):
                self._places.labels(name, what).set_function(partial(getattr, line, what))
            self._waiting.labels(name).set_function(partial(getattr, line, "waiting"))

    def let_in(self, line: str, waited: float) -> None:
        """Count a request that was let in after so many seconds."""
        self._waited.labels(line).observe(waited)

    def shed(self, reason: str, tenant: str) -> None:
        """Count a request that was turned away; ``tenant`` is one of a bounded number of names."""
        self._shed.labels(reason, tenant).inc()

    def record(self, verdict: Verdict) -> None:
        """Count a verdict in which something was not judged for want of models."""
        if any(report.reason == SATURATED for report in verdict.reports):
            self._saturated.labels(verdict.policy, verdict.stage.value).inc()

    def refuse(self, status: str) -> None:
        """Forget a refusal: it is counted where it is decided."""
