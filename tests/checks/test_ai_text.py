"""The check `ai_text`, with a language model whose surprise is written into the text."""

import json
import re
from dataclasses import dataclass

import numpy as np
import pytest
from pydantic import ValidationError

from guardrails.checks.ai_text.check import AiText, AiTextSettings
from guardrails.checks.ai_text.classifier import SMOLLM2, Classifier, read
from guardrails.checks.ai_text.features import NAMES, burstiness, features, perplexity
from guardrails.core.check import Unjudged
from guardrails.core.content import Text
from guardrails.core.errors import ModelError
from guardrails.keyring import Keyring
from guardrails.marks.catalog import BUILTIN, load
from guardrails.models.model import Surprise, Task

RING = "key1:" + "QUJD" * 11
SHIPPED = read(SMOLLM2)


@dataclass(frozen=True)
class Teller:
    """Takes every word for a token that surprises by as many nats as it says."""

    name: str = "teller"
    task: Task = Task.LANGUAGE_MODEL
    labels: tuple[str, ...] = ("found", "expected", "variance")
    sha256: str = "0" * 64
    probed: float | None = None

    async def surprise(self, text: str, /) -> Surprise:
        return told(text)

    def probe(self, _: str, /) -> float | None:
        return self.probed


def told(text):
    words = [*re.finditer(r"\d[\d.]*", text)]
    found = np.array([float(word.group()) for word in words], np.float32)
    starts, ends = (
        np.array([place(word) for word in words], np.int32)
        for place in (re.Match.start, re.Match.end)
    )
    return Surprise(found, np.full_like(found, 2.4), np.full_like(found, 5.0), starts, ends)


def numbers(count, *, calm):
    """Sampled from what was expected; or not: bursts of what nobody expected."""
    chance = np.random.default_rng(count)
    drawn = chance.gamma(1.0, 2.2, count) if calm else chance.gamma(0.8, 5.5, count)
    return " ".join(f"{each:.2f}" for each in drawn)


def check(**settings):
    context = {"keyring": Keyring.parse(RING)}
    given = {"model": Teller(), **settings}
    return AiText(AiTextSettings.model_validate(given, context=context))


async def findings(text, **settings):
    return await check(**settings).inspect(Text(text))


async def test_what_a_model_expects_is_likelier_its_own_kind():
    [machine] = await findings(numbers(300, calm=True))
    [person] = await findings(numbers(300, calm=False))
    assert machine.category == person.category == "MACHINE_WRITTEN"
    assert machine.score > 0.9
    assert person.score < 0.1


async def test_it_is_surer_the_longer_the_text():
    scores = [(await findings(numbers(count, calm=True)))[0].score for count in (100, 200, 400)]
    assert scores == sorted(scores)


@pytest.mark.parametrize(
    ("tokens", "minimum", "told"),
    [
        (99, 100, False),  # too short for an opinion
        (100, 100, True),
        (99, 50, True),  # the policy asks for one
        (0, 100, False),
    ],
)
async def test_of_short_texts_nothing_is_said(tokens, minimum, told):
    assert bool(await findings(numbers(tokens, calm=True), minimum_tokens=minimum)) is told


async def test_short_texts_are_unjudged_where_the_policy_says_so():
    with pytest.raises(Unjudged, match=r"^shorter than 100 tokens$"):
        await findings(numbers(99, calm=True), short_text="unjudged")
    assert await findings(" \n", short_text="unjudged") == ()


async def test_too_long_a_text_is_unjudged_never_passed_over():
    with pytest.raises(Unjudged, match=r"^longer than 1,000 characters$"):
        await findings(numbers(300, calm=True), maximum_characters=1000)


async def test_a_long_text_is_judged_in_passages_and_a_finding_tells_where():
    text = numbers(900, calm=False) + " " + numbers(300, calm=True)
    found = await findings(text)
    assert [each.score > 0.5 for each in found] == [False, False, False, True]
    assert found[0].where.start == 0
    assert found[-1].where.end == len(text)
    last = text[found[3].where.start : found[3].where.end]
    assert last == numbers(300, calm=True)


async def test_evidence_tells_what_was_measured_in_words():
    text = numbers(200, calm=True)
    [found] = await findings(text)
    usual = "{:.0f} to {:.0f}".format(*SHIPPED.usual)
    assert re.fullmatch(
        rf"perplexity \d+ \(people's texts: {usual}\), burstiness \d\.\d, over 200 tokens; "
        r"about \d+\.\d% of people's texts of this length score as high",
        found.evidence,
    )


def marked(name, text):
    kind = load(BUILTIN[name])
    settings = kind.Settings.model_validate({}, context={"keyring": Keyring.parse(RING)})
    return kind(settings).embed(Text(text)).text


