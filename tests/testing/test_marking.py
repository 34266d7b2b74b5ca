"""A case may say which marks are found in what is passed on: they are looked for with the keys."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from guardrails.core.content import Text
from guardrails.engine.engine import Engine
from guardrails.marks.provenance.certificates import development
from guardrails.testing.runner import run as run_suite

PICTURE = Path(__file__).parents[1] / "pictures" / "astronaut.jpg"
POLICY = """\
policy: signed
hiding: {keys: "k2:QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=,k1:QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}
limits: {characters: 100_000}
output:
  - check: keywords
    with: {words: [zephyr], category: confidential}
    then: redact
  - check: unsafe_image
    then: block
marks:
  - {mark: lexical, on_error: flag}
  - {mark: spread_spectrum, on_error: flag, with: {payload: ab12}}
  - {mark: c2pa, with: {certificate: dev.pem, key: dev.key, generator: painter}}
  - {mark: manifest, with: {generator: writer}}
"""  # noqa: E501  # a keyring is one line
SENTENCES = (
    "You are often able to choose a plan, said the {}, and you may need to use it quickly.",
    "It is important, said the {}, that they do not buy a big house due to a mistake in the area.",
    "Someone who wants to purchase films, such as comedies, does not focus on the main {}.",
    "However, many people usually think about the {}, rather than the method.",
    "We are mostly certain; there is a lot of {}, and it cannot happen immediately.",
    "Because of the {}, they will not gather near the lake, although it is beautiful.",
    "That leads to errors, in order to avoid which one has to modify the entire {}.",
    "For example, the {} helps with it, and doctors respond to each other perhaps.",
)
BETWEEN = "Zebras sleep under tall trees while rain falls on green hills and wind blows over them."
PROSE = "\n\n".join(
    f"{BETWEEN} {BETWEEN} {BETWEEN} {sentence.format(animal)}"  # a twentieth of the words changes
    for animal in ("dog", "cat", "owl", "fox", "elk", "bee")
    for sentence in SENTENCES
)


@pytest.fixture
def signing(folder):
    """The working directory with a policy that marks, its certificate, a text and two pictures."""
    certificate, key = development()
    for name, text in {
        "signed.yaml": POLICY,
        "dev.pem": certificate,
        "dev.key": key,
        "prose.txt": PROSE,
    }.items():
        Path(name).write_text(text)
    shutil.copy(PICTURE, "photo.jpg")
    return folder


@pytest.fixture
def missing(signing, trying):  # noqa: ARG001  # the working directory
    """What is told of one case; nothing where it passes."""

    async def write_and_run(case):
        result = await trying(f"policy: signed\ncases:\n  - {{name: it, {case}}}\n")
        assert result.problems == ()
        [trial] = result.trials
        return [f"{one.place.column}: {one.message}" for one in trial.mismatches]

    return write_and_run


PASS = [
    # a text, with the mark in its words and the manifest beside it
    "output: [{file: prose.txt}], expect: allow, marks: [lexical, manifest]",
    "output: [{file: prose.txt}], expect: allow, marks: [{mark: lexical, key: k2}]",
    # a picture, with a payload
    "output: [{image: photo.jpg}], expect: allow, marks: [{mark: spread_spectrum, key: k2}, c2pa]",
    "output: [{image: photo.jpg}], expect: allow, marks: [{mark: spread_spectrum, payload: ab12}]",
    # both, and each mark in the parts of its kind
    "output: [{file: prose.txt}, {image: photo.jpg}], expect: allow, marks: [lexical, c2pa]",
    "output: [x, {image: photo.jpg}], expect: allow, marks: [{mark: c2pa, part: 1}]",
    "output: [x, {image: photo.jpg}], expect: allow, marks: [{mark: c2pa, part: 0, absent: true}]",
    # too short to be found, and said so
    "output: Hello there, expect: allow, marks: [{mark: lexical, absent: true}, manifest]",
    # what could not be put in is expected to be absent
    "output: [{image: dot.png}], expect: flag, marks: [{mark: spread_spectrum, absent: true}]",
    # only answers that are passed on are marked
    "input: Hello there, expect: allow, marks: none",
    "output: [{image: photo.jpg}], models: {opennsfw: {nsfw: 1}}, expect: block, marks: none",
]  # fmt: skip


@pytest.mark.parametrize("case", PASS)
async def test_a_case_that_holds_passes(missing, case):
    assert await missing(case) == []


FAIL = [
    ("output: Hello there, expect: allow, marks: [lexical]",
     "lexical' in part 0: expected to be found, it is undecidable"),
    ("output: [{file: prose.txt}], expect: allow, marks: [{mark: lexical, key: k1}]",
     "mark 'lexical' in part 0: expected key 'k1', found 'k2'"),
    ("output: [{file: prose.txt}], expect: allow, marks: none",
     "mark 'lexical' in part 0: expected none, it is marked, p "),
    ("output: [{file: prose.txt}], expect: allow, marks: [c2pa]",
     "mark 'c2pa': nothing of its kind is passed on"),
    ("output: [Hello, {file: prose.txt}], expect: allow, marks: [lexical]",
     "mark 'lexical' in part 0: expected to be found, it is undecidable"),
    ("output: [Hello, {file: prose.txt}], expect: allow, marks: [{mark: lexical, part: 2}]",
     "mark 'lexical': nothing of its kind is passed on in part 2"),
    ("output: [{image: photo.jpg}], expect: allow, marks: [{mark: spread_spectrum, payload: ff}]",
     "mark 'spread_spectrum' in part 0: expected payload 'ff', found 'ab12'"),
    ("output: [{image: photo.jpg}], expect: allow, marks: [{mark: c2pa, absent: true}]",
     "mark 'c2pa' in part 0: expected none, it is marked, 1 scored"),
    ("output: [{image: dot.png}], expect: flag, marks: [c2pa]",
     "mark 'spread_spectrum' was not put in: picture"),
    ("output: [{image: photo.jpg}], models: {opennsfw: {nsfw: 1}}, expect: allow, marks: [c2pa]",
     "mark 'c2pa': nothing of its kind is passed on"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "message"), FAIL)
async def test_a_case_that_does_not_hold_says_what_was_found(missing, case, message):
    told = await missing(case)

    assert any(message in one for one in told), told


async def test_a_payload_may_be_the_decision(missing, writing):
    writing(POLICY.replace("payload: ab12", "payload: decision"), "signed.yaml")
    output = "output: [{image: photo.jpg}, x], expect: allow"

    told = await missing(
        f"{output}, marks: [{{mark: spread_spectrum, payload: decision}}, "
        "{mark: manifest, payload: decision}]"
    )
    assert told == []
    [told] = await missing(f"{output}, marks: [{{mark: spread_spectrum, payload: ab12}}]")
    assert re.search("expected payload 'ab12', found '[0-9a-f]{12}'", told)
    writing(POLICY, "signed.yaml")
    [told] = await missing(f"{output}, marks: [{{mark: spread_spectrum, payload: decision}}]")
    assert told.endswith("expected payload 'decision', found 'ab12'")


async def test_the_message_has_the_p_value_and_the_length(missing):
    told, *_ = await missing("output: [{file: prose.txt}], expect: allow, marks: none")

    form = (
        r"mark 'lexical' in part 0: expected none, it is marked, p [0-9.e-]+, \d+ scored, key 'k2'"
    )
    assert re.search(form, told)


async def test_the_message_says_why_nothing_can_be_decided(missing):
    [told] = await missing("output: Hello there, expect: allow, marks: [lexical]")

    assert re.search("expected to be found, it is undecidable.*: .+", told)


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ("lexcal", "3:50: policy 'signed' has no mark 'lexcal', did you mean 'lexical'?"),
        ("{mark: c2pb}", "3:57: policy 'signed' has no mark 'c2pb', did you mean 'c2pa'?"),
        ("kgw", "3:50: policy 'signed' has no mark 'kgw', known are"),  # not the policy's to put in
        ("{marc: c2pa}", "unknown key 'marc', did you mean 'mark'?"),
        ("{mark: c2pa, kei: k1}", "unknown key 'kei', did you mean 'key'?"),
        ("{mark: c2pa, paylod: ff}", "unknown key 'paylod', did you mean 'payload'?"),
        ("{mark: c2pa, prt: 0}", "unknown key 'prt', did you mean 'part'?"),
        ("{mark: c2pa, absnt: true}", "unknown key 'absnt', did you mean 'absent'?"),
    ],
)
@pytest.mark.usefixtures("signing")
def test_a_mistake_in_a_mark_is_told(refusing, mark, message):
    case = f"  - {{name: it, output: x, expect: allow, marks: [{mark}]}}\n"

    problems = refusing(f"policy: signed\ncases:\n{case}")

    assert any(message in one for one in problems), problems


@pytest.mark.usefixtures("signing")
async def test_marks_are_found_with_real_models_as_with_stubs(writing, models):
    path = writing(f"policy: signed\ncases:\n  - {{name: it, {PASS[0]}}}\n")

    result = await run_suite(path, models, lambda plan: Engine({plan.name: plan}))

    assert [trial.outcome for trial in result.trials] == ["passed"]


class Strips:
    """A sidecar that says what it put in, and passes on what holds nothing of it."""

    def __init__(self, plan):
        self._engine = Engine({plan.name: plan})

    async def evaluate(self, content, *, policy):
        verdict = await self._engine.evaluate(content, policy=policy)
        parts = (Text("Another text than was signed. " + PROSE),)
        return replace(verdict, content=replace(verdict.content, parts=parts))


@pytest.mark.usefixtures("signing")
async def test_what_is_passed_on_is_looked_at_and_not_what_the_verdict_says(writing, stubs):
    path = writing(f"policy: signed\ncases:\n  - {{name: it, {PASS[0]}}}\n")

    result = await run_suite(path, stubs, Strips, stubs)

    lexical, manifest = (one.message for one in result.trials[0].mismatches)
    assert "mark 'lexical' in part 0: expected to be found, it is unmarked, p " in lexical
    assert manifest == (
        "mark 'manifest' in part 0: expected to be found, "
        "it is unmarked: the text or its manifest was changed after signing"
    )
