"""A mistake in a test file is told with its place, and never passes."""

import re
from pathlib import Path

import pytest

from guardrails.policy.problems import Problems
from guardrails.testing.reading import read
from guardrails.testing.runner import prepare
from guardrails.testing.schema import CaseSection, FindSection, PartSection, SuiteSection
from guardrails.testing.suite import SuiteError

SOUND = "policy: chat\ncases: [{name: a, input: x, expect: allow}]"
TWICE = """\
cases:
- {name: a, input: x, expect: flag}
- {name: a, input: y, expect: flag}
policy: chat
"""

IN_CASE = [
    ("input: x", "3:5: missing key 'expect'"),
    ("expect: allow", "3:5: a case has an 'input' or an 'output', and not both"),
    ("input: x, output: y, expect: allow", "3:5: a case has an 'input' or an 'output'"),
    ("input: x, expects: allow", "unknown key 'expects', did you mean 'expect'?"),
    ("input: x, expect: alow", "'expect' cannot be 'alow', did you mean 'allow'?"),
    ("input: x, expect: [allow]", "'expect' should be 'allow', 'flag', 'redact' or 'block'"),
    ("input: 42, expect: allow", "'input' should be text or a list of parts, quote it"),
    ("input: {text: x}, expect: allow", "'input' should be text or a list of parts"),
    ("input: [], expect: allow", "'input' should not be empty"),
    ("input: [{text: x, image: y}], expect: allow", "a part is one of 'text', 'file' and 'image'"),
    ("input: [{surface: tool}], expect: allow", "a part is one of 'text', 'file' and 'image'"),
    ("input: [{image: dot.png, times: 2}], expect: allow", "'times' goes with 'text'"),
    ("input: [{text: x, times: 0}], expect: allow", "'times' should be at least 1"),
    ("input: [{txt: x}], expect: allow", "unknown key 'txt', did you mean 'text'?"),
    ("input: [{text: x, surface: tol}], expect: allow", "did you mean 'tool'?"),
    ("input: [{image: no.png}], expect: allow", "'no.png' cannot be read: no such file"),
    ("input: [{image: .}], expect: allow", "'.' cannot be read: is a directory"),
    ("input: [{file: dot.png}], expect: allow", "'dot.png' is not UTF-8"),
    ('input: "\\ud800", expect: allow', "part 0: lone surrogate at character 0"),
    ('input: [{file: "a\\0"}], expect: allow', "a path cannot hold this"),
    ("input: x, prompt: y, expect: allow", "'prompt' goes with an 'output'"),
    ("input: x, expect: block, passes_on: x", "'passes_on' cannot stand with 'expect: block'"),
    ("input: x, expect: allow, reply: x", "'reply' goes with 'expect: block'"),
    ("input: x, expect: allow, by: pii", "'by' should be a list"),
    ("input: x, expect: allow, only: life", "'only' cannot be 'life', did you mean 'live'?"),
    ("input: x, expect: allow, finds: [{category: PERSON}]", "missing key 'rule'"),
    ("input: x, expect: allow, finds: [{rule: pii, start: -1}]", "'start' should be at least 0"),
    ("input: x, expect: allow, by: [pi]", "no input rule 'pi', did you mean 'pii'?"),
    ("input: x, expect: allow, by: [pii.PERSN]", "has no category 'PERSN', did you mean 'PERSON'?"),
    ("input: x, expect: allow, by: [coverage.x]", "rule 'coverage' has no category 'x'"),
    ("input: x, expect: allow, by: [leak.words]", "policy 'chat' has no input rule 'leak'"),
    ("output: x, expect: allow, by: [leak.words.secret]", "'leak.words' has no category 'secret'"),
    ("input: x, expect: allow, unjudged: [keyword]", "did you mean 'keywords'?"),
    ("input: x, expect: allow, finds: [{rule: pi}]", "no input rule 'pi'"),
    ("input: x, expect: allow, finds: [{rule: pii, category: NAME}]", "no category 'NAME'"),
    ("input: x, expect: allow, marks: [c2pa]", "'marks' goes with an 'output' that is passed on"),
    ("output: x, expect: block, marks: [c2pa]", "'marks' goes with an 'output' that is passed on"),
    ("output: x, expect: allow, marks: c2pa", "'marks' should be a list of marks, or 'none'"),
    ("output: x, expect: allow, marks: []", "'marks' should be a list of marks, or 'none'"),
    ("output: x, expect: allow, marks: [c2pa]", "policy 'chat' has no mark 'c2pa', there are no"),
    ("output: x, expect: allow, marks: [{mark: a, absent: true, key: k1}]", "'absent' does not go"),
    ("output: x, expect: allow, marks: [{mark: a, payload: XY}]", "'payload' "),
    ("input: x, expect: allow, models: {pii_nar: {}}", "did you mean 'pii_ner'?"),
    ("input: x, expect: allow, models: {gpt: {}}", "policy 'chat' runs no model 'gpt', known are"),
    ("input: x, expect: allow, models: {opennsfw: {nfsw: 1}}", "did you mean 'nsfw'?"),
    ("input: x, expect: allow, models: {opennsfw: {nsfw: 1.5}}", "a score is from 0 to 1"),
    ("input: x, expect: allow, models: {opennsfw: {nsfw: .nan}}", "a score is from 0 to 1"),
    ("input: x, expect: allow, models: {opennsfw: {nsfw: high}}", "write 'LABEL: SCORE'"),
    ("input: x, expect: allow, models: {opennsfw: {nsfw: true}}", "a stub says a score for a"),
    ("input: x, expect: allow, models: {pii_ner: {Ada: 0.5}}", "write 'WORDS: LABEL'"),
    ("input: x, expect: allow, models: {pii_ner: {Ada: GIVEN}}", "no label 'GIVEN'"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "message"), IN_CASE)
