"""Text marks at generation, found again: p-values, passages, keys and what is too short."""

import itertools
import math
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
import pytest

import guardrails
from guardrails.core.content import Text
from guardrails.core.errors import MarkError
from guardrails.core.mark import Decision
from guardrails.core.view import Span
from guardrails.keyring import Key, Keyring
from guardrails.marks.sampling import calibration, prf, tails
from guardrails.marks.sampling.detecting import Detector
from guardrails.marks.sampling.gumbel import Gumbel
from guardrails.marks.sampling.kgw import Hashing, Kgw
from guardrails.marks.sampling.marks import GumbelMark, KgwMark, SynthIdMark
from guardrails.marks.sampling.reading import tokenizer_in
from guardrails.marks.sampling.sampler import Sampler
from guardrails.marks.sampling.synthid import SynthId

SCHEMES = {
    "kgw": Kgw(),
    "kgw self": Kgw(width=4, hashing=Hashing.SELF),
    "gumbel": Gumbel(),
    "synthid": SynthId(),
}
VOCABULARY = 400
RING = Keyring(tuple(Key(f"k{number}", bytes([number]) * 32) for number in (1, 2, 3)))
every_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)


class Bigrams:
    """A generator whose next token hangs on the last one: about 2.5 nats a token."""

    def __init__(self, seed=0):
        self._chance = np.random.default_rng(seed)
        table = np.random.default_rng(99).normal(size=(VOCABULARY, VOCABULARY)) * 2.6
        self._table = table.astype(np.float32)

    def write(self, tokens, scheme=None, key=RING.current, texts=1):
        ids = self._chance.integers(0, VOCABULARY, (texts, 4))
        sampler = Sampler(scheme, prf.secret(key, scheme.name)) if scheme else None
        for _ in range(tokens):
            logits = self._table[ids[:, -1]]
            logits = sampler(ids, logits) if sampler else logits
            draws = self._chance.gumbel(size=logits.shape)
            ids = np.concatenate([ids, (logits + draws).argmax(1)[:, None]], 1)
        return ids[:, 4:].astype(np.int32)


@every_scheme
def test_marked_text_is_found_with_its_key_and_no_other(scheme):
    detector = Detector(scheme, RING)
    for key in RING:
        for ids in Bigrams().write(200, scheme, key, texts=10):
            found = detector.detect(ids)
            assert (found.decision, found.key_id) == (Decision.MARKED, key.id)
            assert found.p_value < 1e-6
            assert found.z > 5
    stranger = Detector(scheme, Keyring((Key("k9", b"9" * 32),)))
    [ids] = Bigrams().write(200, scheme)
    assert stranger.detect(ids).decision is Decision.UNMARKED
    assert stranger.detect(ids).key_id == ""


def keyrings(count):
    """Of small languages some keys like the commonest words: chance is over keys."""
    return [Keyring((Key("k1", number.to_bytes(32)),)) for number in range(count)]


@every_scheme
def test_p_values_of_unmarked_text_keep_their_word(scheme):
    pairs = zip(keyrings(3000), Bigrams(1).write(60, texts=3000), strict=True)
    p_values = np.array(
        [Detector(scheme, ring).evidence(ids, "k1").p_value(0, 60) for ring, ids in pairs]
    )
    for rate in (0.1, 0.01):
        assert (p_values <= rate).mean() < rate + 4 * math.sqrt(rate / 3000)
    pairs = zip(keyrings(500), Bigrams(2).write(300, texts=500), strict=True)
    scanned = np.array([Detector(scheme, ring).detect(ids).p_value for ring, ids in pairs])
    assert (scanned <= 0.1).mean() < 0.1 + 4 * math.sqrt(0.1 / 500)


@every_scheme
def test_a_marked_passage_in_a_longer_text_is_found_and_bounded(scheme):
    generator = Bigrams(3)
    [before], [after] = generator.write(700), generator.write(1100)
    [marked] = generator.write(200, scheme)
    found = Detector(scheme, RING).detect(np.concatenate([before, marked, after]))
    assert found.decision is Decision.MARKED
    assert abs(found.start - 700) < 40
    assert abs(found.end - 900) < 40


