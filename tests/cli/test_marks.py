"""`guardrails marks` as scripts use it, with real pictures and texts."""

import json
from pathlib import Path

import pytest

from guardrails.cli.main import main
from guardrails.marks.catalog import BUILTIN

PICTURE = Path(__file__).parents[1] / "pictures" / "astronaut.jpg"
PROSE = (
    "The committee has a large number of questions about the start of the project, and it wants "
    "to begin with those that help people to buy what they need. "
) * 8
FIELDS = {"decision", "p_value", "z", "tokens", "key_id", "payload", "where", "reason"}


@pytest.fixture
def keys(tmp_path):
    path = tmp_path / "keys.txt"
    path.write_text("k2:" + "QkJC" * 11 + "\nk1:" + "QUFB" * 11 + "\n")
    return str(path)


def detected(capsys, *arguments):
    assert main(["marks", "detect", "--json", *arguments]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told.keys() == FIELDS
    return told


def test_a_picture_is_marked_and_the_mark_is_found_with_its_key_and_payload(tmp_path, keys, capsys):
    marked = str(tmp_path / "out.jpg")
    options = ["--mark", "spread_spectrum", "--key-file", keys]
    assert main(["marks", "embed", *options, "--payload", "c0ffee", str(PICTURE), marked]) == 0
    told = detected(capsys, *options, marked)
    assert (told["decision"], told["key_id"], told["payload"]) == ("marked", "k2", "c0ffee")
    assert told["p_value"] < 1e-6
    assert detected(capsys, *options, str(PICTURE))["decision"] == "unmarked"


def test_a_text_is_marked_unseen_and_found(tmp_path, keys, capsys):
    (tmp_path / "in.txt").write_text(PROSE)
    marked = str(tmp_path / "out.txt")
    options = ["--mark", "zero_width", "--key-file", keys]
    assert main(["marks", "embed", *options, str(tmp_path / "in.txt"), marked]) == 0
    assert Path(marked).read_text() != PROSE
    assert detected(capsys, *options, marked)["decision"] == "marked"
    assert detected(capsys, *options, str(tmp_path / "in.txt"))["decision"] == "unmarked"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--mark", "spread_spectrum"], "no keys, give"),
        (["--mark", "spread_spectrum", "--set", "search"], "--set 'search' should be NAME=VALUE"),
        (["--mark", "spread_spectrum", "--set", "serach=true"], "serach"),
        (
            ["--mark", "spread_spectrum", "--key-file", "missing.txt"],
            "'missing.txt' cannot be read",
        ),
    ],
)
def test_wrong_arguments_say_what_is_wrong(options, message, capsys):
    assert main(["marks", "detect", *options, str(PICTURE)]) == 2
    assert message in capsys.readouterr().err


def test_a_text_is_no_picture(tmp_path, keys, capsys):
    (tmp_path / "in.txt").write_text(PROSE)
    options = ["--mark", "spread_spectrum", "--key-file", keys]
    source, target = str(tmp_path / "in.txt"), tmp_path / "out.jpg"
    assert main(["marks", "embed", *options, source, str(target)]) == 2
    assert "not a PNG, JPEG" in capsys.readouterr().err
    assert not target.exists()


def test_the_list_has_every_mark(capsys):
    assert main(["marks", "list"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == list(BUILTIN)


def test_a_development_certificate_signs_and_overwrites_nothing(tmp_path, capsys):
    certificate, key = str(tmp_path / "dev.pem"), str(tmp_path / "dev.key")
    made = ["marks", "dev-certificate", "--certificate", certificate, "--key", key]
    assert main(made) == 0
    assert "untrusted" in capsys.readouterr().err
    assert main(made) == 2
    options = ["--mark", "c2pa", "--set", f"certificate={certificate}", "--set", f"key={key}"]
    signed = str(tmp_path / "signed.jpg")
    assert main(["marks", "embed", *options, str(PICTURE), signed]) == 0
    capsys.readouterr()
    told = detected(capsys, *options, signed)
    assert told["decision"] == "marked"
    assert "not trusted" in told["reason"]
