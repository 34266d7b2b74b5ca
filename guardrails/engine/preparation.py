"""From content to subjects: views of texts, frames of pictures, and what is beyond the limits."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from guardrails.checks.normalise import views
from guardrails.core.content import Content, Exchange, Image, Part, Subject, Surface, Text
from guardrails.core.errors import ContentError
from guardrails.models import pixels
from guardrails.policy.plan import Chain, Limits

HEAVY_CHARACTERS = 20_000
HEAVY_PARTS = 50
"""Beyond either, light work leaves the event loop, so that others are not held up."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A subject, and the number of the part that it comes from."""

    part: int
    surface: Surface
    subject: Subject


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the steps of a chain look at.

    ``beyond`` maps a kind of subject to why none of it is judged; ``unseen`` maps a part to why
    some of it is not.
    """

    subjects: Mapping[type[Subject], tuple[Placed, ...]]
    beyond: Mapping[type[Subject], str]
    unseen: Mapping[int, str]
    heavy: bool


async def prepare(content: Content, chain: Chain, limits: Limits) -> Prepared:
    """Make the subjects that the chain inspects.

    Raises:
        ContentError: a picture is not one, is broken, or has more pixels than the limit.
    """
    kinds = chain.kinds
    beyond = _beyond(content, limits)
    heavy = content.characters > HEAVY_CHARACTERS or len(content.parts) > HEAVY_PARTS
    parts: tuple[Part, ...] = content.parts
    if kinds & {Text, Exchange} and Text not in beyond:
        parts = await asyncio.to_thread(_viewed, parts) if heavy else _viewed(parts)
    unseen: dict[int, str] = {}
    if Image in kinds and Image not in beyond and any(isinstance(part, Image) for part in parts):
        parts, unseen = await asyncio.to_thread(_decoded, parts, limits)
    return Prepared(_subjects(content, parts, kinds), beyond, unseen, heavy)


def _beyond(content: Content, limits: Limits) -> dict[type[Subject], str]:
    number = len(content.parts) + len(content.prompt)
    if number > limits.parts:
        return dict.fromkeys(
            (Text, Image, Exchange), f"{number:,} parts, the limit is {limits.parts:,}"
        )
    if content.characters > limits.characters:
        return dict.fromkeys(
            (Text, Exchange),
            f"{content.characters:,} characters, the limit is {limits.characters:,}",
        )
    return {}


def _viewed(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(
        replace(part, derived=views(part.text)) if isinstance(part, Text) else part
        for part in parts
    )


def _decoded(parts: tuple[Part, ...], limits: Limits) -> tuple[tuple[Part, ...], dict[int, str]]:
    decoded: list[Part] = []
    unseen: dict[int, str] = {}
    for number, part in enumerate(parts):
        if isinstance(part, Text):
            decoded.append(part)
            continue
        try:
            read = pixels.decode(part.data, pixels=limits.pixels, most=limits.frames)
        except ContentError as error:
            raise ContentError(f"part {number}: {error}") from error
        decoded.append(replace(part, frames=read.frames))
        if read.total > len(read.frames):
            unseen[number] = f"{read.total:,} frames, {len(read.frames)} were judged"
    return tuple(decoded), unseen


def _subjects(
    content: Content, parts: tuple[Part, ...], kinds: frozenset[type[Subject]]
) -> dict[type[Subject], tuple[Placed, ...]]:
    placed = [Placed(number, part.surface, part) for number, part in enumerate(parts)]
    subjects = {
        kind: tuple(one for one in placed if isinstance(one.subject, kind))
        for kind in kinds - {Exchange}
    }
    if Exchange in kinds:
        subjects[Exchange] = tuple(
            replace(one, subject=Exchange(content.prompt, one.subject))
            for one in placed
            if isinstance(one.subject, Text)
        )
    return subjects
