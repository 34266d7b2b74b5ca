"""What is counted of those who come in, and of what they are shown."""

import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge


class Counted:
    """The metrics of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._refusals = Counter(
            "guardrails_access_refusals",
            "requests of callers that are unknown, or may not do that",
            ("reason",),
            registry=registry,
        )
        self._readings = Counter(
            "guardrails_access_readings",
            "files of callers and certificates that changed, by how reading them went",
            ("what", "outcome"),
            registry=registry,
        )

    def refused(self, reason: str) -> None:
        """Count a request that was not let in."""
        self._refusals.labels(reason).inc()

    def read(self, what: str, well: bool) -> None:  # noqa: FBT001  # as `Watched` tells it
        """Count a file that was read again."""
        self._readings.labels(what, "read" if well else "broken").inc()

    def expiring(self, expires: Callable[[], float]) -> None:
        """Show how long a certificate holds; ``expires`` gives its end, in seconds since 1970."""
        Gauge(
            "guardrails_certificate_expires_seconds",
            "until the certificate that is shown expires; negative when it has",
            registry=self._registry,
        ).set_function(lambda: expires() - time.time())
