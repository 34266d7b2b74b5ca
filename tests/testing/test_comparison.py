"""What a wrong expectation is answered with, and that a right one passes."""

from dataclasses import replace

import pytest

from guardrails.core.content import prompt
from guardrails.core.finding import Finding
from guardrails.core.problem import Place
from guardrails.core.verdict import Action, Outcome, Report, Verdict
from guardrails.testing.comparison import compare
from guardrails.testing.suite import Case, Expected

CARD = "4111 1111 1111 1111"
NUDE = "input: [{image: dot.png}], models: {opennsfw: {nsfw: 0.97}}"
NAMED = "input: I am Ada Lovelace, models: {pii_ner: {Ada Lovelace: PERSON}}"
LONG = "input: [{text: long, times: 51}]"
BEYOND = "204 characters, the limit is 200"
FOUND = "'keywords' found [confidential from 2 to 8 in part 0]"

RIGHT = [
    "input: Hello there, expect: allow, by: [], passes_on: Hello there",
    f"input: card {CARD}, expect: redact, by: [pii], passes_on: card <CREDIT_CARD>",
    f"input: card {CARD}, expect: redact, by: [pii.CREDIT_CARD]",
    f"input: card {CARD}, expect: redact, finds: [{{rule: pii, text: {CARD}}}]",
    f"input: card {CARD}, expect: redact, finds: [{{rule: pii, start: 5, end: 24, part: 0}}]",
    f"input: card {CARD}, expect: redact, finds: [{{rule: pii, category: CREDIT_CARD}}]",
    "input: [x, {image: dot.png}], expect: allow, passes_on: [x, {image: dot.png}]",
    "input: [a, {text: zephyr, surface: tool}], expect: redact, finds: [{rule: keywords, part: 1}]",
    f"{NAMED}, expect: redact, by: [pii.PERSON], passes_on: I am <PERSON>",
    "input: I am Ada Lovelace, expect: allow",  # no stub says so, whatever the model would say
    f"{NUDE}, expect: block, by: [unsafe_image], reply: I can't help with that.",
    f"{NUDE}, expect: block, by: [unsafe_image.NSFW]",
    "input: [{image: dot.png}], expect: allow",
    "input: forbidden, expect: block, by: [forbidden]",  # the moot rules need no word
    "input: forbidden, expect: block, unjudged: [pii, unsafe_image]",  # but may have one
    f"{LONG}, expect: block, unjudged: [forbidden, keywords]",
    "output: zephyr, prompt: Who?, expect: flag, by: [leak.words.confidential]",
    "output: zephyr, expect: flag, by: [leak.words], passes_on: zephyr",
    "output: [{image: dot.png}], expect: block, by: [coverage], unjudged: [coverage]",
]  # fmt: skip

