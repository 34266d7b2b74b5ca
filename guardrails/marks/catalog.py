"""Every mark that ships: name, where it lives, and its line in the docs."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Protocol, cast

from guardrails.core.mark import Mark
from guardrails.settings import Settings


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalog; ``path`` is ``module:Class``, ``extra`` what an install may lack."""

    path: str
    summary: str
    extra: str = "cpu"


class MarkClass(Protocol):
    """The class of a mark, as the compiler uses it: ``Settings`` in, a mark out."""

    Settings: type[Settings]

    def __call__(self, settings: Any, /) -> Mark[Any]:
        """Build the mark; the dear work happens here."""


BUILTIN: Mapping[str, Entry] = MappingProxyType({})


def load(entry: Entry) -> MarkClass:
    """Import the class that an entry names; only what a policy uses is ever imported."""
    module, _, name = entry.path.partition(":")
    return cast("MarkClass", getattr(import_module(module), name))
