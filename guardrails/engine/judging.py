"""From content to the reports on it: what whole contents and windows of answers go through."""

from concurrent.futures import Executor
from dataclasses import replace
from time import monotonic

from guardrails.core.content import Content, Exchange, Text
from guardrails.core.verdict import Report
from guardrails.engine import executor
from guardrails.engine.coverage import uncovered
from guardrails.engine.preparation import prepare
from guardrails.engine.timing import PATIENCE
from guardrails.models.sharing import sharing
from guardrails.policy.plan import Plan
from guardrails.telemetry.spans import span


async def judged(
    content: Content, plan: Plan, decoders: Executor, *, beyond: str = ""
) -> tuple[Report, ...]:
    """Report on a content; ``beyond`` tells why its texts are too much, where they are.

    Raises:
        ContentError: it cannot be judged.
        OverloadedError: the models have too much to do.
    """
    chain = plan.chains[content.stage]
    with span("prepare"):
        prepared = await prepare(content, plan, decoders)
    if beyond:
        prepared = replace(prepared, beyond={**prepared.beyond, Text: beyond, Exchange: beyond})
    with sharing(monotonic() + chain.longest + PATIENCE):
        reports = await executor.run(chain, prepared)
    return (*reports, *uncovered(content, plan))
