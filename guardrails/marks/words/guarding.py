"""Leaves out the changes that would make a sentence mean something else."""

from collections.abc import Sequence
from dataclasses import dataclass

from guardrails.marks.words.encoder import Encoder
from guardrails.marks.words.telling import Change, made


@dataclass(frozen=True, slots=True)
class Guard:
    """Holds what is changed to a likeness; without an encoder, to none."""

    encoder: Encoder | None
    least: float

    def kept(self, text: str, changes: Sequence[Change]) -> tuple[Sequence[Change], float | None]:
        """Give the changes that may be made in a passage, and how alike it stays.

        All, if together they leave it alike; or, from the mildest on, as many as do.
        """
        if not changes or self.encoder is None:
            return changes, None
        likeness = self._likeness(text, changes)
        if likeness >= self.least:
            return changes, likeness
        kept: Sequence[Change] = ()
        reached = None
        mildest = sorted(changes, key=lambda change: -self._likeness(text, [change]))
        for change in mildest if len(changes) > 1 else ():
            more = sorted([*kept, change], key=lambda each: each.start)
            likeness = self._likeness(text, more)
            if likeness < self.least:
                break
            kept, reached = more, likeness
        return kept, reached

    def _likeness(self, text: str, changes: Sequence[Change]) -> float:
        assert self.encoder is not None  # noqa: S101  # `kept` looked
        return self.encoder.likeness(text, made(text, changes))
