"""The routing file: what is wrong is told with its place, and what fits is found."""

from hashlib import sha256

import pytest

from guardrails.core.content import Caller
from guardrails.core.errors import ContentError, PolicyError
from guardrails.server.openai.routing import load
from guardrails.wire.messages import Kind

KEY = sha256(b"sk-1").hexdigest()


@pytest.fixture
def routing(tmp_path):
    def make(text, policies=("chat", "strict")):
        path = tmp_path / "r.yaml"
        path.write_text(text)
        return load(path, policies)

    return make


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("policy: chta", "1:9: unknown policy 'chta', did you mean 'chat'?"),
        (
            "policy: chat\nrules:\n  - {policy: nope, model: x}",
            "3:14: unknown policy 'nope', known are 'chat', 'strict'",
        ),
        (
            "policy: chat\nrules: [{policy: chat}]",
            "2:9: a rule fits everything, give it a model or a key",
        ),
        (
            "policy: chat\npolicy_heder: x",
            "2:1: unknown key 'policy_heder', did you mean 'policy_header'?",
        ),
        (
            "policy: chat\nunjudged: [sond]",
            "2:12: an item of 'unjudged' cannot be 'sond', did you mean 'sound'?",
        ),
        (
            "policy: chat\nblocked: maybe",
            "2:10: 'blocked' cannot be 'maybe', use 'answer' or 'error'",
        ),
        ("policy: chat\npolicy: chat", "2:1: key 'policy' is already on line 1, keep one"),
    ],
)
def test_problems_have_their_place(routing, tmp_path, text, problem):
    with pytest.raises(PolicyError) as caught:
        routing(text)

    assert str(caught.value) == f"{tmp_path}/r.yaml:{problem}"


def test_a_default_is_needed_where_there_are_several():
    assert load(None, ("chat",)).policy == "chat"
    with pytest.raises(ContentError, match="say in a routing file which is the default"):
        load(None, ("chat", "strict"))


RULES = f"""\
policy: chat
rules:
  - {{model: gpt-*, policy: strict}}
  - {{key: {KEY}, policy: strict, tenant: acme}}
policy_header: X-Policy
tenant_header: x-tenant
person_header: x-person
unjudged: [picture]
"""


@pytest.mark.parametrize(
    ("headers", "model", "policy", "caller"),
    [
        ({}, "m", "chat", Caller()),
        ({}, "gpt-9", "strict", Caller()),
        ({"authorization": "Bearer sk-1"}, "m", "strict", Caller("acme")),
        ({"x-api-key": "sk-1"}, "m", "strict", Caller("acme")),
        ({"authorization": "Bearer sk-1", "x-tenant": "other"}, "m", "strict", Caller("acme")),
        ({"authorization": "Basic sk-1"}, "m", "chat", Caller()),
        ({"x-policy": "chat"}, "gpt-9", "chat", Caller()),
        ({"x-tenant": "t", "x-person": "p"}, "m", "chat", Caller("t", "p")),
    ],
)
def test_the_first_rule_that_fits(routing, headers, model, policy, caller):
    terms = routing(RULES).terms(headers, model, {"chat", "strict"})

    assert (terms.policy, terms.caller) == (policy, caller)
    assert terms.passing == {Kind.PICTURE}


def test_a_header_cannot_name_what_is_not_loaded(routing):
    with pytest.raises(ContentError, match="names a policy that is not here"):
        routing(RULES).terms({"x-policy": "other"}, "m", {"chat", "strict"})


def test_each_key_can_be_a_tenant(routing):
    made = routing("policy: chat\ntenant_by_key: true")
    one, other, none = (
        made.terms(headers, "m", ("chat",)).caller.tenant
        for headers in ({"authorization": "Bearer a"}, {"authorization": "Bearer b"}, {})
    )

    assert len({one, other, none}) == 3
    assert none == ""


@pytest.mark.parametrize(
    ("method", "path", "passes"),
    [
        ("GET", "/v1/models", True),
        ("GET", "/v1/models/m", True),
        ("DELETE", "/v1/models/m", False),
        ("POST", "/v1/audio/speech", False),
        ("GET", "/", False),
    ],
)
def test_what_goes_by_by_default(method, path, passes):
    assert load(None, ("chat",)).lets_by(method, path) is passes
