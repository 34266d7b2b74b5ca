"""Counts and times of verdicts, in Prometheus' words."""

import platform
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from guardrails import __version__
from guardrails.core.verdict import NOT_NEEDED, Action, Report, Verdict
from guardrails.telemetry.spans import trace_id

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
RULE_SECONDS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5)
POLICIES = 100
RULES = 1_000
"""That have series of their own; with names that change for ever, the later ones share some."""
OTHER = "(other)"
SKIPPED = "skipped"
"""Counts apart from ``unjudged``: it is as it should be."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """The series of one rule, at hand."""

    seconds: Histogram
    outcomes: dict[str, Counter] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Judged:
    """The series of one policy and stage, at hand."""

    policy: str
    stage: str
    seconds: Histogram
    actions: dict[Action, Counter] = field(default_factory=dict)
    rules: dict[str, _Rule] = field(default_factory=dict)


class Metrics:
    """A recorder that counts: verdicts by action, reports by outcome, seconds by both."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self._judged: dict[tuple[str, str], _Judged] = {}
        self._rules = 0
        self._verdicts = Counter(
            "guardrails_verdicts", "verdicts", ("policy", "stage", "action"), registry=registry
        )
        self._reports = Counter(
            "guardrails_reports",
            "reports of rules: found, clear, failed, unjudged, or skipped as another has blocked",
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
        self._rule_seconds = Histogram(
            "guardrails_rule_seconds",
            "time of one rule for one verdict",
            ("policy", "stage", "rule"),
            buckets=RULE_SECONDS,
            registry=registry,
        )
        _tell_of_process(registry)

    def record(self, verdict: Verdict) -> None:
        """Count a verdict."""
        policy, stage = verdict.policy, verdict.stage.value
        judged = self._judged.get((policy, stage)) or self._begun(policy, stage)
        action = judged.actions.get(verdict.action)
        if action is None:
            labels = (judged.policy, stage, verdict.action.word)
            action = judged.actions[verdict.action] = self._verdicts.labels(*labels)
        trace = trace_id()
        action.inc()
        judged.seconds.observe(verdict.milliseconds / 1000, {"trace_id": trace} if trace else None)
        for report in verdict.reports:
            self._count(judged, report)

    def refuse(self, status: str) -> None:
        """Count a request that got no verdict."""
        self._refusals.labels(status).inc()

    def _count(self, judged: _Judged, report: Report) -> None:
        rule = judged.rules.get(report.rule) or self._ruled(judged, report.rule)
        word = SKIPPED if report.reason.startswith(NOT_NEEDED) else report.outcome.value
        outcome = rule.outcomes.get(word)
        if outcome is None:
            name = report.rule if report.rule in judged.rules else OTHER
            labels = (judged.policy, judged.stage, name, word)
            outcome = rule.outcomes[word] = self._reports.labels(*labels)
        outcome.inc()
        if word != SKIPPED:
            rule.seconds.observe(report.milliseconds / 1000)

    def _begun(self, policy: str, stage: str) -> _Judged:
        name = policy if len(self._judged) < POLICIES else OTHER
        judged = self._judged.get((name, stage))
        if judged is None:
            judged = _Judged(name, stage, self._seconds.labels(name, stage))
            self._judged[name, stage] = judged
        return judged

    def _ruled(self, judged: _Judged, rule: str) -> _Rule:
        name = rule if self._rules < RULES else OTHER
        ruled = judged.rules.get(name)
        if ruled is None:
            ruled = _Rule(self._rule_seconds.labels(judged.policy, judged.stage, name))
            judged.rules[name] = ruled
            self._rules += 1
        return ruled


def _tell_of_process(registry: CollectorRegistry) -> None:
    """Add what Prometheus' clients tell of a process by custom, and who it is."""
    ProcessCollector(registry=registry)
    Gauge(
        "guardrails_build_info",
        "always 1: the version is in the labels",
        ("version", "python"),
        registry=registry,
    ).labels(__version__, platform.python_version()).set(1)
