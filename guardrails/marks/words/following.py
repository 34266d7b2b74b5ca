"""Marks a text that comes in pieces, passage by passage."""

from collections.abc import Callable

from guardrails.marks.words.passages import Cutter, Passage


class TextFollower:
    """Gives out each passage once it is whole; it never holds more than a few kilobytes."""

    def __init__(self, mark: Callable[[Passage], str]) -> None:
        self._mark = mark
        self._cutter = Cutter()

    def push(self, piece: str, /) -> str:
        """Take a piece; give what is certain by now, marked."""
        return "".join(map(self._mark, self._cutter.push(piece)))

    def finish(self) -> str:
        """Give the rest."""
        return "".join(map(self._mark, self._cutter.finish()))


def whole(text: str, follower: TextFollower) -> str:
    """Mark a text that is there as a whole."""
    return follower.push(text) + follower.finish()
