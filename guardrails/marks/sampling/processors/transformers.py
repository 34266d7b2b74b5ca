"""The marks in transformers: `generate(..., watermarking_config=Marking(scheme, key))`."""

from typing import Any

from transformers import LogitsProcessor
from transformers.generation.configuration_utils import BaseWatermarkingConfig

from guardrails.keyring import Key
from guardrails.marks.sampling.prf import Array, secret
from guardrails.marks.sampling.sampler import Sampler
from guardrails.marks.sampling.scheme import Scheme


class MarkingProcessor(LogitsProcessor):  # type: ignore[misc]  # transformers may not be installed
    """Marks logits, on the device where they are.

    `generate` runs what is passed as `logits_processor` before temperature and cuts; give it as
    `Marking` instead, which it runs last, or leave both at what changes nothing.
    """

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    def __call__(self, input_ids: Array, scores: Array) -> Array:
        """Mark scores (batch, vocab) after input_ids (batch, n)."""
        return self._sampler(input_ids, scores)


class Marking(BaseWatermarkingConfig):  # type: ignore[misc]  # transformers may not be installed
    """What `generate` takes as `watermarking_config`: it marks last, after temperature and cuts."""

    def __init__(self, scheme: Scheme, key: Key, *, certain: float = 1.0) -> None:
        self._sampler = Sampler(scheme, secret(key, scheme.name), certain)
        self._told = {"mark": scheme.name, "key_id": key.id}

    def validate(self) -> None:
        """Nothing is left to check: schemes are valid when they are made."""

    def to_dict(self) -> dict[str, Any]:
        """Tell what may be saved beside a model: never the key."""
        return dict(self._told)

    def to_json_string(self) -> str:
        """Tell the same as JSON."""
        return f'{{"mark": "{self._told["mark"]}", "key_id": "{self._told["key_id"]}"}}'

    def construct_processor(self, vocab_size: int, device: Any) -> MarkingProcessor:  # noqa: ARG002  # transformers' signature
        """Give the processor."""
        return MarkingProcessor(self._sampler)
