"""docs/testing.md says what is so."""

import re
import shutil
from pathlib import Path

import pytest

from guardrails.engine.engine import Engine
from guardrails.testing.runner import run as run_suite
from guardrails.testing.schema import (
    CaseSection,
    FindSection,
    MarkSection,
    PartSection,
    SuiteSection,
)

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "testing.md").read_text()


async def test_the_example_passes_with_the_shipped_policy(tmp_path, stubs):
    shutil.copytree(ROOT / "policies", tmp_path, dirs_exist_ok=True)
    example = re.search(r"```yaml\n(policy: chat.*?)```", DOC, re.DOTALL)[1]
    suite = tmp_path / "example_test.yaml"
    suite.write_text(example)

    result = await run_suite(suite, stubs, lambda plan: Engine({plan.name: plan}), stubs)

    assert result.problems == ()
    assert [trial.mismatches for trial in result.trials] == [()] * 4


@pytest.mark.parametrize(
    ("after", "section"),
    [
        ("## Keys of a file", SuiteSection),
        ("## Keys of a case", CaseSection),
        ("A part is a text", PartSection),
        ("An item of `finds`", FindSection),
        ("An item of `marks`", MarkSection),
    ],
)
def test_every_key_is_described_and_no_other(after, section):
    table = re.search(r"\n\n(\|.*?)\n\n", DOC[DOC.index(after) :], re.DOTALL)[1]
    firsts = " ".join(row.split("|")[1] for row in table.splitlines()[2:])

    before = {FindSection: {"rule"}, MarkSection: {"mark"}}.get(section, set())
    assert set(re.findall(r"`(\w+)`", firsts)) == set(section.model_fields) - before
