import io
import json
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from guardrails.policy import json_schema
from guardrails.policy.json_schema import policy_schema
from guardrails.policy.problems import Problems
from guardrails.policy.source import parse, read
from guardrails.testing.fakes import CATALOG

POLICIES = Path(__file__).parents[2] / "policies"
PRESENT = {name: entry for name, entry in CATALOG.items() if name != "absent"}


@pytest.fixture(scope="module")
def validator():
    schema = policy_schema(PRESENT)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def errors(validator, text):
    tree = parse(text, "p.yaml", Problems())
    return ["/".join(map(str, error.path)) for error in validator.iter_errors(tree.plain)]


def test_the_shipped_schema_is_fresh(monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr(sys, "stdout", written)
    json_schema.main()
    shipped = (POLICIES / "policy.schema.json").read_text()
    assert written.getvalue() == shipped, (
        "run python -m guardrails.policy.json_schema > policies/policy.schema.json"
    )


@pytest.mark.parametrize("name", ["base", "chat", "images"])
def test_shipped_policies_are_valid_and_point_at_their_schema(name):
    path = POLICIES / f"{name}.yaml"
    schema = json.loads((POLICIES / "policy.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(read(path, Problems()).plain)
    assert path.read_text().startswith("# yaml-language-server: $schema=policy.schema.json\n")


def test_what_loads_is_valid(validator):
    text = """policy: p
mode: observe
extends: base
limits: {parts: 5}
on_unjudged: flag
input:
- check: words
  with: {words: [a], score: 0.5}
  threshold: 1
  then: redact
  redact: {as: mask}
  timeout: 50ms
  surfaces: [user]
  floor: true
- {rule: inherited, on_error: allow}
- {check: classifier, with: {model: fake}}
replies: {block: sorry}
"""
    assert errors(validator, text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("mode: enforce", ""),
        ("policy: my policy", "policy"),
        ("{policy: p, mod: x}", ""),
        ("{policy: p, limits: {parts: 0}}", "limits/parts"),
        ("{policy: p, input: [{then: block}]}", "input/0"),
        ("{policy: p, input: [{check: wrds}]}", "input/0/check"),
        ("{policy: p, input: [{check: words, with: {wrods: [a], words: [b]}}]}", "input/0/with"),
        ("{policy: p, input: [{check: words, with: {words: [5]}}]}", "input/0/with/words/0"),
        ("{policy: p, input: [{check: comparison, with: {words: [a]}}]}", "input/0/with"),
        ("{policy: p, input: [{check: classifier, with: {model: 5}}]}", "input/0/with/model"),
        ("{policy: p, input: [{check: classifier, timeout: 5}]}", "input/0/timeout"),
        ("{policy: p, output: [{check: classifier, threshold: 2}]}", "output/0/threshold"),
        ("{policy: p, output: [{check: classifier, target_fpr: 0}]}", "output/0/target_fpr"),
        ("{policy: p, output: [{check: classifier, redact: {as: x}}]}", "output/0/redact/as"),
    ],
)
def test_an_editor_underlines(validator, text, place):
    assert errors(validator, text) == [place]


def test_an_editor_explains(validator):
    rule = validator.schema["$defs"]["Rule"]["properties"]
    assert {"const": "words", "description": "words of a list"} in rule["check"]["anyOf"]
    assert all("description" in key for key in rule.values())
    assert all("description" in key for key in validator.schema["properties"].values())
    assert "default" not in rule["timeout"]
