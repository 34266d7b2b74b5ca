"""`guardrails policy reload` and `status`, and SIGHUP, against servers as they are started."""

import json
import signal
import subprocess
import sys
import time

import pytest

from guardrails.cli.main import main

RULE = "input:\n- {{check: keywords, with: {{words: [{}]}}}}\n"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "policies"
    made.mkdir()
    (made / "p.yaml").write_text("policy: p\n" + RULE.format("old"))
    return made


@pytest.fixture(params=["serve", "proxy"])
def started(request, tmp_path, folder):
    """A server of either kind; give its process and the address for operators."""
    (tmp_path / "routes.yaml").write_text("policy: p\n")
    own = {
        "serve": ("--envoy", "--envoy-routes", "routes.yaml"),
        "proxy": ("--upstream", "http://127.0.0.1:9", "--routing", "routes.yaml"),
    }
    options = ("--policies", folder, "--listen", "127.0.0.1:0", "--watch", "0")
    server = subprocess.Popen(  # noqa: S603  # our own command
        [
            *(sys.executable, "-m", "guardrails.cli", request.param, *options),
            *("--operate", "unix:operate.sock", *own[request.param]),
        ],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with server:
        assert "serving on" in server.stdout.readline()
        yield server, f"unix:{tmp_path}/operate.sock"
        server.terminate()
        assert server.wait(20) == 0


def ask(capsys, verb, address):
    code = main(["policy", verb, "--address", address, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_an_operator_reloads_and_sees_what_is_loaded(started, folder, capsys):
    _, address = started
    code, before = ask(capsys, "status", address)
    (folder / "p.yaml").write_text("policy: p\n" + RULE.format("new"))
    reloaded, after = ask(capsys, "reload", address)
    (folder / "p.yaml").write_text("policy: p\nnonsense: 1\n")
    refused, still = ask(capsys, "reload", address)

    assert (code, reloaded, refused) == (0, 0, 3)
    assert before["policies"][0]["hash"] != after["policies"][0]["hash"]
    assert still["policies"] == after["policies"]
    assert [(one["line"], one["column"]) for one in still["problems"]] == [(2, 1)]


def test_a_person_reads_what_is_wrong(started, folder, capsys):
    _, address = started
    (folder / "p.yaml").write_text("policy: p\nnonsense: 1\n")

    assert main(["policy", "reload", "--address", address]) == 3
    told = capsys.readouterr()
    assert f"{folder}/p.yaml:2:1: unknown key 'nonsense'" in told.err
    assert "policy       p " in told.out
    assert "reloads      0, and 1 refused" in told.out
    assert "watched      no" in told.out


def test_a_set_that_breaks_the_routing_is_refused_as_a_whole(started, folder, tmp_path, capsys):
    _, address = started
    _, before = ask(capsys, "status", address)
    (folder / "p.yaml").write_text("policy: q\n" + RULE.format("new"))
    refused, after = ask(capsys, "reload", address)
    (tmp_path / "routes.yaml").write_text("policy: q\n")
    mended, both = ask(capsys, "reload", address)

    assert (refused, after["policies"]) == (3, before["policies"])
    assert after["problems"][0]["message"] == "unknown policy 'p', known are 'q'"
    assert (mended, [one["name"] for one in both["policies"]]) == (0, ["q"])


def test_sighup_reloads(started, folder, capsys):
    server, address = started
    (folder / "p.yaml").write_text("policy: p\n" + RULE.format("new"))
    for _ in range(20):
        server.send_signal(signal.SIGHUP)
    deadline = time.monotonic() + 10
    while (status := ask(capsys, "status", address)[1])["reloaded"] == 0:
        assert time.monotonic() < deadline
        time.sleep(0.02)

    assert status["problems"] == []
    assert server.poll() is None


def test_where_nobody_answers_it_is_a_runtime_failure(tmp_path, capsys):
    assert main(["policy", "status", "--address", f"unix:{tmp_path}/none.sock"]) == 5
    assert capsys.readouterr().out == ""


def test_an_address_is_needed(capsys):
    assert main(["policy", "reload"]) == 2
    assert "--address is needed" in capsys.readouterr().err
