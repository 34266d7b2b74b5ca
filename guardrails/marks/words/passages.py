"""Cuts a text that comes in pieces into passages that can be marked one by one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from guardrails.marks.words.protecting import protected

LONGEST = 4096
"""Characters that are waited for. What cannot be cut by then is no prose, and stays as it is."""
_REACH = 2048
"""Nothing that is protected across lines is longer, but for fenced code."""
_LINE, _SENTENCE = "\n", ". "
_END = re.compile("\\n|[.!?][\"')\\]*_\u201d\u2019\u00bb]*[ \\t]")
_FENCE = re.compile(r"[ \t]*(```+|~~~+)")
_OPEN_IN_LINE = re.compile("[\"\u201c\u00ab\u201e\u2018`<\\[{$]|\\]\\(|(?<!\\w)'")
_OPEN = re.compile(r"\$\$|\\[\[(]")


@dataclass(frozen=True, slots=True)
class Passage:
    """Some sentences or lines of a text, together all of it.

    ``before`` stands for what it follows: nothing, a line or a sentence. Where it is not ``open``,
    nothing may change.
    """

    text: str
    before: str = ""
    open: bool = True


class Cutter:
    """Cuts where a sentence or a line ends and nothing protected can lie across.

    Where it cuts depends on the text before it alone, so pieces may come in any size.
    """

    def __init__(self) -> None:
        self._held = ""
        self._before = ""
        self._looked = 0
        self._fence = ""
        self._skipped = 0

    def push(self, piece: str) -> Iterator[Passage]:
        """Take a piece; give the passages that are whole by now."""
        self._held += piece
        while self._held and (passage := self._next()):
            yield passage

    def finish(self) -> Iterator[Passage]:
        """Give what is left."""
        if self._held:
            yield self._taken(len(self._held), is_open=not self._is_closed())

    def _next(self) -> Passage | None:
        if self._is_closed():
            return self._closed()
        if end := self._safe_end():
            return self._taken(end, is_open=True)
        if len(self._held) < LONGEST:
            return None
        self._skipped = _REACH
        return self._closed()

    def _is_closed(self) -> bool:
        """Whether it stands in, or at the beginning of, what is passed on line by line."""
        return bool(
            self._fence
            or self._skipped > 0
            or (self._at_line and _FENCE.match(self._held[:LONGEST]))
        )

    @property
    def _at_line(self) -> bool:
        return self._before != _SENTENCE

    def _closed(self) -> Passage | None:
        end = self._held.find("\n") + 1
        if not end and self._at_line and len(self._held) < LONGEST:
            return None  # a fence may still be coming
        if self._at_line:
            self._see_fence(self._held[:LONGEST])
        passage = self._taken(end or len(self._held), is_open=False)
        self._skipped -= len(passage.text)
        if self._skipped <= 0 and not self._at_line:
            self._skipped = 1  # to the end of the line
        return passage

    def _see_fence(self, line: str) -> None:
        found = _FENCE.match(line)
        if found and not self._fence:
            self._fence = found[1]
        elif found and found[1].startswith(self._fence):
            self._fence = ""

    def _safe_end(self) -> int:
        for found in _END.finditer(self._held, self._looked):
            if found.end() > LONGEST:
                break
            if self._is_safe(self._held[: found.end()]):
                return found.end()
            self._looked = found.end()
        return 0

    def _is_safe(self, head: str) -> bool:
        """Whether all that could be protected was closed, whatever follows."""
        text, rest, at = self._before + head, [], 0
        for stretch in protected(text):
            if stretch.end == len(text):
                return False
            rest.append(text[at : stretch.start])
            at = stretch.end
        left = "]".join([*rest, text[at:]])
        line = left[left.rfind("\n") + 1 :]
        return not (_OPEN_IN_LINE.search(line) or _OPEN.search(left[-_REACH:]))

    def _taken(self, end: int, *, is_open: bool) -> Passage:
        passage = Passage(self._held[:end], self._before, is_open)
        self._held = self._held[end:]
        self._before = _LINE if passage.text[-1] == "\n" else _SENTENCE
        self._looked = 0
        return passage
