"""`guardrails policy diff` as who is about to change a policy uses it."""

import gzip
import json

import pytest

from guardrails.cli.main import main

OLD = """
policy: chat
input:
  - {check: keywords, rule: names, with: {words: [zephyr]}, then: redact}
  - {check: keywords, rule: bad, with: {words: [evil]}, then: block}
  - {check: pii, with: {entities: [EMAIL_ADDRESS], model: null}, then: redact,
     redact: {as: surrogate}}
"""
TEXTS = ("calm zephyr", "worse", "evil", "zephyr", "fine", "mail a@example.org", "worse evil")


@pytest.fixture
def files(tmp_path):
    (tmp_path / "old.yaml").write_text(OLD)
    changed = OLD.replace("[evil]", "[worse]").replace("[zephyr]", "[zephyr, calm]")
    (tmp_path / "new.yaml").write_text(changed.replace("chat", "next"))
    rows = (json.dumps({"id": f"r{number}", "text": text}) for number, text in enumerate(TEXTS))
    (tmp_path / "rows.jsonl").write_text("\n".join(rows))
    return tmp_path


def run(files, *options, old="old.yaml", new="new.yaml", on="rows.jsonl"):
    return main(
        ["policy", "diff", str(files / old), str(files / new), "--on", str(files / on), *options]
    )


def test_it_tells_what_would_change_by_verdict_and_by_rule(files, capsys):
    assert run(files, "--json") == 0

    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["changed"]) == (7, 3)
    assert told["verdicts"] == [
        {"old": "allow", "new": "block", "count": 1, "examples": ["r1"]},
        {"old": "block", "new": "allow", "count": 1, "examples": ["r2"]},
    ]
    assert told["rules"] == [
        {"rule": "bad", "old": "allow", "new": "block", "count": 1, "examples": ["r1"]},
        {"rule": "bad", "old": "block", "new": "allow", "count": 1, "examples": ["r2"]},
    ]
    assert told["texts"] == [{"old": "redact", "new": "redact", "count": 1, "examples": ["r0"]}]
    assert (told["old"]["policy"], told["new"]["policy"]) == ("chat", "next")


def test_a_person_reads_it_and_no_text_of_a_row(files, capsys):
    assert run(files) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines if "->" in line] == [
        ["allow", "->", "block", "1", "r1"],
        ["block", "->", "allow", "1", "r2"],
        ["bad", "allow", "->", "block", "1", "r1"],
        ["bad", "block", "->", "allow", "1", "r2"],
    ]
    assert not any(word in "\n".join(lines) for word in ("zephyr", "worse", "evil"))


def test_a_policy_does_not_differ_from_itself_though_it_draws_surrogates(files, capsys):
    assert run(files, "--fail-on-change", new="old.yaml") == 0

    assert "changed      0" in capsys.readouterr().out


def test_a_script_can_stop_at_a_change(files):
    assert run(files, "--fail-on-change") == 4


def test_examples_are_as_many_as_asked_for_and_fit_on_a_line(files, capsys):
    rows = (json.dumps({"id": f"{n}\n\x1b[2J" + "x" * 99, "text": "worse"}) for n in range(9))
    (files / "many.jsonl.gz").write_bytes(gzip.compress("\n".join(rows).encode()))
    assert run(files, "--examples", "2", "--in-flight", "4", on="many.jsonl.gz") == 0

    out = capsys.readouterr().out
    assert ", and 7 more" in out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) < 250


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"id": "a"}', "rows.jsonl:1: 'text' is missing"),
        ("", "no rows"),
        ("{", "not JSON"),
    ],
)
def test_rows_that_cannot_be_used_are_bad_arguments(files, capsys, content, message):
    (files / "rows.jsonl").write_text(content)

    assert run(files) == 2
    assert message in capsys.readouterr().err


def test_what_no_rule_looks_at_is_a_bad_argument(files, capsys):
    assert run(files, "--stage", "output") == 2
    assert "no rule of either policy looks at text at output" in capsys.readouterr().err


def test_a_broken_policy_is_exit_code_3(files):
    (files / "new.yaml").write_text("policy: p\nnonsense: 1\n")
    assert run(files) == 3
