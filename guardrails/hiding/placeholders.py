"""Placeholders: numbered names that stand for values until they are put back."""

import re
from collections.abc import Mapping

from guardrails.hiding.values import same

_NUMBERED = re.compile(r"(?<![a-z_])([a-z_]{1,64})[ _\\-]{1,3}(\d{1,9})\b", re.IGNORECASE)


class Placeholders:
    """The placeholders of one request: one for each value.

    Args:
        text: all that the request says; numbers that stand in it already are not given again.
    """

    def __init__(self, text: str) -> None:
        found = _NUMBERED.finditer(text)
        self._taken = {(name[1].upper().strip("_"), int(name[2])) for name in found}
        self._names: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._mapping: dict[str, str] = {}

    @property
    def mapping(self) -> Mapping[str, str]:
        """What each placeholder stands for, as it was first written."""
        return self._mapping

    def placeholder(self, category: str, value: str) -> str:
        """Give the placeholder of a value: ``<PERSON_1>``."""
        key = (category, same(category, value))
        if key not in self._names:
            name = self._next(category.upper())
            self._names[key] = name
            self._mapping[name] = value
        return self._names[key]

    def _next(self, category: str) -> str:
        number = self._counts.get(category, 0) + 1
        while (category, number) in self._taken:
            number += 1
        self._counts[category] = number
        return f"<{category}_{number}>"
