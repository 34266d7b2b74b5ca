"""A mark at whatever false-positive rate is asked for."""

from functools import lru_cache
from typing import Any

from guardrails.core.mark import Mark
from guardrails.marks.catalog import MarkClass
from guardrails.settings import Settings

KEPT = 4
"""Rates that a mark is kept ready for, besides its own; any other costs a while."""
_RATES = ("false_positive_rate", "false_positives")
"""What the setting is called; a mark that has neither is there or not, at any rate."""


class Rated:
    """Builds a mark from its settings, and again where another rate is asked for."""

    def __init__(self, kind: MarkClass, settings: Settings) -> None:
        self._kind, self._settings = kind, settings
        self._own = kind(settings)
        self._built = lru_cache(KEPT)(self._build)

    def at(self, rate: float | None = None) -> Mark[Any]:
        """Give the mark at a rate; None is the one of its settings."""
        return self._own if rate is None else self._built(rate)

    def _build(self, rate: float) -> Mark[Any]:
        fields = type(self._settings).model_fields
        changed = {name: rate for name in _RATES if name in fields}
        return self._kind(self._settings.model_copy(update=changed)) if changed else self._own
