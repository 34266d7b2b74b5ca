"""What becomes of reloads, and which policies are loaded, in Prometheus' words."""

from collections.abc import Mapping
from time import time

from prometheus_client import CollectorRegistry, Counter, Gauge

RELOADED, REFUSED = "reloaded", "refused"


class Reloads:
    """Counts reloads, and tells the hash of each policy that is loaded."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._count = Counter(
            "guardrails_reloads",
            "reloads: reloaded, or refused because something is wrong",
            ("outcome",),
            registry=registry,
        )
        self._good = Gauge(
            "guardrails_last_reload_success",
            "1 when the last reload went well, 0 when it was refused",
            registry=registry,
        )
        self._at = Gauge(
            "guardrails_last_reload_success_timestamp_seconds",
            "when policies were loaded that are served now",
            registry=registry,
        )
        self._policies = Gauge(
            "guardrails_policy_info",
            "always 1: a policy that is loaded, and its hash",
            ("policy", "hash"),
            registry=registry,
        )
        for outcome in (RELOADED, REFUSED):  # so that their first rise is seen
            self._count.labels(outcome)

    def begun(self, hashes: Mapping[str, str]) -> None:
        """Take note of what is served from the start; it is no reload."""
        self._serve(hashes)

    def reloaded(self, hashes: Mapping[str, str]) -> None:
        """Take note of a reload, and of the hash of each policy that it brought."""
        self._count.labels(RELOADED).inc()
        self._serve(hashes)

    def refused(self) -> None:
        """Take note of a reload that brought nothing."""
        self._count.labels(REFUSED).inc()
        self._good.set(0)

    def _serve(self, hashes: Mapping[str, str]) -> None:
        self._good.set(1)
        self._at.set(time())
        self._policies.clear()
        for name, digest in hashes.items():
            self._policies.labels(name, digest).set(1)
