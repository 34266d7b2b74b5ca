"""Puts pieces together that come faster than it pays to send each."""

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

from guardrails.wire.stream import Piece

SECONDS = 0.02
CHARACTERS = 500
"""A piece waits for others of its part until one of the two is reached."""


class Gathering:
    """Pieces on their way out. What waits goes with the next piece, or when all is said."""

    def __init__(self) -> None:
        self._held: Piece | None = None
        self._sent = 0.0

    def add(self, piece: Piece) -> Sequence[Piece]:
        """Take a piece; give what is to be sent now."""
        held, now = self._held, monotonic()
        if held is None:
            ready, self._held = list[Piece](), piece
        elif (held.part, held.surface) == (piece.part, piece.surface):
            ready, self._held = [], replace(held, text=held.text + piece.text)
        else:
            ready, self._held = [held], piece
        if now - self._sent >= SECONDS or len(self._held.text) >= CHARACTERS:
            self._sent = now
            return [*ready, *self.rest()]
        return ready

    def rest(self) -> Sequence[Piece]:
        """Give what still waits."""
        held, self._held = self._held, None
        return [] if held is None else [held]
