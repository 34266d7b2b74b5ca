"""Marks of a policy as it is written, on real content."""

from pathlib import Path

import pytest

from guardrails.core.content import Content, Image, Stage, Surface, answer
from guardrails.core.mark import Decision
from guardrails.core.verdict import Action, Marked
from guardrails.engine.engine import Engine
from guardrails.marks.provenance.certificates import development
from guardrails.marks.provenance.credentials import read
from guardrails.policy.loader import load

PICTURE = (Path(__file__).parents[1] / "pictures" / "astronaut.jpg").read_bytes()
KEYS = {"KEYS": "k2:" + "QkJC" * 11 + ",k1:" + "QUFB" * 11}
BASE = """
policy: base
hiding: {keys: "${env:KEYS}"}
marks:
  - mark: zero_width
    on_error: flag
"""
SIGNED = """
policy: signed
extends: base
output:
  - check: size
    rule: pictures
    with: {bytes: 10_000_000}
  - check: size
    rule: texts
    with: {characters: 10_000}
marks:
  - mark: spread_spectrum
    with: {payload: c0ffee}
  - mark: c2pa
    with: {certificate: dev.pem, key: dev.key, generator: painter}
"""


@pytest.fixture
def plan(tmp_path, models):
    certificate, key = development()
    for name, text in {
        "base.yaml": BASE,
        "signed.yaml": SIGNED,
        "dev.pem": certificate,
        "dev.key": key,
    }.items():
        (tmp_path / name).write_text(text)
    return load(tmp_path, models, environment=KEYS)["signed"]


async def test_the_marks_of_the_base_come_first(plan):
    assert [step.name for step in plan.marks] == ["zero_width", "spread_spectrum", "c2pa"]
    assert [step.on_error for step in plan.marks] == [Action.FLAG, Action.BLOCK, Action.BLOCK]


async def test_a_picture_is_marked_and_its_manifest_says_by_which_decision(plan):
    content = Content((Image(PICTURE, Surface.ASSISTANT),), Stage.OUTPUT)
    verdict = await Engine({"signed": plan}).evaluate(content, policy="signed")
    (passed_on,) = verdict.content.parts
    waves, credentials = plan.marks[1].mark, plan.marks[2].mark
    assert verdict.action is Action.ALLOW
    assert verdict.marks == (
        Marked("spread_spectrum", "k2", payload="c0ffee"),
        Marked("c2pa", credentials.key_id),
    )
    found = waves.detect(passed_on)
    assert (found.decision, found.key_id, found.payload) == (Decision.MARKED, "k2", "c0ffee")
    assert credentials.detect(passed_on).decision is Decision.MARKED
    assert "c0ffee" in read(passed_on.data).payloads
    assert verdict.id.encode() in passed_on.data
    assert plan.hash.encode() in passed_on.data


async def test_a_text_is_marked_with_the_current_key(plan):
    verdict = await Engine({"signed": plan}).evaluate(answer("fine words " * 30), policy="signed")
    assert verdict.marks == (Marked("zero_width", "k2"),)
    (part,) = verdict.content.parts
    assert plan.marks[0].mark.detect(part).decision is Decision.MARKED


async def test_what_a_base_signs_is_signed_behind_what_its_heir_puts_in(tmp_path, models):
    (tmp_path / "base.yaml").write_text(BASE + "  - mark: manifest\n")
    (tmp_path / "heir.yaml").write_text("policy: heir\nextends: base\nmarks:\n  - mark: lexical\n")
    plan = load(tmp_path, models, environment=KEYS)["heir"]
    assert [step.name for step in plan.marks] == ["zero_width", "lexical", "manifest"]

    verdict = await Engine({"heir": plan}).evaluate(answer("fine words " * 30), policy="heir")

    [text], manifest = verdict.content.parts, plan.marks[2].mark
    found = manifest.detect_with(text, verdict.marks[2].attachment)
    assert (found.decision, found.key_id, found.payload) == (Decision.MARKED, "k2", verdict.id)


async def test_an_heir_that_writes_the_base_s_signature_again_may_write_it_last(tmp_path, models):
    (tmp_path / "base.yaml").write_text(BASE + "  - mark: manifest\n")
    heir = "policy: heir\nextends: base\nmarks:\n  - mark: lexical\n  - mark: manifest\n"
    (tmp_path / "heir.yaml").write_text(heir)
    plan = load(tmp_path, models, environment=KEYS)["heir"]
    assert [step.name for step in plan.marks] == ["zero_width", "lexical", "manifest"]
