"""Words before a match that make it likelier. Pure."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from guardrails.core.view import Span

_REACH = 40
_SHORT = 3
_WORTH = 0.35
_AT_LEAST = 0.55

BETTER: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ABA_ROUTING_NUMBER": ("aba", "routing"),
        "IT_IDENTITY_CARD": ("carta d", "identità", "cie"),
        "IT_PASSPORT": ("passaporto", "passport"),
        "SE_PERSONNUMMER": ("personnummer", "svensk id", "personal identity number"),
        "UK_POSTCODE": ("postcode", "post code", "postal code", "zip"),
        "US_BANK_NUMBER": ("account", "acct", "bank", "checking", "savings"),
        "US_DRIVER_LICENSE": ("driver", "driving", "license", "licence", "lic", "dl"),
        "US_ITIN": ("itin", "taxpayer", "tax id", "taxid", "tin"),
        "US_PASSPORT": ("passport", "travel document"),
        "US_SSN": ("social", "ssn", "ssns"),
        "ZA_ID_NUMBER": ("id", "identity", "rsa id", "smart id"),
    }
)
"""In the place of Presidio's, some of which are everyday words: "us", "save", "check"."""


class Clues:
    """The words for one entity; the short ones count as whole words only."""

    def __init__(self, entity: str, words: Sequence[str]) -> None:
        patterns = [
            re.escape(word) + (r"(?!\w)" if len(word) <= _SHORT else "")
            for word in BETTER.get(entity, words)
        ]
        spoken = rf"(?<!\w)(?:{'|'.join(patterns)})"
        self._words = re.compile(spoken, re.IGNORECASE) if patterns else None

    def stand_before(self, text: str, span: Span) -> bool:
        """Whether one of them stands shortly before a match."""
        if self._words is None:
            return False
        return bool(self._words.search(text, max(0, span.start - _REACH), span.start))


def strengthened(score: float) -> float:
    """What a score is worth beside a clue."""
    return min(max(score + _WORTH, _AT_LEAST), 1.0)