def test_a_mistake_in_a_case_is_told(refusing, case, message):
    problems = refusing(f"policy: chat\ncases:\n  - {{name: it, {case}}}\n")

    assert all(problem.startswith("chat_test.yaml:3:") for problem in problems)
    assert any(message in problem for problem in problems)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: the file is empty, start with 'policy: NAME'"),
        ("cases: [", "1:9: not valid YAML"),
        (b"policy: \xff", "1:9: byte 0xff is not UTF-8"),
        ("policy: chat\n", "1:1: missing key 'cases'"),
        ("policy: chat\ncases: []\n", "2:8: 'cases' should"),
        ("policy: chat\ncases:\n", "2:1: 'cases' should be a list"),
        ("policy: chat\ncase: []\ncases: [{name: a, input: x, expect: allow}]",
         "2:1: unknown key 'case', did you mean 'cases'?"),
        ("cases: [{name: a, input: x, expect: allow}]", "1:1: missing key 'policy'"),
        ("policy: chad\ncases: [{name: a, input: x, expect: allow}]",
         "1:9: no policy 'chad' in this directory, did you mean 'chat'?"),
        ("policy: chat\nmodels: {opennsfw: {nfsw: 1}}\ncases: [{name: a, input: x, expect: allow}]",
         "2:21: model 'opennsfw' has no label 'nfsw', did you mean 'nsfw'?"),
        (TWICE,
         "3:10: case 'a' is already on line 2, rename one"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_told(refusing, text, problem):
    problems = refusing(text)

    assert len(problems) == 1
    assert problems[0].startswith(f"chat_test.yaml:{problem}")


EVERYTHING = """\
policy: chat
models: {pii_ner: {Ada: PERSON}}
cases:
  - name: it
    output: [{text: zephyr, surface: assistant, times: 1}, {file: chat.yaml}, {image: dot.png}]
    prompt: x
    models: {opennsfw: {nsfw: 0.0}}
    only: stubbed
    expect: redact
    by: [leak.words]
    passes_on: x
    unjudged: [coverage]
    finds: [{rule: leak.words, category: confidential, text: zephyr, start: 0, end: 6, part: 0}]
    marks: none
  - {name: other, input: x, expect: block, reply: x}
"""


@pytest.mark.parametrize(
    "key",
    sorted(
        key
        for section in (SuiteSection, CaseSection, PartSection, FindSection)
        for key in section.model_fields
    ),
)
def test_no_misspelt_key_is_passed_over(writing, refusing, stubs, key):
    assert prepare(writing(EVERYTHING), stubs)  # as it stands it can be tried

    misspelt, count = re.subn(rf"\b{key}:", f"{key}x:", EVERYTHING)
    problems = refusing(misspelt)

    assert count
    assert any(f"unknown key '{key}x', did you mean '{key}'?" in one for one in problems)


def test_all_mistakes_are_told_at_once_in_their_order(refusing):
    problems = refusing("""\
policy: chat
modells: {}
cases:
  - name: unknown rule
    input: x
    expect: redact
    by: [pi]
  - name: unknown key
    input: x
    expcet: allow
  - name: missing picture
    input: [{image: no.png}]
    expect: allow
""")

    assert problems == [
        "chat_test.yaml:2:1: unknown key 'modells', did you mean 'models'?",
        "chat_test.yaml:7:10: policy 'chat' has no input rule 'pi', did you mean 'pii'?",
        "chat_test.yaml:8:5: missing key 'expect'",
        "chat_test.yaml:10:5: unknown key 'expcet', did you mean 'expect'?",
        "chat_test.yaml:12:21: 'no.png' cannot be read: no such file or directory",
    ]


def test_a_policy_that_does_not_compile_is_told_as_such(refusing):
    Path("chat.yaml").write_text("policy: chat\ninput: [{check: pi}]\n")

    problems = refusing(SOUND)

    assert problems == ["chat.yaml:2:17: unknown check 'pi', did you mean 'pii'?"]


def test_a_policy_that_cannot_be_parsed_is_found_by_its_file(refusing):
    Path("chat.yaml").write_text("policy: [")

    [problem] = refusing(SOUND)

    assert problem.startswith("chat.yaml:1:")


def test_a_policy_is_found_by_its_name_whatever_its_file_is_called(writing, stubs):
    Path("chat.yaml").rename("other.yaml")

    assert prepare(writing(SOUND), stubs).plan.file == "other.yaml"


def test_a_missing_test_file_is_a_mistake(stubs):
    with pytest.raises(SuiteError, match=r"absent_test\.yaml:1:1: cannot be read"):
        prepare(Path("absent_test.yaml"), stubs)


def test_a_sound_file_has_no_problems(writing):
    problems = Problems()

    suite = read(writing(SOUND), problems)

    problems.raise_any()
    assert [case.name for case in suite.cases] == ["a"]