@every_scheme
def test_a_text_marked_throughout_is_marked_as_a_whole(scheme):
    [ids] = Bigrams(4).write(400, scheme)
    found = Detector(scheme, RING).detect(ids)
    assert (found.start, found.end) == (0, 400)


@every_scheme
def test_saying_it_again_is_no_further_evidence(scheme):
    [ids] = Bigrams(5).write(40, scheme)
    detector = Detector(scheme, Keyring((RING.current,)))
    once = detector.evidence(ids, "k1")
    often = detector.evidence(np.tile(ids, 10), "k1")
    assert often.count(0, 400) <= once.count(0, 40) + scheme.width
    assert often.p_value(0, 400) > once.p_value(0, 40) / 1e4


@every_scheme
def test_short_text_is_undecidable_unless_it_is_plain_all_the_same(scheme):
    detector = Detector(scheme, RING, false_positive_rate=1e-5)
    short, longer = detector.needed + scheme.width - 1, 200
    texts = Bigrams(6).write(longer, texts=20)
    assert {detector.detect(ids[:short]).decision for ids in texts} == {Decision.UNDECIDABLE}
    assert {detector.detect(ids).decision for ids in texts} == {Decision.UNMARKED}
    for length in range(scheme.width + 1):
        assert detector.detect(texts[0][:length]).decision is Decision.UNDECIDABLE
        assert detector.detect(texts[0][:length]).p_value == 1


def test_stricter_rates_and_more_keys_need_longer_text():
    one = Keyring((RING.current,))
    needed = [
        Detector(Kgw(), ring, false_positive_rate=rate).needed
        for rate, ring in ((0.01, one), (0.001, one), (0.001, RING), (1e-6, RING))
    ]
    assert needed == sorted(set(needed))


def exactly(hits, trials, share):
    return sum(
        math.comb(trials, k) * share**k * (1 - share) ** (trials - k)
        for k in range(hits, trials + 1)
    )


@pytest.mark.parametrize(("trials", "share"), [(1, 0.25), (10, 0.25), (200, 0.25), (60, 0.5)])
def test_the_binomial_tail_is_exact(trials, share):
    for hits in range(trials + 1):
        assert tails.binomial(hits, trials, share) == pytest.approx(
            exactly(hits, trials, share), rel=1e-9
        )
    assert tails.binomial(trials + 1, trials, share) < 1e-200


@pytest.mark.parametrize(
    ("total", "count"), [(0.1, 5), (3, 1), (2, 3), (150, 200), (199, 200), (250, 200), (420, 200)]
)
def test_the_gamma_tail_is_exact(total, count):
    """As long as the sum is not reached, fewer events have come of a Poisson process."""
    events = [math.exp(k * math.log(total) - total - math.lgamma(k + 1)) for k in range(count)]
    assert tails.gamma(total, count) == pytest.approx(sum(events), rel=1e-9)


def test_tails_of_long_texts_are_finite_and_fall():
    for tail in (
        lambda x: tails.binomial(int(x / 4), 250_000, 0.25),
        lambda x: tails.gamma(x, 250_000),
    ):
        values = [tail(250_000 * share) for share in (0.9, 0.99, 1, 1.01, 1.02, 1.5)]
        assert values == sorted(values, reverse=True)
        assert values[2] == pytest.approx(0.5, abs=0.01)


@pytest.fixture(scope="module")
def tokenizer_file():
    return Path(guardrails.__file__).parent / "models/zoo/text_guard/tokenizer.json"


