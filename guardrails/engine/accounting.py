"""Notes in each store of works what the answers that were passed on owe to whom."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from guardrails.checks.stores import OnWorks
from guardrails.core.content import Stage
from guardrails.core.finding import Copied
from guardrails.core.verdict import Action, Report, Verdict
from guardrails.policy.plan import Plan
from guardrails.works.ledger import Ledger
from guardrails.works.store import Credit, WorksError
from guardrails.works.work import Kind

_log = logging.getLogger("guardrails.works")

Rules: TypeAlias = Mapping[tuple[str, str], Ledger]
"""From a policy and a rule for answers to the ledger of the store that its check compares with."""


class Accounts:
    """A recorder: ledgers write in threads of their own, so that no request waits for a disk."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._rules: Rules = {
            (plan.name, step.rule): Ledger(step.check.store)
            for plan in plans
            for step in plan.chains[Stage.OUTPUT].steps
            if isinstance(step.check, OnWorks)
        }

    def record(self, verdict: Verdict) -> None:
        """Note what is owed, if anything is."""
        if verdict.stage is Stage.OUTPUT and not verdict.blocked and self._rules:
            for ledger, credits_ in _owed(verdict, self._rules):
                ledger.note(credits_)

    def refuse(self, status: str) -> None:
        """A request that got no verdict owes nothing."""

    def close(self) -> None:
        """Write what waits, then stop."""
        for ledger in self._rules.values():
            try:
                ledger.close()
            except WorksError as error:  # the rest of the sidecar stops all the same
                _log.error("credits are lost: %s", error)  # the message says it


def _owed(verdict: Verdict, rules: Rules) -> Iterator[tuple[Ledger, list[Credit]]]:
    """Sum by store and work what was passed on: not what was taken out."""
    at = datetime.now(UTC)
    for report in verdict.reports:
        ledger = rules.get((verdict.policy, report.rule))
        if ledger is None:
            continue
        works: dict[str, list[Copied]] = {}
        for copied in _passed_on(report):
            works.setdefault(copied.id, []).append(copied)
        if works:
            yield ledger, [_credit(verdict, at, each) for each in works.values()]


def _passed_on(report: Report) -> Iterator[Copied]:
    for finding in report.findings:
        copied = finding.copied
        if copied is not None and (copied.permitted or report.action is not Action.REDACT):
            yield copied


def _credit(verdict: Verdict, at: datetime, copies: list[Copied]) -> Credit:
    first, kind = copies[0], Kind(copies[0].kind)
    return Credit(
        verdict=verdict.id,
        at=at,
        policy=verdict.policy,
        collection=first.collection,
        work=first.id,
        kind=kind,
        owner=first.owner,
        licence=first.licence,
        matched=1 if kind is Kind.IMAGE else sum(copied.matched for copied in copies),
        share=min(1.0, sum(copied.share for copied in copies)),
    )
