"""What one event of a streamed answer means for the judging of it."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

from guardrails.core.content import Surface, Text
from guardrails.server.openai.reading import SHADOWS, without_shadows
from guardrails.server.openai.refusals import Refusal
from guardrails.wire.messages import Kind, Path, Piece, Spot, Unjudged, pieces


class Turn(Enum):
    """When an event may go out."""

    NOW = auto()
    """With what is released of its text."""
    HOLD = auto()
    """Once the verdict stands; where parts are in order, so does all that follows it."""
    END = auto()
    """It is the last of its answer, which can be judged to the end now."""
    LAST = auto()
    """It belongs to no answer, and comes after all of them."""
    FAILED = auto()
    """It says that the model failed: no more comes."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A text in an event, and the part of the answer that it goes on with.

    One without a key is a text of its own, or all the text of a part once more.
    """

    path: Path
    text: str
    key: Hashable | None = None

    def __repr__(self) -> str:
        return f"Slot(path={self.path!r}, characters={len(self.text)})"


@dataclass(frozen=True, slots=True)
class Step:
    """An event, or the share of it that is of one answer, which has a ``lane`` of its own.

    ``says`` tells whether it says something besides its texts. ``raw`` is how it came, empty where
    it must be written anew.
    """

    body: Mapping[str, Any]
    turn: Turn
    lane: int = 0
    slots: tuple[Slot, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    says: bool = True
    raw: bytes = b""

    def __repr__(self) -> str:
        return f"Step(turn={self.turn.name}, lane={self.lane}, slots={self.slots!r})"


class Dialect(Protocol):
    """How one API streams; one serves one stream."""

    @property
    def ordered(self) -> bool:
        """Whether parts come one after the other, each as a whole."""

    @property
    def named(self) -> bool:
        """Whether events carry their type as their name."""

    def steps(self, body: dict[str, Any], raw: bytes) -> Iterator[Step]:
        """Take an event apart.

        Raises:
            ContentError: it has no shape that this API has.
        """

    def sent(self, body: Mapping[str, Any]) -> None:
        """Note what went out."""

    def closing(self, refusal: Refusal, lane: int) -> Iterator[dict[str, Any]]:
        """Give the events that say a refusal in the place of the rest of an answer."""


def found(value: Any, path: Path) -> tuple[tuple[Slot, ...], tuple[Unjudged, ...]]:
    """Give the texts in a value, and what in it cannot be judged in a stream: pictures, too."""
    slots: list[Slot] = []
    unjudged: list[Unjudged] = []
    for one in pieces(value, Spot(path, Surface.ASSISTANT)):
        match one:
            case Piece(where, Text(text)):
                if text:
                    slots.append(Slot(where, text))
            case Piece(where, _):
                unjudged.append(Unjudged(where, Kind.PICTURE))
            case Unjudged():
                unjudged.append(one)
    return tuple(slots), tuple(unjudged)


def clean(body: dict[str, Any], raw: bytes) -> tuple[dict[str, Any], bytes]:
    """Take out what tells the text of an answer once more, token by token."""
    if not _has_shadows(body):
        return body, raw
    cleaned: dict[str, Any] = without_shadows(body)
    return cleaned, b""


def _has_shadows(value: Any) -> bool:
    """Look into what was read from JSON, whose objects are dicts and whose arrays are lists."""
    if type(value) is dict:
        for key, one in value.items():
            if one and (key in SHADOWS or (type(one) in _NESTED and _has_shadows(one))):
                return True
        return False
    return any(type(one) in _NESTED and _has_shadows(one) for one in value)


_NESTED = frozenset({dict, list})
