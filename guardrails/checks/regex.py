"""Regular expressions that run in linear time, whatever the pattern: the door to google-re2."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import re2

from guardrails.core.view import Span

_FEWEST_FOR_SET = 4
"""Patterns from which one look for all of them at once pays."""
_NO_SUCH_THING = ("invalid perl operator", "invalid escape sequence")


class Match(NamedTuple):
    """Where a pattern matched: its number, the whole match, and each group that took part."""

    pattern: int
    span: Span
    groups: tuple[Span, ...]


class Patterns:
    """Many patterns, compiled once, looked for in one pass before any of them runs.

    Raises:
        ValueError: a pattern does not compile.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        options = re2.Options()
        options.log_errors = False
        self._compiled = [_compiled(pattern, options) for pattern in patterns]
        self._together = _together(patterns, options)

    def search(self, text: str) -> Iterator[Match]:
        """Find every match of every pattern that is not empty; spans are in code points."""
        plain = text.encode() if text.isascii() else text  # bytes need no mapping of offsets
        for number in self._candidates(text):
            count = self._compiled[number].groups
            for match in self._compiled[number].finditer(plain):
                whole, *groups = (Span(*match.span(group)) for group in range(1 + count))
                if whole.start < whole.end:
                    yield Match(number, whole, tuple(span for span in groups if span.end > 0))

    def _candidates(self, text: str) -> Sequence[int]:
        everything = range(len(self._compiled))
        if self._together is None:
            return everything
        hits = self._together.Match(text)
        if len(everything) not in hits:  # the last pattern always matches: the set gave up
            return everything
        return sorted(hits)[:-1]


def _compiled(pattern: str, options: re2.Options) -> re2._Regexp:
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(_explained(error)) from None


def _explained(error: Exception) -> str:
    (reason,) = error.args
    said = reason.decode() if isinstance(reason, bytes) else str(reason)
    if said.startswith(_NO_SUCH_THING):
        return f"{said}; in linear time there is no lookahead, lookbehind or backreference"
    return said


def _together(patterns: Sequence[str], options: re2.Options) -> re2.Set | None:
    """Compile all patterns into one, and an empty one behind them; None if they are too large."""
    if len(patterns) < _FEWEST_FOR_SET:
        return None
    together = re2.Set.SearchSet(options)
    for pattern in (*patterns, ""):
        together.Add(pattern)
    try:
        together.Compile()
    except re2.error:
        return None
    return together
