"""Where two policies differ about one content, rule by rule. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guardrails.core.verdict import Action, Report
from guardrails.policy.plan import MARKS


@dataclass(frozen=True, slots=True)
class Difference:
    """What one rule did under the first policy, and what under the other."""

    rule: str
    old: Action
    new: Action


def differences(old: Iterable[Report], new: Iterable[Report]) -> tuple[Difference, ...]:
    """Give the rules that acted otherwise, by name.

    A rule that is not there, or was not needed any more, did nothing: it allowed. Marks are left
    out, for nothing is signed that is not passed on.
    """
    before, after = actions(old), actions(new)
    names = sorted(before.keys() | after.keys())
    every = (
        Difference(name, before.get(name, Action.ALLOW), after.get(name, Action.ALLOW))
        for name in names
    )
    return tuple(one for one in every if one.old is not one.new)


def actions(reports: Iterable[Report]) -> Mapping[str, Action]:
    """Give the greatest action of each rule."""
    greatest: dict[str, Action] = {}
    for report in reports:
        if report.check != MARKS:
            greatest[report.rule] = max(report.action, greatest.get(report.rule, Action.ALLOW))
    return greatest
