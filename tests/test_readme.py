"""The README tells the truth."""

import re
from pathlib import Path

import pytest

from guardrails.checks.catalog import BUILTIN
from guardrails.policy.loader import load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_its_table_of_checks_is_the_catalog():
    section = README.partition("<!-- checks -->")[2].partition("<!-- /checks -->")[0]
    rows = ["| check | finds |", "| --- | --- |"]
    rows += [f"| `{name}` | {entry.summary} |" for name, entry in BUILTIN.items()]

    assert section.strip().splitlines() == rows


def test_its_policy_compiles_and_its_test_case_holds(tmp_path, models):
    for name, text in re.findall(r"```yaml\n# policies/(\S+)\n(.*?)```", README, re.DOTALL):
        (tmp_path / name).write_text(text)

    assert set(load(tmp_path, models)) == {"support"}


@pytest.mark.parametrize("target", ["setup", "demo", "test", "bench"])
def test_its_commands_are_in_the_makefile(target):
    assert f"\n{target}:" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("page", sorted(["README.md", "CONTRIBUTING.md", "docs/concepts.md"]))
def test_links_lead_somewhere(page):
    folder = (ROOT / page).parent
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / page).read_text())

    assert links
    assert [link for link in links if not (folder / link).exists()] == []
