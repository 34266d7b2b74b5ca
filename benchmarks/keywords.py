"""Five thousand terms against two kilobytes of text."""

import asyncio
import random
from collections.abc import Sequence

from benchmarks.engine import TEXT
from benchmarks.measure import Row, async_rounds, median, percentile
from guardrails.checks.keywords import Keywords
from guardrails.core.content import Text


def run() -> Sequence[Row]:
    """Time one look, without hits and with some."""
    return asyncio.run(_time())


async def _time() -> Sequence[Row]:
    chance = random.Random(7)  # noqa: S311  # made-up words, not keys
    words = ["".join(chance.choices("bcdfglmnprstaeiou", k=9)) for _ in range(5000)]
    check = Keywords(Keywords.Settings(words=words))
    clean = (TEXT * 5)[:2000]
    hits = clean[:1500] + " " + " ".join(words[:50])
    times = await async_rounds(
        {
            "clean": lambda: check.inspect(Text(clean)),
            "hits": lambda: check.inspect(Text(hits)),
        },
        times=3000,
        warm=300,
    )
    return [
        Row("keywords", "5,000 terms, 2 kB, no hit, p50", median(times["clean"]), "µs", limit=100),
        Row("keywords", "the same, p99", percentile(times["clean"], 0.99), "µs"),
        Row("keywords", "5,000 terms, 2 kB, 50 hits, p50", median(times["hits"]), "µs"),
    ]
