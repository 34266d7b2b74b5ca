"""Cuts a text that comes in pieces into overlapping windows. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from guardrails.policy.plan import SLACK

LONGEST_WORD = 4_096
"""Characters without a place to cut at, after which it is cut all the same."""

_SENTENCE_END = re.compile(r"[.!?\u2026][\"')\]\u00bb\u201d\u2019]*\s|[\u3002\uff01\uff1f]|\n")
_WORD_END = re.compile(r"\s|[\u3000-\u9fff\uac00-\ud7af]")
_WORD_START = re.compile(r"(?<!\S)\S")


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a text, and where it begins; what is before ``done`` is in no later one."""

    start: int
    text: str
    done: int

    @property
    def end(self) -> int:
        """Where it ends in the whole text."""
        return self.start + len(self.text)


class Windows:
    """The windows of one text: where they lie depends on the text, not on its pieces.

    Each ends at the end of the first sentence after ``size`` new characters, or of the first word
    after half as many again. So a character is in 1 + overlap / size windows on average at the
    most, and no stretch that is shorter than the overlap without ``SLACK`` is ever cut in two.
    """

    def __init__(self, size: int, overlap: int) -> None:
        self._size, self._overlap = size, overlap
        self._text = ""
        self._start = 0  # of the text that is kept
        self._judged = 0  # where the last window ended, in the text that is kept
        self._sought = 0  # no word ends before it, behind the place where one is looked for
        self._any = False

    @property
    def fed(self) -> int:
        """Characters of the whole text, as far as it has come."""
        return self._start + len(self._text)

    @property
    def room(self) -> int:
        """Characters that surely fill no window; more of them may."""
        return self._judged + self._size - len(self._text) - 1

    def feed(self, piece: str) -> Iterator[Window]:
        """Take a piece; give the windows that are full."""
        self._text += piece
        while end := self._full():
            yield self._window(end)

    def rest(self) -> Window | None:
        """Give what is in no window yet, with what goes before it; None where all is in one."""
        if self._any and self._judged == len(self._text):
            return None
        end = len(self._text)
        self._any = True
        window = Window(self._start, self._text, self._start + end)
        self._judged = end
        return window

    def _full(self) -> int:
        """Where the next window ends; 0 while that is not known."""
        soonest = self._judged + self._size
        latest = soonest + self._size // 2
        if len(self._text) < soonest:
            return 0
        sentence = _SENTENCE_END.search(self._text, soonest - 1, latest)
        if sentence:
            return sentence.end()
        if len(self._text) < latest:
            return 0
        word = _WORD_END.search(self._text, max(self._sought, latest - 1))
        if word:
            return word.end()
        self._sought = len(self._text)
        most = latest + LONGEST_WORD
        return most if len(self._text) >= most else 0

    def _window(self, end: int) -> Window:
        start = self._next_start(end)
        window = Window(self._start, self._text[:end], self._start + start)
        self._start += start
        self._text = self._text[start:]
        self._judged, self._sought, self._any = end - start, 0, True
        return window

    def _next_start(self, end: int) -> int:
        """Begin with a word, if one begins where there is slack for it."""
        earliest = end - self._overlap
        if earliest <= 0:
            return 0
        word = _WORD_START.search(self._text, earliest, earliest + SLACK)
        return word.start() if word else earliest
