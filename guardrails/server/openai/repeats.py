"""Events in a row that say more of one text: read cheaply, and judged as one. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from guardrails.core.errors import ContentError
from guardrails.server.openai import bodies
from guardrails.server.openai.sse import Event
from guardrails.server.openai.steps import Slot, Step, Turn
from guardrails.wire.messages import rewritten

VAIN = 3
"""Shapes that are learnt and never come again, after which none is learnt any more."""

_STRINGS = json.JSONDecoder()


class Shape:
    """An event with a hole where its text stands.

    What differs from it in the text alone need not be read, only the text: the rest means what it
    meant before. That the hole is where the text stands is proven, not guessed.
    """

    def __init__(self) -> None:
        self.step: Step | None = None
        self._name = self._before = self._after = ""
        self._vain = 0

    def text(self, event: Event) -> str:
        """Give the text of an event of this shape; none where it is of another, or says nothing."""
        data, before, after = event.data, self._before, self._after
        if (
            not before
            or not event.raw
            or event.name != self._name
            or not data.startswith(before)
            or not data.endswith(after)
        ):
            return ""
        try:
            text: str = _STRINGS.decode(data[len(before) - 1 : len(data) - len(after) + 1])
        except ValueError:
            return ""
        self._vain = 0
        return text

    def learn(self, event: Event, body: Any, steps: Sequence[Step]) -> None:
        """Take the shape of an event that says one text, and nothing else."""
        self._before = ""
        if self._vain >= VAIN or len(steps) != 1 or not is_plain(steps[0]) or not steps[0].raw:
            return
        [step] = steps
        [slot] = step.slots
        parts = event.data.split(_written(slot.text))
        if len(parts) != 2:  # noqa: PLR2004  # what is before the text, and behind it
            return
        self._vain += 1
        other = f"{slot.text}."
        try:
            read = bodies.read(_written(other).join(parts))
        except ContentError:
            return
        if read == rewritten(body, {slot.path: other}):
            self.step, self._name = step, event.name
            self._before, self._after = f'{parts[0]}"', f'"{parts[1]}'


class Run:
    """What is read of one text, and not judged yet."""

    def __init__(self) -> None:
        self._step: Step | None = None
        self._texts: list[str] = []
        self._raws: list[bytes] = []

    def add(self, step: Step, text: str, raw: bytes) -> bool:
        """Take what says more of the same; False where it is something else."""
        if self._step is not None and not _is_same(self._step, step):
            return False
        self._step = step
        self._texts.append(text)
        self._raws.append(raw)
        return True

    def take(self) -> Step | None:
        """Give all of it as one step: that of the last event, with all texts."""
        step, texts, raws = self._step, self._texts, self._raws
        if step is None:
            return None
        self._step, self._texts, self._raws = None, [], []
        [slot] = step.slots
        text = "".join(texts)
        raw = b"".join(raws) if all(raws) else b""
        body = step.body if raw else rewritten(step.body, {slot.path: text})
        said = (Slot(slot.path, text, slot.key),)
        return Step(body, step.turn, step.lane, said, says=False, raw=raw)


def is_plain(step: Step) -> bool:
    """Whether a step says more of one text, which is shown as it comes, and nothing else."""
    return (
        step.turn is Turn.NOW
        and not step.says
        and not step.unjudged
        and len(step.slots) == 1
        and step.slots[0].key is not None
        and step.slots[0].text != ""
    )


def _is_same(one: Step, other: Step) -> bool:
    if one is other:
        return True
    here, there = one.slots[0], other.slots[0]
    return (one.lane, here.path, here.key) == (other.lane, there.path, there.key)


def _written(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
