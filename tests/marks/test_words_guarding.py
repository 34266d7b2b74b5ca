"""The guard leaves out what would change a sentence too much, and says what was changed."""

import base64
import shutil

import pytest

from guardrails.keyring import Keyring
from guardrails.marks.words.encoder import OnnxEncoder, opened
from guardrails.marks.words.guarding import Guard
from guardrails.marks.words.lexical import Lexical
from guardrails.marks.words.telling import Change, made
from guardrails.models.store import SHIPPED

KEYS = Keyring.parse(f"k1:{base64.b64encode(b'k' * 32).decode()}")
TEXT = "It is often so, and many people say that films are big. " * 3
SENTENCE = "The big dog often sleeps."
BIG, OFTEN = Change(4, "big", "large"), Change(12, "often", "never")


@pytest.fixture(scope="module")
def encoder():
    return opened(SHIPPED / "text_guard")


def test_the_shipped_encoder_tells_a_synonym_from_another_meaning(encoder):
    often = "It is often raining in Berlin in November."
    alike = encoder.likeness(often, often.replace("often", "frequently"))
    other = encoder.likeness(often, "Quantum mechanics is a theory.")

    assert encoder.likeness(often, often) == pytest.approx(1, abs=1e-5)
    assert alike > 0.97
    assert other < 0.75


def test_a_long_passage_is_read_to_its_end(encoder):
    long = "The dog sleeps. " * 300

    assert encoder.likeness(long + "Good.", long + "Quantum mechanics is wrong. " * 60) < 0.995


class Weighing:
    """Knows how much each word of a pair of sentences weighs."""

    def __init__(self, **weights):
        self.weights = weights

    def likeness(self, one, other):
        changed = set(other.split()) - set(one.split())
        return 1 - sum(self.weights.get(word, 0) for word in changed)


@pytest.mark.parametrize(
    ("weights", "kept", "likeness"),
    [
        ({"large": 0.02, "never": 0.02}, (BIG, OFTEN), 0.96),
        ({"large": 0.02, "never": 0.04}, (BIG,), 0.98),
        ({"large": 0.06, "never": 0.03}, (OFTEN,), 0.97),
        ({"large": 0.06, "never": 0.07}, (), None),
    ],
    ids=["all may be", "the milder one", "the milder one is second", "none"],
)
def test_as_many_changes_are_made_as_leave_a_sentence_alike(weights, kept, likeness):
    got, reached = Guard(Weighing(**weights), 0.95).kept(SENTENCE, (BIG, OFTEN))

    assert tuple(got) == kept
    assert reached == (None if likeness is None else pytest.approx(likeness))


def test_changes_are_made_in_order():
    assert made(SENTENCE, (BIG, OFTEN)) == "The large dog never sleeps."


def test_without_an_encoder_nothing_is_compared():
    assert Guard(None, 0.95).kept(SENTENCE, (BIG,)) == ((BIG,), None)


def test_what_was_changed_is_told():
    free = Lexical(Lexical.Settings(keyring=KEYS, encoder=None)).substituted(TEXT)
    strict = Lexical(Lexical.Settings(keyring=KEYS, likeness=1)).substituted(TEXT)

    assert free.changed > 0
    assert str(free) == f"{free.changed} of {free.words} words changed"
    assert [change.now for change in free.changes] != [change.was for change in free.changes]
    assert strict.text == TEXT
    left = f"{len(free.changes)} left as they were to keep the meaning"
    assert str(strict) == f"0 of {strict.words} words changed, {left}"


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("nowhere", "model 'nowhere': cannot read manifest.toml"),
        ("yunet", "model 'yunet' reads no text, so it compares no sentences"),
        ("rampart", "model 'rampart' has no output 'token_embeddings'"),
        (7, "a model is needed here, by its name or its folder"),
    ],
)
def test_a_model_that_compares_no_sentences_is_refused_when_the_mark_is_built(model, message):
    with pytest.raises(ValueError, match=message):
        Lexical.Settings(keyring=KEYS, encoder=model)


def test_an_altered_model_is_refused(tmp_path):
    folder = tmp_path / "text_guard"
    shutil.copytree(SHIPPED / "text_guard", folder)
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"\0")

    with pytest.raises(ValueError, match=r"model 'text_guard': model\.onnx was altered"):
        Lexical.Settings(keyring=KEYS, encoder=str(folder))


def test_a_folder_beside_the_policy_is_found(tmp_path):
    shutil.copytree(SHIPPED / "text_guard", tmp_path / "mine" / "text_guard")
    given = {"keyring": KEYS, "encoder": "mine/text_guard"}

    settings = Lexical.Settings.model_validate(given, context={"directory": tmp_path})
    assert isinstance(settings.encoder, OnnxEncoder)
