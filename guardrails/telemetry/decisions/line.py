"""One record on one line: canonical JSON with its number and the hash of the line before. Pure."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from operator import index
from typing import Any, SupportsFloat, SupportsIndex

from guardrails.telemetry.chain import Anchor
from guardrails.telemetry.decisions.record import Body
from guardrails.telemetry.decisions.signing import Signer, Verifier

ERASED = "erased"
"""The kind of a record whose words are gone: it keeps its hash, so the chain stays whole."""
SIGNED = frozenset({"checkpoint", "closed", "erasure", "retention"})
"""Kinds of records that are signed where there is a key: what they say of others must be true."""


class Torn(bytes):
    """A line whose end was not written: a crash, or a write under way, left it so."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes a chain: which worker, and what it signs with."""

    worker: int = 0
    signer: Signer | None = None


def chained(bodies: Iterable[Body], end: Anchor, writer: Writer) -> tuple[list[bytes], Anchor]:
    """Give the lines that follow the end of a chain, without line ends, and the new end."""
    lines = []
    for body in bodies:
        placed = {**body, "n": end.count + 1, "before": end.hash, "worker": writer.worker}
        if writer.signer is not None and body["kind"] in SIGNED:
            placed["key"] = writer.signer.verifier.id
            placed["signature"] = writer.signer.sign(canonical(placed))
        line = canonical(placed)
        end = Anchor(end.count + 1, sha256(line).hexdigest())
        lines.append(line)
    return lines, end


def canonical(record: Body) -> bytes:
    """Give the one form of a record: keys sorted, ASCII, no spaces."""
    return json.dumps(
        record, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain
    ).encode()


def _plain(value: object) -> float | int | str:
    """Give a number of another library as our own."""
    if isinstance(value, SupportsIndex):
        return index(value)
    return float(value) if isinstance(value, SupportsFloat) else type(value).__name__


def read(line: bytes) -> dict[str, Any] | None:
    """Read a line; None when it is none of ours."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    is_ours = isinstance(record, dict) and {"kind", "n", "before", "worker"} <= record.keys()
    return record if is_ours and isinstance(record["n"], int) else None


def end_of(line: bytes) -> Anchor | None:
    """Give the end of the chain after this line; None when it cannot be read."""
    record = read(line)
    return None if record is None else Anchor(record["n"], hash_of(line, record))


def hash_of(line: bytes, record: Body) -> str:
    """Give what the next line has as ``before``: of an erased record, the hash that it had."""
    return str(record.get("hash", "")) if record["kind"] == ERASED else sha256(line).hexdigest()


def tombstone(line: bytes, record: Body) -> bytes:
    """Give what stands in the place of a record that is erased."""
    return canonical(
        {
            "kind": ERASED,
            "n": record["n"],
            "before": record["before"],
            "worker": record["worker"],
            "hash": hash_of(line, record),
        }
    )


def unsigned(record: Body, verifiers: Sequence[Verifier]) -> str:
    """Tell why a record is not signed by one of these keys; nothing when it is."""
    claimed, signature = record.get("key"), record.get("signature")
    signed = canonical({name: value for name, value in record.items() if name != "signature"})
    if not isinstance(signature, str) or not signature:
        return "its signature is missing"
    fitting = [one for one in verifiers if one.id == claimed]
    if not fitting:
        return (
            "its signature is of another key: either the key given is not the one that it was"
            " written with, or it was written anew"
        )
    return "" if any(one.fits(signature, signed) for one in fitting) else "its signature is wrong"
