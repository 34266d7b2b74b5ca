"""`guardrails calibrate` as operators use it."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from guardrails.cli import calibrate
from guardrails.cli.main import main
from guardrails.models import manifest
from guardrails.models.store import SHIPPED
from guardrails.testing.fakes import FakeModels, FakeTextClassifier

POLICY = """\
policy: guarded
input:
  - {check: toxicity, with: {categories: [toxicity, insult]}, then: block}
  - {check: keywords, with: {words: [zephyr]}, then: redact}
"""
MANIFEST = f"""\
name = "text_guard"
task = "text-classification"
summary = "a fake"
scores = "made up"
labels = ["toxicity", "insult"]
text = {{positions = 16, window = 8, overlap = 4}}
batch = {{budget = 1}}
licence = {{spdx = "CC0-1.0", attribution = "nobody"}}
files."model.onnx".sha256 = "{"0" * 64}"
files."tokenizer.json".sha256 = "{"0" * 64}"
"""
SCORES = {
    f"text {number}": {"toxicity": round(0.9 - number / 1250, 4), "insult": 0.02}
    for number in range(1000)
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working directory: a policy, a thousand harmless texts, and a model without weights."""
    monkeypatch.chdir(tmp_path)
    Path("guarded.yaml").write_text(POLICY)
    write({"text": text} for text in SCORES)
    Path("models/text_guard").mkdir(parents=True)
    for file, text in (("manifest.toml", MANIFEST), ("model.onnx", ""), ("tokenizer.json", "")):
        Path("models/text_guard", file).write_text(text)
    fake = FakeTextClassifier("text_guard", ("toxicity", "insult"), SCORES)
    monkeypatch.setattr(calibrate, "store_from", lambda _: nullcontext(FakeModels(fake)))
    return tmp_path


