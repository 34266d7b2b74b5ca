"""The README tells the truth."""

import asyncio
import re
import textwrap
import tomllib
from pathlib import Path
from typing import Any

import pytest

from guardrails.checks.catalog import BUILTIN
from guardrails.checks.catalog import load as load_check
from guardrails.core.content import Text
from guardrails.policy.loader import load
from guardrails.server.address import Tcp
from guardrails.server.config import Config

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


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/concepts.md", "docs/deploy.md", "docs/checks.md"]
)
def test_links_lead_somewhere(page):
    folder = (ROOT / page).parent
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / page).read_text())

    assert links
    assert [link for link in links if not (folder / link).exists()] == []


@pytest.mark.parametrize("name", list(BUILTIN))
def test_every_check_and_each_of_its_settings_is_documented(name):
    sections = re.split(r"^## ", (ROOT / "docs/checks.md").read_text(), flags=re.MULTILINE)
    (section,) = [one for one in sections if one.startswith(f"{name}\n")]

    settings = load_check(BUILTIN[name]).Settings.model_fields
    assert [field for field in settings if f"`{field}`" not in section] == []


async def test_the_check_in_contributing_works():
    code = re.search(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(textwrap.dedent(code[1]), names)  # noqa: S102  # our own page
    check = names["Shouting"](names["ShoutingSettings"]())

    assert [one.category for one in await check.inspect(Text("LOUD " * 9))] == ["SHOUTING"]
    assert await check.inspect(Text("quiet " * 9)) == []


def test_every_check_is_in_the_independence_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (apart,) = [one for one in contracts["contracts"] if one["type"] == "independence"]

    assert apart["modules"] == [f"guardrails.checks.{name}" for name in BUILTIN]


def test_its_python_works_against_a_sidecar_and_without(serve, monkeypatch, capsys):
    address = serve(Config(ROOT / "policies", Tcp("127.0.0.1", 0)))
    monkeypatch.chdir(ROOT)
    for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        names: dict[str, Any] = {}
        exec(code.replace("127.0.0.1:50051", address), names)  # noqa: S102  # our own page
        if "async def" in code:
            assert asyncio.run(names["generate"]("hello")) == "You said: hello"

    assert capsys.readouterr().out.splitlines() == [
        "redact I am <PERSON>, mail <EMAIL_ADDRESS>",
        "policy 'chat' blocked the input: injection-phrases",
    ]
