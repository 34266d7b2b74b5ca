"""Every check that ships: name, where it lives, and its line in the docs."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Protocol, cast

from guardrails.core.check import Check
from guardrails.settings import Settings


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the catalog; ``path`` is ``module:Class``, ``extra`` what an install may lack."""

    path: str
    summary: str
    extra: str = "cpu"


class CheckClass(Protocol):
    """The class of a check, as the compiler uses it: ``Settings`` in, a check out."""

    Settings: type[Settings]

    def __call__(self, settings: Any, /) -> Check[Any]:
        """Build the check; the dear work happens here."""


BUILTIN: Mapping[str, Entry] = MappingProxyType(
    {
        "keywords": Entry(
            "guardrails.checks.keywords:Keywords",
            "terms from a list, thousands at once, also when they are disguised",
        ),
        "patterns": Entry(
            "guardrails.checks.patterns:Patterns",
            "regular expressions, in linear time whatever the pattern",
        ),
        "secrets": Entry(
            "guardrails.checks.secrets.check:Secrets",
            "API keys, tokens, private keys and high-entropy strings",
        ),
        "invisible_text": Entry(
            "guardrails.checks.invisible_text:InvisibleText",
            "characters that a reader cannot see: zero-width, bidi controls, tags",
        ),
        "urls": Entry(
            "guardrails.checks.urls.check:Urls",
            "links by allow and deny list, punycode and look-alike hosts",
        ),
        "language": Entry(
            "guardrails.checks.language:Language",
            "text in a language that is not on the list",
        ),
        "size": Entry(
            "guardrails.checks.size:Size",
            "texts and pictures beyond a size",
        ),
        "pii": Entry(
            "guardrails.checks.pii.check:Pii",
            "personal data: names, places, numbers with their checksums",
            extra="pii",
        ),
        "memorised": Entry(
            "guardrails.checks.memorised.check:Memorised",
            "secrets and canaries that must not come back, known by their hashes alone",
        ),
        "protected_names": Entry(
            "guardrails.checks.protected_names:ProtectedNames",
            "names of artists, styles and brands that have opted out, also misspelt",
        ),
        "copied_text": Entry(
            "guardrails.checks.copied_text:CopiedText",
            "stretches of text that are in a collection of works, word for word or nearly",
        ),
        "copied_code": Entry(
            "guardrails.checks.copied_code:CopiedCode",
            "code of a collection of works, renamed or not, with its licence",
            extra="works",
        ),
        "copied_image": Entry(
            "guardrails.checks.copied_image:CopiedImage",
            "pictures of a collection of works, whole, cropped, turned or pasted into others",
            extra="images",
        ),
        "visible_mark": Entry(
            "guardrails.checks.visible_mark:VisibleMark",
            "logos and watermark texts of third parties in pictures",
            extra="images",
        ),
        "provenance": Entry(
            "guardrails.checks.provenance:Provenance",
            "broken, unknown or missing Content Credentials, and generated pictures",
            extra="c2pa",
        ),
        "ai_text": Entry(
            "guardrails.checks.ai_text.check:AiText",
            "texts in the manner of a language model, an opinion; marked ones, for certain",
        ),
        "toxicity": Entry(
            "guardrails.checks.toxicity:Toxicity",
            "insults, threats, hate and other language that hurts, with the words that do",
        ),
        "prompt_injection": Entry(
            "guardrails.checks.prompt_injection:PromptInjection",
            "orders to the model in what users write and in what it is given to read",
        ),
        "jailbreak": Entry(
            "guardrails.checks.jailbreak:Jailbreak",
            "personas, games and pretexts that talk a model out of its rules",
        ),
        "harmful_request": Entry(
            "guardrails.checks.harmful_request:HarmfulRequest",
            "requests for help to do harm",
        ),
        "self_harm": Entry(
            "guardrails.checks.self_harm:SelfHarm",
            "talk of suicide, self-injury and disordered eating",
        ),
        "sexual_content": Entry(
            "guardrails.checks.sexual_content:SexualContent",
            "sexual content in words",
        ),
        "violence": Entry(
            "guardrails.checks.violence:Violence",
            "violence that is depicted, praised or called for",
        ),
        "bias": Entry(
            "guardrails.checks.bias:Bias",
            "stereotypes of groups of people, and sexism",
        ),
        "topic": Entry(
            "guardrails.checks.topic:Topic",
            "a topic of your own, named by example sentences",
        ),
        "faces": Entry(
            "guardrails.checks.faces:Faces",
            "faces in pictures, with their places; nobody is recognised",
        ),
        "unsafe_image": Entry(
            "guardrails.checks.unsafe_image:UnsafeImage",
            "pictures that are not safe for work",
            extra="images",
        ),
    }
)


def load(entry: Entry) -> CheckClass:
    """Import the class that an entry names; only what a policy uses is ever imported."""
    module, _, name = entry.path.partition(":")
    return cast("CheckClass", getattr(import_module(module), name))
