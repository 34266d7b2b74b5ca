"""Terms with one letter wrong, missing, added or swapped, found by what is left without a letter.

The deletion neighbourhood of Bocek, Hunt and Stiller, "Fast similarity search in large
dictionaries", 2007: two words that are one edit apart have something in common once each has lost
a letter at most.
"""

import re
from collections.abc import Iterator, Sequence

from guardrails.core.view import Span

LEAST = 10
"""Letters of a term; shorter ones have too many neighbours that are words of their own."""
_GAPS = 4
"""Characters between two words, and such that are no letters, at most."""
_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


class Misspelt:
    """Long terms of a list, with all that is left of them when a letter goes."""

    def __init__(self, listed: Sequence[str]) -> None:
        self._of: dict[str, list[str]] = {}
        self._words = self._longest = 0
        for term in listed:
            letters = _folded(term)
            if len(letters) >= LEAST:
                self._words = max(self._words, len(_WORD.findall(term)))
                self._longest = max(self._longest, len(letters) + 1)
                for left in _without_one(letters):
                    self._of.setdefault(left, []).append(term)

    def found(self, text: str) -> Iterator[tuple[str, Span]]:
        """Give terms that are in the text with one edit, or run together, and where."""
        words = list(_WORD.finditer(text)) if self._of else []
        for first, word in enumerate(words):
            for last in words[first : first + self._words]:
                where = Span(word.start(), last.end())
                if where.end - where.start > self._longest + _GAPS * self._words:
                    break
                letters = _folded(text[where.start : where.end])
                if LEAST - 1 <= len(letters) <= self._longest:
                    for term in self._near(letters):
                        yield term, where

    def _near(self, letters: str) -> list[str]:
        terms = {term for left in _without_one(letters) for term in self._of.get(left, ())}
        return sorted(term for term in terms if _alike(letters, _folded(term)))


def _folded(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _without_one(letters: str) -> set[str]:
    return {letters, *(letters[:at] + letters[at + 1 :] for at in range(len(letters)))}


def _alike(one: str, other: str) -> bool:
    """Whether one letter makes the difference, or two neighbours that changed places, or none."""
    if abs(len(one) - len(other)) > 1:
        return False
    same = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if same is None:
        return True
    rest, others = one[same:], other[same:]
    return (
        rest[1:] == others
        or rest == others[1:]
        or rest[1:] == others[1:]
        or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    )
