"""An engine with every check that needs no model, which hides all that it finds."""

from dataclasses import dataclass
from functools import cache

from guardrails.core.content import prompt
from guardrails.core.verdict import Verdict
from guardrails.engine.engine import Engine
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load

POLICY = """
policy: fuzz
limits: {characters: 200_000}
input:
- check: keywords
  with: {words: [zephyr, "project x"], category: CONFIDENTIAL}
  then: redact
- check: patterns
  with: {patterns: [{category: NUMBER, regex: '\\bNR-[0-9]+\\b'}]}
  then: redact
- check: secrets
  then: redact
- check: urls
  with: {deny: [evil.example]}
  then: redact
- check: invisible_text
  then: redact
"""


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges by the one policy."""

    engine: Engine

    async def judge(self, text: str) -> Verdict:
        """Judge one text on its way in."""
        return await self.engine.evaluate(prompt(text), policy="fuzz")


@cache
def engine() -> Judge:
    """Compile the policy, once."""
    import tempfile  # noqa: PLC0415  # only here
    from pathlib import Path  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "fuzz.yaml")
        path.write_text(POLICY)
        return Judge(Engine(load(path, ModelStore([]))))
