"""What is read and printed by the commands that look for marks."""

import sys
from pathlib import Path
from typing import Any

from guardrails.cli.files import bytes_of
from guardrails.core.finding import Region
from guardrails.core.mark import Detection
from guardrails.core.view import Span


def content_of(source: str) -> bytes:
    """Read a file, or standard input for ``-``."""
    return sys.stdin.buffer.read() if source == "-" else bytes_of(Path(source))


def as_json(found: Detection) -> dict[str, Any]:
    """Give what was found, for scripts."""
    where: Any = None
    match found.where:
        case Span(start, end):
            where = [start, end]
        case Region(left, top, right, bottom):
            where = [left, top, right, bottom]
    return {
        "decision": found.decision.value,
        "p_value": found.p_value,
        "z": found.z,
        "tokens": found.tokens,
        "key_id": found.key_id,
        "payload": found.payload,
        "where": where,
        "reason": found.reason,
    }


def as_text(found: Detection) -> str:
    """Give what was found, for people."""
    facts = [
        ("p", found.p_value if found.p_value is None else f"{found.p_value:.2g}"),
        ("z", found.z if found.z is None else f"{found.z:.1f}"),
        ("tokens", found.tokens or None),
        ("key", found.key_id or None),
        ("payload", found.payload or None),
    ]
    told = ", ".join(f"{name} {value}" for name, value in facts if value is not None)
    lines = [found.decision.value + (f": {told}" if told else "")]
    if isinstance(found.where, Span):
        lines.append(f"at {found.where.start}-{found.where.end}")
    return "\n".join([*lines, *([found.reason] if found.reason else [])])
