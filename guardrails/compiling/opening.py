"""Opens a checkpoint of whatever kind it is."""

from pathlib import Path

from guardrails.compiling import detoxify, hugging_face, ours, reading
from guardrails.compiling.source import Source
from guardrails.compiling.text_guard import ARCHITECTURE
from guardrails.core.errors import ModelError


def open_source(path: Path, base: Path | None = None) -> Source:
    """Open a directory of our own or of transformers, or a file of Detoxify.

    ``base`` is the directory with the encoder's configuration and tokenizer, for a file.

    Raises:
        ModelError: nothing that can be compiled is there.
    """
    if path.is_file():
        return detoxify.open_file(path, base)
    if not path.is_dir():
        raise ModelError(f"there is no checkpoint '{path}'")
    if ARCHITECTURE in (reading.config(path).get("architectures") or ()):
        return ours.open_checkpoint(path)
    return hugging_face.open_directory(path)
