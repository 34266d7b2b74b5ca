"""The greatest action wins."""

import pytest

from guardrails.core.verdict import Action, Outcome, Report
from guardrails.engine.decision import decide


@pytest.mark.parametrize(
    ("actions", "wins"),
    [
        ([], Action.ALLOW),
        ([Action.ALLOW], Action.ALLOW),
        ([Action.FLAG, Action.ALLOW], Action.FLAG),
        ([Action.FLAG, Action.REDACT, Action.ALLOW], Action.REDACT),
        ([Action.BLOCK, Action.REDACT, Action.FLAG], Action.BLOCK),
    ],
)
def test_the_greatest_action_wins(actions, wins):
    reports = [Report("rule", "check", Outcome.FOUND, action) for action in actions]

    assert decide(reports) is wins
