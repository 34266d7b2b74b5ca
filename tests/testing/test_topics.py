"""What a case says of a label that a model ships with, and of one that a policy teaches it."""

from pathlib import Path

import pytest

from guardrails.core.verdict import Action
from guardrails.engine.engine import Engine
from guardrails.models.manifest import read
from guardrails.testing.runner import prepare
from guardrails.testing.runner import run as run_suite
from guardrails.testing.stubs import StubModels
from guardrails.testing.suite import SuiteError

MANIFEST = f"""
name = "reader"
task = "text-classification"
summary = "for tests"
scores = "made up"
labels = ["violence"]
text = {{positions = 16, window = 8, overlap = 4}}
batch = {{budget = 1}}
licence = {{spdx = "CC0-1.0", attribution = "nobody"}}
[calibration.violence]
fpr = [[0.01, 0.8]]
examples = 500
[files]
"model.onnx" = {{sha256 = "{"0" * 64}"}}
"tokenizer.json" = {{sha256 = "{"0" * 64}"}}
"""

POLICY = """
policy: bank
input:
- check: topic
  rule: advice
  with:
    name: investment_advice
    examples: [a, b, c, d, e]
    counter_examples: [f, g, h, i, j]
    model: reader
- {check: violence, with: {model: reader}, target_fpr: 0.02, then: flag}
"""

SUITE = """
policy: bank
cases:
- name: advice is blocked
  input: Which shares should I buy?
  models: {reader: {investment_advice: 0.9}}
  expect: block
  by: [advice.investment_advice]
- name: violence counts from where one text in a hundred does
  input: He fell.
  models: {reader: {violence: 0.8}}
  expect: flag
  by: [violence.VIOLENCE]
- name: below it does not
  input: He fell.
  models: {reader: {violence: 0.79}}
  expect: allow
"""


@pytest.fixture
def stubs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("bank.yaml").write_text(POLICY)
    Path("reader").mkdir()
    Path("reader/manifest.toml").write_text(MANIFEST)
    Path("bank_test.yaml").write_text(SUITE)
    return StubModels([read(tmp_path / "reader")])


async def test_a_case_names_a_topic_like_any_label(stubs):
    result = await run_suite(
        Path("bank_test.yaml"), stubs, lambda plan: Engine({plan.name: plan}), stubs
    )
    actions = [trial.verdict.action for trial in result.trials]
    assert actions == [Action.BLOCK, Action.FLAG, Action.ALLOW]
    assert not result.failed


def test_a_topic_that_the_policy_does_not_teach_is_a_mistake(stubs):
    Path("bank_test.yaml").write_text(SUITE.replace("{investment_advice", "{investment_advise"))
    with pytest.raises(SuiteError, match="no label 'investment_advise', did you mean") as caught:
        prepare(Path("bank_test.yaml"), stubs)
    assert "'investment_advice'?" in str(caught.value)
