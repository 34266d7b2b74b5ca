"""`guardrails chat`, with the model that ships in a package."""

import io
import sys

from guardrails.cli.main import main

POLICY = """policy: p
replies: {block: "Not here."}
stream: {window: 60, overlap: 40}
input:
- {check: keywords, with: {words: [zephyr]}, then: block}
output:
- {check: keywords, with: {words: [Paris]}, then: redact}
"""


def test_answers_and_their_verdicts_stand_side_by_side(tmp_path, monkeypatch, capsys):
    policy = tmp_path / "p.yaml"
    policy.write_text(POLICY)
    asked = "What is project zephyr?\n\nWhat is the capital of France?\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO(asked))

    code = main(["chat", "--policy", str(policy), "--tokens", "12"])

    shown = capsys.readouterr()
    assert code == 0
    blocked, answer = shown.out.splitlines()
    assert blocked == "Not here."
    assert "Paris" not in answer
    assert "input: block" in shown.err
    assert "output:" in shown.err
