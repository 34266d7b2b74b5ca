"""Where a value that was found stands again, found or not. Pure."""

import re
from collections.abc import Iterable, Iterator

from guardrails.core.view import Span

SHORTEST, LONGEST = 3, 256
"""Characters; shorter values are parts of too much else, longer ones hardly come twice."""
_WORD = re.compile(r"\w+")


def recurring(values: Iterable[str], text: str) -> Iterator[tuple[str, Span]]:
    """Give every place where one of the values stands as whole words.

    However many values begin with the same word, a place costs one look for each length of them.
    Case counts, or who is called May would take every "may" along.
    """
    starting: dict[str, dict[tuple[int, int], set[str]]] = {}
    for value in values:
        first = _WORD.search(value)
        if first and SHORTEST <= len(value) <= LONGEST:
            shapes = starting.setdefault(first[0], {})
            shapes.setdefault((first.start(), len(value)), set()).add(value)
    if not starting:
        return
    for word in _WORD.finditer(text):
        for (before, length), alike in starting.get(word[0], {}).items():
            start = word.start() - before
            value = text[max(start, 0) : start + length]
            if value in alike and not _goes_on(text, start + length):
                yield value, Span(start, start + length)


def _goes_on(text: str, end: int) -> bool:
    """Whether a word is cut in two there."""
    return _WORD.match(text[end - 1 : end]) is not None and _WORD.match(text, end) is not None
