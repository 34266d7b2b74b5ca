"""Counts and times of verdicts, in Prometheus' words."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from guardrails.core.verdict import Verdict

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """A recorder that counts: verdicts by action, reports by outcome, seconds by policy."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._verdicts = Counter(
            "guardrails_verdicts", "verdicts", ("policy", "stage", "action"), registry=registry
        )
        self._reports = Counter(
            "guardrails_reports",
            "reports of rules: found, clear, failed or unjudged",
            ("policy", "stage", "rule", "outcome"),
            registry=registry,
        )
        self._refusals = Counter(
            "guardrails_refusals",
            "requests without a verdict, by gRPC status",
            ("status",),
            registry=registry,
        )
        self._seconds = Histogram(
            "guardrails_verdict_seconds",
            "time from content to verdict",
            ("policy", "stage"),
            buckets=SECONDS,
            registry=registry,
        )

    def record(self, verdict: Verdict) -> None:
        """Count a verdict."""
        policy, stage = verdict.policy, verdict.stage.value
        self._verdicts.labels(policy, stage, verdict.action.word).inc()
        self._seconds.labels(policy, stage).observe(verdict.milliseconds / 1000)
        for report in verdict.reports:
            self._reports.labels(policy, stage, report.rule, report.outcome.value).inc()

    def refuse(self, status: str) -> None:
        """Count a request that got no verdict."""
        self._refusals.labels(status).inc()
