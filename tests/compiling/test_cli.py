"""`guardrails models compile`, as people use it."""

import pytest

from guardrails.cli.main import main
from guardrails.compiling import compiler, parity
from guardrails.models.manifest import read

TERMS = ("--licence", "MIT", "--attribution", "Somebody")


@pytest.fixture
def checkpoint(checkpoints):
    return str(checkpoints())


def test_a_model_is_written_and_its_figures_printed(checkpoint, tmp_path, capsys):
    to = tmp_path / "models/mood"
    assert main(["models", "compile", checkpoint, "--to", str(to), *TERMS]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith(
        f"{to}: BertForSequenceClassification in fp32, on 74 texts at most 0."
    )
    assert read(to).licence.attribution == "Somebody"
    assert main(["models", "verify", "--models", str(tmp_path / "models")]) == 0


def test_it_may_be_given_a_name_and_other_windows(checkpoint, tmp_path):
    wishes = ["--name", "mood", "--window", "60", "--overlap", "7", "--quantize", "int8"]
    code = main(["models", "compile", checkpoint, "--to", str(tmp_path), *wishes, *TERMS])

    manifest = read(tmp_path / "mood")
    assert code == 0
    assert (manifest.text.window, manifest.text.overlap) == (60, 7)
    assert manifest.batch.budget == 1


def test_terms_are_asked_for(checkpoint, tmp_path, capsys):
    assert main(["models", "compile", checkpoint, "--to", str(tmp_path / "mood")]) == 2

    assert "does not say under which licence it is, give --licence" in capsys.readouterr().err
    assert not (tmp_path / "mood").exists()


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        (["--window", "127"], "a window of 127 tokens is too long for the net, it takes 126"),
        (["--window", "20", "--overlap", "11"], "an overlap of 11 tokens is more than half of 20"),
    ],
)
def test_windows_that_do_not_fit(wishes, message, checkpoint, tmp_path, capsys):
    to = str(tmp_path / "mood")
    assert main(["models", "compile", checkpoint, "--to", to, *wishes, *TERMS]) == 5

    assert message in capsys.readouterr().err


def test_what_fails_the_gate_is_exit_code_5_and_no_file(checkpoint, tmp_path, capsys, monkeypatch):
    def refuse(folder, *_):
        raise parity.ParityError(f"model '{folder.name}' judges 3 texts otherwise")

    monkeypatch.setattr(compiler, "prove", refuse)
    to = tmp_path / "mood"
    assert main(["models", "compile", checkpoint, "--to", str(to), *TERMS]) == 5

    assert "guardrails: model 'mood' judges 3 texts otherwise" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_else_in_it_is_left_alone(checkpoint, tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("years of work")
    assert main(["models", "compile", checkpoint, "--to", str(tmp_path), *TERMS]) == 5

    assert "holds something that is no model, give another place" in capsys.readouterr().err
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]
