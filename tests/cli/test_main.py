"""The command as scripts meet it: streams, and codes for what nobody foresaw."""

import io
import json
import os
import subprocess
import sys

import pytest

from guardrails.cli import check
from guardrails.cli.main import main
from guardrails.cli.streams import prepare

COMMAND = (sys.executable, "-m", "guardrails.cli")


BUFFERING = pytest.mark.parametrize("unbuffered", ["", "1"])


def run(*arguments: str, **options) -> "subprocess.CompletedProcess[bytes]":
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.run([*COMMAND, *arguments], timeout=60, check=False, **pipes)  # noqa: S603  # our own command


@pytest.fixture
def tiny(policies) -> str:
    return str(policies / "tiny.yaml")


@pytest.fixture
def broken(monkeypatch):
    """Let the engine fail, with what a user wrote in the message of the error."""

    def fail(*_):
        secret = "hunter2"  # the line is shown, what it makes is not
        raise KeyError(secret * 2)

    monkeypatch.setattr(check, "engine_for", fail)


@pytest.mark.usefixtures("broken")
def test_what_nobody_foresaw_is_a_code_and_a_place_without_content(tiny, capsys):
    assert main(["check", "--policy", tiny, "hunter2hunter2"]) == 5

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"guardrails: internal error, KeyError at {__file__}:")
    assert err.count("\n") == 1
    assert "hunter2" not in err


@pytest.mark.usefixtures("broken")
def test_verbose_shows_the_way_to_it_without_content(tiny, capsys):
    assert main(["--verbose", "check", "--policy", tiny, "hunter2hunter2"]) == 5

    err = capsys.readouterr().err
    assert "in _judge\n" in err
    assert err.splitlines()[-1].startswith("guardrails: internal error, KeyError at ")
    assert "hunter2hunter2" not in err


@pytest.mark.parametrize("kind", [SystemExit, type("PanicException", (BaseException,), {})])
def test_no_failure_looks_like_a_block(tiny, capsys, monkeypatch, kind):
    def fail(*_):
        raise kind(1)

    monkeypatch.setattr(check, "engine_for", fail)

    assert main(["check", "--policy", tiny, "x"]) == 5
    assert f"internal error, {kind.__name__} at " in capsys.readouterr().err


@pytest.mark.parametrize(
    "variables", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "cp1252"}]
)
def test_output_is_utf_8_whatever_the_locale(tiny, variables):
    ended = run("check", "--policy", tiny, "--json", "héllo 中", env={**os.environ, **variables})

    assert ended.returncode == 0
    assert json.loads(ended.stdout.decode("utf-8"))["content"][0]["text"] == "héllo 中"


@pytest.mark.parametrize("variables", [{"PYTHONIOENCODING": "ascii"}])
def test_messages_are_utf_8_whatever_the_locale(variables):
    ended = run("check", "--policy", "fehlt-für-immer.yaml", "x", env={**os.environ, **variables})

    assert ended.returncode == 2
    assert "there is no 'fehlt-für-immer.yaml'" in ended.stderr.decode("utf-8")


def test_streams_that_are_not_files_stay_as_they_are(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)

    prepare()
    assert sys.stdout is out


@BUFFERING
@pytest.mark.parametrize(
    ("shell", "code", "said"),
    [
        ("- <&-", 2, "guardrails: there is nothing to read: stdin is closed\n"),
        ("x >/dev/full", 5, "guardrails: [Errno 28] No space left on device\n"),
        ("x >&-", 0, ""),
        ("forbidden >&- 2>&- <&-", 1, ""),
    ],
)
def test_streams_that_are_closed_or_full_have_their_codes(tiny, shell, code, said, unbuffered):
    ended = subprocess.run(  # noqa: S603  # our own command
        ["/bin/sh", "-c", " ".join((*COMMAND, "check", "--policy", tiny, shell))],
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (ended.returncode, ended.stderr) == (code, said)


@BUFFERING
def test_a_reader_that_leaves_early_is_a_code_and_no_words(tiny, unbuffered):
    read, write = os.pipe()
    os.close(read)
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    ended = run("check", "--policy", tiny, "x" * 100_000, stdout=write, env=environment)
    os.close(write)

    assert (ended.returncode, ended.stderr) == (5, b"")


def test_a_message_that_nobody_reads_keeps_its_code():
    read, write = os.pipe()
    os.close(read)
    ended = run("check", stderr=write)
    os.close(write)

    assert ended.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["serve", "--in-flight", "0"], "argument --in-flight: 0 is out of range, give 1 or more"),
        (["serve", "--in-flight", "-1"], "argument --in-flight: -1 is out of range, give 1 or"),
        (["serve", "--in-flight", "1.5"], "argument --in-flight: '1.5' is no whole number"),
        (["serve", "--waiting", "-1"], "argument --waiting: -1 is out of range, give 0 or more"),
        (["serve", "--waiting-bytes", "-1"], "--waiting-bytes: -1 is out of range, give 0 or more"),
        (["serve", "--message-bytes", "0"], "0 is out of range, give 1 to 2147483647"),
        (["serve", "--message-bytes", "2147483648"], "2147483648 is out of range, give 1 to"),
        (["serve", "--grace", "-1"], "argument --grace: '-1' is out of range, give 0 seconds or"),
        (["serve", "--grace", "nan"], "argument --grace: 'nan' is out of range, give 0 seconds or"),
        (["serve", "--grace", "inf"], "argument --grace: 'inf' is out of range, give 0 seconds or"),
        (["serve", "--grace", "soon"], "argument --grace: 'soon' is no number of seconds"),
        (["serve", "--threads", "0"], "argument --threads: 0 is out of range, give 1 or more"),
        (["check", "--threads", "0"], "argument --threads: 0 is out of range, give 1 or more"),
        (["serve", "--socket-mode", "rw"], "'rw' is no file mode, give octal digits such as 0660"),
        (["serve", "--socket-mode", "1777"], "'1777' is no file mode, give octal digits such as"),
        (["serve", "--listen", "localhost"], "argument --listen: 'localhost' has no port, give"),
        (["serve", "--metrics", "9090"], "argument --metrics: '9090' has no port, give HOST:PORT"),
        (["serve", "--metrics", "unix:x"], "argument --metrics: 'unix:x' has no port from 0 to"),
        (["check", "--address", "::1:1"], "argument --address: '::1:1' has no host, give"),
        (["test", "--address", "unix:"], "argument --address: 'unix:' names no socket, give"),
        (["serve", "--models", "absent"], "argument --models: there is no directory 'absent'"),
        (["models", "list", "--models", "absent"], "--models: there is no directory 'absent'"),
    ],
)  # fmt: skip
def test_an_option_that_means_nothing_is_code_2_and_told(arguments, message, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert message in capsys.readouterr().err
