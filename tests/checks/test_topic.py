"""Topics by example: what a policy says, and what becomes of it."""

import re
from collections import Counter

import numpy as np
import pytest
from pydantic import ValidationError

from guardrails.checks.topic import Topic, TopicSettings
from guardrails.core.check import Calibrated
from guardrails.core.content import Text
from guardrails.core.errors import PolicyError
from guardrails.core.view import Span
from guardrails.models.model import Scored, Sentence, Task
from guardrails.models.taught import ordinary, teach
from guardrails.policy.loader import load
from guardrails.testing.fakes import FakeModels

ADVICE = [
    "Which shares should I buy now?",
    "Should I put my savings into bonds or funds?",
    "Is it a good time to sell my shares?",
    "What return will this fund give me next year?",
    "Should I buy gold or shares with my savings?",
    "Which fund should I buy for my pension?",
]
COUNTER = [
    "When does the branch open on Saturday?",
    "How do I block my lost card?",
    "What does a transfer to another country cost?",
    "My card was declined at the branch, why?",
    "How do I change the address on my account?",
    "Where do I see the transfers of my account?",
]


class Lexicon:
    """Embeds a text by its words; takes it for one sentence."""

    name, task, labels, sha256 = "lexicon", Task.TEXT_CLASSIFICATION, ("toxicity",), "0" * 64

    def __init__(self):
        self.asked = []

    async def classify(self, text):
        self.asked.append(text)
        whole = Span(0, len(text))
        return [Scored({"toxicity": 0.0}, whole, sentences=(Sentence(whole, embedded(text)),))]

    def threshold_for(self, label, fpr):
        raise NotImplementedError

    def teach(self, label, examples, counter_examples):
        texts = (examples, counter_examples, ordinary())
        return teach(self, label, *([embedded(text) for text in each] for each in texts))


def embedded(text):
    vector = np.zeros(512, np.float32)
    for word, count in Counter(re.findall(r"\w+", text.lower())).items():
        vector[sum(ord(letter) * 31**at for at, letter in enumerate(word)) % 512] += count
    return vector


def build(**written):
    settings = {"name": "investment_advice", "model": Lexicon()} | written
    return Topic(TopicSettings.model_validate(settings))


@pytest.fixture(scope="module")
def advice():
    return build(examples=ADVICE, counter_examples=COUNTER)


async def score(check, text):
    [finding] = await check.inspect(Text(text))
    assert (finding.category, finding.where) == ("investment_advice", Span(0, len(text)))
    return finding.score


@pytest.mark.parametrize(
    ("text", "on_topic"),
    [
        ("Which shares should I buy next year?", True),
        ("Is this fund good for my savings?", True),
        ("How do I change my card?", False),
        ("When does the branch close?", False),
        ("Write a story about a lighthouse.", False),  # what no counter-example speaks of
    ],
)
async def test_it_tells_its_topic_from_all_else(advice, text, on_topic):
    assert (await score(advice, text) > 0.5) is on_topic


def test_it_knows_no_false_positive_rate(advice):
    assert not isinstance(advice, Calibrated)  # a few examples cannot show a rate


async def test_it_asks_for_one_pass():
    lexicon = Lexicon()
    check = build(examples=ADVICE, counter_examples=COUNTER, model=lexicon)
    await check.inspect(Text("Which shares?"))
    assert lexicon.asked == ["Which shares?"]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({}, "topic 'investment_advice' has 0 different 'examples', give 5 to 50"),
        ({"examples": ["a", "b", "c", "d", " a "]}, "has 4 different 'examples'"),
        ({"examples": [str(number) for number in range(51)]}, "has 51 different 'examples'"),
        ({"examples": ADVICE, "counter_examples": COUNTER[:2]}, "2 different 'counter_examples'"),
        ({"examples": [*ADVICE, " "], "counter_examples": COUNTER}, "should match pattern"),
        ({"name": "buy shares"}, "should match pattern"),
        ({"examples_file": "absent.txt"}, "cannot read 'absent.txt': No such file or directory"),
    ],
)
def test_settings_that_name_no_topic_are_refused(written, message):
    with pytest.raises(ValidationError, match=message):
        build(**written)


@pytest.fixture
def loading(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def load_policy(**files):
        for name, lines in files.items():
            (tmp_path / f"{name}.txt").write_text("# one a line\n\n" + "\n".join(lines))
        (tmp_path / "p.yaml").write_text(
            "policy: p\ninput:\n- check: topic\n  with:\n    name: advice\n"
            "    examples_file: on.txt\n    counter_examples_file: off.txt\n    model: lexicon\n"
        )
        return load(tmp_path / "p.yaml", FakeModels(Lexicon()))["p"]

    return load_policy


def test_examples_may_stand_in_files_beside_the_policy_and_count_in_its_hash(loading):
    plan = loading(on=ADVICE, off=COUNTER)
    assert plan.models == {"lexicon": "0" * 64}
    assert loading(on=ADVICE[1:], off=COUNTER).hash != plan.hash


def test_poor_separation_is_a_problem_at_load_with_the_figures(loading):
    mixed = [*ADVICE[:3], *COUNTER[:3]], [*ADVICE[3:], *COUNTER[3:]]
    with pytest.raises(PolicyError) as caught:
        loading(on=mixed[0], off=mixed[1])
    [problem] = caught.value.problems
    assert (problem.place.line, problem.place.column) == (5, 5)
    assert re.fullmatch(
        r"'advice' is not told apart from its counter-examples: cross-validated AUC 0\.\d\d with "
        r"6 examples and 6 counter-examples, 0\.8 is needed, give more or clearer ones",
        problem.message,
    )
