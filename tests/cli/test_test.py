"""`guardrails test` as scripts and people use it: exit codes and what is on stdout."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from guardrails.cli.main import main
from guardrails.server.address import Tcp
from guardrails.server.config import Config

POLICY = """\
policy: tiny
input:
  - {check: keywords, with: {words: [zephyr], category: confidential}, then: redact}
  - {check: unsafe_image, then: block}
"""
PASSES = """\
policy: tiny
cases:
  - {name: hidden, input: zephyr, expect: redact, by: [keywords], passes_on: <CONFIDENTIAL>}
  - {name: doubtful, input: [{image: cat.jpg}], models: {opennsfw: {nsfw: 0.9}}, expect: block, only: stubbed}
"""  # noqa: E501  # a case a line
FAILS = PASSES.replace("expect: redact", "expect: block").replace(
    "passes_on: <CONFIDENTIAL>", "reply: No."
)
CAT = Path(__file__).parents[2] / "policies" / "pictures" / "cat.jpg"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working directory: a policy, and tests that pass."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cat.jpg").write_bytes(CAT.read_bytes())
    (tmp_path / "tiny.yaml").write_text(POLICY)
    (tmp_path / "tiny_test.yaml").write_text(PASSES)
    return tmp_path


def test_it_is_fine_when_all_pass(folder, capsys):
    code = main(["test", str(folder)])

    out, err = capsys.readouterr()
    assert code == 0
    assert out.endswith("tiny_test.yaml: policy 'tiny', 2 passed\n1 file: 2 passed\n")
    assert "testing" in err


@pytest.mark.parametrize(
    ("name", "text", "code", "line"),
    [
        ("tiny_test.yaml", FAILS, 4, "expected block, got redact: 'keywords' found confidential"),
        ("tiny_test.yaml", PASSES.replace("by:", "buy:"), 4, "unknown key 'buy', did you mean"),
        ("tiny_test.yaml", PASSES.replace("policy: tiny", "policy: tin"), 4, "no policy 'tin' in"),
        ("tiny_test.yaml", "policy: tiny\ncases: []\n", 4, "'cases' should"),
        ("tiny_test.yaml", "", 4, "the file is empty"),
        ("tiny.yaml", POLICY.replace("check: key", "check: kee"), 3, "did you mean 'keywords'?"),
        ("more_test.yaml", FAILS, 4, "2 files: 3 passed, 1 failed"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("folder")
def test_the_code_says_what_is_wrong_and_the_report_says_where(name, text, code, line, capsys):
    Path(name).write_text(text)

    assert main(["test", "."]) == code
    assert line in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_a_policy_that_does_not_compile_outweighs_tests_that_fail(capsys):
    Path("tiny_test.yaml").write_text(FAILS)
    Path("bad.yaml").write_text("policy: bad\ninput: [{check: x}]\n")
    Path("bad_test.yaml").write_text(PASSES.replace("tiny", "bad"))

    assert main(["test", "tiny_test.yaml", "bad_test.yaml"]) == 3
    out = capsys.readouterr().out
    assert "bad.yaml:2:17: unknown check 'x'" in out
    assert "expected block, got redact" in out


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("absent", "there is no 'absent'"),
        ("absent_test.yaml", "there is no 'absent_test.yaml'"),
        ("empty", "no tests in 'empty', expected files such as 'chat_test.yaml'"),
        ("tiny.yaml", "'tiny.yaml' is no test file, they are called such as 'chat_test.yaml'"),
    ],
)
def test_a_path_without_tests_never_passes(folder, path, message, capsys):
    (folder / "empty").mkdir()

    assert main(["test", "tiny_test.yaml", path]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_file_that_is_named_twice_runs_once(capsys):
    main(["test", ".", "tiny_test.yaml"])

    assert "1 file: 2 passed" in capsys.readouterr().out


@pytest.mark.usefixtures("folder")
def test_stdout_holds_the_json_alone(capsys):
    assert main(["test", ".", "--format", "json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert report["counts"] == {"passed": 2, "failed": 0, "skipped": 0}
    assert report["coverage"][0]["untriggered"] == []


@pytest.mark.usefixtures("folder")
def test_stdout_holds_the_xml_alone(capsys):
    Path("tiny_test.yaml").write_text(FAILS)

    assert main(["test", ".", "--format", "junit"]) == 4
    root = ET.fromstring(capsys.readouterr().out)  # noqa: S314  # our own
    assert len(root.findall(".//testcase/failure")) == 1


@pytest.mark.usefixtures("folder")
def test_coverage_shows_the_rules_that_no_case_triggers(capsys):
    Path("tiny_test.yaml").write_text("\n".join(PASSES.splitlines()[:3]))

    main(["test", ".", "--coverage"])

    out = capsys.readouterr().out
    assert "coverage of policy 'tiny' (tiny.yaml): 1 of 2 rules are triggered" in out
    assert "  input   unsafe_image  no case" in out


@pytest.mark.usefixtures("folder")
def test_live_runs_the_real_models(capsys):
    with Path("tiny_test.yaml").open("a") as suite:
        suite.write("  - {name: a cat, input: [{image: cat.jpg}], expect: allow, only: live}\n")

    assert main(["test", ".", "--live"]) == 0
    out = capsys.readouterr().out
    assert "2 passed, 1 skipped" in out
    assert "skipped: doubtful: needs stubbed models" in out


def test_a_sidecar_is_asked_at_its_address(folder, serve, capsys):
    address = serve(Config(folder, Tcp("127.0.0.1", 0)))

    assert main(["test", ".", "--address", address]) == 0
    out = capsys.readouterr().out
    assert "1 passed, 1 skipped" in out
    assert "another version" not in out


def test_a_sidecar_with_another_policy_fails_the_tests(folder, serve, capsys):
    (folder / "tiny.yaml").write_text(POLICY.replace("then: redact", "then: block"))
    address = serve(Config(folder, Tcp("127.0.0.1", 0)))
    (folder / "tiny.yaml").write_text(POLICY)

    assert main(["test", ".", "--address", address]) == 4
    out = capsys.readouterr().out
    assert "expected redact, got block" in out
    assert "judged by another version" in out


@pytest.mark.usefixtures("folder")
def test_a_sidecar_out_of_reach_is_a_failure_of_its_own(capsys):
    assert main(["test", ".", "--address", "unix:absent.sock"]) == 5

    out, err = capsys.readouterr()
    assert out == ""
    assert "UNAVAILABLE" in err
