"""From what people say of verdicts to thresholds that would have pleased more of them. Pure."""

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.core.feedback import Reason, Said
from guardrails.evaluation.intervals import Estimate, share

FEW = 20
"""Reports of one category, below which a proposal is a guess."""
_DECIMALS = 9

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Complaint:
    """One score that somebody says is on the wrong side of its threshold."""

    rule: str
    category: str
    score: float
    harmful: bool
    decision: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another threshold for one category of a rule, and what it would have done.

    ``unsaid`` counts scores of the log that nobody spoke of: they are taken to be right. Of them
    ``unsaid_lost`` reach the old threshold and not the new one, ``unsaid_new`` the other way round.
    """

    rule: str
    category: str
    old: float
    new: float
    harmless: int
    harmless_cleared: Estimate | None
    harmful: int
    harmful_found: Estimate | None
    unsaid: int
    unsaid_lost: int
    unsaid_new: int

    @property
    def few(self) -> bool:
        """Whether it is a guess."""
        return self.harmless + self.harmful < FEW


def complaints(said: Said, record: Record) -> Iterator[Complaint]:
    """Tell which scores of a record somebody holds to be wrong.

    What is said of a wrong category, or of something else, tells nothing of thresholds.
    """
    if said.reason not in {Reason.FALSE_POSITIVE, Reason.FALSE_NEGATIVE}:
        return
    harmful = said.reason is Reason.FALSE_NEGATIVE
    for rule in record["rules"]:
        if said.rule in {"", rule["rule"]} and not (
            harmful and not said.rule and not said.category
        ):
            for category in _spoken_of(said, rule, harmful=harmful):
                score = rule["scores"][category][0]
                yield Complaint(rule["rule"], category, score, harmful, said.decision)


def _spoken_of(said: Said, rule: Mapping[str, Any], *, harmful: bool) -> Sequence[str]:
    scores = rule["scores"]
    if said.category:
        return [said.category] if said.category in scores else []
    if not harmful:
        found = {one["category"] for one in rule["findings"]}
        return [category for category in scores if category in found]
    return [max(scores, key=lambda category: scores[category][0])] if scores else []


def propose(
    said: Iterable[Complaint],
    unsaid: Mapping[tuple[str, str], Sequence[float]],
    thresholds: Mapping[tuple[str, str], float],
) -> list[Proposal]:
    """Give one proposal for each category of a rule that somebody spoke of.

    ``unsaid`` has the scores of verdicts that nobody complained of, ``thresholds`` what is so far.
    A verdict counts once, however many complain of it.
    """
    by_place: dict[tuple[str, str], set[Complaint]] = {}
    for one in said:
        by_place.setdefault((one.rule, one.category), set()).add(one)
    return [
        _proposal(place, found, unsaid.get(place, ()), thresholds[place])
        for place, found in sorted(by_place.items())
        if place in thresholds
    ]


def _proposal(
    place: tuple[str, str], found: Iterable[Complaint], unsaid: Sequence[float], old: float
) -> Proposal:
    harmless = [one.score for one in found if not one.harmful]
    harmful = [one.score for one in found if one.harmful]
    firing = [score for score in unsaid if score >= old]
    silent = [score for score in unsaid if score < old]
    new = _best([*harmless, *silent], [*harmful, *firing], old)
    return Proposal(
        *place,
        old,
        new,
        len(harmless),
        share(sum(score < new for score in harmless), len(harmless)),
        len(harmful),
        share(sum(score >= new for score in harmful), len(harmful)),
        len(unsaid),
        sum(score < new for score in firing),
        sum(score >= new for score in silent),
    )


def _best(harmless: Sequence[float], harmful: Sequence[float], old: float) -> float:
    """The threshold with the fewest on its wrong side; of equals the one nearest to the old."""
    lower, upper = sorted(harmful), sorted(harmless)

    def wrong(threshold: float) -> int:
        return bisect_left(lower, threshold) + len(upper) - bisect_left(upper, threshold)

    tried = (old, *_between(sorted({*harmless, *harmful})))
    return min(tried, key=lambda one: (wrong(one), abs(one - old)))


def _between(scores: Sequence[float]) -> Iterator[float]:
    """Thresholds between neighbouring scores, close to either: as round as they can be."""
    for low, high in zip((0.0, *scores), (*scores, 1.0), strict=True):
        for decimals in range(2, _DECIMALS):
            step = 10.0**-decimals
            above = round(math.floor(low / step) * step + step, decimals)
            below = round(math.floor(high / step + step) * step, decimals)
            if low < above <= high and low < below <= high:
                yield from (above, below)
                break