def write(rows):
    Path("data.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))


def run(*options, target="0.01"):
    common = ["--data", "data.jsonl", "--policy", "guarded.yaml", "--models", "models"]
    return main(["calibrate", *common, "--target-fpr", target, *options])


def test_thresholds_are_printed_for_every_category_and_rule(capsys):
    assert run() == 0

    out, err = capsys.readouterr()
    blocks = dict(block.split("\n", 1) for block in out.rstrip().split("\n\n")[1:])
    assert list(blocks) == [
        "keywords.keyword: 1,000 harmless examples",
        "toxicity.TOXICITY: 1,000 harmless examples",
        "toxicity.INSULT: 1,000 harmless examples",
        "toxicity, all 2 categories: 1,000 harmless examples",
    ]
    toxicity = blocks["toxicity.TOXICITY: 1,000 harmless examples"].splitlines()
    assert toxicity[4].split() == [
        *("1", "%", "*", "0.8921", "10", "0.0100", "[0.0048,", "0.0183]", "800")
    ]
    assert err == ""


def test_json_has_the_tables_and_one_threshold_a_rule(capsys):
    assert run("--json", target="0.03") == 0

    report = json.loads(capsys.readouterr().out)
    assert report["thresholds"] == {"keywords": 0.0001, "toxicity": 0.8761}
    toxicity = next(one for one in report["tables"] if one["categories"] == ["TOXICITY"])
    lines = {line["fpr"]: line for line in toxicity["lines"]}
    assert list(lines) == [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05]
    assert [rate for rate, line in lines.items() if line["enough"]] == [0.01, 0.02, 0.03, 0.05]
    assert lines[0.03]["achieved"]["value"] == 0.03


def test_the_lines_for_the_policy(capsys):
    assert run("--write", "policy") == 0

    out = capsys.readouterr().out
    assert "- rule: toxicity\n  threshold: 0.8921  # 1 % of 1,000 harmless texts at most\n" in out


def test_a_threshold_from_there_keeps_to_its_rate(capsys):
    run("--json")
    threshold = json.loads(capsys.readouterr().out)["thresholds"]["toxicity"]

    assert sum(scores["toxicity"] >= threshold for scores in SCORES.values()) == 10


def test_the_model_is_copied_with_its_tables(capsys):
    assert run("--write", "manifest", "--to", "mine") == 0

    copy = manifest.read(Path("mine/text_guard").resolve())
    assert copy.threshold_for("toxicity", 0.01) == 0.8921
    assert copy.threshold_for("insult", 0.05) == 0.0201
    assert copy.calibration["toxicity"].examples == 1000
    assert "wrote mine/text_guard, use it with --models mine" in capsys.readouterr().out
    assert manifest.read(Path("models/text_guard").resolve()).calibration == {}


def test_a_policy_that_waits_for_its_tables_can_be_calibrated(capsys):
    Path("guarded.yaml").write_text(POLICY.replace("then: block", "target_fpr: 0.01, then: block"))

    assert run("--write", "manifest", "--to", "mine") == 0

    assert "wrote mine/text_guard" in capsys.readouterr().out


def test_one_label_alone(capsys):
    assert run("--write", "manifest", "--to", "mine", "--label", "Insult") == 0

    assert list(manifest.read(Path("mine/text_guard").resolve()).calibration) == ["insult"]
    assert "TOXICITY" not in capsys.readouterr().out


def test_harmful_rows_and_rows_that_say_nothing_of_a_label_do_not_count(capsys):
    write(
        {"text": text, "labels": {"toxicity": number % 2}}
        for number, text in enumerate(list(SCORES)[:100])
    )

    assert run("--json") == 0

    report = json.loads(capsys.readouterr().out)
    counts = {tuple(one["categories"]): one["examples"] for one in report["tables"]}
    assert counts == {("keyword",): 0, ("TOXICITY",): 50, ("INSULT",): 0, ("TOXICITY", "INSULT"): 0}


def test_labels_that_no_row_speaks_of_are_left_out(capsys):
    write({"text": text, "labels": {"toxicity": 0}} for text in SCORES)

    assert run("--write", "manifest", "--to", "mine") == 0

    assert list(manifest.read(Path("mine/text_guard").resolve()).calibration) == ["toxicity"]
    assert "toxicity.INSULT: 0 harmless examples" in capsys.readouterr().out


def test_rows_that_are_all_harmful_calibrate_nothing(capsys):
    write({"text": text, "labels": {"toxicity": 1}} for text in SCORES)

    assert run("--write", "manifest", "--to", "mine") == 2
    assert "toxicity.TOXICITY: no harmless examples, give rows" in capsys.readouterr().err


def test_too_few_examples_write_nothing_and_are_told_how_many_more(capsys):
    assert run("--write", "manifest", "--to", "mine", target="0.001") == 2

    out, err = capsys.readouterr()
    assert "toxicity.TOXICITY: 1,000 harmless examples" in out
    short = "0.1 % takes 8,000 harmless examples, there are 1,000: 7,000 more are needed"
    assert err.splitlines() == [
        "guardrails: nothing was written",
        f"toxicity.TOXICITY: {short}",
        f"toxicity.INSULT: {short}",
    ]
    assert not Path("mine").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--write", "manifest"], "--write manifest and --to DIR go together"),
        (["--to", "mine"], "--write manifest and --to DIR go together"),
        (
            ["--write", "manifest", "--to", str(SHIPPED)],
            "what ships stays as it is, name another directory",
        ),
        (
            ["--write", "manifest", "--to", f"{SHIPPED}/../../deeper"],
            "what ships stays as it is, name another directory",
        ),
        (
            ["--write", "policy", "--label", "insult"],
            "a rule has one threshold for all its categories, leave --label out",
        ),
        (["--label", "insul"], "--label insul: no category of that name, did you mean 'INSULT'?"),
        (
            ["--write", "manifest", "--to", "mine", "--label", "keyword"],
            "no rule of this policy runs a model whose manifest has such tables",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(options, message, capsys):
    assert run(*options) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("target", ["0", "1", "1%", "nan", "-0.1"])
def test_a_target_is_a_rate(target, capsys):
    with pytest.raises(SystemExit) as refused:
        run(f"--target-fpr={target}")

    assert refused.value.code == 2
    assert f"'{target}' is no rate, give a number between 0 and 1" in capsys.readouterr().err
