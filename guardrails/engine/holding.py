"""The text of a part that is not shown yet, and what is to be cut out of it. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from guardrails.core.view import Span
from guardrails.engine.recurrence import recurring
from guardrails.engine.redaction import Cut, Hide, cut

REMEMBERED = 1_000
"""Values that were cut out, and are cut out again wherever they come again."""


class Held:
    """Holds text back until it is judged, and lets it go with its cuts made.

    Args:
        longest: characters of the values that are looked for again: what a window shows whole.
        hide: what is shown instead of a value.
        values: what was cut out by now, of all parts: it goes wherever it comes again.
    """

    def __init__(self, longest: int, hide: Hide, values: dict[str, Cut]) -> None:
        self._longest, self._hide, self._values = longest, hide, values
        self._text = ""
        self._start = 0
        self._cuts: list[Cut] = []

    def add(self, piece: str) -> None:
        """Take text, which nothing is known of yet."""
        self._text += piece

    def cut(self, cuts: Iterable[Cut]) -> None:
        """Note what is to go; places are those of the whole text, what is out already stays."""
        for one in cuts:
            value = self._text[max(one.span.start - self._start, 0) : one.span.end - self._start]
            if len(value) <= self._longest and len(self._values) < REMEMBERED:
                self._values.setdefault(value, one)
            if one.span.end > self._start:
                self._cuts.append(one)

    def release(self, end: int) -> str:
        """Give the text before a place, without the cuts; a cut that crosses it waits whole."""
        cuts = [*self._cuts, *self._again()]
        for one in sorted(cuts, key=lambda each: each.span.end, reverse=True):
            if one.span.start < end < one.span.end:
                end = one.span.start
        end = max(end, self._start)
        now = [_within(one, self._start, end) for one in cuts if one.span.start < end]
        shown = cut(self._text[: end - self._start], now, self._hide)
        self._text = self._text[end - self._start :]
        self._start = end
        self._cuts = [one for one in self._cuts if one.span.end > end]
        return shown

    def _again(self) -> list[Cut]:
        return [
            replace(
                self._values[value],
                span=Span(span.start + self._start, span.end + self._start),
            )
            for value, span in recurring(self._values, self._text)
        ]


def _within(one: Cut, start: int, end: int) -> Cut:
    """Count from where the text begins that is released."""
    return replace(one, span=Span(max(one.span.start - start, 0), min(one.span.end, end) - start))
