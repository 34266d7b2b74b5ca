"""The marks in vLLM: `--logits-processors guardrails.marks.sampling.processors.vllm:Marking`.

vLLM builds the processor in its own process, so it is set up by the environment: GUARDRAILS_MARK is
`kgw`, `gumbel` or `synthid`, GUARDRAILS_MARK_KEYS the keyring (`k1:BASE64`). One request opts out
with `extra_args={"mark": False}`.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import torch
from vllm.v1.sample.logits_processor import (
    BatchUpdate,
    LogitsProcessor,
    MoveDirectionality,
)

from guardrails.keyring import Keyring
from guardrails.marks.sampling.gumbel import Gumbel
from guardrails.marks.sampling.kgw import Kgw
from guardrails.marks.sampling.prf import secret
from guardrails.marks.sampling.sampler import Sampler
from guardrails.marks.sampling.scheme import Scheme
from guardrails.marks.sampling.synthid import SynthId

SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {"kgw": Kgw(), "gumbel": Gumbel(), "synthid": SynthId()}
)
_GREEDY = 1e-5
"""vLLM takes the likeliest token below this temperature."""


@dataclass(slots=True)
class _Request:
    """One row of the batch: its tokens grow as vLLM appends to ``output``."""

    prompt: Sequence[int]
    output: Sequence[int]
    temperature: float
    seen: set[tuple[int, ...]] = field(default_factory=set)
    read: int = 0

    def context(self, width: int) -> tuple[int, ...]:
        """Give the last tokens; fewer at the beginning."""
        return self._between(max(0, len(self) - width), len(self))

    def repeats(self, width: int) -> bool:
        """Tell whether these last tokens stood in this order before."""
        for end in range(max(self.read, width), len(self)):
            self.seen.add(self._between(end - width, end))
        self.read = max(self.read, len(self))
        return self.context(width) in self.seen

    def _between(self, start: int, end: int) -> tuple[int, ...]:
        split = len(self.prompt)
        if start >= split:
            return tuple(self.output[start - split : end - split])
        return (*self.prompt[start:end], *self.output[: max(0, end - split)])

    def __len__(self) -> int:
        return len(self.prompt) + len(self.output)


class Marking(LogitsProcessor):  # type: ignore[misc]  # vLLM may not be installed
    """Marks each request's row; top-k and top-p come after it, so leave them off for `gumbel`."""

    def __init__(self, vllm_config: Any, device: Any, is_pin_memory: bool) -> None:  # noqa: ARG002, FBT001  # vLLM's signature
        scheme = SCHEMES[os.environ["GUARDRAILS_MARK"]]
        key = Keyring.parse(os.environ["GUARDRAILS_MARK_KEYS"]).current
        self._sampler = Sampler(scheme, secret(key, scheme.name))
        self._device = device
        self._requests: dict[int, _Request] = {}

    def is_argmax_invariant(self) -> bool:
        """Tell that it may change which token is likeliest."""
        return False

    def update_state(self, batch_update: BatchUpdate | None) -> None:
        """Follow the batch: removed, added, moved, in this order."""
        if batch_update is None:
            return
        for index in batch_update.removed:
            self._requests.pop(index, None)
        for index, params, prompt, output in batch_update.added:
            self._requests.pop(index, None)
            if (params.extra_args or {}).get("mark", True):
                self._requests[index] = _Request(prompt or (), output, params.temperature)
        for source, target, direction in batch_update.moved:
            self._move(source, target, swap=direction is MoveDirectionality.SWAP)

    def apply(self, logits: torch.Tensor) -> torch.Tensor:
        """Mark the rows that can be, at each request's temperature."""
        rows = dict(self._rows())
        if not rows:
            return logits
        places = torch.tensor(list(rows), device=logits.device)
        heat = [[_heat(request)] for request in rows.values()]
        temperatures = torch.tensor(heat, device=logits.device, dtype=logits.dtype)
        width = self._sampler.scheme.width
        contexts = [request.context(width) for request in rows.values()]
        last = list(torch.tensor(contexts, device=logits.device).T)
        scores = logits[places] / temperatures
        logits[places] = self._sampler.after(last, scores, None) * temperatures
        return logits

    def _rows(self) -> Iterator[tuple[int, _Request]]:
        scheme = self._sampler.scheme
        for index, request in sorted(self._requests.items()):
            # what samples by key would take the likeliest token from greedy requests
            greedy = scheme.once and request.temperature < _GREEDY
            repeated = scheme.once and request.repeats(scheme.width)
            if len(request) >= scheme.width and not greedy and not repeated:
                yield index, request

    def _move(self, source: int, target: int, *, swap: bool) -> None:
        moved, replaced = self._requests.pop(source, None), self._requests.pop(target, None)
        if moved:
            self._requests[target] = moved
        if swap and replaced:
            self._requests[source] = replaced


def _heat(request: _Request) -> float:
    return request.temperature if request.temperature >= _GREEDY else 1.0
