"""Where policies and those beside them differ, in Prometheus' words."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter

from guardrails.core.verdict import Action, Verdict


class Shed(StrEnum):
    """Why a content was not looked at again."""

    FULL = "full"
    LATE = "late"
    FAILED = "failed"
    CLOSED = "closed"


class Differing(Protocol):
    """A rule that acted otherwise."""

    @property
    def rule(self) -> str:
        """Its name."""

    @property
    def old(self) -> Action:
        """What it did under the policy that serves."""

    @property
    def new(self) -> Action:
        """What it did under the one beside it."""


class Shadows:
    """Counts verdicts that were compared, rules that differ, and what was let go."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._verdicts = Counter(
            "guardrails_shadow_verdicts",
            "verdicts, and what the policy beside would have done: old and new action",
            ("policy", "stage", "old", "new"),
            registry=registry,
        )
        self._rules = Counter(
            "guardrails_shadow_differences",
            "rules that act otherwise in the policy beside: old and new action",
            ("policy", "stage", "rule", "old", "new"),
            registry=registry,
        )
        self._shed = Counter(
            "guardrails_shadow_shed",
            "contents that the policy beside was not asked about: full, late, failed or closed",
            ("policy", "reason"),
            registry=registry,
        )

    def compared(self, old: Verdict, new: Verdict, found: Iterable[Differing]) -> None:
        """Count a verdict, and each rule that differs."""
        policy, stage = old.policy, old.stage.value
        self._verdicts.labels(policy, stage, old.action.word, new.action.word).inc()
        for one in found:
            self._rules.labels(policy, stage, one.rule, one.old.word, one.new.word).inc()

    def shed(self, policy: str, reason: Shed) -> None:
        """Count a content that was let go."""
        self._shed.labels(policy, reason.value).inc()
