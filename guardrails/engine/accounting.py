"""Notes in each store of works what the answers that were passed on owe to whom."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from queue import Full, Queue
from threading import Thread
from typing import TypeAlias

from guardrails.checks.stores import OnWorks
from guardrails.core.content import Stage
from guardrails.core.finding import Copied
from guardrails.core.verdict import Action, Report, Verdict
from guardrails.policy.plan import Plan
from guardrails.works.store import Credit, Store, WorksError
from guardrails.works.work import Kind

_log = logging.getLogger("guardrails.works")

WAITING = 10_000
"""Verdicts that wait to be noted; beyond that they are lost, which the log tells."""

Rules: TypeAlias = Mapping[tuple[str, str], Store]
"""From a policy and a rule for answers to the store that its check compares with."""
Entry: TypeAlias = tuple[Store, tuple[Credit, ...]]


class Accounts:
    """A recorder: notes are written by a thread of its own, so that no request waits for a disk."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._rules: Rules = {
            (plan.name, step.rule): step.check.store
            for plan in plans
            for step in plan.chains[Stage.OUTPUT].steps
            if isinstance(step.check, OnWorks)
        }
        self._entries: Queue[Entry | None] = Queue(WAITING)
        self._thread = Thread(target=self._write, name="guardrails-accounts", daemon=True)
        self._thread.start()

    def record(self, verdict: Verdict) -> None:
        """Note what is owed, if anything is."""
        if verdict.stage is not Stage.OUTPUT or verdict.blocked or not self._rules:
            return
        for store, credits_ in _owed(verdict, self._rules):
            try:
                self._entries.put_nowait((store, credits_))
            except Full:
                _log.error("the ledger is behind, verdict %s is not credited", verdict.id)

    def refuse(self, status: str) -> None:
        """A request that got no verdict owes nothing."""

    def close(self) -> None:
        """Write what waits, then stop."""
        self._entries.put(None)
        self._thread.join()

    def _write(self) -> None:
        while (entry := self._entries.get()) is not None:
            store, credits_ = entry
            try:
                store.credit(credits_)
            except WorksError as error:
                _log.error("verdict %s is not credited: %s", credits_[0].verdict, error)


def _owed(verdict: Verdict, rules: Rules) -> Iterator[Entry]:
    """Sum by store and work what was passed on: not what was taken out."""
    at = datetime.now(UTC)
    for report in verdict.reports:
        store = rules.get((verdict.policy, report.rule))
        if store is None:
            continue
        works: dict[str, list[Copied]] = {}
        for copied in _passed_on(report):
            works.setdefault(copied.id, []).append(copied)
        if works:
            yield store, tuple(_credit(verdict, at, each) for each in works.values())


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
