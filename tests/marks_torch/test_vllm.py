"""The processor for vLLM against the shape of its interface: requests come, move and go."""

import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum, auto
from types import ModuleType
from typing import Any

import pytest
import torch

from guardrails.keyring import Keyring
from guardrails.marks.sampling.prf import secret
from guardrails.marks.sampling.sampler import Sampler

RING = "k2:" + "B" * 43 + "= k1:" + "A" * 43 + "="
VOCABULARY = 300


class MoveDirectionality(Enum):
    UNIDIRECTIONAL = auto()
    SWAP = auto()


@dataclass(frozen=True)
class BatchUpdate:
    batch_size: int
    removed: Any = ()
    added: Any = ()
    moved: Any = ()


class LogitsProcessor(ABC):
    @abstractmethod
    def __init__(self, vllm_config, device, is_pin_memory): ...
    @abstractmethod
    def apply(self, logits): ...
    @abstractmethod
    def is_argmax_invariant(self): ...
    @abstractmethod
    def update_state(self, batch_update): ...


@dataclass
class SamplingParams:
    temperature: float = 1.0
    extra_args: Any = None


@pytest.fixture
def build(monkeypatch):
    """vLLM itself needs a GPU; its interface, as of 0.11 to 0.20, does not."""
    interface = ModuleType("vllm.v1.sample.logits_processor")
    for kind in (BatchUpdate, LogitsProcessor, MoveDirectionality):
        setattr(interface, kind.__name__, kind)
    for name in ("vllm", "vllm.v1", "vllm.v1.sample"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, interface.__name__, interface)
    ours = "guardrails.marks.sampling.processors.vllm"
    monkeypatch.delitem(sys.modules, ours, raising=False)

    def make(name):
        monkeypatch.setenv("GUARDRAILS_MARK", name)
        monkeypatch.setenv("GUARDRAILS_MARK_KEYS", RING)
        __import__(ours)
        module = sys.modules[ours]
        scheme = module.SCHEMES[name]
        plain = Sampler(scheme, secret(Keyring.parse(RING).current, scheme.name))
        return module.Marking(None, torch.device("cpu"), False), plain

    yield make
    sys.modules.pop(ours, None)


@pytest.fixture
def logits():
    return torch.randn(4, VOCABULARY, generator=torch.Generator().manual_seed(1)) * 3


PROMPTS = [[5, 6, 7, 8, 9], [10, 11], [1, 2, 3, 4, 5, 6], [20, 21, 22, 23]]
OUTPUTS = [[1, 2], [3, 4, 5], [], [9]]
PARAMS = SamplingParams()
names = pytest.mark.parametrize("name", ["kgw", "gumbel", "synthid"])


def expected(plain, logits, row, temperature=1.0):
    ids = torch.tensor([PROMPTS[row] + OUTPUTS[row]])
    return plain(ids, logits[row : row + 1] / temperature)[0] * temperature


def added(processor, rows, params=PARAMS):
    requests = [(place, params, PROMPTS[row], OUTPUTS[row]) for place, row in enumerate(rows)]
    processor.update_state(BatchUpdate(len(rows), added=requests))


def same(one, other):
    return torch.allclose(one, other, atol=1e-4)


@names
@pytest.mark.parametrize("temperature", [1.0, 0.7])
def test_each_row_is_marked_as_the_plain_function_does(build, logits, name, temperature):
    processor, plain = build(name)
    added(processor, range(4), SamplingParams(temperature))
    processor.update_state(None)
    marked = processor.apply(logits.clone())
    for row in range(4):
        assert same(marked[row], expected(plain, logits, row, temperature))
    assert not processor.is_argmax_invariant()


@names
def test_rows_follow_their_requests(build, logits, name):
    processor, plain = build(name)
    added(processor, range(4))
    swap = (0, 2, MoveDirectionality.SWAP)
    onto = (3, 1, MoveDirectionality.UNIDIRECTIONAL)
    processor.update_state(BatchUpdate(3, removed=[1], moved=[swap, onto]))
    order = [2, 3, 0]
    marked = processor.apply(logits[order].clone())
    for place, row in enumerate(order):
        assert same(marked[place], expected(plain, logits, row))


@names
def test_output_grows_without_a_word(build, logits, name):
    processor, plain = build(name)
    output = [1, 2]
    processor.update_state(BatchUpdate(1, added=[(0, PARAMS, [5, 6, 7, 8], output)]))
    for token in (3, 4, 5, 7, 8, 1, 2, 3):
        marked = processor.apply(logits[:1].clone())
        assert same(marked, plain(torch.tensor([[5, 6, 7, 8, *output]]), logits[:1]))
        output.append(token)


def test_a_repeated_context_is_left_alone(build, logits):
    processor, _ = build("gumbel")
    prompt, output = [1, 2, 3, 4, 5, 1, 2], [3, 4]
    processor.update_state(BatchUpdate(1, added=[(0, PARAMS, prompt, output)]))
    assert torch.equal(processor.apply(logits[:1].clone()), logits[:1])
    output.append(6)
    assert not torch.equal(processor.apply(logits[:1].clone()), logits[:1])


@pytest.mark.parametrize(
    ("name", "params", "prompt"),
    [
        ("synthid", SamplingParams(0.0), [1, 2, 3, 4, 5]),  # greedy: nothing is sampled
        ("kgw", SamplingParams(1.0, {"mark": False}), [1, 2, 3]),  # asked not to
        ("gumbel", PARAMS, [1, 2]),  # too little to hang on
    ],
)
def test_rows_that_are_left_alone(build, logits, name, params, prompt):
    processor, _ = build(name)
    processor.update_state(BatchUpdate(1, added=[(0, params, prompt, [])]))
    assert torch.equal(processor.apply(logits[:1].clone()), logits[:1])


def test_greedy_requests_get_the_bias_of_kgw(build, logits):
    processor, plain = build("kgw")
    added(processor, [0], SamplingParams(0.0))
    assert same(processor.apply(logits[:1].clone())[0], expected(plain, logits, 0))
