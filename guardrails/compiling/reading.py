"""What the readers of checkpoints share: files, hashes, licences, and one row through a net."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from guardrails.core.errors import ModelError
from guardrails.models.manifest import TOKENIZER, Licence
from guardrails.models.session import Floats

Net: TypeAlias = Callable[[Tensor, Tensor], tuple[Tensor, ...]]

CONFIG = "config.json"
_PAPERS = ("LICENSE*", "LICENCE*", "NOTICE*")
_CARD_LICENCE = re.compile(r"\A---\n(?:.*\n)*?license: *[\"']?([\w.-]+)")
_SPDX: Mapping[str, str] = {
    "apache-2.0": "Apache-2.0",
    "mit": "MIT",
    "bsd-3-clause": "BSD-3-Clause",
    "cc0-1.0": "CC0-1.0",
    "cc-by-4.0": "CC-BY-4.0",
    "cc-by-sa-4.0": "CC-BY-SA-4.0",
}
"""What model cards call licences, and their names in SPDX."""


def config(folder: Path) -> Mapping[str, Any]:
    """Read the configuration of a checkpoint.

    Raises:
        ModelError: there is none, or it is no JSON object.
    """
    try:
        read = json.loads((folder / CONFIG).read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"'{folder}' is no checkpoint: {CONFIG}: {error}") from error
    if not isinstance(read, dict):
        raise ModelError(f"'{folder}' is no checkpoint: {CONFIG} is no object")
    return read


def tokenizer(folder: Path) -> bytes:
    """Read the tokenizer of a checkpoint.

    Raises:
        ModelError: there is none of the kind that runs without transformers.
    """
    try:
        return (folder / TOKENIZER).read_bytes()
    except OSError as error:
        raise ModelError(
            f"'{folder}' has no {TOKENIZER}, let transformers write it: "
            "AutoTokenizer.from_pretrained(…).save_pretrained(…)"
        ) from error


def digest(files: Sequence[Path]) -> str:
    """Hash files, one behind the other."""
    total = sha256()
    for file in files:
        total.update(file.read_bytes())
    return total.hexdigest()


def papers(folder: Path) -> Mapping[str, bytes]:
    """Read the licence files that lie beside the weights."""
    files = {file.name: file for pattern in _PAPERS for file in sorted(folder.glob(pattern))}
    return {name: file.read_bytes() for name, file in files.items()}


def licence(folder: Path, title: str) -> Licence | None:
    """Read the licence that the model card names."""
    card = folder / "README.md"
    found = _CARD_LICENCE.match(card.read_text()) if card.is_file() else None
    if found is None or found[1] not in _SPDX:
        return None
    return Licence(spdx=_SPDX[found[1]], attribution=title)


def gist(error: Exception) -> str:
    """Take the first line of what a library has to say; torch goes on to advise running code."""
    [line, *_] = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {line[:200]}"


def one_row(net: Net, ids: Sequence[int]) -> tuple[Floats, ...]:
    """Run one row, alone and unpadded; give each output for it."""
    row = torch.tensor([list(ids)])
    with torch.no_grad():
        outputs = net(row, torch.ones_like(row))
    return tuple(output[0].numpy() for output in outputs)


def sigmoid(logits: Floats) -> Floats:
    """Each label by itself."""
    return np.asarray(torch.from_numpy(logits).double().sigmoid().float())


def softmax(logits: Floats) -> Floats:
    """One label of several, on the last axis."""
    return np.asarray(torch.from_numpy(logits).double().softmax(-1).float())
