"""`guardrails eval` as scripts and people use it."""

import gzip
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from guardrails.cli.main import main

POLICY = """\
policy: tiny
input:
  - {check: keywords, with: {words: [classified], category: SECRET}, then: block}
  - {check: keywords, rule: slurs, with: {words: [fool], category: INSULT}, then: flag}
  - {check: pii, with: {entities: [EMAIL_ADDRESS, PERSON]}, then: redact}
output:
  - {check: keywords, with: {words: [fool], category: INSULT}, then: block}
"""
ROWS = [
    {
        "id": "a",
        "text": "The fool wrote that this report is classified",
        "labels": {"insult": 1},
        "group": "x",
    },
    {"id": "b", "text": "A fool's errand", "labels": {"insult": 0}, "group": "x"},
    {"id": "c", "text": "Nice weather", "labels": {"insult": 0, "threat": 0}, "group": "y"},
    {"id": "d", "text": "You clown", "labels": {"insult": 0.8}, "group": "y"},
    {"id": 5, "text": "Mail ada@example.org", "labels": {}, "spans": [[5, 20, "EMAIL_ADDRESS"]]},
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working directory: a policy and five rows."""
    monkeypatch.chdir(tmp_path)
    Path("tiny.yaml").write_text(POLICY)
    write(ROWS)
    return tmp_path


def write(rows, name="data.jsonl"):
    Path(name).write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def evaluate(*options):
    return main(["eval", "--data", "data.jsonl", "--policy", "tiny.yaml", *options])


def test_the_figures_are_on_stdout_as_one_json_object(capsys):
    assert evaluate("--json") == 0

    report = json.loads(capsys.readouterr().out)
    assert (report["policy"], report["stage"], report["rows"]) == ("tiny", "input", 5)
    assert report["actions"] == {"block": 1, "flag": 1, "allow": 2, "redact": 1}
    assert report["fired"] == {"EMAIL_ADDRESS": 1, "INSULT": 2, "SECRET": 1}
    assert report["unmatched"] == {"labels": ["threat"], "types": []}
    assert sorted(report["milliseconds"]) == ["p50", "p95", "p99"]
    (insult,) = report["labels"]
    assert insult["categories"] == ["INSULT"]
    assert (insult["n"], insult["positives"]) == (4, 2)
    assert (insult["precision"], insult["recall"], insult["f1"]) == (0.5, 0.5, 0.5)
    assert insult["roc_auc"] == 0.5
    assert insult["false_positive_rate"]["value"] == 0.5
    assert insult["recall_at_fpr"]["0.01"]["value"] == 0.0


def test_spans_are_measured_where_somebody_marked_them(capsys):
    evaluate("--json")

    every, mail = json.loads(capsys.readouterr().out)["spans"]
    assert (every["type"], mail["type"]) == (None, "EMAIL_ADDRESS")
    assert mail["exact"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "f2": 1.0}


def test_a_line_of_scores_a_row_in_order_with_every_category():
    assert evaluate("--scores", "out.jsonl", "--in-flight", "4") == 0

    lines = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == ["a", "b", "c", "d", "5"]
    assert [line["action"] for line in lines] == ["block", "flag", "allow", "allow", "redact"]
    for line in lines:
        assert list(line["scores"]) == ["SECRET", "INSULT", "EMAIL_ADDRESS", "PERSON"]
    assert [line["scores"]["INSULT"] for line in lines] == [1.0, 1.0, 0.0, 0.0, 0.0]
    assert lines[4]["spans"] == [[5, 20, "EMAIL_ADDRESS"]]
    assert all(line["milliseconds"] > 0 for line in lines)


def test_people_read_a_table(capsys):
    assert evaluate("--slice", "group") == 0

    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0].startswith("policy       tiny ")
    assert "rows         5" in lines
    insult = [line.split()[1:4] for line in lines if line.startswith("insult ")]
    assert insult == [["all", "4", "2"], ["x", "2", "1"], ["y", "2", "1"]]
    assert lines[-1] == "not measured, no category for labels: threat"
    assert err == ""


def test_a_label_may_stand_for_categories_of_other_names(capsys):
    assert evaluate("--json", "--map", "threat=secret", "--map", "insult=*") == 0

    labels = {one["label"]: one for one in json.loads(capsys.readouterr().out)["labels"]}
    assert labels["threat"]["categories"] == ["SECRET"]
    assert labels["insult"]["categories"] == ["SECRET", "INSULT", "EMAIL_ADDRESS", "PERSON"]


def test_answers_are_judged_by_the_rules_of_their_stage(capsys):
    assert evaluate("--json", "--stage", "output") == 0

    report = json.loads(capsys.readouterr().out)
    assert report["surface"] == "assistant"
    assert report["actions"] == {"block": 2, "allow": 3}


def test_a_compressed_file_gives_the_same(capsys):
    evaluate("--json")
    plain = json.loads(capsys.readouterr().out)
    Path("data.jsonl").write_bytes(gzip.compress(Path("data.jsonl").read_bytes()))
    evaluate("--json")
    packed = json.loads(capsys.readouterr().out)

    measured = {"milliseconds": 0, "energy": 0}
    assert packed | measured == plain | measured


def test_the_energy_is_an_estimate_by_the_watts_that_were_named(capsys):
    evaluate("--json", "--watts-per-core", "8")
    energy = json.loads(capsys.readouterr().out)["energy"]
    evaluate()
    text = capsys.readouterr().out

    assert (energy["estimate"], energy["watts_per_core"]) == (True, 8.0)
    assert energy["joules"]["cpu_time"] > 0
    assert 0 < energy["joules_per_verdict"]["cpu_time"] < energy["joules"]["cpu_time"]
    assert "J by cpu_time for each verdict, an estimate" in text


def test_curves_are_drawn_as_svg():
    assert evaluate("--plot", "curves.svg") == 0

    assert ET.parse("curves.svg").getroot().tag.endswith("svg")  # noqa: S314  # our own


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--plot", "a.png"], 2, "'a.png': curves are drawn as SVG, name a file *.svg"),
        (["--plot", "absent/a.svg"], 2, "'absent/a.svg' cannot be read: no such file or directory"),
        (["--scores", "absent/a"], 2, "'absent/a' cannot be read: no such file or directory"),
        (["--map", "threat"], 2, "--map threat: expected LABEL=CATEGORY"),
        (["--map", "a=insul"], 2, "unknown category 'insul', did you mean 'INSULT'?"),
        (["--in-flight", "0"], 2, "0 is out of range"),
        (["--data", "absent.jsonl"], 2, "absent.jsonl: there is no such file"),
        (["--policy", "absent.yaml"], 3, "absent.yaml:1:1: cannot be read"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(options, code, message, capsys):
    try:
        assert evaluate(*options) == code
    except SystemExit as refused:  # argparse leaves on its own
        assert refused.code == code  # noqa: PT017

    assert message in capsys.readouterr().err


def test_rows_that_cannot_be_used_are_named_before_any_work(capsys):
    write([*ROWS, {"id": "x"}, {"id": "y", "text": "t", "labels": {"insult": 3}}])

    assert evaluate("--scores", "out.jsonl") == 2
    err = capsys.readouterr().err
    assert "data.jsonl:6: 'text' is missing" in err
    assert "data.jsonl:7: label 'insult' should be a number from 0 to 1" in err
    assert not Path("out.jsonl").exists()


def test_a_policy_without_rules_for_such_rows_measures_nothing(capsys):
    Path("tiny.yaml").write_text(POLICY.partition("output:")[0])

    assert evaluate("--stage", "output") == 2
    assert "no rule of policy 'tiny' looks at text of the surface" in capsys.readouterr().err


def test_nothing_that_a_row_says_is_told(capsys):
    write([{"id": "a", "text": "a private matter", "labels": 1}])

    evaluate()
    assert "private" not in capsys.readouterr().err
