"""What a mark writes into a picture: always the same, or which decision it was. Pure."""

import re
from collections.abc import Mapping

from guardrails.core.errors import MarkError

DECISION = "decision"
"""As a setting: of the decision's id as many bytes as fit."""
_HEXADECIMAL = re.compile(r"(?:[0-9a-f]{2})*")


def settled(setting: str) -> str:
    """Give what is written where nothing is told, in hexadecimal."""
    return "" if setting == DECISION else setting


def told_payload(setting: str, told: Mapping[str, str], most: int) -> str:
    """Give what is written into a picture of which this is told, in hexadecimal.

    Nothing, if it should be the decision and none is told.

    Raises:
        MarkError: the decision's id is not hexadecimal.
    """
    if setting != DECISION:
        return setting
    digits = told.get("decision_id", "").replace("-", "").lower()
    if not _HEXADECIMAL.fullmatch(digits):
        raise MarkError("payload: the id of the decision is not hexadecimal, write another payload")
    return digits[: 2 * most]
