"""What the shipped models cost alone, and what batching brings under load."""

import asyncio
from collections.abc import Sequence
from itertools import count
from typing import cast

from benchmarks.engine import TEXT
from benchmarks.measure import Row, async_rounds, loaded, median, percentile
from guardrails.core.content import Frame
from guardrails.models.model import ImageClassifier, TokenClassifier
from guardrails.models.store import ModelStore


def run() -> Sequence[Row]:
    """Time both models warm, on one thread."""
    with ModelStore() as models:
        ner = cast("TokenClassifier", models.open("rampart"))
        nsfw = cast("ImageClassifier", models.open("opennsfw"))
        return asyncio.run(_time(ner, nsfw))


async def _time(ner: TokenClassifier, nsfw: ImageClassifier) -> Sequence[Row]:
    picture = Frame(320, 240, bytes(range(256)) * 900)
    times = await async_rounds(
        {
            "short": lambda: ner.tag(TEXT[:120]),
            "long": lambda: ner.tag(TEXT),
            "picture": lambda: nsfw.classify(picture),
        },
        times=150,
        warm=10,
    )
    rows = [
        Row("models", f"{name}, p{share:.0%}".replace("%", ""), figure(times[key]) / 1000, "ms")
        for key, name in (
            ("short", "rampart, 120 characters"),
            ("long", f"rampart, {len(TEXT)} characters"),
            ("picture", "opennsfw, one picture"),
        )
        for share, figure in ((0.5, median), (0.99, lambda taken: percentile(taken, 0.99)))
    ]
    number = count()
    for callers in (1, 32):
        rate, _ = await loaded(
            lambda: ner.tag(f"{next(number)} {TEXT[:120]}"), concurrency=callers, calls=320
        )
        rows.append(Row("models", f"rampart, 120 characters, {callers} callers", rate, "texts/s"))
    return rows