async def test_a_mark_is_proof_also_in_a_short_text():
    text = marked("zero_width", "A short answer that somebody signed.")
    [found] = await findings(text, marks={"zero_width": {}})
    assert found.category == "MARKED_TEXT"
    assert found.score > 0.999
    assert found.evidence.startswith("carries the mark zero_width of key key1, p ")
    assert await findings(text) == ()  # nobody asked for it


async def test_where_no_mark_is_the_style_is_judged():
    [found] = await findings(numbers(200, calm=True), marks={"zero_width": {}})
    assert found.category == "MACHINE_WRITTEN"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model": None}, "a model is needed here, by its name"),
        ({"marks": {"cgw": {}}}, "unknown mark 'cgw', there are spread_spectrum, rivagan"),
        ({"marks": {"spread_spectrum": {}}}, "mark 'spread_spectrum' is none for texts"),
        ({"marks": ["kgw"]}, "give marks by name, each with its settings: {kgw: {tokenizer: ...}}"),
        ({"marks": {"kgw": {}}}, "kgw.tokenizer: Field required"),
        ({"minimum_tokens": 20}, "greater than or equal to 50"),
        ({"classifier": "nowhere.json"}, "cannot read the classifier 'nowhere.json': No such file"),
    ],
)
def test_slips_are_told_when_the_policy_is_loaded(settings, message):
    with pytest.raises((ValidationError, ValueError)) as failure:
        check(**settings)
    assert message in str(failure.value)


def test_another_language_model_needs_a_classifier_of_its_own():
    near = SHIPPED.probe.surprise + 0.05
    assert check(model=Teller(probed=near))  # the same one, in other digits
    with pytest.raises(ValueError, match="made with SmolLM2-135M-Instruct, model 'teller' is ano"):
        check(model=Teller(probed=near + 0.5))


def made(tmp_path, **changes):
    table = json.loads(SMOLLM2.read_text()) | changes
    file = tmp_path / "own.json"
    file.write_text(json.dumps(table))
    return file


def test_a_classifier_of_ones_own_stands_beside_the_policy(tmp_path):
    made(tmp_path, model="another")
    context = {"directory": tmp_path}
    settings = {"model": Teller(), "classifier": "own.json"}
    assert AiText(AiTextSettings.model_validate(settings, context=context))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"features": ["length"]}, "its features are not those of this version, fit it again"),
        ({"weights": [1.0]}, "it needs a mean, a scale and a weight for each feature"),
        ({"people": {"100": [0.1]}}, "at least 30 items"),
    ],
)
def test_a_classifier_of_another_version_is_refused(tmp_path, changes, message):
    with pytest.raises(ModelError, match=r"classifier .own\.json.") as failure:
        read(made(tmp_path, **changes))
    assert message in str(failure.value)


SCORES = tuple(place / 100 for place in range(99))


def known(**people):
    table = json.loads(SMOLLM2.read_text())
    return Classifier.model_validate(table | {"people": people or {"100": SCORES}})


@pytest.mark.parametrize(
    ("score", "rate"),
    [(0.0, 1.0), (0.98, 0.02), (0.99, 0.01)],  # never nought: of 99 texts nobody knows that
)
def test_a_score_is_as_rare_as_among_people(score, rate):
    assert known().rate(score, 150) == pytest.approx(rate)


@pytest.mark.parametrize("fpr", [0.01, 0.05, 0.3])
def test_a_threshold_is_reached_as_seldom_as_was_asked(fpr):
    threshold = known().threshold_for(fpr, 100)
    reached = sum(score >= threshold for score in SCORES)
    assert reached <= fpr * 100
    assert reached >= fpr * 100 - 2


def test_a_threshold_holds_at_every_length_that_is_judged():
    short, long = tuple(each / 2 + 0.4 for each in SCORES), SCORES
    both = known(**{"50": short, "200": long})
    assert both.threshold_for(0.05, 50) > both.threshold_for(0.05, 200) - 0.1
    assert both.threshold_for(0.5, 50) > both.threshold_for(0.5, 200)


def test_too_small_a_rate_is_not_guessed():
    with pytest.raises(ModelError, match=r"not calibrated for a target_fpr below 0.01, write 'thr"):
        known().threshold_for(0.001, 100)
    assert check(marks={"zero_width": {}}).threshold_for("MARKED_TEXT", 0.001) == 0.999


def test_features_are_of_the_text_and_not_of_its_places():
    once = told(numbers(200, calm=True))
    assert len(features(once)) == len(NAMES)
    assert np.isfinite(features(once.within(0, 1))).all()
    assert perplexity(once) == pytest.approx(np.exp(once.found.mean()))


def test_bursts_are_of_sentences_not_of_words():
    steady = told(" ".join(["1", "5"] * 100))
    bursts = told(" ".join(["1"] * 100 + ["5"] * 100))
    assert burstiness(steady) == 0
    assert burstiness(bursts) == 2
    assert burstiness(told("1 2 3")) == 0
