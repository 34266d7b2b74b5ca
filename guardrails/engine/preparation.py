"""From content to subjects: views of texts, frames of pictures, and what is beyond the limits."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from guardrails.checks.normalise import views
from guardrails.core.content import Content, Exchange, Image, Part, Subject, Surface, Text
from guardrails.core.errors import ContentError
from guardrails.engine.pictures import decoded
from guardrails.models.picture_text import PictureReader, PictureText
from guardrails.policy.plan import Plan
from guardrails.policy.terms import Limits

HEAVY_CHARACTERS = 20_000
HEAVY_PARTS = 50
"""Beyond either, light work leaves the event loop, so that others are not held up."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A subject, and the number of the part that it comes from."""

    part: int
    surface: Surface
    subject: Subject
    read: PictureText | None = None
    """The lines, where the subject is the text in a picture."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A part of which some or all is not judged, and why."""

    part: int
    surface: Surface
    kind: type[Subject]
    reason: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the steps of a chain look at, and what they do not get to see.

    ``beyond`` maps a kind of subject to why none of it is judged.
    """

    subjects: Mapping[type[Subject], tuple[Placed, ...]]
    beyond: Mapping[type[Subject], str]
    unseen: tuple[Unseen, ...]
    heavy: bool


async def prepare(content: Content, plan: Plan, decoders: Executor) -> Prepared:
    """Make the subjects that the chain of the content's stage inspects.

    Raises:
        ContentError: there are no parts, or under an enforcing policy, a picture is not one, is
            broken, or has more pixels than the limit.
    """
    if not content.parts:
        raise ContentError("no parts, there is nothing to judge")
    kinds = plan.chains[content.stage].kinds
    beyond = _beyond(content, plan.limits)
    heavy = content.characters > HEAVY_CHARACTERS or len(content.parts) > HEAVY_PARTS
    parts: tuple[Part, ...] = content.parts
    if kinds & {Text, Exchange} and Text not in beyond:
        parts = await asyncio.to_thread(_viewed, parts) if heavy else _viewed(parts)
    missed: Mapping[int, str] = {}
    reads = plan.reader is not None and Text in kinds
    if (reads or Image in kinds) and Image not in beyond:
        parts, missed = await decoded(parts, plan, decoders)
    unseen = [
        Unseen(number, parts[number].surface, Image, reason) for number, reason in missed.items()
    ]
    subjects = _subjects(content, parts, kinds)
    if plan.reader is not None and reads:
        read = await _read(parts, plan.reader, decoders)
        subjects[Text] += tuple(one for one in read if isinstance(one, Placed))
        unseen += [one for one in read if isinstance(one, Unseen)]
    return Prepared(subjects, beyond, tuple(unseen), heavy)


async def _read(
    parts: tuple[Part, ...], reader: PictureReader, decoders: Executor
) -> list[Placed | Unseen]:
    """Make subjects of the texts in pictures; what cannot be read is told."""
    loop, subjects = asyncio.get_running_loop(), list[Placed | Unseen]()
    for number, part in enumerate(parts):
        if not isinstance(part, Image) or not part.frames:
            continue
        try:
            read = await loop.run_in_executor(decoders, reader.read, part.frames)
        except Exception as error:  # noqa: BLE001  # whatever a reader raises, others go on
            reason = f"its text was not read, raised {type(error).__name__}"
            subjects.append(Unseen(number, part.surface, Text, reason))
        else:
            if read.lines:
                text = Text(read.text, part.surface, views(read.text))
                subjects.append(Placed(number, part.surface, text, read))
    return subjects


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


def _subjects(
    content: Content, parts: tuple[Part, ...], kinds: frozenset[type[Subject]]
) -> dict[type[Subject], tuple[Placed, ...]]:
    placed = [Placed(number, part.surface, part) for number, part in enumerate(parts)]
    subjects = {
        kind: tuple(one for one in placed if isinstance(one.subject, kind))
        for kind in kinds - {Exchange, Image}
    }
    if Image in kinds:
        subjects[Image] = tuple(
            one for one in placed if isinstance(one.subject, Image) and one.subject.frames
        )
    if Exchange in kinds:
        subjects[Exchange] = tuple(
            replace(one, subject=Exchange(content.prompt, one.subject))
            for one in placed
            if isinstance(one.subject, Text)
        )
    return subjects
