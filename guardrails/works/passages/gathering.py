"""Passages of one work that lie close together are one copy, in whatever order they stand. Pure.

So are sentences that were shuffled, and a passage with an aside put into it.
"""

from bisect import bisect
from collections.abc import Iterable, Sequence

from guardrails.works.passages.stream import Passage

APART = 32
"""Tokens of the subject between neighbours of one copy."""
AWAY = 256
"""Tokens of the work between neighbours of one copy."""
NEIGHBOURS = 64
"""The last passages of a copy that the next is compared with: keeps a shuffled book linear."""


def apart(passages: Iterable[Passage]) -> list[Passage]:
    """Of passages of one work that overlap in the subject, keep the one with most evidence."""
    kept: list[Passage] = []
    taken: dict[int, list[tuple[int, int]]] = {}
    for passage in sorted(passages, key=_by_evidence):
        others = taken.setdefault(passage.work, [])
        place = bisect(others, (passage.start, passage.end))
        free_before = not place or others[place - 1][1] <= passage.start
        if free_before and (place == len(others) or passage.end <= others[place][0]):
            others.insert(place, (passage.start, passage.end))
            kept.append(passage)
    return kept


def gathered(passages: Sequence[Passage], least: float) -> list[Passage]:
    """Join what is close together; keep what has ``least`` of evidence, most first."""
    groups: list[list[Passage]] = []
    still_open: dict[int, list[list[Passage]]] = {}
    for passage in sorted(passages, key=lambda one: one.start):
        near = [
            group
            for group in still_open.get(passage.work, [])
            if passage.start - group[-1].end <= APART
        ]
        still_open[passage.work] = near
        group = next((group for group in near if _belongs(passage, group[-NEIGHBOURS:])), None)
        if group is None:
            near.append(group := [])
            groups.append(group)
        group.append(passage)
    joined = map(_joined, groups)
    return sorted((one for one in joined if one.evidence >= least), key=_by_evidence)


def _belongs(passage: Passage, group: list[Passage]) -> bool:
    """Whether it is another stretch of the work, near to one of these."""
    between = [max(passage.place - one.place_end, one.place - passage.place_end) for one in group]
    return min(between) >= 0 and min(between) <= AWAY


def _joined(group: list[Passage]) -> Passage:
    if len(group) == 1:
        return group[0]
    return Passage(
        group[0].work,
        group[0].start,
        group[-1].end,
        min(one.place for one in group),
        max(one.place_end for one in group),
        sum(one.matched for one in group),
        sum(one.changed for one in group),
        max(one.longest for one in group),
        sum(one.evidence for one in group),
    )


def _by_evidence(passage: Passage) -> tuple[float, int, int]:
    return -passage.evidence, passage.start, passage.work
