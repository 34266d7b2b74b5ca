"""Plans made by hand from small scripted checks."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from guardrails.core.check import Cost, Unjudged
from guardrails.core.content import Image, Stage, Subject, Surface, Text
from guardrails.core.errors import OverloadedError
from guardrails.core.finding import Finding, Region
from guardrails.core.verdict import Action
from guardrails.core.view import Span
from guardrails.engine.engine import Engine
from guardrails.policy.plan import Chain, Plan, Step, Wave
from guardrails.policy.terms import Limits, Mode, RedactAs


@dataclass
class Finds:
    """Finds a word wherever it stands, in the original text."""

    word: str
    cost: Cost = Cost.LIGHT
    score: float = 1.0
    category: str = "word"
    inspects: type[Subject] = Text
    looks: int = 0
    categories: tuple[str, ...] = field(default=("word",))

    async def inspect(self, subject: Any, /) -> Sequence[Finding]:
        self.looks += 1
        if self.cost is Cost.MODEL:
            await asyncio.sleep(0)
        starts = [at for at in range(len(subject.text)) if subject.text.startswith(self.word, at)]
        return [Finding(self.category, self.score, Span(at, at + len(self.word))) for at in starts]


@dataclass
class Misbehaves:
    """Does what a check must not."""

    how: str
    cost: Cost = Cost.LIGHT
    inspects: type[Subject] = Text
    categories: tuple[str, ...] = ("word",)

    async def inspect(self, subject: Any, /) -> Any:  # noqa: C901, PLR0911, PLR0912  # a line a misdeed
        match self.how:
            case "raises":
                raise RuntimeError(f"cannot read {subject.text}")
            case "hangs":
                await asyncio.sleep(3600)
            case "blocks":
                time.sleep(0.5)  # noqa: ASYNC251  # that is the misdeed
            case "raises TimeoutError":
                raise TimeoutError
            case "declines":
                raise Unjudged("too long for this check")
            case "is overloaded":
                raise OverloadedError("the queue is full")
            case "points outside":
                return [Finding("word", 1.0, Span(0, len(subject.text) + 1))]
            case "points at nothing":
                return [Finding("word", 1.0, Span(1, 1))]
            case "scores too high":
                return [Finding("word", 1.5)]
            case "scores nan":
                return [Finding("word", float("nan"))]
            case "names no category":
                return [Finding(None, 1.0)]
            case "draws no rectangle":
                return [Finding("word", 1.0, Region(0.5, 0.0, float("nan"), 1.0))]
            case "cancels":
                raise asyncio.CancelledError
            case "returns nothing":
                return None
        return []


@dataclass
class LooksAtPictures:
    """Finds nothing in any picture."""

    cost: Cost = Cost.MODEL
    inspects: type[Subject] = Image
    categories: tuple[str, ...] = ("word",)
    frames: int = 0

    async def inspect(self, subject: Image, /) -> Sequence[Finding]:
        self.frames += len(subject.frames)
        return []


def _step(rule: str, check: Any, then: Action = Action.BLOCK, **changes: Any) -> Step:
    options: dict[str, Any] = {
        "threshold": 0.5,
        "on_error": Action.BLOCK,
        "on_unjudged": Action.BLOCK,
        "timeout": 1.0,
        "surfaces": frozenset(Surface),
        "redact_as": RedactAs.LABEL,
        "always": then is Action.FLAG,
    }
    return Step(rule=rule, check_name="fake", check=check, then=then, **options | changes)


def _plan(
    *steps: Step,
    limits: Limits = Limits(),  # noqa: B008  # frozen
    on_unjudged: Action = Action.BLOCK,
    mode: Mode = Mode.ENFORCE,
) -> Plan:
    waves = tuple(
        Wave(cost, tuple(step for step in steps if step.check.cost is cost)) for cost in Cost
    )
    return Plan(
        name="test",
        file="test.yaml",
        hash="0" * 64,
        mode=mode,
        limits=limits,
        chains={stage: Chain(stage, waves) for stage in Stage},
        on_unjudged=on_unjudged,
        replies={Action.BLOCK: "no"},
        models={},
    )


@pytest.fixture
def step() -> Callable[..., Step]:
    return _step


@pytest.fixture
def plan() -> Callable[..., Plan]:
    return _plan


@pytest.fixture
def engine() -> Callable[..., Engine]:
    def build(*steps: Step, **changes: Any) -> Engine:
        return Engine({"test": _plan(*steps, **changes)})

    return build


@pytest.fixture
def finds() -> type[Finds]:
    return Finds


@pytest.fixture
def misbehaves() -> type[Misbehaves]:
    return Misbehaves


@pytest.fixture
def looks_at_pictures() -> type[LooksAtPictures]:
    return LooksAtPictures
