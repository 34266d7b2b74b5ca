"""`guardrails check` as scripts and people use it."""

import io
import json
import subprocess
import sys

import pytest

from guardrails.cli.main import main
from guardrails.server.address import Tcp
from guardrails.server.config import Config


@pytest.fixture
def tiny(policies) -> str:
    return str(policies / "tiny.yaml")


def test_json_is_the_contract_of_scripts(tiny, capsys):
    code = main(["check", "--policy", tiny, "--json", "what is zephyr?"])

    printed = json.loads(capsys.readouterr().out)
    assert code == 0
    assert printed["action"] == "redact"
    assert (printed["policy"], printed["stage"]) == ("tiny", "input")
    assert len(printed["policy_hash"]) == 64
    assert printed["milliseconds"] > 0
    assert printed["content"] == [
        {"kind": "text", "surface": "user", "text": "what is <CONFIDENTIAL>?"}
    ]
    report = printed["reports"][0]
    assert (report["rule"], report["check"]) == ("confidential", "keywords")
    assert (report["outcome"], report["action"]) == ("found", "redact")
    (finding,) = report["findings"]
    assert finding["category"] == "confidential"
    assert (finding["part"], finding["start"], finding["end"]) == (0, 8, 14)
    assert finding["score"] == 1.0


def test_a_block_is_exit_code_1_and_prints_the_reply(tiny, capsys):
    code = main(["check", "--policy", tiny, "the forbidden"])

    printed = capsys.readouterr().out
    assert code == 1
    assert printed.startswith("block  (tiny, ")
    assert "forbidden: keyword 1.00 at 4-13" in printed
    assert "reply: I can't help with that." in printed
    assert "passes on" not in printed


def test_text_comes_from_stdin(tiny, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("zéphyr zephyr".encode())))

    main(["check", "--policy", tiny, "--json", "-"])

    assert json.loads(capsys.readouterr().out)["content"][0]["text"] == "zéphyr <CONFIDENTIAL>"


def test_text_comes_from_a_file(tiny, capsys, tmp_path):
    (tmp_path / "prompt.txt").write_text("hello\r\n", newline="")

    main(["check", "--policy", tiny, "--json", "--file", str(tmp_path / "prompt.txt")])

    assert json.loads(capsys.readouterr().out)["content"][0]["text"] == "hello\r\n"


def test_an_answer_is_judged_beside_its_prompt(tiny, capsys):
    main(["check", "--policy", tiny, "--stage", "output", "--prompt", "x", "--json", "zephyr"])

    printed = json.loads(capsys.readouterr().out)
    assert printed["stage"] == "output"
    assert printed["content"][0]["surface"] == "assistant"


def test_a_picture_is_judged(tiny, capsys):
    code = main(
        [
            "check", "--policy", tiny, "--stage", "output", "--json",
            "--image", "policies/pictures/cat.jpg",
        ]
    )  # fmt: skip

    printed = json.loads(capsys.readouterr().out)
    assert code == 0
    assert printed["content"][0]["kind"] == "image"
    assert {one["outcome"] for one in printed["reports"]} == {"clear"}


@pytest.fixture
def versions(tmp_path_factory):
    """Two policies whose names share what is before the dot."""
    folder = tmp_path_factory.mktemp("versions")
    for name, action in (("chat", "block"), ("chat.v2", "redact")):
        rule = f"{{check: keywords, with: {{words: [zephyr]}}, then: {action}}}"
        (folder / f"{name}.yaml").write_text(f"policy: {name}\ninput: [{rule}]\n")
    return folder


@pytest.mark.parametrize(
    ("given", "policy", "code"),
    [([], "chat", 1), (["--policy", "chat"], "chat", 1), (["--policy", "chat.v2"], "chat.v2", 0)],
)
def test_a_sidecar_is_asked_for_the_policy_as_it_is_named(
    serve, versions, capsys, given, policy, code
):
    address = serve(Config(versions, Tcp("127.0.0.1", 0)))

    assert main(["check", "--address", address, *given, "--json", "zephyr"]) == code
    assert json.loads(capsys.readouterr().out)["policy"] == policy


def test_a_sidecar_does_not_know_policies_by_their_files(address, capsys):
    assert main(["check", "--address", address, "--policy", "policies/tiny.yaml", "zephyr"]) == 2
    assert "'policies/tiny.yaml'" in capsys.readouterr().err


def test_without_a_policy_or_an_address_it_is_the_file_of_chat(versions, monkeypatch, capsys):
    (versions / "policies").symlink_to(versions)
    monkeypatch.chdir(versions)

    assert main(["check", "--json", "zephyr"]) == 1
    assert json.loads(capsys.readouterr().out)["policy"] == "chat"


