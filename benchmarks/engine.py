"""What the engine adds to the bare checks: ten light rules on 500 characters."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import Row, async_rounds, median, percentile
from guardrails.checks.normalise import views
from guardrails.core.content import Stage, Text, prompt
from guardrails.engine.engine import Engine
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load
from guardrails.policy.plan import Plan

POLICY = """
policy: light
input:
  - {check: keywords, rule: projects, with: {words: [project zephyr, project boreas]}}
  - {check: keywords, rule: rivals, with: {words: [acme, initech, globex]}, then: flag}
  - {check: patterns, rule: tickets, with: {patterns: {TICKET: "JIRA-[0-9]+"}}, then: redact}
  - {check: patterns, rule: paths, with: {patterns: {PATH: "/srv/[a-z/]+"}}, then: flag}
  - {check: secrets, then: redact}
  - {check: invisible_text, then: flag}
  - {check: urls, with: {deny: [evil.example]}}
  - {check: language, with: {allowed: [en, de, fr]}, then: flag}
  - {check: size, rule: length, with: {characters: 10000}}
  - {check: size, rule: words, with: {words: 2000}}
"""
TEXT = (
    "Last spring we moved the archive from the cellar to the second floor, which took longer than "
    "anybody had planned. Most boxes were labelled by hand, some of them twice, and a few not at "
    "all. Could you draft a short note to the staff that thanks them for their patience, explains "
    "how the new shelves are numbered, and says where to find the key? Please keep it friendly, "
    "avoid jargon, mention that the reading room opens at nine, and end with an invitation to the "
    "summer party in the yard behind us."
)


def run() -> Sequence[Row]:
    """Time the engine beside its checks, called one after the other."""
    with tempfile.TemporaryDirectory() as folder, ModelStore() as models:
        file = Path(folder) / "light.yaml"
        file.write_text(POLICY)
        return asyncio.run(_time(load(file, models)["light"]))


async def _time(plan: Plan) -> Sequence[Row]:
    engine, content = Engine({plan.name: plan}), prompt(TEXT)
    steps = plan.chains[Stage.INPUT].steps

    async def bare() -> None:
        subject = Text(TEXT, derived=views(TEXT))
        for step in steps:
            await step.check.inspect(subject)

    times = await async_rounds(
        {"bare": bare, "engine": lambda: engine.evaluate(content, policy=plan.name)},
        times=2000,
        warm=200,
    )
    bare_p50, engine_p50 = median(times["bare"]), median(times["engine"])
    return [
        Row(
            "engine", f"{len(steps)} bare light checks, {len(TEXT)} characters, p50", bare_p50, "µs"
        ),
        Row("engine", "the engine with them, p50", engine_p50, "µs"),
        Row("engine", "the engine with them, p99", percentile(times["engine"], 0.99), "µs"),
        Row("engine", "engine / bare, p50", engine_p50 / bare_p50, "x", limit=1.5),
    ]
