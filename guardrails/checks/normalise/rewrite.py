"""Edits to a view that keep the way back to the original."""

from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from guardrails.core.view import View


class Edit(NamedTuple):
    """Characters ``start`` up to ``end`` of a view read as ``text``.

    A text of the same length stands character for character; any other stands for all of them.
    """

    start: int
    end: int
    text: str


def rewrite(view: View, edits: Iterable[Edit], how: str) -> View:
    """Make the edits, which are in order and apart, and keep the rest."""
    draft = _Draft(view)
    at = 0
    for start, end, text in edits:
        if at < start:
            draft.keep(at, start)
        draft.put(start, end, text)
        at = end
    draft.keep(at, len(view.text))
    return draft.finished(how)


def excerpt(view: View, edits: Sequence[Edit], how: str) -> View:
    """Keep the edits alone, each on a line of its own."""
    draft = _Draft(view)
    for number, (start, end, text) in enumerate(edits):
        if number:
            draft.put(start, end, "\n")
        draft.put(start, end, text)
    return draft.finished(how)


def then(view: View, how: str) -> str:
    """Tell what was done to a view, and what was done next."""
    return f"{view.how}, {how}" if view.how else how


class _Draft:
    """A view in the making."""

    def __init__(self, view: View) -> None:
        length = len(view.text)
        self._text = view.text
        self._known_origins = view.origins or array("I", range(length))
        self._known_ends = view.ends or array("I", range(1, length + 1))
        self._texts: list[str] = []
        self._origins = array("I")
        self._ends = array("I")

    def keep(self, start: int, end: int) -> None:
        self._texts.append(self._text[start:end])
        self._origins.extend(self._known_origins[start:end])
        self._ends.extend(self._known_ends[start:end])

    def put(self, start: int, end: int, text: str) -> None:
        if not text:
            return
        self._texts.append(text)
        if len(text) == end - start:
            self._origins.extend(self._known_origins[start:end])
            self._ends.extend(self._known_ends[start:end])
        else:
            self._origins.extend(array("I", [self._known_origins[start]]) * len(text))
            self._ends.extend(array("I", [self._known_ends[end - 1]]) * len(text))

    def finished(self, how: str) -> View:
        return View("".join(self._texts), how, self._origins, self._ends)
