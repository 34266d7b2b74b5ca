"""What functions take and give, as content and back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from guardrails.client import pictures
from guardrails.core.content import Content, Image, Part, Surface, Text
from guardrails.core.errors import ContentError
from guardrails.wire.messages import Piece, read, rewritten


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as it was passed, and the pieces that are judged of it."""

    passed: Any
    pieces: tuple[Piece, ...]

    @property
    def content(self) -> Content:
        """What is judged."""
        return Content(tuple(piece.part for piece in self.pieces))

    def passed_on(self, parts: Sequence[Part]) -> Any:
        """Write parts in the shape of the prompt: the very object where nothing changed."""
        changes = {
            piece.path: piece.written(part)
            for piece, part in zip(self.pieces, parts, strict=True)
            if part != piece.part
        }
        return rewritten(self.passed, changes) if changes else self.passed


def asked(prompt: Any) -> Prompt:
    """Read a prompt: a string, or a list of chat messages.

    Raises:
        ContentError: it is neither, is empty, or a message holds what cannot be judged.
    """
    if isinstance(prompt, str):
        return Prompt(prompt, (Piece((), Text(prompt)),))
    if not isinstance(prompt, (list, tuple)):
        raise ContentError(
            f"the prompt is a {type(prompt).__name__}, "
            "guard judges a string or a list of chat messages"
        )
    if not prompt:
        raise ContentError("the prompt has no messages, there is nothing to judge")
    return Prompt(prompt, tuple(read(prompt)))


def is_batch(prompt: Any) -> bool:
    """Whether it is a list of prompts: of strings, or of lists of chat messages."""
    return (
        isinstance(prompt, (list, tuple))
        and bool(prompt)
        and all(isinstance(one, (str, list, tuple)) for one in prompt)
    )


def answered(result: Any) -> Part:
    """Read what a function returned: text or a PIL image, which takes a while to encode.

    Raises:
        ContentError: it is neither.
    """
    if isinstance(result, str):
        return Text(result, Surface.ASSISTANT)
    if pictures.is_picture(result):
        return Image(pictures.encode(result), Surface.ASSISTANT)
    raise ContentError(
        f"the function returned a {type(result).__name__}, guard judges a string or a PIL image"
    )


def as_many(results: Any, count: int) -> Sequence[Any]:
    """Read what a function returned for a batch.

    Raises:
        ContentError: it is no list, or not of as many answers as there were prompts.
    """
    if not isinstance(results, (list, tuple)):
        raise ContentError(
            f"the function returned a {type(results).__name__} for a list of prompts, "
            "guard judges a list of as many answers"
        )
    if len(results) != count:
        raise ContentError(
            f"the function returned {len(results)} answers to {count} prompts, "
            "guard judges one to each"
        )
    return results


def answer_from(part: Part, sent: Part, result: Any) -> Any:
    """Write a part as what the function returned: the very object where nothing changed."""
    if part == sent:
        return result
    return part.text if isinstance(part, Text) else pictures.decode(part.data)
