"""From reports to an action. Pure."""

from collections.abc import Iterable

from guardrails.core.verdict import Action, Report


def decide(reports: Iterable[Report]) -> Action:
    """The greatest action wins; where nothing was reported, content passes."""
    return max((report.action for report in reports), default=Action.ALLOW)
