"""Policy tests in pytest."""

import subprocess
import sys

import pytest

pytest_plugins = ["pytester"]

HEAVY = {"guardrails.engine", "guardrails.policy", "onnxruntime", "pydantic", "ruamel", "numpy"}

CASES = """\
policy: chat
cases:
  - {name: passes, input: zephyr, expect: redact, passes_on: <CONFIDENTIAL>}
  - {name: fails, input: zephyr, expect: block}
  - {name: a picture, input: [{image: dot.png}], models: {opennsfw: {nsfw: 1}}, expect: block}
  - {name: a name, input: I am Ada Lovelace, expect: redact, by: [pii.PERSON], only: live}
"""


@pytest.fixture
def running(folder, monkeypatch, pytester):
    """Run pytest over the test files in a directory with a policy and a picture."""

    def write_and_run(files, *options):
        for name, text in files.items():
            (pytester.path / name).write_text(text)
        for name in ("chat.yaml", "dot.png"):
            (pytester.path / name).write_bytes((folder / name).read_bytes())
        monkeypatch.chdir(pytester.path)
        return pytester.runpytest_inprocess("-p", "no:asyncio", "-p", "no:cacheprovider", *options)

    return write_and_run


def test_each_case_is_an_item_and_the_summary_says_why_it_failed(running):
    result = running({"chat_test.yaml": CASES}, "-v", "-rs")

    result.assert_outcomes(passed=2, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "chat_test.yaml::passes PASSED*",
            "chat_test.yaml::fails FAILED*",
            "chat_test.yaml::a picture PASSED*",
            "chat_test.yaml::a name SKIPPED*",
            "chat_test.yaml:4:42: expected block, got redact: 'keywords' found confidential",
            "SKIPPED * needs real models",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_with_real_models_stubs_say_nothing(running):
    result = running({"chat_test.yaml": CASES}, "--guardrails-live", "-v")

    result.assert_outcomes(passed=2, failed=2)
    result.stdout.fnmatch_lines(
        [
            "chat_test.yaml::a picture FAILED*",
            "chat_test.yaml::a name PASSED*",
            "chat_test.yaml:5:*: expected block, got allow: no rule found enough*",
        ]
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (CASES.replace("expect: block}", "expcet: block}", 1), "*4:*: unknown key 'expcet'*"),
        (CASES.replace("cases:", "cases: []\ncase:"), "chat_test.yaml:2:*: 'cases' should *"),
        ("policy: chat\n", "chat_test.yaml:1:1: missing key 'cases'"),
        ("policy: chad\n" + CASES.partition("\n")[2], "chat_test.yaml:1:9: no policy 'chad' *"),
    ],
)
def test_a_mistake_is_one_item_that_fails(running, text, line):
    result = running({"chat_test.yaml": text})

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([line, "FAILED chat_test.yaml::mistakes*"])


def test_a_policy_that_does_not_compile_fails(running, folder):
    (folder / "chat.yaml").write_text("policy: chat\ninput: [{check: pi}]\n")

    result = running({"chat_test.yaml": CASES})

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["chat.yaml:2:17: unknown check 'pi', did you mean 'pii'?"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("network_test.yaml", "stages:\n  - policy: chat\n"),  # a key further in
        ("load_test.yaml", "cases: [1]\n"),
        ("chat.test.yaml", CASES),
        ("test_chat.yaml", CASES),
        ("empty_test.yaml", ""),
    ],
)
def test_files_of_others_are_left_alone(running, name, text):
    result = running({name: text})

    result.assert_outcomes()


def test_the_plugin_is_light():
    script = "import guardrails.testing.pytest_plugin, sys; print(*sys.modules, sep='\\n')"
    listed = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )

    assert HEAVY.isdisjoint(listed.stdout.split())
