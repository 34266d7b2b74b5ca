"""The two ways to judge: an engine in this process, and a sidecar."""

import pytest

from guardrails.client import guard
from guardrails.engine.engine import Engine
from guardrails.policy.loader import load
from guardrails.server.address import Tcp
from guardrails.server.config import Config

SEES = """
policy: sees
limits: {frames: 2}
input:
  - check: keywords
    rule: confidential
    with: {words: [zephyr], category: confidential}
    then: redact
  - check: keywords
    rule: forbidden
    with: {words: [forbidden]}
    then: block
  - check: unsafe_image
    threshold: 0.0
    then: redact
output:
  - check: keywords
    rule: forbidden
    with: {words: [forbidden]}
    then: block
  - check: unsafe_image
    threshold: 1.0
    then: block
"""


SEALS = """
policy: seals
hiding: {keys_file: keys.txt}
input:
  - check: keywords
    with: {words: [ada lovelace], category: person}
    then: redact
    redact: {as: sealed}
output:
  - check: keywords
    with: {words: [forbidden]}
    then: block
"""


@pytest.fixture(scope="session")
def seeing(policies, tmp_path_factory):
    """The small policies and one that covers every picture, and has no reply."""
    folder = tmp_path_factory.mktemp("seeing")
    for one in policies.iterdir():
        (folder / one.name).write_text(one.read_text())
    (folder / "sees.yaml").write_text(SEES)
    (folder / "seals.yaml").write_text(SEALS)
    (folder / "keys.txt").write_text("k1:" + "QUFB" * 11)
    return folder


@pytest.fixture(scope="session")
def seeing_engine(seeing, models):
    return Engine(load(seeing, models))


@pytest.fixture(scope="session")
def seeing_address(serve, seeing):
    return serve(Config(seeing, Tcp("127.0.0.1", 0)))


@pytest.fixture(params=["engine", "sidecar"])
def judge(request, seeing_engine, seeing_address):
    """Options of `guard` that say who judges."""
    engine, address = {"engine": seeing_engine}, {"address": seeing_address}
    return engine if request.param == "engine" else address


@pytest.fixture
def guarded(judge, kind):
    """Guard a function of one prompt, sync or async, and give how to call it."""

    def decorate(function, policy="tiny", **options):
        decorated = guard(policy=policy, **judge, **options)
        if kind == "sync":
            return _awaitable(decorated(function))

        async def generate(prompt):
            return function(prompt)

        return decorated(generate)

    return decorate


def _awaitable(function):
    async def call(prompt):
        return function(prompt)

    return call


@pytest.fixture(params=["sync", "async"])
def kind(request):
    """What kind of function is guarded."""
    return request.param
