"""What is counted of the log itself, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Counts:
    """How many records were written and lost, and how much waits."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self.written = Counter(
            "guardrails_decisions_written", "records in the log of decisions", registry=registry
        )
        self.lost = Counter(
            "guardrails_decisions_lost",
            "records that found no room while the log could not be written",
            registry=registry,
        )
        self.failures = Counter(
            "guardrails_decisions_failures", "attempts to write that failed", registry=registry
        )
        self.waiting = Gauge(
            "guardrails_decisions_waiting", "records that wait in memory", registry=registry
        )
        self.spooled = Gauge(
            "guardrails_decisions_spooled_bytes", "records that wait on disk", registry=registry
        )
