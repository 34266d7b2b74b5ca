"""A policy made of real checks, and test files for it in an empty directory."""

import io
from pathlib import Path

import pytest
from PIL import Image

from guardrails.core.errors import PolicyError
from guardrails.engine.engine import Engine
from guardrails.models.store import manifests
from guardrails.testing.runner import prepare
from guardrails.testing.runner import run as run_suite
from guardrails.testing.stubs import StubModels
from guardrails.testing.suite import SuiteError

CHAT = """
policy: chat
limits: {characters: 200}
input:
  - check: keywords
    rule: forbidden
    with: {words: [forbidden], category: taboo}
    then: block
  - check: keywords
    with: {words: [zephyr], category: confidential}
    then: redact
  - check: pii
    with: {entities: [PERSON, CREDIT_CARD]}
    then: redact
  - check: unsafe_image
    then: block
output:
  - check: keywords
    rule: leak.words
    with: {words: [zephyr], category: confidential}
    then: flag
replies: {block: I can't help with that.}
"""


def picture() -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(encoded, "PNG")
    return encoded.getvalue()


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The working directory: a policy and a picture in it, and no tests."""
    monkeypatch.chdir(tmp_path)
    Path("chat.yaml").write_text(CHAT)
    Path("dot.png").write_bytes(picture())
    return tmp_path


@pytest.fixture
def stubs() -> StubModels:
    return StubModels(manifests())


@pytest.fixture
def writing(folder):
    """Write one test file."""

    def write(text, name="chat_test.yaml"):
        path = folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path.relative_to(folder)

    return write


@pytest.fixture
def trying(writing, stubs):
    """Write one test file and run it with stubs."""

    async def write_and_run(text, name="chat_test.yaml"):
        path = writing(text, name)
        return await run_suite(path, stubs, lambda plan: Engine({plan.name: plan}), stubs)

    return write_and_run


@pytest.fixture
def refusing(writing, stubs):
    """What an author reads who wrote a test file that cannot be tried."""

    def problems_of(text):
        path = writing(text)
        with pytest.raises((SuiteError, PolicyError)) as refused:
            prepare(path, stubs)
        return str(refused.value).splitlines()

    return problems_of
