"""Text marks at generation: what samplers do to logits, in numpy."""

import math

import numpy as np
import pytest

from guardrails.keyring import Key
from guardrails.marks.sampling import contexts, prf
from guardrails.marks.sampling.gumbel import Gumbel
from guardrails.marks.sampling.kgw import Hashing, Kgw
from guardrails.marks.sampling.players import players
from guardrails.marks.sampling.reference.synthid import reference_synthid
from guardrails.marks.sampling.sampler import Sampler
from guardrails.marks.sampling.synthid import SynthId

SCHEMES = {
    "kgw": Kgw(),
    "kgw self": Kgw(width=4, hashing=Hashing.SELF),
    "gumbel": Gumbel(),
    "synthid": SynthId(),
    "transformers' synthid": reference_synthid(range(1, 31)),
}
VOCABULARY = 500
every_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)


def key(number=0):
    return Key(f"k{number}", bytes([number]) * 32)


def sampler(scheme, number=0, **settings):
    return Sampler(scheme, prf.secret(key(number), scheme.name), **settings)


@pytest.fixture
def chance():
    return np.random.default_rng(3)


@pytest.fixture
def ids(chance):
    return chance.integers(0, VOCABULARY, (6, 20))


@pytest.fixture
def logits(chance):
    return chance.normal(size=(6, VOCABULARY)).astype(np.float32) * 3


def shares(logits):
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True)


SECRET = (-1586912726846671182, -9217626099193200077, -4786622376870910644, 744081567523662058)
STARTS = [1822368792647559031, 1619706360073317166]
DRAWS = [-2687344164136147337, -1742262062901735901]


def test_draws_are_what_they_always_were():
    """Texts that are out in the world must still be found: these numbers never change."""
    secret = prf.secret(key(), "kgw")
    start = prf.seeds(secret, [np.array([1, 2]), np.array([3, 4])])
    assert secret == SECRET
    assert start.tolist() == STARTS
    assert prf.mix(start + prf.steps(np.array([7, 7]))).tolist() == DRAWS


def test_draws_are_even_and_know_nothing_of_each_other():
    secret = prf.secret(key(), "gumbel")
    start = prf.seeds(secret, [np.arange(300)])
    bits = prf.mix(start[:, None] + prf.steps(np.arange(300))[None])[..., None] >> np.arange(64) & 1
    assert np.abs(bits.mean((0, 1)) - 0.5).max() < 5 * 0.5 / 300
    flat = bits.reshape(-1, 64) - 0.5
    between = flat.T @ flat / len(flat) * 4
    assert np.abs(between - np.eye(64)).max() < 6 / 300


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_the_threshold_parts_off_its_share(share):
    draws = prf.mix(np.arange(100_000))
    assert (draws < prf.threshold(share)).mean() == pytest.approx(share, abs=0.005)


def test_keys_marks_and_contexts_draw_apart():
    one, other = prf.secret(key(1), "kgw"), prf.secret(key(2), "kgw")
    context = [np.array([5, 6, 5]), np.array([6, 5, 5])]
    seen = [*prf.seeds(one, context), *prf.seeds(other, context)]
    seen += [*prf.seeds(prf.secret(key(1), "synthid"), context)]
    assert len(set(map(int, seen))) == 9


@every_scheme
def test_a_row_depends_on_nothing_but_itself(scheme, ids, logits):
    marked = sampler(scheme)(ids, logits)
    order = [3, 1, 5, 0, 2, 4]
    assert np.allclose(sampler(scheme)(ids[order], logits[order]), marked[order], atol=1e-5)
    for row in range(len(ids)):
        alone = sampler(scheme)(ids[row : row + 1], logits[row : row + 1])
        assert np.allclose(alone[0], marked[row], atol=1e-5)


@every_scheme
def test_only_the_last_tokens_matter(scheme, ids, logits):
    marked = sampler(scheme)(ids, logits)
    assert np.array_equal(sampler(scheme)(ids[:, -scheme.width :], logits), marked)
    changed = ids.copy()
    changed[:, -1] += 1
    assert not np.array_equal(sampler(scheme)(changed, logits), marked)


@every_scheme
def test_another_key_marks_otherwise(scheme, ids, logits):
    if scheme is SCHEMES["transformers' synthid"]:
        pytest.skip("its keys are part of the scheme")
    assert not np.array_equal(sampler(scheme, 1)(ids, logits), sampler(scheme, 2)(ids, logits))


@every_scheme
def test_the_first_tokens_are_left_alone(scheme, ids, logits):
    assert sampler(scheme)(ids[:, : scheme.width - 1], logits) is logits


@every_scheme
def test_precision_and_input_are_kept(scheme, ids, logits):
    before = logits.copy()
    for kind in (np.float16, np.float32, np.float64):
        assert sampler(scheme)(ids, logits.astype(kind)).dtype == kind
    assert np.array_equal(logits, before)


@every_scheme
def test_what_is_ruled_out_stays_so(scheme, ids, logits):
    logits[:, ::2] = -np.inf
    marked = sampler(scheme)(ids, logits)
    assert (shares(marked)[:, ::2] == 0).all()
    assert shares(marked).sum(1) == pytest.approx(1)


@pytest.mark.parametrize("name", ["gumbel", "synthid"])
def test_over_all_keys_it_is_plain_sampling(name, chance):
    logits = np.repeat(chance.normal(size=(1, 40)).astype(np.float32) * 2, 4000, 0)
    ids = chance.integers(0, 1 << 20, (4000, 4))  # contexts stand in for keys: seeds mix both
    mean = shares(sampler(SCHEMES[name])(ids, logits)).mean(0)
    plain = shares(logits)[0]
    assert np.abs(mean - plain).max() < 4 * math.sqrt(0.25 / 4000)


def test_unlikely_tokens_that_do_not_play_keep_their_chance(chance):
    logits = np.full((20_000, 200), -9.0, np.float32)  # 190 of 0.0001 and less, 2 % together
    logits[:, :10] = 0
    ids = chance.integers(0, 1 << 20, (20_000, 4))
    unlikely = shares(logits)[0, 10:].sum()
    assert len(players(logits[:1]).rows) in {10, 200}
    marked = shares(sampler(Gumbel())(ids, logits))
    assert marked[:, 10:].sum(1).mean() == pytest.approx(unlikely, rel=0.3)


def test_the_bias_goes_to_the_green_share(ids):
    logits = np.zeros((6, 4000), np.float32)
    raised = sampler(Kgw(gamma=0.3, delta=1.5))(ids, logits) - logits
    assert set(np.unique(raised)) == {0, 1.5}
    assert (raised > 0).mean() == pytest.approx(0.3, abs=0.02)


def test_a_context_that_stood_before_is_left_alone(chance, logits):
    ids = chance.integers(0, VOCABULARY, (6, 20))
    ids[2, 3:7] = ids[2, -4:]
    ids[4, 3:6] = ids[4, -3:]  # only three of four tokens
    assert contexts.repeated(ids, 4).tolist() == [False, False, True, False, False, False]
    for name in ("gumbel", "synthid"):
        marked = sampler(SCHEMES[name])(ids, logits)
        same = [np.array_equal(marked[row], logits[row]) for row in range(6)]
        assert same == [False, False, True, False, False, False]


def test_what_is_nearly_certain_is_left_alone(ids, logits):
    logits[1, 7] = 40
    marked = sampler(Kgw(), certain=0.9)(ids, logits)
    assert np.array_equal(marked[1], logits[1])
    assert not np.array_equal(marked[0], logits[0])
