import pytest

from guardrails.core.errors import ModelError
from guardrails.models.manifest import read
from guardrails.models.store import SHIPPED, manifests

GOOD = f"""
name = "tiny"
task = "text-classification"
summary = "for tests"
scores = "made up"
labels = ["good", "bad"]
[text]
positions = 16
window = 8
overlap = 4
[batch]
budget = 64
[licence]
spdx = "CC0-1.0"
attribution = "nobody"
[files."model.onnx"]
sha256 = "{"0" * 64}"
[files."tokenizer.json"]
sha256 = "{"0" * 64}"
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tiny").mkdir()
    return tmp_path / "tiny"


def test_a_manifest_says_what_running_the_model_takes(folder):
    (folder / "manifest.toml").write_text(GOOD)
    manifest = read(folder)
    assert (manifest.name, manifest.labels) == ("tiny", ("good", "bad"))
    assert manifest.text.window == 8
    assert manifest.batch.queue == 1024


def test_any_change_of_a_manifest_changes_its_digest(folder):
    (folder / "manifest.toml").write_text(GOOD)
    before = read(folder).digest
    (folder / "manifest.toml").write_text(GOOD.replace("window = 8", "window = 9"))
    assert read(folder).digest != before


@pytest.mark.parametrize(
    ("written", "wrong", "message"),
    [
        ("budget = 64", "budgets = 64", "batch.budget: Field required; batch.budgets: Extra"),
        ('name = "tiny"', 'name = "big"', "name is 'big', its folder is 'tiny'"),
        ("overlap = 4", "overlap = 5", "text: overlap must be at most half a window"),
        ("window = 8", "window = 16", "text: window must be smaller than positions"),
        ("text-class", "image-class", "image-classification needs [image] alone"),
        ("tokenizer.json", "vocab.txt", "[files] must list 'tokenizer.json'"),
        ("tokenizer.json", "../x", "files.../x.[key]: String should match pattern"),
        ('"bad"]\n', '"bad"]\ntokens = {label = "x"}\n', "[tokens] name 'x', which is no label"),
        (
            "[batch]",
            "[calibration.x]\nfpr = [[0.1, 0.5]]\nexamples = 9\n[batch]",
            "name 'x', which",
        ),
        (
            "[batch]",
            "[calibration.bad]\nfpr = [[0.1, 0.5], [0.1, 0.4]]\nexamples = 9\n[batch]",
            "calibration.bad: fpr must have rising rates",
        ),
        (
            "[batch]",
            "[calibration.bad]\nfpr = [[0.1, 0.5], [0.2, 0.6]]\nexamples = 9\n[batch]",
            "with scores that do not rise",
        ),
        ('labels = ["good", "bad"]', "labels = []", "labels: Tuple should have at least 1 item"),
        ('"bad"]', '"bad"', "cannot read manifest.toml: Unclosed array"),
    ],
)
def test_a_wrong_manifest_is_refused_and_the_mistake_named(folder, written, wrong, message):
    (folder / "manifest.toml").write_text(GOOD.replace(written, wrong))
    with pytest.raises(ModelError) as caught:
        read(folder)
    assert str(caught.value).startswith("model 'tiny': ")
    assert message in str(caught.value)


CALIBRATED = f"""{GOOD}
[tokens]
label = "bad"
[calibration.bad]
fpr = [[0.001, 0.97], [0.01, 0.81], [0.05, 0.44]]
examples = 12345
"""


@pytest.mark.parametrize(
    ("fpr", "threshold"),
    [(0.001, 0.97), (0.01, 0.81), (0.02, 0.81), (0.05, 0.44), (0.5, 0.44)],
)
def test_a_rate_that_is_not_in_the_table_gets_the_next_stricter_one(folder, fpr, threshold):
    (folder / "manifest.toml").write_text(CALIBRATED)
    assert read(folder).threshold_for("bad", fpr) == threshold


@pytest.mark.parametrize(
    ("label", "fpr", "message"),
    [
        (
            "good",
            0.01,
            "has no calibration table for 'good', make one with 'guardrails calibrate', or write",
        ),
        (
            "bad",
            0.0001,
            "is not calibrated for a target_fpr below 0.001 at 'bad', calibrate it with more",
        ),
    ],
)
def test_a_rate_that_the_table_cannot_promise_is_refused(folder, label, fpr, message):
    (folder / "manifest.toml").write_text(CALIBRATED)
    with pytest.raises(ModelError) as caught:
        read(folder).threshold_for(label, fpr)
    assert str(caught.value).startswith(f"model 'tiny' {message}")


def test_only_a_text_classifier_marks_tokens(folder):
    wrong = CALIBRATED.replace('"text-classification"', '"token-classification"')
    (folder / "manifest.toml").write_text(wrong)
    with pytest.raises(ModelError, match=r"token-classification has no \[tokens\]"):
        read(folder)


def test_a_folder_without_manifest_is_no_model(folder):
    with pytest.raises(
        ModelError, match=r"model 'tiny': cannot read manifest.toml: .*No such file"
    ):
        read(folder)


def test_every_shipped_model_says_where_it_is_from_and_under_which_terms():
    shipped = manifests()
    names = [manifest.name for manifest in shipped]
    assert names == ["opennsfw", "pii_ner", "rampart", "text_guard", "yunet"]
    for manifest in shipped:
        assert manifest.folder.parent == SHIPPED
        assert {"LICENSE", "NOTICE"} <= set(manifest.files)
        assert manifest.compiled or manifest.origin.upstream.startswith("https://")
        assert manifest.licence.attribution
        listed = {*manifest.files, "manifest.toml"}
        assert {file.name for file in manifest.folder.iterdir()} == listed
