"""`guardrails models compile` where nothing to compile with is installed."""

import sys

from guardrails.cli.main import main


def test_what_is_missing_is_named_with_its_extra(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["models", "compile", str(tmp_path), "--to", str(tmp_path / "model")]) == 5

    error = capsys.readouterr().err
    assert error == "guardrails: compiling needs 'torch', install 'guardrails[compile]'\n"
