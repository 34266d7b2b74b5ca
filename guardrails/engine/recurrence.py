"""Where a value that was found stands again, found or not. Pure."""

import re
from collections.abc import Iterable, Iterator

from guardrails.core.view import Span

SHORTEST = 3
"""Characters; shorter values are parts of too much else."""
_WORD = re.compile(r"\w+")


def recurring(values: Iterable[str], text: str) -> Iterator[tuple[str, Span]]:
    """Give every place where one of the values stands as whole words; linear in the text.

    Case counts, or who is called May would take every "may" along.
    """
    starting: dict[str, list[tuple[str, int]]] = {}
    for value in values:
        first = _WORD.search(value)
        if first and len(value) >= SHORTEST:
            starting.setdefault(first[0], []).append((value, first.start()))
    if not starting:
        return
    for word in _WORD.finditer(text):
        for value, before in starting.get(word[0], ()):
            start = word.start() - before
            end = start + len(value)
            if start >= 0 and text.startswith(value, start) and not _goes_on(text, end):
                yield value, Span(start, end)


def _goes_on(text: str, end: int) -> bool:
    """Whether a word is cut in two there."""
    return _WORD.match(text[end - 1 : end]) is not None and _WORD.match(text, end) is not None
