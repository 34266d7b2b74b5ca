"""Calibration tables in manifests."""

import tomllib

import pytest

from guardrails.core.errors import ModelError
from guardrails.evaluation.calibration import tabulate
from guardrails.evaluation.manifests import calibrated, write
from guardrails.models import manifest

MANIFEST = f"""\
# what runs
name = "tiny"
task = "text-classification"
summary = "for tests"
scores = "made up"
labels = ["bad", "self-harm", "odd label"]
activation = "sigmoid"

[calibration.bad]   # from last year
fpr = [
[0.01, 0.5],
  [0.05, 0.4],
]
examples = 10

[calibration.self-harm]
fpr = [[0.01, 0.6]]
examples = 20

[text]
positions = 16
window = 8
overlap = 4

[batch]
budget = 1  # one at a time

[licence]
spdx = "CC0-1.0"
attribution = "nobody"

[files."model.onnx"]
sha256 = "{"0" * 64}"

[files."tokenizer.json"]
sha256 = "{"0" * 64}"
"""


def table(category="bad"):
    return tabulate("rule", (category,), [0.1] * 990 + [0.8] * 10, [0.001, 0.01, 0.05])


@pytest.fixture
def model(tmp_path):
    """A model of three files and a stranger, in a directory of models."""
    folder = tmp_path / "models" / "tiny"
    folder.mkdir(parents=True)
    (folder / "manifest.toml").write_text(MANIFEST)
    for file in ("model.onnx", "tokenizer.json", "notes.txt"):
        (folder / file).write_text(file)
    return manifest.read(folder)


def test_a_table_takes_the_place_of_the_one_for_its_label_and_all_else_stays():
    text = calibrated(MANIFEST, {"bad": table(), "odd label": table("odd label")})

    before, after = tomllib.loads(MANIFEST), tomllib.loads(text)
    assert after.pop("calibration") == {
        "bad": {"fpr": [[0.01, 0.1001], [0.05, 0.1001]], "examples": 1000},
        "odd label": {"fpr": [[0.01, 0.1001], [0.05, 0.1001]], "examples": 1000},
        "self-harm": {"fpr": [[0.01, 0.6]], "examples": 20},
    }
    del before["calibration"]
    assert after == before
    assert "# what runs" in text
    assert "budget = 1  # one at a time" in text


def test_rates_that_the_examples_do_not_pin_down_are_left_out():
    assert [rate for rate, _ in table().pinned] == [0.01, 0.05]


def test_the_same_again_changes_nothing():
    once = calibrated(MANIFEST, {"bad": table()})

    assert calibrated(once, {"bad": table()}) == once


def test_tables_that_are_written_another_way_are_refused():
    inline = MANIFEST.replace("[calibration.bad]", "[calibration]\n[other]").replace(
        'activation = "sigmoid"', "calibration.bad = {fpr = [[0.01, 0.5]], examples = 10}"
    )

    with pytest.raises(ModelError, match=r"write it as a table \[calibration.bad\]"):
        calibrated(inline, {"bad": table()})


def test_the_copy_is_a_model_with_its_own_thresholds(model, tmp_path):
    folder = write(model, {"bad": table()}, tmp_path / "mine")

    copy = manifest.read(folder)
    assert folder == tmp_path / "mine" / "tiny"
    assert copy.threshold_for("bad", 0.01) == 0.1001
    assert copy.digest != model.digest
    assert sorted(path.name for path in folder.iterdir()) == [
        "manifest.toml",
        "model.onnx",
        "tokenizer.json",
    ]
    assert (folder / "model.onnx").read_text() == "model.onnx"
    assert manifest.read(model.folder).digest == model.digest


def test_a_model_can_be_calibrated_where_it_is(model):
    folder = write(model, {"bad": table()}, model.folder.parent)

    assert folder == model.folder
    assert manifest.read(folder).threshold_for("bad", 0.01) == 0.1001
    assert (folder / "model.onnx").read_text() == "model.onnx"
