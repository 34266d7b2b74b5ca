"""`guardrails policy` and `guardrails models` as operators use them."""

import shutil

import pytest

from guardrails.cli.main import main
from guardrails.models.store import SHIPPED


def test_show_prints_what_will_run(policies, capsys):
    assert main(["policy", "show", str(policies / "tiny.yaml")]) == 0

    printed = capsys.readouterr().out
    assert "policy       tiny" in printed
    assert "input, wave 1: light" in printed
    assert "output, wave 2: model" in printed
    assert "opennsfw" in printed


def test_lint_prints_every_problem_of_every_path(tmp_path, policies, capsys):
    (tmp_path / "a.yaml").write_text("policy: a\nimput: []\n")
    (tmp_path / "b.yaml").write_text("policy: b\ninput: [{check: keywordz}, {check: pii, x: 1}]\n")

    code = main(["policy", "lint", str(policies), *map(str, sorted(tmp_path.iterdir()))])

    lines = capsys.readouterr().out.splitlines()
    assert code == 3
    assert len(lines) == 3
    assert "a.yaml:2:1: unknown key 'imput', did you mean 'input'?" in lines[0]
    assert "b.yaml:2:17: unknown check 'keywordz', did you mean 'keywords'?" in lines[1]


def test_lint_of_good_policies_is_silent(policies, capsys):
    assert main(["policy", "lint", str(policies)]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("verb", "stream"), [("show", "err"), ("lint", "out")])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.yaml", "cannot be read: no such file or directory"),
        ("empty", "no policies here, expected files such as 'chat.yaml'"),
        ("loop.yaml", "cannot be read: too many levels of symbolic links"),
        ("latin.yaml", "byte 0xe9 is not UTF-8, save the file as UTF-8"),
    ],
)
def test_a_path_without_policies_is_exit_code_3(
    tmp_path, monkeypatch, capsys, verb, stream, name, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"\xe9")

    assert main(["policy", verb, name]) == 3
    assert getattr(capsys.readouterr(), stream) == f"{name}:1:1: {message}\n"


@pytest.mark.parametrize("verb", ["list", "verify"])
@pytest.mark.parametrize("make", ["broken", "folder"])
def test_a_manifest_that_cannot_be_read_is_exit_code_5(tmp_path, capsys, verb, make):
    manifest = tmp_path / "odd/manifest.toml"
    manifest.parent.mkdir()
    match make:
        case "broken":
            manifest.write_text("name = [")
        case "folder":
            manifest.mkdir()

    assert main(["models", verb, "--models", str(tmp_path)]) == 5
    message = "guardrails: model 'odd': cannot read manifest.toml: "
    assert capsys.readouterr().err.startswith(message)


def test_the_models_that_ship_are_listed_with_their_licences(capsys):
    assert main(["models", "list"]) == 0

    printed = capsys.readouterr().out
    assert "opennsfw     image-classification   BSD-2-Clause" in printed
    assert "rampart      token-classification   CC-BY-4.0" in printed


def test_the_models_that_ship_are_as_their_manifests_say(capsys):
    assert main(["models", "verify"]) == 0
    assert set(capsys.readouterr().out.split()[::2]) == {"ok"}


@pytest.fixture
def altered(tmp_path):
    shutil.copytree(SHIPPED / "opennsfw", tmp_path / "opennsfw")
    weights = tmp_path / "opennsfw/model.onnx"
    content = bytearray(weights.read_bytes())
    content[1000] ^= 1
    weights.write_bytes(content)
    (tmp_path / "opennsfw/LICENSE").unlink()
    return tmp_path


def test_an_altered_or_missing_file_is_exit_code_5(altered, capsys):
    assert main(["models", "verify", "--models", str(altered)]) == 5

    printed = capsys.readouterr().out
    assert f"altered  {altered}/opennsfw/model.onnx" in printed
    assert f"missing  {altered}/opennsfw/LICENSE" in printed


def test_an_altered_model_is_a_problem_on_the_policys_line(altered, policies, capsys):
    tiny = policies / "tiny.yaml"
    assert main(["policy", "show", str(tiny), "--models", str(altered)]) == 3

    error = capsys.readouterr().err
    assert f"{tiny}:21:" in error
    assert "model 'opennsfw'" in error
    assert "put the original back" in error