@pytest.fixture(scope="module")
def human(tokenizer_file):
    """Python's own manual, 200 tokens each."""
    ids = tokenizer_in(tokenizer_file).read("\n\n".join(topics.values())).ids
    return ids[: len(ids) // 200 * 200].reshape(-1, 200)


@every_scheme
def test_human_text_is_hardly_ever_called_marked(scheme, human):
    seen = flagged = 0
    for number in range(5):
        ring = Keyring((Key("h", bytes([50 + number]) * 32),))
        rate = calibration.rate(Detector(scheme, ring, false_positive_rate=0.01), human)
        seen, flagged = seen + rate.passages, flagged + rate.flagged
    assert seen > 3000
    assert flagged / seen < 0.02


def test_what_a_key_likes_in_human_text_is_taken_off(human):
    ring = Keyring(tuple(Key(f"h{number}", bytes([number]) * 32) for number in range(8)))
    excess = calibration.excess(Kgw(), ring, human[::2])
    assert all(0 <= value < 0.02 for value in excess.values())
    liked = max(excess, key=excess.__getitem__)
    assert excess[liked] > 0
    plain, calibrated = Detector(Kgw(), ring), Detector(Kgw(), ring, excess=excess)
    [one] = (detector.evidence(human[1], liked).p_value(0, 200) for detector in [plain])
    assert calibrated.evidence(human[1], liked).p_value(0, 200) >= one


@pytest.fixture
def marks(tokenizer_file):
    settings = {"keyring": RING, "tokenizer": tokenizer_file}
    kinds = (KgwMark, GumbelMark, SynthIdMark)
    return {kind: kind(kind.Settings.model_validate(settings)) for kind in kinds}


def test_marks_look_at_text_and_refuse_to_put_themselves_in(marks):
    for mark in marks.values():
        assert mark.key_id == "k1"
        assert mark.detect(Text("too short")).decision is Decision.UNDECIDABLE
        assert mark.detect(Text(topics["with"])).decision is Decision.UNMARKED
        with pytest.raises(MarkError, match="is put in while text is generated"):
            mark.embed(Text("x"))


def test_why_nothing_can_be_decided_is_told(marks):
    reason = marks[KgwMark].detect(Text("hello there, you")).reason
    assert reason == "2 tokens can be scored, 55 are needed at a false-positive rate of 0.001"


def test_the_passage_is_told_in_characters(marks, tokenizer_file):
    """Words of one token each, chosen by the key, inside the manual."""
    tokenizer = tokenizer_in(tokenizer_file)
    words = sorted(
        word
        for word in set("".join(topics.values()).lower().split())
        if word.isalpha() and len(tokenizer.read(f" {word}")) == 1
    )
    ids = np.array([tokenizer.read(f" {word}").ids[0] for word in words])
    sampler = marks[KgwMark].sampler
    chance = np.random.default_rng(8)
    last, chosen = [5, 5], []
    for _ in range(150):
        logits = np.full((1, ids.max() + 1), -np.inf, np.float32)
        logits[0, ids] = chance.gumbel(size=len(ids)) * 0.5
        token = int(sampler(np.array([last]), logits)[0].argmax())
        chosen.append(words[int(np.flatnonzero(ids == token)[0])])
        last = [last[1], token]
    before, after = topics["with"], topics["for"]
    passage = " " + " ".join(chosen) + " "
    found = marks[KgwMark].detect(Text(before + passage + after))
    assert found.decision is Decision.MARKED
    assert isinstance(found.where, Span)
    assert abs(found.where.start - len(before)) < 150
    assert abs(found.where.end - len(before) - len(passage)) < 150


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"tokenizer": "nowhere.json"}, "no tokenizer at '.*nowhere.json', give the generator's"),
        ({}, "Field required"),
        ({"tokenizer": "x", "gamma": 1.5}, "less than 1"),
    ],
)
def test_settings_that_cannot_be(settings, message):
    with pytest.raises(ValueError, match=message):
        KgwMark(KgwMark.Settings.model_validate({"keyring": RING} | settings))


def test_every_key_of_the_ring_is_paid_for():
    texts = Bigrams(9).write(100, texts=50)
    one = Detector(Gumbel(), Keyring((RING.current,)))
    three = Detector(Gumbel(), RING)
    for ids in texts:
        alone = one.detect(ids).p_value
        assert three.detect(ids).p_value <= min(1, 3 * alone) + 1e-12
    smallest = [
        min(Detector(Gumbel(), Keyring((key,))).detect(ids).p_value for key in RING)
        for ids in texts
    ]
    tried = [three.detect(ids).p_value for ids in texts]
    for least, p_value in itertools.zip_longest(smallest, tried):
        assert p_value == pytest.approx(min(1, 3 * least))
