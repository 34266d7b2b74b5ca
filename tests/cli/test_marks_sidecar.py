"""`guardrails marks` with an address: a sidecar in a process of its own has the marks and keys."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from guardrails.cli.main import main

PICTURE = Path(__file__).parents[1] / "pictures" / "astronaut.jpg"
TEXT = "Some lines of running text.\n" * 3
MARKS = """
keys: ${env:MARK_KEYS}
marks:
  - {mark: zero_width, name: unseen, embed: true}
  - {mark: lexical}
  - {mark: spread_spectrum, embed: true, with: {payload: c0ffee, search: false}}
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where a sidecar looks for marks; it drains and ends well."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "policies").mkdir()
    (folder / "policies/plain.yaml").write_text("policy: plain\n")
    (folder / "marks.yaml").write_text(MARKS)
    serve = [sys.executable, "-m", "guardrails.cli", "serve", "--listen", "127.0.0.1:0"]
    marks = ["--marks", "marks.yaml", "--marks-listen", "unix:marks.sock"]
    with subprocess.Popen(  # noqa: S603  # our own command
        [*serve, "--policies", "policies", *marks],
        cwd=folder,
        env={"MARK_KEYS": "k1:" + "QUFB" * 11},
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout.readline().startswith("serving on")
        yield f"unix:{folder}/marks.sock"
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0


def asked(capsys, *arguments):
    assert main(["marks", "detect", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_text_is_marked_and_found(address, tmp_path, capsys):
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text(TEXT)
    sidecar = ["--address", address]
    assert main(["marks", "embed", *sidecar, "--mark", "unseen", str(source), str(target)]) == 0

    one = asked(capsys, *sidecar, "--mark", "unseen", str(target))
    assert (one["decision"], one["key_id"]) == ("marked", "k1")
    several = asked(capsys, *sidecar, str(target))["marks"]
    assert several["unseen"] == one
    assert several["lexical"]["decision"] == "undecidable"
    assert asked(capsys, *sidecar, "--mark", "unseen", str(source))["decision"] == "unmarked"


def test_a_picture_is_marked_and_found(address, tmp_path, capsys):
    target = str(tmp_path / "out.jpg")
    sidecar = ["--address", address]
    options = ["--mark", "spread_spectrum", str(PICTURE)]
    assert main(["marks", "embed", *sidecar, *options, target]) == 0
    assert main(["marks", "detect", *sidecar, target]) == 0

    told = capsys.readouterr().out
    assert told.startswith("spread_spectrum: marked: p ")
    assert told.endswith(", key k1, payload c0ffee\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["detect", "--key-file", "k"], "--key-file does not go with --address, its operator"),
        (["detect", "--tokenizer", "t"], "--tokenizer does not go with --address, its operator"),
        (["detect", "--mark", "gumbel"], "no mark 'gumbel', there is: 'unseen' (texts),"),
        (["detect", "--false-positive-rate", "2"], "a false-positive rate of 2, ask for one from"),
        (["embed"], "name the --mark that is put in"),
        (["embed", "--mark", "lexical"], "mark 'lexical' is only looked for here, its operator"),
    ],
)
def test_what_cannot_be_asked_is_told(address, tmp_path, capsys, options, message):
    (tmp_path / "in.txt").write_text(TEXT)
    command, *rest = options
    target = [str(tmp_path / "out.txt")] if command == "embed" else []
    files = [str(tmp_path / "in.txt"), *target]

    assert main(["marks", command, "--address", address, *rest, *files]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "name a --mark, or an --address whose marks are all looked for"),
        (["--mark", "lexicl"], "no mark 'lexicl', there is: spread_spectrum, rivagan,"),
        (["--mark", "lexical", "--false-positive-rate", "0.1"], "goes with --address"),
    ],
)
def test_without_an_address_the_mark_is_named(capsys, options, message):
    assert main(["marks", "detect", *options, str(PICTURE)]) == 2
    assert message in capsys.readouterr().err
