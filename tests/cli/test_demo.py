"""`guardrails demo` is what the README shows."""

import pytest

from guardrails.cli.demo_inputs import ATTACK, examples, long_text
from guardrails.cli.main import main
from guardrails.core.content import Text


def test_it_runs_the_main_job_and_shows_a_row_an_input(capfd):
    assert main(["demo"]) == 0

    printed = capfd.readouterr().out
    assert "sidecar stopped" in printed
    for title in ("clean prompt", "a secret", "a photo of a cat", "answer, clean"):
        assert title in printed
    for hidden in ("GITHUB_TOKEN=ghp_x7Rk2mQ9vT4wZ8nB3cL6dF1hJ5sP0aYeUgXi", "+49 30 901820\n"):
        assert hidden not in printed
    assert printed.count("block") >= 6


@pytest.mark.parametrize("title", ["20,000 characters, attack inside"])
def test_the_long_text_hides_the_attack_in_its_middle(title, pytestconfig):
    rows = {one.title: one for one in examples(pytestconfig.rootpath / "policies/pictures")}
    (part,) = rows[title].content.parts

    assert isinstance(part, Text)
    assert len(part.text) >= 20_000
    assert abs(part.text.index(ATTACK) - len(part.text) // 2) < 200


def test_a_long_text_is_as_long_as_asked():
    assert 1_000 <= len(long_text(1_000)) <= 1_000 + len(ATTACK)
