"""The marks inside `generate`, on a small random net."""

import json

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from guardrails.core.mark import Decision
from guardrails.keyring import Key, Keyring
from guardrails.marks.sampling.detecting import Detector
from guardrails.marks.sampling.gumbel import Gumbel
from guardrails.marks.sampling.kgw import Kgw
from guardrails.marks.sampling.processors.transformers import Marking
from guardrails.marks.sampling.synthid import SynthId

KEY = Key("k1", b"\7" * 32)
VOCABULARY = 500


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=48,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        bos_token_id=1,
        eos_token_id=None,
        pad_token_id=0,
    )
    net = LlamaForCausalLM(config).eval()
    with torch.no_grad():
        net.lm_head.weight.mul_(18)
    return net


def generated(model, scheme, **settings):
    torch.manual_seed(4)
    prompt = torch.randint(2, VOCABULARY, (4, 6))
    marking = Marking(scheme, KEY) if scheme else None
    ids = model.generate(
        prompt,
        attention_mask=torch.ones_like(prompt),
        watermarking_config=marking,
        do_sample=True,
        max_new_tokens=150,
        **settings,
    )
    return ids[:, 6:].numpy().astype(np.int32)


@pytest.mark.parametrize("scheme", [Kgw(), Gumbel(), SynthId()], ids=lambda scheme: scheme.name)
@pytest.mark.parametrize(
    "settings",
    [{"top_k": 0}, {"top_k": 0, "temperature": 0.8}, {"top_k": 100, "top_p": 0.98}],
    ids=["plain", "cooler", "cut"],
)
def test_what_is_generated_with_a_mark_is_found(model, scheme, settings):
    detector = Detector(scheme, Keyring((KEY,)))
    texts = generated(model, scheme, **settings)
    assert [detector.detect(ids).decision for ids in texts] == [Decision.MARKED] * 4
    plain = generated(model, None, **settings)
    assert Decision.MARKED not in [detector.detect(ids).decision for ids in plain]


def test_the_key_decides_and_not_chance(model):
    """`gumbel` leaves nothing to torch's generator while no context comes again."""
    one = generated(model, Gumbel(), top_k=0)
    torch.manual_seed(99)
    assert (one[:, :20] == generated(model, Gumbel(), top_k=0)[:, :20]).all()


def test_what_is_saved_beside_a_model_holds_no_key():
    told = Marking(Kgw(), KEY)
    assert json.loads(told.to_json_string()) == told.to_dict() == {"mark": "kgw", "key_id": "k1"}
    assert "07" not in repr(told)
