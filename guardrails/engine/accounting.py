"""Notes in each store of works what the answers that were passed on owe to whom."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

from guardrails.checks.stores import OnWorks
from guardrails.core.content import Stage
from guardrails.core.finding import Copied
from guardrails.core.verdict import Action, Report, Verdict
from guardrails.policy.plan import Plan
from guardrails.works.ledger import Ledger
from guardrails.works.store import Credit, Store, WorksError
from guardrails.works.work import Kind

_log = logging.getLogger("guardrails.works")

Key: TypeAlias = tuple[str, str, str]
"""A policy's name and hash, and the name of a rule for answers."""
Rules: TypeAlias = Mapping[Key, Store]
"""To the store that the rule's check compares with."""


class Accounts:
    """A recorder: ledgers write in threads of their own, so that no request waits for a disk."""

    def __init__(self, plans: Iterable[Plan] = ()) -> None:
        self._sets: list[Rules] = []
        self._ledgers: dict[Store, Ledger] = {}
        self.follow(plans)

    def follow(self, plans: Iterable[Plan]) -> Callable[[], Callable[[], None]]:
        """Note what is owed under these plans too.

        Call what is given when nothing is judged by them any more; what that gives writes what
        still waits, which may take a while.
        """
        rules = _rules(plans)
        self._sets.append(rules)
        for store in rules.values():
            if store not in self._ledgers:
                self._ledgers[store] = Ledger(store)
        return partial(self._leave, rules)

    def record(self, verdict: Verdict) -> None:
        """Note what is owed, if anything is."""
        if verdict.stage is Stage.OUTPUT and not verdict.blocked and self._ledgers:
            for store, credits_ in _owed(verdict, self._store_of):
                self._ledgers[store].note(credits_)

    def refuse(self, status: str) -> None:
        """A request that got no verdict owes nothing."""

    def close(self) -> None:
        """Write what waits, then stop."""
        _close(self._ledgers.values())

    def _store_of(self, key: Key) -> Store | None:
        """Where it is noted: of two sets in which all is the same, in the later one's store."""
        return next((rules[key] for rules in reversed(self._sets) if key in rules), None)

    def _leave(self, rules: Rules) -> Callable[[], None]:
        self._sets = [one for one in self._sets if one is not rules]
        used = {store for one in self._sets for store in one.values()}
        left = [self._ledgers.pop(store) for store in self._ledgers.keys() - used]
        return partial(_close, left)


def _rules(plans: Iterable[Plan]) -> Rules:
    return {
        (version.name, version.hash, step.rule): step.check.store
        for plan in plans
        for version in plan.versions
        for step in version.chains[Stage.OUTPUT].steps
        if isinstance(step.check, OnWorks)
    }


def _close(ledgers: Iterable[Ledger]) -> None:
    for ledger in ledgers:
        try:
            ledger.close()
        except WorksError as error:  # the rest of the server goes on, or stops, all the same
            _log.error("credits are lost: %s", error)  # the message says it


def _owed(
    verdict: Verdict, store_of: Callable[[Key], Store | None]
) -> Iterator[tuple[Store, list[Credit]]]:
    """Sum by store and work what was passed on: not what was taken out."""
    at = datetime.now(UTC)
    for report in verdict.reports:
        store = store_of((verdict.policy, verdict.policy_hash, report.rule))
        if store is None:
            continue
        works: dict[str, list[Copied]] = {}
        for copied in _passed_on(report):
            works.setdefault(copied.id, []).append(copied)
        if works:
            yield store, [_credit(verdict, at, each) for each in works.values()]


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
