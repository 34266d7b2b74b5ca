"""What is judged: texts and pictures, with where they came from and which way they go."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from guardrails.core.errors import ContentError
from guardrails.core.view import View


class Stage(StrEnum):
    """Which way content goes: into the model, or out of it."""

    INPUT = "input"
    OUTPUT = "output"


class Surface(StrEnum):
    """Where a part came from."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Text:
    """A text part.

    ``derived`` holds the normalised and decoded views, which the engine adds before checks look.
    """

    text: str
    surface: Surface = Surface.USER
    derived: tuple[View, ...] = field(default=(), compare=False)

    @property
    def views(self) -> tuple[View, ...]:
        """The original first, then what normalising and decoding brought to light."""
        return (View.identity(self.text), *self.derived)

    def __repr__(self) -> str:
        return f"Text(surface={self.surface.value!r}, characters={len(self.text)})"


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded picture: ``rgb`` is height x width x 3 bytes, row by row."""

    width: int
    height: int
    rgb: bytes

    def __repr__(self) -> str:
        return f"Frame(width={self.width}, height={self.height})"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture part: an encoded file (PNG, JPEG, WebP, GIF, ...).

    ``frames`` holds the decoded frames, scaled down to at most a megapixel, which the engine adds
    before checks look. A still picture has one.
    """

    data: bytes
    surface: Surface = Surface.USER
    frames: tuple[Frame, ...] = field(default=(), compare=False)

    def __repr__(self) -> str:
        return f"Image(surface={self.surface.value!r}, bytes={len(self.data)})"


Part: TypeAlias = Text | Image


@dataclass(frozen=True, slots=True)
class Exchange:
    """An answer beside what it answers: for checks that compare the two."""

    prompt: tuple[Part, ...]
    answer: Text


Subject: TypeAlias = Text | Image | Exchange


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf it is asked: no value hidden for one tenant is shown to another.

    ``person`` names whose data it is, in the caller's own terms, so that it can be forgotten.
    """

    tenant: str = ""
    person: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Content:
    """What is judged, in parts; an answer also carries the prompt that it answers.

    ``sealed`` is the token that came with the verdict on that prompt: what was hidden there is put
    back into the answer.

    Raises:
        ContentError: a text is not valid Unicode (it holds a lone surrogate).
    """

    parts: tuple[Part, ...]
    stage: Stage = Stage.INPUT
    prompt: tuple[Part, ...] = ()
    caller: Caller = Caller()
    sealed: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        _must_encode("part", self.parts)
        _must_encode("prompt part", self.prompt)

    @property
    def characters(self) -> int:
        """Length of all texts, the prompt's included, in code points."""
        return sum(len(part.text) for part in (*self.parts, *self.prompt) if isinstance(part, Text))

    @property
    def text(self) -> str:
        """The text parts on lines of their own."""
        return "\n".join(part.text for part in self.parts if isinstance(part, Text))


def prompt(text: str) -> Content:
    """One user text on its way to the model."""
    return Content((Text(text),))


def answer(text: str, *, to: str | None = None) -> Content:
    """One text on its way from the model, beside the prompt that it answers."""
    asked = () if to is None else (Text(to),)
    return Content((Text(text, Surface.ASSISTANT),), Stage.OUTPUT, asked)


def _must_encode(what: str, parts: Sequence[Part]) -> None:
    for number, part in enumerate(parts):
        if isinstance(part, Text) and not part.text.isascii():
            try:
                part.text.encode()
            except UnicodeEncodeError as error:
                raise ContentError(
                    f"{what} {number}: lone surrogate at character {error.start}, "
                    "send text that is valid Unicode"
                ) from None
