"""From what an operator names to the source that is meant."""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from guardrails.works.sources.folders import FolderSource
from guardrails.works.sources.git import GitSource, is_checkout
from guardrails.works.sources.lists import ENDING, ListSource
from guardrails.works.sources.rows import RowSource
from guardrails.works.sources.source import Source, SourceError, Terms

ROWS = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
EXTRAS: Mapping[str, tuple[str, str]] = {
    ".parquet": ("guardrails.works.sources.parquet:ParquetSource", "guardrails[parquet]"),
}
"""The source for each ending that needs a package, and what to install for it."""


def open_source(path: Path, terms: Terms) -> Source:
    """Tell a git checkout, a folder, rows, a table, or a single file.

    Raises:
        SourceError: there is nothing there, or a package is missing.
    """
    if not path.exists():
        raise SourceError(f"there is no file or folder '{path}'")
    if path.is_dir():
        return GitSource(path, terms) if is_checkout(path) else FolderSource(path, terms)
    if path.name.lower().endswith(ROWS):
        return RowSource(path, terms)
    if path.suffix == ENDING:
        return ListSource(path, terms)
    if path.suffix.lower() in EXTRAS:
        return _extra(path.suffix.lower())(path, terms)
    return FolderSource(path, terms)


def _extra(suffix: str) -> Callable[[Path, Terms], Source]:
    place, extra = EXTRAS[suffix]
    module, _, name = place.partition(":")
    try:
        opened: Callable[[Path, Terms], Source] = getattr(import_module(module), name)
    except ModuleNotFoundError as missing:
        raise SourceError(
            f"'{suffix}' needs the package '{missing.name}', install '{extra}'"
        ) from None
    return opened
