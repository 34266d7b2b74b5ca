"""A body and what of it is judged. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from guardrails.core.content import Part
from guardrails.core.errors import ContentError
from guardrails.wire.messages import WAYS_OUT, Kind, Path, Piece, Unjudged, rewritten

MOST = 20_000
"""Pieces of one body; more are refused before all are read, whatever a policy's limits are."""
SHADOWS = frozenset({"logprobs", "token_ids", "prompt_token_ids", "prompt_logprobs"})
"""Keys that tell the text of an answer once more, token by token."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The pieces of a body that are judged, what in it cannot be, and the fields nobody knows.

    Fields that are unknown are judged like any other, as words of the user.
    """

    body: Mapping[str, Any]
    pieces: tuple[Piece, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is judged."""
        return tuple(piece.part for piece in self.pieces)

    def changes(self, parts: Sequence[Part]) -> Mapping[Path, str]:
        """Give the strings that are others now, by their place."""
        return {
            piece.path: piece.written(part)
            for piece, part in zip(self.pieces, parts, strict=True)
            if part != piece.part
        }

    def written(self, parts: Sequence[Part]) -> Mapping[str, Any]:
        """Write parts in the shape of the body: the very object where nothing changed."""
        changes = self.changes(parts)
        return rewritten(self.body, changes) if changes else self.body

    def must_be_judged(self, passing: frozenset[Kind]) -> None:
        """Refuse what cannot be judged, but for the kinds that pass.

        Raises:
            ContentError: there is such a thing.
        """
        for one in self.unjudged:
            if one.kind not in passing:
                raise ContentError(f"'{shown(one.path)}': {WAYS_OUT[one.kind]}")


def reading(
    body: Mapping[str, Any], found: Iterable[Piece | Unjudged], unknown: Iterable[str] = ()
) -> Reading:
    """Sort what was found.

    Raises:
        ContentError: it is more than anybody sends.
    """
    everything = tuple(islice(found, MOST + 1))
    if len(everything) > MOST:
        raise ContentError(f"the body holds more than {MOST:,} texts and pictures, send fewer")
    return Reading(
        body,
        tuple(one for one in everything if isinstance(one, Piece)),
        tuple(one for one in everything if isinstance(one, Unjudged)),
        tuple(unknown),
    )


def shown(path: Path) -> str:
    """Write a place as ``messages[0].content[1]``; its keys may be a caller's, so only some."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path[:4]]
    return "".join(steps).removeprefix(".")


def without_shadows(value: Any) -> Any:
    """Copy a value whose text changed, without what tells the old text once more."""
    if isinstance(value, Mapping):
        return {key: None if key in SHADOWS else without_shadows(one) for key, one in value.items()}
    return [without_shadows(one) for one in value] if isinstance(value, list) else value
