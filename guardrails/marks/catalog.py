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
    """One line of the catalog; ``path`` is ``module:Class``, ``extra`` what an install may lack.

    ``sampled`` marks are put in by whoever generates the text, and only found here. ``provenance``
    signs what all other marks have changed, so it comes last.
    """

    path: str
    summary: str
    extra: str = "cpu"
    sampled: bool = False
    provenance: bool = False


class MarkClass(Protocol):
    """The class of a mark, as the compiler uses it: ``Settings`` in, a mark out."""

    Settings: type[Settings]

    def __call__(self, settings: Any, /) -> Mark[Any]:
        """Build the mark; the dear work happens here."""


BUILTIN: Mapping[str, Entry] = MappingProxyType(
    {
        "spread_spectrum": Entry(
            "guardrails.marks.pictures.spread_spectrum:SpreadSpectrum",
            "pictures: keyed waves all over the grey, with a payload; outlives resizing and JPEG",
        ),
        "rivagan": Entry(
            "guardrails.marks.pictures.rivagan:RivaGan",
            "pictures: RivaGAN, whose nets the operator supplies; for old marks, and to compare",
        ),
        "trustmark": Entry(
            "guardrails.marks.pictures.trustmark:TrustMark",
            "pictures: TrustMark, whose nets the operator supplies; also what its own tools read",
        ),
        "kgw": Entry(
            "guardrails.marks.sampling.marks:KgwMark",
            "texts, while they are generated: a keyed share of the vocabulary is likelier",
            sampled=True,
        ),
        "gumbel": Entry(
            "guardrails.marks.sampling.marks:GumbelMark",
            "texts, while they are generated: a key makes the chance; what is likely stays likely",
            sampled=True,
        ),
        "synthid": Entry(
            "guardrails.marks.sampling.marks:SynthIdMark",
            "texts, while they are generated: tokens win a keyed tournament",
            sampled=True,
        ),
        "lexical": Entry(
            "guardrails.marks.words.lexical:Lexical",
            "English texts: of two words that mean the same, the one that a key prefers",
        ),
        "cater": Entry(
            "guardrails.marks.words.cater:Cater",
            "as lexical, but so that words stay as common as they are",
        ),
        "zero_width": Entry(
            "guardrails.marks.words.zero_width:ZeroWidth",
            "texts: characters that nobody sees; weak, any clean-up takes it out",
        ),
        "c2pa": Entry(
            "guardrails.marks.provenance.c2pa:C2pa",
            "pictures: signed Content Credentials, put in last",
            extra="c2pa",
            provenance=True,
        ),
        "manifest": Entry(
            "guardrails.marks.provenance.manifest:Manifest",
            "texts: a signed manifest beside the text, which stays as it is",
            provenance=True,
        ),
    }
)


def load(entry: Entry) -> MarkClass:
    """Import the class that an entry names; only what a policy uses is ever imported."""
    module, _, name = entry.path.partition(":")
    return cast("MarkClass", getattr(import_module(module), name))
