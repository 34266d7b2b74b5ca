"""The mark `c2pa`: a signed manifest in the picture file, put in last."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo

from guardrails.core.content import Image
from guardrails.core.mark import Decision, Detection
from guardrails.marks.provenance import credentials, iptc
from guardrails.marks.provenance.certificates import Signing, authorities, pem
from guardrails.marks.provenance.containers import kind_of
from guardrails.marks.provenance.credentials import Credentials, Standing
from guardrails.marks.provenance.keeping import Manifests
from guardrails.settings import Settings

PAYLOAD = "payload."
"""How the names of what other marks carry begin, among what is told."""

_TOLD = ("policy", "policy_hash", "decision_id")
_REASONS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.VALID: "the signature is valid and its signer is trusted",
        Standing.UNTRUSTED: "the signature is valid, its signer is not trusted",
        Standing.TAMPERED: "the picture or its manifest was changed after signing",
        Standing.NONE: "there is no manifest",
    }
)


def _beside_policy(written: str | None, info: ValidationInfo) -> str | None:
    """Make a path one from the policy's folder; PEM itself (from the environment) stays."""
    if written is None or written.lstrip().startswith("-----BEGIN"):
        return written
    return str((info.context or {}).get("directory", Path()) / written)


Pem = Annotated[str, AfterValidator(_beside_policy)]


class C2paSettings(Settings):
    """Who signs, and whom verification trusts. PEM files beside the policy, or PEM itself."""

    certificate: Pem
    """The certificate of the signer, then those that vouch for it."""
    key: Annotated[Pem, Field(repr=False)]
    """Its private key, without a password."""
    generator: str = ""
    """The name of the model that makes the pictures."""
    trusted: Pem | None = None
    """The certificates of the authorities that verification trusts."""
    kept: Annotated[str | None, AfterValidator(_beside_policy)] = None
    """A folder that gets a copy of each manifest, to be found again by a watermark's payload."""


class C2pa:
    """Signs pictures with Content Credentials (C2PA 2), and verifies them.

    What a picture says of its origin already becomes its history. A signature holds the bytes of
    the file: every change breaks it, so this mark comes last, and one that re-encodes loses it.
    """

    Settings = C2paSettings
    inspects = Image

    def __init__(self, settings: C2paSettings) -> None:
        self._signing = Signing.parse(pem(settings.certificate), pem(settings.key))
        self._generator = settings.generator
        self._trusted = authorities(settings.trusted) if settings.trusted else ""
        self._kept = Manifests(Path(settings.kept)) if settings.kept else None
        credentials.read(b"", self._trusted)  # it may not be installed

    @property
    def key_id(self) -> str:
        """The first 16 hexadecimal digits of the certificate's serial number."""
        return self._signing.serial

    def embed(self, subject: Image, /) -> Image:
        """Sign a picture of which nothing is told.

        Raises:
            MarkError: a file of this type cannot carry a manifest.
        """
        return self.embed_for(subject, {})

    def embed_for(self, subject: Image, told: Mapping[str, str], /) -> Image:
        """Sign a picture, with the policy, the decision and the payloads that its verdict tells.

        Raises:
            MarkError: a file of this type cannot carry a manifest.
        """
        data = subject.data
        generator = told.get("generator", self._generator)
        edits = credentials.read(data).standing is not Standing.NONE
        if not edits and kind_of(data) in iptc.FILES:  # another's signature would not outlive it
            data = iptc.declare(data, generator)
        payloads = {
            name.removeprefix(PAYLOAD): value
            for name, value in sorted(told.items())
            if name.startswith(PAYLOAD) and value
        }
        said = list(_assertions(generator, payloads, told, edits=edits))
        signed, manifest = credentials.sign(data, said, self._signing, edits=edits)
        if self._kept is not None:
            self._kept.keep(manifest, payloads.values())
        return replace(subject, data=signed)

    def detect(self, subject: Image, /) -> Detection:
        """Verify the manifest; it is there or not, so there is no p-value.

        One that a stranger has signed counts as marked, and ``reason`` says so.
        """
        found = credentials.read(subject.data, self._trusted)
        if found.standing in {Standing.NONE, Standing.TAMPERED}:
            return Detection(Decision.UNMARKED, reason=_REASONS[found.standing])
        return _marked(found)


def _marked(found: Credentials) -> Detection:
    return Detection(
        Decision.MARKED,
        tokens=1,
        key_id=found.serial,
        payload=next(iter(found.payloads), ""),
        reason=_REASONS[found.standing],
    )


def _assertions(
    generator: str, payloads: Mapping[str, str], told: Mapping[str, str], *, edits: bool
) -> Iterator[Mapping[str, Any]]:
    actions = _actions(generator, created=not edits, bound=bool(payloads))
    if actions:
        yield {"label": "c2pa.actions.v2", "data": {"actions": actions}}
    for mark, payload in payloads.items():
        block = {"scope": {}, "value": payload}
        yield {
            "label": "c2pa.soft-binding",
            "data": {"alg": f"guardrails.{mark}.1", "blocks": [block]},
        }
    decision = {name: told[name] for name in _TOLD if told.get(name)}
    if decision:
        yield {"label": credentials.DECISION, "data": decision}


def _actions(generator: str, *, created: bool, bound: bool) -> Sequence[Mapping[str, Any]]:
    actions: list[Mapping[str, Any]] = []
    if created:
        agent = {"softwareAgent": {"name": generator}} if generator else {}
        actions.append({"action": "c2pa.created", "digitalSourceType": iptc.TRAINED, **agent})
    if bound:
        actions.append({"action": "c2pa.watermarked.bound"})
    return actions