def test_a_sidecar_is_asked_by_address(address, capsys):
    code = main(["check", "--address", address, "--policy", "tiny", "--json", "zephyr"])

    assert code == 0
    assert json.loads(capsys.readouterr().out)["action"] == "redact"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "nothing to judge: give a text, - for stdin, --file or --image"),
        (["--prompt", "x", "y"], "--prompt goes with --stage output"),
        (["--file", "x", "y"], "give the text as an argument or by --file, not both"),
        (["--policy", "POLICY", "ab\udcff"], "part 0: lone surrogate at character 2"),
        (["--image", "POLICY", "--stage", "output"], "part 0: picture: not a PNG, JPEG"),
    ],
)
def test_bad_arguments_are_exit_code_2(tiny, capsys, arguments, message):
    given = [one.replace("POLICY", tiny) for one in arguments]
    code = main(["check", "--policy", tiny, *given])

    assert code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--file", "--image"])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent", "'absent' cannot be read: no such file or directory"),
        ("folder", "'folder' cannot be read: is a directory"),
        ("loop", "'loop' cannot be read: too many levels of symbolic links"),
    ],
)
def test_a_file_that_cannot_be_read_is_exit_code_2(
    tiny, capsys, tmp_path, monkeypatch, option, name, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")

    assert main(["check", "--policy", tiny, option, name]) == 2
    assert capsys.readouterr().err == f"guardrails: {message}\n"


@pytest.mark.parametrize("verbose", [[], ["--verbose"]])
@pytest.mark.parametrize(
    ("arguments", "action"),
    [
        (["alice"], "allow"),
        (["zephyr"], "redact"),
        (["--stage", "output", "--prompt", "hi", "zephyr"], "redact"),
        (["forbidden"], "block"),
        (["--stage", "output", "--image", "policies/pictures/cat.jpg"], "allow"),
        (["--address", "ADDRESS", "zephyr"], "redact"),
    ],
)
def test_stdout_holds_one_json_object_alone(tiny, address, arguments, action, verbose):
    given = [one.replace("ADDRESS", address) for one in arguments]
    policy = "tiny" if "--address" in given else tiny
    command = [sys.executable, "-m", "guardrails.cli", *verbose, "check", "--json"]
    ended = subprocess.run(  # noqa: S603  # our own command
        [*command, "--policy", policy, *given],
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert ended.stdout.count(b"\n") == 1
    assert json.loads(ended.stdout)["action"] == action
    assert ended.returncode == (1 if action == "block" else 0)


LEAKY = (
    "Dear Ottoline Bramblewick, write to ottoline@bramblewick.example or call +49 30 901820, "
    "see https://bramblewick.example/hunter2; my token is ghp_x7Rk2mQ9vT4wZ8nB3cL6dF1hJ5sP0aYeUgXi"
)


def test_what_users_write_is_not_in_the_log_however_verbose():
    ended = subprocess.run(  # noqa: S603  # our own command
        [sys.executable, "-m", "guardrails.cli", "--verbose", "check", "--json", LEAKY],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert json.loads(ended.stdout)["reports"]
    for word in ("ottoline", "bramblewick", "901820", "hunter2", "ghp_"):
        assert word not in ended.stderr.lower()


def test_a_directory_is_no_policy_to_judge_by(policies, capsys):
    assert main(["check", "--policy", str(policies), "x"]) == 2
    assert f"'{policies}' is a directory, name one policy file of it" in capsys.readouterr().err


def test_bytes_that_are_no_text_are_exit_code_2(tiny, capsys, tmp_path):
    (tmp_path / "x").write_bytes(b"ab\xff")

    assert main(["check", "--policy", tiny, "--file", str(tmp_path / "x")]) == 2
    assert "x: not UTF-8 at byte 2" in capsys.readouterr().err


def test_a_policy_that_does_not_compile_is_exit_code_3(capsys, tmp_path):
    (tmp_path / "bad.yaml").write_text("policy: bad\ninput:\n  - check: keywordz\n")

    assert main(["check", "--policy", str(tmp_path / "bad.yaml"), "x"]) == 3
    assert "bad.yaml:3:12: unknown check 'keywordz', did you mean 'keywords'" in (
        capsys.readouterr().err
    )


def test_nobody_listening_is_exit_code_5(capsys):
    assert main(["check", "--address", "127.0.0.1:1", "--policy", "tiny", "x"]) == 5
    assert "UNAVAILABLE" in capsys.readouterr().err


def test_the_checks_are_listed(capsys):
    assert main(["check", "--list"]) == 0
    assert "keywords" in capsys.readouterr().out
