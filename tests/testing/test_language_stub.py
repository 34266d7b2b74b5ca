"""Stands in for a language model in policy tests."""

import pytest

from guardrails.models.manifest import read
from guardrails.testing.stubs import StubModels

MANIFEST = """
name = "reader"
task = "language-model"
summary = "for tests"
scores = "nats"
labels = ["found", "expected", "variance"]
activation = "none"
text = {positions = 512, window = 256, overlap = 64}
batch = {budget = 512}
licence = {spdx = "CC0-1.0", attribution = "nobody"}

[files]
"model.onnx" = {sha256 = "0000000000000000000000000000000000000000000000000000000000000000"}
"tokenizer.json" = {sha256 = "0000000000000000000000000000000000000000000000000000000000000000"}
"""


@pytest.fixture
def stubs(tmp_path) -> StubModels:
    (tmp_path / "reader").mkdir()
    (tmp_path / "reader" / "manifest.toml").write_text(MANIFEST)
    return StubModels([read(tmp_path / "reader")])


async def test_a_case_says_how_surprised_it_is_by_every_word(stubs):
    with stubs.saying({"reader": {"found": 0.5, "expected": 0.25}}):
        said = await stubs.open("reader").surprise(" two words")
    assert said.found.tolist() == [0.5, 0.5]
    assert said.expected.tolist() == [0.25, 0.25]
    assert said.variance.tolist() == [0, 0]
    assert (said.starts.tolist(), said.ends.tolist()) == ([1, 5], [4, 10])


async def test_without_a_word_of_the_case_it_reads_nothing(stubs):
    assert len(await stubs.open("reader").surprise("two words")) == 0


def test_it_cannot_tell_which_model_it_stands_for(stubs):
    assert stubs.open("reader").probe("two words") is None
