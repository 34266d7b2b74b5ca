"""What an author reads, word for word, for each way of getting a policy wrong.

Each file in ``bad/`` is a policy that does not load; its last lines, behind ``#>``, are the
problems, with line and column.
"""

from pathlib import Path

import pytest

from guardrails.testing.fakes import FakeModels

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_an_author_reads(refusing, path):
    text = path.read_text()
    expected = [line.removeprefix("#> ") for line in text.splitlines() if line.startswith("#> ")]
    told = [problem.removeprefix("p.yaml:") for problem in refusing({"p.yaml": text})]
    assert told == expected


def test_no_problem_repeats_a_value_that_came_from_the_environment(refusing):
    text = "policy: p\ninput:\n- check: words\n  with: {words: '${env:KEY}'}\n"
    assert "hunter2" not in "".join(refusing({"p.yaml": text}, KEY="hunter2"))


def test_a_default_model_that_is_missing_is_told_at_the_check(refusing, models, monkeypatch):
    monkeypatch.setattr(models, "open", FakeModels().open)
    text = "policy: p\ninput:\n- check: classifier\n"
    assert refusing({"p.yaml": text}) == ["p.yaml:3:10: there is no model 'fake'"]
