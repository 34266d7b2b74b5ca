"""Policies of fake checks, compiled for real, and rows for them."""

from pathlib import Path

import pytest

from guardrails.core.content import Stage, Surface
from guardrails.engine.engine import Engine
from guardrails.evaluation.judging import Setting, judge, thorough
from guardrails.evaluation.rows import Row
from guardrails.policy.loader import load
from guardrails.testing.fakes import CATALOG, FakeModels, FakeTextClassifier

ANSWERS = {
    "vile": {"INSULT": 0.9, "THREAT": 0.2},
    "rude": {"INSULT": 0.6},
    "stop this vile man": {"INSULT": 0.8, "THREAT": 0.7},
}


@pytest.fixture
def setting(tmp_path):
    """Compile a policy with fakes; give what rows are judged as."""

    def compile_policy(rules, *, stage=Stage.INPUT, surface=Surface.USER, patient=True):
        file = Path(tmp_path / "p.yaml")
        file.write_text(f"policy: p\n{stage.value}:\n{rules}")
        models = FakeModels(FakeTextClassifier("fake", ("INSULT", "THREAT"), ANSWERS))
        plan = load(file, models, catalog=CATALOG)["p"]
        return Setting(thorough(plan) if patient else plan, stage, surface)

    return compile_policy


@pytest.fixture
def judging():
    """Judge rows, or texts, by a setting."""

    async def run(setting, rows, **options):
        engine = Engine({"p": setting.plan})
        asked = [row if isinstance(row, Row) else Row(row, row, {}) for row in rows]
        return [one async for one in judge(asked, setting, engine, **options)]

    return run
