"""Runs a net over texts as the product does: a checkpoint in torch, or a compiled model."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm
from transformers import BertForTokenClassification

from guardrails.models.manifest import MANIFEST, TOKENIZER
from guardrails.models.model import Tagged
from guardrails.models.store import ModelStore
from guardrails.models.tags import Scheme, Tags, join
from guardrails.models.tokenizer import FileTokenizer
from guardrails.models.windows import cores, cut

WINDOW, OVERLAP = 126, 32
Found = list[Sequence[Tagged]]
Tagger = Callable[[Sequence[str]], Found]


def tagger(folder: Path) -> Tagger:
    """Open a folder, whichever of the two it is."""
    return _compiled(folder) if (folder / MANIFEST).exists() else _checkpoint(folder)


def _compiled(folder: Path) -> Tagger:
    async def tag(texts: Sequence[str]) -> Found:
        with ModelStore([folder.parent]) as store:
            model = store.open(folder.name)
            return [await model.tag(text) for text in tqdm(texts, mininterval=10)]

    return lambda texts: asyncio.run(tag(texts))


def _checkpoint(folder: Path) -> Tagger:
    model = BertForTokenClassification.from_pretrained(folder).eval()
    labels = [model.config.id2label[number] for number in range(model.config.num_labels)]
    scheme = Scheme(labels)
    tokenizer = FileTokenizer(folder.name, (folder / TOKENIZER).read_bytes())

    @torch.inference_mode()
    def tags(ids: Sequence[int]) -> Tags:
        row = torch.tensor([[*tokenizer.before, *ids, *tokenizer.after]])
        chances = model(input_ids=row).logits.softmax(-1)[0].numpy()
        return scheme.tags(chances[len(tokenizer.before) : -len(tokenizer.after)])

    def parts(ids: Sequence[int]) -> Iterator[Tags]:
        windows = cut(len(ids), window=WINDOW, overlap=OVERLAP)
        for window, core in zip(windows, cores(windows), strict=True):
            named = tags(np.asarray(ids[window.start : window.end]).tolist())
            mine = slice(core.start - window.start, core.end - window.start)
            yield Tags(named.kinds[mine], named.begins[mine], named.scores[mine])

    def tag(text: str) -> Sequence[Tagged]:
        tokens = tokenizer.read(text)
        return scheme.stretches(tokens, join(list(parts(tokens.ids)))) if len(tokens) else ()

    return lambda texts: [tag(text) for text in tqdm(texts, mininterval=10)]
