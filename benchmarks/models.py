"""What the shipped models cost alone, what the engine adds to one, and how they bear load."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import cast

import uvloop

from benchmarks import guard
from benchmarks.engine import TEXT
from benchmarks.measure import Row, async_rounds, loaded, median, percentile
from guardrails.core.content import Frame, prompt
from guardrails.engine.engine import Engine
from guardrails.models.manifest import Manifest
from guardrails.models.model import ImageClassifier, TextClassifier, TokenClassifier
from guardrails.models.store import ModelStore

HEADS = (
    "toxicity",
    "prompt_injection",
    "jailbreak",
    "harmful_request",
    "self_harm",
    "sexual_content",
    "violence",
    "bias",
)
"""Every check that reads heads of the text guard; together they read all of them."""


def run(roots: Sequence[Path] = ()) -> Sequence[Row]:
    """Time the models warm, on one thread."""
    with ModelStore(roots) as models:
        ner = cast("TokenClassifier", models.open("pii_ner"))
        nsfw = cast("ImageClassifier", models.open("opennsfw"))
        rows = uvloop.run(_time(ner, nsfw))
        if model := guard.manifest(roots):
            rows += uvloop.run(_time_guard(model, models))
        return rows


async def _time(ner: TokenClassifier, nsfw: ImageClassifier) -> list[Row]:
    picture = Frame(320, 240, bytes(range(256)) * 900)
    times = await async_rounds(
        {
            "pii_ner, 120 characters": lambda: ner.tag(TEXT[:120]),
            f"pii_ner, {len(TEXT)} characters": lambda: ner.tag(TEXT),
            "opennsfw, one picture": lambda: nsfw.classify(picture),
        },
        times=150,
        warm=10,
    )
    rows = [row for case, taken in times.items() for row in _percentiles(case, taken)]
    number = count()
    return rows + await _under_load(
        "pii_ner, 120 characters", lambda: ner.tag(f"{next(number)} {TEXT[:120]}")
    )


async def _time_guard(model: Manifest, models: ModelStore) -> list[Row]:
    engine = guard.engine(HEADS, models)
    classifier = cast("TextClassifier", models.open(guard.NAME))
    rows = []
    for length in guard.LENGTHS:
        rows += await _added(model, classifier, engine, length)
    content = prompt(guard.text_of(model, guard.LENGTHS[0]))
    return rows + await _under_load(
        f"{len(HEADS)} rules on text_guard, {guard.LENGTHS[0]} tokens",
        lambda: engine.evaluate(content, policy="guard"),
    )


async def _added(
    model: Manifest, classifier: TextClassifier, engine: Engine, length: int
) -> list[Row]:
    text = guard.text_of(model, length)
    net, content = guard.bare(model, text), prompt(text)

    async def bare() -> None:
        net()

    case = f"text_guard, {length} tokens{_windows(model, text)}"
    times = await async_rounds(
        {
            f"{case}, bare net": bare,
            f"{case}, with tokenizer and queue": lambda: classifier.classify(text),
            f"{case}, engine, {len(HEADS)} rules": lambda: engine.evaluate(content, policy="guard"),
        },
        times=300,
        warm=20,
    )
    alone, _, engined = map(median, times.values())
    return [
        *(row for name, taken in times.items() for row in _percentiles(name, taken)),
        Row("models", f"{case}, added to the net, p50", (engined - alone) / 1000, "ms", limit=0.5),
    ]


def _windows(model: Manifest, text: str) -> str:
    number = guard.windows(model, text)
    return f" in {number} windows" if number > 1 else ""


def _percentiles(case: str, taken: Sequence[float]) -> Iterator[Row]:
    yield Row("models", f"{case}, p50", median(taken) / 1000, "ms")
    yield Row("models", f"{case}, p99", percentile(taken, 0.99) / 1000, "ms")


async def _under_load(case: str, call: Callable[[], Awaitable[object]]) -> list[Row]:
    rows = []
    for callers in (1, 32):
        rate, taken = await loaded(call, concurrency=callers, calls=640)
        name = f"{case}, {callers} callers"
        rows += [
            Row("models", name, rate, "texts/s"),
            Row("models", f"{name}, p50", median(taken), "ms"),
            Row("models", f"{name}, p99", percentile(taken, 0.99), "ms"),
        ]
    return rows
