"""The words of a policy: how it acts, hides, streams, and within what."""

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """Whether actions are carried out, or only flagged."""

    ENFORCE = "enforce"
    OBSERVE = "observe"


class Release(StrEnum):
    """When the text of a streamed answer is shown."""

    HOLD = "hold"
    """Once it is judged."""
    EAGER = "eager"
    """As it comes; it is judged as well, and a block withholds the rest."""


class Saturation(StrEnum):
    """What happens to content for which models have no time."""

    REFUSE = "refuse"
    """It is refused: its caller may try again."""
    LIGHT = "light"
    """Light rules judge it; those that run a model are unjudged, and act by ``on_unjudged``."""


@dataclass(frozen=True, slots=True)
class StreamTerms:
    """How answers are judged while they are spoken; both lengths are in characters."""

    release: Release = Release.HOLD
    window: int | None = None
    """New text that is judged at a time; None is for what suits the rules."""
    overlap: int = 0
    """Text before it that is judged with it again, at least."""


class RedactAs(StrEnum):
    """What stands in the place of what was found."""

    LABEL = "label"
    """The category: ``<EMAIL_ADDRESS>``."""
    MASK = "mask"
    """One asterisk for each character."""
    PSEUDONYM = "pseudonym"
    """A keyed token, the same for the same value: ``<PERSON_k1_7Q4ZK3TB>``."""
    SURROGATE = "surrogate"
    """A likely value of the same kind that belongs to nobody."""
    BLUR = "blur"
    """In pictures: past recognition, instead of a grey box. In texts the same as ``mask``."""
    SEALED = "sealed"
    """A placeholder that is restored in the answer: ``<PERSON_1>``."""

    @property
    def keyed(self) -> bool:
        """Whether it takes a key."""
        return self in {RedactAs.PSEUDONYM, RedactAs.SEALED}


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of one request is judged at the most."""

    characters: int = 200_000
    """Of all texts together, the prompt's included."""
    parts: int = 1_000
    """Texts and pictures together."""
    pixels: int = 40_000_000
    """Of one picture, all judged frames together; more is refused."""
    frames: int = 16
    """Of all pictures of a request together; a still one has one."""
