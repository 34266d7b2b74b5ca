"""The door to c2pa: Content Credentials are written into picture files and read from them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum
from io import BytesIO
from typing import Any

from guardrails.core.errors import MarkError
from guardrails.marks.provenance.certificates import Signing
from guardrails.marks.provenance.containers import kind_of

DECISION = "guardrails.decision"
"""The label of our own assertion: which policy let this pass, in which decision."""

_SETTINGS: Mapping[str, Any] = {
    "verify": {
        "remote_manifest_fetch": False,  # nothing leaves the machine
        "ocsp_fetch": False,
        "verify_trust": True,
        "verify_after_sign": False,
    },
    "builder": {"thumbnail": {"enabled": False}},
}
_GENERATED = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia")
_UNSIGNED = "signingCredential."
_OF_THE_PICTURE = frozenset(
    {"assertion.dataHash.mismatch", "assertion.boxesHash.mismatch", "assertion.bmffHash.mismatch"}
)


class Standing(StrEnum):
    """What becomes of a manifest that is verified."""

    VALID = "valid"
    """Whole, and signed by whom we trust."""
    UNTRUSTED = "untrusted"
    """Whole, but signed by a stranger, or by a certificate that has expired."""
    TAMPERED = "tampered"
    """The picture or the manifest was changed after signing."""
    NONE = "none"
    """There is none."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a manifest says. All of it is the signer's word, and worth as much as its standing."""

    standing: Standing
    generated: bool = False
    """Whether a trained model made the picture or a part of it."""
    serial: str = ""
    """The first 16 hexadecimal digits of the signer's serial number."""
    payloads: tuple[str, ...] = ()
    """What the watermarks carry that the manifest is bound to."""
    decision: Mapping[str, str] = field(default_factory=dict)
    """The policy, its hash and the id of the decision, where the signer was a guardrail."""
    faults: tuple[str, ...] = ()
    """The codes of C2PA for what is wrong."""
    generator: str = ""
    """The name of the model that made the picture, where the signer says it."""


def sign(
    data: bytes, assertions: Sequence[Mapping[str, Any]], signing: Signing, *, edits: bool
) -> tuple[bytes, bytes]:
    """Give the file with a signed manifest, and the manifest alone.

    With ``edits``, the manifest that the file carries becomes the history of the new one.

    Raises:
        MarkError: a file of this type cannot carry one, or the library refuses.
    """
    c2pa = _c2pa()
    output = BytesIO()
    chain, key = signing.chain.encode(), signing.key.encode()
    info = c2pa.C2paSignerInfo(signing.algorithm, chain, key, None)
    try:
        with (
            closing(c2pa.Context.from_dict(_SETTINGS)) as context,
            closing(c2pa.Signer.from_info(info)) as signer,
            closing(c2pa.Builder(_definition(assertions), context=context)) as builder,
        ):
            if edits:
                builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
            manifest = builder.sign(signer, kind_of(data), BytesIO(data), output)
    except c2pa.C2paError as error:
        raise MarkError(f"the picture cannot be signed: {_kind(error)}") from None
    return output.getvalue(), manifest


def read(data: bytes, trusted: str = "") -> Credentials:
    """Verify the manifest in a picture file. No network is used, whatever it points at.

    Args:
        data: the file.
        trusted: certificates of the authorities that we trust, in PEM.
    """
    return _read(data, kind_of(data), trusted)


def read_alone(manifest: bytes, trusted: str = "") -> Credentials:
    """Verify a manifest that has lost its picture: who signed it, not for what."""
    return _read(manifest, "application/c2pa", trusted)


def _read(data: bytes, kind: str, trusted: str) -> Credentials:
    c2pa = _c2pa()
    if not kind:
        return Credentials(Standing.NONE)
    trust = {"trust": {"user_anchors": trusted}} if trusted else {}
    try:
        with (
            closing(c2pa.Context.from_dict({**_SETTINGS, **trust})) as context,
            closing(c2pa.Reader(kind, BytesIO(data), context=context)) as reader,
        ):
            told = json.loads(reader.json())
    except c2pa.C2paError as error:
        return _unread(error, data)
    return _credentials(told, alone=kind == "application/c2pa")


def _unread(error: Exception, data: bytes) -> Credentials:
    """A file that holds no manifest cannot have a broken one."""
    kind = _kind(error)
    if kind == "ManifestNotFound" or b"jumb" not in data:
        return Credentials(Standing.NONE)
    return Credentials(Standing.TAMPERED, faults=(kind,))


def _credentials(told: Mapping[str, Any], *, alone: bool) -> Credentials:
    manifests = told.get("manifests", {})
    active = manifests.get(told.get("active_manifest"), {})
    faults = [one["code"] for one in told.get("validation_status", ())]
    if alone:
        faults = [code for code in faults if code not in _OF_THE_PICTURE]
    serial = str(active.get("signature_info", {}).get("cert_serial_number", ""))
    decision = next(_assertions(active, DECISION), {})
    return Credentials(
        _standing(faults),
        any(_is_generated(one) for one in manifests.values()),
        f"{int(serial):x}"[:16] if serial.isdecimal() else "",
        tuple(_payloads(active)),
        {name: value for name, value in decision.items() if isinstance(value, str)},
        tuple(dict.fromkeys(faults)),
        next(_generators(active), ""),
    )


def _standing(faults: Sequence[str]) -> Standing:
    if not faults:
        return Standing.VALID
    whole = all(code.startswith(_UNSIGNED) for code in faults)
    return Standing.UNTRUSTED if whole else Standing.TAMPERED


def _is_generated(manifest: Mapping[str, Any]) -> bool:
    sources = (str(action.get("digitalSourceType", "")) for action in _actions(manifest))
    return any(source.endswith(_GENERATED) for source in sources)


def _generators(manifest: Mapping[str, Any]) -> Iterator[str]:
    agents = _mappings([action.get("softwareAgent") for action in _actions(manifest)])
    yield from (name for agent in agents if isinstance(name := agent.get("name"), str))


def _actions(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for one in _assertions(manifest, "c2pa.actions"):
        yield from _mappings(one.get("actions"))


def _payloads(manifest: Mapping[str, Any]) -> Iterator[str]:
    for one in _assertions(manifest, "c2pa.soft-binding"):
        yield from (str(block.get("value", "")) for block in _mappings(one.get("blocks")))


def _assertions(manifest: Mapping[str, Any], label: str) -> Iterator[Mapping[str, Any]]:
    found = (one for one in manifest.get("assertions", ()) if one["label"].startswith(label))
    return _mappings([one.get("data") for one in found])


def _mappings(values: Any) -> Iterator[Mapping[str, Any]]:
    """What is a mapping among them: a stranger may have written anything."""
    yield from (one for one in values or () if isinstance(one, dict))


def _definition(assertions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"claim_generator_info": [{"name": "guardrails"}], "assertions": list(assertions)}


def _kind(error: Exception) -> str:
    """The kind alone: the text could quote the file."""
    return type(error).__name__.removeprefix("_C2pa")


def _c2pa() -> Any:
    try:
        import c2pa  # noqa: PLC0415  # only who signs or verifies needs it
    except ModuleNotFoundError:
        raise MarkError("content credentials need 'guardrails[c2pa]', install it") from None
    return c2pa
