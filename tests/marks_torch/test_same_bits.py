"""numpy and torch make the same of the same logits."""

import numpy as np
import pytest
import torch

from guardrails.keyring import Key
from guardrails.marks.sampling import contexts, prf
from guardrails.marks.sampling.gumbel import Gumbel
from guardrails.marks.sampling.kgw import Hashing, Kgw
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
every_scheme = pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
KEY = Key("k1", bytes(range(32)))


@pytest.fixture
def ids():
    return np.random.default_rng(1).integers(0, 3000, (16, 30))


@pytest.fixture
def logits():
    return (np.random.default_rng(2).normal(size=(16, 3000)) * 3).astype(np.float32)


def sampler(scheme, **settings):
    return Sampler(scheme, prf.secret(KEY, scheme.name), **settings)


def test_draws_are_equal_bit_by_bit(ids):
    secret = prf.secret(KEY, "kgw")
    ours = prf.seeds(secret, contexts.last(ids, 4))
    theirs = prf.seeds(secret, contexts.last(torch.tensor(ids), 4))
    assert ours.tolist() == theirs.tolist()
    vocabulary = np.arange(100_000)
    ours = prf.mix(ours[:, None] + prf.steps(vocabulary))
    theirs = prf.mix(theirs[:, None] + prf.steps(torch.tensor(vocabulary)))
    assert np.array_equal(ours, theirs.numpy())


@every_scheme
def test_logits_are_equal_in_numpy_and_torch(scheme, ids, logits):
    ours = sampler(scheme)(ids, logits)
    theirs = sampler(scheme)(torch.tensor(ids), torch.tensor(logits))
    assert np.allclose(ours, theirs.numpy(), atol=1e-4)
    narrow = sampler(scheme)(torch.tensor(ids, dtype=torch.int32), torch.tensor(logits))
    assert torch.equal(narrow, theirs)


@every_scheme
@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_every_precision_is_kept(scheme, kind, ids, logits):
    given = torch.tensor(logits, dtype=kind)
    before = given.clone()
    assert sampler(scheme, certain=0.9)(torch.tensor(ids), given).dtype == kind
    assert torch.equal(given, before)


@every_scheme
def test_threads_and_batches_change_nothing(scheme, ids, logits):
    ids, logits = torch.tensor(ids), torch.tensor(logits)
    whole = sampler(scheme)(ids, logits)
    rows = [sampler(scheme)(ids[i : i + 1], logits[i : i + 1]) for i in reversed(range(len(ids)))]
    assert torch.allclose(whole, torch.cat(rows[::-1]), atol=1e-5)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@every_scheme
def test_a_gpu_gives_the_same(scheme, ids, logits):
    ids, logits = torch.tensor(ids), torch.tensor(logits)
    there = sampler(scheme)(ids.cuda(), logits.cuda())
    assert torch.allclose(sampler(scheme)(ids, logits), there.cpu(), atol=1e-4)