WRONG = [
    ("input: Hello there, expect: block", "expected block, got allow: no rule found anything"),
    ("input: forbidden, expect: allow", "expected allow, got block: 'forbidden' found taboo"),
    (f"{NUDE.replace('97', '42')}, expect: block",
     "expected block, got allow: no rule found enough, scores are unsafe_image.NSFW 0.42"),
    (f"{LONG}, expect: flag, unjudged: [forbidden, keywords]",
     f"expected flag, got block: 'forbidden' unjudged, {BEYOND}; 'keywords' unjudged, {BEYOND}"),
    ("input: zephyr, expect: redact, by: [pii]", "expected by [pii], got [keywords]"),
    ("input: zephyr, expect: redact, by: []", "expected by [], got [keywords]"),
    (f"input: zephyr {CARD}, expect: redact, by: [pii]",
     "expected by [pii], got [keywords, pii]"),
    (f"input: card {CARD}, expect: redact, by: [pii.PERSON]",
     "expected by [pii.PERSON], got [pii.CREDIT_CARD]"),
    (f"input: card {CARD}, expect: redact, by: [pii.CREDIT_CARD, pii.PERSON]",
     "expected by [pii.CREDIT_CARD, pii.PERSON], got [pii.CREDIT_CARD]"),
    ("input: zephyr, expect: redact, passes_on: zephyr",
     "what is passed on differs: expected 'zephyr', got '<CONFIDENTIAL>'"),
    ("input: [hello, zephyr], expect: redact, passes_on: [hello, zephyr]",
     "part 1 of what is passed on differs: expected 'zephyr', got '<CONFIDENTIAL>'"),
    ("input: [a, b], expect: allow, passes_on: a",
     "parts passed on: expected 1, got 2"),
    ("input: [{image: dot.png}], expect: allow, passes_on: dot",
     "what is passed on is a picture, expected text"),
    ("input: dot, expect: allow, passes_on: [{image: dot.png}]",
     "what is passed on is text, expected a picture"),
    ("input: [{image: dot.png}], expect: allow, passes_on: [{image: chat.yaml}]",
     "what is passed on is another picture"),
    (f"{NUDE}, expect: block, reply: No.",
     "the reply differs: expected 'No.', got \"I can't help with that.\""),
    (f"{LONG}, expect: block",
     f"expected unjudged [], got [forbidden ({BEYOND}), keywords ({BEYOND})]"),
    ("input: hello, expect: allow, unjudged: [pii]", "expected unjudged [pii], got []"),
    ("output: [{image: dot.png}], expect: block",
     "expected unjudged [], got [coverage (no rule of policy 'chat' at output inspects pictures)]"),
    ("input: hello, expect: allow, finds: [{rule: pii}]",
     "expected a finding, 'pii' found []"),
    ("input: a zephyr, expect: redact, finds: [{rule: pii, text: zephyr}]",
     "expected a finding 'zephyr', 'pii' found []"),
    ("input: a zephyr, expect: redact, finds: [{rule: keywords, text: zephy}]",
     f"expected a finding 'zephy', {FOUND}"),
    ("input: a zephyr, expect: redact, finds: [{rule: keywords, start: 0, end: 8, part: 1}]",
     f"expected a finding from 0 to 8 in part 1, {FOUND}"),
    (f"{NUDE}, expect: block, finds: [{{rule: unsafe_image, start: 0}}]",
     "expected a finding from 0, 'unsafe_image' found [NSFW in part 0]"),
    ("input: [{image: chat.yaml}], expect: allow",
     "not judged: part 0: picture: not a PNG, JPEG, WebP, GIF, BMP or TIFF file"),
]  # fmt: skip


def suite(case: str) -> str:
    return f"policy: chat\ncases:\n  - {{name: it, {case}}}\n"


@pytest.mark.parametrize("case", RIGHT)
async def test_a_right_expectation_passes(trying, case):
    result = await trying(suite(case))

    assert result.problems == ()
    assert [trial.mismatches for trial in result.trials] == [()]


@pytest.mark.parametrize(("case", "message"), WRONG)
async def test_a_wrong_expectation_fails_and_says_why(trying, case, message):
    result = await trying(suite(case))

    assert result.problems == ()
    [trial] = result.trials
    assert trial.outcome == "failed"
    [mismatch] = trial.mismatches
    sides = f": expected {mismatch.expected!r}, got {mismatch.got!r}"
    shown = mismatch.message + ("" if mismatch.expected is None else sides)
    assert shown == message


async def test_every_wrong_expectation_of_a_case_is_told_at_its_place(trying):
    result = await trying("""\
policy: chat
cases:
  - name: it
    input: zephyr
    expect: flag
    by: [pii]
    passes_on: nothing
    unjudged: [pii]
    finds:
      - {rule: pii}
""")

    [trial] = result.trials
    assert [(one.place.line, one.place.column) for one in trial.mismatches] == [
        (5, 13),
        (6, 9),
        (7, 16),
        (8, 15),
        (10, 9),
    ]


VERDICT = Verdict(
    id="",
    action=Action.BLOCK,
    content=replace(prompt(""), parts=()),
    reports=(Report("r", "c", Outcome.FAILED, Action.BLOCK, parts=(0,), reason="raised OSError"),),
    policy="p",
    policy_hash="",
    stage=prompt("").stage,
)
BLOCKS = Case("it", prompt("x"), Expected(Action.BLOCK), Place("f"))


def test_a_check_that_fails_proves_nothing_though_it_blocks():
    assert [one.message for one in compare(BLOCKS, VERDICT)] == ["rule 'r' failed: raised OSError"]


@pytest.mark.parametrize("by", [("a.b",), ("a.b.c",)])
def test_a_rule_with_a_dot_is_not_taken_for_a_category(by):
    found = Report("a.b", "x", Outcome.FOUND, Action.BLOCK, (Finding("c", 1.0),), parts=(0,))
    verdict = replace(VERDICT, reports=(found, replace(found, rule="a", action=Action.ALLOW)))

    assert compare(replace(BLOCKS, expected=Expected(Action.BLOCK, by=by)), verdict) == ()
